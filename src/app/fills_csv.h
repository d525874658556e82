/* app/fills_csv.h - every fill of a run as a line of CSV, written as it happens.
 *
 * Columns  venue_ns,local_ns,symbol,side,px,qty,fee,maker_or_taker,order_id. local_ns is when the
 *          maker heard of it. Prices and sizes are exact decimals; a fee is exact up to 18 decimals,
 *          beyond that (and for inverse contracts) it is rounded to 12. Negative fee = rebate.
 * Owner    the caller; memory one stdio buffer, however many fills there are. */
#ifndef PL_APP_FILLS_CSV_H
#define PL_APP_FILLS_CSV_H

#include "oms/ledger.h"
#include "sim/sim.h"

#include <stdio.h>

struct pl_fills_csv {
    FILE *out;
    const char *path;
    const struct pl_inst *inst; /* by engine market; outlives the file */
    bool fee_by_qty;
};

/* path NULL = nothing is written. The caller sets inst and fee_by_qty before the first fill. */
PL_MUST_USE int pl_fills_csv_open(struct pl_fills_csv *csv, const char *path, struct pl_error *err);
/* A pl_backtest_spec.on_fill; ctx is the pl_fills_csv. */
void pl_fills_csv_on_fill(void *ctx, const struct pl_sim_fill *fill);
/* Says whether everything was written. Safe when nothing was opened. */
PL_MUST_USE int pl_fills_csv_close(struct pl_fills_csv *csv, struct pl_error *err);

#endif
