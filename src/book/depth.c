/* Levels are sorted into the bands between limits, then summed outward. Sums of whole lots: the order
 * in which far levels lie in their hash does not show. */
#include "book/depth.h"

#include "book/window.h"

static inline bool worse(enum pl_side s, int64_t a, int64_t b)
{
    return s == PL_BUY ? a < b : a > b;
}

/* A sum no market has stays at the largest number instead of wrapping. */
static inline void add_lots(int64_t *sum, int64_t lots)
{
    if (__builtin_add_overflow(*sum, lots, sum)) {
        *sum = INT64_MAX;
    }
}

static void bids_in_window(const struct pl_book *book, const int64_t *limit, uint32_t count,
                           int64_t *lots)
{
    const struct pl_book_side *side = &book->side[PL_BUY];
    int64_t high = book->base + book->mask, low = limit[count - 1];
    high = book->best[PL_BUY] < high ? book->best[PL_BUY] : high;
    low = low > book->base ? low : book->base;
    uint32_t band = 0;
    for (int64_t first = high & ~INT64_C(7); high >= low && first > low - 8; first -= 8) {
        uint64_t levels = pl_book_eight(book, PL_BUY, first);
        levels &= first + 7 > high ? pl_book_eight_to(high) : UINT64_MAX;
        levels &= first < low ? pl_book_eight_from(low) : UINT64_MAX;
        while (levels != 0) {
            int64_t px = first + 7 - __builtin_clzll(levels) / 8;
            levels &= ~(UINT64_C(0xff) << (8 * (px & 7)));
            while (px < limit[band]) {
                band++;
            }
            add_lots(&lots[band], side->lots[px & book->mask]);
        }
    }
}

static void asks_in_window(const struct pl_book *book, const int64_t *limit, uint32_t count,
                           int64_t *lots)
{
    const struct pl_book_side *side = &book->side[PL_SELL];
    int64_t low = book->base, high = limit[count - 1];
    low = book->best[PL_SELL] > low ? book->best[PL_SELL] : low;
    high = high < book->base + book->mask ? high : book->base + book->mask;
    uint32_t band = 0;
    for (int64_t first = low & ~INT64_C(7); first <= high; first += 8) {
        uint64_t levels = pl_book_eight(book, PL_SELL, first);
        levels &= first < low ? pl_book_eight_from(low) : UINT64_MAX;
        levels &= first + 7 > high ? pl_book_eight_to(high) : UINT64_MAX;
        while (levels != 0) {
            int64_t px = first + __builtin_ctzll(levels) / 8;
            levels &= levels - 1; /* a level's byte is 1: one bit */
            while (px > limit[band]) {
                band++;
            }
            add_lots(&lots[band], side->lots[px & book->mask]);
        }
    }
}

static bool outside(const struct pl_book *book, int64_t px)
{
    return px < book->base || px > book->base + book->mask;
}

static void add_far(const struct pl_book *book, enum pl_side s, const int64_t *limit,
                    uint32_t count, int64_t *lots)
{
    const struct pl_book_side *side = &book->side[s];
    for (uint32_t i = 0; i <= book->far_mask; i++) {
        const struct pl_book_level *far = &side->far[i];
        if (far->lots == 0 || worse(s, far->px, limit[count - 1])) {
            continue;
        }
        uint32_t band = 0;
        while (worse(s, far->px, limit[band])) {
            band++;
        }
        add_lots(&lots[band], far->lots);
    }
}

void pl_book_depth(const struct pl_book *book, enum pl_side side, const int64_t *limit,
                   uint32_t count, int64_t *lots)
{
    for (uint32_t k = 0; k < count; k++) {
        lots[k] = 0;
    }
    if (book->best[side] == (side == PL_BUY ? PL_PX_NO_BID : PL_PX_NO_ASK)) {
        return;
    }
    if (side == PL_BUY) {
        bids_in_window(book, limit, count, lots);
    } else {
        asks_in_window(book, limit, count, lots);
    }
    bool past = outside(book, limit[count - 1]) || outside(book, book->best[side]);
    if (past && book->side[side].far_count > 0) {
        add_far(book, side, limit, count, lots);
    }
    for (uint32_t k = 1; k < count; k++) {
        add_lots(&lots[k], lots[k - 1]);
    }
}
