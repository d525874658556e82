#include "oms/ledger.h"

#include "base/assert.h"

void pl_ledger_terms_init(struct pl_ledger_terms *terms, const struct pl_inst *inst)
{
    double contract = pl_decimal_to_double(inst->contract_size);
    *terms = (struct pl_ledger_terms){
        .kind = inst->kind,
        .maker_fee_e9 = inst->maker_fee_e9,
        .taker_fee_e9 = inst->taker_fee_e9,
        .tick = pl_inst_tick(inst),
        .lot = pl_inst_lot(inst),
    };
    if (inst->kind != PL_INST_INVERSE) {
        terms->unit = terms->tick * terms->lot * contract;
        return;
    }
    /* value in coins = lots * lot * contract / (px * tick). As an integer: num / px in 1e-12 coins
     * with num = lot * contract * 1e12 / tick, exact because every factor is a short decimal. */
    pl_i128 num = (pl_i128)inst->lot.mantissa * inst->contract_size.mantissa;
    int32_t scale = 12 + inst->tick.scale - inst->lot.scale - inst->contract_size.scale;
    for (; scale > 0; scale--) {
        num *= 10;
    }
    pl_i128 den = inst->tick.mantissa;
    for (; scale < 0; scale++) {
        den *= 10;
    }
    terms->inverse_num = num / den;
    terms->unit = 1e-12;
}

static pl_i128 divide_half_even(pl_i128 num, pl_i128 den)
{
    PL_ASSERT(num >= 0 && den > 0);
    pl_i128 q = num / den, r2 = (num % den) * 2;
    return r2 > den || (r2 == den && (q & 1)) ? q + 1 : q;
}

pl_i128 pl_ledger_value(const struct pl_ledger_terms *terms, int64_t px, int64_t lots)
{
    if (PL_LIKELY(terms->kind != PL_INST_INVERSE)) {
        return (pl_i128)px * lots;
    }
    return px > 0 ? divide_half_even(terms->inverse_num * lots, px) : 0;
}

void pl_ledger_fill(struct pl_ledger *ledger, const struct pl_ledger_terms *terms,
                    enum pl_side side, int64_t px, int64_t lots, bool taker)
{
    PL_ASSERT(lots > 0);
    pl_i128 value = pl_ledger_value(terms, px, lots);
    int64_t sign = pl_side_sign(side);
    /* A linear buy pays value; an inverse buy is short coins by value, so the sign turns round. */
    pl_i128 flow = (terms->kind == PL_INST_INVERSE ? value : -value) * sign;
    int64_t pos = ledger->pos_lots, delta = sign * lots;
    if (pos == 0 || (pos > 0) == (delta > 0)) {
        ledger->open_cost += flow;
    } else {
        int64_t held = pos > 0 ? pos : -pos, closing = lots < held ? lots : held;
        pl_i128 cost_out = ledger->open_cost * closing / held;
        pl_i128 flow_close = lots == closing ? flow : flow * closing / lots;
        ledger->realised += cost_out + flow_close;
        ledger->open_cost += flow - flow_close - cost_out;
    }
    ledger->pos_lots = pos + delta;
    ledger->cash += flow;
    int64_t fee_e9 = taker ? terms->taker_fee_e9 : terms->maker_fee_e9;
    ledger->fee_e9 += (terms->fee_by_qty ? (pl_i128)lots : value) * fee_e9;
    ledger->turnover += value;
    ledger->volume_lots += lots;
    ledger->trades++;
}

void pl_ledger_funding(struct pl_ledger *ledger, const struct pl_ledger_terms *terms,
                       int64_t mark_px, int64_t rate_e9)
{
    int64_t pos = ledger->pos_lots, held = pos > 0 ? pos : -pos;
    pl_i128 value = pl_ledger_value(terms, mark_px, held);
    ledger->funding_e9 += (pos > 0 ? -value : value) * rate_e9;
}

pl_i128 pl_ledger_pnl(const struct pl_ledger *ledger, const struct pl_ledger_terms *terms,
                      int64_t px)
{
    int64_t pos = ledger->pos_lots, held = pos > 0 ? pos : -pos;
    pl_i128 value = pl_ledger_value(terms, px, held);
    bool long_value = (terms->kind != PL_INST_INVERSE) == (pos > 0);
    return ledger->cash + (long_value ? value : -value);
}

int pl_ledger_regrid(struct pl_ledger *ledger, const struct pl_ledger_terms *terms,
                     const struct pl_regrid *regrid)
{
    int64_t pos = ledger->pos_lots;
    if (!pl_regrid_exact(regrid->lots, &pos)) {
        return PL_ERR_OFFGRID;
    }
    ledger->pos_lots = pos;
    ledger->volume_lots =
        (int64_t)pl_regrid_nearest(ledger->volume_lots, regrid->lots.num, regrid->lots.den);
    if (terms->kind == PL_INST_INVERSE) {
        return 0; /* its money does not depend on the grid */
    }
    pl_i128 num = (pl_i128)regrid->px.num * regrid->lots.num;
    pl_i128 den = (pl_i128)regrid->px.den * regrid->lots.den;
    pl_i128 *money[] = {&ledger->cash,   &ledger->open_cost,  &ledger->realised,
                        &ledger->fee_e9, &ledger->funding_e9, &ledger->turnover};
    for (size_t i = 0; i < sizeof money / sizeof money[0]; i++) {
        *money[i] = pl_regrid_nearest(*money[i], num, den);
    }
    return 0;
}

double pl_ledger_money(const struct pl_ledger_terms *terms, pl_i128 units)
{
    return (double)units * terms->unit;
}

double pl_ledger_fee(const struct pl_ledger_terms *terms, const struct pl_ledger *ledger)
{
    double unit = terms->fee_by_qty ? terms->lot : terms->unit;
    return (double)ledger->fee_e9 * unit / 1e9;
}

double pl_ledger_funding_money(const struct pl_ledger_terms *terms, const struct pl_ledger *ledger)
{
    return (double)ledger->funding_e9 * terms->unit / 1e9;
}

double pl_ledger_entry(const struct pl_ledger *ledger, const struct pl_ledger_terms *terms)
{
    int64_t held = ledger->pos_lots < 0 ? -ledger->pos_lots : ledger->pos_lots;
    if (held == 0) {
        return 0;
    }
    pl_i128 cost = ledger->open_cost < 0 ? -ledger->open_cost : ledger->open_cost;
    if (terms->kind != PL_INST_INVERSE) {
        return (double)cost / (double)held;
    }
    return cost > 0 ? (double)(terms->inverse_num * held) / (double)cost : 0;
}
