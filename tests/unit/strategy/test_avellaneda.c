/* `avellaneda`: the rows of makers.md 6.3, every setting, directions, units, explanations. */
#include "maker.h"

#include "base/arena.h"

/* XBTMYR-like: fair 281234.5, sigma 12, horizon 60 s, full inventory 10 orders. */
#define ROWS                                                                                  \
    "order_size=0.01 max_position=0.1 kappa=0.02 intensity=0.5 eta=0 filled_order_delay_s=0 " \
    "max_order_age_s=0"

static void start(struct maker *m, const char *settings)
{
    maker_start(m, &pl_strategy_avellaneda, "1", "0.0001");
    m->inst.min_lots = 5;
    maker_set_all(m, ROWS);
    maker_set_all(m, settings);
    maker_bind(m);
    m->own = maker_touch(281200, 10, 281269, 10);
    m->feature[0] = 12;
    m->feature[1] = 281234.5;
}

/* The innermost pair; sizes and counts are looked at elsewhere. */
static void expect_pair(struct maker *m, const char *what, int64_t bid, int64_t ask)
{
    const struct pl_wanted *w = maker_ask(m);
    bool ok = (bid != 0) == (w->count[PL_BUY] > 0) && (ask != 0) == (w->count[PL_SELL] > 0);
    ok = ok && (bid == 0 || w->level[PL_BUY][0].px == bid);
    ok = ok && (ask == 0 || w->level[PL_SELL][0].px == ask);
    if (!ok) {
        char text[2048];
        fail_msg("%s: %s, not %lld / %lld", what, maker_text(w, text, sizeof text), (long long)bid,
                 (long long)ask);
    }
    assert_int_equal(maker_explained(m), (int)(w->count[0] + w->count[1]));
}

static const struct {
    const char *settings;
    int q; /* orders of 100 lots */
    int64_t bid, ask;
} rows[] = {
    {"", 0, 281181, 281288},
    {"", 3, 281153, 281260},
    {"", -3, 281209, 281316},
    {"", 9, 281097, 281205},
    {"max_position=0.2 gamma=2", 10, 281088, 281195}, /* q 10 with the gamma of Qmax 10 */
    {"min_spread=400", 3, 281006, 281407},
    {"min_spread=400ticks", 3, 281006, 281407},
    {"spread_form=variant", 3, 281201, 281212},
    {"model=glft_closed", 0, 281183, 281286},
    {"model=glft_closed", 3, 281169, 281272},
    {"model=glft_closed", -3, 281197, 281300},
    {"model=glft_closed min_spread=400", 3, 281020, 281421},
    {"gamma_scale=absolute gamma=0.001075828707", 3, 281153, 281260},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct maker m;
        start(&m, rows[i].settings);
        m.view.pos_lots = rows[i].q * 100;
        m.own = maker_touch(281000, 10, 281469, 10);
        expect_pair(&m, rows[i].settings, rows[i].bid, rows[i].ask);
        maker_free(&m);
    }
}

/* At full inventory the bid is gone and the ask where the row has it. */
static void test_full_inventory(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "");
    m.view.pos_lots = 1000;
    m.own = maker_touch(281000, 10, 281469, 10);
    expect_pair(&m, "q 10", 0, 281195);
    assert_int_equal(m.wanted.reason[PL_BUY], PL_NOQUOTE_MAX_POSITION);
    m.view.pos_lots = 1500; /* q is clipped: not lower than at the mark */
    expect_pair(&m, "q 15", 0, 281195);
    maker_free(&m);
}

/* The same on another grid: prices and kappa per price, not per tick. */
static void test_units_follow_the_tick(void **state)
{
    (void)state;
    struct maker m;
    maker_start(&m, &pl_strategy_avellaneda, "0.01", "0.0001");
    maker_set_all(&m, ROWS);
    maker_bind(&m);
    m.own = maker_touch(28100000, 10, 28146900, 10);
    m.feature[0] = 1200;
    m.feature[1] = 28123450;
    m.view.pos_lots = 300;
    expect_pair(&m, "q 3", 28115326, 28125997); /* 281153.265366, 281259.963674 */
    maker_set(&m, "spread_form", "variant");
    maker_bind(&m); /* its log term is a number that is added to a price: 9.347554582 in all */
    expect_pair(&m, "variant", 28120194, 28121129);
    maker_free(&m);
}

/* With 100%, 50% and 0% of the session left, q 3. */
static void test_session(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "horizon=session");
    maker_set(&m, "session", "Mon 09:00-11:00");
    maker_bind(&m);
    m.own = maker_touch(281000, 10, 281469, 10);
    m.view.pos_lots = 300;
    int64_t nine = (INT64_C(1704067200) + 9 * 3600) * PL_NS_PER_S; /* Monday 2024-01-01 */
    m.view.now_ns = nine;
    expect_pair(&m, "all left", 281153, 281260);
    m.view.now_ns = nine + 3600 * PL_NS_PER_S;
    expect_pair(&m, "half left", 281169, 281272);
    m.view.now_ns = nine + 7200 * PL_NS_PER_S - 1;
    expect_pair(&m, "nothing left", 281185, 281284);
    m.view.now_ns++;
    maker_expect(&m, "after the end", "HOURS / HOURS");
    maker_free(&m);
}

/* ---- sizes ---------------------------------------------------------------------------------- */

static const struct {
    const char *settings;
    int64_t pos_lots, bid_lots, ask_lots;
} sizes[] = {
    {"eta=-0.005", 300, 98, 100}, /* .009851119 */
    {"eta=0.005", 300, 98, 100},  /* the sign does not count */
    {"eta=-0.005", -300, 100, 98},
    {"eta=-0.005 max_position=0.2", 1000, 95, 100},            /* .009512294 */
    {"eta=0.005 order_size=0.0005 max_position=1", 100, 5, 5}, /* q 20: .0004 -> minimum .0005 */
    {"eta=0.005 order_size=1 max_position=10", 40000, 9801, 10000}, /* q 4 */
    {"eta=0.005 q_unit=0.001", 300, 86, 100},                       /* q 30 */
    {"eta=0.5 below_min=drop", 800, 0, 100},                        /* 1.8 lots, least 5 */
    {"eta=0.5", 800, 5, 100},
};

static void test_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct maker m;
        start(&m, sizes[i].settings);
        m.view.pos_lots = sizes[i].pos_lots;
        m.own = maker_touch(281000, 10, 281469, 10);
        const struct pl_wanted *w = maker_ask(&m);
        int64_t bid = w->count[PL_BUY] > 0 ? w->level[PL_BUY][0].lots : 0;
        int64_t ask = w->count[PL_SELL] > 0 ? w->level[PL_SELL][0].lots : 0;
        if (bid != sizes[i].bid_lots || ask != sizes[i].ask_lots) {
            fail_msg("%s: %lld, %lld", sizes[i].settings, (long long)bid, (long long)ask);
        }
        maker_free(&m);
    }
}

static void test_levels(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "levels=3 level_step=0.5");
    m.own = maker_touch(281000, 10, 281469, 10);
    /* half width 53.349154: 1, 1.5 and 2 times */
    maker_expect(&m, "levels",
                 "281181x100 281154x100 281127x100 / 281288x100 281315x100 281342x100");
    assert_int_equal(m.traits.levels_max, 3);
    assert_int_equal(maker_explained(&m), 6);
    maker_free(&m);
}

/* ---- directions ----------------------------------------------------------------------------- */

struct pair {
    double bid, ask;
};

static struct pair pair_of(const char *settings, int64_t pos_lots, double sigma)
{
    struct maker m;
    maker_start(&m, &pl_strategy_avellaneda, "0.001", "0.0001");
    maker_set_all(&m, ROWS);
    maker_set_all(&m, settings);
    maker_bind(&m);
    m.own = maker_touch(281000000, 10, 281469000, 10);
    m.feature[0] = sigma;
    m.feature[1] = 281234500;
    m.view.pos_lots = pos_lots;
    const struct pl_wanted *w = maker_ask(&m);
    assert_true(w->count[PL_BUY] == 1 && w->count[PL_SELL] == 1);
    struct pair p = {(double)w->level[PL_BUY][0].px, (double)w->level[PL_SELL][0].px};
    maker_free(&m);
    return p;
}

static void test_directions(void **state)
{
    (void)state;
    static const char *const models[] = {"model=as ", "model=glft ", "model=glft_closed "};
    for (size_t k = 0; k < 3; k++) {
        char with[128];
        (void)snprintf(with, sizeof with, "%sgamma_scale=absolute gamma=0.001", models[k]);
        struct pair flat = pair_of(with, 0, 12000), loaded = pair_of(with, 300, 12000);
        struct pair shorted = pair_of(with, -300, 12000), wild = pair_of(with, 0, 24000);
        assert_true(loaded.bid < flat.bid && loaded.ask < flat.ask);
        assert_true(shorted.bid > flat.bid && shorted.ask > flat.ask);
        assert_true(wild.ask - wild.bid > flat.ask - flat.bid);
        /* a mirror image, to the tick that rounding may take */
        assert_true(fabs(loaded.bid + shorted.ask - flat.bid - flat.ask) <= 2);
        (void)snprintf(with, sizeof with, "%sgamma_scale=absolute gamma=0.01", models[k]);
        struct pair averse = pair_of(with, 0, 12000), averse_long = pair_of(with, 300, 12000);
        assert_true(flat.ask - loaded.ask < averse.ask - averse_long.ask); /* leans further */
        (void)snprintf(with, sizeof with, "%skappa=0.04", models[k]);
        struct pair steep = pair_of(with, 0, 12000);
        assert_true(steep.ask - steep.bid < flat.ask - flat.bid);
    }
    struct pair calm = pair_of("gamma=1", 0, 12000), averse = pair_of("gamma=3", 0, 12000);
    assert_true(averse.ask - averse.bid > calm.ask - calm.bid);
    /* gamma 1: full inventory moves the reservation price by one sd of the horizon, 92.95 */
    struct pair nine = pair_of("gamma=1", 900, 12000);
    assert_true(fabs(calm.bid - nine.bid - 0.9 * 92951.600309) <= 1);
    struct pair further = pair_of("horizon_s=240", 0, 12000);
    assert_true(further.ask - further.bid > calm.ask - calm.bid);
}

/* The exact offsets lie near the closed form in the middle, and leave a side out at the bound. */
static void test_glft(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "model=glft");
    m.own = maker_touch(281000, 10, 281469, 10);
    maker_ask(&m);
    assert_true(llabs(m.wanted.level[PL_BUY][0].px - 281183) <= 2);
    assert_true(llabs(m.wanted.level[PL_SELL][0].px - 281286) <= 2);
    int64_t before = INT64_MAX;
    for (int64_t lots = -990; lots <= 990; lots += 33) { /* partial orders too */
        m.view.pos_lots = lots;
        maker_ask(&m);
        assert_true(m.wanted.count[PL_BUY] == 1 && m.wanted.count[PL_SELL] == 1);
        assert_true(m.wanted.level[PL_BUY][0].px <= before);
        before = m.wanted.level[PL_BUY][0].px;
    }
    m.view.pos_lots = 1000;
    maker_ask(&m);
    assert_true(m.wanted.count[PL_BUY] == 0 && m.wanted.reason[PL_BUY] == PL_NOQUOTE_MAX_POSITION);
    assert_int_equal(m.wanted.count[PL_SELL], 1);
    /* kept until an input moves by 1% */
    m.view.pos_lots = 0;
    int64_t ask = maker_ask(&m)->level[PL_SELL][0].px;
    m.feature[0] = 12.05;
    assert_int_equal(maker_ask(&m)->level[PL_SELL][0].px, ask);
    m.feature[0] = 48;
    assert_true(maker_ask(&m)->level[PL_SELL][0].px > ask);
    maker_free(&m);
}

/* ---- inputs --------------------------------------------------------------------------------- */

static void test_features(void **state)
{
    (void)state;
    struct maker m;
    struct pl_feature_request r[PL_STRATEGY_FEATURES_MAX];
    start(&m, "");
    assert_int_equal(m.strategy->features(m.params, r), 2);
    assert_true(r[0].kind == PL_FEATURE_SIGMA && r[0].price == PL_PRICE_VAMP && r[0].levels == 10 &&
                r[0].samples == 200 && r[0].sample_ns == PL_NS_PER_S);
    assert_true(r[1].kind == PL_FEATURE_VAMP && r[1].levels == 10);
    maker_set_all(&m,
                  "fair=wmid kappa=fit intensity=FIT model=glft kappa_method=ols sigma_window=30 "
                  "sigma_sample_ms=500 kappa_lookback_s=60 kappa_min_trades=7 kappa_refit_s=2 "
                  "kappa_max_age_s=90");
    assert_int_equal(m.strategy->features(m.params, r), 3);
    assert_true(r[0].price == PL_PRICE_WMID && r[0].samples == 30 &&
                r[0].sample_ns == 500 * PL_NS_PER_MS);
    assert_true(r[1].kind == PL_FEATURE_KAPPA && r[1].method == PL_KAPPA_OLS && r[1].least == 7 &&
                r[1].lookback_ns == 60 * PL_NS_PER_S && r[1].refit_ns == 2 * PL_NS_PER_S &&
                r[1].max_age_ns == 90 * PL_NS_PER_S);
    assert_true(r[2].kind == PL_FEATURE_INTENSITY && r[2].least == 7);
    maker_set_all(&m, "model=as fair=mid"); /* no use for the intensity */
    assert_int_equal(m.strategy->features(m.params, r), 2);
    assert_true(r[0].price == PL_PRICE_MID);
    maker_free(&m);
}

static void test_not_warm(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "kappa=fit intensity=fit model=glft_closed");
    double ready[] = {12, 281234.5, 0.02, 0.5};
    for (int i = 0; i < 4; i++) {
        memcpy(m.feature, ready, sizeof ready);
        m.feature[i] = NAN;
        maker_expect(&m, "one is missing", "WARMUP / WARMUP");
    }
    memcpy(m.feature, ready, sizeof ready);
    expect_pair(&m, "all are there", 281183, 281286);
    maker_free(&m);
}

static void test_fair(void **state)
{
    (void)state;
    static const struct {
        const char *settings;
        int64_t bid, ask;
    } fairs[] = {{"fair=mid", 281171, 281278},    /* mid 281224.5 */
                 {"fair=wmid", 281176, 281283},   /* 281229.5 */
                 {"fair=micro", 281176, 281283}}; /* the same, as its help says */
    for (size_t i = 0; i < sizeof fairs / sizeof fairs[0]; i++) {
        struct maker m;
        start(&m, fairs[i].settings);
        m.own = maker_touch(281204, 51, 281245, 31); /* wmid 281204 + 41 x 51/82 */
        expect_pair(&m, fairs[i].settings, fairs[i].bid, fairs[i].ask);
        maker_free(&m);
    }
}

static void test_clamps(void **state)
{
    (void)state;
    struct maker m;
    char text[4096];
    start(&m, "kappa=fit kappa_min=0.02 kappa_max=0.04");
    m.feature[2] = 0.001;
    expect_pair(&m, "kappa_min", 281181, 281288);
    (void)m.strategy->explain(m.state, &m.view, text, sizeof text);
    assert_non_null(strstr(text, "kappa 0.02/tick (clamped)"));
    m.feature[2] = 9;
    const struct pl_wanted *w = maker_ask(&m);
    int64_t most = w->level[PL_SELL][0].px;
    m.feature[2] = 0.04;
    assert_int_equal(maker_ask(&m)->level[PL_SELL][0].px, most);
    (void)m.strategy->explain(m.state, &m.view, text, sizeof text);
    assert_null(strstr(text, "clamped"));
    m.own = maker_touch(281000, 10, 281469, 10);
    m.feature[0] = 0; /* a flat market: sigma sqrt(H) is sigma_floor_ticks */
    m.view.pos_lots = 900;
    int64_t low = maker_ask(&m)->level[PL_SELL][0].px;
    maker_set(&m, "sigma_floor_ticks", "100");
    maker_bind(&m);
    assert_true(maker_ask(&m)->level[PL_SELL][0].px < low - 60); /* leans by .9 of it */
    maker_free(&m);
}

static void test_traits(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "order_refresh_rate_s=0.25 filled_order_delay_s=3 max_order_age_s=9");
    assert_true(m.traits.refresh_ns == 250 * PL_NS_PER_MS &&
                m.traits.order_rest_ns == 250 * PL_NS_PER_MS &&
                m.traits.order_age_ns == 9 * PL_NS_PER_S && m.traits.decide_on_fill &&
                m.traits.max_position_lots == 1000);
    m.view.last_fill_ns[PL_SELL] = m.view.now_ns;
    m.view.now_ns += 3 * PL_NS_PER_S - 1;
    assert_true(maker_ask(&m)->hold[PL_SELL] && !m.wanted.hold[PL_BUY] && !m.wanted.guard.on);
    m.view.now_ns++;
    assert_false(maker_ask(&m)->hold[PL_SELL]);
    maker_free(&m);
}

static void test_refused_settings(void **state)
{
    (void)state;
    static const struct {
        const char *set, *word;
    } bad[] = {
        {"kappa=-1", "kappa"},
        {"kappa=fitted", "kappa"},
        {"intensity=0", "intensity"},
        {"kappa_min=5", "kappa_min"},
        {"session=9-17", "session"},
        {"horizon=session session=always", "session"},
        {"order_size=0.0004", "order_size"},
        {"model=glft max_position=1.5", "q_unit"},
        {"inventory_target=5", "inventory_target"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct maker m;
        start(&m, "");
        maker_set_all(&m, bad[i].set);
        if (maker_try_bind(&m) != PL_ERR_INVALID || strstr(m.err.text, bad[i].word) == NULL) {
            fail_msg("%s: %s", bad[i].set, m.err.text);
        }
        maker_free(&m);
    }
}

/* fair 100, 100.5, 100.25, 101, 100.75 sampled each 1 s, each 2 s; tick 0.25. */
static void test_sigma_of_samples(void **state)
{
    (void)state;
    static const int64_t mid[] = {400, 402, 401, 404, 403};
    static const double want[] = {0.484122918, 0.342326598};
    for (int64_t every_s = 1; every_s <= 2; every_s++) {
        struct pl_arena *arena = NULL;
        struct pl_estimator *e = NULL;
        struct pl_feature_request r = {.kind = PL_FEATURE_SIGMA,
                                       .price = PL_PRICE_MID,
                                       .samples = 4,
                                       .sample_ns = every_s * PL_NS_PER_S};
        assert_int_equal(pl_arena_create(&arena), 0);
        assert_int_equal(pl_estimator_create(arena, &r, &e, NULL), 0);
        for (int i = 0; i < 6; i++) { /* the sample at a time is the price set before it */
            int64_t px = mid[i < 5 ? i : 4];
            struct pl_feature_input in = {.venue_ns = (1000 * every_s + i * every_s) * PL_NS_PER_S};
            in.touch = maker_touch(px - 1, 1, px + 1, 1).touch;
            assert_true(i == 5 || isnan(pl_estimator_value(e)));
            pl_estimator_step(e, &in);
        }
        double sigma = pl_estimator_value(e) * 0.25;
        if (!(fabs(sigma - want[every_s - 1]) < 1e-9)) {
            fail_msg("%d s: %.9f", (int)every_s, sigma);
        }
        pl_arena_destroy(&arena);
    }
}

/* Depths above the touch 0 0 1 0 2 0 1 0 0 3 ticks. */
static void test_kappa_of_depths(void **state)
{
    (void)state;
    static const int depth[] = {0, 0, 1, 0, 2, 0, 1, 0, 0, 3};
    struct pl_arena *arena = NULL;
    struct pl_estimator *e = NULL;
    struct pl_feature_request r = {.kind = PL_FEATURE_KAPPA,
                                   .method = PL_KAPPA_MLE,
                                   .least = 10,
                                   .lookback_ns = 600 * PL_NS_PER_S,
                                   .refit_ns = 20 * PL_NS_PER_S};
    assert_int_equal(pl_arena_create(&arena), 0);
    assert_int_equal(pl_estimator_create(arena, &r, &e, NULL), 0);
    struct pl_feature_input in = {.venue_ns = 1000 * PL_NS_PER_S};
    in.touch = maker_touch(9999, 5, 10000, 5).touch;
    pl_estimator_step(e, &in);
    for (int i = 0; i < 10; i++) {
        in.venue_ns += PL_NS_PER_S;
        in.trade = true;
        in.trade_px = 10000 + depth[i];
        in.trade_lots = 1;
        pl_estimator_step(e, &in);
        assert_true(isnan(pl_estimator_value(e)));
    }
    in.venue_ns += 10 * PL_NS_PER_S;
    in.trade = false;
    pl_estimator_step(e, &in);
    assert_true(fabs(pl_estimator_value(e) - 0.887303195) < 1e-9);
    pl_arena_destroy(&arena);
}

static void test_table(void **state)
{
    (void)state;
    struct pl_error err = {0};
    if (pl_settings_table_check(pl_strategy_avellaneda.settings, &err) < 0) {
        fail_msg("%s", err.text);
    }
    assert_ptr_equal(pl_strategy_find("avellaneda"), &pl_strategy_avellaneda);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_full_inventory),
        cmocka_unit_test(test_units_follow_the_tick),
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_directions),
        cmocka_unit_test(test_glft),
        cmocka_unit_test(test_features),
        cmocka_unit_test(test_not_warm),
        cmocka_unit_test(test_fair),
        cmocka_unit_test(test_clamps),
        cmocka_unit_test(test_traits),
        cmocka_unit_test(test_refused_settings),
        cmocka_unit_test(test_sigma_of_samples),
        cmocka_unit_test(test_kappa_of_depths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
