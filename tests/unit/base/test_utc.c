/* Times as text: known pairs, refusals, and every day of four centuries there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/assert.h"
#include "base/utc.h"

#include <stdio.h>
#include <time.h>

static void test_pairs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
        const char *printed;
    } cases[] = {
        {"1970-01-01", 0, "1970-01-01T00:00:00Z"},
        {"2024-08-08T23:54:16.298Z", 1723161256298000000, "2024-08-08T23:54:16.298Z"},
        {"2024-08-08 23:54:16.298", 1723161256298000000, "2024-08-08T23:54:16.298Z"},
        {"2024-02-29T12:00", 1709208000000000000, "2024-02-29T12:00:00Z"},
        {"2000-02-29", 951782400000000000, "2000-02-29T00:00:00Z"},
        {"1723161256298000001", 1723161256298000001, "2024-08-08T23:54:16.298000001Z"},
        {"2024-08-08T23:54:16.000100Z", 1723161256000100000, "2024-08-08T23:54:16.000100Z"},
        {"0", 0, "1970-01-01T00:00:00Z"},
    };
    for (size_t c = 0; c < PL_COUNT(cases); c++) {
        int64_t ns = -1;
        char text[PL_UTC_TEXT_MAX];
        assert_int_equal(pl_utc_parse(pl_str(cases[c].text), &ns), 0);
        assert_int_equal(ns, cases[c].ns);
        assert_string_equal(pl_utc_print(ns, text), cases[c].printed);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "yesterday",
        "2024-8-8",
        "2024-13-01",
        "2023-02-29",
        "2100-02-29",
        "2024-00-10",
        "2024-01-00",
        "2024-01-32",
        "1969-12-31",
        "2262-01-01",
        "2024-01-01T24:00",
        "2024-01-01T10",
        "2024-01-01T10:60",
        "2024-01-01T10:00:60",
        "2024-01-01T10:00:00.",
        "2024-01-01T10:00:00.1234567890",
        "2024-01-01Zx",
        "2024-01-01T10:00+01:00",
        "-5",
        "9999999999999999999",
        "12345678901234567890",
    };
    for (size_t c = 0; c < PL_COUNT(cases); c++) {
        int64_t ns = 77;
        if (pl_utc_parse(pl_str(cases[c]), &ns) != PL_ERR_MALFORMED || ns != 77) {
            fail_msg("'%s' was not refused", cases[c]);
        }
    }
}

/* Against the C library, a day at a time. */
static void test_every_day(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 106000; day++) {
        time_t seconds = day * 86400 + day % 86400;
        struct tm tm;
        char want[PL_UTC_TEXT_MAX], got[PL_UTC_TEXT_MAX];
        int64_t ns = 0;
        assert_non_null(gmtime_r(&seconds, &tm));
        assert_true(strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
        assert_string_equal(pl_utc_print(seconds * INT64_C(1000000000), got), want);
        assert_int_equal(pl_utc_parse(pl_str(got), &ns), 0);
        assert_int_equal(ns, seconds * INT64_C(1000000000));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
