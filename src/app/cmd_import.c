/* plimsoll import: market data files of any known format into a tape. */
#include "app/app.h"

#include "base/assert.h"
#include "import/import.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void print_help(void)
{
    fputs("usage: plimsoll import [options] -o OUT.tape FILE...\n"
          "\n"
          "Reads market data and writes a tape. Files may be plain, gzip, zstd or zip; '-' is\n"
          "standard input. Several files are one stream, in the order given; a book file and its\n"
          "trade file are merged by local time.\n"
          "\n"
          "  -o, --output TAPE     the tape to write\n"
          "  --format NAME         see below (default: by content)\n"
          "  --tick T, --lot L     price and size steps (default: inferred from the data)\n"
          "  --symbol S            only this symbol; or the name, for data that has none\n"
          "  --venue V             as in binance-usdm (default: by content or path)\n"
          "  --market KIND         linear, inverse or spot (default: by content)\n"
          "  --clock RULE          raw: stamps as they are; floor (default): if the local clock\n"
          "                        runs behind the venue's, the smallest latency becomes 0;\n"
          "                        moving: the same minute by minute, for clocks that wander\n"
          "  --strict              stop at the first bad row (exit code 3)\n"
          "  --json                the report for machines\n"
          "\n"
          "formats:\n",
          stdout);
    const char *name, *help;
    for (size_t i = 0; pl_import_format_at(i, &name, &help); i++) {
        printf("  %-18s  %s\n", name, help);
    }
    fputs(
        "\n"
        "exit code: 0 done; 2 wrong arguments; 3 the data cannot be used, a bad row with "
        "--strict,\n"
        "or a file that ends in the middle (what came before is in the tape); 4 a file could not\n"
        "be read or written\n"
        "\n"
        "example: plimsoll import -o btcusdt.tape btcusdt_20240808.gz\n",
        stdout);
}

/* A line on the terminal, about ten times a second after the first second. */
struct progress {
    struct timespec begin, shown;
    bool any;
};

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
    return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

static void on_progress(void *user, uint64_t done, uint64_t total, uint64_t messages)
{
    struct progress *p = user;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = seconds_since(&p->begin, &now);
    if (seconds < 1.0 || seconds_since(&p->shown, &now) < 0.1) {
        return;
    }
    p->shown = now;
    p->any = true;
    if (total > 0) {
        double part = (double)done / (double)total;
        fprintf(stderr, "\rimport  %3.0f %%  %.1f M messages  %.0f s\033[K",
                100 * (part < 1 ? part : 1), (double)messages / 1e6, seconds);
    } else {
        fprintf(stderr, "\rimport  %.1f MB  %.1f M messages  %.0f s\033[K", (double)done / 1e6,
                (double)messages / 1e6, seconds);
    }
}

static int fail(const struct pl_error *err)
{
    return pl_app_fail("import", err);
}

static int run(const struct pl_import_options *asked, const char *output, bool json,
               const char *const *paths, size_t count)
{
    struct pl_import_options opt = *asked;
    static struct pl_import_report report;
    struct pl_error err;
    struct progress progress = {.any = false};
    clock_gettime(CLOCK_MONOTONIC, &progress.begin);
    progress.shown = progress.begin;
    if (isatty(STDERR_FILENO)) {
        opt.on_progress = on_progress;
        opt.user = &progress;
    }
    int rc = pl_import_tape(paths, count, &opt, output, &report, &err);
    if (progress.any) {
        fputs("\r\033[K", stderr);
    }
    if (rc == 0 || report.lines > 0) {
        if (json) {
            pl_import_report_json(&report, paths, stdout);
        } else {
            pl_import_report_print(&report, paths, stdout);
        }
    }
    if (rc < 0) {
        return fail(&err);
    }
    return report.damaged_files > 0 ? 3 : 0;
}

int pl_cmd_import(int argc, char **argv)
{
    static const struct option longs[] = {
        {"format", required_argument, NULL, 'f'}, {"tick", required_argument, NULL, 't'},
        {"lot", required_argument, NULL, 'l'},    {"symbol", required_argument, NULL, 's'},
        {"market", required_argument, NULL, 'm'}, {"clock", required_argument, NULL, 'c'},
        {"venue", required_argument, NULL, 'v'},  {"strict", no_argument, NULL, 'S'},
        {"json", no_argument, NULL, 'j'},         {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    struct pl_import_options opt = {0};
    const char *output = NULL;
    bool json = false;
    struct pl_error err;
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
        switch (c) {
        case 'f':
            opt.format = optarg;
            break;
        case 't':
            opt.tick = optarg;
            break;
        case 'l':
            opt.lot = optarg;
            break;
        case 's':
            opt.symbol = optarg;
            break;
        case 'm':
            opt.market = optarg;
            break;
        case 'v':
            opt.venue = optarg;
            break;
        case 'c':
            opt.clock = optarg;
            break;
        case 'S':
            opt.strict = true;
            break;
        case 'j':
            json = true;
            break;
        case 'o':
            output = optarg;
            break;
        case 'h':
            print_help();
            return 0;
        default:
            (void)pl_error_set(&err, PL_ERR_USAGE, "plimsoll import --help lists the options");
            return pl_app_fail("import", &err);
        }
    }
    if (output == NULL || optind == argc) {
        (void)pl_error_set(&err, PL_ERR_USAGE,
                           "%s; example: plimsoll import -o OUT.tape CAPTURE.gz",
                           output == NULL ? "-o says where the tape goes" : "no file to import");
        return pl_app_fail("import", &err);
    }
    return run(&opt, output, json, (const char *const *)&argv[optind], (size_t)(argc - optind));
}
