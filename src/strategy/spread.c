/* spread - a base width in basis points around a reference price, layered, leaning against the
 * position. makers.md 5; docs/strategies/spread.md.
 *
 *     M    = clip(vol / vol_ref, min, max) if dynamic, else 1
 *     ref' = ref (1 - skew qn),                        qn = clip(q / max_position, -1, 1)
 *     d_i  = max(base M ref, min_ticks) / 2 + i step M ref
 *     size = quote_size factor^i, on the side that adds x (1 - |qn|)^size_skew */
#include "strategy/common.h"
#include "strategy/explain.h"
#include "strategy/spread_settings.h"
#include "strategy/strategy.h"

#include "math/fn.h"

#include <math.h>

#define BPS             1e-4
#define SQRT_60         7.745966692414834
#define GUARD_BID_LEAST (-1e18) /* any bid that is there; PL_PX_NO_BID is below */

struct lead {                   /* log(lead / own) and its exponential mean */
    double weight, ticks_ratio; /* lead tick over own tick */
    double halflife_ns, decay;  /* decay over decay_ns: most decisions are equally far apart */
    int64_t decay_ns, first_ns, last_ns;
    double mean;
};

struct state {
    struct pl_common common;
    double base, step, min_ticks; /* full widths, fractions of the reference */
    double vol_scale, mult_min, mult_max;
    double skew, size_skew;
    double per_max_lots;
    bool micro, behind, dynamic;
    struct lead lead;
    double guard_scale; /* 1 / how much a price moves at most with the reference; 0 = no guard */
    int64_t sized_pos;  /* position that `adding` was computed for */
    double adding;
    uint32_t levels;
    double lots[PL_WANTED_LEVELS_MAX];
};

/* The parts of one decision, for quotes and for their explanation. */
struct plan {
    double ref, lead, skew, half, step;
    struct pl_ladder ladder;
};

static int bind_lead(const struct pl_spread_params *p, const struct pl_strategy_market *market,
                     struct lead *lead, struct pl_error *err)
{
    lead->weight = p->lead_weight;
    lead->halflife_ns = p->lead_halflife_s * 1e9;
    if (p->lead_weight != 0 && market->lead == NULL) {
        return pl_error_set(err, PL_ERR_INVALID, "lead_weight %.10g: there is no lead market",
                            p->lead_weight);
    }
    if (market->lead != NULL) {
        lead->ticks_ratio = pl_inst_tick(market->lead) / pl_inst_tick(market->inst);
    }
    return 0;
}

static int bind(const void *params, const struct pl_strategy_market *market, void *state,
                struct pl_strategy_traits *traits, struct pl_error *err)
{
    const struct pl_spread_params *p = params;
    struct state *s = state;
    double sides = p->spread_per_side ? 2 : 1, lots;
    int rc = pl_common_bind(&p->common, market, &s->common, traits, err);
    rc = rc < 0 ? rc : pl_common_order_lots(&s->common, "quote_size", p->quote_size, &lots, err);
    rc = rc < 0 ? rc : bind_lead(p, market, &s->lead, err);
    if (rc < 0) {
        return rc;
    }
    s->base = sides * p->base_spread_bps * BPS;
    s->min_ticks = sides * (double)p->min_spread_ticks;
    s->step = p->level_step_bps * BPS;
    s->vol_scale = SQRT_60 / (p->vol_ref_bps * BPS);
    s->mult_min = p->vol_mult_min;
    s->mult_max = p->vol_mult_max;
    s->skew = p->inventory_skew_bps * BPS;
    s->size_skew = p->size_skew;
    s->per_max_lots = s->common.lot / p->common.max_position;
    s->micro = p->reference_price == PL_SPREAD_MICRO;
    s->behind = p->stay_behind_touch;
    s->dynamic = p->dynamic_spread;
    s->levels = (uint32_t)p->order_levels;
    for (uint32_t i = 0; i < s->levels; i++) {
        s->lots[i] = lots;
        lots *= p->level_size_factor;
    }
    s->sized_pos = INT64_MIN;
    /* A price is at most this much steeper or flatter than the reference. */
    double lean = s->skew + s->base / 2 + (double)(s->levels - 1) * s->step;
    bool bounded = lean < 1 && s->common.guardable && !s->dynamic && s->lead.weight == 0 &&
                   !(s->micro && s->behind);
    s->guard_scale = bounded ? 1 / (1 + lean) : 0;
    traits->levels_max = s->levels;
    traits->guard_input[0] = s->micro ? PL_GUARD_WMID : PL_GUARD_MID;
    traits->guard_input[1] = PL_GUARD_BID;
    return 0;
}

static uint32_t features(const void *params, struct pl_feature_request *request)
{
    const struct pl_spread_params *p = params;
    if (!p->dynamic_spread) {
        return 0;
    }
    request[0] = (struct pl_feature_request){
        .kind = PL_FEATURE_LOGVOL,
        .price = p->reference_price == PL_SPREAD_MICRO ? PL_PRICE_WMID : PL_PRICE_MID,
        .samples = p->vol_window_s,
        .sample_ns = PL_NS_PER_S,
    };
    return 1;
}

/* How far the lead market stands from its usual basis, as a fraction of the price. False while the
 * mean is not warm. A lead that is missing, stale or one-sided says nothing: 0. */
static bool lead_signal(struct lead *l, const struct pl_strategy_view *view, double *signal)
{
    *signal = 0;
    const struct pl_view_rec *lead = view->lead;
    bool usable =
        lead != NULL && (lead->flags & PL_VIEWF_STALE) == 0 && pl_touch_two_sided(&lead->touch);
    if (usable) {
        double ratio =
            pl_touch_mid(&lead->touch) * l->ticks_ratio / pl_touch_mid(&view->own->touch);
        double basis = pl_log(ratio);
        int64_t past_ns = view->now_ns - l->last_ns;
        if (l->first_ns == 0) {
            l->first_ns = view->now_ns;
            l->mean = basis;
        } else if (past_ns > 0) {
            if (past_ns != l->decay_ns) {
                l->decay_ns = past_ns;
                l->decay = pl_exp(-0.6931471805599453 * (double)past_ns / l->halflife_ns);
            }
            l->mean = basis + (l->mean - basis) * l->decay;
        }
        l->last_ns = view->now_ns;
        *signal = basis - l->mean;
    }
    return l->first_ns != 0 && (double)(view->now_ns - l->first_ns) >= l->halflife_ns;
}

/* Reference price and multiplier; false while something is not warm. */
static bool read_inputs(struct state *s, const struct pl_strategy_view *view, struct plan *plan,
                        double *mult)
{
    const struct pl_touch *touch = &view->own->touch;
    plan->ref = s->micro ? pl_touch_wmid(touch) : pl_touch_mid(touch);
    plan->lead = 0;
    *mult = 1;
    bool warm = true;
    if (s->dynamic) {
        double m = view->feature[0] * s->vol_scale; /* not warm = NAN */
        *mult = m < s->mult_min ? s->mult_min : m > s->mult_max ? s->mult_max : m;
        warm = m == m;
    }
    if (s->lead.weight != 0) {
        double signal;
        warm &= lead_signal(&s->lead, view, &signal);
        plan->lead = plan->ref * s->lead.weight * signal;
    }
    return warm;
}

static bool make_plan(struct state *s, const struct pl_strategy_view *view, struct plan *plan)
{
    double mult;
    if (!read_inputs(s, view, plan, &mult)) {
        return false;
    }
    double ref = plan->ref + plan->lead;
    double qn = pl_common_inventory(&s->common, view) * s->per_max_lots;
    qn = qn > 1 ? 1 : qn < -1 ? -1 : qn;
    if (s->sized_pos != view->pos_lots) {
        s->sized_pos = view->pos_lots;
        s->adding = s->size_skew > 0 ? pl_pow(1 - fabs(qn), s->size_skew) : 1;
    }
    plan->skew = -s->skew * qn * ref;
    double width = s->base * mult * ref, centre = ref + plan->skew;
    plan->half = 0.5 * (width > s->min_ticks ? width : s->min_ticks);
    plan->step = s->step * mult * ref;
    double bid_scale = qn > 0 ? s->adding : 1, ask_scale = qn < 0 ? s->adding : 1;
    struct pl_ladder *l = &plan->ladder;
    l->count[PL_BUY] = l->count[PL_SELL] = s->levels;
    for (uint32_t i = 0; i < s->levels; i++) {
        double away = plan->half + (double)i * plan->step;
        l->px[PL_BUY][i] = centre - away;
        l->px[PL_SELL][i] = centre + away;
        l->lots[PL_BUY][i] = s->lots[i] * bid_scale;
        l->lots[PL_SELL][i] = s->lots[i] * ask_scale;
    }
    return true;
}

/* libm's fmin and fmax are calls, for the sake of NAN. */
static inline double least_of(double a, double b)
{
    return a < b ? a : b;
}

static inline double most_of(double a, double b)
{
    return a > b ? a : b;
}

/* ---- the guard ------------------------------------------------------------------------------ */

/* Prices rise with the reference, by at most 1/guard_scale for 1. So while it moves less than the
 * nearest rounding edge times guard_scale, every rounded price stays. */
static void reference_range(const struct state *s, const struct plan *plan, double *lo, double *hi)
{
    const struct pl_ladder *l = &plan->ladder;
    double margin = 1e-6 + 1e-13 * fabs(plan->ref), up = 1, down = 1;
    for (uint32_t i = 0; i < s->levels; i++) {
        double bid = l->px[PL_BUY][i], ask = l->px[PL_SELL][i];
        double bid_up = pl_ladder_outward(PL_BUY, bid) + 1 - bid;
        double ask_up = pl_ladder_outward(PL_SELL, ask) - ask;
        up = least_of(up, least_of(bid_up, ask_up));
        down = least_of(down, least_of(1 - bid_up, 1 - ask_up));
    }
    *lo = plan->ref - most_of(0, down - margin) * s->guard_scale;
    *hi = plan->ref + most_of(0, up - margin) * s->guard_scale;
}

/* Bids for which limits from the touch do not bind at any reference in lo..hi, nor sides cross. The
 * ask follows from mid and bid; of a weighted mid it is only known to lie above. */
static void bid_range(const struct state *s, const struct plan *plan, double lo, double hi,
                      double *least, double *most)
{
    double bid = pl_ladder_outward(PL_BUY, plan->ladder.px[PL_BUY][0]);
    double ask = pl_ladder_outward(PL_SELL, plan->ladder.px[PL_SELL][0]);
    *least = GUARD_BID_LEAST;
    if (s->micro) {
        double ask_least = ceil(lo - (1e-6 + 1e-13 * fabs(lo)));
        *most = least_of(ask_least - 1, ask - 1);
        *most = bid <= ask_least - 1 ? *most : GUARD_BID_LEAST;
        return;
    }
    *most = least_of(lo - 0.5, least_of(ask - 1, 2 * lo - bid - 1));
    if (s->behind) {
        *least = most_of(bid, 2 * hi - ask);
    }
}

static void set_guard(const struct state *s, const struct pl_strategy_view *view,
                      const struct plan *plan, struct pl_wanted *out)
{
    double bid = (double)view->own->touch.px[PL_BUY], lo, hi, least, most;
    if (s->guard_scale <= 0) {
        return;
    }
    reference_range(s, plan, &lo, &hi);
    bid_range(s, plan, lo, hi, &least, &most);
    bool inside = least <= bid && bid <= most;
    if (!inside && s->micro) {
        return;
    }
    if (!inside) { /* mid and bid together are the whole touch */
        lo = hi = plan->ref;
        least = most = bid;
    }
    out->guard = (struct pl_wanted_guard){
        .on = true, .lo = {lo, least}, .hi = {hi, most}, .valid_until_ns = s->common.until_ns};
}

/* ---- the table ------------------------------------------------------------------------------ */

static bool quote(struct state *s, const struct pl_strategy_view *view, struct plan *plan,
                  struct pl_wanted *out, struct pl_ladder_trace *trace)
{
    const int64_t *touch = view->own->touch.px;
    if (!pl_common_open(&s->common, view, out)) {
        return false;
    }
    if (!make_plan(s, view, plan)) {
        pl_common_nothing(out, PL_NOQUOTE_WARMUP);
        return false;
    }
    out->fair = plan->ref + plan->lead;
    pl_common_quote(&s->common, view, &plan->ladder, s->behind ? touch : NULL, out, trace);
    return true;
}

static void decide(void *state, const struct pl_strategy_view *view, struct pl_wanted *out)
{
    struct state *s = state;
    struct plan plan;
    if (quote(s, view, &plan, out, NULL)) {
        set_guard(s, view, &plan, out);
    }
}

static int explain(const void *state, const struct pl_strategy_view *view, char *text, size_t size)
{
    struct state s = *(const struct state *)state;
    struct pl_explain x = pl_explain_start(text, size);
    struct pl_ladder_trace trace;
    struct pl_wanted w;
    struct plan plan;
    bool quoted = quote(&s, view, &plan, &w, &trace);
    for (int side = 0; side < 2; side++) {
        double sign = side == PL_BUY ? -1 : 1;
        for (uint32_t i = 0; quoted && i < w.count[side]; i++) {
            uint32_t level = trace.from[side][i];
            const struct pl_quote_part parts[] = {
                {s.micro ? "micro" : "mid", plan.ref},
                {"lead", plan.lead},
                {"skew", plan.skew},
                {"half", sign * plan.half},
                {"step", sign * level * plan.step},
            };
            pl_explain_level(&x, (enum pl_side)side, level, parts, sizeof parts / sizeof parts[0],
                             &w.level[side][i]);
        }
        pl_explain_side(&x, (enum pl_side)side, &w);
    }
    return (int)x.used;
}

const struct pl_strategy pl_strategy_spread = {
    .name = "spread",
    .summary = "a width in basis points around the price, layered, leaning against the position",
    .settings = &pl_spread_settings,
    .state_size = sizeof(struct state),
    .bind = bind,
    .features = features,
    .decide = decide,
    .explain = explain,
};
