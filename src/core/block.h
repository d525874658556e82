/* core/block.h - market data as it travels: blocks of messages over columns of rows.
 *
 * A *message* is what a venue sent in one piece (a depth update with 70 levels, one trade). It is
 * applied whole: nothing is decided between its rows. A *block* is a run of messages whose rows lie
 * in shared columns, so that decoding fills flat arrays and the engine walks them in order.
 *
 * Order   messages of a block, and blocks of a source, come in order of (venue_ns, arrival).
 *         The local time a message was received is an attribute (ADR 0005). Local times of one
 *         stream never go back; between streams of a market they may.
 * Owner   whoever produced the block; it is valid until the next one is asked for.
 *
 * Rows of a message, by kind
 *   DEPTH     bid_count bid levels, then ask levels: px, lots (0 = level gone)
 *   SNAPSHOT  the same, and every level of the book not named is gone inside [worst bid, worst ask]
 *   BBO       one bid row (bid_count 1) and one ask row; lots 0 = that side is empty
 *   TRADE     one row; flag PL_MSGF_SELL when the aggressor sold; several prints that one order
 *             made may follow as several messages
 *   CANDLE    four rows open, high, low, close; lots of row 0 = volume; venue_ns = open time,
 *             seq = interval in nanoseconds
 *   MARK      rows: mark price, then index price if known (px in ticks, rounded half up; lots = 0)
 *   FUNDING   one row: px = rate in 1e-9, lots = 0; venue_ns = when it is exchanged
 *   INST      no rows; seq = index of the instrument definition that holds from now on
 *   GAP       no rows; the feed of this market broke here: the book is stale until a SNAPSHOT */
#ifndef PL_CORE_BLOCK_H
#define PL_CORE_BLOCK_H

#include "base/err.h"
#include "core/inst.h"

#include <stdint.h>

enum pl_msg_kind {
    PL_MSG_DEPTH = 0,
    PL_MSG_SNAPSHOT = 1,
    PL_MSG_BBO = 2,
    PL_MSG_TRADE = 3,
    PL_MSG_CANDLE = 4,
    PL_MSG_MARK = 5,
    PL_MSG_FUNDING = 6,
    PL_MSG_INST = 7,
    PL_MSG_GAP = 8,
    PL_MSG_KIND_COUNT
};

enum pl_msg_flag {
    PL_MSGF_SELL = 1,          /* TRADE: the aggressor sold */
    PL_MSGF_NOT_BOOK = 2,      /* TRADE: did not consume the visible book (RPI, block, insurance) */
    PL_MSGF_SIDE_GUESS = 4,    /* TRADE: the source gave no aggressor; inferred from the book */
    PL_MSGF_NO_VENUE_TIME = 8, /* venue_ns was estimated by the importer */
};

/* One message on its way into a tape. px and lots point at row_count values each. */
struct pl_msg {
    uint8_t kind, flags;
    uint16_t market; /* index into the tape's markets */
    uint32_t bid_count, row_count;
    int64_t venue_ns, local_ns;
    uint64_t seq;       /* the venue's id of the last change in it (u, trade id); 0 = none */
    uint64_t seq_first; /* id of the first change in it (U); 0 = none */
    const int64_t *px, *lots;
};

/* Decoded messages. Arrays of msg_count (row_begin: msg_count + 1) and of row_count values. */
struct pl_block {
    uint32_t msg_count, row_count;
    const uint8_t *kind, *flags;
    const uint16_t *market;
    const uint32_t *row_begin; /* first row of message i; row_begin[msg_count] = row_count */
    const uint32_t *bid_count;
    const int64_t *venue_ns, *local_ns;
    const uint64_t *seq, *seq_first;
    const int64_t *px, *lots;
};

/* Where blocks come from: a tape file, a capture being imported, a generator, memory.
 * next: 1 and *out set; 0 at the end; a negative pl_err with words in *err. */
struct pl_source {
    int (*next)(struct pl_source *self, const struct pl_block **out, struct pl_error *err);
    int (*rewind)(struct pl_source *self, struct pl_error *err); /* to the first block again */
    void (*close)(struct pl_source *self);                       /* frees self */
    const struct pl_inst *insts; /* all definitions; markets start with insts[0..market_count) */
    uint32_t inst_count, market_count;
    uint64_t row_total, msg_total;         /* 0 = not known beforehand */
    int64_t venue_first_ns, venue_last_ns; /* 0 = not known beforehand */
    uint64_t data_digest;                  /* of the content; 0 = not known beforehand */
};

/* Where messages go: a tape writer. `put` copies what it needs before it returns. */
struct pl_sink {
    int (*put)(struct pl_sink *self, const struct pl_msg *msg, struct pl_error *err);
    /* Registers a market (returns its index) or a changed definition of market `of` (returns the
     * index to put into PL_MSG_INST.seq); `of` < 0 = a new market. */
    int (*define)(struct pl_sink *self, const struct pl_inst *inst, int of, struct pl_error *err);
};

#endif
