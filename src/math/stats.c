#include "math/stats.h"

#include "base/assert.h"

#include <math.h>

/* Neumaier 1974: `lost` gathers what the additions rounded away. */
struct sum {
    double total, lost;
};

static inline void sum_add(struct sum *s, double x)
{
    double t = s->total + x;
    s->lost += fabs(s->total) >= fabs(x) ? (s->total - t) + x : (x - t) + s->total;
    s->total = t;
}

static inline double sum_value(struct sum s)
{
    return s.total + s.lost;
}

double pl_sum(const double *x, size_t n)
{
    struct sum s = {0};
    for (size_t i = 0; i < n; i++) {
        sum_add(&s, x[i]);
    }
    return sum_value(s);
}

double pl_mean(const double *x, size_t n)
{
    return n > 0 ? pl_sum(x, n) / (double)n : NAN;
}

/* Mean of (x - mean)^order. */
static double moment(const double *x, size_t n, double mean, int order)
{
    struct sum s = {0};
    for (size_t i = 0; i < n; i++) {
        double d = x[i] - mean;
        double d2 = d * d;
        sum_add(&s, order == 2 ? d2 : order == 3 ? d2 * d : d2 * d2);
    }
    return sum_value(s) / (double)n;
}

double pl_variance(const double *x, size_t n, unsigned ddof)
{
    if (n == 0 || n <= ddof) {
        return NAN;
    }
    return moment(x, n, pl_mean(x, n), 2) * (double)n / (double)(n - ddof);
}

double pl_sd(const double *x, size_t n, unsigned ddof)
{
    return sqrt(pl_variance(x, n, ddof));
}

/* m_order / m2^(order/2), NAN without spread. */
static double standard_moment(const double *x, size_t n, int order)
{
    if (n == 0) {
        return NAN;
    }
    double mean = pl_mean(x, n);
    double m2 = moment(x, n, mean, 2);
    if (!(m2 > 0.0)) {
        return NAN;
    }
    return moment(x, n, mean, order) / (order == 3 ? m2 * sqrt(m2) : m2 * m2);
}

double pl_skewness(const double *x, size_t n)
{
    return standard_moment(x, n, 3);
}

double pl_kurtosis(const double *x, size_t n)
{
    return standard_moment(x, n, 4);
}

double pl_skewness_unbiased(const double *x, size_t n)
{
    if (n < 3) {
        return NAN;
    }
    double m = (double)n;
    return pl_skewness(x, n) * sqrt(m * (m - 1.0)) / (m - 2.0);
}

double pl_kurtosis_unbiased(const double *x, size_t n)
{
    if (n < 4) {
        return NAN;
    }
    double m = (double)n;
    double excess = pl_kurtosis(x, n) - 3.0;
    return 3.0 + (m - 1.0) / ((m - 2.0) * (m - 3.0)) * ((m + 1.0) * excess + 6.0);
}

double pl_autocovariance(const double *x, size_t n, size_t lag)
{
    if (lag >= n) {
        return NAN;
    }
    double mean = pl_mean(x, n);
    struct sum s = {0};
    for (size_t i = lag; i < n; i++) {
        sum_add(&s, (x[i] - mean) * (x[i - lag] - mean));
    }
    return sum_value(s) / (double)n;
}

double pl_autocorrelation(const double *x, size_t n, size_t lag)
{
    double variance = pl_autocovariance(x, n, 0);
    return variance > 0.0 ? pl_autocovariance(x, n, lag) / variance : NAN;
}

struct pl_ols pl_ols(const double *x, const double *y, size_t n)
{
    struct pl_ols fit = {NAN, NAN, NAN, NAN};
    if (n < 2) {
        return fit;
    }
    double mx = pl_mean(x, n);
    double my = pl_mean(y, n);
    struct sum sxx = {0};
    struct sum sxy = {0};
    struct sum syy = {0};
    for (size_t i = 0; i < n; i++) {
        sum_add(&sxx, (x[i] - mx) * (x[i] - mx));
        sum_add(&sxy, (x[i] - mx) * (y[i] - my));
        sum_add(&syy, (y[i] - my) * (y[i] - my));
    }
    double xx = sum_value(sxx);
    double yy = sum_value(syy);
    if (!(xx > 0.0)) {
        return fit;
    }
    fit.slope = sum_value(sxy) / xx;
    fit.intercept = my - fit.slope * mx;
    double explained = fit.slope * sum_value(sxy);
    fit.r2 = yy > 0.0 ? explained / yy : 1.0;
    if (n > 2) {
        fit.se_slope = sqrt(fmax(yy - explained, 0.0) / (double)(n - 2) / xx);
    }
    return fit;
}

double pl_ols_origin(const double *x, const double *y, size_t n)
{
    struct sum sxx = {0};
    struct sum sxy = {0};
    for (size_t i = 0; i < n; i++) {
        sum_add(&sxx, x[i] * x[i]);
        sum_add(&sxy, x[i] * y[i]);
    }
    return sum_value(sxx) > 0.0 ? sum_value(sxy) / sum_value(sxx) : NAN;
}

/* Lets x[at] sink to its place in the heap x[0..n). */
static void sink(double *x, size_t at, size_t n)
{
    double v = x[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n) {
            break;
        }
        if (child + 1 < n && x[child] < x[child + 1]) {
            child++;
        }
        if (!(v < x[child])) {
            break;
        }
        x[at] = x[child];
        at = child;
    }
    x[at] = v;
}

void pl_sort(double *x, size_t n)
{
    for (size_t i = n / 2; i-- > 0;) {
        sink(x, i, n);
    }
    for (size_t end = n; end > 1;) {
        end--;
        double top = x[0];
        x[0] = x[end];
        x[end] = top;
        sink(x, 0, end);
    }
}

double pl_quantile_sorted(const double *x, size_t n, double p)
{
    if (n == 0 || !(p >= 0.0 && p <= 1.0)) {
        return NAN;
    }
    double at = p * (double)(n - 1);
    size_t i = (size_t)at;
    if (i + 1 >= n) {
        return x[n - 1];
    }
    return x[i] + (at - (double)i) * (x[i + 1] - x[i]);
}

struct pl_ema pl_ema_start(double alpha, uint32_t seed_count)
{
    PL_ASSERT(alpha > 0.0 && alpha <= 1.0 && seed_count > 0);
    return (struct pl_ema){.alpha = alpha, .value = NAN, .seed_count = seed_count};
}

double pl_ema_update(struct pl_ema *ema, double x)
{
    if (ema->seen == 0) {
        ema->seen = 1;
        ema->value = x;
    } else if (ema->seen < ema->seed_count) {
        ema->seen++;
        ema->value += (x - ema->value) / ema->seen;
    } else {
        ema->value += ema->alpha * (x - ema->value);
    }
    return ema->value;
}
