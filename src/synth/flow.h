/* synth/flow.h - the order flow of one market: who sends what to the book, and how often.
 *
 * A continuous-time Markov chain simulated exactly (Gillespie 1977) between steps of the efficient
 * price: the sum of all rates gives the time to the next event, their shares its kind. The kinds:
 * deep orders come and go; makers join, leave and improve the touch at rates that depend on the
 * queue (queue-reactive: Huang, Lehalle, Rosenbaum 2015) and on how mispriced it is; uninformed
 * takers excite each other (Hawkes); informed takers hit what the efficient price left behind.
 *
 * Units   ticks, lots, seconds in rates, ns in stamps.
 * Owner   one market. Memory: the book's pool grows, nothing else.
 * Errors  PL_ERR_NOMEM. */
#ifndef PL_SYNTH_FLOW_H
#define PL_SYNTH_FLOW_H

#include "synth/feed.h"
#include "synth/lob.h"
#include "synth/path.h"
#include "synth/profile.h"
#include "synth/sizes.h"

enum pl_flow_kind { /* of an event; bid and ask, or buy and sell, in pairs */
                    PL_FLOW_DEEP_ADD,
                    PL_FLOW_DEEP_CANCEL,
                    PL_FLOW_JOIN,
                    PL_FLOW_LEAVE = PL_FLOW_JOIN + 2,
                    PL_FLOW_FADE = PL_FLOW_LEAVE + 2, /* off the touch */
                    PL_FLOW_IMPROVE = PL_FLOW_FADE + 2,
                    PL_FLOW_TAKE = PL_FLOW_IMPROVE + 2,
                    PL_FLOW_SNIPE = PL_FLOW_TAKE + 2,
                    PL_FLOW_KINDS = PL_FLOW_SNIPE + 2
};

struct pl_flow {
    const struct pl_synth_profile *p;
    double rate_scale; /* --rate */
    struct pl_lob lob;
    struct pl_feed feed;
    struct pl_draw draw;
    struct pl_sizes deep_size, touch_size, taker_size, snipe_size;
    double price0, path_scale; /* X = price0 exp(path_scale y) */
    double x, base, push;      /* efficient price in ticks = base + own impact */
    int64_t fair[2];           /* best bid and ask a maker would show at x */
    double push_keep;
    double signal;      /* what the informed see coming, in (-1, 1) */
    double signal_unit; /* ticks that count as half */
    double activity;
    double excite[2][2], excite_keep[2], excite_jump[2]; /* [kernel][side]; per step; per order */
    double target_lots;
    double mid_ema;
    double rate[PL_FLOW_KINDS];
    uint64_t events;
};

PL_MUST_USE int pl_flow_init(struct pl_flow *flow, const struct pl_synth_profile *profile,
                             uint16_t market, uint64_t seed, double rate_scale, double price);
void pl_flow_fini(struct pl_flow *flow);
/* A step begins: the efficient price is price0 exp(path_scale y), `ahead` is y at the horizon. */
PL_MUST_USE int pl_flow_step(struct pl_flow *flow, double y, double ahead, double activity);
/* All events of (from, to]; the step's prices hold. */
PL_MUST_USE int pl_flow_run(struct pl_flow *flow, int64_t from_ns, int64_t to_ns);

#endif
