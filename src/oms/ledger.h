/* oms/ledger.h - exact position and money of one market in one account.
 *
 * Units   linear and spot: money in tick-lots (1 tick x 1 lot), fees in 1e-9 tick-lots; both exact.
 *         inverse: money in 1e-12 base coins, one rounding (half to even) per execution; fees in
 *         1e-12 base coins, the same rule.
 * Truth   cash and position are exact; realised PnL splits the cost of a position pro rata with one
 *         rounding (towards zero) per reducing execution, and unrealised is what remains, so their
 *         sum never drifts. */
#ifndef PL_OMS_LEDGER_H
#define PL_OMS_LEDGER_H

#include "base/int128.h"
#include "core/inst.h"
#include "core/regrid.h"

#include <stdbool.h>

struct pl_ledger_terms { /* what the ledger needs of an instrument */
    enum pl_inst_kind kind;
    int64_t maker_fee_e9, taker_fee_e9;
    bool fee_by_qty;     /* fee_e9 in 1e-9 quote units per base unit, not by value */
    pl_i128 inverse_num; /* inverse: base coins x 1e12 x ticks per lot: value = num * lots / px */
    double unit;         /* one money unit in quote (inverse: base) currency */
    double tick, lot;
};

struct pl_ledger {
    int64_t pos_lots;
    int64_t volume_lots;
    pl_i128 cash;       /* - sum of side x value; inverse: + (longs gain when 1/px falls) */
    pl_i128 open_cost;  /* signed value of the open position at entry */
    pl_i128 realised;   /* without fees and funding */
    pl_i128 fee_e9;     /* 1e-9 money units (inverse: 1e-12 coins x 1e9); by quantity: x lots */
    pl_i128 funding_e9; /* 1e-9 money units received (+) or paid (-): value x rate, exact */
    pl_i128 turnover;   /* sum of value */
    uint64_t trades;
};

void pl_ledger_terms_init(struct pl_ledger_terms *terms, const struct pl_inst *inst);
/* Value of lots at px in money units, always positive. */
pl_i128 pl_ledger_value(const struct pl_ledger_terms *terms, int64_t px, int64_t lots);
void pl_ledger_fill(struct pl_ledger *ledger, const struct pl_ledger_terms *terms,
                    enum pl_side side, int64_t px, int64_t lots, bool taker);
/* Longs pay when the rate is positive: - position x mark x rate (rate in 1e-9). */
void pl_ledger_funding(struct pl_ledger *ledger, const struct pl_ledger_terms *terms,
                       int64_t mark_px, int64_t rate_e9);
/* Tick or lot have changed (terms are already the new ones). Money is exact when both become finer;
 * otherwise each figure is rounded once, half to even, to the new unit. PL_ERR_OFFGRID, and nothing
 * done, when the position is not a whole number of new lots. */
PL_MUST_USE int pl_ledger_regrid(struct pl_ledger *ledger, const struct pl_ledger_terms *terms,
                                 const struct pl_regrid *regrid);
/* Profit at price px before fees and funding, in money units: exact. */
pl_i128 pl_ledger_pnl(const struct pl_ledger *ledger, const struct pl_ledger_terms *terms,
                      int64_t px);
/* Money units to quote (inverse: base) currency. */
double pl_ledger_money(const struct pl_ledger_terms *terms, pl_i128 units);
double pl_ledger_fee(const struct pl_ledger_terms *terms, const struct pl_ledger *ledger);
double pl_ledger_funding_money(const struct pl_ledger_terms *terms, const struct pl_ledger *ledger);
/* Average entry price in ticks, 0 when flat. */
double pl_ledger_entry(const struct pl_ledger *ledger, const struct pl_ledger_terms *terms);

#endif
