/* .env lines and the process environment to entries. */
#include "base/assert.h"
#include "settings/env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Entries as "line NAME=value;", or the words of the refusal. */
static const struct {
    const char *text, *entries, *words;
} cases[] = {
    {"", "", NULL},
    {"\n# a comment\n   # another\n\n", "", NULL},
    {"A=1\nB=2", "1 A=1;2 B=2;", NULL},
    {"A=1\r\nB=2\r\n", "1 A=1;2 B=2;", NULL},
    {"\xef\xbb\xbf"
     "A=1\n",
     "1 A=1;", NULL},
    {"  A  =  1  \n", "1 A=1;", NULL},
    {"A = two words # comment\n", "1 A=two words;", NULL},
    {"A=a#b #c\n", "1 A=a#b;", NULL},
    {"A=#c\nB= #c\n", "", NULL},
    {"export A=1\nexport B = 2\n", "1 A=1;2 B=2;", NULL},
    {"export=1\nexport =2\n", "1 export=1;2 export=2;", NULL},
    {"A='x #\\n \"y\"'\n", "1 A=x #\\n \"y\";", NULL},
    {"A=\"x\\n\\\"y\\\" \\$z \\q\" # c\n", "1 A=x\n\"y\" $z \\q;", NULL},
    {"A=\"one\ntwo\"\nB=3\n", "1 A=one\ntwo;3 B=3;", NULL},
    {"A=\nB=\"\"\nC=''\n", "2 B=;3 C=;", NULL},
    {"A=b=c\n", "1 A=b=c;", NULL},
    {"A\n", NULL, "f.env:1: a line is NAME=value, a # comment, or empty"},
    {"ok=1\n=x\n", NULL, "f.env:2: a line is NAME=value, a # comment, or empty"},
    {"A B=1\n", NULL, "f.env:1: a line is NAME=value, a # comment, or empty"},
    {"A=1\nB=\"x\n\n", NULL, "f.env:2: a quote is opened here and never closed"},
    {"A='x' y\n", NULL, "f.env:1: text behind the closing quote"},
};

static void print_entries(const struct pl_settings_list *list, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < pl_settings_list_count(list); i++) {
        const struct pl_settings_entry *e = pl_settings_list_at(list, i);
        assert_int_equal(e->layer, PL_LAYER_DOTENV);
        used += (size_t)snprintf(out + used, size - used, "%d %s=%s;", e->origin.line, e->written,
                                 e->value.at);
    }
}

static void test_dotenv_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        struct pl_settings_list *list = NULL;
        struct pl_error err = {0};
        char entries[1000];
        assert_int_equal(pl_settings_list_create(&list), 0);
        int rc = pl_dotenv_read_text(list, "f.env", pl_str(cases[i].text), &err);
        if (cases[i].words != NULL) {
            assert_int_equal(rc, PL_ERR_INVALID);
            assert_string_equal(err.text, cases[i].words);
        } else {
            assert_string_equal(err.text, "");
            print_entries(list, entries, sizeof entries);
            assert_string_equal(entries, cases[i].entries);
        }
        pl_settings_list_destroy(&list);
    }
}

/* A refusal must not repeat what may be a secret. */
static void test_secrets_stay_out_of_errors(void **state)
{
    (void)state;
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    assert_int_equal(pl_settings_list_create(&list), 0);
    assert_int_equal(pl_dotenv_read_text(list, "f.env", pl_str("API_SECRET='hunter2' x\n"), &err),
                     PL_ERR_INVALID);
    assert_null(strstr(err.text, "hunter2"));
    pl_settings_list_destroy(&list);
}

static void test_environment(void **state)
{
    (void)state;
    char a[] = "PLIMSOLL_AVELLANEDA_GAMMA=0.5", b[] = "PATH=/bin", c[] = "PLIMSOLL_EMPTY=";
    char *variables[] = {a, b, c, NULL};
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    assert_int_equal(pl_settings_list_create(&list), 0);
    assert_int_equal(pl_environment_read(list, variables, &err), 0);
    assert_int_equal(pl_settings_list_count(list), 1);
    const struct pl_settings_entry *e = pl_settings_list_at(list, 0);
    assert_int_equal(e->layer, PL_LAYER_ENVIRONMENT);
    assert_string_equal(e->written, "PLIMSOLL_AVELLANEDA_GAMMA");
    assert_string_equal(e->value.at, "0.5");
    assert_string_equal(e->origin.what, "environment variable PLIMSOLL_AVELLANEDA_GAMMA");
    pl_settings_list_destroy(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dotenv_forms),
        cmocka_unit_test(test_secrets_stay_out_of_errors),
        cmocka_unit_test(test_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
