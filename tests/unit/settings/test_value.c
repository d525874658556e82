/* One setting: what its text may be, what the words of a refusal are, and that print reads back. */
#include "sample.h"
#include "settings/number.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct pl_setting_origin file_9 = {"parameters.yaml", 9};

/* name, text, and either the text it prints back as or the words of the refusal. */
static const struct {
    const char *name, *text, *back, *words;
} cases[] = {
    {"gamma", "0.1", "0.1", NULL},
    {"gamma", " .002\t", "0.002", NULL},
    {"gamma", "5.", "5", NULL},
    {"gamma", "1E-9", "1e-09", NULL},
    {"gamma", "+1e9", "1000000000", NULL},
    {"gamma", "0.30000000000000004", "0.30000000000000004", NULL},
    {"gamma", "-1", NULL, "parameters.yaml:9: gamma -1: legal 1e-09..1e+09 (pure number)"},
    {"gamma", "1000000000.0000002", NULL,
     "parameters.yaml:9: gamma 1000000000.0000002: legal 1e-09..1e+09 (pure number)"},
    {"gamma", "", NULL,
     "parameters.yaml:9: gamma \"\": not a number; legal 1e-09..1e+09 (pure number)"},
    {"gamma", "nan", NULL,
     "parameters.yaml:9: gamma nan: not a number; legal 1e-09..1e+09 (pure number)"},
    {"gamma", "0x1p3", NULL,
     "parameters.yaml:9: gamma 0x1p3: not a number; legal 1e-09..1e+09 (pure number)"},
    {"gamma", "1e999", NULL,
     "parameters.yaml:9: gamma 1e999: too large or too small; legal 1e-09..1e+09 (pure number)"},
    {"gamma", "1e", NULL,
     "parameters.yaml:9: gamma 1e: not a number; legal 1e-09..1e+09 (pure number)"},
    {"gamma", "1,5", NULL,
     "parameters.yaml:9: gamma 1,5: not a number; legal 1e-09..1e+09 (pure number)"},
    {"offset", "-2.5", "-2.5", NULL},
    {"offset", "-0.0", "0", NULL},
    {"offset", "1e-400", NULL,
     "parameters.yaml:9: offset 1e-400: too large or too small; legal any finite number (price)"},
    {"levels", "50", "50", NULL},
    {"levels", "+7", "7", NULL},
    {"levels", "51", NULL, "parameters.yaml:9: levels 51: legal 1..50 (per side)"},
    {"levels", "0", NULL, "parameters.yaml:9: levels 0: legal 1..50 (per side)"},
    {"levels", "1.0", NULL,
     "parameters.yaml:9: levels 1.0: not a whole number; legal 1..50 (per side)"},
    {"levels", "99999999999999999999", NULL,
     "parameters.yaml:9: levels 99999999999999999999: too large; legal 1..50 (per side)"},
    {"post_only", "TRUE", "true", NULL},
    {"post_only", "Yes", "true", NULL},
    {"post_only", "1", "true", NULL},
    {"post_only", "no", "false", NULL},
    {"post_only", "0", "false", NULL},
    {"post_only", "maybe", NULL,
     "parameters.yaml:9: post_only maybe: not a truth value; legal true or false"},
    {"queue", "RISK", "risk", NULL},
    {"queue", "powr2", NULL,
     "parameters.yaml:9: queue powr2: did you mean power2?; legal risk, power2 or log"},
    {"queue", "fifo", NULL, "parameters.yaml:9: queue fifo: legal risk, power2 or log"},
    {"base_spread", "0.05", "0.05", NULL},
    {"base_spread", "5bps", "5bps", NULL},
    {"base_spread", "5 BPS", "5bps", NULL},
    {"base_spread", "3ticks", "3ticks", NULL},
    {"base_spread", "1tick", "1ticks", NULL},
    {"base_spread", "1001ticks", NULL,
     "parameters.yaml:9: base_spread 1001ticks: legal 0..1000 as price units (0.05), bps (5bps) "
     "or ticks (3ticks)"},
    {"base_spread", "bps", NULL,
     "parameters.yaml:9: base_spread bps: not a number; legal 0..1000 as price units (0.05), bps "
     "(5bps) or ticks (3ticks)"},
    {"symbol", "BTC USDT", "BTC USDT", NULL},
    {"symbol", " kept ", " kept ", NULL},
    {"symbol", "\xe2\x82\xbf", "\xe2\x82\xbf", NULL},
    {"symbol", "a\nb", NULL,
     "parameters.yaml:9: symbol a?b: holds control characters or bytes that are not UTF-8; legal "
     "text up to 127 bytes"},
    {"symbol", "\xc0\xaf", NULL,
     "parameters.yaml:9: symbol ??: holds control characters or bytes that are not UTF-8; "
     "legal text up to 127 bytes"},
};

static void test_parse_and_print(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        struct sample_maker values, before;
        struct pl_error err = {0};
        char text[PL_SETTING_TEXT_MAX];
        const struct pl_setting *row = pl_settings_find(&sample_table, pl_str(cases[i].name));
        assert_non_null(row);
        assert_int_equal(pl_settings_defaults(&sample_table, &values, &err), 0);
        before = values;
        int rc = pl_settings_parse(row, pl_str(cases[i].text), file_9, &values, &err);
        assert_int_equal(rc, cases[i].words != NULL ? PL_ERR_INVALID : 0);
        if (rc < 0) {
            assert_string_equal(err.text, cases[i].words);
            assert_memory_equal(&values, &before, sizeof values);
            continue;
        }
        assert_int_equal(pl_settings_print(row, &values, text, sizeof text), strlen(cases[i].back));
        assert_string_equal(text, cases[i].back);
        struct sample_maker again = before;
        assert_int_equal(pl_settings_parse(row, pl_str(text), file_9, &again, &err), 0);
        assert_memory_equal(&again, &values, sizeof values);
    }
}

/* A value set is the same after print and parse, for doubles drawn over the whole range of bits. */
static void test_numbers_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t bits = seed ^ seed >> 29;
        double value, back = 0;
        char text[PL_NUMBER_TEXT_MAX];
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) {
            continue;
        }
        int size = pl_number_print(value, text);
        assert_int_equal(pl_number_parse((struct pl_str){text, (size_t)size}, &back), 0);
        assert_memory_equal(&back, &value, sizeof value);
    }
}

/* Halfway cases that a parser through long double or by repeated multiplication gets wrong. */
static void test_numbers_round_to_nearest_even(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } exact[] = {
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.00000000000000000000000000000000001", 9007199254740994.0},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"4.9406564584124654e-324", 0x0.0000000000001p-1022},
        {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
        {"0.1000000000000000055511151231257827021181583404541015625", 0.1},
    };
    for (size_t i = 0; i < PL_COUNT(exact); i++) {
        double got = 0;
        assert_int_equal(pl_number_parse(pl_str(exact[i].text), &got), 0);
        assert_memory_equal(&got, &exact[i].value, sizeof got);
    }
}

/* Where the process writes 0,5 we still read and write 0.5. */
static void test_locale_does_not_matter(void **state)
{
    (void)state;
    static const char *const comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "nl_NL.UTF-8"};
    const char *set = NULL;
    for (size_t i = 0; i < PL_COUNT(comma) && set == NULL; i++) {
        set = setlocale(LC_NUMERIC, comma[i]);
    }
    if (set == NULL) {
        print_message("SKIPPED: no locale with a decimal comma on this machine\n");
        skip();
    }
    double value = 0;
    char text[PL_NUMBER_TEXT_MAX];
    assert_int_equal(pl_number_parse(pl_str("0.5"), &value), 0);
    assert_true(value == 0.5);
    (void)pl_number_print(0.5, text);
    assert_string_equal(text, "0.5");
    assert_int_equal(pl_number_parse(pl_str("0,5"), &value), PL_ERR_MALFORMED);
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_and_print),
        cmocka_unit_test(test_numbers_round_trip),
        cmocka_unit_test(test_numbers_round_to_nearest_even),
        cmocka_unit_test(test_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
