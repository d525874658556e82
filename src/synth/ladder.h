/* synth/ladder.h - a plain L2 book as two sorted arrays: the second opinion.
 *
 * Small and slow on purpose beside the generator's own order book: the measures read it, and the
 * tests rebuild the market from published messages with it and compare.
 *
 * Units   prices in ticks, sizes in lots.
 * Memory  two growing arrays. Cost: O(distance from the touch) per level set.
 * Errors  PL_ERR_NOMEM; a level of 0 lots that is not there is no error (venues send such). */
#ifndef PL_SYNTH_LADDER_H
#define PL_SYNTH_LADDER_H

#include "core/block.h"
#include "core/units.h"

#include <stdbool.h>
#include <stddef.h>

struct pl_ladder_level {
    int64_t px, lots;
};

/* Worst first, best last, so that changes near the touch move little. Asks hold -px as key. */
struct pl_ladder_side {
    struct pl_ladder_level *at;
    size_t count, cap;
};

struct pl_ladder {
    struct pl_ladder_side side[2]; /* by enum pl_side: bids under PL_BUY */
};

void pl_ladder_fini(struct pl_ladder *ladder);
PL_MUST_USE int pl_ladder_set(struct pl_ladder *ladder, enum pl_side side, int64_t px,
                              int64_t lots);
/* Applies a DEPTH or SNAPSHOT message; other kinds are ignored. */
PL_MUST_USE int pl_ladder_apply(struct pl_ladder *ladder, const struct pl_msg *msg);
/* Best price, PL_PX_NO_BID or PL_PX_NO_ASK when the side is empty. */
int64_t pl_ladder_best(const struct pl_ladder *ladder, enum pl_side side);
/* i-th occupied level from the touch (0 = best); false when there are not so many. */
bool pl_ladder_nth(const struct pl_ladder *ladder, enum pl_side side, size_t i,
                   struct pl_ladder_level *out);

#endif
