#include "report/derive.h"

#include "base/assert.h"
#include "support/report_run.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance)) {
        fail_msg("%.17g is not within %g of %.17g", a, tolerance, b);
    }
}

/* Edges, extremes, weights; a value on an edge belongs to the bucket it opens. */
static void histogram(void **state)
{
    (void)state;
    struct pl_run_hist h;
    pl_run_hist_init(&h, 1);
    assert_true(isnan(pl_hist_quantile(&h, 0.5)) && isnan(pl_hist_mean(&h)));
    for (unsigned i = 0; i + 1 <= PL_RUN_HIST_BUCKETS; i++) {
        assert_true(pl_run_hist_edge(&h, i) < pl_run_hist_edge(&h, i + 1));
    }
    near(pl_run_hist_edge(&h, 1), pow(2, 0.25), 1e-15);
    assert_true(pl_run_hist_edge(&h, PL_RUN_HIST_BUCKETS) == 65536);
    static const struct {
        double value;
        unsigned bucket;
    } rows[] = {{0, 0}, {-5, 0},   {1, 0},      {1.19, 1},    {2, 4},
                {4, 8}, {1.99, 3}, {65535, 63}, {1000000, 63}};
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        uint64_t before = h.count[rows[i].bucket];
        pl_run_hist_add(&h, rows[i].value, 3);
        assert_int_equal(h.count[rows[i].bucket], before + 3);
    }
    pl_run_hist_add(&h, NAN, 1);
    pl_run_hist_add(&h, 7, 0);
    assert_int_equal(h.total, 3 * PL_COUNT(rows));
    assert_true(h.min == -5 && h.max == 1000000);
}

/* Quantiles of 1..1000 lie within the width of a bucket (19%) of the true ones. */
static void quantiles(void **state)
{
    (void)state;
    struct pl_run_hist h;
    pl_run_hist_init(&h, 1);
    for (int i = 1; i <= 1000; i++) {
        pl_run_hist_add(&h, i, 1);
    }
    static const double q[] = {0.01, 0.1, 0.5, 0.9, 0.99};
    for (size_t i = 0; i < PL_COUNT(q); i++) {
        near(pl_hist_quantile(&h, q[i]), 1000 * q[i], 1000 * q[i] * 0.02 + 1);
    }
    assert_true(pl_hist_quantile(&h, 0) == 1 && pl_hist_quantile(&h, 1) == 1000);
    near(pl_hist_mean(&h), 500.5, 1e-12);
}

/* Markouts against a plain second computation: means, and cluster errors by the textbook sum. */
static void markouts(void **state)
{
    (void)state;
    struct pl_run *run = pl_test_run_make(2, 700);
    const struct pl_run_fill *fill = pl_test_run_fills(run);
    struct pl_derived derived;
    assert_int_equal(pl_derive(run, &derived, NULL), 0);
    for (int k = 0; k < PL_RUN_MARKOUTS; k++) {
        for (int side = 0; side < PL_MARKOUT_SIDES; side++) {
            double sum = 0, money = 0, n = 0;
            for (uint64_t i = 0; i < run->fill_count; i++) {
                if (!isnan(fill[i].markout[k]) && (side == 2 || side == fill[i].side)) {
                    sum += fill[i].markout[k] / fill[i].px * 1e4;
                    money += fill[i].markout[k] * fill[i].qty;
                    n++;
                }
            }
            const struct pl_markout *m = &derived.markout[k][side];
            assert_true((double)m->n == n && n > 0);
            near(m->mean_bps, sum / n, 1e-12);
            near(m->sum_money, money, 1e-9);
            double square = 0, width = fmax((double)pl_run_markout_ns[k], 1e9);
            uint64_t clusters = 0;
            for (double block = floor((double)run->start_ns / width);
                 block * width <= (double)run->end_ns; block++) {
                double off = 0, members = 0;
                for (uint64_t i = 0; i < run->fill_count; i++) {
                    if (!isnan(fill[i].markout[k]) && (side == 2 || side == fill[i].side) &&
                        floor((double)fill[i].venue_ns / width) == block) {
                        off += fill[i].markout[k] / fill[i].px * 1e4 - sum / n;
                        members++;
                    }
                }
                square += off * off;
                clusters += members > 0;
            }
            assert_int_equal(m->clusters, clusters);
            double g = (double)clusters;
            near(m->se_bps, sqrt(g / (g - 1) * square) / n, 1e-12);
        }
    }
    pl_test_run_free(run);
}

/* One fill a cluster: the cluster error is sd / sqrt(n) of any textbook. */
static int three_fills(const struct pl_run *run,
                       int (*each)(void *ctx, const struct pl_run_fill *fill), void *ctx)
{
    static const double markout[] = {1, 2, 6};
    for (int i = 0; i < 3; i++) {
        struct pl_run_fill fill = {.venue_ns = i * INT64_C(100000000000), .px = 10000, .qty = 2};
        for (int k = 0; k < PL_RUN_MARKOUTS; k++) {
            fill.markout[k] = markout[i];
        }
        fill.market = (uint32_t)(uintptr_t)run->fills_ctx;
        int rc = each(ctx, &fill);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static void plain_error(void **state)
{
    (void)state;
    struct pl_run_market market = {.inst = {.contract_size = {1, 0}}};
    struct pl_run run = {
        .market = &market, .market_count = 1, .fills = three_fills, .fill_count = 3};
    struct pl_derived derived;
    assert_int_equal(pl_derive(&run, &derived, NULL), 0);
    const struct pl_markout *m = &derived.markout[2][PL_MARKOUT_BUY];
    near(m->mean_bps, 3, 1e-15);
    near(m->se_bps, sqrt(7.0 / 3), 1e-15); /* sd^2 = 7 */
    near(m->sum_money, 18, 1e-15);
    assert_int_equal(derived.markout[2][PL_MARKOUT_SELL].n, 0);
    assert_true(isnan(derived.markout[2][PL_MARKOUT_SELL].mean_bps));

    struct pl_error err = {0};
    run.fills_ctx = (void *)(uintptr_t)1; /* a market that is not there */
    assert_int_equal(pl_derive(&run, &derived, &err), PL_ERR_MALFORMED);
    assert_int_equal(err.code, PL_ERR_MALFORMED);
}

/* Bought 100 contracts of 1 USD at 50,000, then 51,000: 100/50,000 - 100/51,000 in base. */
static void inverse_money(void **state)
{
    (void)state;
    struct pl_inst inst = {.kind = PL_INST_INVERSE, .contract_size = {1, 0}};
    struct pl_run_fill fill = {.px = 50000, .qty = 100, .side = PL_BUY};
    near(pl_markout_money(&inst, &fill, 1000), 100.0 / 50000 - 100.0 / 51000, 1e-18);
    fill.side = PL_SELL;
    near(pl_markout_money(&inst, &fill, -1000), 100.0 / 51000 - 100.0 / 50000, 1e-18);
}

static void ratios(void **state)
{
    (void)state;
    struct pl_run_money m = {.pnl = 7,
                             .captured = 10,
                             .inventory = -4,
                             .fees = 1,
                             .funding = 2,
                             .adverse_5s = 6,
                             .value = 20000,
                             .volume = 5};
    struct pl_run_counts c = {.orders = 8,
                              .cancels = 6,
                              .requests = 16,
                              .fills = 4,
                              .orders_filled = 2,
                              .fills_taker = 1,
                              .decisions = 10,
                              .decisions_guarded = 9};
    struct pl_ratios r = pl_derive_ratios(&m, &c);
    near(r.pnl_bps, 3.5, 1e-12);
    near(r.residual, 0, 1e-12);
    near(r.kept_5s, 4, 0);
    near(r.fill_ratio_orders, 0.25, 0);
    near(r.requests_per_fill, 4, 0);
    near(r.mean_fill, 1.25, 0);
    near(r.guarded_share, 0.9, 0);
    r = pl_derive_ratios(&(struct pl_run_money){0}, &(struct pl_run_counts){0});
    assert_true(isnan(r.pnl_bps) && isnan(r.requests_per_fill) && r.residual == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histogram),   cmocka_unit_test(quantiles),     cmocka_unit_test(markouts),
        cmocka_unit_test(plain_error), cmocka_unit_test(inverse_money), cmocka_unit_test(ratios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
