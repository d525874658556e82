#include "synth/market.h"

#include "math/fn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define FUNDING_NS       (8 * 3600 * PL_NS_PER_S)
#define FUNDING_BASE_E9  100000.0 /* 1 bp per eight hours */
#define FUNDING_RANGE_E9 300000.0
#define MARK_KEEP_S      5.0 /* memory of the mark price */

static void inst_fill(struct pl_inst *inst, const struct pl_synth_profile *p, const char *symbol)
{
    *inst = (struct pl_inst){
        .kind = p->kind,
        .tick = p->tick,
        .lot = p->lot,
        .contract_size = {1, 0},
        .min_lots = 1,
        .min_notional = {5, 0},
        .maker_fee_e9 = p->maker_fee_e9,
        .taker_fee_e9 = p->taker_fee_e9,
    };
    (void)snprintf(inst->venue, sizeof inst->venue, "%s", p->venue);
    (void)snprintf(inst->symbol, sizeof inst->symbol, "%s", symbol);
    (void)snprintf(inst->base, sizeof inst->base, "%s", p->base);
    (void)snprintf(inst->quote, sizeof inst->quote, "%s", p->quote);
}

static double path_next(struct pl_market_gen *m)
{
    double own = pl_path_step(&m->own, m->activity.value);
    if (m->lag_left > 0) {
        m->lag_left--; /* a follower starts its walk along the common path later */
        return m->own_weight * own;
    }
    return m->common_weight * pl_path_step(&m->common, m->activity.value) + m->own_weight * own;
}

static int ahead_fill(struct pl_market_gen *m)
{
    m->ahead = calloc((size_t)m->horizon + 1, sizeof *m->ahead);
    if (m->ahead == NULL) {
        return PL_ERR_NOMEM;
    }
    for (uint32_t i = 0; i <= m->horizon; i++) {
        m->ahead[i] = path_next(m);
    }
    return 0;
}

int pl_market_gen_init(struct pl_market_gen *m, const struct pl_synth_cfg *cfg, uint32_t idx,
                       double step_s, struct pl_error *err)
{
    const struct pl_synth_market *c = &cfg->market[idx];
    *m = (struct pl_market_gen){.profile = *c->profile};
    struct pl_synth_profile *p = &m->profile;
    p->step_s = step_s;
    double dt = step_s * cfg->rate, c2 = cfg->common, rate = p->jump_rate;
    const struct pl_synth_profile *lead = cfg->market[0].profile;
    inst_fill(&m->inst, p, c->symbol[0] != 0 ? c->symbol : p->symbol);
    pl_activity_init(&m->activity, cfg->seed, p->activity_sd, p->activity_tau_s, dt);
    if (c2 > 0) {
        pl_path_init(&m->common, cfg->seed, PL_SYNTH_KEY_COMMON, lead->jump_rate * c2,
                     lead->jump_excite, lead->jump_tau_s, dt);
        m->common_weight = sqrt(c2);
    }
    pl_path_init(&m->own, cfg->seed,
                 PL_SYNTH_KEY_MARKET + UINT64_C(16) * idx + (uint64_t)PL_DRAW_PATH, rate * (1 - c2),
                 p->jump_excite, p->jump_tau_s, dt);
    m->own_weight = sqrt(1 - c2);
    m->horizon = (uint32_t)(p->horizon_s / dt + 0.5);
    m->lag_left = idx == 0 ? 0 : (uint32_t)((double)cfg->lag_ns * 1e-9 / step_s + 0.5);
    m->schedule = pl_draw_init(cfg->seed, PL_SYNTH_KEY_MARKET + UINT64_C(16) * idx + 3);
    m->snapshot_every_ns = cfg->snapshot_every_ns;
    m->observe = cfg->observe;
    m->observe_ctx = cfg->observe_ctx;
    int rc = ahead_fill(m);
    if (rc == 0) {
        rc = pl_flow_init(&m->flow, p, (uint16_t)idx, cfg->seed, cfg->rate,
                          c->price > 0 ? c->price : p->price);
    }
    return rc < 0 ? pl_error_set(err, rc, "market %u: %s", idx, pl_err_text(rc)) : 0;
}

void pl_market_gen_fini(struct pl_market_gen *m)
{
    free(m->ahead);
    m->ahead = NULL;
    pl_flow_fini(&m->flow);
}

/* Diffs leave on a grid, a little late, and now and then one is left out. */
static void depth_plan(struct pl_market_gen *m)
{
    const struct pl_synth_profile *p = &m->profile;
    do {
        m->depth_planned_ns += (int64_t)(p->depth_s * 1e9);
    } while (p->depth_skip > 0 && pl_draw_unit(&m->schedule) < p->depth_skip);
    m->depth_next_ns = m->depth_planned_ns;
    if (p->depth_jitter_s > 0) {
        m->depth_next_ns += (int64_t)(p->depth_jitter_s * 1e9 * pl_draw_unit(&m->schedule));
    }
}

static int publish_depth(struct pl_market_gen *m, int64_t now_ns)
{
    size_t before = m->flow.feed.box.count;
    int rc = pl_feed_depth(&m->flow.feed, &m->flow.lob, now_ns);
    if (rc == 0 && m->observe != NULL && m->flow.feed.box.count > before) {
        m->observe(m->observe_ctx, m->flow.feed.market, &m->flow.lob);
    }
    return rc;
}

static int publish_snapshot(struct pl_market_gen *m, int64_t now_ns)
{
    int rc = publish_depth(m, now_ns);
    return rc < 0 ? rc : pl_feed_snapshot(&m->flow.feed, &m->flow.lob, now_ns);
}

int pl_market_gen_open(struct pl_market_gen *m, int64_t now_ns)
{
    int rc = publish_depth(m, now_ns); /* not live yet: only settles what is shown */
    m->live = m->flow.feed.live = true;
    m->depth_planned_ns = now_ns;
    depth_plan(m);
    m->snapshot_next_ns = m->snapshot_every_ns > 0 ? now_ns + m->snapshot_every_ns : PL_TIME_NEVER;
    if (rc == 0) {
        rc = pl_feed_snapshot(&m->flow.feed, &m->flow.lob, now_ns);
    }
    return rc < 0 ? rc : pl_feed_bbo(&m->flow.feed, &m->flow.lob, now_ns);
}

int pl_market_gen_close(struct pl_market_gen *m, int64_t now_ns)
{
    return publish_depth(m, now_ns);
}

static double clamp(double x, double lo, double hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/* Mark and index once a second, funding on the eight hours: both at whole times. */
static int publish_marks(struct pl_market_gen *m, int64_t now_ns)
{
    struct pl_flow *f = &m->flow;
    if (!m->profile.perpetual || now_ns % PL_NS_PER_S != 0) {
        return 0;
    }
    int64_t bid = f->lob.best[PL_BUY], ask = f->lob.best[PL_SELL];
    if (bid != PL_PX_NO_BID && ask != PL_PX_NO_ASK) {
        double mid = ((double)bid + (double)ask) / 2;
        f->mid_ema += (mid - f->mid_ema) / MARK_KEEP_S;
    }
    double index = f->base;
    int rc = pl_feed_mark(&f->feed, (int64_t)floor(f->mid_ema + 0.5), (int64_t)floor(index + 0.5),
                          now_ns);
    if (rc == 0 && now_ns % FUNDING_NS == 0) {
        double premium = 1e9 * (f->mid_ema - index) / index;
        double rate = clamp(FUNDING_BASE_E9 + premium, -FUNDING_RANGE_E9, FUNDING_RANGE_E9);
        rc = pl_feed_funding(&f->feed, (int64_t)floor(rate + 0.5), now_ns);
    }
    return rc;
}

int pl_market_gen_step(struct pl_market_gen *m, int64_t from_ns, int64_t to_ns)
{
    double y = m->ahead[m->at];
    pl_activity_step(&m->activity);
    m->ahead[m->at] = path_next(m);
    double ahead = m->ahead[m->at];
    m->at = m->at == m->horizon ? 0 : m->at + 1;
    int rc = pl_flow_step(&m->flow, y, ahead, m->activity.value);
    while (rc == 0 && m->live && m->depth_next_ns <= to_ns) {
        rc = pl_flow_run(&m->flow, from_ns, m->depth_next_ns);
        if (rc == 0) {
            rc = publish_depth(m, m->depth_next_ns);
        }
        from_ns = m->depth_next_ns;
        depth_plan(m);
    }
    if (rc == 0) {
        rc = pl_flow_run(&m->flow, from_ns, to_ns);
    }
    if (rc == 0 && m->live) {
        rc = publish_marks(m, to_ns);
    }
    if (rc == 0 && m->live && to_ns >= m->snapshot_next_ns) {
        m->snapshot_next_ns += m->snapshot_every_ns;
        rc = publish_snapshot(m, to_ns);
    }
    return rc;
}
