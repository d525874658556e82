/* The figures the public peer gives for a recorded capture, in compat mode. The capture is no part of
 * the tree: PL_DATA says where the market data lies. */
#include "backtest/compat.h"
#include "backtest/run.h"
#include "codec/tape/tape.h"
#include "import/import.h"
#include "strategy/reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define CAPTURE "tick/binance-usdm/btcusdt_20240808.gz"

static const struct {
    int32_t queue; /* 0 risk, 1 power2, as in queue_choices */
    int64_t offset;
    uint64_t trades;
    double position, balance, fee;
} rows[] = {
    {1, 0, 521, -0.003, 183.2919, -1.607794815},
    {0, 2, 365, -0.013, 799.4878, -1.12631071},
};

static bool find_capture(char *path, size_t size)
{
    const char *data = getenv("PL_DATA");
    snprintf(path, size, "%s/%s", data != NULL ? data : "../shared/data", CAPTURE);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        return false;
    }
    fclose(f);
    return true;
}

static void open_capture(const char *path, struct pl_source **out)
{
    struct pl_import_options options = {.clock = "raw", .tick = "0.1", .lot = "0.001"};
    static struct pl_import_report report;
    struct pl_error err = {0};
    struct pl_source *inner;
    const char *paths[] = {path};
    int rc = pl_import_open(paths, 1, &options, &inner, &report, &err);
    static const struct pl_compat_files one_file = {.count = 0};
    rc = rc < 0 ? rc : pl_compat_source(inner, &one_file, out, &err);
    if (rc < 0) {
        fail_msg("%s", err.text);
    }
}

static void expect_near(const char *what, double got, double want, double off)
{
    if (!(fabs(got - want) <= off)) {
        fail_msg("%s: %.12g, not %.12g", what, got, want);
    }
}

static void test_figures_of_the_peer(void **state)
{
    (void)state;
    char path[4096];
    if (!find_capture(path, sizeof path)) {
        printf("SKIPPED: no market data (PL_DATA): %s\n", CAPTURE);
        skip();
    }
    struct pl_source *source;
    open_capture(path, &source);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pl_error err = {0};
        struct pl_backtest_settings settings;
        assert_int_equal(pl_settings_defaults(&pl_backtest_settings_table, &settings, &err), 0);
        settings.compat = PL_COMPAT_HFTBACKTEST;
        settings.queue = rows[i].queue;
        struct pl_inst inst = source->insts[0];
        assert_int_equal(pl_backtest_instrument(&settings, true, &inst, &err), 0);
        struct pl_reference_params params = {
            .offset = rows[i].offset, .size = 0.001, .max = 0.02, .period_ms = 100};
        struct pl_backtest_maker maker = {
            .strategy = &pl_strategy_reference, .params = &params, .lead_market = -1};
        struct pl_driver_source data = {source, 0};
        struct pl_backtest_spec spec = {.settings = &settings,
                                        .source = &data,
                                        .source_count = 1,
                                        .inst = &inst,
                                        .market_count = 1,
                                        .maker = &maker,
                                        .maker_count = 1,
                                        .universe_count = 1};
        struct pl_backtest b;
        assert_int_equal(source->rewind(source, &err), 0);
        if (pl_backtest_run(&spec, &b, &err) < 0) {
            fail_msg("%s", err.text);
        }
        assert_int_equal(b.result[0].trades, rows[i].trades);
        expect_near("position", b.result[0].position, rows[i].position, 1e-12);
        expect_near("balance", b.result[0].balance, rows[i].balance, 5e-9);
        expect_near("fee", b.result[0].fee, rows[i].fee, 5e-9);
        pl_backtest_free(&b);
    }
    source->close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_figures_of_the_peer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
