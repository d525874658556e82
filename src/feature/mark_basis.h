/* feature/mark_basis.h - how far the mark price usually stands from the weighted mid: the exponential
 * mean of 1e4 ln(mark / wmid), in bps, one step a second (makers.md 2.3).
 *
 * The step of a second takes the prices that held until then. Warm after one half-life from the first
 * mark price. Cost: O(1) a message. */
#ifndef PL_FEATURE_MARK_BASIS_H
#define PL_FEATURE_MARK_BASIS_H

#include "feature/estimator.h"

struct pl_mark_basis;

PL_MUST_USE int pl_mark_basis_create(struct pl_arena *arena,
                                     const struct pl_feature_request *request,
                                     struct pl_mark_basis **out, struct pl_error *err);
void pl_mark_basis_step(struct pl_mark_basis *b, const struct pl_feature_input *in);
void pl_mark_basis_reset(struct pl_mark_basis *b);
double pl_mark_basis_value(const struct pl_mark_basis *b); /* NAN = not warm */
int64_t pl_mark_basis_steps(const struct pl_mark_basis *b);

#endif
