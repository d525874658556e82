/* A second L2 book: a sorted list of levels a side, no window, no hash, no bits. Slow and plain, so
 * that src/book can be compared with it level by level, inside the horizon. */
#ifndef TEST_BOOK_ORACLE_H
#define TEST_BOOK_ORACLE_H

#include "base/assert.h"
#include "book/book.h"

#include <stdlib.h>
#include <string.h>

#define ORACLE_WATCH_MAX 256
#define ORACLE_TOUCH_MAX 65536

struct oracle_side {
    struct pl_book_level *level; /* best first */
    uint32_t count, cap;
    int64_t watch[ORACLE_WATCH_MAX];
    uint32_t watch_count;
};

struct book_oracle {
    struct oracle_side side[2];
    int64_t reached[2], horizon[2];
    struct pl_book_touch *touched;
    uint32_t touched_count;
    uint64_t crossed_rows, seq;
    enum pl_book_state state;
    bool watch_all; /* list every change, watched or not */
};

static inline void oracle_reset(struct book_oracle *o)
{
    for (int s = 0; s < 2; s++) {
        o->side[s].count = 0;
    }
    o->reached[PL_BUY] = o->horizon[PL_BUY] = PL_PX_NO_BID;
    o->reached[PL_SELL] = o->horizon[PL_SELL] = PL_PX_NO_ASK;
    o->touched_count = 0;
    o->state = PL_BOOK_EMPTY;
    o->seq = 0;
}

static inline void oracle_init(struct book_oracle *o)
{
    *o = (struct book_oracle){0};
    o->touched = malloc(ORACLE_TOUCH_MAX * sizeof *o->touched);
    PL_ASSERT(o->touched != NULL);
    oracle_reset(o);
}

static inline void oracle_fini(struct book_oracle *o)
{
    free(o->side[0].level);
    free(o->side[1].level);
    free(o->touched);
}

static inline bool oracle_better(enum pl_side s, int64_t a, int64_t b)
{
    return s == PL_BUY ? a > b : a < b;
}

static inline int64_t oracle_best(const struct book_oracle *o, enum pl_side s)
{
    return o->side[s].count > 0 ? o->side[s].level[0].px
                                : (s == PL_BUY ? PL_PX_NO_BID : PL_PX_NO_ASK);
}

/* Place of the first level at px or worse. */
static inline uint32_t oracle_find(const struct book_oracle *o, enum pl_side s, int64_t px)
{
    uint32_t lo = 0, hi = o->side[s].count;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (oracle_better(s, o->side[s].level[mid].px, px)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

static inline int64_t oracle_lots(const struct book_oracle *o, enum pl_side s, int64_t px)
{
    uint32_t i = oracle_find(o, s, px);
    return i < o->side[s].count && o->side[s].level[i].px == px ? o->side[s].level[i].lots : 0;
}

static inline bool oracle_watched(const struct book_oracle *o, enum pl_side s, int64_t px)
{
    for (uint32_t i = 0; i < o->side[s].watch_count; i++) {
        if (o->side[s].watch[i] == px) {
            return true;
        }
    }
    return false;
}

static inline void oracle_set(struct book_oracle *o, enum pl_side s, int64_t px, int64_t lots)
{
    struct oracle_side *side = &o->side[s];
    uint32_t i = oracle_find(o, s, px);
    bool there = i < side->count && side->level[i].px == px;
    if (o->watch_all || oracle_watched(o, s, px)) {
        PL_ASSERT(o->touched_count < ORACLE_TOUCH_MAX);
        o->touched[o->touched_count++] =
            (struct pl_book_touch){px, there ? side->level[i].lots : 0, lots, s};
    }
    if (lots == 0) {
        if (there) {
            memmove(&side->level[i], &side->level[i + 1],
                    (side->count - i - 1) * sizeof(*side->level));
            side->count--;
        }
        return;
    }
    if (!there) {
        if (side->count == side->cap) {
            side->cap = side->cap ? side->cap * 2 : 64;
            side->level = realloc(side->level, side->cap * sizeof *side->level);
            PL_ASSERT(side->level != NULL);
        }
        memmove(&side->level[i + 1], &side->level[i], (side->count - i) * sizeof *side->level);
        side->count++;
    }
    side->level[i] = (struct pl_book_level){px, lots};
}

static inline void oracle_begin(struct book_oracle *o, uint64_t seq)
{
    o->touched_count = 0;
    o->reached[PL_BUY] = oracle_best(o, PL_BUY);
    o->reached[PL_SELL] = oracle_best(o, PL_SELL);
    o->seq = seq;
}

static inline void oracle_rows(struct book_oracle *o, const int64_t *px, const int64_t *lots,
                               uint32_t bid_count, uint32_t row_count)
{
    for (uint32_t i = 0; i < row_count; i++) {
        enum pl_side s = i < bid_count ? PL_BUY : PL_SELL, other = pl_side_other(s);
        oracle_set(o, s, px[i], lots[i]);
        if (lots[i] == 0) {
            continue;
        }
        if (oracle_better(s, px[i], o->reached[s])) {
            o->reached[s] = px[i];
        }
        bool crosses = o->side[other].count > 0 && !oracle_better(s, oracle_best(o, other), px[i]);
        o->crossed_rows += crosses;
        while (o->side[other].count > 0 && !oracle_better(s, oracle_best(o, other), px[i])) {
            oracle_set(o, other, oracle_best(o, other), 0);
        }
    }
}

static inline void oracle_depth(struct book_oracle *o, const int64_t *px, const int64_t *lots,
                                uint32_t bid_count, uint32_t row_count, uint64_t seq)
{
    oracle_begin(o, seq);
    oracle_rows(o, px, lots, bid_count, row_count);
    if (o->state == PL_BOOK_EMPTY && row_count > 0) {
        o->state = PL_BOOK_BUILDING;
    }
}

static inline void oracle_snapshot(struct book_oracle *o, const int64_t *px, const int64_t *lots,
                                   uint32_t bid_count, uint32_t row_count, uint64_t seq)
{
    oracle_begin(o, seq);
    for (int k = 0; k < 2; k++) {
        enum pl_side s = (enum pl_side)k;
        uint32_t from = s == PL_BUY ? 0 : bid_count, to = s == PL_BUY ? bid_count : row_count;
        if (from == to) {
            continue;
        }
        int64_t worst = px[from];
        for (uint32_t i = from; i < to; i++) {
            worst = oracle_better(s, worst, px[i]) ? px[i] : worst;
        }
        o->horizon[s] = worst;
        while (o->side[s].count > 0 && !oracle_better(s, worst, oracle_best(o, s))) {
            oracle_set(o, s, oracle_best(o, s), 0);
        }
    }
    oracle_rows(o, px, lots, bid_count, row_count);
    o->state = PL_BOOK_LIVE;
}

static inline void oracle_watch(struct book_oracle *o, enum pl_side s, int64_t px)
{
    if (!oracle_watched(o, s, px)) {
        PL_ASSERT(o->side[s].watch_count < ORACLE_WATCH_MAX);
        o->side[s].watch[o->side[s].watch_count++] = px;
    }
}

static inline void oracle_unwatch(struct book_oracle *o, enum pl_side s, int64_t px)
{
    struct oracle_side *side = &o->side[s];
    for (uint32_t i = 0; i < side->watch_count; i++) {
        if (side->watch[i] == px) {
            side->watch[i] = side->watch[--side->watch_count];
            return;
        }
    }
}

static inline int64_t oracle_next_watched(const struct book_oracle *o, enum pl_side s, int64_t px)
{
    int64_t found = s == PL_BUY ? PL_PX_NO_BID : PL_PX_NO_ASK;
    for (uint32_t i = 0; i < o->side[s].watch_count; i++) {
        int64_t at = o->side[s].watch[i];
        if (oracle_better(s, px, at) && oracle_better(s, at, found)) {
            found = at;
        }
    }
    return found;
}

static inline const char *oracle_compare_side(const struct book_oracle *o,
                                              const struct pl_book *book, enum pl_side s)
{
    const struct oracle_side *side = &o->side[s];
    int64_t none = s == PL_BUY ? PL_PX_NO_BID : PL_PX_NO_ASK;
    if (book->best[s] != oracle_best(o, s)) {
        return "best";
    }
    if (book->reached[s] != o->reached[s]) {
        return "reached";
    }
    int64_t at = oracle_better(s, 0, none) ? -none : none; /* better than any price */
    struct pl_book_level got;
    for (uint32_t i = 0; i < side->count; i++) {
        struct pl_book_level want = side->level[i];
        if (pl_book_lots(book, s, want.px) != want.lots) {
            return "lots of a level";
        }
        if (!pl_book_next(book, s, at, &got) || got.px != want.px || got.lots != want.lots) {
            return "next level";
        }
        at = want.px;
    }
    if (pl_book_next(book, s, at, &got)) {
        return "a level too many";
    }
    struct pl_book_level top[8];
    uint32_t n = pl_book_top(book, s, 8, top);
    for (uint32_t i = 0; i < n; i++) {
        if (top[i].lots != oracle_lots(o, s, top[i].px) ||
            (i > 0 && !oracle_better(s, top[i - 1].px, top[i].px))) {
            return "top";
        }
    }
    if (n == 0 && side->count > 0) {
        return "top is empty";
    }
    return NULL;
}

/* Forgets what the book has cut, so that the two go on from the same levels. */
static inline void oracle_cut(struct book_oracle *o, const struct pl_book *book)
{
    for (int s = 0; s < 2; s++) {
        struct oracle_side *side = &o->side[s];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < side->count; i++) {
            bool cut = !pl_book_known(book, (enum pl_side)s, side->level[i].px) &&
                       pl_book_lots(book, (enum pl_side)s, side->level[i].px) == 0;
            side->level[kept] = side->level[i];
            kept += !cut;
        }
        side->count = kept;
    }
}

/* NULL, or what differs. */
static inline const char *oracle_compare(struct book_oracle *o, const struct pl_book *book)
{
    if (!pl_book_check(book)) {
        return "pl_book_check";
    }
    if (book->cut_levels > 0) {
        oracle_cut(o, book);
    }
    if (book->state != o->state || book->seq != o->seq ||
        (book->cut_levels == 0 && book->crossed_rows != o->crossed_rows)) {
        return "state, seq or crossed rows";
    }
    for (int s = 0; s < 2; s++) {
        const char *differs = oracle_compare_side(o, book, (enum pl_side)s);
        if (differs != NULL) {
            return differs;
        }
        if (book->cut_levels == 0 && book->horizon[s] != o->horizon[s]) {
            return "horizon";
        }
        if (book->side[s].watch_count != o->side[s].watch_count) {
            return "watch count";
        }
    }
    /* What a cut book no longer holds it cannot list as it was; otherwise the lists are equal. */
    if (book->cut_levels == 0) {
        if (book->touched_count != o->touched_count) {
            return "touched count";
        }
        for (uint32_t i = 0; i < o->touched_count; i++) {
            const struct pl_book_touch *a = &book->touched[i], *b = &o->touched[i];
            if (a->px != b->px || a->prev != b->prev || a->now != b->now || a->side != b->side) {
                return "touched";
            }
        }
    }
    return NULL;
}

#endif
