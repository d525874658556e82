/* core/inst.h - what a venue says about one instrument. A value: copied into tapes and events.
 *
 * Units   tick and lot are exact decimals in quote currency and base units (contracts for inverse);
 *         every other price is in ticks and every other size in lots.
 * Change  a venue may change these in mid-session: an event (PL_MSG_INST) carries the new ones. */
#ifndef PL_CORE_INST_H
#define PL_CORE_INST_H

#include "base/decimal.h"
#include "base/err.h"
#include "core/units.h"

enum pl_inst_kind {
    PL_INST_LINEAR = 0,  /* margined and settled in quote: value = px * qty * contract_size */
    PL_INST_INVERSE = 1, /* margined and settled in base: value = qty * contract_size / px */
    PL_INST_SPOT = 2,
};

struct pl_inst {
    char venue[16];  /* "binance-usdm", "bybit-linear", ... lower case */
    char symbol[32]; /* as the venue writes it: "BTCUSDT" */
    char base[12], quote[12];
    enum pl_inst_kind kind;
    struct pl_decimal tick, lot;
    struct pl_decimal contract_size;    /* 1 unless inverse: quote currency per contract */
    int64_t min_lots, max_lots;         /* per order; 0 = no limit */
    struct pl_decimal min_notional;     /* per order, quote currency; 0 = no limit */
    int64_t min_ticks, max_ticks;       /* legal prices; 0 = no limit */
    int64_t maker_fee_e9, taker_fee_e9; /* fee on value in 1e-9; negative = rebate */
};

/* Decimal text to ticks. EXACT is for market data: PL_ERR_OFFGRID between ticks. Our own quotes
 * choose: a bid DOWN, an ask UP, so that rounding never moves a quote inward. */
enum pl_round { PL_ROUND_EXACT, PL_ROUND_DOWN, PL_ROUND_UP };

PL_MUST_USE int pl_px_parse(const struct pl_inst *inst, struct pl_str text, enum pl_round round,
                            pl_px *out);
PL_MUST_USE int pl_qty_parse(const struct pl_inst *inst, struct pl_str text, enum pl_round round,
                             pl_qty *out);
/* px in quote currency and qty in base units, for people and for features: one correctly rounded
 * division of exact integers, so "1.234" comes out as the double nearest to 1.234. */
double pl_px_to_double(const struct pl_inst *inst, int64_t ticks);
double pl_qty_to_double(const struct pl_inst *inst, int64_t lots);
/* Size of one tick and one lot as doubles. */
double pl_inst_tick(const struct pl_inst *inst);
double pl_inst_lot(const struct pl_inst *inst);
/* Checks every field (tick > 0, lot > 0, limits ordered, names not empty). */
PL_MUST_USE int pl_inst_check(const struct pl_inst *inst, struct pl_error *err);

#endif
