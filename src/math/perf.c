#include "math/perf.h"

#include "base/assert.h"
#include "math/fn.h"
#include "math/stats.h"

#include <math.h>

static double ratio(double num, double den)
{
    return den > 0.0 ? num / den : NAN;
}

/* Return i of a series: r[i] itself, or the step of additive equity over the book. */
struct series {
    const double *x;
    size_t n;
    double book; /* 0: x are returns */
};

static double series_at(const struct series *s, size_t i)
{
    return s->book > 0.0 ? (s->x[i + 1] - s->x[i]) / s->book : s->x[i];
}

/* Two passes: mean, then squares about it and the squares below `mar`. */
static void series_moments(const struct series *s, double mar, double *mean, double *sd,
                           double *downside)
{
    double total = 0.0;
    double squares = 0.0;
    double below = 0.0;
    double n = (double)s->n;
    for (size_t i = 0; i < s->n; i++) {
        total += series_at(s, i);
    }
    *mean = s->n > 0 ? total / n : NAN;
    for (size_t i = 0; i < s->n; i++) {
        double r = series_at(s, i);
        double short_of = r < mar ? r - mar : 0.0;
        squares += (r - *mean) * (r - *mean);
        below += short_of * short_of;
    }
    *sd = s->n > 1 ? sqrt(squares / (n - 1.0)) : NAN;
    *downside = s->n > 0 ? sqrt(below / n) : NAN;
}

static double sharpe_of(double mean, double sd)
{
    return sd > 0.0 ? mean / sd : NAN;
}

/* No return below the bar: infinitely good, or undefined when the mean does not beat it either. */
static double sortino_of(double excess, double downside, double per_year)
{
    if (downside > 0.0) {
        return excess * per_year / (downside * sqrt(per_year));
    }
    return excess > 0.0 ? INFINITY : NAN;
}

double pl_sharpe(const double *r, size_t n, double rf, double per_year)
{
    struct series s = {r, n, 0.0};
    double mean;
    double sd;
    double downside;
    series_moments(&s, 0.0, &mean, &sd, &downside);
    return sharpe_of(mean - rf, sd) * sqrt(per_year);
}

double pl_sortino(const double *r, size_t n, double mar, double per_year)
{
    struct series s = {r, n, 0.0};
    double mean;
    double sd;
    double downside;
    series_moments(&s, mar, &mean, &sd, &downside);
    return sortino_of(mean - mar, downside, per_year);
}

double pl_max_drawdown(const double *r, size_t n)
{
    double equity = 1.0;
    double peak = 1.0;
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        equity *= 1.0 + r[i];
        peak = equity > peak ? equity : peak;
        double now = equity / peak - 1.0;
        worst = now < worst ? now : worst;
    }
    return worst;
}

double pl_final_equity(const double *r, size_t n)
{
    double equity = 1.0;
    for (size_t i = 0; i < n; i++) {
        equity *= 1.0 + r[i];
    }
    return equity;
}

double pl_annual_return(const double *r, size_t n, double per_year)
{
    return n > 0 ? pl_pow(pl_final_equity(r, n), per_year / (double)n) - 1.0 : NAN;
}

static struct pl_perf perf_of(const struct series *s, double rf, double per_year)
{
    struct pl_perf p;
    double downside;
    series_moments(s, rf, &p.mean, &p.sd, &downside);
    p.sharpe_plain = sharpe_of(p.mean - rf, p.sd);
    p.sharpe = p.sharpe_plain * sqrt(per_year);
    p.sortino = sortino_of(p.mean - rf, downside, per_year);
    p.max_drawdown = 0.0;
    p.annual_return = p.calmar = p.final_equity = NAN;
    return p;
}

struct pl_perf pl_perf_returns(const double *r, size_t n, double rf, double per_year)
{
    struct series s = {r, n, 0.0};
    struct pl_perf p = perf_of(&s, rf, per_year);
    p.max_drawdown = pl_max_drawdown(r, n);
    p.final_equity = pl_final_equity(r, n);
    p.annual_return = pl_annual_return(r, n, per_year);
    p.calmar = ratio(p.annual_return, -p.max_drawdown);
    return p;
}

double pl_max_drawdown_money(const double *equity, size_t count)
{
    double worst = 0.0;
    double peak = count > 0 ? equity[0] : 0.0;
    for (size_t i = 1; i < count; i++) {
        peak = equity[i] > peak ? equity[i] : peak;
        worst = equity[i] - peak < worst ? equity[i] - peak : worst;
    }
    return worst;
}

struct pl_perf pl_perf_additive(const double *equity, size_t n, double book, double rf,
                                double per_year)
{
    PL_ASSERT(book > 0.0);
    struct series s = {equity, n, book};
    struct pl_perf p = perf_of(&s, rf, per_year);
    p.max_drawdown = pl_max_drawdown_money(equity, n + 1) / book;
    p.final_equity = (equity[n] - equity[0]) / book;
    p.annual_return = p.mean * per_year;
    p.calmar = ratio(p.annual_return, -p.max_drawdown);
    return p;
}

double pl_turnover(double traded_value, double mean_equity)
{
    return ratio(traded_value, mean_equity);
}

double pl_return_on_trade(double profit, double traded_value)
{
    return ratio(profit, traded_value);
}

double pl_fill_ratio(double filled, double submitted)
{
    return ratio(filled, submitted);
}

double pl_lo_factor(const double *rho, size_t q)
{
    double periods = (double)q;
    double sum = 0.0;
    for (size_t j = 1; j < q; j++) {
        sum += (periods - (double)j) * rho[j - 1];
    }
    double variance = periods + 2.0 * sum;
    return variance > 0.0 ? periods / sqrt(variance) : NAN;
}
