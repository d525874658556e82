/* Depth and traded volume on the grid of seconds, and their usual level. */
#include "base/assert.h"
#include "feature/estimator.h"

#include "unit/math/near.h"

#include <string.h>

struct rig {
    struct pl_arena *arena;
    struct pl_book *book;
    struct pl_estimator *e;
};

/* Bids 1000x2 999x4 990x6, asks 1001x6 1003x3 1020x1. */
static void snapshot(struct pl_book *book, int64_t first_lots)
{
    static const int64_t px[] = {1000, 999, 990, 1001, 1003, 1020};
    const int64_t lots[] = {first_lots, 4, 6, 6, 3, 1};
    pl_book_apply_snapshot(book, px, lots, 3, 6, 1);
}

static struct rig start(struct pl_feature_request request)
{
    struct rig r;
    struct pl_error err = {0};
    assert_int_equal(pl_arena_create(&r.arena), 0);
    assert_int_equal(pl_book_create(r.arena, &(struct pl_book_config){0}, &r.book), 0);
    assert_int_equal(pl_estimator_create(r.arena, &request, &r.e, &err), 0);
    snapshot(r.book, 2);
    return r;
}

static double step(struct rig *r, double at_s, int64_t trade_lots)
{
    struct pl_feature_input in = {.book = r->book,
                                  .venue_ns = PL_NS_PER_S * 1000 + (int64_t)(at_s * 1e9),
                                  .touch = {.px = {r->book->best[0], r->book->best[1]}},
                                  .trade = trade_lots > 0,
                                  .trade_px = 1000,
                                  .trade_lots = trade_lots};
    pl_estimator_step(r->e, &in);
    return pl_estimator_value(r->e);
}

static void test_depth(void **state)
{
    (void)state;
    static const struct {
        int64_t levels;
        double bps, want;
    } rows[] = {{1, 0, 8}, {2, 0, 15},  {3, 0, 22},  {200, 0, 22},
                {0, 6, 8}, {0, 15, 12}, {0, 200, 22}};
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct rig r = start((struct pl_feature_request){
            .kind = PL_FEATURE_DEPTH, .levels = rows[i].levels, .depth_bps = rows[i].bps});
        assert_true(isnan(step(&r, .5, 0)));
        NEAR(step(&r, 1.2, 0), rows[i].want, 0);
        snapshot(r.book, 5);
        NEAR(step(&r, 1.9, 0), rows[i].want, 0); /* between seconds */
        NEAR(step(&r, 2, 0), rows[i].want + 3, 0);
        pl_estimator_reset(r.e);
        assert_true(isnan(pl_estimator_value(r.e)));
        pl_arena_destroy(&r.arena);
    }
}

static void test_volume(void **state)
{
    (void)state;
    struct rig r = start(
        (struct pl_feature_request){.kind = PL_FEATURE_VOLUME, .lookback_ns = 3 * PL_NS_PER_S});
    int64_t have, need;
    assert_true(isnan(step(&r, .5, 10)));  /* second 0 */
    assert_true(isnan(step(&r, 1.5, 20))); /* 1 */
    pl_estimator_warmth(r.e, &have, &need);
    assert_true(have == 1 && need == 3);
    assert_true(isnan(step(&r, 2.1, 30))); /* 2 */
    assert_true(isnan(step(&r, 2.9, 5)));
    NEAR(step(&r, 3, 7), 65, 0);  /* this second counts when it is over */
    NEAR(step(&r, 4, 0), 62, 0);  /* seconds 1..3 */
    NEAR(step(&r, 6, 0), 7, 0);   /* 3..5 */
    NEAR(step(&r, 900, 1), 0, 0); /* a silence */
    NEAR(step(&r, 901, 0), 1, 0);
    pl_estimator_reset(r.e);
    assert_true(isnan(step(&r, 902, 3)));
    assert_true(isnan(step(&r, 904, 0)));
    NEAR(step(&r, 905, 0), 3, 0);
    pl_arena_destroy(&r.arena);
}

/* Weights 1, k, k^2 ... back from the newest sample, scaled to 1. */
static void test_usual(void **state)
{
    (void)state;
    struct rig r = start((struct pl_feature_request){
        .kind = PL_FEATURE_DEPTH, .levels = 1, .halflife_s = 2, .least = 3});
    (void)step(&r, .5, 0);
    assert_true(isnan(step(&r, 1, 0))); /* 8 */
    snapshot(r.book, 10);
    assert_true(isnan(step(&r, 2, 0))); /* 16 */
    double k = sqrt(.5);
    NEAR(step(&r, 3, 0), (16 + 16 * k + 8 * k * k) / (1 + k + k * k), 1e-12);
    NEAR(step(&r, 63, 0), 16, 1e-6);
    pl_arena_destroy(&r.arena);

    r = start((struct pl_feature_request){.kind = PL_FEATURE_VOLUME,
                                          .lookback_ns = 2 * PL_NS_PER_S,
                                          .halflife_s = 3600,
                                          .least = 300});
    for (int i = 0; i < 301; i++) {
        assert_true(isnan(step(&r, i + .5, i % 2 ? 30 : 10)));
    }
    NEAR(step(&r, 301.5, 0), 40, 1e-12); /* two seconds to fill, then 300 samples */
    pl_arena_destroy(&r.arena);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct pl_feature_request bad[] = {
        {.kind = PL_FEATURE_DEPTH},
        {.kind = PL_FEATURE_DEPTH, .levels = 201},
        {.kind = PL_FEATURE_DEPTH, .levels = 1, .depth_bps = 1},
        {.kind = PL_FEATURE_VOLUME},
        {.kind = PL_FEATURE_VOLUME, .lookback_ns = 86401 * PL_NS_PER_S},
    };
    struct pl_arena *arena;
    assert_int_equal(pl_arena_create(&arena), 0);
    for (size_t i = 0; i < PL_COUNT(bad); i++) {
        struct pl_estimator *e;
        struct pl_error err = {0};
        assert_int_equal(pl_estimator_create(arena, &bad[i], &e, &err), PL_ERR_INVALID);
        assert_non_null(strstr(err.text, "legal"));
    }
    pl_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_depth), cmocka_unit_test(test_volume),
                                       cmocka_unit_test(test_usual),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
