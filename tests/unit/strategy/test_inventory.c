/* `inventory`: the rows of makers.md 4, when it solves, what it falls back to, every setting's
 * direction, explanations. */
#include "maker.h"

#include "base/rand.h"
#include "core/order_kind.h"
#include "strategy/inventory_plan.h"

#define COMMON                                                                   \
    "max_inventory=1 order_size=0.1 max_position=1 depth_ref=2 liquidity_ref=4 " \
    "interval_hot_s=600 interval_mid_s=600"
#define AT_SD     0
#define AT_DEPTH  1
#define AT_VOLUME 2

/* sd of 1 s log returns for this sigma over 600 s. */
static double sd_of(double sigma_bps)
{
    return sigma_bps * 1e-4 / sqrt(600);
}

/* Mid 60000.05, tick 0.1; sigma 5, Lq 2, Dq 1.5 unless said otherwise. */
static void start(struct maker *m, const char *settings)
{
    maker_start(m, &pl_strategy_inventory, "0.1", "0.001");
    m->inst.maker_fee_e9 = 200000;
    maker_set_all(m, COMMON);
    maker_set_all(m, settings);
    maker_bind(m);
    m->own = maker_touch(600000, 10, 600001, 10);
    m->feature[AT_SD] = sd_of(5);
    m->feature[AT_DEPTH] = 3000;
    m->feature[AT_VOLUME] = 8000;
}

static void later(struct maker *m, double seconds)
{
    m->view.now_ns += (int64_t)(seconds * 1e9);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static const struct {
    const char *name, *settings;
    int64_t pos_lots;
    const char *want;
} rows[] = {
    {"qh 0", "", 0, "599690x100 / 600311x100"},
    {"qh .3", "", 300, "599627x100 / 600249x100"},
    {"qh .6", "", 600, "599565x100 / 600187x100"},
    {"qh .9", "", 900, "599503x100 / 600125x100"},
    {"qh -.6", "", -600, "599814x100 / 600436x100"},
    {"alpha 0", "alpha=0", 600, "599690x100 / 600311x100"},
    {"alpha 4", "alpha=4", 600, "599441x100 / 600063x100"},
    {"beta 1", "beta=1", 600, "599643x100 / 600265x100"},
    {"qh 1, bid off", "", 1000, "MAX_POSITION / 600063x100"},
    {"qh -1, ask off", "", -1000, "599938x100 / MAX_POSITION"},
    {"gamma 2", "gamma=2", 0, "599390x100 / 600611x100"},               /* B 122.0997 */
    {"target", "inventory_target=0.3", 900, "599565x100 / 600187x100"}, /* q .6 */
    {"levels", "levels=3 level_step=0.5", 0,
     "599690x100 599534x100 599379x100 / 600311x100 600467x100 600622x100"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct maker m;
        start(&m, rows[i].settings);
        m.view.pos_lots = rows[i].pos_lots;
        maker_expect(&m, rows[i].name, rows[i].want);
        assert_int_equal(maker_explained(&m), m.wanted.count[0] + m.wanted.count[1]);
        maker_expect(&m, rows[i].name, rows[i].want); /* stands until something asks to solve */
        maker_free(&m);
    }
}

/* B of each row, from the quotes at qh 0: ask - bid, rounded outward. */
static void test_widths(void **state)
{
    (void)state;
    static const struct {
        const char *settings;
        double sigma, liquidity, width;
    } widths[] = {
        {"", 5, 2, 62.099600628},
        {"", 5, 0, 6 * 10.683258146 * 60000.05 / 6e4},
        {"gamma=2", 5, 2, 20.349924813 * 6.000005},
        {"depth_sign=-1", 5, 2, 9.983408520 * 6.000005},
        {"", .5, 2, 24.20002},        /* the floor of fees */
        {"min_spread=30", .5, 2, 30}, /* price */
        {"min_spread=10bps", .5, 2, 60.00005},
    };
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        struct maker m;
        start(&m, widths[i].settings);
        m.feature[AT_SD] = sd_of(widths[i].sigma);
        m.feature[AT_VOLUME] = widths[i].liquidity * 4000;
        const struct pl_wanted *w = maker_ask(&m);
        double width = (double)(w->level[PL_SELL][0].px - w->level[PL_BUY][0].px) * .1;
        if (!(width >= widths[i].width - 1e-9 && width <= widths[i].width + .2 + 1e-9)) {
            fail_msg("row %d: %.10g, not %.10g", (int)i, width, widths[i].width);
        }
        maker_free(&m);
    }
}

/* At the mark the other side only closes what is held. */
static void test_closing_side(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "order_size=0.8 levels=2");
    m.view.pos_lots = 300;
    maker_ask(&m);
    assert_int_equal(m.wanted.count[PL_BUY], 0);
    assert_int_equal(m.wanted.count[PL_SELL], 1);
    assert_int_equal(m.wanted.level[PL_SELL][0].lots, 300);
    assert_true((m.wanted.flags[PL_SELL] & PL_ORDF_REDUCE_ONLY) != 0);
    m.view.pos_lots = 100;
    maker_ask(&m);
    assert_int_equal(m.wanted.count[PL_BUY], 2);
    assert_true((m.wanted.flags[PL_SELL] & PL_ORDF_REDUCE_ONLY) == 0);
    maker_free(&m);
    start(&m, "order_size=1 min_order_notional=30000"); /* 0.5 and more */
    m.view.pos_lots = 300;
    maker_expect(&m, "too little to close", "MAX_POSITION / BELOW_MIN");
    maker_free(&m);
}

/* ---- fallback ------------------------------------------------------------------------------- */

static void test_last_good_and_default(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "last_good_max_age_s=900");
    m.view.pos_lots = 600;
    maker_expect(&m, "good", "599565x100 / 600187x100");
    m.own = maker_touch(600312, 10, 600313, 10); /* mid 60031.25 */
    later(&m, 700);
    m.feature[AT_SD] = NAN;
    maker_expect(&m, "last good", "599877x100 / 600499x100");
    assert_int_equal(maker_explained(&m), 2);
    later(&m, 199.9);
    m.feature[AT_SD] = sd_of(5);
    m.own.flags = PL_VIEWF_STALE;
    maker_expect(&m, "stale", "599877x100 / 600499x100");
    later(&m, .1);
    maker_expect(&m, "default", "599712x100 / 600913x100");
    assert_int_equal(maker_explained(&m), 2);
    later(&m, 1);
    m.own.flags = 0;
    maker_expect(&m, "solved again", "599877x100 / 600499x100");
    m.own = maker_touch(600313, 10, 600312, 10);
    maker_expect(&m, "crossed", "CROSSED / CROSSED");
    maker_free(&m);
}

static void test_not_warm(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct maker m;
        start(&m, "");
        m.feature[i] = NAN;
        maker_expect(&m, "not warm", "WARMUP / WARMUP");
        later(&m, 1);
        m.feature[i] = i == AT_SD ? sd_of(5) : i == AT_DEPTH ? 3000 : 8000;
        maker_expect(&m, "warm", "599690x100 / 600311x100");
        maker_free(&m);
    }
}

static struct pl_inventory_rules plan_rules(void)
{
    return (struct pl_inventory_rules){
        .alpha = 1,
        .beta = .25,
        .gamma = 1,
        .delta = .5,
        .zeta = .1,
        .kappa = .5,
        .kappa_min = .01,
        .kappa_max = 10,
        .x_min = .2,
        .x_max = 3,
        .chord = .05,
        .default_spread = 20e-4,
        .fee = 2e-4,
        .depth_sign = 1,
        .vol_scale = sqrt(60) / 5e-4,
        .schedule = {.05, .5, .5, 2, 1, 1.5, 60, 300, 600},
        .ema_step_ns = 60 * PL_NS_PER_S,
        .min_reopt_ns = PL_NS_PER_S,
        .on_fill = true,
        .vol_jump = 2,
        .order_lots = 100,
        .max_lots = 1000,
    };
}

static struct pl_inventory_input plan_input(double vol)
{
    return (struct pl_inventory_input){.now_ns = 1000 * PL_NS_PER_S,
                                       .mid = 600000.5,
                                       .bid = 600000,
                                       .ask = 600001,
                                       .sd = vol * 5e-4 / sqrt(60),
                                       .depth = 1.5,
                                       .liquidity = 2};
}

/* A touch that no quote within x_max can stay clear of, and numbers that are none. */
static void test_forced_failures(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -1};
    for (int kind = 0; kind < 12; kind++) {
        struct pl_inventory_rules r = plan_rules();
        struct pl_inventory_plan plan = {0};
        struct pl_inventory_input in = plan_input(.3);
        r.last_good_max_age_ns = 20 * PL_NS_PER_S;
        pl_inventory_plan_step(&plan, &r, &in);
        assert_int_equal(plan.source, PL_INVENTORY_SOLUTION);
        double good[2] = {plan.offset[0], plan.offset[1]};
        in.now_ns += 10 * PL_NS_PER_S;
        in.fill_ns = 1; /* asks for a solve */
        double *const field[] = {&in.sd, &in.depth, &in.liquidity};
        if (kind < 9) {
            *field[kind / 3] = bad[kind % 3];
        } else if (kind == 9) {
            in.bid = in.mid + 5000;
            in.ask = in.bid + 1;
        } else if (kind == 10) {
            in.bid = in.ask + 1;
        } else {
            in.stale = true;
        }
        pl_inventory_plan_step(&plan, &r, &in);
        assert_int_equal(plan.source, PL_INVENTORY_LAST_GOOD);
        assert_int_equal(plan.status, kind == 9 ? PL_INVENTORY_INFEASIBLE : PL_INVENTORY_INVALID);
        assert_true(plan.offset[0] == good[0] && plan.offset[1] == good[1]);
        assert_true(plan.failures == 1 && plan.last_goods == 1 && plan.solves == 1);
        in.now_ns += 10 * PL_NS_PER_S;
        pl_inventory_plan_step(&plan, &r, &in);
        assert_int_equal(plan.source, PL_INVENTORY_DEFAULT);
        assert_true(fabs(plan.offset[0] - 600.0005) < 1e-9 && plan.offset[0] == plan.offset[1]);
        struct pl_inventory_plan first = {0};
        pl_inventory_plan_step(&first, &r, &in); /* never solved */
        assert_int_equal(first.source, kind == 9 ? PL_INVENTORY_DEFAULT : PL_INVENTORY_WARMUP);
    }
}

/* ---- when it solves ------------------------------------------------------------------------- */

static void test_schedule(void **state)
{
    (void)state;
    static const double vol[] = {1, 1, 2.5, 2.5, .6, .4};
    static const double ema[] = {1, 1, 1.75, 2.125, 2.003, 1.92285};
    static const uint64_t solves[] = {1, 1, 2, 3, 4, 5}; /* 600 s, then 60 s */
    struct pl_inventory_rules r = plan_rules();
    struct pl_inventory_plan plan = {0};
    struct pl_inventory_input in = plan_input(1);
    r.vol_jump = 100;
    for (int i = 0; i < 6; i++) {
        in.sd = vol[i] * 5e-4 / sqrt(60);
        pl_inventory_plan_step(&plan, &r, &in);
        assert_true(fabs(plan.ema - ema[i]) < 1e-12);
        assert_int_equal(plan.solves, solves[i]);
        in.now_ns += 60 * PL_NS_PER_S;
    }
    assert_true(plan.solve.interval_s == 60);
    /* 1 s sd .7 bps over 300 s */
    r = plan_rules();
    plan = (struct pl_inventory_plan){0};
    in = plan_input(1);
    in.sd = .7e-4; /* vol 1.0844: between mid and hot */
    pl_inventory_plan_step(&plan, &r, &in);
    assert_true(plan.solve.interval_s == 300 && fabs(plan.solve.sigma_bps - 12.124355653) < 1e-9);
}

static void test_triggers(void **state)
{
    (void)state;
    struct pl_inventory_rules r = plan_rules();
    struct pl_inventory_plan plan = {0};
    struct pl_inventory_input in = plan_input(.5);
    pl_inventory_plan_step(&plan, &r, &in);
    in.now_ns += PL_NS_PER_S / 2;
    in.fill_ns = in.now_ns;
    in.q_lots = 300;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_int_equal(plan.solves, 1); /* sooner than min_reopt */
    assert_true(plan.offset[0] == plan.offset[1]);
    in.now_ns += PL_NS_PER_S / 2;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_int_equal(plan.solves, 2);
    assert_true(plan.offset[0] > plan.offset[1]);
    in.now_ns += 10 * PL_NS_PER_S;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_int_equal(plan.solves, 2);
    in.sd *= 1.99;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_int_equal(plan.solves, 2);
    in.sd *= 1.01;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_int_equal(plan.solves, 3); /* the jump */
    r.on_fill = false;
    in.now_ns += 10 * PL_NS_PER_S;
    in.fill_ns = in.now_ns;
    in.q_lots = 0;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_int_equal(plan.solves, 3);
    in.now_ns += 600 * PL_NS_PER_S;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_int_equal(plan.solves, 4); /* the interval */
    /* Side limits count at once, also without a solve. */
    in.q_lots = 950;
    in.now_ns += PL_NS_PER_S;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_true(plan.solves == 4 && plan.off[0] && !plan.off[1]);
}

static void test_fitted_kappa(void **state)
{
    (void)state;
    struct pl_inventory_rules r = plan_rules();
    struct pl_inventory_plan plan = {0};
    struct pl_inventory_input in = plan_input(.5);
    r.kappa = 0;
    in.decay = .004;
    in.intensity = .05;
    pl_inventory_plan_step(&plan, &r, &in);
    double reach = .004 * plan.solve.width / 2;
    double want = 2 * .05 * exp(-reach) * reach * 600 * 100 / 1000;
    assert_true(fabs(plan.solve.lp.kappa - want) < 1e-12 * want);
    in.now_ns += 600 * PL_NS_PER_S;
    in.intensity = 1e9;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_true(plan.solve.lp.kappa == 10);
    in.now_ns += 600 * PL_NS_PER_S;
    in.decay = NAN;
    pl_inventory_plan_step(&plan, &r, &in);
    assert_int_equal(plan.status, PL_INVENTORY_INVALID);
}

/* ---- directions ----------------------------------------------------------------------------- */

enum direction { SAME, UP, DOWN };

static const struct {
    const char *setting;
    enum direction width, lean; /* of the innermost pair at qh .6, hot market: ema 2 */
} directions[] = {
    {"alpha=2", SAME, UP},
    {"beta=1", SAME, DOWN},
    {"gamma=2", UP, UP}, /* lean in ticks grows with the half width */
    {"delta=50", UP, UP},
    {"zeta=50", UP, UP},
    {"zeta=50 depth_sign=-1", DOWN, DOWN},
    {"max_inventory=10", SAME, DOWN},
    {"kappa=0.7", SAME, UP},
    {"x_min=0.9", SAME, DOWN},
    {"x_max=1.1", SAME, DOWN},
    {"min_spread=200", UP, UP},
    {"depth_ref=0.02", UP, UP},
    {"liquidity_ref=400 delta=50", UP, UP},
    {"vol_ref_bps=50", UP, UP}, /* slow: the interval is longer */
    {"ema_hot=5 interval_mid_s=600", UP, UP},
    {"interval_hot_s=120", UP, UP},
    {"gamma_vol=1", UP, UP},
    {"gamma_vol=-1", DOWN, DOWN},
    {"alpha_inv=2", SAME, UP},
    {"refresh_ms=50", SAME, SAME},
};

static void pair(const char *settings, double *width, double *lean)
{
    struct maker m;
    start(&m, "interval_hot_s=60 interval_mid_s=300");
    char copy[128];
    (void)snprintf(copy, sizeof copy, "%s", settings);
    maker_set_all(&m, copy);
    maker_bind(&m);
    m.feature[AT_SD] = 2 * 5e-4 / sqrt(60);
    m.view.pos_lots = 600;
    const struct pl_wanted *w = maker_ask(&m);
    assert_true(w->count[0] == 1 && w->count[1] == 1);
    double bid = (double)w->level[PL_BUY][0].px, ask = (double)w->level[PL_SELL][0].px;
    *width = ask - bid;
    *lean = 600000.5 - .5 * (bid + ask);
    maker_free(&m);
}

static bool goes(enum direction d, double from, double to)
{
    return d == SAME ? fabs(to - from) <= 1 : d == UP ? to > from + 1 : to < from - 1;
}

static void test_directions(void **state)
{
    (void)state;
    double width, lean, width_now, lean_now;
    pair("", &width, &lean);
    assert_true(lean > 0);
    for (size_t i = 0; i < sizeof directions / sizeof directions[0]; i++) {
        pair(directions[i].setting, &width_now, &lean_now);
        if (!goes(directions[i].width, width, width_now) ||
            !goes(directions[i].lean, lean, lean_now)) {
            fail_msg("%s: width %g to %g, lean %g to %g", directions[i].setting, width, width_now,
                     lean, lean_now);
        }
    }
}

static void test_features(void **state)
{
    (void)state;
    struct maker m;
    struct pl_feature_request request[PL_STRATEGY_FEATURES_MAX];
    start(&m, "vol_window_s=100 liquidity_window_s=30 depth_levels=7");
    assert_int_equal(m.strategy->features(m.params, request), 3);
    assert_true(request[0].kind == PL_FEATURE_LOGVOL && request[0].samples == 100);
    assert_true(request[1].kind == PL_FEATURE_DEPTH && request[1].levels == 7);
    assert_true(request[2].kind == PL_FEATURE_VOLUME && request[2].lookback_ns == 30 * PL_NS_PER_S);
    maker_set_all(&m, "depth_ref=auto liquidity_ref=auto kappa=fit depth_mode=bps depth_bps=20");
    maker_bind(&m);
    assert_int_equal(m.strategy->features(m.params, request), 7);
    assert_true(request[1].levels == 0 && request[1].depth_bps == 20);
    assert_true(request[3].kind == PL_FEATURE_DEPTH && request[3].halflife_s == 3600);
    assert_true(request[4].kind == PL_FEATURE_VOLUME && request[4].least == 300);
    assert_true(request[5].kind == PL_FEATURE_KAPPA && request[6].kind == PL_FEATURE_INTENSITY);
    m.feature[3] = 2000; /* usual depth: Dq 1.5 */
    m.feature[4] = 4000; /* Lq 2 */
    m.feature[5] = .001;
    m.feature[6] = .5;
    m.view.pos_lots = 0;
    maker_expect(&m, "auto", "599690x100 / 600311x100");
    m.feature[4] = 0; /* nothing trades: not warm */
    later(&m, 700);
    maker_expect(&m, "no usual volume", "599400x100 / 600601x100");
    maker_free(&m);
}

static void test_refused_settings(void **state)
{
    (void)state;
    static const struct {
        const char *settings, *word;
    } bad[] = {
        {"kappa=0.001", "kappa"},
        {"kappa=auto", "kappa"},
        {"depth_ref=0", "depth_ref"},
        {"liquidity_ref=fit", "liquidity_ref"},
        {"depth_sign=0", "depth_sign"},
        {"x_max=20 chord_step=0.005", "chord_step"},
        {"order_size=2", "order_size"},
        {"max_inventory=1.0005", "lots"},
        {"order_size=0.1005", "lots"},
        {"ema_slow=0.6", "ema_slow"},
        {"vol_low=2", "vol_low"},
        {"ema_mid=1.5", "ema_mid"},
        {"interval_hot_s=601", "interval_hot_s"},
        {"interval_slow_s=500", "interval_mid_s"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct maker m;
        start(&m, "");
        maker_set_all(&m, bad[i].settings);
        assert_int_equal(maker_try_bind(&m), PL_ERR_INVALID);
        if (strstr(m.err.text, bad[i].word) == NULL) {
            fail_msg("%s: %s", bad[i].settings, m.err.text);
        }
        maker_free(&m);
    }
}

/* Any inputs: bids below asks, no quote crosses the touch, the words sum to the prices. */
static void test_any_input(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "levels=3 post_only=false reoptimise_on_fill=true last_good_max_age_s=3");
    uint64_t at = 0;
    int quoted = 0;
    for (int i = 0; i < 4000; i++) {
        int64_t bid = 600000 + (int64_t)(pl_rand_u64(1, 0, 0, at++) % 2000) - 1000;
        m.own = maker_touch(bid, 5, bid + 1 + (int64_t)(pl_rand_u64(1, 0, 0, at++) % 300), 5);
        m.view.pos_lots = (int64_t)(pl_rand_u64(1, 0, 0, at++) % 2201) - 1100;
        for (int f = 0; f < 3; f++) {
            double u = pl_rand_unit(1, 0, 0, at++);
            m.feature[f] = u < .05 ? NAN : u < .1 ? INFINITY : u < .15 ? 0 : u * 1e-3;
            m.feature[f] *= f > 0 ? 1e6 : 1;
        }
        later(&m, pl_rand_unit(1, 0, 0, at++) * 4);
        const struct pl_wanted *w = maker_ask(&m);
        for (int side = 0; side < 2; side++) {
            for (uint32_t k = 0; k < w->count[side]; k++) {
                int64_t px = w->level[side][k].px;
                assert_true(side == PL_BUY ? px < m.own.touch.px[PL_SELL]
                                           : px > m.own.touch.px[PL_BUY]);
            }
        }
        if (w->count[0] > 0 && w->count[1] > 0) {
            assert_true(w->level[PL_BUY][0].px < w->level[PL_SELL][0].px);
            quoted++;
        }
        assert_int_equal(maker_explained(&m), w->count[0] + w->count[1]);
    }
    assert_true(quoted > 2000);
    maker_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),         cmocka_unit_test(test_widths),
        cmocka_unit_test(test_closing_side), cmocka_unit_test(test_last_good_and_default),
        cmocka_unit_test(test_not_warm),     cmocka_unit_test(test_forced_failures),
        cmocka_unit_test(test_schedule),     cmocka_unit_test(test_triggers),
        cmocka_unit_test(test_fitted_kappa), cmocka_unit_test(test_directions),
        cmocka_unit_test(test_features),     cmocka_unit_test(test_refused_settings),
        cmocka_unit_test(test_any_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
