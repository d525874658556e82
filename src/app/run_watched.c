#include "app/run_watched.h"

#include "app/progress.h"

struct watch {
    const struct pl_run_args *args;
    struct pl_progress progress;
};

static void begin(void *ctx, const struct pl_single *single)
{
    struct watch *w = ctx;
    pl_progress_start(&w->progress, "backtest", !w->args->quiet && !w->args->json,
                      single->data.source[0].source->msg_total);
}

static void progress(void *ctx, uint64_t messages)
{
    struct watch *w = ctx;
    pl_progress_update(&w->progress, messages);
}

int pl_run_watched(struct pl_single *single, const struct pl_run_args *args, const char *command,
                   struct pl_error *err)
{
    struct watch watch = {.args = args};
    struct pl_run_edge edge = {.ctx = &watch,
                               .begin = begin,
                               .progress = progress,
                               .seconds = pl_clock_seconds,
                               .stop = pl_stop_flag()};
    int rc = pl_single_run(single, &args->run, &edge, command, err);
    pl_progress_end(&watch.progress);
    return rc;
}
