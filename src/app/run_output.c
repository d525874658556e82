#include "app/run_output.h"

#include "app/app.h"
#include "report/html.h"
#include "report/json.h"
#include "report/terminal.h"
#include "session/run_json.h"
#include "store/runs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int pl_make_folders(const char *path, struct pl_error *err)
{
    char part[1024];
    size_t size = strlen(path);
    if (size >= sizeof part) {
        return pl_error_set(err, PL_ERR_INVALID, "%s: the path is too long", path);
    }
    for (size_t i = 1; i <= size; i++) {
        if (path[i] == '/' || path[i] == 0) {
            memcpy(part, path, i);
            part[i] = 0;
            if (mkdir(part, 0777) != 0 && errno != EEXIST) {
                return pl_error_set(err, PL_ERR_IO, "%s: %s", part, strerror(errno));
            }
        }
    }
    return 0;
}

static int write_json_file(const struct pl_single *s, const char *path, struct pl_error *err)
{
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        return pl_error_set(err, PL_ERR_IO, "%s: %s", path, strerror(errno));
    }
    int rc = pl_run_json_write(&s->run, &s->derived, PL_JSON_PRETTY, out, err);
    if (fclose(out) != 0 && rc == 0) {
        rc = pl_error_set(err, PL_ERR_IO, "%s: %s", path, strerror(errno));
    }
    return rc;
}

static int store(const struct pl_single *s, const char *db, struct pl_error *err)
{
    struct pl_runs *runs = NULL;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t started = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - (int64_t)(s->seconds * 1e9);
    int rc = pl_runs_open(db, PL_RUNS_CREATE, &runs, err);
    rc = rc < 0 ? rc : pl_runs_insert(runs, &s->run, started, err);
    pl_runs_close(&runs);
    if (rc == PL_ERR_MISMATCH) { /* an older program made other figures of the same run */
        (void)fprintf(stderr, "plimsoll: %s; the database keeps the older one\n", err->text);
        rc = 0;
    }
    return rc < 0 ? rc : 0;
}

int pl_run_leave(const struct pl_single *s, const char *dir, const char *db, char *page,
                 size_t page_size, struct pl_error *err)
{
    char path[1200];
    int rc = pl_make_folders(dir, err);
    if (rc < 0) {
        return rc;
    }
    (void)snprintf(path, sizeof path, "%s/run.json", dir);
    rc = write_json_file(s, path, err);
    (void)snprintf(page, page_size, "%s/report.html", dir);
    rc = rc < 0 ? rc : pl_html_write_file(&s->run, &s->derived, page, err);
    return rc < 0 ? rc : store(s, db, err);
}

static void print_figures(const struct pl_single *s)
{
    for (uint32_t i = 0; i < s->backtest.maker_count; i++) {
        const struct pl_backtest_result *r = &s->backtest.result[i];
        const struct pl_maker *maker = pl_engine_maker(s->backtest.engine, i);
        (void)printf("%-12s %-14s trades %llu  position %.9g  balance %.6f  fee %.9f  volume %.9g  "
                     "equity %.6f\n",
                     s->settings.strategy->name, s->data.inst[maker->market].symbol,
                     (unsigned long long)r->trades, r->position, r->balance, r->fee, r->volume,
                     r->equity);
    }
    (void)printf("%llu messages, %llu rows in %.3f s; digest %016llx\n",
                 (unsigned long long)s->backtest.driver.messages,
                 (unsigned long long)s->backtest.driver.rows, s->seconds,
                 (unsigned long long)s->backtest.digest);
}

int pl_run_output(const struct pl_single *s, const struct pl_run_args *args, struct pl_error *err)
{
    if (s->data.notes[0] != 0 && !args->quiet) {
        (void)fprintf(stderr, "%s", s->data.notes);
    }
    if (s->backtest.views_lost > 0) {
        (void)fprintf(stderr,
                      "plimsoll: %llu times no market view was old enough to be seen: the feed "
                      "stalls for longer than the ring of views; makers were not asked then\n",
                      (unsigned long long)s->backtest.views_lost);
    }
    if (s->recorder == NULL) {
        if (args->json) {
            return pl_single_json(s, stdout, err);
        }
        print_figures(s);
        return 0;
    }
    char folder[1024], page[1200];
    (void)snprintf(folder, sizeof folder, "runs/%s", s->run.id);
    int rc = pl_run_leave(s, args->out_dir != NULL ? args->out_dir : folder,
                          args->db != NULL ? args->db : pl_app_runs_db(), page, sizeof page, err);
    if (rc < 0) {
        return rc;
    }
    if (args->json) {
        return pl_single_json(s, stdout, err);
    }
    rc = pl_terminal_write(&s->run, &s->derived, pl_app_colour(stdout), stdout, err);
    if (rc == 0) {
        (void)printf("\nreport  %s\n", page);
    }
    return rc;
}
