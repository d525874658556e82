/* feature/depth_bands.h - imbalance of the size within bands around the mid (quant.md 3; the form of
 * makers.md 2.3: bounded, true bps, weights scaled to 1).
 *
 *     book = sum_k w_k (B_k - A_k) / (B_k + A_k),   w_k ~ (1-a)^k,  a = 3/(n+1),  nearest band first
 *
 * B_k, A_k: bids and asks within bps_k of the mid. An empty band gives 0, a one-sided one +-1.
 * Published every sample_ns of venue time, because a wide band is many levels. Value in [-1,1]. */
#ifndef PL_FEATURE_DEPTH_BANDS_H
#define PL_FEATURE_DEPTH_BANDS_H

#include "feature/estimator.h"

struct pl_depth_bands;

/* The weights of `count` bands; they sum to 1. */
void pl_band_weights(uint32_t count, double *weight);

PL_MUST_USE int pl_depth_bands_create(struct pl_arena *arena,
                                      const struct pl_feature_request *request,
                                      struct pl_depth_bands **out, struct pl_error *err);
void pl_depth_bands_step(struct pl_depth_bands *d, const struct pl_feature_input *in);
void pl_depth_bands_reset(struct pl_depth_bands *d);
double pl_depth_bands_value(const struct pl_depth_bands *d); /* NAN = not warm */

#endif
