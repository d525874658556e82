/* codec/tape/encode.h - one block of messages to the payload of a block record.
 *
 * Cost    about 25 ns a row at the default level; memory: columns of the largest block. */
#ifndef PL_CODEC_TAPE_ENCODE_H
#define PL_CODEC_TAPE_ENCODE_H

#include "codec/tape/buf.h"
#include "codec/tape/format.h"

struct pl_tape_encoder;

PL_MUST_USE int pl_tape_encoder_create(int level, struct pl_tape_encoder **out);
void pl_tape_encoder_destroy(struct pl_tape_encoder **encoder);
/* The block's messages have checked shapes and times, venue order, and at most PL_TAPE_CLASS_MAX
 * different (kind, flags, market). Appends the payload to `out` and fills *entry (not offset).
 * `minutes`: store the smallest latency of each minute. PL_ERR_NOMEM. */
PL_MUST_USE int pl_tape_encode(struct pl_tape_encoder *encoder, const struct pl_block *block,
                               bool minutes, struct pl_tape_buf *out, struct pl_tape_entry *entry);

#endif
