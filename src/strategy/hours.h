/* strategy/hours.h - hours of the week in UTC, as text: "Mon-Fri 08:00-20:00, Sat 22:00-02:00".
 *
 * An entry is [DAY[-DAY]] HH:MM-HH:MM; without a day it counts every day. Ends are exclusive, an
 * end at or before its start lies on the next day, 24:00 is the end of a day. "always" or nothing
 * = always. Units: ns UTC. No memory taken. Cost: O(entries). */
#ifndef PL_STRATEGY_HOURS_H
#define PL_STRATEGY_HOURS_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_HOURS_SPANS_MAX 64

struct pl_hours {
    uint32_t count; /* 0 = always */
    struct {
        int32_t from, to; /* minutes since Monday 00:00; to may lie in the next week */
    } span[PL_HOURS_SPANS_MAX];
};

/* PL_ERR_INVALID with words; *out is then as it was. */
PL_MUST_USE int pl_hours_parse(struct pl_str text, struct pl_hours *out, struct pl_error *err);

struct pl_hours_now {
    bool open;
    int64_t from_ns, until_ns; /* open: the span of now; of several, the one that began last */
    int64_t change_ns;         /* the answer is the same until then */
};
/* Where `now_ns` (>= 0) stands. */
struct pl_hours_now pl_hours_at(const struct pl_hours *hours, int64_t now_ns);

#endif
