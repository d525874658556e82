/* What the engine does with what a strategy says about itself: its mark, the share of an order that
 * makes a fill count, rejections, tolerances, guards, and a lead market whose grid changes. */
#include "engine/engine.h"

#include "base/assert.h"
#include "base/rand.h"
#include "strategy/spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SENT_MAX 64
#define MS       PL_NS_PER_MS

struct rig {
    struct pl_port port; /* first: the engine hands it back */
    struct pl_engine *engine;
    struct pl_spread_params params;
    struct pl_inst inst;
    struct pl_action sent[SENT_MAX];
    uint32_t count;
    int64_t now;
    uint64_t seq;
};

static void submit(struct pl_port *port, uint32_t maker, const struct pl_action *action,
                   uint32_t count, int64_t now_ns)
{
    struct rig *r = (struct rig *)(void *)port;
    (void)maker;
    (void)now_ns;
    for (uint32_t i = 0; i < count && r->count < SENT_MAX; i++) {
        r->sent[r->count++] = action[i];
    }
}

static void set(struct rig *r, const char *name, const char *value)
{
    const struct pl_settings_table *table = pl_strategy_spread.settings;
    struct pl_error err;
    const struct pl_setting *row = pl_settings_find(table, pl_str(name));
    assert_non_null(row);
    struct pl_setting_origin origin = {"test", 0};
    assert_int_equal(pl_settings_parse(row, pl_str(value), origin, &r->params, &err), 0);
}

static void rig_open(struct rig *r)
{
    struct pl_error err;
    *r = (struct rig){.port = {.submit = submit}, .now = 1000 * PL_NS_PER_S};
    r->inst = (struct pl_inst){.venue = "test",
                               .symbol = "XYZUSD",
                               .base = "XYZ",
                               .quote = "USD",
                               .tick = {1, 1},
                               .lot = {1, 0},
                               .contract_size = {1, 0}};
    assert_int_equal(pl_settings_defaults(pl_strategy_spread.settings, &r->params, &err), 0);
    set(r, "quote_size", "4");
    set(r, "max_position", "30");
    set(r, "reference_price", "mid");
    set(r, "refresh_ms", "100");
}

static void rig_start(struct rig *r, int64_t mark, bool lead, bool guards_off)
{
    struct pl_error err = {0};
    struct pl_engine_config config = {
        .makers_max = 1, .universes_max = 1, .slots_per_maker = 64, .guards_off = guards_off};
    struct pl_market_config market = {.view_ring = 64};
    assert_int_equal(pl_engine_create(&config, &r->engine, &err), 0);
    assert_int_equal(pl_engine_add_market(r->engine, &market, &r->inst, &err), 0);
    if (lead) {
        assert_int_equal(pl_engine_add_market(r->engine, &market, &r->inst, &err), 1);
    }
    struct pl_maker_config maker = {.strategy = &pl_strategy_spread,
                                    .params = &r->params,
                                    .market = 0,
                                    .lead_market = lead ? 1 : -1,
                                    .max_position_lots = mark};
    if (pl_engine_add_maker(r->engine, &maker, &err) != 0) {
        fail_msg("%s", err.text);
    }
    pl_engine_set_port(r->engine, &r->port);
    assert_int_equal(pl_engine_start(r->engine, r->now, 0, &err), 0);
}

static void rig_close(struct rig *r)
{
    pl_engine_destroy(&r->engine);
}

static void quote(struct rig *r, uint32_t market, int64_t bid, int64_t ask)
{
    const uint8_t kind = PL_MSG_BBO, flags = 0;
    const uint16_t of = 0;
    const uint32_t rows[2] = {0, 2}, bids = 1;
    const uint64_t seq = ++r->seq;
    const int64_t px[2] = {bid, ask}, lots[2] = {10, 10};
    struct pl_block block = {.msg_count = 1,
                             .row_count = 2,
                             .kind = &kind,
                             .flags = &flags,
                             .market = &of,
                             .row_begin = rows,
                             .bid_count = &bids,
                             .venue_ns = &r->now,
                             .local_ns = &r->now,
                             .seq = &seq,
                             .seq_first = &seq,
                             .px = px,
                             .lots = lots};
    struct pl_event event = {
        .kind = PL_EVENT_MARKET, .now_ns = r->now, .market = market, .block = &block};
    pl_market_apply(pl_engine_market(r->engine, market), &block, 0);
    pl_engine_step(r->engine, &event);
}

/* The next decision; requests it made are in sent. */
static uint32_t fire(struct rig *r)
{
    struct pl_event event = {.kind = PL_EVENT_TIMER};
    r->now = event.now_ns = pl_engine_next_deadline(r->engine);
    r->count = 0;
    pl_engine_step(r->engine, &event);
    return r->count;
}

static void answer(struct rig *r, const struct pl_action *a, enum pl_response_kind kind,
                   int64_t lots, int64_t left)
{
    struct pl_response response = {.local_ns = r->now,
                                   .venue_ns = r->now,
                                   .px = a->px,
                                   .lots = lots,
                                   .left = left,
                                   .slot = a->slot,
                                   .id = a->id,
                                   .kind = (uint8_t)kind,
                                   .side = a->side};
    response.reason = kind == PL_RSP_REJECTED ? PL_REJECT_POST_ONLY : PL_REJECT_NONE;
    struct pl_event event = {.kind = PL_EVENT_RESPONSE, .now_ns = r->now, .response = &response};
    pl_engine_step(r->engine, &event);
}

static void accept_all(struct rig *r)
{
    uint32_t count = r->count;
    for (uint32_t i = 0; i < count; i++) {
        bool cancel = r->sent[i].kind == PL_ACT_CANCEL;
        answer(r, &r->sent[i], cancel ? PL_RSP_CANCELLED : PL_RSP_ACCEPTED, r->sent[i].lots,
               cancel ? 0 : r->sent[i].lots);
    }
}

static void test_the_smaller_mark_counts(void **state)
{
    (void)state;
    static const struct {
        int64_t mark, want;
    } rows[] = {{INT64_MAX, 30}, {20, 20}, {40, 30}};
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct rig r;
        rig_open(&r);
        rig_start(&r, rows[i].mark, false, false);
        const struct pl_maker *m = pl_engine_maker(r.engine, 0);
        assert_int_equal(m->policy.max_long, rows[i].want);
        assert_int_equal(m->policy.max_short, rows[i].want);
        rig_close(&r);
    }
}

/* The side waits once half of its order is filled, and not before. */
static void test_a_share_of_the_order_makes_a_fill_count(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    set(&r, "filled_order_delay_ms", "1000");
    set(&r, "filled_order_delay_fraction", "0.5");
    set(&r, "refill_below", "1"); /* each fill is topped up, unless the side is held */
    rig_start(&r, INT64_MAX, false, false);
    quote(&r, 0, 9999, 10001);
    assert_int_equal(fire(&r), 2);
    struct pl_action bid = r.sent[0];
    accept_all(&r);
    answer(&r, &bid, PL_RSP_FILL, 1, 3);
    assert_int_equal(fire(&r), 2); /* cancelled and made again */
    assert_int_equal(r.sent[0].kind, PL_ACT_CANCEL);
    bid = r.sent[1];
    accept_all(&r);
    answer(&r, &bid, PL_RSP_FILL, 1, 3);
    answer(&r, &bid, PL_RSP_FILL, 1, 2);
    int64_t filled_ns = r.now;
    while (r.now + 100 * MS < filled_ns + 1000 * MS) {
        assert_int_equal(fire(&r), 0);
    }
    assert_int_equal(fire(&r), 2);
    rig_close(&r);
}

static void test_rejections_push_the_side_out(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    set(&r, "base_spread_bps", "0");
    set(&r, "post_only_retry_ms", "250");
    rig_start(&r, INT64_MAX, false, false);
    quote(&r, 0, 9999, 10001);
    assert_int_equal(fire(&r), 2);
    assert_int_equal(r.sent[0].px, 9999);
    answer(&r, &r.sent[0], PL_RSP_REJECTED, 4, 0);
    answer(&r, &r.sent[1], PL_RSP_ACCEPTED, 4, 4);
    assert_int_equal(fire(&r), 0); /* 100 and 200 ms: waits */
    assert_int_equal(fire(&r), 0);
    assert_int_equal(fire(&r), 1);
    assert_int_equal(r.sent[0].px, 9998);
    answer(&r, &r.sent[0], PL_RSP_REJECTED, 4, 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(fire(&r), 0);
    }
    assert_int_equal(fire(&r), 1);
    assert_int_equal(r.sent[0].px, 9996);
    rig_close(&r);
}

static void test_tolerance_follows_the_mid(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    set(&r, "price_tolerance_bps", "3"); /* 3 ticks at 1000.0, 4 above */
    rig_start(&r, INT64_MAX, false, false);
    quote(&r, 0, 9999, 10001);
    assert_int_equal(fire(&r), 2);
    accept_all(&r);
    quote(&r, 0, 10001, 10003);
    assert_int_equal(fire(&r), 0);
    quote(&r, 0, 10004, 10006); /* 4 ticks and more */
    assert_int_equal(fire(&r), 4);
    rig_close(&r);
}

/* A lead on a grid ten times as fine is another basis: what was usual is forgotten. */
static void test_a_lead_with_another_grid(void **state)
{
    (void)state;
    struct rig r;
    struct pl_error err;
    rig_open(&r);
    set(&r, "lead_weight", "0.5");
    set(&r, "lead_halflife_s", "1");
    rig_start(&r, INT64_MAX, true, false);
    quote(&r, 0, 9999, 10001);
    quote(&r, 1, 9999, 10001);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(fire(&r), 0);
    }
    assert_int_equal(fire(&r), 2);
    accept_all(&r);
    struct pl_inst finer = r.inst;
    finer.tick = (struct pl_decimal){1, 2};
    assert_int_equal(pl_engine_change_inst(r.engine, 1, &finer, &err), 0);
    quote(&r, 1, 99990, 100010);
    assert_int_equal(fire(&r), 2); /* both cancelled: not warm again yet */
    assert_int_equal(r.sent[0].kind, PL_ACT_CANCEL);
    accept_all(&r);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(fire(&r), 0);
    }
    assert_int_equal(fire(&r), 2);
    assert_int_equal(r.sent[0].px, 9995); /* where it was: the signal is 0 */
    rig_close(&r);
}

/* Every request of a walk with fills and refusals, asked always or only when a guard is left. */
static uint64_t walk(bool guards_off, const char *reference, uint64_t *guarded)
{
    struct rig r;
    rig_open(&r);
    set(&r, "reference_price", reference);
    set(&r, "base_spread_bps", "3");
    set(&r, "order_levels", "2");
    set(&r, "level_step_bps", "1");
    set(&r, "inventory_skew_bps", "2");
    set(&r, "filled_order_delay_ms", "300");
    rig_start(&r, INT64_MAX, false, guards_off);
    int64_t bid = 10000;
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t draw = pl_rand_u64(7, 1, 2, i);
        bid += draw % 5 == 0 ? (int64_t)(draw >> 8 & 3) - 1 - (bid > 10000) : 0;
        r.now += 10 * MS;
        quote(&r, 0, bid, bid + 1 + (int64_t)(draw >> 16 & 1));
        fire(&r);
        for (uint32_t k = 0; k < r.count; k++) {
            struct pl_action a = r.sent[k];
            bool cancel = a.kind == PL_ACT_CANCEL, refuse = (draw >> (20 + k) & 15) == 0;
            answer(&r, &a,
                   cancel   ? PL_RSP_CANCELLED
                   : refuse ? PL_RSP_REJECTED
                            : PL_RSP_ACCEPTED,
                   a.lots, cancel || refuse ? 0 : a.lots);
            if (!cancel && !refuse && (draw >> (40 + k) & 3) == 0) {
                answer(&r, &a, PL_RSP_FILL, 1, a.lots - 1);
            }
        }
        struct pl_event end = {.kind = PL_EVENT_BATCH_END, .now_ns = r.now};
        r.count = 0;
        pl_engine_step(r.engine, &end);
        accept_all(&r);
    }
    uint64_t digest = pl_engine_digest(r.engine);
    *guarded = pl_engine_guarded(r.engine);
    rig_close(&r);
    return digest;
}

static void test_guards_change_no_request(void **state)
{
    (void)state;
    static const char *const references[] = {"mid", "micro"};
    for (int i = 0; i < 2; i++) {
        uint64_t with, without;
        assert_true(walk(false, references[i], &with) == walk(true, references[i], &without));
        assert_true(with > 500);
        assert_int_equal(without, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_smaller_mark_counts),
        cmocka_unit_test(test_a_share_of_the_order_makes_a_fill_count),
        cmocka_unit_test(test_rejections_push_the_side_out),
        cmocka_unit_test(test_tolerance_follows_the_mid),
        cmocka_unit_test(test_a_lead_with_another_grid),
        cmocka_unit_test(test_guards_change_no_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
