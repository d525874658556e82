/* synth/lob.h - an exact limit order book: single orders, price-time priority.
 *
 * Prices outside a window of ticks around the market do not exist: when the window slides, orders
 * that fall out of it are cancelled. Levels lie in a ring indexed by the low bits of the price.
 *
 * Units   prices in ticks, sizes in lots.
 * Owner   one market of the generator. Not thread-safe.
 * Memory  the window in one block; the pool of orders grows by doubling.
 * Cost    add, remove, hit: O(1), plus a bitmap scan when the best level empties.
 * Groups  each order is in one group; groups are arrays, so that a random member is O(1). */
#ifndef PL_SYNTH_LOB_H
#define PL_SYNTH_LOB_H

#include "base/err.h"
#include "core/units.h"

#include <stdbool.h>
#include <stdint.h>

enum pl_lob_group { PL_LOB_DEEP = 0, PL_LOB_TOUCH_BID = 1, PL_LOB_TOUCH_ASK = 2, PL_LOB_GROUPS };

#define PL_LOB_NONE UINT32_MAX

struct pl_lob_order {
    int64_t px, lots;
    uint32_t prev, next; /* in its level's queue; next also links the free list */
    uint32_t place;      /* in its group */
    uint8_t side, group;
};

struct pl_lob_level {
    int64_t lots, shown;  /* now, and as last published */
    uint32_t head, tail;  /* oldest and youngest order */
    uint32_t touch_count; /* orders of a touch group in it */
};

struct pl_lob_list {
    uint32_t *at;
    uint32_t count, cap;
};

struct pl_lob_gone { /* a published level that the window left behind */
    int64_t px;
    uint8_t side;
};

struct pl_lob {
    uint32_t window; /* ticks, a power of two */
    int64_t low;     /* first price of the window, a multiple of 64 */
    struct pl_lob_level *level[2];
    uint64_t *occupied[2], *dirty[2]; /* a bit per level */
    int64_t best[2];                  /* PL_PX_NO_BID / PL_PX_NO_ASK when empty */
    struct pl_lob_order *order;
    uint32_t order_cap, free_head, order_count;
    struct pl_lob_list group[PL_LOB_GROUPS];
    struct pl_lob_gone *gone;
    uint32_t gone_count, gone_cap;
};

/* `window` ticks (a power of two, at least 128) around `centre`. */
PL_MUST_USE int pl_lob_init(struct pl_lob *lob, uint32_t window, int64_t centre);
void pl_lob_fini(struct pl_lob *lob);

static inline struct pl_lob_level *pl_lob_level_at(struct pl_lob *lob, enum pl_side side,
                                                   int64_t px)
{
    return &lob->level[side][(uint64_t)px & (lob->window - 1)];
}

static inline bool pl_lob_inside(const struct pl_lob *lob, int64_t px)
{
    return px > 0 && px >= lob->low && px < lob->low + lob->window;
}

/* Size at the touch; 0 when the side is empty. */
int64_t pl_lob_best_lots(struct pl_lob *lob, enum pl_side side);
/* The price must be inside the window and must not cross the other side: both are asserted. */
PL_MUST_USE int pl_lob_add(struct pl_lob *lob, enum pl_side side, int64_t px, int64_t lots,
                           enum pl_lob_group group);
void pl_lob_remove(struct pl_lob *lob, uint32_t order);
/* One fill against the oldest order at the best price of `side`, at most `lots`. Returns the lots
 * filled and the price; 0 when the side is empty. */
int64_t pl_lob_hit(struct pl_lob *lob, enum pl_side side, int64_t lots, int64_t *px);
/* Slides the window so that `centre` is in its middle (to 64 ticks). */
PL_MUST_USE int pl_lob_slide(struct pl_lob *lob, int64_t centre);
/* Walks everything; true when levels, queues, groups and bests agree. For tests and dev builds. */
bool pl_lob_check(const struct pl_lob *lob);

#endif
