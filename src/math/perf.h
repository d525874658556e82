/* math/perf.h - performance measures, on a return series or on additive equity.
 *
 * Two kinds of series, never mixed: returns r_i that compound (E_i = E_{i-1}(1+r_i), E_0 = 1), and
 * additive equity in money, divided by the fixed size of the book. `per_year` is intervals a year,
 * 365*86400/seconds for markets that never close. Undefined measures are NAN.
 * [Sharpe 1994; Sortino, Price 1994; Lo 2002 for the autocorrelation correction.] */
#ifndef PL_MATH_PERF_H
#define PL_MATH_PERF_H

#include <stddef.h>

#define PL_SECONDS_PER_YEAR (365.0 * 86400.0)

struct pl_perf {
    double mean, sd;      /* per interval; sd ddof 1 */
    double sharpe_plain;  /* per interval, not annualised */
    double sharpe;        /* annualised by sqrt(per_year) */
    double sortino;       /* annualised; downside over all n */
    double max_drawdown;  /* <= 0; a fraction of the peak (returns) or of the book (additive) */
    double annual_return; /* compounded for returns, linear for additive equity */
    double calmar;        /* annual_return / |max_drawdown| */
    double final_equity;  /* E_n, or last - first equity over the book */
};

/* (mean - rf) / sd(ddof 1), times sqrt(per_year); rf per interval. */
double pl_sharpe(const double *r, size_t n, double rf, double per_year);
/* `mar`: minimum acceptable return per interval. Infinite when no return is below it. */
double pl_sortino(const double *r, size_t n, double mar, double per_year);
double pl_max_drawdown(const double *r, size_t n); /* compounding, E_0 included */
double pl_final_equity(const double *r, size_t n);
double pl_annual_return(const double *r, size_t n, double per_year);
struct pl_perf pl_perf_returns(const double *r, size_t n, double rf, double per_year);

/* equity[0..n] in money (n intervals), book > 0 in money: r_i = (E_i - E_{i-1}) / book. */
struct pl_perf pl_perf_additive(const double *equity, size_t n, double book, double rf,
                                double per_year);
/* min over i of equity[i] - max of those before, in money; equity[0..count). */
double pl_max_drawdown_money(const double *equity, size_t count);

double pl_turnover(double traded_value, double mean_equity);   /* sum |trade value| / mean equity */
double pl_return_on_trade(double profit, double traded_value); /* per unit traded */
double pl_fill_ratio(double filled, double submitted); /* quantities, or numbers of orders */
/* Sharpe over q periods = Sharpe * this; rho[0] is the autocorrelation at lag 1, q-1 of them. */
double pl_lo_factor(const double *rho, size_t q);

#endif
