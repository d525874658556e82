/* codec/tape/decode.h - the payload of a block record back to columns.
 *
 * Everything read is checked: counts, kinds, shapes, markets, order of venue times, that every
 * stream is used to its last value. What comes out satisfies core/block.h whatever came in.
 * Memory grows to the largest block. Errors: PL_ERR_CORRUPT with words, PL_ERR_NOMEM. */
#ifndef PL_CODEC_TAPE_DECODE_H
#define PL_CODEC_TAPE_DECODE_H

#include "codec/tape/buf.h"
#include "codec/tape/cols.h"
#include "codec/tape/format.h"

struct pl_tape_decoder;

PL_MUST_USE int pl_tape_decoder_create(struct pl_tape_decoder **out);
void pl_tape_decoder_destroy(struct pl_tape_decoder **decoder);
/* The fixed part alone, checked. */
PL_MUST_USE int pl_tape_read_head(struct pl_tape_cut *in, struct pl_tape_block_head *head,
                                  struct pl_error *err);
/* The whole payload into `out`, replacing its content. Times are as stored (clock rule RAW). */
PL_MUST_USE int pl_tape_decode(struct pl_tape_decoder *decoder, const void *payload, size_t size,
                               uint32_t market_count, uint32_t inst_count, struct pl_tape_cols *out,
                               struct pl_error *err);

#endif
