#include "strategy/common.h"

#include "core/order_kind.h"

#include <math.h>

#define BACKOFF_WAIT_MAX_NS (2 * PL_NS_PER_S)
#define DOUBLINGS_MAX       30

const char *const pl_fill_delay_side_choices[] = {"same", "both", NULL};
const char *const pl_outside_hours_choices[] = {"off", "reduce", NULL};
const char *const pl_below_min_choices[] = {"raise", "drop", NULL};

int pl_common_check(const struct pl_common_params *p, struct pl_error *err)
{
    struct pl_hours hours;
    if (p->price_ceiling > 0 && p->price_floor > 0 && p->price_ceiling <= p->price_floor) {
        return pl_error_set(err, PL_ERR_INVALID, "price_ceiling %.10g: not above price_floor %.10g",
                            p->price_ceiling, p->price_floor);
    }
    if (fabs(p->inventory_target) > p->max_position) {
        return pl_error_set(err, PL_ERR_INVALID,
                            "inventory_target %.10g: beyond max_position %.10g",
                            p->inventory_target, p->max_position);
    }
    if (p->max_order_notional > 0 && p->max_order_notional < p->min_order_notional) {
        return pl_error_set(err, PL_ERR_INVALID,
                            "max_order_notional %.10g: below min_order_notional %.10g",
                            p->max_order_notional, p->min_order_notional);
    }
    struct pl_error why = {0};
    int rc = pl_hours_parse(pl_str(p->quoting_hours), &hours, &why);
    return rc < 0 ? pl_error_set(err, rc, "quoting_hours: %s", why.text) : 0;
}

static int64_t ns_of_ms(double ms)
{
    return (int64_t)(ms * 1e6 + 0.5);
}

static void bind_rules(const struct pl_common_params *p, const struct pl_inst *inst,
                       struct pl_ladder_rules *rules)
{
    pl_ladder_rules_init(rules, inst);
    rules->notional_min = fmax(rules->notional_min, p->min_order_notional);
    rules->notional_max = p->max_order_notional;
    rules->raise_small = p->below_min == PL_BELOW_RAISE;
}

static void bind_traits(const struct pl_common_params *p, const struct pl_common *c,
                        struct pl_strategy_traits *traits)
{
    *traits = (struct pl_strategy_traits){
        .refresh_ns = ns_of_ms(p->refresh_ms),
        .decide_on_fill = true,
        .replace_ticks = c->replace_ticks,
        .size_tolerance = p->size_tolerance,
        .refill_below = p->refill_below,
        .order_age_ns = ns_of_ms(p->max_order_age_s * 1e3),
        .levels_max = 1,
        .max_position_lots = c->max_lots,
        .reject_clear_ns = c->clear_ns,
        .fill_share = p->filled_order_delay_fraction,
    };
}

int pl_common_bind(const struct pl_common_params *p, const struct pl_strategy_market *market,
                   struct pl_common *c, struct pl_strategy_traits *traits, struct pl_error *err)
{
    int rc = pl_common_check(p, err);
    if (rc < 0) {
        return rc;
    }
    double lot = pl_inst_lot(market->inst), tick = pl_inst_tick(market->inst);
    double max_lots = floor(p->max_position / lot + PL_LADDER_SLACK);
    if (!(max_lots >= 1)) {
        return pl_error_set(err, PL_ERR_INVALID, "max_position %.10g: below one lot of %.10g (%s)",
                            p->max_position, lot, market->inst->symbol);
    }
    *c = (struct pl_common){
        .tick = tick,
        .lot = lot,
        .target_lots = p->inventory_target / lot,
        .max_lots = max_lots < 9e15 ? (int64_t)max_lots : (int64_t)9e15,
        .max_notional = p->max_notional,
        .ceiling = p->price_ceiling > 0 ? p->price_ceiling / tick - PL_LADDER_SLACK : INFINITY,
        .floor = p->price_floor > 0 ? p->price_floor / tick + PL_LADDER_SLACK : -INFINITY,
        .tolerance = p->price_tolerance_bps * 1e-4,
        .replace_ticks = p->replace_threshold_ticks > 0 ? p->replace_threshold_ticks : 1,
        .fill_delay_ns = ns_of_ms(p->filled_order_delay_ms),
        .clear_ns = ns_of_ms(p->post_only_clear_ms),
        .retry_ns = ns_of_ms(p->post_only_retry_ms),
        .backoff_max = p->post_only_backoff_max_ticks,
        .delay_both = p->filled_order_delay_side == PL_FILL_DELAY_BOTH,
        .post_only = p->post_only,
        .reduce_outside = p->outside_hours == PL_OUTSIDE_REDUCE,
        /* What depends on the mid or on the age of orders is not bounded by a price range. */
        .guardable = p->max_notional <= 0 && p->price_ceiling <= 0 && p->price_floor <= 0 &&
                     p->price_tolerance_bps <= 0 && p->max_order_age_s <= 0,
    };
    c->room_lots =
        market->max_position_lots < c->max_lots ? market->max_position_lots : c->max_lots;
    bind_rules(p, market->inst, &c->rules);
    bind_traits(p, c, traits);
    return pl_hours_parse(pl_str(p->quoting_hours), &c->hours, err);
}

int pl_common_order_lots(const struct pl_common *c, const char *name, double size, double *lots,
                         struct pl_error *err)
{
    double value = size / c->lot;
    if (!(value >= (double)c->rules.lots_min - PL_LADDER_SLACK) ||
        !(value <= (double)c->rules.lots_max + PL_LADDER_SLACK)) {
        return pl_error_set(err, PL_ERR_INVALID, "%s %.10g: legal %.10g..%.10g", name, size,
                            (double)c->rules.lots_min * c->lot, (double)c->rules.lots_max * c->lot);
    }
    *lots = value;
    return 0;
}

double pl_common_ticks(const struct pl_common *c, struct pl_distance d, double mid)
{
    switch (d.unit) {
    case PL_DIST_BPS:
        return d.value * 1e-4 * mid;
    case PL_DIST_TICKS:
        return d.value;
    default:
        return d.value / c->tick;
    }
}

void pl_common_nothing(struct pl_wanted *out, enum pl_noquote reason)
{
    out->count[PL_BUY] = out->count[PL_SELL] = 0;
    out->reason[PL_BUY] = out->reason[PL_SELL] = (uint8_t)reason;
}

/* ---- a decision ----------------------------------------------------------------------------- */

static void hours_now(struct pl_common *c, int64_t now_ns)
{
    if (c->hours.count == 0) {
        c->now_hours.open = true;
        return;
    }
    if (!(c->now_hours.from_ns <= now_ns && now_ns < c->now_hours.change_ns)) {
        c->now_hours = pl_hours_at(&c->hours, now_ns);
        c->now_hours.from_ns = now_ns; /* the answer counts from here; ends may lie before */
    }
    c->until_ns = c->now_hours.change_ns;
}

bool pl_common_open(struct pl_common *c, const struct pl_strategy_view *view, struct pl_wanted *out)
{
    const struct pl_touch *touch = &view->own->touch;
    pl_common_nothing(out, PL_NOQUOTE_NONE);
    out->flags[PL_BUY] = out->flags[PL_SELL] = c->post_only ? PL_ORDF_POST_ONLY : 0;
    out->hold[PL_BUY] = out->hold[PL_SELL] = false;
    out->replace_ticks = 0;
    out->guard.on = false;
    out->fair = pl_touch_mid(touch);
    c->until_ns = PL_TIME_NEVER;
    c->side_lots[PL_BUY] = c->side_lots[PL_SELL] = INT64_MAX;
    if (touch->px[PL_BUY] >= touch->px[PL_SELL]) {
        pl_common_nothing(out, PL_NOQUOTE_CROSSED);
        return false;
    }
    hours_now(c, view->now_ns);
    if (!c->now_hours.open && !c->reduce_outside) {
        pl_common_nothing(out, PL_NOQUOTE_HOURS);
        return false;
    }
    return true;
}

static void until(struct pl_common *c, int64_t at_ns)
{
    c->until_ns = at_ns < c->until_ns ? at_ns : c->until_ns;
}

static void hold(struct pl_common *c, struct pl_wanted *out, enum pl_side side, int64_t until_ns,
                 enum pl_noquote reason)
{
    out->hold[side] = true;
    out->reason[side] = (uint8_t)reason;
    until(c, until_ns);
}

static void fill_delay(struct pl_common *c, const struct pl_strategy_view *view,
                       struct pl_wanted *out)
{
    for (int filled = 0; filled < 2 && c->fill_delay_ns > 0; filled++) {
        int64_t until_ns = view->last_fill_ns[filled] + c->fill_delay_ns;
        if (view->last_fill_ns[filled] == 0 || view->now_ns >= until_ns) {
            continue;
        }
        for (int side = 0; side < 2; side++) {
            if (side == filled || c->delay_both) {
                hold(c, out, (enum pl_side)side, until_ns, PL_NOQUOTE_FILL_DELAY);
            }
        }
    }
}

/* value 2^(n-1), at most `most` */
static int64_t doubled(int64_t value, uint32_t n, int64_t most)
{
    uint32_t doublings = n - 1 < DOUBLINGS_MAX ? n - 1 : DOUBLINGS_MAX;
    return value > most >> doublings ? most : value << doublings;
}

/* Post-only rejections push a side outside the refused price and make it wait. */
static void back_off(struct pl_common *c, const struct pl_strategy_view *view, enum pl_side side,
                     struct pl_ladder_bounds *bounds, struct pl_wanted *out)
{
    const struct pl_post_only_rejects *x = &view->rejects[side];
    if (!c->post_only || x->in_a_row == 0 || view->now_ns >= x->at_ns + c->clear_ns) {
        return;
    }
    until(c, x->at_ns + c->clear_ns);
    int64_t px = x->px - pl_side_sign(side) * doubled(1, x->in_a_row, c->backoff_max);
    bool tighter = side == PL_BUY ? px < bounds->px_limit[side] : px > bounds->px_limit[side];
    bounds->px_limit[side] = tighter ? px : bounds->px_limit[side];
    int64_t retry_ns = x->at_ns + doubled(c->retry_ns, x->in_a_row, BACKOFF_WAIT_MAX_NS);
    if (view->now_ns < retry_ns) {
        hold(c, out, side, retry_ns, PL_NOQUOTE_BACKOFF);
    }
}

/* What the position, the hours and the ends of the price range leave a side. */
static void side_room(const struct pl_common *c, const struct pl_strategy_view *view,
                      enum pl_side side, double mid, struct pl_ladder_bounds *b,
                      struct pl_wanted *out)
{
    int64_t held = pl_side_sign(side) * view->pos_lots;
    bool beyond = side == PL_BUY ? mid >= c->ceiling : mid <= c->floor;
    b->lots_room[side] = c->room_lots - held;
    b->reason[side] = PL_NOQUOTE_MAX_POSITION;
    if (beyond || !c->now_hours.open) {
        int64_t closable = held < 0 ? -held : 0;
        b->lots_room[side] = closable < b->lots_room[side] ? closable : b->lots_room[side];
        b->reason[side] = !c->now_hours.open ? PL_NOQUOTE_HOURS
                          : side == PL_BUY   ? PL_NOQUOTE_CEILING
                                             : PL_NOQUOTE_FLOOR;
        out->flags[side] |= PL_ORDF_REDUCE_ONLY;
    }
    if (c->side_lots[side] < b->lots_room[side]) {
        b->lots_room[side] = c->side_lots[side];
        b->reason[side] = PL_NOQUOTE_EXTREME;
    }
    b->value_room[side] = INFINITY;
    if (c->max_notional > 0) {
        double value_of_lot = c->rules.value_lot + c->rules.value_lot_tick * mid;
        b->value_room[side] = c->max_notional - (double)held * value_of_lot;
    }
}

void pl_common_quote(struct pl_common *c, const struct pl_strategy_view *view,
                     const struct pl_ladder *ladder, const int64_t extra[2], struct pl_wanted *out,
                     struct pl_ladder_trace *trace)
{
    const struct pl_touch *touch = &view->own->touch;
    double mid = pl_touch_mid(touch);
    struct pl_ladder_bounds bounds = {.px_limit = {PL_PX_ANY_BID, PL_PX_ANY_ASK}};
    if (c->post_only) {
        bounds.px_limit[PL_BUY] = touch->px[PL_SELL] - 1;
        bounds.px_limit[PL_SELL] = touch->px[PL_BUY] + 1;
    }
    if (extra != NULL) {
        bool lower = extra[PL_BUY] < bounds.px_limit[PL_BUY];
        bool higher = extra[PL_SELL] > bounds.px_limit[PL_SELL];
        bounds.px_limit[PL_BUY] = lower ? extra[PL_BUY] : bounds.px_limit[PL_BUY];
        bounds.px_limit[PL_SELL] = higher ? extra[PL_SELL] : bounds.px_limit[PL_SELL];
    }
    fill_delay(c, view, out);
    for (int side = 0; side < 2; side++) {
        back_off(c, view, (enum pl_side)side, &bounds, out);
        side_room(c, view, (enum pl_side)side, mid, &bounds, out);
    }
    if (c->tolerance > 0) {
        double ticks = ceil(c->tolerance * mid - PL_LADDER_SLACK);
        out->replace_ticks = ticks > (double)c->replace_ticks ? (int64_t)ticks : c->replace_ticks;
    }
    uint8_t held_for[2] = {out->reason[0], out->reason[1]};
    pl_ladder_quote(ladder, &c->rules, &bounds, out, trace);
    for (int side = 0; side < 2; side++) {
        if (out->hold[side]) {
            out->reason[side] = held_for[side];
        }
    }
}
