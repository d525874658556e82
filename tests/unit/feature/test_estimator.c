/* Features as a market feeds them: the rows of the references through touches, books and trades. */
#include "feature/estimator.h"

#include "unit/math/near.h"

static struct pl_arena *arena;

static struct pl_estimator *estimator(const struct pl_feature_request *request)
{
    struct pl_estimator *e = NULL;
    struct pl_error err = {0};
    assert_int_equal(pl_arena_create(&arena), 0);
    assert_int_equal(pl_estimator_create(arena, request, &e, &err), 0);
    return e;
}

static struct pl_feature_input touch_at(int64_t t_ns, int64_t bid, int64_t ask)
{
    return (struct pl_feature_input){.venue_ns = t_ns, .touch = {.px = {bid, ask}, .lots = {1, 1}}};
}

/* fair 100, 100.5, 100.25, 101, 100.75 sampled each second: sigma .484122918, with a tick of 0.25 */
static void test_sigma_row(void **state)
{
    (void)state;
    static const int64_t mid_ticks[] = {400, 402, 401, 404, 403};
    struct pl_feature_request request = {
        .kind = PL_FEATURE_SIGMA, .price = PL_PRICE_MID, .samples = 4, .sample_ns = PL_NS_PER_S};
    struct pl_estimator *e = estimator(&request);
    for (int64_t i = 0; i < 5; i++) {
        struct pl_feature_input in =
            touch_at((100 + i) * PL_NS_PER_S, mid_ticks[i] - 1, mid_ticks[i] + 1);
        assert_true(pl_estimator_value(e) !=
                    pl_estimator_value(e)); /* not from a part-filled window */
        pl_estimator_step(e, &in);
    }
    struct pl_feature_input later = touch_at(105 * PL_NS_PER_S, 402, 404);
    pl_estimator_step(e, &later);
    NEAR(pl_estimator_value(e) * 0.25, 0.484122918, 1e-9);
    int64_t have, need;
    pl_estimator_warmth(e, &have, &need);
    assert_true(need == 5 && have >= need);
    pl_estimator_reset(e);
    assert_true(pl_estimator_value(e) != pl_estimator_value(e));
    pl_arena_destroy(&arena);
}

/* depths above the touch 0 0 1 0 2 0 1 0 0 3 ticks: kappa .887303195 per tick */
static void test_kappa_row(void **state)
{
    (void)state;
    static const int64_t depth[] = {0, 0, 1, 0, 2, 0, 1, 0, 0, 3};
    struct pl_feature_request request = {.kind = PL_FEATURE_KAPPA,
                                         .method = PL_KAPPA_MLE,
                                         .lookback_ns = 600 * PL_NS_PER_S,
                                         .least = 10,
                                         .refit_ns = 10 * PL_NS_PER_S,
                                         .max_age_ns = 100 * PL_NS_PER_S};
    struct pl_estimator *e = estimator(&request);
    struct pl_feature_input in = touch_at(1 * PL_NS_PER_S, 1000, 1002);
    pl_estimator_step(e, &in);
    for (int64_t i = 0; i < 10; i++) {
        struct pl_feature_input trade = touch_at((2 + i) * PL_NS_PER_S / 2, 1000, 1002);
        trade.trade = true;
        trade.trade_sell = i % 2 == 0;
        trade.trade_px = trade.trade_sell ? 1000 - depth[i] : 1002 + depth[i];
        trade.trade_lots = 1;
        pl_estimator_step(e, &trade);
        assert_true(pl_estimator_value(e) != pl_estimator_value(e));
    }
    in.venue_ns = 12 * PL_NS_PER_S;
    pl_estimator_step(e, &in);
    NEAR(pl_estimator_value(e), 0.887303195, 1e-9);
    in.venue_ns = 800 * PL_NS_PER_S; /* the window has emptied and the fit is too old */
    pl_estimator_step(e, &in);
    assert_true(pl_estimator_value(e) != pl_estimator_value(e));
    pl_arena_destroy(&arena);
}

/* quant.md 3: bids 100.0x2, 99.9x4, 99.8x6; asks 100.1x6, 100.2x3, 100.3x1: VAMP effective */
static void test_vamp_row(void **state)
{
    (void)state;
    struct pl_feature_request request = {.kind = PL_FEATURE_VAMP, .levels = 3};
    struct pl_estimator *e = estimator(&request);
    struct pl_book *book = NULL;
    struct pl_book_config config = {.window_ticks = 4096};
    assert_int_equal(pl_book_create(arena, &config, &book), 0);
    static const int64_t px[] = {1000, 999, 998, 1001, 1002, 1003}, lots[] = {2, 4, 6, 6, 3, 1};
    pl_book_apply_snapshot(book, px, lots, 3, 6, 1);
    struct pl_feature_input in = touch_at(1, 1000, 1001);
    in.book = book;
    pl_estimator_step(e, &in);
    NEAR(pl_estimator_value(e) * 0.1, 100.021212121, 1e-9);
    pl_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sigma_row),
        cmocka_unit_test(test_kappa_row),
        cmocka_unit_test(test_vamp_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
