/* Reading a run back: figures from JSON, points into memory, fills on demand. */
#include "base/assert.h"
#include "report/json.h"
#include "store/runs.h"
#include "store/runs_content.h"

#include <stdlib.h>
#include <string.h>

/* Where a run came from: its fills_ctx. */
struct origin {
    sqlite3 *db;
    int64_t key;
};

static struct pl_run_fill fill_of(sqlite3_stmt *stmt)
{
    struct pl_run_fill f = {
        .market = (uint32_t)sqlite3_column_int64(stmt, 0),
        .venue_ns = sqlite3_column_int64(stmt, 1),
        .local_ns = sqlite3_column_int64(stmt, 2),
        .side = strcmp(pl_sql_text(stmt, 3), "buy") == 0 ? 0 : 1,
        .taker = (uint8_t)(sqlite3_column_int64(stmt, 4) != 0),
        .maker_idx = (uint32_t)sqlite3_column_int64(stmt, 5),
        .order_id = (uint64_t)sqlite3_column_int64(stmt, 6),
        .px = pl_sql_f64(stmt, 7),
        .qty = pl_sql_f64(stmt, 8),
        .fee = pl_sql_f64(stmt, 9),
        .mid = pl_sql_f64(stmt, 10),
        .position = pl_sql_f64(stmt, 11),
        .queue_at_arrival = pl_sql_f64(stmt, 12),
        .queue_waited_ns = pl_sql_f64(stmt, 13),
    };
    for (int k = 0; k < PL_RUN_MARKOUTS; k++) {
        f.markout[k] = pl_sql_f64(stmt, 14 + k);
    }
    return f;
}
_Static_assert(14 + PL_RUN_MARKOUTS == PL_RUNS_FILL_COLUMN_COUNT, "every column is read");

static int each_fill(const struct pl_run *run,
                     int (*each)(void *ctx, const struct pl_run_fill *fill), void *ctx)
{
    const struct origin *from = run->fills_ctx;
    sqlite3_stmt *stmt = NULL;
    int rc = pl_sql_prepare(
        from->db, "SELECT " PL_RUNS_FILL_COLUMNS " FROM fills WHERE run = ?1 ORDER BY idx", &stmt,
        NULL);
    int stop = 0;
    if (rc == 0 && sqlite3_bind_int64(stmt, 1, from->key) != SQLITE_OK) {
        rc = pl_sql_error(from->db, "cannot ask it", NULL);
    }
    while (rc == 0 && stop == 0 && (rc = pl_sql_step(stmt, "cannot read fills", NULL)) == 1) {
        struct pl_run_fill fill = fill_of(stmt);
        stop = each(ctx, &fill);
        rc = 0;
    }
    (void)sqlite3_finalize(stmt); /* repeats the error of the step */
    return rc < 0 ? rc : stop;
}

static int count_rows(sqlite3 *db, const char *sql, int64_t key, int64_t market, int64_t *out,
                      struct pl_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = pl_sql_prepare(db, sql, &stmt, err);
    if (rc == 0 && (sqlite3_bind_int64(stmt, 1, key) != SQLITE_OK ||
                    (sqlite3_bind_parameter_count(stmt) > 1 &&
                     sqlite3_bind_int64(stmt, 2, market) != SQLITE_OK))) {
        rc = pl_sql_error(db, "cannot ask it", err);
    }
    if (rc == 0) {
        rc = pl_sql_step(stmt, "cannot count its rows", err);
        *out = rc == 1 ? sqlite3_column_int64(stmt, 0) : 0;
    }
    (void)sqlite3_finalize(stmt);
    return rc < 0 ? rc : 0;
}

static struct pl_run_point point_of(sqlite3_stmt *stmt)
{
    return (struct pl_run_point){
        .t_ns = sqlite3_column_int64(stmt, 0),
        .bid = pl_sql_f64(stmt, 1),
        .ask = pl_sql_f64(stmt, 2),
        .own_bid = pl_sql_f64(stmt, 3),
        .own_ask = pl_sql_f64(stmt, 4),
        .position = pl_sql_f64(stmt, 5),
        .mark = pl_sql_f64(stmt, 6),
        .equity = pl_sql_f64(stmt, 7),
        .drawdown = pl_sql_f64(stmt, 8),
    };
}

static int read_points(const struct origin *from, int64_t market, const struct pl_run_point **out,
                       uint32_t *count, struct pl_error *err)
{
    int64_t rows = 0;
    int rc = count_rows(from->db, "SELECT count(*) FROM equity WHERE run = ?1 AND market = ?2",
                        from->key, market, &rows, err);
    if (rc < 0) {
        return rc;
    }
    if (rows > UINT32_MAX) {
        return pl_error_set(err, PL_ERR_LIMIT, "%s: a run has too many points",
                            sqlite3_db_filename(from->db, "main"));
    }
    struct pl_run_point *point = calloc(rows > 0 ? (size_t)rows : 1, sizeof *point);
    if (point == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory for %lld points", (long long)rows);
    }
    *out = point; /* freed by pl_runs_release, on errors too */
    sqlite3_stmt *stmt = NULL;
    rc = pl_sql_prepare(from->db,
                        "SELECT " PL_RUNS_POINT_COLUMNS " FROM equity WHERE run = ?1 AND "
                        "market = ?2 ORDER BY idx",
                        &stmt, err);
    if (rc == 0 && (sqlite3_bind_int64(stmt, 1, from->key) != SQLITE_OK ||
                    sqlite3_bind_int64(stmt, 2, market) != SQLITE_OK)) {
        rc = pl_sql_error(from->db, "cannot ask it", err);
    }
    while (rc == 0 && *count < rows && (rc = pl_sql_step(stmt, "cannot read points", err)) == 1) {
        point[(*count)++] = point_of(stmt);
        rc = 0;
    }
    (void)sqlite3_finalize(stmt);
    return rc;
}

/* The row of `runs`: key, figures and content digest. */
static int read_row(struct origin *from, const char *id, char **figures, uint64_t *content,
                    double *wall_seconds, struct pl_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = pl_sql_prepare(
        from->db, "SELECT run, figures, content_digest, wall_seconds FROM runs WHERE id = ?1",
        &stmt, err);
    if (rc == 0 && sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC) != SQLITE_OK) {
        rc = pl_sql_error(from->db, "cannot ask it", err);
    }
    if (rc == 0) {
        rc = pl_sql_step(stmt, "cannot read a run", err);
        rc = rc == 0 ? pl_error_set(err, PL_ERR_NOTFOUND, "no run \"%s\"", id) : rc;
    }
    if (rc == 1) {
        from->key = sqlite3_column_int64(stmt, 0);
        *figures = strdup(pl_sql_text(stmt, 1));
        *content = strtoull(pl_sql_text(stmt, 2), NULL, 16);
        *wall_seconds = pl_sql_f64(stmt, 3);
        rc = 0;
    }
    (void)sqlite3_finalize(stmt);
    if (rc == 0 && *figures == NULL) {
        (void)pl_error_set(err, PL_ERR_NOMEM, "out of memory for a run");
        return PL_ERR_NOMEM;
    }
    return rc;
}

/* Everything but the figures, which are in *run already. */
static int read_series(const struct origin *from, struct pl_run *run, struct pl_error *err)
{
    int64_t fills = 0;
    int rc = read_points(from, PL_RUNS_ACCOUNT, &run->equity, &run->equity_count, err);
    for (uint32_t i = 0; rc == 0 && i < run->market_count; i++) {
        rc = read_points(from, i, &run->market[i].point, &run->market[i].point_count, err);
    }
    if (rc == 0) {
        rc = count_rows(from->db, "SELECT count(*) FROM fills WHERE run = ?1", from->key, 0, &fills,
                        err);
    }
    run->fills = each_fill;
    run->fill_count = (uint64_t)fills;
    return rc;
}

static int read_all(struct origin *from, const char *id, struct pl_run *run, struct pl_error *err)
{
    char *figures = NULL;
    uint64_t content = 0, digest = 0;
    double wall_seconds = 0;
    int rc = read_row(from, id, &figures, &content, &wall_seconds, err);
    if (rc == 0) {
        rc = pl_run_json_read(pl_str(figures), run, err);
        run->wall_seconds = wall_seconds;
        run->fills_ctx = from;
    }
    if (rc == 0) {
        rc = read_series(from, run, err);
    }
    if (rc == 0) {
        rc = pl_runs_digest(run, pl_str(figures), &digest, err);
    }
    if (rc == 0 && digest != content) {
        rc = pl_error_set(err, PL_ERR_CORRUPT,
                          "%s: the rows of run %s are not those that were stored: make it again",
                          sqlite3_db_filename(from->db, "main"), id);
    }
    free(figures);
    return rc;
}

int pl_runs_get(struct pl_runs *runs, const char *id, struct pl_run **out, struct pl_error *err)
{
    struct pl_run *run = calloc(1, sizeof *run);
    struct origin *from = calloc(1, sizeof *from);
    *out = NULL;
    if (run == NULL || from == NULL) {
        free(run);
        free(from);
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory for a run");
    }
    from->db = runs->db;
    int rc = read_all(from, id, run, err);
    run->fills_ctx = from; /* also after a failure: released with the run */
    if (rc < 0) {
        pl_runs_release(&run);
    }
    *out = run;
    return rc;
}

void pl_runs_release(struct pl_run **run)
{
    if (run == NULL || *run == NULL) {
        return;
    }
    free((void *)(uintptr_t)(*run)->equity); /* ours: read_points took it */
    for (uint32_t i = 0; i < (*run)->market_count; i++) {
        free((void *)(uintptr_t)(*run)->market[i].point);
    }
    free((*run)->fills_ctx);
    pl_run_json_release(*run);
    free(*run);
    *run = NULL;
}
