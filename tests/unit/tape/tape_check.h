/* Writing a generated stream and comparing what is read with it. */
#ifndef TEST_TAPE_CHECK_H
#define TEST_TAPE_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/tape/cols.h"
#include "unit/tape/tape_gen.h"

#include <stdio.h>

static inline struct pl_tape_writer *write_stream(const struct gen_stream *s, uint32_t markets,
                                                  const struct pl_tape_options *options,
                                                  const char *path)
{
    struct pl_error err = {0};
    struct pl_tape_writer *w;
    assert_int_equal(pl_tape_writer_create(path, options, &w, &err), 0);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    for (uint32_t m = 0; m < markets; m++) {
        char name[16];
        snprintf(name, sizeof name, "S%u", m);
        struct pl_inst inst = gen_inst(name);
        assert_int_equal(sink->define(sink, &inst, -1, &err), m);
    }
    for (uint32_t i = 0; i < s->count; i++) {
        if (sink->put(sink, &s->at[i].msg, &err) != 0) {
            fail_msg("message %u: %s", i, err.text);
        }
    }
    if (pl_tape_writer_finish(w, &err) != 0) {
        fail_msg("finish: %s", err.text);
    }
    return w;
}

/* Reads all of `source` and compares with the messages from `first` on; returns how many. */
static inline uint32_t expect(struct pl_source *source, const struct gen_stream *s, uint32_t first,
                              int64_t local_shift)
{
    const struct pl_block *b;
    struct pl_error err = {0};
    uint32_t at = first;
    int rc;
    while ((rc = source->next(source, &b, &err)) == 1) {
        assert_int_equal(b->row_begin[0], 0);
        assert_int_equal(b->row_begin[b->msg_count], b->row_count);
        for (uint32_t i = 0; i < b->msg_count; i++, at++) {
            struct pl_msg got = pl_tape_block_msg(b, i);
            assert_true(at < s->count);
            if (!gen_equal(&s->at[at].msg, &got, local_shift)) {
                fail_msg("message %u differs", at);
            }
        }
    }
    if (rc != 0) {
        fail_msg("%s", err.text);
    }
    return at - first;
}

static inline void open_memory(const struct pl_tape_writer *w,
                               const struct pl_tape_read_options *options, struct pl_source **out)
{
    const void *bytes;
    size_t size;
    struct pl_error err = {0};
    pl_tape_memory(w, &bytes, &size);
    if (pl_tape_open_memory(bytes, size, options, out, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

#endif
