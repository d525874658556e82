/* From what was recorded to the figures of a report. */
#include "backtest/record_internal.h"
#include "math/perf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t interval_of(const struct record_series *s)
{
    return (int64_t)s->stride * RECORD_SAMPLE_NS;
}

static void add_counts(struct pl_run_counts *to, const struct pl_run_counts *from)
{
    uint64_t *a = (uint64_t *)(void *)to;
    const uint64_t *b = (const uint64_t *)(const void *)from;
    _Static_assert(sizeof *to % sizeof *a == 0, "counts are 64-bit numbers throughout");
    for (size_t i = 0; i < sizeof *to / sizeof *a; i++) {
        a[i] += b[i];
    }
}

static void market_counts(const struct pl_recorder *r, uint32_t idx, struct pl_run_counts *c)
{
    const struct record_market *m = &r->market[idx];
    const struct pl_market_counts *seen = &pl_engine_market(r->engine, idx)->counts;
    *c = (struct pl_run_counts){.messages = seen->messages,
                                .rows = seen->rows,
                                .trades = seen->trades,
                                .fills = m->fills,
                                .fills_taker = m->fills_taker,
                                .orders_filled = m->orders_filled};
    for (uint32_t i = 0; i < pl_engine_maker_count(r->engine); i++) {
        const struct pl_maker *maker = pl_engine_maker(r->engine, i);
        const struct pl_oms_counts *o = &maker->oms.counts;
        if (maker->market != idx) {
            continue;
        }
        c->decisions += maker->counts.decisions;
        c->orders += o->orders;
        c->cancels += o->cancels;
        c->amends += o->amends;
        c->requests += o->orders + o->cancels + o->amends;
        c->rejects_post_only += o->rejects_post_only;
        c->rejects_other += o->rejects_other;
        c->cancel_too_late += o->cancel_too_late;
    }
}

static void market_money(const struct pl_recorder *r, uint32_t idx, struct pl_run_money *money)
{
    const struct record_market *m = &r->market[idx];
    const struct pl_ledger_terms *terms = &m->terms;
    *money = (struct pl_run_money){.captured = m->captured,
                                   .inventory = m->inventory,
                                   .adverse_5s = m->adverse_5s,
                                   .max_abs_position = m->max_abs_lots * terms->lot};
    double mid_value = isfinite(m->mid) ? record_value(terms, m->mid) : 0;
    double held = 0, entry = 0;
    for (uint32_t i = 0; i < pl_engine_maker_count(r->engine); i++) {
        const struct pl_maker *maker = pl_engine_maker(r->engine, i);
        const struct pl_ledger *l = &maker->ledger;
        if (maker->market != idx) {
            continue;
        }
        double gross = (double)l->cash * terms->unit + (double)l->pos_lots * mid_value;
        double realised = pl_ledger_money(terms, l->realised);
        double fees = pl_ledger_fee(terms, l), funding = pl_ledger_funding_money(terms, l);
        money->realised += realised;
        money->unrealised += gross - realised;
        money->fees += fees;
        money->funding += funding;
        money->pnl += gross - fees + funding;
        money->volume += (double)l->volume_lots * terms->lot;
        money->value += pl_ledger_money(terms, l->turnover);
        money->balance += pl_ledger_money(terms, l->cash);
        held += (double)l->pos_lots;
        entry += (double)l->pos_lots * pl_ledger_entry(l, terms);
    }
    money->position = held * terms->lot;
    money->avg_entry = held != 0 ? entry / held * terms->tick : 0;
}

static void finish_market(struct pl_recorder *r, uint32_t idx, struct pl_run_market *out)
{
    struct record_market *m = &r->market[idx];
    if (isfinite(m->mid) && isfinite(m->attributed_mid)) { /* from the last fill to the end */
        m->inventory += (double)m->pos_lots * (record_value(&m->terms, m->mid) -
                                               record_value(&m->terms, m->attributed_mid));
        m->attributed_mid = m->mid;
    }
    double samples = m->samples > 0 ? (double)m->samples : NAN;
    *out = (struct pl_run_market){
        .inst = pl_engine_market(r->engine, idx)->inst,
        .quoted_share = (double)m->both_live / samples,
        .at_touch_share = (double)m->at_touch / samples,
        .spread_quoted_mean =
            m->quoted_samples > 0 ? m->quoted_sum / (double)m->quoted_samples : NAN,
        .spread_market_mean = m->spread_sum / samples,
        .spread = m->spread,
        .queue_at_fill = m->queue_at_fill,
        .latency_feed_ns = m->feed,
        .latency_entry_ns = m->entry,
        .latency_response_ns = m->response,
        .point = m->series.point,
        .point_count = m->series.count,
        .point_interval_ns = interval_of(&m->series),
    };
    market_counts(r, idx, &out->counts);
    market_money(r, idx, &out->money);
}

static void add_money(struct pl_run_money *to, const struct pl_run_money *from)
{
    to->pnl += from->pnl;
    to->realised += from->realised;
    to->unrealised += from->unrealised;
    to->fees += from->fees;
    to->funding += from->funding;
    to->captured += from->captured;
    to->inventory += from->inventory;
    to->adverse_5s += from->adverse_5s;
    to->value += from->value;
    to->balance += from->balance;
}

/* Equity the returns are measured on: as set, else the value of the largest position held. */
static double book_of(const struct pl_recorder *r, const struct pl_run *run, double given)
{
    if (given > 0) {
        return given;
    }
    double book = 0;
    for (uint32_t i = 0; i < run->market_count; i++) {
        const struct record_market *m = &r->market[i];
        double mark = m->max_abs_lots;
        for (uint32_t k = 0; k < pl_engine_maker_count(r->engine); k++) {
            const struct pl_maker *maker = pl_engine_maker(r->engine, k);
            if (maker->market == i && maker->policy.max_long != INT64_MAX) {
                mark = (double)maker->policy.max_long;
            }
        }
        book += isfinite(m->mid) ? mark * fabs(record_value(&m->terms, m->mid)) : 0;
    }
    return book;
}

static void finish_perf(const struct pl_recorder *r, struct pl_run *run, double given_book)
{
    struct pl_run_perf *perf = &run->perf;
    const struct record_series *s = &r->equity;
    double seconds = (double)interval_of(s) / 1e9;
    double covered = s->count > 0 ? seconds * (double)(s->count - 1) : 0;
    *perf = (struct pl_run_perf){.interval_s = seconds,
                                 .n = s->count > 0 ? s->count - 1 : 0,
                                 .annualised = covered >= 86400,
                                 .book_size = book_of(r, run, given_book),
                                 .sharpe = NAN,
                                 .sortino = NAN,
                                 .calmar = NAN,
                                 .annual_return = NAN,
                                 .max_drawdown = NAN,
                                 .max_drawdown_frac = NAN,
                                 .volatility = NAN};
    const struct pl_run_counts *c = &run->counts;
    double filled = 0, submitted = 0;
    for (uint32_t i = 0; i < run->market_count; i++) {
        filled += run->market[i].money.volume;
    }
    for (uint32_t i = 0; i < pl_engine_maker_count(r->engine); i++) {
        const struct pl_maker *maker = pl_engine_maker(r->engine, i);
        submitted += (double)maker->oms.counts.lots_sent * maker->terms.lot;
    }
    perf->turnover = perf->book_size > 0 ? run->account.value / perf->book_size : NAN;
    perf->return_on_trade =
        run->account.value > 0 ? pl_return_on_trade(run->account.pnl, run->account.value) : NAN;
    perf->fill_ratio_orders =
        c->orders > 0 ? pl_fill_ratio((double)c->orders_filled, (double)c->orders) : NAN;
    perf->fill_ratio = submitted > 0 ? pl_fill_ratio(filled, submitted) : NAN;
    perf->requests_per_fill = c->fills > 0 ? (double)c->requests / (double)c->fills : NAN;
    if (s->count < 2 || !(perf->book_size > 0)) {
        return;
    }
    double *equity = malloc(s->count * sizeof *equity);
    if (equity == NULL) {
        return; /* the measures stay absent rather than wrong */
    }
    for (uint32_t i = 0; i < s->count; i++) {
        equity[i] = s->point[i].equity;
    }
    double per_year = perf->annualised ? PL_SECONDS_PER_YEAR / seconds : 1;
    struct pl_perf p = pl_perf_additive(equity, s->count - 1, perf->book_size, 0, per_year);
    perf->sharpe = p.sharpe;
    perf->sortino = p.sortino;
    perf->calmar = perf->annualised ? p.calmar : NAN;
    perf->annual_return = perf->annualised ? p.annual_return : NAN;
    perf->max_drawdown = pl_max_drawdown_money(equity, s->count);
    perf->max_drawdown_frac = p.max_drawdown;
    perf->volatility = p.sd * sqrt(per_year);
    free(equity);
}

static int each_fill(const struct pl_run *run,
                     int (*each)(void *ctx, const struct pl_run_fill *fill), void *ctx)
{
    struct pl_recorder *r = run->fills_ctx;
    if (fseek(r->spill, 0, SEEK_SET) != 0) {
        return PL_ERR_IO;
    }
    struct pl_run_fill fill;
    for (uint64_t i = 0; i < r->fill_count; i++) {
        if (fread(&fill, sizeof fill, 1, r->spill) != 1) {
            return PL_ERR_IO;
        }
        int rc = each(ctx, &fill);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

int pl_recorder_finish(struct pl_recorder *r, const struct pl_backtest *backtest, double book_size,
                       struct pl_run *run, struct pl_error *err)
{
    record_markouts(r, r->last_ns, false);
    record_markouts(r, r->last_ns, true);
    if (r->failed || fflush(r->spill) != 0) {
        return pl_error_set(err, PL_ERR_IO, "recorder: fills could not be kept (disk full?)");
    }
    run->market_count = r->market_count;
    run->market = calloc(r->market_count, sizeof *run->market);
    if (run->market == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "recorder: out of memory");
    }
    run->account = (struct pl_run_money){0};
    run->counts = (struct pl_run_counts){0};
    for (uint32_t i = 0; i < r->market_count; i++) {
        finish_market(r, i, &run->market[i]);
        add_counts(&run->counts, &run->market[i].counts);
        add_money(&run->account, &run->market[i].money);
    }
    if (r->market_count == 1) { /* sizes of different markets do not add up */
        const struct pl_run_money *only = &run->market[0].money;
        run->account.volume = only->volume;
        run->account.position = only->position;
        run->account.avg_entry = only->avg_entry;
        run->account.max_abs_position = only->max_abs_position;
    }
    run->counts.decisions_guarded = backtest->guarded;
    run->counts.decisions += backtest->guarded; /* asked or not, each was due */
    run->request_digest = backtest->digest;
    run->start_ns = r->first_ns;
    run->end_ns = r->last_ns;
    run->equity = r->equity.point;
    run->equity_count = r->equity.count;
    run->equity_interval_ns = interval_of(&r->equity);
    run->fills = each_fill;
    run->fill_count = r->fill_count;
    run->fills_ctx = r;
    finish_perf(r, run, book_size);
    return 0;
}

void pl_recorder_release(struct pl_run *run)
{
    free(run->market);
    run->market = NULL;
}
