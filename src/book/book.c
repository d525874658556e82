/* The window is a ring: tick t lives at t & mask, so shifting `base` re-uses the slots of the levels
 * that fall off one end for those that enter at the other. Levels outside live in a hash, because
 * about one row in twenty of a full-depth feed is far away and must cost O(1) too. */
#include "book/book.h"

#include "base/assert.h"
#include "base/hash.h"
#include "book/window.h"

#include <string.h>

#define NO_SLOT   UINT32_MAX
#define WATCH_MAX 16384 /* a side: all of them may come to lie outside the window */

static const int64_t no_best[2] = {PL_PX_NO_BID, PL_PX_NO_ASK};

int pl_book_create(struct pl_arena *arena, const struct pl_book_config *config,
                   struct pl_book **out)
{
    uint32_t window = config->window_ticks ? config->window_ticks : 65536;
    uint32_t far_max = config->far_levels_max ? config->far_levels_max : 16384;
    uint32_t touched_max = config->touched_max ? config->touched_max : 16384;
    if (window < 4096 || (window & (window - 1)) != 0 || far_max > (1u << 24)) {
        return PL_ERR_INVALID;
    }
    struct pl_book *book = pl_arena_take(arena, 1, sizeof *book);
    if (book == NULL) {
        return PL_ERR_NOMEM;
    }
    uint32_t far_size = 2;
    while (far_size < far_max * 2) {
        far_size *= 2;
    }
    for (int s = 0; s < 2; s++) {
        struct pl_book_side *side = &book->side[s];
        side->lots = pl_arena_take(arena, window, sizeof *side->lots);
        side->occupied = pl_arena_take(arena, window, sizeof *side->occupied);
        side->watched = pl_arena_take(arena, window / 64, sizeof *side->watched);
        side->far = pl_arena_take(arena, far_size, sizeof *side->far);
        side->far_watch = pl_arena_take(arena, WATCH_MAX, sizeof *side->far_watch);
        if (!side->lots || !side->occupied || !side->watched || !side->far || !side->far_watch) {
            return PL_ERR_NOMEM;
        }
    }
    book->touched = pl_arena_take(arena, touched_max, sizeof *book->touched);
    if (book->touched == NULL) {
        return PL_ERR_NOMEM;
    }
    book->touched_max = touched_max;
    book->mask = (int64_t)window - 1;
    book->word_mask = (int64_t)(window / 64) - 1;
    book->far_mask = far_size - 1;
    book->far_max = far_max;
    pl_book_reset(book);
    *out = book;
    return 0;
}

void pl_book_reset(struct pl_book *book)
{
    size_t window = (size_t)book->mask + 1;
    for (int s = 0; s < 2; s++) {
        struct pl_book_side *side = &book->side[s];
        memset(side->lots, 0, window * sizeof *side->lots);
        memset(side->occupied, 0, window);
        memset(side->far, 0, ((size_t)book->far_mask + 1) * sizeof *side->far);
        side->far_count = 0;
        book->best[s] = book->reached[s] = no_best[s];
    }
    book->horizon[PL_BUY] = PL_PX_NO_BID;
    book->horizon[PL_SELL] = PL_PX_NO_ASK;
    book->touched_count = 0;
    book->state = PL_BOOK_EMPTY;
    book->seq = 0;
}

void pl_book_mark_stale(struct pl_book *book)
{
    book->state = PL_BOOK_STALE;
}

/* ---- far levels: open addressing, linear probing, backward-shift deletion ------------------- */

static uint32_t far_home(const struct pl_book *book, int64_t px)
{
    return (uint32_t)pl_mix64((uint64_t)px) & book->far_mask;
}

static uint32_t far_find(const struct pl_book *book, const struct pl_book_side *side, int64_t px)
{
    uint32_t i = far_home(book, px);
    while (side->far[i].lots != 0) {
        if (side->far[i].px == px) {
            return i;
        }
        i = (i + 1) & book->far_mask;
    }
    return NO_SLOT;
}

static void far_delete(const struct pl_book *book, struct pl_book_side *side, uint32_t hole)
{
    uint32_t i = hole;
    for (;;) {
        i = (i + 1) & book->far_mask;
        if (side->far[i].lots == 0) {
            break;
        }
        uint32_t home = far_home(book, side->far[i].px);
        if (((i - home) & book->far_mask) >= ((i - hole) & book->far_mask)) {
            side->far[hole] = side->far[i];
            hole = i;
        }
    }
    side->far[hole] = (struct pl_book_level){0, 0};
    side->far_count--;
}

static bool worse(enum pl_side s, int64_t a, int64_t b)
{
    return s == PL_BUY ? a < b : a > b;
}

/* Forgets a level, or never took it in: from there on sizes are unknown. */
static void cut_at(struct pl_book *book, enum pl_side s, int64_t px)
{
    book->cut_levels++;
    if (!worse(s, px, book->horizon[s])) {
        book->horizon[s] = s == PL_BUY ? px + 1 : px - 1;
    }
}

/* No room for a level at px: cuts the farther half, by price, of what lies between the farthest far
 * level and the best of them or px. False when px itself is the farthest. A scan; each one halves
 * the range that is held, so a stream of new levels pays for few of them. */
static __attribute__((noinline)) bool far_make_room(struct pl_book *book, enum pl_side s,
                                                    int64_t px)
{
    struct pl_book_side *side = &book->side[s];
    int64_t nearest = px, farthest = px;
    for (uint32_t i = 0; i <= book->far_mask; i++) {
        if (side->far[i].lots != 0) {
            nearest = worse(s, nearest, side->far[i].px) ? side->far[i].px : nearest;
            farthest = worse(s, side->far[i].px, farthest) ? side->far[i].px : farthest;
        }
    }
    if (farthest == px) {
        return false;
    }
    int64_t keep = farthest + (nearest - farthest) / 2; /* what is worse goes, and the farthest */
    for (uint32_t i = 0; i <= book->far_mask; i++) {
        while (side->far[i].lots != 0 &&
               (worse(s, side->far[i].px, keep) || side->far[i].px == farthest)) {
            cut_at(book, s, side->far[i].px);
            far_delete(book, side, i); /* may pull another level into slot i: look again */
        }
    }
    return true;
}

/* Returns the size before. A level that finds no room is cut, or the farthest levels for it. */
static int64_t far_set(struct pl_book *book, enum pl_side s, int64_t px, int64_t lots)
{
    struct pl_book_side *side = &book->side[s];
    uint32_t at = far_find(book, side, px);
    if (at != NO_SLOT) {
        int64_t prev = side->far[at].lots;
        if (lots == 0) {
            far_delete(book, side, at);
        } else {
            side->far[at].lots = lots;
        }
        return prev;
    }
    if (lots == 0) {
        return 0;
    }
    if (side->far_count >= book->far_max && !far_make_room(book, s, px)) {
        cut_at(book, s, px);
        return 0;
    }
    uint32_t i = far_home(book, px);
    while (side->far[i].lots != 0) {
        i = (i + 1) & book->far_mask;
    }
    side->far[i] = (struct pl_book_level){px, lots};
    side->far_count++;
    return 0;
}

/* Best far level strictly worse than `limit`. A full scan: only an empty window asks. */
static int64_t far_best(const struct pl_book *book, enum pl_side s, int64_t limit)
{
    const struct pl_book_side *side = &book->side[s];
    int64_t best = no_best[s];
    for (uint32_t i = 0; side->far_count > 0 && i <= book->far_mask; i++) {
        int64_t px = side->far[i].px;
        if (side->far[i].lots != 0 &&
            (s == PL_BUY ? px < limit && px > best : px > limit && px < best)) {
            best = px;
        }
    }
    return best;
}

/* ---- the window ----------------------------------------------------------------------------- */

static inline bool inside(const struct pl_book *book, int64_t px)
{
    return (uint64_t)(px - book->base) <= (uint64_t)book->mask;
}

static inline uint64_t *word_of(const struct pl_book *book, uint64_t *bits, int64_t px)
{
    return &bits[(px >> 6) & book->word_mask];
}

static inline uint64_t bit_of(int64_t px)
{
    return UINT64_C(1) << (px & 63);
}

/* Highest set bit in [floor, px], going down; PL_PX_NO_BID when none. */
static int64_t scan_down(const struct pl_book *book, const uint64_t *bits, int64_t px,
                         int64_t floor)
{
    if (px < floor) {
        return PL_PX_NO_BID;
    }
    int64_t word = px >> 6, last = floor >> 6;
    uint64_t w = bits[word & book->word_mask] & (~UINT64_C(0) >> (63 - (px & 63)));
    while (w == 0) {
        if (word == last) {
            return PL_PX_NO_BID;
        }
        w = bits[--word & book->word_mask];
    }
    return word * 64 + 63 - __builtin_clzll(w);
}

/* Lowest set bit in [px, ceiling], going up; PL_PX_NO_ASK when none. */
static int64_t scan_up(const struct pl_book *book, const uint64_t *bits, int64_t px,
                       int64_t ceiling)
{
    if (px > ceiling) {
        return PL_PX_NO_ASK;
    }
    int64_t word = px >> 6, last = ceiling >> 6;
    uint64_t w = bits[word & book->word_mask] & (~UINT64_C(0) << (px & 63));
    while (w == 0) {
        if (word == last) {
            return PL_PX_NO_ASK;
        }
        w = bits[++word & book->word_mask];
    }
    return word * 64 + __builtin_ctzll(w);
}

/* Highest occupied price in [base, px], going down; PL_PX_NO_BID when none. */
static int64_t occupied_down(const struct pl_book *book, enum pl_side s, int64_t px)
{
    if (px < book->base) {
        return PL_PX_NO_BID;
    }
    int64_t first = px & ~INT64_C(7);
    uint64_t w = pl_book_eight(book, s, first) & pl_book_eight_to(px);
    while (w == 0) {
        first -= 8;
        if (first < book->base) {
            return PL_PX_NO_BID;
        }
        w = pl_book_eight(book, s, first);
    }
    return first + 7 - __builtin_clzll(w) / 8;
}

/* Lowest occupied price in [px, base + mask], going up; PL_PX_NO_ASK when none. */
static int64_t occupied_up(const struct pl_book *book, enum pl_side s, int64_t px)
{
    int64_t high = book->base + book->mask;
    if (px > high) {
        return PL_PX_NO_ASK;
    }
    int64_t first = px & ~INT64_C(7);
    uint64_t w = pl_book_eight(book, s, first) & pl_book_eight_from(px);
    while (w == 0) {
        first += 8;
        if (first > high) {
            return PL_PX_NO_ASK;
        }
        w = pl_book_eight(book, s, first);
    }
    return first + __builtin_ctzll(w) / 8;
}

/* Best occupied price strictly worse than px. Bids fall through far-above, window, far-below; asks
 * the other way. Callers in the hot path start inside the window, where one scan answers. */
static int64_t next_occupied(const struct pl_book *book, enum pl_side s, int64_t px)
{
    int64_t low = book->base, high = book->base + book->mask;
    if (s == PL_BUY) {
        if (px > high + 1) {
            int64_t far = far_best(book, s, px);
            if (far > high) {
                return far;
            }
        }
        int64_t found = occupied_down(book, s, px - 1 < high ? px - 1 : high);
        return found != PL_PX_NO_BID ? found : far_best(book, s, px < low ? px : low);
    }
    if (px < low - 1) {
        int64_t far = far_best(book, s, px);
        if (far < low) {
            return far;
        }
    }
    int64_t found = occupied_up(book, s, px + 1 > low ? px + 1 : low);
    return found != PL_PX_NO_ASK ? found : far_best(book, s, px > high ? px : high);
}

static void window_leave(struct pl_book *book, enum pl_side s, int64_t first)
{
    struct pl_book_side *side = &book->side[s];
    for (int64_t px = first; px < first + 64; px++) {
        int64_t at = px & book->mask;
        if (side->occupied[at] != 0) {
            (void)far_set(book, s, px, side->lots[at]);
            side->lots[at] = 0;
            side->occupied[at] = 0;
        }
    }
    uint64_t *bits = word_of(book, side->watched, first);
    while (*bits != 0) {
        PL_ASSERT(side->far_watch_count < WATCH_MAX);
        side->far_watch[side->far_watch_count++] = first + __builtin_ctzll(*bits);
        *bits &= *bits - 1;
    }
}

static void window_enter(struct pl_book *book, enum pl_side s)
{
    struct pl_book_side *side = &book->side[s];
    for (uint32_t i = 0; side->far_count > 0 && i <= book->far_mask; i++) {
        while (side->far[i].lots != 0 && inside(book, side->far[i].px)) {
            struct pl_book_level level = side->far[i];
            far_delete(book, side, i); /* may pull another level into slot i: look again */
            side->lots[level.px & book->mask] = level.lots;
            side->occupied[level.px & book->mask] = 1;
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < side->far_watch_count; i++) {
        int64_t px = side->far_watch[i];
        if (inside(book, px)) {
            *word_of(book, side->watched, px) |= bit_of(px);
        } else {
            side->far_watch[kept++] = px;
        }
    }
    side->far_watch_count = kept;
}

/* Moves the window so that `centre` lies in its middle; levels cross the edges both ways. */
static void recentre(struct pl_book *book, int64_t centre)
{
    int64_t old = book->base, base = (centre - (book->mask + 1) / 2) & ~INT64_C(63);
    for (int s = 0; s < 2; s++) {
        for (int64_t first = old; first <= old + book->mask; first += 64) {
            if (first < base || first > base + book->mask) {
                window_leave(book, (enum pl_side)s, first);
            }
        }
    }
    book->base = base;
    window_enter(book, PL_BUY);
    window_enter(book, PL_SELL);
}

/* The touch has come near an edge (or the book has just begun): place the window around it. */
static void follow_touch(struct pl_book *book)
{
    int64_t bid = book->best[PL_BUY], ask = book->best[PL_SELL];
    if (bid == PL_PX_NO_BID && ask == PL_PX_NO_ASK) {
        return;
    }
    int64_t centre = bid == PL_PX_NO_BID ? ask : ask == PL_PX_NO_ASK ? bid : bid + (ask - bid) / 2;
    int64_t margin = (book->mask + 1) / 8;
    if (!book->anchored || centre < book->base + margin ||
        centre > book->base + book->mask - margin) {
        book->anchored = true;
        recentre(book, centre);
    }
}

/* Before anything is known any price of the first message is a better centre than 0. */
static void first_anchor(struct pl_book *book, const int64_t *px, uint32_t row_count)
{
    if (!book->anchored && row_count > 0) {
        recentre(book, px[0]);
    }
}

/* ---- rows ----------------------------------------------------------------------------------- */

static inline void note_touch(struct pl_book *book, enum pl_side s, int64_t px, int64_t prev,
                              int64_t now)
{
    if (book->touched_count < book->touched_max) {
        book->touched[book->touched_count++] = (struct pl_book_touch){px, prev, now, s};
    }
}

static bool far_watched(const struct pl_book_side *side, int64_t px)
{
    for (uint32_t i = 0; i < side->far_watch_count; i++) {
        if (side->far_watch[i] == px) {
            return true;
        }
    }
    return false;
}

/* A level outside the window. Kept out of line: one row in twenty. */
static __attribute__((noinline)) void set_far_level(struct pl_book *book, enum pl_side s,
                                                    int64_t px, int64_t lots)
{
    struct pl_book_side *side = &book->side[s];
    int64_t prev = far_set(book, s, px, lots);
    if (side->far_watch_count > 0 && far_watched(side, px)) {
        note_touch(book, s, px, prev, lots);
    }
}

static void set_level(struct pl_book *book, enum pl_side s, int64_t px, int64_t lots)
{
    struct pl_book_side *side = &book->side[s];
    if (!inside(book, px)) {
        set_far_level(book, s, px, lots);
        return;
    }
    int64_t *cell = &side->lots[px & book->mask];
    int64_t prev = *cell;
    *cell = lots;
    side->occupied[px & book->mask] = lots != 0;
    if ((*word_of(book, side->watched, px) & bit_of(px)) != 0) {
        note_touch(book, s, px, prev, lots);
    }
}

/* Erases the levels of side s at `limit` and better: the newer other side has taken their place. */
static __attribute__((noinline)) void erase_crossed(struct pl_book *book, enum pl_side s,
                                                    int64_t limit)
{
    book->crossed_rows++;
    while (s == PL_BUY ? book->best[s] >= limit : book->best[s] <= limit) {
        int64_t px = book->best[s];
        set_level(book, s, px, 0);
        book->best[s] = next_occupied(book, s, px);
    }
}

/* The rows of one side. The window does not move inside a message, so its geometry stays in
 * registers; `best` is written back only where something else reads it. */
static inline __attribute__((always_inline)) void apply_side(struct pl_book *book, enum pl_side s,
                                                             const int64_t *px, const int64_t *lots,
                                                             uint32_t count)
{
    int64_t *const cells = book->side[s].lots;
    uint8_t *const occupied = book->side[s].occupied;
    const uint64_t *const watched = book->side[s].watched;
    const int64_t base = book->base, mask = book->mask, word_mask = book->word_mask;
    int64_t best = book->best[s], reached = book->reached[s];
    int64_t other = book->best[s == PL_BUY ? PL_SELL : PL_BUY];
    for (uint32_t i = 0; i < count; i++) {
        const int64_t at = px[i], size = lots[i];
        if (PL_UNLIKELY((uint64_t)(at - base) > (uint64_t)mask)) {
            set_far_level(book, s, at, size);
        } else {
            const int64_t cell = at & mask;
            if (PL_UNLIKELY((watched[(at >> 6) & word_mask] & bit_of(at)) != 0)) {
                note_touch(book, s, at, cells[cell], size);
            }
            cells[cell] = size;
            occupied[cell] = size != 0;
        }
        if (s == PL_BUY ? at < best : at > best) {
            continue;
        }
        if (size == 0) {
            if (at == best) {
                best = next_occupied(book, s, at);
            }
            continue;
        }
        best = at;
        reached = (s == PL_BUY ? at > reached : at < reached) ? at : reached;
        if (PL_UNLIKELY(s == PL_BUY ? at >= other : at <= other)) {
            book->best[s] = best;
            erase_crossed(book, s == PL_BUY ? PL_SELL : PL_BUY, at);
            other = book->best[s == PL_BUY ? PL_SELL : PL_BUY];
        }
    }
    book->best[s] = best;
    book->reached[s] = reached;
}

static void begin_message(struct pl_book *book, uint64_t seq)
{
    book->touched_count = 0;
    book->reached[PL_BUY] = book->best[PL_BUY];
    book->reached[PL_SELL] = book->best[PL_SELL];
    book->seq = seq;
}

static void apply_rows(struct pl_book *book, const int64_t *px, const int64_t *lots,
                       uint32_t bid_count, uint32_t row_count)
{
    apply_side(book, PL_BUY, px, lots, bid_count);
    apply_side(book, PL_SELL, px + bid_count, lots + bid_count, row_count - bid_count);
    follow_touch(book);
}

void pl_book_apply_depth(struct pl_book *book, const int64_t *px, const int64_t *lots,
                         uint32_t bid_count, uint32_t row_count, uint64_t seq)
{
    PL_ASSERT(bid_count <= row_count);
    begin_message(book, seq);
    first_anchor(book, px, row_count);
    apply_rows(book, px, lots, bid_count, row_count);
    if (book->state == PL_BOOK_EMPTY && row_count > 0) {
        book->state = PL_BOOK_BUILDING;
    }
}

/* Removes the levels of side s from the best down to `worst` included. */
static void clear_down_to(struct pl_book *book, enum pl_side s, int64_t worst)
{
    int64_t px = book->best[s];
    while (s == PL_BUY ? px >= worst && px != PL_PX_NO_BID : px <= worst && px != PL_PX_NO_ASK) {
        set_level(book, s, px, 0);
        px = next_occupied(book, s, px);
    }
    book->best[s] = px;
}

void pl_book_apply_snapshot(struct pl_book *book, const int64_t *px, const int64_t *lots,
                            uint32_t bid_count, uint32_t row_count, uint64_t seq)
{
    PL_ASSERT(bid_count <= row_count);
    begin_message(book, seq);
    first_anchor(book, px, row_count);
    int64_t worst_bid = PL_PX_NO_ASK, worst_ask = PL_PX_NO_BID;
    for (uint32_t i = 0; i < bid_count; i++) {
        worst_bid = px[i] < worst_bid ? px[i] : worst_bid;
    }
    for (uint32_t i = bid_count; i < row_count; i++) {
        worst_ask = px[i] > worst_ask ? px[i] : worst_ask;
    }
    if (bid_count > 0) {
        clear_down_to(book, PL_BUY, worst_bid);
        book->horizon[PL_BUY] = worst_bid;
    }
    if (row_count > bid_count) {
        clear_down_to(book, PL_SELL, worst_ask);
        book->horizon[PL_SELL] = worst_ask;
    }
    apply_rows(book, px, lots, bid_count, row_count);
    book->state = PL_BOOK_LIVE;
}

/* ---- watching and reading ------------------------------------------------------------------- */

int pl_book_watch(struct pl_book *book, enum pl_side s, int64_t px)
{
    struct pl_book_side *side = &book->side[s];
    bool near = inside(book, px);
    uint64_t *word = word_of(book, side->watched, px);
    if (near ? (*word & bit_of(px)) != 0 : far_watched(side, px)) {
        return 0;
    }
    if (side->watch_count >= WATCH_MAX) {
        return PL_ERR_LIMIT;
    }
    side->watch_count++;
    if (near) {
        *word |= bit_of(px);
    } else {
        side->far_watch[side->far_watch_count++] = px;
    }
    return 0;
}

void pl_book_unwatch(struct pl_book *book, enum pl_side s, int64_t px)
{
    struct pl_book_side *side = &book->side[s];
    if (inside(book, px)) {
        uint64_t *word = word_of(book, side->watched, px);
        side->watch_count -= (*word & bit_of(px)) != 0;
        *word &= ~bit_of(px);
        return;
    }
    for (uint32_t i = 0; i < side->far_watch_count; i++) {
        if (side->far_watch[i] == px) {
            side->far_watch[i] = side->far_watch[--side->far_watch_count];
            side->watch_count--;
            return;
        }
    }
}

int64_t pl_book_lots(const struct pl_book *book, enum pl_side s, int64_t px)
{
    const struct pl_book_side *side = &book->side[s];
    if (inside(book, px)) {
        return side->lots[px & book->mask];
    }
    uint32_t at = far_find(book, side, px);
    return at != NO_SLOT ? side->far[at].lots : 0;
}

bool pl_book_known(const struct pl_book *book, enum pl_side s, int64_t px)
{
    return s == PL_BUY ? px >= book->horizon[s] : px <= book->horizon[s];
}

bool pl_book_next(const struct pl_book *book, enum pl_side s, int64_t px, struct pl_book_level *out)
{
    int64_t found = next_occupied(book, s, px);
    if (found == no_best[s]) {
        return false;
    }
    *out = (struct pl_book_level){found, pl_book_lots(book, s, found)};
    return true;
}

int64_t pl_book_next_watched(const struct pl_book *book, enum pl_side s, int64_t px)
{
    return pl_book_next_watched_to(book, s, px, no_best[s]);
}

int64_t pl_book_next_watched_to(const struct pl_book *book, enum pl_side s, int64_t px,
                                int64_t limit)
{
    const struct pl_book_side *side = &book->side[s];
    if (side->watch_count == 0) {
        return no_best[s];
    }
    int64_t low = book->base, high = book->base + book->mask, found;
    if (s == PL_BUY) {
        found = scan_down(book, side->watched, px - 1 < high ? px - 1 : high,
                          limit > low ? limit : low);
    } else {
        found =
            scan_up(book, side->watched, px + 1 > low ? px + 1 : low, limit < high ? limit : high);
    }
    if (found != no_best[s] && worse(s, found, limit)) {
        found = no_best[s]; /* the last word of bits holds prices on both sides of the limit */
    }
    for (uint32_t i = 0; i < side->far_watch_count; i++) {
        int64_t far = side->far_watch[i];
        if (worse(s, far, px) && !worse(s, far, limit) &&
            (found == no_best[s] || worse(s, found, far))) {
            found = far;
        }
    }
    return found;
}

uint32_t pl_book_top(const struct pl_book *book, enum pl_side s, uint32_t count,
                     struct pl_book_level *out)
{
    uint32_t n = 0;
    for (int64_t px = book->best[s]; n < count && px != no_best[s];
         px = next_occupied(book, s, px)) {
        out[n++] = (struct pl_book_level){px, pl_book_lots(book, s, px)};
    }
    return n;
}

bool pl_book_check(const struct pl_book *book)
{
    for (int s = 0; s < 2; s++) {
        const struct pl_book_side *side = &book->side[s];
        int64_t best = no_best[s];
        for (int64_t px = book->base; px <= book->base + book->mask; px++) {
            int64_t lots = side->lots[px & book->mask];
            bool bit = side->occupied[px & book->mask] == 1;
            if (bit != (lots != 0) || lots < 0) {
                return false;
            }
            if (bit && (s == PL_BUY ? px > best : px < best)) {
                best = px;
            }
        }
        uint32_t far = 0;
        for (uint32_t i = 0; i <= book->far_mask; i++) {
            if (side->far[i].lots == 0) {
                continue;
            }
            int64_t px = side->far[i].px;
            far++;
            if (inside(book, px) || side->far[i].lots < 0 || far_find(book, side, px) != i) {
                return false;
            }
            if (s == PL_BUY ? px > best : px < best) {
                best = px;
            }
        }
        if (far != side->far_count || best != book->best[s]) {
            return false;
        }
    }
    return book->best[PL_BUY] < book->best[PL_SELL];
}
