/* feature/microprice.h - the micro-price of Stoikov 2018: the mid plus what it is expected to move.
 *
 * States  imbalance bucket b (0 = asks dominate .. buckets-1 = bids dominate) times spread in ticks
 *         (1..spreads). Counts of what followed each state are gathered, symmetrised (a bid-heavy state
 *         moving up counts for its mirror moving down, so the sum converges) and solved once.
 * Units   moves and adjustments in ticks.
 * Memory  the caller's arena; solving takes nothing more. Cost: O(1) an observation; solve O(states^3).
 * Errors  PL_ERR_INVALID when the counts say nothing (no move was ever seen) or do not converge. */
#ifndef PL_FEATURE_MICROPRICE_H
#define PL_FEATURE_MICROPRICE_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define PL_MICROPRICE_STATES_MAX 200
#define PL_MICROPRICE_MOVE_MAX   4 /* half ticks; a larger move counts as this one */

struct pl_microprice; /* counts, and the solution once there is one */

PL_MUST_USE int pl_microprice_create(struct pl_arena *arena, uint32_t buckets, uint32_t spreads,
                                     struct pl_microprice **out);
/* The state of a touch: share of the bid in (0,1), spread in ticks; wider spreads count as the
 * widest. */
uint32_t pl_microprice_state(const struct pl_microprice *m, double bid_share, int64_t spread_ticks);
/* The touch went from one state to another, the mid by `half_ticks` (0: it stayed). */
void pl_microprice_observe(struct pl_microprice *m, uint32_t from, uint32_t to, int64_t half_ticks);
PL_MUST_USE int pl_microprice_solve(struct pl_microprice *m);
/* Ticks to add to the mid in a state; 0 before the first solution and in states never seen. */
double pl_microprice_adjust(const struct pl_microprice *m, uint32_t state);

/* G* = sum_i B^i G1 with G1 = (I-Q)^-1 r and B = (I-Q)^-1 R2, all row-major n x n: q without a move of
 * the mid, r2 into the state after one, r[i] the expected immediate move. Overwrites q, r2, r;
 * work[n]. The solution is left in g[n]. */
PL_MUST_USE int pl_microprice_series(size_t n, double *q, double *r2, double *r, double *work,
                                     double *g);

#endif
