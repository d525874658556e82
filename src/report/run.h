/* report/run.h - what a run leaves behind: everything the terminal, the page, the JSON and the
 * runs database show. Plain data; filled by backtest/recorder.c, read by report/.
 *
 * Units   prices, money and sizes here are doubles in quote currency and base units, converted once
 *         from the exact ledger, for people and statistics. Times are ns UTC.
 * Memory  series are decimated by the recorder to at most PL_RUN_SERIES_MAX points; fills are read
 *         through a callback, because they may be spilled to disk. */
#ifndef PL_REPORT_RUN_H
#define PL_REPORT_RUN_H

#include "base/err.h"
#include "core/inst.h"

#include <stdint.h>

#define PL_RUN_SERIES_MAX   8192
#define PL_RUN_MARKOUTS     5 /* 100 ms, 1 s, 5 s, 30 s, 60 s */
#define PL_RUN_HIST_BUCKETS 64
extern const int64_t pl_run_markout_ns[PL_RUN_MARKOUTS];

/* One own execution. Markouts are s * (mid at fill + tau - px) per unit; NAN when the data ended. */
struct pl_run_fill {
    int64_t venue_ns, local_ns;
    uint32_t market; /* index into pl_run.market */
    uint32_t maker_idx;
    uint64_t order_id;
    double px, qty, fee; /* fee in the fee currency of the market; negative = rebate */
    double mid;          /* mid at the venue when it filled */
    double position;     /* after the fill */
    double queue_at_arrival, queue_waited_ns; /* displayed size ahead on arrival; time resting */
    double markout[PL_RUN_MARKOUTS];
    uint8_t side;  /* enum pl_side */
    uint8_t taker; /* 1 = took liquidity */
};

/* A sampled point of one market: the book, our quotes and the account. NAN = none. */
struct pl_run_point {
    int64_t t_ns;
    double bid, ask, own_bid, own_ask; /* touch of the market, our innermost quotes */
    double position, mark;             /* signed holding and its limit (max_position) */
    double equity, drawdown;           /* account: net PnL since start; <= 0 below the peak */
};

/* Log2-spaced buckets: bucket i counts values in [edge(i), edge(i + 1)), edge(i) = lo * 2^(i/4).
 * Values below lo are in bucket 0, values beyond the last edge (lo * 65536) in the last. `total` is
 * the sum of the weights (a number of events, or ms), sum / total the mean. Filled through
 * pl_run_hist_add, so that writer and reader agree on the edges. */
struct pl_run_hist {
    double lo;
    uint64_t count[PL_RUN_HIST_BUCKETS];
    uint64_t total;
    double sum, min, max; /* min and max mean nothing while total is 0 */
};

void pl_run_hist_init(struct pl_run_hist *hist, double lo); /* lo > 0 */
/* `weight` = 1 for an event, or ms for time-weighted values. NAN is not counted. O(log buckets). */
void pl_run_hist_add(struct pl_run_hist *hist, double value, uint64_t weight);
double pl_run_hist_edge(const struct pl_run_hist *hist, unsigned idx); /* idx 0..BUCKETS */

struct pl_run_counts {
    uint64_t messages, rows, trades; /* of market data */
    uint64_t decisions, decisions_guarded;
    uint64_t orders, cancels, amends, requests; /* requests = their sum */
    uint64_t rejects_post_only, rejects_other, cancel_too_late;
    uint64_t fills, fills_taker; /* executions; of them takers */
    uint64_t orders_filled;      /* orders wholly filled */
};

/* Quote currency. pnl = captured + inventory - fees + funding = realised + unrealised - fees + funding,
 * exactly; docs/report.md defines each figure. */
struct pl_run_money {
    double pnl, realised, unrealised, fees, funding;
    double captured;      /* sum s (mid - px) qty */
    double inventory;     /* sum position x mid change */
    double adverse_5s;    /* captured - markout at 5 s, sum over fills with a 5 s mid */
    double volume, value; /* base units, quote currency */
    double position, avg_entry, max_abs_position;
    double balance; /* cash flow without fees: - sum side px qty */
};

struct pl_run_market {
    struct pl_inst inst;
    struct pl_run_money money;
    struct pl_run_counts counts;
    double quoted_share;   /* share of time with both sides live */
    double at_touch_share; /* share of time at least one of our quotes stood at the touch */
    double spread_quoted_mean, spread_market_mean; /* time-weighted, price units */
    struct pl_run_hist spread;                     /* market spread in ticks, time-weighted in ms */
    struct pl_run_hist queue_at_fill; /* size ahead on arrival of orders that filled, lots */
    struct pl_run_hist latency_feed_ns, latency_entry_ns, latency_response_ns;
    const struct pl_run_point *point;
    uint32_t point_count;
    int64_t point_interval_ns; /* sampling interval after decimation */
};

struct pl_run_perf { /* quant.md 5.1 on sampled equity */
    double interval_s;
    uint64_t n;       /* returns used */
    int annualised;   /* 0 for runs under a day */
    double book_size; /* equity base the returns divide by */
    double sharpe, sortino, calmar, annual_return, max_drawdown, max_drawdown_frac;
    double turnover, return_on_trade, fill_ratio, fill_ratio_orders, requests_per_fill, volatility;
};

struct pl_run {
    char id[40];      /* "20261120-133700-avellaneda-1f3a" or digest when reproducible */
    char version[24]; /* of the program that ran it (PL_VERSION) */
    char strategy[32];
    char data[512];      /* file names, no folders */
    char fill_model[64]; /* "tick, power2" / "candles, direction" */
    char bias[256];      /* known bias of that model, one sentence */
    char currency[12];   /* of the account figures; "" = quote currency of market[0] */
    char *settings_yaml; /* effective settings; owned by the run */
    char *command;       /* command line that repeats the run; owned by the run; NULL = unknown */
    uint64_t data_digest, request_digest, settings_digest;
    int64_t start_ns, end_ns; /* of the data */
    double wall_seconds;      /* of the run; never part of a digest or of the page's numbers */
    uint32_t market_count;
    struct pl_run_market *market;
    struct pl_run_money account; /* totals over markets, in the account currency */
    struct pl_run_counts counts;
    struct pl_run_perf perf;
    const struct pl_run_point *equity; /* account series (bid..own_ask are NAN) */
    uint32_t equity_count;
    int64_t equity_interval_ns;
    /* Calls `each` for every fill in order; stops at a non-zero return and gives it back. */
    int (*fills)(const struct pl_run *run, int (*each)(void *ctx, const struct pl_run_fill *fill),
                 void *ctx);
    uint64_t fill_count;
    void *fills_ctx;
};

#endif
