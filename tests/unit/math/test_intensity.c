/* Fits of A and k: the worked rows, and recovery of what made the data. */
#include "base/assert.h"
#include "base/rand.h"
#include "math/fn.h"
#include "math/intensity.h"

#include "near.h"

static const double d[] = {1, 2, 3, 4};

static void test_counts(void **state)
{
    (void)state;
    static const double depth[] = {.5, .5, 1.5, .5, 2.5, .5, 1.5, .5, .5, 3.5};
    static const double grid[] = {.5, 1.5, 2.5, 3.5};
    double counts[4];
    pl_intensity_count(depth, PL_COUNT(depth), grid, 4, false, counts);
    NEAR(counts[0], 10, 0);
    NEAR(counts[1], 4, 0);
    NEAR(counts[2], 2, 0);
    NEAR(counts[3], 1, 0);
    pl_intensity_count(depth, PL_COUNT(depth), grid, 4, true, counts);
    NEAR(counts[0], 4, 0);
    NEAR(counts[3], 0, 0);
}

static void test_binned(void **state)
{
    (void)state;
    static const double halves[] = {400, 200, 100, 50};
    static const double noisy[] = {403, 196, 107, 46};
    struct pl_intensity fit;
    assert_int_equal(pl_intensity_ols(d, halves, 4, 1000, &fit), 0);
    NEAR(fit.a, .8, 1e-12);
    NEAR(fit.k, .693147181, 1e-9);
    NEAR(pl_intensity_rate(&fit, 3), .1, 1e-12);
    assert_int_equal(pl_intensity_ols(d, noisy, 4, 1000, &fit), 0);
    NEAR(fit.a, .831867517, 1e-9);
    NEAR(fit.k, .711617132, 1e-9);
    assert_int_equal(pl_intensity_poisson(d, noisy, 4, 1000, &fit), 0);
    NEAR(fit.a, .809611240, 1e-9);
    NEAR(fit.k, .698507779, 1e-9);
    assert_int_equal(pl_intensity_poisson(d, halves, 4, 1000, &fit), 0);
    NEAR(fit.k, .693147180559945, 1e-12);
    /* an empty bin is skipped by the logarithm and used by the likelihood */
    static const double holes[] = {400, 0, 100, 0};
    assert_int_equal(pl_intensity_ols(d, holes, 4, 1000, &fit), 0);
    NEAR(fit.k, .693147180559945, 1e-12);
    assert_int_equal(pl_intensity_poisson(d, holes, 4, 1000, &fit), 0);
    assert_true(fit.k > .7);
}

static void test_depths(void **state)
{
    (void)state;
    static const double depth[] = {.5, .5, 1.5, .5, 2.5, .5, 1.5, .5, .5, 3.5};
    struct pl_intensity fit;
    assert_int_equal(pl_intensity_mle(depth, 10, .5, 20, &fit), 0);
    NEAR(fit.k, 1.428571429, 1e-9);
    NEAR(fit.a, 1.021363535, 1e-9);
    NEAR(fit.se_k, 1.428571429 / sqrt(10), 1e-9);
    assert_int_equal(pl_intensity_mle_ticks(depth, 10, .5, 20, &fit), 0);
    NEAR(fit.k, .887303195, 1e-9);
    NEAR(fit.a, .779193722, 1e-9);
    static const double above[] = {0, 0, 1, 0, 2, 0, 1, 0, 0, 3};
    assert_int_equal(pl_intensity_mle_ticks(above, 10, 0, 20, &fit), 0);
    NEAR(fit.k, .887303195, 1e-9);
}

static void test_waits(void **state)
{
    (void)state;
    static const double wait[] = {3, 10, 10, 7, 1, 10, 4};
    NEAR(pl_intensity_wait_rate(wait, 7, 10), 4.0 / 45, 1e-15);
    assert_true(isnan(pl_intensity_wait_rate(wait, 0, 10)));
    NEAR(pl_intensity_hold_factor(.3, .3, 10), 1.020526165, 1e-9);
    NEAR(pl_intensity_hold_factor(.3, 0, 10), 1, 0);
}

static void test_nothing_to_learn(void **state)
{
    (void)state;
    static const double flat[] = {7, 7, 7, 7};
    static const double rising[] = {1, 2, 3, 4};
    static const double one[] = {5, 0, 0, 0};
    static const double none[] = {0, 0, 0, 0};
    static const double *const cases[] = {flat, rising, one, none};
    struct pl_intensity fit = {1, 2, 3};
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        assert_int_equal(pl_intensity_ols(d, cases[i], 4, 10, &fit), PL_ERR_INVALID);
        assert_int_equal(pl_intensity_poisson(d, cases[i], 4, 10, &fit), PL_ERR_INVALID);
    }
    assert_int_equal(pl_intensity_mle(none, 4, 0, 10, &fit), PL_ERR_INVALID);
    assert_int_equal(pl_intensity_mle(rising, 4, 9, 10, &fit), PL_ERR_INVALID);
    assert_int_equal(pl_intensity_mle(rising, 4, 0, 0, &fit), PL_ERR_INVALID);
    assert_int_equal(pl_intensity_mle_ticks(none, 4, 0, 10, &fit), PL_ERR_INVALID);
    NEAR(fit.a, 1, 0); /* left alone */
}

/* Depths drawn from an exponential law give its k back, within 4 standard errors. */
static void test_recovery(void **state)
{
    (void)state;
    static double depth[20000];
    static double ticks[20000];
    for (size_t i = 0; i < PL_COUNT(depth); i++) {
        depth[i] = -pl_log(pl_rand_unit(11, 0, 0, i)) / 0.3;
        ticks[i] = __builtin_floor(depth[i]);
    }
    struct pl_intensity fit;
    assert_int_equal(pl_intensity_mle(depth, PL_COUNT(depth), 0, 1, &fit), 0);
    assert_true(fabs(fit.k - 0.3) < 4 * fit.se_k && fit.se_k < 0.003);
    assert_int_equal(pl_intensity_mle_ticks(ticks, PL_COUNT(ticks), 0, 1, &fit), 0);
    assert_true(fabs(fit.k - 0.3) < 4 * fit.se_k && fit.se_k < 0.003);
    /* scale: distances in hundredths, k a hundred times */
    double grid[30];
    double far[30];
    double counts[30];
    for (size_t i = 0; i < 30; i++) {
        grid[i] = (double)i;
        far[i] = 1000 + (double)i;
    }
    for (size_t i = 0; i < 30; i++) {
        counts[i] = 1e6 * pl_exp(-0.3 * grid[i]);
    }
    assert_int_equal(pl_intensity_poisson(grid, counts, 30, 1, &fit), 0);
    NEAR(fit.k, 0.3, 1e-12);
    NEAR(fit.a, 1e6, 1e-11);
    assert_int_equal(pl_intensity_poisson(far, counts, 30, 1, &fit), 0);
    NEAR(fit.k, 0.3, 1e-12);
    NEAR(pl_intensity_rate(&fit, 1000), 1e6, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),           cmocka_unit_test(test_binned),
        cmocka_unit_test(test_depths),           cmocka_unit_test(test_waits),
        cmocka_unit_test(test_nothing_to_learn), cmocka_unit_test(test_recovery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
