/* Bybit messages of a capture (V5 and the older V2) as market data. */
#include "codec/bybit/market.h"
#include "core/units.h"
#include "import/capture.h"

#include <string.h>

static void identify(struct pl_import_job *job, struct pl_import_market *m)
{
    size_t n = strlen(m->inst.symbol);
    /* BTCUSD and BTCUSDH26 are inverse; the linear ones end in USDT, USDC, PERP or -date */
    const char *usd = strstr(m->inst.symbol, "USD");
    bool inverse = usd != NULL && usd[3] != 'T' && usd[3] != 'C' && usd[3] != 'E' && n < 12;
    pl_job_identify(job, m, inverse ? "bybit-inverse" : "bybit-linear",
                    inverse ? PL_INST_INVERSE : PL_INST_LINEAR);
}

static int on_book(struct pl_import_job *job, struct pl_import_market *m,
                   const struct pl_bybit_msg *msg, int64_t local_ns, struct pl_error *err)
{
    int64_t venue_ns = msg->match_ns != 0 ? msg->match_ns : msg->sent_ns;
    if (venue_ns == 0) {
        return pl_job_bad(job, err, "the book message has no time");
    }
    bool keep;
    int rc = pl_job_stamps(job, m, venue_ns, local_ns, &keep, err);
    if (rc < 0 || !keep) {
        return rc;
    }
    int64_t rows = pl_job_level_rows(job, m, err);
    if (rows == PL_ERR_NOMEM) {
        return PL_ERR_NOMEM;
    }
    if (rows < 0) {
        return pl_job_bad(job, err, "a level of the book message %s", pl_job_why((int)rows));
    }
    bool snapshot = msg->kind == PL_BYBIT_SNAPSHOT;
    uint64_t want = m->chain_last + 1;
    bool broken = msg->chained && !snapshot && m->chain && msg->update != want;
    m->chain = true;
    m->chain_last = msg->update;
    if (broken) {
        rc = pl_job_gap(job, m, venue_ns, local_ns, err,
                        "u should be %llu and is %llu: book updates are missing",
                        (unsigned long long)want, (unsigned long long)msg->update);
        if (rc < 0) {
            return rc;
        }
    }
    struct pl_msg out = {.kind = snapshot ? PL_MSG_SNAPSHOT : PL_MSG_DEPTH,
                         .bid_count = job->bids.count,
                         .row_count = (uint32_t)rows,
                         .venue_ns = venue_ns,
                         .local_ns = local_ns,
                         .seq = msg->chained ? msg->update : msg->seq,
                         .px = job->px,
                         .lots = job->lots};
    return pl_job_emit(job, m, PL_STREAM_DEPTH, &out, err);
}

static int on_trade(struct pl_import_job *job, struct pl_import_market *m,
                    const struct pl_bybit_trade *t, int64_t sent_ns, int64_t local_ns,
                    struct pl_error *err)
{
    int64_t venue_ns = t->venue_ns != 0 ? t->venue_ns : sent_ns;
    if (venue_ns == 0 || t->qty.mantissa <= 0) {
        return pl_job_bad(
            job, err, venue_ns == 0 ? "the trade has no time" : "the trade's size is not above 0");
    }
    int rc = pl_job_rows(job, 1, err);
    if (rc < 0) {
        return rc;
    }
    rc = pl_job_px(job, m, t->px, &job->px[0]);
    rc = rc < 0 ? rc : pl_job_qty(job, m, t->qty, &job->lots[0]);
    if (rc < 0) {
        return pl_job_bad(job, err, "price or size of the trade %s", pl_job_why(rc));
    }
    bool keep;
    rc = pl_job_stamps(job, m, venue_ns, local_ns, &keep, err);
    if (rc < 0 || !keep) {
        return rc;
    }
    struct pl_msg out = {
        .kind = PL_MSG_TRADE,
        .flags = (uint8_t)((t->sell ? PL_MSGF_SELL : 0) | (t->not_book ? PL_MSGF_NOT_BOOK : 0)),
        .row_count = 1,
        .venue_ns = venue_ns,
        .local_ns = local_ns,
        .seq = t->seq,
        .px = job->px,
        .lots = job->lots};
    return pl_job_emit(job, m, PL_STREAM_TRADES, &out, err);
}

static int on_message(struct pl_import_job *job, const struct pl_bybit_msg *msg,
                      const struct pl_bybit_trades *trades, const struct pl_capture_line *line,
                      struct pl_error *err)
{
    struct pl_import_market *m = NULL;
    int rc = 0;
    if (msg->kind != PL_BYBIT_OTHER) {
        rc = pl_job_market(job, msg->symbol, &m, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (m == NULL) {
        job->report->ignored += !job->probing;
        return 0;
    }
    if (job->probing) {
        identify(job, m);
    }
    /* without a receive time: when the venue sent it, which is the nearest there is */
    int64_t sent_ns = msg->sent_ns != 0 ? msg->sent_ns : msg->match_ns;
    int64_t local_ns = line->local_known ? line->local_ns : sent_ns;
    if (msg->kind != PL_BYBIT_TRADES) {
        return on_book(job, m, msg, local_ns, err);
    }
    for (uint32_t i = 0; i < trades->count && rc == 0; i++) {
        const struct pl_bybit_trade *t = &trades->at[i];
        rc = on_trade(job, m, t, sent_ns, local_ns != 0 ? local_ns : t->venue_ns, err);
    }
    return rc;
}

int pl_capture_bybit(struct pl_import_job *job, const struct pl_capture_line *line,
                     struct pl_error *err)
{
    struct pl_bybit_msg msg;
    struct pl_bybit_trades trades = {0};
    size_t at;
    int rc = pl_bybit_read(line->json, &msg, &job->bids, &job->asks, &trades, &at);
    if (rc == PL_ERR_NOMEM) {
        rc = pl_error_set(err, rc, "out of memory");
    } else if (rc < 0) {
        rc = pl_job_bad(job, err, "the message is damaged at byte %zu of its JSON", at);
    } else {
        rc = on_message(job, &msg, &trades, line, err);
    }
    pl_bybit_trades_fini(&trades);
    return rc;
}
