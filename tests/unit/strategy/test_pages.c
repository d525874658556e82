/* The settings tables on docs/strategies are what the program has: printed and compared. */
#include "settings/pages.h"

#include "maker.h"

static char *read_all(FILE *in)
{
    char *text = calloc(1, 1 << 20);
    size_t size = fread(text, 1, (1 << 20) - 1, in);
    assert_in_range(size, 1, (1 << 20) - 2);
    return text;
}

static void test_tables_on_pages(void **state)
{
    (void)state;
    static const struct pl_strategy *const strategies[] = {
        &pl_strategy_spread, &pl_strategy_avellaneda, &pl_strategy_skew, &pl_strategy_inventory};
    for (size_t i = 0; i < sizeof strategies / sizeof strategies[0]; i++) {
        char path[512];
        size_t tests = strlen(PL_TEST_DATA) - strlen("/data"); /* the folder need not be there */
        (void)snprintf(path, sizeof path, "%.*s/../docs/strategies/%s.md", (int)tests, PL_TEST_DATA,
                       strategies[i]->name);
        FILE *page = fopen(path, "r"), *table = tmpfile();
        assert_non_null(page);
        assert_non_null(table);
        const struct pl_settings_table *const tables[] = {strategies[i]->settings};
        assert_int_equal(pl_settings_write_markdown(table, tables, 1), 0);
        rewind(table);
        char *text = read_all(page), *want = read_all(table);
        for (char *rest = want, *line; (line = strtok_r(rest, "\n", &rest)) != NULL;) {
            if (line[0] == '|' && strstr(text, line) == NULL) {
                fail_msg("docs/strategies/%s.md lacks: %s", strategies[i]->name, line);
            }
        }
        free(text);
        free(want);
        (void)fclose(page);
        (void)fclose(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables_on_pages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
