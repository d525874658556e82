/* base/arena.h - memory taken while starting, sealed before trading, given back whole.
 *
 * Owner  whoever calls pl_arena_create; everything taken dies with pl_arena_destroy.
 * Memory grows by chunks of at least 1 MiB until sealed; a take after the seal is our own bug.
 * Taken memory is zeroed and aligned to 64 bytes. */
#ifndef PL_BASE_ARENA_H
#define PL_BASE_ARENA_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct pl_arena;

PL_MUST_USE int pl_arena_create(struct pl_arena **out);
void pl_arena_destroy(struct pl_arena **arena); /* accepts NULL; leaves *arena NULL */
/* `count` objects of `size` bytes; NULL when out of memory. Never call after the seal. */
void *pl_arena_take(struct pl_arena *arena, size_t count, size_t size);
void pl_arena_seal(struct pl_arena *arena);
size_t pl_arena_used(const struct pl_arena *arena); /* bytes handed out so far */

#endif
