/* engine/market.h - one instrument as every maker shares it: the venue-time book, features computed
 * once, and the ring of views that makers read with their own delay.
 *
 * Step    one message whole: the book, then the fused touch, then features, then one view record.
 * Fused   a best-bid/ask stream is fresher than depth: its touch holds until a depth message with a
 *         later id arrives. compat ignores it, as the public peer does.
 * Read    the newest record with visible_ns + extra <= now, in venue order. Streams may become
 *         visible out of venue order, so the reader goes backwards from the newest.
 * Memory  all taken in pl_market_create. */
#ifndef PL_ENGINE_MARKET_H
#define PL_ENGINE_MARKET_H

#include "base/arena.h"
#include "book/book.h"
#include "book/touch.h"
#include "core/block.h"
#include "feature/estimator.h"
#include "feature/view.h"
#include "strategy/strategy.h"

#include <stdbool.h>

struct pl_market_config {
    struct pl_book_config book;
    uint32_t view_ring; /* records, a power of two; 0 = 1024 */
    bool ignore_bbo;    /* compat: depth alone makes the touch */
};

struct pl_market_counts {
    uint64_t messages, rows, trades, gaps;
    uint64_t
        views_lost; /* reads that found nothing visible left in the ring: makers went unasked */
};

struct pl_market {
    struct pl_book *book;
    struct pl_inst inst;
    struct pl_touch touch;      /* depth fused with the best bid/ask stream */
    uint64_t bbo_seq;           /* id of the last best bid/ask that set the touch */
    int64_t venue_ns, local_ns; /* of the last message */
    int64_t mark_px;            /* last mark price in ticks; 0 = none */
    bool ignore_bbo;
    struct pl_view_rec *ring;
    double *feature_ring; /* PL_VIEW_FEATURES_MAX values beside each record */
    uint64_t published;   /* number of the newest record; 0 = none */
    uint64_t ring_mask;
    struct pl_estimator *estimator[PL_VIEW_FEATURES_MAX];
    struct pl_feature_request request[PL_VIEW_FEATURES_MAX];
    uint32_t feature_count;
    bool trade_features; /* a feature reads trades: trades publish views too */
    bool mark_features;  /* the same for mark prices */
    double lot;          /* of inst, for features */
    struct pl_market_counts counts;
};

PL_MUST_USE int pl_market_create(struct pl_arena *arena, const struct pl_market_config *config,
                                 const struct pl_inst *inst, struct pl_market **out);
/* Registers a feature (equal requests share one); *idx = its place in pl_market_features. */
PL_MUST_USE int pl_market_feature(struct pl_market *market, struct pl_arena *arena,
                                  const struct pl_feature_request *request, uint32_t *idx,
                                  struct pl_error *err);
/* Another definition holds from now on. A new tick or lot empties book, touch and features: what was
 * known is in the old grid, and the venue sends a snapshot. */
void pl_market_change_inst(struct pl_market *market, const struct pl_inst *inst, bool moved);
/* Applies message i of a block to book, touch and counters; then pl_market_publish. Split, so that
 * a simulated venue can look at the book in between. */
void pl_market_apply(struct pl_market *market, const struct pl_block *block, uint32_t i);
void pl_market_publish(struct pl_market *market, const struct pl_block *block, uint32_t i);
/* Features as they were when `rec` was published, in the unit their spec names; NAN = not warm. */
static inline const double *pl_market_features(const struct pl_market *m,
                                               const struct pl_view_rec *rec)
{
    return m->feature_ring + (rec->number & m->ring_mask) * PL_VIEW_FEATURES_MAX;
}
/* NULL when nothing is visible yet, or when what is has left the ring (counted). */
const struct pl_view_rec *pl_market_view(struct pl_market *market, int64_t now_ns,
                                         int64_t extra_ns);

#endif
