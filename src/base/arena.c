#include "base/arena.h"

#include "base/assert.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct chunk {
    struct chunk *next;
    size_t size, used; /* of the bytes behind the header */
};

struct pl_arena {
    struct chunk *chunk;
    size_t used;
    bool sealed;
};

#define ALIGNMENT   64
#define HEADER_SIZE 64
#define CHUNK_SIZE  ((size_t)1 << 20)

_Static_assert(sizeof(struct chunk) <= HEADER_SIZE, "the header must fit one cache line");

int pl_arena_create(struct pl_arena **out)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? 0 : PL_ERR_NOMEM;
}

void pl_arena_destroy(struct pl_arena **arena)
{
    if (arena == NULL || *arena == NULL) {
        return;
    }
    struct chunk *c = (*arena)->chunk;
    while (c != NULL) {
        struct chunk *next = c->next;
        free(c);
        c = next;
    }
    free(*arena);
    *arena = NULL;
}

void *pl_arena_take(struct pl_arena *arena, size_t count, size_t size)
{
    PL_ASSERT(!arena->sealed);
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) {
        return NULL;
    }
    bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct chunk *c = arena->chunk;
    if (c == NULL || c->size - c->used < bytes) {
        size_t body = bytes > CHUNK_SIZE - HEADER_SIZE ? bytes : CHUNK_SIZE - HEADER_SIZE;
        c = aligned_alloc(ALIGNMENT,
                          HEADER_SIZE + ((body + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1)));
        if (c == NULL) {
            return NULL;
        }
        *c = (struct chunk){.next = arena->chunk, .size = body};
        arena->chunk = c;
    }
    char *at = (char *)c + HEADER_SIZE + c->used;
    c->used += bytes;
    arena->used += bytes;
    memset(at, 0, bytes);
    return at;
}

void pl_arena_seal(struct pl_arena *arena)
{
    arena->sealed = true;
}

size_t pl_arena_used(const struct pl_arena *arena)
{
    return arena->used;
}
