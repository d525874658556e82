/* plimsoll demo: the main job from nothing. Two makers trade a synthetic market, or given data, and
 * leave a report each. */
#include "app/app.h"

#include "app/progress.h"
#include "app/run_output.h"
#include "app/run_watched.h"
#include "app/serve.h"
#include "base/assert.h"
#include "codec/tape/tape.h"
#include "report/terminal.h"
#include "synth/synth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEMO_SECONDS 1800

static const char *const demo_strategies[] = {"avellaneda", "spread"};

struct demo {
    const char *out_dir;
    bool serve, help;
    char **data; /* arguments from --data on, as given */
    int data_count;
};

static void usage(FILE *out)
{
    (void)fprintf(
        out, "usage: plimsoll demo [--out DIR] [--serve] [--data FILE...]\n"
             "\n"
             "Trades half an hour of a synthetic market (seed 1), or your data, with the makers\n"
             "avellaneda and spread at a maker fee of 0, and leaves DIR/avellaneda.html and\n"
             "DIR/spread.html.\n"
             "\n"
             "  --out DIR    where results go (demo)\n"
             "  --serve      keep the reports open on a loopback address until Ctrl-C\n"
             "  --data FILE  tapes or captures of one market, instead of the synthetic one\n"
             "\n"
             "example: plimsoll demo --data btcusdt_20240808.gz\n");
}

static int parse(struct demo *d, int argc, char **argv, struct pl_error *err)
{
    *d = (struct demo){.out_dir = "demo"};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            d->help = true;
        } else if (strcmp(argv[i], "--serve") == 0) {
            d->serve = true;
        } else if (strcmp(argv[i], "--out") == 0 && i + 1 < argc) {
            d->out_dir = argv[++i];
        } else if (strcmp(argv[i], "--data") == 0 && i + 1 < argc) {
            d->data = &argv[i + 1];
            while (i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0) {
                d->data_count++;
                i++;
            }
        } else {
            return pl_error_set(err, PL_ERR_USAGE, "%s: not understood; see --help", argv[i]);
        }
    }
    return 0;
}

static int make_market(const char *path, struct pl_error *err)
{
    const struct pl_synth_profile *profile = pl_synth_profile_find(pl_str("btcusdt"));
    PL_ASSERT(profile != NULL);
    struct pl_synth_cfg cfg = pl_synth_cfg_default(profile);
    cfg.duration_ns = DEMO_SECONDS * PL_NS_PER_S;
    struct pl_tape_options options = {.clock = PL_CLOCK_FLOOR};
    struct pl_tape_writer *writer = NULL;
    struct pl_synth *synth = NULL;
    struct pl_progress progress;
    pl_progress_start(&progress, "making a market", true, (uint64_t)DEMO_SECONDS);
    int rc = pl_tape_writer_create(path, &options, &writer, err);
    rc = rc < 0 ? rc : pl_synth_create(&cfg, &synth, err);
    int more = 1;
    for (int64_t s = 1; rc == 0 && more == 1; s++) {
        more = pl_synth_advance(synth, pl_tape_writer_sink(writer), cfg.start_ns + s * PL_NS_PER_S,
                                err);
        rc = more < 0 ? more : 0;
        pl_progress_update(&progress, (uint64_t)s);
    }
    rc = rc < 0 ? rc : pl_tape_writer_finish(writer, err);
    pl_progress_end(&progress);
    pl_synth_destroy(&synth);
    pl_tape_writer_destroy(&writer);
    return rc;
}

/* About 500 in quote currency per order: sizes that make sense at any price. */
static int choose_size(char **data, int count, char *size, size_t room, char *mark,
                       struct pl_error *err)
{
    char *argv[PL_ARGS_FILES_MAX + 4];
    char verb[] = "demo", opt[] = "--data", strategy[] = "--strategy=reference";
    int argc = 0;
    argv[argc++] = verb;
    argv[argc++] = strategy;
    argv[argc++] = opt;
    for (int i = 0; i < count && i < PL_ARGS_FILES_MAX; i++) {
        argv[argc++] = data[i];
    }
    struct pl_run_args args;
    struct pl_run_settings settings = {0};
    struct pl_run_data opened = {0};
    int rc = pl_run_args_parse(&args, argc, argv, err);
    if (rc < 0) {
        return rc;
    }
    rc = pl_run_settings_resolve(&args.run, NULL, 0, &settings, err);
    rc = rc < 0 ? rc : pl_run_data_open(&opened, &args.run, &settings, err);
    if (rc == 0) {
        const struct pl_inst *inst = &opened.inst[0];
        const struct pl_block *b;
        struct pl_source *source = opened.source[0].source;
        rc = source->next(source, &b, err);
        double px = rc > 0 && b->row_count > 0 ? pl_px_to_double(inst, b->px[0]) : 0;
        double lots = px > 0 ? 500 / px / pl_inst_lot(inst) : 1;
        int64_t whole = lots > 1 ? (int64_t)lots : 1;
        char text[PL_DECIMAL_TEXT_MAX];
        rc = rc < 0 ? rc : pl_decimal_print_steps(whole, inst->lot, text);
        (void)snprintf(size, room, "%s", text);
        rc = rc < 0 ? rc : pl_decimal_print_steps(whole * 10, inst->lot, text);
        (void)snprintf(mark, room, "%s", text);
    }
    pl_run_data_close(&opened);
    pl_run_settings_fini(&settings);
    pl_run_args_fini(&args);
    return rc < 0 ? rc : 0;
}

static int run_one(const struct demo *d, const char *strategy, char **data, int count,
                   const char *size, const char *mark, struct pl_error *err)
{
    char assign[6][64], verb[] = "backtest", opt[] = "--data", set[] = "--set", name[32];
    char strategy_opt[] = "--strategy";
    bool spread = strcmp(strategy, "spread") == 0;
    (void)snprintf(name, sizeof name, "%s", strategy);
    (void)snprintf(assign[0], sizeof assign[0], "%s=%s", spread ? "quote_size" : "order_size",
                   size);
    (void)snprintf(assign[1], sizeof assign[1], "%s.max_position=%s", strategy, mark);
    (void)snprintf(assign[2], sizeof assign[2], "%s",
                   spread ? "base_spread_bps=4" : "min_spread=3bps");
    /* The fee of a market maker programme, and quotes that follow the market by the second. */
    (void)snprintf(assign[3], sizeof assign[3], "maker=0");
    (void)snprintf(assign[4], sizeof assign[4], "%s",
                   spread ? "refresh_ms=1000" : "order_refresh_rate_s=1");
    (void)snprintf(assign[5], sizeof assign[5], "%s",
                   spread ? "inventory_skew_bps=2" : "filled_order_delay_s=2");
    char *argv[PL_ARGS_FILES_MAX + 24];
    int argc = 0;
    argv[argc++] = verb;
    argv[argc++] = strategy_opt;
    argv[argc++] = name;
    for (int i = 0; i < 6; i++) {
        argv[argc++] = set;
        argv[argc++] = assign[i];
    }
    argv[argc++] = opt;
    for (int i = 0; i < count && i < PL_ARGS_FILES_MAX; i++) {
        argv[argc++] = data[i];
    }
    struct pl_run_args args;
    struct pl_single single;
    int rc = pl_run_args_parse(&args, argc, argv, err);
    if (rc < 0) {
        return rc;
    }
    char *command = pl_command_line(argc, argv);
    rc = pl_run_watched(&single, &args, command, err);
    free(command);
    if (rc == 0) {
        char folder[1024], db[1024], page[1200], shown[1200];
        (void)snprintf(folder, sizeof folder, "%s/%s", d->out_dir, strategy);
        (void)snprintf(db, sizeof db, "%s/runs.db", d->out_dir);
        (void)snprintf(shown, sizeof shown, "%s/%s.html", d->out_dir, strategy);
        rc = pl_run_leave(&single, folder, db, page, sizeof page, err);
        if (rc == 0 && rename(page, shown) != 0) {
            rc = pl_error_set(err, PL_ERR_IO, "%s: cannot be renamed", page);
        }
        rc = rc < 0 ? rc
                    : pl_terminal_write(&single.run, &single.derived, pl_app_colour(stdout), stdout,
                                        err);
        pl_single_fini(&single);
    }
    pl_run_args_fini(&args);
    return rc;
}

static int run_demo(const struct demo *d, struct pl_error *err)
{
    char market[1100], size[64], mark[64];
    char *own[1] = {market}, **data = d->data;
    int count = d->data_count;
    int rc = pl_make_folders(d->out_dir, err);
    if (rc == 0 && count == 0) {
        (void)snprintf(market, sizeof market, "%s/market.tape", d->out_dir);
        data = own;
        count = 1;
        rc = access(market, R_OK) == 0 ? 0 : make_market(market, err);
    }
    PL_ASSERT(data != NULL); /* given, or our own */
    rc = rc < 0 ? rc : choose_size(data, count, size, sizeof size, mark, err);
    for (size_t i = 0; rc == 0 && i < PL_COUNT(demo_strategies); i++) {
        rc = run_one(d, demo_strategies[i], data, count, size, mark, err);
    }
    if (rc < 0) {
        return rc;
    }
    (void)printf("\nreports  %s/avellaneda.html  %s/spread.html\n"
                 "next     plimsoll backtest --data %s --strategy spread --set quote_size=%s "
                 "--sweep base_spread_bps=1..12\n",
                 d->out_dir, d->out_dir, data[0], size);
    return d->serve ? pl_serve_folder(d->out_dir, "avellaneda.html", 0, err) : 0;
}

int pl_cmd_demo(int argc, char **argv)
{
    struct pl_error err = {0};
    struct demo demo;
    int rc = parse(&demo, argc, argv, &err);
    if (rc == 0 && demo.help) {
        usage(stdout);
        return 0;
    }
    rc = rc < 0 ? rc : run_demo(&demo, &err);
    return rc < 0 ? pl_app_fail("demo", &err) : 0;
}
