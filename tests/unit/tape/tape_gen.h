/* Seeded message streams for tape tests, kept in plain arrays so that what comes back can be
 * compared with what went in. */
#ifndef TEST_TAPE_GEN_H
#define TEST_TAPE_GEN_H

#include "base/rand.h"
#include "codec/tape/tape.h"

#include <stdlib.h>
#include <string.h>

#define GEN_ROWS_MAX 300

struct gen_msg {
    struct pl_msg msg;
    int64_t px[GEN_ROWS_MAX], lots[GEN_ROWS_MAX];
    uint32_t arrival;
};

struct gen_stream {
    struct gen_msg *at;
    uint32_t count;
};

static inline struct pl_inst gen_inst(const char *symbol)
{
    struct pl_inst inst = {.venue = "binance-usdm",
                           .base = "BTC",
                           .quote = "USDT",
                           .tick = {1, 1},
                           .lot = {1, 3},
                           .contract_size = {1, 0},
                           .min_lots = 1,
                           .max_lots = 1000000,
                           .maker_fee_e9 = -50000,
                           .taker_fee_e9 = 400000};
    strncpy(inst.symbol, symbol, sizeof inst.symbol - 1);
    return inst;
}

struct gen_rand {
    uint64_t seed, counter;
};

static inline uint64_t gen_next(struct gen_rand *r)
{
    return pl_rand_u64(r->seed, 99, 0, r->counter++);
}

static inline uint64_t gen_below(struct gen_rand *r, uint64_t n)
{
    return gen_next(r) % n;
}

/* Any int64, edges often. */
static inline int64_t gen_wild(struct gen_rand *r)
{
    static const int64_t edge[] = {INT64_MIN, INT64_MAX, 0, -1, 1, INT64_MIN + 1, 1 << 30};
    return gen_below(r, 3) == 0 ? (int64_t)gen_next(r) : edge[gen_below(r, 7)];
}

static inline void gen_rows(struct gen_rand *r, struct gen_msg *g, uint32_t bids, uint32_t n,
                            bool wild)
{
    int64_t px = 618000 + (int64_t)gen_below(r, 200);
    for (uint32_t i = 0; i < n; i++) {
        px += i < bids ? (int64_t)gen_below(r, 30) : (int64_t)gen_below(r, 50) - 5;
        g->px[i] = wild ? gen_wild(r) : px;
        g->lots[i] = wild ? gen_wild(r) : (int64_t)gen_below(r, 20000);
    }
    g->msg.bid_count = bids;
    g->msg.row_count = n;
}

static inline void gen_shape(struct gen_rand *r, struct gen_msg *g, bool wild)
{
    static const uint8_t kinds[] = {PL_MSG_DEPTH,   PL_MSG_BBO,      PL_MSG_BBO,    PL_MSG_TRADE,
                                    PL_MSG_BBO,     PL_MSG_SNAPSHOT, PL_MSG_CANDLE, PL_MSG_MARK,
                                    PL_MSG_FUNDING, PL_MSG_GAP,      PL_MSG_INST};
    uint8_t kind = kinds[gen_below(r, gen_below(r, 4) == 0 ? 11 : 5)];
    uint32_t n = (uint32_t)gen_below(r, gen_below(r, 10) == 0 ? GEN_ROWS_MAX : 20);
    g->msg.kind = kind;
    switch (kind) {
    case PL_MSG_DEPTH:
    case PL_MSG_SNAPSHOT:
        gen_rows(r, g, (uint32_t)gen_below(r, n + 1), n, wild);
        break;
    case PL_MSG_BBO:
        gen_rows(r, g, 1, 2, wild);
        break;
    case PL_MSG_CANDLE:
        gen_rows(r, g, 0, 4, wild);
        break;
    case PL_MSG_MARK:
        gen_rows(r, g, 0, 1 + (uint32_t)gen_below(r, 2), wild);
        break;
    case PL_MSG_TRADE:
    case PL_MSG_FUNDING:
        gen_rows(r, g, 0, 1, wild);
        break;
    default:
        gen_rows(r, g, 0, 0, wild);
    }
}

/* `count` messages of `markets` markets; venue times jump back by up to 50 ms. */
static inline struct gen_stream gen_make(uint64_t seed, uint32_t count, uint32_t markets, bool wild)
{
    struct gen_rand r = {.seed = seed};
    struct gen_stream s = {.at = calloc(count + 1, sizeof *s.at), .count = count};
    int64_t venue = INT64_C(1723161255000000000);
    uint64_t seq = 5123107832006;
    for (uint32_t i = 0; i < count; i++) {
        struct gen_msg *g = &s.at[i];
        gen_shape(&r, g, wild);
        venue += (int64_t)gen_below(&r, 20) * 1000000;
        g->arrival = i;
        g->msg.market = (uint16_t)gen_below(&r, markets);
        g->msg.flags = g->msg.kind == PL_MSG_TRADE ? (uint8_t)gen_below(&r, 4) : 0;
        g->msg.venue_ns = venue - (int64_t)gen_below(&r, 50) * 1000000;
        g->msg.local_ns = venue - 1270000000 + (int64_t)gen_below(&r, 5000000) * 100;
        seq += gen_below(&r, 1000);
        g->msg.seq = wild && gen_below(&r, 3) == 0 ? (uint64_t)gen_wild(&r) : seq;
        g->msg.seq_first = g->msg.kind == PL_MSG_DEPTH ? seq - gen_below(&r, 200) : 0;
        if (g->msg.kind == PL_MSG_INST) {
            g->msg.seq = g->msg.market;
        }
        g->msg.px = g->px;
        g->msg.lots = g->lots;
    }
    return s;
}

/* Venue order, ties in order of arrival: an insertion sort, obviously right. */
static inline void gen_sort(struct gen_stream *s)
{
    for (uint32_t i = 1; i < s->count; i++) {
        struct gen_msg moved = s->at[i];
        uint32_t j = i;
        for (; j > 0 && s->at[j - 1].msg.venue_ns > moved.msg.venue_ns; j--) {
            s->at[j] = s->at[j - 1];
        }
        s->at[j] = moved;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        s->at[i].msg.px = s->at[i].px;
        s->at[i].msg.lots = s->at[i].lots;
    }
}

/* Equal in every field; local times may differ by `local_shift`. */
static inline bool gen_equal(const struct pl_msg *a, const struct pl_msg *b, int64_t local_shift)
{
    bool same = a->kind == b->kind && a->flags == b->flags && a->market == b->market &&
                a->bid_count == b->bid_count && a->row_count == b->row_count &&
                a->venue_ns == b->venue_ns && a->local_ns + local_shift == b->local_ns &&
                a->seq == b->seq && a->seq_first == b->seq_first;
    return same &&
           (a->row_count == 0 || (memcmp(a->px, b->px, a->row_count * sizeof *a->px) == 0 &&
                                  memcmp(a->lots, b->lots, a->row_count * sizeof *a->lots) == 0));
}

#endif
