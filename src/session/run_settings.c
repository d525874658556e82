#include "session/run_settings.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

static int find_strategy(const struct pl_run_options *options, const struct pl_strategy **out,
                         struct pl_error *err)
{
    char name[64];
    struct pl_str chosen = {"", 0};
    struct pl_setting_origin origin = {"--strategy", 0};
    if (options->strategy != NULL) {
        chosen = pl_str(options->strategy);
    } else {
        int rc = pl_settings_list_strategy(options->list, &chosen, &origin, err);
        if (rc < 0) {
            return rc;
        }
    }
    if (chosen.size == 0) {
        return pl_error_set(err, PL_ERR_USAGE,
                            "which strategy? say --strategy NAME; plimsoll strategies lists them");
    }
    size_t size = chosen.size < sizeof name - 1 ? chosen.size : sizeof name - 1;
    memcpy(name, chosen.at, size);
    name[size] = 0;
    *out = pl_strategy_find(name);
    return *out != NULL ? 0
                        : pl_error_set(err, PL_ERR_INVALID,
                                       "no strategy %s; plimsoll strategies lists them", name);
}

static int copy_entries(const struct pl_settings_list *from, struct pl_settings_list *to,
                        struct pl_error *err)
{
    for (size_t i = 0; i < pl_settings_list_count(from); i++) {
        int rc = pl_settings_list_add(to, pl_settings_list_at(from, i), err);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

static int resolve(const struct pl_settings_list *list, struct pl_run_settings *out,
                   struct pl_error *err)
{
    struct pl_settings_target target[32];
    size_t count = 0;
    target[count++] =
        (struct pl_settings_target){.table = out->strategy->settings, .values = out->params};
    target[count++] =
        (struct pl_settings_target){.table = &pl_backtest_settings_table, .values = &out->backtest};
    for (size_t i = 0; pl_strategies[i] != NULL && count < PL_COUNT(target); i++) {
        if (pl_strategies[i] != out->strategy) { /* known, not in use */
            target[count++] = (struct pl_settings_target){.table = pl_strategies[i]->settings};
        }
    }
    int rc = pl_settings_resolve(list, target, count, NULL, err);
    out->target[0] = target[0];
    out->target[1] = target[1];
    return rc;
}

int pl_run_settings_resolve(const struct pl_run_options *options, const char *const *extra,
                            uint32_t extra_count, struct pl_run_settings *out, struct pl_error *err)
{
    *out = (struct pl_run_settings){0};
    int rc = find_strategy(options, &out->strategy, err);
    if (rc < 0) {
        return rc;
    }
    struct pl_settings_list *list = NULL;
    out->params = calloc(1, out->strategy->settings->struct_size);
    rc = out->params != NULL ? pl_settings_list_create(&list) : PL_ERR_NOMEM;
    if (rc < 0) {
        pl_run_settings_fini(out);
        return pl_error_set(err, rc, "out of memory");
    }
    rc = copy_entries(options->list, list, err);
    for (uint32_t i = 0; rc == 0 && i < extra_count; i++) {
        rc = pl_settings_list_assign(list, extra[i], err);
    }
    rc = rc < 0 ? rc : resolve(list, out, err);
    for (int i = 0; i < 2; i++) { /* the entries go with the list */
        memset(out->target[i].from, 0, sizeof out->target[i].from);
    }
    pl_settings_list_destroy(&list);
    if (rc < 0) {
        pl_run_settings_fini(out);
    }
    return rc;
}

void pl_run_settings_fini(struct pl_run_settings *settings)
{
    free(settings->params);
    settings->params = NULL;
}
