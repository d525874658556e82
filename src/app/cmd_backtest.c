/* plimsoll backtest: one strategy over recorded markets; a report, or a sweep of parameter sets. */
#include "app/app.h"

#include "app/run_output.h"
#include "app/run_watched.h"
#include "app/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void usage(FILE *out)
{
    (void)fprintf(
        out,
        "usage: plimsoll backtest --data FILE [FILE...] [--lead FILE...] --strategy NAME "
        "[OPTIONS]\n"
        "\n"
        "Trades recorded order-book data with an honest fill simulation. Data are tapes, or "
        "captures\n"
        "in any format that plimsoll import reads; files of one market continue each other.\n"
        "\n"
        "  --data FILE...     a market to trade; again for another market\n"
        "  --lead FILE...     a market that is only read\n"
        "  --trade-all        trade every --data market on one account, not only the first\n"
        "  --strategy NAME    see plimsoll strategies\n"
        "  --config FILE      settings as YAML\n"
        "  --set KEY=VALUE    one setting, of the strategy or of the section backtest; repeatable\n"
        "  --sweep KEY=A,B,C  (or KEY=0..9) every combination in one pass; repeatable\n"
        "  --workers N        threads of a sweep (1)    --top N  rows of its table (10)\n"
        "  --from T --to T    part of a tape, UTC, end exclusive\n"
        "  --clock RULE       raw, floor or moving, for captures (floor)\n"
        "  --symbol S         of a capture that holds several\n"
        "  --out DIR          where report.html and run.json go (runs/ID)\n"
        "  --db FILE          runs database (runs/runs.db)\n"
        "  --fills FILE       every fill as CSV, exact decimals (not with --sweep)\n"
        "  --log FILE         what happens on the way; JSON lines for .json and .jsonl, - is "
        "stderr\n"
        "  --log-level LEVEL  from debug, info (the default), warn or error on\n"
        "  --no-report        figures only: no report, nothing recorded\n"
        "  --json             figures as JSON on stdout\n"
        "  --preload --tile N decode a tape into memory first, repeat it N times (speed figures)\n"
        "\n"
        "example: plimsoll backtest --data btcusdt.tape --strategy avellaneda --set gamma=0.5 \\\n"
        "             --set order_size=0.01 --set max_position=0.1\n");
}

static bool ends_in(const char *text, const char *end)
{
    size_t size = strlen(text), tail = strlen(end);
    return size >= tail && strcmp(text + size - tail, end) == 0;
}

static int open_log(struct pl_run_args *args, struct pl_error *err)
{
    const char *path = args->log_path;
    if (path == NULL) {
        return 0;
    }
    bool json = ends_in(path, ".json") || ends_in(path, ".jsonl");
    struct pl_log_options options = {.path = strcmp(path, "-") != 0 ? path : NULL,
                                     .fd = STDERR_FILENO,
                                     .format = json ? PL_LOG_JSON : PL_LOG_LOGFMT,
                                     .level = args->log_level};
    return pl_log_open(&options, &args->log, err);
}

/* The run is done whatever became of its log; lines that are missing are told. */
static void close_log(struct pl_run_args *args)
{
    struct pl_error err = {0};
    uint64_t dropped = pl_log_counts(args->log).dropped;
    if (pl_log_close(&args->log, &err) < 0) {
        (void)fprintf(stderr, "plimsoll backtest: %s\n", err.text);
    }
    if (dropped > 0) {
        (void)fprintf(stderr,
                      "plimsoll backtest: --log: %llu lines were dropped, the log says where\n",
                      (unsigned long long)dropped);
    }
}

int pl_cmd_backtest(int argc, char **argv)
{
    struct pl_error err = {0};
    struct pl_run_args args;
    int rc = pl_run_args_parse(&args, argc, argv, &err);
    if (rc < 0) {
        return pl_app_fail("backtest", &err);
    }
    if (args.help) {
        usage(stdout);
        pl_run_args_fini(&args);
        return 0;
    }
    if (args.sweep_count > 0) {
        rc = pl_sweep_run(&args, &err);
        pl_run_args_fini(&args);
        return rc < 0 ? pl_app_fail("backtest", &err) : 0;
    }
    rc = open_log(&args, &err);
    if (rc < 0) {
        pl_run_args_fini(&args);
        return pl_app_fail("backtest", &err);
    }
    struct pl_single single;
    char *command = pl_command_line(argc, argv);
    rc = pl_run_watched(&single, &args, command, &err);
    free(command);
    close_log(&args);
    if (rc == 0) {
        rc = pl_run_output(&single, &args, &err);
        pl_single_fini(&single);
    }
    pl_run_args_fini(&args);
    return rc < 0 ? pl_app_fail("backtest", &err) : 0;
}
