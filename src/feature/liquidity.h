/* feature/liquidity.h - how deep the book is and how much trades, sampled each whole second, and what
 * is usual of either.
 *
 * Depth   size of both sides over the best `levels`, or within depth_bps of the mid; in lots. Taken
 *         with the first message at or after the second; NAN while a side is empty.
 * Volume  lots traded in the last lookback_ns, whole seconds; warm when the window is full.
 * Usual   halflife_s > 0: the exponential mean of that value instead. Weights count from the first
 *         sample on, so it is the plain mean at first; warm after `least` samples.
 * Memory  volume: 8 bytes a second of the window. Cost: O(1) a message, O(levels) a second. */
#ifndef PL_FEATURE_LIQUIDITY_H
#define PL_FEATURE_LIQUIDITY_H

#include "feature/estimator.h"

struct pl_liquidity;

PL_MUST_USE int pl_liquidity_create(struct pl_arena *arena,
                                    const struct pl_feature_request *request,
                                    struct pl_liquidity **out, struct pl_error *err);
void pl_liquidity_step(struct pl_liquidity *a, const struct pl_feature_input *in);
void pl_liquidity_reset(struct pl_liquidity *a); /* as new, not warm */
double pl_liquidity_value(const struct pl_liquidity *a);
void pl_liquidity_warmth(const struct pl_liquidity *a, int64_t *have, int64_t *need);

#endif
