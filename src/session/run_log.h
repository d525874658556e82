/* session/run_log.h - what a run has to say while it goes, as log lines (docs/logging.md): its start
 * and end, what the import noted, each market's gaps and one-sided moments, funding, refusals.
 *
 * Time    is the market's (venue time of the message at hand), so a run writes the same log again.
 * Owner   the thread of the run. With a NULL log nothing is looked at. */
#ifndef PL_SESSION_RUN_LOG_H
#define PL_SESSION_RUN_LOG_H

#include "base/int128.h"
#include "base/log.h"
#include "session/run_single.h"

struct pl_run_log_market {
    bool stale, one_sided, seen; /* seen: has been two-sided */
    int64_t stale_ns, one_sided_ns;
};

struct pl_run_log {
    struct pl_log *log;
    const struct pl_single *single;
    int64_t now_ns, minute_ns;
    struct pl_run_log_market market[PL_RUN_MARKETS_MAX];
    double *funding; /* of each maker, as far as it was told */
};

/* `single` has its data open. PL_ERR_NOMEM. */
PL_MUST_USE int pl_run_log_init(struct pl_run_log *run_log, struct pl_log *log,
                                const struct pl_single *single, uint32_t maker_count);
void pl_run_log_fini(struct pl_run_log *run_log);
/* After each message (pl_backtest_spec.on_message). */
void pl_run_log_on_message(void *ctx, uint32_t idx, const struct pl_block *b, uint32_t i);
/* rc: what pl_backtest_run returned, and its words. */
void pl_run_log_end(struct pl_run_log *run_log, int rc, const struct pl_error *err);

#endif
