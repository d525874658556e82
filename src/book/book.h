/* book/book.h - one instrument's L2 book, rebuilt from snapshots and changes, one message at a time.
 *
 * Units   prices in ticks, sizes in lots.
 * Shape   a power-of-two window of levels around the touch as flat arrays, addressed by
 *         tick & mask; levels outside it in an exact hash. Moving the window moves no data but the
 *         levels that cross its edge.
 * Crossed the newest row wins: a bid at or above the best ask erases the asks it crosses (and the
 *         other way round), so a book is never crossed and every run resolves a cross alike.
 * Watch   a level can be watched: a message that changes it lists it in `touched` with the size
 *         before and after, so that resting simulated orders are advanced once per message.
 * Memory  all of it in pl_book_create. When far levels outgrow it, the farthest part of the book is
 *         cut: `horizon` says where, and beyond it quantity is unknown, never 0.
 * Cost    best O(1); a row O(1); a deleted best: a scan of occupancy, 8 levels at a time.
 * Owner   one thread. The fields are for book.c and the readers; nobody else writes them. */
#ifndef PL_BOOK_BOOK_H
#define PL_BOOK_BOOK_H

#include "base/arena.h"
#include "base/err.h"
#include "core/units.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_book_config {
    uint32_t window_ticks;   /* levels a side near the touch, a power of two >= 4096; 0 = 65536 */
    uint32_t far_levels_max; /* levels a side outside the window; 0 = 16384 */
    uint32_t touched_max;    /* most watched levels one message can change; 0 = 16384 */
};

enum pl_book_state {
    PL_BOOK_EMPTY,    /* nothing seen yet */
    PL_BOOK_BUILDING, /* changes without a snapshot: usable near the touch, depth incomplete */
    PL_BOOK_LIVE,     /* snapshot and an unbroken chain since */
    PL_BOOK_STALE,    /* the feed broke; levels are the last known */
};

struct pl_book_level {
    int64_t px, lots;
};

/* A watched level that a message changed. `now` may equal `prev`. */
struct pl_book_touch {
    int64_t px, prev, now;
    enum pl_side side;
};

struct pl_book_side {
    int64_t *lots;             /* window, by tick & mask */
    uint8_t *occupied;         /* 1 where a level has a size, by tick & mask */
    uint64_t *watched;         /* one bit a level, by (tick >> 6) & word_mask */
    struct pl_book_level *far; /* open addressing by tick; lots 0 = free */
    int64_t *far_watch;        /* watched prices outside the window, no order */
    uint32_t far_count, far_watch_count;
    uint32_t watch_count; /* watched prices, inside and outside */
};

struct pl_book {
    int64_t base; /* window covers [base, base + mask]; a multiple of 64 */
    int64_t mask, word_mask;
    int64_t best[2];    /* PL_PX_NO_BID / PL_PX_NO_ASK when empty */
    int64_t reached[2]; /* highest bid and lowest ask seen inside the last message */
    struct pl_book_side side[2];
    int64_t horizon[2]; /* beyond it (bids below, asks above) sizes are unknown */
    uint32_t far_mask, far_max;
    uint32_t touched_count, touched_max;
    struct pl_book_touch *touched;
    enum pl_book_state state;
    bool anchored;         /* the window has been placed */
    uint64_t seq;          /* of the last DEPTH or SNAPSHOT message */
    uint64_t crossed_rows; /* rows that erased the other side: a feed-quality figure */
    uint64_t cut_levels;   /* far levels dropped for want of room */
};

PL_MUST_USE int pl_book_create(struct pl_arena *arena, const struct pl_book_config *config,
                               struct pl_book **out);
/* Empty, same memory; watches stay. */
void pl_book_reset(struct pl_book *book);

/* Applies the rows of a DEPTH (bids first) or SNAPSHOT message whole. Fills touched and reached. */
void pl_book_apply_depth(struct pl_book *book, const int64_t *px, const int64_t *lots,
                         uint32_t bid_count, uint32_t row_count, uint64_t seq);
void pl_book_apply_snapshot(struct pl_book *book, const int64_t *px, const int64_t *lots,
                            uint32_t bid_count, uint32_t row_count, uint64_t seq);
void pl_book_mark_stale(struct pl_book *book);

/* Marks a level so that changes to it are listed. PL_ERR_LIMIT: 16384 a side are. */
PL_MUST_USE int pl_book_watch(struct pl_book *book, enum pl_side side, int64_t px);
void pl_book_unwatch(struct pl_book *book, enum pl_side side, int64_t px);
/* Displayed size; 0 when the level is empty. */
int64_t pl_book_lots(const struct pl_book *book, enum pl_side side, int64_t px);
/* False beyond the horizon, where an empty level means "not known". */
bool pl_book_known(const struct pl_book *book, enum pl_side side, int64_t px);
/* The next occupied level strictly worse than `px` (lower bid, higher ask); false at the end. */
bool pl_book_next(const struct pl_book *book, enum pl_side side, int64_t px,
                  struct pl_book_level *out);
/* The best watched price strictly worse than `px`; PL_PX_NO_BID / PL_PX_NO_ASK when none. */
int64_t pl_book_next_watched(const struct pl_book *book, enum pl_side side, int64_t px);
/* The same, none beyond `limit`: a walk that ends at a price need not look over the whole book. */
int64_t pl_book_next_watched_to(const struct pl_book *book, enum pl_side side, int64_t px,
                                int64_t limit);
/* Up to `count` best levels into out; returns how many. */
uint32_t pl_book_top(const struct pl_book *book, enum pl_side side, uint32_t count,
                     struct pl_book_level *out);
/* Whole-state check (tests, fuzzing, PL_DASSERT): bits match sizes, best is best, not crossed. */
bool pl_book_check(const struct pl_book *book);

static inline bool pl_book_two_sided(const struct pl_book *book)
{
    return book->best[PL_BUY] != PL_PX_NO_BID && book->best[PL_SELL] != PL_PX_NO_ASK;
}

#endif
