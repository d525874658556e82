/* feature/view.h - what a market published after one message. A maker reads the newest record that
 * is visible to it; the features of that moment lie beside the records (pl_market_features).
 *
 * Units  ticks, lots, ns. */
#ifndef PL_FEATURE_VIEW_H
#define PL_FEATURE_VIEW_H

#include "book/touch.h"
#include "core/units.h"

#include <stdint.h>

#define PL_VIEW_FEATURES_MAX 12

enum pl_view_flag {
    PL_VIEWF_STALE = 1,    /* the feed broke and no snapshot has come since */
    PL_VIEWF_BUILDING = 2, /* no snapshot yet: depth incomplete */
};

struct pl_view_rec {
    int64_t visible_ns; /* local time at which a maker without extra latency can know it */
    int64_t venue_ns;
    struct pl_touch touch;
    uint64_t number; /* of the record, from 1; 0 = nothing published yet */
    uint32_t flags;
    uint32_t msg_kind; /* enum pl_msg_kind of the message that made it */
};
_Static_assert(sizeof(struct pl_view_rec) == 64,
               "one is written after every message: a cache line");

#endif
