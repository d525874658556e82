#include "engine/market.h"

#include "base/assert.h"

#include <string.h>

int pl_market_create(struct pl_arena *arena, const struct pl_market_config *config,
                     const struct pl_inst *inst, struct pl_market **out)
{
    uint32_t ring = config->view_ring ? config->view_ring : 1024;
    if ((ring & (ring - 1)) != 0) {
        return PL_ERR_INVALID;
    }
    struct pl_market *m = pl_arena_take(arena, 1, sizeof *m);
    if (m == NULL) {
        return PL_ERR_NOMEM;
    }
    int rc = pl_book_create(arena, &config->book, &m->book);
    if (rc < 0) {
        return rc;
    }
    m->ring = pl_arena_take(arena, ring, sizeof *m->ring);
    m->feature_ring = pl_arena_take(arena, ring, PL_VIEW_FEATURES_MAX * sizeof *m->feature_ring);
    if (m->ring == NULL || m->feature_ring == NULL) {
        return PL_ERR_NOMEM;
    }
    m->ring_mask = ring - 1;
    m->inst = *inst;
    m->lot = pl_inst_lot(inst);
    m->ignore_bbo = config->ignore_bbo;
    m->touch = (struct pl_touch){.px = {PL_PX_NO_BID, PL_PX_NO_ASK}};
    *out = m;
    return 0;
}

int pl_market_feature(struct pl_market *m, struct pl_arena *arena,
                      const struct pl_feature_request *request, uint32_t *idx, struct pl_error *err)
{
    for (uint32_t i = 0; i < m->feature_count; i++) {
        if (pl_feature_request_equal(&m->request[i], request)) {
            *idx = i;
            return 0;
        }
    }
    if (m->feature_count == PL_VIEW_FEATURES_MAX) {
        return pl_error_set(err, PL_ERR_LIMIT,
                            "%s: more than %d different features on one market; let the makers "
                            "share windows",
                            m->inst.symbol, PL_VIEW_FEATURES_MAX);
    }
    int rc = pl_estimator_create(arena, request, &m->estimator[m->feature_count], err);
    if (rc < 0) {
        return rc;
    }
    m->request[m->feature_count] = *request;
    m->trade_features |= pl_estimator_reads_trades(request);
    m->mark_features |= pl_estimator_reads_marks(request);
    *idx = m->feature_count++;
    return 0;
}

/* The touch of the depth, unless a later best bid/ask is known: that one is truer. Without ids the
 * order of the messages decides. */
static void touch_from_depth(struct pl_market *m)
{
    if (m->book->seq != 0 && m->bbo_seq > m->book->seq) {
        return;
    }
    for (int s = 0; s < 2; s++) {
        int64_t px = m->book->best[s];
        bool any = px != PL_PX_NO_BID && px != PL_PX_NO_ASK;
        m->touch.px[s] = px;
        m->touch.lots[s] = any ? pl_book_lots(m->book, (enum pl_side)s, px) : 0;
    }
}

/* Best bid and ask of their own stream; older than the depth we have, they say nothing. */
static inline void touch_from_bbo(struct pl_market *m, const int64_t *px, const int64_t *lots,
                                  uint64_t seq)
{
    if (m->ignore_bbo || (seq != 0 && seq <= m->book->seq)) {
        return;
    }
    m->bbo_seq = seq;
    m->touch.px[PL_BUY] = lots[0] > 0 ? px[0] : PL_PX_NO_BID;
    m->touch.px[PL_SELL] = lots[1] > 0 ? px[1] : PL_PX_NO_ASK;
    m->touch.lots[PL_BUY] = lots[0];
    m->touch.lots[PL_SELL] = lots[1];
}

void pl_market_apply(struct pl_market *m, const struct pl_block *b, uint32_t i)
{
    uint32_t row = b->row_begin[i], rows = b->row_begin[i + 1] - row;
    m->counts.messages++;
    m->counts.rows += rows;
    m->venue_ns = b->venue_ns[i];
    m->local_ns = b->local_ns[i];
    switch (b->kind[i]) {
    case PL_MSG_DEPTH:
        pl_book_apply_depth(m->book, b->px + row, b->lots + row, b->bid_count[i], rows, b->seq[i]);
        touch_from_depth(m);
        break;
    case PL_MSG_SNAPSHOT:
        pl_book_apply_snapshot(m->book, b->px + row, b->lots + row, b->bid_count[i], rows,
                               b->seq[i]);
        touch_from_depth(m);
        break;
    case PL_MSG_BBO:
        touch_from_bbo(m, b->px + row, b->lots + row, b->seq[i]);
        break;
    case PL_MSG_TRADE:
        m->counts.trades++;
        break;
    case PL_MSG_MARK:
        m->mark_px = b->px[row];
        break;
    case PL_MSG_GAP:
        m->counts.gaps++;
        pl_book_mark_stale(m->book);
        break;
    default:
        break;
    }
}

void pl_market_change_inst(struct pl_market *m, const struct pl_inst *inst, bool moved)
{
    m->inst = *inst;
    m->lot = pl_inst_lot(inst);
    if (!moved) {
        return;
    }
    pl_book_reset(m->book);
    m->touch = (struct pl_touch){.px = {PL_PX_NO_BID, PL_PX_NO_ASK}};
    m->bbo_seq = 0;
    m->mark_px = 0;
    m->published = 0; /* records in the old grid are not to be read again */
    for (uint32_t f = 0; f < m->feature_count; f++) {
        pl_estimator_reset(m->estimator[f]);
    }
}

static bool feeds_views(const struct pl_market *m, uint8_t kind)
{
    switch (kind) {
    case PL_MSG_DEPTH:
    case PL_MSG_SNAPSHOT:
    case PL_MSG_GAP:
        return true;
    case PL_MSG_BBO:
        return !m->ignore_bbo;
    case PL_MSG_TRADE:
        return m->trade_features;
    case PL_MSG_MARK:
        return m->mark_features;
    default:
        return false;
    }
}

static void step_features(struct pl_market *m, const struct pl_block *b, uint32_t i)
{
    struct pl_feature_input in = {
        .book = m->book,
        .venue_ns = m->venue_ns,
        .touch = m->touch,
        .mark_px = m->mark_px,
        .lot = m->lot,
    };
    if (b->kind[i] == PL_MSG_TRADE && (b->flags[i] & PL_MSGF_NOT_BOOK) == 0) {
        in.trade = true;
        in.trade_px = b->px[b->row_begin[i]];
        in.trade_lots = b->lots[b->row_begin[i]];
        in.trade_sell = (b->flags[i] & PL_MSGF_SELL) != 0;
    }
    for (uint32_t f = 0; f < m->feature_count; f++) {
        pl_estimator_step(m->estimator[f], &in);
    }
}

void pl_market_publish(struct pl_market *m, const struct pl_block *b, uint32_t i)
{
    if (!feeds_views(m, b->kind[i])) {
        return;
    }
    if (m->feature_count > 0) {
        step_features(m, b, i);
    }
    struct pl_view_rec *rec = &m->ring[++m->published & m->ring_mask];
    rec->visible_ns = b->local_ns[i];
    rec->venue_ns = b->venue_ns[i];
    rec->touch = m->touch;
    rec->number = m->published;
    rec->flags = (m->book->state == PL_BOOK_STALE ? PL_VIEWF_STALE : 0u) |
                 (m->book->state == PL_BOOK_BUILDING ? PL_VIEWF_BUILDING : 0u);
    rec->msg_kind = b->kind[i];
    double *feature = m->feature_ring + (m->published & m->ring_mask) * PL_VIEW_FEATURES_MAX;
    for (uint32_t f = 0; f < m->feature_count; f++) {
        feature[f] = pl_estimator_value(m->estimator[f]);
    }
}

const struct pl_view_rec *pl_market_view(struct pl_market *m, int64_t now_ns, int64_t extra_ns)
{
    uint64_t oldest = m->published > m->ring_mask ? m->published - m->ring_mask : 1;
    for (uint64_t n = m->published; n >= oldest && n > 0; n--) {
        const struct pl_view_rec *rec = &m->ring[n & m->ring_mask];
        if (rec->visible_ns + extra_ns <= now_ns) {
            return rec;
        }
    }
    m->counts.views_lost += oldest > 1;
    return NULL;
}
