#include "codec/binance/market.h"

#include "base/json_read.h"

struct reader {
    struct pl_json j;
    struct pl_binance_msg *msg;
    struct pl_levels *bids, *asks;
    int rc;    /* why a list could not grow; else 0 */
    bool data; /* the object of a combined stream was read */
};

/* [["1.5","2"],...]: one pass, no look back. */
static bool read_levels(struct reader *r, struct pl_levels *levels)
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
            !pl_json_decimal(j, &level.qty)) {
            return false;
        }
        while (pl_json_take(j, ',')) { /* old spot messages carry a third, empty list */
            if (!pl_json_skip(j)) {
                return false;
            }
        }
        if (!pl_json_take(j, ']')) {
            return false;
        }
        r->rc = pl_levels_add(levels, level);
        if (r->rc < 0) {
            return false;
        }
    } while (pl_json_take(j, ','));
    return pl_json_take(j, ']');
}

static bool read_id(struct reader *r, uint64_t *out, uint32_t has)
{
    r->msg->has |= has;
    return pl_json_u64(&r->j, out);
}

static bool read_ms(struct reader *r, int64_t *out, uint32_t has)
{
    uint64_t ms;
    if (!pl_json_u64(&r->j, &ms) || ms > (uint64_t)INT64_MAX / 1000000) {
        return false;
    }
    *out = (int64_t)ms;
    r->msg->has |= has;
    return true;
}

static bool read_decimal(struct reader *r, struct pl_decimal *out, uint32_t has)
{
    r->msg->has |= has;
    return pl_json_decimal(&r->j, out);
}

/* b and a: a list in a depth message, a price in a bookTicker, an order id in old spot trades. */
static bool read_side(struct reader *r, bool bid)
{
    char c = pl_json_peek(&r->j);
    uint32_t has = bid ? PL_BINANCE_HAS_BIDS : PL_BINANCE_HAS_ASKS;
    if (c == '[') {
        r->msg->has |= has;
        return read_levels(r, bid ? r->bids : r->asks);
    }
    if (c == '"') {
        return read_decimal(r, bid ? &r->msg->bid.px : &r->msg->ask.px, has);
    }
    return pl_json_skip(&r->j);
}

/* "" where there is no funding (delivery contracts). */
static bool read_rate(struct reader *r)
{
    struct pl_json before = r->j;
    struct pl_str text;
    if (pl_json_string(&r->j, &text) && text.size == 0) {
        return true;
    }
    r->j = before;
    return read_decimal(r, &r->msg->rate, PL_BINANCE_HAS_RATE);
}

static bool read_short_key(struct reader *r, char key)
{
    struct pl_binance_msg *m = r->msg;
    char c = pl_json_peek(&r->j);
    bool quoted = c == '"', number = c >= '0' && c <= '9';
    switch (key) {
    case 'e':
        return quoted ? pl_json_string(&r->j, &m->event) : pl_json_skip(&r->j);
    case 's':
        return quoted ? pl_json_string(&r->j, &m->symbol) : pl_json_skip(&r->j);
    case 'E':
        return read_ms(r, &m->event_ms, PL_BINANCE_HAS_EVENT_TIME);
    case 'T':
        return read_ms(r, &m->time_ms, PL_BINANCE_HAS_TIME);
    case 'U':
    case 'f':
        return number ? read_id(r, &m->first_id, PL_BINANCE_HAS_FIRST) : pl_json_skip(&r->j);
    case 'u':
    case 'l':
        return number ? read_id(r, &m->last_id, PL_BINANCE_HAS_LAST) : pl_json_skip(&r->j);
    case 't':
        return number ? read_id(r, &m->trade_id, PL_BINANCE_HAS_TRADE_ID) : pl_json_skip(&r->j);
    case 'p':
        return read_decimal(r, &m->price, PL_BINANCE_HAS_PRICE);
    case 'q':
        return read_decimal(r, &m->qty, PL_BINANCE_HAS_QTY);
    case 'b':
        return read_side(r, true);
    case 'a':
        return read_side(r, false);
    case 'B':
        return quoted ? read_decimal(r, &m->bid.qty, PL_BINANCE_HAS_BID_QTY) : pl_json_skip(&r->j);
    case 'A':
        return quoted ? read_decimal(r, &m->ask.qty, PL_BINANCE_HAS_ASK_QTY) : pl_json_skip(&r->j);
    case 'i':
        return quoted ? read_decimal(r, &m->index, PL_BINANCE_HAS_INDEX) : pl_json_skip(&r->j);
    case 'r':
        return quoted ? read_rate(r) : pl_json_skip(&r->j);
    case 'm':
        m->has |= PL_BINANCE_HAS_MAKER;
        return pl_json_bool(&r->j, &m->buyer_is_maker);
    case 'X':
        return quoted ? pl_json_string(&r->j, &m->order_type) : pl_json_skip(&r->j);
    default:
        return pl_json_skip(&r->j);
    }
}

static bool is(struct pl_str key, const char *name)
{
    return pl_str_eq(key, pl_str(name));
}

/* Messages we do not use reuse our letters for other things: their values are skipped. */
static bool event_is_ours(struct pl_str event)
{
    return event.size == 0 || is(event, "depthUpdate") || is(event, "trade") ||
           is(event, "bookTicker") || is(event, "aggTrade") || is(event, "markPriceUpdate");
}

static bool read_object(struct reader *r, bool outer);

static bool read_field(struct reader *r, struct pl_str key, bool outer)
{
    struct pl_binance_msg *m = r->msg;
    if (key.size == 1 && event_is_ours(m->event)) {
        return read_short_key(r, key.at[0]);
    }
    if (is(key, "pu")) {
        return read_id(r, &m->prev_id, PL_BINANCE_HAS_PREV);
    }
    if (outer && is(key, "stream")) {
        return pl_json_string(&r->j, &m->stream);
    }
    if (outer && is(key, "data")) {
        r->data = true;
        return pl_json_peek(&r->j) == '{' ? read_object(r, false) : pl_json_skip(&r->j);
    }
    if (is(key, "lastUpdateId")) {
        m->kind = PL_BINANCE_SNAPSHOT;
        return read_id(r, &m->last_id, PL_BINANCE_HAS_LAST);
    }
    if (is(key, "bids")) {
        m->has |= PL_BINANCE_HAS_BIDS;
        return read_levels(r, r->bids);
    }
    if (is(key, "asks")) {
        m->has |= PL_BINANCE_HAS_ASKS;
        return read_levels(r, r->asks);
    }
    if (is(key, "symbol") && pl_json_peek(&r->j) == '"') {
        return pl_json_string(&r->j, &m->symbol);
    }
    return pl_json_skip(&r->j);
}

static bool read_object(struct reader *r, bool outer)
{
    if (!pl_json_take(&r->j, '{')) {
        return false;
    }
    if (pl_json_take(&r->j, '}')) {
        return true;
    }
    do {
        struct pl_str key;
        if (!pl_json_key(&r->j, &key) || !read_field(r, key, outer)) {
            return false;
        }
    } while (pl_json_take(&r->j, ','));
    return pl_json_take(&r->j, '}');
}

static enum pl_binance_kind kind_of(const struct pl_binance_msg *m)
{
    static const struct {
        const char *event;
        enum pl_binance_kind kind;
        uint32_t need;
    } kinds[] = {
        {"depthUpdate", PL_BINANCE_DEPTH,
         PL_BINANCE_HAS_FIRST | PL_BINANCE_HAS_LAST | PL_BINANCE_HAS_BIDS | PL_BINANCE_HAS_ASKS},
        {"trade", PL_BINANCE_TRADE,
         PL_BINANCE_HAS_PRICE | PL_BINANCE_HAS_QTY | PL_BINANCE_HAS_MAKER},
        {"aggTrade", PL_BINANCE_AGG_TRADE,
         PL_BINANCE_HAS_PRICE | PL_BINANCE_HAS_QTY | PL_BINANCE_HAS_MAKER},
        {"markPriceUpdate", PL_BINANCE_MARK, PL_BINANCE_HAS_PRICE | PL_BINANCE_HAS_EVENT_TIME},
        {"bookTicker", PL_BINANCE_BOOK_TICKER, 0},
    };
    const uint32_t top = PL_BINANCE_HAS_BIDS | PL_BINANCE_HAS_ASKS | PL_BINANCE_HAS_BID_QTY |
                         PL_BINANCE_HAS_ASK_QTY | PL_BINANCE_HAS_LAST;
    for (size_t i = 0; i < PL_COUNT(kinds); i++) {
        if (is(m->event, kinds[i].event)) {
            uint32_t need = kinds[i].kind == PL_BINANCE_BOOK_TICKER ? top : kinds[i].need;
            return (m->has & need) == need ? kinds[i].kind : PL_BINANCE_OTHER;
        }
    }
    /* spot bookTicker names no event */
    return m->event.size == 0 && (m->has & top) == top ? PL_BINANCE_BOOK_TICKER : PL_BINANCE_OTHER;
}

int pl_binance_read(struct pl_str text, struct pl_binance_msg *out, struct pl_levels *bids,
                    struct pl_levels *asks, size_t *at_byte)
{
    *out = (struct pl_binance_msg){.kind = PL_BINANCE_OTHER};
    bids->count = asks->count = 0;
    struct reader r = {pl_json(text), out, bids, asks, 0, false};
    bool ok = read_object(&r, true) && pl_json_peek(&r.j) == '\0' && r.j.at == r.j.end;
    *at_byte = (size_t)(r.j.at - text.at);
    if (!ok) {
        return r.rc < 0 ? r.rc : PL_ERR_MALFORMED;
    }
    if (out->kind != PL_BINANCE_SNAPSHOT) {
        out->kind = kind_of(out);
        /* one of ours with a field missing is a damaged message, not an unknown one */
        return out->kind == PL_BINANCE_OTHER && out->event.size > 0 && event_is_ours(out->event)
                   ? PL_ERR_MALFORMED
                   : 0;
    }
    const uint32_t both = PL_BINANCE_HAS_BIDS | PL_BINANCE_HAS_ASKS;
    return (out->has & both) == both ? 0 : PL_ERR_MALFORMED;
}
