/* inventory - quotes that weigh distance from the mid against expected inventory, by a small linear
 * program solved now and then; in between its offsets move with the mid. makers.md 4;
 * docs/strategies/inventory.md. Everything is in ticks and lots here. */
#include "strategy/explain.h"
#include "strategy/inventory_plan.h"
#include "strategy/inventory_settings.h"
#include "strategy/strategy.h"

#include "core/order_kind.h"

#include <math.h>

#define BPS               1e-4
#define SQRT_60           7.745966692414834
#define REF_HALFLIFE_S    3600.0
#define REF_SAMPLES_LEAST 300
#define REF_LEAST         1e-12
/* Of kappa=fit. */
#define FIT_ORDERS_LEAST 50
#define FIT_LOOKBACK_NS  (600 * PL_NS_PER_S)
#define FIT_EVERY_NS     (10 * PL_NS_PER_S)
#define FIT_AGE_NS       (3600 * PL_NS_PER_S)

struct state {
    struct pl_common common;
    struct pl_inventory_rules rules;
    struct pl_inventory_plan plan;
    struct pl_distance min_spread;
    double depth_ref, liquidity_ref; /* lots; 0 = auto */
    uint32_t at_depth_ref, at_liquidity_ref, at_decay;
    double level_step;
    uint32_t levels;
};

enum { AT_SD, AT_DEPTH, AT_VOLUME, AT_REST }; /* of view->feature; the rest as bind found */

/* ---- bind ----------------------------------------------------------------------------------- */

struct words { /* settings that are a word or a number; 0 = the word */
    double kappa, depth_ref, liquidity_ref;
};

static int read_words(const struct pl_inventory_params *p, struct words *w, struct pl_error *err)
{
    int rc = pl_inventory_word_or_number("kappa", p->kappa, "fit", PL_INVENTORY_KAPPA_MIN,
                                         PL_INVENTORY_KAPPA_MAX, &w->kappa, err);
    rc = rc < 0 ? rc
                : pl_inventory_word_or_number("depth_ref", p->depth_ref, "auto", REF_LEAST, 1e15,
                                              &w->depth_ref, err);
    return rc < 0 ? rc
                  : pl_inventory_word_or_number("liquidity_ref", p->liquidity_ref, "auto",
                                                REF_LEAST, 1e15, &w->liquidity_ref, err);
}

static uint32_t features(const void *params, struct pl_feature_request *request)
{
    const struct pl_inventory_params *p = params;
    struct words words = {0};
    if (read_words(p, &words, NULL) < 0) {
        return 0; /* bind says what is wrong */
    }
    struct pl_feature_request depth = {.kind = PL_FEATURE_DEPTH};
    depth.levels = p->depth_mode == PL_DEPTH_LEVELS ? p->depth_levels : 0;
    depth.depth_bps = p->depth_mode == PL_DEPTH_BPS ? p->depth_bps : 0;
    struct pl_feature_request volume = {.kind = PL_FEATURE_VOLUME,
                                        .lookback_ns = p->liquidity_window_s * PL_NS_PER_S};
    struct pl_feature_request fit = {.kind = PL_FEATURE_KAPPA,
                                     .method = PL_KAPPA_MLE,
                                     .least = FIT_ORDERS_LEAST,
                                     .lookback_ns = FIT_LOOKBACK_NS,
                                     .refit_ns = FIT_EVERY_NS,
                                     .max_age_ns = FIT_AGE_NS};
    request[AT_SD] = (struct pl_feature_request){.kind = PL_FEATURE_LOGVOL,
                                                 .price = PL_PRICE_MID,
                                                 .samples = p->vol_window_s,
                                                 .sample_ns = PL_NS_PER_S};
    request[AT_DEPTH] = depth;
    request[AT_VOLUME] = volume;
    uint32_t count = AT_REST;
    depth.halflife_s = volume.halflife_s = REF_HALFLIFE_S;
    depth.least = volume.least = REF_SAMPLES_LEAST;
    if (words.depth_ref <= 0) {
        request[count++] = depth;
    }
    if (words.liquidity_ref <= 0) {
        request[count++] = volume;
    }
    if (words.kappa <= 0) {
        request[count++] = fit;
        fit.kind = PL_FEATURE_INTENSITY;
        request[count++] = fit;
    }
    return count;
}

static int64_t ns_of(double seconds)
{
    return (int64_t)(seconds * 1e9 + 0.5);
}

static struct pl_inventory_rules rules_of(const struct pl_inventory_params *p, double kappa,
                                          const struct pl_inst *inst)
{
    return (struct pl_inventory_rules){
        .alpha = p->alpha,
        .beta = p->beta,
        .gamma = p->gamma,
        .delta = p->delta,
        .zeta = p->zeta,
        .kappa = kappa,
        .kappa_min = PL_INVENTORY_KAPPA_MIN,
        .kappa_max = PL_INVENTORY_KAPPA_MAX,
        .x_min = p->x_min,
        .x_max = p->x_max,
        .chord = p->chord_step,
        .default_spread = p->default_spread_bps * BPS,
        .fee = (double)inst->maker_fee_e9 * 1e-9,
        .depth_sign = (double)p->depth_sign,
        .vol_scale = SQRT_60 / (p->vol_ref_bps * BPS),
        .schedule = {p->ema_slow, p->ema_fast, p->vol_low, p->vol_high, p->ema_mid, p->ema_hot,
                     p->interval_hot_s, p->interval_mid_s, p->interval_slow_s},
        .ema_step_ns = ns_of(p->ema_step_s),
        .min_reopt_ns = ns_of(p->min_reopt_ms * 1e-3),
        .last_good_max_age_ns = ns_of(p->last_good_max_age_s),
        .on_fill = p->reoptimise_on_fill,
        .vol_jump = p->vol_jump,
        .gamma_vol = p->gamma_vol,
        .alpha_inv = p->alpha_inv,
    };
}

static int whole_lots(const char *name, double size, double lot, double *lots, struct pl_error *err)
{
    *lots = floor(size / lot + 0.5);
    if (!(*lots >= 1) || fabs(*lots * lot - size) > 1e-9 * size) {
        return pl_error_set(err, PL_ERR_INVALID, "%s %.10g: not a whole number of lots of %.10g",
                            name, size, lot);
    }
    return 0;
}

static int bind_sizes(const struct pl_inventory_params *p, struct state *s, struct pl_error *err)
{
    double lots;
    int rc = pl_common_order_lots(&s->common, "order_size", p->order_size, &lots, err);
    rc = rc < 0 ? rc
                : whole_lots("order_size", p->order_size, s->common.lot, &s->rules.order_lots, err);
    return rc < 0 ? rc
                  : whole_lots("max_inventory", p->max_inventory, s->common.lot, &s->rules.max_lots,
                               err);
}

static int bind(const void *params, const struct pl_strategy_market *market, void *state,
                struct pl_strategy_traits *traits, struct pl_error *err)
{
    const struct pl_inventory_params *p = params;
    struct state *s = state;
    struct words words = {0};
    int rc = pl_inventory_settings.check(params, err);
    rc = rc < 0 ? rc : read_words(p, &words, err);
    rc = rc < 0 ? rc : pl_common_bind(&p->common, market, &s->common, traits, err);
    if (rc < 0) {
        return rc;
    }
    s->rules = rules_of(p, words.kappa, market->inst);
    rc = bind_sizes(p, s, err);
    if (rc < 0) {
        return rc;
    }
    s->plan = (struct pl_inventory_plan){0};
    s->min_spread = p->min_spread;
    s->depth_ref = words.depth_ref / s->common.lot;
    s->liquidity_ref = words.liquidity_ref / s->common.lot;
    uint32_t count = AT_REST;
    s->at_depth_ref = words.depth_ref <= 0 ? count++ : 0;
    s->at_liquidity_ref = words.liquidity_ref <= 0 ? count++ : 0;
    s->at_decay = count;
    s->level_step = p->level_step;
    s->levels = (uint32_t)p->levels;
    traits->levels_max = s->levels;
    return 0;
}

/* ---- a decision ----------------------------------------------------------------------------- */

/* value / reference; NAN while either is not warm. */
static double share(const struct state *s, double lots, double ref, const double *usual)
{
    double by = ref > 0 ? ref : *usual;
    return by * s->common.lot >= REF_LEAST ? lots / by : NAN;
}

static struct pl_inventory_input read_input(const struct state *s,
                                            const struct pl_strategy_view *view)
{
    const struct pl_touch *touch = &view->own->touch;
    const double *f = view->feature;
    double mid = pl_touch_mid(touch);
    struct pl_inventory_input in = {
        .now_ns = view->now_ns,
        .fill_ns = view->last_fill_ns[0] > view->last_fill_ns[1] ? view->last_fill_ns[0]
                                                                 : view->last_fill_ns[1],
        .mid = mid,
        .bid = (double)touch->px[PL_BUY],
        .ask = (double)touch->px[PL_SELL],
        .min_spread = pl_common_ticks(&s->common, s->min_spread, mid),
        .stale = (view->own->flags & PL_VIEWF_STALE) != 0,
        .sd = f[AT_SD],
        .depth = share(s, f[AT_DEPTH], s->depth_ref, &f[s->at_depth_ref]),
        .liquidity = share(s, f[AT_VOLUME], s->liquidity_ref, &f[s->at_liquidity_ref]),
        .q_lots = pl_common_inventory(&s->common, view),
    };
    if (s->rules.kappa <= 0) {
        in.decay = f[s->at_decay];
        in.intensity = f[s->at_decay + 1];
    }
    return in;
}

/* With the other side at the mark, this one closes what is held and no more. */
static double closable(const struct state *s, enum pl_side side, double q_lots)
{
    const bool *off = s->plan.off;
    return off[side == PL_BUY ? PL_SELL : PL_BUY] ? floor(fabs(q_lots) + PL_LADDER_SLACK)
                                                  : INFINITY;
}

static void make_ladder(const struct state *s, const struct pl_inventory_input *in,
                        struct pl_ladder *l)
{
    for (int side = 0; side < 2; side++) {
        double left = closable(s, (enum pl_side)side, in->q_lots);
        double sign = side == PL_BUY ? -1 : 1;
        l->count[side] = s->plan.off[side] ? 0 : s->levels;
        for (uint32_t i = 0; i < l->count[side]; i++) {
            double away = s->plan.offset[side] + (double)i * s->level_step * s->plan.step;
            double lots = fmin(s->rules.order_lots, left);
            l->px[side][i] = in->mid + sign * away;
            l->lots[side][i] = lots;
            left -= lots;
        }
    }
}

/* What closes stays within the position also where a size was raised to the venue's least. */
static void keep_closing(const struct state *s, const struct pl_inventory_input *in,
                         struct pl_wanted *out)
{
    for (int side = 0; side < 2; side++) {
        double left = closable(s, (enum pl_side)side, in->q_lots);
        uint32_t kept = 0;
        while (kept < out->count[side] && (double)out->level[side][kept].lots <= left) {
            left -= (double)out->level[side][kept++].lots;
        }
        if (kept == 0 && out->count[side] > 0) {
            out->reason[side] = PL_NOQUOTE_BELOW_MIN;
        }
        out->count[side] = kept;
        if (s->plan.off[side]) {
            out->reason[side] = PL_NOQUOTE_MAX_POSITION;
        }
    }
}

static bool quote(struct state *s, const struct pl_strategy_view *view,
                  struct pl_inventory_input *in, struct pl_wanted *out,
                  struct pl_ladder_trace *trace)
{
    if (!pl_common_open(&s->common, view, out)) {
        return false;
    }
    *in = read_input(s, view);
    pl_inventory_plan_step(&s->plan, &s->rules, in);
    if (s->plan.source == PL_INVENTORY_WARMUP || !(in->mid > 0)) {
        pl_common_nothing(out, PL_NOQUOTE_WARMUP);
        return false;
    }
    struct pl_ladder ladder;
    make_ladder(s, in, &ladder);
    for (int side = 0; side < 2; side++) {
        bool closing = s->plan.off[1 - side] && s->common.target_lots == 0;
        out->flags[side] |= closing ? PL_ORDF_REDUCE_ONLY : 0;
    }
    const int64_t never_crossing[2] = {view->own->touch.px[PL_SELL] - 1,
                                       view->own->touch.px[PL_BUY] + 1};
    pl_common_quote(&s->common, view, &ladder, never_crossing, out, trace);
    keep_closing(s, in, out);
    return true;
}

static void decide(void *state, const struct pl_strategy_view *view, struct pl_wanted *out)
{
    struct pl_inventory_input in;
    (void)quote(state, view, &in, out, NULL);
}

/* ---- why this quote ------------------------------------------------------------------------- */

static void explain_solve(const struct state *s, int64_t now_ns, struct pl_explain *x)
{
    const struct pl_inventory_plan *plan = &s->plan;
    const struct pl_inventory_solve *v = &plan->solve;
    pl_explain_line(x, "from the %s; last try: %s; %llu solved, %llu failed; ema %.6g",
                    pl_inventory_source_name(plan->source), pl_inventory_status_name(plan->status),
                    (unsigned long long)plan->solves, (unsigned long long)plan->failures,
                    plan->ema);
    if (!plan->good) {
        return;
    }
    pl_explain_line(x,
                    "solved %.3f s ago for %.0f s: sigma %.6g bps; bps vol %.6g liquidity %.6g "
                    "depth %.6g; width %.6g ticks",
                    (double)(now_ns - v->at_ns) * 1e-9, v->interval_s, v->sigma_bps, v->terms.vol,
                    v->terms.liquidity, v->terms.depth, v->width);
    bool steep = v->lp.kappa * (v->lp.most - fmin(v->lp.least[0], v->lp.least[1])) > 2;
    pl_explain_line(x, "alpha %.6g beta %.6g kappa %.6g%s qh %.6g: x %.6g %.6g y %.6g cost %.6g",
                    v->lp.alpha, v->lp.beta, v->lp.kappa,
                    steep ? " (quotes could turn the whole inventory)" : "", v->lp.qh,
                    v->quote.x[0], v->quote.x[1], v->quote.y, v->quote.cost);
}

static int explain(const void *state, const struct pl_strategy_view *view, char *text, size_t size)
{
    struct state s = *(const struct state *)state;
    struct pl_explain x = pl_explain_start(text, size);
    struct pl_ladder_trace trace = {0};
    struct pl_inventory_input in = {0};
    struct pl_wanted w;
    bool quoted = quote(&s, view, &in, &w, &trace);
    if (quoted) {
        explain_solve(&s, view->now_ns, &x);
    }
    const struct pl_inventory_plan *plan = &s.plan;
    double skew = 0.5 * (plan->offset[1] - plan->offset[0]);
    double half = 0.5 * (plan->offset[1] + plan->offset[0]);
    for (int side = 0; side < 2; side++) {
        double sign = side == PL_BUY ? -1 : 1;
        for (uint32_t i = 0; quoted && i < w.count[side]; i++) {
            uint32_t level = trace.from[side][i];
            const struct pl_quote_part parts[] = {
                {"mid", in.mid},
                {"skew", skew},
                {"half", sign * half},
                {"step", sign * level * s.level_step * plan->step}};
            pl_explain_level(&x, (enum pl_side)side, level, parts, sizeof parts / sizeof parts[0],
                             &w.level[side][i]);
        }
        pl_explain_side(&x, (enum pl_side)side, &w);
    }
    return (int)x.used;
}

const struct pl_strategy pl_strategy_inventory = {
    .name = "inventory",
    .summary = "distance from the mid against expected inventory, weighed by a linear program",
    .settings = &pl_inventory_settings,
    .state_size = sizeof(struct state),
    .bind = bind,
    .features = features,
    .decide = decide,
    .explain = explain,
};
