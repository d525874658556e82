/* A tape that holds another one N times over, each with its clocks moved on by SPAN nanoseconds.
 * The reader's own --tile decodes the same blocks again and again; a long tape is read from
 * everywhere, so figures about memory and caches are honest only on a real one.
 *
 * usage: bench_tile IN.tape OUT.tape N SPAN_NS */
#include "codec/tape/tape.h"

#include <stdio.h>
#include <stdlib.h>

static int put_block(struct pl_sink *sink, const struct pl_block *b, int64_t shift,
                     struct pl_error *err)
{
    for (uint32_t i = 0; i < b->msg_count; i++) {
        uint32_t row = b->row_begin[i];
        struct pl_msg msg = {.kind = b->kind[i],
                             .flags = b->flags[i],
                             .market = b->market[i],
                             .bid_count = b->bid_count[i],
                             .row_count = b->row_begin[i + 1] - row,
                             .venue_ns = b->venue_ns[i] + shift,
                             .local_ns = b->local_ns[i] + shift,
                             .seq = b->seq[i],
                             .seq_first = b->seq_first[i],
                             .px = b->px + row,
                             .lots = b->lots + row};
        int rc = sink->put(sink, &msg, err);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

static int tile(struct pl_source *in, struct pl_sink *sink, long count, int64_t span,
                struct pl_error *err)
{
    for (uint32_t i = 0; i < in->market_count; i++) {
        int rc = sink->define(sink, &in->insts[i], -1, err);
        if (rc < 0) {
            return rc;
        }
    }
    int rc = 0;
    for (long t = 0; rc >= 0 && t < count; t++) {
        const struct pl_block *block;
        while ((rc = in->next(in, &block, err)) > 0) {
            rc = put_block(sink, block, t * span, err);
            if (rc < 0) {
                return rc;
            }
        }
        rc = rc < 0 ? rc : in->rewind(in, err);
    }
    return rc;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        (void)fprintf(stderr, "usage: bench_tile IN.tape OUT.tape N SPAN_NS\n");
        return 2;
    }
    struct pl_error err = {0};
    struct pl_tape_read_options as_stored = {.as_received = true};
    struct pl_source *in = NULL;
    struct pl_tape_writer *writer = NULL;
    int rc = pl_tape_open(argv[1], &as_stored, &in, &err);
    if (rc == 0) {
        struct pl_tape_options options = {.clock = pl_tape_source_facts(in)->clock};
        rc = pl_tape_writer_create(argv[2], &options, &writer, &err);
    }
    if (rc == 0) {
        rc = tile(in, pl_tape_writer_sink(writer), strtol(argv[3], NULL, 10),
                  strtoll(argv[4], NULL, 10), &err);
    }
    rc = rc < 0 ? rc : pl_tape_writer_finish(writer, &err);
    if (rc < 0) {
        (void)fprintf(stderr, "bench_tile: %s\n", err.text);
    }
    pl_tape_writer_destroy(&writer);
    if (in != NULL) {
        in->close(in);
    }
    return rc < 0 ? 1 : 0;
}
