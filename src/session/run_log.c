#include "session/run_log.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

int pl_run_log_init(struct pl_run_log *l, struct pl_log *log, const struct pl_single *single,
                    uint32_t maker_count)
{
    *l = (struct pl_run_log){.log = log, .single = single};
    l->funding = calloc(maker_count, sizeof *l->funding);
    return l->funding != NULL ? 0 : PL_ERR_NOMEM;
}

void pl_run_log_fini(struct pl_run_log *l)
{
    free(l->funding);
    l->funding = NULL;
}

static const char *symbol_of(const struct pl_run_log *l, uint32_t market)
{
    return l->single->data.inst[market].symbol;
}

static void tell_notes(struct pl_run_log *l)
{
    const char *at = l->single->data.notes;
    while (*at != '\0') {
        size_t size = strcspn(at, "\n");
        struct pl_str note = {at, size};
        PL_LOG(l->log, PL_LOG_WARN, l->now_ns, "import.note", PL_LOG_STR("note", note));
        at += size + (at[size] == '\n');
    }
}

static void tell_start(struct pl_run_log *l)
{
    const struct pl_single *s = l->single;
    PL_LOG(l->log, PL_LOG_INFO, l->now_ns, "run.start",
           PL_LOG_TEXT("strategy", s->settings.strategy->name), PL_LOG_TEXT("data", s->data.names),
           PL_LOG_U64("markets", s->data.market_count), PL_LOG_HEX("data_digest", s->data.digest));
    for (uint32_t i = 0; i < s->data.market_count; i++) {
        const struct pl_inst *inst = &s->data.inst[i];
        PL_LOG(l->log, PL_LOG_INFO, l->now_ns, "market", PL_LOG_TEXT("venue", inst->venue),
               PL_LOG_TEXT("symbol", inst->symbol), PL_LOG_BOOL("lead", s->data.lead[i]),
               PL_LOG_STEPS("tick", 1, inst->tick), PL_LOG_STEPS("lot", 1, inst->lot),
               PL_LOG_F64("maker_fee", (double)inst->maker_fee_e9 / 1e9),
               PL_LOG_F64("taker_fee", (double)inst->taker_fee_e9 / 1e9));
    }
    tell_notes(l);
}

static double ms_since(int64_t since_ns, int64_t now_ns)
{
    return (double)(now_ns - since_ns) / 1e6;
}

static void look_at_chain(struct pl_run_log *l, uint32_t idx, const struct pl_market *market)
{
    struct pl_run_log_market *m = &l->market[idx];
    bool stale = market->book->state == PL_BOOK_STALE;
    if (stale && !m->stale) {
        m->stale_ns = l->now_ns;
        PL_LOG(l->log, PL_LOG_WARN, l->now_ns, "book.stale",
               PL_LOG_TEXT("symbol", symbol_of(l, idx)), PL_LOG_U64("gaps", market->counts.gaps),
               PL_LOG_U64("seq", market->book->seq));
    } else if (!stale && m->stale) {
        PL_LOG(l->log, PL_LOG_INFO, l->now_ns, "book.live",
               PL_LOG_TEXT("symbol", symbol_of(l, idx)),
               PL_LOG_F64("stale_ms", ms_since(m->stale_ns, l->now_ns)));
    }
    m->stale = stale;
}

static void look_at_sides(struct pl_run_log *l, uint32_t idx, const struct pl_market *market)
{
    struct pl_run_log_market *m = &l->market[idx];
    bool bid = market->touch.px[PL_BUY] != PL_PX_NO_BID;
    bool ask = market->touch.px[PL_SELL] != PL_PX_NO_ASK;
    bool one_sided = m->seen && !(bid && ask);
    if (one_sided && !m->one_sided) {
        m->one_sided_ns = l->now_ns;
        PL_LOG(l->log, PL_LOG_WARN, l->now_ns, "book.one_sided",
               PL_LOG_TEXT("symbol", symbol_of(l, idx)),
               PL_LOG_TEXT("missing", bid   ? "ask"
                                      : ask ? "bid"
                                            : "both"));
    } else if (!one_sided && m->one_sided) {
        PL_LOG(l->log, PL_LOG_INFO, l->now_ns, "book.two_sided",
               PL_LOG_TEXT("symbol", symbol_of(l, idx)),
               PL_LOG_F64("after_ms", ms_since(m->one_sided_ns, l->now_ns)));
    }
    m->one_sided = one_sided;
    m->seen = m->seen || (bid && ask);
}

static void tell_funding(struct pl_run_log *l, uint32_t idx, const struct pl_market *market,
                         int64_t rate_e9)
{
    const struct pl_engine *engine = l->single->backtest.engine;
    int64_t lots = 0;
    double received = 0;
    for (uint32_t i = 0; i < pl_engine_maker_count(engine); i++) {
        const struct pl_maker *maker = pl_engine_maker(engine, i);
        if (maker->market == idx) {
            double all = pl_ledger_funding_money(&maker->terms, &maker->ledger);
            received += all - l->funding[i];
            l->funding[i] = all;
            lots += maker->ledger.pos_lots;
        }
    }
    PL_LOG(l->log, PL_LOG_INFO, l->now_ns, "funding", PL_LOG_TEXT("symbol", symbol_of(l, idx)),
           PL_LOG_F64("rate", (double)rate_e9 / 1e9),
           PL_LOG_STEPS("mark", market->mark_px, market->inst.tick),
           PL_LOG_STEPS("position", lots, market->inst.lot), PL_LOG_F64("received", received));
}

static void tell_instrument(struct pl_run_log *l, uint32_t idx, const struct pl_market *market)
{
    PL_LOG(l->log, PL_LOG_INFO, l->now_ns, "market.changed",
           PL_LOG_TEXT("symbol", symbol_of(l, idx)), PL_LOG_STEPS("tick", 1, market->inst.tick),
           PL_LOG_STEPS("lot", 1, market->inst.lot));
}

/* Once a minute of the market's time, for who wants to see it go. */
static void tell_minute(struct pl_run_log *l)
{
    const struct pl_engine *engine = l->single->backtest.engine;
    l->minute_ns = l->now_ns - l->now_ns % (60 * PL_NS_PER_S);
    for (uint32_t i = 0; i < pl_engine_maker_count(engine); i++) {
        const struct pl_maker *maker = pl_engine_maker(engine, i);
        const struct pl_market *market = pl_engine_market(engine, maker->market);
        if (!l->market[maker->market].seen || l->market[maker->market].one_sided) {
            continue;
        }
        PL_LOG(l->log, PL_LOG_DEBUG, l->now_ns, "minute",
               PL_LOG_TEXT("symbol", symbol_of(l, maker->market)),
               PL_LOG_STEPS("bid", market->touch.px[PL_BUY], market->inst.tick),
               PL_LOG_STEPS("ask", market->touch.px[PL_SELL], market->inst.tick),
               PL_LOG_STEPS("position", maker->ledger.pos_lots, market->inst.lot),
               PL_LOG_U64("trades", maker->ledger.trades),
               PL_LOG_U64("messages", market->counts.messages));
    }
}

void pl_run_log_on_message(void *ctx, uint32_t idx, const struct pl_block *b, uint32_t i)
{
    struct pl_run_log *l = ctx;
    const struct pl_market *market = pl_engine_market(l->single->backtest.engine, idx);
    bool first = l->now_ns == 0;
    l->now_ns = b->venue_ns[i];
    if (PL_UNLIKELY(first)) {
        tell_start(l);
    }
    if (PL_UNLIKELY(l->now_ns - l->minute_ns >= 60 * PL_NS_PER_S)) {
        tell_minute(l);
    }
    switch (b->kind[i]) {
    case PL_MSG_FUNDING:
        tell_funding(l, idx, market, b->px[b->row_begin[i]]);
        break;
    case PL_MSG_INST:
        tell_instrument(l, idx, market);
        break;
    case PL_MSG_DEPTH:
    case PL_MSG_SNAPSHOT:
    case PL_MSG_BBO:
    case PL_MSG_GAP:
        look_at_chain(l, idx, market);
        look_at_sides(l, idx, market);
        break;
    default:
        break;
    }
}

static void tell_markets(struct pl_run_log *l)
{
    const struct pl_engine *engine = l->single->backtest.engine;
    for (uint32_t i = 0; i < l->single->data.market_count; i++) {
        const struct pl_market *m = pl_engine_market(engine, i);
        PL_LOG(l->log, PL_LOG_INFO, l->now_ns, "market.end", PL_LOG_TEXT("symbol", symbol_of(l, i)),
               PL_LOG_U64("messages", m->counts.messages), PL_LOG_U64("rows", m->counts.rows),
               PL_LOG_U64("prints", m->counts.trades), PL_LOG_U64("gaps", m->counts.gaps),
               PL_LOG_U64("crossed_rows", m->book->crossed_rows),
               PL_LOG_U64("cut_levels", m->book->cut_levels),
               PL_LOG_BOOL("stale", l->market[i].stale),
               PL_LOG_BOOL("one_sided", l->market[i].one_sided));
    }
}

static void tell_makers(struct pl_run_log *l)
{
    const struct pl_backtest *b = &l->single->backtest;
    for (uint32_t i = 0; i < b->maker_count; i++) {
        const struct pl_maker *maker = pl_engine_maker(b->engine, i);
        const struct pl_backtest_result *r = &b->result[i];
        const struct pl_oms_counts *c = &maker->oms.counts;
        const char *symbol = symbol_of(l, maker->market);
        PL_LOG(l->log, PL_LOG_INFO, l->now_ns, "maker.end",
               PL_LOG_TEXT("strategy", maker->strategy->name), PL_LOG_TEXT("symbol", symbol),
               PL_LOG_U64("trades", r->trades), PL_LOG_F64("position", r->position),
               PL_LOG_F64("equity", r->equity), PL_LOG_F64("fee", r->fee),
               PL_LOG_U64("orders", r->orders), PL_LOG_U64("cancels", r->cancels),
               PL_LOG_U64("amends", r->amends));
        uint64_t faults = c->rejects_other + c->no_slot;
        if (faults + c->rejects_post_only + c->cancel_too_late + c->trimmed > 0) {
            PL_LOG(l->log, faults > 0 ? PL_LOG_WARN : PL_LOG_INFO, l->now_ns, "maker.rejects",
                   PL_LOG_TEXT("symbol", symbol), PL_LOG_U64("post_only", c->rejects_post_only),
                   PL_LOG_U64("other", c->rejects_other),
                   PL_LOG_U64("cancel_too_late", c->cancel_too_late),
                   PL_LOG_U64("no_slot", c->no_slot), PL_LOG_U64("trimmed", c->trimmed));
        }
    }
}

void pl_run_log_end(struct pl_run_log *l, int rc, const struct pl_error *err)
{
    if (rc < 0) {
        PL_LOG(l->log, PL_LOG_ERROR, l->now_ns, "run.failed", PL_LOG_TEXT("code", pl_err_name(rc)),
               PL_LOG_TEXT("words", err != NULL ? err->text : NULL));
        return;
    }
    tell_markets(l);
    tell_makers(l);
    const struct pl_backtest *b = &l->single->backtest;
    PL_LOG(l->log, PL_LOG_INFO, l->now_ns, "run.end", PL_LOG_U64("messages", b->driver.messages),
           PL_LOG_U64("rows", b->driver.rows), PL_LOG_TIME("first", b->driver.first_ns),
           PL_LOG_TIME("last", b->driver.last_ns), PL_LOG_HEX("digest", b->digest));
}
