#include "backtest/run.h"

#include "backtest/recorder.h"
#include "base/assert.h"

#include <stdlib.h>

static uint32_t slots_for(const struct pl_backtest_settings *s)
{
    /* A wanted ladder, its predecessor being cancelled and one more in flight fit three times. */
    uint32_t slots = 64;
    while ((int64_t)slots < s->order_slots && slots < PL_OMS_SLOTS_MAX) {
        slots *= 2;
    }
    return slots;
}

static int create_sim(const struct pl_backtest_spec *spec, struct pl_backtest *b,
                      struct pl_error *err)
{
    const struct pl_backtest_settings *s = spec->settings;
    struct pl_sim_config config = {
        .latency = {.kind = (enum pl_latency_kind)s->latency,
                    .entry_ns = (int64_t)(s->entry_us * 1000),
                    .response_ns = (int64_t)(s->resp_us * 1000),
                    .factor = s->latency_factor,
                    .log_sd = s->latency_log_sd},
        .compat = s->compat != PL_COMPAT_NONE,
        .through = (enum pl_through_fill)s->through,
        .rate_per_s = s->rate_per_s,
        .rate_burst = s->rate_burst,
        .slots_per_maker = slots_for(s),
        .makers = spec->maker_count,
        .universes = spec->universe_count,
        .seed = (uint64_t)s->seed,
    };
    pl_backtest_queue(s, &config.queue);
    int rc = pl_sim_create(pl_engine_arena(b->engine), &config, &b->sim, err);
    for (uint32_t i = 0; rc == 0 && i < spec->market_count; i++) {
        struct pl_market *market = pl_engine_market(b->engine, i);
        rc = pl_sim_add_market(b->sim, market->book, &market->inst, &market->touch);
    }
    return rc;
}

static int64_t mark_lots(const struct pl_backtest_settings *s, const struct pl_inst *inst)
{
    return s->max_position > 0 ? (int64_t)(s->max_position / pl_inst_lot(inst) + 1e-9) : INT64_MAX;
}

/* Views that makers with extra latency may still have to read: 1024, and as many again for every
 * 50 ms of it (20,000 messages a second), up to 40 MiB. What the ring loses all the same is counted. */
static uint32_t view_ring(const struct pl_backtest_settings *s)
{
    uint32_t ring = 1024;
    while (ring < (1u << 18) && (double)(ring - 1024) / 1024 * 50000 < s->feed_extra_us) {
        ring *= 2;
    }
    return ring;
}

static int create_engine(const struct pl_backtest_spec *spec, struct pl_backtest *b,
                         struct pl_error *err)
{
    const struct pl_backtest_settings *s = spec->settings;
    bool compat = s->compat != PL_COMPAT_NONE;
    struct pl_engine_config config = {.makers_max = spec->maker_count,
                                      .universes_max = spec->universe_count,
                                      .slots_per_maker = slots_for(s),
                                      .guards_off = !s->guards,
                                      .compat = compat};
    int rc = pl_engine_create(&config, &b->engine, err);
    for (uint32_t i = 0; rc >= 0 && i < spec->market_count; i++) {
        struct pl_market_config market = {.view_ring = view_ring(s), .ignore_bbo = compat};
        rc = pl_engine_add_market(b->engine, &market, &spec->inst[i], err);
    }
    for (uint32_t i = 0; rc >= 0 && i < spec->maker_count; i++) {
        const struct pl_backtest_maker *m = &spec->maker[i];
        struct pl_maker_config maker = {
            .strategy = m->strategy,
            .params = m->params,
            .key = pl_settings_digest(m->strategy->settings, m->params),
            .universe = m->universe,
            .market = m->market,
            .lead_market = m->lead_market,
            .feed_extra_ns = (int64_t)(s->feed_extra_us * 1000),
            .max_position_lots = mark_lots(s, &spec->inst[m->market]),
            .phase_ns = m->phase_ns,
            .amend = s->amend,
            .fee_by_qty = s->fee_by_qty,
        };
        rc = pl_engine_add_maker(b->engine, &maker, err);
    }
    return rc < 0 ? rc : 0;
}

static int build(const struct pl_backtest_spec *spec, struct pl_backtest *b, struct pl_error *err)
{
    int rc = create_engine(spec, b, err);
    rc = rc < 0 ? rc : create_sim(spec, b, err);
    if (rc < 0) {
        return rc;
    }
    for (uint32_t i = 0; i < spec->maker_count; i++) {
        const struct pl_maker *m = pl_engine_maker(b->engine, i);
        pl_sim_add_maker(b->sim, i, m->market, m->universe, m->key);
    }
    pl_engine_set_port(b->engine, pl_sim_port(b->sim));
    pl_sim_listen_fills(b->sim, spec->fill_ctx, spec->on_fill);
    return spec->recorder != NULL ? pl_recorder_attach(spec->recorder, b->engine, b->sim, err) : 0;
}

static void collect(struct pl_backtest *b)
{
    for (uint32_t i = 0; i < b->maker_count; i++) {
        const struct pl_maker *m = pl_engine_maker(b->engine, i);
        const struct pl_market *market = pl_engine_market(b->engine, m->market);
        double fee = pl_ledger_fee(&m->terms, &m->ledger);
        double mark = 0;
        if (pl_touch_two_sided(&market->touch)) {
            /* the mid lies on half ticks: the mean of the two exact values is the value there */
            double bid = pl_ledger_money(
                &m->terms, pl_ledger_pnl(&m->ledger, &m->terms, market->touch.px[PL_BUY]));
            double ask = pl_ledger_money(
                &m->terms, pl_ledger_pnl(&m->ledger, &m->terms, market->touch.px[PL_SELL]));
            mark = 0.5 * (bid + ask);
        }
        b->result[i] = (struct pl_backtest_result){
            .trades = m->ledger.trades,
            .orders = m->oms.counts.orders,
            .cancels = m->oms.counts.cancels,
            .amends = m->oms.counts.amends,
            .decisions = m->counts.decisions,
            .rejects_post_only = m->oms.counts.rejects_post_only,
            .rejects_other = m->oms.counts.rejects_other,
            .pos_lots = m->ledger.pos_lots,
            .position = pl_qty_to_double(&market->inst, m->ledger.pos_lots),
            .balance = pl_ledger_money(&m->terms, m->ledger.cash),
            .fee = fee,
            .volume = pl_qty_to_double(&market->inst, m->ledger.volume_lots),
            .turnover = pl_ledger_money(&m->terms, m->ledger.turnover),
            .equity = mark - fee + pl_ledger_funding_money(&m->terms, &m->ledger),
            .digest = m->oms.digest,
        };
    }
    b->digest = pl_engine_digest(b->engine);
    b->guarded = pl_engine_guarded(b->engine);
    for (uint32_t i = 0; i < pl_engine_market_count(b->engine); i++) {
        b->views_lost += pl_engine_market(b->engine, i)->counts.views_lost;
    }
}

/* The recorder and who else listens. */
static void on_message(void *ctx, uint32_t market, const struct pl_block *block, uint32_t idx)
{
    const struct pl_backtest_spec *spec = ctx;
    if (spec->recorder != NULL) {
        pl_recorder_on_message(spec->recorder, market, block, idx);
    }
    spec->on_message(spec->message_ctx, market, block, idx);
}

int pl_backtest_run(const struct pl_backtest_spec *spec, struct pl_backtest *out,
                    struct pl_error *err)
{
    PL_ASSERT(spec->maker_count > 0 && spec->market_count > 0 && spec->source_count > 0);
    *out = (struct pl_backtest){.maker_count = spec->maker_count};
    int rc = build(spec, out, err);
    struct pl_driver driver = {.engine = out->engine,
                               .sim = out->sim,
                               .source = spec->source,
                               .source_count = spec->source_count,
                               .ctx = spec->ctx,
                               .progress = spec->progress,
                               .stop = spec->stop};
    if (spec->on_message != NULL) {
        driver.on_message = on_message;
        driver.message_ctx = (void *)(uintptr_t)spec;
    } else if (spec->recorder != NULL) {
        driver.on_message = pl_recorder_on_message;
        driver.message_ctx = spec->recorder;
    }
    int64_t first_ns = 0;
    rc = rc < 0 ? rc : pl_driver_peek(&driver, &first_ns, err);
    rc = rc < 0 ? rc : pl_engine_start(out->engine, first_ns, 0, err);
    rc = rc < 0 ? rc : pl_driver_run(&driver, &out->driver, err);
    for (uint32_t i = 0; rc == 0 && i < spec->maker_count; i++) {
        const struct pl_market *m = pl_engine_market(out->engine, spec->maker[i].market);
        if (m->published == 0) { /* nobody could ever have decided anything */
            rc = pl_error_set(err, PL_ERR_INVALID,
                              "%s: no order book in the data, only %s; a tick backtest needs depth "
                              "or best bid and ask",
                              m->inst.symbol, m->counts.trades > 0 ? "trades" : "candles or marks");
        }
    }
    if (rc == 0) {
        out->result = calloc(spec->maker_count, sizeof *out->result);
        rc = out->result != NULL ? 0 : pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    if (rc < 0) {
        pl_backtest_free(out);
        return rc;
    }
    collect(out);
    return 0;
}

void pl_backtest_free(struct pl_backtest *b)
{
    pl_sim_destroy(&b->sim);
    pl_engine_destroy(&b->engine);
    free(b->result);
    b->result = NULL;
}
