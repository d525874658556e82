/* codec/tape/clock.h - local times by the tape's clock rule (enum pl_clock_rule).
 *
 * FLOOR   adds -min to every local time if min, the smallest local - venue of the whole tape, is
 *         negative: the rule of the public peer's converters, equal for all markets.
 * MOVING  subtracts a floor that moves with venue time: the smallest latency of each minute holds
 *         at the minute's middle, straight lines between, level outside. Then no latency below
 *         zero, and no local time before the last one of its stream (market and kind). A replay
 *         that starts in the middle knows no earlier local time of a stream; until the first
 *         message of the stream that matters only where the clock jumps. */
#ifndef PL_CODEC_TAPE_CLOCK_H
#define PL_CODEC_TAPE_CLOCK_H

#include "codec/tape/cols.h"
#include "codec/tape/index.h"

struct pl_tape_clock {
    enum pl_clock_rule rule;
    int64_t shift_ns; /* FLOOR: added to local times */
    const struct pl_tape_minute *minute;
    uint32_t minute_count;
    uint32_t market_count;
    uint32_t at;      /* MOVING: minute used last */
    int64_t *last_ns; /* MOVING: per market and kind */
};

/* The index must outlive the clock. `without_bbo`: see pl_tape_read_options. */
PL_MUST_USE int pl_tape_clock_init(struct pl_tape_clock *clock, enum pl_clock_rule rule,
                                   bool without_bbo, const struct pl_tape_index *index,
                                   struct pl_error *err);
void pl_tape_clock_fini(struct pl_tape_clock *clock);
/* Back to the start of the tape: what was seen of streams is forgotten. */
void pl_tape_clock_reset(struct pl_tape_clock *clock);
void pl_tape_clock_apply(struct pl_tape_clock *clock, struct pl_tape_cols *cols);
/* No applied local time is above this, given the largest stored one and the largest venue time. */
int64_t pl_tape_clock_bound(const struct pl_tape_clock *clock, int64_t local_max_ns,
                            int64_t venue_max_ns);

#endif
