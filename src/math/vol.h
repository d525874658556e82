/* math/vol.h - volatility: from bars, from a window of sampled prices, and exponentially weighted.
 *
 * Units   bar estimators give the sd of log returns per bar; pl_vol_annual scales it. pl_sigma gives
 *         both the sd of log returns per sample and price per sqrt(second) (quant notes: dS = sigma dW).
 * Memory  windows use a ring that the caller owns (and that must outlive them); nothing is allocated.
 * Cost    O(bars); windows O(1) an update, their sums are rebuilt once each time the ring wraps, so
 *         rounding never gathers.
 * Undefined results are NAN (too few values). Prices must be > 0. */
#ifndef PL_MATH_VOL_H
#define PL_MATH_VOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pl_ohlc {
    double open, high, low, close;
};

double pl_vol_close_close(const struct pl_ohlc *bars, size_t n, unsigned ddof);
double pl_vol_parkinson(const struct pl_ohlc *bars, size_t n);       /* Parkinson 1980 */
double pl_vol_garman_klass(const struct pl_ohlc *bars, size_t n);    /* Garman, Klass 1980 */
double pl_vol_rogers_satchell(const struct pl_ohlc *bars, size_t n); /* Rogers, Satchell 1991 */
/* Yang, Zhang 2000; the first bar gives only its close. *k (may be NULL) gets the weight used. */
double pl_vol_yang_zhang(const struct pl_ohlc *bars, size_t n, double *k);
double pl_vol_realised(const double *returns, size_t n); /* sqrt of the sum of squares */
/* RiskMetrics 1996: v_0 = r_0^2, v_i = lambda v_{i-1} + (1-lambda) r_i^2. */
double pl_vol_ewma(const double *returns, size_t n, double lambda);
/* sd per bar times sqrt(bars a year): 525600 for one minute, 8760 one hour, 365 one day. */
double pl_vol_annual(double sd_per_bar, double bars_per_year);

/* Bollinger bands, sd with ddof 0. Three widths are in use: name the one you take. */
struct pl_bollinger {
    double mid, sd, upper, lower;
    double width;          /* upper - lower, price units */
    double width_relative; /* width / mid */
};
struct pl_bollinger pl_bollinger(const double *close, size_t n, double k);

/* Rolling mean and variance of the last `capacity` values. */
struct pl_window {
    double *ring;
    uint32_t capacity, count, at;
    bool about_zero; /* differences and returns: the shift stays 0 */
    double shift;    /* sums are of x - shift, so a large level costs no digits */
    /* Each sum with what its additions rounded away, so a value that leaves takes all of itself. */
    double sum, sum_lost, squares, squares_lost;
};
/* ring[capacity], capacity >= 1. */
struct pl_window pl_window_start(double *ring, uint32_t capacity);
void pl_window_push(struct pl_window *w, double x);
double pl_window_mean(const struct pl_window *w);
double pl_window_variance(const struct pl_window *w, unsigned ddof);
double pl_window_mean_square(const struct pl_window *w); /* about zero */

/* Volatility of a price sampled every period_ns on the grid of whole periods since the epoch. The
 * sample at a grid time is the price set last before or at it. Call pl_sigma_advance(now) from a
 * timer, or before a later event, then pl_sigma_price with the new price. */
struct pl_sigma {
    struct pl_window change, log_return;
    int64_t period_ns,
        next_ns;       /* next_ns: grid time of the next sample; 0 before the first price */
    double held, last; /* newest price; newest sample (NAN: none yet) */
};
/* ring[2 * changes]: the window spans `changes` differences, that is changes + 1 samples. */
struct pl_sigma pl_sigma_start(double *ring, uint32_t changes, int64_t period_ns);
void pl_sigma_advance(struct pl_sigma *s, int64_t now_ns);
void pl_sigma_price(struct pl_sigma *s, int64_t now_ns, double price);
/* sqrt(mean(change^2) / seconds a sample): price per sqrt(second), zero mean. */
double pl_sigma_per_sqrt_second(const struct pl_sigma *s);
double pl_sigma_log_sd(const struct pl_sigma *s, unsigned ddof); /* per sample */

/* Exponentially weighted variance of returns, one value at a time (pl_vol_ewma's recursion). */
struct pl_ewma {
    double lambda, variance;
    bool warm;
};
double pl_ewma_update(struct pl_ewma *e, double r); /* returns the sd */

#endif
