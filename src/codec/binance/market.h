/* codec/binance/market.h - Binance public market messages: spot, USD-M and COIN-M, bare or inside a
 * combined stream ({"stream":"btcusdt@trade","data":{...}}), and REST depth snapshots.
 *
 * Pure: bytes in, a plain struct out; nothing is checked between messages. The order of fields is
 * not assumed. Prices and sizes are exact decimals; the importer or session puts them on the grid.
 * Owner   texts in the result point into the input; levels into the caller's two lists.
 * Errors  PL_ERR_MALFORMED with *at_byte where; PL_ERR_LIMIT, PL_ERR_NOMEM from the lists. */
#ifndef PL_CODEC_BINANCE_MARKET_H
#define PL_CODEC_BINANCE_MARKET_H

#include "base/err.h"
#include "base/str.h"
#include "core/levels.h"

#include <stdbool.h>
#include <stdint.h>

enum pl_binance_kind {
    PL_BINANCE_OTHER = 0, /* understood as JSON, not a message we use: see `event` or `stream` */
    PL_BINANCE_DEPTH,
    PL_BINANCE_SNAPSHOT,
    PL_BINANCE_BOOK_TICKER,
    PL_BINANCE_TRADE,
    PL_BINANCE_AGG_TRADE,
    PL_BINANCE_MARK,
};

/* Which fields the message had (bits of `has`). */
enum pl_binance_has {
    PL_BINANCE_HAS_EVENT_TIME = 1 << 0, /* E */
    PL_BINANCE_HAS_TIME = 1 << 1,       /* T */
    PL_BINANCE_HAS_FIRST = 1 << 2,      /* U, or f of an aggTrade */
    PL_BINANCE_HAS_LAST = 1 << 3,       /* u, lastUpdateId, or l of an aggTrade */
    PL_BINANCE_HAS_PREV = 1 << 4,       /* pu */
    PL_BINANCE_HAS_TRADE_ID = 1 << 5,   /* t */
    PL_BINANCE_HAS_PRICE = 1 << 6,      /* p */
    PL_BINANCE_HAS_QTY = 1 << 7,        /* q */
    PL_BINANCE_HAS_MAKER = 1 << 8,      /* m */
    PL_BINANCE_HAS_INDEX = 1 << 9,      /* i as a number */
    PL_BINANCE_HAS_RATE = 1 << 10,      /* r, not empty */
    PL_BINANCE_HAS_BIDS = 1 << 11,      /* b or bids as a list, or b as a price */
    PL_BINANCE_HAS_ASKS = 1 << 12,
    PL_BINANCE_HAS_BID_QTY = 1 << 13, /* B */
    PL_BINANCE_HAS_ASK_QTY = 1 << 14, /* A */
};

struct pl_binance_msg {
    enum pl_binance_kind kind;
    uint32_t has;
    struct pl_str stream, event, symbol, order_type; /* order_type: X of a futures trade */
    int64_t event_ms, time_ms;                       /* E and T; T of markPrice = next funding */
    uint64_t first_id, last_id, prev_id, trade_id;
    struct pl_decimal price, qty;  /* p and q; p of markPrice = mark price */
    struct pl_decimal index, rate; /* i and r of markPrice */
    struct pl_level_text bid, ask; /* of a bookTicker */
    bool buyer_is_maker;           /* m: the aggressor sold */
};

/* bids and asks are emptied first. */
PL_MUST_USE int pl_binance_read(struct pl_str text, struct pl_binance_msg *out,
                                struct pl_levels *bids, struct pl_levels *asks, size_t *at_byte);

#endif
