/* math/simulate_avellaneda.h - the simulation of Avellaneda and Stoikov 2008, by chance and exactly.
 *
 * Model   mid s, steps of dt. Step n: offsets from (q, t_n); the ask fills with probability
 *         min(1, A exp(-k d_a) dt), the bid likewise and independently; then s += +-sigma sqrt(dt).
 *         Profit = cash + q s at the end. "Symmetric" quotes the time average of the inventory
 *         strategy's spread, centred on the mid.
 * Random  one 64-bit draw a step, a pure function of (seed, path, step): results depend on neither
 *         threads nor order, as long as the sums of chunks are added in chunk order.
 * Exact   a forward recursion over the distribution of inventory: no chance, no error but rounding.
 * Memory  one block in pl_sim_as_create (1.9 MB at 200 steps); nothing afterwards. A plan is read-only
 *         once made: any number of threads may run chunks of it. */
#ifndef PL_MATH_SIMULATE_AVELLANEDA_H
#define PL_MATH_SIMULATE_AVELLANEDA_H

#include "base/err.h"
#include "math/avellaneda.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_SIM_AS_CHUNK     4096 /* paths in a chunk: part of the result, as it is the order of sums */
#define PL_SIM_AS_STEPS_MAX 2000

struct pl_sim_as_params {
    struct pl_as as; /* form, gamma, sigma, k; lot must be 1 */
    double a;        /* arrivals per unit of time at distance 0 */
    double s0;       /* starting mid */
    double horizon;
    uint32_t steps; /* dt = horizon / steps */
    bool symmetric;
};
/* The published setting: s 100, T 1, sigma 2, 200 steps, k 1.5, A 140. */
struct pl_sim_as_params pl_sim_as_published(enum pl_as_form form, double gamma, bool symmetric);

struct pl_sim_as; /* a plan: the tables of offsets and fill probabilities */
PL_MUST_USE int pl_sim_as_create(const struct pl_sim_as_params *params, struct pl_sim_as **out);
void pl_sim_as_destroy(struct pl_sim_as **plan); /* accepts NULL; leaves *plan NULL */

struct pl_sim_as_exact {
    double spread; /* time average */
    double profit, profit_sd, q, q_sd, fills;
};
/* Computed once, when the plan was made. */
struct pl_sim_as_exact pl_sim_as_exact(const struct pl_sim_as *plan);

/* Power sums of (value - centre) over paths; the centres are the plan's exact means. */
struct pl_sim_as_sums {
    uint64_t paths;
    double profit[4], q[4], fills[4];
};
/* Paths [chunk * CHUNK, min of the next chunk and `paths`). */
void pl_sim_as_chunk(const struct pl_sim_as *plan, uint64_t seed, uint64_t chunk, uint64_t paths,
                     struct pl_sim_as_sums *out);
void pl_sim_as_add(struct pl_sim_as_sums *total, const struct pl_sim_as_sums *chunk);

struct pl_estimate {
    double value, se; /* standard error */
};
struct pl_sim_as_result {
    struct pl_estimate profit, profit_sd, q, q_sd, fills;
};
/* SE of a mean sd/sqrt(n); of an sd, sd sqrt((kurtosis-1)/(4n)), kurtosis as sampled. */
struct pl_sim_as_result pl_sim_as_result(const struct pl_sim_as *plan,
                                         const struct pl_sim_as_sums *total);

#endif
