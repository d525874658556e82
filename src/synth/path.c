#include "synth/path.h"

#include "base/assert.h"
#include "math/fn.h"

#include <math.h>

/* A tenth of the jumps is larger than the rest; the variance of all is that of one Laplace:
 * 0.1 * 2.25^2 + 0.9 * 0.74^2 = 1. */
#define HEAVY_1024  102
#define HEAVY_TIMES 2.25
#define LIGHT_TIMES 0.742

void pl_activity_init(struct pl_activity *activity, uint64_t seed, double sd, double tau_s,
                      double dt)
{
    PL_ASSERT(dt > 0 && tau_s > 0);
    double steps = floor(1 / dt + 0.5);
    *activity = (struct pl_activity){
        .draw = pl_draw_init(seed, PL_SYNTH_KEY_ACTIVITY),
        .sd = sd,
        .keep = pl_exp(-1 / tau_s),
        .value = 1,
        .steps_per_s = steps < 1 ? 1 : (uint32_t)steps,
    };
    activity->z = pl_norm_ppf(pl_draw_unit(&activity->draw));
}

void pl_activity_step(struct pl_activity *a)
{
    if (a->step % a->steps_per_s == 0) {
        double shock = pl_norm_ppf(pl_draw_unit(&a->draw));
        a->z = a->keep * a->z + sqrt(1 - a->keep * a->keep) * shock;
        a->value = pl_exp(a->sd * a->z - 0.5 * a->sd * a->sd);
    }
    a->step++;
}

void pl_path_init(struct pl_path *path, uint64_t seed, uint64_t key, double rate, double n,
                  double tau_s, double dt)
{
    PL_ASSERT(rate > 0 && n >= 0 && n < 1 && tau_s > 0);
    *path = (struct pl_path){
        .draw = pl_draw_init(seed, key),
        .base = rate * (1 - n) * dt,
        .excite = n * dt / tau_s,
        .decay = pl_exp(-dt / tau_s),
        .scale = 1 / sqrt(2 * rate), /* Laplace(b) has variance 2 b^2; rate of them a second */
    };
    path->e = rate * n * dt;
}

double pl_path_step(struct pl_path *path, double activity)
{
    double p = path->base * activity + path->e;
    path->e *= path->decay;
    uint64_t bits = pl_draw_u64(&path->draw);
    double u = ((double)(bits >> 12) + 0.5) * 0x1p-52;
    if (u < p) { /* given a jump, u / p is uniform again */
        double size = -pl_log(u / p) * path->scale;
        size *= (bits >> 1) % 1024 < HEAVY_1024 ? HEAVY_TIMES : LIGHT_TIMES;
        path->x += (bits & 1) != 0 ? size : -size;
        path->e += path->excite;
    }
    return path->x;
}
