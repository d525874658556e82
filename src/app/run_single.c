#include "app/run_single.h"

#include "app/progress.h"
#include "base/assert.h"
#include "base/hash.h"
#include "settings/effective.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        /* Where results go and how they are shown does not belong to the run. */
        if (strcmp(argv[i], "--out") == 0 || strcmp(argv[i], "--db") == 0) {
            i++;
            continue;
        }
        if (strncmp(argv[i], "--out=", 6) == 0 || strncmp(argv[i], "--db=", 5) == 0 ||
            strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--quiet") == 0) {
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

static uint32_t choose_makers(const struct pl_single *s, const struct pl_run_args *args,
                              struct pl_backtest_maker *maker)
{
    int32_t lead = -1;
    for (uint32_t i = 0; i < s->data.market_count; i++) {
        lead = s->data.lead[i] && lead < 0 ? (int32_t)i : lead;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->data.market_count; i++) {
        if (!s->data.lead[i] && (count == 0 || args->trade_all)) {
            maker[count++] = (struct pl_backtest_maker){.strategy = s->settings.strategy,
                                                        .params = s->settings.params,
                                                        .market = i,
                                                        .lead_market = lead};
        }
    }
    return count;
}

static int write_yaml(struct pl_single *s, char **out, struct pl_error *err)
{
    size_t size = 0;
    FILE *file = open_memstream(out, &size);
    int rc = file != NULL ? 0 : PL_ERR_NOMEM;
    if (rc == 0) {
        rc = pl_settings_write_yaml(file, s->settings.strategy->name, s->settings.target, 2, false);
        rc = fclose(file) == 0 ? rc : PL_ERR_IO;
    }
    return rc < 0 ? pl_error_set(err, rc, "the settings could not be written") : 0;
}

static void describe_model(struct pl_single *s)
{
    const struct pl_backtest_settings *b = &s->settings.backtest;
    const struct pl_setting *row = pl_settings_find(&pl_backtest_settings_table, pl_str("queue"));
    char queue[64];
    (void)pl_settings_print(row, b, queue, sizeof queue);
    bool compat = b->compat != PL_COMPAT_NONE;
    (void)snprintf(s->run.fill_model, sizeof s->run.fill_model, "tick, queue %s%s", queue,
                   compat ? ", as hftbacktest" : "");
    (void)snprintf(s->run.bias, sizeof s->run.bias, "%s",
                   compat ? "whole orders fill at a touch and one displayed unit can fill many "
                            "orders: too many fills (docs/fills.md)"
                          : "our orders do not move the market, and who cancels ahead of us is a "
                            "model: fills are likelier than live (docs/fills.md)");
}

/* The same run gives the same name: strategy, and a digest of data, settings and requests. */
static void name_run(struct pl_single *s)
{
    uint64_t settings = pl_settings_digest(s->settings.strategy->settings, s->settings.params);
    settings = pl_digest_u64(
        settings, pl_settings_digest(&pl_backtest_settings_table, &s->settings.backtest));
    s->run.settings_digest = settings;
    s->run.data_digest = s->data.digest;
    uint64_t id = pl_digest_u64(pl_digest_u64(settings, s->data.digest), s->backtest.digest);
    (void)snprintf(s->run.id, sizeof s->run.id, "%.20s-%012llx", s->settings.strategy->name,
                   (unsigned long long)(id >> 16));
    (void)snprintf(s->run.version, sizeof s->run.version, "%s", PL_VERSION);
    (void)snprintf(s->run.strategy, sizeof s->run.strategy, "%s", s->settings.strategy->name);
    (void)snprintf(s->run.data, sizeof s->run.data, "%s", s->data.names);
}

static int finish(struct pl_single *s, const char *command, struct pl_error *err)
{
    int rc =
        pl_recorder_finish(s->recorder, &s->backtest, s->settings.backtest.book_size, &s->run, err);
    rc = rc < 0 ? rc : write_yaml(s, &s->run.settings_yaml, err);
    if (rc < 0) {
        return rc;
    }
    s->run.command = command != NULL ? strdup(command) : NULL;
    s->run.wall_seconds = s->seconds;
    describe_model(s);
    name_run(s);
    return pl_derive(&s->run, &s->derived, err);
}

int pl_single_run(struct pl_single *s, const struct pl_run_args *args, const char *command,
                  struct pl_error *err)
{
    *s = (struct pl_single){0};
    int rc = pl_run_settings_resolve(args, NULL, 0, &s->settings, err);
    rc = rc < 0 ? rc : pl_run_data_open(&s->data, args, &s->settings, err);
    if (rc == 0 && !args->no_report) {
        rc = pl_recorder_create(&s->recorder, err);
    }
    if (rc < 0) {
        pl_single_fini(s);
        return rc;
    }
    struct pl_backtest_maker maker[PL_RUN_MARKETS_MAX];
    uint32_t count = choose_makers(s, args, maker);
    if (count == 0) {
        pl_single_fini(s);
        return pl_error_set(err, PL_ERR_USAGE, "nothing to trade: every source is a --lead");
    }
    struct pl_progress progress;
    pl_progress_start(&progress, "backtest", !args->quiet && !args->json,
                      s->data.source[0].source->msg_total);
    struct pl_backtest_spec spec = {.settings = &s->settings.backtest,
                                    .source = s->data.source,
                                    .source_count = s->data.source_count,
                                    .inst = s->data.inst,
                                    .market_count = s->data.market_count,
                                    .maker = maker,
                                    .maker_count = count,
                                    .universe_count = 1,
                                    .recorder = s->recorder,
                                    .ctx = &progress,
                                    .progress = pl_progress_update,
                                    .stop = pl_stop_flag()};
    double start = pl_clock_seconds();
    rc = pl_backtest_run(&spec, &s->backtest, err);
    s->seconds = pl_clock_seconds() - start;
    pl_progress_end(&progress);
    if (rc == 0 && s->recorder != NULL) {
        rc = finish(s, command, err);
    }
    if (rc < 0) {
        pl_single_fini(s);
    }
    return rc;
}

void pl_single_fini(struct pl_single *s)
{
    pl_backtest_free(&s->backtest);
    pl_recorder_release(&s->run);
    pl_recorder_destroy(&s->recorder);
    pl_run_data_close(&s->data);
    pl_run_settings_fini(&s->settings);
    free(s->run.settings_yaml);
    free(s->run.command);
    s->run.settings_yaml = s->run.command = NULL;
}
