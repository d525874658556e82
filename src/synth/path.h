/* synth/path.h - efficient prices: what a unit is worth, before anybody has traded on it.
 *
 * A path jumps when news arrives. News comes as a Hawkes process in steps: rate
 *     nu(k) = nu0 a(k) + e(k),   e decays with tau and rises by n / tau at each jump,
 * with a(k) the activity shared by all markets; sizes are a mixture of two Laplace laws, scaled so
 * that the path has variance 1 per second on average. A market's efficient price is
 *     X = X0 exp(sigma (sqrt(c) common(t - lag) + sqrt(1 - c) own(t))).
 * Signs are independent, so returns are uncorrelated; the clustering is in their size.
 *
 * Units   time in steps of dt seconds. Cost: one draw per step. Deterministic: no libm.
 * Sources Hawkes (1971); Bacry, Mastromatteo, Muzy (2015), Hawkes processes in finance. */
#ifndef PL_SYNTH_PATH_H
#define PL_SYNTH_PATH_H

#include "synth/draw.h"

/* Activity: a log-normal Ornstein-Uhlenbeck process with mean 1, renewed once a second. */
struct pl_activity {
    struct pl_draw draw;
    double sd, keep; /* of the logarithm; what remains of it after a second */
    double z, value;
    uint32_t steps_per_s, step;
};

void pl_activity_init(struct pl_activity *activity, uint64_t seed, double sd, double tau_s,
                      double dt);
void pl_activity_step(struct pl_activity *activity);

struct pl_path {
    struct pl_draw draw;
    double base, excite, decay; /* base = nu0 dt; excite = added per jump (n dt / tau) */
    double scale;               /* of a Laplace draw */
    double e, x;
};

/* `rate` jumps per second on average, branching ratio n in [0, 1). */
void pl_path_init(struct pl_path *path, uint64_t seed, uint64_t key, double rate, double n,
                  double tau_s, double dt);
/* Advances one step under this activity and returns the path's value. */
double pl_path_step(struct pl_path *path, double activity);

#endif
