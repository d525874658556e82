/* synth/sizes.h - order sizes: a log-normal as a table of quantiles, some of them round numbers.
 *
 * People and programs like 0.1 and 50: a stated share is rounded to one significant digit.
 * Units lots. Memory: the table. Cost: one draw and one look-up. */
#ifndef PL_SYNTH_SIZES_H
#define PL_SYNTH_SIZES_H

#include "synth/draw.h"
#include "synth/profile.h"

#define PL_SIZES_COUNT 4096

struct pl_sizes {
    int64_t lots[PL_SIZES_COUNT]; /* all at least 1 */
};

void pl_sizes_init(struct pl_sizes *sizes, const struct pl_synth_size *law, double lot);

static inline int64_t pl_sizes_draw(const struct pl_sizes *sizes, struct pl_draw *draw)
{
    return sizes->lots[pl_draw_u64(draw) >> 52];
}

#endif
