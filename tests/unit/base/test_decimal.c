/* Decimal text to integers and back, at the edges of both. A failing call leaves its output alone. */
#include "base/assert.h"
#include "base/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    int rc;
    int64_t mantissa;
    int32_t scale;
} parse_cases[] = {
    {"0", 0, 0, 0},
    {"-0", 0, 0, 0},
    {"1", 0, 1, 0},
    {"+1", 0, 1, 0},
    {"-1", 0, -1, 0},
    {"1.500", 0, 15, 1},
    {"1.000", 0, 1, 0},
    {"0.1", 0, 1, 1},
    {"67250.10", 0, 672501, 1},
    {"0.00000001", 0, 1, 8},
    {"00012.30", 0, 123, 1},
    {".5", 0, 5, 1},
    {"5.", 0, 5, 0},
    {"100", 0, 100, 0},
    {"0.000000000000000001", 0, 1, 18},
    {"9223372036854775807", 0, INT64_MAX, 0},
    {"9.223372036854775807", 0, INT64_MAX, 18},
    {"-9223372036854775807", 0, -INT64_MAX, 0},
    {"1.0000000000000000000000000000000000", 0, 1, 0}, /* fraction zeros are free */
    {"0.0000000000000000001", PL_ERR_OVERFLOW, 0, 0},  /* 19 decimals */
    {"9223372036854775808", PL_ERR_OVERFLOW, 0, 0},
    {"-9223372036854775808", PL_ERR_OVERFLOW, 0, 0},
    {"99999999999999999999", PL_ERR_OVERFLOW, 0, 0},
    {"92233720368547758.071", PL_ERR_OVERFLOW, 0, 0},
    {"", PL_ERR_MALFORMED, 0, 0},
    {"-", PL_ERR_MALFORMED, 0, 0},
    {".", PL_ERR_MALFORMED, 0, 0},
    {"+.", PL_ERR_MALFORMED, 0, 0},
    {"1.2.3", PL_ERR_MALFORMED, 0, 0},
    {"--1", PL_ERR_MALFORMED, 0, 0},
    {"1e3", PL_ERR_MALFORMED, 0, 0},
    {"0x10", PL_ERR_MALFORMED, 0, 0},
    {" 1", PL_ERR_MALFORMED, 0, 0},
    {"1 ", PL_ERR_MALFORMED, 0, 0},
    {"1,5", PL_ERR_MALFORMED, 0, 0},
    {"nan", PL_ERR_MALFORMED, 0, 0},
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(parse_cases); i++) {
        struct pl_decimal got = {77, 7};
        int rc = pl_decimal_parse(pl_str(parse_cases[i].text), &got);
        print_message("%s\n", parse_cases[i].text);
        assert_int_equal(rc, parse_cases[i].rc);
        assert_int_equal(got.mantissa, rc < 0 ? 77 : parse_cases[i].mantissa);
        assert_int_equal(got.scale, rc < 0 ? 7 : parse_cases[i].scale);
    }
}

static void test_a_zero_byte_inside_is_no_end(void **state)
{
    (void)state;
    struct pl_decimal got = {77, 7};
    assert_int_equal(pl_decimal_parse((struct pl_str){"1\0002", 3}, &got), PL_ERR_MALFORMED);
    assert_int_equal(got.mantissa, 77);
    assert_int_equal(pl_decimal_parse((struct pl_str){NULL, 0}, &got), PL_ERR_MALFORMED);
}

static const struct {
    const char *value, *step;
    int rc;
    int64_t steps;
} step_cases[] = {
    {"67250.1", "0.1", 0, 672501},
    {"67250.15", "0.1", PL_ERR_OFFGRID, 0},
    {"0.015", "0.005", 0, 3},
    {"0.016", "0.005", PL_ERR_OFFGRID, 0},
    {"-0.015", "0.005", 0, -3},
    {"0", "0.25", 0, 0},
    {"1", "0.25", 0, 4},
    {"1000", "50", 0, 20},
    {"1025", "50", PL_ERR_OFFGRID, 0},
    {"1", "0.000000000000000001", 0, 1000000000000000000},
    {"10", "0.000000000000000001", PL_ERR_OVERFLOW, 0},
    {"9223372036854775807", "1", 0, INT64_MAX},
    {"9223372036854775807", "0.1", PL_ERR_OVERFLOW, 0},
    {"-9223372036854775807", "0.000000000000000001", PL_ERR_OVERFLOW, 0},
    {"0.000000000000000001", "9223372036854775807", PL_ERR_OFFGRID, 0},
};

static void test_steps(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(step_cases); i++) {
        struct pl_decimal value, step;
        int64_t got = 77;
        print_message("%s / %s\n", step_cases[i].value, step_cases[i].step);
        assert_int_equal(pl_decimal_parse(pl_str(step_cases[i].value), &value), 0);
        assert_int_equal(pl_decimal_parse(pl_str(step_cases[i].step), &step), 0);
        int rc = pl_decimal_steps(value, step, &got);
        assert_int_equal(rc, step_cases[i].rc);
        assert_int_equal(got, rc < 0 ? 77 : step_cases[i].steps);
    }
}

static const struct {
    const char *value;
    int32_t scale;
    int rc;
    int64_t mantissa;
} scale_cases[] = {
    {"1.5", 1, 0, 15},
    {"1.5", 3, 0, 1500},
    {"1.5", 0, PL_ERR_OFFGRID, 0},
    {"-1.25", 2, 0, -125},
    {"0", 18, 0, 0},
    {"10", 18, PL_ERR_OVERFLOW, 0},
    {"9.2", 18, 0, 9200000000000000000},
    {"9.3", 18, PL_ERR_OVERFLOW, 0},
};

static void test_at_scale(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(scale_cases); i++) {
        struct pl_decimal value;
        int64_t got = 77;
        print_message("%s at %d\n", scale_cases[i].value, scale_cases[i].scale);
        assert_int_equal(pl_decimal_parse(pl_str(scale_cases[i].value), &value), 0);
        int rc = pl_decimal_at_scale(value, scale_cases[i].scale, &got);
        assert_int_equal(rc, scale_cases[i].rc);
        assert_int_equal(got, rc < 0 ? 77 : scale_cases[i].mantissa);
    }
}

static const struct {
    int64_t count;
    const char *step, *text; /* text NULL = overflow */
} print_cases[] = {
    {672501, "0.1", "67250.1"},
    {3, "0.005", "0.015"},
    {-3, "0.005", "-0.015"},
    {0, "0.01", "0.00"},
    {20, "50", "1000"},
    {-1, "0.000000000000000001", "-0.000000000000000001"},
    {INT64_MAX, "1", "9223372036854775807"},
    {INT64_MAX, "0.000000000000000001", "9.223372036854775807"},
    {-INT64_MAX, "0.000000000000000001", "-9.223372036854775807"},
    {INT64_MIN, "1", NULL},
    {INT64_MAX, "2", NULL},
};

static void test_print(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(print_cases); i++) {
        struct pl_decimal step;
        char got[PL_DECIMAL_TEXT_MAX];
        assert_int_equal(pl_decimal_parse(pl_str(print_cases[i].step), &step), 0);
        int rc = pl_decimal_print_steps(print_cases[i].count, step, got);
        if (print_cases[i].text == NULL) {
            assert_int_equal(rc, PL_ERR_OVERFLOW);
        } else {
            assert_string_equal(got, print_cases[i].text);
            assert_int_equal(rc, (int)strlen(got));
        }
    }
}

static void test_to_double_is_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double want;
    } cases[] = {{"0.1", 0.1},
                 {"67250.1", 67250.1},
                 {"-1.234", -1.234},
                 {"0.3", 0.3},
                 {"0.00001", 0.00001},
                 {"123456.789", 123456.789},
                 {"9007199254740991", 9007199254740991.0}};
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        struct pl_decimal value;
        assert_int_equal(pl_decimal_parse(pl_str(cases[i].text), &value), 0);
        assert_true(pl_decimal_to_double(value) == cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse), cmocka_unit_test(test_a_zero_byte_inside_is_no_end),
        cmocka_unit_test(test_steps), cmocka_unit_test(test_at_scale),
        cmocka_unit_test(test_print), cmocka_unit_test(test_to_double_is_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
