/* port/port.h - the two tables the engine calls and the outside fills in.
 *
 * Order entry: requests go out in batches; everything that comes back is a pl_response event, never
 * a return value. Record sink: what a run wants to remember; absent in sweeps. */
#ifndef PL_PORT_PORT_H
#define PL_PORT_PORT_H

#include "core/order_kind.h"
#include "core/units.h"

#include <stdint.h>

enum pl_action_kind { PL_ACT_NEW, PL_ACT_CANCEL, PL_ACT_AMEND };
/* One request. `slot` and `id` name the order: the slot is reused, the id never is. */
struct pl_action {
    int64_t px, lots; /* NEW: of the order; AMEND: wanted; CANCEL: ignored */
    uint32_t slot, id;
    uint8_t kind, side, tif, flags;
};

enum pl_response_kind {
    PL_RSP_ACCEPTED,
    PL_RSP_REJECTED, /* of a NEW: the order is gone */
    PL_RSP_CANCELLED,
    PL_RSP_CANCEL_REJECTED, /* too late: filled or gone */
    PL_RSP_AMENDED,
    PL_RSP_AMEND_REJECTED, /* the order stands as it was, unless `left` is 0 */
    PL_RSP_FILL,
};

enum pl_reject_reason {
    PL_REJECT_NONE,
    PL_REJECT_POST_ONLY, /* would have taken */
    PL_REJECT_UNKNOWN,   /* no such order */
    PL_REJECT_RATE,      /* the venue's request limit */
    PL_REJECT_SIZE,      /* below the minimum or above the maximum size */
    PL_REJECT_NOTIONAL,
    PL_REJECT_PRICE,       /* outside the legal range */
    PL_REJECT_REDUCE_ONLY, /* would not reduce */
    PL_REJECT_NO_MATCH,    /* IOC or FOK found nothing to trade with */
    PL_REJECT_LIMIT,       /* too many orders */
    PL_REJECT_REASON_COUNT
};

struct pl_response {
    int64_t local_ns, venue_ns; /* when we hear of it; when it happened */
    int64_t px, lots;           /* FILL: executed at px; else the order's own */
    int64_t left;               /* size still resting afterwards */
    uint32_t slot, id, maker;
    uint8_t kind, reason, taker, side;
};

struct pl_port {
    /* Takes `count` requests of one maker at local time now_ns. Never fails: what cannot be sent
     * comes back as a response. */
    void (*submit)(struct pl_port *self, uint32_t maker, const struct pl_action *action,
                   uint32_t count, int64_t now_ns);
};

#endif
