/* avellaneda - reservation price and optimal spread [Avellaneda, Stoikov 2008], or the offsets of
 * [Gueant, Lehalle, Fernandez-Tapia 2013]. makers.md 6; docs/strategies/avellaneda.md.
 *
 * Everything is in ticks here: sigma ticks per sqrt(second), kappa per tick, gamma per tick and unit
 * of inventory. What changes only with sigma, kappa or intensity is kept between decisions. */
#include "strategy/avellaneda_settings.h"
#include "strategy/explain.h"
#include "strategy/strategy.h"

#include "math/avellaneda.h"
#include "math/fn.h"
#include "math/glft.h"

#include <math.h>

#define BOUND_MAX  100 /* of model=glft, in orders: its offsets are kept in the state */
#define GLFT_DRIFT 0.01
#define NO_FEATURE PL_STRATEGY_FEATURES_MAX

struct derived {                    /* from sigma, kappa, intensity */
    double sigma, kappa, intensity; /* as read */
    double kappa_used;              /* clamped */
    double sigma_used;              /* with its floor */
    double gamma;
    double risk;     /* gamma sigma^2: ticks per unit of inventory and second */
    double log_term; /* of the spread */
    double closed_bid, closed_ask, closed_skew;
    bool usable;
};

struct glft { /* offsets by inventory -bound..bound, and what they were computed from */
    double gamma, sigma, kappa, intensity;
    double bid[2 * BOUND_MAX + 1], ask[2 * BOUND_MAX + 1];
};

struct state {
    struct pl_common common;
    enum pl_as_model model;
    enum pl_as_form form;
    enum pl_as_fair fair;
    bool gamma_auto, session;
    double gamma, eta;
    struct pl_distance min_spread;
    double per_unit; /* units of inventory in a lot */
    double q_max;
    int bound;
    double horizon_s, sqrt_horizon, sigma_floor;
    double kappa_given, kappa_min, kappa_max, intensity_given; /* given 0 = fitted */
    uint32_t at_vamp, at_kappa, at_intensity;                  /* of view->feature; sigma is 0 */
    double order_lots, level_step;
    uint32_t levels;
    struct derived derived;
    double sized_q, shrink; /* exp(-|eta| |q|) at that q */
    struct pl_hours sessions;
    struct pl_hours_now now_session;
    int64_t session_seen_ns;
    struct glft glft;
};

struct plan {
    double fair, skew, half; /* bid = fair + skew - half */
    double q, tau_s;
    bool side[2]; /* false: would pass the bound */
    struct pl_ladder ladder;
};

/* ---- bind ----------------------------------------------------------------------------------- */

struct wants {
    bool vamp, kappa, intensity;
};

static struct wants wanted_features(const struct pl_avellaneda_params *p)
{
    bool fit_kappa, fit_intensity;
    double unused;
    int rc = pl_avellaneda_fit_or_number("kappa", p->kappa, &fit_kappa, &unused, NULL);
    rc = rc < 0 ? rc
                : pl_avellaneda_fit_or_number("intensity", p->intensity, &fit_intensity, &unused,
                                              NULL);
    return (struct wants){.vamp = p->fair == PL_FAIR_VAMP,
                          .kappa = rc == 0 && fit_kappa,
                          .intensity = rc == 0 && fit_intensity && p->model != PL_MODEL_AS};
}

static uint32_t features(const void *params, struct pl_feature_request *request)
{
    const struct pl_avellaneda_params *p = params;
    struct wants wants = wanted_features(p);
    enum pl_feature_price price = p->fair == PL_FAIR_VAMP  ? PL_PRICE_VAMP
                                  : p->fair == PL_FAIR_MID ? PL_PRICE_MID
                                                           : PL_PRICE_WMID;
    struct pl_feature_request fit = {
        .kind = PL_FEATURE_KAPPA,
        .method = (enum pl_kappa_method)p->kappa_method,
        .least = p->kappa_min_trades,
        .lookback_ns = (int64_t)(p->kappa_lookback_s * 1e9),
        .refit_ns = (int64_t)(p->kappa_refit_s * 1e9),
        .max_age_ns = (int64_t)(p->kappa_max_age_s * 1e9),
    };
    uint32_t count = 0;
    request[count++] = (struct pl_feature_request){
        .kind = PL_FEATURE_SIGMA,
        .price = price,
        .levels = wants.vamp ? p->vamp_levels : 0,
        .samples = p->sigma_window,
        .sample_ns = p->sigma_sample_ms * PL_NS_PER_MS,
    };
    if (wants.vamp) {
        request[count++] =
            (struct pl_feature_request){.kind = PL_FEATURE_VAMP, .levels = p->vamp_levels};
    }
    if (wants.kappa) {
        request[count++] = fit;
    }
    if (wants.intensity) {
        fit.kind = PL_FEATURE_INTENSITY;
        request[count++] = fit;
    }
    return count;
}

static int bind_estimates(const struct pl_avellaneda_params *p, struct state *s,
                          struct pl_error *err)
{
    bool fit;
    int rc = pl_avellaneda_fit_or_number("kappa", p->kappa, &fit, &s->kappa_given, err);
    rc = rc < 0 ? rc
                : pl_avellaneda_fit_or_number("intensity", p->intensity, &fit, &s->intensity_given,
                                              err);
    if (rc < 0) {
        return rc;
    }
    struct wants wants = wanted_features(p);
    uint32_t count = 1;
    s->kappa_given *= s->common.tick;
    s->kappa_min = p->kappa_min;
    s->kappa_max = p->kappa_max;
    s->at_vamp = wants.vamp ? count++ : NO_FEATURE;
    s->at_kappa = wants.kappa ? count++ : NO_FEATURE;
    s->at_intensity = wants.intensity ? count++ : NO_FEATURE;
    return 0;
}

static int bind_inventory(const struct pl_avellaneda_params *p, struct state *s,
                          struct pl_error *err)
{
    double unit = p->q_unit > 0 ? p->q_unit : p->order_size;
    s->per_unit = s->common.lot / unit;
    s->q_max = fmax(1, p->common.max_position / unit);
    double bound = floor(s->q_max + PL_LADDER_SLACK);
    if (p->model == PL_MODEL_GLFT && bound > BOUND_MAX) {
        return pl_error_set(
            err, PL_ERR_INVALID,
            "model glft: max_position %.10g is %.0f times q_unit %.10g, at most %d; "
            "use glft_closed or a larger q_unit",
            p->common.max_position, bound, unit, BOUND_MAX);
    }
    s->bound = bound <= BOUND_MAX ? (int)bound : BOUND_MAX;
    return 0;
}

static int bind(const void *params, const struct pl_strategy_market *market, void *state,
                struct pl_strategy_traits *traits, struct pl_error *err)
{
    const struct pl_avellaneda_params *p = params;
    struct state *s = state;
    struct pl_common_params common = pl_avellaneda_common(p);
    int rc = pl_avellaneda_settings.check(params, err);
    rc = rc < 0 ? rc : pl_common_bind(&common, market, &s->common, traits, err);
    rc = rc < 0
             ? rc
             : pl_common_order_lots(&s->common, "order_size", p->order_size, &s->order_lots, err);
    rc = rc < 0 ? rc : bind_estimates(p, s, err);
    rc = rc < 0 ? rc : bind_inventory(p, s, err);
    rc = rc < 0 ? rc : pl_hours_parse(pl_str(p->session), &s->sessions, err);
    if (rc < 0) {
        return rc;
    }
    s->model = (enum pl_as_model)p->model;
    s->form = p->spread_form == 0 ? PL_AS_PAPER : PL_AS_VARIANT;
    s->fair = (enum pl_as_fair)p->fair;
    s->gamma_auto = p->gamma_scale == PL_GAMMA_AUTO;
    s->gamma = s->gamma_auto ? p->gamma : p->gamma * s->common.tick;
    s->eta = p->eta;
    s->min_spread = p->min_spread;
    s->session = p->horizon == PL_HORIZON_SESSION;
    s->horizon_s = p->horizon_s;
    s->sqrt_horizon = sqrt(p->horizon_s);
    s->sigma_floor = p->sigma_floor_ticks;
    s->level_step = p->level_step;
    s->levels = (uint32_t)p->levels;
    s->sized_q = 0;
    s->shrink = 1;
    traits->order_rest_ns = traits->refresh_ns;
    traits->levels_max = s->levels;
    return 0;
}

/* ---- what the estimates say ----------------------------------------------------------------- */

static void derive_closed(struct derived *d)
{
    struct pl_glft p = {
        .gamma = d->gamma, .sigma = d->sigma_used, .a = d->intensity, .k = d->kappa_used};
    struct pl_offsets flat = pl_glft_closed(&p, 0), one = pl_glft_closed(&p, 1);
    d->closed_bid = flat.bid;
    d->closed_ask = flat.ask;
    d->closed_skew = one.bid - flat.bid; /* the closed form is linear in q */
}

static bool drifted(double now, double then)
{
    return !(fabs(now - then) <= GLFT_DRIFT * then);
}

/* The exact offsets cost some 100 passes over the inventory grid: kept until an input has moved. */
static bool derive_glft(struct state *s, const struct derived *d)
{
    struct glft *g = &s->glft;
    if (!drifted(d->gamma, g->gamma) && !drifted(d->sigma_used, g->sigma) &&
        !drifted(d->kappa_used, g->kappa) && !drifted(d->intensity, g->intensity)) {
        return true;
    }
    double work[PL_GLFT_WORK(BOUND_MAX)];
    struct pl_glft p = {.gamma = d->gamma,
                        .sigma = d->sigma_used,
                        .a = d->intensity,
                        .k = d->kappa_used,
                        .horizon = INFINITY,
                        .bound = s->bound};
    g->gamma = g->sigma = g->kappa = g->intensity = 0;
    if (pl_glft_offsets(&p, work, g->bid, g->ask) < 0) {
        return false;
    }
    g->gamma = d->gamma;
    g->sigma = d->sigma_used;
    g->kappa = d->kappa_used;
    g->intensity = d->intensity;
    return true;
}

static void derive(struct state *s, double sigma, double kappa, double intensity)
{
    struct derived *d = &s->derived;
    d->sigma = sigma;
    d->kappa = kappa;
    d->intensity = intensity;
    d->kappa_used = s->kappa_given > 0     ? s->kappa_given
                    : kappa < s->kappa_min ? s->kappa_min
                    : kappa > s->kappa_max ? s->kappa_max
                                           : kappa;
    double horizon_sd = fmax(sigma * s->sqrt_horizon, s->sigma_floor);
    d->sigma_used = horizon_sd / s->sqrt_horizon;
    d->gamma = s->gamma_auto ? s->gamma / (horizon_sd * s->q_max) : s->gamma;
    d->risk = d->gamma * d->sigma_used * d->sigma_used;
    struct pl_as as = {
        .form = s->form, .gamma = d->gamma, .sigma = d->sigma_used, .k = d->kappa_used, .lot = 1};
    d->log_term = pl_as_spread(&as, 0);
    if (s->form == PL_AS_VARIANT) {
        d->log_term /= s->common.tick; /* a number that its users add to a price */
    }
    d->usable = true;
    if (s->model == PL_MODEL_GLFT_CLOSED) {
        derive_closed(d);
    } else if (s->model == PL_MODEL_GLFT) {
        d->usable = derive_glft(s, d);
    }
}

/* ---- a decision ----------------------------------------------------------------------------- */

static double fair_price(const struct state *s, const struct pl_strategy_view *view)
{
    switch (s->fair) {
    case PL_FAIR_VAMP:
        return view->feature[s->at_vamp];
    case PL_FAIR_MID:
        return pl_touch_mid(&view->own->touch);
    default:
        return pl_touch_wmid(&view->own->touch);
    }
}

/* Seconds of risk ahead; false outside a session. */
static bool time_left(struct state *s, int64_t now_ns, double *tau_s)
{
    *tau_s = s->horizon_s;
    if (!s->session) {
        return true;
    }
    if (!(s->session_seen_ns <= now_ns && now_ns < s->now_session.change_ns)) {
        s->now_session = pl_hours_at(&s->sessions, now_ns);
        s->session_seen_ns = now_ns;
    }
    const struct pl_hours_now *n = &s->now_session;
    if (!n->open) {
        return false;
    }
    *tau_s *= (double)(n->until_ns - now_ns) / (double)(n->until_ns - n->from_ns);
    return true;
}

/* Between whole inventories the offsets are joined by straight lines; outside, the last line goes
 * on. `known` of them (2 or more) are finite, from `first`. */
static double between(const double *offset, int first, int known, double at)
{
    int i = (int)floor(at);
    int last = first + known - 2;
    i = i < first ? first : i > last ? last : i;
    return offset[i] + (at - i) * (offset[i + 1] - offset[i]);
}

static void glft_pair(const struct state *s, struct plan *plan, double *bid, double *ask)
{
    double q = plan->q, bound = s->bound;
    q = q > bound ? bound : q < -bound ? -bound : q;
    int known = 2 * s->bound; /* one end of each side is not quoted */
    *bid = between(s->glft.bid, 0, known, q + bound);
    *ask = between(s->glft.ask, 1, known, q + bound);
    plan->side[PL_BUY] = q < bound - PL_LADDER_SLACK;
    plan->side[PL_SELL] = q > -bound + PL_LADDER_SLACK;
}

static void make_pair(const struct state *s, const struct pl_strategy_view *view, struct plan *plan)
{
    const struct derived *d = &s->derived;
    double bid, ask, q = plan->q;
    plan->side[PL_BUY] = plan->side[PL_SELL] = true;
    if (s->model == PL_MODEL_AS) {
        plan->skew = -q * d->risk * plan->tau_s;
        plan->half = 0.5 * (d->risk * plan->tau_s + d->log_term);
    } else {
        if (s->model == PL_MODEL_GLFT) {
            glft_pair(s, plan, &bid, &ask);
        } else {
            bid = d->closed_bid + q * d->closed_skew;
            ask = d->closed_ask - q * d->closed_skew;
        }
        plan->skew = 0.5 * (ask - bid);
        plan->half = 0.5 * (ask + bid);
    }
    if (s->min_spread.value > 0) {
        double mid = pl_touch_mid(&view->own->touch);
        plan->half = fmax(plan->half, 0.5 * pl_common_ticks(&s->common, s->min_spread, mid));
    }
}

static void make_ladder(struct state *s, struct plan *plan)
{
    if (plan->q != s->sized_q) {
        s->sized_q = plan->q;
        s->shrink = pl_as_bid_size(1, s->eta, fabs(plan->q));
    }
    double bid_lots = s->order_lots * (plan->q > 0 ? s->shrink : 1);
    double ask_lots = s->order_lots * (plan->q < 0 ? s->shrink : 1);
    double middle = plan->fair + plan->skew;
    struct pl_ladder *l = &plan->ladder;
    l->count[PL_BUY] = plan->side[PL_BUY] ? s->levels : 0;
    l->count[PL_SELL] = plan->side[PL_SELL] ? s->levels : 0;
    for (uint32_t i = 0; i < s->levels; i++) {
        double away = plan->half * (1 + (double)i * s->level_step);
        l->px[PL_BUY][i] = middle - away;
        l->px[PL_SELL][i] = middle + away;
        l->lots[PL_BUY][i] = bid_lots;
        l->lots[PL_SELL][i] = ask_lots;
    }
}

static double estimate(const struct pl_strategy_view *view, uint32_t at, double given)
{
    return at == NO_FEATURE ? given : view->feature[at];
}

/* NONE, or why nothing can be quoted. */
static enum pl_noquote make_plan(struct state *s, const struct pl_strategy_view *view,
                                 struct plan *plan)
{
    plan->fair = fair_price(s, view);
    double sigma = view->feature[0];
    double kappa = estimate(view, s->at_kappa, s->kappa_given);
    double intensity = estimate(view, s->at_intensity, s->intensity_given);
    if (!(plan->fair > 0) || !(sigma >= 0) || !(kappa > 0) ||
        !(intensity > 0 || s->model == PL_MODEL_AS)) { /* not warm = NAN */
        return PL_NOQUOTE_WARMUP;
    }
    if (!time_left(s, view->now_ns, &plan->tau_s)) {
        return PL_NOQUOTE_HOURS;
    }
    struct derived *d = &s->derived;
    if (sigma != d->sigma || kappa != d->kappa || intensity != d->intensity || !d->usable) {
        derive(s, sigma, kappa, intensity);
    }
    if (!d->usable) {
        return PL_NOQUOTE_FALLBACK;
    }
    double q = pl_common_inventory(&s->common, view) * s->per_unit;
    plan->q = q > s->q_max ? s->q_max : q < -s->q_max ? -s->q_max : q;
    make_pair(s, view, plan);
    make_ladder(s, plan);
    return PL_NOQUOTE_NONE;
}

static bool quote(struct state *s, const struct pl_strategy_view *view, struct plan *plan,
                  struct pl_wanted *out, struct pl_ladder_trace *trace)
{
    if (!pl_common_open(&s->common, view, out)) {
        return false;
    }
    enum pl_noquote why = make_plan(s, view, plan);
    if (why != PL_NOQUOTE_NONE) {
        pl_common_nothing(out, why);
        return false;
    }
    out->fair = plan->fair;
    pl_common_quote(&s->common, view, &plan->ladder, NULL, out, trace);
    for (int side = 0; side < 2; side++) {
        if (!plan->side[side]) {
            out->reason[side] = PL_NOQUOTE_MAX_POSITION;
        }
    }
    return true;
}

static void decide(void *state, const struct pl_strategy_view *view, struct pl_wanted *out)
{
    struct plan plan;
    (void)quote(state, view, &plan, out, NULL);
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
        const struct derived *d = &s.derived;
        pl_explain_line(&x,
                        "q %.6g sigma %.6g ticks/sqrt(s) kappa %.6g/tick%s gamma %.6g left %.6g s",
                        plan.q, d->sigma_used, d->kappa_used,
                        d->kappa_used != d->kappa ? " (clamped)" : "", d->gamma, plan.tau_s);
    }
    if (s.eta < 0) {
        pl_explain_line(&x, "eta %.6g: its absolute value counts", s.eta);
    }
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; quoted && i < w.count[side]; i++) {
            double away = side == PL_BUY ? -plan.half : plan.half;
            uint32_t level = trace.from[side][i];
            const struct pl_quote_part parts[] = {{"fair", plan.fair},
                                                  {"skew", plan.skew},
                                                  {"half", away},
                                                  {"step", away * level * s.level_step}};
            pl_explain_level(&x, (enum pl_side)side, level, parts, sizeof parts / sizeof parts[0],
                             &w.level[side][i]);
        }
        pl_explain_side(&x, (enum pl_side)side, &w);
    }
    return (int)x.used;
}

const struct pl_strategy pl_strategy_avellaneda = {
    .name = "avellaneda",
    .summary = "reservation price and optimal spread of Avellaneda and Stoikov, and GLFT offsets",
    .settings = &pl_avellaneda_settings,
    .state_size = sizeof(struct state),
    .bind = bind,
    .features = features,
    .decide = decide,
    .explain = explain,
};
