#include "synth/flow.h"

#include "base/assert.h"
#include "math/fn.h"

#include <math.h>

#define DEEP_GROWTH_MAX 8.0

static double clamp(double x, double lo, double hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/* What makers would show: the tick at or below x, and the next one up. */
static void price_moved(struct pl_flow *f)
{
    f->x = f->base + f->push;
    f->fair[PL_BUY] = (int64_t)floor(f->x);
    f->fair[PL_SELL] = f->fair[PL_BUY] + 1;
}

static int64_t deep_size(struct pl_flow *f, double distance)
{
    double growth = clamp(1 + distance / f->p->deep_growth, 1, DEEP_GROWTH_MAX);
    int64_t lots = pl_sizes_draw(&f->deep_size, &f->draw);
    return (int64_t)((double)lots * growth);
}

/* Lomax with index 2: P(D > d) = (s / (s + d))^2. */
static double deep_distance(struct pl_flow *f)
{
    return f->p->deep_scale * (1 / sqrt(pl_draw_unit(&f->draw)) - 1);
}

static int deep_add(struct pl_flow *f)
{
    enum pl_side side = (enum pl_side)(pl_draw_u64(&f->draw) >> 63);
    double distance = deep_distance(f);
    if (distance >= f->lob.window) {
        return 0;
    }
    int64_t lots = deep_size(f, distance);
    int64_t px =
        side == PL_BUY ? f->fair[PL_BUY] - (int64_t)distance : f->fair[PL_SELL] + (int64_t)distance;
    bool crosses = side == PL_BUY ? px >= f->lob.best[PL_SELL] : px <= f->lob.best[PL_BUY];
    if (crosses || !pl_lob_inside(&f->lob, px)) {
        return 0; /* post-only: refused */
    }
    f->feed.changes++;
    return pl_lob_add(&f->lob, side, px, lots, PL_LOB_DEEP);
}

/* The book as it stands before the first order flow: deep orders at their stationary number. */
static int deep_fill(struct pl_flow *f)
{
    int64_t count = (int64_t)(f->p->deep_rate * (1 - f->p->deep_requote) * f->p->deep_life_s);
    for (int64_t i = 0; i < count; i++) {
        int rc = deep_add(f);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

int pl_flow_init(struct pl_flow *f, const struct pl_synth_profile *p, uint16_t market,
                 uint64_t seed, double rate_scale, double price)
{
    double tick = pl_decimal_to_double(p->tick), lot = pl_decimal_to_double(p->lot);
    double dt = p->step_s * rate_scale; /* a faster market lives more of its time per step */
    *f = (struct pl_flow){
        .p = p,
        .rate_scale = rate_scale,
        .draw = pl_draw_market(seed, market, PL_DRAW_FLOW),
        .price0 = floor(price / tick + 0.5) + 0.5,
        .path_scale = p->vol_bps * 1e-4,
        .push_keep = pl_exp(-dt / p->impact_tau_s),
        .activity = 1,
        .target_lots = p->touch_target / lot,
    };
    for (int k = 0; k < 2; k++) {
        f->excite_keep[k] = pl_exp(-dt / p->taker_tau_s[k]);
        f->excite_jump[k] = p->taker_excite[k] / p->taker_tau_s[k];
        f->excite[k][0] = f->excite[k][1] = 0;
    }
    f->base = f->price0;
    f->mid_ema = f->price0;
    f->signal_unit = f->price0 * f->path_scale * sqrt(p->horizon_s);
    price_moved(f);
    pl_sizes_init(&f->deep_size, &p->deep, lot);
    pl_sizes_init(&f->touch_size, &p->touch, lot);
    pl_sizes_init(&f->taker_size, &p->taker, lot);
    pl_sizes_init(&f->snipe_size, &p->snipe, lot);
    pl_feed_init(&f->feed, p, market, seed);
    int rc = pl_lob_init(&f->lob, p->window, (int64_t)f->price0);
    return rc < 0 ? rc : deep_fill(f);
}

void pl_flow_fini(struct pl_flow *f)
{
    pl_lob_fini(&f->lob);
    pl_feed_fini(&f->feed);
}

int pl_flow_step(struct pl_flow *f, double y, double ahead, double activity)
{
    f->base = f->price0 * pl_exp(f->path_scale * y);
    f->push *= f->push_keep;
    f->activity = activity;
    price_moved(f);
    double coming = (ahead - y) * f->path_scale * f->price0;
    f->signal = coming / (f->signal_unit + fabs(coming));
    for (int k = 0; k < 2; k++) {
        f->excite[k][0] *= f->excite_keep[k];
        f->excite[k][1] *= f->excite_keep[k];
    }
    int64_t middle = f->lob.low + f->lob.window / 2, away = f->fair[PL_BUY] - middle;
    pl_feed_step(&f->feed);
    if (away < 128 && away > -128) {
        return 0;
    }
    int rc = pl_lob_slide(&f->lob, f->fair[PL_BUY]);
    f->feed.changes += f->lob.gone_count > 0;
    return rc;
}

/* How many ticks a quote of `side` is on the wrong side of the efficient price; <= 0 when not. */
static double mispricing(const struct pl_flow *f, enum pl_side side)
{
    return side == PL_BUY ? (double)f->lob.best[PL_BUY] - f->x
                          : f->x - (double)f->lob.best[PL_SELL];
}

static void rates_of_side(struct pl_flow *f, enum pl_side side)
{
    const struct pl_synth_profile *p = f->p;
    int64_t best = f->lob.best[side], other = f->lob.best[pl_side_other(side)];
    bool empty = best == PL_PX_NO_BID || best == PL_PX_NO_ASK;
    double sign = side == PL_BUY ? 1 : -1, lean = sign * f->signal;
    double wrong = empty ? 0 : mispricing(f, side);
    double stale = clamp((wrong - p->edge_ticks) / p->full_ticks, 0, 1);
    uint32_t resting = f->lob.group[side == PL_BUY ? PL_LOB_TOUCH_BID : PL_LOB_TOUCH_ASK].count;
    uint32_t at_touch = 0;
    double join = 0, queue = 0;
    if (!empty) {
        const struct pl_lob_level *level = pl_lob_level_at(&f->lob, side, best);
        at_touch = level->touch_count;
        queue = (double)level->lots / f->target_lots;
        double away = (double)(best - f->fair[side]) / p->full_ticks;
        join = p->touch_rate * (1 + p->signal_maker * lean) / (0.25 + 0.75 * queue) /
               (1 + away * away);
    }
    f->rate[PL_FLOW_JOIN + side] = join;
    f->rate[PL_FLOW_LEAVE + side] =
        at_touch * ((1 - p->signal_maker * lean) / p->touch_life_s + stale * p->stale_rate);
    f->rate[PL_FLOW_FADE + side] = (resting - at_touch) / p->off_life_s;
    int64_t wanted = f->fair[side], limit = other - pl_side_sign(side);
    wanted = side == PL_BUY ? (wanted < limit ? wanted : limit) : (wanted > limit ? wanted : limit);
    bool improves = empty || (side == PL_BUY ? wanted > best : wanted < best);
    f->rate[PL_FLOW_IMPROVE + side] = improves ? p->inside_rate : 0;
    /* Takers of this side's quotes: the aggressor is on the other side. */
    double need = clamp(1 + p->taker_queue * (1 - queue), 1 - p->taker_queue, 1 + p->taker_queue);
    double taker = 0.5 * p->taker_rate * f->activity + f->excite[0][side] + f->excite[1][side];
    f->rate[PL_FLOW_TAKE + side] = empty ? 0 : taker * need * (1 - p->signal_taker * lean);
    f->rate[PL_FLOW_SNIPE + side] = stale * p->snipe_rate;
}

static double rates_sum(struct pl_flow *f)
{
    f->rate[PL_FLOW_DEEP_ADD] = f->p->deep_rate * (0.5 + 0.5 * f->activity);
    f->rate[PL_FLOW_DEEP_CANCEL] = f->lob.group[PL_LOB_DEEP].count / f->p->deep_life_s;
    rates_of_side(f, PL_BUY);
    rates_of_side(f, PL_SELL);
    double sum = 0;
    for (int k = 0; k < PL_FLOW_KINDS; k++) {
        sum += f->rate[k];
    }
    return sum;
}

/* Deep orders near the efficient price are watched and leave sooner: a victim is drawn with weight
 * 1 at the price and 1 / (1 + deep_watch) far from it. */
static void deep_cancel(struct pl_flow *f)
{
    const struct pl_lob_list *deep = &f->lob.group[PL_LOB_DEEP];
    double far_weight = 1 / (1 + f->p->deep_watch);
    uint32_t order;
    double weight;
    do {
        order = deep->at[pl_draw_below(&f->draw, deep->count)];
        double away = fabs((double)f->lob.order[order].px - f->x) / f->p->deep_near;
        weight = 1 / (1 + away);
        weight = weight < far_weight ? far_weight : weight;
    } while (pl_draw_unit(&f->draw) > weight);
    f->feed.changes++;
    pl_lob_remove(&f->lob, order);
}

/* A deep order arrives; some are re-quotes, which take another one away in the same instant. */
static int deep_event(struct pl_flow *f)
{
    int rc = deep_add(f);
    if (rc == 0 && f->lob.group[PL_LOB_DEEP].count > 0 &&
        pl_draw_unit(&f->draw) < f->p->deep_requote) {
        deep_cancel(f);
    }
    return rc;
}

static enum pl_lob_group touch_group(enum pl_side side)
{
    return side == PL_BUY ? PL_LOB_TOUCH_BID : PL_LOB_TOUCH_ASK;
}

static int touch_add(struct pl_flow *f, enum pl_side side, int64_t px)
{
    if (!pl_lob_inside(&f->lob, px)) {
        return 0;
    }
    f->feed.changes++;
    return pl_lob_add(&f->lob, side, px, pl_sizes_draw(&f->touch_size, &f->draw),
                      touch_group(side));
}

static int improve(struct pl_flow *f, enum pl_side side)
{
    int64_t other = f->lob.best[pl_side_other(side)], wanted = f->fair[side];
    int64_t limit = other - pl_side_sign(side);
    wanted = side == PL_BUY ? (wanted < limit ? wanted : limit) : (wanted > limit ? wanted : limit);
    return touch_add(f, side, wanted);
}

/* A touch order that is (or is not) at the touch now, each with equal chance. The caller knows that
 * there is one; a walk from a random place finds the next. */
static void touch_cancel(struct pl_flow *f, enum pl_side side, bool at_touch)
{
    const struct pl_lob_list *list = &f->lob.group[touch_group(side)];
    int64_t best = f->lob.best[side];
    uint32_t at = pl_draw_below(&f->draw, list->count);
    for (uint32_t tried = 0; tried < 8; tried++) {
        if ((f->lob.order[list->at[at]].px == best) == at_touch) {
            break;
        }
        at = pl_draw_below(&f->draw, list->count);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t order = list->at[(at + i) % list->count];
        if ((f->lob.order[order].px == best) == at_touch) {
            f->feed.changes++;
            pl_lob_remove(&f->lob, order);
            return;
        }
    }
    PL_ASSERT(!"a touch order was counted that is not there");
}

/* An immediate-or-cancel order against `side` down to `limit`. Returns the lots filled. */
static int64_t take(struct pl_flow *f, enum pl_side side, int64_t lots, int64_t limit,
                    int64_t now_ns)
{
    enum pl_side aggressor = pl_side_other(side);
    int64_t left = lots;
    while (left > 0) {
        int64_t best = f->lob.best[side], px;
        if (side == PL_BUY ? best < limit : best > limit) {
            break;
        }
        int64_t fill = pl_lob_hit(&f->lob, side, left, &px);
        if (fill == 0) {
            break;
        }
        f->feed.changes++;
        int rc = pl_feed_trade(&f->feed, aggressor, px, fill, now_ns);
        if (rc < 0) {
            return rc;
        }
        left -= fill;
    }
    return lots - left;
}

/* Others learn from an uninformed order too: the efficient price moves with what it filled. */
static int taker_order(struct pl_flow *f, enum pl_side side, int64_t now_ns)
{
    int64_t lots = pl_sizes_draw(&f->taker_size, &f->draw), limit = f->lob.best[side];
    if (pl_draw_unit(&f->draw) < f->p->taker_sweep) {
        limit -= pl_side_sign(side) * (int64_t)f->p->sweep_ticks;
        lots *= 4;
    }
    for (int k = 0; k < 2; k++) {
        f->excite[k][side] += f->excite_jump[k];
    }
    int64_t filled = take(f, side, lots, limit, now_ns);
    if (filled < 0) {
        return (int)filled;
    }
    double size = clamp((double)filled / f->target_lots, 0, 2);
    f->push -= (double)pl_side_sign(side) * f->p->impact * size;
    price_moved(f);
    return 0;
}

static int snipe_order(struct pl_flow *f, enum pl_side side, int64_t now_ns)
{
    double edge = f->p->edge_ticks;
    int64_t limit = side == PL_BUY ? (int64_t)ceil(f->x + edge) : (int64_t)floor(f->x - edge);
    for (int k = 0; k < 2; k++) { /* a jump wakes takers of both sides */
        f->excite[k][0] += 0.5 * f->excite_jump[k];
        f->excite[k][1] += 0.5 * f->excite_jump[k];
    }
    int64_t rc = take(f, side, pl_sizes_draw(&f->snipe_size, &f->draw), limit, now_ns);
    return rc < 0 ? (int)rc : 0;
}

static int event(struct pl_flow *f, enum pl_flow_kind kind, int64_t now_ns)
{
    enum pl_side side = (enum pl_side)((kind - PL_FLOW_JOIN) & 1);
    int pair = (int)kind < PL_FLOW_JOIN ? (int)kind : (int)kind - (int)side;
    switch (pair) {
    case PL_FLOW_DEEP_ADD:
        return deep_event(f);
    case PL_FLOW_DEEP_CANCEL:
        deep_cancel(f);
        return 0;
    case PL_FLOW_JOIN:
        return touch_add(f, side, f->lob.best[side]);
    case PL_FLOW_LEAVE:
        touch_cancel(f, side, true);
        return 0;
    case PL_FLOW_FADE:
        touch_cancel(f, side, false);
        return 0;
    case PL_FLOW_IMPROVE:
        return improve(f, side);
    case PL_FLOW_TAKE:
        return taker_order(f, side, now_ns);
    default:
        return snipe_order(f, side, now_ns);
    }
}

static enum pl_flow_kind pick(struct pl_flow *f, double sum)
{
    double u = pl_draw_unit(&f->draw) * sum;
    int last = 0;
    for (int k = 0; k < PL_FLOW_KINDS; k++) {
        if (f->rate[k] <= 0) {
            continue;
        }
        last = k;
        u -= f->rate[k];
        if (u < 0) {
            break;
        }
    }
    return (enum pl_flow_kind)last; /* rounding may leave u at 0: the last kind that can happen */
}

int pl_flow_run(struct pl_flow *f, int64_t from_ns, int64_t to_ns)
{
    double now = 0, end = (double)(to_ns - from_ns) * 1e-9;
    for (;;) {
        double sum = rates_sum(f) * f->rate_scale;
        now -= pl_log(pl_draw_unit(&f->draw)) / sum;
        if (now >= end) {
            return 0; /* memoryless: the wait starts anew in the next step */
        }
        int64_t at_ns = from_ns + (int64_t)(now * 1e9);
        enum pl_flow_kind kind = pick(f, sum / f->rate_scale);
        f->events++;
        int rc = event(f, kind, at_ns);
        if (rc == 0) {
            rc = pl_feed_bbo(&f->feed, &f->lob, at_ns);
        }
        if (rc < 0) {
            return rc;
        }
    }
}
