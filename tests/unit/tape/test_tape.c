/* The tape: what goes in comes out, whatever happens to the file in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/tape/cols.h"
#include "unit/tape/tape_gen.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pl_tape_writer *write_stream(const struct gen_stream *s, uint32_t markets,
                                           const struct pl_tape_options *options, const char *path)
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
static uint32_t expect(struct pl_source *source, const struct gen_stream *s, uint32_t first,
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

static void open_memory(const struct pl_tape_writer *w, const struct pl_tape_read_options *options,
                        struct pl_source **out)
{
    const void *bytes;
    size_t size;
    struct pl_error err = {0};
    pl_tape_memory(w, &bytes, &size);
    if (pl_tape_open_memory(bytes, size, options, out, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t count, markets;
        bool wild;
    } cases[] = {
        {"one message", 1, 1, false},        {"small", 100, 1, false},
        {"several blocks", 20000, 3, false}, {"more classes than a block holds", 3000, 400, false},
        {"edges of int64", 3000, 2, true},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct gen_stream s = gen_make(c + 1, cases[c].count, cases[c].markets, cases[c].wild);
        struct pl_tape_writer *w = write_stream(&s, cases[c].markets, NULL, NULL);
        gen_sort(&s);
        struct pl_source *source;
        open_memory(w, NULL, &source);
        assert_int_equal(source->market_count, cases[c].markets);
        assert_int_equal(source->msg_total, s.count);
        assert_int_equal(source->venue_first_ns, s.at[0].msg.venue_ns);
        assert_int_equal(source->venue_last_ns, s.at[s.count - 1].msg.venue_ns);
        assert_int_equal(expect(source, &s, 0, 0), s.count);
        struct pl_error err;
        assert_int_equal(source->rewind(source, &err), 0);
        assert_int_equal(expect(source, &s, 0, 0), s.count);
        source->close(source);
        pl_tape_writer_destroy(&w);
        free(s.at);
    }
}

static void test_file(void **state)
{
    (void)state;
    char path[] = "/tmp/plimsoll-tape-XXXXXX", part[64];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    struct gen_stream s = gen_make(7, 5000, 2, false);
    struct pl_tape_writer *w = write_stream(&s, 2, NULL, path);
    pl_tape_writer_destroy(&w);
    gen_sort(&s);
    struct pl_error err = {0};
    for (int preload = 0; preload < 2; preload++) {
        struct pl_tape_read_options options = {.preload = preload == 1};
        struct pl_source *source;
        assert_int_equal(pl_tape_open(path, &options, &source, &err), 0);
        assert_int_equal(expect(source, &s, 0, 0), s.count);
        source->close(source);
    }
    snprintf(part, sizeof part, "%s.part", path);
    assert_int_not_equal(access(part, F_OK), 0);
    unlink(path);
    assert_int_equal(pl_tape_writer_create(path, NULL, &w, &err), 0);
    assert_int_equal(access(part, F_OK), 0);
    pl_tape_writer_destroy(&w); /* not finished: nothing is left */
    assert_int_not_equal(access(part, F_OK), 0);
    assert_int_not_equal(access(path, F_OK), 0);
    free(s.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
