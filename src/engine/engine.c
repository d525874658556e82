#include "engine/engine.h"

#include "base/assert.h"
#include "engine/group.h"

#include <stdlib.h>
#include <string.h>

#define MARKETS_MAX 16

struct pl_engine {
    struct pl_engine_config config;
    struct pl_arena *arena;
    struct pl_port *port;
    struct pl_engine_hooks hooks;
    struct pl_market *market[MARKETS_MAX];
    uint32_t market_count;
    struct pl_maker *maker;
    struct pl_order *order; /* slots of all makers */
    uint32_t maker_count;
    struct pl_groups groups;
    uint32_t *pending; /* makers to ask at the end of this batch */
    uint32_t pending_count;
    uint64_t in_flight;
    int64_t start_ns, end_ns;
    struct pl_wanted wanted; /* scratch of one decision */
    struct pl_action action[PL_OMS_BATCH_MAX];
};

int pl_engine_create(const struct pl_engine_config *config, struct pl_engine **out,
                     struct pl_error *err)
{
    *out = NULL;
    uint32_t slots = config->slots_per_maker;
    if (slots < 64 || slots > PL_OMS_SLOTS_MAX || (slots & (slots - 1)) != 0 ||
        config->makers_max == 0) {
        return pl_error_set(err, PL_ERR_INVALID, "engine: %u makers of %u order slots",
                            config->makers_max, slots);
    }
    struct pl_engine *e = calloc(1, sizeof *e);
    if (e == NULL || pl_arena_create(&e->arena) < 0) {
        free(e);
        return pl_error_set(err, PL_ERR_NOMEM, "engine: out of memory");
    }
    e->config = *config;
    e->maker = pl_arena_take(e->arena, config->makers_max, sizeof *e->maker);
    e->order = pl_arena_take(e->arena, (size_t)config->makers_max * slots, sizeof *e->order);
    e->pending = pl_arena_take(e->arena, config->makers_max, sizeof *e->pending);
    if (e->maker == NULL || e->order == NULL || e->pending == NULL) {
        pl_engine_destroy(&e);
        return pl_error_set(err, PL_ERR_NOMEM, "engine: out of memory for %u makers",
                            config->makers_max);
    }
    *out = e;
    return 0;
}

void pl_engine_destroy(struct pl_engine **engine)
{
    if (engine != NULL && *engine != NULL) {
        pl_arena_destroy(&(*engine)->arena);
        free(*engine);
        *engine = NULL;
    }
}

struct pl_arena *pl_engine_arena(struct pl_engine *e)
{
    return e->arena;
}

int pl_engine_add_market(struct pl_engine *e, const struct pl_market_config *config,
                         const struct pl_inst *inst, struct pl_error *err)
{
    int rc = pl_inst_check(inst, err);
    if (rc < 0) {
        return rc;
    }
    if (e->market_count == MARKETS_MAX) {
        return pl_error_set(err, PL_ERR_LIMIT, "more than %d markets in one run", MARKETS_MAX);
    }
    rc = pl_market_create(e->arena, config, inst, &e->market[e->market_count]);
    if (rc < 0) {
        return pl_error_set(err, rc, "%s: %s", inst->symbol, pl_err_text(rc));
    }
    return (int)e->market_count++;
}

/* The features a strategy reads, each registered once per market. */
static int add_features(struct pl_engine *e, struct pl_maker *m, struct pl_error *err)
{
    struct pl_feature_request request[PL_STRATEGY_FEATURES_MAX];
    uint32_t count = m->strategy->features ? m->strategy->features(m->params, request) : 0;
    PL_ASSERT(count <= PL_STRATEGY_FEATURES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (request[i].lead && m->lead_market < 0) {
            return pl_error_set(err, PL_ERR_INVALID, "%s: needs a lead market", m->strategy->name);
        }
        uint32_t market = request[i].lead ? (uint32_t)m->lead_market : m->market, at;
        int rc = pl_market_feature(e->market[market], e->arena, &request[i], &at, err);
        if (rc < 0) {
            return rc;
        }
        m->feature_at[i] = (uint8_t)at;
        m->feature_lead[i] = request[i].lead;
    }
    m->feature_count = (uint8_t)count;
    return 0;
}

int pl_engine_add_maker(struct pl_engine *e, const struct pl_maker_config *c, struct pl_error *err)
{
    PL_ASSERT(c->market < e->market_count && c->lead_market < (int32_t)e->market_count);
    if (e->maker_count == e->config.makers_max) {
        return pl_error_set(err, PL_ERR_LIMIT, "more than %u makers", e->config.makers_max);
    }
    uint32_t idx = e->maker_count;
    struct pl_maker *m = &e->maker[idx];
    size_t params_size = c->strategy->settings->struct_size;
    void *params = pl_arena_take(e->arena, 1, params_size);
    void *state = pl_arena_take(e->arena, 1, c->strategy->state_size);
    if (params == NULL || state == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "maker %u: out of memory", idx);
    }
    memcpy(params, c->params, params_size);
    *m = (struct pl_maker){.strategy = c->strategy,
                           .params = params,
                           .state = state,
                           .feed_extra_ns = c->feed_extra_ns,
                           .phase_ns = c->phase_ns,
                           .key = c->key,
                           .universe = c->universe,
                           .market = c->market,
                           .lead_market = c->lead_market};
    struct pl_strategy_market sm = {
        .inst = &e->market[c->market]->inst,
        .lead = c->lead_market >= 0 ? &e->market[c->lead_market]->inst : NULL,
        .max_position_lots = c->max_position_lots,
    };
    int rc = c->strategy->bind(params, &sm, state, &m->traits, err);
    rc = rc < 0 ? rc : add_features(e, m, err);
    if (rc < 0) {
        return rc;
    }
    int64_t own_mark = m->traits.max_position_lots > 0 ? m->traits.max_position_lots : INT64_MAX;
    int64_t mark = own_mark < c->max_position_lots ? own_mark : c->max_position_lots;
    m->policy = (struct pl_oms_policy){.replace_ticks = m->traits.replace_ticks,
                                       .size_tolerance = m->traits.size_tolerance,
                                       .refill_below = m->traits.refill_below,
                                       .order_age_ns = m->traits.order_age_ns,
                                       .order_rest_ns = m->traits.order_rest_ns,
                                       .cancelling_counts = m->traits.cancelling_counts,
                                       .amend = c->amend,
                                       .max_long = mark,
                                       .max_short = mark};
    uint32_t slots = e->config.slots_per_maker;
    /* Slot by slot, all makers side by side: what is in use, the first few slots of each, lies
     * together. Maker by maker the same slots would be pages apart and share their cache sets. */
    m->oms = (struct pl_oms){.order = e->order + idx,
                             .slot_base = idx,
                             .slot_gap = e->config.makers_max - 1,
                             .slot_count = slots,
                             .next_id = 1,
                             .reject_clear_ns = m->traits.reject_clear_ns};
    pl_ledger_terms_init(&m->terms, sm.inst);
    m->terms.fee_by_qty = c->fee_by_qty;
    e->maker_count++;
    return (int)idx;
}

void pl_engine_set_port(struct pl_engine *e, struct pl_port *port)
{
    e->port = port;
}

void pl_engine_set_hooks(struct pl_engine *e, const struct pl_engine_hooks *hooks)
{
    e->hooks = *hooks;
}

int pl_engine_start(struct pl_engine *e, int64_t start_ns, int64_t end_ns, struct pl_error *err)
{
    PL_ASSERT(e->port != NULL);
    e->start_ns = start_ns;
    e->end_ns = end_ns;
    int rc = pl_groups_build(&e->groups, e->arena, e->maker, e->maker_count, start_ns);
    if (rc < 0) {
        return pl_error_set(err, rc, "engine: out of memory for timers");
    }
    pl_arena_seal(e->arena);
    return 0;
}

/* ---- decisions ------------------------------------------------------------------------------ */

static struct pl_post_only_rejects rejects_of(const struct pl_maker *m, enum pl_side side)
{
    const struct pl_oms_rejects *x = &m->oms.rejects[side];
    return (struct pl_post_only_rejects){x->px, x->at_ns, x->in_a_row};
}

static void ask(struct pl_engine *e, uint32_t idx, const struct pl_view_rec *own,
                const struct pl_view_rec *lead, int64_t now_ns)
{
    struct pl_maker *m = &e->maker[idx];
    struct pl_wanted *w = &e->wanted;
    double feature[PL_STRATEGY_FEATURES_MAX];
    for (uint32_t i = 0; i < m->feature_count; i++) {
        uint32_t at = m->feature_at[i];
        if (m->feature_lead[i]) {
            feature[i] = lead != NULL ? pl_market_features(e->market[m->lead_market], lead)[at]
                                      : __builtin_nan("");
        } else {
            feature[i] = pl_market_features(e->market[m->market], own)[at];
        }
    }
    struct pl_strategy_view view = {
        .now_ns = now_ns,
        .own = own,
        .lead = lead,
        .feature = feature,
        .pos_lots = m->ledger.pos_lots,
        .last_fill_ns = {m->last_fill_ns[0], m->last_fill_ns[1]},
        .rejects = {rejects_of(m, PL_BUY), rejects_of(m, PL_SELL)},
        .start_ns = e->start_ns,
        .end_ns = e->end_ns,
    };
    w->guard.on = w->hold[0] = w->hold[1] = false;
    w->replace_ticks = 0;
    if ((own->flags & PL_VIEWF_STALE) == 0 && pl_touch_two_sided(&own->touch)) {
        m->strategy->decide(m->state, &view, w);
    } else {
        w->count[0] = w->count[1] = 0;
        w->reason[0] = w->reason[1] = PL_NOQUOTE_STALE;
        w->fair = __builtin_nan("");
    }
    m->counts.decisions++;
    _Static_assert(sizeof(struct pl_wanted_level) == sizeof(struct pl_oms_level),
                   "wanted levels are handed to the OMS as they are");
    struct pl_oms_wanted wanted[2] = {
        {(const struct pl_oms_level *)(const void *)w->level[0], w->count[0], w->flags[0],
         w->hold[0]},
        {(const struct pl_oms_level *)(const void *)w->level[1], w->count[1], w->flags[1],
         w->hold[1]},
    };
    m->policy.replace_ticks = w->replace_ticks > 0 ? w->replace_ticks : m->traits.replace_ticks;
    uint32_t count =
        pl_oms_diff(&m->oms, &m->policy, wanted, m->ledger.pos_lots, now_ns, e->action);
    if (count > 0) {
        e->in_flight += count;
        e->port->submit(e->port, idx, e->action, count, now_ns);
    }
    if (e->hooks.decision != NULL) {
        e->hooks.decision(e->hooks.ctx, idx, &view, w);
    }
    /* Orders that are to be touched for their age alone need a look at every deadline. */
    bool aging = m->policy.order_age_ns > 0 || m->policy.order_rest_ns > 0;
    bool guarded = w->guard.on && !aging && !e->config.guards_off;
    pl_groups_guard(&e->groups, m, guarded ? &w->guard : NULL);
}

static void fire_group(struct pl_engine *e, struct pl_group *g, const struct pl_event *event)
{
    int64_t now_ns = event->now_ns;
    const struct pl_view_rec *own = pl_market_view(e->market[g->market], now_ns, g->feed_extra_ns);
    const struct pl_view_rec *lead = NULL;
    if (g->lead_market >= 0) {
        lead = pl_market_view(e->market[g->lead_market], now_ns, g->feed_extra_ns);
    }
    if (own == NULL || (e->config.compat && !pl_touch_two_sided(&own->touch))) {
        return;
    }
    uint32_t due = pl_group_select(g, own, now_ns);
    for (uint32_t i = 0; i < due; i++) {
        uint32_t idx = g->due[i];
        if (!event->data_over || e->maker[idx].oms.in_flight > 0) {
            ask(e, idx, own, lead, now_ns);
        }
    }
}

static void on_timer(struct pl_engine *e, const struct pl_event *event)
{
    for (uint32_t i = 0; i < e->groups.count; i++) {
        struct pl_group *g = &e->groups.group[i];
        if (g->next_ns <= event->now_ns) {
            fire_group(e, g, event);
            g->next_ns += g->period_ns;
        }
    }
    pl_groups_reschedule(&e->groups);
}

/* Whether a fill counts for the delay after fills: enough of its order as sent is filled. */
static bool fill_counts(const struct pl_maker *m, const struct pl_response *r)
{
    const struct pl_order *o = &m->oms.order[r->slot - m->oms.slot_base];
    if (m->traits.fill_share <= 0 || o->state == PL_ORDER_FREE || o->id != r->id) {
        return true;
    }
    double filled = (double)(o->done + r->lots), whole = (double)(o->done + o->left);
    return filled >= m->traits.fill_share * whole - 1e-9;
}

static void on_response(struct pl_engine *e, const struct pl_response *r)
{
    struct pl_maker *m = &e->maker[r->maker];
    e->in_flight -= r->kind != PL_RSP_FILL;
    if (r->kind == PL_RSP_FILL) {
        pl_ledger_fill(&m->ledger, &m->terms, (enum pl_side)r->side, r->px, r->lots, r->taker != 0);
        if (fill_counts(m, r)) {
            m->last_fill_ns[r->side] = r->local_ns;
        }
    }
    bool look = pl_oms_respond(&m->oms, r);
    if (r->kind == PL_RSP_FILL) {
        if (e->hooks.fill != NULL) {
            e->hooks.fill(e->hooks.ctx, r->maker, r);
        }
        if (m->traits.decide_on_fill && !m->ask_pending) {
            m->ask_pending = true;
            e->pending[e->pending_count++] = r->maker;
        }
    }
    if (look) {
        pl_groups_release(&e->groups, m);
    }
}

static void on_batch_end(struct pl_engine *e, int64_t now_ns)
{
    for (uint32_t i = 0; i < e->pending_count; i++) {
        uint32_t idx = e->pending[i];
        struct pl_maker *m = &e->maker[idx];
        m->ask_pending = false;
        const struct pl_view_rec *lead = NULL, *own = pl_market_view(e->market[m->market], now_ns,
                                                                     m->feed_extra_ns);
        if (m->lead_market >= 0) {
            lead = pl_market_view(e->market[m->lead_market], now_ns, m->feed_extra_ns);
        }
        if (own != NULL) {
            ask(e, idx, own, lead, now_ns);
        }
    }
    e->pending_count = 0;
}

static void on_market(struct pl_engine *e, const struct pl_event *event)
{
    struct pl_market *market = e->market[event->market];
    const struct pl_block *b = event->block;
    pl_market_publish(market, b, event->idx);
    if (PL_UNLIKELY(b->kind[event->idx] == PL_MSG_FUNDING) && market->mark_px > 0) {
        for (uint32_t i = 0; i < e->maker_count; i++) {
            struct pl_maker *m = &e->maker[i];
            if (m->market == event->market && m->ledger.pos_lots != 0) {
                pl_ledger_funding(&m->ledger, &m->terms, market->mark_px,
                                  b->px[b->row_begin[event->idx]]);
            }
        }
    }
}

/* The strategy forgets what it kept: its prices were on the old grid. */
static int rebind_strategy(struct pl_engine *e, struct pl_maker *m, struct pl_error *err)
{
    struct pl_strategy_market sm = {
        .inst = &e->market[m->market]->inst,
        .lead = m->lead_market >= 0 ? &e->market[m->lead_market]->inst : NULL,
        .max_position_lots = m->policy.max_long,
    };
    struct pl_strategy_traits traits; /* rhythm and features were fixed at the start */
    memset(m->state, 0, m->strategy->state_size);
    return m->strategy->bind(m->params, &sm, m->state, &traits, err);
}

static int rebind(struct pl_engine *e, struct pl_maker *m, const struct pl_regrid *regrid,
                  struct pl_error *err)
{
    const struct pl_inst *inst = &e->market[m->market]->inst;
    bool marked = m->policy.max_long != INT64_MAX;
    if (marked && (!pl_regrid_exact(regrid->lots, &m->policy.max_long) ||
                   !pl_regrid_exact(regrid->lots, &m->policy.max_short))) {
        return pl_error_set(err, PL_ERR_OFFGRID,
                            "%s: max_position is not a whole number of new lots", inst->symbol);
    }
    bool by_qty = m->terms.fee_by_qty;
    pl_ledger_terms_init(&m->terms, inst);
    m->terms.fee_by_qty = by_qty;
    if (pl_ledger_regrid(&m->ledger, &m->terms, regrid) < 0) {
        return pl_error_set(err, PL_ERR_OFFGRID,
                            "%s: the position is not a whole number of new lots", inst->symbol);
    }
    pl_oms_regrid(&m->oms, regrid);
    return rebind_strategy(e, m, err);
}

int pl_engine_change_inst(struct pl_engine *e, uint32_t market, const struct pl_inst *inst,
                          struct pl_error *err)
{
    PL_ASSERT(market < e->market_count);
    struct pl_market *m = e->market[market];
    struct pl_regrid regrid;
    int rc = pl_regrid(&m->inst, inst, &regrid, err);
    if (rc < 0) {
        return rc;
    }
    struct pl_inst own = *inst;
    own.maker_fee_e9 = m->inst.maker_fee_e9;
    own.taker_fee_e9 = m->inst.taker_fee_e9;
    pl_market_change_inst(m, &own, regrid.moved);
    for (uint32_t i = 0; i < e->maker_count && rc == 0; i++) {
        if (e->maker[i].market == market) {
            rc = rebind(e, &e->maker[i], &regrid, err);
            pl_groups_release(&e->groups, &e->maker[i]);
        } else if (e->maker[i].lead_market == (int32_t)market) {
            rc = rebind_strategy(e, &e->maker[i], err);
            pl_groups_release(&e->groups, &e->maker[i]);
        }
    }
    return rc;
}

void pl_engine_step(struct pl_engine *e, const struct pl_event *event)
{
    switch (event->kind) {
    case PL_EVENT_MARKET:
        on_market(e, event);
        break;
    case PL_EVENT_RESPONSE:
        on_response(e, event->response);
        break;
    case PL_EVENT_TIMER:
        on_timer(e, event);
        break;
    case PL_EVENT_BATCH_END:
        if (e->pending_count > 0) {
            on_batch_end(e, event->now_ns);
        }
        break;
    }
}

int64_t pl_engine_next_deadline(const struct pl_engine *e)
{
    return e->groups.next_ns;
}

uint64_t pl_engine_in_flight(const struct pl_engine *e)
{
    return e->in_flight;
}

struct pl_market *pl_engine_market(const struct pl_engine *e, uint32_t market)
{
    PL_ASSERT(market < e->market_count);
    return e->market[market];
}

const struct pl_maker *pl_engine_maker(const struct pl_engine *e, uint32_t maker)
{
    PL_ASSERT(maker < e->maker_count);
    return &e->maker[maker];
}

uint32_t pl_engine_maker_count(const struct pl_engine *e)
{
    return e->maker_count;
}

uint32_t pl_engine_market_count(const struct pl_engine *e)
{
    return e->market_count;
}

uint64_t pl_engine_digest(const struct pl_engine *e)
{
    uint64_t digest = 0;
    for (uint32_t i = 0; i < e->maker_count; i++) {
        digest = pl_digest_u64(digest, e->maker[i].oms.digest);
    }
    return digest;
}

uint64_t pl_engine_guarded(const struct pl_engine *e)
{
    uint64_t guarded = 0;
    for (uint32_t i = 0; i < e->groups.count; i++) {
        guarded += e->groups.group[i].guarded;
    }
    return guarded;
}
