/* The features that make a signal: rows of quant.md 3 and makers.md 2.8, warm-up, gaps, and windows against
 * the plain computation. */
#include "base/assert.h"
#include "base/rand.h"
#include "feature/depth_bands.h"
#include "feature/estimator.h"
#include "feature/slow_mean.h"

#include <stdbool.h>

#include "unit/math/near.h"

struct rig {
    struct pl_arena *arena;
    struct pl_book *book;
    struct pl_estimator *e;
    struct pl_feature_input in;
};

static void start(struct rig *r, const struct pl_feature_request *request)
{
    struct pl_book_config config = {.window_ticks = 4096};
    *r = (struct rig){.in = {.venue_ns = 1000 * 60 * PL_NS_PER_S, .lot = 0.00001}};
    assert_int_equal(pl_arena_create(&r->arena), 0);
    assert_int_equal(pl_book_create(r->arena, &config, &r->book), 0);
    assert_int_equal(pl_estimator_create(r->arena, request, &r->e, NULL), 0);
    r->in.book = r->book;
    r->in.touch = (struct pl_touch){.px = {PL_PX_NO_BID, PL_PX_NO_ASK}};
}

static void finish(struct rig *r)
{
    pl_arena_destroy(&r->arena);
}

static void snapshot(struct rig *r, const int64_t *px, const int64_t *lots, uint32_t bids,
                     uint32_t rows)
{
    pl_book_reset(r->book); /* nothing stays from beyond the rows */
    pl_book_apply_snapshot(r->book, px, lots, bids, rows, 1);
    for (int s = 0; s < 2; s++) {
        r->in.touch.px[s] = r->book->best[s];
        r->in.touch.lots[s] = pl_book_lots(r->book, (enum pl_side)s, r->book->best[s]);
    }
}

static double step(struct rig *r, int64_t later_ns)
{
    r->in.venue_ns += later_ns;
    pl_estimator_step(r->e, &r->in);
    return pl_estimator_value(r->e);
}

static double trade(struct rig *r, int64_t later_ns, bool sell, int64_t px, int64_t lots)
{
    r->in.trade = true;
    r->in.trade_sell = sell;
    r->in.trade_px = px;
    r->in.trade_lots = lots;
    double value = step(r, later_ns);
    r->in.trade = false;
    return value;
}

/* ---- depth bands ---------------------------------------------------------------------------- */

static const struct pl_feature_request six_bands = {.kind = PL_FEATURE_BANDS,
                                                    .levels = 6,
                                                    .band_bps = {10, 25, 50, 100, 200, 500},
                                                    .sample_ns = PL_NS_PER_S};

static void test_depth_bands(void **state)
{
    (void)state;
    struct rig r;
    static const int64_t px[] = {10000, 9990, 9980, 10010, 10020, 10030};
    static const int64_t lots[] = {2, 4, 6, 6, 3, 1};
    start(&r, &six_bands);
    assert_true(isnan(step(&r, 0))); /* no touch yet */
    snapshot(&r, px, lots, 3, 6);
    NEAR(step(&r, 1), -.171472592, 2e-9);
    static const int64_t lead_px[] = {10012, 10002, 10014, 10024};
    static const int64_t lead_lots[] = {5, 5, 1, 5};
    snapshot(&r, lead_px, lead_lots, 2, 4);
    NEAR(step(&r, PL_NS_PER_S - 2), -.171472592, 2e-9); /* not before the next sample */
    NEAR(step(&r, 1), .435012725, 2e-9);
    finish(&r);
}

static void test_empty_and_one_sided_bands(void **state)
{
    (void)state;
    struct rig r;
    struct pl_feature_request request = {
        .kind = PL_FEATURE_BANDS, .levels = 3, .band_bps = {1, 20, 60}, .sample_ns = 1};
    static const int64_t px[] = {9990, 10010, 10050};
    static const int64_t lots[] = {3, 6, 3};
    double w[3];
    pl_band_weights(3, w);
    NEAR(w[0] + w[1] + w[2], 1, 1e-15);
    start(&r, &request);
    snapshot(&r, px, lots, 1, 3);
    NEAR(step(&r, 1), w[1] * -3.0 / 9 + w[2] * -6.0 / 12, 1e-15); /* the first band is empty */
    static const int64_t thin_px[] = {9950, 9999, 10070};
    static const int64_t thin_lots[] = {3, 2, 9};
    snapshot(&r, thin_px, thin_lots, 2, 3); /* mid 10034.5: 20 bps reach neither, 60 both */
    NEAR(step(&r, 1), w[2] * -7.0 / 11, 1e-15);
    finish(&r);
    static const double weights[][4] = {{1}, {1, 0}, {4.0 / 7, 2.0 / 7, 1.0 / 7}};
    for (uint32_t n = 1; n <= 2; n++) {
        double got[4];
        pl_band_weights(n, got);
        for (uint32_t i = 0; i < n; i++) {
            NEAR(got[i], weights[n - 1][i], 1e-15);
        }
    }
    double five[5]; /* a = 1/2 */
    pl_band_weights(5, five);
    NEAR(five[0], 16.0 / 31, 1e-15);
}

/* ---- trades --------------------------------------------------------------------------------- */

static void test_trade_imbalance(void **state)
{
    (void)state;
    struct rig r;
    struct pl_feature_request request = {
        .kind = PL_FEATURE_TRADE_IMBALANCE, .samples = 5, .size_ref = 1};
    static const int64_t lots[] = {70708, 15615, 94895, 23170, 87096};
    start(&r, &request);
    for (int i = 0; i < 5; i++) {
        int64_t have, need;
        pl_estimator_warmth(r.e, &have, &need);
        assert_true(have == i && need == 5);
        assert_true(isnan(pl_estimator_value(r.e)));
        trade(&r, 1, i % 2 == 1, 100, lots[i]);
    }
    NEAR(pl_estimator_value(r.e), .742191037, 1e-9);
    pl_estimator_reset(r.e);
    assert_true(isnan(pl_estimator_value(r.e)));
    finish(&r);
}

/* Against the sum over the window, long after the window was filled first. */
static void test_trade_imbalance_rolls(void **state)
{
    (void)state;
    static const int64_t windows[] = {1, 2, 3, 7, 100};
    for (int k = 0; k < 5; k++) {
        struct rig r;
        int64_t n = windows[k];
        struct pl_feature_request request = {
            .kind = PL_FEATURE_TRADE_IMBALANCE, .samples = n, .size_ref = .5};
        double x[1000];
        start(&r, &request);
        for (int i = 0; i < 1000; i++) {
            int64_t lots = 1 + (int64_t)(pl_rand_u64(7, 1, (uint64_t)k, (uint64_t)i) % 1000000);
            bool sell = (pl_rand_u64(7, 2, (uint64_t)k, (uint64_t)i) & 1) != 0;
            double got = trade(&r, 1, sell, 100, lots);
            x[i] = (sell ? -1 : 1) * log1p((double)lots * .00001 / .5);
            double a = 3.0 / ((double)n + 1), w = a, net = 0, gross = 0;
            for (int64_t j = i; j > i - n && j >= 0; j--, w *= 1 - a) {
                net += w * x[j];
                gross += w * fabs(x[j]);
            }
            if (i + 1 >= n) {
                assert_true(fabs(got - net / gross) < 1e-12);
            } else {
                assert_true(isnan(got));
            }
        }
        finish(&r);
    }
}

/* ---- candles -------------------------------------------------------------------------------- */

static const struct pl_feature_request five_closes = {
    .kind = PL_FEATURE_BOLLINGER, .samples = 5, .sample_ns = 60 * PL_NS_PER_S};

static void test_bollinger(void **state)
{
    (void)state;
    struct rig r;
    static const int64_t close[] = {100, 102, 101, 103, 104};
    start(&r, &five_closes);
    step(&r, PL_NS_PER_S); /* no trade yet: no candle */
    r.in.venue_ns += 60 * PL_NS_PER_S;
    for (int i = 0; i < 5; i++) {
        trade(&r, 10 * PL_NS_PER_S, false, 7, 1);
        trade(&r, PL_NS_PER_S, false, close[i], 1);
        int64_t have, need;
        pl_estimator_warmth(r.e, &have, &need);
        assert_true(have == i && need == 5);
        assert_true(isnan(pl_estimator_value(r.e)));
        r.in.venue_ns += 49 * PL_NS_PER_S;
    }
    NEAR(step(&r, 0), 1.414213562, 1e-9);
    /* Two minutes without a trade repeat 104: closes 101 103 104 104 104 */
    NEAR(step(&r, 120 * PL_NS_PER_S), sqrt(1.36), 1e-12);
    NEAR(step(&r, 600 * PL_NS_PER_S), 0, 0);
    finish(&r);
}

/* A minute in which the feed was down does not count; closes from before stay. */
static void test_bollinger_over_a_gap(void **state)
{
    (void)state;
    struct rig r;
    struct pl_feature_request request = five_closes;
    static const int64_t px[] = {99, 101}, lots[] = {1, 1};
    int64_t have, need;
    request.samples = 3;
    start(&r, &request);
    snapshot(&r, px, lots, 1, 2);
    trade(&r, PL_NS_PER_S, false, 100, 1);
    trade(&r, 60 * PL_NS_PER_S, false, 103, 1); /* the first candle closes at 100 */
    pl_book_mark_stale(r.book);
    step(&r, 10 * PL_NS_PER_S);
    trade(&r, 200 * PL_NS_PER_S, false, 900, 1); /* minutes 2, 3 and 4 were down */
    pl_estimator_warmth(r.e, &have, &need);
    assert_true(have == 1 && need == 3);
    snapshot(&r, px, lots, 1, 2);
    step(&r, PL_NS_PER_S); /* up again, in a minute that was down in part */
    trade(&r, 60 * PL_NS_PER_S, false, 106, 1);
    pl_estimator_warmth(r.e, &have, &need);
    assert_true(have == 1);
    trade(&r, 60 * PL_NS_PER_S, false, 109, 1);
    step(&r, 60 * PL_NS_PER_S);
    NEAR(pl_estimator_value(r.e), sqrt(14), 1e-12); /* 100 106 109 */
    finish(&r);
}

/* ---- mark price ----------------------------------------------------------------------------- */

static void test_slow_mean(void **state)
{
    (void)state;
    struct pl_slow_mean m = pl_slow_mean_start(10), once = m, off = pl_slow_mean_start(0);
    int64_t now = 1000 * PL_NS_PER_S + 5;
    assert_true(!pl_slow_mean_warm(&m) && pl_slow_mean_warm(&off));
    pl_slow_mean_add(&m, now, 4);
    pl_slow_mean_add(&once, now, 4);
    pl_slow_mean_add(&off, now, 4);
    NEAR(m.mean, 4, 0);
    NEAR(off.mean, 0, 0);
    pl_slow_mean_add(&m, now + PL_NS_PER_S - 6, 100); /* within the same second */
    NEAR(m.mean, 4, 0);
    for (int i = 1; i <= 10; i++) {
        assert_true(!pl_slow_mean_warm(&m));
        pl_slow_mean_add(&m, now + i * PL_NS_PER_S, 8);
    }
    assert_true(pl_slow_mean_warm(&m));
    NEAR(m.mean, 6, 1e-12); /* half of the way in a half-life */
    pl_slow_mean_add(&once, now + 10 * PL_NS_PER_S, 8);
    NEAR(once.mean, m.mean, 1e-12);
    assert_true(once.steps == m.steps && once.next_ns == m.next_ns);
    pl_slow_mean_pause(&m); /* an hour away does not count */
    pl_slow_mean_add(&m, now + 3600 * PL_NS_PER_S, 8);
    NEAR(m.mean, 6, 1e-12);
    pl_slow_mean_add(&m, now + 3610 * PL_NS_PER_S, 8);
    NEAR(m.mean, 7, 1e-12);
}

static void test_mark(void **state)
{
    (void)state;
    struct rig r, b;
    struct pl_feature_request mark = {.kind = PL_FEATURE_MARK};
    struct pl_feature_request basis = {.kind = PL_FEATURE_MARK_BASIS, .halflife_s = 20};
    static const int64_t px[] = {9999, 10001}, lots[] = {1, 1};
    start(&r, &mark);
    start(&b, &basis);
    snapshot(&r, px, lots, 1, 2);
    snapshot(&b, px, lots, 1, 2);
    assert_true(isnan(step(&r, 0)) && isnan(step(&b, 0)));
    r.in.mark_px = b.in.mark_px = 10005;
    NEAR(step(&r, 1), 10005, 0);
    step(&b, 1);
    for (int i = 0; i <= 20; i++) {
        assert_true(isnan(step(&b, PL_NS_PER_S)) || i == 20);
    }
    /* The first sample takes what held before its message; 20 steps later it is warm. */
    NEAR(pl_estimator_value(b.e), 1e4 * log(1.0005), 1e-9);
    b.in.mark_px = 9995;
    step(&b, 1);
    NEAR(step(&b, 20 * PL_NS_PER_S), .5e4 * (log(1.0005) + log(.9995)), 1e-9);
    finish(&r);
    finish(&b);
}

static void test_requests_compare_and_refuse(void **state)
{
    (void)state;
    struct pl_feature_request other = six_bands;
    assert_true(pl_feature_request_equal(&other, &six_bands));
    other.band_bps[5] = 400;
    assert_false(pl_feature_request_equal(&other, &six_bands));
    struct pl_feature_request refused[] = {
        {.kind = PL_FEATURE_BANDS, .levels = 11},
        {.kind = PL_FEATURE_TRADE_IMBALANCE, .samples = 0, .size_ref = 1},
        {.kind = PL_FEATURE_TRADE_IMBALANCE, .samples = 9, .size_ref = 0},
        {.kind = PL_FEATURE_BOLLINGER, .samples = 1, .sample_ns = 1},
    };
    for (int i = 0; i < 4; i++) {
        struct pl_arena *arena;
        struct pl_estimator *e = NULL;
        assert_int_equal(pl_arena_create(&arena), 0);
        assert_int_equal(pl_estimator_create(arena, &refused[i], &e, NULL), PL_ERR_INVALID);
        pl_arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_depth_bands),
        cmocka_unit_test(test_empty_and_one_sided_bands),
        cmocka_unit_test(test_trade_imbalance),
        cmocka_unit_test(test_trade_imbalance_rolls),
        cmocka_unit_test(test_bollinger),
        cmocka_unit_test(test_bollinger_over_a_gap),
        cmocka_unit_test(test_slow_mean),
        cmocka_unit_test(test_mark),
        cmocka_unit_test(test_requests_compare_and_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
