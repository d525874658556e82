#include "app/run_args.h"

#include "base/assert.h"
#include "settings/env.h"
#include "settings/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
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
    OPT_FILLS,
    OPT_LOG,
    OPT_LOG_LEVEL,
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
    {"--fills", OPT_FILLS, true},
    {"--log", OPT_LOG, true},
    {"--log-level", OPT_LOG_LEVEL, true},
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
    PL_ASSERT(text != NULL); /* the table says that these take a value */
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
    if (args->run.source_count == PL_ARGS_SOURCES_MAX) {
        return pl_error_set(err, PL_ERR_USAGE, "more than %d data sources", PL_ARGS_SOURCES_MAX);
    }
    args->run.source[args->run.source_count++] = (struct pl_args_source){.lead = lead};
    return 0;
}

static int add_file(struct pl_run_args *args, const char *file, struct pl_error *err)
{
    if (args->run.source_count == 0) {
        return pl_error_set(err, PL_ERR_USAGE, "%s: say --data before file names", file);
    }
    struct pl_args_source *s = &args->run.source[args->run.source_count - 1];
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
        args->run.strategy = value;
        return 0;
    case OPT_CONFIG:
        args->config = value;
        return pl_yaml_read_file(args->run.list, value, err);
    case OPT_SET:
        return pl_settings_list_assign(args->run.list, value, err);
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
    case OPT_FILLS:
        args->fills = value;
        return 0;
    case OPT_LOG:
        args->log_path = value;
        return 0;
    case OPT_LOG_LEVEL:
        return pl_log_level_parse(value, &args->log_level)
                   ? 0
                   : pl_error_set(err, PL_ERR_USAGE, "--log-level %s: debug, info, warn or error",
                                  value);
    case OPT_CLOCK:
        args->run.clock = value;
        return 0;
    case OPT_SYMBOL:
        args->run.symbol = value;
        return 0;
    case OPT_FROM:
        args->run.from = value;
        return 0;
    case OPT_TO:
        args->run.to = value;
        return 0;
    case OPT_TILE:
        return parse_count("--tile", value, 100000, &args->run.tile, err);
    case OPT_WORKERS:
        return parse_count("--workers", value, 64, &args->workers, err);
    case OPT_TOP:
        return parse_count("--top", value, 1000000, &args->top, err);
    case OPT_JSON:
        args->json = true;
        return 0;
    case OPT_NO_REPORT:
        args->run.no_report = true;
        return 0;
    case OPT_PRELOAD:
        args->run.preload = true;
        return 0;
    case OPT_TRADE_ALL:
        args->run.trade_all = true;
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
    *args =
        (struct pl_run_args){.run = {.tile = 1}, .workers = 1, .top = 10, .log_level = PL_LOG_INFO};
    int rc = pl_settings_list_create(&args->run.list);
    if (rc < 0) {
        return pl_error_set(err, rc, "out of memory");
    }
    for (int i = 1; rc == 0 && i < argc; i++) {
        rc = parse_one(args, argc, argv, &i, err);
    }
    rc = rc < 0 ? rc : pl_environment_read(args->run.list, environ, err);
    for (uint32_t i = 0; rc == 0 && i < args->run.source_count; i++) {
        if (args->run.source[i].file_count == 0) {
            rc = pl_error_set(err, PL_ERR_USAGE, "%s needs a file",
                              args->run.source[i].lead ? "--lead" : "--data");
        }
    }
    if (rc == 0 && args->fills != NULL && args->sweep_count > 0) {
        rc = pl_error_set(err, PL_ERR_USAGE,
                          "--fills is for one run: run the chosen set alone, it fills the same");
    }
    if (rc == 0 && args->log_path != NULL && args->sweep_count > 0) {
        rc = pl_error_set(err, PL_ERR_USAGE, "--log is for one run: run the chosen set alone");
    }
    if (rc < 0) {
        pl_run_args_fini(args);
    }
    return rc;
}

void pl_run_args_fini(struct pl_run_args *args)
{
    pl_settings_list_destroy(&args->run.list);
}

/* Where results go and how they are shown does not belong to the run: how many words to pass over. */
static int words_aside(const char *arg)
{
    static const char *const with_value[] = {"--out", "--db", "--fills", "--log", "--log-level"};
    for (size_t i = 0; i < PL_COUNT(with_value); i++) {
        size_t size = strlen(with_value[i]);
        if (strncmp(arg, with_value[i], size) == 0 && (arg[size] == 0 || arg[size] == '=')) {
            return arg[size] == 0 ? 2 : 1;
        }
    }
    return strcmp(arg, "--json") == 0 || strcmp(arg, "--quiet") == 0 ? 1 : 0;
}

char *pl_command_line(int argc, char **argv)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return NULL;
    }
    (void)fputs("plimsoll", out);
    for (int i = 0; i < argc; i++) {
        int words = words_aside(argv[i]);
        if (words > 0) {
            i += words - 1;
            continue;
        }
        bool plain = argv[i][0] != 0;
        for (const char *c = argv[i]; *c != 0; c++) {
            plain = plain && (isalnum((unsigned char)*c) || strchr("-_./=:,+%@", *c) != NULL);
        }
        const char *slash = argv[i][0] != '-' ? strrchr(argv[i], '/') : NULL;
        const char *shown = slash != NULL ? slash + 1 : argv[i]; /* no folders of this machine */
        (void)fprintf(out, plain ? " %s" : " '%s'", shown);
    }
    return fclose(out) == 0 ? text : NULL;
}
