/* codec/tape/pack.h - writing: a column of int64 as byte planes.
 *
 * A value is unit * k; k is stored plain when no value is negative, else zig-zag. Plane j holds
 * byte j of every k, so bytes that behave alike lie together. A plane is a constant, raw bytes,
 * a zstd frame, or (high planes, nearly all zero) the places and bytes of its few non-zeros.
 * Memory  grows to the largest column seen. Errors: PL_ERR_NOMEM. */
#ifndef PL_CODEC_TAPE_PACK_H
#define PL_CODEC_TAPE_PACK_H

#include "base/err.h"
#include "codec/tape/buf.h"
#include "codec/tape/values.h"

struct pl_tape_packer;

PL_MUST_USE int pl_tape_packer_create(int level, struct pl_tape_packer **out);
void pl_tape_packer_destroy(struct pl_tape_packer **packer);
/* Appends the column's directory entry to `dir` and its planes to `data`; nothing when empty.
 * The values are used up. */
PL_MUST_USE int pl_tape_pack(struct pl_tape_packer *packer, uint8_t id,
                             struct pl_tape_values *values, struct pl_tape_buf *dir,
                             struct pl_tape_buf *data);

#endif
