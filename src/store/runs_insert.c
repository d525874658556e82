/* Writing a run: everything in one transaction. */
#include "report/derive.h"
#include "report/json.h"
#include "store/runs.h"
#include "store/runs_content.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A statement whose parameters are bound from left to right; the first failure stays. */
struct bind {
    sqlite3_stmt *stmt;
    int at, rc;
};

static void bind_done(struct bind *b, int rc)
{
    b->rc = b->rc == SQLITE_OK ? rc : b->rc;
}

static void put_i64(struct bind *b, int64_t value)
{
    bind_done(b, sqlite3_bind_int64(b->stmt, ++b->at, value));
}

static void put_f64(struct bind *b, double value)
{
    b->at++;
    bind_done(b, isnan(value) ? sqlite3_bind_null(b->stmt, b->at)
                              : sqlite3_bind_double(b->stmt, b->at, value));
}

/* `text` must live until the statement is stepped; NULL is NULL. */
static void put_text(struct bind *b, const char *text)
{
    bind_done(b, sqlite3_bind_text(b->stmt, ++b->at, text, -1, SQLITE_STATIC));
}

static void put_hex(struct bind *b, uint64_t value)
{
    char text[17];
    (void)snprintf(text, sizeof text, "%016llx", (unsigned long long)value);
    bind_done(b, sqlite3_bind_text(b->stmt, ++b->at, text, -1, SQLITE_TRANSIENT));
}

/* Runs the bound statement and makes it ready for the next row. */
static int put_row(struct bind *b, const char *doing, struct pl_error *err)
{
    int rc = b->rc == SQLITE_OK ? pl_sql_step(b->stmt, doing, err)
                                : pl_sql_error(sqlite3_db_handle(b->stmt), doing, err);
    (void)sqlite3_reset(b->stmt); /* repeats the error of the step */
    b->at = 0;
    return rc;
}

/* 1 = the same run is there, 0 = it is not. */
static int find_same(struct pl_runs *runs, const struct pl_run *run, uint64_t content,
                     struct pl_error *err)
{
    struct bind b = {0};
    char want[17];
    (void)snprintf(want, sizeof want, "%016llx", (unsigned long long)content);
    int rc =
        pl_sql_prepare(runs->db, "SELECT content_digest FROM runs WHERE id = ?1", &b.stmt, err);
    if (rc == 0) {
        put_text(&b, run->id);
        rc = pl_sql_step(b.stmt, "cannot look for a run", err);
    }
    if (rc == 1 && strcmp(pl_sql_text(b.stmt, 0), want) != 0) {
        rc =
            pl_error_set(err, PL_ERR_MISMATCH,
                         "%s: run %s is there with other results: the program or its data changed; "
                         "delete that run or use another file",
                         sqlite3_db_filename(runs->db, "main"), run->id);
    }
    (void)sqlite3_finalize(b.stmt);
    return rc;
}

static int insert_run(struct pl_runs *runs, const struct pl_run *run, int64_t started_ns,
                      const char *figures, uint64_t content, int64_t *key, struct pl_error *err)
{
    struct bind b = {0};
    int rc = pl_sql_prepare(runs->db,
                            "INSERT INTO runs (id, started_ns, wall_seconds, version, strategy, "
                            "data, fill_model, start_ns, end_ns, currency, pnl, max_drawdown, "
                            "sharpe, fills, requests, data_digest, request_digest, "
                            "settings_digest, content_digest, settings_yaml, figures) VALUES (?,"
                            "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                            &b.stmt, err);
    if (rc < 0) {
        return rc;
    }
    put_text(&b, run->id);
    put_i64(&b, started_ns);
    put_f64(&b, run->wall_seconds);
    put_text(&b, run->version);
    put_text(&b, run->strategy);
    put_text(&b, run->data);
    put_text(&b, run->fill_model);
    put_i64(&b, run->start_ns);
    put_i64(&b, run->end_ns);
    put_text(&b, pl_run_currency(run));
    put_f64(&b, run->account.pnl);
    put_f64(&b, run->perf.max_drawdown);
    put_f64(&b, run->perf.sharpe);
    put_i64(&b, (int64_t)run->counts.fills);
    put_i64(&b, (int64_t)run->counts.requests);
    put_hex(&b, run->data_digest);
    put_hex(&b, run->request_digest);
    put_hex(&b, run->settings_digest);
    put_hex(&b, content);
    put_text(&b, run->settings_yaml);
    put_text(&b, figures);
    rc = put_row(&b, "cannot store a run", err);
    *key = sqlite3_last_insert_rowid(runs->db);
    (void)sqlite3_finalize(b.stmt);
    return rc;
}

struct fill_writer {
    struct bind b;
    int64_t key, idx;
    struct pl_error *err;
};

static int on_fill_insert(void *ctx, const struct pl_run_fill *f)
{
    struct fill_writer *w = ctx;
    struct bind *b = &w->b;
    put_i64(b, w->key);
    put_i64(b, w->idx++);
    put_i64(b, f->market);
    put_i64(b, f->venue_ns);
    put_i64(b, f->local_ns);
    put_text(b, f->side == 0 ? "buy" : "sell");
    put_i64(b, f->taker != 0);
    put_i64(b, f->maker_idx);
    put_i64(b, (int64_t)f->order_id); /* the same 64 bits */
    const double value[] = {
        f->px, f->qty, f->fee, f->mid, f->position, f->queue_at_arrival, f->queue_waited_ns};
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++) {
        put_f64(b, value[i]);
    }
    for (int k = 0; k < PL_RUN_MARKOUTS; k++) {
        put_f64(b, f->markout[k]);
    }
    return put_row(b, "cannot store a fill", w->err);
}

static int insert_fills(struct pl_runs *runs, const struct pl_run *run, int64_t key,
                        struct pl_error *err)
{
    struct fill_writer w = {.key = key, .err = err};
    if (run->fills == NULL) {
        return 0;
    }
    int rc =
        pl_sql_prepare(runs->db,
                       "INSERT INTO fills (run, idx, " PL_RUNS_FILL_COLUMNS ") VALUES (?,?,?,?,"
                       "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                       &w.b.stmt, err);
    if (rc == 0) {
        rc = run->fills(run, on_fill_insert, &w);
    }
    (void)sqlite3_finalize(w.b.stmt);
    if (rc == 0 && (uint64_t)w.idx != run->fill_count) {
        rc = pl_error_set(err, PL_ERR_STATE, "run %s gave %lld fills where it promised %llu",
                          run->id, (long long)w.idx, (unsigned long long)run->fill_count);
    }
    return rc;
}

static int insert_points(struct bind *b, int64_t key, int64_t market,
                         const struct pl_run_point *point, uint32_t count, struct pl_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        const struct pl_run_point *p = &point[i];
        const double value[] = {p->bid,      p->ask,  p->own_bid, p->own_ask,
                                p->position, p->mark, p->equity,  p->drawdown};
        put_i64(b, key);
        put_i64(b, market);
        put_i64(b, i);
        put_i64(b, p->t_ns);
        for (size_t k = 0; k < sizeof value / sizeof value[0]; k++) {
            put_f64(b, value[k]);
        }
        rc = put_row(b, "cannot store a point", err);
    }
    return rc;
}

static int insert_equity(struct pl_runs *runs, const struct pl_run *run, int64_t key,
                         struct pl_error *err)
{
    struct bind b = {0};
    int rc = pl_sql_prepare(runs->db,
                            "INSERT INTO equity (run, market, idx, " PL_RUNS_POINT_COLUMNS
                            ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                            &b.stmt, err);
    if (rc == 0) {
        rc = insert_points(&b, key, PL_RUNS_ACCOUNT, run->equity, run->equity_count, err);
    }
    for (uint32_t i = 0; rc == 0 && i < run->market_count; i++) {
        rc = insert_points(&b, key, i, run->market[i].point, run->market[i].point_count, err);
    }
    (void)sqlite3_finalize(b.stmt);
    return rc;
}

int pl_runs_insert(struct pl_runs *runs, const struct pl_run *run, int64_t started_ns,
                   struct pl_error *err)
{
    char *figures = NULL;
    uint64_t content = 0;
    int64_t key = 0;
    int rc = pl_run_json_print(run, NULL, 0, &figures, err);
    if (rc == 0) {
        rc = pl_runs_digest(run, pl_str(figures), &content, err);
    }
    if (rc == 0) {
        rc = pl_sql_begin(runs->db, err);
    }
    if (rc < 0) {
        free(figures);
        return rc;
    }
    rc = find_same(runs, run, content, err);
    bool fresh = rc == 0;
    if (fresh) {
        rc = insert_run(runs, run, started_ns, figures, content, &key, err);
    }
    if (fresh && rc == 0) {
        rc = insert_fills(runs, run, key, err);
    }
    if (fresh && rc == 0) {
        rc = insert_equity(runs, run, key, err);
    }
    free(figures);
    rc = pl_sql_end(runs->db, rc, err);
    return rc < 0 ? rc : fresh;
}
