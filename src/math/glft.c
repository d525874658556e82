/* v' = M v backwards from v(T), M tridiagonal with diagonal d_q and -hop beside it; the offsets are
 * ln(v_q / v_{q+1}) / k + shift. Only ratios of v matter, and v > 0 in every component, so both solvers
 * below add positive numbers only: each component keeps its relative precision however small it is
 * (an eigenvector expansion would not). */
#include "math/glft.h"

#include "base/assert.h"
#include "math/fn.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define STATIONARY_AFTER 60.0 /* e^-60 of the second eigenvector is left */
#define STEP_WEIGHT      32.0 /* norm times time of one series step */
#define SERIES_TERMS     400
#define WORK_LIMIT       4e8

struct ladder {
    int bound;
    double curve, drift; /* d_q = curve q^2 - drift q */
    double hop;
    double terminal; /* v_q(T) = exp(-terminal q^2) */
    double horizon;
    double k, shift;
};

static double diagonal(const struct ladder *l, size_t i)
{
    double q = (double)i - (double)l->bound;
    return (l->curve * q - l->drift) * q;
}

/* Number of eigenvalues of M below x: negative pivots of M - x (Sturm). */
static size_t eigenvalues_below(const struct ladder *l, double x)
{
    size_t count = 0;
    double pivot = 1.0;
    for (size_t i = 0; i < PL_GLFT_COUNT(l->bound); i++) {
        double beside = i > 0 ? l->hop * l->hop / pivot : 0.0;
        pivot = diagonal(l, i) - x - beside;
        if (pivot == 0.0) {
            pivot = -1e-300;
        }
        count += pivot < 0.0;
    }
    return count;
}

/* The eigenvalue with `rank` others below it, by bisection down to neighbouring doubles. */
static double eigenvalue(const struct ladder *l, size_t rank)
{
    double lo = INFINITY;
    double hi = -INFINITY;
    for (size_t i = 0; i < PL_GLFT_COUNT(l->bound); i++) {
        double d = diagonal(l, i);
        lo = fmin(lo, d - 2.0 * l->hop); /* Gershgorin */
        hi = fmax(hi, d + 2.0 * l->hop);
    }
    for (;;) {
        double mid = lo + 0.5 * (hi - lo);
        if (!(mid > lo && mid < hi)) {
            return mid;
        }
        if (eigenvalues_below(l, mid) > rank) {
            hi = mid;
        } else {
            lo = mid;
        }
    }
}

/* ratio[i] = v_i / v_{i+1} of the positive eigenvector: the three-term recursion is stable where v
 * grows, so it runs from the left end up to the peak and from the right end down to it. */
static void stationary_ratios(const struct ladder *l, double rate, double *ratio)
{
    size_t n = PL_GLFT_COUNT(l->bound);
    size_t peak = n - 1;
    double before = 0.0;
    for (size_t i = 0; i + 1 < n; i++) {
        ratio[i] = 1.0 / ((diagonal(l, i) - rate) / l->hop - before);
        if (!(ratio[i] < 1.0 && ratio[i] > 0.0)) {
            peak = i;
            break;
        }
        before = ratio[i];
    }
    double after = 0.0; /* v_{i+1} / v_i */
    for (size_t i = n - 1; i > peak; i--) {
        after = 1.0 / ((diagonal(l, i) - rate) / l->hop - after);
        ratio[i - 1] = 1.0 / after;
        /* after = v_i / v_{i-1} */
    }
}

/* next = P v with P = top - M >= 0. */
static void multiply(const struct ladder *l, double top, const double *v, double scale,
                     double *next)
{
    size_t n = PL_GLFT_COUNT(l->bound);
    for (size_t i = 0; i < n; i++) {
        double beside = (i > 0 ? v[i - 1] : 0.0) + (i + 1 < n ? v[i + 1] : 0.0);
        next[i] = scale * ((top - diagonal(l, i)) * v[i] + l->hop * beside);
    }
}

/* v = exp(P tau) v by its series, scaled so that the largest component is 1. */
static void series_step(const struct ladder *l, double top, double tau, double *v, double *term,
                        double *next)
{
    size_t n = PL_GLFT_COUNT(l->bound);
    for (size_t i = 0; i < n; i++) {
        term[i] = v[i];
    }
    for (int j = 1; j <= SERIES_TERMS; j++) {
        multiply(l, top, term, tau / j, next);
        bool done = true;
        for (size_t i = 0; i < n; i++) {
            term[i] = next[i];
            v[i] += next[i];
            done = done && term[i] <= 1e-18 * v[i];
        }
        if (done) {
            break;
        }
    }
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, v[i]);
    }
    for (size_t i = 0; i < n; i++) {
        v[i] /= largest;
    }
}

static int finite_ratios(const struct ladder *l, double *work, double *ratio)
{
    size_t n = PL_GLFT_COUNT(l->bound);
    double top = fmax(diagonal(l, 0), diagonal(l, n - 1));
    double steps = ceil((top - diagonal(l, (size_t)l->bound) + 2.0 * l->hop + fabs(l->drift)) *
                        l->horizon / STEP_WEIGHT);
    if (!(steps * 2.0 * STEP_WEIGHT * (double)n < WORK_LIMIT)) {
        return PL_ERR_LIMIT;
    }
    double *v = work;
    for (size_t i = 0; i < n; i++) {
        double q = (double)i - (double)l->bound;
        v[i] = pl_exp(-l->terminal * q * q);
    }
    for (uint64_t left = (uint64_t)steps; left > 0; left--) {
        series_step(l, top, l->horizon / steps, v, work + n, work + 2 * n);
    }
    for (size_t i = 0; i + 1 < n; i++) {
        ratio[i] = v[i] / v[i + 1];
    }
    return 0;
}

static bool ladder_valid(const struct ladder *l)
{
    return l->bound >= 1 && l->bound <= PL_GLFT_BOUND_MAX && l->curve >= 0.0 && l->curve < 1e100 &&
           fabs(l->drift) < 1e100 && l->hop > 0.0 && l->hop < 1e100 && l->terminal >= 0.0 &&
           l->terminal < INFINITY && l->horizon >= 0.0 && l->k > 0.0 && l->shift < INFINITY;
}

static int ladder_offsets(const struct ladder *l, double *work, double *bid, double *ask)
{
    if (!ladder_valid(l)) {
        return PL_ERR_INVALID;
    }
    size_t n = PL_GLFT_COUNT(l->bound);
    double *ratio = work + 3 * n;
    double rate = eigenvalue(l, 0);
    if ((eigenvalue(l, 1) - rate) * l->horizon > STATIONARY_AFTER) {
        stationary_ratios(l, rate, ratio);
    } else {
        int rc = finite_ratios(l, work, ratio);
        if (rc < 0) {
            return rc;
        }
    }
    for (size_t i = 0; i + 1 < n; i++) {
        double skew = pl_log(ratio[i]) / l->k;
        bid[i] = l->shift + skew;
        ask[i + 1] = l->shift - skew;
    }
    bid[n - 1] = INFINITY;
    ask[0] = INFINITY;
    return 0;
}

/* (1 + g/k)^(1 + k/g), e at g = 0. */
static double risk_power(double g, double k)
{
    return g > 0.0 ? pl_exp((1.0 + k / g) * pl_log1p(g / k)) : 2.7182818284590452354;
}

/* (1/g) ln(1 + g/k), 1/k at g = 0. */
static double risk_offset(double g, double k)
{
    return g > 0.0 ? pl_log1p(g / k) / g : 1.0 / k;
}

static struct ladder glft_ladder(const struct pl_glft *p)
{
    return (struct ladder){
        .bound = p->bound,
        .curve = 0.5 * p->k * p->gamma * p->sigma * p->sigma,
        .drift = p->k * p->mu,
        .hop = p->a / risk_power(p->gamma, p->k) * pl_exp(-0.5 * p->k * p->xi),
        .terminal = 0.5 * p->k * p->xi,
        .horizon = p->horizon,
        .k = p->k,
        .shift = risk_offset(p->gamma, p->k) + 0.5 * p->xi,
    };
}

int pl_glft_offsets(const struct pl_glft *p, double *work, double *bid, double *ask)
{
    struct ladder l = glft_ladder(p);
    return ladder_offsets(&l, work, bid, ask);
}

int pl_glft_rate(const struct pl_glft *p, double *rate)
{
    struct ladder l = glft_ladder(p);
    if (!ladder_valid(&l)) {
        return PL_ERR_INVALID;
    }
    *rate = eigenvalue(&l, 0);
    return 0;
}

struct pl_offsets pl_glft_closed(const struct pl_glft *p, double q)
{
    double c = risk_offset(p->gamma, p->k);
    double s0 = p->sigma * sqrt(p->gamma / (2.0 * p->k * p->a) * risk_power(p->gamma, p->k));
    return (struct pl_offsets){c + (2.0 * q + 1.0) / 2.0 * s0, c - (2.0 * q - 1.0) / 2.0 * s0};
}

struct pl_half_skew pl_gueant_quote(const struct pl_gueant *p)
{
    double x = p->xi * p->lot;
    double c1 = risk_offset(x, p->k);
    double c2 = sqrt(p->gamma / (2.0 * p->a * p->lot * p->k) * risk_power(x, p->k));
    return (struct pl_half_skew){c1 + 0.5 * p->lot * p->sigma * c2, p->sigma * c2};
}

int pl_cj_offsets(const struct pl_cj *p, double *work, double *bid, double *ask)
{
    struct ladder l = {
        .bound = p->bound,
        .curve = p->phi * p->kappa,
        .hop = p->rate * 0.36787944117144232160,
        .terminal = p->alpha * p->kappa,
        .horizon = p->horizon,
        .k = p->kappa,
        .shift = 1.0 / p->kappa + p->adverse,
    };
    return ladder_offsets(&l, work, bid, ask);
}
