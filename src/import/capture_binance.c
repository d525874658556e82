/* Binance messages of a capture as market data: time, sequence, funding. */
#include "codec/binance/market.h"
#include "core/units.h"
#include "import/capture.h"

#include <string.h>

#define FUNDING_LATE_NS (5 * PL_NS_PER_S)

/* What one line becomes, handed through the steps below. */
struct ctx {
    struct pl_import_job *job;
    struct pl_import_market *market;
    const struct pl_binance_msg *msg;
    int64_t venue_ns, local_ns;
    uint8_t flags;
    struct pl_error *err;
};

/* The symbol of the message, else of its stream's name ("btcusdt@trade"), else the only market. */
static int find_market(struct pl_import_job *job, const struct pl_binance_msg *msg,
                       struct pl_import_market **out, struct pl_error *err)
{
    if (msg->symbol.size > 0) {
        return pl_job_market(job, msg->symbol, out, err);
    }
    const char *at = msg->stream.size > 0 ? memchr(msg->stream.at, '@', msg->stream.size) : NULL;
    char upper[32];
    size_t n = at != NULL ? (size_t)(at - msg->stream.at) : 0;
    if (n == 0 || n >= sizeof upper) {
        return pl_job_market_only(job, NULL, out, err);
    }
    for (size_t i = 0; i < n; i++) {
        char c = msg->stream.at[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return pl_job_market(job, (struct pl_str){upper, n}, out, err);
}

/* While probing: spot messages have no transaction time in book streams and no X in trades. */
static void note_evidence(struct ctx *c)
{
    struct pl_import_market *m = c->market;
    bool timed = (c->msg->has & PL_BINANCE_HAS_TIME) != 0;
    switch (c->msg->kind) {
    case PL_BINANCE_DEPTH:
    case PL_BINANCE_SNAPSHOT:
    case PL_BINANCE_BOOK_TICKER:
        m->futures |= timed;
        break;
    case PL_BINANCE_TRADE:
        m->futures |= c->msg->order_type.size > 0;
        m->trades_seen = true;
        break;
    case PL_BINANCE_MARK:
        m->futures = true;
        break;
    default:
        break;
    }
    bool coinm = strstr(m->inst.symbol, "USD_") != NULL;
    pl_job_identify(c->job, m,
                    coinm        ? "binance-coinm"
                    : m->futures ? "binance-usdm"
                                 : "binance-spot",
                    coinm        ? PL_INST_INVERSE
                    : m->futures ? PL_INST_LINEAR
                                 : PL_INST_SPOT);
}

/* Transaction time, else event time, else an estimate. *keep false: a bad row, already counted. */
static int find_time(struct ctx *c, const struct pl_capture_line *line, int stream, bool *keep)
{
    const struct pl_binance_msg *msg = c->msg;
    bool timed = (msg->has & PL_BINANCE_HAS_TIME) != 0 && msg->kind != PL_BINANCE_MARK;
    bool stamped = timed || (msg->has & PL_BINANCE_HAS_EVENT_TIME) != 0;
    *keep = true;
    c->venue_ns = (timed ? msg->time_ms : msg->event_ms) * PL_NS_PER_MS;
    if (line->local_known) {
        c->local_ns = line->local_ns;
    } else if ((msg->has & PL_BINANCE_HAS_EVENT_TIME) != 0) {
        c->local_ns = msg->event_ms * PL_NS_PER_MS;
    } else if (stamped) {
        c->local_ns = c->venue_ns;
    } else if (c->market->local_last[0] > 0) {
        c->local_ns = c->market->local_last[0];
    } else if (c->market->venue_first_stamp > 0) {
        c->local_ns = c->market->venue_first_stamp;
    } else if (!c->job->probing) {
        *keep = false;
        return pl_job_bad(c->job, c->err, "has no time, and no message beside it has one");
    }
    if (stamped) {
        return pl_job_stamps(c->job, c->market, c->venue_ns, c->local_ns, keep, c->err);
    }
    (void)pl_job_estimate(c->market, stream, c->local_ns, &c->venue_ns);
    c->flags |= PL_MSGF_NO_VENUE_TIME;
    return 0;
}

static int emit(struct ctx *c, int stream, struct pl_msg *msg)
{
    msg->venue_ns = c->venue_ns;
    msg->local_ns = c->local_ns;
    msg->flags |= c->flags;
    msg->px = c->job->px;
    msg->lots = c->job->lots;
    return pl_job_emit(c->job, c->market, stream, msg, c->err);
}

/* Futures chain by pu = previous u, spot by U = previous u + 1. */
static int check_chain(struct ctx *c)
{
    const struct pl_binance_msg *msg = c->msg;
    struct pl_import_market *m = c->market;
    bool by_prev = (msg->has & PL_BINANCE_HAS_PREV) != 0;
    uint64_t want = by_prev ? m->chain_last : m->chain_last + 1;
    uint64_t found = by_prev ? msg->prev_id : msg->first_id;
    bool broken = m->chain && want != found;
    m->chain = true;
    m->chain_last = msg->last_id;
    if (!broken) {
        return 0;
    }
    return pl_job_gap(c->job, m, c->venue_ns, c->local_ns, c->err,
                      "%s should be %llu and is %llu: depth updates are missing",
                      by_prev ? "pu" : "U", (unsigned long long)want, (unsigned long long)found);
}

static int on_book(struct ctx *c)
{
    const struct pl_binance_msg *msg = c->msg;
    struct pl_import_job *job = c->job;
    int64_t rows = pl_job_level_rows(job, c->market, c->err);
    if (rows == PL_ERR_NOMEM) {
        return PL_ERR_NOMEM;
    }
    if (rows < 0) { /* the chain is left as it was, so the loss shows as a gap at the next one */
        return pl_job_bad(job, c->err, "a level of the depth message %s", pl_job_why((int)rows));
    }
    bool snapshot = msg->kind == PL_BINANCE_SNAPSHOT;
    if (!snapshot) {
        int rc = check_chain(c);
        if (rc < 0) {
            return rc;
        }
    }
    struct pl_msg out = {.kind = snapshot ? PL_MSG_SNAPSHOT : PL_MSG_DEPTH,
                         .bid_count = job->bids.count,
                         .row_count = (uint32_t)rows,
                         .seq = msg->last_id,
                         .seq_first = snapshot ? 0 : msg->first_id};
    return emit(c, PL_STREAM_DEPTH, &out);
}

static int on_top(struct ctx *c)
{
    struct pl_import_job *job = c->job;
    job->bids.count = job->asks.count = 0;
    int rc = pl_levels_add(&job->bids, c->msg->bid);
    rc = rc < 0 ? rc : pl_levels_add(&job->asks, c->msg->ask);
    int64_t rows = rc < 0 ? rc : pl_job_level_rows(job, c->market, c->err);
    if (rows == PL_ERR_NOMEM) {
        return pl_error_set(c->err, PL_ERR_NOMEM, "out of memory");
    }
    if (rows < 0) {
        return pl_job_bad(job, c->err, "a number of the bookTicker %s", pl_job_why((int)rows));
    }
    struct pl_msg out = {
        .kind = PL_MSG_BBO, .bid_count = 1, .row_count = 2, .seq = c->msg->last_id};
    return emit(c, PL_STREAM_TOP, &out);
}

static int on_trade(struct ctx *c)
{
    const struct pl_binance_msg *msg = c->msg;
    struct pl_import_job *job = c->job;
    struct pl_import_market *m = c->market;
    bool whole = msg->kind == PL_BINANCE_TRADE;
    if ((!whole && m->trades_seen) || msg->qty.mantissa == 0) {
        /* the trade stream has the same prints; a print of nothing is a venue's notice */
        job->report->ignored += !job->probing;
        return 0;
    }
    int rc = pl_job_rows(job, 1, c->err);
    if (rc < 0) {
        return rc;
    }
    rc = pl_job_px(job, m, msg->price, &job->px[0]);
    rc = rc < 0 ? rc : pl_job_qty(job, m, msg->qty, &job->lots[0]);
    if (rc < 0) {
        return pl_job_bad(job, c->err, "price or size of the trade %s", pl_job_why(rc));
    }
    uint64_t last = whole ? msg->trade_id : msg->last_id;
    uint64_t first = whole ? msg->trade_id : msg->first_id;
    if (m->trade_last != 0 && first != m->trade_last + 1) {
        job->report->trade_id_gaps += !job->probing;
    }
    m->trade_last = last;
    uint8_t flags = msg->buyer_is_maker ? PL_MSGF_SELL : 0;
    if (msg->order_type.size > 0 && !pl_str_eq(msg->order_type, pl_str("MARKET"))) {
        flags |= PL_MSGF_NOT_BOOK;
    }
    struct pl_msg out = {.kind = PL_MSG_TRADE,
                         .flags = flags,
                         .row_count = 1,
                         .seq = last,
                         .seq_first = whole ? 0 : first};
    return emit(c, PL_STREAM_TRADES, &out);
}

/* The funding time moved on: what was exchanged at the old one is the rate shown last. */
static int check_funding(struct ctx *c)
{
    const struct pl_binance_msg *msg = c->msg;
    struct pl_import_market *m = c->market;
    int64_t next_ns = msg->time_ms * PL_NS_PER_MS;
    if ((msg->has & PL_BINANCE_HAS_TIME) == 0 || next_ns == 0) {
        return 0;
    }
    int rc = 0;
    if (m->funding_known && next_ns > m->funding_ns && c->venue_ns >= m->funding_ns &&
        m->funding_rate_known) {
        struct pl_grid e9 = {.step = {1, 9}};
        rc = pl_grid_steps_round(&e9, m->funding_rate, &c->job->px[0]);
        c->job->lots[0] = 0;
        /* seen late (the stream had a hole): then it counts from now, rather than be out of order */
        bool late = c->venue_ns - m->funding_ns > FUNDING_LATE_NS;
        struct pl_msg out = {.kind = PL_MSG_FUNDING,
                             .flags = late ? PL_MSGF_NO_VENUE_TIME : 0,
                             .row_count = 1,
                             .px = c->job->px,
                             .lots = c->job->lots,
                             .venue_ns = late ? c->venue_ns : m->funding_ns,
                             .local_ns = c->local_ns};
        rc = rc < 0 ? pl_job_bad(c->job, c->err, "the funding rate has too many digits")
                    : pl_job_emit(c->job, m, PL_STREAM_MARKS, &out, c->err);
    }
    m->funding_known = true;
    m->funding_ns = next_ns;
    m->funding_rate_known = (msg->has & PL_BINANCE_HAS_RATE) != 0;
    m->funding_rate = msg->rate;
    return rc;
}

static int on_mark(struct ctx *c)
{
    const struct pl_binance_msg *msg = c->msg;
    struct pl_import_job *job = c->job;
    int rc = pl_job_rows(job, 2, c->err);
    if (rc < 0 || job->probing) {
        return rc;
    }
    rc = check_funding(c);
    if (rc < 0) {
        return rc;
    }
    bool indexed = (msg->has & PL_BINANCE_HAS_INDEX) != 0;
    if (pl_grid_steps_round(&c->market->px, msg->price, &job->px[0]) < 0 ||
        (indexed && pl_grid_steps_round(&c->market->px, msg->index, &job->px[1]) < 0)) {
        return pl_job_bad(job, c->err, "mark or index price has too many digits");
    }
    job->lots[0] = job->lots[1] = 0;
    struct pl_msg out = {.kind = PL_MSG_MARK, .row_count = indexed ? 2 : 1};
    return emit(c, PL_STREAM_MARKS, &out);
}

int pl_capture_binance(struct pl_import_job *job, const struct pl_capture_line *line,
                       struct pl_error *err)
{
    struct pl_binance_msg msg;
    size_t at;
    int rc = pl_binance_read(line->json, &msg, &job->bids, &job->asks, &at);
    if (rc == PL_ERR_NOMEM) {
        return pl_error_set(err, rc, "out of memory");
    }
    if (rc < 0) {
        return pl_job_bad(job, err, "the message is damaged at byte %zu of its JSON", at);
    }
    static const int streams[] = {
        [PL_BINANCE_DEPTH] = PL_STREAM_DEPTH,      [PL_BINANCE_SNAPSHOT] = PL_STREAM_DEPTH,
        [PL_BINANCE_BOOK_TICKER] = PL_STREAM_TOP,  [PL_BINANCE_TRADE] = PL_STREAM_TRADES,
        [PL_BINANCE_AGG_TRADE] = PL_STREAM_TRADES, [PL_BINANCE_MARK] = PL_STREAM_MARKS,
    };
    struct ctx c = {.job = job, .msg = &msg, .err = err};
    if (msg.kind == PL_BINANCE_OTHER) {
        job->report->ignored += !job->probing;
        return 0;
    }
    rc = find_market(job, &msg, &c.market, err);
    if (rc < 0) {
        return rc;
    }
    if (c.market == NULL) {
        job->report->ignored += !job->probing;
        return 0;
    }
    if (job->probing) {
        note_evidence(&c);
    }
    bool keep;
    rc = find_time(&c, line, streams[msg.kind], &keep);
    if (rc < 0 || !keep) {
        return rc;
    }
    switch (msg.kind) {
    case PL_BINANCE_DEPTH:
    case PL_BINANCE_SNAPSHOT:
        return on_book(&c);
    case PL_BINANCE_BOOK_TICKER:
        return on_top(&c);
    case PL_BINANCE_TRADE:
    case PL_BINANCE_AGG_TRADE:
        return on_trade(&c);
    default:
        return on_mark(&c);
    }
}
