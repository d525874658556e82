/* codec/tape/unpack.h - reading: byte planes back to a column of int64 (pack.h says what they are).
 *
 * Memory  grows to the largest block seen. Errors: PL_ERR_NOMEM, PL_ERR_CORRUPT.
 * Cost    about 1 ns per compressed-plane byte in zstd, 0.2 ns per value and plane to join. */
#ifndef PL_CODEC_TAPE_UNPACK_H
#define PL_CODEC_TAPE_UNPACK_H

#include "base/err.h"
#include "codec/tape/buf.h"

struct pl_tape_patch {     /* the non-zero bytes of a sparse plane */
    const uint32_t *place; /* rising; place[count] = UINT32_MAX */
    const uint8_t *byte;
    uint32_t count, next;
};

struct pl_tape_column {
    uint32_t count;
    uint8_t width, dense; /* planes; planes [dense, width) are sparse */
    bool zigzag;
    uint64_t unit; /* 0 = the block has no such column */
    const uint8_t *plane[8];
    struct pl_tape_patch patch[8];
};

struct pl_tape_unpacker;

PL_MUST_USE int pl_tape_unpacker_create(struct pl_tape_unpacker **out);
void pl_tape_unpacker_destroy(struct pl_tape_unpacker **unpacker);
/* Reads `stream_count` directory entries from `dir` and their planes from `data`, all of both.
 * column[id] of a stream that is not there stays zero. A column holds 1..values_max values.
 * Columns point into `data` and into the unpacker until the next call. */
PL_MUST_USE int pl_tape_unpack(struct pl_tape_unpacker *unpacker, struct pl_tape_cut dir,
                               struct pl_tape_cut data, uint32_t stream_count,
                               uint32_t column_count, uint32_t values_max,
                               struct pl_tape_column *column);
/* The next `count` values of the column, from `first` on; calls go forward through a column.
 * Whole strides are written: up to PL_TAPE_STRIDE - 1 values behind `out` + count lose what they
 * held, so fill arrays from the front and give them that much slack. */
void pl_tape_expand(struct pl_tape_column *column, uint32_t first, uint32_t count, int64_t *out);

#endif
