#include "app/run_args.h"

#include "base/assert.h"
#include "settings/env.h"
#include "settings/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

enum option {
    OPT_DATA,
    OPT_LEAD,
    OPT_STRATEGY,
    OPT_CONFIG,
    OPT_SET,
    OPT_SWEEP,
    OPT_OUT,
    OPT_DB,
    OPT_CLOCK,
    OPT_SYMBOL,
    OPT_FROM,
    OPT_TO,
    OPT_TILE,
    OPT_WORKERS,
    OPT_TOP,
    OPT_JSON,
    OPT_NO_REPORT,
    OPT_PRELOAD,
    OPT_TRADE_ALL,
    OPT_QUIET,
    OPT_HELP,
};

static const struct {
    const char *name;
    enum option option;
    bool takes_value;
} options[] = {
    {"--data", OPT_DATA, false},
    {"--lead", OPT_LEAD, false},
    {"--strategy", OPT_STRATEGY, true},
    {"--config", OPT_CONFIG, true},
    {"--set", OPT_SET, true},
    {"--sweep", OPT_SWEEP, true},
    {"--out", OPT_OUT, true},
    {"--db", OPT_DB, true},
    {"--clock", OPT_CLOCK, true},
    {"--symbol", OPT_SYMBOL, true},
    {"--from", OPT_FROM, true},
    {"--to", OPT_TO, true},
    {"--tile", OPT_TILE, true},
    {"--workers", OPT_WORKERS, true},
    {"--top", OPT_TOP, true},
    {"--json", OPT_JSON, false},
    {"--no-report", OPT_NO_REPORT, false},
    {"--preload", OPT_PRELOAD, false},
    {"--trade-all", OPT_TRADE_ALL, false},
    {"--quiet", OPT_QUIET, false},
    {"--help", OPT_HELP, false},
    {"-h", OPT_HELP, false},
};

static int parse_count(const char *name, const char *text, uint32_t max, uint32_t *out,
                       struct pl_error *err)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || value < 1 || value > max) {
        return pl_error_set(err, PL_ERR_USAGE, "%s %s: a whole number from 1 to %u is needed", name,
                            text, max);
    }
    *out = (uint32_t)value;
    return 0;
}

static int start_source(struct pl_run_args *args, bool lead, struct pl_error *err)
{
    if (args->source_count == PL_ARGS_SOURCES_MAX) {
        return pl_error_set(err, PL_ERR_USAGE, "more than %d data sources", PL_ARGS_SOURCES_MAX);
    }
    args->source[args->source_count++] = (struct pl_args_source){.lead = lead};
    return 0;
}

static int add_file(struct pl_run_args *args, const char *file, struct pl_error *err)
{
    if (args->source_count == 0) {
        return pl_error_set(err, PL_ERR_USAGE, "%s: say --data before file names", file);
    }
    struct pl_args_source *s = &args->source[args->source_count - 1];
    if (s->file_count == PL_ARGS_FILES_MAX) {
        return pl_error_set(err, PL_ERR_USAGE, "more than %d files in one source",
                            PL_ARGS_FILES_MAX);
    }
    s->file[s->file_count++] = file;
    return 0;
}

static int take(struct pl_run_args *args, enum option option, const char *value,
                struct pl_error *err)
{
    switch (option) {
    case OPT_DATA:
    case OPT_LEAD:
        return start_source(args, option == OPT_LEAD, err);
    case OPT_STRATEGY:
        args->strategy = value;
        return 0;
    case OPT_CONFIG:
        args->config = value;
        return pl_yaml_read_file(args->list, value, err);
    case OPT_SET:
        return pl_settings_list_assign(args->list, value, err);
    case OPT_SWEEP:
        if (args->sweep_count == PL_ARGS_SWEEP_MAX) {
            return pl_error_set(err, PL_ERR_USAGE, "more than %d --sweep", PL_ARGS_SWEEP_MAX);
        }
        args->sweep[args->sweep_count++] = value;
        return 0;
    case OPT_OUT:
        args->out_dir = value;
        return 0;
    case OPT_DB:
        args->db = value;
        return 0;
    case OPT_CLOCK:
        args->clock = value;
        return 0;
    case OPT_SYMBOL:
        args->symbol = value;
        return 0;
    case OPT_FROM:
        args->from = value;
        return 0;
    case OPT_TO:
        args->to = value;
        return 0;
    case OPT_TILE:
        return parse_count("--tile", value, 100000, &args->tile, err);
    case OPT_WORKERS:
        return parse_count("--workers", value, 64, &args->workers, err);
    case OPT_TOP:
        return parse_count("--top", value, 1000000, &args->top, err);
    case OPT_JSON:
        args->json = true;
        return 0;
    case OPT_NO_REPORT:
        args->no_report = true;
        return 0;
    case OPT_PRELOAD:
        args->preload = true;
        return 0;
    case OPT_TRADE_ALL:
        args->trade_all = true;
        return 0;
    case OPT_QUIET:
        args->quiet = true;
        return 0;
    case OPT_HELP:
        args->help = true;
        return 0;
    }
    return 0;
}

static int parse_one(struct pl_run_args *args, int argc, char **argv, int *i, struct pl_error *err)
{
    const char *arg = argv[*i];
    if (arg[0] != '-' || arg[1] == 0) {
        return add_file(args, arg, err);
    }
    const char *equals = strchr(arg, '=');
    size_t size = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
    for (size_t k = 0; k < PL_COUNT(options); k++) {
        if (strlen(options[k].name) != size || strncmp(options[k].name, arg, size) != 0) {
            continue;
        }
        if (!options[k].takes_value) {
            int rc = take(args, options[k].option, NULL, err);
            bool is_file = options[k].option == OPT_DATA || options[k].option == OPT_LEAD;
            if (rc == 0 && equals != NULL) {
                rc = is_file
                         ? add_file(args, equals + 1, err)
                         : pl_error_set(err, PL_ERR_USAGE, "%s takes no value", options[k].name);
            }
            return rc;
        }
        if (equals == NULL && *i + 1 >= argc) {
            return pl_error_set(err, PL_ERR_USAGE, "%s needs a value", options[k].name);
        }
        return take(args, options[k].option, equals != NULL ? equals + 1 : argv[++*i], err);
    }
    return pl_error_set(err, PL_ERR_USAGE, "%s: no such option; --help lists them", arg);
}

int pl_run_args_parse(struct pl_run_args *args, int argc, char **argv, struct pl_error *err)
{
    *args = (struct pl_run_args){.tile = 1, .workers = 1, .top = 10};
    int rc = pl_settings_list_create(&args->list);
    if (rc < 0) {
        return pl_error_set(err, rc, "out of memory");
    }
    for (int i = 1; rc == 0 && i < argc; i++) {
        rc = parse_one(args, argc, argv, &i, err);
    }
    rc = rc < 0 ? rc : pl_environment_read(args->list, environ, err);
    for (uint32_t i = 0; rc == 0 && i < args->source_count; i++) {
        if (args->source[i].file_count == 0) {
            rc = pl_error_set(err, PL_ERR_USAGE, "%s needs a file",
                              args->source[i].lead ? "--lead" : "--data");
        }
    }
    if (rc < 0) {
        pl_run_args_fini(args);
    }
    return rc;
}

void pl_run_args_fini(struct pl_run_args *args)
{
    pl_settings_list_destroy(&args->list);
}

/* ---- settings ------------------------------------------------------------------------------- */

static int find_strategy(const struct pl_run_args *args, const struct pl_strategy **out,
                         struct pl_error *err)
{
    char name[64];
    struct pl_str chosen = {"", 0};
    struct pl_setting_origin origin = {"--strategy", 0};
    if (args->strategy != NULL) {
        chosen = pl_str(args->strategy);
    } else {
        int rc = pl_settings_list_strategy(args->list, &chosen, &origin, err);
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

int pl_run_settings_resolve(const struct pl_run_args *args, const char *const *extra,
                            uint32_t extra_count, struct pl_run_settings *out, struct pl_error *err)
{
    *out = (struct pl_run_settings){0};
    int rc = find_strategy(args, &out->strategy, err);
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
    rc = copy_entries(args->list, list, err);
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
