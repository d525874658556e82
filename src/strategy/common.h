/* strategy/common.h - the settings every maker has, and what they do to its ladder.
 *
 * A strategy embeds struct pl_common_params in its own parameters and includes common_rows.inc in
 * its settings table; its state embeds struct pl_common. A decision is
 *
 *     if (pl_common_open(&s->common, view, out)) {     - book usable, hours open
 *         ... fill a struct pl_ladder ...
 *         pl_common_quote(&s->common, view, &ladder, NULL, out, NULL);
 *     }
 * Units   params as their rows say; struct pl_common in ticks, lots, ns, and money in quote currency.
 * Memory  none. Cost: O(levels). */
#ifndef PL_STRATEGY_COMMON_H
#define PL_STRATEGY_COMMON_H

#include "strategy/hours.h"
#include "strategy/ladder.h"
#include "strategy/strategy.h"

enum pl_fill_delay_side { PL_FILL_DELAY_SAME, PL_FILL_DELAY_BOTH };
enum pl_outside_hours { PL_OUTSIDE_OFF, PL_OUTSIDE_REDUCE };
enum pl_below_min { PL_BELOW_RAISE, PL_BELOW_DROP };

struct pl_common_params {
    double refresh_ms;
    int64_t replace_threshold_ticks;
    double price_tolerance_bps, size_tolerance, refill_below;
    double filled_order_delay_ms;
    int32_t filled_order_delay_side;
    double filled_order_delay_fraction;
    double max_order_age_s;
    double inventory_target, max_position, max_notional;
    double price_ceiling, price_floor;
    char quoting_hours[PL_SETTING_TEXT_MAX];
    int32_t outside_hours;
    double min_order_notional, max_order_notional;
    int32_t below_min;
    bool post_only;
    int64_t post_only_backoff_max_ticks;
    double post_only_clear_ms, post_only_retry_ms;
};

extern const char *const pl_fill_delay_side_choices[];
extern const char *const pl_outside_hours_choices[];
extern const char *const pl_below_min_choices[];

struct pl_common { /* a maker's settings, bound to its instrument */
    struct pl_ladder_rules rules;
    double tick, lot;
    double target_lots;
    int64_t max_lots;      /* of the settings; the mark of the run may be smaller */
    int64_t room_lots;     /* the smaller of both */
    double max_notional;   /* 0 = none */
    double ceiling, floor; /* mid in ticks; +-INFINITY = none */
    double tolerance;      /* of a price, as a fraction of the mid */
    int64_t replace_ticks;
    int64_t fill_delay_ns;
    int64_t clear_ns, retry_ns, backoff_max;
    bool delay_both, post_only, reduce_outside;
    /* Quotes depend on prices in ticks, the position and time alone: a guard may be stated. */
    bool guardable;
    struct pl_hours hours;
    struct pl_hours_now now_hours; /* the last answer */
    int64_t until_ns;              /* what time alone decides stays as it is until then */
    /* Most lots each side may sum to in this decision, set between open and quote; without room the
     * side says EXTREME. pl_common_open sets no limit. */
    int64_t side_lots[2];
};

/* Rules over several of the settings; for `check` of a table. */
PL_MUST_USE int pl_common_check(const struct pl_common_params *params, struct pl_error *err);
/* Fills *common and *traits (guard inputs and levels_max are left for the strategy). */
PL_MUST_USE int pl_common_bind(const struct pl_common_params *params,
                               const struct pl_strategy_market *market, struct pl_common *common,
                               struct pl_strategy_traits *traits, struct pl_error *err);
/* A size setting in lots, refused when an order of it could never be legal. */
PL_MUST_USE int pl_common_order_lots(const struct pl_common *common, const char *name, double size,
                                     double *lots, struct pl_error *err);
/* Starts a decision: everything in *out is set. False when there is nothing to quote now. */
bool pl_common_open(struct pl_common *common, const struct pl_strategy_view *view,
                    struct pl_wanted *out);
/* Ends it: limits, room, holds, flags. `extra` = further px_limit of bids and asks, or NULL. */
void pl_common_quote(struct pl_common *common, const struct pl_strategy_view *view,
                     const struct pl_ladder *ladder, const int64_t extra[2], struct pl_wanted *out,
                     struct pl_ladder_trace *trace);
/* Both sides empty for this reason. */
void pl_common_nothing(struct pl_wanted *out, enum pl_noquote reason);
/* A distance in ticks at this mid. */
double pl_common_ticks(const struct pl_common *common, struct pl_distance distance, double mid);

static inline double pl_common_inventory(const struct pl_common *common,
                                         const struct pl_strategy_view *view)
{
    return (double)view->pos_lots - common->target_lots;
}

#endif
