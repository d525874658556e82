/* plimsoll export: a tape (or a capture) into files of other tools. */
#include "app/app.h"

#include "import/export.h"
#include "import/import.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void print_help(void)
{
    fputs("usage: plimsoll export [options] -o OUT DATA\n"
          "\n"
          "Writes a tape, or a capture that 'plimsoll import' can read, in another form:\n"
          "\n"
          "  npz   for hftbacktest 2 and numpy: book changes, snapshots and trades\n"
          "  csv   a line a level or trade\n"
          "\n"
          "  -o, --output FILE   what to write; '-' = standard output (csv)\n"
          "  --to FORM           npz or csv (default: by the name of FILE)\n"
          "  --symbol S          this market only (npz holds one)\n"
          "  --store             npz: do not compress\n"
          "  --json              the figures for machines\n"
          "\n"
          "exit code: 0 done; 2 wrong arguments; 3 the data cannot be used; 4 a file could not be\n"
          "read or written\n"
          "\n"
          "example: plimsoll export -o btcusdt.npz btcusdt.tape\n",
          stdout);
}

struct request {
    struct pl_export_options opt;
    const char *output, *form, *data;
    bool json;
};

static int fail(const struct pl_error *err)
{
    return pl_app_fail("export", err);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

static void print_report(const struct request *q, const struct pl_export_report *r)
{
    FILE *out = strcmp(q->output, "-") == 0 ? stderr : stdout;
    if (q->json) {
        (void)fprintf(out,
                      "{\"rows\":%" PRIu64 ",\"split_rows\":%" PRIu64 ",\"left_out\":%" PRIu64
                      ",\"gaps\":%" PRIu64 "}\n",
                      r->rows, r->split_rows, r->left_out, r->gaps);
        return;
    }
    (void)fprintf(out, "%s: %" PRIu64 " rows", q->output, r->rows);
    if (r->split_rows > 0) {
        (void)fprintf(out, ", %" PRIu64 " of them for one side (receive order differs)",
                      r->split_rows);
    }
    if (r->left_out > 0) {
        (void)fprintf(out, "; %" PRIu64 " messages left out (best bid and ask, mark, ...)",
                      r->left_out);
    }
    if (r->gaps > 0) {
        (void)fprintf(out, "; %" PRIu64 " gaps in the feed", r->gaps);
    }
    (void)fputc('\n', out);
}

static int run(const struct request *q)
{
    static struct pl_import_report import;
    struct pl_export_report report;
    struct pl_error err;
    struct pl_source *source;
    int rc = pl_import_open(&q->data, 1, NULL, &source, &import, &err);
    if (rc < 0) {
        return fail(&err);
    }
    rc = strcmp(q->form, "npz") == 0 ? pl_export_npz(source, &q->opt, q->output, &report, &err)
                                     : pl_export_csv(source, &q->opt, q->output, &report, &err);
    source->close(source);
    if (rc < 0) {
        return fail(&err);
    }
    print_report(q, &report);
    return 0;
}

static int usage(const char *words)
{
    struct pl_error err;
    (void)pl_error_set(&err, PL_ERR_USAGE, "%s; plimsoll export --help lists the options", words);
    return fail(&err);
}

int pl_cmd_export(int argc, char **argv)
{
    static const struct option longs[] = {
        {"output", required_argument, NULL, 'o'},
        {"to", required_argument, NULL, 't'},
        {"symbol", required_argument, NULL, 's'},
        {"store", no_argument, NULL, 'S'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct request q = {.json = false};
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
        switch (c) {
        case 'o':
            q.output = optarg;
            break;
        case 't':
            q.form = optarg;
            break;
        case 's':
            q.opt.symbol = optarg;
            break;
        case 'S':
            q.opt.store = true;
            break;
        case 'j':
            q.json = true;
            break;
        case 'h':
            print_help();
            return 0;
        default:
            return usage("an option is not known");
        }
    }
    if (q.output == NULL || argc - optind != 1) {
        return usage(q.output == NULL ? "-o says where the data goes"
                                      : "one file of data is needed");
    }
    q.data = argv[optind];
    if (q.form == NULL) {
        q.form = ends_with(q.output, ".npz")                                 ? "npz"
                 : ends_with(q.output, ".csv") || strcmp(q.output, "-") == 0 ? "csv"
                                                                             : "";
    }
    if (strcmp(q.form, "npz") != 0 && strcmp(q.form, "csv") != 0) {
        return usage("--to is npz or csv (or the file ends in .npz or .csv)");
    }
    if (strcmp(q.form, "npz") == 0 && strcmp(q.output, "-") == 0) {
        return usage("an npz file cannot go to standard output");
    }
    return run(&q);
}
