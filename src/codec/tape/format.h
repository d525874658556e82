/* codec/tape/format.h - the numbers of the tape format (docs/tape.md says it in words). */
#ifndef PL_CODEC_TAPE_FORMAT_H
#define PL_CODEC_TAPE_FORMAT_H

#include "core/block.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_TAPE_MAGIC        "PLTAPE\r\n" /* 8 bytes; \r\n shows a text-mode transfer */
#define PL_TAPE_END_MAGIC    "PLTAPEND"
#define PL_TAPE_VERSION      1
#define PL_TAPE_HEADER_SIZE  64
#define PL_TAPE_RECORD_SIZE  16 /* tag, size, hash before each payload */
#define PL_TAPE_TRAILER_SIZE 24
#define PL_TAPE_TAG_INST     UINT32_C(0x54534e49) /* "INST" */
#define PL_TAPE_TAG_BLOCK    UINT32_C(0x4b434c42) /* "BLCK" */
#define PL_TAPE_TAG_INDEX    UINT32_C(0x58444e49) /* "INDX" */

#define PL_TAPE_BLOCK_ROWS   65536u /* a block closes before it would hold more */
#define PL_TAPE_BLOCK_MSGS   65536u
#define PL_TAPE_MSG_ROWS_MAX (1u << 20) /* one message; it may make its block this much longer */
#define PL_TAPE_CLASS_MAX    256u
#define PL_TAPE_MARKET_MAX   65535u
#define PL_TAPE_INST_MAX     (1u << 20)
#define PL_TAPE_PAYLOAD_MAX  (1u << 28)
#define PL_TAPE_TIME_MAX     ((INT64_C(1) << 62) - 1) /* stamps are 0..this (the year 2116) */
#define PL_TAPE_NO_LATENCY   INT64_MAX
#define PL_TAPE_MINUTE_NS    INT64_C(60000000000)
#define PL_TAPE_WINDOW_NS    INT64_C(10000000000)

/* Value streams of a block. Each is one column of signed values: unit * k, k zig-zag or plain. */
enum pl_tape_stream {
    PL_TS_CLASS,      /* per message: index into the block's class table */
    PL_TS_VENUE,      /* per message: venue time minus that of the message before */
    PL_TS_LOCAL,      /* per message: local time minus that of the message before */
    PL_TS_LOCAL_REST, /* absent, or what to add to it: recorders' clocks tick in 100 ns, nearly */
    PL_TS_ROWS,       /* per DEPTH and SNAPSHOT: row count */
    PL_TS_BIDS,       /* per DEPTH and SNAPSHOT: bid count */
    PL_TS_MARK_ROWS,  /* per MARK: row count */
    PL_TS_ROWS_SEQ,   /* ids, by model: seq - seq_first, or a step from the slot's last seq */
    PL_TS_ROWS_FIRST, /* seq_first minus the slot's last seq */
    PL_TS_BBO_SEQ,
    PL_TS_BBO_FIRST,
    PL_TS_TRADE_SEQ,
    PL_TS_TRADE_FIRST,
    PL_TS_PX_FIRST, /* first row of a side, against its reference */
    PL_TS_PX,       /* other rows, against the row before */
    PL_TS_LOTS,
    PL_TS_BBO_MASK, /* per BBO: which of bid px, bid lots, ask px, ask lots changed */
    PL_TS_BBO_PX,
    PL_TS_BBO_LOTS,
    PL_TS_TRADE_PX, /* against the best price it hit, or the last trade of its side (no BBO) */
    PL_TS_TRADE_LOTS,
    PL_TS_COUNT
};

enum pl_tape_plane {
    PL_TAPE_PLANE_CONST = 0,
    PL_TAPE_PLANE_RAW = 1,
    PL_TAPE_PLANE_ZSTD = 2,
    PL_TAPE_PLANE_SPARSE = 3, /* four entries: non-zeros, gap bytes, then the two byte strings */
};

enum pl_tape_model { PL_TM_ROWS = 0, PL_TM_BBO = 1, PL_TM_TRADE = 2 };

/* Messages of a block with equal kind, flags and market. */
enum pl_tape_class_bit {
    PL_TC_SEQ = 1,            /* seq is coded; otherwise it is 0 */
    PL_TC_SEQ_FIRST = 2,      /* seq_first is coded; otherwise it is 0 */
    PL_TC_BIDS_DOWN = 4,      /* bids lie in falling order: their price steps are negated */
    PL_TC_ASK_FROM_FIRST = 8, /* the first ask is coded against the first bid, not the last */
};

struct pl_tape_class {
    uint8_t kind, flags, bits;
    uint8_t slot;  /* prediction state: one per market and kind (SNAPSHOT and DEPTH share) */
    uint8_t touch; /* TRADE: the slot of the market's BBO messages, if any; otherwise = slot */
    uint16_t market;
};
#define PL_TAPE_CLASS_SIZE 8

/* What the next message of a slot is coded against. A block starts with seq and px from its slot
 * table (px stands for every price, sizes are 0), so blocks need nothing from each other. */
struct pl_tape_slot {
    uint64_t seq;
    int64_t px[2];     /* by model: first bid and ask, best bid and ask, last trade of each side */
    int64_t lots[2];   /* BBO: sizes at the best bid and ask */
    int64_t unused[3]; /* one slot, one cache line */
};
#define PL_TAPE_SLOT_SIZE 16

/* The fixed part of a block's payload. */
struct pl_tape_block_head {
    uint32_t msg_count, row_count;
    int64_t venue_first_ns, venue_last_ns;
    int64_t local_first_ns, local_max_ns;
    int64_t latency_min_ns, book_latency_min_ns; /* as in struct pl_tape_entry */
    uint64_t digest;
    uint32_t class_count, slot_count, stream_count, minute_count, directory_size;
};
#define PL_TAPE_BLOCK_HEAD_SIZE 84

/* What the index knows about a block. */
struct pl_tape_entry {
    uint64_t offset; /* of the record in the file */
    uint32_t size;   /* of the payload */
    uint32_t msg_count, row_count;
    int64_t venue_first_ns, venue_last_ns;
    int64_t local_max_ns;
    int64_t latency_min_ns;      /* smallest local - venue */
    int64_t book_latency_min_ns; /* the same without BBO messages; PL_TAPE_NO_LATENCY if all are */
    uint64_t digest;             /* of the decoded content */
};

struct pl_tape_minute {
    int64_t minute; /* venue_ns / 60e9 */
    int64_t latency_min_ns;
};

static inline enum pl_tape_model pl_tape_model_of(uint8_t kind)
{
    return kind == PL_MSG_BBO ? PL_TM_BBO : kind == PL_MSG_TRADE ? PL_TM_TRADE : PL_TM_ROWS;
}

/* Row counts that a kind always has; -1 = it varies and is coded. */
static inline int pl_tape_fixed_rows(uint8_t kind)
{
    switch (kind) {
    case PL_MSG_BBO:
        return 2;
    case PL_MSG_TRADE:
    case PL_MSG_FUNDING:
        return 1;
    case PL_MSG_CANDLE:
        return 4;
    case PL_MSG_INST:
    case PL_MSG_GAP:
        return 0;
    default:
        return -1;
    }
}

/* Do these counts make sense for the kind? */
static inline bool pl_tape_shape_ok(uint8_t kind, uint32_t rows, uint32_t bids)
{
    if (kind == PL_MSG_DEPTH || kind == PL_MSG_SNAPSHOT) {
        return rows <= PL_TAPE_MSG_ROWS_MAX && bids <= rows;
    }
    if (kind == PL_MSG_MARK) {
        return rows >= 1 && rows <= 2 && bids == 0;
    }
    return kind < PL_MSG_KIND_COUNT && (int)rows == pl_tape_fixed_rows(kind) &&
           bids == (kind == PL_MSG_BBO ? 1 : 0);
}

static inline uint64_t pl_zigzag(int64_t v)
{
    return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

static inline int64_t pl_unzigzag(uint64_t z)
{
    return (int64_t)(z >> 1 ^ (UINT64_C(0) - (z & 1)));
}

#endif
