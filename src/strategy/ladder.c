#include "strategy/ladder.h"

#include <math.h>

#define WHOLE_MAX 9e15 /* doubles count every integer up to here */

void pl_ladder_rules_init(struct pl_ladder_rules *rules, const struct pl_inst *inst)
{
    double contract = pl_decimal_to_double(inst->contract_size);
    double tick = pl_inst_tick(inst), lot = pl_inst_lot(inst);
    bool inverse = inst->kind == PL_INST_INVERSE;
    *rules = (struct pl_ladder_rules){
        .lots_min = inst->min_lots > 1 ? inst->min_lots : 1,
        .lots_max = inst->max_lots > 0 ? inst->max_lots : INT64_MAX,
        .px_min = inst->min_ticks > 1 ? inst->min_ticks : 1,
        .px_max = inst->max_ticks > 0 ? inst->max_ticks : INT64_MAX,
        .notional_min = pl_decimal_to_double(inst->min_notional),
        .value_lot = inverse ? lot * contract : 0,
        .value_lot_tick = inverse ? 0 : lot * tick * contract,
    };
}

struct size_range {
    int64_t least, most;
};

/* Legal sizes of one order at this price. */
static struct size_range legal_sizes(const struct pl_ladder_rules *r, double value_of_lot)
{
    struct size_range range = {r->lots_min, r->lots_max};
    if (r->notional_min > 0) {
        double least = ceil(r->notional_min / value_of_lot - PL_LADDER_SLACK);
        range.least = least < WHOLE_MAX && (int64_t)least > range.least ? (int64_t)least
                      : least < WHOLE_MAX                               ? range.least
                                                                        : INT64_MAX;
    }
    if (r->notional_max > 0) {
        double most = floor(r->notional_max / value_of_lot + PL_LADDER_SLACK);
        range.most = most < (double)range.most ? (int64_t)most : range.most;
    }
    return range;
}

/* Whole lots to quote, 0 = none. */
static int64_t size_lots(const struct pl_ladder_rules *r, struct size_range legal, double lots)
{
    if (!(lots > 0)) {
        return 0;
    }
    lots = floor(lots + PL_LADDER_SLACK);
    int64_t whole = lots < WHOLE_MAX ? (int64_t)lots : (int64_t)WHOLE_MAX;
    if (whole < legal.least) {
        whole = r->raise_small ? legal.least : 0;
    }
    whole = whole < legal.most ? whole : legal.most;
    return whole >= legal.least ? whole : 0;
}

struct room {
    int64_t lots;
    double value;
    uint8_t lots_reason;
};

/* Takes what fits of `lots`; less than the least legal size is nothing. */
static int64_t trim(struct room *room, int64_t lots, int64_t least, double value_of_lot,
                    uint8_t *reason)
{
    int64_t fits = lots;
    if (fits > room->lots) {
        fits = room->lots;
        *reason = room->lots_reason;
    }
    if ((double)fits * value_of_lot > room->value * (1 + 1e-12)) {
        double most = floor(room->value / value_of_lot + PL_LADDER_SLACK);
        fits = most > 0 ? (int64_t)most : 0;
        *reason = PL_NOQUOTE_MAX_NOTIONAL;
    }
    if (fits < lots) { /* nothing is left for the levels outside this one */
        room->lots = 0;
        room->value = 0;
        return fits >= least ? fits : 0;
    }
    room->lots -= fits;
    room->value -= (double)fits * value_of_lot;
    return fits;
}

static inline bool further_out(enum pl_side side, int64_t px, int64_t than)
{
    return side == PL_BUY ? px < than : px > than;
}

static void quote_side(const struct pl_ladder *ladder, enum pl_side side,
                       const struct pl_ladder_rules *rules, const struct pl_ladder_bounds *bounds,
                       struct pl_wanted *out, struct pl_ladder_trace *trace)
{
    struct room room = {bounds->lots_room[side], bounds->value_room[side], bounds->reason[side]};
    int64_t limit = bounds->px_limit[side], outward = -pl_side_sign(side);
    uint32_t count = 0;
    uint8_t reason = room.lots > 0 ? PL_NOQUOTE_NONE : room.lots_reason;
    for (uint32_t i = 0; i < ladder->count[side] && room.lots > 0; i++) {
        double raw = ladder->px[side][i];
        if (!(fabs(raw) < WHOLE_MAX)) {
            reason = PL_NOQUOTE_LEGAL_RANGE;
            continue;
        }
        int64_t px = (int64_t)pl_ladder_outward(side, raw);
        px = further_out(side, px, limit) ? px : limit;
        limit = px + outward; /* of the next level */
        if (px < rules->px_min || px > rules->px_max) {
            reason = PL_NOQUOTE_LEGAL_RANGE;
            continue;
        }
        double value_of_lot = rules->value_lot + rules->value_lot_tick * (double)px;
        struct size_range legal = legal_sizes(rules, value_of_lot);
        int64_t lots = size_lots(rules, legal, ladder->lots[side][i]);
        if (lots == 0) {
            reason = PL_NOQUOTE_BELOW_MIN;
            continue;
        }
        lots = trim(&room, lots, legal.least, value_of_lot, &reason);
        if (lots > 0) {
            if (trace != NULL) {
                trace->from[side][count] = (uint8_t)i;
            }
            out->level[side][count++] = (struct pl_wanted_level){px, lots};
        }
    }
    out->count[side] = count;
    out->reason[side] = count > 0 ? PL_NOQUOTE_NONE : reason;
}

void pl_ladder_quote(const struct pl_ladder *ladder, const struct pl_ladder_rules *rules,
                     const struct pl_ladder_bounds *bounds, struct pl_wanted *out,
                     struct pl_ladder_trace *trace)
{
    quote_side(ladder, PL_BUY, rules, bounds, out, trace);
    quote_side(ladder, PL_SELL, rules, bounds, out, trace);
}
