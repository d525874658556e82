/* codec/tape/cols.h - the growable columns behind a struct pl_block.
 *
 * Owner  whoever holds the struct; zero it before the first use, pl_tape_cols_free at the end.
 * Memory grows to the largest block seen and stays there. */
#ifndef PL_CODEC_TAPE_COLS_H
#define PL_CODEC_TAPE_COLS_H

#include "core/block.h"

#include <stdbool.h>

struct pl_tape_cols {
    uint32_t msg_count, row_count, msg_cap, row_cap;
    uint8_t *kind, *flags;
    uint16_t *market;
    uint32_t *row_begin, *bid_count;
    int64_t *venue_ns, *local_ns;
    uint64_t *seq, *seq_first;
    int64_t *px, *lots;
};

/* Room for this many in all; false when out of memory (the content is kept). */
bool pl_tape_cols_reserve(struct pl_tape_cols *cols, uint32_t msgs, uint32_t rows);
bool pl_tape_cols_append(struct pl_tape_cols *cols, const struct pl_msg *msg);
void pl_tape_cols_clear(struct pl_tape_cols *cols);
void pl_tape_cols_free(struct pl_tape_cols *cols);
/* The content as a block; valid until the columns change. */
struct pl_block pl_tape_cols_block(const struct pl_tape_cols *cols);
/* Messages [first, last) of a block as a block; `row_begin` has room for last - first + 1. */
struct pl_block pl_tape_block_slice(const struct pl_block *block, uint32_t first, uint32_t last,
                                    uint32_t *row_begin);
/* Message i of a block. */
struct pl_msg pl_tape_block_msg(const struct pl_block *block, uint32_t i);
/* Digest of the content, the same on every build. */
uint64_t pl_tape_block_digest(const struct pl_block *block);

#endif
