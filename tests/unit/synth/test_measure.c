/* The measures against markets whose figures are known by hand. */
#include "base/assert.h"
#include "synth/ladder.h"
#include "synth/measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static const struct pl_inst inst = {
    .venue = "test", .symbol = "TEST", .tick = {1, 1}, .lot = {1, 2}, .contract_size = {1, 0}};
#define START_NS (1000 * PL_NS_PER_S)

static void send(struct pl_measure *m, enum pl_msg_kind kind, uint8_t flags, double at_s,
                 uint32_t bids, uint32_t rows, const int64_t *px, const int64_t *lots)
{
    struct pl_msg msg = {.kind = (uint8_t)kind,
                         .flags = flags,
                         .bid_count = bids,
                         .row_count = rows,
                         .px = px,
                         .lots = lots};
    msg.venue_ns = START_NS + (int64_t)llround(at_s * 1e9);
    msg.local_ns = msg.venue_ns + 5 * PL_NS_PER_MS;
    assert_int_equal(pl_measure_msg(m, &msg), 0);
}

static void bbo(struct pl_measure *m, double at_s, int64_t bid, int64_t ask, int64_t bid_lots,
                int64_t ask_lots)
{
    send(m, PL_MSG_BBO, 0, at_s, 1, 2, (int64_t[]){bid, ask}, (int64_t[]){bid_lots, ask_lots});
}

static void trade(struct pl_measure *m, double at_s, bool sell, int64_t px, int64_t lots)
{
    send(m, PL_MSG_TRADE, sell ? PL_MSGF_SELL : 0, at_s, 0, 1, &px, &lots);
}

/* One tick for 75 s of 100; sides alternate; each order is two prints of 10 and 30 lots. */
static void test_spread_and_trades(void **state)
{
    (void)state;
    struct pl_measure *m;
    struct pl_market_stats s;
    assert_int_equal(pl_measure_create(&inst, &m), 0);
    bbo(m, 0, 1000, 1001, 5, 5);
    for (int i = 0; i < 100; i++) {
        if (i == 75) {
            bbo(m, 75, 1000, 1003, 5, 5);
        }
        bool sell = i % 2 == 1;
        trade(m, i + 0.5, sell, sell ? 1000 : 1001, 10);
        trade(m, i + 0.5, sell, sell ? 1000 : 1001, 30);
    }
    bbo(m, 100, 1000, 1001, 5, 5);
    pl_measure_result(m, &s);
    pl_measure_destroy(&m);
    NEAR(s.duration_s, 100, 1e-9);
    NEAR(s.spread_one_tick, 0.75, 1e-9);
    NEAR(s.spread_ticks, 0.75 + 0.25 * 3, 1e-9);
    NEAR(s.trades_per_s, 2, 1e-9);
    NEAR(s.prints_per_order, 2, 1e-9);
    NEAR(s.size_mean, 0.2, 1e-12);
    NEAR(s.size_q10, 0.1, 1e-12);
    NEAR(s.size_q90, 0.3, 1e-12);
    NEAR(s.size_round, 1, 0);
    NEAR(s.order_gap_ms, 1000, 1e-6);
    NEAR(s.order_gap_cv, 0, 1e-6);
    NEAR(s.sign_acf[0], -1, 0.01); /* buy, sell, buy, ... */
    NEAR(s.sign_acf[1], 1, 0.01);
    NEAR(s.touch_moves_per_s, 0.02, 1e-9);
    NEAR(s.count_dispersion, 0, 0.05);
    NEAR(s.vol_bps[1] * s.vol_bps[1] * 100, 1e8 / 1000.5 / 1000.5 * 1, 60); /* one move of a tick */
    NEAR(s.feed_latency_ms, 0, 0.001);
}

/* The mid goes up a tick each second: no bounce, vol grows with the scale; buyers are right. */
static void test_trend(void **state)
{
    (void)state;
    struct pl_measure *m;
    struct pl_market_stats s;
    assert_int_equal(pl_measure_create(&inst, &m), 0);
    for (int i = 0; i < 200; i++) {
        bbo(m, i, 100000 + i, 100001 + i, 30, 10);
        trade(m, i + 0.25, false, 100001 + i, 1);
    }
    pl_measure_result(m, &s);
    pl_measure_destroy(&m);
    NEAR(s.vol_bps[1], 0.1, 0.001);           /* a tick of 100000 is 0.1 bps */
    NEAR(s.vol_bps[2], 0.5 / sqrt(5), 0.001); /* 5 ticks in 5 s */
    NEAR(s.ret_acf[0], 1, 0.02);
    NEAR(s.maker_markout_bps[0], -0.05, 0.002); /* sold at +1/2, a second later the mid is +1 */
    NEAR(s.maker_markout_bps[1], -0.45, 0.002);
    NEAR(s.sign_acf[0], 0, 1e-9); /* all buys: no variance */
    NEAR(s.touch_cv, 0.5, 1e-6);  /* 30 and 10 */
}

static void test_book(void **state)
{
    (void)state;
    struct pl_measure *m;
    struct pl_market_stats s;
    assert_int_equal(pl_measure_create(&inst, &m), 0);
    int64_t px[20], lots[20];
    for (int i = 0; i < 10; i++) {
        px[i] = 1000 - 2 * i;
        px[10 + i] = 1001 + 2 * i;
        lots[i] = lots[10 + i] = 100 * (i + 1);
    }
    send(m, PL_MSG_SNAPSHOT, 0, 0, 10, 20, px, lots);
    for (int i = 1; i <= 50; i++) { /* the touch comes from the book: there is no BBO */
        send(m, PL_MSG_DEPTH, 0, 0.1 * i, 1, 2, (int64_t[]){1000, 1001}, (int64_t[]){100, 100});
    }
    pl_measure_result(m, &s);
    pl_measure_destroy(&m);
    NEAR(s.level_base[0], 1, 1e-12);
    NEAR(s.level_base[9], 10, 1e-12);
    NEAR(s.level10_ticks, 18, 1e-12);
    NEAR(s.rows_per_depth, 2, 0);
    NEAR(s.depth_gap_ms, 100, 1e-6);
    NEAR(s.spread_one_tick, 1, 0);
    NEAR(s.touch_moves_per_s, 0, 0);
}

static void test_ladder(void **state)
{
    (void)state;
    struct pl_ladder book = {0};
    struct pl_ladder_level level;
    for (int64_t i = 0; i < 100; i++) { /* odd places first, then even: inserts everywhere */
        int64_t k = i < 50 ? 2 * i + 1 : 2 * (i - 50);
        assert_int_equal(pl_ladder_set(&book, PL_BUY, 1000 - k, k + 1), 0);
        assert_int_equal(pl_ladder_set(&book, PL_SELL, 1001 + k, k + 1), 0);
    }
    for (size_t i = 0; i < 100; i++) {
        assert_true(pl_ladder_nth(&book, PL_SELL, i, &level));
        assert_true(level.px == 1001 + (int64_t)i && level.lots == (int64_t)i + 1);
    }
    assert_false(pl_ladder_nth(&book, PL_SELL, 100, &level));
    assert_int_equal(pl_ladder_set(&book, PL_BUY, 1000, 0), 0);
    assert_int_equal(pl_ladder_set(&book, PL_BUY, 1000, 0), 0); /* gone already: fine */
    assert_int_equal(pl_ladder_best(&book, PL_BUY), 999);
    /* A snapshot of two bids speaks for 990 and better, not for what lies behind. */
    struct pl_msg snap = {.kind = PL_MSG_SNAPSHOT,
                          .bid_count = 2,
                          .row_count = 2,
                          .px = (int64_t[]){995, 990},
                          .lots = (int64_t[]){7, 8}};
    assert_int_equal(pl_ladder_apply(&book, &snap), 0);
    assert_true(pl_ladder_nth(&book, PL_BUY, 1, &level) && level.px == 990 && level.lots == 8);
    assert_true(pl_ladder_nth(&book, PL_BUY, 2, &level) && level.px == 989);
    assert_int_equal(pl_ladder_best(&book, PL_SELL), 1001);
    pl_ladder_fini(&book);
    assert_int_equal(pl_ladder_best(&book, PL_BUY), PL_PX_NO_BID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread_and_trades),
        cmocka_unit_test(test_trend),
        cmocka_unit_test(test_book),
        cmocka_unit_test(test_ladder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
