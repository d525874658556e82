/* Right money: who is filled, how much and at what price. Each case is a row of the issue or a rule of
 * the venue. Sizes in lots of 0.1, prices in ticks. */
#include "base/rand.h"
#include "support/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define LEVELS(...)                                                      \
    (const struct pl_book_level[]){__VA_ARGS__},                         \
        (uint32_t)(sizeof((const struct pl_book_level[]){__VA_ARGS__}) / \
                   sizeof(struct pl_book_level))

/* A book of bids 99 98 97 and asks 101 102 103, ten lots each, and zero latency. */
static void open_with(struct rig *r, const struct pl_sim_config *config, const struct pl_inst *inst)
{
    rig_open(r, config, inst);
    rig_rows(r, PL_MSG_SNAPSHOT, 10, LEVELS({99, 10}, {98, 10}, {97, 10}),
             LEVELS({101, 10}, {102, 10}, {103, 10}));
}

static void open_plain(struct rig *r)
{
    struct pl_sim_config config = rig_config();
    struct pl_inst inst = rig_inst();
    open_with(r, &config, &inst);
}

static int64_t filled(const struct rig *r, uint32_t id)
{
    int64_t lots = 0;
    for (uint32_t i = 0; i < r->fill_count; i++) {
        lots += r->fill[i].order_id == id ? r->fill[i].lots : 0;
    }
    return lots;
}

static void expect_fill(const struct rig *r, uint32_t at, uint32_t id, int64_t px, int64_t lots,
                        bool taker)
{
    assert_true(at < r->fill_count);
    const struct pl_sim_fill *f = &r->fill[at];
    if (f->order_id != id || f->px != px || f->lots != lots || (f->taker != 0) != taker) {
        fail_msg("fill %u: order %u, %lld at %lld, taker %d", at, f->order_id, (long long)f->lots,
                 (long long)f->px, f->taker);
    }
}

/* ---- the list ----------------------------------------------------------------------- */

static void test_partial_fills_reach_the_position(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action bid = rig_new(&r, 0, PL_BUY, 100, 50); /* alone inside the spread */
    assert_int_equal(rig_do(&r, 0, bid, 20).kind, PL_RSP_ACCEPTED);
    rig_trade(&r, 30, PL_SELL, 100, 20);
    rig_trade(&r, 31, PL_SELL, 100, 10);
    assert_int_equal(r.fill_count, 2);
    expect_fill(&r, 0, bid.id, 100, 20, false);
    expect_fill(&r, 1, bid.id, 100, 10, false);
    assert_int_equal(filled(&r, bid.id), 30);
    assert_int_equal(r.fill[1].left, 20);
    /* the venue knows of 30: a reduce-only sell of more is cut to it */
    struct pl_action sell = rig_new(&r, 1, PL_SELL, 110, 100);
    sell.flags = PL_ORDF_REDUCE_ONLY;
    assert_int_equal(rig_do(&r, 0, sell, 40).left, 30);
    rig_close(&r);
}

static void test_ioc_over_two_levels(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action ioc = rig_new(&r, 0, PL_BUY, 102, 20);
    ioc.tif = PL_TIF_IOC;
    assert_int_equal(rig_do(&r, 0, ioc, 20).kind, PL_RSP_ACCEPTED);
    assert_int_equal(r.fill_count, 2);
    expect_fill(&r, 0, ioc.id, 101, 10, true);
    expect_fill(&r, 1, ioc.id, 102, 10, true);
    rig_close(&r);
}

static void test_ioc_rest_is_cancelled(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action ioc = rig_new(&r, 0, PL_SELL, 99, 25);
    ioc.tif = PL_TIF_IOC;
    struct pl_response a = rig_do(&r, 0, ioc, 20);
    assert_int_equal(a.kind, PL_RSP_CANCELLED);
    assert_int_equal(a.left, 15);
    assert_int_equal(filled(&r, ioc.id), 10);
    ioc = rig_new(&r, 0, PL_SELL, 100, 25); /* reaches nothing */
    ioc.tif = PL_TIF_IOC;
    a = rig_do(&r, 0, ioc, 21);
    assert_int_equal(a.kind, PL_RSP_REJECTED);
    assert_int_equal(a.reason, PL_REJECT_NO_MATCH);
    rig_close(&r);
}

static void test_print_equal_to_what_is_left(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action bid = rig_new(&r, 0, PL_BUY, 100, 10);
    (void)rig_do(&r, 0, bid, 20);
    rig_trade(&r, 30, PL_SELL, 100, 10);
    rig_trade(&r, 31, PL_SELL, 100, 10);
    rig_trade(&r, 32, PL_SELL, 99, 10);
    assert_int_equal(r.fill_count, 1);
    expect_fill(&r, 0, bid.id, 100, 10, false);
    assert_true(pl_sim_queue_front(r.sim, 0) < 0);           /* does not rest any more */
    (void)rig_do(&r, 0, rig_new(&r, 0, PL_BUY, 98, 10), 40); /* and the slot can be used again */
    rig_close(&r);
}

static void test_two_bids_and_one_print(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action first = rig_new(&r, 0, PL_BUY, 100, 10);
    struct pl_action second = rig_new(&r, 1, PL_BUY, 100, 10);
    (void)rig_do(&r, 0, first, 20);
    (void)rig_do(&r, 0, second, 20);
    rig_trade(&r, 30, PL_SELL, 100, 10);
    assert_int_equal(r.fill_count, 1);
    expect_fill(&r, 0, first.id, 100, 10, false);
    rig_trade(&r, 31, PL_SELL, 100, 15);
    assert_int_equal(r.fill_count, 2);
    expect_fill(&r, 1, second.id, 100, 10, false);
    rig_close(&r);
}

/* Ten ahead of both, then 15 printed: 5 reach us, whoever of us they go to. */
static void test_two_bids_behind_a_queue(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action first = rig_new(&r, 0, PL_BUY, 99, 3);
    struct pl_action second = rig_new(&r, 1, PL_BUY, 99, 10);
    (void)rig_do(&r, 0, first, 20);
    (void)rig_do(&r, 0, second, 20);
    rig_trade(&r, 30, PL_SELL, 99, 15);
    assert_int_equal(filled(&r, first.id), 3);
    assert_int_equal(filled(&r, second.id), 2);
    rig_close(&r);
}

static void test_print_through_a_large_bid(void **state)
{
    (void)state;
    static const struct {
        enum pl_through_fill through;
        int64_t print, filled;
    } rows[] = {
        {PL_THROUGH_PRINT, 1, 1},
        {PL_THROUGH_DISPLAYED, 1, 10}, /* what was shown at our price */
        {PL_THROUGH_DISPLAYED, 40, 40},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct rig r;
        struct pl_sim_config config = rig_config();
        struct pl_inst inst = rig_inst();
        config.through = rows[i].through;
        open_with(&r, &config, &inst);
        struct pl_action bid = rig_new(&r, 0, PL_BUY, 99, 10000);
        (void)rig_do(&r, 0, bid, 20);
        rig_trade(&r, 30, PL_SELL, 98, rows[i].print);
        assert_int_equal(r.fill_count, 1);
        expect_fill(&r, 0, bid.id, 99, rows[i].filled, false);
        rig_close(&r);
    }
}

static void test_two_iocs_against_one_level(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action a = rig_new(&r, 0, PL_BUY, 101, 10), b = rig_new(&r, 1, PL_BUY, 101, 10);
    a.tif = b.tif = PL_TIF_IOC;
    (void)rig_do(&r, 0, a, 20);
    struct pl_response second = rig_do(&r, 1, b, 21); /* another maker of the same account */
    assert_int_equal(second.kind, PL_RSP_REJECTED);
    assert_int_equal(filled(&r, a.id) + filled(&r, b.id), 10);
    /* the account of maker 2 sees the level whole */
    struct pl_action c = rig_new(&r, 128, PL_BUY, 101, 10);
    c.tif = PL_TIF_IOC;
    (void)rig_do(&r, 2, c, 22);
    assert_int_equal(filled(&r, c.id), 10);
    /* what is added to the level can be taken; what was taken stays taken */
    rig_rows(&r, PL_MSG_DEPTH, 30, NULL, 0, LEVELS({101, 14}));
    struct pl_action d = rig_new(&r, 0, PL_BUY, 101, 10);
    d.tif = PL_TIF_IOC;
    (void)rig_do(&r, 0, d, 31);
    assert_int_equal(filled(&r, d.id), 4);
    rig_close(&r);
}

static void test_market_order_walks_the_book(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action m = rig_new(&r, 0, PL_SELL, 0, 25);
    m.flags = PL_ORDF_MARKET;
    m.tif = PL_TIF_IOC;
    (void)rig_do(&r, 0, m, 20);
    assert_int_equal(r.fill_count, 3);
    expect_fill(&r, 0, m.id, 99, 10, true);
    expect_fill(&r, 1, m.id, 98, 10, true);
    expect_fill(&r, 2, m.id, 97, 5, true);
    /* deeper than the book: what is there, no more */
    m = rig_new(&r, 0, PL_SELL, 0, 100);
    m.flags = PL_ORDF_MARKET;
    m.tif = PL_TIF_IOC;
    assert_int_equal(rig_do(&r, 0, m, 21).kind, PL_RSP_CANCELLED);
    assert_int_equal(filled(&r, m.id), 5);
    rig_close(&r);
}

static void test_front_never_negative_on_a_cancellation(void **state)
{
    (void)state;
    static const struct pl_queue_params models[] = {
        {.model = PL_QUEUE_RISK},           {.model = PL_QUEUE_POWER1, .n = 3},
        {.model = PL_QUEUE_POWER2, .n = 2}, {.model = PL_QUEUE_POWER3, .n = 3},
        {.model = PL_QUEUE_LOG1},           {.model = PL_QUEUE_LOG2},
        {.model = PL_QUEUE_PRORATA},
    };
    for (size_t i = 0; i < PL_COUNT(models); i++) {
        struct rig r;
        struct pl_sim_config config = rig_config();
        struct pl_inst inst = rig_inst();
        config.queue = models[i];
        config.queue.unit = 1;
        rig_open(&r, &config, &inst);
        rig_rows(&r, PL_MSG_SNAPSHOT, 10, LEVELS({99, 60}), LEVELS({101, 10}));
        struct pl_action bid = rig_new(&r, 0, PL_BUY, 99, 10);
        (void)rig_do(&r, 0, bid, 20);
        rig_rows(&r, PL_MSG_DEPTH, 25, LEVELS({99, 100}), NULL, 0); /* 40 more behind us */
        static const int64_t shrink[] = {20, 3, 1, 0};
        for (size_t k = 0; k < PL_COUNT(shrink); k++) {
            rig_rows(&r, PL_MSG_DEPTH, 30 + (int64_t)k, LEVELS({99, shrink[k]}), NULL, 0);
            double front = pl_sim_queue_front(r.sim, 0);
            assert_true(front >= 0 && front <= (double)shrink[k]);
        }
        assert_int_equal(r.fill_count, 0);
        rig_trade(&r, 40, PL_SELL, 99, 1); /* nobody is ahead now */
        assert_int_equal(filled(&r, bid.id), 1);
        rig_close(&r);
    }
}

/* A bid that arrives at or above the ask erases it: our ask there meets the bid, ours below does not. */
static void test_crossed_top(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action ask = rig_new(&r, 0, PL_SELL, 101, 5), high = rig_new(&r, 1, PL_SELL, 103, 5);
    (void)rig_do(&r, 0, ask, 20);
    (void)rig_do(&r, 0, high, 20);
    rig_rows(&r, PL_MSG_DEPTH, 30, LEVELS({102, 3}), NULL, 0);
    assert_int_equal(r.market->book->best[PL_BUY], 102);
    assert_int_equal(r.market->book->best[PL_SELL], 103);
    assert_int_equal(r.fill_count, 1);
    expect_fill(&r, 0, ask.id, 101, 3, false); /* what the bid showed */
    rig_rows(&r, PL_MSG_DEPTH, 31, LEVELS({102, 4}), NULL, 0);
    expect_fill(&r, 1, ask.id, 101, 1, false); /* and what it adds */
    assert_int_equal(filled(&r, high.id), 0);
    rig_close(&r);
}

/* ---- rules of the venue --------------------------------------------------------------------- */

static void test_refusals(void **state)
{
    (void)state;
    struct pl_inst inst = rig_inst(); /* tick 0.1, lot 0.1 */
    inst.min_lots = 2;
    inst.max_lots = 500;
    inst.min_ticks = 50;
    inst.max_ticks = 150;
    inst.min_notional = (struct pl_decimal){5, 0};
    static const struct {
        const char *what;
        int64_t px, lots;
        enum pl_side side;
        uint8_t flags, tif;
        enum pl_reject_reason reason; /* NONE = accepted */
    } rows[] = {
        {"post-only in the spread", 100, 10, PL_BUY, PL_ORDF_POST_ONLY, 0, PL_REJECT_NONE},
        {"post-only at the ask", 101, 10, PL_BUY, PL_ORDF_POST_ONLY, 0, PL_REJECT_POST_ONLY},
        {"post-only beyond the bid", 90, 10, PL_SELL, PL_ORDF_POST_ONLY, 0, PL_REJECT_POST_ONLY},
        {"too small", 100, 1, PL_BUY, 0, 0, PL_REJECT_SIZE},
        {"nothing", 100, 0, PL_BUY, 0, 0, PL_REJECT_SIZE},
        {"too large", 100, 501, PL_BUY, 0, 0, PL_REJECT_SIZE},
        {"price too low", 49, 100, PL_BUY, 0, 0, PL_REJECT_PRICE},
        {"price too high", 151, 100, PL_SELL, 0, 0, PL_REJECT_PRICE},
        {"price 0", 0, 100, PL_BUY, 0, 0, PL_REJECT_PRICE},
        {"4.9 of 5.0", 70, 7, PL_BUY, 0, 0, PL_REJECT_NOTIONAL},
        {"5.0 of 5.0", 50, 10, PL_BUY, 0, 0, PL_REJECT_NONE},
        {"reduce-only when flat", 110, 10, PL_SELL, PL_ORDF_REDUCE_ONLY, 0, PL_REJECT_REDUCE_ONLY},
        {"fill or kill, 11 of 10", 101, 11, PL_BUY, 0, PL_TIF_FOK, PL_REJECT_NO_MATCH},
        {"fill or kill, 20 over two", 102, 20, PL_BUY, 0, PL_TIF_FOK, PL_REJECT_NONE},
        {"fill or kill in the spread", 100, 10, PL_BUY, 0, PL_TIF_FOK, PL_REJECT_NO_MATCH},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct rig r;
        struct pl_sim_config config = rig_config();
        open_with(&r, &config, &inst);
        struct pl_action a = rig_new(&r, 0, rows[i].side, rows[i].px, rows[i].lots);
        a.flags = rows[i].flags;
        a.tif = rows[i].tif;
        struct pl_response got = rig_do(&r, 0, a, 20);
        bool refused = got.kind == PL_RSP_REJECTED;
        if (refused != (rows[i].reason != PL_REJECT_NONE) || got.reason != rows[i].reason) {
            fail_msg("%s: answer %d, reason %d", rows[i].what, got.kind, got.reason);
        }
        assert_true(!refused || r.fill_count == 0);
        rig_close(&r);
    }
}

static void test_reduce_only(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action buy = rig_new(&r, 0, PL_BUY, 101, 4);
    (void)rig_do(&r, 0, buy, 20);
    struct pl_action sell = rig_new(&r, 0, PL_SELL, 99, 9);
    sell.flags = PL_ORDF_REDUCE_ONLY;
    sell.tif = PL_TIF_IOC;
    (void)rig_do(&r, 0, sell, 21);
    assert_int_equal(filled(&r, sell.id), 4);
    struct pl_action more = rig_new(&r, 0, PL_BUY, 101, 9); /* flat: nothing to reduce */
    more.flags = PL_ORDF_REDUCE_ONLY;
    assert_int_equal(rig_do(&r, 0, more, 22).reason, PL_REJECT_REDUCE_ONLY);
    rig_close(&r);
}

static struct pl_action amend_of(const struct pl_action *a, int64_t px, int64_t lots)
{
    struct pl_action amend = *a;
    amend.kind = PL_ACT_AMEND;
    amend.px = px;
    amend.lots = lots;
    return amend;
}

/* Less size keeps the place; more size, or another price, goes to the end of the queue. */
static void test_amend_priority(void **state)
{
    (void)state;
    struct rig r;
    struct pl_sim_config config = rig_config();
    struct pl_inst inst = rig_inst();
    config.queue.model = PL_QUEUE_RISK;
    open_with(&r, &config, &inst);
    struct pl_action bid = rig_new(&r, 0, PL_BUY, 99, 10);
    bid.flags = PL_ORDF_POST_ONLY;
    (void)rig_do(&r, 0, bid, 20);
    rig_trade(&r, 30, PL_SELL, 99, 4);
    assert_true(pl_sim_queue_front(r.sim, 0) == 6);
    rig_rows(&r, PL_MSG_DEPTH, 31, LEVELS({99, 16}), NULL, 0);
    assert_int_equal(rig_do(&r, 0, amend_of(&bid, 99, 7), 32).left, 7);
    assert_true(pl_sim_queue_front(r.sim, 0) == 6);
    assert_int_equal(rig_do(&r, 0, amend_of(&bid, 99, 8), 33).left, 8);
    assert_true(pl_sim_queue_front(r.sim, 0) == 16);
    assert_int_equal(rig_do(&r, 0, amend_of(&bid, 98, 8), 34).kind, PL_RSP_AMENDED);
    assert_true(pl_sim_queue_front(r.sim, 0) == 10);
    struct pl_response no = rig_do(&r, 0, amend_of(&bid, 101, 8), 35);
    assert_int_equal(no.kind, PL_RSP_AMEND_REJECTED);
    assert_int_equal(no.reason, PL_REJECT_POST_ONLY);
    assert_int_equal(no.left, 8);
    assert_true(pl_sim_queue_front(r.sim, 0) == 10);
    /* sizes count what is executed: 3 filled, amended to 5 in all leaves 2; to 3 leaves none */
    rig_trade(&r, 40, PL_SELL, 98, 13);
    assert_int_equal(filled(&r, bid.id), 3);
    assert_int_equal(rig_do(&r, 0, amend_of(&bid, 98, 5), 41).left, 2);
    assert_int_equal(rig_do(&r, 0, amend_of(&bid, 98, 3), 42).left, 0);
    no = rig_do(&r, 0, amend_of(&bid, 98, 5), 43); /* gone */
    assert_int_equal(no.reason, PL_REJECT_UNKNOWN);
    assert_int_equal(no.left, 0);
    rig_close(&r);
}

/* Without post-only an amend across the spread takes, and what is left rests. */
static void test_amend_that_takes(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action bid = rig_new(&r, 0, PL_BUY, 99, 15);
    (void)rig_do(&r, 0, bid, 20);
    struct pl_response a = rig_do(&r, 0, amend_of(&bid, 101, 15), 21);
    assert_int_equal(a.kind, PL_RSP_AMENDED);
    assert_int_equal(a.left, 5);
    expect_fill(&r, 0, bid.id, 101, 10, true);
    rig_trade(&r, 30, PL_SELL, 101, 2);
    expect_fill(&r, 1, bid.id, 101, 2, false);
    rig_close(&r);
}

static void test_rate_limit(void **state)
{
    (void)state;
    struct rig r;
    struct pl_sim_config config = rig_config();
    struct pl_inst inst = rig_inst();
    config.rate_per_s = 10;
    config.rate_burst = 3;
    open_with(&r, &config, &inst);
    int64_t t = PL_NS_PER_S;
    static const enum pl_response_kind want[] = {PL_RSP_ACCEPTED, PL_RSP_ACCEPTED, PL_RSP_ACCEPTED,
                                                 PL_RSP_REJECTED, PL_RSP_REJECTED};
    struct pl_action first = rig_new(&r, 0, PL_BUY, 98, 1);
    for (uint32_t i = 0; i < PL_COUNT(want); i++) { /* makers 0 and 1 share one account */
        struct pl_action a = i == 0 ? first : rig_new(&r, (i & 1) * 64 + i, PL_BUY, 98, 1);
        struct pl_response got = rig_do(&r, i & 1, a, t);
        assert_int_equal(got.kind, want[i]);
        assert_int_equal(got.reason, want[i] == PL_RSP_REJECTED ? PL_REJECT_RATE : PL_REJECT_NONE);
    }
    struct pl_action cancel = first;
    cancel.kind = PL_ACT_CANCEL;
    struct pl_response got = rig_do(&r, 0, cancel, t); /* cancels cost as well; the order stands */
    assert_int_equal(got.kind, PL_RSP_CANCEL_REJECTED);
    assert_int_equal(got.left, 1);
    assert_true(pl_sim_queue_front(r.sim, 0) >= 0);
    got = rig_do(&r, 2, rig_new(&r, 128, PL_BUY, 98, 1), t); /* another account */
    assert_int_equal(got.kind, PL_RSP_ACCEPTED);
    got = rig_do(&r, 0, cancel, t + 100 * PL_NS_PER_MS); /* one request is back */
    assert_int_equal(got.kind, PL_RSP_CANCELLED);
    got = rig_do(&r, 0, rig_new(&r, 0, PL_BUY, 98, 1), t + 150 * PL_NS_PER_MS);
    assert_int_equal(got.kind, PL_RSP_REJECTED);
    rig_close(&r);
}

/* ---- streams -------------------------------------------------------------------------------- */

/* A best bid/ask is fresher than depth: it meets our orders, and depth that is older does not undo it. */
static void test_best_bid_ask_crosses(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action bid = rig_new(&r, 0, PL_BUY, 99, 9);
    (void)rig_do(&r, 0, bid, 20);
    r.px[0] = 97;
    r.px[1] = 99;
    r.lots[0] = 5;
    r.lots[1] = 4;
    rig_apply(&r, PL_MSG_BBO, 0, 1, 2, 30, 100);
    assert_int_equal(filled(&r, bid.id), 4);
    rig_apply(&r, PL_MSG_BBO, 0, 1, 2, 31, 101); /* the same lots again: taken already */
    assert_int_equal(filled(&r, bid.id), 4);
    r.seq = 50; /* depth from before, with that ask at 2: does not give back what was taken */
    rig_rows(&r, PL_MSG_DEPTH, 32, LEVELS({99, 0}), LEVELS({99, 2}));
    assert_int_equal(filled(&r, bid.id), 4);
    r.px[0] = 97;
    r.px[1] = 99;
    r.lots[0] = 5;
    r.lots[1] = 6;
    rig_apply(&r, PL_MSG_BBO, 0, 1, 2, 33, 90); /* older than the last one, newer than the depth */
    assert_int_equal(filled(&r, bid.id), 6);
    rig_apply(&r, PL_MSG_BBO, 0, 1, 2, 34, 40); /* older than the depth: says nothing */
    assert_int_equal(filled(&r, bid.id), 6);
    /* the peer ignores the stream */
    rig_close(&r);
    struct pl_sim_config config = rig_config();
    struct pl_inst inst = rig_inst();
    config.compat = true;
    open_with(&r, &config, &inst);
    bid = rig_new(&r, 0, PL_BUY, 99, 9);
    (void)rig_do(&r, 0, bid, 20);
    r.px[0] = 97;
    r.px[1] = 98;
    r.lots[0] = r.lots[1] = 5;
    rig_apply(&r, PL_MSG_BBO, 0, 1, 2, 30, 100);
    assert_int_equal(r.fill_count, 0);
    rig_close(&r);
}

/* Beyond the horizon an empty level means "not known": prints there do not fill us until the level is
 * seen; then what it shows is ahead of us. */
static void test_horizon(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r); /* the snapshot ends at 97 */
    struct pl_action bid = rig_new(&r, 0, PL_BUY, 95, 5);
    assert_int_equal(rig_do(&r, 0, bid, 20).kind, PL_RSP_ACCEPTED);
    rig_trade(&r, 30, PL_SELL, 95, 100);
    assert_int_equal(r.fill_count, 0);
    rig_rows(&r, PL_MSG_DEPTH, 31, LEVELS({95, 20}), NULL, 0);
    assert_true(pl_sim_queue_front(r.sim, 0) == 20);
    rig_trade(&r, 32, PL_SELL, 95, 22);
    assert_int_equal(filled(&r, bid.id), 2);
    rig_trade(&r, 33, PL_SELL, 94, 2); /* through us: wherever we stood */
    assert_int_equal(filled(&r, bid.id), 4);
    /* an order beyond the horizon and a print through it */
    struct pl_action deep = rig_new(&r, 1, PL_BUY, 90, 5);
    (void)rig_do(&r, 0, deep, 40);
    rig_trade(&r, 41, PL_SELL, 89, 100);
    assert_int_equal(filled(&r, deep.id), 5);
    rig_close(&r);
}

/* A snapshot says how long a level is: nobody stands further back. It is no trade and fills nobody. */
static void test_snapshot(void **state)
{
    (void)state;
    struct rig r;
    open_plain(&r);
    struct pl_action bid = rig_new(&r, 0, PL_BUY, 98, 5), gone = rig_new(&r, 1, PL_BUY, 97, 5);
    (void)rig_do(&r, 0, bid, 20);
    (void)rig_do(&r, 0, gone, 20);
    rig_rows(&r, PL_MSG_SNAPSHOT, 30, LEVELS({99, 10}, {98, 4}, {96, 1}), LEVELS({101, 10}));
    assert_true(pl_sim_queue_front(r.sim, 0) == 4);
    assert_true(pl_sim_queue_front(r.sim, 1) == 0); /* 97 is known to be empty */
    rig_rows(&r, PL_MSG_SNAPSHOT, 31, LEVELS({99, 10}, {98, 40}), LEVELS({101, 10}));
    assert_true(pl_sim_queue_front(r.sim, 0) == 4);
    assert_int_equal(r.fill_count, 0);
    rig_rows(&r, PL_MSG_SNAPSHOT, 32, LEVELS({95, 3}),
             LEVELS({98, 2}, {99, 9})); /* below our bid */
    assert_int_equal(filled(&r, bid.id), 2);
    rig_close(&r);
}

/* On one connection a later request never arrives earlier, nor is a later answer heard earlier. */
static void test_one_connection_is_first_in_first_out(void **state)
{
    (void)state;
    struct rig r;
    struct pl_sim_config config = rig_config();
    struct pl_inst inst = rig_inst();
    config.latency = (struct pl_latency){
        .kind = PL_LATENCY_LOGNORMAL, .entry_ns = 5000000, .response_ns = 3000000, .log_sd = 1.5};
    open_with(&r, &config, &inst);
    for (uint32_t i = 0; i < 48; i++) {
        for (uint32_t maker = 0; maker < 3; maker++) {
            rig_send(&r, maker, rig_new(&r, maker * 64 + i, PL_BUY, 90, 1), 1000 + i * 1000);
        }
    }
    rig_run(&r, PL_TIME_NEVER - 1);
    assert_int_equal(r.answer_count, 3 * 48);
    int64_t arrived[3] = {0}, heard[3] = {0}, last = 0;
    uint32_t id[3] = {0}, overtaken = 0;
    for (uint32_t i = 0; i < r.answer_count; i++) {
        const struct pl_response *a = &r.answer[i];
        assert_true(a->venue_ns >= arrived[a->maker] && a->local_ns >= heard[a->maker]);
        assert_true(a->id > id[a->maker]);
        assert_true(a->local_ns >= last && a->local_ns >= a->venue_ns);
        overtaken += i > 0 && a->id < r.answer[i - 1].id; /* between connections they may */
        arrived[a->maker] = a->venue_ns;
        heard[a->maker] = last = a->local_ns;
        id[a->maker] = a->id;
    }
    assert_true(overtaken > 0);
    rig_close(&r);
}

static void test_latency_kinds(void **state)
{
    (void)state;
    struct pl_latency l = {.kind = PL_LATENCY_CONSTANT, .entry_ns = 500, .response_ns = 300};
    assert_int_equal(pl_latency_entry(&l, 1, 2, 3, 999), 500);
    assert_int_equal(pl_latency_response(&l, 1, 2, 3, 999), 300);
    l.kind = PL_LATENCY_FEED;
    l.factor = 2;
    assert_int_equal(pl_latency_entry(&l, 1, 2, 3, 1000), 2000);
    assert_int_equal(pl_latency_entry(&l, 1, 2, 3, 100), 500);
    assert_int_equal(pl_latency_entry(&l, 1, 2, 3, -100), 500);
    l.kind = PL_LATENCY_LOGNORMAL;
    l.log_sd = 0.5;
    uint32_t below_median = 0;
    for (uint64_t i = 0; i < 2000; i++) {
        int64_t a = pl_latency_entry(&l, 7, 8, i, 0);
        assert_true(a > 0);
        assert_int_equal(a, pl_latency_entry(&l, 7, 8, i, 12345)); /* a function of its names */
        below_median += a < 500;
    }
    assert_true(below_median > 900 && below_median < 1100);
}

/* ---- universes and repetition --------------------------------------------------------------- */

struct wild { /* a random stream of market and requests, the requests of a maker its own */
    struct rig rig;
    uint64_t seed;
};

static uint64_t draw(const struct wild *w, uint64_t key, uint64_t step, uint64_t n)
{
    return pl_rand_u64(w->seed, 4, key, step) % n;
}

static void wild_market(struct wild *w, int64_t t)
{
    struct rig *r = &w->rig;
    uint64_t step = (uint64_t)t * 16;
    int64_t centre = 1000 + (int64_t)(draw(w, 1, (uint64_t)t / 50, 9));
    if (draw(w, 0, step, 3) == 0) {
        enum pl_side aggressor = (enum pl_side)draw(w, 0, step + 1, 2);
        rig_trade(r, t, aggressor, centre + (int64_t)draw(w, 0, step + 2, 9) - 4,
                  1 + (int64_t)draw(w, 0, step + 3, 10));
        return;
    }
    uint32_t rows = 1 + (uint32_t)draw(w, 0, step + 1, 4), bids = rows / 2;
    for (uint32_t i = 0; i < rows; i++) {
        int64_t away = 1 + (int64_t)draw(w, 0, step + 4 + i, 5);
        r->px[i] = centre + (i < bids ? -away : away);
        r->lots[i] = (int64_t)draw(w, 0, step + 8 + i, 12);
    }
    rig_apply(r, PL_MSG_DEPTH, 0, bids, rows, t, ++r->seq);
}

/* Requests of one maker at time t: a pure function of (key, t). */
static void wild_maker(struct wild *w, uint32_t maker, uint64_t key, int64_t t)
{
    uint64_t step = (uint64_t)t * 16;
    if (draw(w, key, step, 3) != 0) {
        return;
    }
    uint32_t place = (uint32_t)draw(w, key, step + 1, 64), slot = maker * 64 + place;
    struct pl_action a = {.px = 996 + (int64_t)draw(w, key, step + 2, 18),
                          .lots = 1 + (int64_t)draw(w, key, step + 3, 40),
                          .slot = slot,
                          .id = (uint32_t)t, /* the same alone and in company */
                          .kind = PL_ACT_NEW,
                          .side = (uint8_t)draw(w, key, step + 4, 2),
                          .tif = (uint8_t)(draw(w, key, step + 5, 4) == 0 ? PL_TIF_IOC : 0),
                          .flags = (uint8_t)(draw(w, key, step + 6, 6) == 0 ? PL_ORDF_MARKET : 0)};
    if (pl_sim_queue_front(w->rig.sim, slot) != -1) {
        a.kind = PL_ACT_CANCEL;
        a.id = 0; /* of whichever order rests there: found below */
        for (uint32_t i = w->rig.answer_count; i > 0; i--) {
            const struct pl_response *r = &w->rig.answer[i - 1];
            if (r->slot == slot && r->kind == PL_RSP_ACCEPTED) {
                a.id = r->id;
                break;
            }
        }
    } else if ((a.flags & PL_ORDF_MARKET) != 0) {
        a.tif = PL_TIF_IOC;
    }
    rig_send(&w->rig, maker, a, t);
    rig_run(&w->rig, t);
}

static void wild_open(struct wild *w, uint64_t seed, uint32_t makers)
{
    struct pl_sim_config config = rig_config();
    struct pl_inst inst = rig_inst();
    config.makers = config.universes = makers;
    rig_open(&w->rig, &config, &inst);
    w->seed = seed;
}

static void wild_run(struct wild *w, const uint32_t *maker, const uint64_t *key, uint32_t makers,
                     int64_t steps)
{
    for (int64_t t = 1; t <= steps; t++) {
        wild_market(w, t);
        for (uint32_t i = 0; i < makers; i++) {
            wild_maker(w, maker[i], key[i], t);
        }
    }
}

/* Maker B alone, and in the middle of 50 others in universes of their own: the same fills. */
static void test_universes_do_not_see_each_other(void **state)
{
    (void)state;
    static struct wild alone, crowd;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        wild_open(&alone, seed, 1);
        wild_run(&alone, (uint32_t[]){0}, (uint64_t[]){777}, 1, 2000);
        wild_open(&crowd, seed, 51);
        uint32_t maker[51];
        uint64_t key[51];
        for (uint32_t i = 0; i < 51; i++) {
            maker[i] = i;
            key[i] = i == 25 ? 777 : 1000 + i;
        }
        wild_run(&crowd, maker, key, 51, 2000);
        uint32_t seen = 0;
        for (uint32_t i = 0; i < crowd.rig.fill_count; i++) {
            const struct pl_sim_fill *a = &crowd.rig.fill[i];
            if (a->maker != 25) {
                continue;
            }
            assert_true(seen < alone.rig.fill_count);
            const struct pl_sim_fill *b = &alone.rig.fill[seen++];
            assert_true(a->order_id == b->order_id && a->px == b->px && a->lots == b->lots &&
                        a->venue_ns == b->venue_ns && a->taker == b->taker);
        }
        assert_int_equal(seen, alone.rig.fill_count);
        assert_true(seen > 100);
        rig_close(&alone.rig);
        rig_close(&crowd.rig);
    }
}

static void test_two_runs_give_the_same_bytes(void **state)
{
    (void)state;
    static struct wild a, b;
    uint32_t maker[] = {0, 1, 2, 3};
    uint64_t key[] = {11, 12, 13, 14};
    wild_open(&a, 5, 4);
    wild_open(&b, 5, 4);
    wild_run(&a, maker, key, 4, 2000);
    wild_run(&b, maker, key, 4, 2000);
    assert_int_equal(a.rig.fill_count, b.rig.fill_count);
    assert_memory_equal(a.rig.fill, b.rig.fill, a.rig.fill_count * sizeof *a.rig.fill);
    assert_memory_equal(a.rig.answer, b.rig.answer, a.rig.answer_count * sizeof *a.rig.answer);
    rig_close(&a.rig);
    rig_close(&b.rig);
}

/* Takers that walk more levels than an account can remember: it stops there, and no lot is used twice,
 * nor does a glutton leave less to others. */
static void test_memory_of_what_was_taken(void **state)
{
    (void)state;
    struct rig r;
    struct pl_sim_config config = rig_config();
    struct pl_inst inst = rig_inst();
    config.makers = config.universes = 2;
    rig_open(&r, &config, &inst);
    struct pl_book_level ask[300];
    for (uint32_t i = 0; i < 300; i++) {
        ask[i] = (struct pl_book_level){1001 + i, 2};
    }
    rig_rows(&r, PL_MSG_SNAPSHOT, 1, LEVELS({999, 5}), ask, 300);
    int64_t total[2] = {0, 0};
    for (int round = 0; round < 3; round++) {
        for (uint32_t maker = 0; maker < 2; maker++) {
            struct pl_action m = rig_new(&r, maker * 64, PL_BUY, 0, 10000);
            m.flags = PL_ORDF_MARKET;
            m.tif = PL_TIF_IOC;
            (void)rig_do(&r, maker, m, 10 + round);
            total[maker] += filled(&r, m.id);
        }
    }
    assert_int_equal(total[0], 64 * 2);
    assert_int_equal(total[1], 64 * 2);
    /* fill-or-kill counts on no more than it can take */
    struct pl_action fok = rig_new(&r, 0, PL_BUY, 1300, 4);
    fok.tif = PL_TIF_FOK;
    assert_int_equal(rig_do(&r, 0, fok, 20).kind, PL_RSP_REJECTED);
    /* levels that go give their place back */
    for (uint32_t i = 0; i < 64; i++) {
        ask[i].lots = 0;
    }
    rig_rows(&r, PL_MSG_DEPTH, 30, NULL, 0, ask, 64);
    fok = rig_new(&r, 0, PL_BUY, 1300, 4);
    fok.tif = PL_TIF_FOK;
    assert_int_equal(rig_do(&r, 0, fok, 31).kind, PL_RSP_ACCEPTED);
    /* a resting order met by more levels than there is room for takes the rest when there is room */
    struct pl_action bid = rig_new(&r, 0, PL_BUY, 1000, 10000);
    (void)rig_do(&r, 0, bid, 40);
    for (uint32_t i = 0; i < 100; i++) {
        ask[i] = (struct pl_book_level){900 + i, 1};
    }
    rig_rows(&r, PL_MSG_DEPTH, 50, LEVELS({999, 0}), ask, 100);
    int64_t first = filled(&r, bid.id);
    assert_true(first > 0 && first < 100);
    rig_rows(&r, PL_MSG_DEPTH, 51, NULL, 0, LEVELS({900, 0}, {901, 0}));
    rig_rows(&r, PL_MSG_DEPTH, 52, LEVELS({800, 1}), NULL, 0);
    assert_int_equal(filled(&r, bid.id), first + 2);
    rig_close(&r);
}

static void test_config(void **state)
{
    (void)state;
    static const struct {
        uint32_t slots, makers, universes;
        struct pl_queue_params queue;
        int rc;
    } rows[] = {
        {64, 1, 1, {.model = PL_QUEUE_RISK}, 0},
        {63, 1, 1, {.model = PL_QUEUE_RISK}, PL_ERR_INVALID},
        {96, 1, 1, {.model = PL_QUEUE_RISK}, PL_ERR_INVALID},
        {64, 0, 1, {.model = PL_QUEUE_RISK}, PL_ERR_INVALID},
        {64, 1, 0, {.model = PL_QUEUE_RISK}, PL_ERR_INVALID},
        {64, 1u << 30, 1, {.model = PL_QUEUE_RISK}, PL_ERR_INVALID},
        {64, 1, 1, {.model = PL_QUEUE_POWER1, .n = 0}, PL_ERR_INVALID},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_arena *arena;
        struct pl_sim *sim;
        struct pl_error err = {0};
        struct pl_sim_config config = rig_config();
        config.slots_per_maker = rows[i].slots;
        config.makers = rows[i].makers;
        config.universes = rows[i].universes;
        config.queue = rows[i].queue;
        assert_int_equal(pl_arena_create(&arena), 0);
        assert_int_equal(pl_sim_create(arena, &config, &sim, &err), rows[i].rc);
        assert_int_equal(err.code, rows[i].rc);
        pl_sim_destroy(&sim);
        pl_arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config),
        cmocka_unit_test(test_partial_fills_reach_the_position),
        cmocka_unit_test(test_ioc_over_two_levels),
        cmocka_unit_test(test_ioc_rest_is_cancelled),
        cmocka_unit_test(test_print_equal_to_what_is_left),
        cmocka_unit_test(test_two_bids_and_one_print),
        cmocka_unit_test(test_two_bids_behind_a_queue),
        cmocka_unit_test(test_print_through_a_large_bid),
        cmocka_unit_test(test_two_iocs_against_one_level),
        cmocka_unit_test(test_market_order_walks_the_book),
        cmocka_unit_test(test_front_never_negative_on_a_cancellation),
        cmocka_unit_test(test_crossed_top),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_reduce_only),
        cmocka_unit_test(test_amend_priority),
        cmocka_unit_test(test_amend_that_takes),
        cmocka_unit_test(test_rate_limit),
        cmocka_unit_test(test_best_bid_ask_crosses),
        cmocka_unit_test(test_horizon),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_one_connection_is_first_in_first_out),
        cmocka_unit_test(test_latency_kinds),
        cmocka_unit_test(test_universes_do_not_see_each_other),
        cmocka_unit_test(test_two_runs_give_the_same_bytes),
        cmocka_unit_test(test_memory_of_what_was_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
