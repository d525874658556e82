/* feature/candle_closes.h - closes of whole candles built from trades, and their spread: the sd that
 * Bollinger bands are made of (quant.md 3).
 *
 * Candle   one sample_ns of venue time on the grid of the epoch. Its close is the last trade before
 *          its end; without a trade the close before repeats. One during which the feed was down does
 *          not count; closes from before stay.
 * Value    sd (ddof 0) of the last `samples` closes, in ticks; warm once there are as many. It moves
 *          with the first message after a candle has ended. Cost: O(1) a message. */
#ifndef PL_FEATURE_CANDLE_CLOSES_H
#define PL_FEATURE_CANDLE_CLOSES_H

#include "feature/estimator.h"

struct pl_candle_closes;

PL_MUST_USE int pl_candle_closes_create(struct pl_arena *arena,
                                        const struct pl_feature_request *request,
                                        struct pl_candle_closes **out, struct pl_error *err);
void pl_candle_closes_step(struct pl_candle_closes *c, const struct pl_feature_input *in);
void pl_candle_closes_reset(struct pl_candle_closes *c);
double pl_candle_closes_sd(const struct pl_candle_closes *c); /* NAN = not warm */
int64_t pl_candle_closes_count(const struct pl_candle_closes *c);

#endif
