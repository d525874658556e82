/* A whole table: look-up, suggestions, digest, and the rules a table must keep. */
#include "sample.h"
#include "settings/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_find(void **state)
{
    (void)state;
    assert_ptr_equal(pl_settings_find(&sample_table, pl_str("post_only")), &sample_rows[2]);
    assert_ptr_equal(pl_settings_find(&sample_table, pl_str("POST-ONLY")), &sample_rows[2]);
    assert_null(pl_settings_find(&sample_table, pl_str("postonly")));
    assert_null(pl_settings_find(&sample_table, pl_str("")));
}

static void test_suggest(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *near;
    } cases[] = {
        {"gama", "gamma"},
        {"agmma", "gamma"},
        {"GAMMMA", "gamma"},
        {"postonly", "post_only"},
        {"base-sprad", "base_spread"},
        {"lev", "levels"},
        {"volatility", NULL},
        {"q", NULL},
        {"", NULL},
    };
    const struct pl_settings_table *tables[] = {&sample_table};
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        const char *got = pl_settings_suggest(tables, 1, pl_str(cases[i].typed));
        if (cases[i].near == NULL) {
            assert_null(got);
        } else {
            assert_non_null(got);
            assert_string_equal(got, cases[i].near);
        }
    }
}

static void test_name_distance(void **state)
{
    (void)state;
    assert_int_equal(pl_name_distance(pl_str("kitten"), pl_str("sitting")), 3);
    assert_int_equal(pl_name_distance(pl_str("ab"), pl_str("ba")), 1);
    assert_int_equal(pl_name_distance(pl_str(""), pl_str("abc")), 3);
    assert_int_equal(pl_name_distance(pl_str("A-B"), pl_str("a_b")), 0);
}

/* Each setting reaches the digest; bytes between the fields do not. */
static void test_digest(void **state)
{
    (void)state;
    static const char *const other[] = {"0.2", "2", "false", "risk", "5ticks", "X", "1e-300"};
    struct pl_error err = {0};
    struct sample_maker values;
    assert_int_equal(pl_settings_defaults(&sample_table, &values, &err), 0);
    uint64_t base = pl_settings_digest(&sample_table, &values);
    for (size_t i = 0; i < PL_COUNT(other); i++) {
        struct sample_maker changed = values;
        const struct pl_setting *row = &sample_rows[i];
        assert_true(pl_settings_equal(row, &values, &changed));
        assert_int_equal(pl_settings_parse(row, pl_str(other[i]),
                                           (struct pl_setting_origin){"--set", 0}, &changed, &err),
                         0);
        assert_false(pl_settings_equal(row, &values, &changed));
        assert_int_not_equal(pl_settings_digest(&sample_table, &changed), base);
    }
    struct sample_maker dirty;
    memset(&dirty, 0xa5, sizeof dirty);
    for (size_t i = 0; i < sample_table.count; i++) {
        assert_int_equal(pl_settings_parse(&sample_rows[i], pl_str(sample_rows[i].def),
                                           (struct pl_setting_origin){"default", 0}, &dirty, &err),
                         0);
    }
    assert_int_equal(pl_settings_digest(&sample_table, &dirty), base);
}

/* The digest keys random draws, so its value is pinned: a change here changes every result. */
static void test_digest_is_pinned(void **state)
{
    (void)state;
    struct pl_error err = {0};
    struct sample_maker values;
    assert_int_equal(pl_settings_defaults(&sample_table, &values, &err), 0);
    assert_true(pl_settings_digest(&sample_table, &values) == UINT64_C(0x8fbd5d30665be214));
}

static void test_table_rules(void **state)
{
    (void)state;
    static const char *const words = "words";
    static const struct pl_setting bad[] = {
        {"Upper", PL_SET_BOOL, "", "1", 0, 0, 0, 0, false, NULL, PL_RELOAD_YES, words, 0},
        {"wide", PL_SET_F64, "", "5", 0, 1, 0, 0, false, NULL, PL_RELOAD_YES, words, 0},
        {"search", PL_SET_F64, "", "1", 0, 1, 0, 2, false, NULL, PL_RELOAD_YES, words, 0},
        {"logged", PL_SET_F64, "", "1", 0, 1, 0, 0, true, NULL, PL_RELOAD_YES, words, 0},
        {"backwards", PL_SET_F64, "", "1", 2, 1, 0, 0, false, NULL, PL_RELOAD_YES, words, 0},
        {"choiceless", PL_SET_ENUM, "", NULL, 0, 0, 0, 0, false, NULL, PL_RELOAD_YES, words, 0},
        {"silent", PL_SET_BOOL, "", "1", 0, 0, 0, 0, false, NULL, PL_RELOAD_YES, "", 0},
        {"outside", PL_SET_F64, "", "1", 0, 0, 0, 0, false, NULL, PL_RELOAD_YES, words, 1},
    };
    struct pl_error err = {0};
    assert_int_equal(pl_settings_table_check(&sample_table, &err), 0);
    for (size_t i = 0; i < PL_COUNT(bad); i++) {
        struct pl_settings_table table = {"bad", &bad[i], 1, sizeof(double), NULL};
        err.text[0] = '\0';
        assert_int_equal(pl_settings_table_check(&table, &err), PL_ERR_INVALID);
        assert_true(strlen(err.text) > 10);
    }
    struct pl_setting twice[2] = {sample_rows[0], sample_rows[0]};
    struct pl_settings_table table = {"bad", twice, 2, sizeof(struct sample_maker), NULL};
    assert_int_equal(pl_settings_table_check(&table, &err), PL_ERR_INVALID);
    assert_string_equal(err.text, "bad.gamma: this name is declared twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_suggest),
        cmocka_unit_test(test_name_distance),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_digest_is_pinned),
        cmocka_unit_test(test_table_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
