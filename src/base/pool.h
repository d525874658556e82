/* base/pool.h - a fixed number of equal objects, known by name instead of by pointer.
 *
 * Name    a slot and the generation of what lives in it. A name outlives its object safely: once the
 *         object is given back the name finds nothing, also when the slot lives again. A zeroed
 *         struct pl_ref names nothing, ever.
 * Order   the slot given back last is taken first; pl_pool_next goes by slot, so a walk is the same
 *         on every machine.
 * Owner   one thread. The struct is the caller's; its memory is the arena's and dies with it.
 * Cost    take, get and give O(1), and O(size) to zero an object that is taken. */
#ifndef PL_BASE_POOL_H
#define PL_BASE_POOL_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_ref {
    uint32_t slot, gen;
};

struct pl_pool { /* read-only for users */
    unsigned char *object;
    struct pl_pool_slot *slot;
    size_t object_size;
    uint32_t capacity, used, free_head;
    uint32_t worn; /* slots out of use because their generations have run out */
    uint64_t refused;
};

static inline bool pl_ref_eq(struct pl_ref a, struct pl_ref b)
{
    return a.slot == b.slot && a.gen == b.gen;
}

/* `capacity` objects of `object_size` bytes, both at least 1. PL_ERR_INVALID, PL_ERR_NOMEM. */
PL_MUST_USE int pl_pool_init(struct pl_pool *pool, struct pl_arena *arena, uint32_t capacity,
                             size_t object_size);
/* The name of a new, zeroed object. PL_ERR_AGAIN when full (counted; *out left alone): do with less,
 * a pool never grows. */
PL_MUST_USE int pl_pool_take(struct pl_pool *pool, struct pl_ref *out);
/* NULL when the name is not, or no longer, that of a living object. */
void *pl_pool_get(const struct pl_pool *pool, struct pl_ref ref);
/* PL_ERR_NOTFOUND when the name is of the past: nothing changes. */
PL_MUST_USE int pl_pool_give(struct pl_pool *pool, struct pl_ref ref);
/* Living objects in the order of their slots: start with a zeroed *ref; false at the end. The one
 * just visited may be given back. */
bool pl_pool_next(const struct pl_pool *pool, struct pl_ref *ref);
/* Whole-state check: the free list and the living make up all slots. */
bool pl_pool_check(const struct pl_pool *pool);

#endif
