#include "report/number.h"

#include "base/assert.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void shortest(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0.1, "0.1"},
        {1.0 / 3, "0.3333333333333333"},
        {183.2919, "183.2919"},
        {1e22, "1e+22"},
        {5e-324, "4.94065645841247e-324"},
        {0.1 + 0.2, "0.30000000000000004"},
        {-0.003, "-0.003"},
        {9007199254740993.0, "9007199254740992"},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        char text[PL_NUMBER_TEXT_MAX];
        assert_string_equal(pl_number_shortest(rows[i].value, text), rows[i].text);
        assert_true(strtod(text, NULL) == rows[i].value);
    }
}

enum how { FIXED, SIGNED, SIGNIFICANT };

static void people(void **state)
{
    (void)state;
    static const struct {
        enum how how;
        double value;
        int digits;
        const char *text;
    } rows[] = {
        {FIXED, 1234567.891, 2, "1,234,567.89"},
        {FIXED, 999.5, 0, "1,000"},
        {FIXED, -0.001, 2, "0.00"},
        {FIXED, -1000, 0, "-1,000"},
        {FIXED, NAN, 2, "-"},
        {FIXED, INFINITY, 2, "-"},
        {FIXED, 123456, 0, "123,456"},
        {SIGNED, 12, 1, "+12.0"},
        {SIGNED, -1234.56, 1, "-1,234.6"},
        {SIGNED, 0, 1, "0.0"},
        {SIGNED, 0.001, 1, "0.0"},
        {SIGNIFICANT, 0.27412, 4, "0.2741"},
        {SIGNIFICANT, 12345.678, 4, "12,346"},
        {SIGNIFICANT, 0.000012345, 3, "0.0000123"},
        {SIGNIFICANT, 2.5e-9, 3, "2.5e-09"},
        {SIGNIFICANT, 1500, 5, "1,500"},
        {SIGNIFICANT, 0, 5, "0"},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        char text[PL_NUMBER_TEXT_MAX];
        if (rows[i].how == FIXED) {
            pl_number_fixed(rows[i].value, rows[i].digits, text);
        } else if (rows[i].how == SIGNED) {
            pl_number_signed(rows[i].value, rows[i].digits, text);
        } else {
            pl_number_significant(rows[i].value, rows[i].digits, text);
        }
        assert_string_equal(text, rows[i].text);
    }
}

static void times(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } durations[] = {
        {0, "0 ns"},
        {250, "250 ns"},
        {2500, "2.5 us"},
        {100000000, "100 ms"},
        {INT64_C(60000000000), "60 s"},
        {INT64_C(200000000000), "3 min 20 s"},
        {INT64_C(7500000000000), "2 h 05 min"},
        {INT64_C(273600000000000), "3 d 04 h"},
        {-1, "-"},
    };
    char text[PL_NUMBER_TEXT_MAX];
    for (size_t i = 0; i < PL_COUNT(durations); i++) {
        assert_string_equal(pl_number_duration(durations[i].ns, text), durations[i].text);
    }
    assert_string_equal(pl_number_time(INT64_C(1723122421123456789), text),
                        "2024-08-08 13:07:01.123");
    assert_string_equal(pl_number_time(-1, text), "1969-12-31 23:59:59.999");
    assert_string_equal(pl_number_count(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

static void decimals(void **state)
{
    (void)state;
    assert_int_equal(pl_number_decimals(0.1), 1);
    assert_int_equal(pl_number_decimals(0.05), 2);
    assert_int_equal(pl_number_decimals(1), 0);
    assert_int_equal(pl_number_decimals(25), 0);
    assert_int_equal(pl_number_decimals(0.000001), 6);
    assert_int_equal(pl_number_decimals(1.0 / 3), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortest),
        cmocka_unit_test(people),
        cmocka_unit_test(times),
        cmocka_unit_test(decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
