#include "math/vol.h"

#include "base/assert.h"
#include "math/fn.h"
#include "math/stats.h"

#include <math.h>

#define LN2 0.693147180559945309417

static double log_ratio(double a, double b)
{
    return pl_log(a / b);
}

/* Which two prices of a bar (and the one before) a log return is taken of. */
enum log_pair { CLOSE_CLOSE, OPEN_CLOSE_BEFORE, CLOSE_OPEN };

static double pair_log(const struct pl_ohlc *bars, size_t i, enum log_pair pair)
{
    switch (pair) {
    case CLOSE_CLOSE:
        return log_ratio(bars[i].close, bars[i - 1].close);
    case OPEN_CLOSE_BEFORE:
        return log_ratio(bars[i].open, bars[i - 1].close);
    case CLOSE_OPEN:
        break;
    }
    return log_ratio(bars[i].close, bars[i].open);
}

/* Variance of those log returns over bars 1..n-1, in two passes. */
static double pair_variance(const struct pl_ohlc *bars, size_t n, enum log_pair pair, unsigned ddof)
{
    if (n < 2 || n - 1 <= ddof) {
        return NAN;
    }
    double mean = 0.0;
    double squares = 0.0;
    for (size_t i = 1; i < n; i++) {
        mean += pair_log(bars, i, pair);
    }
    mean /= (double)(n - 1);
    for (size_t i = 1; i < n; i++) {
        double d = pair_log(bars, i, pair) - mean;
        squares += d * d;
    }
    return squares / (double)(n - 1 - ddof);
}

double pl_vol_close_close(const struct pl_ohlc *bars, size_t n, unsigned ddof)
{
    return sqrt(pair_variance(bars, n, CLOSE_CLOSE, ddof));
}

double pl_vol_parkinson(const struct pl_ohlc *bars, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double range = log_ratio(bars[i].high, bars[i].low);
        sum += range * range;
    }
    return n > 0 ? sqrt(sum / (double)n / (4.0 * LN2)) : NAN;
}

double pl_vol_garman_klass(const struct pl_ohlc *bars, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double range = log_ratio(bars[i].high, bars[i].low);
        double body = log_ratio(bars[i].close, bars[i].open);
        sum += 0.5 * range * range - (2.0 * LN2 - 1.0) * body * body;
    }
    return n > 0 ? sqrt(sum / (double)n) : NAN;
}

static double rogers_satchell_variance(const struct pl_ohlc *bars, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        const struct pl_ohlc *b = &bars[i];
        sum += log_ratio(b->high, b->close) * log_ratio(b->high, b->open) +
               log_ratio(b->low, b->close) * log_ratio(b->low, b->open);
    }
    return n > 0 ? sum / (double)n : NAN;
}

double pl_vol_rogers_satchell(const struct pl_ohlc *bars, size_t n)
{
    return sqrt(rogers_satchell_variance(bars, n));
}

double pl_vol_yang_zhang(const struct pl_ohlc *bars, size_t n, double *k)
{
    if (n < 3) {
        return NAN;
    }
    double m = (double)(n - 1);
    double weight = 0.34 / (1.34 + (m + 1.0) / (m - 1.0));
    if (k != NULL) {
        *k = weight;
    }
    double overnight = pair_variance(bars, n, OPEN_CLOSE_BEFORE, 1);
    double body = pair_variance(bars, n, CLOSE_OPEN, 1);
    double range = rogers_satchell_variance(bars + 1, n - 1);
    return sqrt(overnight + weight * body + (1.0 - weight) * range);
}

double pl_vol_realised(const double *returns, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += returns[i] * returns[i];
    }
    return sqrt(sum);
}

double pl_vol_ewma(const double *returns, size_t n, double lambda)
{
    struct pl_ewma e = {.lambda = lambda};
    double sd = NAN;
    for (size_t i = 0; i < n; i++) {
        sd = pl_ewma_update(&e, returns[i]);
    }
    return sd;
}

double pl_vol_annual(double sd_per_bar, double bars_per_year)
{
    return sd_per_bar * sqrt(bars_per_year);
}

double pl_ewma_update(struct pl_ewma *e, double r)
{
    double square = r * r;
    e->variance = e->warm ? e->lambda * e->variance + (1.0 - e->lambda) * square : square;
    e->warm = true;
    return sqrt(e->variance);
}

struct pl_bollinger pl_bollinger(const double *close, size_t n, double k)
{
    struct pl_bollinger b;
    b.mid = pl_mean(close, n);
    b.sd = pl_sd(close, n, 0);
    b.upper = b.mid + k * b.sd;
    b.lower = b.mid - k * b.sd;
    b.width = 2.0 * k * b.sd;
    b.width_relative = b.width / b.mid;
    return b;
}

struct pl_window pl_window_start(double *ring, uint32_t capacity)
{
    PL_ASSERT(ring != NULL && capacity > 0);
    return (struct pl_window){.ring = ring, .capacity = capacity};
}

/* total + lost is the exact sum to about twice the digits of a double (Knuth's two-sum). */
static inline void add(double *total, double *lost, double x)
{
    double t = *total + x;
    double part = t - *total;
    *lost += (*total - (t - part)) + (x - part);
    *total = t;
}

static void window_add(struct pl_window *w, double d, double sign)
{
    add(&w->sum, &w->sum_lost, sign * d);
    add(&w->squares, &w->squares_lost, sign * (d * d));
}

/* Sums from the values themselves, about their mean. */
static void window_rebuild(struct pl_window *w)
{
    w->shift = w->about_zero ? 0.0 : pl_mean(w->ring, w->count);
    w->sum = w->sum_lost = w->squares = w->squares_lost = 0.0;
    for (uint32_t i = 0; i < w->count; i++) {
        window_add(w, w->ring[i] - w->shift, 1.0);
    }
}

void pl_window_push(struct pl_window *w, double x)
{
    if (w->count == 0 && !w->about_zero) {
        w->shift = x;
    }
    if (w->count == w->capacity) {
        window_add(w, w->ring[w->at] - w->shift, -1.0);
    } else {
        w->count++;
    }
    w->ring[w->at] = x;
    window_add(w, x - w->shift, 1.0);
    w->at++;
    if (w->at == w->capacity) {
        w->at = 0;
        window_rebuild(w);
    }
}

double pl_window_mean(const struct pl_window *w)
{
    return w->count > 0 ? w->shift + (w->sum + w->sum_lost) / w->count : NAN;
}

double pl_window_variance(const struct pl_window *w, unsigned ddof)
{
    if (w->count == 0 || w->count <= ddof) {
        return NAN;
    }
    double sum = w->sum + w->sum_lost;
    double squares = (w->squares + w->squares_lost) - sum * sum / w->count;
    return squares > 0.0 ? squares / (w->count - ddof) : 0.0;
}

double pl_window_mean_square(const struct pl_window *w)
{
    if (w->count == 0) {
        return NAN;
    }
    double squares = (w->squares + w->squares_lost) + 2.0 * w->shift * (w->sum + w->sum_lost);
    return squares / w->count + w->shift * w->shift;
}

struct pl_sigma pl_sigma_start(double *ring, uint32_t changes, int64_t period_ns)
{
    PL_ASSERT(period_ns > 0);
    struct pl_sigma s = {
        .change = pl_window_start(ring, changes),
        .log_return = pl_window_start(ring + changes, changes),
        .period_ns = period_ns,
        .held = NAN,
        .last = NAN,
    };
    s.change.about_zero = s.log_return.about_zero = true;
    return s;
}

static void sigma_sample(struct pl_sigma *s)
{
    if (s->last == s->last) {
        pl_window_push(&s->change, s->held - s->last);
        pl_window_push(&s->log_return, s->held == s->last ? 0.0 : log_ratio(s->held, s->last));
    }
    s->last = s->held;
}

void pl_sigma_advance(struct pl_sigma *s, int64_t now_ns)
{
    if (s->next_ns == 0 || now_ns < s->next_ns) {
        return;
    }
    int64_t due = (now_ns - s->next_ns) / s->period_ns + 1;
    s->next_ns += due * s->period_ns;
    /* After a silence longer than the window every difference in it is 0, however many were due. */
    int64_t useful = (int64_t)s->change.capacity + 1;
    for (int64_t i = due < useful ? due : useful; i > 0; i--) {
        sigma_sample(s);
    }
}

void pl_sigma_price(struct pl_sigma *s, int64_t now_ns, double price)
{
    if (s->next_ns == 0) {
        s->next_ns = (now_ns + s->period_ns - 1) / s->period_ns * s->period_ns;
    }
    s->held = price;
}

double pl_sigma_per_sqrt_second(const struct pl_sigma *s)
{
    return sqrt(pl_window_mean_square(&s->change) / ((double)s->period_ns * 1e-9));
}

double pl_sigma_log_sd(const struct pl_sigma *s, unsigned ddof)
{
    return sqrt(pl_window_variance(&s->log_return, ddof));
}
