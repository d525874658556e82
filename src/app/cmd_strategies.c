/* plimsoll strategies: what can be traded with, and the settings of each. */
#include "app/app.h"

#include "backtest/settings.h"
#include "settings/pages.h"
#include "strategy/strategy.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void usage(FILE *out)
{
    (void)fprintf(out,
                  "usage: plimsoll strategies [NAME] [--json]\n"
                  "\n"
                  "Lists the strategies, or the settings of one (and of the section backtest).\n"
                  "\n"
                  "example: plimsoll strategies avellaneda\n");
}

static json_t *settings_json(const struct pl_settings_table *table)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < table->count; i++) {
        const struct pl_setting *s = &table->row[i];
        (void)json_array_append_new(rows,
                                    json_pack("{s:s, s:s, s:s?, s:s}", "name", s->name, "unit",
                                              s->unit, "default", s->def, "help", s->help));
    }
    return rows;
}

static void list_json(void)
{
    json_t *all = json_array();
    for (size_t i = 0; pl_strategies[i] != NULL; i++) {
        const struct pl_strategy *s = pl_strategies[i];
        (void)json_array_append_new(all,
                                    json_pack("{s:s, s:s, s:o}", "name", s->name, "summary",
                                              s->summary, "settings", settings_json(s->settings)));
    }
    (void)json_dumpf(all, stdout, JSON_COMPACT);
    (void)putchar('\n');
    json_decref(all);
}

int pl_cmd_strategies(int argc, char **argv)
{
    struct pl_error err = {0};
    const char *name = NULL;
    bool json = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            usage(stdout);
            return 0;
        }
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
        } else if (argv[i][0] == '-' || name != NULL) {
            (void)pl_error_set(&err, PL_ERR_USAGE, "%s: not understood; see --help", argv[i]);
            return pl_app_fail("strategies", &err);
        } else {
            name = argv[i];
        }
    }
    if (json) {
        list_json();
        return 0;
    }
    if (name == NULL) {
        for (size_t i = 0; pl_strategies[i] != NULL; i++) {
            (void)printf("%-12s %s\n", pl_strategies[i]->name, pl_strategies[i]->summary);
        }
        (void)printf("\nplimsoll strategies NAME shows the settings of one.\n");
        return 0;
    }
    const struct pl_strategy *s = pl_strategy_find(name);
    if (s == NULL) {
        (void)pl_error_set(&err, PL_ERR_INVALID, "no strategy %s; plimsoll strategies lists them",
                           name);
        return pl_app_fail("strategies", &err);
    }
    (void)printf("%s: %s\n\n", s->name, s->summary);
    const struct pl_settings_table *const tables[] = {s->settings, &pl_backtest_settings_table};
    int rc = pl_settings_write_help(stdout, tables, 2);
    if (rc < 0) {
        (void)pl_error_set(&err, rc, "the output could not be written");
        return pl_app_fail("strategies", &err);
    }
    return 0;
}
