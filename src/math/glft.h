/* math/glft.h - optimal offsets under an inventory bound.
 *
 * Gueant, Lehalle, Fernandez-Tapia 2013 (exact, asymptotic and closed form, drift, impact), Gueant 2017
 * (closed form with lots), Cartea, Jaimungal, Penalva 2015 ch. 10: the same linear system with other
 * coefficients.
 *
 * Units   sigma price per sqrt(time), a fills per time, k 1/price, gamma 1/currency; offsets in
 *         price from the reference to the quote, positive outward. Any unit of price will do.
 * Arrays  bid[], ask[] have 2*bound+1 entries, inventory q at index q + bound. A side that would pass
 *         the bound has INFINITY: not quoted.
 * Memory  the caller's: work[PL_GLFT_WORK(bound)].
 * Cost    horizon INFINITY: some 100 passes over 2*bound+1 numbers (an eigenvalue by bisection, its
 *         vector by stable ratios). Finite: time steps until the infinite answer is reached.
 * Errors  PL_ERR_INVALID parameters out of range; PL_ERR_LIMIT a finite horizon that would take more
 *         than about a second. */
#ifndef PL_MATH_GLFT_H
#define PL_MATH_GLFT_H

#include "base/err.h"

#define PL_GLFT_BOUND_MAX   1000
#define PL_GLFT_COUNT(b)    (2 * (size_t)(b) + 1)
#define PL_GLFT_WORK(bound) (4 * PL_GLFT_COUNT(bound))

struct pl_glft {
    double gamma, sigma, a, k;
    double mu;      /* drift of the mid, price per time */
    double xi;      /* permanent move of the mid by one of our fills */
    double horizon; /* T - t; INFINITY for the stationary answer */
    int bound;      /* |q| <= bound, 1..PL_GLFT_BOUND_MAX, in order sizes */
};

PL_MUST_USE int pl_glft_offsets(const struct pl_glft *p, double *work, double *bid, double *ask);
/* Smallest eigenvalue of the system's matrix: the stationary rate. */
PL_MUST_USE int pl_glft_rate(const struct pl_glft *p, double *rate);

struct pl_offsets {
    double bid, ask;
};
/* Closed-form approximation for any q; mu, xi, horizon and bound are not used. */
struct pl_offsets pl_glft_closed(const struct pl_glft *p, double q);

/* Half spread and skew per lot of Gueant 2017: bid = S - (half + skew q), ask = S + (half - skew q).
 * xi is the risk aversion of its exponential utility (gamma, or -> 0 for the other objective). */
struct pl_gueant {
    double gamma, xi, sigma, a, k, lot;
};
struct pl_half_skew {
    double half, skew;
};
struct pl_half_skew pl_gueant_quote(const struct pl_gueant *p);

/* Cartea, Jaimungal: market orders arrive at `rate` a side and fill with probability exp(-kappa d);
 * running penalty phi q^2, terminal alpha q^2; each fill moves the mid `adverse` against us. */
struct pl_cj {
    double rate, kappa, phi, alpha, adverse;
    double horizon;
    int bound;
};
PL_MUST_USE int pl_cj_offsets(const struct pl_cj *p, double *work, double *bid, double *ask);

#endif
