/* The simulated venue once more, without cohorts, pools, bounds or short cuts: one queue position per
 * order, one list of what each universe has taken, a sorted list as the book. The rules are those of
 * src/sim/sim.h; only the arithmetic of pl_queue_depth is shared. */
#ifndef TEST_VENUE_ORACLE_H
#define TEST_VENUE_ORACLE_H

#include "base/assert.h"
#include "math/queue.h"
#include "port/port.h"
#include "sim/sim.h"
#include "support/book_oracle.h"

#define VENUE_ORDERS_MAX 2048
#define VENUE_TAKEN_MAX  8192
#define VENUE_LOG_MAX    65536

struct venue_order {
    bool rests, unknown;
    uint32_t maker, id;
    enum pl_side side;
    uint8_t flags;
    int64_t px, left, done;
    uint64_t age; /* place in the order of arrival */
    struct pl_queue_pos pos;
};

struct venue_taken {
    uint32_t universe;
    enum pl_side side;
    int64_t px, lots;
};

struct venue_fill {
    uint32_t maker, id;
    int64_t px, lots;
    bool taker;
};

struct venue_oracle {
    const struct pl_sim_config *config;
    struct pl_queue_params queue;
    struct book_oracle book;
    int64_t touch_px[2], touch_lots[2];
    uint64_t bbo_seq, age;
    struct venue_order order[VENUE_ORDERS_MAX]; /* by slot */
    uint32_t slots;
    int64_t pos[64]; /* by maker */
    struct venue_taken taken[VENUE_TAKEN_MAX];
    uint32_t taken_count;
    struct venue_fill fill[VENUE_LOG_MAX];
    uint32_t fill_count;
};

static inline uint32_t venue_universe(const struct venue_oracle *v, uint32_t maker)
{
    return maker * v->config->universes / v->config->makers;
}

static inline void venue_init(struct venue_oracle *v, const struct pl_sim_config *config,
                              double lot)
{
    memset(v, 0, sizeof *v);
    v->config = config;
    v->queue = config->queue;
    v->queue.unit = lot;
    v->queue.clamp = !config->compat;
    oracle_init(&v->book);
    v->book.watch_all = true;
    v->touch_px[PL_BUY] = PL_PX_NO_BID;
    v->touch_px[PL_SELL] = PL_PX_NO_ASK;
    v->slots = config->makers * config->slots_per_maker;
    PL_ASSERT(v->slots <= VENUE_ORDERS_MAX);
}

static inline bool venue_known(const struct venue_oracle *v, enum pl_side side, int64_t px)
{
    return side == PL_BUY ? px >= v->book.horizon[side] : px <= v->book.horizon[side];
}

static inline bool venue_reaches(enum pl_side side, int64_t own, int64_t px)
{
    return side == PL_BUY ? own >= px : own <= px;
}

static inline int64_t venue_shown(const struct venue_oracle *v, enum pl_side side, int64_t px)
{
    return px == v->touch_px[side] ? v->touch_lots[side] : oracle_lots(&v->book, side, px);
}

static inline void venue_execute(struct venue_oracle *v, struct venue_order *o, int64_t px,
                                 int64_t lots, bool taker)
{
    PL_ASSERT(v->fill_count < VENUE_LOG_MAX && lots > 0 && lots <= o->left);
    v->fill[v->fill_count++] = (struct venue_fill){o->maker, o->id, px, lots, taker};
    o->left -= lots;
    o->done += lots;
    o->rests = o->rests && o->left > 0;
    v->pos[o->maker] += pl_side_sign(o->side) * lots;
}

/* ---- what has been taken -------------------------------------------------------------------- */

static inline int64_t *venue_taken_at(struct venue_oracle *v, uint32_t universe, enum pl_side side,
                                      int64_t px)
{
    for (uint32_t i = 0; i < v->taken_count; i++) {
        struct venue_taken *t = &v->taken[i];
        if (t->universe == universe && t->side == side && t->px == px) {
            return &t->lots;
        }
    }
    PL_ASSERT(v->taken_count < VENUE_TAKEN_MAX);
    struct venue_taken *t = &v->taken[v->taken_count++];
    *t = (struct venue_taken){universe, side, px, 0};
    return &t->lots;
}

static inline void venue_trim(struct venue_oracle *v, enum pl_side side, int64_t px, int64_t shown)
{
    for (uint32_t i = 0; i < v->taken_count; i++) {
        struct venue_taken *t = &v->taken[i];
        if (t->side == side && t->px == px && t->lots > shown) {
            t->lots = shown;
        }
    }
}

/* The other side from its touch outward to `limit`: what is shown and not taken. With `execute` the
 * order takes it, at those prices or all at `at`. */
static inline int64_t venue_walk(struct venue_oracle *v, struct venue_order *o, int64_t limit,
                                 bool execute, bool taker, int64_t at)
{
    enum pl_side other = pl_side_other(o->side);
    uint32_t universe = venue_universe(v, o->maker);
    int64_t px = v->touch_px[other], want = o->left, got = 0;
    while (want > 0 && px != PL_PX_NO_BID && px != PL_PX_NO_ASK &&
           venue_reaches(o->side, limit, px)) {
        int64_t *taken = venue_taken_at(v, universe, other, px);
        int64_t can = venue_shown(v, other, px) - *taken;
        can = can < want ? can : want;
        if (can > 0) {
            want -= can;
            got += can;
            if (execute) {
                *taken += can;
                venue_execute(v, o, taker ? px : at, can, taker);
            }
        }
        uint32_t next = oracle_find(&v->book, other, other == PL_BUY ? px - 1 : px + 1);
        if (next == v->book.side[other].count) {
            break;
        }
        px = v->book.side[other].level[next].px;
    }
    return got;
}

/* ---- own orders in the order a venue would meet them ----------------------------------------- */

/* The best order of `side` after `last` by (price, arrival); NULL at the end. */
static inline struct venue_order *venue_next(struct venue_oracle *v, enum pl_side side,
                                             int64_t last_px, uint64_t last_age)
{
    struct venue_order *best = NULL;
    for (uint32_t i = 0; i < v->slots; i++) {
        struct venue_order *o = &v->order[i];
        if (!o->rests || o->side != side) {
            continue;
        }
        bool after = oracle_better(side, last_px, o->px) || (o->px == last_px && o->age > last_age);
        bool before = best == NULL || oracle_better(side, o->px, best->px) ||
                      (o->px == best->px && o->age < best->age);
        if (after && before) {
            best = o;
        }
    }
    return best;
}

#define VENUE_FOR_EACH(v, side, o)                                                   \
    for (struct venue_order *o =                                                     \
             venue_next(v, side, (side) == PL_BUY ? PL_PX_NO_ASK : PL_PX_NO_BID, 0); \
         o != NULL; o = venue_next(v, side, o->px, o->age))

/* ---- market events -------------------------------------------------------------------------- */

static inline void venue_trade(struct venue_oracle *v, enum pl_side hit, int64_t px, int64_t lots)
{
    int64_t used[64] = {0}; /* by universe */
    bool compat = v->config->compat;
    VENUE_FOR_EACH(v, hit, o)
    {
        int64_t *mine = &used[venue_universe(v, o->maker)];
        if (!venue_reaches(hit, o->px, px)) {
            break;
        }
        int64_t can;
        if (o->px != px) {
            int64_t shown = oracle_lots(&v->book, hit, o->px);
            can = v->config->through == PL_THROUGH_DISPLAYED && shown > lots ? shown : lots;
        } else if (o->unknown) {
            continue;
        } else {
            pl_queue_trade(&o->pos, (double)lots);
            can = pl_queue_reached(&o->pos);
            o->pos.front = can > 0 ? 0 : o->pos.front;
            if (can <= 0) {
                continue;
            }
        }
        can = compat ? o->left : can - *mine < o->left ? can - *mine : o->left;
        if (can > 0) {
            *mine += can;
            venue_execute(v, o, o->px, can, false);
        }
    }
}

static inline void venue_requeue(struct venue_oracle *v, enum pl_side side, int64_t px,
                                 int64_t prev, int64_t now)
{
    bool beyond = now == 0 && !v->config->compat && !venue_known(v, side, px);
    for (uint32_t i = 0; i < v->slots && !beyond; i++) {
        struct venue_order *o = &v->order[i];
        if (!o->rests || o->side != side || o->px != px) {
            continue;
        }
        if (o->unknown) {
            o->unknown = false;
            o->pos = (struct pl_queue_pos){.front = (double)now};
        } else {
            pl_queue_depth(&v->queue, &o->pos, (double)prev, (double)now);
        }
    }
}

static inline void venue_meet(struct venue_oracle *v, enum pl_side side, int64_t px)
{
    VENUE_FOR_EACH(v, side, o)
    {
        if (!venue_reaches(side, o->px, px)) {
            break;
        }
        if (v->config->compat) {
            venue_execute(v, o, o->px, o->left, false);
        } else {
            (void)venue_walk(v, o, o->px, true, false, o->px);
        }
    }
}

static inline void venue_touch(struct venue_oracle *v, bool depth)
{
    bool between = v->config->compat && depth; /* the peer looks between the rows, too */
    venue_meet(v, PL_BUY, between ? v->book.reached[PL_SELL] : v->touch_px[PL_SELL]);
    venue_meet(v, PL_SELL, between ? v->book.reached[PL_BUY] : v->touch_px[PL_BUY]);
}

static inline void venue_fuse(struct venue_oracle *v)
{
    if (v->book.seq != 0 && v->bbo_seq > v->book.seq) {
        return;
    }
    for (int s = 0; s < 2; s++) {
        v->touch_px[s] = oracle_best(&v->book, (enum pl_side)s);
        v->touch_lots[s] = oracle_lots(&v->book, (enum pl_side)s, v->touch_px[s]);
    }
}

static inline void venue_depth(struct venue_oracle *v, const int64_t *px, const int64_t *lots,
                               uint32_t bids, uint32_t rows, uint64_t seq)
{
    oracle_depth(&v->book, px, lots, bids, rows, seq);
    venue_fuse(v);
    for (uint32_t i = 0; i < v->book.touched_count; i++) {
        const struct pl_book_touch *t = &v->book.touched[i];
        venue_requeue(v, t->side, t->px, t->prev, t->now);
        venue_trim(v, t->side, t->px, venue_shown(v, t->side, t->px));
    }
    venue_touch(v, true);
}

static inline void venue_snapshot(struct venue_oracle *v, const int64_t *px, const int64_t *lots,
                                  uint32_t bids, uint32_t rows, uint64_t seq)
{
    oracle_snapshot(&v->book, px, lots, bids, rows, seq);
    venue_fuse(v);
    for (uint32_t i = 0; i < v->slots; i++) {
        struct venue_order *o = &v->order[i];
        int64_t now = o->rests ? oracle_lots(&v->book, o->side, o->px) : 0;
        if (!o->rests || (now == 0 && (v->config->compat || !venue_known(v, o->side, o->px)))) {
            continue;
        }
        if (o->unknown) {
            o->unknown = false;
            o->pos = (struct pl_queue_pos){.front = (double)now};
        } else {
            pl_queue_depth(&v->queue, &o->pos, 0, (double)now);
        }
    }
    for (uint32_t i = 0; i < v->taken_count; i++) {
        struct venue_taken *t = &v->taken[i];
        if (oracle_lots(&v->book, t->side, t->px) > 0 || venue_known(v, t->side, t->px)) {
            int64_t shown = venue_shown(v, t->side, t->px);
            t->lots = t->lots < shown ? t->lots : shown;
        }
    }
    venue_touch(v, true);
}

static inline void venue_bbo(struct venue_oracle *v, const int64_t *px, const int64_t *lots,
                             uint64_t seq)
{
    if (v->config->compat) {
        return;
    }
    if (seq == 0 || seq > v->book.seq) {
        v->bbo_seq = seq;
        v->touch_px[PL_BUY] = lots[0] > 0 ? px[0] : PL_PX_NO_BID;
        v->touch_px[PL_SELL] = lots[1] > 0 ? px[1] : PL_PX_NO_ASK;
        v->touch_lots[PL_BUY] = lots[0];
        v->touch_lots[PL_SELL] = lots[1];
    }
    venue_touch(v, false);
}

/* ---- requests ------------------------------------------------------------------------------- */

static inline void venue_rest(struct venue_oracle *v, struct venue_order *o)
{
    int64_t shown = oracle_lots(&v->book, o->side, o->px);
    o->rests = true;
    o->age = ++v->age;
    o->unknown = shown == 0 && !v->config->compat && !venue_known(v, o->side, o->px);
    o->pos = (struct pl_queue_pos){.front = (double)shown};
}

static inline bool venue_crosses(const struct venue_oracle *v, enum pl_side side, int64_t px)
{
    return venue_reaches(side, px, v->touch_px[pl_side_other(side)]);
}

static inline void venue_take(struct venue_oracle *v, struct venue_order *o, int64_t limit)
{
    int64_t touch = v->touch_px[pl_side_other(o->side)];
    if (touch == PL_PX_NO_BID || touch == PL_PX_NO_ASK) {
        return;
    }
    if (v->config->compat) {
        venue_execute(v, o, touch, o->left, true);
    } else {
        (void)venue_walk(v, o, limit, true, true, 0);
    }
}

/* The answer, as a kind; the fills stand in the log. */
static inline enum pl_response_kind venue_new(struct venue_oracle *v, uint32_t maker,
                                              const struct pl_action *a)
{
    struct venue_order *o = &v->order[a->slot];
    bool market = (a->flags & PL_ORDF_MARKET) != 0;
    enum pl_side side = (enum pl_side)a->side;
    int64_t lots = a->lots;
    if ((a->flags & PL_ORDF_REDUCE_ONLY) != 0) {
        int64_t held = -v->pos[maker] * pl_side_sign(side);
        lots = held <= 0 ? 0 : held < lots ? held : lots;
    }
    *o = (struct venue_order){
        .maker = maker, .id = a->id, .side = side, .flags = a->flags, .px = a->px, .left = lots};
    bool taking = market || venue_crosses(v, side, a->px);
    if (lots == 0 || (taking && (a->flags & PL_ORDF_POST_ONLY) != 0)) {
        return PL_RSP_REJECTED;
    }
    int64_t limit = !market ? a->px : side == PL_BUY ? PL_PX_NO_ASK : PL_PX_NO_BID;
    bool whole = a->tif != PL_TIF_FOK || v->config->compat ||
                 venue_walk(v, o, limit, false, true, 0) == o->left;
    if (taking && whole) {
        venue_take(v, o, limit);
    }
    if (o->left == 0) {
        return PL_RSP_ACCEPTED;
    }
    if (a->tif == PL_TIF_GTC && !market) {
        venue_rest(v, o);
        return PL_RSP_ACCEPTED;
    }
    return o->done > 0 ? PL_RSP_CANCELLED : PL_RSP_REJECTED;
}

static inline enum pl_response_kind venue_cancel(struct venue_oracle *v, const struct pl_action *a)
{
    struct venue_order *o = &v->order[a->slot];
    if (!o->rests || o->id != a->id) {
        return PL_RSP_CANCEL_REJECTED;
    }
    o->rests = false;
    return PL_RSP_CANCELLED;
}

static inline enum pl_response_kind venue_amend(struct venue_oracle *v, const struct pl_action *a)
{
    struct venue_order *o = &v->order[a->slot];
    if (!o->rests || o->id != a->id) {
        return PL_RSP_AMEND_REJECTED;
    }
    int64_t left = a->lots - o->done;
    if (left <= 0) {
        o->rests = false;
        o->left = 0;
        return PL_RSP_AMENDED;
    }
    if (a->px == o->px && left <= o->left) {
        o->left = left;
        return PL_RSP_AMENDED;
    }
    bool taking = venue_crosses(v, o->side, a->px);
    if (taking && (o->flags & PL_ORDF_POST_ONLY) != 0) {
        return PL_RSP_AMEND_REJECTED;
    }
    o->rests = false;
    o->px = a->px;
    o->left = left;
    if (taking) {
        venue_take(v, o, a->px);
    }
    if (o->left > 0) {
        venue_rest(v, o);
    }
    return PL_RSP_AMENDED;
}

#endif
