/* codec/tape/planes.h - a column of int64 as byte planes, each constant, raw or zstd.
 *
 * A value is unit * k; k is stored plain when no value is negative, else zig-zag. Plane j holds
 * byte j of every k, so bytes that behave alike lie together and high bytes cost nothing.
 * Memory  grows to the largest column seen. Errors: PL_ERR_NOMEM; reading: PL_ERR_CORRUPT. */
#ifndef PL_CODEC_TAPE_PLANES_H
#define PL_CODEC_TAPE_PLANES_H

#include "base/err.h"
#include "codec/tape/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_tape_values { /* a growing column */
    int64_t *at;
    uint32_t count, cap;
    bool failed;
};

bool pl_tape_values_grow(struct pl_tape_values *values, uint32_t need);

static inline void pl_tape_values_push(struct pl_tape_values *values, int64_t value)
{
    if (values->count < values->cap || pl_tape_values_grow(values, values->count + 1)) {
        values->at[values->count++] = value;
    }
}

struct pl_tape_packer; /* compression state of a writer */
PL_MUST_USE int pl_tape_packer_create(int level, struct pl_tape_packer **out);
void pl_tape_packer_destroy(struct pl_tape_packer **packer);
/* Appends the column's directory entry to `dir` and its planes to `data`; nothing when empty. */
PL_MUST_USE int pl_tape_pack(struct pl_tape_packer *packer, uint8_t id,
                             const struct pl_tape_values *values, struct pl_tape_buf *dir,
                             struct pl_tape_buf *data);

/* One column while a block is read. */
struct pl_tape_column {
    uint32_t count;
    uint8_t width; /* planes, 0..8 */
    bool zigzag;
    uint64_t unit;
    const uint8_t *plane[8];
};

struct pl_tape_unpacker;
PL_MUST_USE int pl_tape_unpacker_create(struct pl_tape_unpacker **out);
void pl_tape_unpacker_destroy(struct pl_tape_unpacker **unpacker);
/* Forgets the planes of the block before. */
void pl_tape_unpacker_reset(struct pl_tape_unpacker *unpacker);
/* Reads directory entries of `count` streams and unpacks their planes. column[id] of a stream that
 * is not there stays zero. Columns point into `data` and into the unpacker until its reset. */
PL_MUST_USE int pl_tape_unpack(struct pl_tape_unpacker *unpacker, struct pl_tape_cut *in,
                               uint32_t stream_count, uint32_t column_count, uint32_t values_max,
                               struct pl_tape_column *column);
/* Values [first, first + count) of the column. */
void pl_tape_expand(const struct pl_tape_column *column, uint32_t first, uint32_t count,
                    int64_t *out);

#endif
