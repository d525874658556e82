#include "base/pool.h"

#include "base/assert.h"

#include <string.h>

#define NO_SLOT UINT32_MAX

/* The generation is odd while an object lives in the slot and even while none does. */
struct pl_pool_slot {
    uint32_t gen, next_free;
};

static inline bool lives(const struct pl_pool *pool, struct pl_ref ref)
{
    return ref.slot < pool->capacity && (ref.gen & 1) != 0 && pool->slot[ref.slot].gen == ref.gen;
}

int pl_pool_init(struct pl_pool *pool, struct pl_arena *arena, uint32_t capacity,
                 size_t object_size)
{
    *pool = (struct pl_pool){0};
    if (capacity == 0 || capacity == NO_SLOT || object_size == 0 || object_size > SIZE_MAX / 2) {
        return PL_ERR_INVALID;
    }
    size_t size = (object_size + 15) & ~(size_t)15; /* aligned for anything */
    unsigned char *object = pl_arena_take(arena, capacity, size);
    /* Not asked for when there is no room for the objects: it may be gigabytes by itself. */
    struct pl_pool_slot *slot =
        object != NULL ? pl_arena_take(arena, capacity, sizeof *slot) : NULL;
    if (slot == NULL) {
        return PL_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < capacity; i++) {
        slot[i].next_free = i + 1 < capacity ? i + 1 : NO_SLOT;
    }
    *pool =
        (struct pl_pool){.object = object, .slot = slot, .object_size = size, .capacity = capacity};
    return 0;
}

int pl_pool_take(struct pl_pool *pool, struct pl_ref *out)
{
    uint32_t i = pool->free_head;
    if (PL_UNLIKELY(i == NO_SLOT)) {
        pool->refused++;
        return PL_ERR_AGAIN;
    }
    struct pl_pool_slot *slot = &pool->slot[i];
    pool->free_head = slot->next_free;
    pool->used++;
    slot->gen++;
    *out = (struct pl_ref){.slot = i, .gen = slot->gen};
    memset(pool->object + i * pool->object_size, 0, pool->object_size);
    return 0;
}

void *pl_pool_get(const struct pl_pool *pool, struct pl_ref ref)
{
    return lives(pool, ref) ? pool->object + ref.slot * pool->object_size : NULL;
}

int pl_pool_give(struct pl_pool *pool, struct pl_ref ref)
{
    if (!lives(pool, ref)) {
        return PL_ERR_NOTFOUND;
    }
    struct pl_pool_slot *slot = &pool->slot[ref.slot];
    pool->used--;
    slot->gen++;
    if (PL_UNLIKELY(slot->gen == 0)) { /* from here on old names would come to life again */
        pool->worn++;
        return 0;
    }
    slot->next_free = pool->free_head;
    pool->free_head = ref.slot;
    return 0;
}

bool pl_pool_next(const struct pl_pool *pool, struct pl_ref *ref)
{
    for (uint32_t i = ref->gen == 0 ? 0 : ref->slot + 1; i < pool->capacity; i++) {
        if ((pool->slot[i].gen & 1) != 0) {
            *ref = (struct pl_ref){.slot = i, .gen = pool->slot[i].gen};
            return true;
        }
    }
    return false;
}

bool pl_pool_check(const struct pl_pool *pool)
{
    uint32_t living = 0, free_count = 0;
    for (uint32_t i = 0; i < pool->capacity; i++) {
        living += pool->slot[i].gen & 1;
    }
    for (uint32_t i = pool->free_head; i != NO_SLOT && free_count <= pool->capacity;) {
        if (i >= pool->capacity || (pool->slot[i].gen & 1) != 0) {
            return false;
        }
        free_count++;
        i = pool->slot[i].next_free;
    }
    return living == pool->used && living + free_count + pool->worn == pool->capacity;
}
