/* codec/tape/tape.h - the tape: market data as compressed columns. The format is docs/tape.md.
 *
 * Writing  a pl_sink. Messages arrive in local (receive) order per market; the writer reorders them
 *          by venue time inside a bounded window and fails with PL_ERR_ORDER beyond it.
 * Reading  a pl_source. Streaming: one block is decoded at a time, memory does not depend on
 *          length. A tape cut at any byte reads to its last whole block and says what was lost.
 * Clock    venue and local stamps are stored as received; the clock rule chosen at import is
 *          recorded and applied when a block is decoded (pl_clock_rule). */
#ifndef PL_CODEC_TAPE_TAPE_H
#define PL_CODEC_TAPE_TAPE_H

#include "core/block.h"

#include <stdbool.h>

/* How local time relates to venue time. Recorded in the tape, applied on reading. */
enum pl_clock_rule {
    PL_CLOCK_RAW,    /* as received; negative latency stays */
    PL_CLOCK_FLOOR,  /* one constant: if the smallest latency is negative, it becomes zero */
    PL_CLOCK_MOVING, /* a floor per minute, for clocks that wander: every latency >= 0 */
};

struct pl_tape_options {
    enum pl_clock_rule clock;
    int level;                 /* zstd level, 0 = default (3) */
    int64_t reorder_window_ns; /* 0 = default (10 s) */
    uint32_t block_rows;       /* a block closes before it holds more; 0 = default (65536) */
};

struct pl_tape_writer;

/* path NULL = into memory (pl_tape_memory gives the bytes). Written to path.part, renamed on finish.
 * The returned sink is part of the writer. */
PL_MUST_USE int pl_tape_writer_create(const char *path, const struct pl_tape_options *options,
                                      struct pl_tape_writer **out, struct pl_error *err);
struct pl_sink *pl_tape_writer_sink(struct pl_tape_writer *writer);
/* Flushes the reorder window, writes the index and, for a file, renames it into place. */
PL_MUST_USE int pl_tape_writer_finish(struct pl_tape_writer *writer, struct pl_error *err);
/* Finished memory tape: bytes stay owned by the writer. */
void pl_tape_memory(const struct pl_tape_writer *writer, const void **bytes, size_t *size);
void pl_tape_writer_destroy(struct pl_tape_writer **writer); /* unfinished file: .part removed */

struct pl_tape_read_options {
    int64_t from_ns, to_ns; /* venue time, [from, to); both 0 = everything. Seeks by the index. */
    bool preload;           /* decode the whole tape into memory first (benchmarks) */
    uint32_t tile;          /* replay the tape this often with shifted clocks; 0 and 1 = once */
    /* Rule FLOOR takes its smallest latency from all messages but BBO, as converters do that drop
     * bookTicker; a BBO message may then be received before it was sent. Other rules ignore it. */
    bool floor_without_bbo;
    bool as_received; /* local times as stored; the tape's clock rule is not applied */
};

PL_MUST_USE int pl_tape_open(const char *path, const struct pl_tape_read_options *options,
                             struct pl_source **out, struct pl_error *err);
/* `bytes` must outlive the source. */
PL_MUST_USE int pl_tape_open_memory(const void *bytes, size_t size,
                                    const struct pl_tape_read_options *options,
                                    struct pl_source **out, struct pl_error *err);

/* What is known about an open tape without reading it through. */
struct pl_tape_facts {
    uint64_t file_size;
    uint32_t block_count, inst_count, market_count;
    uint64_t msg_total, row_total;
    int64_t venue_first_ns, venue_last_ns; /* 0 = no messages */
    enum pl_clock_rule clock;
    int64_t clock_shift_ns;      /* FLOOR: added to every local time */
    int64_t latency_min_ns;      /* local - venue as received; 0 = no messages */
    int64_t book_latency_min_ns; /* the same without BBO messages; 0 = there are no others */
    int64_t reorder_window_ns;
    uint64_t digest;     /* of instruments and messages as stored */
    bool index_rebuilt;  /* the tape has no usable index: its records were walked */
    uint64_t lost_bytes; /* at the end, not part of a whole block */
    char lost[200];      /* "" = nothing; else what is missing, for a person */
};

/* `source` must come from pl_tape_open or pl_tape_open_memory. Valid until it is closed. */
const struct pl_tape_facts *pl_tape_source_facts(const struct pl_source *source);
/* The market that definition `inst` of an open tape is of. */
uint32_t pl_tape_source_inst_market(const struct pl_source *source, uint32_t inst);

#endif
