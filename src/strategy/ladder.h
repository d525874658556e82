/* strategy/ladder.h - from the ladder a strategy has in mind to quotes the venue may see: rounding,
 * distinct prices, limits, sizes, room, legal range. A pure function; every maker goes through it.
 *
 * Units   ladder prices in ticks and sizes in lots, both as doubles; money in quote currency.
 * Order   round outward - limits - distinct - size - legal range - room from the innermost outward, so
 *         that what does not fit is taken from the outermost level.
 * Memory  none. Cost: O(levels). A level that cannot stand is left out; the others stay. */
#ifndef PL_STRATEGY_LADDER_H
#define PL_STRATEGY_LADDER_H

#include "core/inst.h"
#include "strategy/strategy.h"

struct pl_ladder { /* innermost first; levels beyond count are not read */
    uint32_t count[2];
    double px[2][PL_WANTED_LEVELS_MAX];
    double lots[2][PL_WANTED_LEVELS_MAX];
};

struct pl_ladder_rules {        /* of the instrument and the settings */
    int64_t lots_min, lots_max; /* per order */
    int64_t px_min, px_max;
    double notional_min, notional_max; /* per order; 0 = none */
    double value_lot, value_lot_tick;  /* value of a lot at p ticks: value_lot + value_lot_tick p */
    bool raise_small;                  /* a size below the minimum is lifted to it, else dropped */
};

struct pl_ladder_bounds { /* of one decision */
    int64_t px_limit[2];  /* bids at or below, asks at or above */
    int64_t lots_room[2]; /* most lots a side may sum to */
    double value_room[2]; /* most value a side may sum to; INFINITY = no limit */
    uint8_t reason[2];    /* enum pl_noquote of a side without lots_room */
};

/* Which level of the ladder each wanted level came from. */
struct pl_ladder_trace {
    uint8_t from[2][PL_WANTED_LEVELS_MAX];
};

/* Minimum and maximum of the venue; notional_max, raise_small are left for settings to fill in. */
void pl_ladder_rules_init(struct pl_ladder_rules *rules, const struct pl_inst *inst);
/* Writes level, count, and reason of empty sides. trace may be NULL. */
void pl_ladder_quote(const struct pl_ladder *ladder, const struct pl_ladder_rules *rules,
                     const struct pl_ladder_bounds *bounds, struct pl_wanted *out,
                     struct pl_ladder_trace *trace);

#define PL_PX_ANY_BID (INT64_MAX / 4) /* px_limit of a side that has none */
#define PL_PX_ANY_ASK (INT64_MIN / 4)
/* Held against rounding errors, in ticks and in lots: a price or size this close to the grid is on it.
 * The one of prices also takes in 99.9299999999 at a tick of 0.01. */
#define PL_LADDER_PX_SLACK 2e-8
#define PL_LADDER_SLACK    1e-9

static inline double pl_ladder_outward(enum pl_side side, double px)
{
    return side == PL_BUY ? __builtin_floor(px + PL_LADDER_PX_SLACK)
                          : __builtin_ceil(px - PL_LADDER_PX_SLACK);
}

#endif
