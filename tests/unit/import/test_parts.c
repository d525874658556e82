/* The pieces of an import on their own: numbers, grids, the sorter, the side of trades. */
#include "unit/import/collect.h"

#include "base/number.h"
#include "core/units.h"
#include "import/grid.h"
#include "import/sorter.h"
#include "import/touch.h"

static struct pl_decimal number(const char *text)
{
    struct pl_decimal out;
    const char *at = text;
    assert_int_equal(pl_number_scan(&at, text + strlen(text), &out), 0);
    return out;
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int rc;
        int64_t mantissa;
        int32_t scale;
        size_t used;
    } rows[] = {
        {"61800.20\"", 0, 6180020, 2, 8},
        {"-0.00002754", 0, -2754, 8, 11},
        {"+7,", 0, 7, 0, 2},
        {"4e-05", 0, 4, 5, 5},
        {"1.25E3", 0, 1250, 0, 6},
        {".5", 0, 5, 1, 2},
        {"5.", 0, 5, 0, 2},
        {"0.1000000000000000000000", 0, 1, 1, 24},
        {"999999999999999999", 0, 999999999999999999, 0, 18},
        {"1000000000000000000", PL_ERR_OVERFLOW, 0, 0, 19},
        {"0.0000000000000000001", PL_ERR_OVERFLOW, 0, 0, 21},
        {"1e400", PL_ERR_OVERFLOW, 0, 0, 5},
        {"0e400", 0, 0, 0, 5},
        {"-", PL_ERR_MALFORMED, 0, 0, 1},
        {".", PL_ERR_MALFORMED, 0, 0, 1},
        {"1e", PL_ERR_MALFORMED, 0, 0, 2},
        {"", PL_ERR_MALFORMED, 0, 0, 0},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_decimal out = {-1, -1};
        const char *at = rows[i].text;
        int rc = pl_number_scan(&at, rows[i].text + strlen(rows[i].text), &out);
        assert_int_equal(rc, rows[i].rc);
        assert_int_equal(at - rows[i].text, rows[i].used);
        if (rc == 0) {
            assert_int_equal(out.mantissa, rows[i].mantissa);
            assert_int_equal(out.scale, rows[i].scale);
        }
    }
}

static void grids_found(void **state)
{
    (void)state;
    static const struct {
        const char *values[5], *step;
    } rows[] = {
        {{"28145.10", "28145.20", "28144.7"}, "0.1"},
        {{"0.15", "0.30", "0.60"}, "0.05"},
        {{"1.25", "2.50", "0.75"}, "0.05"},
        {{"100", "300"}, "100"},
        {{"40", "60"}, "20"},
        {{"0.000", "0"}, "1"},
        {{"25"}, "5"},
        {{"0.00000001", "90000"}, "0.00000001"},
        {{"0.5", "-1.5"}, "0.5"},
        {{"3", "7"}, "1"},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_grid grid = {.step = {0, 0}};
        for (size_t k = 0; k < 5 && rows[i].values[k] != NULL; k++) {
            assert_int_equal(pl_grid_see(&grid, number(rows[i].values[k])), 0);
        }
        char text[PL_DECIMAL_TEXT_MAX];
        assert_true(pl_decimal_print_steps(1, pl_grid_found(&grid), text) > 0);
        assert_string_equal(text, rows[i].step);
        pl_grid_set(&grid, pl_grid_found(&grid), false);
        for (size_t k = 0; k < 5 && rows[i].values[k] != NULL; k++) {
            int64_t steps;
            assert_int_equal(pl_grid_steps(&grid, number(rows[i].values[k]), &steps), 0);
        }
    }
}

static void grid_steps(void **state)
{
    (void)state;
    static const struct {
        const char *step, *value;
        int rc;
        int64_t steps, rounded;
    } rows[] = {
        {"0.1", "61800.20", 0, 618002, 618002},
        {"0.1", "61800.25", PL_ERR_OFFGRID, 0, 618003},
        {"0.1", "61800.24", PL_ERR_OFFGRID, 0, 618002},
        {"0.5", "8319.000", 0, 16638, 16638},
        {"0.5", "8319.25", PL_ERR_OFFGRID, 0, 16639},
        {"0.1", "-0.25", PL_ERR_OFFGRID, 0, -2},
        {"100", "300", 0, 3, 3},
        {"100", "350", PL_ERR_OFFGRID, 0, 4},
        {"0.000000000000000001", "0.5", 0, 500000000000000000, 500000000000000000},
        {"0.000000000000000001", "10", PL_ERR_OVERFLOW, 0, 0},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_grid grid = {.step = {0, 0}};
        int64_t steps = 0;
        pl_grid_set(&grid, number(rows[i].step), true);
        assert_int_equal(pl_grid_steps(&grid, number(rows[i].value), &steps), rows[i].rc);
        if (rows[i].rc == 0) {
            assert_int_equal(steps, rows[i].steps);
        }
        if (rows[i].rc != PL_ERR_OVERFLOW) {
            assert_int_equal(pl_grid_steps_round(&grid, number(rows[i].value), &steps), 0);
            assert_int_equal(steps, rows[i].rounded);
        }
    }
}

/* 300,000 rows, more than one run: sorted by time; equal times keep the order of time in the file. */
static void sorter_spills(void **state)
{
    (void)state;
    for (int backward = 0; backward < 2; backward++) {
        struct pl_sorter *s;
        struct pl_error err;
        assert_int_equal(pl_sorter_create(&s), 0);
        const int64_t n = 300000;
        for (int64_t i = 0; i < n; i++) {
            int64_t at = backward ? n - 1 - i : i;
            struct pl_sort_item item = {.venue_ns = at / 3 + (at % 50 == 0 ? 7 : 0), .px = at};
            assert_int_equal(pl_sorter_add(s, item, &err), 0);
        }
        assert_true(pl_sorter_disorder(s) > 0);
        assert_int_equal(pl_sorter_finish(s, &err), 0);
        struct pl_sort_item out, last = {.venue_ns = INT64_MIN};
        int64_t count = 0, sum = 0;
        int rc;
        while ((rc = pl_sorter_next(s, &out, &err)) > 0) {
            assert_true(out.venue_ns > last.venue_ns ||
                        (out.venue_ns == last.venue_ns && out.px > last.px));
            last = out;
            count++;
            sum += out.px;
        }
        assert_int_equal(rc, 0);
        assert_int_equal(count, n);
        assert_int_equal(sum, n * (n - 1) / 2);
        pl_sorter_destroy(&s);
    }
}

static void trade_sides(void **state)
{
    (void)state;
    struct pl_touch *t;
    assert_int_equal(pl_touch_create(&t), 0);
    assert_false(pl_touch_side(t, 100)); /* nothing known: a buy */
    assert_true(pl_touch_side(t, 99));   /* down */
    assert_true(pl_touch_side(t, 99));   /* as before */
    assert_false(pl_touch_side(t, 101)); /* up */
    const int64_t px[] = {100, 98, 102, 104}, lots[] = {1, 1, 1, 1}, none[] = {0, 0, 0, 0};
    struct pl_msg snapshot = {
        .kind = PL_MSG_SNAPSHOT, .bid_count = 2, .row_count = 4, .px = px, .lots = lots};
    assert_int_equal(pl_touch_apply(t, &snapshot), 0);
    assert_int_equal(t->bid, 100);
    assert_int_equal(t->ask, 102);
    assert_false(pl_touch_side(t, 102));
    assert_true(pl_touch_side(t, 100));
    assert_false(pl_touch_side(t, 101)); /* at the mid: up from 100 */
    struct pl_msg gone = {
        .kind = PL_MSG_DEPTH, .bid_count = 1, .row_count = 2, .px = px, .lots = none};
    gone.px = (const int64_t[]){100, 102};
    assert_int_equal(pl_touch_apply(t, &gone), 0);
    assert_int_equal(t->bid, 98);
    assert_int_equal(t->ask, 104);
    pl_touch_destroy(&t);
    assert_null(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),     cmocka_unit_test(grids_found),
        cmocka_unit_test(grid_steps),  cmocka_unit_test(sorter_spills),
        cmocka_unit_test(trade_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
