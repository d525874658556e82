#include "backtest/record_internal.h"

#include "base/assert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int pl_recorder_create(struct pl_recorder **out, struct pl_error *err)
{
    struct pl_recorder *r = calloc(1, sizeof *r);
    *out = r;
    if (r == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "recorder: out of memory");
    }
    r->waiting_mask = 1023;
    r->waiting = malloc((r->waiting_mask + 1) * sizeof *r->waiting);
    r->equity.point = malloc(PL_RUN_SERIES_MAX * sizeof *r->equity.point);
    r->spill = tmpfile();
    if (r->waiting == NULL || r->equity.point == NULL || r->spill == NULL) {
        pl_recorder_destroy(out);
        return pl_error_set(err, PL_ERR_IO, "recorder: no memory or no temporary file");
    }
    return 0;
}

void pl_recorder_destroy(struct pl_recorder **recorder)
{
    struct pl_recorder *r = recorder != NULL ? *recorder : NULL;
    if (r == NULL) {
        return;
    }
    for (uint32_t i = 0; i < r->market_count; i++) {
        free(r->market[i].series.point);
    }
    if (r->spill != NULL) {
        (void)fclose(r->spill);
    }
    free(r->equity.point);
    free(r->waiting);
    free(r);
    *recorder = NULL;
}

double record_value(const struct pl_ledger_terms *terms, double ticks)
{
    double units = terms->kind == PL_INST_INVERSE ? -(double)terms->inverse_num / ticks : ticks;
    return units * terms->unit;
}

/* ---- fills ---------------------------------------------------------------------------------- */

static struct record_fill *waiting_at(struct pl_recorder *r, uint64_t number)
{
    return &r->waiting[number & r->waiting_mask];
}

static bool make_room(struct pl_recorder *r)
{
    if (r->fill_count - r->waiting_first <= r->waiting_mask) {
        return true;
    }
    uint32_t size = (r->waiting_mask + 1) * 2;
    struct record_fill *ring = malloc(size * sizeof *ring);
    if (ring == NULL) {
        r->failed = true;
        return false;
    }
    for (uint64_t n = r->waiting_first; n < r->fill_count; n++) {
        ring[n & (size - 1)] = *waiting_at(r, n);
    }
    free(r->waiting);
    r->waiting = ring;
    r->waiting_mask = size - 1;
    return true;
}

/* The book has moved from the last fill's mid to this one's while we held a position. */
static void attribute(struct record_market *m, double mid)
{
    double held = (double)m->pos_lots;
    if (isfinite(m->attributed_mid)) {
        m->inventory +=
            held * (record_value(&m->terms, mid) - record_value(&m->terms, m->attributed_mid));
    }
    m->attributed_mid = mid;
}

static void on_fill(void *ctx, const struct pl_sim_fill *f)
{
    struct pl_recorder *r = ctx;
    struct record_market *m = &r->market[f->market];
    double sign = f->side == PL_BUY ? 1 : -1, lots = (double)f->lots;
    double mid = isfinite(m->mid) ? m->mid : (double)f->px;
    double mid_value = record_value(&m->terms, mid);
    attribute(m, mid);
    m->captured += sign * lots * (mid_value - record_value(&m->terms, (double)f->px));
    m->pos_lots += (int64_t)sign * f->lots;
    double held = fabs((double)m->pos_lots);
    m->max_abs_lots = held > m->max_abs_lots ? held : m->max_abs_lots;
    m->fills++;
    m->fills_taker += f->taker;
    m->orders_filled += f->left == 0;
    if (!f->taker && f->queue_lots >= 0) {
        pl_run_hist_add(&m->queue_at_fill, (double)f->queue_lots, 1);
    }
    if (!make_room(r)) {
        return;
    }
    double rate = (double)(f->taker ? m->terms.taker_fee_e9 : m->terms.maker_fee_e9) / 1e9;
    double value = m->terms.fee_by_qty
                       ? lots
                       : (double)pl_ledger_value(&m->terms, f->px, f->lots) * m->terms.unit;
    struct record_fill *w = waiting_at(r, r->fill_count++);
    *w = (struct record_fill){
        .fill = {.venue_ns = f->venue_ns,
                 .local_ns = f->local_ns,
                 .market = f->market,
                 .maker_idx = f->maker,
                 .order_id = f->order_id,
                 .px = (double)f->px * m->terms.tick,
                 .qty = lots * m->terms.lot,
                 .fee = value * rate,
                 .mid = mid * m->terms.tick,
                 .position = (double)m->pos_lots * m->terms.lot,
                 .queue_at_arrival =
                     f->queue_lots >= 0 ? (double)f->queue_lots * m->terms.lot : NAN,
                 .queue_waited_ns = (double)(f->venue_ns - f->arrived_ns),
                 .side = f->side,
                 .taker = f->taker},
        .mid_value = mid_value,
    };
    for (int h = 0; h < PL_RUN_MARKOUTS; h++) {
        w->fill.markout[h] = NAN;
    }
}

static void spill_resolved(struct pl_recorder *r)
{
    while (r->waiting_first < r->fill_count &&
           r->waiting_first < r->horizon_at[PL_RUN_MARKOUTS - 1]) {
        const struct pl_run_fill *fill = &waiting_at(r, r->waiting_first++)->fill;
        r->failed |= fwrite(fill, sizeof *fill, 1, r->spill) != 1;
    }
}

void record_markouts(struct pl_recorder *r, int64_t now_ns, bool final)
{
    for (int h = 0; h < PL_RUN_MARKOUTS; h++) {
        while (r->horizon_at[h] < r->fill_count) {
            struct record_fill *w = waiting_at(r, r->horizon_at[h]);
            bool due = w->fill.venue_ns + pl_run_markout_ns[h] < now_ns;
            if (!due && !final) {
                break;
            }
            struct record_market *m = &r->market[w->fill.market];
            if (due && isfinite(m->mid)) {
                double sign = w->fill.side == PL_BUY ? 1 : -1;
                w->fill.markout[h] = sign * (m->mid * m->terms.tick - w->fill.px);
                if (pl_run_markout_ns[h] == 5 * PL_NS_PER_S) {
                    m->adverse_5s += sign * w->fill.qty / m->terms.lot *
                                     (w->mid_value - record_value(&m->terms, m->mid));
                }
            }
            r->horizon_at[h]++;
        }
    }
    spill_resolved(r);
}

/* ---- samples -------------------------------------------------------------------------------- */

static void keep(struct record_series *s, const struct pl_run_point *point)
{
    if (s->skip > 0) {
        s->skip--;
        return;
    }
    if (s->count == PL_RUN_SERIES_MAX) { /* every other point goes, and twice as few will come */
        for (uint32_t i = 0; i < PL_RUN_SERIES_MAX / 2; i++) {
            s->point[i] = s->point[2 * i];
        }
        s->count = PL_RUN_SERIES_MAX / 2;
        s->stride *= 2;
    }
    s->point[s->count++] = *point;
    s->skip = s->stride - 1;
}

/* Profit of one market at its mid after fees, as we know it on our side. */
static double market_equity(const struct pl_recorder *r, uint32_t market)
{
    const struct record_market *m = &r->market[market];
    double equity = 0;
    for (uint32_t i = 0; i < pl_engine_maker_count(r->engine); i++) {
        const struct pl_maker *maker = pl_engine_maker(r->engine, i);
        if (maker->market != market) {
            continue;
        }
        const struct pl_ledger *l = &maker->ledger;
        double held = l->pos_lots != 0 ? (double)l->pos_lots * record_value(&m->terms, m->mid) : 0;
        equity += (double)l->cash * m->terms.unit + held - pl_ledger_fee(&m->terms, l) +
                  pl_ledger_funding_money(&m->terms, l);
    }
    return equity;
}

double record_account_equity(const struct pl_recorder *r)
{
    double equity = 0;
    for (uint32_t i = 0; i < r->market_count; i++) {
        equity += isfinite(r->market[i].mid) ? market_equity(r, i) : 0;
    }
    return equity;
}

/* Innermost live quotes and the position of all makers on a market. */
static void own_state(const struct pl_recorder *r, uint32_t market, struct pl_run_point *p)
{
    const struct record_market *m = &r->market[market];
    int64_t best[2] = {PL_PX_NO_BID, PL_PX_NO_ASK}, pos = 0;
    p->mark = NAN;
    for (uint32_t i = 0; i < pl_engine_maker_count(r->engine); i++) {
        const struct pl_maker *maker = pl_engine_maker(r->engine, i);
        if (maker->market != market) {
            continue;
        }
        pos += maker->ledger.pos_lots;
        if (maker->policy.max_long != INT64_MAX) {
            p->mark = (double)maker->policy.max_long * m->terms.lot;
        }
        for (uint32_t slot = 0; slot < maker->oms.slot_count; slot++) {
            const struct pl_order *o = pl_oms_order(&maker->oms, slot);
            if (o->state == PL_ORDER_LIVE || o->state == PL_ORDER_PENDING_CANCEL ||
                o->state == PL_ORDER_PENDING_AMEND) {
                bool better = o->side == PL_BUY ? o->px > best[PL_BUY] : o->px < best[PL_SELL];
                best[o->side] = better ? o->px : best[o->side];
            }
        }
    }
    p->own_bid = best[PL_BUY] != PL_PX_NO_BID ? (double)best[PL_BUY] * m->terms.tick : NAN;
    p->own_ask = best[PL_SELL] != PL_PX_NO_ASK ? (double)best[PL_SELL] * m->terms.tick : NAN;
    p->position = (double)pos * m->terms.lot;
}

static void sample_market(struct pl_recorder *r, uint32_t idx, int64_t t, double equity,
                          double drawdown)
{
    struct record_market *m = &r->market[idx];
    const struct pl_touch *touch = &pl_engine_market(r->engine, idx)->touch;
    if (!pl_touch_two_sided(touch)) {
        return;
    }
    double tick = m->terms.tick;
    struct pl_run_point p = {.t_ns = t,
                             .bid = (double)touch->px[PL_BUY] * tick,
                             .ask = (double)touch->px[PL_SELL] * tick,
                             .equity = equity,
                             .drawdown = drawdown};
    own_state(r, idx, &p);
    bool both = isfinite(p.own_bid) && isfinite(p.own_ask);
    m->samples++;
    m->both_live += both;
    m->at_touch += p.own_bid >= p.bid || p.own_ask <= p.ask;
    if (both) {
        m->quoted_samples++;
        m->quoted_sum += p.own_ask - p.own_bid;
    }
    m->spread_sum += p.ask - p.bid;
    pl_run_hist_add(&m->spread, (double)(touch->px[PL_SELL] - touch->px[PL_BUY]),
                    RECORD_SAMPLE_NS / PL_NS_PER_MS);
    keep(&m->series, &p);
}

static void sample(struct pl_recorder *r, int64_t t)
{
    double equity = record_account_equity(r);
    r->peak = equity > r->peak ? equity : r->peak;
    double drawdown = equity - r->peak;
    for (uint32_t i = 0; i < r->market_count; i++) {
        sample_market(r, i, t, equity, drawdown);
    }
    struct pl_run_point p = {.t_ns = t,
                             .bid = NAN,
                             .ask = NAN,
                             .own_bid = NAN,
                             .own_ask = NAN,
                             .position = NAN,
                             .mark = NAN,
                             .equity = equity,
                             .drawdown = drawdown};
    keep(&r->equity, &p);
}

/* Tick or lot have changed: what is kept in steps is restated. */
static void regrid(struct pl_recorder *r, uint32_t idx)
{
    struct record_market *m = &r->market[idx];
    struct pl_ledger_terms old = m->terms;
    pl_ledger_terms_init(&m->terms, &pl_engine_market(r->engine, idx)->inst);
    m->terms.fee_by_qty = old.fee_by_qty;
    double px = old.tick / m->terms.tick, lots = old.lot / m->terms.lot;
    m->mid *= px;
    m->attributed_mid *= px;
    m->pos_lots = (int64_t)rint((double)m->pos_lots * lots);
    m->max_abs_lots *= lots;
}

/* Called after the message has been applied: what was due before it saw the mids until then. */
void pl_recorder_on_message(void *ctx, uint32_t market, const struct pl_block *b, uint32_t i)
{
    struct pl_recorder *r = ctx;
    int64_t t = b->venue_ns[i];
    if (r->first_ns == 0) {
        r->first_ns = t;
        r->next_sample_ns = t + RECORD_SAMPLE_NS;
    }
    record_markouts(r, t, false);
    for (; r->next_sample_ns < t; r->next_sample_ns += RECORD_SAMPLE_NS) {
        sample(r, r->next_sample_ns);
    }
    r->last_ns = t;
    if (b->kind[i] == PL_MSG_INST) {
        regrid(r, market);
    }
    struct record_market *m = &r->market[market];
    const struct pl_touch *touch = &pl_engine_market(r->engine, market)->touch;
    if (pl_touch_two_sided(touch)) {
        m->mid = pl_touch_mid(touch);
        m->first_mid = isfinite(m->first_mid) ? m->first_mid : m->mid;
    }
    if ((b->flags[i] & PL_MSGF_NO_VENUE_TIME) == 0) {
        pl_run_hist_add(&m->feed, (double)(b->local_ns[i] - t), 1);
    }
}

static void on_request(void *ctx, uint32_t market, int64_t sent_ns, int64_t arrives_ns)
{
    struct pl_recorder *r = ctx;
    pl_run_hist_add(&r->market[market].entry, (double)(arrives_ns - sent_ns), 1);
}

static void on_answer(void *ctx, uint32_t market, int64_t venue_ns, int64_t heard_ns)
{
    struct pl_recorder *r = ctx;
    pl_run_hist_add(&r->market[market].response, (double)(heard_ns - venue_ns), 1);
}

int pl_recorder_attach(struct pl_recorder *r, struct pl_engine *engine, struct pl_sim *sim,
                       struct pl_error *err)
{
    r->engine = engine;
    r->sim = sim;
    r->market_count = pl_engine_market_count(engine);
    PL_ASSERT(r->market_count <= RECORD_MARKETS_MAX);
    r->equity.stride = 1;
    for (uint32_t i = 0; i < r->market_count; i++) {
        struct record_market *m = &r->market[i];
        *m = (struct record_market){
            .mid = NAN, .first_mid = NAN, .attributed_mid = NAN, .series = {.stride = 1}};
        pl_ledger_terms_init(&m->terms, &pl_engine_market(engine, i)->inst);
        pl_run_hist_init(&m->spread, 1);
        pl_run_hist_init(&m->queue_at_fill, 1);
        pl_run_hist_init(&m->feed, 1e4);
        pl_run_hist_init(&m->entry, 1e4);
        pl_run_hist_init(&m->response, 1e4);
        m->series.point = malloc(PL_RUN_SERIES_MAX * sizeof *m->series.point);
        if (m->series.point == NULL) {
            return pl_error_set(err, PL_ERR_NOMEM, "recorder: out of memory");
        }
    }
    for (uint32_t i = 0; i < pl_engine_maker_count(engine); i++) {
        const struct pl_maker *maker = pl_engine_maker(engine, i);
        r->market[maker->market].terms = maker->terms; /* with the run's own fees */
    }
    struct pl_sim_hooks hooks = {
        .ctx = r, .fill = on_fill, .request = on_request, .answer = on_answer};
    pl_sim_set_hooks(sim, &hooks);
    return 0;
}
