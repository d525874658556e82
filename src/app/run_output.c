#include "app/run_output.h"

#include "app/app.h"
#include "report/html.h"
#include "report/json.h"
#include "report/json_dump.h"
#include "report/terminal.h"
#include "store/runs.h"

#include <errno.h>
#include <jansson.h>
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

static json_t *maker_json(const struct pl_single *s, uint32_t i)
{
    const struct pl_backtest_result *r = &s->backtest.result[i];
    const struct pl_maker *maker = pl_engine_maker(s->backtest.engine, i);
    char digest[20];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)r->digest);
    return json_pack("{s:s, s:s, s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:s}", "venue",
                     s->data.inst[maker->market].venue, "symbol",
                     s->data.inst[maker->market].symbol, "trades", (json_int_t)r->trades,
                     "position", r->position, "balance", r->balance, "fee", r->fee, "volume",
                     r->volume, "equity", r->equity, "requests",
                     (json_int_t)(r->orders + r->cancels + r->amends), "decisions",
                     (json_int_t)r->decisions, "digest", digest);
}

/* The figures by the names scripts use, the makers, and the whole report when there is one. */
static int print_json(const struct pl_single *s, struct pl_error *err)
{
    json_int_t trades = 0;
    double position = 0, balance = 0, fee = 0, volume = 0, equity = 0;
    json_t *makers = json_array();
    for (uint32_t i = 0; i < s->backtest.maker_count; i++) {
        const struct pl_backtest_result *r = &s->backtest.result[i];
        trades += (json_int_t)r->trades;
        position += r->position;
        balance += r->balance;
        fee += r->fee;
        volume += r->volume;
        equity += r->equity;
        (void)json_array_append_new(makers, maker_json(s, i));
    }
    char digest[20];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)s->backtest.digest);
    json_t *root = json_pack(
        "{s:I, s:f, s:f, s:f, s:f, s:f, s:s, s:I, s:I, s:I, s:f, s:f, s:o}", "trades", trades,
        "position", position, "balance", balance, "fee", fee, "volume", volume, "equity", equity,
        "digest", digest, "messages", (json_int_t)s->backtest.driver.messages, "rows",
        (json_int_t)s->backtest.driver.rows, "decisions_guarded", (json_int_t)s->backtest.guarded,
        "seconds", s->seconds, "rows_per_s",
        s->seconds > 0 ? (double)s->backtest.driver.rows / s->seconds : 0, "makers", makers);
    char *text = NULL;
    int rc = root != NULL ? 0 : PL_ERR_NOMEM;
    if (rc == 0 && s->recorder != NULL) {
        rc = pl_run_json_print(&s->run, &s->derived, 0, &text, err);
        json_t *report = rc == 0 ? json_loads(text, 0, NULL) : NULL;
        if (report != NULL) {
            (void)json_object_set_new(root, "report", report);
        }
    }
    if (rc == 0) {
        pl_json_dump(root, 0, stdout);
        (void)putchar('\n');
    }
    free(text);
    json_decref(root);
    return rc < 0 ? pl_error_set(err, rc, "the result could not be printed") : 0;
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
    if (s->recorder == NULL) {
        if (args->json) {
            return print_json(s, err);
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
        return print_json(s, err);
    }
    rc = pl_terminal_write(&s->run, &s->derived, pl_app_colour(stdout), stdout, err);
    if (rc == 0) {
        (void)printf("\nreport  %s\n", page);
    }
    return rc;
}
