#include "codec/bybit/market.h"

#include "base/json_read.h"

#include <stdlib.h>

#define MS_MAX ((uint64_t)INT64_MAX / 1000000)

struct reader {
    struct pl_json j;
    struct pl_bybit_msg *msg;
    struct pl_levels *bids, *asks;
    struct pl_bybit_trades *trades;
    struct pl_str type;
    struct pl_json data; /* where the data begins, when it stood before the topic */
    bool data_later;
    int rc; /* why a list could not grow */
};

static bool is(struct pl_str key, const char *name)
{
    return pl_str_eq(key, pl_str(name));
}

static bool starts(struct pl_str text, const char *with)
{
    size_t n = strlen(with);
    return text.size >= n && memcmp(text.at, with, n) == 0;
}

static bool read_ns(struct pl_json *j, int64_t unit, int64_t *out)
{
    uint64_t v;
    if (!pl_json_u64(j, &v) || v > MS_MAX * 1000000 / (uint64_t)unit) {
        return false;
    }
    *out = (int64_t)v * unit;
    return true;
}

/* V5 levels: [["1.95","100"],...]. */
static bool read_pairs(struct reader *r, struct pl_levels *levels)
{
    struct pl_json *j = &r->j;
    levels->count = 0;
    if (!pl_json_take(j, '[')) {
        return false;
    }
    if (pl_json_take(j, ']')) {
        return true;
    }
    do {
        struct pl_level_text level;
        if (!pl_json_take(j, '[') || !pl_json_decimal(j, &level.px) || !pl_json_take(j, ',') ||
            !pl_json_decimal(j, &level.qty) || !pl_json_take(j, ']')) {
            return false;
        }
        r->rc = pl_levels_add(levels, level);
        if (r->rc < 0) {
            return false;
        }
    } while (pl_json_take(j, ','));
    return pl_json_take(j, ']');
}

/* Walks {"key":value,...}, handing each key to `field`. */
static bool each_field(struct reader *r, bool (*field)(struct reader *, struct pl_str, void *),
                       void *into)
{
    if (!pl_json_take(&r->j, '{')) {
        return false;
    }
    if (pl_json_take(&r->j, '}')) {
        return true;
    }
    do {
        struct pl_str key;
        if (!pl_json_key(&r->j, &key) || !field(r, key, into)) {
            return false;
        }
    } while (pl_json_take(&r->j, ','));
    return pl_json_take(&r->j, '}');
}

/* Walks [{...},...]. */
static bool each_item(struct reader *r, bool (*item)(struct reader *))
{
    if (!pl_json_take(&r->j, '[')) {
        return false;
    }
    if (pl_json_take(&r->j, ']')) {
        return true;
    }
    do {
        if (!item(r)) {
            return false;
        }
    } while (pl_json_take(&r->j, ','));
    return pl_json_take(&r->j, ']');
}

/* ---- V2 book: objects with side, price and size ---- */

struct v2_level {
    struct pl_level_text level;
    struct pl_str side;
    bool priced;
};

static bool v2_level_field(struct reader *r, struct pl_str key, void *into)
{
    struct v2_level *l = into;
    if (is(key, "price")) {
        l->priced = true;
        return pl_json_decimal(&r->j, &l->level.px);
    }
    if (is(key, "size")) {
        return pl_json_decimal(&r->j, &l->level.qty);
    }
    if (is(key, "side")) {
        return pl_json_string(&r->j, &l->side);
    }
    if (is(key, "symbol")) {
        return pl_json_string(&r->j, &r->msg->symbol);
    }
    return pl_json_skip(&r->j);
}

static bool v2_level(struct reader *r)
{
    struct v2_level l = {0}; /* a deletion names no size: 0 */
    if (!each_field(r, v2_level_field, &l) || !l.priced) {
        return false;
    }
    bool buy = is(l.side, "Buy");
    if (!buy && !is(l.side, "Sell")) {
        return false;
    }
    r->rc = pl_levels_add(buy ? r->bids : r->asks, l.level);
    return r->rc == 0;
}

static bool v2_book_field(struct reader *r, struct pl_str key, void *into)
{
    (void)into;
    bool levels =
        is(key, "order_book") || is(key, "delete") || is(key, "update") || is(key, "insert");
    return levels ? each_item(r, v2_level) : pl_json_skip(&r->j);
}

/* ---- V5 book ---- */

static bool v5_book_field(struct reader *r, struct pl_str key, void *into)
{
    (void)into;
    if (is(key, "b")) {
        return read_pairs(r, r->bids);
    }
    if (is(key, "a")) {
        return read_pairs(r, r->asks);
    }
    if (is(key, "s")) {
        return pl_json_string(&r->j, &r->msg->symbol);
    }
    if (is(key, "u")) {
        r->msg->chained = true;
        return pl_json_u64(&r->j, &r->msg->update);
    }
    if (is(key, "seq")) {
        return pl_json_u64(&r->j, &r->msg->seq);
    }
    return pl_json_skip(&r->j);
}

/* ---- trades, both versions ---- */

struct trade_read {
    struct pl_bybit_trade t;
    bool px, qty, side;
};

static bool trade_field(struct reader *r, struct pl_str key, void *into)
{
    struct trade_read *t = into;
    struct pl_str side;
    if (is(key, "p") || is(key, "price")) {
        t->px = true;
        return pl_json_decimal(&r->j, &t->t.px);
    }
    if (is(key, "v") || is(key, "size")) {
        t->qty = true;
        return pl_json_decimal(&r->j, &t->t.qty);
    }
    if (is(key, "T") || is(key, "trade_time_ms")) {
        return read_ns(&r->j, 1000000, &t->t.venue_ns);
    }
    if (is(key, "S") || is(key, "side")) {
        if (!pl_json_string(&r->j, &side)) {
            return false;
        }
        t->t.sell = is(side, "Sell");
        t->side = t->t.sell || is(side, "Buy");
        return t->side;
    }
    if (is(key, "BT") || is(key, "RPI")) {
        bool set;
        bool ok = pl_json_bool(&r->j, &set);
        t->t.not_book |= ok && set;
        return ok;
    }
    if (is(key, "seq")) {
        return pl_json_u64(&r->j, &t->t.seq);
    }
    if (is(key, "s") || is(key, "symbol")) {
        return pl_json_string(&r->j, &r->msg->symbol);
    }
    return pl_json_skip(&r->j);
}

static bool trade_item(struct reader *r)
{
    struct trade_read t = {0};
    if (!each_field(r, trade_field, &t) || !t.px || !t.qty || !t.side) {
        return false;
    }
    struct pl_bybit_trades *list = r->trades;
    if (list->count == list->cap) {
        uint32_t cap = list->cap == 0 ? 64 : list->cap * 2;
        struct pl_bybit_trade *at =
            cap <= (UINT32_C(1) << 22) ? realloc(list->at, cap * sizeof *at) : NULL;
        if (at == NULL) {
            r->rc = PL_ERR_NOMEM;
            return false;
        }
        list->at = at;
        list->cap = cap;
    }
    list->at[list->count++] = t.t;
    return true;
}

/* ---- the message ---- */

static bool book_topic(struct pl_str topic)
{
    return starts(topic, "orderbook.") || starts(topic, "orderBook");
}

static bool trade_topic(struct pl_str topic)
{
    return starts(topic, "publicTrade.") || starts(topic, "trade.");
}

static bool read_data(struct reader *r)
{
    struct pl_str topic = r->msg->topic;
    char c = pl_json_peek(&r->j);
    if (trade_topic(topic) && c == '[') {
        return each_item(r, trade_item);
    }
    if (book_topic(topic) && starts(topic, "orderbook.") && c == '{') {
        return each_field(r, v5_book_field, NULL);
    }
    if (book_topic(topic) && c == '[') {
        return each_item(r, v2_level); /* V2 snapshot of an inverse contract */
    }
    if (book_topic(topic) && c == '{') {
        return each_field(r, v2_book_field, NULL);
    }
    return pl_json_skip(&r->j);
}

static bool message_field(struct reader *r, struct pl_str key, void *into)
{
    struct pl_bybit_msg *m = r->msg;
    (void)into;
    if (is(key, "topic") && pl_json_peek(&r->j) == '"') {
        return pl_json_string(&r->j, &m->topic);
    }
    if (is(key, "type") && pl_json_peek(&r->j) == '"') {
        return pl_json_string(&r->j, &r->type);
    }
    if (is(key, "data")) {
        if (m->topic.size == 0) {
            r->data = r->j;
            r->data_later = true;
            return pl_json_skip(&r->j);
        }
        return read_data(r);
    }
    if (is(key, "ts")) {
        return read_ns(&r->j, 1000000, &m->sent_ns);
    }
    if (is(key, "cts")) {
        return read_ns(&r->j, 1000000, &m->match_ns);
    }
    if (is(key, "timestamp_e6")) {
        return read_ns(&r->j, 1000, &m->match_ns);
    }
    if (is(key, "cross_seq")) {
        return pl_json_u64(&r->j, &m->seq);
    }
    return pl_json_skip(&r->j);
}

/* The part of a topic behind its last dot. */
static struct pl_str topic_symbol(struct pl_str topic)
{
    size_t i = topic.size;
    while (i > 0 && topic.at[i - 1] != '.') {
        i--;
    }
    return (struct pl_str){topic.at + i, topic.size - i};
}

int pl_bybit_read(struct pl_str text, struct pl_bybit_msg *out, struct pl_levels *bids,
                  struct pl_levels *asks, struct pl_bybit_trades *trades, size_t *at_byte)
{
    *out = (struct pl_bybit_msg){.kind = PL_BYBIT_OTHER};
    bids->count = asks->count = trades->count = 0;
    struct reader r = {
        .j = pl_json(text), .msg = out, .bids = bids, .asks = asks, .trades = trades};
    bool ok =
        each_field(&r, message_field, NULL) && pl_json_peek(&r.j) == '\0' && r.j.at == r.j.end;
    if (ok && r.data_later) {
        r.j = r.data;
        ok = read_data(&r);
    }
    *at_byte = (size_t)(r.j.at - text.at);
    if (!ok) {
        return r.rc < 0 ? r.rc : PL_ERR_MALFORMED;
    }
    if (out->symbol.size == 0 && out->topic.size > 0) {
        out->symbol = topic_symbol(out->topic);
    }
    if (trade_topic(out->topic)) {
        out->kind = PL_BYBIT_TRADES;
    } else if (book_topic(out->topic)) {
        bool snapshot = is(r.type, "snapshot");
        if (!snapshot && !is(r.type, "delta")) {
            return PL_ERR_MALFORMED;
        }
        out->kind = snapshot ? PL_BYBIT_SNAPSHOT : PL_BYBIT_DELTA;
    }
    return 0;
}

void pl_bybit_trades_fini(struct pl_bybit_trades *trades)
{
    free(trades->at);
    *trades = (struct pl_bybit_trades){0};
}
