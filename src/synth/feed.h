/* synth/feed.h - the venue's data feed of one market: what of the book is published, and when.
 *
 * SNAPSHOT   the whole book, bids then asks, best first; seq = the book's change counter
 * DEPTH      every level whose size differs from what was last published; seq_first = the seq of
 *            the depth message before + 1, so ids chain without a hole
 * BBO        whenever price or size of the touch changed; seq = the change counter
 * TRADE      one print per maker order hit; seq = a trade id of its own
 * MARK       each second; FUNDING each eight hours
 *
 * One connection: local times never go back. Latency is a floor plus a log-normal whose logarithm
 * is a first-order autoregression, so that slow moments last.
 * Cost: DEPTH walks a bitmap of the window. Errors: PL_ERR_NOMEM. */
#ifndef PL_SYNTH_FEED_H
#define PL_SYNTH_FEED_H

#include "synth/lob.h"
#include "synth/outbox.h"
#include "synth/profile.h"

#include "synth/draw.h"

struct pl_feed {
    const struct pl_synth_profile *profile;
    uint16_t market;
    bool live; /* false while the market warms up: nothing is published */
    struct pl_draw draw;
    int64_t stamp_ns, floor_ns, local_last_ns, latency_ns;
    double latency_z, latency_keep;
    uint64_t changes, published, trade_id; /* of the book; last one in a depth message */
    int64_t bid, ask, bid_lots, ask_lots;  /* last BBO */
    struct pl_outbox box;
};

void pl_feed_init(struct pl_feed *feed, const struct pl_synth_profile *profile, uint16_t market,
                  uint64_t seed);
void pl_feed_fini(struct pl_feed *feed);
/* Once per step: the latency of the moment. */
void pl_feed_step(struct pl_feed *feed);
PL_MUST_USE int pl_feed_snapshot(struct pl_feed *feed, struct pl_lob *lob, int64_t now_ns);
/* Nothing is sent when nothing changed. */
PL_MUST_USE int pl_feed_depth(struct pl_feed *feed, struct pl_lob *lob, int64_t now_ns);
PL_MUST_USE int pl_feed_bbo(struct pl_feed *feed, struct pl_lob *lob, int64_t now_ns);
PL_MUST_USE int pl_feed_trade(struct pl_feed *feed, enum pl_side aggressor, int64_t px,
                              int64_t lots, int64_t now_ns);
PL_MUST_USE int pl_feed_mark(struct pl_feed *feed, int64_t mark, int64_t index, int64_t now_ns);
PL_MUST_USE int pl_feed_funding(struct pl_feed *feed, int64_t rate_e9, int64_t now_ns);

#endif
