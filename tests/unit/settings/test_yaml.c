/* YAML to entries: what each form becomes, and where a refusal points. */
#include "base/assert.h"
#include "settings/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* Entries as "line section.name=value;", or the words of the refusal. */
static const struct {
    const char *text, *entries, *words;
} cases[] = {
    {"", "", NULL},
    {"# nothing\n", "", NULL},
    {"---\n...\n", "", NULL},
    {"{}\n", "", NULL},
    {"strategy: avellaneda\ngamma: 0.1\n", "1 strategy=avellaneda;2 gamma=0.1;", NULL},
    {"common:\n  levels: 3\n\n  post_only: yes\ngamma: 1\n",
     "2 common.levels=3;4 common.post_only=yes;5 gamma=1;", NULL},
    {"{\"common\": {\"levels\": 3}}", "1 common.levels=3;", NULL},
    {"a: 'x: #y'\nb: \"q\\\"\\u20bf\"\n", "1 a=x: #y;2 b=q\"\xe2\x82\xbf;", NULL},
    {"a: \"\"\n", "1 a=;", NULL},
    {"a: |\n  one\n  two\n", "1 a=one\ntwo\n;", NULL},
    {"markets: [BTCUSDT, ETHUSDT]\n", "1 markets=BTCUSDT,ETHUSDT;", NULL},
    {"markets:\n- BTCUSDT\n- ETHUSDT\n", "1 markets=BTCUSDT,ETHUSDT;", NULL},
    {"a: []\n", "1 a=;", NULL},
    {"common:\n# all defaults\ngamma:\n", "1 common=(empty);3 gamma=(empty);", NULL},
    {"a: 1\r\nb: 2\r\n", "1 a=1;2 b=2;", NULL},
    {"gamma: 1\nlevels: 2\ngamma: 3\n", NULL, "f.yaml:3:1: gamma is given twice: first on line 1"},
    {"post_only: 1\nPost-Only: 0\n", NULL, "f.yaml:2:1: Post-Only is given twice: first on line 1"},
    {"common:\n  levels: 1\n  levels: 1\n", NULL,
     "f.yaml:3:3: levels is given twice: first on line 2"},
    {"common:\n  levels: 1\nCommon:\n  gamma: 1\n", NULL,
     "f.yaml:3:1: Common is given twice: its section began by line 2"},
    {"a: &x 1\nb: *x\n", NULL, "f.yaml:1:7: anchors and tags are not understood here"},
    {"a: !!str 1\n", NULL, "f.yaml:1:10: anchors and tags are not understood here"},
    {"a:\n  b:\n    c: 1\n", NULL, "f.yaml:3:5: one value is expected here, not a mapping"},
    {"a: [[1]]\n", NULL, "f.yaml:1:5: a list holds plain values here"},
    {"a: ['b,c']\n", NULL, "f.yaml:1:6: an item of a list is not empty and holds no comma"},
    {"- a\n- b\n", NULL, "f.yaml:1:1: settings are written as `name: value`"},
    {"gamma\n", NULL, "f.yaml:1:1: settings are written as `name: value`"},
    {"? [a]\n: 1\n", NULL, "f.yaml:1:3: a name is expected here"},
    {"a: 1\n---\nb: 2\n", NULL, "f.yaml:2:1: a second document: one file holds one"},
    {"a: 1\nb: [1\nc: 2\n", NULL, "f.yaml:3:"},
    {"a: 1\n  b: 2\n", NULL, "f.yaml:1:4: not YAML: "},
    {"a: 1\nb: \xff\n", NULL, "f.yaml:2:4: a byte that is neither text nor UTF-8"},
    {"a: \x01\n", NULL, "f.yaml:1:4: a byte that is neither text nor UTF-8"},
};

static void print_entries(const struct pl_settings_list *list, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < pl_settings_list_count(list); i++) {
        const struct pl_settings_entry *e = pl_settings_list_at(list, i);
        assert_int_equal(e->layer, PL_LAYER_YAML);
        assert_string_equal(e->origin.what, "f.yaml");
        used += (size_t)snprintf(out + used, size - used, "%d %s=%s;", e->origin.line, e->written,
                                 e->empty ? "(empty)" : e->value.at);
    }
}

static void test_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        struct pl_settings_list *list = NULL;
        struct pl_error err = {0};
        char entries[1000];
        assert_int_equal(pl_settings_list_create(&list), 0);
        int rc = pl_yaml_read_text(list, "f.yaml", pl_str(cases[i].text), &err);
        if (cases[i].words != NULL) {
            assert_int_equal(rc, PL_ERR_INVALID);
            if (strncmp(err.text, cases[i].words, strlen(cases[i].words)) != 0) {
                assert_string_equal(err.text, cases[i].words);
            }
        } else {
            assert_string_equal(err.text, "");
            assert_int_equal(rc, 0);
            print_entries(list, entries, sizeof entries);
            assert_string_equal(entries, cases[i].entries);
        }
        pl_settings_list_destroy(&list);
        assert_null(list);
    }
}

static void test_files(void **state)
{
    (void)state;
    char path[] = "/tmp/plimsoll_yaml_XXXXXX";
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "gamma: 2\n", 9), 9);
    assert_int_equal(pl_settings_list_create(&list), 0);
    assert_int_equal(pl_yaml_read_file(list, path, &err), 0);
    assert_int_equal(pl_settings_list_count(list), 1);
    assert_string_equal(pl_settings_list_at(list, 0)->origin.what, path);
    assert_int_equal(ftruncate(fd, (off_t)PL_YAML_SIZE_MAX + 1), 0);
    assert_int_equal(pl_yaml_read_file(list, path, &err), PL_ERR_LIMIT);
    assert_non_null(strstr(err.text, path));
    close(fd);
    unlink(path);
    assert_int_equal(pl_yaml_read_file(list, path, &err), PL_ERR_NOTFOUND);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(pl_yaml_read_file(list, "/", &err), PL_ERR_IO);
    pl_settings_list_destroy(&list);
}

/* Nested so deep that a recursive reader would run out of stack: refused, not crashed. */
static void test_depth(void **state)
{
    (void)state;
    static char text[40000];
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    memset(text, '[', sizeof text);
    memcpy(text, "a: ", 3);
    assert_int_equal(pl_settings_list_create(&list), 0);
    assert_int_equal(pl_yaml_read_text(list, "f.yaml", (struct pl_str){text, sizeof text}, &err),
                     PL_ERR_INVALID);
    assert_true(strlen(err.text) > 10);
    pl_settings_list_destroy(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
