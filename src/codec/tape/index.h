/* codec/tape/index.h - what a tape holds and where: instruments, blocks, latency floors.
 *
 * Kept by the writer, stored as the last record, read back on opening, or rebuilt by walking the
 * records when the tape has no end. Memory: about 64 bytes a block. */
#ifndef PL_CODEC_TAPE_INDEX_H
#define PL_CODEC_TAPE_INDEX_H

#include "codec/tape/file.h"
#include "codec/tape/format.h"
#include "codec/tape/tape.h"

struct pl_tape_index {
    struct pl_inst *inst;
    uint32_t *inst_market; /* market that definition i is of */
    uint32_t inst_count, inst_cap, market_count;
    struct pl_tape_entry *entry;
    uint32_t entry_count, entry_cap;
    struct pl_tape_minute *minute; /* rule MOVING only; rising */
    uint32_t minute_count, minute_cap;
};

void pl_tape_index_free(struct pl_tape_index *index);
/* A new market (market == market_count) or a changed definition of an earlier one. */
PL_MUST_USE int pl_tape_index_add_inst(struct pl_tape_index *index, const struct pl_inst *inst,
                                       uint32_t market, struct pl_error *err);
PL_MUST_USE int pl_tape_index_add_entry(struct pl_tape_index *index,
                                        const struct pl_tape_entry *entry, struct pl_error *err);
/* Joins the minutes of one more block (16 bytes each). */
PL_MUST_USE int pl_tape_index_add_minutes(struct pl_tape_index *index, const uint8_t *pairs,
                                          uint32_t count, struct pl_error *err);

void pl_tape_inst_put(struct pl_tape_buf *out, const struct pl_inst *inst, uint32_t market);
void pl_tape_index_put(const struct pl_tape_index *index, struct pl_tape_buf *out);
/* Digest of instruments and block contents; equal for equal content in equal blocks. */
uint64_t pl_tape_index_digest(const struct pl_tape_index *index);

struct pl_tape_header {
    enum pl_clock_rule clock;
    int level;
    int64_t reorder_window_ns;
};
void pl_tape_header_put(struct pl_tape_buf *out, const struct pl_tape_header *header);
uint64_t pl_tape_record_hash(uint32_t tag, uint32_t size, const void *payload);
void pl_tape_trailer_put(struct pl_tape_buf *out, uint64_t index_offset);

/* How the index was come by. */
struct pl_tape_found {
    struct pl_tape_header header;
    bool rebuilt;        /* no usable index record: the records were walked */
    bool complete;       /* rebuilt, but the walk met the index: no block is missing */
    uint64_t lost_bytes; /* behind the last whole record */
};
/* Reads header and index of a tape, or walks it. */
PL_MUST_USE int pl_tape_index_read(struct pl_tape_file *file, struct pl_tape_index *index,
                                   struct pl_tape_found *found, struct pl_error *err);
/* Payload of the block, its record checked against the index and its hash. */
PL_MUST_USE int pl_tape_block_read(struct pl_tape_file *file, const struct pl_tape_index *index,
                                   uint32_t block, bool check_hash, const uint8_t **payload,
                                   struct pl_error *err);

#endif
