/* Market data in memory as a pl_source: written message by message, or drawn at random from a seed.
 * Nothing is allocated while it is read. */
#ifndef TEST_STREAM_H
#define TEST_STREAM_H

#include "base/assert.h"
#include "base/rand.h"
#include "core/block.h"

#include <stdlib.h>
#include <string.h>

#define STREAM_BLOCK 100 /* messages a block */

struct stream {
    struct pl_source source; /* first: handed out, cast back */
    struct pl_inst inst[2];
    uint32_t count, cap, rows, row_cap;
    uint8_t *kind, *flags;
    uint16_t *market;
    uint32_t *row_at, *bid_count;
    int64_t *venue_ns, *local_ns, *px, *lots;
    uint64_t *seq, *seq_first;
    uint32_t at; /* reading */
    struct pl_block block;
    uint32_t row_begin[STREAM_BLOCK + 1];
};

static inline int stream_next(struct pl_source *self, const struct pl_block **out,
                              struct pl_error *err)
{
    (void)err;
    struct stream *s = (struct stream *)(void *)self;
    uint32_t first = s->at, left = s->count - first;
    uint32_t n = left < STREAM_BLOCK ? left : STREAM_BLOCK;
    if (n == 0) {
        return 0;
    }
    s->at += n;
    uint32_t row = s->row_at[first];
    for (uint32_t i = 0; i <= n; i++) {
        s->row_begin[i] = s->row_at[first + i] - row;
    }
    s->block = (struct pl_block){.msg_count = n,
                                 .row_count = s->row_begin[n],
                                 .kind = s->kind + first,
                                 .flags = s->flags + first,
                                 .market = s->market + first,
                                 .row_begin = s->row_begin,
                                 .bid_count = s->bid_count + first,
                                 .venue_ns = s->venue_ns + first,
                                 .local_ns = s->local_ns + first,
                                 .seq = s->seq + first,
                                 .seq_first = s->seq_first + first,
                                 .px = s->px + row,
                                 .lots = s->lots + row};
    *out = &s->block;
    return 1;
}

static inline int stream_rewind(struct pl_source *self, struct pl_error *err)
{
    (void)err;
    ((struct stream *)(void *)self)->at = 0;
    return 0;
}

static inline void stream_close(struct pl_source *self)
{
    ((struct stream *)(void *)self)->at = 0; /* the test owns the memory: stream_fini */
}

static inline struct pl_inst stream_inst(void)
{
    return (struct pl_inst){.venue = "test",
                            .symbol = "BTCUSDT",
                            .base = "BTC",
                            .quote = "USDT",
                            .tick = {1, 1},
                            .lot = {1, 3},
                            .contract_size = {1, 0},
                            .maker_fee_e9 = -50000,
                            .taker_fee_e9 = 700000};
}

static inline void stream_init(struct stream *s)
{
    memset(s, 0, sizeof *s);
    s->inst[0] = stream_inst();
    s->source = (struct pl_source){.next = stream_next,
                                   .rewind = stream_rewind,
                                   .close = stream_close,
                                   .insts = s->inst,
                                   .inst_count = 1,
                                   .market_count = 1};
    s->row_at = calloc(1, sizeof *s->row_at);
    PL_ASSERT(s->row_at != NULL);
}

static inline void stream_fini(struct stream *s)
{
    void *columns[] = {s->kind,     s->flags, s->market, s->row_at, s->bid_count, s->venue_ns,
                       s->local_ns, s->px,    s->lots,   s->seq,    s->seq_first};
    for (size_t i = 0; i < PL_COUNT(columns); i++) {
        free(columns[i]);
    }
}

static inline void *stream_grow(void *old, size_t count, size_t size)
{
    void *at = realloc(old, count * size);
    PL_ASSERT(at != NULL);
    return at;
}

static inline void stream_room(struct stream *s, uint32_t rows)
{
    if (s->count == s->cap) {
        size_t n = s->cap = s->cap ? s->cap * 2 : 1024;
        s->kind = stream_grow(s->kind, n, sizeof *s->kind);
        s->flags = stream_grow(s->flags, n, sizeof *s->flags);
        s->market = stream_grow(s->market, n, sizeof *s->market);
        s->row_at = stream_grow(s->row_at, n + 1, sizeof *s->row_at);
        s->bid_count = stream_grow(s->bid_count, n, sizeof *s->bid_count);
        s->venue_ns = stream_grow(s->venue_ns, n, sizeof *s->venue_ns);
        s->local_ns = stream_grow(s->local_ns, n, sizeof *s->local_ns);
        s->seq = stream_grow(s->seq, n, sizeof *s->seq);
        s->seq_first = stream_grow(s->seq_first, n, sizeof *s->seq_first);
    }
    if (s->rows + rows > s->row_cap) {
        s->row_cap = (s->rows + rows) * 2 + 64;
        s->px = stream_grow(s->px, s->row_cap, sizeof *s->px);
        s->lots = stream_grow(s->lots, s->row_cap, sizeof *s->lots);
    }
}

static inline void stream_put(struct stream *s, const struct pl_msg *m)
{
    stream_room(s, m->row_count);
    uint32_t i = s->count++;
    PL_ASSERT(i == 0 || m->venue_ns >= s->venue_ns[i - 1]);
    s->kind[i] = m->kind;
    s->flags[i] = m->flags;
    s->market[i] = m->market;
    s->bid_count[i] = m->bid_count;
    s->venue_ns[i] = m->venue_ns;
    s->local_ns[i] = m->local_ns;
    s->seq[i] = m->seq;
    s->seq_first[i] = m->seq_first;
    for (uint32_t k = 0; k < m->row_count; k++) {
        s->px[s->rows + k] = m->px[k];
        s->lots[s->rows + k] = m->lots[k];
    }
    s->rows += m->row_count;
    s->row_at[i + 1] = s->rows;
}

/* Two rows: a bid and an ask (DEPTH, SNAPSHOT, BBO). */
static inline void stream_pair(struct stream *s, enum pl_msg_kind kind, int64_t venue_ns,
                               int64_t local_ns, int64_t bid, int64_t bid_lots, int64_t ask,
                               int64_t ask_lots)
{
    int64_t px[2] = {bid, ask}, lots[2] = {bid_lots, ask_lots};
    struct pl_msg m = {.kind = (uint8_t)kind,
                       .bid_count = 1,
                       .row_count = 2,
                       .venue_ns = venue_ns,
                       .local_ns = local_ns,
                       .seq = s->count + 1,
                       .px = px,
                       .lots = lots};
    stream_put(s, &m);
}

/* One row (TRADE, MARK, FUNDING), or none with lots < 0 (GAP). */
static inline void stream_one(struct stream *s, enum pl_msg_kind kind, uint8_t flags,
                              int64_t venue_ns, int64_t local_ns, int64_t px, int64_t lots)
{
    struct pl_msg m = {.kind = (uint8_t)kind,
                       .flags = flags,
                       .row_count = lots < 0 ? 0 : 1,
                       .venue_ns = venue_ns,
                       .local_ns = local_ns,
                       .px = &px,
                       .lots = &lots};
    stream_put(s, &m);
}

/* ---- random markets ------------------------------------------------------------------------- */

struct stream_draw {
    uint64_t seed, counter;
    int64_t mid, t;
};

static inline int64_t stream_below(struct stream_draw *d, uint64_t n)
{
    return (int64_t)(pl_rand_u64(d->seed, 5, 0, d->counter++) % n);
}

static inline void stream_random_depth(struct stream *s, struct stream_draw *d, bool snapshot,
                                       int64_t local_ns)
{
    int64_t px[32], lots[32];
    uint32_t bids = 0, rows;
    int64_t step = stream_below(d, 12) == 0 ? stream_below(d, 7) - 3 : 0;
    int64_t from = d->mid;
    d->mid += step;
    uint32_t levels = snapshot ? 12 : 1 + (uint32_t)stream_below(d, 5);
    for (uint32_t i = 0; i < levels; i++, bids++) {
        px[bids] = d->mid - 1 - (snapshot ? i : stream_below(d, 10));
        lots[bids] = snapshot || stream_below(d, 4) > 0 ? 1 + stream_below(d, 40) : 0;
    }
    for (int64_t p = from - 1; p >= d->mid; p--) { /* what the ask has walked over */
        px[bids] = p;
        lots[bids++] = 0;
    }
    rows = bids;
    for (uint32_t i = 0; i < levels; i++, rows++) {
        px[rows] = d->mid + 1 + (snapshot ? i : stream_below(d, 10));
        lots[rows] = snapshot || stream_below(d, 4) > 0 ? 1 + stream_below(d, 40) : 0;
    }
    for (int64_t p = from + 1; p <= d->mid; p++) {
        px[rows] = p;
        lots[rows++] = 0;
    }
    struct pl_msg m = {.kind = snapshot ? PL_MSG_SNAPSHOT : PL_MSG_DEPTH,
                       .bid_count = bids,
                       .row_count = rows,
                       .venue_ns = d->t,
                       .local_ns = local_ns,
                       .seq = s->count + 1,
                       .px = px,
                       .lots = lots};
    stream_put(s, &m);
}

/* A market around `mid` for `count` messages, one a millisecond on average: depth, best bid/ask ahead
 * of it, prints, mark and funding, now and then a gap until the next snapshot and an empty side. */
static inline void stream_random(struct stream *s, uint64_t seed, uint32_t count)
{
    struct stream_draw d = {seed, 0, 60000, INT64_C(1700000000) * 1000000000};
    stream_random_depth(s, &d, true, d.t + 1000000);
    for (uint32_t i = 1; i < count; i++) {
        d.t += stream_below(&d, 5) == 0 ? 0 : stream_below(&d, 2500000);
        int64_t local = d.t + 1000000 + stream_below(&d, 4) * stream_below(&d, 10000000);
        int64_t what = stream_below(&d, 1000);
        uint8_t sell = stream_below(&d, 2) ? PL_MSGF_SELL : 0;
        if (what < 450) {
            stream_random_depth(s, &d, false, local);
        } else if (what < 750) {
            int64_t px = d.mid + (sell ? -1 : 1) * stream_below(&d, 4);
            uint8_t off = stream_below(&d, 30) == 0 ? PL_MSGF_NOT_BOOK : 0;
            stream_one(s, PL_MSG_TRADE, sell | off, d.t, local, px, 1 + stream_below(&d, 30));
        } else if (what < 970) {
            int64_t bid = d.mid - 1 - stream_below(&d, 2);
            stream_pair(s, PL_MSG_BBO, d.t, d.t + 500000, bid, 1 + stream_below(&d, 20),
                        d.mid + 1 + stream_below(&d, 2), 1 + stream_below(&d, 20));
        } else if (what < 985) {
            stream_one(s, PL_MSG_MARK, 0, d.t, local, d.mid, 0);
        } else if (what < 990) {
            stream_one(s, PL_MSG_FUNDING, 0, d.t, local, stream_below(&d, 200001) - 100000, 0);
        } else if (what < 993) {
            stream_one(s, PL_MSG_GAP, 0, d.t, local, 0, -1);
        } else if (what < 996) { /* one side empty in the best bid/ask */
            stream_pair(s, PL_MSG_BBO, d.t, d.t + 500000, d.mid - 1, sell ? 5 : 0, d.mid + 1,
                        sell ? 0 : 5);
        } else {
            stream_random_depth(s, &d, true, local);
        }
    }
}

#endif
