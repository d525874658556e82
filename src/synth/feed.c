#include "synth/feed.h"

#include "base/assert.h"
#include "math/fn.h"

#include <math.h>

void pl_feed_init(struct pl_feed *feed, const struct pl_synth_profile *profile, uint16_t market,
                  uint64_t seed)
{
    *feed = (struct pl_feed){
        .profile = profile,
        .market = market,
        .draw = pl_draw_market(seed, market, PL_DRAW_FEED),
        .stamp_ns = (int64_t)(profile->stamp_s * 1e9),
        .floor_ns = (int64_t)(profile->feed_floor_s * 1e9),
        .local_last_ns = INT64_MIN,
        .latency_keep = pl_exp(-profile->step_s / profile->feed_tau_s),
        .changes = 1000000,
        .trade_id = 5000000,
    };
    feed->published = feed->changes;
    feed->latency_z = pl_norm_ppf(pl_draw_unit(&feed->draw));
    pl_feed_step(feed);
}

void pl_feed_fini(struct pl_feed *feed)
{
    pl_outbox_fini(&feed->box);
}

void pl_feed_step(struct pl_feed *feed)
{
    double shock = pl_norm_ppf(pl_draw_unit(&feed->draw)), keep = feed->latency_keep;
    feed->latency_z = keep * feed->latency_z + sqrt(1 - keep * keep) * shock;
    double s = feed->profile->feed_median_s * pl_exp(feed->profile->feed_sd * feed->latency_z);
    feed->latency_ns = feed->floor_ns + (int64_t)(s * 1e9);
}

/* Stamps and begins a message; its rows follow. */
static int begin(struct pl_feed *feed, enum pl_msg_kind kind, uint8_t flags, int64_t now_ns,
                 uint64_t seq_first, uint64_t seq)
{
    int64_t local = now_ns + feed->latency_ns;
    if (local <= feed->local_last_ns) {
        local = feed->local_last_ns + PL_NS_PER_US; /* one connection: behind the one before */
    }
    feed->local_last_ns = local;
    struct pl_msg head = {.kind = (uint8_t)kind,
                          .flags = flags,
                          .market = feed->market,
                          .venue_ns = now_ns - now_ns % feed->stamp_ns,
                          .local_ns = local,
                          .seq = seq,
                          .seq_first = seq_first};
    return pl_outbox_begin(&feed->box, &head);
}

int pl_feed_snapshot(struct pl_feed *feed, struct pl_lob *lob, int64_t now_ns)
{
    if (!feed->live) {
        return 0;
    }
    int rc = begin(feed, PL_MSG_SNAPSHOT, 0, now_ns, 0, feed->published);
    for (int s = 0; s < 2 && rc == 0; s++) {
        enum pl_side side = (enum pl_side)s;
        int64_t step = side == PL_BUY ? -1 : 1;
        for (int64_t px = lob->best[side]; rc == 0 && pl_lob_inside(lob, px); px += step) {
            int64_t lots = pl_lob_level_at(lob, side, px)->shown;
            if (lots > 0) {
                rc = pl_outbox_row(&feed->box, side, px, lots);
            }
        }
    }
    return rc;
}

static int depth_side(struct pl_feed *feed, struct pl_lob *lob, enum pl_side side)
{
    for (uint32_t i = 0; i < lob->gone_count; i++) {
        if (lob->gone[i].side == side && feed->live) {
            int rc = pl_outbox_row(&feed->box, side, lob->gone[i].px, 0);
            if (rc < 0) {
                return rc;
            }
        }
    }
    for (int64_t base = lob->low; base < lob->low + lob->window; base += 64) {
        uint64_t *word = &lob->dirty[side][((uint64_t)base & (lob->window - 1)) >> 6];
        for (uint64_t bits = *word; bits != 0; bits &= bits - 1) {
            int64_t px = base + __builtin_ctzll(bits);
            struct pl_lob_level *level = pl_lob_level_at(lob, side, px);
            if (level->lots == level->shown) {
                continue; /* came and went in between */
            }
            level->shown = level->lots;
            int rc = feed->live ? pl_outbox_row(&feed->box, side, px, level->lots) : 0;
            if (rc < 0) {
                return rc;
            }
        }
        *word = 0;
    }
    return 0;
}

int pl_feed_depth(struct pl_feed *feed, struct pl_lob *lob, int64_t now_ns)
{
    if (feed->changes == feed->published && lob->gone_count == 0) {
        return 0;
    }
    int64_t local_before = feed->local_last_ns;
    int rc = 0;
    if (feed->live) {
        rc = begin(feed, PL_MSG_DEPTH, 0, now_ns, feed->published + 1, feed->changes);
    }
    for (int s = 0; s < 2 && rc == 0; s++) {
        rc = depth_side(feed, lob, (enum pl_side)s);
    }
    lob->gone_count = 0;
    if (rc == 0 && feed->live && feed->box.msg[feed->box.count - 1].row_count == 0) {
        pl_outbox_drop(&feed->box); /* its ids go into the next one */
        feed->local_last_ns = local_before;
        return 0;
    }
    feed->published = feed->changes;
    return rc;
}

int pl_feed_bbo(struct pl_feed *feed, struct pl_lob *lob, int64_t now_ns)
{
    int64_t bid = lob->best[PL_BUY], ask = lob->best[PL_SELL];
    int64_t bid_lots = pl_lob_best_lots(lob, PL_BUY), ask_lots = pl_lob_best_lots(lob, PL_SELL);
    if (!feed->live || (bid == feed->bid && ask == feed->ask && bid_lots == feed->bid_lots &&
                        ask_lots == feed->ask_lots)) {
        return 0;
    }
    feed->bid = bid, feed->ask = ask, feed->bid_lots = bid_lots, feed->ask_lots = ask_lots;
    int rc = begin(feed, PL_MSG_BBO, 0, now_ns, 0, feed->changes);
    if (rc == 0) {
        rc = pl_outbox_row(&feed->box, PL_BUY, bid_lots > 0 ? bid : 0, bid_lots);
    }
    if (rc == 0) {
        rc = pl_outbox_row(&feed->box, PL_SELL, ask_lots > 0 ? ask : 0, ask_lots);
    }
    return rc;
}

int pl_feed_trade(struct pl_feed *feed, enum pl_side aggressor, int64_t px, int64_t lots,
                  int64_t now_ns)
{
    if (!feed->live) {
        return 0;
    }
    uint8_t flags = aggressor == PL_SELL ? PL_MSGF_SELL : 0;
    int rc = begin(feed, PL_MSG_TRADE, flags, now_ns, 0, ++feed->trade_id);
    return rc < 0 ? rc : pl_outbox_row(&feed->box, PL_SELL, px, lots);
}

int pl_feed_mark(struct pl_feed *feed, int64_t mark, int64_t index, int64_t now_ns)
{
    if (!feed->live) {
        return 0;
    }
    int rc = begin(feed, PL_MSG_MARK, 0, now_ns, 0, 0);
    if (rc == 0) {
        rc = pl_outbox_row(&feed->box, PL_SELL, mark, 0);
    }
    return rc < 0 ? rc : pl_outbox_row(&feed->box, PL_SELL, index, 0);
}

int pl_feed_funding(struct pl_feed *feed, int64_t rate_e9, int64_t now_ns)
{
    if (!feed->live) {
        return 0;
    }
    int rc = begin(feed, PL_MSG_FUNDING, 0, now_ns, 0, 0);
    return rc < 0 ? rc : pl_outbox_row(&feed->box, PL_SELL, rate_e9, 0);
}
