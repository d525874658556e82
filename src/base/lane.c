#include "base/lane.h"

#include "base/assert.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LINE   64
#define HEADER 8          /* in front of each record: its size, then nothing */
#define SKIP   UINT32_MAX /* a size that says: the rest of the ring is not used, go to its start */

/* Positions count bytes since the beginning and never wrap (2^64 bytes); & mask is the place. A
 * record never wraps: when the rest of the ring is too short it is skipped. Each side keeps its own
 * position and a copy of the other's on a cache line of its own. */
struct pl_lane {
    _Alignas(LINE) _Atomic uint64_t head; /* producer: everything below is written */
    uint64_t tail_seen;
    uint64_t reserved; /* head after the commit; 0 = nothing reserved */
    _Atomic uint64_t pushed, refused;
    _Alignas(LINE) _Atomic uint64_t tail; /* consumer: everything below may be written over */
    uint64_t head_seen;
    _Atomic uint64_t popped;
    _Alignas(LINE) size_t mask; /* shared, never changed */
    unsigned char *ring;
};

/* One side's own counter: nobody else writes it, so no locked instruction is needed. */
static inline void count(_Atomic uint64_t *counter, uint64_t by)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + by, memory_order_release);
}

static inline uint64_t room_for(uint32_t size)
{
    return HEADER + (((uint64_t)size + 7) & ~(uint64_t)7);
}

static inline uint32_t size_at(const struct pl_lane *lane, uint64_t position)
{
    uint32_t size;
    memcpy(&size, lane->ring + (position & lane->mask), sizeof size);
    return size;
}

static inline void put_size(struct pl_lane *lane, uint64_t position, uint32_t size)
{
    memcpy(lane->ring + (position & lane->mask), &size, sizeof size);
}

int pl_lane_create(size_t bytes, struct pl_lane **out)
{
    PL_ASSERT(out != NULL);
    *out = NULL;
    if (bytes < PL_LANE_BYTES_MIN || bytes > PL_LANE_BYTES_MAX || (bytes & (bytes - 1)) != 0) {
        return PL_ERR_INVALID;
    }
    struct pl_lane *lane = aligned_alloc(LINE, sizeof *lane + bytes);
    if (lane == NULL) {
        return PL_ERR_NOMEM;
    }
    memset(lane, 0, sizeof *lane + bytes); /* touched now, so that no page fault comes later */
    lane->mask = bytes - 1;
    lane->ring = (unsigned char *)lane + sizeof *lane;
    *out = lane;
    return 0;
}

void pl_lane_destroy(struct pl_lane **lane)
{
    if (lane != NULL) {
        free(*lane);
        *lane = NULL;
    }
}

uint32_t pl_lane_record_max(const struct pl_lane *lane)
{
    /* An empty lane may have to skip less than one record at its end before there is room. */
    return (uint32_t)((lane->mask + 1) / 2 - HEADER);
}

/* Is there room for everything below `end`? Asks the consumer only when its last word says no. */
static inline bool has_room(struct pl_lane *lane, uint64_t end)
{
    if (PL_LIKELY(end - lane->tail_seen <= lane->mask + 1)) {
        return true;
    }
    lane->tail_seen = atomic_load_explicit(&lane->tail, memory_order_acquire);
    return end - lane->tail_seen <= lane->mask + 1;
}

void *pl_lane_reserve(struct pl_lane *lane, uint32_t size)
{
    PL_ASSERT(size > 0);
    if (size > pl_lane_record_max(lane)) {
        return NULL;
    }
    uint64_t head = atomic_load_explicit(&lane->head, memory_order_relaxed);
    uint64_t need = room_for(size), left = lane->mask + 1 - (head & lane->mask);
    uint64_t begin = left < need ? head + left : head;
    if (PL_UNLIKELY(!has_room(lane, begin + need))) {
        lane->reserved = 0;
        count(&lane->refused, 1);
        return NULL;
    }
    if (begin != head) {
        put_size(lane, head, SKIP);
    }
    put_size(lane, begin, size);
    lane->reserved = begin + need;
    return lane->ring + (begin & lane->mask) + HEADER;
}

void pl_lane_commit(struct pl_lane *lane)
{
    PL_ASSERT(lane->reserved != 0);
    count(&lane->pushed, 1);
    atomic_store_explicit(&lane->head, lane->reserved, memory_order_release);
    lane->reserved = 0;
}

int pl_lane_push(struct pl_lane *lane, const void *record, uint32_t size)
{
    void *at = pl_lane_reserve(lane, size);
    if (at == NULL) {
        return size > pl_lane_record_max(lane) ? PL_ERR_LIMIT : PL_ERR_AGAIN;
    }
    memcpy(at, record, size);
    pl_lane_commit(lane);
    return 0;
}

/* Where the record at or after `position` begins. */
static inline uint64_t past_skip(const struct pl_lane *lane, uint64_t position)
{
    return size_at(lane, position) == SKIP ? (position | lane->mask) + 1 : position;
}

uint32_t pl_lane_peek(struct pl_lane *lane, struct pl_lane_record *record, uint32_t max)
{
    uint64_t at = atomic_load_explicit(&lane->tail, memory_order_relaxed);
    uint32_t n = 0;
    if (at == lane->head_seen) {
        lane->head_seen = atomic_load_explicit(&lane->head, memory_order_acquire);
    }
    for (; n < max && at != lane->head_seen; n++) {
        at = past_skip(lane, at);
        uint32_t size = size_at(lane, at);
        record[n] = (struct pl_lane_record){lane->ring + (at & lane->mask) + HEADER, size};
        at += room_for(size);
    }
    return n;
}

void pl_lane_pop(struct pl_lane *lane, uint32_t pop_count)
{
    uint64_t at = atomic_load_explicit(&lane->tail, memory_order_relaxed);
    for (uint32_t i = 0; i < pop_count; i++) {
        PL_ASSERT(at != lane->head_seen); /* more popped than peeked: our own bug */
        at = past_skip(lane, at);
        at += room_for(size_at(lane, at));
    }
    count(&lane->popped, pop_count);
    atomic_store_explicit(&lane->tail, at, memory_order_release);
}

uint64_t pl_lane_pushed(const struct pl_lane *lane)
{
    return atomic_load_explicit(&lane->pushed, memory_order_acquire);
}

uint64_t pl_lane_popped(const struct pl_lane *lane)
{
    return atomic_load_explicit(&lane->popped, memory_order_acquire);
}

uint64_t pl_lane_refused(const struct pl_lane *lane)
{
    return atomic_load_explicit(&lane->refused, memory_order_acquire);
}
