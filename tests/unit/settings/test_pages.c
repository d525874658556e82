/* What the tables become: effective YAML, differences, help, docs page, example file, schema. */
#include "sample.h"
#include "settings/effective.h"
#include "settings/pages.h"
#include "settings/quote.h"
#include "settings/schema.h"
#include "settings/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

/* What a writer wrote; the test frees it. */
struct text {
    FILE *out;
    char *at;
    size_t size;
};

static void text_open(struct text *t)
{
    *t = (struct text){0};
    t->out = open_memstream(&t->at, &t->size);
    assert_non_null(t->out);
}

static void text_done(struct text *t)
{
    assert_int_equal(fclose(t->out), 0);
}

static const struct pl_settings_table *const tables[] = {&sample_table, &sample_common_table};

static int resolve(struct pl_settings_list *list, struct pl_settings_target target[2],
                   struct sample_maker *maker, struct sample_common *common, struct pl_error *err)
{
    target[0] = (struct pl_settings_target){.table = &sample_table, .values = maker};
    target[1] = (struct pl_settings_target){.table = &sample_common_table, .values = common};
    return pl_settings_resolve(list, target, 2, NULL, err);
}

static void test_effective_reads_back(void **state)
{
    (void)state;
    static const char *const set[] = {"account_size=1e6", "maker.offset=-0.30000000000000004",
                                      "base_spread=3ticks",
                                      "symbol=null: \"\\#\xe2\x82\xbf\xef\xbb\xbf'"};
    static const char expected[] = "strategy: maker\n"
                                   "maker:\n"
                                   "  gamma: 0.1 # default\n"
                                   "  levels: 1 # default\n"
                                   "  post_only: true # default\n"
                                   "  queue: power2 # default\n"
                                   "  base_spread: 3ticks # --set\n"
                                   "  symbol: \"null: \\\"\\\\#\xe2\x82\xbf\\ufeff'\" # --set\n"
                                   "  offset: -0.30000000000000004 # --set\n"
                                   "common:\n"
                                   "  account_size: 1000000 # --set\n"
                                   "  offset: 0 # default\n"
                                   "  refresh_ms: 1000 # default\n";
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    struct pl_settings_target target[2];
    struct sample_maker maker, maker_again;
    struct sample_common common, common_again;
    assert_int_equal(pl_settings_list_create(&list), 0);
    for (size_t i = 0; i < PL_COUNT(set); i++) {
        assert_int_equal(pl_settings_list_assign(list, set[i], &err), 0);
    }
    assert_int_equal(resolve(list, target, &maker, &common, &err), 0);
    struct text t;
    text_open(&t);
    assert_int_equal(pl_settings_write_yaml(t.out, "maker", target, 2, true), 0);
    text_done(&t);
    assert_string_equal(t.at, expected);
    pl_settings_list_destroy(&list);

    assert_int_equal(pl_settings_list_create(&list), 0);
    assert_int_equal(pl_yaml_read_text(list, "out.yaml", pl_str(t.at), &err), 0);
    assert_int_equal(resolve(list, target, &maker_again, &common_again, &err), 0);
    assert_int_equal(pl_settings_digest(&sample_table, &maker),
                     pl_settings_digest(&sample_table, &maker_again));
    assert_int_equal(pl_settings_digest(&sample_common_table, &common),
                     pl_settings_digest(&sample_common_table, &common_again));
    pl_settings_list_destroy(&list);
    free(t.at);
}

static void test_quote(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool quoted;
        const char *expected;
    } cases[] = {
        {"5bps", false, "5bps"},
        {"-0.5", false, "-0.5"},
        {"1e-09", false, "1e-09"},
        {"-", false, "\"-\""},
        {"null", false, "\"null\""},
        {"", false, "\"\""},
        {"---", false, "\"---\""},
        {"5", true, "\"5\""},
        {"a b", false, "\"a b\""},
        {"\xc2\xa0", true, "\"\\u00a0\""},
        {"\xf0\x9f\x90\xb3", true, "\"\xf0\x9f\x90\xb3\""},
        {"\xf3\xa0\x80\x81", true, "\"\\U000e0001\""},
    };
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        struct text t;
        text_open(&t);
        pl_settings_write_scalar(t.out, pl_str(cases[i].text), cases[i].quoted);
        text_done(&t);
        assert_string_equal(t.at, cases[i].expected);
        free(t.at);
    }
}

static void on_change(const struct pl_settings_change *change, void *user)
{
    fprintf(user, "%s.%s %s -> %s\n", change->table->section, change->setting->name, change->before,
            change->after);
}

static void test_diff(void **state)
{
    (void)state;
    struct pl_error err = {0};
    struct sample_maker before, after;
    enum pl_reload reload = PL_RELOAD_RESTART;
    assert_int_equal(pl_settings_defaults(&sample_table, &before, &err), 0);
    after = before;
    assert_int_equal(pl_settings_diff(&sample_table, &before, &after, NULL, NULL, &reload), 0);
    assert_int_equal(reload, PL_RELOAD_YES);
    after.gamma = 0.2;
    after.offset = -1;
    struct text t;
    text_open(&t);
    assert_int_equal(pl_settings_diff(&sample_table, &before, &after, on_change, t.out, &reload),
                     2);
    text_done(&t);
    assert_string_equal(t.at, "maker.gamma 0.1 -> 0.2\nmaker.offset 0 -> -1\n");
    assert_int_equal(reload, PL_RELOAD_WARM);
    free(t.at);
}

static void test_help(void **state)
{
    (void)state;
    static const char expected[] =
        "common (--set common.NAME=VALUE, or --set NAME=VALUE):\n"
        "  account_size : required  What the maker may use. [0..1e+12 USD]\n"
        "  offset = 0               Kept aside. [-1000000..1000000 USD]\n"
        "  refresh_ms = 1000        How often quotes are calculated. [10..86400000 ms]\n";
    struct text t;
    text_open(&t);
    assert_int_equal(pl_settings_write_help(t.out, &tables[1], 1), 0);
    text_done(&t);
    assert_string_equal(t.at, expected);
    free(t.at);
}

static void test_markdown(void **state)
{
    (void)state;
    static const char expected[] =
        "## `common`\n\n| name | unit | default | legal | reload | meaning |\n"
        "|---|---|---|---|---|---|\n"
        "| `account_size` | USD | required | 0..1e+12 | next calculation | What the maker may use. "
        "|\n"
        "| `offset` | USD | 0 | -1000000..1000000 | next calculation | Kept aside. |\n"
        "| `refresh_ms` | ms | 1000 | 10..86400000 | restart | How often quotes are calculated. "
        "|\n";
    struct text t;
    text_open(&t);
    assert_int_equal(pl_settings_write_markdown(t.out, &tables[1], 1), 0);
    text_done(&t);
    assert_string_equal(t.at, expected);
    free(t.at);
}

/* The example reads as it is but for required settings; with the '#' away it is all defaults. */
static void test_example(void **state)
{
    (void)state;
    struct pl_error err = {0};
    struct pl_settings_list *list = NULL;
    struct pl_settings_target target[2];
    struct sample_maker maker, defaults;
    struct sample_common common;
    struct text t;
    text_open(&t);
    assert_int_equal(pl_settings_write_example(t.out, "maker", tables, 2), 0);
    text_done(&t);
    assert_int_equal(pl_settings_defaults(&sample_table, &defaults, &err), 0);

    assert_int_equal(pl_settings_list_create(&list), 0);
    assert_int_equal(pl_yaml_read_text(list, "init.yaml", pl_str(t.at), &err), 0);
    assert_int_equal(resolve(list, target, &maker, &common, &err), PL_ERR_INVALID);
    assert_non_null(strstr(err.text, "common.account_size has no value"));
    pl_settings_list_destroy(&list);

    char *required = strstr(t.at, "account_size: # required");
    assert_non_null(required);
    memcpy(required, "account_size: 5         ", 24);
    for (char *c = strstr(t.at, "\n  #"); c != NULL; c = strstr(c, "\n  #")) {
        c[3] = c[4] == ' ' ? '#' : ' '; /* "#name:" loses its '#', a comment keeps it */
        c += 4;
    }
    for (char *c = strstr(t.at, "\n   "); c != NULL; c = strstr(c + 1, "\n   ")) {
        memmove(c + 3, c + 4, strlen(c + 4) + 1); /* back to the section's indentation */
    }
    assert_int_equal(pl_settings_list_create(&list), 0);
    assert_int_equal(pl_yaml_read_text(list, "init.yaml", pl_str(t.at), &err), 0);
    assert_int_equal(resolve(list, target, &maker, &common, &err), 0);
    for (size_t i = 0; i < sample_table.count; i++) {
        assert_non_null(target[0].from[i]);
    }
    assert_int_equal(pl_settings_digest(&sample_table, &maker),
                     pl_settings_digest(&sample_table, &defaults));
    assert_true(common.account_size == 5);
    pl_settings_list_destroy(&list);
    free(t.at);
}

static json_t *at(json_t *json, const char *const *path)
{
    for (size_t i = 0; path[i] != NULL; i++) {
        json = json_object_get(json, path[i]);
        assert_non_null(json);
    }
    return json;
}
#define AT(json, ...) at(json, (const char *const[]){__VA_ARGS__, NULL})

static void test_schema(void **state)
{
    (void)state;
    static const char *const strategies[] = {"maker", NULL};
    struct text t;
    text_open(&t);
    json_error_t trouble;
    assert_int_equal(pl_settings_write_schema(t.out, strategies, tables, 2), 0);
    text_done(&t);
    json_t *schema = json_loads(t.at, JSON_REJECT_DUPLICATES, &trouble);
    assert_non_null(schema);
    json_t *gamma = AT(schema, "$defs", "maker", "properties", "gamma");
    assert_string_equal(json_string_value(AT(gamma, "type")), "number");
    assert_true(json_number_value(AT(gamma, "minimum")) == 1e-9);
    assert_true(json_number_value(AT(gamma, "default")) == 0.1);
    json_t *queue = AT(schema, "$defs", "maker", "properties", "queue");
    assert_int_equal(json_array_size(AT(queue, "enum")), 3);
    assert_string_equal(json_string_value(AT(queue, "default")), "power2");
    json_t *only = AT(schema, "$defs", "maker", "properties", "post_only");
    assert_true(json_is_true(AT(only, "default")));
    json_t *refresh = AT(schema, "$defs", "common", "properties", "refresh_ms");
    assert_int_equal(json_integer_value(AT(refresh, "maximum")), 86400000);
    assert_true(json_is_false(AT(schema, "$defs", "common", "additionalProperties")));
    assert_int_equal(json_array_size(AT(schema, "properties", "offset", "anyOf")), 2);
    assert_string_equal(json_string_value(AT(schema, "properties", "common", "$ref")),
                        "#/$defs/common");
    assert_int_equal(json_array_size(AT(schema, "properties", "strategy", "enum")), 1);
    json_decref(schema);
    free(t.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_effective_reads_back),
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_diff),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
