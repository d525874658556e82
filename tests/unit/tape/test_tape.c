/* The tape: what goes in comes out, whole or in parts, once or often. */
#include "unit/tape/tape_check.h"

#include <unistd.h>

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

static uint32_t first_at(const struct gen_stream *s, int64_t ns)
{
    uint32_t i = 0;
    while (i < s->count && s->at[i].msg.venue_ns < ns) {
        i++;
    }
    return i;
}

static void test_seek(void **state)
{
    (void)state;
    struct gen_stream s = gen_make(5, 3000, 2, false);
    struct pl_tape_options write = {.block_rows = 300};
    struct pl_tape_writer *w = write_stream(&s, 2, &write, NULL);
    gen_sort(&s);
    int64_t t0 = s.at[0].msg.venue_ns, t1 = s.at[s.count - 1].msg.venue_ns, span = t1 - t0;
    const int64_t ranges[][2] = {
        {t0, t1 + 1},
        {t0, t1},
        {t0 + 1, t1 + 1},
        {t0 - 1000, t0},
        {t1, t1 + 1},
        {t1 + 1, t1 + 2},
        {t0 + span / 3, t0 + span / 2},
        {t0 + span / 2, t0 + span / 2},
        {0, t0 + span / 7},
        {t0 + span / 5, INT64_MAX},
    };
    for (size_t c = 0; c < sizeof ranges / sizeof ranges[0]; c++) {
        for (int preload = 0; preload < 2; preload++) {
            struct pl_tape_read_options options = {
                .from_ns = ranges[c][0], .to_ns = ranges[c][1], .preload = preload == 1};
            struct pl_source *source;
            struct pl_error err;
            open_memory(w, &options, &source);
            uint32_t first = first_at(&s, ranges[c][0]);
            uint32_t want = first_at(&s, ranges[c][1]) - first;
            assert_int_equal(expect(source, &s, first, 0), want);
            assert_int_equal(source->rewind(source, &err), 0);
            assert_int_equal(expect(source, &s, first, 0), want);
            source->close(source);
        }
    }
    struct pl_tape_read_options options = {.from_ns = t1, .to_ns = t0};
    const void *bytes;
    size_t size;
    struct pl_source *source;
    struct pl_error err;
    pl_tape_memory(w, &bytes, &size);
    assert_int_equal(pl_tape_open_memory(bytes, size, &options, &source, &err), PL_ERR_INVALID);
    pl_tape_writer_destroy(&w);
    free(s.at);
}

/* The rule of the public peer: span = max(local) - min(venue) + 1 ms, local after its clock rule. */
static void test_tile(void **state)
{
    (void)state;
    struct gen_stream s = gen_make(6, 1000, 2, false);
    struct pl_tape_options write = {.block_rows = 300, .clock = PL_CLOCK_FLOOR};
    struct pl_tape_writer *w = write_stream(&s, 2, &write, NULL);
    gen_sort(&s);
    int64_t least = INT64_MAX, most = 0;
    for (uint32_t i = 0; i < s.count; i++) {
        int64_t latency = s.at[i].msg.local_ns - s.at[i].msg.venue_ns;
        least = latency < least ? latency : least;
        most = s.at[i].msg.local_ns > most ? s.at[i].msg.local_ns : most;
    }
    assert_true(least < 0);
    int64_t span = most - least - s.at[0].msg.venue_ns + 1000000;
    for (int preload = 0; preload < 2; preload++) {
        struct pl_tape_read_options options = {.preload = preload == 1, .tile = 3};
        struct pl_source *source;
        struct pl_error err;
        open_memory(w, &options, &source);
        assert_int_equal(source->msg_total, 3 * s.count);
        assert_int_equal(source->venue_last_ns, s.at[s.count - 1].msg.venue_ns + 2 * span);
        for (int again = 0; again < 2; again++) {
            const struct pl_block *b;
            uint32_t at = 0;
            while (source->next(source, &b, &err) == 1) {
                for (uint32_t i = 0; i < b->msg_count; i++, at++) {
                    struct pl_msg got = pl_tape_block_msg(b, i);
                    int64_t shift = at / s.count * span;
                    got.venue_ns -= shift;
                    got.local_ns -= shift;
                    assert_true(gen_equal(&s.at[at % s.count].msg, &got, -least));
                }
            }
            assert_int_equal(at, 3 * s.count);
            assert_int_equal(source->rewind(source, &err), 0);
        }
        source->close(source);
    }
    struct pl_tape_read_options options = {.tile = UINT32_MAX};
    const void *bytes;
    size_t size;
    struct pl_source *source;
    struct pl_error err;
    pl_tape_memory(w, &bytes, &size);
    assert_int_equal(pl_tape_open_memory(bytes, size, &options, &source, &err), PL_ERR_LIMIT);
    pl_tape_writer_destroy(&w);
    free(s.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_seek),
        cmocka_unit_test(test_tile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
