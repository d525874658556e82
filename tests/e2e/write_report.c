/* Writes the made-up run of tests/support into DIR as report.html, run.json and a row of runs.db, and as
 * text to stdout: what the tests of the page and of `plimsoll report` compare with.
 * Usage: write_report DIR MARKETS FILLS */
#include "report/html.h"
#include "report/json.h"
#include "report/terminal.h"
#include "store/runs.h"
#include "support/report_run.h"

#include <stdlib.h>

static int write_all(const struct pl_run *run, const char *dir, struct pl_error *err)
{
    char path[4096];
    struct pl_derived derived;
    int rc = pl_derive(run, &derived, err);
    if (rc < 0) {
        return rc;
    }
    (void)snprintf(path, sizeof path, "%s/report.html", dir);
    rc = pl_html_write_file(run, &derived, path, err);
    if (rc < 0) {
        return rc;
    }
    (void)snprintf(path, sizeof path, "%s/run.json", dir);
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        return pl_error_set(err, PL_ERR_IO, "cannot create %s", path);
    }
    rc = pl_run_json_write(run, &derived, PL_JSON_PRETTY | PL_JSON_TIMING, f, err);
    if (fclose(f) != 0 && rc == 0) {
        rc = pl_error_set(err, PL_ERR_IO, "cannot write %s", path);
    }
    struct pl_runs *runs = NULL;
    (void)snprintf(path, sizeof path, "%s/runs.db", dir);
    if (rc == 0) {
        rc = pl_runs_open(path, PL_RUNS_CREATE, &runs, err);
    }
    if (rc == 0) {
        rc = pl_runs_insert(runs, run, INT64_C(1795181820000000000), err);
    }
    pl_runs_close(&runs);
    return rc < 0 ? rc : pl_terminal_write(run, &derived, false, stdout, err);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: write_report DIR MARKETS FILLS\n");
        return 2;
    }
    struct pl_run *run = pl_test_run_make((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]));
    struct pl_error err = {0};
    int rc = write_all(run, argv[1], &err);
    if (rc < 0) {
        fprintf(stderr, "write_report: %s\n", err.text);
    }
    pl_test_run_free(run);
    return rc < 0 ? 1 : 0;
}
