/* backtest/record_internal.h - state shared by recorder.c (while running) and recorder_finish.c. */
#ifndef PL_BACKTEST_RECORD_INTERNAL_H
#define PL_BACKTEST_RECORD_INTERNAL_H

#include "backtest/recorder.h"

#include <stdio.h>

#define RECORD_MARKETS_MAX 16
#define RECORD_SAMPLE_NS   (100 * PL_NS_PER_MS)

struct record_series {
    struct pl_run_point *point; /* PL_RUN_SERIES_MAX */
    uint32_t count;
    uint64_t stride, skip; /* every stride-th sample is kept */
};

struct record_market {
    struct pl_ledger_terms terms;
    double mid; /* ticks; NAN before the book has two sides */
    double first_mid, attributed_mid;
    int64_t pos_lots; /* on the venue's clock */
    double captured, inventory, max_abs_lots;
    int64_t samples, both_live, at_touch, quoted_samples;
    double quoted_sum, spread_sum;
    struct pl_run_hist spread, queue_at_fill, feed, entry, response;
    uint64_t orders_filled, fills_taker, fills;
    double adverse_5s;
    struct record_series series;
};

struct record_fill {
    struct pl_run_fill fill;
    double mid_value;  /* value of one lot at the mid of the fill */
    uint32_t resolved; /* markouts known so far */
};

struct pl_recorder {
    struct pl_engine *engine;
    struct pl_sim *sim;
    struct record_market market[RECORD_MARKETS_MAX];
    uint32_t market_count;
    struct record_series equity;
    double peak;
    int64_t next_sample_ns, first_ns, last_ns;
    struct record_fill *waiting; /* ring of fills without all markouts */
    uint32_t waiting_mask;
    uint64_t waiting_first, fill_count;   /* numbers of the oldest waiting fill and of the next */
    uint64_t horizon_at[PL_RUN_MARKOUTS]; /* next fill number to resolve at each horizon */
    FILE *spill;
    bool failed; /* a write failed: reported at the end */
};

/* Value of one lot at a price in ticks: grows with the price for every kind of contract. */
double record_value(const struct pl_ledger_terms *terms, double ticks);
double record_account_equity(const struct pl_recorder *r);
/* Resolves what is due up to `now_ns`, with the mids in force until then. */
void record_markouts(struct pl_recorder *r, int64_t now_ns, bool final);

#endif
