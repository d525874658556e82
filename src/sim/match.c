/* What a market event does to our resting orders.
 *
 * A print at our price eats the queue ahead, then us. A print through our price, or a touch that
 * reaches it, would have met us first: it fills us up to what was really there and not yet consumed
 * in this universe. compat keeps the public peer's rule instead: whole orders, always. */
#include "base/assert.h"
#include "base/hash.h"
#include "sim/internal.h"

#include <string.h>

static inline bool reaches(enum pl_side side, int64_t own_px, int64_t px)
{
    return side == PL_BUY ? own_px >= px : own_px <= px;
}

static void forget_met(struct sim_market *m, enum pl_side side, int64_t px);
static void lower_met(struct sim_market *m, enum pl_side other, int64_t px, int64_t now);

/* ---- levels --------------------------------------------------------------------------------- */

static uint32_t level_home(const struct pl_sim *sim, uint32_t market, enum pl_side side, int64_t px)
{
    return (uint32_t)pl_mix64((uint64_t)px * 32 + market * 2 + side) & sim->level_mask;
}

static uint32_t *level_cell(const struct pl_sim *sim, uint32_t market, enum pl_side side,
                            int64_t px)
{
    uint32_t i = level_home(sim, market, side, px);
    for (;;) {
        uint32_t at = sim->level_table[i];
        if (at == 0) {
            return &sim->level_table[i];
        }
        const struct sim_level *level = &sim->level[at - 1];
        if (level->px == px && level->side == side && level->market == market) {
            return &sim->level_table[i];
        }
        i = (i + 1) & sim->level_mask;
    }
}

uint32_t pl_sim_find_level(const struct pl_sim *sim, uint32_t market, enum pl_side side, int64_t px)
{
    uint32_t at = *level_cell(sim, market, side, px);
    return at == 0 ? PL_SIM_NONE : at - 1;
}

static uint32_t add_level(struct pl_sim *sim, uint32_t market, enum pl_side side, int64_t px)
{
    uint32_t *cell = level_cell(sim, market, side, px);
    if (*cell != 0) {
        return *cell - 1;
    }
    struct sim_market *m = &sim->market[market];
    uint32_t at = sim->level_free;
    if (at == PL_SIM_NONE || pl_book_watch(m->book, side, px) < 0) {
        return PL_SIM_NONE;
    }
    struct sim_level *level = &sim->level[at];
    sim->level_free = level->next_free;
    *level = (struct sim_level){.px = px,
                                .cohort_first = PL_SIM_NONE,
                                .cohort_last = PL_SIM_NONE,
                                .taken_first = PL_SIM_NONE,
                                .side = (uint8_t)side,
                                .market = (uint8_t)market};
    *cell = at + 1;
    if (!reaches(side, m->own_best[side], px)) {
        m->own_best[side] = px;
    }
    return at;
}

static void drop_level_if_empty(struct pl_sim *sim, uint32_t at)
{
    struct sim_level *level = &sim->level[at];
    if (level->cohort_first != PL_SIM_NONE || level->taken_first != PL_SIM_NONE) {
        return;
    }
    enum pl_side side = (enum pl_side)level->side;
    struct sim_market *m = &sim->market[level->market];
    pl_book_unwatch(m->book, side, level->px);
    if (m->own_best[side] == level->px) {
        m->own_best[side] = pl_book_next_watched(m->book, side, level->px);
    }
    uint32_t hole = (uint32_t)(level_cell(sim, level->market, side, level->px) - sim->level_table);
    for (uint32_t i = (hole + 1) & sim->level_mask; sim->level_table[i] != 0;
         i = (i + 1) & sim->level_mask) {
        const struct sim_level *other = &sim->level[sim->level_table[i] - 1];
        uint32_t home = level_home(sim, other->market, (enum pl_side)other->side, other->px);
        if (((i - home) & sim->level_mask) >= ((i - hole) & sim->level_mask)) {
            sim->level_table[hole] = sim->level_table[i];
            hole = i;
        }
    }
    sim->level_table[hole] = 0;
    level->next_free = sim->level_free;
    sim->level_free = at;
}

/* ---- cohorts -------------------------------------------------------------------------------- */

/* The youngest cohort, if an order arriving now would have exactly its position. */
static uint32_t joinable(const struct pl_sim *sim, const struct sim_level *level, double front,
                         bool unknown)
{
    uint32_t at = level->cohort_last;
    if (at == PL_SIM_NONE) {
        return PL_SIM_NONE;
    }
    const struct sim_cohort *c = &sim->cohort[at];
    bool same =
        c->pos.cum_trade == 0 && c->unknown == unknown && (unknown || c->pos.front == front);
    return same ? at : PL_SIM_NONE;
}

static uint32_t add_cohort(struct pl_sim *sim, uint32_t level_at, double front, bool unknown)
{
    uint32_t at = sim->cohort_free;
    if (at == PL_SIM_NONE) {
        return PL_SIM_NONE;
    }
    struct sim_level *level = &sim->level[level_at];
    sim->cohort_free = sim->cohort[at].next;
    sim->cohort[at] = (struct sim_cohort){.pos = {.front = front},
                                          .level = level_at,
                                          .next = PL_SIM_NONE,
                                          .first = PL_SIM_NONE,
                                          .last = PL_SIM_NONE,
                                          .unknown = unknown};
    if (level->cohort_last != PL_SIM_NONE) {
        sim->cohort[level->cohort_last].next = at;
    } else {
        level->cohort_first = at;
    }
    level->cohort_last = at;
    return at;
}

static void drop_cohort(struct pl_sim *sim, uint32_t at)
{
    struct sim_cohort *c = &sim->cohort[at];
    struct sim_level *level = &sim->level[c->level];
    uint32_t before = PL_SIM_NONE;
    for (uint32_t i = level->cohort_first; i != at; i = sim->cohort[i].next) {
        before = i;
    }
    if (before == PL_SIM_NONE) {
        level->cohort_first = c->next;
    } else {
        sim->cohort[before].next = c->next;
    }
    if (level->cohort_last == at) {
        level->cohort_last = before;
    }
    c->next = sim->cohort_free;
    sim->cohort_free = at;
    drop_level_if_empty(sim, c->level);
}

bool pl_sim_rest(struct pl_sim *sim, uint32_t slot)
{
    struct sim_order *o = &sim->order[slot];
    uint32_t market = sim->maker[o->maker].market;
    const struct sim_market *m = &sim->market[market];
    enum pl_side side = (enum pl_side)o->side;
    uint32_t level_at = add_level(sim, market, side, o->px);
    if (level_at == PL_SIM_NONE) {
        return false;
    }
    int64_t displayed = pl_book_lots(m->book, side, o->px);
    bool unknown = displayed == 0 && !sim->config.compat && !pl_book_known(m->book, side, o->px);
    uint32_t at = joinable(sim, &sim->level[level_at], (double)displayed, unknown);
    if (at == PL_SIM_NONE) {
        at = add_cohort(sim, level_at, (double)displayed, unknown);
        if (at == PL_SIM_NONE) {
            drop_level_if_empty(sim, level_at);
            return false;
        }
    }
    forget_met(&sim->market[market], side, o->px);
    struct sim_cohort *c = &sim->cohort[at];
    o->cohort = at;
    o->prev = c->last;
    o->next = PL_SIM_NONE;
    o->state = RESTS;
    o->queue_lots = unknown ? -1 : displayed;
    if (c->last != PL_SIM_NONE) {
        sim->order[c->last].next = slot;
    } else {
        c->first = slot;
    }
    c->last = slot;
    c->count++;
    return true;
}

void pl_sim_unrest(struct pl_sim *sim, uint32_t slot)
{
    struct sim_order *o = &sim->order[slot];
    struct sim_cohort *c = &sim->cohort[o->cohort];
    if (o->prev != PL_SIM_NONE) {
        sim->order[o->prev].next = o->next;
    } else {
        c->first = o->next;
    }
    if (o->next != PL_SIM_NONE) {
        sim->order[o->next].prev = o->prev;
    } else {
        c->last = o->prev;
    }
    o->state = RESTS_NOT;
    if (--c->count == 0) {
        drop_cohort(sim, o->cohort);
    }
}

/* ---- what a universe has consumed ----------------------------------------------------------- */

/* Lots of the present print that the universe has not used yet. */
static int64_t print_left(const struct pl_sim *sim, uint32_t universe, int64_t lots)
{
    return sim->used_print[universe] == sim->print_no ? lots - sim->used_lots[universe] : lots;
}

static void use_print(struct pl_sim *sim, uint32_t universe, int64_t lots)
{
    if (sim->used_print[universe] != sim->print_no) {
        sim->used_print[universe] = sim->print_no;
        sim->used_lots[universe] = 0;
    }
    sim->used_lots[universe] += lots;
}

static uint32_t find_taken(const struct pl_sim *sim, uint32_t market, enum pl_side side, int64_t px,
                           uint32_t universe)
{
    uint32_t i = sim->taken_of[universe];
    for (; i != PL_SIM_NONE; i = sim->taken[i].next_of_universe) {
        const struct sim_level *level = &sim->level[sim->taken[i].level];
        if (level->px == px && level->side == side && level->market == market) {
            break;
        }
    }
    return i;
}

static int64_t taken_at(const struct pl_sim *sim, uint32_t market, enum pl_side side, int64_t px,
                        uint32_t universe)
{
    uint32_t at = find_taken(sim, market, side, px, universe);
    return at != PL_SIM_NONE ? sim->taken[at].lots : 0;
}

/* False when the universe cannot remember one more level: then it must not take there, or it would
 * take the same lots again. A universe may remember as many levels as it has order slots, and the
 * pool holds that for all of them, so that none depends on another. */
static bool note_taken(struct pl_sim *sim, uint32_t market, enum pl_side side, int64_t px,
                       uint32_t universe, int64_t lots)
{
    uint32_t at = find_taken(sim, market, side, px, universe);
    if (at != PL_SIM_NONE) {
        sim->taken[at].lots += lots;
        return true;
    }
    if (sim->account[universe].taken_room == 0) {
        return false;
    }
    uint32_t level_at = add_level(sim, market, side, px);
    if (level_at == PL_SIM_NONE) {
        return false;
    }
    at = sim->taken_free;
    PL_ASSERT(at != PL_SIM_NONE);
    struct sim_level *level = &sim->level[level_at];
    sim->taken_free = sim->taken[at].next;
    sim->account[universe].taken_room--;
    sim->taken[at] =
        (struct sim_taken){lots, universe, level_at, level->taken_first, sim->taken_of[universe]};
    level->taken_first = at;
    sim->taken_of[universe] = at;
    return true;
}

static void forget_taken(struct pl_sim *sim, uint32_t at)
{
    struct sim_taken *t = &sim->taken[at];
    uint32_t *link = &sim->taken_of[t->universe];
    while (*link != at) {
        link = &sim->taken[*link].next_of_universe;
    }
    *link = t->next_of_universe;
    t->next = sim->taken_free;
    sim->taken_free = at;
    sim->account[t->universe].taken_room++;
}

/* A level now shows `now` lots: nobody can have taken more than is still there. What it shows is the
 * fused touch where that is fresher: an older depth message must not give back what was taken. */
static void trim_taken(struct pl_sim *sim, uint32_t level_at, int64_t now)
{
    uint32_t *link = &sim->level[level_at].taken_first;
    while (*link != PL_SIM_NONE) {
        struct sim_taken *t = &sim->taken[*link];
        t->lots = t->lots < now ? t->lots : now;
        if (t->lots > 0) {
            link = &t->next;
            continue;
        }
        uint32_t at = *link;
        *link = t->next;
        forget_taken(sim, at);
    }
}

void pl_sim_forget_market(struct pl_sim *sim, uint32_t market)
{
    struct sim_market *m = &sim->market[market];
    for (int side = 0; side < 2; side++) {
        int64_t px;
        while ((px = m->own_best[side]) != PL_PX_NO_BID && px != PL_PX_NO_ASK) {
            uint32_t level = pl_sim_find_level(sim, market, (enum pl_side)side, px);
            PL_ASSERT(level != PL_SIM_NONE);
            trim_taken(sim, level, 0);
            drop_level_if_empty(sim, level);
        }
        m->met[side].count = 0;
    }
}

static int64_t displayed(const struct sim_market *m, enum pl_side side, int64_t px)
{
    return px == m->touch->px[side] ? m->touch->lots[side] : pl_book_lots(m->book, side, px);
}

/* Walks the other side from its touch to `limit`. With `execute` the order takes what is there. */
static int64_t walk(struct pl_sim *sim, uint32_t slot, int64_t limit, bool execute, int64_t t)
{
    struct sim_order *o = &sim->order[slot];
    uint32_t market = sim->maker[o->maker].market, universe = sim->maker[o->maker].universe;
    const struct sim_market *m = &sim->market[market];
    enum pl_side side = (enum pl_side)o->side, other = pl_side_other(side);
    int64_t px = m->touch->px[other], want = o->left, got = 0;
    uint32_t room = sim->account[universe].taken_room;
    while (want > 0 && px != PL_PX_NO_BID && px != PL_PX_NO_ASK && reaches(side, limit, px)) {
        uint32_t known = find_taken(sim, market, other, px, universe);
        int64_t used = known != PL_SIM_NONE ? sim->taken[known].lots : 0;
        int64_t can = displayed(m, other, px) - used;
        can = can < want ? can : want;
        bool fits = known != PL_SIM_NONE || room > 0;
        if (can > 0 && fits && (!execute || note_taken(sim, market, other, px, universe, can))) {
            room -= known == PL_SIM_NONE;
            want -= can;
            got += can;
            if (execute) {
                pl_sim_execute(sim, slot, px, can, true, t);
            }
        }
        struct pl_book_level next;
        if (!pl_book_next(m->book, other, px, &next)) {
            break;
        }
        px = next.px;
    }
    return got;
}

int64_t pl_sim_take(struct pl_sim *sim, uint32_t slot, int64_t limit, int64_t t)
{
    return walk(sim, slot, limit, true, t);
}

int64_t pl_sim_takeable(const struct pl_sim *sim, uint32_t slot, int64_t limit)
{
    return walk((struct pl_sim *)(uintptr_t)sim, slot, limit, false, 0);
}

/* ---- prints --------------------------------------------------------------------------------- */

/* A print went through this level: it would have met these orders first. */
static void print_through(struct pl_sim *sim, uint32_t level_at, int64_t lots, int64_t t)
{
    const struct sim_level *level = &sim->level[level_at];
    const struct sim_market *m = &sim->market[level->market];
    if (sim->config.through == PL_THROUGH_DISPLAYED) {
        int64_t shown = pl_book_lots(m->book, (enum pl_side)level->side, level->px);
        lots = shown > lots ? shown : lots;
    }
    uint32_t next_cohort;
    for (uint32_t c = level->cohort_first; c != PL_SIM_NONE; c = next_cohort) {
        next_cohort = sim->cohort[c].next;
        uint32_t next;
        for (uint32_t slot = sim->cohort[c].first; slot != PL_SIM_NONE; slot = next) {
            const struct sim_order *o = &sim->order[slot];
            next = o->next;
            int64_t can = o->left;
            if (!sim->config.compat) {
                uint32_t universe = sim->maker[o->maker].universe;
                int64_t left = print_left(sim, universe, lots);
                can = can < left ? can : left;
                if (can <= 0) {
                    continue;
                }
                use_print(sim, universe, can);
            }
            pl_sim_execute(sim, slot, o->px, can, false, t);
        }
    }
}

/* A print at this level: the queue ahead first, then what reached us, in order of arrival. */
static void print_at(struct pl_sim *sim, uint32_t level_at, int64_t lots, int64_t t)
{
    uint32_t next_cohort;
    for (uint32_t c = sim->level[level_at].cohort_first; c != PL_SIM_NONE; c = next_cohort) {
        struct sim_cohort *cohort = &sim->cohort[c];
        next_cohort = cohort->next;
        if (cohort->unknown) {
            continue;
        }
        pl_queue_trade(&cohort->pos, (double)lots);
        int64_t reached = pl_queue_reached(&cohort->pos);
        if (reached <= 0) {
            continue;
        }
        cohort->pos.front = 0;
        uint32_t next;
        for (uint32_t slot = cohort->first; slot != PL_SIM_NONE; slot = next) {
            const struct sim_order *o = &sim->order[slot];
            next = o->next;
            int64_t can = o->left;
            if (!sim->config.compat) {
                uint32_t universe = sim->maker[o->maker].universe;
                int64_t left = print_left(sim, universe, reached); /* own orders ahead come first */
                can = can < left ? can : left;
                if (can <= 0) {
                    continue;
                }
                use_print(sim, universe, can);
            }
            pl_sim_execute(sim, slot, o->px, can, false, t);
        }
    }
}

static void on_print(struct pl_sim *sim, uint32_t market, enum pl_side hit, int64_t px,
                     int64_t lots, int64_t t)
{
    struct sim_market *m = &sim->market[market];
    int64_t at = m->own_best[hit];
    if (PL_LIKELY(at == PL_PX_NO_BID || at == PL_PX_NO_ASK || !reaches(hit, at, px))) {
        return;
    }
    sim->print_no++;
    while (at != PL_PX_NO_BID && at != PL_PX_NO_ASK && reaches(hit, at, px)) {
        uint32_t level = pl_sim_find_level(sim, market, hit, at);
        int64_t next = pl_book_next_watched_to(m->book, hit, at, px);
        if (level != PL_SIM_NONE) {
            if (at == px) {
                print_at(sim, level, lots, t);
            } else {
                print_through(sim, level, lots, t);
            }
        }
        at = next;
    }
}

/* ---- depth ---------------------------------------------------------------------------------- */

static void requeue(struct pl_sim *sim, const struct sim_market *m, uint32_t level_at, int64_t prev,
                    int64_t now)
{
    const struct sim_level *level = &sim->level[level_at];
    bool beyond = now == 0 && !sim->config.compat &&
                  !pl_book_known(m->book, (enum pl_side)level->side, level->px);
    for (uint32_t c = level->cohort_first; c != PL_SIM_NONE && !beyond; c = sim->cohort[c].next) {
        struct sim_cohort *cohort = &sim->cohort[c];
        if (cohort->unknown) {
            cohort->unknown = false;
            cohort->pos = (struct pl_queue_pos){.front = (double)now};
            continue;
        }
        pl_queue_depth(&m->queue, &cohort->pos, (double)prev, (double)now);
    }
}

static void on_depth(struct pl_sim *sim, uint32_t market)
{
    struct sim_market *m = &sim->market[market];
    for (uint32_t i = 0; i < m->book->touched_count; i++) {
        const struct pl_book_touch *t = &m->book->touched[i];
        uint32_t level = pl_sim_find_level(sim, market, t->side, t->px);
        if (level == PL_SIM_NONE) {
            continue;
        }
        requeue(sim, m, level, t->prev, t->now);
        int64_t shown = displayed(m, t->side, t->px);
        lower_met(m, t->side, t->px, shown);
        if (sim->level[level].taken_first != PL_SIM_NONE) {
            trim_taken(sim, level, shown);
            drop_level_if_empty(sim, level);
        }
    }
}

/* A snapshot says how much stands at a level, not what happened meanwhile: we cannot be further
 * back than the level is long. */
static void on_snapshot(struct pl_sim *sim, uint32_t market)
{
    struct sim_market *m = &sim->market[market];
    for (int s = 0; s < 2; s++) {
        enum pl_side side = (enum pl_side)s;
        int64_t px = m->own_best[side], next;
        for (; px != PL_PX_NO_BID && px != PL_PX_NO_ASK; px = next) {
            next = pl_book_next_watched(m->book, side, px);
            uint32_t level = pl_sim_find_level(sim, market, side, px);
            int64_t now = pl_book_lots(m->book, side, px);
            if (level == PL_SIM_NONE ||
                (now == 0 && (sim->config.compat || !pl_book_known(m->book, side, px)))) {
                continue;
            }
            requeue(sim, m, level, 0, now);
            int64_t shown = displayed(m, side, px);
            lower_met(m, side, px, shown);
            trim_taken(sim, level, shown);
            drop_level_if_empty(sim, level);
        }
    }
}

/* Own orders of `side` that the other side's touch has reached at `px` or beyond. */
static void on_touch_reached(struct pl_sim *sim, uint32_t market, enum pl_side side, int64_t px,
                             int64_t t)
{
    struct sim_market *m = &sim->market[market];
    int64_t at = m->own_best[side];
    while (at != PL_PX_NO_BID && at != PL_PX_NO_ASK && reaches(side, at, px)) {
        uint32_t level = pl_sim_find_level(sim, market, side, at);
        int64_t next_px = pl_book_next_watched_to(m->book, side, at, px);
        uint32_t next_cohort;
        for (uint32_t c = level != PL_SIM_NONE ? sim->level[level].cohort_first : PL_SIM_NONE;
             c != PL_SIM_NONE; c = next_cohort) {
            next_cohort = sim->cohort[c].next;
            uint32_t next;
            for (uint32_t slot = sim->cohort[c].first; slot != PL_SIM_NONE; slot = next) {
                const struct sim_order *o = &sim->order[slot];
                next = o->next;
                if (sim->config.compat) {
                    pl_sim_execute(sim, slot, o->px, o->left, false, t);
                    continue;
                }
                enum pl_side other = pl_side_other(side);
                uint32_t universe = sim->maker[o->maker].universe;
                int64_t ask = m->touch->px[other], want = o->left;
                struct pl_book_level deeper = {ask, 0};
                bool more = ask != PL_PX_NO_BID && ask != PL_PX_NO_ASK;
                for (; more && want > 0 && reaches(side, at, deeper.px);
                     more = pl_book_next(m->book, other, deeper.px, &deeper)) {
                    int64_t can = displayed(m, other, deeper.px) -
                                  taken_at(sim, market, other, deeper.px, universe);
                    can = can < want ? can : want;
                    if (can <= 0) {
                        continue;
                    }
                    if (!note_taken(sim, market, other, deeper.px, universe, can)) {
                        m->met[side].count = 0; /* not used up: look again next time */
                        continue;
                    }
                    want -= can;
                    pl_sim_execute(sim, slot, at, can, false, t);
                }
            }
        }
        at = next_px;
    }
}

/* A new order has used up nothing yet. */
static void forget_met(struct sim_market *m, enum pl_side side, int64_t px)
{
    struct sim_met *met = &m->met[side];
    for (uint32_t i = 0; i < met->count; i++) {
        if (reaches(side, px, met->level[i].px)) {
            met->count = 0;
        }
    }
}

/* A depth message has lowered a level, and with it what anybody can have taken there. */
static void lower_met(struct sim_market *m, enum pl_side other, int64_t px, int64_t now)
{
    struct sim_met *met = &m->met[pl_side_other(other)];
    for (uint32_t i = 0; i < met->count; i++) {
        if (met->level[i].px == px && now < met->level[i].lots) {
            met->level[i].lots = now;
        }
    }
}

/* Whether the other side shows anything between its touch and our best order that has not been used
 * up; notes what it shows, for the next time. */
static bool offers_more(struct sim_market *m, enum pl_side side)
{
    enum pl_side other = pl_side_other(side);
    struct sim_met seen = {0, {{0, 0}}};
    struct pl_book_level next = {m->touch->px[other], 0};
    bool more = false, any = true;
    while (any && reaches(side, m->own_best[side], next.px)) {
        if (seen.count == PL_SIM_MET_MAX) {
            m->met[side].count = 0; /* too many to remember: look every time */
            return true;
        }
        int64_t shown = displayed(m, other, next.px), used = -1;
        for (uint32_t i = 0; i < m->met[side].count; i++) {
            used = m->met[side].level[i].px == next.px ? m->met[side].level[i].lots : used;
        }
        more |= shown > used;
        seen.level[seen.count++] = (struct pl_book_level){next.px, shown > used ? shown : used};
        any = pl_book_next(m->book, other, next.px, &next);
    }
    m->met[side] = seen;
    return more;
}

/* Own orders of `side` stand at or beyond the other side's touch. */
static void meet(struct pl_sim *sim, uint32_t market, enum pl_side side, int64_t px, int64_t t)
{
    if (sim->config.compat || offers_more(&sim->market[market], side)) {
        on_touch_reached(sim, market, side, px, t);
    }
}

static void on_touch(struct pl_sim *sim, uint32_t market, bool depth, int64_t t)
{
    struct sim_market *m = &sim->market[market];
    int64_t ask = m->touch->px[PL_SELL], bid = m->touch->px[PL_BUY];
    if (sim->config.compat && depth) { /* the peer looks between the rows of a message, too */
        ask = m->book->reached[PL_SELL];
        bid = m->book->reached[PL_BUY];
    }
    if (PL_UNLIKELY(m->own_best[PL_BUY] >= ask)) {
        meet(sim, market, PL_BUY, ask, t);
    }
    if (PL_UNLIKELY(m->own_best[PL_SELL] <= bid)) {
        meet(sim, market, PL_SELL, bid, t);
    }
}

void pl_sim_on_message(struct pl_sim *sim, uint32_t market, const struct pl_block *b, uint32_t i)
{
    struct sim_market *m = &sim->market[market];
    int64_t t = b->venue_ns[i];
    m->feed_ns = b->local_ns[i] - t;
    switch (b->kind[i]) {
    case PL_MSG_DEPTH:
        if (m->book->touched_count > 0) {
            on_depth(sim, market);
        }
        on_touch(sim, market, true, t);
        break;
    case PL_MSG_SNAPSHOT:
        on_snapshot(sim, market);
        on_touch(sim, market, true, t);
        break;
    case PL_MSG_BBO:
        if (!sim->config.compat) {
            on_touch(sim, market, false, t);
        }
        break;
    case PL_MSG_TRADE:
        if ((b->flags[i] & PL_MSGF_NOT_BOOK) == 0) {
            uint32_t row = b->row_begin[i];
            bool sell = (b->flags[i] & PL_MSGF_SELL) != 0;
            on_print(sim, market, sell ? PL_BUY : PL_SELL, b->px[row], b->lots[row], t);
        }
        break;
    default:
        break;
    }
}
