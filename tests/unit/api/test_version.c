/* The library as an outsider sees it: only include/plimsoll. */
#include "plimsoll/plimsoll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_version_is_the_projects(void **state)
{
    (void)state;
    assert_string_equal(pl_version(), PL_VERSION);
    assert_true(strspn(pl_version(), "0123456789.") == strlen(pl_version()));
}

struct seen {
    int count, last, stop_at;
};

static int on_code(void *ctx, int code, const char *name, const char *text)
{
    struct seen *seen = ctx;
    assert_true(code < 0);
    assert_true(code < seen->last); /* rising numbers, none twice */
    assert_string_equal(name, pl_err_name(code));
    assert_string_equal(text, pl_err_text(code));
    assert_string_not_equal(name, "UNKNOWN");
    seen->last = code;
    seen->count++;
    return code == seen->stop_at ? 77 : 0;
}

static void test_every_code_has_a_name_and_words(void **state)
{
    (void)state;
    struct seen seen = {0};
    assert_int_equal(pl_err_each(on_code, &seen), 0);
    assert_int_equal(seen.count, -seen.last); /* no number was skipped */
    assert_int_equal(PL_ERR_INVALID, -1);     /* published numbers never change */
    assert_int_equal(PL_ERR_GAP, -7);
    assert_int_equal(PL_ERR_USAGE, -21);
}

static void test_each_stops_when_told(void **state)
{
    (void)state;
    struct seen seen = {.stop_at = PL_ERR_GAP};
    assert_int_equal(pl_err_each(on_code, &seen), 77);
    assert_int_equal(seen.count, 7);
}

static void test_codes_outside_the_list(void **state)
{
    (void)state;
    assert_string_equal(pl_err_name(0), "OK");
    assert_string_equal(pl_err_text(5), "ok"); /* a count is no failure */
    assert_string_equal(pl_err_name(-9999), "UNKNOWN");
    assert_string_equal(pl_err_text(INT32_MIN), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_is_the_projects),
        cmocka_unit_test(test_every_code_has_a_name_and_words),
        cmocka_unit_test(test_each_stops_when_told),
        cmocka_unit_test(test_codes_outside_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
