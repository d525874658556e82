/* skew - quotes leaning towards what book, trades, mark and a lead market say, and against the
 * position; as wide as a Bollinger band. makers.md 2; docs/strategies/skew.md.
 *
 * Here features become numbers and numbers become a ladder; the arithmetic is skew_model.c. Prices
 * are in ticks, sizes in lots. */
#include "strategy/explain.h"
#include "strategy/skew_settings.h"
#include "strategy/strategy.h"

#include "core/order_kind.h"
#include "feature/slow_mean.h"

#include <math.h>

#define NO_FEATURE      PL_STRATEGY_FEATURES_MAX
#define CANDLE_NS       (60 * PL_NS_PER_S)
#define DEPTH_SAMPLE_NS (250 * PL_NS_PER_MS) /* a wide band is many levels: not on every message */

/* Places in view->feature; NO_FEATURE = not asked for. */
struct places {
    uint32_t sd, vamp, book, trades, mark, basis;
    uint32_t lead_vamp, lead_book, lead_trades;
};

enum lead_state {
    LEAD_NONE, /* no lead market is read */
    LEAD_COLD, /* not warm since the start */
    LEAD_UP,
    LEAD_LOST,
};

struct state {
    struct pl_common common;
    struct places at;
    struct pl_skew_weights weights;
    struct pl_skew_place place; /* the parts that do not change */
    struct pl_distance price_offset, volatility_offset, base_spread;
    double deviations, diff_scale;
    double per_value; /* 1 / value of full inventory */
    double extreme_at, release;
    double lead_ratio; /* lead tick in own ticks */
    int64_t lead_stale_ns;
    double loss_widen;
    bool loss_pause;
    struct pl_slow_mean lead_basis;
    bool lead_seen; /* it has been warm once */
    bool extreme;
};

struct plan {
    enum lead_state lead;
    enum pl_noquote reason;
    struct pl_skew_width width;
    struct pl_skew_lean lean;
    struct pl_skew_shape shape;
    struct pl_skew_place place;
    double feature[PL_SKEW_FEATURES], signal, q;
    bool has_mark, extreme;
    enum pl_side reducing; /* of extreme mode */
    struct pl_ladder ladder;
};

/* ---- bind ----------------------------------------------------------------------------------- */

/* Whether the weight of a feature can be other than 0, so that somebody must compute it. */
static bool counts(const struct pl_skew_params *p, const struct pl_skew_weights *w, int feature)
{
    bool lead = p->primary_data_feed == PL_SKEW_BINANCE;
    return w->own[feature] != 0 || (lead && w->lead[feature] != 0);
}

static uint32_t add(struct pl_feature_request *request, uint32_t *count, bool wanted,
                    const struct pl_feature_request *what)
{
    if (!wanted) {
        return NO_FEATURE;
    }
    if (request != NULL) {
        request[*count] = *what;
    }
    return (*count)++;
}

static struct pl_feature_request bands_request(const struct pl_skew_params *p)
{
    struct pl_feature_request r = {.kind = PL_FEATURE_BANDS, .sample_ns = DEPTH_SAMPLE_NS};
    struct pl_skew_bands bands;
    if (pl_skew_parse_bands(p->depth_bands_bps, &bands, NULL) == 0) {
        r.levels = bands.count;
        for (uint32_t i = 0; i < bands.count; i++) {
            r.band_bps[i] = bands.bps[i];
        }
    }
    return r;
}

/* What is asked for, in order; request may be NULL. */
static struct places place_features(const struct pl_skew_params *p, const struct pl_skew_weights *w,
                                    struct pl_feature_request *request, uint32_t *count)
{
    struct pl_feature_request sd = {
        .kind = PL_FEATURE_BOLLINGER, .samples = p->bollinger_band_length, .sample_ns = CANDLE_NS};
    struct pl_feature_request vamp = {.kind = PL_FEATURE_VAMP, .levels = p->vamp_levels};
    struct pl_feature_request bands = bands_request(p);
    struct pl_feature_request trades = {.kind = PL_FEATURE_TRADE_IMBALANCE,
                                        .samples = p->trade_window,
                                        .size_ref = p->trade_size_ref};
    struct pl_feature_request mark = {.kind = PL_FEATURE_MARK};
    struct pl_feature_request basis = {.kind = PL_FEATURE_MARK_BASIS,
                                       .halflife_s = p->basis_halflife_s};
    struct places at;
    *count = 0;
    at.sd = add(request, count, true, &sd);
    at.vamp = add(request, count, counts(p, w, PL_SKEW_VAMP), &vamp);
    at.book = add(request, count, counts(p, w, PL_SKEW_BOOK), &bands);
    at.trades = add(request, count, counts(p, w, PL_SKEW_TRADES), &trades);
    at.mark = add(request, count, counts(p, w, PL_SKEW_MARK), &mark);
    at.basis = add(request, count, counts(p, w, PL_SKEW_MARK), &basis);
    vamp.lead = bands.lead = trades.lead = true;
    at.lead_vamp = add(request, count, counts(p, w, PL_SKEW_LEAD_VAMP), &vamp);
    at.lead_book = add(request, count, counts(p, w, PL_SKEW_LEAD_BOOK), &bands);
    at.lead_trades = add(request, count, counts(p, w, PL_SKEW_LEAD_TRADES), &trades);
    return at;
}

static uint32_t features(const void *params, struct pl_feature_request *request)
{
    struct pl_skew_weights weights;
    uint32_t count = 0;
    if (pl_skew_parse_weights(params, &weights, NULL) == 0) {
        (void)place_features(params, &weights, request, &count);
    }
    return count;
}

static int bind_markets(const struct pl_skew_params *p, const struct pl_strategy_market *market,
                        struct state *s, struct pl_error *err)
{
    const struct pl_inst *lead = market->lead;
    if (!pl_str_eq(pl_str(p->bybit_symbol), pl_str(market->inst->symbol))) {
        return pl_error_set(err, PL_ERR_INVALID, "bybit_symbol %s: the traded market is %s (%s)",
                            p->bybit_symbol, market->inst->symbol, market->inst->venue);
    }
    if (p->primary_data_feed == PL_SKEW_BYBIT) {
        return 0;
    }
    if (lead == NULL) {
        return pl_error_set(err, PL_ERR_INVALID,
                            "primary_data_feed Binance: there is no lead market");
    }
    if (p->binance_symbol[0] != '\0' &&
        !pl_str_eq(pl_str(p->binance_symbol), pl_str(lead->symbol))) {
        return pl_error_set(err, PL_ERR_INVALID, "binance_symbol %s: the lead market is %s (%s)",
                            p->binance_symbol, lead->symbol, lead->venue);
    }
    s->lead_ratio = pl_inst_tick(lead) / pl_inst_tick(market->inst);
    s->lead_stale_ns = (int64_t)(p->lead_stale_ms * 1e6);
    s->lead_basis = pl_slow_mean_start(p->basis_halflife_s);
    return 0;
}

/* A size that only size_offset takes out of the legal range is refused (makers.md 2.5). */
static int check_offset(const struct pl_skew_params *p, const struct pl_common *c, double size,
                        int64_t level, const char *symbol, struct pl_error *err)
{
    double lots = (size + p->size_offset) / c->lot;
    double least = (double)c->rules.lots_min, most = (double)c->rules.lots_max;
    if (lots >= least - PL_LADDER_SLACK && lots <= most + PL_LADDER_SLACK) {
        return 0;
    }
    return pl_error_set(
        err, PL_ERR_INVALID,
        "size_offset %.10g: level %lld would be %.10g, legal %.10g..%.10g step %.10g (%s)",
        p->size_offset, (long long)level, size + p->size_offset, least * c->lot, most * c->lot,
        c->lot, symbol);
}

static int bind_sizes(const struct pl_skew_params *p, const struct pl_strategy_market *market,
                      struct state *s, struct pl_error *err)
{
    const struct pl_common *c = &s->common;
    const char *symbol = market->inst->symbol;
    double *least = &s->place.size_min, *most = &s->place.size_max;
    int rc = pl_common_order_lots(c, "min_order_size", p->min_order_size, least, err);
    rc = rc < 0 ? rc : pl_common_order_lots(c, "max_order_size", p->max_order_size, most, err);
    rc = rc < 0 ? rc : check_offset(p, c, p->min_order_size, 0, symbol, err);
    rc = rc < 0 ? rc : check_offset(p, c, p->max_order_size, p->levels - 1, symbol, err);
    s->place.size_offset = p->size_offset / c->lot;
    return rc;
}

static int bind(const void *params, const struct pl_strategy_market *market, void *state,
                struct pl_strategy_traits *traits, struct pl_error *err)
{
    const struct pl_skew_params *p = params;
    struct state *s = state;
    int rc = pl_skew_settings.check(params, err);
    rc = rc < 0 ? rc : pl_common_bind(&p->common, market, &s->common, traits, err);
    rc = rc < 0 ? rc : bind_markets(p, market, s, err);
    rc = rc < 0 ? rc : bind_sizes(p, market, s, err);
    rc = rc < 0 ? rc : pl_skew_parse_weights(p, &s->weights, err);
    if (rc < 0) {
        return rc;
    }
    double tick = s->common.tick;
    if (p->base_spread.unit != PL_DIST_BPS &&
        pl_common_ticks(&s->common, p->base_spread, 0) < 1 - PL_LADDER_SLACK) {
        return pl_error_set(err, PL_ERR_INVALID, "base_spread %.10g: below one tick of %.10g (%s)",
                            p->base_spread.value, tick, market->inst->symbol);
    }
    uint32_t count;
    s->at = place_features(p, &s->weights, NULL, &count);
    s->price_offset = p->price_offset;
    s->volatility_offset = p->volatility_offset;
    s->base_spread = p->base_spread;
    s->deviations = p->bollinger_band_std;
    s->diff_scale = p->diff_scale_bps;
    s->per_value = 2 / (p->account_size * p->leverage);
    s->extreme_at = p->inventory_extreme;
    s->release = p->extreme_release;
    s->loss_pause = p->on_lead_loss == PL_SKEW_LOSS_PAUSE;
    s->loss_widen = p->on_lead_loss == PL_SKEW_LOSS_WIDEN ? p->lead_loss_widen : 1;
    s->place.tick = 1;
    s->place.levels = (uint32_t)p->levels;
    s->place.inner_shift = p->inner_shift;
    s->place.by_distance = p->ladder == PL_SKEW_BY_DISTANCE;
    traits->levels_max =
        2 * s->place.levels < PL_WANTED_LEVELS_MAX ? 2 * s->place.levels : PL_WANTED_LEVELS_MAX;
    return 0;
}

/* ---- features ------------------------------------------------------------------------------- */

static double read(const struct pl_strategy_view *view, uint32_t at)
{
    return at == NO_FEATURE ? 0 : view->feature[at];
}

static double touch_imbalance(const struct pl_touch *t)
{
    return pl_skew_imbalance((double)t->lots[PL_BUY], (double)t->lots[PL_SELL]);
}

static bool lead_usable(const struct state *s, const struct pl_strategy_view *view)
{
    const struct pl_view_rec *lead = view->lead;
    return lead != NULL && (lead->flags & PL_VIEWF_STALE) == 0 &&
           pl_touch_two_sided(&lead->touch) && view->now_ns - lead->visible_ns <= s->lead_stale_ns;
}

/* Follows the usual distance of the two prices, and says whether the lead can be used now. */
static enum lead_state follow_lead(struct state *s, const struct pl_strategy_view *view,
                                   double *diff_bps)
{
    *diff_bps = 0;
    if (s->lead_ratio <= 0) {
        return LEAD_NONE;
    }
    bool warm = false;
    if (lead_usable(s, view)) {
        double lead = pl_touch_wmid(&view->lead->touch) * s->lead_ratio;
        double diff = pl_skew_bps(lead, pl_touch_wmid(&view->own->touch));
        pl_slow_mean_add(&s->lead_basis, view->now_ns, diff);
        *diff_bps = diff - s->lead_basis.mean;
        double windows = read(view, s->at.lead_vamp) + read(view, s->at.lead_book) +
                         read(view, s->at.lead_trades);
        bool basis = s->weights.lead[PL_SKEW_LEAD_WMID] == 0 || pl_slow_mean_warm(&s->lead_basis);
        warm = windows == windows && basis;
    } else {
        pl_slow_mean_pause(&s->lead_basis);
    }
    s->lead_seen |= warm;
    return warm ? LEAD_UP : s->lead_seen ? LEAD_LOST : LEAD_COLD;
}

/* A VAMP of some place against the weighted mid of its own touch. */
static double vamp_feature(double vamp, const struct pl_touch *touch, double scale)
{
    return pl_skew_bounded(pl_skew_bps(vamp, pl_touch_wmid(touch)), scale);
}

/* False while one of the windows of the own venue is not full. */
static bool own_features(const struct state *s, const struct pl_strategy_view *view, double scale,
                         struct plan *plan)
{
    const struct pl_touch *touch = &view->own->touch;
    double *f = plan->feature;
    f[PL_SKEW_IMB] = touch_imbalance(touch);
    f[PL_SKEW_BOOK] = read(view, s->at.book);
    f[PL_SKEW_TRADES] = read(view, s->at.trades);
    f[PL_SKEW_VAMP] =
        s->at.vamp == NO_FEATURE ? 0 : vamp_feature(read(view, s->at.vamp), touch, scale);
    double mark = s->at.mark == NO_FEATURE ? NAN : read(view, s->at.mark);
    plan->has_mark = mark > 0;
    f[PL_SKEW_MARK] = 0;
    if (plan->has_mark) {
        double diff = pl_skew_bps(mark, pl_touch_wmid(touch)) - read(view, s->at.basis);
        f[PL_SKEW_MARK] = pl_skew_bounded(diff, scale);
    }
    double all = f[PL_SKEW_BOOK] + f[PL_SKEW_TRADES] + f[PL_SKEW_VAMP] + f[PL_SKEW_MARK];
    return all == all;
}

static void lead_features(const struct state *s, const struct pl_strategy_view *view, double scale,
                          double diff_bps, double *f)
{
    const struct pl_touch *touch = &view->lead->touch;
    f[PL_SKEW_LEAD_IMB] = touch_imbalance(touch);
    f[PL_SKEW_LEAD_WMID] = pl_skew_bounded(diff_bps, scale);
    f[PL_SKEW_LEAD_BOOK] = read(view, s->at.lead_book);
    f[PL_SKEW_LEAD_TRADES] = read(view, s->at.lead_trades);
    if (s->at.lead_vamp != NO_FEATURE) {
        f[PL_SKEW_LEAD_VAMP] = vamp_feature(read(view, s->at.lead_vamp), touch, scale);
    }
}

/* ---- a decision ----------------------------------------------------------------------------- */

/* Width and signal; NONE, or why nothing can be quoted. */
static enum pl_noquote read_market(struct state *s, const struct pl_strategy_view *view,
                                   struct plan *plan)
{
    double mid = pl_touch_mid(&view->own->touch), diff_bps, sd = view->feature[s->at.sd];
    plan->lead = follow_lead(s, view, &diff_bps);
    if (!(sd >= 0) || plan->lead == LEAD_COLD) {
        return PL_NOQUOTE_WARMUP;
    }
    if (plan->lead == LEAD_LOST && s->loss_pause) {
        return PL_NOQUOTE_STALE;
    }
    plan->width =
        pl_skew_width(sd, s->deviations, pl_common_ticks(&s->common, s->volatility_offset, mid),
                      fmax(1, pl_common_ticks(&s->common, s->base_spread, mid)), mid);
    double scale = s->diff_scale > 0 ? s->diff_scale : 1e4 * (plan->width.s / 2) / mid;
    for (int i = PL_SKEW_LEAD_IMB; i < PL_SKEW_FEATURES; i++) {
        plan->feature[i] = 0;
    }
    if (!own_features(s, view, scale, plan)) {
        return PL_NOQUOTE_WARMUP;
    }
    if (plan->lead == LEAD_UP) {
        lead_features(s, view, scale, diff_bps, plan->feature);
    } else if (plan->lead == LEAD_LOST) {
        plan->width.s *= s->loss_widen;
    }
    const double *weight = plan->lead == LEAD_UP ? s->weights.lead : s->weights.own;
    plan->signal = pl_skew_signal(weight, plan->feature);
    return PL_NOQUOTE_NONE;
}

static void place(const struct state *s, const struct pl_strategy_view *view, struct plan *plan)
{
    const struct pl_touch *touch = &view->own->touch;
    plan->place = s->place;
    plan->place.mid = pl_touch_mid(touch);
    plan->place.touch[PL_BUY] = (double)touch->px[PL_BUY];
    plan->place.touch[PL_SELL] = (double)touch->px[PL_SELL];
    plan->place.v = plan->width.v;
    plan->place.s = plan->width.s;
    plan->place.price_offset = pl_common_ticks(&s->common, s->price_offset, plan->place.mid);
}

/* Levels whose size only size_offset took out of the legal range are withheld. */
static void withhold_sizes(const struct state *s, struct pl_ladder *l)
{
    double offset = s->place.size_offset;
    double least = (double)s->common.rules.lots_min - PL_LADDER_SLACK;
    double most = (double)s->common.rules.lots_max + PL_LADDER_SLACK;
    for (int side = 0; side < 2 && offset != 0; side++) {
        for (uint32_t i = 0; i < l->count[side]; i++) {
            double size = l->lots[side][i], before = size - offset;
            if ((size < least && before >= least) || (size > most && before <= most)) {
                l->px[side][i] = NAN; /* no price: out of the legal range */
            }
        }
    }
}

/* The adding side is empty; the other one closes the position, reduce-only as far as it does. */
static void one_side(struct state *s, const struct pl_strategy_view *view, const struct plan *plan,
                     struct pl_wanted *out)
{
    enum pl_side side = plan->reducing;
    int64_t closable = (int64_t)floor(fabs(plan->q) + PL_LADDER_SLACK);
    s->common.side_lots[side] = closable;
    s->common.side_lots[pl_side_other(side)] = 0;
    if (-pl_side_sign(side) * view->pos_lots >= closable) {
        out->flags[side] |= PL_ORDF_REDUCE_ONLY;
    }
}

static void make_ladder(struct state *s, const struct pl_strategy_view *view, struct plan *plan,
                        struct pl_wanted *out)
{
    const struct pl_ladder_rules *r = &s->common.rules;
    plan->q = pl_common_inventory(&s->common, view);
    place(s, view, plan);
    double value_of_lot = r->value_lot + r->value_lot_tick * plan->place.mid;
    plan->lean = pl_skew_lean(plan->signal, plan->q * value_of_lot * s->per_value);
    bool closable = fabs(plan->q) >= (double)r->lots_min - PL_LADDER_SLACK;
    s->extreme = pl_skew_is_extreme(s->extreme, plan->lean.d, s->extreme_at, s->release, closable);
    plan->extreme = s->extreme;
    if (plan->extreme) {
        plan->reducing = plan->q > 0 ? PL_SELL : PL_BUY;
        pl_skew_extreme(&plan->place, plan->reducing, &plan->ladder);
        one_side(s, view, plan, out);
    } else {
        pl_skew_normal(&plan->place, &plan->lean, &plan->shape, &plan->ladder);
    }
    withhold_sizes(s, &plan->ladder);
}

static bool quote(struct state *s, const struct pl_strategy_view *view, struct plan *plan,
                  struct pl_wanted *out, struct pl_ladder_trace *trace)
{
    plan->lead = LEAD_NONE;
    plan->reason = PL_NOQUOTE_NONE;
    if (!pl_common_open(&s->common, view, out)) {
        plan->reason = (enum pl_noquote)out->reason[PL_BUY];
        return false;
    }
    plan->reason = read_market(s, view, plan);
    if (plan->reason != PL_NOQUOTE_NONE) {
        pl_common_nothing(out, plan->reason);
        return false;
    }
    make_ladder(s, view, plan, out);
    pl_common_quote(&s->common, view, &plan->ladder, NULL, out, trace);
    return true;
}

static void decide(void *state, const struct pl_strategy_view *view, struct pl_wanted *out)
{
    struct plan plan;
    (void)quote(state, view, &plan, out, NULL);
}

/* ---- words ---------------------------------------------------------------------------------- */

static const char *const lead_text[] = {
    [LEAD_NONE] = "not read", [LEAD_COLD] = "warming up", [LEAD_UP] = "up", [LEAD_LOST] = "lost"};

static void explain_signal(struct pl_explain *x, const struct state *s, const struct plan *plan)
{
    const double *weight = plan->lead == LEAD_UP ? s->weights.lead : s->weights.own;
    for (int i = 0; i < PL_SKEW_FEATURES; i++) {
        if (weight[i] != 0) {
            bool lacks = i == PL_SKEW_MARK && !plan->has_mark;
            pl_explain_line(x, "feature %s %.9f weight %g part %.9f%s", pl_skew_feature_name[i],
                            plan->feature[i], weight[i], weight[i] * plan->feature[i],
                            lacks ? " (the venue has sent none)" : "");
        }
    }
    pl_explain_line(x, "signal %.9f inventory %.9f favours bids %.9f asks %.9f net %.9f%s",
                    plan->signal, plan->lean.d, plan->lean.kb, plan->lean.ka, plan->lean.n,
                    plan->extreme ? " EXTREME" : "");
    pl_explain_line(x, "width %.6f ticks, multiplier %.6f, inner spread %.6f ticks", plan->width.v,
                    plan->width.m, plan->width.s);
}

static void explain_level(struct pl_explain *x, const struct plan *plan, enum pl_side side,
                          uint32_t level, const struct pl_wanted_level *quoted)
{
    const struct pl_skew_place *p = &plan->place;
    double raw = plan->ladder.px[side][level], sign = side == PL_BUY ? -1 : 1;
    double start = plan->extreme ? p->touch[side] : p->mid;
    double half = plan->extreme ? 0 : sign * p->s / 2;
    double skew = plan->extreme ? 0 : p->s / 2 * p->inner_shift * plan->lean.n;
    const struct pl_quote_part parts[] = {
        {plan->extreme ? "touch" : "mid", start},
        {"half", half},
        {"skew", skew},
        {"step", raw - p->price_offset - start - half - skew},
        {"offset", p->price_offset},
    };
    pl_explain_level(x, side, level, parts, sizeof parts / sizeof parts[0], quoted);
}

static int explain(const void *state, const struct pl_strategy_view *view, char *text, size_t size)
{
    struct state s = *(const struct state *)state;
    struct pl_explain x = pl_explain_start(text, size);
    struct pl_ladder_trace trace;
    struct pl_wanted w;
    struct plan plan;
    bool quoted = quote(&s, view, &plan, &w, &trace);
    if (quoted) {
        explain_signal(&x, &s, &plan);
    }
    pl_explain_line(&x, "lead %s", lead_text[plan.lead]);
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; quoted && i < w.count[side]; i++) {
            explain_level(&x, &plan, (enum pl_side)side, trace.from[side][i], &w.level[side][i]);
        }
        pl_explain_side(&x, (enum pl_side)side, &w);
    }
    return (int)x.used;
}

const struct pl_strategy pl_strategy_skew = {
    .name = "skew",
    .summary = "a ladder that leans on book, trades, mark and a lead market, and against inventory",
    .settings = &pl_skew_settings,
    .state_size = sizeof(struct state),
    .bind = bind,
    .features = features,
    .decide = decide,
    .explain = explain,
};
