#include "session/run_single.h"

#include "base/hash.h"
#include "session/run_log.h"
#include "settings/effective.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t choose_makers(const struct pl_single *s, const struct pl_run_options *options,
                              struct pl_backtest_maker *maker)
{
    int32_t lead = -1;
    for (uint32_t i = 0; i < s->data.market_count; i++) {
        lead = s->data.lead[i] && lead < 0 ? (int32_t)i : lead;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->data.market_count; i++) {
        if (!s->data.lead[i] && (count == 0 || options->trade_all)) {
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

static int open_all(struct pl_single *s, const struct pl_run_options *options, struct pl_error *err)
{
    int rc = pl_run_settings_resolve(options, NULL, 0, &s->settings, err);
    rc = rc < 0 ? rc : pl_run_data_open(&s->data, options, &s->settings, err);
    return rc < 0 || options->no_report ? rc : pl_recorder_create(&s->recorder, err);
}

static int run_all(struct pl_single *s, const struct pl_run_options *options,
                   const struct pl_run_edge *edge, struct pl_error *err)
{
    struct pl_backtest_maker maker[PL_RUN_MARKETS_MAX];
    uint32_t count = choose_makers(s, options, maker);
    if (count == 0) {
        return pl_error_set(err, PL_ERR_USAGE, "nothing to trade: every source is a --lead");
    }
    struct pl_backtest_spec spec = {.settings = &s->settings.backtest,
                                    .source = s->data.source,
                                    .source_count = s->data.source_count,
                                    .inst = s->data.inst,
                                    .market_count = s->data.market_count,
                                    .maker = maker,
                                    .maker_count = count,
                                    .universe_count = 1,
                                    .recorder = s->recorder,
                                    .fill_ctx = edge->ctx,
                                    .on_fill = edge->fill,
                                    .ctx = edge->ctx,
                                    .progress = edge->progress,
                                    .stop = edge->stop};
    struct pl_run_log run_log = {0};
    if (edge->log != NULL) {
        int rc = pl_run_log_init(&run_log, edge->log, s, count);
        if (rc < 0) {
            return pl_error_set(err, rc, "out of memory");
        }
        spec.message_ctx = &run_log;
        spec.on_message = pl_run_log_on_message;
    }
    if (edge->begin != NULL) {
        edge->begin(edge->ctx, s);
    }
    double start = edge->seconds != NULL ? edge->seconds() : 0;
    int rc = pl_backtest_run(&spec, &s->backtest, err);
    s->seconds = edge->seconds != NULL ? edge->seconds() - start : 0;
    if (edge->log != NULL) {
        pl_run_log_end(&run_log, rc, err);
        pl_run_log_fini(&run_log);
    }
    return rc;
}

int pl_single_run(struct pl_single *s, const struct pl_run_options *options,
                  const struct pl_run_edge *edge, const char *command, struct pl_error *err)
{
    static const struct pl_run_edge nobody = {0};
    *s = (struct pl_single){0};
    edge = edge != NULL ? edge : &nobody;
    int rc = open_all(s, options, err);
    if (rc < 0) {
        PL_LOG(edge->log, PL_LOG_ERROR, 0, "run.failed", PL_LOG_TEXT("code", pl_err_name(rc)),
               PL_LOG_TEXT("words", err != NULL ? err->text : NULL));
    }
    rc = rc < 0 ? rc : run_all(s, options, edge, err);
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
