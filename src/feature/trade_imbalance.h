/* feature/trade_imbalance.h - bought against sold by aggressors, over the last trades (quant.md 3).
 *
 *     (B - S) / (B + S),  B, S = sum w_i ln(1 + size_i / ref),  w_i = a (1-a)^i,  a = 3/(n+1)
 *
 * i = 0 is the newest of the n trades of the window; warm once n were seen. Sizes in the unit of the
 * instrument (contracts where it trades those). Cost: O(1) a trade. Value in [-1,1]. */
#ifndef PL_FEATURE_TRADE_IMBALANCE_H
#define PL_FEATURE_TRADE_IMBALANCE_H

#include "feature/estimator.h"

struct pl_trade_flow;

PL_MUST_USE int pl_trade_flow_create(struct pl_arena *arena,
                                     const struct pl_feature_request *request,
                                     struct pl_trade_flow **out, struct pl_error *err);
void pl_trade_flow_step(struct pl_trade_flow *f, const struct pl_feature_input *in);
void pl_trade_flow_reset(struct pl_trade_flow *f);
double pl_trade_flow_value(const struct pl_trade_flow *f); /* NAN = not warm */
int64_t pl_trade_flow_count(const struct pl_trade_flow *f);

#endif
