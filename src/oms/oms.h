/* oms/oms.h - wanted against live: the fewest requests that turn our resting orders into what a
 * maker wants, and what the venue's answers do to them.
 *
 * Owner   one maker on one market. `order` points at `slot_count` (a multiple of 64, at most 256)
 *         slots that the engine owns, `slot_gap` slots of others between two of ours; the number
 *         of slot i on the wire is slot_base + i x (slot_gap + 1).
 * Memory  none of its own. Cost: diff O(orders x wanted levels of a side), responses O(1).
 * Truth   exposure counts live, in-flight and not yet confirmed cancels; an amend in flight counts
 *         its larger size. A fill is believed even when we did not expect it. */
#ifndef PL_OMS_OMS_H
#define PL_OMS_OMS_H

#include "base/hash.h"
#include "core/regrid.h"
#include "core/units.h"
#include "oms/order.h"
#include "port/port.h"

#include <stdbool.h>

#define PL_OMS_WORDS      4
#define PL_OMS_SLOTS_MAX  (64 * PL_OMS_WORDS)
#define PL_OMS_LEVELS_MAX 50
#define PL_OMS_BATCH_MAX  (PL_OMS_SLOTS_MAX + 2 * PL_OMS_LEVELS_MAX)

struct pl_oms_level {
    int64_t px, lots;
};

/* Wanted quotes of one side, innermost first. */
struct pl_oms_wanted {
    const struct pl_oms_level *level;
    uint32_t count;
    uint8_t flags; /* enum pl_order_flag for orders of this side */
    bool hold;     /* create nothing, move nothing inward or larger: live orders there stay */
};

struct pl_oms_policy {
    int64_t replace_ticks;       /* a live order this far from every wanted price is stale; >= 1 */
    double size_tolerance;       /* relative to the wanted size; negative = sizes never matter */
    double refill_below;         /* top up when left < refill_below x wanted; 0 = never */
    int64_t order_age_ns;        /* older orders are placed again; 0 = never */
    int64_t order_rest_ns;       /* younger orders are left alone while their side is wanted */
    bool cancelling_counts;      /* an order whose cancel is in flight still holds its price */
    bool amend;                  /* replace by amending instead of cancel and new */
    int64_t max_long, max_short; /* position limits in lots (positive); INT64_MAX = none */
};

struct pl_oms_counts {
    uint64_t orders, cancels, amends;
    uint64_t rejects_post_only, rejects_other, cancel_too_late;
    uint64_t no_slot;   /* creations skipped: every slot in use */
    uint64_t lots_sent; /* sum of the sizes of all orders created */
    uint64_t trimmed;   /* creations made smaller or dropped by the position limit */
};

/* Post-only rejections of one side. Orders sent before we heard of one share its occasion. */
struct pl_oms_rejects {
    int64_t px, at_ns; /* the outermost price refused; when the occasion was first heard of */
    uint32_t in_a_row; /* occasions, each within reject_clear_ns of the one before */
};

struct pl_oms {
    struct pl_order *order;
    uint64_t used[PL_OMS_WORDS];
    uint32_t slot_base, slot_count, slot_gap;
    uint32_t next_id;
    uint32_t in_flight; /* requests without an answer */
    int64_t open[2];    /* exposure of each side in lots */
    uint64_t digest;    /* of every request sent, in order */
    bool unsettled;     /* the last diff left something to do that an answer may allow */
    int64_t reject_clear_ns;
    struct pl_oms_rejects rejects[2];
    struct pl_oms_counts counts;
};

static inline struct pl_order *pl_oms_order(const struct pl_oms *oms, uint32_t idx)
{
    return &oms->order[(size_t)idx * (oms->slot_gap + 1)];
}
/* Compares and writes the requests into action[PL_OMS_BATCH_MAX]; returns how many. The orders are
 * already marked as sent: the caller must submit exactly these. */
uint32_t pl_oms_diff(struct pl_oms *oms, const struct pl_oms_policy *policy,
                     const struct pl_oms_wanted wanted[2], int64_t pos_lots, int64_t now_ns,
                     struct pl_action *action);
/* Applies an answer. Returns true when a maker should look again: position or slots changed. */
bool pl_oms_respond(struct pl_oms *oms, const struct pl_response *response);
/* Cancels everything that can be cancelled. Returns the number of requests written. */
uint32_t pl_oms_cancel_all(struct pl_oms *oms, int64_t now_ns, struct pl_action *action);
/* Tick or lot have changed: what we know of our orders is restated, sizes rounded up, so exposure is
 * never understated. The venue cancels the orders themselves. */
void pl_oms_regrid(struct pl_oms *oms, const struct pl_regrid *regrid);
/* Whole-state check: exposure equals the sum over orders. */
bool pl_oms_check(const struct pl_oms *oms);

#endif
