/* oms/order.h - one order as we know it: what was sent, what the venue confirmed, what is left. */
#ifndef PL_OMS_ORDER_H
#define PL_OMS_ORDER_H

#include <stdint.h>

enum pl_order_state {
    PL_ORDER_FREE = 0,
    PL_ORDER_PENDING_NEW, /* sent, not confirmed; may already be resting or filled */
    PL_ORDER_LIVE,
    PL_ORDER_PENDING_CANCEL,
    PL_ORDER_PENDING_AMEND,
    PL_ORDER_UNKNOWN, /* an answer is overdue: counts fully, resolved by query */
};

struct pl_order {
    int64_t px, lots, left;   /* price and size as last placed; size not yet executed */
    int64_t done;             /* executed since it was created */
    int64_t new_px, new_lots; /* AMEND in flight; its size counts what is executed, as venues do */
    int64_t sent_ns;          /* local time of creation */
    uint32_t id;
    uint8_t state, side, level, flags; /* flags: enum pl_order_flag */
};

#endif
