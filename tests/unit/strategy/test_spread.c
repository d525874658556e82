/* `spread`: the rows of makers.md 5, every setting, explanations, the lead market, guards. */
#include "maker.h"

#include "base/rand.h"
#include "core/order_kind.h"

#define COMMON "quote_size=0.004 max_position=0.02 reference_price=mid"

static void start(struct maker *m, const char *tick, const char *settings)
{
    maker_start(m, &pl_strategy_spread, tick, "0.001");
    maker_set_all(m, COMMON);
    maker_set_all(m, settings);
    maker_bind(m);
    m->own = strcmp(tick, "0.1") == 0 ? maker_touch(999, 10, 1001, 10)
                                      : maker_touch(9999, 10, 10001, 10); /* mid 100 */
}

static const struct {
    const char *name, *tick, *settings;
    int64_t pos_lots; /* of max 20 */
    double vol;       /* bps per sqrt(minute); 0 = no such feature */
    const char *want; /* in ticks and lots */
} rows[] = {
    {"base 20", "0.01", "base_spread_bps=20", 0, 0, "9990x4 / 10010x4"},
    {"base 1, min 4", "0.1", "base_spread_bps=1 min_spread_ticks=4", 0, 0, "998x4 / 1002x4"},
    {"levels", "0.01",
     "base_spread_bps=20 order_levels=3 level_step_bps=10 level_size_factor=1.5 max_position=1", 0,
     0, "9990x4 9980x6 9970x9 / 10010x4 10020x6 10030x9"},
    {"skew 10, size 1, qn .5", "0.01", "base_spread_bps=20 inventory_skew_bps=10 size_skew=1", 10,
     0, "9985x2 / 10005x4"},
    {"skew 10, size 2, qn -.5", "0.01", "base_spread_bps=20 inventory_skew_bps=10 size_skew=2", -10,
     0, "9995x4 / 10015x1"},
    {"qn 1", "0.01", "base_spread_bps=20 inventory_skew_bps=10 size_skew=1", 20, 0,
     "MAX_POSITION / 10000x4"},
    {"M 1.6", "0.01", "base_spread_bps=20 dynamic_spread=true", 0, 8, "9984x4 / 10016x4"},
    {"M 3", "0.01", "base_spread_bps=20 dynamic_spread=true", 0, 30, "9970x4 / 10030x4"},
    {"M .5", "0.01", "base_spread_bps=20 dynamic_spread=true", 0, 1, "9995x4 / 10005x4"},
    {"not warm", "0.01", "base_spread_bps=20 dynamic_spread=true", 0, NAN, "WARMUP / WARMUP"},
};

static double feature_of(double vol)
{
    return vol * 1e-4 / sqrt(60);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct maker m;
        start(&m, rows[i].tick, rows[i].settings);
        m.view.pos_lots = rows[i].pos_lots;
        m.feature[0] = feature_of(rows[i].vol);
        maker_expect(&m, rows[i].name, rows[i].want);
        int levels = (int)(m.wanted.count[0] + m.wanted.count[1]);
        assert_int_equal(maker_explained(&m), levels);
        maker_free(&m);
    }
}

/* Book 100.0 x 2, 100.1 x 6, and then everything at once. */
static void test_rows_of_the_micro_price(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "0.01", "base_spread_bps=20 reference_price=micro");
    m.own = maker_touch(10000, 2, 10010, 6);
    maker_expect(&m, "micro 100.025", "9992x4 / 10013x4");
    maker_free(&m);
    start(&m, "0.01",
          "base_spread_bps=20 reference_price=micro dynamic_spread=1 inventory_skew_bps=10 "
          "size_skew=1 order_levels=3 level_step_bps=10 level_size_factor=1.5 max_position=0.2");
    m.own = maker_touch(10000, 2, 10010, 6);
    m.view.pos_lots = 100;
    m.feature[0] = feature_of(8);
    maker_expect(&m, "everything", "9981x2 9965x3 9949x4 / 10014x4 10030x6 10046x9");
    assert_int_equal(maker_explained(&m), 6);
    struct pl_feature_request request[PL_STRATEGY_FEATURES_MAX];
    assert_int_equal(m.strategy->features(m.params, request), 1);
    assert_true(request[0].kind == PL_FEATURE_LOGVOL && request[0].price == PL_PRICE_WMID &&
                request[0].samples == 300 && request[0].sample_ns == PL_NS_PER_S);
    maker_free(&m);
}

/* ---- each setting changes something --------------------------------------------------------- */

static const struct {
    const char *setting;
    int64_t bid, ask, pos_lots;
    const char *want; /* with BASE 20: 9990x4 / 10010x4 without the setting */
} settings[] = {
    {"spread_per_side=true", 9999, 10001, 0, "9980x4 / 10020x4"},
    {"min_spread_ticks=50", 9999, 10001, 0, "9975x4 / 10025x4"},
    {"stay_behind_touch=true", 9980, 10020, 0, "9980x4 / 10020x4"},
    {"post_only=true", 9985, 10015, -20, "9990x4 / MAX_POSITION"},
    {"inventory_skew_bps=20", 9989, 10001, -20, "10000x4 / MAX_POSITION"}, /* clamped */
    {"inventory_skew_bps=20 post_only=false", 9989, 10001, -20, "10004x4 / MAX_POSITION"},
    {"inventory_target=0.005 inventory_skew_bps=20", 9999, 10001, 5, "9990x4 / 10010x4"},
    {"inventory_target=0.005 inventory_skew_bps=20", 9999, 10001, 0, "9995x4 / 10015x4"},
    {"quote_size=0.03", 9999, 10001, 5, "9990x15 / 10010x25"}, /* the mark is 20 */
    {"max_notional=1", 9999, 10001, 5, "9990x4 / 10010x4"},
    {"max_notional=0.8", 9999, 10001, 5, "9990x3 / 10010x4"},
    {"max_notional=0.5", 9999, 10001, 5, "MAX_NOTIONAL / 10010x4"},
    {"price_ceiling=100", 9999, 10001, 0, "CEILING / 10010x4"},
    {"price_ceiling=100", 9999, 10001, -3, "9990x3 / 10010x4"},
    {"price_ceiling=100.01", 9999, 10001, 0, "9990x4 / 10010x4"},
    {"price_floor=100", 9999, 10001, 0, "9990x4 / FLOOR"},
    {"price_floor=100", 9999, 10001, 2, "9990x4 / 10010x2"},
    {"min_order_notional=0.5", 9999, 10001, 0, "BELOW_MIN / BELOW_MIN"},
    {"min_order_notional=0.5 below_min=raise", 9999, 10001, 0, "9990x6 / 10010x5"},
    {"max_order_notional=0.2", 9999, 10001, 0, "9990x2 / 10010x1"},
    {"size_skew=1 max_position=0.008", 9999, 10001, 4, "9990x2 / 10010x4"},
    {"quoting_hours=08:00-20:00", 9999, 10001, 3, "HOURS / HOURS"}, /* it is Tuesday 22:13 */
    {"quoting_hours=08:00-20:00 outside_hours=reduce", 9999, 10001, 3, "HOURS / 10010x3"},
    {"quoting_hours=20:00-23:00", 9999, 10001, 3, "9990x4 / 10010x4"},
};

static void test_each_setting(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct maker m;
        start(&m, "0.01", "base_spread_bps=20");
        char copy[256];
        (void)snprintf(copy, sizeof copy, "%s", settings[i].setting);
        maker_set_all(&m, copy);
        maker_bind(&m);
        m.own = maker_touch(settings[i].bid, 10, settings[i].ask, 10);
        m.view.pos_lots = settings[i].pos_lots;
        maker_expect(&m, settings[i].setting, settings[i].want);
        maker_free(&m);
    }
}

/* makers.md 1.4: ceiling 105, mid 105, q = 0 / q = -0.3: no bids / reduce-only bids of 0.3 at most. */
static void test_reducing_side_is_reduce_only(void **state)
{
    (void)state;
    struct maker m;
    maker_start(&m, &pl_strategy_spread, "0.1", "0.1");
    maker_set_all(&m, "quote_size=1 max_position=5 price_ceiling=105");
    maker_bind(&m);
    m.own = maker_touch(1049, 5, 1051, 5);
    maker_expect(&m, "q 0", "CEILING / 1051x10");
    m.view.pos_lots = -3;
    maker_expect(&m, "q -0.3", "1049x3 / 1051x10");
    assert_int_equal(m.wanted.flags[PL_BUY], PL_ORDF_POST_ONLY | PL_ORDF_REDUCE_ONLY);
    assert_int_equal(m.wanted.flags[PL_SELL], PL_ORDF_POST_ONLY);
    maker_free(&m);
}

static void test_traits_follow_settings(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "0.01",
          "refresh_ms=250 replace_threshold_ticks=0 size_tolerance=0.2 refill_below=0.3 "
          "max_order_age_s=7 order_levels=4 filled_order_delay_fraction=0.5 "
          "post_only_clear_ms=900 max_position=0.05");
    assert_true(m.traits.refresh_ns == 250 * PL_NS_PER_MS && m.traits.replace_ticks == 1 &&
                m.traits.size_tolerance == 0.2 && m.traits.refill_below == 0.3 &&
                m.traits.order_age_ns == 7 * PL_NS_PER_S && m.traits.levels_max == 4 &&
                m.traits.fill_share == 0.5 && m.traits.reject_clear_ns == 900 * PL_NS_PER_MS &&
                m.traits.max_position_lots == 50 && m.traits.order_rest_ns == 0);
    maker_free(&m);
    start(&m, "0.01", "replace_threshold_ticks=3 price_tolerance_bps=2.5");
    assert_int_equal(m.traits.replace_ticks, 3);
    assert_int_equal(maker_ask(&m)->replace_ticks, 3); /* 2.5 ticks at 100 */
    m.own = maker_touch(19999, 10, 20001, 10);
    assert_int_equal(maker_ask(&m)->replace_ticks, 5);
    maker_free(&m);
}

/* Delay 60 s, fills at t = 0 and t = 40 s: the side is free at t = 100 s. */
static void test_delay_after_fills(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "0.01", "filled_order_delay_ms=60000");
    int64_t t0 = m.view.now_ns;
    assert_false(maker_ask(&m)->hold[PL_BUY]);
    m.view.last_fill_ns[PL_BUY] = t0;
    assert_true(maker_ask(&m)->hold[PL_BUY]);
    assert_int_equal(m.wanted.reason[PL_BUY], PL_NOQUOTE_FILL_DELAY);
    assert_int_equal(m.wanted.count[PL_BUY], 1); /* what lives there may stay */
    assert_false(m.wanted.hold[PL_SELL]);
    m.view.last_fill_ns[PL_BUY] = t0 + 40 * PL_NS_PER_S;
    m.view.now_ns = t0 + 100 * PL_NS_PER_S - 1;
    assert_true(maker_ask(&m)->hold[PL_BUY]);
    if (m.wanted.guard.on) {
        assert_int_equal(m.wanted.guard.valid_until_ns, t0 + 100 * PL_NS_PER_S);
    }
    m.view.now_ns = t0 + 100 * PL_NS_PER_S;
    assert_false(maker_ask(&m)->hold[PL_BUY]);
    maker_set(&m, "filled_order_delay_side", "both");
    maker_bind(&m);
    m.view.now_ns--;
    assert_true(maker_ask(&m)->hold[PL_SELL]);
    maker_free(&m);
}

/* Bids at 100.0, then 99.9, then 99.7 refused: the next stand at 99.9, 99.7, 99.3 after 50, 100 and
 * 200 ms. */
static void test_back_off(void **state)
{
    (void)state;
    static const struct {
        int64_t refused, next, wait_ms;
    } steps[] = {{1000, 999, 50}, {999, 997, 100}, {997, 993, 200}, {993, 985, 400}};
    struct maker m;
    start(&m, "0.1", "base_spread_bps=1");
    m.own = maker_touch(1000, 5, 1001, 5);
    maker_expect(&m, "free", "1000x4 / 1001x4");
    int64_t now = m.view.now_ns;
    for (uint32_t i = 0; i < 4; i++) {
        m.view.rejects[PL_BUY] = (struct pl_post_only_rejects){steps[i].refused, now, i + 1};
        m.view.now_ns = now + steps[i].wait_ms * PL_NS_PER_MS - 1;
        char want[64];
        (void)snprintf(want, sizeof want, "%lldx4 / 1001x4", (long long)steps[i].next);
        maker_expect(&m, "refused", want);
        assert_true(m.wanted.hold[PL_BUY] && !m.wanted.hold[PL_SELL]);
        m.view.now_ns++;
        maker_expect(&m, "after the wait", want);
        assert_false(m.wanted.hold[PL_BUY]);
        m.view.now_ns = now + 2 * PL_NS_PER_S;
        maker_expect(&m, "forgotten", "1000x4 / 1001x4");
    }
    m.view.rejects[PL_BUY] = (struct pl_post_only_rejects){1000, now, 40};
    m.view.now_ns = now + 2 * PL_NS_PER_S - 1;
    maker_expect(&m, "at most 16 ticks", "984x4 / 1001x4");
    assert_true(m.wanted.hold[PL_BUY]); /* at most 2 s */
    maker_set(&m, "post_only_backoff_max_ticks", "5");
    maker_set(&m, "post_only_retry_ms", "0");
    maker_bind(&m);
    maker_expect(&m, "at most 5", "995x4 / 1001x4");
    assert_false(m.wanted.hold[PL_BUY]);
    maker_set(&m, "post_only_clear_ms", "100");
    maker_bind(&m);
    maker_expect(&m, "soon forgotten", "1000x4 / 1001x4");
    maker_free(&m);
}

static void test_refused_settings(void **state)
{
    (void)state;
    static const struct {
        const char *set, *word;
    } bad[] = {
        {"quote_size=0.0001", "quote_size"},
        {"max_position=0.0001", "max_position"},
        {"inventory_target=-1", "inventory_target"},
        {"price_ceiling=5 price_floor=5", "price_ceiling"},
        {"quoting_hours=8-9", "quoting_hours"},
        {"vol_mult_min=4", "vol_mult_min"},
        {"lead_weight=1", "lead"},
        {"max_order_notional=5 min_order_notional=6", "max_order_notional"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct maker m;
        maker_start(&m, &pl_strategy_spread, "0.01", "0.001");
        maker_set_all(&m, COMMON);
        maker_set_all(&m, bad[i].set);
        assert_int_equal(maker_try_bind(&m), PL_ERR_INVALID);
        assert_non_null(strstr(m.err.text, bad[i].word));
        maker_free(&m);
    }
}

static void test_nothing_on_a_crossed_book(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "0.01", "base_spread_bps=20");
    m.own = maker_touch(10001, 5, 10001, 5);
    maker_expect(&m, "locked", "CROSSED / CROSSED");
    maker_free(&m);
}

/* ---- the lead market ------------------------------------------------------------------------ */

/* A lead on another tick, 10 bps above us for long, goes up by 20 bps: the reference follows by its
 * weight, and the new basis becomes usual with the half-life. */
static void test_lead_moves_the_reference(void **state)
{
    (void)state;
    struct maker m;
    maker_start(&m, &pl_strategy_spread, "0.01", "0.001");
    maker_set_all(&m, COMMON " base_spread_bps=20 lead_weight=0.5 lead_halflife_s=10");
    m.has_lead = true;
    m.lead_inst.tick = maker_decimal("0.1");
    maker_bind(&m);
    m.own = maker_touch(9999, 10, 10001, 10);
    m.lead = maker_touch(1000, 1, 1002, 1); /* mid 100.1 */
    int64_t t0 = m.view.now_ns;
    maker_expect(&m, "part of a half-life", "WARMUP / WARMUP");
    m.view.now_ns = t0 + 10 * PL_NS_PER_S;
    maker_expect(&m, "usual basis", "9990x4 / 10010x4");
    m.lead = maker_touch(1002, 1, 1004, 1);
    m.view.now_ns++;
    maker_expect(&m, "up 20 bps", "9999x4 / 10020x4"); /* + 9.98 ticks, clamped at 99.99 + */
    assert_int_equal(maker_explained(&m), 2);
    m.view.now_ns = t0 + 20 * PL_NS_PER_S; /* half of it is usual by now */
    maker_expect(&m, "half-life", "9994x4 / 10015x4");
    m.lead.flags = PL_VIEWF_STALE;
    maker_expect(&m, "stale lead", "9990x4 / 10010x4");
    assert_false(m.wanted.guard.on);
    maker_free(&m);
}

/* ---- guards --------------------------------------------------------------------------------- */

static bool same_quotes(const struct pl_wanted *a, const struct pl_wanted *b)
{
    for (int side = 0; side < 2; side++) {
        if (a->count[side] != b->count[side] || a->hold[side] != b->hold[side] ||
            a->flags[side] != b->flags[side] ||
            memcmp(a->level[side], b->level[side], a->count[side] * sizeof a->level[0][0]) != 0) {
            return false;
        }
    }
    return a->replace_ticks == b->replace_ticks;
}

static double input_of(enum pl_guard_input input, const struct pl_touch *t)
{
    return input == PL_GUARD_MID    ? pl_touch_mid(t)
           : input == PL_GUARD_WMID ? pl_touch_wmid(t)
                                    : (double)t->px[PL_BUY];
}

/* A walk over touches, narrow and wide, crossed now and then. After each decision that states a guard,
 * later touches inside it must give the same quotes. Returns how many were held to that. */
static uint64_t walk(struct maker *m, uint64_t seed)
{
    uint64_t held = 0;
    int64_t bid = 20000;
    struct pl_wanted stated = {.guard.on = false};
    for (uint64_t i = 0; i < 60000; i++) {
        uint64_t r = pl_rand_u64(seed, 1, i, 0);
        bid += r % 7 == 0 ? (int64_t)(r >> 8 & 7) - 3 : r % 7 == 1 ? 1 : r % 7 == 2 ? -1 : 0;
        int64_t width =
            (r >> 16 & 15) == 0 ? (int64_t)(r >> 20 & 63) - 3 : (int64_t)(r >> 20 & 1) + 1;
        m->own = maker_touch(bid, (int64_t)(r >> 32 & 255), bid + width, (int64_t)(r >> 40 & 255));
        if ((r >> 50 & 63) == 0) {
            m->view.pos_lots = (int64_t)(r >> 56) % 41 - 20;
            stated.guard.on = false;
        }
        m->view.now_ns += 400 * PL_NS_PER_MS;
        bool inside = stated.guard.on && m->view.now_ns < stated.guard.valid_until_ns;
        for (int k = 0; inside && k < 2; k++) {
            double x = input_of(m->traits.guard_input[k], &m->own.touch);
            inside = stated.guard.lo[k] <= x && x <= stated.guard.hi[k];
        }
        const struct pl_wanted *now = maker_ask(m);
        if (inside) {
            held++;
            if (!same_quotes(now, &stated)) {
                char a[2048], b[2048];
                fail_msg("step %llu: %s, the guard of %s said no change", (unsigned long long)i,
                         maker_text(now, a, sizeof a), maker_text(&stated, b, sizeof b));
            }
        } else {
            stated = *now;
        }
    }
    return held;
}

static void test_guards_tell_the_truth(void **state)
{
    (void)state;
    static const struct {
        const char *settings;
        bool holds; /* it does hold some of the time */
    } makers[] = {
        {"base_spread_bps=2", true},
        {"base_spread_bps=0", true},
        {"base_spread_bps=20 inventory_skew_bps=7 size_skew=1.5", true},
        {"base_spread_bps=3 order_levels=5 level_step_bps=1.7 level_size_factor=0.8", true},
        {"base_spread_bps=2 inventory_skew_bps=9", true},
        {"base_spread_bps=2 inventory_skew_bps=9 reference_price=micro", true},
        {"base_spread_bps=1 stay_behind_touch=true", true},
        {"base_spread_bps=6 stay_behind_touch=true order_levels=3 level_step_bps=0", true},
        {"base_spread_bps=2 reference_price=micro", true},
        {"base_spread_bps=0 reference_price=micro", false},
        {"base_spread_bps=15 reference_price=micro order_levels=3 inventory_skew_bps=4", true},
        {"base_spread_bps=2 reference_price=micro stay_behind_touch=true", false},
        {"base_spread_bps=2 post_only=false", true},
        {"base_spread_bps=5 quoting_hours=22:15-22:30 outside_hours=reduce", true},
        {"base_spread_bps=5 min_order_notional=0.8 below_min=raise", true},
        {"base_spread_bps=5 max_notional=2", false},
        {"base_spread_bps=5 price_ceiling=200", false},
        {"base_spread_bps=5000 level_step_bps=5000 order_levels=50", false},
    };
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        struct maker m;
        start(&m, "0.01", makers[i].settings);
        uint64_t held = walk(&m, i + 1);
        if (makers[i].holds && held < 1000) {
            fail_msg("%s: a guard held only %llu times", makers[i].settings,
                     (unsigned long long)held);
        }
        maker_free(&m);
    }
}

static void test_table(void **state)
{
    (void)state;
    struct pl_error err = {0};
    if (pl_settings_table_check(pl_strategy_spread.settings, &err) < 0) {
        fail_msg("%s", err.text);
    }
    assert_ptr_equal(pl_strategy_find("spread"), &pl_strategy_spread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_rows_of_the_micro_price),
        cmocka_unit_test(test_each_setting),
        cmocka_unit_test(test_reducing_side_is_reduce_only),
        cmocka_unit_test(test_traits_follow_settings),
        cmocka_unit_test(test_delay_after_fills),
        cmocka_unit_test(test_back_off),
        cmocka_unit_test(test_refused_settings),
        cmocka_unit_test(test_nothing_on_a_crossed_book),
        cmocka_unit_test(test_lead_moves_the_reference),
        cmocka_unit_test(test_guards_tell_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
