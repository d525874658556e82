#include "synth/lob.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

static uint32_t slot_of(const struct pl_lob *lob, int64_t px)
{
    return (uint32_t)((uint64_t)px & (lob->window - 1));
}

static void bit_set(uint64_t *bits, uint32_t i)
{
    bits[i >> 6] |= UINT64_C(1) << (i & 63);
}

static void bit_clear(uint64_t *bits, uint32_t i)
{
    bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

static int64_t none_of(enum pl_side side)
{
    return side == PL_BUY ? PL_PX_NO_BID : PL_PX_NO_ASK;
}

/* Puts orders [from, order_cap) on the free list. */
static void free_list_extend(struct pl_lob *lob, uint32_t from)
{
    for (uint32_t i = lob->order_cap; i-- > from;) {
        lob->order[i].next = lob->free_head;
        lob->free_head = i;
    }
}

int pl_lob_init(struct pl_lob *lob, uint32_t window, int64_t centre)
{
    PL_ASSERT(window >= 128 && (window & (window - 1)) == 0);
    *lob = (struct pl_lob){.window = window, .free_head = PL_LOB_NONE};
    bool ok = true;
    for (int s = 0; s < 2; s++) {
        lob->level[s] = calloc(window, sizeof *lob->level[s]);
        lob->occupied[s] = calloc(window / 64, sizeof(uint64_t));
        lob->dirty[s] = calloc(window / 64, sizeof(uint64_t));
        lob->best[s] = none_of((enum pl_side)s);
        ok = ok && lob->level[s] != NULL && lob->occupied[s] != NULL && lob->dirty[s] != NULL;
        for (uint32_t i = 0; ok && i < window; i++) {
            lob->level[s][i].head = lob->level[s][i].tail = PL_LOB_NONE;
        }
    }
    lob->order_cap = 4096;
    lob->order = malloc(lob->order_cap * sizeof *lob->order);
    if (!ok || lob->order == NULL) {
        pl_lob_fini(lob);
        return PL_ERR_NOMEM;
    }
    free_list_extend(lob, 0);
    lob->low = (centre - window / 2) & ~INT64_C(63);
    return 0;
}

void pl_lob_fini(struct pl_lob *lob)
{
    for (int s = 0; s < 2; s++) {
        free(lob->level[s]);
        free(lob->occupied[s]);
        free(lob->dirty[s]);
    }
    for (int g = 0; g < PL_LOB_GROUPS; g++) {
        free(lob->group[g].at);
    }
    free(lob->order);
    free(lob->gone);
    *lob = (struct pl_lob){0};
}

int64_t pl_lob_best_lots(struct pl_lob *lob, enum pl_side side)
{
    int64_t px = lob->best[side];
    return px == none_of(side) ? 0 : pl_lob_level_at(lob, side, px)->lots;
}

static int order_take(struct pl_lob *lob, uint32_t *out)
{
    if (lob->free_head == PL_LOB_NONE) {
        uint32_t old = lob->order_cap, cap = old * 2;
        struct pl_lob_order *grown = realloc(lob->order, cap * sizeof *grown);
        if (grown == NULL) {
            return PL_ERR_NOMEM;
        }
        lob->order = grown;
        lob->order_cap = cap;
        free_list_extend(lob, old);
    }
    *out = lob->free_head;
    lob->free_head = lob->order[*out].next;
    lob->order_count++;
    return 0;
}

static int group_add(struct pl_lob *lob, enum pl_lob_group group, uint32_t order)
{
    struct pl_lob_list *list = &lob->group[group];
    if (list->count == list->cap) {
        uint32_t cap = list->cap == 0 ? 256 : list->cap * 2;
        uint32_t *at = realloc(list->at, cap * sizeof *at);
        if (at == NULL) {
            return PL_ERR_NOMEM;
        }
        list->at = at;
        list->cap = cap;
    }
    lob->order[order].place = list->count;
    list->at[list->count++] = order;
    return 0;
}

static void group_remove(struct pl_lob *lob, uint32_t order)
{
    struct pl_lob_order *o = &lob->order[order];
    struct pl_lob_list *list = &lob->group[o->group];
    uint32_t last = list->at[--list->count];
    list->at[o->place] = last;
    lob->order[last].place = o->place;
}

static bool better(enum pl_side side, int64_t a, int64_t b)
{
    return side == PL_BUY ? a > b : a < b;
}

int pl_lob_add(struct pl_lob *lob, enum pl_side side, int64_t px, int64_t lots,
               enum pl_lob_group group)
{
    PL_ASSERT(lots > 0 && pl_lob_inside(lob, px));
    PL_ASSERT(side == PL_BUY ? px < lob->best[PL_SELL] : px > lob->best[PL_BUY]);
    uint32_t n;
    int rc = order_take(lob, &n);
    if (rc < 0) {
        return rc;
    }
    rc = group_add(lob, group, n);
    if (rc < 0) {
        lob->order[n].next = lob->free_head;
        lob->free_head = n;
        lob->order_count--;
        return rc;
    }
    uint32_t slot = slot_of(lob, px);
    struct pl_lob_level *level = &lob->level[side][slot];
    struct pl_lob_order *o = &lob->order[n];
    o->px = px;
    o->lots = lots;
    o->side = (uint8_t)side;
    o->group = (uint8_t)group;
    o->prev = level->tail;
    o->next = PL_LOB_NONE;
    if (level->tail == PL_LOB_NONE) {
        level->head = n;
        bit_set(lob->occupied[side], slot);
    } else {
        lob->order[level->tail].next = n;
    }
    level->tail = n;
    level->lots += lots;
    level->touch_count += group != PL_LOB_DEEP;
    bit_set(lob->dirty[side], slot);
    if (better(side, px, lob->best[side])) {
        lob->best[side] = px;
    }
    return 0;
}

/* The next occupied price behind `px` (which is empty now), or none. */
static int64_t next_best(const struct pl_lob *lob, enum pl_side side, int64_t px)
{
    const uint64_t *bits = lob->occupied[side];
    uint32_t words = lob->window / 64;
    int64_t base = px & ~INT64_C(63);
    uint32_t bit = (uint32_t)(px & 63);
    for (uint32_t i = 0; i <= words; i++) {
        uint64_t word = bits[slot_of(lob, base) >> 6];
        if (i == 0) {
            word &= side == PL_BUY ? (UINT64_C(1) << bit) - 1 : ~UINT64_C(0) << bit;
        }
        if (base < lob->low || base >= lob->low + lob->window) {
            break;
        }
        if (word != 0) {
            return base + (side == PL_BUY ? 63 - __builtin_clzll(word) : __builtin_ctzll(word));
        }
        base += side == PL_BUY ? -64 : 64;
    }
    return none_of(side);
}

void pl_lob_remove(struct pl_lob *lob, uint32_t order)
{
    struct pl_lob_order *o = &lob->order[order];
    enum pl_side side = (enum pl_side)o->side;
    uint32_t slot = slot_of(lob, o->px);
    struct pl_lob_level *level = &lob->level[side][slot];
    if (o->prev == PL_LOB_NONE) {
        level->head = o->next;
    } else {
        lob->order[o->prev].next = o->next;
    }
    if (o->next == PL_LOB_NONE) {
        level->tail = o->prev;
    } else {
        lob->order[o->next].prev = o->prev;
    }
    level->lots -= o->lots;
    level->touch_count -= o->group != PL_LOB_DEEP;
    bit_set(lob->dirty[side], slot);
    group_remove(lob, order);
    if (level->head == PL_LOB_NONE) {
        bit_clear(lob->occupied[side], slot);
        if (o->px == lob->best[side]) {
            lob->best[side] = next_best(lob, side, o->px);
        }
    }
    o->next = lob->free_head;
    lob->free_head = order;
    lob->order_count--;
}

int64_t pl_lob_hit(struct pl_lob *lob, enum pl_side side, int64_t lots, int64_t *px)
{
    if (lob->best[side] == none_of(side)) {
        return 0;
    }
    *px = lob->best[side];
    uint32_t slot = slot_of(lob, *px);
    struct pl_lob_level *level = &lob->level[side][slot];
    struct pl_lob_order *o = &lob->order[level->head];
    if (lots >= o->lots) {
        int64_t whole = o->lots;
        pl_lob_remove(lob, level->head);
        return whole;
    }
    o->lots -= lots;
    level->lots -= lots;
    bit_set(lob->dirty[side], slot);
    return lots;
}

/* Cancels what rests at `px` and notes the level as gone if it had been published. */
static int level_evict(struct pl_lob *lob, enum pl_side side, int64_t px)
{
    uint32_t slot = slot_of(lob, px);
    struct pl_lob_level *level = &lob->level[side][slot];
    while (level->head != PL_LOB_NONE) {
        pl_lob_remove(lob, level->head);
    }
    bit_clear(lob->dirty[side], slot);
    if (level->shown == 0) {
        return 0;
    }
    level->shown = 0;
    if (lob->gone_count == lob->gone_cap) {
        uint32_t cap = lob->gone_cap == 0 ? 256 : lob->gone_cap * 2;
        struct pl_lob_gone *gone = realloc(lob->gone, cap * sizeof *gone);
        if (gone == NULL) {
            return PL_ERR_NOMEM;
        }
        lob->gone = gone;
        lob->gone_cap = cap;
    }
    lob->gone[lob->gone_count++] = (struct pl_lob_gone){px, (uint8_t)side};
    return 0;
}

int pl_lob_slide(struct pl_lob *lob, int64_t centre)
{
    int64_t low = (centre - lob->window / 2) & ~INT64_C(63);
    int64_t from = lob->low, to = low; /* prices [from, to) leave at the bottom */
    if (low < lob->low) {
        from = low + lob->window;
        to = lob->low + lob->window;
    }
    if (to - from > lob->window) { /* a leap past the whole window: everything leaves */
        from = lob->low;
        to = lob->low + lob->window;
    }
    for (int64_t px = from; px < to; px++) {
        for (int s = 0; s < 2; s++) {
            int rc = level_evict(lob, (enum pl_side)s, px);
            if (rc < 0) {
                return rc;
            }
        }
    }
    lob->low = low;
    return 0;
}

static bool level_check(const struct pl_lob *lob, enum pl_side side, int64_t px, uint32_t *seen)
{
    uint32_t slot = slot_of(lob, px), prev = PL_LOB_NONE;
    const struct pl_lob_level *level = &lob->level[side][slot];
    int64_t lots = 0;
    uint32_t touch = 0;
    for (uint32_t n = level->head; n != PL_LOB_NONE; n = lob->order[n].next) {
        const struct pl_lob_order *o = &lob->order[n];
        if (o->px != px || o->side != side || o->lots <= 0 || o->prev != prev ||
            lob->group[o->group].at[o->place] != n) {
            return false;
        }
        lots += o->lots;
        touch += o->group != PL_LOB_DEEP;
        prev = n;
        *seen += 1;
    }
    bool bit = (lob->occupied[side][slot >> 6] >> (slot & 63) & 1) != 0;
    return prev == level->tail && lots == level->lots && touch == level->touch_count &&
           bit == (lots > 0) && (lots == 0 || !better(side, px, lob->best[side]));
}

bool pl_lob_check(const struct pl_lob *lob)
{
    uint32_t seen = 0;
    if (lob->best[PL_BUY] >= lob->best[PL_SELL]) {
        return false;
    }
    for (int s = 0; s < 2; s++) {
        for (int64_t px = lob->low; px < lob->low + lob->window; px++) {
            if (!level_check(lob, (enum pl_side)s, px, &seen)) {
                return false;
            }
        }
        int64_t best = lob->best[s];
        if (best != none_of((enum pl_side)s) && lob->level[s][slot_of(lob, best)].lots <= 0) {
            return false;
        }
    }
    return seen == lob->order_count;
}
