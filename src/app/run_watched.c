#include "app/run_watched.h"

#include "app/fills_csv.h"
#include "app/progress.h"

struct watch {
    const struct pl_run_args *args;
    struct pl_progress progress;
    struct pl_fills_csv fills;
};

static void begin(void *ctx, const struct pl_single *single)
{
    struct watch *w = ctx;
    w->fills.inst = single->data.inst;
    w->fills.fee_by_qty = single->settings.backtest.fee_by_qty;
    pl_progress_start(&w->progress, "backtest", !w->args->quiet && !w->args->json,
                      single->data.source[0].source->msg_total);
}

static void progress(void *ctx, uint64_t messages)
{
    struct watch *w = ctx;
    pl_progress_update(&w->progress, messages);
}

static void fill(void *ctx, const struct pl_sim_fill *f)
{
    struct watch *w = ctx;
    pl_fills_csv_on_fill(&w->fills, f);
}

int pl_run_watched(struct pl_single *single, const struct pl_run_args *args, const char *command,
                   struct pl_error *err)
{
    struct watch watch = {.args = args};
    struct pl_run_edge edge = {.ctx = &watch,
                               .begin = begin,
                               .progress = progress,
                               .fill = args->fills != NULL ? fill : NULL,
                               .log = args->log,
                               .seconds = pl_clock_seconds,
                               .stop = pl_stop_flag()};
    int rc = pl_fills_csv_open(&watch.fills, args->fills, err);
    if (rc < 0) {
        return rc;
    }
    rc = pl_single_run(single, &args->run, &edge, command, err);
    pl_progress_end(&watch.progress);
    struct pl_error close_err = {0};
    int closed = pl_fills_csv_close(&watch.fills, &close_err);
    if (rc == 0 && closed < 0) {
        *err = close_err;
        pl_single_fini(single);
    }
    return rc < 0 ? rc : closed;
}
