/* The words that go with an error: never cut in the wrong place, never past the end. */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_set_gives_back_its_code(void **state)
{
    (void)state;
    struct pl_error err = {0};
    assert_int_equal(pl_error_set(&err, PL_ERR_GAP, "%s:%d: gap", "a.gz", 7), PL_ERR_GAP);
    assert_int_equal(err.code, PL_ERR_GAP);
    assert_string_equal(err.text, "a.gz:7: gap");
    assert_int_equal(pl_error_set(NULL, PL_ERR_IO, "nobody reads this"), PL_ERR_IO);
}

static void test_prefix_stands_in_front(void **state)
{
    (void)state;
    struct pl_error err = {0};
    (void)pl_error_set(&err, PL_ERR_IO, "no such file");
    assert_int_equal(pl_error_prefix(&err, "opening %s", "x.tape"), PL_ERR_IO);
    assert_string_equal(err.text, "opening x.tape: no such file");
    assert_true(pl_error_prefix(NULL, "nothing") < 0);
}

static void test_long_words_are_cut_not_spilled(void **state)
{
    (void)state;
    struct pl_error err = {0};
    char words[1200];
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    (void)pl_error_set(&err, PL_ERR_IO, "%s", words);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    (void)pl_error_prefix(&err, "file");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_memory_equal(err.text, "file: www", 9);
    (void)pl_error_prefix(&err, "%s", words); /* the prefix alone fills it */
    assert_true(strlen(err.text) < sizeof err.text);
    for (size_t n = sizeof err.text - 6; n < sizeof err.text + 2; n++) { /* room for 5..0 bytes */
        (void)pl_error_set(&err, PL_ERR_IO, "x");
        (void)pl_error_prefix(&err, "%.*s", (int)n, words);
        assert_true(strlen(err.text) < sizeof err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_gives_back_its_code),
        cmocka_unit_test(test_prefix_stands_in_front),
        cmocka_unit_test(test_long_words_are_cut_not_spilled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
