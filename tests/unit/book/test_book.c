/* The book against a sorted list: random streams, far levels, window moves, crosses, watches. */
#include "base/arena.h"
#include "base/rand.h"
#include "book/depth.h"
#include "support/book_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define ROWS_MAX 400

struct world {
    struct pl_arena *arena;
    struct pl_book *book;
    struct book_oracle oracle;
    uint64_t seed, counter;
    int64_t centre;
    int64_t px[ROWS_MAX], lots[ROWS_MAX];
};

static uint64_t below(struct world *w, uint64_t n)
{
    return pl_rand_u64(w->seed, 1, 0, w->counter++) % n;
}

static void world_open(struct world *w, uint64_t seed, const struct pl_book_config *config)
{
    *w = (struct world){.seed = seed};
    assert_int_equal(pl_arena_create(&w->arena), 0);
    assert_int_equal(pl_book_create(w->arena, config, &w->book), 0);
    oracle_init(&w->oracle);
}

static void world_close(struct world *w)
{
    oracle_fini(&w->oracle);
    pl_arena_destroy(&w->arena);
}

static void check(struct world *w, uint32_t step)
{
    const char *differs = oracle_compare(&w->oracle, w->book);
    if (differs != NULL) {
        fail_msg("seed %llu, message %u: %s", (unsigned long long)w->seed, step, differs);
    }
}

static void apply(struct world *w, bool snapshot, uint32_t bids, uint32_t rows, uint64_t seq)
{
    if (snapshot) {
        pl_book_apply_snapshot(w->book, w->px, w->lots, bids, rows, seq);
        oracle_snapshot(&w->oracle, w->px, w->lots, bids, rows, seq);
    } else {
        pl_book_apply_depth(w->book, w->px, w->lots, bids, rows, seq);
        oracle_depth(&w->oracle, w->px, w->lots, bids, rows, seq);
    }
}

struct stream { /* how wild the prices are */
    const char *what;
    int64_t start, near, step; /* rows within +-near of a centre that walks by +-step a message */
    int64_t far;               /* one row in ten within +-far */
    uint32_t jump;             /* one message in `jump` moves the centre by up to +-far */
    uint32_t messages;
    struct pl_book_config config;
};

static int64_t around(struct world *w, int64_t centre, int64_t width)
{
    return centre + (int64_t)below(w, (uint64_t)width * 2 + 1) - width;
}

static int64_t some_lots(struct world *w)
{
    switch (below(w, 8)) {
    case 0:
    case 1:
    case 2:
        return 0;
    case 3:
        return INT64_MAX / 2 - (int64_t)below(w, 1000);
    default:
        return 1 + (int64_t)below(w, 1000);
    }
}

static void random_rows(struct world *w, const struct stream *s, uint32_t bids, uint32_t rows)
{
    for (uint32_t i = 0; i < rows; i++) {
        int64_t lean = below(w, 12) == 0 ? 0 : (i < bids ? -s->near : s->near);
        int64_t px = around(w, w->centre + lean, s->near);
        w->px[i] = below(w, 10) == 0 ? around(w, w->centre, s->far) : px;
        w->lots[i] = some_lots(w);
    }
}

static void random_watch(struct world *w, const struct stream *s)
{
    enum pl_side side = (enum pl_side)below(w, 2);
    int64_t px = around(w, w->centre, below(w, 4) == 0 ? s->far : s->near);
    bool off = w->oracle.side[side].watch_count > 100 || below(w, 3) == 0;
    if (off && w->oracle.side[side].watch_count > 0) {
        px = w->oracle.side[side].watch[below(w, w->oracle.side[side].watch_count)];
        pl_book_unwatch(w->book, side, px);
        oracle_unwatch(&w->oracle, side, px);
    } else {
        assert_int_equal(pl_book_watch(w->book, side, px), 0);
        oracle_watch(&w->oracle, side, px);
    }
    int64_t from = around(w, w->centre, s->far);
    int64_t next = oracle_next_watched(&w->oracle, side, from);
    assert_int_equal(pl_book_next_watched(w->book, side, from), next);
    int64_t limit = around(w, w->centre, s->far);
    bool within = !oracle_better(side, limit, next);
    assert_int_equal(pl_book_next_watched_to(w->book, side, from, limit), within ? next
                                                                          : side == PL_BUY
                                                                              ? PL_PX_NO_BID
                                                                              : PL_PX_NO_ASK);
}

static void check_random_prices(struct world *w, const struct stream *s)
{
    for (int k = 0; k < 4; k++) {
        enum pl_side side = (enum pl_side)(k & 1);
        int64_t px = around(w, w->centre, k < 2 ? s->near * 2 : s->far);
        if (pl_book_known(w->book, side, px)) {
            assert_int_equal(pl_book_lots(w->book, side, px), oracle_lots(&w->oracle, side, px));
        }
        struct pl_book_level next;
        bool any = pl_book_next(w->book, side, px, &next);
        if (any) {
            assert_true(oracle_better(side, px, next.px));
            assert_int_equal(next.lots, oracle_lots(&w->oracle, side, next.px));
        }
        if (w->book->cut_levels == 0) {
            uint32_t at = oracle_find(&w->oracle, side, side == PL_BUY ? px - 1 : px + 1);
            assert_int_equal(any, at < w->oracle.side[side].count);
            if (any) {
                assert_int_equal(next.px, w->oracle.side[side].level[at].px);
            }
        }
    }
}

/* Size within three limits against the list, as long as nothing was cut. */
static void check_depth(struct world *w, const struct stream *s)
{
    for (int k = 0; k < 2 && w->book->cut_levels == 0; k++) {
        enum pl_side side = (enum pl_side)k;
        int64_t limit[3], lots[3], out = side == PL_BUY ? -1 : 1;
        limit[0] = around(w, w->centre, s->near);
        limit[1] = limit[0] + out * (int64_t)below(w, (uint64_t)s->near * 2);
        limit[2] = limit[1] + out * (int64_t)below(w, (uint64_t)s->far * 2);
        pl_book_depth(w->book, side, limit, 3, lots);
        for (int i = 0; i < 3; i++) {
            int64_t want = 0;
            for (uint32_t at = 0; at < w->oracle.side[side].count; at++) {
                const struct pl_book_level *level = &w->oracle.side[side].level[at];
                int64_t more = oracle_better(side, limit[i], level->px) ? 0 : level->lots;
                want = want > INT64_MAX - more ? INT64_MAX : want + more;
            }
            assert_int_equal(lots[i], want);
        }
    }
}

static void run_stream(const struct stream *s, uint64_t seed)
{
    struct world w;
    world_open(&w, seed, &s->config);
    w.centre = s->start;
    for (uint32_t i = 0; i < s->messages; i++) {
        w.centre =
            below(&w, s->jump) == 0 ? around(&w, w.centre, s->far) : around(&w, w.centre, s->step);
        w.centre =
            w.centre > INT64_C(1) << 50 || w.centre < -(INT64_C(1) << 50) ? s->start : w.centre;
        uint32_t rows = (uint32_t)below(&w, below(&w, 20) == 0 ? ROWS_MAX : 20);
        uint32_t bids = (uint32_t)below(&w, rows + 1);
        random_rows(&w, s, bids, rows);
        uint64_t kind = below(&w, 40);
        if (kind == 0) {
            pl_book_mark_stale(w.book);
            w.oracle.state = PL_BOOK_STALE;
        } else if (kind == 1 && below(&w, 10) == 0) {
            pl_book_reset(w.book);
            oracle_reset(&w.oracle);
        } else {
            apply(&w, kind == 2, bids, rows, i);
        }
        random_watch(&w, s);
        check_random_prices(&w, s);
        check_depth(&w, s);
        check(&w, i);
    }
    world_close(&w);
}

static const struct stream streams[] = {
    {"near the touch", 600000, 30, 3, 300, 1000, 600, {4096, 512, 65536}},
    {"a window that moves often", 1000, 400, 300, 20000, 50, 600, {4096, 4096, 65536}},
    {"far levels and great jumps", 0, 200, 50, INT64_C(1) << 40, 30, 400, {4096, 2048, 65536}},
    {"prices around 2^50",
     INT64_C(1) << 49,
     500,
     100,
     INT64_C(1) << 49,
     40,
     300,
     {4096, 2048, 65536}},
    {"prices around -2^50",
     -(INT64_C(1) << 49),
     500,
     100,
     INT64_C(1) << 49,
     40,
     300,
     {4096, 2048, 65536}},
    {"hardly any far level kept", 0, 300, 100, 40000, 60, 600, {4096, 8, 65536}},
    {"one far level kept", 0, 100, 100, INT64_C(1) << 45, 20, 400, {4096, 1, 65536}},
    {"the default window", 50000, 2000, 500, 200000, 100, 60, {0, 1024, 65536}},
};

static void test_random_streams(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(streams); i++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            run_stream(&streams[i], seed * 1000 + i);
        }
    }
}

static void put(struct world *w, bool snapshot, uint32_t bids, const struct pl_book_level *row,
                uint32_t rows)
{
    for (uint32_t i = 0; i < rows; i++) {
        w->px[i] = row[i].px;
        w->lots[i] = row[i].lots;
    }
    apply(w, snapshot, bids, rows, 1);
    check(w, 0);
}

#define PUT(w, snapshot, bids, ...)                                             \
    do {                                                                        \
        const struct pl_book_level row_[] = {__VA_ARGS__};                      \
        put(w, snapshot, bids, row_, (uint32_t)(sizeof row_ / sizeof row_[0])); \
    } while (0)

static void test_states(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1, &(struct pl_book_config){4096, 0, 0});
    assert_int_equal(w.book->state, PL_BOOK_EMPTY);
    assert_false(pl_book_two_sided(w.book));
    pl_book_apply_depth(w.book, NULL, NULL, 0, 0, 1); /* nothing in it: nothing seen */
    assert_int_equal(w.book->state, PL_BOOK_EMPTY);
    PUT(&w, false, 1, {100, 5});
    assert_int_equal(w.book->state, PL_BOOK_BUILDING);
    assert_false(pl_book_two_sided(w.book));
    PUT(&w, true, 1, {100, 5}, {102, 7});
    assert_int_equal(w.book->state, PL_BOOK_LIVE);
    assert_true(pl_book_two_sided(w.book));
    pl_book_mark_stale(w.book);
    w.oracle.state = PL_BOOK_STALE;
    PUT(&w, false, 1, {99, 5});
    assert_int_equal(w.book->state, PL_BOOK_STALE);
    PUT(&w, true, 1, {100, 5}, {102, 7});
    assert_int_equal(w.book->state, PL_BOOK_LIVE);
    world_close(&w);
}

/* The newest row wins, whichever side it is on, and `reached` remembers what stood in between. */
static void test_crossed_rows(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1, &(struct pl_book_config){4096, 0, 0});
    PUT(&w, true, 2, {100, 5}, {99, 4}, {102, 7}, {103, 1});
    PUT(&w, false, 1, {102, 3}); /* a bid on the best ask */
    assert_int_equal(w.book->best[PL_BUY], 102);
    assert_int_equal(w.book->best[PL_SELL], 103);
    PUT(&w, false, 0, {99, 2}); /* an ask below every bid but one level it equals */
    assert_int_equal(w.book->best[PL_BUY], PL_PX_NO_BID);
    assert_int_equal(w.book->best[PL_SELL], 99);
    assert_int_equal(w.book->crossed_rows, 2);
    PUT(&w, false, 2, {98, 1}, {97, 1}, {98, 0}); /* the last is an ask row */
    PUT(&w, false, 2, {98, 6}, {98, 0});
    assert_int_equal(w.book->best[PL_BUY], 97);
    assert_int_equal(w.book->reached[PL_BUY], 98);
    PUT(&w, true, 1, {110, 5}, {105, 5}); /* a snapshot crossed in itself: asks come last */
    assert_int_equal(w.book->best[PL_SELL], 105);
    assert_int_equal(w.book->best[PL_BUY], 97);
    world_close(&w);
}

/* A snapshot erases what it does not name between its worst rows, and nothing beyond. */
static void test_snapshot_and_horizon(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1, &(struct pl_book_config){4096, 0, 0});
    PUT(&w, false, 4, {100, 5}, {99, 4}, {98, 3}, {90, 9}, {102, 7}, {104, 6}, {120, 2});
    assert_true(pl_book_known(w.book, PL_BUY, -1000000));
    PUT(&w, true, 2, {101, 1}, {97, 1}, {103, 1}, {110, 1});
    assert_int_equal(pl_book_lots(w.book, PL_BUY, 99), 0);
    assert_int_equal(pl_book_lots(w.book, PL_BUY, 90), 9);
    assert_int_equal(pl_book_lots(w.book, PL_SELL, 104), 0);
    assert_int_equal(pl_book_lots(w.book, PL_SELL, 120), 2);
    assert_true(pl_book_known(w.book, PL_BUY, 97));
    assert_false(pl_book_known(w.book, PL_BUY, 96));
    assert_true(pl_book_known(w.book, PL_SELL, 110));
    assert_false(pl_book_known(w.book, PL_SELL, 111));
    PUT(&w, true, 1, {101, 1}); /* one-sided: the asks stay, and their horizon */
    assert_int_equal(pl_book_lots(w.book, PL_SELL, 110), 1);
    assert_int_equal(w.book->horizon[PL_SELL], 110);
    assert_int_equal(w.book->horizon[PL_BUY], 101);
    world_close(&w);
}

/* With room for few far levels the farthest go, the horizon tells, and the touch is never cut. */
static void test_far_levels_cut(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1, &(struct pl_book_config){4096, 4, 0});
    PUT(&w, true, 1, {100000, 5}, {100001, 5});
    w.book->horizon[PL_BUY] = w.oracle.horizon[PL_BUY] = PL_PX_NO_BID;
    for (int64_t i = 1; i <= 6; i++) {
        PUT(&w, false, 1, {10000 * i, i});
    }
    assert_true(w.book->cut_levels > 0);
    assert_true(w.book->side[PL_BUY].far_count <= 4);
    assert_true(pl_book_known(w.book, PL_BUY, 60000));
    assert_int_equal(pl_book_lots(w.book, PL_BUY, 60000), 6);
    assert_false(pl_book_known(w.book, PL_BUY, 10000));
    /* a touch far outside the window while the far levels are full is a touch all the same */
    for (int64_t i = 0; i < 8; i++) {
        PUT(&w, false, 0, {200000 + i, 1});
    }
    PUT(&w, false, 1, {900000, 7});
    assert_int_equal(w.book->best[PL_BUY], 900000);
    assert_int_equal(pl_book_lots(w.book, PL_BUY, 900000), 7);
    world_close(&w);
}

/* A watch stays on its price while the window goes away and comes back. */
static void test_watch_across_moves(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1, &(struct pl_book_config){4096, 0, 0});
    PUT(&w, true, 1, {10000, 5}, {10001, 5});
    int64_t at[] = {9990, 9000, 8001, 500000, -500000};
    for (size_t i = 0; i < PL_COUNT(at); i++) {
        assert_int_equal(pl_book_watch(w.book, PL_BUY, at[i]), 0);
        oracle_watch(&w.oracle, PL_BUY, at[i]);
    }
    static const int64_t centres[] = {10000, 510000, 9000, -500000, 500000, 10000};
    for (size_t c = 0; c < PL_COUNT(centres); c++) {
        PUT(&w, true, 1, {centres[c], 5}, {centres[c] + 1, 5});
        for (size_t i = 0; i < PL_COUNT(at); i++) {
            if (at[i] < centres[c]) {
                PUT(&w, false, 1, {at[i], (int64_t)(10 + i + c)});
                assert_int_equal(w.book->touched_count, 1);
            }
        }
        for (int64_t px = -600000; px < 600000; px += 9973) {
            assert_int_equal(pl_book_next_watched(w.book, PL_BUY, px),
                             oracle_next_watched(&w.oracle, PL_BUY, px));
        }
    }
    for (size_t i = 0; i < PL_COUNT(at); i++) {
        pl_book_unwatch(w.book, PL_BUY, at[i]);
        oracle_unwatch(&w.oracle, PL_BUY, at[i]);
    }
    pl_book_unwatch(w.book, PL_BUY, 12345); /* never watched */
    assert_int_equal(w.book->side[PL_BUY].watch_count, 0);
    assert_int_equal(pl_book_next_watched(w.book, PL_BUY, PL_PX_NO_ASK), PL_PX_NO_BID);
    world_close(&w);
}

/* Watching thousands of prices: what finds no room is an error to whoever asks, and a window that
 * leaves all of them behind keeps every one. */
static void test_many_watches(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1, &(struct pl_book_config){65536, 0, 0});
    PUT(&w, true, 1, {100000, 5}, {100001, 5});
    int64_t watched = 0;
    for (int64_t px = 70000; px < 100000; px++) {
        watched += pl_book_watch(w.book, PL_BUY, px) == 0;
    }
    assert_true(watched > 1000);
    assert_int_equal(w.book->side[PL_BUY].watch_count, watched);
    pl_book_apply_snapshot(w.book, (int64_t[]){900000, 900001}, (int64_t[]){5, 5}, 1, 2, 2);
    assert_true(pl_book_check(w.book));
    assert_int_equal(w.book->side[PL_BUY].watch_count, watched);
    int64_t seen = 0;
    for (int64_t px = pl_book_next_watched(w.book, PL_BUY, 900000); px != PL_PX_NO_BID && seen < 40;
         px = pl_book_next_watched(w.book, PL_BUY, px)) {
        seen++;
    }
    assert_int_equal(seen, 40);
    world_close(&w);
}

static void test_config(void **state)
{
    (void)state;
    static const struct {
        struct pl_book_config config;
        int rc;
    } rows[] = {
        {{0, 0, 0}, 0},
        {{4096, 1, 1}, 0},
        {{2048, 0, 0}, PL_ERR_INVALID},
        {{5000, 0, 0}, PL_ERR_INVALID},
        {{4096, (1u << 24) + 1, 0}, PL_ERR_INVALID},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_arena *arena;
        struct pl_book *book;
        assert_int_equal(pl_arena_create(&arena), 0);
        assert_int_equal(pl_book_create(arena, &rows[i].config, &book), rows[i].rc);
        pl_arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config),         cmocka_unit_test(test_states),
        cmocka_unit_test(test_crossed_rows),   cmocka_unit_test(test_snapshot_and_horizon),
        cmocka_unit_test(test_far_levels_cut), cmocka_unit_test(test_watch_across_moves),
        cmocka_unit_test(test_many_watches),   cmocka_unit_test(test_random_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
