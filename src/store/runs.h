/* store/runs.h - the database of runs: one SQLite file that keeps every backtest, so that its report
 * can be made again and runs can be compared.
 *
 * Tables   runs (one row each: figures as JSON, settings, digests), fills, equity (sampled points of
 *          each market and, as market -1, of the account). docs/report.md lists the columns.
 * Content  the same run gives the same rows; only runs.started_ns and runs.wall_seconds are of the
 *          day. A digest over figures, fills and points is kept and checked when a run is read.
 * Owner    one thread. Other processes may read and write the same file (WAL, busy wait 10 s).
 * Memory   fills are streamed both ways; points of one run are in memory while it is read.
 * Errors   every function fills *err with words that name the file. */
#ifndef PL_STORE_RUNS_H
#define PL_STORE_RUNS_H

#include "report/run.h"

struct pl_runs;

enum pl_runs_mode {
    PL_RUNS_EXISTING, /* PL_ERR_NOTFOUND when there is no such file */
    PL_RUNS_CREATE,   /* makes the file, and its folder when only that is missing */
};

/* PL_ERR_MALFORMED: not a database of ours; PL_ERR_UNSUPPORTED: made by a newer program. */
PL_MUST_USE int pl_runs_open(const char *path, enum pl_runs_mode mode, struct pl_runs **out,
                             struct pl_error *err);
void pl_runs_close(struct pl_runs **runs); /* accepts NULL; runs read from it must be gone */

/* One transaction. 1 = inserted; 0 = this id is there with the same content; PL_ERR_MISMATCH = it is
 * there with other content. `started_ns`: wall clock when the run began. */
PL_MUST_USE int pl_runs_insert(struct pl_runs *runs, const struct pl_run *run, int64_t started_ns,
                               struct pl_error *err);

struct pl_runs_row { /* texts are valid during the call */
    const char *id, *strategy, *data, *fill_model, *currency;
    int64_t started_ns, start_ns, end_ns;
    double pnl, max_drawdown, sharpe, wall_seconds; /* NAN = none */
    uint64_t fills, requests;
};

/* Newest first; stops at a non-zero return of `each` and gives it back. */
PL_MUST_USE int pl_runs_list(struct pl_runs *runs,
                             int (*each)(void *ctx, const struct pl_runs_row *row), void *ctx,
                             struct pl_error *err);
/* `name`: an id, its beginning when only one id begins so, or "last". The id goes to *id. */
PL_MUST_USE int pl_runs_find(struct pl_runs *runs, const char *name, char (*id)[40],
                             struct pl_error *err);
/* The whole run; PL_ERR_CORRUPT when the rows do not match their digest. *out reads its fills from
 * `runs`, which must stay open; free it with pl_runs_release. */
PL_MUST_USE int pl_runs_get(struct pl_runs *runs, const char *id, struct pl_run **out,
                            struct pl_error *err);
void pl_runs_release(struct pl_run **run); /* accepts NULL */
PL_MUST_USE int pl_runs_delete(struct pl_runs *runs, const char *id, struct pl_error *err);

#endif
