/* Sources to structs: names, precedence, conflicts, warnings, required settings. */
#include "sample.h"
#include "settings/env.h"
#include "settings/resolve.h"
#include "settings/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct heard {
    int count;
    char last[500];
};

static void on_warning(const char *words, void *user)
{
    struct heard *heard = user;
    heard->count++;
    (void)snprintf(heard->last, sizeof heard->last, "%s", words);
}

/* What is read: YAML, .env, one environment variable, two --set; NULL = none. The result is gamma
 * and levels, or the words of a refusal; `warning` is the last one heard. */
static const struct {
    const char *yaml, *dotenv, *variable, *set[2];
    double gamma;
    int64_t levels;
    const char *warning, *words;
} cases[] = {
    {.gamma = 0.1, .levels = 1},
    {.yaml = "gamma: 1", .gamma = 1, .levels = 1},
    {.yaml = "maker: {gamma: 2, levels: 7}", .gamma = 2, .levels = 7},
    {.yaml = "MAKER:\n  Gamma: 2", .gamma = 2, .levels = 1},
    {.yaml = "maker:\ncommon:\n", .gamma = 0.1, .levels = 1},
    /* precedence */
    {.yaml = "gamma: 1", .dotenv = "GAMMA=2", .gamma = 2, .levels = 1},
    {.yaml = "gamma: 1",
     .dotenv = "GAMMA=2",
     .variable = "PLIMSOLL_MAKER_GAMMA=3",
     .gamma = 3,
     .levels = 1},
    {.yaml = "gamma: 1",
     .variable = "PLIMSOLL_MAKER_GAMMA=3",
     .set = {"gamma=4"},
     .gamma = 4,
     .levels = 1},
    {.dotenv = "MAKER_GAMMA=2\nPLIMSOLL_LEVELS=3", .gamma = 2, .levels = 3},
    {.set = {"maker.gamma=5", "LEVELS=9"}, .gamma = 5, .levels = 9},
    {.set = {"gamma=5", "gamma=6"}, .gamma = 6, .levels = 1},
    {.yaml = "gamma: 1\nmaker: {gamma: 1.0}", .gamma = 1, .levels = 1},
    {.yaml = "other_maker: {depth: 7}", .gamma = 0.1, .levels = 1},
    /* refusals */
    {.yaml = "gama: 1", .words = "f.yaml:1: gama: no such setting; did you mean gamma?"},
    {.yaml = "gamma:\n", .words = "f.yaml:1: gamma has no value (empty text is written \"\")"},
    {.yaml = "\nmaker:\n  gama: 1",
     .words = "f.yaml:3: maker.gama: no such setting; did you mean gamma?"},
    {.yaml = "maker: {xyz: 1}",
     .words = "f.yaml:1: maker.xyz: no such setting; maker has gamma, levels, post_only, queue, "
              "base_spread, symbol, offset"},
    {.yaml = "makr: {gamma: 1}",
     .words = "f.yaml:1: makr.gamma: there is no section makr; did you mean maker?"},
    {.yaml = "zzz: {gamma: 1}", .words = "f.yaml:1: zzz.gamma: there is no section zzz"},
    {.yaml = "depth: 1",
     .words = "f.yaml:1: depth belongs to other_maker, which is not in use here"},
    {.yaml = "other_maker: {depth: 21}", .words = "f.yaml:1: depth 21: legal 1..20 (levels)"},
    {.yaml = "gamma: -1", .words = "f.yaml:1: gamma -1: legal 1e-09..1e+09 (pure number)"},
    {.yaml = "gamma: -1",
     .set = {"gamma=1"},
     .words = "f.yaml:1: gamma -1: legal 1e-09..1e+09 (pure number)"},
    {.set = {"gamma=x"}, .words = "--set: gamma x: not a number; legal 1e-09..1e+09 (pure number)"},
    {.set = {"gama=1"}, .words = "--set: gama: no such setting; did you mean gamma?"},
    {.set = {"offset=1"},
     .words = "--set: offset may mean maker.offset or common.offset: write the section too"},
    {.variable = "PLIMSOLL_MAKER_LEVELS=99",
     .words = "environment variable PLIMSOLL_MAKER_LEVELS: levels 99: legal 1..50 (per side)"},
    /* two names, two values */
    {.yaml = "gamma: 1\nmaker: {gamma: 2}",
     .words = "f.yaml:2: maker.gamma is 2, but f.yaml:1: gamma is 1: they are one setting, keep "
              "one"},
    {.dotenv = "GAMMA=1\nMAKER_GAMMA=2",
     .words = "f.env:2: MAKER_GAMMA is 2, but f.env:1: GAMMA is 1: they are one setting, keep "
              "one"},
    {.dotenv = "GAMMA=1\nGAMMA=2",
     .words = "f.env:2: GAMMA is 2, but f.env:1: GAMMA is 1: they are one setting, keep one"},
    {.set = {"gamma=1", "maker.gamma=2"},
     .words = "--set: maker.gamma is 2, but --set: gamma is 1: they are one setting, keep one"},
    {.dotenv = "OFFSET=1",
     .words = "f.env:1: OFFSET may mean maker.offset or common.offset: write "
              "PLIMSOLL_<SECTION>_<NAME>, or set it in YAML"},
    /* strangers and near misses in the environment */
    {.dotenv = "API_KEY=x\nLEVEL_OF_DETAIL=2\nGAM=1", .gamma = 0.1, .levels = 1},
    {.dotenv = "DEPTH=7\nGAMMA=1", .gamma = 1, .levels = 1},
    {.dotenv = "BASE_SPRAED=1",
     .gamma = 0.1,
     .levels = 1,
     .warning = "f.env:1: BASE_SPRAED is ignored: did you mean BASE_SPREAD?"},
    {.dotenv = "X=1\nMAKER_GAMA=1",
     .gamma = 0.1,
     .levels = 1,
     .warning = "f.env:2: MAKER_GAMA is ignored: did you mean MAKER_GAMMA?"},
    {.variable = "PLIMSOLL_MAKER_GAMA=1",
     .gamma = 0.1,
     .levels = 1,
     .warning = "environment: PLIMSOLL_MAKER_GAMA is ignored: did "
                "you mean PLIMSOLL_MAKER_GAMMA?"},
    {.variable = "PLIMSOLL_GAMMA=1",
     .gamma = 0.1,
     .levels = 1,
     .warning = "environment: PLIMSOLL_GAMMA is ignored: did you mean "
                "PLIMSOLL_MAKER_GAMMA?"},
    {.variable = "PLIMSOLL_MAKER_COLOUR=1",
     .gamma = 0.1,
     .levels = 1,
     .warning = "environment: PLIMSOLL_MAKER_COLOUR is ignored: "
                "maker has no such setting"},
    {.variable = "PLIMSOLL_DATA=1", .gamma = 0.1, .levels = 1},
};

static int read_sources(struct pl_settings_list *list, size_t i, struct pl_error *err)
{
    int rc = pl_settings_list_assign(list, "common.account_size=1000", err);
    for (size_t k = 0; rc == 0 && k < 2; k++) { /* --set first: order of reading is no matter */
        rc = cases[i].set[k] != NULL ? pl_settings_list_assign(list, cases[i].set[k], err) : 0;
    }
    if (rc == 0 && cases[i].variable != NULL) {
        char variable[100];
        (void)snprintf(variable, sizeof variable, "%s", cases[i].variable);
        char *variables[] = {variable, NULL};
        rc = pl_environment_read(list, variables, err);
    }
    if (rc == 0 && cases[i].dotenv != NULL) {
        rc = pl_dotenv_read_text(list, "f.env", pl_str(cases[i].dotenv), err);
    }
    if (rc == 0 && cases[i].yaml != NULL) {
        rc = pl_yaml_read_text(list, "f.yaml", pl_str(cases[i].yaml), err);
    }
    return rc;
}

static void test_resolve(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        struct pl_settings_list *list = NULL;
        struct pl_error err = {0};
        struct heard heard = {0};
        struct sample_maker maker, untouched;
        struct sample_common common;
        struct pl_settings_target target[] = {{.table = &sample_table, .values = &maker},
                                              {.table = &sample_common_table, .values = &common},
                                              {.table = &sample_other_table}};
        const struct pl_settings_listener listener = {on_warning, &heard};
        memset(&maker, 0x5a, sizeof maker);
        untouched = maker;
        assert_int_equal(pl_settings_list_create(&list), 0);
        assert_int_equal(read_sources(list, i, &err), 0);
        int rc = pl_settings_resolve(list, target, 3, &listener, &err);
        if (cases[i].words != NULL) {
            assert_true(rc < 0);
            assert_string_equal(err.text, cases[i].words);
            assert_memory_equal(&maker, &untouched, sizeof maker);
        } else {
            assert_string_equal(err.text, "");
            assert_int_equal(rc, 0);
            assert_true(maker.gamma == cases[i].gamma);
            assert_int_equal(maker.levels, cases[i].levels);
            assert_string_equal(heard.last, cases[i].warning != NULL ? cases[i].warning : "");
            assert_int_equal(heard.count, cases[i].warning != NULL ? 1 : 0);
            assert_true(common.account_size == 1000);
        }
        pl_settings_list_destroy(&list);
    }
}

static void test_required_and_check(void **state)
{
    (void)state;
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    struct sample_common common;
    struct pl_settings_target target[] = {{.table = &sample_common_table, .values = &common}};
    assert_int_equal(pl_settings_list_create(&list), 0);
    assert_int_equal(pl_settings_resolve(list, target, 1, NULL, &err), PL_ERR_INVALID);
    assert_string_equal(err.text, "common.account_size is required and not given: write it in the "
                                  "settings file under `common:`, or --set "
                                  "common.account_size=VALUE");
    assert_int_equal(pl_settings_list_assign(list, "account_size=5", &err), 0);
    assert_int_equal(pl_settings_resolve(list, target, 1, NULL, &err), 0);
    assert_ptr_equal(target[0].from[0], pl_settings_list_at(list, 0));
    assert_null(target[0].from[1]);
    assert_int_equal(pl_settings_list_assign(list, "offset=6", &err), 0);
    assert_int_equal(pl_settings_resolve(list, target, 1, NULL, &err), PL_ERR_INVALID);
    assert_string_equal(err.text, "common: offset is above account_size");
    pl_settings_list_destroy(&list);
}

static void test_assign_needs_key_and_value(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "gamma", "=1", ".gamma=1", "maker.=1"};
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    assert_int_equal(pl_settings_list_create(&list), 0);
    for (size_t i = 0; i < PL_COUNT(bad); i++) {
        assert_int_equal(pl_settings_list_assign(list, bad[i], &err), PL_ERR_USAGE);
        assert_non_null(strstr(err.text, "key=value"));
    }
    assert_int_equal(pl_settings_list_count(list), 0);
    assert_int_equal(pl_settings_list_assign(list, "symbol=a=b.c", &err), 0);
    assert_string_equal(pl_settings_list_at(list, 0)->value.at, "a=b.c");
    assert_int_equal(pl_settings_list_at(list, 0)->section.size, 0);
    pl_settings_list_destroy(&list);
}

/* Who names the strategy, later layers first. */
static void test_strategy(void **state)
{
    (void)state;
    char variable[] = "PLIMSOLL_STRATEGY=fade";
    char *variables[] = {variable, NULL};
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    struct pl_str name;
    struct pl_setting_origin origin;
    assert_int_equal(pl_settings_list_create(&list), 0);
    assert_int_equal(pl_settings_list_strategy(list, &name, &origin, &err), 0);
    assert_string_equal(name.at, "");
    assert_int_equal(pl_yaml_read_text(list, "f.yaml", pl_str("\nstrategy: spread"), &err), 0);
    assert_int_equal(pl_settings_list_strategy(list, &name, &origin, &err), 0);
    assert_string_equal(name.at, "spread");
    assert_int_equal(origin.line, 2);
    assert_int_equal(pl_environment_read(list, variables, &err), 0);
    assert_int_equal(pl_dotenv_read_text(list, "f.env", pl_str("STRATEGY=skew"), &err), 0);
    assert_int_equal(pl_settings_list_strategy(list, &name, &origin, &err), 0);
    assert_string_equal(name.at, "fade");
    assert_int_equal(pl_settings_list_assign(list, "strategy=avellaneda", &err), 0);
    assert_int_equal(pl_settings_list_strategy(list, &name, &origin, &err), 0);
    assert_string_equal(name.at, "avellaneda");
    pl_settings_list_destroy(&list);

    assert_int_equal(pl_settings_list_create(&list), 0);
    const char *twice = "STRATEGY=a\nPLIMSOLL_STRATEGY=b";
    assert_int_equal(pl_dotenv_read_text(list, "f.env", pl_str(twice), &err), 0);
    assert_int_equal(pl_settings_list_strategy(list, &name, &origin, &err), PL_ERR_INVALID);
    assert_string_equal(err.text, "f.env:2: PLIMSOLL_STRATEGY is b, but STRATEGY on line 1 is a: "
                                  "keep one");
    pl_settings_list_destroy(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_required_and_check),
        cmocka_unit_test(test_assign_needs_key_and_value),
        cmocka_unit_test(test_strategy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
