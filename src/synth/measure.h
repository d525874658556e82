/* synth/measure.h - what a market looks like in numbers: spread, depth, rhythm, sizes, returns.
 *
 * The same measures of a real capture and of a generated market say how alike they are
 * (docs/synth.md holds the table, tests/unit/synth/test_synth.c the bands).
 *
 * Units   times of the venue's clock; sizes in base units; returns and markouts in basis points.
 * Memory  a book, a minute of 100 ms samples, at most 131072 prints younger than 5 s (3 MB).
 * Cost    O(1) per row near the touch.
 * Sources signature plot: Andersen, Bollerslev, Diebold, Labys (2000); long memory of trade signs:
 *         Lillo, Farmer (2004), Bouchaud et al. (2004). */
#ifndef PL_SYNTH_MEASURE_H
#define PL_SYNTH_MEASURE_H

#include "core/block.h"

#define PL_MEASURE_LEVELS    10
#define PL_MEASURE_RET_LAGS  5
#define PL_MEASURE_SCALES    5 /* 0.1, 1, 5, 30, 60 s */
#define PL_MEASURE_SIGN_LAGS 5 /* 1, 2, 5, 10, 50 taker orders */
extern const double pl_measure_scale_s[PL_MEASURE_SCALES];
extern const int pl_measure_sign_lag[PL_MEASURE_SIGN_LAGS];

/* A taker order is a run of prints with one stamp and one side. Where a figure cannot be formed
 * (no trades, too short) it is 0. */
struct pl_market_stats {
    double duration_s, rows, msgs_per_s, rows_per_s;
    double depth_per_s, bbo_per_s, trades_per_s;
    double rows_per_depth;
    double spread_one_tick;               /* share of time */
    double spread_ticks;                  /* time-weighted mean */
    double touch_moves_per_s;             /* changes of the best bid or ask price */
    double level_base[PL_MEASURE_LEVELS]; /* mean size of the i-th occupied level, both sides */
    double level10_ticks;                 /* mean distance of the tenth from the first */
    double touch_cv;                      /* of the size at the touch, once a second */
    double depth_gap_ms, depth_gap_cv;
    double order_gap_ms, order_gap_cv, order_gap_acf1; /* between taker orders */
    double count_acf1,
        count_dispersion; /* prints per second: correlation with the next; var/mean */
    double prints_per_order;
    double size_mean, size_q10, size_q50, size_q90, size_q99; /* prints */
    double size_round; /* share divisible by ten lots, among prints of ten lots and more */
    double ret_acf[PL_MEASURE_RET_LAGS]; /* of the mid, 1 s */
    double vol_bps[PL_MEASURE_SCALES];   /* sqrt(realised variance per second), overlapping */
    double abs_ret_acf1;                 /* of |1 s return|: clustering of volatility */
    double sign_acf[PL_MEASURE_SIGN_LAGS];
    double maker_markout_bps[2]; /* what the resting side made, 1 s and 5 s later */
    double imbalance_corr_1s;    /* touch imbalance with the mid's move over the next 1 s */
    double feed_latency_ms, feed_latency_p99_ms; /* above its own floor */
};

struct pl_measure;

PL_MUST_USE int pl_measure_create(const struct pl_inst *inst, struct pl_measure **out);
void pl_measure_destroy(struct pl_measure **measure); /* accepts NULL; leaves *measure NULL */
/* One message of this market, in order. */
PL_MUST_USE int pl_measure_msg(struct pl_measure *measure, const struct pl_msg *msg);
void pl_measure_result(const struct pl_measure *measure, struct pl_market_stats *out);

/* All markets of a source, from where it stands to its end. out[0..cap); returns their number. */
PL_MUST_USE int pl_measure_source(struct pl_source *source, struct pl_market_stats *out,
                                  uint32_t cap, struct pl_error *err);

/* The figures as rows, for tables and JSON. */
struct pl_measure_row {
    const char *name, *unit, *what;
    size_t offset; /* of a double in struct pl_market_stats */
};
extern const struct pl_measure_row pl_measure_rows[];
extern const size_t pl_measure_row_count;
double pl_measure_value(const struct pl_market_stats *stats, size_t row);

#endif
