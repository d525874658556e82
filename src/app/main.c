/* plimsoll VERB ...: finds the verb and makes sure that what it printed reached its reader. */
#include "app/app.h"

#include "base/assert.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} verbs[] = {
    {"backtest", pl_cmd_backtest, "trade recorded markets; a report, or a sweep of settings"},
    {"demo", pl_cmd_demo, "two makers trade a synthetic market, or your data"},
    {"export", pl_cmd_export, "a tape into files of other tools"},
    {"import", pl_cmd_import, "market data files into a tape"},
    {"report", pl_cmd_report, "show a run again, or list the runs of the database"},
    {"simulate", pl_cmd_simulate, "models of the literature beside their exact values"},
    {"strategies", pl_cmd_strategies, "what can be traded with, and its settings"},
    {"synth", pl_cmd_synth, "make a realistic market from a seed, as a tape"},
    {"tape", pl_cmd_tape, "look at tapes, check, print, cut and merge them"},
};

static void usage(FILE *out)
{
    (void)fprintf(out, "usage: plimsoll VERB [OPTIONS]\n\nverbs:\n");
    for (size_t i = 0; i < PL_COUNT(verbs); i++) {
        (void)fprintf(out, "  %-12s %s\n", verbs[i].name, verbs[i].help);
    }
    (void)fprintf(out, "\nplimsoll VERB --help shows a verb's options and an example.\n");
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("plimsoll %s\n", PL_VERSION);
        return 0;
    }
    for (size_t i = 0; i < PL_COUNT(verbs); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    struct pl_error err;
    (void)pl_error_set(&err, PL_ERR_USAGE, "no such verb; plimsoll --help lists them");
    return pl_app_fail(argv[1], &err);
}

int main(int argc, char **argv)
{
    int code = dispatch(argc, argv);
    if (fflush(stdout) == 0 && ferror(stdout) == 0) { /* a full disk shows only here */
        return code;
    }
    struct pl_error err;
    (void)pl_error_set(&err, PL_ERR_IO, "the output could not be written: %s", strerror(errno));
    int failed = pl_app_fail("output", &err);
    return code == 0 ? failed : code;
}
