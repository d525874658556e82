/* The tape under hostile bytes. The first byte chooses how the rest is taken:
 *
 *   0  as a whole tape: header, index and records are checked before anything is believed
 *   1  as payloads of block records in a tape that is otherwise right, hashes included: what a
 *      checksum cannot find must be found by the decoder
 *   2  as messages to be written
 *
 * Oracles: a reader never crashes; what it returns satisfies core/block.h; written again and read
 * back it is the same; a failure has words. */
#include "base/assert.h"
#include "codec/tape/cols.h"
#include "codec/tape/index.h"
#include "codec/tape/tape.h"

#include <stdlib.h>
#include <string.h>

#define MARKETS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct pl_inst inst = {.venue = "fuzz",
                                    .symbol = "AB",
                                    .base = "A",
                                    .quote = "B",
                                    .tick = {1, 2},
                                    .lot = {1, 3},
                                    .contract_size = {1, 0}};

static struct pl_tape_writer *create(uint32_t markets, uint32_t block_rows)
{
    struct pl_tape_options options = {.clock = PL_CLOCK_MOVING, .block_rows = block_rows};
    struct pl_tape_writer *w;
    int rc = pl_tape_writer_create(NULL, &options, &w, NULL);
    PL_ASSERT(rc == 0);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    for (uint32_t m = 0; m < markets; m++) {
        rc = sink->define(sink, &inst, -1, NULL);
        PL_ASSERT(rc == (int)m);
    }
    return w;
}

/* What core/block.h promises. */
static void check_block(const struct pl_source *source, const struct pl_block *b, int64_t *last)
{
    PL_ASSERT(b->msg_count > 0 && b->row_begin[0] == 0);
    PL_ASSERT(b->row_begin[b->msg_count] == b->row_count);
    for (uint32_t i = 0; i < b->msg_count; i++) {
        PL_ASSERT(b->row_begin[i] <= b->row_begin[i + 1]);
        uint32_t rows = b->row_begin[i + 1] - b->row_begin[i];
        PL_ASSERT(pl_tape_shape_ok(b->kind[i], rows, b->bid_count[i]));
        PL_ASSERT(b->market[i] < source->market_count);
        PL_ASSERT(b->kind[i] != PL_MSG_INST || b->seq[i] < source->inst_count);
        PL_ASSERT(b->venue_ns[i] >= *last && b->venue_ns[i] <= PL_TAPE_TIME_MAX);
        *last = b->venue_ns[i];
    }
}

static bool same(const struct pl_msg *a, const struct pl_msg *b)
{
    return a->kind == b->kind && a->flags == b->flags && a->market == b->market &&
           a->bid_count == b->bid_count && a->row_count == b->row_count &&
           a->venue_ns == b->venue_ns && a->local_ns == b->local_ns && a->seq == b->seq &&
           a->seq_first == b->seq_first &&
           memcmp(a->px, b->px, a->row_count * sizeof *a->px) == 0 &&
           memcmp(a->lots, b->lots, a->row_count * sizeof *a->lots) == 0;
}

/* Every message of `all` comes out of the tape in `w`. */
static void expect_same(struct pl_tape_writer *w, const struct pl_tape_cols *all)
{
    const void *bytes;
    size_t size;
    struct pl_error err = {0};
    int rc = pl_tape_writer_finish(w, &err);
    PL_ASSERT(rc == 0);
    pl_tape_memory(w, &bytes, &size);
    struct pl_tape_read_options options = {.as_received = true};
    struct pl_source *source;
    rc = pl_tape_open_memory(bytes, size, &options, &source, &err);
    PL_ASSERT(rc == 0);
    struct pl_block want = pl_tape_cols_block(all);
    const struct pl_block *b;
    uint32_t at = 0;
    int64_t last = 0;
    while ((rc = source->next(source, &b, &err)) == 1) {
        check_block(source, b, &last);
        for (uint32_t i = 0; i < b->msg_count; i++, at++) {
            PL_ASSERT(at < want.msg_count);
            struct pl_msg x = pl_tape_block_msg(&want, at), y = pl_tape_block_msg(b, i);
            PL_ASSERT(same(&x, &y));
        }
    }
    PL_ASSERT(rc == 0 && at == want.msg_count);
    source->close(source);
}

/* Reads what there is; what was read goes through a new tape unchanged. */
static void read_all(const void *bytes, size_t size, bool as_received)
{
    struct pl_tape_read_options options = {.as_received = as_received};
    struct pl_source *source;
    struct pl_error err = {0};
    int rc = pl_tape_open_memory(bytes, size, &options, &source, &err);
    if (rc < 0) {
        PL_ASSERT(err.code == rc && err.text[0] != 0);
        return;
    }
    struct pl_tape_writer *w = create(source->market_count, 512);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    struct pl_tape_cols all = {0};
    bool good = pl_tape_cols_reserve(&all, 1, 1);
    PL_ASSERT(good);
    const struct pl_block *b;
    int64_t last = 0;
    while ((rc = source->next(source, &b, &err)) == 1) {
        check_block(source, b, &last);
        for (uint32_t i = 0; as_received && i < b->msg_count; i++) {
            struct pl_msg m = pl_tape_block_msg(b, i);
            if (m.kind == PL_MSG_INST && m.seq >= source->market_count) {
                continue; /* a changed definition, which the new tape does not have */
            }
            int put = sink->put(sink, &m, &err);
            PL_ASSERT(put == 0);
            good = pl_tape_cols_append(&all, &m);
            PL_ASSERT(good);
        }
    }
    PL_ASSERT(rc == 0 || (err.code == rc && err.text[0] != 0));
    expect_same(w, &all);
    pl_tape_cols_free(&all);
    pl_tape_writer_destroy(&w);
    source->close(source);
}

/* ---- 1: payloads with right hashes around them ---- */

static void put_record(struct pl_tape_buf *out, uint32_t tag, const void *payload, uint32_t size)
{
    pl_tape_buf_int(out, tag, 4);
    pl_tape_buf_int(out, size, 4);
    pl_tape_buf_int(out, pl_tape_record_hash(tag, size, payload), 8);
    pl_tape_buf_put(out, payload, size);
}

static void read_payloads(const uint8_t *data, size_t size)
{
    struct pl_tape_buf tape = {0}, def = {0};
    pl_tape_header_put(&tape, &(struct pl_tape_header){.clock = PL_CLOCK_FLOOR});
    for (uint32_t m = 0; m < MARKETS; m++) {
        def.size = 0;
        pl_tape_inst_put(&def, &inst, m);
        put_record(&tape, PL_TAPE_TAG_INST, def.at, (uint32_t)def.size);
    }
    while (size > 2) { /* two bytes of length, then a payload */
        size_t n = (size_t)data[0] | (size_t)data[1] << 8;
        n = n < size - 2 ? n : size - 2;
        put_record(&tape, PL_TAPE_TAG_BLOCK, data + 2, (uint32_t)n);
        data += 2 + n;
        size -= 2 + n;
    }
    PL_ASSERT(!tape.failed);
    uint8_t *exact = malloc(tape.size); /* asan sees a read behind the end */
    PL_ASSERT(exact != NULL);
    memcpy(exact, tape.at, tape.size);
    read_all(exact, tape.size, true);
    read_all(exact, tape.size, false);
    free(exact);
    pl_tape_buf_free(&tape);
    pl_tape_buf_free(&def);
}

/* ---- 2: messages ---- */

static int64_t take(struct pl_tape_cut *in)
{
    unsigned width = 1u << (pl_tape_cut_int(in, 1) & 3);
    int64_t v = (int64_t)pl_tape_cut_int(in, width);
    return width == 8 ? v : v - (INT64_C(1) << (8 * width - 1));
}

static void write_messages(const uint8_t *data, size_t size)
{
    struct pl_tape_cut in = {.at = data, .end = data + size};
    struct pl_tape_writer *w = create(MARKETS, 64);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    struct pl_tape_cols all = {0};
    bool good = pl_tape_cols_reserve(&all, 1, 1);
    PL_ASSERT(good);
    int64_t venue = 0, px[64], lots[64];
    while (!in.failed && in.at < in.end) {
        struct pl_msg m = {.kind = (uint8_t)(pl_tape_cut_int(&in, 1) % 16),
                           .flags = (uint8_t)pl_tape_cut_int(&in, 1),
                           .market = (uint16_t)(pl_tape_cut_int(&in, 1) % 4)};
        m.row_count = (uint32_t)pl_tape_cut_int(&in, 1) % 64;
        m.bid_count = (uint32_t)pl_tape_cut_int(&in, 1) % 64;
        m.venue_ns = (int64_t)((uint64_t)venue + (uint64_t)take(&in));
        m.local_ns = (int64_t)((uint64_t)venue + (uint64_t)take(&in));
        m.seq = (uint64_t)take(&in);
        m.seq_first = (uint64_t)take(&in);
        for (uint32_t r = 0; r < m.row_count; r++) {
            px[r] = take(&in);
            lots[r] = take(&in);
        }
        m.px = px;
        m.lots = lots;
        struct pl_error err = {0};
        bool in_order = m.venue_ns >= venue; /* the oracle does not sort: refuse what would be */
        int rc = in_order ? sink->put(sink, &m, &err) : PL_ERR_ORDER;
        PL_ASSERT(!in_order || rc == 0 || (err.code == rc && err.text[0] != 0));
        if (rc == 0) {
            venue = m.venue_ns;
            good = pl_tape_cols_append(&all, &m);
            PL_ASSERT(good);
        }
    }
    expect_same(w, &all);
    pl_tape_cols_free(&all);
    pl_tape_writer_destroy(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    if (data[0] % 3 == 0) {
        read_all(data + 1, size - 1, true);
        read_all(data + 1, size - 1, false);
    } else if (data[0] % 3 == 1) {
        read_payloads(data + 1, size - 1);
    } else {
        write_messages(data + 1, size - 1);
    }
    return 0;
}
