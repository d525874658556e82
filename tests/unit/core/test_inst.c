/* Text to ticks and lots of an instrument, the three ways of rounding, and what a definition may be. */
#include "base/assert.h"
#include "core/inst.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct pl_inst btcusdt(void)
{
    return (struct pl_inst){
        .venue = "binance-usdm",
        .symbol = "BTCUSDT",
        .base = "BTC",
        .quote = "USDT",
        .tick = {1, 1},
        .lot = {1, 3},
        .contract_size = {1, 0},
        .min_lots = 1,
        .max_lots = 1000000,
        .maker_fee_e9 = -50000,
        .taker_fee_e9 = 700000,
    };
}

static const struct {
    const char *name, *text;
    enum pl_round round;
    int rc;
    int64_t ticks;
} px_cases[] = {
    {"on the grid", "67250.1", PL_ROUND_EXACT, 0, 672501},
    {"on the grid, down", "67250.1", PL_ROUND_DOWN, 0, 672501},
    {"on the grid, up", "67250.1", PL_ROUND_UP, 0, 672501},
    {"between ticks", "67250.15", PL_ROUND_EXACT, PL_ERR_OFFGRID, 0},
    {"a bid goes down", "67250.15", PL_ROUND_DOWN, 0, 672501},
    {"an ask goes up", "67250.15", PL_ROUND_UP, 0, 672502},
    {"just above, down", "67250.100000000001", PL_ROUND_DOWN, 0, 672501},
    {"just above, up", "67250.100000000001", PL_ROUND_UP, 0, 672502},
    {"below zero goes down", "-0.15", PL_ROUND_DOWN, 0, -2},
    {"below zero goes up", "-0.15", PL_ROUND_UP, 0, -1},
    {"between zero and a tick, down", "0.05", PL_ROUND_DOWN, 0, 0},
    {"between zero and a tick, up", "0.05", PL_ROUND_UP, 0, 1},
    {"exponent refused", "6.7e4", PL_ROUND_DOWN, PL_ERR_MALFORMED, 0},
    {"no number", "", PL_ROUND_EXACT, PL_ERR_MALFORMED, 0},
    {"too large", "9223372036854775807", PL_ROUND_EXACT, PL_ERR_OVERFLOW, 0},
};

static void test_px_parse(void **state)
{
    (void)state;
    struct pl_inst inst = btcusdt();
    for (size_t i = 0; i < PL_COUNT(px_cases); i++) {
        pl_px got = {-77};
        print_message("%s\n", px_cases[i].name);
        int rc = pl_px_parse(&inst, pl_str(px_cases[i].text), px_cases[i].round, &got);
        assert_int_equal(rc, px_cases[i].rc);
        assert_int_equal(got.ticks, rc < 0 ? -77 : px_cases[i].ticks);
    }
}

static void test_a_tick_that_is_no_power_of_ten(void **state)
{
    (void)state;
    struct pl_inst inst = btcusdt();
    inst.tick = (struct pl_decimal){25, 2}; /* 0.25 */
    pl_px got;
    assert_int_equal(pl_px_parse(&inst, pl_str("100.75"), PL_ROUND_EXACT, &got), 0);
    assert_int_equal(got.ticks, 403);
    assert_int_equal(pl_px_parse(&inst, pl_str("100.76"), PL_ROUND_EXACT, &got), PL_ERR_OFFGRID);
    assert_int_equal(pl_px_parse(&inst, pl_str("100.76"), PL_ROUND_UP, &got), 0);
    assert_int_equal(got.ticks, 404);
    assert_true(pl_px_to_double(&inst, 403) == 100.75);
    assert_true(pl_inst_tick(&inst) == 0.25);
}

static void test_a_size_is_never_negative(void **state)
{
    (void)state;
    struct pl_inst inst = btcusdt();
    pl_qty got = {77};
    assert_int_equal(pl_qty_parse(&inst, pl_str("-0.001"), PL_ROUND_EXACT, &got), PL_ERR_INVALID);
    assert_int_equal(pl_qty_parse(&inst, pl_str("0.0005"), PL_ROUND_EXACT, &got), PL_ERR_OFFGRID);
    assert_int_equal(got.lots, 77);
    assert_int_equal(pl_qty_parse(&inst, pl_str("1.234"), PL_ROUND_EXACT, &got), 0);
    assert_int_equal(got.lots, 1234);
    assert_int_equal(pl_qty_parse(&inst, pl_str("0.000"), PL_ROUND_EXACT, &got), 0);
    assert_int_equal(got.lots, 0);
}

static void test_doubles_are_the_nearest(void **state)
{
    (void)state;
    struct pl_inst inst = btcusdt();
    assert_true(pl_px_to_double(&inst, 672501) == 67250.1);
    assert_true(pl_px_to_double(&inst, -3) == -0.3);
    assert_true(pl_qty_to_double(&inst, 1234) == 1.234);
    assert_true(pl_inst_tick(&inst) == 0.1 && pl_inst_lot(&inst) == 0.001);
}

static void break_tick(struct pl_inst *i)
{
    i->tick.mantissa = 0;
}
static void break_lot(struct pl_inst *i)
{
    i->lot.mantissa = -1;
}
static void break_contract(struct pl_inst *i)
{
    i->contract_size.mantissa = 0;
}
static void break_symbol(struct pl_inst *i)
{
    i->symbol[0] = '\0';
}
static void break_venue(struct pl_inst *i)
{
    i->venue[0] = '\0';
}
static void break_size_order(struct pl_inst *i)
{
    i->min_lots = i->max_lots + 1;
}
static void break_price_order(struct pl_inst *i)
{
    i->min_ticks = 10, i->max_ticks = 9;
}
static void break_negative(struct pl_inst *i)
{
    i->min_lots = -1;
}

static void test_check_finds_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        void (*breaks)(struct pl_inst *inst);
        const char *words;
    } cases[] = {
        {break_tick, "tick, lot"},      {break_lot, "tick, lot"},
        {break_contract, "tick, lot"},  {break_symbol, "venue and symbol"},
        {break_venue, "venue and sym"}, {break_size_order, "limits"},
        {break_price_order, "limits"},  {break_negative, "limits"},
    };
    struct pl_inst good = btcusdt();
    struct pl_error err = {0};
    assert_int_equal(pl_inst_check(&good, &err), 0);
    assert_int_equal(err.code, 0);
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        struct pl_inst inst = good;
        cases[i].breaks(&inst);
        assert_int_equal(pl_inst_check(&inst, &err), PL_ERR_INVALID);
        assert_non_null(strstr(err.text, cases[i].words));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_px_parse),
        cmocka_unit_test(test_a_tick_that_is_no_power_of_ten),
        cmocka_unit_test(test_a_size_is_never_negative),
        cmocka_unit_test(test_doubles_are_the_nearest),
        cmocka_unit_test(test_check_finds_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
