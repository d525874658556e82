/* math/intensity.h - fitting the fill intensity lambda(d) = A exp(-k d) [Avellaneda, Stoikov 2008].
 *
 * Units   d in any unit of distance (ticks or price), k its inverse, A and rates per unit of time of
 *         `window` (normally seconds).
 * Depth   of an aggressive order: the largest distance from the mid that it reached on its side;
 *         prints with one timestamp and side are one order, the mid is the one before it.
 * Errors  PL_ERR_INVALID when the data say nothing (too few bins or depths, no decay, window <= 0);
 *         *out is then left alone. No memory is taken. */
#ifndef PL_MATH_INTENSITY_H
#define PL_MATH_INTENSITY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct pl_intensity {
    double a;    /* arrivals per unit of time at distance 0 */
    double k;    /* decay per unit of distance */
    double se_k; /* standard error of k where the method has one, else NAN */
};

double pl_intensity_rate(const struct pl_intensity *fit, double d); /* A exp(-k d) */

/* counts[i] = number of depths that reach grid[i] (ascending). `strict` asks depth > grid[i]: we are
 * last in the queue; else depth >= grid[i]: first. */
void pl_intensity_count(const double *depth, size_t n, const double *grid, size_t bins, bool strict,
                        double *counts);

/* Least squares of ln(count/window) on d over the bins that have counts (>= 2 of them). */
PL_MUST_USE int pl_intensity_ols(const double *d, const double *counts, size_t bins, double window,
                                 struct pl_intensity *out);
/* Maximum likelihood of independent Poisson counts; all bins, empty ones included. */
PL_MUST_USE int pl_intensity_poisson(const double *d, const double *counts, size_t bins,
                                     double window, struct pl_intensity *out);
/* Maximum likelihood from the depths themselves, those below d_min left out. */
PL_MUST_USE int pl_intensity_mle(const double *depth, size_t n, double d_min, double window,
                                 struct pl_intensity *out);
/* The same where depths lie on a grid of ticks (geometric law): k = ln(1 + 1/m), per tick. */
PL_MUST_USE int pl_intensity_mle_ticks(const double *depth, size_t n, double d_min, double window,
                                       struct pl_intensity *out);

/* Rate from waiting times of quotes, each ended by a fill or censored at `censor`
 * [Fernandez-Tapia 2015]: fills / total time. NAN when the times are empty. */
double pl_intensity_wait_rate(const double *wait, size_t n, double censor);
/* A quote held for dt while the mid diffuses meets A exp(-k d) times this on average. */
double pl_intensity_hold_factor(double k, double sigma, double dt);

#endif
