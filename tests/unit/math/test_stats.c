/* Moments, regression and averages against hand-worked and published rows. */
#include "base/assert.h"
#include "base/rand.h"
#include "math/stats.h"

#include "near.h"

/* The series of the performance example: population skewness and raw kurtosis are worked there. */
static const double r[] = {.01,  -.005, .007, .002,  -.012, .015,
                           .003, -.004, .006, -.001, .008,  -.009};
#define N PL_COUNT(r)

static void test_moments(void **state)
{
    (void)state;
    NEAR(pl_mean(r, N), .02 / 12, 1e-12);
    NEAR(pl_sd(r, N, 1), .008094143, 1e-7);
    NEAR(pl_skewness(r, N), -.147701336, 5e-9);
    NEAR(pl_kurtosis(r, N), 2.081549872, 1e-9);
    static const double x[] = {1, 2, 3, 4, 10};
    NEAR(pl_variance(x, 5, 0), 10.0, 1e-15);
    NEAR(pl_variance(x, 5, 1), 12.5, 1e-15);
    NEAR(pl_skewness(x, 5), 36.0 / (10 * sqrt(10)), 1e-14);
    NEAR(pl_skewness_unbiased(x, 5), 36.0 / (10 * sqrt(10)) * sqrt(20) / 3, 1e-14);
    NEAR(pl_kurtosis(x, 5), 2.788, 1e-14);
    NEAR(pl_kurtosis_unbiased(x, 5), 3 + 4.0 / 6 * (6 * (2.788 - 3) + 6), 1e-14);
    assert_true(isnan(pl_variance(x, 1, 1)));
    assert_true(isnan(pl_mean(x, 0)));
    static const double flat[] = {2, 2, 2};
    assert_true(isnan(pl_skewness(flat, 3)));
}

/* A large mean must not swallow the spread, nor a large value its neighbours. */
static void test_cancellation(void **state)
{
    (void)state;
    double x[1000];
    for (size_t i = 0; i < 1000; i++) {
        x[i] = 1e9 + (double)(i % 2);
    }
    NEAR(pl_variance(x, 1000, 0), 0.25, 1e-12);
    static const double big[] = {1.0, 1e100, 1.0, -1e100};
    NEAR(pl_sum(big, 4), 2.0, 0);
}

static void test_regression(void **state)
{
    (void)state;
    static const double x[] = {10, -5, 20, -15, 0};
    static const double dp[] = {.6, -.2, .9, -.9, .1};
    struct pl_ols fit = pl_ols(x, dp, 5);
    NEAR(fit.slope, 0.051369863, 1e-8);
    NEAR(fit.intercept, -0.002739726, 1e-6);
    NEAR(pl_ols_origin(x, dp, 5), 0.051333333, 1e-8);
    static const double line[] = {21, -9, 41, -29, 1};
    fit = pl_ols(x, line, 5);
    NEAR(fit.slope, 2, 1e-15);
    NEAR(fit.r2, 1, 1e-15);
    assert_true(fit.se_slope < 1e-7);
    /* se by hand: x 0 1 2, y 0 2 1 */
    static const double x3[] = {0, 1, 2};
    static const double y3[] = {0, 2, 1};
    fit = pl_ols(x3, y3, 3);
    NEAR(fit.slope, 0.5, 1e-15);
    NEAR(fit.r2, 0.25, 1e-15);
    NEAR(fit.se_slope, sqrt(1.5 / 2), 1e-14);
    static const double same[] = {1, 1, 1};
    assert_true(isnan(pl_ols(same, y3, 3).slope));
}

static void test_autocovariance(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4};
    NEAR(pl_autocovariance(x, 4, 0), 1.25, 1e-15);
    NEAR(pl_autocovariance(x, 4, 1), (-1.5 * -.5 + -.5 * .5 + .5 * 1.5) / 4, 1e-15);
    NEAR(pl_autocorrelation(x, 4, 3), -2.25 / 5, 1e-15);
    assert_true(isnan(pl_autocovariance(x, 4, 4)));
}

static void test_sort_and_quantiles(void **state)
{
    (void)state;
    double x[257];
    for (size_t n = 0; n <= 257; n++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            x[i] = __builtin_floor(50 * pl_rand_unit(3, n, 0, i));
            sum += x[i];
        }
        pl_sort(x, n);
        for (size_t i = 0; i < n; i++) {
            sum -= x[i];
            assert_true(i == 0 || x[i - 1] <= x[i]);
        }
        assert_true(sum == 0);
    }
    static const double q[] = {1, 2, 4, 8};
    NEAR(pl_quantile_sorted(q, 4, 0), 1, 0);
    NEAR(pl_quantile_sorted(q, 4, 1), 8, 0);
    NEAR(pl_quantile_sorted(q, 4, 0.5), 3, 1e-15);
    NEAR(pl_quantile_sorted(q, 4, 0.9), 6.8, 1e-14);
    assert_true(isnan(pl_quantile_sorted(q, 0, 0.5)));
    assert_true(isnan(pl_quantile_sorted(q, 4, 1.1)));
}

static void test_ema_seeding(void **state)
{
    (void)state;
    static const double close[] = {100, 102, 101, 103, 104, 103, 105, 107, 106, 108};
    struct pl_ema talib = pl_ema_start(PL_EMA_SPAN(5), 5);
    struct pl_ema pandas = pl_ema_start(PL_EMA_SPAN(5), 1);
    for (size_t i = 0; i < PL_COUNT(close); i++) {
        pl_ema_update(&talib, close[i]);
        pl_ema_update(&pandas, close[i]);
    }
    NEAR(talib.value, 105.991769547, 1e-11);
    NEAR(pandas.value, 106.037291063, 1e-11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_cancellation),
        cmocka_unit_test(test_regression),
        cmocka_unit_test(test_autocovariance),
        cmocka_unit_test(test_sort_and_quantiles),
        cmocka_unit_test(test_ema_seeding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
