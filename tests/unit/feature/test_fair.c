/* Prices and imbalances of the reference book, and order flow. */
#include "base/assert.h"
#include "feature/fair.h"

#include "unit/math/near.h"

static const struct pl_level bids[] = {{100.0, 2}, {99.9, 4}, {99.8, 6}};
static const struct pl_level asks[] = {{100.1, 6}, {100.2, 3}, {100.3, 1}};

static void test_book(void **state)
{
    (void)state;
    NEAR(pl_fair_mid(bids[0], asks[0]), 100.05, 1e-15);
    NEAR(pl_fair_weighted_mid(bids[0], asks[0]), 100.025, 1e-15);
    NEAR(pl_imbalance_share(bids[0], asks[0]), .25, 0);
    NEAR(pl_imbalance_depth(bids, asks, 1), -.5, 0);
    NEAR(pl_imbalance_depth(bids, asks, 3), 0.090909091, 1e-8);
    NEAR(pl_vamp_crossed(bids, asks, 3), 100.104545455, 1e-11);
    NEAR(pl_vamp_effective(bids, 3, asks, 3), 100.021212121, 1e-11);
    NEAR(pl_vamp_average(bids, 3, asks, 3), 100.008333333, 1e-11);
    NEAR(pl_fair_depth_weighted(bids, 3, asks, 3), 99.995454545, 1e-11);
    /* the lead book of the skew strategy's rows */
    static const struct pl_level lead_bids[] = {{100.12, 5}, {100.02, 5}};
    static const struct pl_level lead_asks[] = {{100.14, 1}, {100.24, 5}};
    NEAR(pl_fair_weighted_mid(lead_bids[0], lead_asks[0]), 100.136666667, 1e-11);
}

static void test_empty(void **state)
{
    (void)state;
    struct pl_level none = {100, 0};
    assert_true(isnan(pl_fair_weighted_mid(none, none)));
    assert_true(isnan(pl_imbalance_depth(bids, asks, 0)));
    assert_true(isnan(pl_vamp_effective(bids, 3, asks, 0)));
    assert_true(isnan(pl_vamp_average(bids, 0, asks, 3)));
    assert_true(isnan(pl_trade_imbalance(0, 0)));
    NEAR(pl_trade_imbalance(3, 1), .5, 0);
}

static void test_order_flow(void **state)
{
    (void)state;
    static const struct pl_touch_state t[] = {
        {{100.0, 10}, {100.1, 8}}, {{100.0, 15}, {100.1, 8}}, {{100.0, 15}, {100.1, 3}},
        {{100.1, 4}, {100.2, 9}},  {{100.0, 12}, {100.2, 5}}, {{100.0, 12}, {100.1, 7}},
    };
    static const double e[] = {5, 5, 7, 0, -7};
    double sum = 0;
    for (size_t i = 0; i < PL_COUNT(e); i++) {
        NEAR(pl_order_flow(&t[i], &t[i + 1]), e[i], 0);
        sum += e[i];
    }
    NEAR(sum, 10, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_book),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_order_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
