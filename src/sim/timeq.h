/* sim/timeq.h - a queue ordered by time, for things that mostly arrive in order.
 *
 * A ring. With constant latency every push goes to the end: O(1). A push that is earlier than the
 * end moves back over the later ones, equal times keep their order; random latency costs as many
 * moves as entries it overtakes. Doubles when full and counts that it did. */
#ifndef PL_SIM_TIMEQ_H
#define PL_SIM_TIMEQ_H

#include "base/assert.h"
#include "base/err.h"
#include "core/units.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct pl_timeq {
    char *item;  /* each starts with its int64_t time */
    size_t size; /* bytes of an item */
    uint32_t mask;
    uint32_t head, count;
    int64_t next_ns; /* time of the first item; PL_TIME_NEVER when empty */
    uint64_t grown;
};

static inline int pl_timeq_init(struct pl_timeq *q, size_t item_size, uint32_t capacity)
{
    uint32_t size = 64;
    while (size < capacity) {
        size *= 2;
    }
    *q = (struct pl_timeq){.size = item_size, .mask = size - 1, .next_ns = PL_TIME_NEVER};
    q->item = malloc((size_t)size * item_size);
    return q->item != NULL ? 0 : PL_ERR_NOMEM;
}

static inline void pl_timeq_fini(struct pl_timeq *q)
{
    free(q->item);
    q->item = NULL;
}

static inline void *pl_timeq_at(const struct pl_timeq *q, uint32_t i)
{
    return q->item + (size_t)((q->head + i) & q->mask) * q->size;
}

static inline int64_t pl_timeq_time(const void *item)
{
    int64_t t;
    memcpy(&t, item, sizeof t);
    return t;
}

static inline void pl_timeq_grow(struct pl_timeq *q)
{
    size_t old = (size_t)q->mask + 1;
    char *item = malloc(old * 2 * q->size);
    PL_ASSERT(item != NULL);
    for (uint32_t i = 0; i < q->count; i++) {
        memcpy(item + (size_t)i * q->size, pl_timeq_at(q, i), q->size);
    }
    free(q->item);
    q->item = item;
    q->head = 0;
    q->mask = (uint32_t)(old * 2 - 1);
    q->grown++;
}

/* Room for one item of time t, in order; the caller writes it, time first. */
static inline void *pl_timeq_push(struct pl_timeq *q, int64_t t)
{
    if (PL_UNLIKELY(q->count > q->mask)) {
        pl_timeq_grow(q);
    }
    uint32_t at = q->count++;
    while (at > 0 && PL_UNLIKELY(pl_timeq_time(pl_timeq_at(q, at - 1)) > t)) {
        memcpy(pl_timeq_at(q, at), pl_timeq_at(q, at - 1), q->size);
        at--;
    }
    q->next_ns = at == 0 ? t : q->next_ns;
    return pl_timeq_at(q, at);
}

/* The first item; stays valid until the next push. */
static inline void *pl_timeq_pop(struct pl_timeq *q)
{
    PL_ASSERT(q->count > 0);
    void *item = pl_timeq_at(q, 0);
    q->head = (q->head + 1) & q->mask;
    q->count--;
    q->next_ns = q->count > 0 ? pl_timeq_time(pl_timeq_at(q, 0)) : PL_TIME_NEVER;
    return item;
}

#endif
