/* engine/engine.h - the whole decision, one event at a time: no clock, no I/O, no allocation, no
 * threads inside. The same code backtests, paper-trades and trades.
 *
 * Things     markets are shared; a *universe* is one account with its makers; a *maker* is one
 *            strategy with its OMS and ledger on one traded market, reading others by role.
 * Time       is what events say and never goes back.
 * Requests   leave through the port; acks and fills come back as events.
 * Timers     never fire inside: pl_engine_next_deadline says when the edge must inject one. Makers
 *            of equal rhythm that read the same views form a *group* and are decided together.
 * Guards     a maker inside its stated ranges is not asked again; one outside, or whose own orders
 *            or position changed, is. Results are the same with guards off.
 * Memory     everything is taken between pl_engine_create and pl_engine_start, then sealed. */
#ifndef PL_ENGINE_ENGINE_H
#define PL_ENGINE_ENGINE_H

#include "base/arena.h"
#include "engine/market.h"
#include "oms/ledger.h"
#include "oms/oms.h"
#include "port/port.h"
#include "strategy/strategy.h"

#include <stdbool.h>

struct pl_engine;

struct pl_engine_config {
    uint32_t makers_max, universes_max;
    uint32_t slots_per_maker; /* a power of two, 64..PL_OMS_SLOTS_MAX */
    bool guards_off;
    bool compat; /* a one-sided book leaves live orders alone, as the public peer's rule does */
};

struct pl_maker_config {
    const struct pl_strategy *strategy;
    const void *params; /* copied */
    uint64_t key;       /* digest of the parameter set: names random draws */
    uint32_t universe, market;
    int32_t lead_market;       /* -1 = none */
    int64_t feed_extra_ns;     /* later than the recorded local time */
    int64_t max_position_lots; /* the mark; INT64_MAX = none */
    int64_t phase_ns;          /* first decision = start + refresh + phase */
    bool amend;
    bool fee_by_qty;
};

/* What happened, in engine terms. BOOK events carry a message of a block by position. */
enum pl_event_kind {
    PL_EVENT_MARKET, /* message `idx` of `block` on `market`: already applied to the book */
    PL_EVENT_RESPONSE,
    PL_EVENT_TIMER,     /* now_ns is a deadline that has come */
    PL_EVENT_BATCH_END, /* everything of this instant has been delivered: act on it */
};

struct pl_event {
    enum pl_event_kind kind;
    int64_t now_ns;
    uint32_t market, idx;
    const struct pl_block *block;
    const struct pl_response *response;
    bool data_over; /* TIMER: no market data will follow; only makers still waiting are asked */
};

struct pl_maker_counts {
    uint64_t decisions, guarded;
};

struct pl_maker { /* read-only outside the engine */
    struct pl_oms oms;
    struct pl_ledger ledger;
    struct pl_oms_policy policy;
    struct pl_ledger_terms terms;
    const struct pl_strategy *strategy;
    const void *params;
    void *state;
    struct pl_strategy_traits traits;
    struct pl_maker_counts counts;
    int64_t last_fill_ns[2];
    int64_t feed_extra_ns, phase_ns;
    uint64_t key;
    uint32_t universe, market, group, group_at;
    int32_t lead_market;
    uint8_t feature_count;
    uint8_t feature_at[PL_STRATEGY_FEATURES_MAX];
    bool feature_lead[PL_STRATEGY_FEATURES_MAX];
    bool ask_pending;
};

struct pl_engine_hooks { /* optional; for recording. Called inside the step. */
    void *ctx;
    void (*decision)(void *ctx, uint32_t maker, const struct pl_strategy_view *view,
                     const struct pl_wanted *wanted);
    void (*fill)(void *ctx, uint32_t maker, const struct pl_response *response);
};

PL_MUST_USE int pl_engine_create(const struct pl_engine_config *config, struct pl_engine **out,
                                 struct pl_error *err);
void pl_engine_destroy(struct pl_engine **engine);
struct pl_arena *pl_engine_arena(struct pl_engine *engine); /* until the start */

/* Returns the index (>= 0) or a negative error. */
PL_MUST_USE int pl_engine_add_market(struct pl_engine *engine,
                                     const struct pl_market_config *config,
                                     const struct pl_inst *inst, struct pl_error *err);
PL_MUST_USE int pl_engine_add_maker(struct pl_engine *engine, const struct pl_maker_config *config,
                                    struct pl_error *err);
void pl_engine_set_port(struct pl_engine *engine, struct pl_port *port);
void pl_engine_set_hooks(struct pl_engine *engine, const struct pl_engine_hooks *hooks);
/* Places timers from start_ns and seals the memory. end_ns 0 = open. */
PL_MUST_USE int pl_engine_start(struct pl_engine *engine, int64_t start_ns, int64_t end_ns,
                                struct pl_error *err);

/* The venue has changed an instrument (limits, fees, tick or lot): market, ledgers and orders are
 * restated and the strategies bound anew. Fees stay those of the run. An error ends the run: a
 * position that does not fit the new lots, or settings that do not fit the new limits. */
PL_MUST_USE int pl_engine_change_inst(struct pl_engine *engine, uint32_t market,
                                      const struct pl_inst *inst, struct pl_error *err);
void pl_engine_step(struct pl_engine *engine, const struct pl_event *event);
int64_t pl_engine_next_deadline(const struct pl_engine *engine);
/* Requests of all makers that have no answer yet. */
uint64_t pl_engine_in_flight(const struct pl_engine *engine);

struct pl_market *pl_engine_market(const struct pl_engine *engine, uint32_t market);
const struct pl_maker *pl_engine_maker(const struct pl_engine *engine, uint32_t maker);
uint32_t pl_engine_maker_count(const struct pl_engine *engine);
uint32_t pl_engine_market_count(const struct pl_engine *engine);
/* Decisions that were not asked because a guard held. */
uint64_t pl_engine_guarded(const struct pl_engine *engine);
/* Over every request of every maker, in the order of makers. */
uint64_t pl_engine_digest(const struct pl_engine *engine);

#endif
