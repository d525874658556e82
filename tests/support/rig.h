/* A simulated venue on one market, driven by hand: messages go in one at a time, requests are put on
 * the wire, fills and answers are collected. No engine, no OMS. */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include "base/arena.h"
#include "base/assert.h"
#include "engine/market.h"
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#define RIG_ROWS_MAX 1024
#define RIG_LOG_MAX  262144

struct rig {
    struct pl_arena *arena;
    struct pl_market *market;
    struct pl_sim *sim;
    uint64_t seq;
    uint32_t next_id;
    int64_t feed_ns; /* added to the venue time of messages to make their local time */
    /* the message under way */
    uint8_t kind, flags;
    uint16_t market_idx;
    uint32_t row_begin[2], bid_count;
    int64_t venue_ns, local_ns;
    uint64_t msg_seq, seq_first;
    int64_t px[RIG_ROWS_MAX], lots[RIG_ROWS_MAX];
    struct pl_sim_fill *fill;
    struct pl_response *answer;
    uint32_t fill_count, answer_count;
};

static inline struct pl_inst rig_inst(void)
{
    return (struct pl_inst){.venue = "test",
                            .symbol = "BTCUSDT",
                            .base = "BTC",
                            .quote = "USDT",
                            .tick = {1, 1},
                            .lot = {1, 1},
                            .contract_size = {1, 0}};
}

static inline struct pl_sim_config rig_config(void)
{
    return (struct pl_sim_config){.queue = {.model = PL_QUEUE_POWER1, .n = 2},
                                  .slots_per_maker = 64,
                                  .makers = 4,
                                  .universes = 2,
                                  .seed = 1};
}

static inline void rig_on_fill(void *ctx, const struct pl_sim_fill *fill)
{
    struct rig *r = ctx;
    PL_ASSERT(r->fill_count < RIG_LOG_MAX);
    r->fill[r->fill_count++] = *fill;
}

/* Maker i belongs to universe i / (makers / universes), rounded down. */
static inline void rig_open(struct rig *r, const struct pl_sim_config *config,
                            const struct pl_inst *inst)
{
    memset(r, 0, sizeof *r);
    struct pl_error err = {0};
    struct pl_market_config market = {.book = {4096, 1024, 65536}, .ignore_bbo = config->compat};
    int rc = pl_arena_create(&r->arena);
    PL_ASSERT(rc == 0);
    rc = pl_market_create(r->arena, &market, inst, &r->market);
    PL_ASSERT(rc == 0);
    rc = pl_sim_create(r->arena, config, &r->sim, &err);
    PL_ASSERT(rc == 0);
    rc = pl_sim_add_market(r->sim, r->market->book, inst, &r->market->touch);
    PL_ASSERT(rc == 0);
    for (uint32_t i = 0; i < config->makers; i++) {
        pl_sim_add_maker(r->sim, i, 0, i * config->universes / config->makers, i + 1);
    }
    pl_sim_set_hooks(r->sim, &(struct pl_sim_hooks){.ctx = r, .fill = rig_on_fill});
    r->fill = malloc(RIG_LOG_MAX * sizeof *r->fill);
    r->answer = malloc(RIG_LOG_MAX * sizeof *r->answer);
    PL_ASSERT(r->fill != NULL && r->answer != NULL);
    r->next_id = 1;
}

static inline void rig_close(struct rig *r)
{
    pl_sim_destroy(&r->sim);
    pl_arena_destroy(&r->arena);
    free(r->fill);
    free(r->answer);
}

/* Everything on the wire up to and including `until`: requests arrive, answers are collected. */
static inline void rig_run(struct rig *r, int64_t until)
{
    for (;;) {
        int64_t arrival = pl_sim_next_arrival(r->sim), response = pl_sim_next_response(r->sim);
        if (arrival <= response && arrival <= until) {
            pl_sim_arrive(r->sim);
        } else if (response <= until) {
            PL_ASSERT(r->answer_count < RIG_LOG_MAX);
            r->answer[r->answer_count++] = *pl_sim_take_response(r->sim);
        } else {
            return;
        }
    }
}

/* Applies the message whose rows stand in r->px and r->lots; what was to arrive before it does. */
static inline void rig_apply(struct rig *r, enum pl_msg_kind kind, uint8_t flags, uint32_t bids,
                             uint32_t rows, int64_t t, uint64_t seq)
{
    rig_run(r, t - 1);
    r->kind = (uint8_t)kind;
    r->flags = flags;
    r->row_begin[1] = rows;
    r->bid_count = bids;
    r->venue_ns = t;
    r->local_ns = t + r->feed_ns;
    r->msg_seq = seq;
    struct pl_block block = {.msg_count = 1,
                             .row_count = rows,
                             .kind = &r->kind,
                             .flags = &r->flags,
                             .market = &r->market_idx,
                             .row_begin = r->row_begin,
                             .bid_count = &r->bid_count,
                             .venue_ns = &r->venue_ns,
                             .local_ns = &r->local_ns,
                             .seq = &r->msg_seq,
                             .seq_first = &r->seq_first,
                             .px = r->px,
                             .lots = r->lots};
    pl_market_apply(r->market, &block, 0);
    pl_sim_on_message(r->sim, 0, &block, 0);
    PL_ASSERT(pl_sim_check(r->sim));
}

static inline void rig_rows(struct rig *r, enum pl_msg_kind kind, int64_t t,
                            const struct pl_book_level *bid, uint32_t bids,
                            const struct pl_book_level *ask, uint32_t asks)
{
    for (uint32_t i = 0; i < bids + asks; i++) {
        const struct pl_book_level *level = i < bids ? &bid[i] : &ask[i - bids];
        r->px[i] = level->px;
        r->lots[i] = level->lots;
    }
    rig_apply(r, kind, 0, bids, bids + asks, t, ++r->seq);
}

static inline void rig_trade(struct rig *r, int64_t t, enum pl_side aggressor, int64_t px,
                             int64_t lots)
{
    r->px[0] = px;
    r->lots[0] = lots;
    rig_apply(r, PL_MSG_TRADE, aggressor == PL_SELL ? PL_MSGF_SELL : 0, 0, 1, t, 0);
}

static inline struct pl_action rig_new(struct rig *r, uint32_t slot, enum pl_side side, int64_t px,
                                       int64_t lots)
{
    return (struct pl_action){.px = px,
                              .lots = lots,
                              .slot = slot,
                              .id = r->next_id++,
                              .kind = PL_ACT_NEW,
                              .side = (uint8_t)side,
                              .tif = PL_TIF_GTC};
}

/* Onto the wire at local time t. */
static inline void rig_send(struct rig *r, uint32_t maker, struct pl_action action, int64_t t)
{
    struct pl_port *port = pl_sim_port(r->sim);
    port->submit(port, maker, &action, 1, t);
}

/* Onto the wire and, with no latency, at the venue and answered. */
static inline struct pl_response rig_do(struct rig *r, uint32_t maker, struct pl_action action,
                                        int64_t t)
{
    uint32_t before = r->answer_count;
    rig_send(r, maker, action, t);
    rig_run(r, t);
    PL_ASSERT(pl_sim_check(r->sim));
    for (uint32_t i = r->answer_count; i > before; i--) {
        if (r->answer[i - 1].kind != PL_RSP_FILL) {
            return r->answer[i - 1];
        }
    }
    PL_ASSERT(!"every request is answered");
    return (struct pl_response){0};
}

#endif
