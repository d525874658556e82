/* synth/draw.h - a run of counter-based draws: the n-th is pl_rand_u64(seed, SYNTH, key, n).
 *
 * Each purpose has a key of its own, so that a market alone and among others draws the same. */
#ifndef PL_SYNTH_DRAW_H
#define PL_SYNTH_DRAW_H

#include "base/rand.h"

#define PL_SYNTH_KEY_COMMON   UINT64_C(0)      /* the factor all markets share */
#define PL_SYNTH_KEY_ACTIVITY UINT64_C(1)      /* how busy all markets are */
#define PL_SYNTH_KEY_MARKET   UINT64_C(0x1000) /* + 16 * market + purpose */
enum pl_synth_purpose { PL_DRAW_PATH = 0, PL_DRAW_FLOW = 1, PL_DRAW_FEED = 2 };

struct pl_draw {
    uint64_t base, n;
};

static inline struct pl_draw pl_draw_init(uint64_t seed, uint64_t key)
{
    return (struct pl_draw){pl_digest_u64(pl_digest_u64(seed, PL_STREAM_SYNTH), key), 0};
}

static inline struct pl_draw pl_draw_market(uint64_t seed, uint32_t market,
                                            enum pl_synth_purpose purpose)
{
    return pl_draw_init(seed, PL_SYNTH_KEY_MARKET + UINT64_C(16) * market + (uint64_t)purpose);
}

static inline uint64_t pl_draw_u64(struct pl_draw *draw)
{
    return pl_digest_u64(draw->base, draw->n++);
}

/* Uniform in (0,1), never 0 and never 1. */
static inline double pl_draw_unit(struct pl_draw *draw)
{
    return ((double)(pl_draw_u64(draw) >> 12) + 0.5) * 0x1p-52;
}

/* Uniform in [0, n). */
static inline uint32_t pl_draw_below(struct pl_draw *draw, uint32_t n)
{
    return (uint32_t)(((pl_draw_u64(draw) >> 32) * n) >> 32);
}

#endif
