#include "strategy/inventory_plan.h"

#include "base/assert.h"
#include "core/units.h"
#include "math/fn.h"

#include <math.h>

#define BPS           1e-4
#define SLACK         1e-9
#define EMA_LEAST     1e-3 /* of the mean volatility that gamma is scaled by */
#define EMA_STEPS_MAX 10000

static int64_t ns_of(double seconds)
{
    return (int64_t)(seconds * 1e9);
}

static bool not_negative(double x)
{
    return x >= 0 && x < INFINITY;
}

static bool valid(const struct pl_inventory_rules *r, const struct pl_inventory_input *in)
{
    bool fit =
        r->kappa > 0 || (in->decay > 0 && in->decay < INFINITY && not_negative(in->intensity));
    return !in->stale && in->mid > 0 && in->bid < in->ask && not_negative(in->sd) &&
           not_negative(in->depth) && not_negative(in->liquidity) && fit;
}

/* One step each ema_step_ns; time without a volatility does not count. */
static void advance_ema(struct pl_inventory_plan *plan, const struct pl_inventory_rules *r,
                        int64_t now_ns, double vol)
{
    if (!not_negative(vol)) {
        plan->ema_next_ns = plan->ema_next_ns != 0 ? now_ns + r->ema_step_ns : 0;
        return;
    }
    if (plan->ema_next_ns == 0) {
        plan->ema = vol;
        plan->ema_next_ns = now_ns + r->ema_step_ns;
        return;
    }
    double factor = pl_inventory_ema_factor(&r->schedule, vol);
    for (int i = 0; now_ns >= plan->ema_next_ns && i < EMA_STEPS_MAX; i++) {
        plan->ema = (1 - factor) * plan->ema + factor * vol;
        plan->ema_next_ns += r->ema_step_ns;
    }
}

static double narrowest(const struct pl_inventory_rules *r, const struct pl_inventory_input *in)
{
    return fmax(in->min_spread, 2 * fmax(r->fee, 0) * in->mid + 2);
}

static void base_spread(const struct pl_inventory_rules *r, const struct pl_inventory_input *in,
                        double ema, struct pl_inventory_solve *s)
{
    s->sigma_bps = in->sd / BPS * sqrt(s->interval_s);
    double scale = r->gamma_vol != 0 ? pl_pow(fmax(ema, EMA_LEAST), r->gamma_vol) : 1;
    s->terms = pl_inventory_terms(&(struct pl_inventory_spread){.gamma = r->gamma * scale,
                                                                .delta = r->delta,
                                                                .zeta = r->zeta,
                                                                .sigma_bps = s->sigma_bps,
                                                                .liquidity = in->liquidity,
                                                                .depth = in->depth,
                                                                .depth_sign = r->depth_sign});
    double bps = s->terms.vol + s->terms.liquidity + s->terms.depth;
    s->width = fmax(bps * BPS * in->mid, narrowest(r, in));
}

/* kappa = 2 A e^{-k h} k h tau size / q_max: what a skew of one half spread fills in an interval. */
static double fitted_kappa(const struct pl_inventory_rules *r, const struct pl_inventory_input *in,
                           double half, double interval_s)
{
    double reach = in->decay * half;
    double kappa =
        2 * in->intensity * pl_exp(-reach) * reach * interval_s * r->order_lots / r->max_lots;
    return fmin(fmax(kappa, r->kappa_min), r->kappa_max);
}

static enum pl_inventory_status try_solve(const struct pl_inventory_rules *r,
                                          const struct pl_inventory_input *in, double ema,
                                          const bool off[2], struct pl_inventory_solve *s)
{
    if (!valid(r, in)) {
        return PL_INVENTORY_INVALID;
    }
    *s = (struct pl_inventory_solve){.at_ns = in->now_ns,
                                     .vol = in->sd * r->vol_scale,
                                     .interval_s = pl_inventory_interval_s(&r->schedule, ema)};
    base_spread(r, in, ema, s);
    double half = 0.5 * s->width, qh = in->q_lots / r->max_lots;
    s->lp = (struct pl_inventory_lp){
        .alpha = r->alpha * (1 + r->alpha_inv * fabs(qh)),
        .beta = r->beta,
        .kappa = r->kappa > 0 ? r->kappa : fitted_kappa(r, in, half, s->interval_s),
        .qh = qh,
        .chord = r->chord,
        .width = 1,
        .least = {fmax(r->x_min, (in->mid - in->ask + 1) / half),
                  fmax(r->x_min, (in->bid + 1 - in->mid) / half)},
        .most = r->x_max,
        .off = {off[0], off[1]},
    };
    return pl_inventory_lp_solve(&s->lp, &s->quote);
}

static bool due(const struct pl_inventory_plan *plan, const struct pl_inventory_rules *r,
                const struct pl_inventory_input *in, int64_t interval_ns)
{
    if (!plan->tried) {
        return true;
    }
    bool filled = r->on_fill && (in->fill_ns != plan->fill_ns || in->q_lots != plan->q_lots);
    bool wanted = plan->failed || filled || in->now_ns - plan->solve.at_ns >= interval_ns ||
                  in->sd * r->vol_scale > r->vol_jump * plan->solve.vol;
    return wanted && in->now_ns - plan->tried_ns >= r->min_reopt_ns;
}

static void solve(struct pl_inventory_plan *plan, const struct pl_inventory_rules *r,
                  const struct pl_inventory_input *in)
{
    struct pl_inventory_solve s;
    plan->tried = true;
    plan->tried_ns = in->now_ns;
    plan->fill_ns = in->fill_ns;
    plan->q_lots = in->q_lots;
    plan->status = try_solve(r, in, plan->ema, plan->off, &s);
    plan->failed = plan->status != PL_INVENTORY_SOLVED;
    plan->solves += !plan->failed;
    plan->failures += plan->failed;
    if (!plan->failed) {
        plan->good = true;
        plan->solve = s;
    }
}

static enum pl_inventory_source choose(const struct pl_inventory_plan *plan,
                                       const struct pl_inventory_rules *r, int64_t now_ns,
                                       int64_t interval_ns)
{
    if (!plan->failed) {
        return PL_INVENTORY_SOLUTION;
    }
    if (!plan->good) {
        return plan->status == PL_INVENTORY_INVALID ? PL_INVENTORY_WARMUP : PL_INVENTORY_DEFAULT;
    }
    int64_t age_max = r->last_good_max_age_ns > 0 ? r->last_good_max_age_ns : interval_ns;
    return now_ns - plan->solve.at_ns < age_max ? PL_INVENTORY_LAST_GOOD : PL_INVENTORY_DEFAULT;
}

static void place(struct pl_inventory_plan *plan, const struct pl_inventory_rules *r,
                  const struct pl_inventory_input *in)
{
    const struct pl_inventory_solve *s = &plan->solve;
    if (plan->source == PL_INVENTORY_DEFAULT) {
        plan->step = 0.5 * fmax(r->default_spread * in->mid, narrowest(r, in));
        plan->offset[0] = plan->offset[1] = plan->step;
        return;
    }
    double half = 0.5 * s->width;
    bool one_sided = s->lp.off[0] || s->lp.off[1]; /* the other x is no quote's */
    plan->offset[0] = half * s->quote.x[0];
    plan->offset[1] = half * s->quote.x[1];
    plan->step = one_sided ? half : 0.5 * (plan->offset[0] + plan->offset[1]);
}

void pl_inventory_plan_step(struct pl_inventory_plan *plan, const struct pl_inventory_rules *r,
                            const struct pl_inventory_input *in)
{
    plan->off[0] = in->q_lots + r->order_lots > r->max_lots + SLACK;
    plan->off[1] = -in->q_lots + r->order_lots > r->max_lots + SLACK;
    advance_ema(plan, r, in->now_ns, in->stale ? NAN : in->sd * r->vol_scale);
    int64_t interval_ns = ns_of(pl_inventory_interval_s(&r->schedule, plan->ema));
    if (due(plan, r, in, interval_ns)) {
        solve(plan, r, in);
    }
    plan->source = choose(plan, r, in->now_ns, interval_ns);
    plan->last_goods += plan->source == PL_INVENTORY_LAST_GOOD;
    plan->defaults += plan->source == PL_INVENTORY_DEFAULT;
    if (plan->source != PL_INVENTORY_WARMUP) {
        place(plan, r, in);
    }
}

const char *pl_inventory_source_name(enum pl_inventory_source source)
{
    static const char *const names[] = {"not warm", "solution", "last good", "default spread"};
    return (size_t)source < PL_COUNT(names) ? names[source] : "unknown";
}
