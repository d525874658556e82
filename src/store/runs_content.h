/* store/runs_content.h - what the parts of the runs database share: the handle, the columns of fills
 * and points, and the digest over a run's content. Inside store/ only. */
#ifndef PL_STORE_RUNS_CONTENT_H
#define PL_STORE_RUNS_CONTENT_H

#include "base/str.h"
#include "report/run.h"
#include "store/sql.h"

struct pl_runs {
    sqlite3 *db;
};

#define PL_RUNS_ACCOUNT (-1) /* equity.market of the account's own series */

/* The columns of fills after (run, idx), and of equity after (run, market, idx), in order. */
#define PL_RUNS_FILL_COLUMNS                                                                  \
    "market, venue_ns, local_ns, side, taker, maker, order_id, px, qty, fee, mid, position, " \
    "queue_at_arrival, queue_waited_ns, markout_100ms, markout_1s, markout_5s, markout_30s, " \
    "markout_60s"
#define PL_RUNS_FILL_COLUMN_COUNT 19
#define PL_RUNS_POINT_COLUMNS     "t_ns, bid, ask, own_bid, own_ask, position, mark, equity, drawdown"

/* Digest over the figures (JSON text), every fill and every point; NAN and -0 have one form each. */
PL_MUST_USE int pl_runs_digest(const struct pl_run *run, struct pl_str figures, uint64_t *out,
                               struct pl_error *err);

#endif
