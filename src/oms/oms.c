#include "oms/oms.h"

#include "base/assert.h"

static void digest_action(struct pl_oms *oms, const struct pl_action *a, int64_t now_ns)
{
    uint64_t head = (uint64_t)a->kind | (uint64_t)a->side << 8 | (uint64_t)a->tif << 16 |
                    (uint64_t)a->flags << 24 | (uint64_t)a->id << 32;
    uint64_t digest = pl_digest_u64(oms->digest, (uint64_t)now_ns);
    digest = pl_digest_u64(digest, head);
    digest = pl_digest_u64(digest, (uint64_t)a->px);
    oms->digest = pl_digest_u64(digest, (uint64_t)a->lots);
    oms->in_flight++;
}

static inline int64_t at_least(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What an order counts for: an amend in flight counts the larger of what is left. */
static inline int64_t exposure_of(const struct pl_order *o)
{
    return o->state == PL_ORDER_PENDING_AMEND ? at_least(o->left, o->new_lots - o->done) : o->left;
}

static uint32_t wire_slot(const struct pl_oms *oms, uint32_t idx)
{
    return oms->slot_base + idx * (oms->slot_gap + 1);
}

static void release(struct pl_oms *oms, uint32_t idx)
{
    struct pl_order *o = pl_oms_order(oms, idx);
    oms->open[o->side] -= exposure_of(o);
    o->state = PL_ORDER_FREE;
    oms->used[idx >> 6] &= ~(UINT64_C(1) << (idx & 63));
}

static int take_slot(struct pl_oms *oms)
{
    for (uint32_t w = 0; w < oms->slot_count / 64; w++) {
        if (oms->used[w] != ~UINT64_C(0)) {
            uint32_t bit = (uint32_t)__builtin_ctzll(~oms->used[w]);
            uint32_t idx = w * 64 + bit;
            oms->used[w] |= UINT64_C(1) << bit;
            return (int)idx;
        }
    }
    return -1;
}

static struct pl_action cancel_action(struct pl_oms *oms, uint32_t idx, int64_t now_ns)
{
    struct pl_order *o = pl_oms_order(oms, idx);
    o->state = PL_ORDER_PENDING_CANCEL;
    struct pl_action a = {.px = o->px,
                          .slot = wire_slot(oms, idx),
                          .id = o->id,
                          .kind = PL_ACT_CANCEL,
                          .side = o->side};
    oms->counts.cancels++;
    digest_action(oms, &a, now_ns);
    return a;
}

/* An order that may only reduce is not the order that may not, whatever its price. */
static inline bool other_kind(const struct pl_order *o, const struct pl_oms_wanted *w)
{
    return ((o->flags ^ w->flags) & PL_ORDF_REDUCE_ONLY) != 0;
}

/* Room for one more order of a side under the position limit, counting everything outstanding. */
static int64_t room(const struct pl_oms *oms, const struct pl_oms_policy *policy, enum pl_side side,
                    int64_t pos_lots)
{
    int64_t limit = side == PL_BUY ? policy->max_long : policy->max_short;
    int64_t held = side == PL_BUY ? pos_lots : -pos_lots;
    return limit == INT64_MAX ? INT64_MAX : limit - held - oms->open[side];
}

struct diff {
    struct pl_oms *oms;
    const struct pl_oms_policy *policy;
    int64_t pos_lots, now_ns;
    struct pl_action *action;
    uint32_t count;
};

/* Within tolerance of the wanted size; or too small, but what would replace it now, while its cancel
 * still counts against the position limit, would be no larger: else the two would take turns. */
static bool size_fits(const struct diff *d, const struct pl_order *o, int64_t wanted_lots)
{
    const struct pl_oms_policy *policy = d->policy;
    double wanted = (double)wanted_lots, off = (double)o->lots - wanted;
    bool sized = (off < 0 ? -off : off) <= policy->size_tolerance * wanted;
    if (sized && (double)o->left >= policy->refill_below * wanted) {
        return true;
    }
    if (!sized && off > 0) {
        return false;
    }
    int64_t free_lots = room(d->oms, policy, (enum pl_side)o->side, d->pos_lots);
    bool larger = wanted_lots > o->left && free_lots > o->left;
    d->oms->unsettled |= !larger;
    return !larger;
}

/* Which wanted level a live order satisfies, or -1. */
static int match(const struct diff *d, const struct pl_order *o, const struct pl_oms_wanted *w,
                 uint64_t taken)
{
    const struct pl_oms_policy *policy = d->policy;
    for (uint32_t i = 0; i < w->count; i++) {
        int64_t apart = o->px - w->level[i].px;
        apart = apart < 0 ? -apart : apart;
        if ((taken >> i & 1) != 0 || apart >= policy->replace_ticks || other_kind(o, w)) {
            continue;
        }
        if (policy->size_tolerance >= 0 && !size_fits(d, o, w->level[i].lots)) {
            continue;
        }
        if (policy->order_age_ns > 0 && d->now_ns - o->sent_ns >= policy->order_age_ns) {
            continue;
        }
        return (int)i;
    }
    return -1;
}

/* An order with a request in flight cannot be touched; it holds the level it stands (or will
 * stand) on, exactly at its price. */
static int match_in_flight(const struct pl_order *o, const struct pl_oms_policy *policy,
                           const struct pl_oms_wanted *w, uint64_t taken)
{
    if (o->state == PL_ORDER_PENDING_CANCEL && !policy->cancelling_counts) {
        return -1;
    }
    int64_t px = o->state == PL_ORDER_PENDING_AMEND ? o->new_px : o->px;
    for (uint32_t i = 0; i < w->count; i++) {
        int64_t apart = px - w->level[i].px;
        apart = apart < 0 ? -apart : apart;
        if ((taken >> i & 1) == 0 && apart < policy->replace_ticks) {
            return (int)i;
        }
    }
    return -1;
}

/* An order that matches nothing but is not to be touched: it is young, or its side is held and every
 * change it could make would go inward or larger. The level it holds meanwhile, or -1. */
static int left_alone(const struct diff *d, const struct pl_order *o, const struct pl_oms_wanted *w,
                      uint64_t taken)
{
    const struct pl_oms_policy *policy = d->policy;
    uint64_t all = w->count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << w->count) - 1;
    uint64_t open = ~taken & all;
    if (open == 0 || other_kind(o, w)) {
        return -1;
    }
    if (d->now_ns - o->sent_ns < policy->order_rest_ns) {
        return (open >> o->level & 1) != 0 ? o->level : __builtin_ctzll(open);
    }
    for (; w->hold && open != 0; open &= open - 1) {
        const struct pl_oms_level *level = &w->level[__builtin_ctzll(open)];
        int64_t outward = (o->px - level->px) * pl_side_sign((enum pl_side)o->side);
        double excess = (double)(o->lots - level->lots);
        bool smaller =
            policy->size_tolerance >= 0 && excess > policy->size_tolerance * (double)level->lots;
        if (outward <= 0 && !smaller) {
            return __builtin_ctzll(open);
        }
    }
    return -1;
}

static void create(struct diff *d, enum pl_side side, const struct pl_oms_level *level,
                   uint32_t level_idx, uint8_t flags)
{
    struct pl_oms *oms = d->oms;
    int64_t lots = level->lots, free_lots = room(oms, d->policy, side, d->pos_lots);
    if (lots > free_lots) {
        oms->counts.trimmed++;
        oms->unsettled = true;
        lots = free_lots;
    }
    if (lots <= 0) {
        return;
    }
    int idx = take_slot(oms);
    if (idx < 0) {
        oms->counts.no_slot++;
        oms->unsettled = true;
        return;
    }
    struct pl_order *o = pl_oms_order(oms, (uint32_t)idx);
    *o = (struct pl_order){.px = level->px,
                           .lots = lots,
                           .left = lots,
                           .sent_ns = d->now_ns,
                           .id = oms->next_id++,
                           .state = PL_ORDER_PENDING_NEW,
                           .side = (uint8_t)side,
                           .level = (uint8_t)level_idx,
                           .flags = flags};
    oms->open[side] += lots;
    oms->counts.orders++;
    oms->counts.lots_sent += (uint64_t)lots;
    struct pl_action *a = &d->action[d->count++];
    *a = (struct pl_action){.px = o->px,
                            .lots = lots,
                            .slot = wire_slot(oms, (uint32_t)idx),
                            .id = o->id,
                            .kind = PL_ACT_NEW,
                            .side = (uint8_t)side,
                            .tif = PL_TIF_GTC,
                            .flags = flags};
    digest_action(oms, a, d->now_ns);
}

/* Moves a stale order to the first level nobody holds. The venue decides about queue priority. */
static void amend(struct diff *d, uint32_t idx, const struct pl_oms_level *level, bool hold)
{
    struct pl_oms *oms = d->oms;
    struct pl_order *o = pl_oms_order(oms, idx);
    int64_t lots = hold && level->lots > o->left ? o->left : level->lots;
    int64_t extra = lots - o->left;
    if (extra > 0 && room(oms, d->policy, (enum pl_side)o->side, d->pos_lots) < extra) {
        oms->unsettled = true;
        d->action[d->count++] = cancel_action(oms, idx, d->now_ns);
        return;
    }
    oms->open[o->side] -= exposure_of(o);
    o->new_px = level->px;
    o->new_lots = lots + o->done;
    o->state = PL_ORDER_PENDING_AMEND;
    oms->open[o->side] += exposure_of(o);
    struct pl_action *a = &d->action[d->count++];
    *a = (struct pl_action){.px = o->new_px,
                            .lots = o->new_lots,
                            .slot = wire_slot(oms, idx),
                            .id = o->id,
                            .kind = PL_ACT_AMEND,
                            .side = o->side,
                            .flags = o->flags};
    oms->counts.amends++;
    digest_action(oms, a, d->now_ns);
}

uint32_t pl_oms_diff(struct pl_oms *oms, const struct pl_oms_policy *policy,
                     const struct pl_oms_wanted wanted[2], int64_t pos_lots, int64_t now_ns,
                     struct pl_action *action)
{
    struct diff d = {oms, policy, pos_lots, now_ns, action, 0};
    uint64_t taken[2] = {0, 0}; /* wanted levels somebody holds */
    uint8_t stale[PL_OMS_SLOTS_MAX];
    uint32_t stale_count = 0;
    /* Size and age of an order in flight can be judged only when it is answered. */
    bool unjudged = policy->size_tolerance >= 0 || policy->order_age_ns > 0;
    oms->unsettled = false;
    for (uint32_t word = 0; word < oms->slot_count / 64; word++) {
        for (uint64_t bits = oms->used[word]; bits != 0; bits &= bits - 1) {
            uint32_t idx = word * 64 + (uint32_t)__builtin_ctzll(bits);
            const struct pl_order *o = pl_oms_order(oms, idx);
            const struct pl_oms_wanted *w = &wanted[o->side];
            int level;
            if (o->state == PL_ORDER_LIVE) {
                level = match(&d, o, w, taken[o->side]);
                if (level < 0) {
                    stale[stale_count++] = (uint8_t)idx;
                }
            } else {
                level = match_in_flight(o, policy, w, taken[o->side]);
                oms->unsettled |= level < 0 || unjudged || o->state == PL_ORDER_PENDING_CANCEL;
            }
            if (level >= 0) {
                taken[o->side] |= UINT64_C(1) << level;
            }
        }
    }
    if (policy->order_rest_ns > 0 || wanted[0].hold || wanted[1].hold) {
        uint32_t seen = stale_count;
        stale_count = 0;
        for (uint32_t i = 0; i < seen; i++) {
            const struct pl_order *o = pl_oms_order(oms, stale[i]);
            int level = left_alone(&d, o, &wanted[o->side], taken[o->side]);
            if (level >= 0) {
                taken[o->side] |= UINT64_C(1) << level;
            } else {
                stale[stale_count++] = stale[i];
            }
        }
    }
    for (uint32_t i = 0; i < stale_count; i++) {
        const struct pl_order *o = pl_oms_order(oms, stale[i]);
        const struct pl_oms_wanted *w = &wanted[o->side];
        uint64_t all = w->count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << w->count) - 1;
        uint64_t open = ~taken[o->side] & all;
        if (policy->amend && open != 0 && !other_kind(o, w)) {
            uint32_t level = (uint32_t)__builtin_ctzll(open);
            taken[o->side] |= UINT64_C(1) << level;
            amend(&d, stale[i], &w->level[level], w->hold);
        } else {
            action[d.count++] = cancel_action(oms, stale[i], now_ns);
        }
    }
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < wanted[side].count; i++) {
            if ((taken[side] >> i & 1) == 0 && !wanted[side].hold) {
                create(&d, (enum pl_side)side, &wanted[side].level[i], i, wanted[side].flags);
            }
        }
    }
    PL_DASSERT(pl_oms_check(oms));
    return d.count;
}

uint32_t pl_oms_cancel_all(struct pl_oms *oms, int64_t now_ns, struct pl_action *action)
{
    uint32_t count = 0;
    for (uint32_t idx = 0; idx < oms->slot_count; idx++) {
        if (pl_oms_order(oms, idx)->state == PL_ORDER_LIVE) {
            action[count++] = cancel_action(oms, idx, now_ns);
        }
    }
    return count;
}

/* A refused order sent before we heard of the last refusal shares its occasion; so does a refused
 * amend heard of at the same time. */
static void note_post_only(struct pl_oms *oms, const struct pl_order *o, int64_t px,
                           const struct pl_response *r)
{
    struct pl_oms_rejects *x = &oms->rejects[o->side];
    int64_t asked_ns = r->kind == PL_RSP_REJECTED ? o->sent_ns : r->local_ns - 1;
    oms->counts.rejects_post_only++;
    if (r->local_ns - x->at_ns >= oms->reject_clear_ns) {
        x->in_a_row = 0;
    }
    if (x->in_a_row == 0 || asked_ns >= x->at_ns) {
        *x = (struct pl_oms_rejects){px, r->local_ns, x->in_a_row + 1};
    } else if ((px - x->px) * pl_side_sign((enum pl_side)o->side) < 0) {
        x->px = px;
    }
}

static bool respond_new(struct pl_oms *oms, struct pl_order *o, uint32_t idx,
                        const struct pl_response *r)
{
    if (r->kind == PL_RSP_ACCEPTED) {
        if (o->state == PL_ORDER_PENDING_NEW) {
            o->state = PL_ORDER_LIVE;
        }
        return oms->unsettled;
    }
    if (r->reason == PL_REJECT_POST_ONLY) {
        note_post_only(oms, o, o->px, r);
    } else {
        oms->counts.rejects_other++;
    }
    release(oms, idx);
    return true;
}

static bool respond_fill(struct pl_oms *oms, struct pl_order *o, uint32_t idx,
                         const struct pl_response *r)
{
    int64_t lots = r->lots < o->left ? r->lots : o->left;
    oms->open[o->side] -= exposure_of(o);
    o->left -= lots;
    o->done += r->lots;
    oms->open[o->side] += exposure_of(o);
    if (r->left == 0) {
        release(oms, idx);
    }
    return true;
}

static bool respond_amend(struct pl_oms *oms, struct pl_order *o, uint32_t idx,
                          const struct pl_response *r)
{
    if (r->left == 0) {
        release(oms, idx);
        return true;
    }
    oms->open[o->side] -= exposure_of(o);
    if (r->kind == PL_RSP_AMENDED) {
        o->px = o->new_px;
        o->lots = o->left = r->left;
    } else if (r->reason == PL_REJECT_POST_ONLY) {
        note_post_only(oms, o, o->new_px, r);
    } else {
        oms->counts.rejects_other++;
    }
    o->state = PL_ORDER_LIVE;
    oms->open[o->side] += exposure_of(o);
    return oms->unsettled || r->kind == PL_RSP_AMEND_REJECTED;
}

bool pl_oms_respond(struct pl_oms *oms, const struct pl_response *r)
{
    uint32_t idx = (r->slot - oms->slot_base) / (oms->slot_gap + 1);
    PL_ASSERT(idx < oms->slot_count);
    struct pl_order *o = pl_oms_order(oms, idx);
    bool answer = r->kind != PL_RSP_FILL;
    oms->in_flight -= answer && oms->in_flight > 0;
    if (o->state == PL_ORDER_FREE || o->id != r->id) {
        oms->counts.cancel_too_late += r->kind == PL_RSP_CANCEL_REJECTED;
        return oms->unsettled; /* an answer about an order that ended in the meantime */
    }
    switch (r->kind) {
    case PL_RSP_ACCEPTED:
    case PL_RSP_REJECTED:
        return respond_new(oms, o, idx, r);
    case PL_RSP_CANCELLED:
        release(oms, idx);
        return true;
    case PL_RSP_CANCEL_REJECTED:
        oms->counts.cancel_too_late++;
        o->state = o->left > 0 && r->left > 0 ? PL_ORDER_LIVE : o->state;
        return true;
    case PL_RSP_AMENDED:
    case PL_RSP_AMEND_REJECTED:
        return respond_amend(oms, o, idx, r);
    case PL_RSP_FILL:
        return respond_fill(oms, o, idx, r);
    default:
        pl_assert_fail("an answer of a known kind", __FILE__, __LINE__);
    }
}

static int64_t restate(struct pl_ratio ratio, int64_t value)
{
    pl_i128 scaled = (pl_i128)value * ratio.num;
    return (int64_t)((scaled + ratio.den - 1) / ratio.den);
}

void pl_oms_regrid(struct pl_oms *oms, const struct pl_regrid *regrid)
{
    oms->rejects[PL_BUY] = oms->rejects[PL_SELL] = (struct pl_oms_rejects){0};
    oms->open[0] = oms->open[1] = 0;
    for (uint32_t idx = 0; idx < oms->slot_count; idx++) {
        struct pl_order *o = pl_oms_order(oms, idx);
        if (o->state == PL_ORDER_FREE) {
            continue;
        }
        o->px = restate(regrid->px, o->px);
        o->new_px = restate(regrid->px, o->new_px);
        o->lots = restate(regrid->lots, o->lots);
        o->left = restate(regrid->lots, o->left);
        o->done = restate(regrid->lots, o->done);
        o->new_lots = restate(regrid->lots, o->new_lots);
        oms->open[o->side] += exposure_of(o);
    }
}

bool pl_oms_check(const struct pl_oms *oms)
{
    int64_t open[2] = {0, 0};
    for (uint32_t idx = 0; idx < oms->slot_count; idx++) {
        const struct pl_order *o = pl_oms_order(oms, idx);
        bool used = (oms->used[idx >> 6] >> (idx & 63) & 1) != 0;
        if (used != (o->state != PL_ORDER_FREE)) {
            return false;
        }
        if (used) {
            open[o->side] += exposure_of(o);
        }
    }
    return open[0] == oms->open[0] && open[1] == oms->open[1];
}
