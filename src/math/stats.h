/* math/stats.h - moments, regression, autocovariance, quantiles and averages on plain arrays.
 *
 * Sums are compensated (Neumaier 1974) and taken in array order, so a result depends on the numbers
 * and their order alone. Variance says its divisor: ddof 0 divides by n, ddof 1 by n-1.
 * Undefined results (too few values, no spread) are NAN. No memory is taken. */
#ifndef PL_MATH_STATS_H
#define PL_MATH_STATS_H

#include <stddef.h>
#include <stdint.h>

double pl_sum(const double *x, size_t n);
double pl_mean(const double *x, size_t n);
double pl_variance(const double *x, size_t n, unsigned ddof);
double pl_sd(const double *x, size_t n, unsigned ddof);
/* Population moments: skewness m3/m2^1.5, raw kurtosis m4/m2^2 (3 for a normal). */
double pl_skewness(const double *x, size_t n);
double pl_kurtosis(const double *x, size_t n);
/* The same corrected for bias as spreadsheets and pandas do (n >= 3, n >= 4); kurtosis still raw. */
double pl_skewness_unbiased(const double *x, size_t n);
double pl_kurtosis_unbiased(const double *x, size_t n);

/* sum_{t>=lag} (x_t - mean)(x_{t-lag} - mean) / n; the correlation divides by lag 0. */
double pl_autocovariance(const double *x, size_t n, size_t lag);
double pl_autocorrelation(const double *x, size_t n, size_t lag);

struct pl_ols {
    double slope, intercept;
    double r2;       /* share of the variance of y explained */
    double se_slope; /* NAN below 3 points */
};
/* Least squares y = intercept + slope x; NAN fields below 2 points or when x has no spread. */
struct pl_ols pl_ols(const double *x, const double *y, size_t n);
/* Slope of y = slope x. */
double pl_ols_origin(const double *x, const double *y, size_t n);

/* Sorts ascending in place (heapsort: O(n log n) always, no memory). No NAN among x. */
void pl_sort(double *x, size_t n);
/* Quantile p in [0,1] of ascending x, linear between order statistics (type 7 of Hyndman, Fan 1996). */
double pl_quantile_sorted(const double *x, size_t n, double p);

/* Exponential average. It starts from the plain mean of the first `seed_count` values: 1 is pandas
 * (adjust=False), the length n is TA-Lib. Until then `value` is the mean so far. */
struct pl_ema {
    double alpha;
    double value;
    uint32_t seed_count, seen;
};
#define PL_EMA_SPAN(n)   (2.0 / ((n) + 1.0))
#define PL_EMA_WILDER(n) (1.0 / (n))
struct pl_ema pl_ema_start(double alpha, uint32_t seed_count);
double pl_ema_update(struct pl_ema *ema, double x);

#endif
