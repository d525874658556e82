#include "store/runs.h"

#include "base/assert.h"
#include "store/runs_content.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID "1347177810" /* "PLMR", in the file header: this file is ours */
#define BUSY_MS        10000

/* migration[i] takes a file from user_version i to i + 1. Never change one that was released. */
static const char *const migration[] = {
    "CREATE TABLE runs (\n"
    "  run INTEGER PRIMARY KEY,\n"
    "  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 39),\n"
    "  started_ns INTEGER NOT NULL,\n"
    "  wall_seconds REAL,\n"
    "  version TEXT NOT NULL,\n"
    "  strategy TEXT NOT NULL,\n"
    "  data TEXT NOT NULL,\n"
    "  fill_model TEXT NOT NULL,\n"
    "  start_ns INTEGER NOT NULL,\n"
    "  end_ns INTEGER NOT NULL,\n"
    "  currency TEXT NOT NULL,\n"
    "  pnl REAL,\n"
    "  max_drawdown REAL,\n"
    "  sharpe REAL,\n"
    "  fills INTEGER NOT NULL,\n"
    "  requests INTEGER NOT NULL,\n"
    "  data_digest TEXT NOT NULL,\n"
    "  request_digest TEXT NOT NULL,\n"
    "  settings_digest TEXT NOT NULL,\n"
    "  content_digest TEXT NOT NULL,\n"
    "  settings_yaml TEXT,\n"
    "  figures TEXT NOT NULL CHECK (json_valid(figures))\n"
    ") STRICT;\n"
    "CREATE INDEX runs_started ON runs (started_ns);\n"
    "CREATE TABLE fills (\n"
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,\n"
    "  idx INTEGER NOT NULL,\n"
    "  market INTEGER NOT NULL,\n"
    "  venue_ns INTEGER NOT NULL,\n"
    "  local_ns INTEGER NOT NULL,\n"
    "  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),\n"
    "  taker INTEGER NOT NULL CHECK (taker IN (0, 1)),\n"
    "  maker INTEGER NOT NULL,\n"
    "  order_id INTEGER NOT NULL,\n"
    "  px REAL NOT NULL,\n"
    "  qty REAL NOT NULL,\n"
    "  fee REAL NOT NULL,\n"
    "  mid REAL,\n"
    "  position REAL NOT NULL,\n"
    "  queue_at_arrival REAL,\n"
    "  queue_waited_ns REAL,\n"
    "  markout_100ms REAL,\n"
    "  markout_1s REAL,\n"
    "  markout_5s REAL,\n"
    "  markout_30s REAL,\n"
    "  markout_60s REAL,\n"
    "  PRIMARY KEY (run, idx)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE equity (\n"
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,\n"
    "  market INTEGER NOT NULL,\n"
    "  idx INTEGER NOT NULL,\n"
    "  t_ns INTEGER NOT NULL,\n"
    "  bid REAL,\n"
    "  ask REAL,\n"
    "  own_bid REAL,\n"
    "  own_ask REAL,\n"
    "  position REAL,\n"
    "  mark REAL,\n"
    "  equity REAL,\n"
    "  drawdown REAL,\n"
    "  PRIMARY KEY (run, market, idx)\n"
    ") STRICT, WITHOUT ROWID;\n",
};

/* Refuses files that are not ours before anything is written into them. */
static int check_file(sqlite3 *db, const char *path, int64_t *version, struct pl_error *err)
{
    int64_t application = 0, tables = 0;
    int rc = pl_sql_i64(db, "PRAGMA application_id", &application, err);
    if (rc == 0) {
        rc = pl_sql_i64(db, "PRAGMA user_version", version, err);
    }
    if (rc == 0) {
        rc = pl_sql_i64(db, "SELECT count(*) FROM sqlite_schema", &tables, err);
    }
    if (rc < 0) {
        return rc;
    }
    bool ours = application == strtoll(APPLICATION_ID, NULL, 10);
    if (!ours && (tables > 0 || application != 0)) {
        return pl_error_set(err, PL_ERR_MALFORMED,
                            "%s: a database of another program, not of runs: name another file",
                            path);
    }
    if (*version > (int64_t)PL_COUNT(migration)) {
        return pl_error_set(err, PL_ERR_UNSUPPORTED,
                            "%s: made by a newer plimsoll (format %lld, this one knows %zu): use "
                            "that one, or another file",
                            path, (long long)*version, PL_COUNT(migration));
    }
    return 0;
}

static int migrate(sqlite3 *db, const char *path, struct pl_error *err)
{
    int64_t version = 0;
    int rc = check_file(db, path, &version, err);
    if (rc < 0 || version == (int64_t)PL_COUNT(migration)) {
        return rc;
    }
    rc = pl_sql_exec(db, "PRAGMA journal_mode = WAL", "cannot set its journal", err);
    if (rc == 0) {
        rc = pl_sql_begin(db, err);
    }
    if (rc < 0) {
        return rc;
    }
    rc = check_file(db, path, &version, err); /* another process may have been faster */
    for (size_t i = (size_t)version; rc == 0 && i < PL_COUNT(migration); i++) {
        char done[96];
        (void)snprintf(done, sizeof done,
                       "PRAGMA application_id = " APPLICATION_ID "; PRAGMA user_version = %zu",
                       i + 1);
        rc = pl_sql_exec(db, migration[i], "cannot set up its tables", err);
        if (rc == 0) {
            rc = pl_sql_exec(db, done, "cannot set up its tables", err);
        }
    }
    return pl_sql_end(db, rc, err);
}

static int make_folder(const char *path, struct pl_error *err)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    if (slash == NULL || slash == path) {
        return 0;
    }
    int n = snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    if (n < 0 || (size_t)n >= sizeof folder) {
        return pl_error_set(err, PL_ERR_INVALID, "%s: the path is too long", path);
    }
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        return pl_error_set(err, PL_ERR_IO, "cannot make the folder %s: %s", folder,
                            strerror(errno));
    }
    return 0;
}

int pl_runs_open(const char *path, enum pl_runs_mode mode, struct pl_runs **out,
                 struct pl_error *err)
{
    *out = NULL;
    if (mode == PL_RUNS_EXISTING && access(path, F_OK) != 0) {
        return pl_error_set(err, PL_ERR_NOTFOUND,
                            "%s: no runs database here (a backtest makes one; --db names another)",
                            path);
    }
    int rc = mode == PL_RUNS_CREATE ? make_folder(path, err) : 0;
    struct pl_runs *runs = rc == 0 ? calloc(1, sizeof *runs) : NULL;
    if (runs == NULL) {
        return rc < 0 ? rc : pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", path);
    }
    int flags = SQLITE_OPEN_READWRITE | (mode == PL_RUNS_CREATE ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(path, &runs->db, flags, NULL) != SQLITE_OK) {
        rc = pl_error_set(err, PL_ERR_IO, "%s: cannot open it: %s", path, sqlite3_errmsg(runs->db));
    }
    if (rc == 0) {
        (void)sqlite3_extended_result_codes(runs->db, 1); /* never fail on an open handle */
        (void)sqlite3_busy_timeout(runs->db, BUSY_MS);
        rc = migrate(runs->db, path, err);
    }
    if (rc == 0) {
        rc = pl_sql_exec(runs->db, "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL",
                         "cannot set it up", err);
    }
    if (rc < 0) {
        pl_runs_close(&runs);
    }
    *out = runs;
    return rc;
}

void pl_runs_close(struct pl_runs **runs)
{
    if (runs != NULL && *runs != NULL) {
        int rc = sqlite3_close((*runs)->db);
        PL_ASSERT(rc == SQLITE_OK); /* a statement is still open: our own leak */
        free(*runs);
        *runs = NULL;
    }
}

int pl_runs_list(struct pl_runs *runs, int (*each)(void *ctx, const struct pl_runs_row *row),
                 void *ctx, struct pl_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = pl_sql_prepare(runs->db,
                            "SELECT id, strategy, data, fill_model, currency, started_ns, start_ns,"
                            " end_ns, pnl, max_drawdown, sharpe, wall_seconds, fills, requests"
                            " FROM runs ORDER BY started_ns DESC, run DESC",
                            &stmt, err);
    int stop = 0;
    while (rc == 0 && stop == 0 && (rc = pl_sql_step(stmt, "cannot list its runs", err)) == 1) {
        struct pl_runs_row row = {
            .id = pl_sql_text(stmt, 0),
            .strategy = pl_sql_text(stmt, 1),
            .data = pl_sql_text(stmt, 2),
            .fill_model = pl_sql_text(stmt, 3),
            .currency = pl_sql_text(stmt, 4),
            .started_ns = sqlite3_column_int64(stmt, 5),
            .start_ns = sqlite3_column_int64(stmt, 6),
            .end_ns = sqlite3_column_int64(stmt, 7),
            .pnl = pl_sql_f64(stmt, 8),
            .max_drawdown = pl_sql_f64(stmt, 9),
            .sharpe = pl_sql_f64(stmt, 10),
            .wall_seconds = pl_sql_f64(stmt, 11),
            .fills = (uint64_t)sqlite3_column_int64(stmt, 12),
            .requests = (uint64_t)sqlite3_column_int64(stmt, 13),
        };
        stop = each(ctx, &row);
        rc = 0;
    }
    (void)sqlite3_finalize(stmt); /* repeats the error of the step */
    return rc < 0 ? rc : stop;
}

/* How many ids `sql` finds for `name`; the first goes to *id. */
static int find(struct pl_runs *runs, const char *sql, const char *name, char (*id)[40],
                struct pl_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = pl_sql_prepare(runs->db, sql, &stmt, err), found = 0;
    if (rc == 0 && sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC) != SQLITE_OK) {
        rc = pl_sql_error(runs->db, "cannot ask it", err);
    }
    while (rc == 0 && (rc = pl_sql_step(stmt, "cannot look for a run", err)) == 1) {
        if (found++ == 0) {
            (void)snprintf(*id, sizeof *id, "%s", pl_sql_text(stmt, 0));
        }
        rc = 0;
    }
    (void)sqlite3_finalize(stmt);
    return rc < 0 ? rc : found;
}

int pl_runs_find(struct pl_runs *runs, const char *name, char (*id)[40], struct pl_error *err)
{
    if (strcmp(name, "last") == 0) {
        int rc = find(runs,
                      "SELECT id FROM runs WHERE ?1 = 'last'"
                      " ORDER BY started_ns DESC, run DESC LIMIT 1",
                      name, id, err);
        return rc != 0 ? (rc < 0 ? rc : 0)
                       : pl_error_set(err, PL_ERR_NOTFOUND, "there are no runs yet");
    }
    int rc = find(runs, "SELECT id FROM runs WHERE id = ?1", name, id, err);
    if (rc == 0) {
        rc = find(runs, "SELECT id FROM runs WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id",
                  name, id, err);
    }
    if (rc > 1) {
        return pl_error_set(err, PL_ERR_INVALID, "%d runs begin with \"%s\": give more of the id",
                            rc, name);
    }
    if (rc == 0) {
        return pl_error_set(err, PL_ERR_NOTFOUND,
                            "no run \"%s\": plimsoll report --list shows what is there", name);
    }
    return rc < 0 ? rc : 0;
}

int pl_runs_delete(struct pl_runs *runs, const char *id, struct pl_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = pl_sql_begin(runs->db, err);
    if (rc < 0) {
        return rc;
    }
    rc = pl_sql_prepare(runs->db, "DELETE FROM runs WHERE id = ?1", &stmt, err);
    if (rc == 0 && sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC) != SQLITE_OK) {
        rc = pl_sql_error(runs->db, "cannot ask it", err);
    }
    if (rc == 0) {
        rc = pl_sql_step(stmt, "cannot delete a run", err);
    }
    if (rc == 0 && sqlite3_changes(runs->db) == 0) {
        rc = pl_error_set(err, PL_ERR_NOTFOUND, "no run \"%s\"", id);
    }
    (void)sqlite3_finalize(stmt);
    return pl_sql_end(runs->db, rc, err);
}
