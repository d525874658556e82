/* `skew` as a maker: the worked example through features, inventory, the lead market and settings. */
#include "maker.h"

#include "core/order_kind.h"
#include "strategy/skew_settings.h"

#define COMMON                                                                         \
    "account_size=1000 base_spread=0.05 min_order_size=0.1 max_order_size=2 levels=4 " \
    "bybit_symbol=XYZUSD max_position=100 basis_halflife_s=0"

/* Values of the example in ticks, in the order of the requests. */
static const double own_feature[] = {
    141.4213562373095, 10002.12121212121, -.171472592, .742191037, 10006, 0};
static const double lead_feature[] = {10016.583333333334, .435012725, .3};

static void start(struct maker *m, const char *settings)
{
    maker_start(m, &pl_strategy_skew, "0.01", "0.01");
    maker_set_all(m, COMMON);
    maker_set_all(m, settings);
    m->own = maker_touch(10000, 200, 10010, 600);
    memcpy(m->feature, own_feature, sizeof own_feature);
}

/* With the lead example: weighted mid 100.136666667. */
static void start_lead(struct maker *m, const char *settings)
{
    start(m, "primary_data_feed=Binance");
    maker_set_all(m, settings);
    m->has_lead = true;
    m->lead = maker_touch(10012, 500, 10014, 100);
    m->lead.visible_ns = m->view.now_ns;
    memcpy(m->feature + 6, lead_feature, sizeof lead_feature);
}

#define AT_15  "9990x10 9911x27 9834x73 9757x200 / 10019x14 10080x32 10142x72 10203x164"
#define AT_M15 "9992x16 9942x31 9892x60 9842x114 / 10022x10 10110x27 10199x73 10288x200"
#define AT_0   "9991x13 9912x31 9834x74 9757x174 / 10020x10 10109x27 10198x73 10288x200"
#define AT_3   "EXTREME / 10010x55 10051x55 10091x55 10132x55 10172x55 10213x25"
#define AT_M3  "10000x55 9959x55 9919x55 9878x55 9838x55 9797x25 / EXTREME"

static const struct {
    const char *name, *settings;
    int64_t pos_lots;
    const char *want;
} rows[] = {
    {"q 1.5", "", 150, AT_15},
    {"q -1.5", "", -150, AT_M15},
    {"q 0", "", 0, AT_0},
    {"s:=0", "w_imb=0 w_mark=0 w_vamp=0 w_book=0 w_trades=0", 0,
     "9990x10 9900x27 9810x73 9722x200 / 10020x10 10108x27 10198x73 10288x200"},
    {"q 3", "", 300, AT_3},
    {"q -3", "", -300, AT_M3},
    {"distance", "ladder=distance", 150,
     "9990x10 9966x27 9907x73 9757x200 / 10019x14 10038x32 10086x72 10203x164"},
    /* the row holds the signal, which a wider scale would lower: so is the scale here */
    {"offsets",
     "price_offset=-0.05 size_offset=-0.02 volatility_offset=1 diff_scale_bps=14.128004088", 150,
     "9982x8 9890x25 9799x71 9708x198 / 10016x12 10088x30 10160x70 10233x162"},
    {"offsets, q 3", "price_offset=-0.05 size_offset=-0.02 volatility_offset=1", 300,
     "EXTREME / 10005x53 10053x53 10101x53 10148x53 10196x53 10243x35"},
    /* each setting alone */
    {"leverage", "leverage=2 account_size=500", 150, AT_15},
    {"inventory_extreme 0", "inventory_extreme=0", 20, "EXTREME / 10010x20"},
    {"inventory_extreme 0, flat", "inventory_extreme=0", 0, AT_0},
    {"inventory_extreme 1", "inventory_extreme=1", 300,
     "9988x10 9910x27 9833x73 9757x200 / 10017x16 10051x31 10085x57 10119x104"},
    {"inventory_target", "inventory_target=1.5", 300, AT_15},
    {"target away from 0", "inventory_target=-3", 0, AT_3},
    {"max_position", "max_position=1", 0, "9991x13 9912x31 9834x56 / 10020x10 10109x27 10198x63"},
    {"inner_shift 0", "inner_shift=0", 150,
     "9990x10 9912x27 9834x73 9757x200 / 10020x14 10081x32 10142x72 10203x164"},
    {"bollinger_band_std 1", "bollinger_band_std=1 w_mark=0 w_vamp=0", 0,
     "9998x13 9957x31 9917x75 9876x181 / 10013x10 10057x27 10102x73 10147x200"},
    {"diff_scale_bps 1", "diff_scale_bps=1", 0,
     "9991x14 9919x32 9846x72 9775x162 / 10021x10 10109x27 10198x73 10288x200"},
    {"base_spread in bps", "base_spread=5bps", 150, AT_15},
    {"levels 1", "levels=1", 150, "9990x10 / 10019x14"},
    {"price out of range", "price_offset=-98", 0,
     "191x13 112x31 34x74 / 220x10 309x27 398x73 488x200"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct maker m;
        start(&m, rows[i].settings);
        if (strstr(rows[i].settings, "w_mark=0") != NULL) { /* then fewer features are read */
            bool none = strstr(rows[i].settings, "w_book=0") != NULL;
            m.feature[1] = none ? NAN : own_feature[2];
            m.feature[2] = none ? NAN : own_feature[3];
        }
        if (strstr(rows[i].settings, "price_offset=-98") != NULL) {
            maker_set(&m, "post_only", "false");
        }
        maker_bind(&m);
        m.view.pos_lots = rows[i].pos_lots;
        maker_expect(&m, rows[i].name, rows[i].want);
        int levels = (int)(m.wanted.count[0] + m.wanted.count[1]);
        assert_int_equal(maker_explained(&m), levels);
        maker_free(&m);
    }
}

/* Enters at d .5, leaves below .45; what shrinks the position is reduce-only, what passes it is not. */
static void test_release_and_flags(void **state)
{
    (void)state;
    static const struct {
        int64_t pos;
        bool extreme;
    } walk[] = {{240, false}, {300, true}, {240, true}, {220, false}, {240, false}, {-300, true}};
    struct maker m;
    start(&m, "");
    maker_bind(&m);
    for (size_t i = 0; i < sizeof walk / sizeof walk[0]; i++) {
        m.view.pos_lots = walk[i].pos;
        const struct pl_wanted *w = maker_ask(&m);
        int adding = walk[i].pos > 0 ? PL_BUY : PL_SELL;
        assert_int_equal(w->count[adding] == 0, walk[i].extreme);
        assert_int_equal((w->flags[!adding] & PL_ORDF_REDUCE_ONLY) != 0, walk[i].extreme);
        assert_int_equal(w->flags[adding], PL_ORDF_POST_ONLY);
    }
    maker_free(&m);
    start(&m, "inventory_target=-3");
    maker_bind(&m);
    static const struct {
        int64_t pos;
        bool reduce_only;
    } target[] = {{0, false}, {100, false}, {-100, false}};
    for (int i = 0; i < 3; i++) { /* selling towards -3 passes 0 or adds to the short */
        m.view.pos_lots = target[i].pos;
        assert_int_equal(maker_ask(&m)->count[PL_BUY], i == 2 ? 4 : 0);
        assert_int_equal((m.wanted.flags[PL_SELL] & PL_ORDF_REDUCE_ONLY) != 0,
                         target[i].reduce_only);
    }
    maker_free(&m);
}

/* Nothing quotes from a part-filled window; a venue without mark prices counts 0 and says so. */
static void test_warm_up(void **state)
{
    (void)state;
    struct maker m;
    char text[8192];
    start(&m, "");
    maker_bind(&m);
    for (int i = 0; i < 6; i++) {
        double value = m.feature[i];
        m.feature[i] = NAN;
        bool mark = i == 4;
        assert_int_equal(maker_ask(&m)->count[PL_BUY], mark ? 4 : 0);
        assert_int_equal(m.wanted.reason[PL_BUY], mark ? PL_NOQUOTE_NONE : PL_NOQUOTE_WARMUP);
        m.strategy->explain(m.state, &m.view, text, sizeof text);
        assert_int_equal(strstr(text, "the venue has sent none") != NULL, mark);
        m.feature[i] = value;
    }
    maker_expect(&m, "warm", AT_0);
    maker_free(&m);
}

/* ---- the lead market ------------------------------------------------------------------------ */

/* s with the lead: .282461426 once 2 bps of the difference are usual; here none are taken off. */
static void test_lead(void **state)
{
    (void)state;
    struct maker m;
    char text[8192];
    start_lead(&m, "binance_symbol=XYZUSD w_lead_wmid=0");
    maker_bind(&m);
    maker_ask(&m);
    m.strategy->explain(m.state, &m.view, text, sizeof text);
    /* .282461426 less lead_wmid's .075 x .570451073 */
    assert_non_null(strstr(text, "signal 0.239677596"));
    assert_non_null(strstr(text, "lead up"));
    maker_free(&m);
    start_lead(&m, "basis_halflife_s=10 w_mark=0.075");
    m.feature[5] = 0;
    maker_bind(&m);
    m.lead = maker_touch(10002, 600, 10003, 600); /* 2.5 ticks above for 10 s: usual */
    for (int i = 0; i <= 10; i++) {
        m.lead.visible_ns = m.view.now_ns;
        maker_ask(&m);
        m.strategy->explain(m.state, &m.view, text, sizeof text);
        assert_int_equal(m.wanted.count[PL_BUY], i < 10 ? 0 : 4);
        assert_non_null(strstr(text, i < 10 ? "lead warming up" : "lead up"));
        m.view.now_ns += PL_NS_PER_S;
    }
    assert_non_null(strstr(text, "feature lead_wmid 0.000000000"));
    maker_free(&m);
}

static void expect_lead(struct maker *m, const char *what, const char *lead, const char *bids)
{
    char text[8192], got[2048];
    maker_text(maker_ask(m), got, sizeof got);
    m->strategy->explain(m->state, &m->view, text, sizeof text);
    if (strstr(text, lead) == NULL || strncmp(got + 1, bids, strlen(bids)) != 0) {
        fail_msg("%s: %s\n%s", what, got + 1, text);
    }
}

/* Older than lead_stale_ms, stale, one-sided or absent: from then on the own set of weights. */
static void test_lead_lost(void **state)
{
    (void)state;
    static const char *const policy[] = {"own", "widen", "pause"};
    static const char *const bids[] = {"9991x13 9912x31", "9977x13 9903x31", "STALE"};
    for (int i = 0; i < 3; i++) {
        struct maker m;
        start_lead(&m, "lead_stale_ms=500");
        maker_set(&m, "on_lead_loss", policy[i]);
        maker_bind(&m);
        m.lead.visible_ns = 0;
        expect_lead(&m, "never seen", "lead warming up", "WARMUP");
        m.lead.visible_ns = m.view.now_ns - 500 * PL_NS_PER_MS;
        maker_ask(&m);
        expect_lead(&m, "fresh", "lead up", "999");
        m.lead.visible_ns--;
        expect_lead(&m, "old", "lead lost", bids[i]);
        m.lead.visible_ns++;
        expect_lead(&m, "back", "lead up", "999");
        m.lead.flags = PL_VIEWF_STALE;
        expect_lead(&m, "stale", "lead lost", bids[i]);
        m.lead.flags = 0;
        m.lead.touch.px[PL_SELL] = PL_PX_NO_ASK;
        expect_lead(&m, "one-sided", "lead lost", bids[i]);
        m.lead.touch.px[PL_SELL] = 10014;
        m.feature[8] = NAN;
        expect_lead(&m, "windows empty again", "lead lost", bids[i]);
        m.feature[8] = .3;
        m.has_lead = false;
        expect_lead(&m, "gone", "lead lost", bids[i]);
        maker_free(&m);
    }
}

/* Under Bybit a lead market and its symbol are not read. */
static void test_lead_ignored(void **state)
{
    (void)state;
    struct maker m;
    struct pl_feature_request request[PL_STRATEGY_FEATURES_MAX];
    start_lead(&m, "primary_data_feed=Bybit binance_symbol=whatever w_lead_imb=1");
    maker_bind(&m);
    assert_int_equal(m.strategy->features(m.params, request), 6);
    maker_expect(&m, "own venue alone", AT_0);
    maker_free(&m);
}

/* ---- bind ----------------------------------------------------------------------------------- */

static const struct {
    const char *settings, *words; /* NULL = accepted */
} binds[] = {
    {"bybit_symbol=ABCUSD", "bybit_symbol ABCUSD: the traded market is XYZUSD"},
    {"primary_data_feed=Binance", "primary_data_feed Binance: there is no lead market"},
    {"size_offset=-0.095",
     "size_offset -0.095: level 0 would be 0.005, legal 0.01..1190 step 0.01 (XYZUSD)"},
    {"size_offset=1189", "size_offset 1189: level 3 would be 1191, legal 0.01..1190"},
    {"size_offset=1188", NULL},
    {"min_order_size=0.001", "min_order_size 0.001: legal 0.01..1190"},
    {"max_order_size=1200", "max_order_size 1200: legal 0.01..1190"},
    {"min_order_size=3", "min_order_size 3: above max_order_size 2"},
    {"base_spread=0.009", "base_spread 0.009: below one tick"},
    {"base_spread=1ticks", NULL},
    {"depth_bands_bps=10,5", "depth_bands_bps 10,5: legal 1 to 10 rising numbers"},
    {"depth_bands_bps=1,2,3,4,5,6,7,8,9,10,11", "depth_bands_bps 1,2"},
    {"depth_bands_bps=5,", "depth_bands_bps 5,: legal"},
    {"w_imb=1.5", "w_imb 1.5: legal auto, or -1..1"},
    {"w_lead_book=x", "w_lead_book x: legal auto"},
    {"w_imb=AUTO", NULL},
    {"inventory_target=101", "inventory_target 101: beyond max_position"},
};

static void test_bind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof binds / sizeof binds[0]; i++) {
        struct maker m;
        start(&m, binds[i].settings);
        m.inst.max_lots = 119000;
        int rc = maker_try_bind(&m);
        if ((rc == 0) != (binds[i].words == NULL) ||
            (rc < 0 && strstr(m.err.text, binds[i].words) == NULL)) {
            fail_msg("%s: %d %s", binds[i].settings, rc, m.err.text);
        }
        maker_free(&m);
    }
    struct maker m;
    start_lead(&m, "binance_symbol=ABCUSD");
    assert_int_equal(maker_try_bind(&m), PL_ERR_INVALID);
    assert_non_null(strstr(m.err.text, "binance_symbol ABCUSD: the lead market is XYZUSD (test)"));
    maker_free(&m);
}

/* A size that only size_offset takes out of range is withheld, never raised. */
static void test_size_offset_withholds(void **state)
{
    (void)state;
    struct maker m;
    start(&m, "size_offset=-0.09 inventory_target=-3");
    maker_bind(&m);
    maker_expect(&m, "extreme",
                 "EXTREME / 10010x46 10051x46 10091x46 10132x46 10172x46 10213x46 "
                 "10253x24");
    m.inst.max_lots = 300;
    maker_set_all(&m, "size_offset=1 inventory_target=0");
    maker_bind(&m);
    maker_expect(&m, "at the most",
                 "9991x113 9912x131 9834x174 9757x274 / 10020x110 10109x127 10198x173 10288x300");
    maker_free(&m);
}

static void test_requests(void **state)
{
    (void)state;
    struct maker m;
    struct pl_feature_request r[PL_STRATEGY_FEATURES_MAX];
    start_lead(&m, "depth_bands_bps=1.5,3 trade_window=77 trade_size_ref=2 vamp_levels=3 "
                   "bollinger_band_length=9 basis_halflife_s=40");
    maker_bind(&m);
    assert_int_equal(m.strategy->features(m.params, r), 9);
    assert_true(r[0].kind == PL_FEATURE_BOLLINGER && r[0].samples == 9 &&
                r[0].sample_ns == 60 * PL_NS_PER_S);
    assert_true(r[1].kind == PL_FEATURE_VAMP && r[1].levels == 3 && !r[1].lead);
    assert_true(r[2].kind == PL_FEATURE_BANDS && r[2].levels == 2 && r[2].band_bps[0] == 1.5 &&
                r[2].band_bps[1] == 3);
    assert_true(r[3].kind == PL_FEATURE_TRADE_IMBALANCE && r[3].samples == 77 &&
                r[3].size_ref == 2);
    assert_true(r[4].kind == PL_FEATURE_MARK && r[5].kind == PL_FEATURE_MARK_BASIS &&
                r[5].halflife_s == 40);
    assert_true(r[6].lead && r[6].kind == PL_FEATURE_VAMP && r[7].lead && r[8].lead);
    assert_int_equal(m.traits.levels_max, 8);
    assert_true(m.traits.refresh_ns == PL_NS_PER_S);
    maker_free(&m);
}

static void test_table(void **state)
{
    (void)state;
    struct pl_error err = {0};
    if (pl_settings_table_check(&pl_skew_settings, &err) < 0) {
        fail_msg("%s", err.text);
    }
    assert_ptr_equal(pl_strategy_find("skew"), &pl_strategy_skew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),      cmocka_unit_test(test_release_and_flags),
        cmocka_unit_test(test_warm_up),   cmocka_unit_test(test_lead),
        cmocka_unit_test(test_lead_lost), cmocka_unit_test(test_lead_ignored),
        cmocka_unit_test(test_bind),      cmocka_unit_test(test_size_offset_withholds),
        cmocka_unit_test(test_requests),  cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
