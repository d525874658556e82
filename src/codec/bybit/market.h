/* codec/bybit/market.h - Bybit public market messages: V5 orderbook.N and publicTrade (and the
 * order-book archive, which is the same), and the older V2 orderBookL2_25 / orderBook_200 and trade.
 *
 * Pure: bytes in, a plain struct out; nothing is checked between messages. The order of fields is
 * not assumed. Prices and sizes are exact decimals.
 * Owner   texts point into the input; levels and trades into the caller's lists.
 * Errors  PL_ERR_MALFORMED with *at_byte where; PL_ERR_LIMIT, PL_ERR_NOMEM from the lists. */
#ifndef PL_CODEC_BYBIT_MARKET_H
#define PL_CODEC_BYBIT_MARKET_H

#include "base/err.h"
#include "base/str.h"
#include "core/levels.h"

#include <stdbool.h>
#include <stdint.h>

enum pl_bybit_kind {
    PL_BYBIT_OTHER = 0, /* an acknowledgement or a topic we do not use */
    PL_BYBIT_SNAPSHOT,
    PL_BYBIT_DELTA,
    PL_BYBIT_TRADES,
};

struct pl_bybit_trade {
    struct pl_decimal px, qty;
    int64_t venue_ns; /* 0 = not given */
    uint64_t seq;     /* 0 = not given */
    bool sell;        /* the taker's side */
    bool not_book;    /* block trade or RPI */
};

struct pl_bybit_trades {
    struct pl_bybit_trade *at;
    uint32_t count, cap;
};

struct pl_bybit_msg {
    enum pl_bybit_kind kind;
    struct pl_str topic, symbol;
    bool chained;     /* V5: `update` counts by one; V2 has only a cross sequence with holes */
    int64_t sent_ns;  /* ts: when the venue sent it; 0 = not given */
    int64_t match_ns; /* cts (V5) or timestamp_e6 (V2): of the match; 0 = not given */
    uint64_t update;  /* u */
    uint64_t seq;     /* seq or cross_seq */
};

/* All three lists are emptied first. */
PL_MUST_USE int pl_bybit_read(struct pl_str text, struct pl_bybit_msg *out, struct pl_levels *bids,
                              struct pl_levels *asks, struct pl_bybit_trades *trades,
                              size_t *at_byte);
void pl_bybit_trades_fini(struct pl_bybit_trades *trades);

#endif
