#include "math/intensity.h"

#include "math/fn.h"

#include <math.h>

#define POISSON_STEPS 200 /* halvings and Newton steps; 100 doublings bracket any double */

double pl_intensity_rate(const struct pl_intensity *fit, double d)
{
    return fit->a * pl_exp(-fit->k * d);
}

void pl_intensity_count(const double *depth, size_t n, const double *grid, size_t bins, bool strict,
                        double *counts)
{
    for (size_t i = 0; i < bins; i++) {
        counts[i] = 0.0;
        for (size_t j = 0; j < n; j++) {
            counts[i] += strict ? depth[j] > grid[i] : depth[j] >= grid[i];
        }
    }
}

/* Accepts only a fit that decays. */
static int keep(struct pl_intensity fit, struct pl_intensity *out)
{
    if (!(fit.a > 0.0 && fit.a < INFINITY && fit.k > 0.0 && fit.k < INFINITY)) {
        return PL_ERR_INVALID;
    }
    *out = fit;
    return 0;
}

int pl_intensity_ols(const double *d, const double *counts, size_t bins, double window,
                     struct pl_intensity *out)
{
    double used = 0.0;
    double mean_d = 0.0;
    double mean_y = 0.0;
    double dd = 0.0;
    double dy = 0.0;
    if (!(window > 0.0)) {
        return PL_ERR_INVALID;
    }
    for (size_t i = 0; i < bins; i++) {
        if (counts[i] > 0.0) {
            used += 1.0;
            mean_d += d[i];
            mean_y += pl_log(counts[i] / window);
        }
    }
    if (used < 2.0) {
        return PL_ERR_INVALID;
    }
    mean_d /= used;
    mean_y /= used;
    for (size_t i = 0; i < bins; i++) {
        if (counts[i] > 0.0) {
            dd += (d[i] - mean_d) * (d[i] - mean_d);
            dy += (d[i] - mean_d) * (pl_log(counts[i] / window) - mean_y);
        }
    }
    double k = -dy / dd;
    return keep((struct pl_intensity){pl_exp(mean_y + k * mean_d), k, NAN}, out);
}

/* Mean and variance of d under weights exp(-k (d - d0)), and the sum of the weights. */
struct tilt {
    double mean, variance, weight;
};

static struct tilt tilt_at(const double *d, size_t bins, double d0, double k)
{
    double w0 = 0.0;
    double w1 = 0.0;
    double w2 = 0.0;
    for (size_t i = 0; i < bins; i++) {
        double x = d[i] - d0;
        double w = pl_exp(-k * x);
        w0 += w;
        w1 += w * x;
        w2 += w * x * x;
    }
    double mean = w1 / w0;
    return (struct tilt){d0 + mean, w2 / w0 - mean * mean, w0};
}

/* The tilted mean falls from the plain mean of d at k = 0 to its minimum: one root, or none. Newton
 * kept inside a shrinking bracket. */
static double poisson_root(const double *d, size_t bins, double d0, double want)
{
    double lo = 0.0;
    double hi = 1.0;
    for (int i = 0; i < 100 && tilt_at(d, bins, d0, hi).mean > want; i++) {
        lo = hi;
        hi *= 2.0;
    }
    double k = 0.5 * (lo + hi);
    for (int i = 0; i < POISSON_STEPS; i++) {
        struct tilt t = tilt_at(d, bins, d0, k);
        double error = t.mean - want;
        if (error > 0.0) {
            lo = k;
        } else {
            hi = k;
        }
        double next = k + error / t.variance;
        if (!(next > lo && next < hi)) {
            next = 0.5 * (lo + hi);
        }
        if (next == k) {
            break;
        }
        k = next;
    }
    return k;
}

int pl_intensity_poisson(const double *d, const double *counts, size_t bins, double window,
                         struct pl_intensity *out)
{
    double total = 0.0;
    double weighted = 0.0;
    double plain = 0.0;
    if (!(window > 0.0) || bins < 2) {
        return PL_ERR_INVALID;
    }
    double d0 = d[0];
    for (size_t i = 0; i < bins; i++) {
        total += counts[i];
        weighted += counts[i] * d[i];
        plain += d[i];
        d0 = d[i] < d0 ? d[i] : d0;
    }
    double want = weighted / total;
    if (!(total > 0.0 && want > d0 && want < plain / (double)bins)) {
        return PL_ERR_INVALID; /* every count in the nearest bin, or no decay */
    }
    double k = poisson_root(d, bins, d0, want);
    struct tilt t = tilt_at(d, bins, d0, k);
    double a = total / (window * t.weight) * pl_exp(k * d0);
    return keep((struct pl_intensity){a, k, 1.0 / sqrt(total * t.variance)}, out);
}

/* Number of depths at or beyond d_min and the mean of what they exceed it by. */
static double beyond(const double *depth, size_t n, double d_min, double *mean)
{
    double count = 0.0;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (depth[i] >= d_min) {
            count += 1.0;
            sum += depth[i] - d_min;
        }
    }
    *mean = sum / count;
    return count;
}

int pl_intensity_mle(const double *depth, size_t n, double d_min, double window,
                     struct pl_intensity *out)
{
    double mean;
    double count = beyond(depth, n, d_min, &mean);
    if (!(window > 0.0 && mean > 0.0)) {
        return PL_ERR_INVALID;
    }
    double k = 1.0 / mean;
    double a = count / window * pl_exp(k * d_min);
    return keep((struct pl_intensity){a, k, k / sqrt(count)}, out);
}

int pl_intensity_mle_ticks(const double *depth, size_t n, double d_min, double window,
                           struct pl_intensity *out)
{
    double mean;
    double count = beyond(depth, n, d_min, &mean);
    if (!(window > 0.0 && mean > 0.0)) {
        return PL_ERR_INVALID;
    }
    double k = pl_log1p(1.0 / mean);
    double a = count / window * pl_exp(k * d_min);
    /* Fisher information of a geometric law with mean m: n m(1+m) in k */
    return keep((struct pl_intensity){a, k, 1.0 / sqrt(count * mean * (1.0 + mean))}, out);
}

double pl_intensity_wait_rate(const double *wait, size_t n, double censor)
{
    double fills = 0.0;
    double total = 0.0;
    for (size_t i = 0; i < n; i++) {
        bool filled = wait[i] < censor;
        fills += filled ? 1.0 : 0.0;
        total += filled ? wait[i] : censor;
    }
    return total > 0.0 ? fills / total : NAN;
}

double pl_intensity_hold_factor(double k, double sigma, double dt)
{
    double half = 0.5 * k * k * sigma * sigma * dt;
    return half > 0.0 ? pl_expm1(half) / half : 1.0;
}
