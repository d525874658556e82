/* plimsoll report: runs from the database again, as text, JSON or page. */
#include "app/app.h"

#include "core/units.h"
#include "report/html.h"
#include "report/json.h"
#include "report/json_dump.h"
#include "report/number.h"
#include "report/terminal.h"
#include "store/runs.h"

#include <getopt.h>
#include <math.h>
#include <string.h>

struct options {
    const char *db, *html, *run;
    bool list, json;
};

static void print_help(void)
{
    fputs("usage: plimsoll report RUN [--html FILE] [--json] [--db FILE]\n"
          "       plimsoll report --list [--json] [--db FILE]\n"
          "\n"
          "Shows a run again, as it was when it was made.\n"
          "\n"
          "  RUN          id of the run, the beginning of one, or \"last\"\n"
          "  --list       the runs of the database, newest first\n"
          "  --html FILE  also write the page\n"
          "  --json       for machines, in place of the text\n"
          "  --db FILE    runs database (default: PLIMSOLL_DB, else runs/runs.db)\n"
          "\n"
          "example: plimsoll report last --html report.html\n",
          stdout);
}

static int usage(const char *words)
{
    struct pl_error err;
    (void)pl_error_set(&err, PL_ERR_USAGE, "%s (plimsoll report --help)", words);
    return pl_app_fail("report", &err);
}

/* 0, an exit code, or -1 when --help was answered. */
static int parse(int argc, char **argv, struct options *opt)
{
    static const struct option longs[] = {
        {"db", required_argument, NULL, 'd'}, {"html", required_argument, NULL, 'o'},
        {"list", no_argument, NULL, 'l'},     {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},     {NULL, 0, NULL, 0},
    };
    *opt = (struct options){.db = pl_app_runs_db()};
    for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        switch (c) {
        case 'd':
            opt->db = optarg;
            break;
        case 'o':
            opt->html = optarg;
            break;
        case 'l':
            opt->list = true;
            break;
        case 'j':
            opt->json = true;
            break;
        case 'h':
            print_help();
            return -1;
        default: /* getopt_long has said what is wrong */
            return usage("the options are not understood");
        }
    }
    if (opt->list && (optind < argc || opt->html != NULL)) {
        return usage("--list stands alone, with --json and --db");
    }
    if (!opt->list && argc - optind != 1) {
        return usage("name one run, or ask for --list");
    }
    opt->run = opt->list ? NULL : argv[optind];
    return 0;
}

static int on_row_print(void *ctx, const struct pl_runs_row *row)
{
    bool colour = *(bool *)ctx;
    char money[PL_NUMBER_TEXT_MAX], fills[PL_NUMBER_TEXT_MAX], took[PL_NUMBER_TEXT_MAX],
        started[PL_NUMBER_TEXT_MAX];
    bool sane = row->start_ns >= 0 && row->end_ns >= row->start_ns;
    const char *sign = !colour || !(fabs(row->pnl) > 0) ? ""
                       : row->pnl > 0                   ? "\033[32m"
                                                        : "\033[31m";
    printf("%s%-39s%s  %-12s %s%16s%s %-5s %9s fills\n", colour ? "\033[1m" : "", row->id,
           colour ? "\033[0m" : "", row->strategy, sign,
           pl_number_signed(row->pnl, pl_money_decimals(row->pnl), money), *sign ? "\033[0m" : "",
           row->currency, pl_number_count(row->fills, fills));
    printf("    %s, %s; %s; run at %.19s\n", row->data,
           pl_number_duration(sane ? row->end_ns - row->start_ns : -1, took), row->fill_model,
           pl_number_time(row->started_ns, started));
    return 0;
}

static int on_row_json(void *ctx, const struct pl_runs_row *row)
{
    char started[PL_NUMBER_TEXT_MAX];
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:f, s:I, s:I}", "id", row->id,
                          "strategy", row->strategy, "data", row->data, "fill_model",
                          row->fill_model, "currency", row->currency, "started",
                          pl_number_time(row->started_ns, started), "data_seconds",
                          ((double)row->end_ns - (double)row->start_ns) / (double)PL_NS_PER_S,
                          "fills", (json_int_t)row->fills, "requests", (json_int_t)row->requests);
    const struct {
        const char *key;
        double value;
    } figures[] = {{"pnl", row->pnl},
                   {"max_drawdown", row->max_drawdown},
                   {"sharpe", row->sharpe},
                   {"wall_seconds", row->wall_seconds}};
    bool failed = o == NULL;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0] && !failed; i++) {
        json_t *value = isfinite(figures[i].value) ? json_real(figures[i].value) : json_null();
        failed = json_object_set_new(o, figures[i].key, value) != 0;
    }
    if (failed || json_array_append_new(ctx, o) != 0) {
        json_decref(failed ? o : NULL); /* append has taken it either way */
        return PL_ERR_NOMEM;
    }
    return 0;
}

static int list(struct pl_runs *runs, const struct options *opt, struct pl_error *err)
{
    bool colour = pl_app_colour(stdout);
    if (!opt->json) {
        return pl_runs_list(runs, on_row_print, &colour, err);
    }
    json_t *rows = json_array();
    int rc = rows != NULL ? pl_runs_list(runs, on_row_json, rows, err) : PL_ERR_NOMEM;
    if (rc == 0) {
        pl_json_dump(rows, PL_JSON_PRETTY, stdout);
    } else if (err->code == 0) {
        rc = pl_error_set(err, rc, "out of memory for the list");
    }
    json_decref(rows);
    return rc;
}

static int show(struct pl_runs *runs, const struct options *opt, struct pl_error *err)
{
    char id[40];
    struct pl_run *run = NULL;
    struct pl_derived derived;
    int rc = pl_runs_find(runs, opt->run, &id, err);
    if (rc == 0) {
        rc = pl_runs_get(runs, id, &run, err);
    }
    if (rc == 0) {
        rc = pl_derive(run, &derived, err);
    }
    if (rc == 0 && opt->html != NULL) {
        rc = pl_html_write_file(run, &derived, opt->html, err);
    }
    if (rc == 0 && opt->json) {
        rc = pl_run_json_write(run, &derived, PL_JSON_PRETTY | PL_JSON_TIMING, stdout, err);
    } else if (rc == 0) {
        rc = pl_terminal_write(run, &derived, pl_app_colour(stdout), stdout, err);
    }
    if (rc == 0 && opt->html != NULL) {
        (void)fprintf(stderr, "wrote %s\n", opt->html);
    }
    pl_runs_release(&run);
    return rc;
}

int pl_cmd_report(int argc, char **argv)
{
    struct options opt;
    struct pl_runs *runs = NULL;
    struct pl_error err = {0};
    int code = parse(argc, argv, &opt);
    if (code != 0) {
        return code < 0 ? 0 : code;
    }
    int rc = pl_runs_open(opt.db, PL_RUNS_EXISTING, &runs, &err);
    if (rc == 0) {
        rc = opt.list ? list(runs, &opt, &err) : show(runs, &opt, &err);
    }
    pl_runs_close(&runs);
    return rc < 0 ? pl_app_fail("report", &err) : 0;
}
