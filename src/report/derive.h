/* report/derive.h - figures computed from a finished run, once, for terminal, JSON and page alike.
 *
 * Units   markouts in bps of the fill price and in settlement money per fill (quote currency for
 *         linear and spot, base for inverse contracts); ratios plain; fractions of value in bps.
 * Memory  the struct is a value; two passes over the fills, nothing kept.
 * Absent  a figure without data is NAN: "-" for people, null in JSON.
 * Source  standard errors: clustered by time block (Liang & Zeger 1986, with the G/(G-1)
 *         correction), because fills close in time share one markout path. */
#ifndef PL_REPORT_DERIVE_H
#define PL_REPORT_DERIVE_H

#include "report/run.h"

enum pl_markout_side { PL_MARKOUT_BUY = 0, PL_MARKOUT_SELL = 1, PL_MARKOUT_ALL = 2 };
#define PL_MARKOUT_SIDES 3

struct pl_markout {
    uint64_t n;        /* fills whose mid at tau is known */
    uint64_t clusters; /* time blocks of max(tau, 1 s) that hold one of them */
    double mean_bps, se_bps;
    double mean_money, se_money; /* per fill */
    double sum_money;
};

/* What a market or the account made, in ratios. */
struct pl_ratios {
    double pnl_bps, captured_bps, fees_bps, adverse_5s_bps; /* of traded value */
    double residual;          /* pnl - (captured + inventory - fees + funding): rounding only */
    double kept_5s;           /* captured less what the next 5 s took back */
    double fill_ratio_orders; /* orders wholly filled / orders */
    double requests_per_fill, cancels_per_order;
    double mean_fill;     /* base units */
    double taker_share;   /* of executions */
    double guarded_share; /* decisions answered by a guard without asking the strategy */
};

struct pl_derived {
    struct pl_markout markout[PL_RUN_MARKOUTS][PL_MARKOUT_SIDES];
    struct pl_ratios account;
};

/* PL_ERR_MALFORMED when a fill names a market that is not there; else what run->fills gives. */
PL_MUST_USE int pl_derive(const struct pl_run *run, struct pl_derived *out, struct pl_error *err);
struct pl_ratios pl_derive_ratios(const struct pl_run_money *money,
                                  const struct pl_run_counts *counts);
/* Signed money that a fill had made `markout` (price units) after it, before fees. */
double pl_markout_money(const struct pl_inst *inst, const struct pl_run_fill *fill, double markout);
/* q in [0, 1]: linear inside the bucket, never outside [min, max]; NAN when empty. */
double pl_hist_quantile(const struct pl_run_hist *hist, double q);
double pl_hist_mean(const struct pl_run_hist *hist); /* NAN when empty */
/* Currency of the account figures; never NULL. */
const char *pl_run_currency(const struct pl_run *run);

#endif
