/* The book fed by hostile rows. Oracle: a sorted list per side (support/book_oracle.h), compared
 * after every message, and pl_book_check. Prices stay within +-2^50, sizes are never negative: that
 * much the codecs promise. */
#include "../support/book_oracle.h"

#include <stdint.h>

#define MESSAGES_MAX 50
#define ROWS_MAX     64

struct input {
    const uint8_t *at;
    size_t left;
};

static uint64_t take(struct input *in, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes && in->left > 0; i++) {
        value |= (uint64_t)*in->at++ << (8 * i);
        in->left--;
    }
    return value;
}

/* Near the centre mostly; with two bits set anywhere in the legal range. */
static int64_t take_px(struct input *in, int64_t centre)
{
    uint64_t how = take(in, 1);
    if ((how & 0xc0) == 0xc0) {
        return (int64_t)(take(in, 7) & ((UINT64_C(1) << 51) - 1)) - (INT64_C(1) << 50);
    }
    if ((how & 0xc0) == 0x80) {
        return centre + (int64_t)take(in, 2) - 32768;
    }
    return centre + (int64_t)(how & 63) - 32;
}

static int64_t take_lots(struct input *in)
{
    uint64_t size = take(in, 1);
    return size == 255 ? INT64_MAX / 2 : size < 64 ? 0 : (int64_t)size;
}

static void step(struct input *in, struct pl_book *book, struct book_oracle *o, int64_t *centre)
{
    int64_t px[ROWS_MAX], lots[ROWS_MAX];
    uint64_t kind = take(in, 1);
    uint32_t rows = (uint32_t)(take(in, 1) % ROWS_MAX);
    uint32_t bids = rows > 0 ? (uint32_t)(take(in, 1) % (rows + 1)) : 0;
    if ((kind & 7) == 7) {
        *centre = take_px(in, *centre);
    }
    for (uint32_t i = 0; i < rows; i++) {
        px[i] = take_px(in, *centre);
        lots[i] = take_lots(in);
    }
    switch (kind >> 4) {
    case 15:
        pl_book_mark_stale(book);
        o->state = PL_BOOK_STALE;
        break;
    case 14:
        pl_book_reset(book);
        oracle_reset(o);
        break;
    case 13:
    case 12: {
        enum pl_side s = (enum pl_side)(kind >> 4 & 1);
        int64_t at = take_px(in, *centre);
        if (o->side[s].watch_count < ORACLE_WATCH_MAX && pl_book_watch(book, s, at) == 0) {
            oracle_watch(o, s, at);
        }
        break;
    }
    case 11: {
        int64_t at = take_px(in, *centre);
        pl_book_unwatch(book, PL_BUY, at);
        oracle_unwatch(o, PL_BUY, at);
        break;
    }
    case 10:
    case 9:
        pl_book_apply_snapshot(book, px, lots, bids, rows, kind);
        oracle_snapshot(o, px, lots, bids, rows, kind);
        break;
    default:
        pl_book_apply_depth(book, px, lots, bids, rows, kind);
        oracle_depth(o, px, lots, bids, rows, kind);
        break;
    }
}

/* The same memory for every input: books with room for few, some and many far levels. */
static struct pl_book *book_of(unsigned which)
{
    static const uint32_t far_levels[4] = {1, 6, 30, 200};
    static struct pl_book *books[4];
    static struct pl_arena *arena;
    if (arena == NULL && pl_arena_create(&arena) < 0) {
        abort();
    }
    if (books[which] == NULL) {
        struct pl_book_config config = {4096, far_levels[which], 16384};
        int rc = pl_book_create(arena, &config, &books[which]);
        PL_ASSERT(rc == 0);
    }
    struct pl_book *book = books[which];
    pl_book_reset(book);
    book->anchored = false;
    book->crossed_rows = book->cut_levels = 0;
    return book;
}

static void forget_watches(struct pl_book *book, struct book_oracle *o)
{
    for (int s = 0; s < 2; s++) {
        while (o->side[s].watch_count > 0) {
            int64_t px = o->side[s].watch[0];
            pl_book_unwatch(book, (enum pl_side)s, px);
            oracle_unwatch(o, (enum pl_side)s, px);
        }
        PL_ASSERT(book->side[s].watch_count == 0 && book->side[s].far_watch_count == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct book_oracle o;
    struct input in = {data, size};
    struct pl_book *book = book_of((unsigned)take(&in, 1) % 4);
    if (o.touched == NULL) {
        oracle_init(&o);
    }
    oracle_reset(&o);
    o.crossed_rows = 0;
    int64_t centre = 100000;
    for (int i = 0; i < MESSAGES_MAX && in.left > 0; i++) {
        step(&in, book, &o, &centre);
        PL_ASSERT(oracle_compare(&o, book) == NULL);
        for (int s = 0; s < 2; s++) {
            PL_ASSERT(pl_book_next_watched(book, (enum pl_side)s, centre) ==
                      oracle_next_watched(&o, (enum pl_side)s, centre));
        }
    }
    forget_watches(book, &o);
    return 0;
}
