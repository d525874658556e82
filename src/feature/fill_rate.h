/* feature/fill_rate.h - how fast orders reach into the book: decay and level of the fill intensity,
 * fitted to the trades of a rolling window (quant.md 2.4).
 *
 * Depth of an aggressive order: ticks beyond the touch that it met (0 = the touch); prints of one
 * venue time and side are one order. Distances for the intensity count from the mid: half the mean
 * spread is added back. Units: decay per tick; intensity per second and side at the mid.
 * Publishes every refit_ns; with fewer than `least` orders the last fit stands until max_age_ns. */
#ifndef PL_FEATURE_FILL_RATE_H
#define PL_FEATURE_FILL_RATE_H

#include "feature/estimator.h"

struct pl_fill_rate;

PL_MUST_USE int pl_fill_rate_create(struct pl_arena *arena,
                                    const struct pl_feature_request *request,
                                    struct pl_fill_rate **out, struct pl_error *err);
void pl_fill_rate_step(struct pl_fill_rate *f, const struct pl_feature_input *in);
void pl_fill_rate_reset(struct pl_fill_rate *f);             /* as new, not warm */
double pl_fill_rate_decay(const struct pl_fill_rate *f);     /* NAN = not warm */
double pl_fill_rate_intensity(const struct pl_fill_rate *f); /* NAN = not warm */
int64_t pl_fill_rate_count(const struct pl_fill_rate *f);

#endif
