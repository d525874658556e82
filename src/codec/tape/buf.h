/* codec/tape/buf.h - bytes being put together, and bytes being taken apart. Little-endian.
 *
 * struct pl_tape_buf grows; after a failed growth `failed` stays set and puts do nothing, so a
 * builder checks once at its end. struct pl_tape_cut reads; a read past the end sets `failed` and
 * gives zero. */
#ifndef PL_CODEC_TAPE_BUF_H
#define PL_CODEC_TAPE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct pl_tape_buf {
    uint8_t *at;
    size_t size, cap;
    bool failed;
};

/* Room for `more` bytes behind the content; NULL when out of memory. */
static inline uint8_t *pl_tape_buf_room(struct pl_tape_buf *buf, size_t more)
{
    if (more > buf->cap - buf->size) {
        size_t cap = buf->cap > 0 ? buf->cap : 4096;
        while (cap - buf->size < more && cap <= SIZE_MAX / 4) {
            cap *= 2;
        }
        uint8_t *at = buf->failed || cap - buf->size < more ? NULL : realloc(buf->at, cap);
        if (at == NULL) {
            buf->failed = true;
            return NULL;
        }
        buf->at = at;
        buf->cap = cap;
    }
    return buf->at + buf->size;
}

static inline void pl_tape_buf_put(struct pl_tape_buf *buf, const void *bytes, size_t size)
{
    uint8_t *to = pl_tape_buf_room(buf, size);
    if (to != NULL && size > 0) {
        memcpy(to, bytes, size);
        buf->size += size;
    }
}

static inline void pl_tape_buf_int(struct pl_tape_buf *buf, uint64_t value, unsigned bytes)
{
    uint8_t le[8];
    for (unsigned i = 0; i < 8; i++) {
        le[i] = (uint8_t)(value >> (8 * i));
    }
    pl_tape_buf_put(buf, le, bytes);
}

static inline void pl_tape_buf_free(struct pl_tape_buf *buf)
{
    free(buf->at);
    *buf = (struct pl_tape_buf){0};
}

struct pl_tape_cut {
    const uint8_t *at, *end;
    bool failed;
};

static inline const uint8_t *pl_tape_cut_bytes(struct pl_tape_cut *cut, size_t size)
{
    if (cut->failed || size > (size_t)(cut->end - cut->at)) {
        cut->failed = true;
        return NULL;
    }
    const uint8_t *at = cut->at;
    cut->at += size;
    return at;
}

static inline uint64_t pl_tape_cut_int(struct pl_tape_cut *cut, unsigned bytes)
{
    const uint8_t *at = pl_tape_cut_bytes(cut, bytes);
    uint64_t value = 0;
    for (unsigned i = 0; at != NULL && i < bytes; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

static inline int64_t pl_tape_cut_i64(struct pl_tape_cut *cut)
{
    return (int64_t)pl_tape_cut_int(cut, 8);
}

static inline uint32_t pl_tape_cut_u32(struct pl_tape_cut *cut)
{
    return (uint32_t)pl_tape_cut_int(cut, 4);
}

#endif
