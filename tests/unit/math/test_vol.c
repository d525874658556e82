/* Volatility estimators against the worked rows, and windows against the plain computation. */
#include "base/assert.h"
#include "base/rand.h"
#include "math/stats.h"
#include "math/vol.h"

#include "near.h"

static const struct pl_ohlc bars[] = {{100, 102, 99, 101},
                                      {101.5, 104, 101, 103},
                                      {102.8, 104, 100, 102},
                                      {102.2, 105, 101, 104},
                                      {103.9, 106, 103, 105}};
#define BARS PL_COUNT(bars)

static void test_bars(void **state)
{
    (void)state;
    double k = 0;
    NEAR(pl_vol_close_close(bars, BARS, 1), 0.013798290, 5e-8);
    NEAR(pl_vol_parkinson(bars, BARS), 0.020132728, 5e-8);
    NEAR(pl_vol_garman_klass(bars, BARS), 0.022378355, 5e-8);
    NEAR(pl_vol_rogers_satchell(bars, BARS), 0.022188290871387, 1e-12);
    NEAR(pl_vol_yang_zhang(bars, BARS, &k), 0.021960578580, 1e-10);
    NEAR(k, 0.113082040, 5e-9);
    /* from its parts: Vo + k Vc + (1-k) Vrs, each worked apart */
    NEAR(pl_vol_yang_zhang(bars, BARS, NULL),
         sqrt(9.647967222802e-6 + k * 1.2946157535164e-4 + (1 - k) * 5.1637162169951e-4), 1e-12);
    NEAR(pl_vol_annual(0.01, 365), 0.01 * 19.104973174542800, 1e-14);
    assert_true(isnan(pl_vol_close_close(bars, 2, 1)) && isnan(pl_vol_yang_zhang(bars, 2, NULL)));
    assert_true(isnan(pl_vol_parkinson(bars, 0)));
}

static void test_returns(void **state)
{
    (void)state;
    static const double r[] = {.01, -.02, .015, .005};
    NEAR(pl_vol_realised(r, 4), 0.027386128, 2e-8);
    NEAR(pl_vol_ewma(r, 4, 0.94), 0.010883694, 5e-8);
    assert_true(isnan(pl_vol_ewma(r, 0, 0.94)));
}

static void test_bollinger(void **state)
{
    (void)state;
    static const double five[] = {100, 102, 101, 103, 104};
    struct pl_bollinger b = pl_bollinger(five, 5, 2);
    NEAR(b.mid, 102, 0);
    NEAR(b.sd, 1.414213562, 1e-9);
    NEAR(b.upper, 104.828427125, 1e-11);
    NEAR(b.lower, 99.171572875, 1e-11);
    NEAR(b.width, 5.656854249, 1e-10);
    NEAR(b.width_relative, 0.055459355, 1e-8);
    static const double last[] = {103, 105, 107, 106, 108};
    b = pl_bollinger(last, 5, 2); /* TA-Lib and ta agree on these */
    NEAR(b.upper, 109.240930107, 1e-11);
    NEAR(b.lower, 102.359069893, 1e-11);
    /* stdev of closes, as the fade strategy takes it */
    static const double closes[] = {1299, 1301, 1299, 1301};
    NEAR(pl_sd(closes, 4, 0), 1, 1e-15);
    NEAR(pl_sd(closes, 4, 1), 1.154700538, 1e-9);
    static const double ramp[] = {1300, 1301, 1302, 1303};
    NEAR(pl_sd(ramp, 4, 0), 1.118033989, 1e-9);
}

/* Every length, far past many wraps, on a level that would drown naive sums. */
static void test_window(void **state)
{
    (void)state;
    static const uint32_t capacities[] = {1, 2, 7, 200};
    double ring[200];
    double seen[5000];
    for (size_t c = 0; c < PL_COUNT(capacities); c++) {
        struct pl_window w = pl_window_start(ring, capacities[c]);
        assert_true(isnan(pl_window_mean(&w)));
        for (size_t i = 0; i < PL_COUNT(seen); i++) {
            seen[i] = 1e6 + 5 * pl_rand_unit(1, c, 0, i) + (i > 2500 ? 1e5 : 0);
            pl_window_push(&w, seen[i]);
            size_t n = i + 1 < capacities[c] ? i + 1 : capacities[c];
            const double *from = seen + i + 1 - n;
            NEAR(pl_window_mean(&w), pl_mean(from, n), 1e-15);
            /* between the jump and the next wrap the shift is far off: 1e10 in 16 digits */
            double tolerance = i > 2500 && i <= 2500 + 2 * n ? 1e-5 : 1e-12;
            assert_true(fabs(pl_window_variance(&w, 0) - pl_variance(from, n, 0)) <=
                        tolerance * (1 + pl_variance(from, n, 0)));
            NEAR(pl_window_mean_square(&w),
                 pl_mean(from, n) * pl_mean(from, n) + pl_variance(from, n, 0), 1e-14);
        }
        NEAR(pl_window_variance(&w, 0) + 1, pl_variance(seen + 5000 - w.count, w.count, 0) + 1,
             1e-9);
        if (w.count == 1) {
            assert_true(isnan(pl_window_variance(&w, 1)));
        }
    }
}

/* 100, 100.5, 100.25, 101, 100.75 sampled each second: .484122918; each two seconds: .342326598. */
static void test_sigma_rows(void **state)
{
    (void)state;
    static const double fair[] = {100, 100.5, 100.25, 101, 100.75};
    for (int seconds = 1; seconds <= 2; seconds++) {
        double ring[8];
        int64_t period = seconds * INT64_C(1000000000);
        struct pl_sigma s = pl_sigma_start(ring, 4, period);
        for (int i = 0; i < 5; i++) {
            int64_t at = (1000 + i) * period;
            pl_sigma_advance(&s, at - 1);
            pl_sigma_price(&s, at, fair[i]);
        }
        pl_sigma_advance(&s, 1004 * period);
        assert_int_equal(s.change.count, 4);
        NEAR(pl_sigma_per_sqrt_second(&s), seconds == 1 ? .484122918 : .342326598, 2e-9);
    }
}

/* Sampling: the price before or at a grid time, no matter how events fall between. */
static void test_sigma_grid(void **state)
{
    (void)state;
    double ring[20];
    struct pl_sigma s = pl_sigma_start(ring, 10, 1000);
    assert_true(isnan(pl_sigma_per_sqrt_second(&s)));
    pl_sigma_advance(&s, 99); /* nothing held yet */
    pl_sigma_price(&s, 500, 10);
    pl_sigma_price(&s, 700, 11); /* 11 holds at 1000 */
    pl_sigma_advance(&s, 999);
    assert_true(isnan(s.last));
    pl_sigma_advance(&s, 1000);
    NEAR(s.last, 11, 0);
    pl_sigma_price(&s, 1000, 12);
    pl_sigma_advance(&s, 1999);
    assert_int_equal(s.change.count, 0);
    pl_sigma_advance(&s, 4321); /* three samples of 12 */
    assert_int_equal(s.change.count, 3);
    NEAR(ring[0], 1, 0);
    NEAR(ring[1], 0, 0);
    NEAR(pl_sigma_log_sd(&s, 0), sqrt(2.0) / 3 * log(12.0 / 11), 1e-14);
    pl_sigma_price(&s, 4400, 13);
    pl_sigma_advance(&s, INT64_C(1000000000000)); /* a long silence: bounded work, quiet window */
    assert_int_equal(s.change.count, 10);
    NEAR(pl_sigma_per_sqrt_second(&s), 0, 0);
    assert_int_equal(s.next_ns, INT64_C(1000000001000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bars),       cmocka_unit_test(test_returns),
        cmocka_unit_test(test_bollinger),  cmocka_unit_test(test_window),
        cmocka_unit_test(test_sigma_rows), cmocka_unit_test(test_sigma_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
