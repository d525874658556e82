/* Performance measures against the rows that empyrical-reloaded and quantstats agree on. */
#include "base/assert.h"
#include "math/perf.h"

#include "near.h"

static const double r[] = {.01,  -.005, .007, .002,  -.012, .015,
                           .003, -.004, .006, -.001, .008,  -.009};
#define N PL_COUNT(r)

static void test_example(void **state)
{
    (void)state;
    struct pl_perf p = pl_perf_returns(r, N, 0, 365);
    NEAR(p.mean, .02 / 12, 1e-12);
    NEAR(p.sd, .008094143, 1e-7);
    NEAR(p.sharpe_plain, .205910207, 2e-9);
    NEAR(p.sharpe, 3.933908977, 1e-9);
    NEAR(p.sortino, 6.750410354, 1e-9);
    NEAR(p.final_equity, 1.019817735, 1e-9);
    NEAR(p.max_drawdown, -.012, 1e-12);
    NEAR(p.annual_return, .816468537, 1e-9);
    NEAR(p.calmar, 68.039044761, 1e-9);
    NEAR(pl_sharpe(r, N, 0, 365), p.sharpe, 1e-15);
    NEAR(pl_sortino(r, N, 0, 365), p.sortino, 1e-15);
    /* a risk-free rate moves the mean alone, a bar moves the downside too */
    NEAR(pl_sharpe(r, N, p.mean, 365) + 1.0, 1.0, 1e-12);
    assert_true(pl_sortino(r, N, .001, 365) < p.sortino);
}

static void test_first_step_is_a_loss(void **state)
{
    (void)state;
    double minus[N];
    for (size_t i = 0; i < N; i++) {
        minus[i] = -r[i];
    }
    NEAR(pl_max_drawdown(minus, N), -.028911538, 2e-8);
    static const double one[] = {-.1};
    NEAR(pl_max_drawdown(one, 1), -.1, 1e-14);
}

static void test_additive(void **state)
{
    (void)state;
    /* money on a book of 1000: the same returns without compounding */
    double equity[N + 1] = {5000};
    for (size_t i = 0; i < N; i++) {
        equity[i + 1] = equity[i] + 1000 * r[i];
    }
    struct pl_perf p = pl_perf_additive(equity, N, 1000, 0, 365);
    NEAR(p.sharpe, 3.933908977, 1e-9);
    NEAR(p.sortino, 6.750410354, 1e-9);
    NEAR(p.max_drawdown, -.012, 1e-10);
    NEAR(pl_max_drawdown_money(equity, N + 1), -12, 1e-10);
    NEAR(p.final_equity, .02, 1e-10);
    NEAR(p.annual_return, .02 / 12 * 365, 1e-10);
    NEAR(p.calmar, .02 / 12 * 365 / .012, 1e-9);
}

static void test_trades(void **state)
{
    (void)state;
    NEAR(pl_turnover(25000, 10000), 2.5, 0);
    NEAR(pl_return_on_trade(12.5, 25000), .0005, 1e-15);
    NEAR(pl_fill_ratio(3, 12), .25, 0);
    assert_true(isnan(pl_fill_ratio(0, 0)));
    assert_true(isnan(pl_turnover(1, 0)));
}

static void test_lo(void **state)
{
    (void)state;
    static const double rho[] = {.2, .1};
    NEAR(pl_lo_factor(rho, 2), 1.290994449, 1e-9);
    static const double none[] = {0, 0, 0};
    NEAR(pl_lo_factor(none, 2), 1.414213562, 1e-9);
    NEAR(pl_lo_factor(none, 1), 1, 0);
    NEAR(pl_lo_factor(rho, 3), 3 / sqrt(3 + 2 * (2 * .2 + .1)), 1e-14);
    static const double against[] = {-1};
    assert_true(isnan(pl_lo_factor(against, 2)));
}

static void test_undefined(void **state)
{
    (void)state;
    static const double flat[] = {.01, .01};
    assert_true(isnan(pl_sharpe(flat, 1, 0, 365)));
    assert_true(pl_sortino(flat, 2, 0, 365) == INFINITY);
    struct pl_perf p = pl_perf_returns(flat, 2, 0, 365);
    assert_true(p.max_drawdown == 0.0 && isnan(p.calmar));
    p = pl_perf_returns(flat, 0, 0, 365);
    assert_true(isnan(p.mean) && isnan(p.sharpe) && isnan(p.annual_return));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),  cmocka_unit_test(test_first_step_is_a_loss),
        cmocka_unit_test(test_additive), cmocka_unit_test(test_trades),
        cmocka_unit_test(test_lo),       cmocka_unit_test(test_undefined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
