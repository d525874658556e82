/* Requests on their way, what the venue says to them, and the answers on their way back. */
#include "base/assert.h"
#include "sim/internal.h"

#include <string.h>

static void submit(struct pl_port *port, uint32_t maker, const struct pl_action *action,
                   uint32_t count, int64_t now_ns);

static int create_pools(struct pl_arena *arena, struct pl_sim *sim)
{
    uint32_t slots = sim->config.makers * sim->config.slots_per_maker;
    uint32_t cells = 64;
    while (cells < slots * 4) {
        cells *= 2;
    }
    sim->order = pl_arena_take(arena, slots, sizeof *sim->order);
    sim->cohort = pl_arena_take(arena, slots, sizeof *sim->cohort);
    sim->level = pl_arena_take(arena, (size_t)slots * 2, sizeof *sim->level);
    sim->taken = pl_arena_take(arena, slots, sizeof *sim->taken);
    sim->level_table = pl_arena_take(arena, cells, sizeof *sim->level_table);
    sim->maker = pl_arena_take(arena, sim->config.makers, sizeof *sim->maker);
    sim->account = pl_arena_take(arena, sim->config.universes, sizeof *sim->account);
    sim->taken_of = pl_arena_take(arena, sim->config.universes, sizeof *sim->taken_of);
    sim->used_print = pl_arena_take(arena, sim->config.universes, sizeof *sim->used_print);
    sim->used_lots = pl_arena_take(arena, sim->config.universes, sizeof *sim->used_lots);
    if (!sim->order || !sim->cohort || !sim->level || !sim->taken || !sim->level_table ||
        !sim->maker || !sim->account || !sim->taken_of || !sim->used_print || !sim->used_lots) {
        return PL_ERR_NOMEM;
    }
    sim->level_mask = cells - 1;
    for (uint32_t i = 0; i < slots; i++) {
        sim->cohort[i].next = i + 1 < slots ? i + 1 : PL_SIM_NONE;
        sim->taken[i].next = i + 1 < slots ? i + 1 : PL_SIM_NONE;
    }
    for (uint32_t i = 0; i < sim->config.universes; i++) {
        sim->taken_of[i] = PL_SIM_NONE;
    }
    for (uint32_t i = 0; i < slots * 2; i++) {
        sim->level[i].next_free = i + 1 < slots * 2 ? i + 1 : PL_SIM_NONE;
    }
    return 0;
}

int pl_sim_create(struct pl_arena *arena, const struct pl_sim_config *config, struct pl_sim **out,
                  struct pl_error *err)
{
    *out = NULL;
    uint32_t per = config->slots_per_maker;
    if (per < 64 || (per & (per - 1)) != 0 || config->makers == 0 || config->universes == 0 ||
        (uint64_t)config->makers * per > UINT32_MAX / 8) {
        return pl_error_set(err, PL_ERR_INVALID, "simulated venue: %u makers of %u order slots",
                            config->makers, per);
    }
    if (pl_queue_params_check(&config->queue) < 0) {
        return pl_error_set(err, PL_ERR_INVALID, "queue model %s: n %g is out of range",
                            pl_queue_model_name(config->queue.model), config->queue.n);
    }
    struct pl_sim *sim = pl_arena_take(arena, 1, sizeof *sim);
    if (sim == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "simulated venue: out of memory");
    }
    sim->port.submit = submit;
    sim->config = *config;
    while ((1u << sim->slot_shift) < per) {
        sim->slot_shift++;
    }
    int rc = create_pools(arena, sim);
    uint32_t queue = config->makers * 8;
    rc = rc < 0 ? rc : pl_timeq_init(&sim->request, sizeof(struct sim_request), queue);
    rc = rc < 0 ? rc : pl_timeq_init(&sim->response, sizeof(struct pl_response), queue);
    if (rc < 0) {
        pl_sim_destroy(&sim);
        return pl_error_set(err, rc, "simulated venue: out of memory for %u makers",
                            config->makers);
    }
    *out = sim;
    return 0;
}

void pl_sim_destroy(struct pl_sim **sim)
{
    if (sim != NULL && *sim != NULL) {
        pl_timeq_fini(&(*sim)->request);
        pl_timeq_fini(&(*sim)->response);
        *sim = NULL;
    }
}

int pl_sim_add_market(struct pl_sim *sim, struct pl_book *book, const struct pl_inst *inst,
                      const struct pl_touch *touch)
{
    if (sim->market_count == PL_SIM_MARKETS_MAX) {
        return PL_ERR_LIMIT;
    }
    struct sim_market *m = &sim->market[sim->market_count++];
    *m = (struct sim_market){.book = book,
                             .touch = touch,
                             .inst = *inst,
                             .queue = sim->config.queue,
                             .own_best = {PL_PX_NO_BID, PL_PX_NO_ASK}};
    m->queue.unit = pl_inst_lot(inst);
    m->queue.clamp = !sim->config.compat;
    return 0;
}

void pl_sim_add_maker(struct pl_sim *sim, uint32_t maker, uint32_t market, uint32_t universe,
                      uint64_t key)
{
    PL_ASSERT(maker < sim->config.makers && market < sim->market_count &&
              universe < sim->config.universes);
    sim->maker[maker] = (struct sim_maker){.market = market, .universe = universe, .key = key};
    sim->account[universe].taken_room += sim->config.slots_per_maker;
}

void pl_sim_set_hooks(struct pl_sim *sim, const struct pl_sim_hooks *hooks)
{
    sim->hooks = *hooks;
}

void pl_sim_listen_fills(struct pl_sim *sim, void *ctx,
                         void (*fill)(void *ctx, const struct pl_sim_fill *fill))
{
    sim->listener_ctx = ctx;
    sim->listener = fill;
}

struct pl_port *pl_sim_port(struct pl_sim *sim)
{
    return &sim->port;
}

/* ---- on the wire ---------------------------------------------------------------------------- */

static void submit(struct pl_port *port, uint32_t maker, const struct pl_action *action,
                   uint32_t count, int64_t now_ns)
{
    struct pl_sim *sim = (struct pl_sim *)(void *)port;
    struct sim_maker *who = &sim->maker[maker];
    int64_t feed_ns = sim->market[who->market].feed_ns;
    for (uint32_t i = 0; i < count; i++) {
        const struct pl_action *a = &action[i];
        int64_t t = now_ns + pl_latency_entry(&sim->config.latency, sim->config.seed, who->key,
                                              who->entry_no++, feed_ns);
        t = t > who->last_entry_ns ? t : who->last_entry_ns;
        who->last_entry_ns = t;
        if (sim->hooks.request != NULL) {
            sim->hooks.request(sim->hooks.ctx, who->market, now_ns, t);
        }
        struct sim_request *r = pl_timeq_push(&sim->request, t);
        *r = (struct sim_request){.t = t,
                                  .px = a->px,
                                  .lots = a->lots,
                                  .slot = a->slot,
                                  .id = a->id,
                                  .maker = maker,
                                  .kind = a->kind,
                                  .side = a->side,
                                  .tif = a->tif,
                                  .flags = a->flags};
    }
}

/* An answer about `slot`, to be heard when the wire has carried it. */
static struct pl_response *respond(struct pl_sim *sim, uint32_t maker, uint32_t slot, uint32_t id,
                                   enum pl_response_kind kind, int64_t t)
{
    struct sim_maker *who = &sim->maker[maker];
    int64_t heard = t + pl_latency_response(&sim->config.latency, sim->config.seed, who->key,
                                            who->response_no++, sim->market[who->market].feed_ns);
    heard = heard > who->last_response_ns ? heard : who->last_response_ns;
    who->last_response_ns = heard;
    if (sim->hooks.answer != NULL) {
        sim->hooks.answer(sim->hooks.ctx, who->market, t, heard);
    }
    const struct sim_order *o = &sim->order[slot];
    struct pl_response *r = pl_timeq_push(&sim->response, heard);
    *r = (struct pl_response){.local_ns = heard,
                              .venue_ns = t,
                              .px = o->px,
                              .lots = o->left,
                              .left = o->left,
                              .slot = slot,
                              .id = id,
                              .maker = maker,
                              .kind = (uint8_t)kind,
                              .side = o->side};
    return r;
}

/* Tells whoever records that an order was executed. */
static void tell(const struct pl_sim *sim, const struct sim_order *o, const struct pl_response *r)
{
    struct pl_sim_fill fill = {.maker = o->maker,
                               .market = sim->maker[o->maker].market,
                               .order_id = o->id,
                               .side = o->side,
                               .taker = r->taker,
                               .px = r->px,
                               .lots = r->lots,
                               .left = o->left,
                               .venue_ns = r->venue_ns,
                               .local_ns = r->local_ns,
                               .arrived_ns = o->arrived_ns,
                               .queue_lots = o->queue_lots};
    if (sim->hooks.fill != NULL) {
        sim->hooks.fill(sim->hooks.ctx, &fill);
    }
    if (sim->listener != NULL) {
        sim->listener(sim->listener_ctx, &fill);
    }
}

void pl_sim_execute(struct pl_sim *sim, uint32_t slot, int64_t px, int64_t lots, bool taker,
                    int64_t t)
{
    struct sim_order *o = &sim->order[slot];
    PL_ASSERT(lots > 0 && lots <= o->left);
    o->left -= lots;
    o->done += lots;
    sim->maker[o->maker].pos_lots += pl_side_sign((enum pl_side)o->side) * lots;
    struct pl_response *r = respond(sim, o->maker, slot, o->id, PL_RSP_FILL, t);
    r->px = px;
    r->lots = lots;
    r->taker = taker;
    if (sim->hooks.fill != NULL || sim->listener != NULL) {
        tell(sim, o, r);
    }
    if (o->left == 0 && o->state == RESTS) {
        pl_sim_unrest(sim, slot);
    }
}

/* ---- at the venue --------------------------------------------------------------------------- */

static bool crosses(const struct sim_market *m, enum pl_side side, int64_t px)
{
    return side == PL_BUY ? px >= m->touch->px[PL_SELL] : px <= m->touch->px[PL_BUY];
}

/* Token bucket in nanoseconds of credit: every request of the account costs 1 s / rate. */
static bool within_rate(struct pl_sim *sim, const struct sim_maker *who, int64_t t)
{
    if (sim->config.rate_per_s <= 0) {
        return true;
    }
    struct sim_account *account = &sim->account[who->universe];
    int64_t cost = PL_NS_PER_S / sim->config.rate_per_s;
    int64_t burst = cost * (sim->config.rate_burst > 0 ? sim->config.rate_burst : 1);
    int64_t credit = account->rate_credit_ns + (t - account->rate_at_ns);
    account->rate_credit_ns = account->rate_known && credit < burst ? credit : burst;
    account->rate_known = true;
    account->rate_at_ns = t;
    if (account->rate_credit_ns < cost) {
        return false;
    }
    account->rate_credit_ns -= cost;
    return true;
}

/* The instrument's own limits, as the venue checks them on arrival. */
static enum pl_reject_reason breaks_rule(const struct sim_market *m, const struct sim_request *r)
{
    const struct pl_inst *inst = &m->inst;
    if (r->lots <= 0 || r->lots < inst->min_lots ||
        (inst->max_lots > 0 && r->lots > inst->max_lots)) {
        return PL_REJECT_SIZE;
    }
    if ((r->flags & PL_ORDF_MARKET) != 0) {
        return PL_REJECT_NONE;
    }
    if (r->px <= 0 || r->px < inst->min_ticks || (inst->max_ticks > 0 && r->px > inst->max_ticks)) {
        return PL_REJECT_PRICE;
    }
    if (inst->min_notional.mantissa > 0 && (r->flags & PL_ORDF_REDUCE_ONLY) == 0) {
        double value = pl_px_to_double(inst, r->px) * pl_qty_to_double(inst, r->lots);
        if (value < pl_decimal_to_double(inst->min_notional)) {
            return PL_REJECT_NOTIONAL;
        }
    }
    return PL_REJECT_NONE;
}

static void reject(struct pl_sim *sim, const struct sim_request *r, enum pl_response_kind kind,
                   enum pl_reject_reason reason)
{
    struct pl_response *answer = respond(sim, r->maker, r->slot, r->id, kind, r->t);
    answer->reason = (uint8_t)reason;
}

/* Takes what the limit allows; the peer's rule (compat) is the whole order at the touch. */
static void take_on_arrival(struct pl_sim *sim, const struct sim_request *r)
{
    struct sim_order *o = &sim->order[r->slot];
    const struct sim_market *m = &sim->market[sim->maker[r->maker].market];
    enum pl_side other = pl_side_other((enum pl_side)r->side);
    int64_t touch = m->touch->px[other];
    bool empty = touch == PL_PX_NO_BID || touch == PL_PX_NO_ASK;
    int64_t worst = r->side == PL_BUY ? PL_PX_NO_ASK : PL_PX_NO_BID;
    int64_t limit = (r->flags & PL_ORDF_MARKET) != 0 ? worst : r->px;
    if (empty || (r->tif == PL_TIF_FOK && !sim->config.compat &&
                  pl_sim_takeable(sim, r->slot, limit) < o->left)) {
        return;
    }
    if (sim->config.compat) {
        pl_sim_execute(sim, r->slot, touch, o->left, true, r->t);
    } else {
        (void)pl_sim_take(sim, r->slot, limit, r->t);
    }
}

/* A reduce-only order may not be larger than the position it reduces; it is cut to it. */
static int64_t reducible(const struct sim_maker *who, const struct sim_request *r)
{
    int64_t held = r->side == PL_SELL ? who->pos_lots : -who->pos_lots;
    held = held > 0 ? held : 0;
    return r->lots < held ? r->lots : held;
}

static void arrive_new(struct pl_sim *sim, const struct sim_request *r)
{
    struct sim_maker *who = &sim->maker[r->maker];
    const struct sim_market *m = &sim->market[who->market];
    int64_t lots = (r->flags & PL_ORDF_REDUCE_ONLY) != 0 ? reducible(who, r) : r->lots;
    struct sim_order *o = &sim->order[r->slot];
    *o = (struct sim_order){.px = r->px,
                            .left = lots,
                            .id = r->id,
                            .maker = r->maker,
                            .side = r->side,
                            .flags = r->flags,
                            .arrived_ns = r->t};
    enum pl_reject_reason broken =
        sim->config.compat && r->lots > 0 ? PL_REJECT_NONE : breaks_rule(m, r);
    if (lots == 0 && broken == PL_REJECT_NONE) {
        broken = PL_REJECT_REDUCE_ONLY;
    }
    bool taking = (r->flags & PL_ORDF_MARKET) != 0 || crosses(m, (enum pl_side)r->side, r->px);
    if (broken == PL_REJECT_NONE && taking && (r->flags & PL_ORDF_POST_ONLY) != 0) {
        broken = PL_REJECT_POST_ONLY;
    }
    if (broken != PL_REJECT_NONE) {
        reject(sim, r, PL_RSP_REJECTED, broken);
        return;
    }
    if (!taking && r->tif == PL_TIF_GTC) {
        bool rested = pl_sim_rest(sim, r->slot);
        if (rested) {
            (void)respond(sim, r->maker, r->slot, r->id, PL_RSP_ACCEPTED, r->t);
        } else {
            reject(sim, r, PL_RSP_REJECTED, PL_REJECT_LIMIT);
        }
        return;
    }
    int64_t before = o->left;
    if (taking) {
        take_on_arrival(sim, r);
    }
    if (o->left == 0) { /* every request is answered once, beside its fills */
        (void)respond(sim, r->maker, r->slot, r->id, PL_RSP_ACCEPTED, r->t);
        return;
    }
    bool stays = r->tif == PL_TIF_GTC && (r->flags & PL_ORDF_MARKET) == 0;
    if (stays && pl_sim_rest(sim, r->slot)) {
        (void)respond(sim, r->maker, r->slot, r->id, PL_RSP_ACCEPTED, r->t);
    } else if (o->left < before) { /* the rest of an IOC ends here */
        (void)respond(sim, r->maker, r->slot, r->id, PL_RSP_CANCELLED, r->t);
    } else {
        reject(sim, r, PL_RSP_REJECTED, stays ? PL_REJECT_LIMIT : PL_REJECT_NO_MATCH);
    }
}

static bool rests(const struct pl_sim *sim, const struct sim_request *r)
{
    const struct sim_order *o = &sim->order[r->slot];
    return o->state == RESTS && o->id == r->id;
}

static void arrive_cancel(struct pl_sim *sim, const struct sim_request *r)
{
    if (!rests(sim, r)) {
        struct pl_response *a =
            respond(sim, r->maker, r->slot, r->id, PL_RSP_CANCEL_REJECTED, r->t);
        a->reason = PL_REJECT_UNKNOWN;
        a->left = 0;
        return;
    }
    pl_sim_unrest(sim, r->slot);
    (void)respond(sim, r->maker, r->slot, r->id, PL_RSP_CANCELLED, r->t);
}

/* Off its level and on again at the end of the new one, taking first when it crosses. False when
 * the venue has no room for it: the order is gone. */
static bool move_order(struct pl_sim *sim, const struct sim_request *r, int64_t left, bool taking)
{
    struct sim_order *o = &sim->order[r->slot];
    pl_sim_unrest(sim, r->slot);
    o->px = r->px;
    o->left = left;
    o->arrived_ns = r->t;
    if (taking) {
        take_on_arrival(sim, r);
    }
    if (o->left > 0 && !pl_sim_rest(sim, r->slot)) {
        o->left = 0;
        return false;
    }
    return true;
}

/* Priority is kept only at the same price with no more size; everything else queues anew. A
 * post-only amend that would take is refused and the order stands. Sizes count what has already
 * been executed, as venues do. */
static void arrive_amend(struct pl_sim *sim, const struct sim_request *r)
{
    struct sim_order *o = &sim->order[r->slot];
    const struct sim_market *m = &sim->market[sim->maker[r->maker].market];
    if (!rests(sim, r)) {
        struct pl_response *a = respond(sim, r->maker, r->slot, r->id, PL_RSP_AMEND_REJECTED, r->t);
        a->reason = PL_REJECT_UNKNOWN;
        a->left = 0;
        return;
    }
    int64_t left = r->lots - o->done;
    bool keeps = r->px == o->px && left <= o->left;
    bool taking = !keeps && left > 0 && crosses(m, (enum pl_side)o->side, r->px);
    enum pl_reject_reason broken = sim->config.compat ? PL_REJECT_NONE : breaks_rule(m, r);
    if (broken == PL_REJECT_NONE && taking && (o->flags & PL_ORDF_POST_ONLY) != 0) {
        broken = PL_REJECT_POST_ONLY;
    }
    if (broken != PL_REJECT_NONE) {
        reject(sim, r, PL_RSP_AMEND_REJECTED, broken);
        return;
    }
    if (left <= 0) { /* filled meanwhile to the new size or more: nothing is left to rest */
        pl_sim_unrest(sim, r->slot);
        o->left = 0;
    } else if (keeps) {
        o->left = left;
    } else if (!move_order(sim, r, left, taking)) {
        reject(sim, r, PL_RSP_AMEND_REJECTED, PL_REJECT_LIMIT);
        return;
    }
    (void)respond(sim, r->maker, r->slot, r->id, PL_RSP_AMENDED, r->t);
}

void pl_sim_arrive(struct pl_sim *sim)
{
    struct sim_request r;
    memcpy(&r, pl_timeq_pop(&sim->request), sizeof r);
    static const enum pl_response_kind refused[] = {PL_RSP_REJECTED, PL_RSP_CANCEL_REJECTED,
                                                    PL_RSP_AMEND_REJECTED};
    if (!within_rate(sim, &sim->maker[r.maker], r.t)) {
        if (r.kind == PL_ACT_NEW) {
            sim->order[r.slot] =
                (struct sim_order){.px = r.px, .id = r.id, .maker = r.maker, .side = r.side};
        }
        reject(sim, &r, refused[r.kind], PL_REJECT_RATE);
        return;
    }
    switch (r.kind) {
    case PL_ACT_NEW:
        arrive_new(sim, &r);
        break;
    case PL_ACT_CANCEL:
        arrive_cancel(sim, &r);
        break;
    default:
        PL_ASSERT(r.kind == PL_ACT_AMEND);
        arrive_amend(sim, &r);
        break;
    }
}

void pl_sim_change_inst(struct pl_sim *sim, uint32_t market, const struct pl_inst *inst,
                        const struct pl_regrid *regrid, int64_t t)
{
    struct sim_market *m = &sim->market[market];
    m->inst = *inst;
    m->queue.unit = pl_inst_lot(inst);
    if (!regrid->moved) {
        return;
    }
    uint32_t slots = sim->config.makers << sim->slot_shift;
    for (uint32_t slot = 0; slot < slots; slot++) {
        struct sim_order *o = &sim->order[slot];
        if (o->state == RESTS && sim->maker[o->maker].market == market) {
            pl_sim_unrest(sim, slot);
            (void)respond(sim, o->maker, slot, o->id, PL_RSP_CANCELLED, t);
        }
    }
    pl_sim_forget_market(sim, market);
    for (uint32_t i = 0; i < sim->request.count; i++) {
        struct sim_request *r = pl_timeq_at(&sim->request, i);
        if (sim->maker[r->maker].market == market) {
            r->lots = 0; /* written in the old grid: the venue refuses it */
        }
    }
    for (uint32_t i = 0; i < sim->config.makers; i++) {
        if (sim->maker[i].market == market) {
            sim->maker[i].pos_lots = (int64_t)pl_regrid_nearest(sim->maker[i].pos_lots,
                                                                regrid->lots.num, regrid->lots.den);
        }
    }
}

/* ---- for the driver ------------------------------------------------------------------------- */

int64_t pl_sim_next_arrival(const struct pl_sim *sim)
{
    return sim->request.next_ns;
}

int64_t pl_sim_next_response(const struct pl_sim *sim)
{
    return sim->response.next_ns;
}

const struct pl_response *pl_sim_take_response(struct pl_sim *sim)
{
    return pl_timeq_pop(&sim->response);
}

double pl_sim_queue_front(const struct pl_sim *sim, uint32_t slot)
{
    const struct sim_order *o = &sim->order[slot];
    return o->state == RESTS ? sim->cohort[o->cohort].pos.front : -1;
}

uint64_t pl_sim_grown(const struct pl_sim *sim)
{
    return sim->request.grown + sim->response.grown;
}

bool pl_sim_check(const struct pl_sim *sim)
{
    uint32_t slots = sim->config.makers * sim->config.slots_per_maker;
    for (uint32_t slot = 0; slot < slots; slot++) {
        const struct sim_order *o = &sim->order[slot];
        if (o->state != RESTS) {
            continue;
        }
        const struct sim_cohort *c = &sim->cohort[o->cohort];
        const struct sim_level *level = &sim->level[c->level];
        const struct sim_market *m = &sim->market[level->market];
        bool linked = (o->prev == PL_SIM_NONE ? c->first : sim->order[o->prev].next) == slot &&
                      (o->next == PL_SIM_NONE ? c->last : sim->order[o->next].prev) == slot;
        bool bounded = level->side == PL_BUY ? m->own_best[PL_BUY] >= level->px
                                             : m->own_best[PL_SELL] <= level->px;
        if (o->left <= 0 || level->px != o->px || level->side != o->side || !linked || !bounded) {
            return false;
        }
    }
    return true;
}
