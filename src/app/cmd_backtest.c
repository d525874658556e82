/* plimsoll backtest: one strategy over recorded markets; a report, or a sweep of parameter sets. */
#include "app/app.h"

#include "app/run_output.h"
#include "app/run_watched.h"
#include "app/sweep.h"

#include <stdio.h>
#include <stdlib.h>

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
        "  --no-report        figures only: no report, nothing recorded\n"
        "  --json             figures as JSON on stdout\n"
        "  --preload --tile N decode a tape into memory first, repeat it N times (speed figures)\n"
        "\n"
        "example: plimsoll backtest --data btcusdt.tape --strategy avellaneda --set gamma=0.5\n");
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
    struct pl_single single;
    char *command = pl_command_line(argc, argv);
    rc = pl_run_watched(&single, &args, command, &err);
    free(command);
    if (rc == 0) {
        rc = pl_run_output(&single, &args, &err);
        pl_single_fini(&single);
    }
    pl_run_args_fini(&args);
    return rc < 0 ? pl_app_fail("backtest", &err) : 0;
}
