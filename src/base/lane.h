/* base/lane.h - records from one thread to one other: bounded, in order, without locks.
 *
 * Threads  one producer (reserve, commit, push), one consumer (peek, pop); counts may be read by
 *          anybody. What the producer wrote before a commit is what the consumer reads.
 * Records  1 .. pl_lane_record_max bytes of any kind, contiguous and aligned to 8, so both sides may
 *          read and write them in place. Each costs 8 bytes more and is rounded up to 8.
 * Full     a lane refuses (PL_ERR_AGAIN) and counts; it never blocks, grows or overwrites.
 * Memory   one block in pl_lane_create; nothing afterwards. No system calls.
 * Cost     O(1) a record and O(bytes) of copying; the sides share a cache line only when the
 *          producer thinks the lane full or the consumer thinks it empty. */
#ifndef PL_BASE_LANE_H
#define PL_BASE_LANE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define PL_LANE_BYTES_MIN ((size_t)256)
#define PL_LANE_BYTES_MAX ((size_t)1 << 30)

struct pl_lane;

struct pl_lane_record { /* valid until popped */
    const void *at;
    uint32_t size;
};

/* `bytes`: a power of two within the limits above, else PL_ERR_INVALID. */
PL_MUST_USE int pl_lane_create(size_t bytes, struct pl_lane **out);
void pl_lane_destroy(struct pl_lane **lane); /* accepts NULL; leaves *lane NULL */
/* The largest record that an empty lane always takes: a little less than half of it. */
uint32_t pl_lane_record_max(const struct pl_lane *lane);

/* Producer. Copies a record in. PL_ERR_AGAIN when full; PL_ERR_LIMIT when it never fits. */
PL_MUST_USE int pl_lane_push(struct pl_lane *lane, const void *record, uint32_t size);
/* Producer. Room for one record, to be filled and committed; NULL when full (counted) or when it
 * never fits. A second reserve before the commit gives the first up. */
void *pl_lane_reserve(struct pl_lane *lane, uint32_t size);
void pl_lane_commit(struct pl_lane *lane);

/* Consumer. The oldest records, at most `max`, without taking them; returns how many. */
uint32_t pl_lane_peek(struct pl_lane *lane, struct pl_lane_record *record, uint32_t max);
/* Consumer. Gives the room of the oldest `count` records back; they have been peeked. */
void pl_lane_pop(struct pl_lane *lane, uint32_t count);

uint64_t pl_lane_pushed(const struct pl_lane *lane);  /* records that went in */
uint64_t pl_lane_popped(const struct pl_lane *lane);  /* records that came out */
uint64_t pl_lane_refused(const struct pl_lane *lane); /* for want of room */

#endif
