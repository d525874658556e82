/* math/inventory_lp.h - where to quote when distance from the mid and expected inventory both cost: the
 * linear program of quant.md 7.3, with chords of the squares added as they are needed.
 *
 *     y    = qh - kappa (x_b - x_a) / 2                 expected inventory after the interval
 *     cost = alpha [y^2] + beta ([x_b^2] + [x_a^2])     [.] = chord of the square over a cell of D
 *     x_b + x_a >= 2 width;  least <= x <= most;  |y| <= max(1, |qh|)
 * Among equal costs the smallest |x_b - x_a| is taken.
 *
 * Units   x in half base spreads from the mid; qh, y in shares of the largest inventory; rest pure.
 * Memory  none beyond the stack (about 4 kB). Cost: a few microseconds.
 * Source  "document C" of quant.md 7; cutting planes after Kelley 1960. */
#ifndef PL_MATH_INVENTORY_LP_H
#define PL_MATH_INVENTORY_LP_H

#include "math/simplex.h"

#include <stdbool.h>

struct pl_inventory_lp {
    double alpha, beta, kappa, qh;
    double chord;    /* D > 0, width of a cell */
    double width;    /* W */
    double least[2]; /* of x_b, x_a; below 0 is read as 0 */
    double most;     /* of both */
    bool off[2];     /* not quoted: x stands at most and costs nothing */
};

struct pl_inventory_quote {
    double x[2]; /* x_b, x_a */
    double y;
    double cost; /* without the tie-break */
    uint32_t rounds, steps;
};

enum pl_inventory_status {
    PL_INVENTORY_SOLVED,
    PL_INVENTORY_INVALID,    /* not finite, beta, kappa or chord <= 0 */
    PL_INVENTORY_INFEASIBLE, /* no quotes keep all bounds */
    PL_INVENTORY_UNSOLVED,   /* caps on steps, rows or rounds were reached */
};

/* *out is written when SOLVED and left alone else. */
enum pl_inventory_status pl_inventory_lp_solve(const struct pl_inventory_lp *p,
                                               struct pl_inventory_quote *out);
const char *pl_inventory_status_name(enum pl_inventory_status status);

/* The same with every chord from the start, for tests: `work` as PL_SIMPLEX_WORK and _INDEX of
 * PL_INVENTORY_VARIABLES and rows_max rows. */
#define PL_INVENTORY_VARIABLES 6
enum pl_inventory_status pl_inventory_lp_full(const struct pl_inventory_lp *p, double *work,
                                              int32_t *index, int32_t rows_max,
                                              struct pl_inventory_quote *out);

/* The chord of z^2 over the cell of width d that z lies in. */
double pl_inventory_chord(double z, double d);
/* alpha [y^2] + beta ([x_b^2] + [x_a^2]) at these quotes. */
double pl_inventory_cost(const struct pl_inventory_lp *p, double x_b, double x_a);
/* Skew (x_b - x_a)/2 with true squares and no bound binding, and how far the program's may be off. */
double pl_inventory_skew(const struct pl_inventory_lp *p);
double pl_inventory_skew_error(const struct pl_inventory_lp *p);

/* ---- base spread and schedule (quant.md 7.2) ------------------------------------------------- */

struct pl_inventory_spread {
    double gamma, delta, zeta;
    double sigma_bps; /* sd of returns until the next solve */
    double liquidity, depth;
    double depth_sign; /* 1: deeper is wider; -1: tighter */
};
/* Parts of the base spread in bps; their sum may be below 0. */
struct pl_inventory_terms {
    double vol, liquidity, depth;
};
struct pl_inventory_terms pl_inventory_terms(const struct pl_inventory_spread *p);

struct pl_inventory_schedule {
    double ema_slow, ema_fast, vol_low, vol_high; /* factor: slow at or below low, fast from high */
    double ema_mid, ema_hot;
    double interval_hot_s, interval_mid_s, interval_slow_s;
};
double pl_inventory_ema_factor(const struct pl_inventory_schedule *s, double vol);
double pl_inventory_interval_s(const struct pl_inventory_schedule *s, double ema);

#endif
