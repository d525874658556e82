/* The tape: what goes in comes out, whatever happens to the file in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/tape/cols.h"
#include "unit/tape/tape_gen.h"

#include <malloc.h>
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

/* ---- damage ---- */

/* Ends and message counts of a tape's blocks, found by walking its records as docs/tape.md says. */
static uint32_t walk_blocks(const uint8_t *bytes, size_t size, size_t *end, uint32_t *msgs)
{
    uint32_t count = 0;
    for (size_t at = 64; at + 16 <= size;) {
        uint32_t tag, length, n;
        memcpy(&tag, bytes + at, 4);
        memcpy(&length, bytes + at + 4, 4);
        memcpy(&n, bytes + at + 16, 4);
        at += 16 + length;
        if (tag == 0x4b434c42) {
            end[count] = at;
            msgs[count++] = n;
        } else if (tag == 0x58444e49) {
            break;
        }
    }
    return count;
}

/* A small tape of many blocks. */
static struct pl_tape_writer *small_tape(struct gen_stream *s)
{
    *s = gen_make(11, 60, 2, false);
    struct pl_tape_options options = {.block_rows = 40};
    struct pl_tape_writer *w = write_stream(s, 2, &options, NULL);
    gen_sort(s);
    return w;
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    struct gen_stream s;
    struct pl_tape_writer *w = small_tape(&s);
    const void *bytes;
    size_t size, end[64];
    uint32_t msgs[64];
    pl_tape_memory(w, &bytes, &size);
    uint32_t blocks = walk_blocks(bytes, size, end, msgs);
    assert_true(blocks > 5);
    for (size_t cut = 0; cut <= size; cut++) {
        uint8_t *copy = malloc(cut + 1); /* exact, so that asan sees a read behind the end */
        memcpy(copy, bytes, cut);
        copy = realloc(copy, cut > 0 ? cut : 1);
        struct pl_source *source;
        struct pl_error err = {0};
        int rc = pl_tape_open_memory(copy, cut, NULL, &source, &err);
        if (cut < 64) {
            assert_int_equal(rc, PL_ERR_TRUNCATED);
            assert_non_null(strstr(err.text, "cut inside its header"));
            free(copy);
            continue;
        }
        assert_int_equal(rc, 0);
        const struct pl_tape_facts *facts = pl_tape_source_facts(source);
        uint32_t whole = 0;
        for (uint32_t b = 0; b < blocks && end[b] <= cut; b++) {
            whole += msgs[b];
        }
        assert_int_equal(facts->msg_total, whole);
        assert_int_equal(facts->index_rebuilt, cut < size);
        assert_int_equal(facts->lost[0] != 0, cut < size);
        assert_int_equal(expect(source, &s, 0, 0), whole);
        source->close(source);
        free(copy);
    }
    pl_tape_writer_destroy(&w);
    free(s.at);
}

/* 1 = read to the end and equal; 0 = an error was reported. Anything else fails the test. */
static int read_damaged(const uint8_t *bytes, size_t size, const struct gen_stream *s)
{
    struct pl_source *source;
    struct pl_error err = {0};
    if (pl_tape_open_memory(bytes, size, NULL, &source, &err) != 0) {
        assert_true(err.code < 0 && err.text[0] != 0);
        return 0;
    }
    const struct pl_block *b;
    uint32_t at = 0;
    int rc;
    while ((rc = source->next(source, &b, &err)) == 1) {
        for (uint32_t i = 0; i < b->msg_count; i++, at++) {
            struct pl_msg got = pl_tape_block_msg(b, i);
            assert_true(at < s->count && gen_equal(&s->at[at].msg, &got, 0));
        }
    }
    assert_true(rc == 0 || (rc == PL_ERR_CORRUPT && strstr(err.text, "block") != NULL &&
                            strstr(err.text, "at byte") != NULL));
    assert_true(rc < 0 || at == s->count);
    source->close(source);
    return rc == 0;
}

static void test_flipped_bits(void **state)
{
    (void)state;
    struct gen_stream s;
    struct pl_tape_writer *w = small_tape(&s);
    const void *bytes;
    size_t size;
    uint32_t harmless = 0, found = 0;
    pl_tape_memory(w, &bytes, &size);
    uint8_t *copy = malloc(size);
    memcpy(copy, bytes, size);
    for (size_t i = 0; i < size; i++) {
        for (unsigned k = 0; k < 2; k++) {
            uint8_t flip = k == 0 ? (uint8_t)(1u << (i * 5 % 8)) : 0xff;
            copy[i] ^= flip;
            if (read_damaged(copy, size, &s) == 1) {
                harmless++;
            } else {
                found++;
            }
            copy[i] ^= flip;
        }
    }
    assert_int_equal(read_damaged(copy, size, &s), 1);
    /* Blocks are most of the tape; records that the index repeats are harmless. */
    assert_true(found > size && harmless > 0);
    free(copy);
    pl_tape_writer_destroy(&w);
    free(s.at);
}

static void test_not_a_tape(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        int rc;
        const char *words;
    } cases[] = {
        {"empty", "", PL_ERR_TRUNCATED, "0 of 64 bytes"},
        {"text", "time,side,price\n", PL_ERR_MALFORMED, "not a tape"},
        {"beginning alone", "PLTAPE\r\n", PL_ERR_TRUNCATED, "8 of 64 bytes"},
        {"newlines translated", "PLTAPE\n\n", PL_ERR_MALFORMED, "not a tape"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct pl_source *source = NULL;
        struct pl_error err = {0};
        int rc = pl_tape_open_memory(cases[c].text, strlen(cases[c].text), NULL, &source, &err);
        if (rc != cases[c].rc || strstr(err.text, cases[c].words) == NULL || source != NULL) {
            fail_msg("%s: %d %s", cases[c].name, rc, err.text);
        }
    }
    struct pl_source *source;
    struct pl_error err = {0};
    assert_int_equal(pl_tape_open("/nonexistent/x.tape", NULL, &source, &err), PL_ERR_IO);
    assert_int_equal(pl_tape_open("/", NULL, &source, &err), PL_ERR_IO);
}

/* ---- reading parts, and again ---- */

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

/* ---- clocks ---- */

static void test_clock_floor(void **state)
{
    (void)state;
    struct gen_stream s = gen_make(8, 1000, 3, false);
    int64_t all = INT64_MAX, book = INT64_MAX;
    for (uint32_t i = 0; i < s.count; i++) {
        struct pl_msg *m = &s.at[i].msg;
        if (m->kind == PL_MSG_BBO && i % 50 == 0) {
            m->local_ns -= 1000000000; /* so that the two floors differ */
        }
        int64_t latency = m->local_ns - m->venue_ns;
        all = latency < all ? latency : all;
        book = m->kind != PL_MSG_BBO && latency < book ? latency : book;
    }
    assert_true(all < book && book < 0);
    struct pl_tape_options write = {.clock = PL_CLOCK_FLOOR};
    struct pl_tape_writer *w = write_stream(&s, 3, &write, NULL);
    gen_sort(&s);
    const struct {
        struct pl_tape_read_options options;
        int64_t shift;
    } cases[] = {
        {{.tile = 1}, -all}, {{.floor_without_bbo = true}, -book}, {{.as_received = true}, 0}};
    uint64_t digest[3];
    for (size_t c = 0; c < 3; c++) {
        struct pl_source *source;
        open_memory(w, &cases[c].options, &source);
        const struct pl_tape_facts *facts = pl_tape_source_facts(source);
        assert_int_equal(facts->latency_min_ns, all);
        assert_int_equal(facts->book_latency_min_ns, book);
        assert_int_equal(facts->clock_shift_ns, cases[c].shift);
        assert_int_equal(expect(source, &s, 0, cases[c].shift), s.count);
        digest[c] = source->data_digest;
        source->close(source);
    }
    assert_true(digest[0] != digest[1] && digest[1] != digest[2] && digest[0] != digest[2]);
    pl_tape_writer_destroy(&w);
    free(s.at);
    /* A clock that is never ahead stays as it is. */
    s = gen_make(9, 100, 1, false);
    for (uint32_t i = 0; i < s.count; i++) {
        s.at[i].msg.local_ns += 2000000000;
    }
    w = write_stream(&s, 1, &write, NULL);
    gen_sort(&s);
    struct pl_source *source;
    open_memory(w, NULL, &source);
    assert_int_equal(expect(source, &s, 0, 0), s.count);
    source->close(source);
    pl_tape_writer_destroy(&w);
    free(s.at);
}

/* A clock that wanders in a triangle of +-400 ms over six minutes; latency 5..25 ms on top. */
static int64_t wander(int64_t since_ns)
{
    int64_t phase = since_ns % 240000000000;
    int64_t up = phase < 120000000000 ? phase : 240000000000 - phase;
    return up / 150 - 400000000;
}

static void test_clock_moving(void **state)
{
    (void)state;
    uint32_t count = 3600;
    struct gen_stream s = gen_make(10, count, 2, false);
    int64_t t0 = INT64_C(1723161240000000000);
    for (uint32_t i = 0; i < count; i++) { /* one message in 100 ms */
        struct pl_msg *m = &s.at[i].msg;
        m->venue_ns = t0 + i * INT64_C(100000000);
        m->local_ns = m->venue_ns + wander(m->venue_ns - t0) + 5000000 + i % 7 * 3000000;
    }
    struct pl_tape_options write = {.clock = PL_CLOCK_MOVING, .block_rows = 500};
    struct pl_tape_writer *w = write_stream(&s, 2, &write, NULL);
    int64_t first_min = INT64_MAX;
    for (uint32_t i = 0; s.at[i].msg.venue_ns / 60000000000 == t0 / 60000000000; i++) {
        int64_t latency = s.at[i].msg.local_ns - s.at[i].msg.venue_ns;
        first_min = latency < first_min ? latency : first_min;
    }
    int64_t last[2][PL_MSG_KIND_COUNT] = {{0}}, worst = 0, *seen = calloc(count, sizeof *seen);
    for (int damaged = 0; damaged < 2; damaged++) { /* with its index, and with it rebuilt */
        struct pl_source *source;
        const struct pl_block *b;
        struct pl_error err;
        const void *bytes;
        size_t size;
        uint32_t at = 0;
        pl_tape_memory(w, &bytes, &size);
        assert_int_equal(pl_tape_open_memory(bytes, damaged ? size - 1 : size, NULL, &source, &err),
                         0);
        memset(last, 0, sizeof last);
        while (source->next(source, &b, &err) == 1) {
            for (uint32_t i = 0; i < b->msg_count; i++, at++) {
                int64_t latency = b->local_ns[i] - b->venue_ns[i];
                assert_true(latency >= 0);
                assert_true(b->local_ns[i] >= last[b->market[i]][b->kind[i]]);
                last[b->market[i]][b->kind[i]] = b->local_ns[i];
                worst = latency > worst ? latency : worst;
                assert_true(damaged == 0 || seen[at] == b->local_ns[i]);
                seen[at] = b->local_ns[i];
            }
        }
        assert_int_equal(at, count);
        /* Before the first middle of a minute the floor is that minute's own. */
        const struct pl_msg *m = &s.at[6].msg;
        int64_t want = m->local_ns - m->venue_ns - first_min;
        assert_int_equal(seen[6], m->venue_ns + (want > 0 ? want : 0));
        source->close(source);
    }
    /* A floor of minutes follows the wander of 400 ms a minute to within one minute's change. */
    assert_true(worst < 430000000);
    free(seen);
    pl_tape_writer_destroy(&w);
    free(s.at);
}

/* ---- writing ---- */

static void test_reorder(void **state)
{
    (void)state;
    /* Jitter of 50 ms in a window of 100 ms, long enough that the window is emptied many times. */
    struct gen_stream s = gen_make(12, 20000, 2, false);
    struct pl_tape_options options = {.reorder_window_ns = 100000000};
    struct pl_tape_writer *w = write_stream(&s, 2, &options, NULL);
    struct pl_tape_writer *again = write_stream(&s, 2, &options, NULL);
    const void *a, *b;
    size_t size_a, size_b;
    pl_tape_memory(w, &a, &size_a);
    pl_tape_memory(again, &b, &size_b);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(a, b, size_a); /* the same messages make the same bytes */
    gen_sort(&s);
    struct pl_source *source;
    open_memory(w, NULL, &source);
    assert_int_equal(expect(source, &s, 0, 0), s.count);
    source->close(source);
    pl_tape_writer_destroy(&w);
    pl_tape_writer_destroy(&again);
    free(s.at);
}

static void test_too_late(void **state)
{
    (void)state;
    struct pl_error err = {0};
    struct pl_tape_options options = {.reorder_window_ns = 1000};
    struct pl_tape_writer *w;
    assert_int_equal(pl_tape_writer_create(NULL, &options, &w, &err), 0);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    struct pl_inst inst = gen_inst("A");
    assert_int_equal(sink->define(sink, &inst, -1, &err), 0);
    static const struct {
        int64_t venue;
        int rc;
    } puts[] = {{5000, 0}, {4000, 0}, {3999, PL_ERR_ORDER}, {6000, 0}, {4999, PL_ERR_ORDER},
                {5000, 0}};
    for (size_t i = 0; i < sizeof puts / sizeof puts[0]; i++) {
        struct pl_msg m = {.kind = PL_MSG_GAP, .venue_ns = puts[i].venue, .local_ns = 7000};
        assert_int_equal(sink->put(sink, &m, &err), puts[i].rc);
    }
    assert_non_null(strstr(err.text, "reorder window"));
    assert_int_equal(pl_tape_writer_finish(w, &err), 0); /* a refused message spoils nothing */
    struct pl_msg m = {.kind = PL_MSG_GAP, .venue_ns = 8000};
    assert_int_equal(sink->put(sink, &m, &err), PL_ERR_STATE);
    struct pl_source *source;
    open_memory(w, NULL, &source);
    assert_int_equal(source->msg_total, 4);
    source->close(source);
    pl_tape_writer_destroy(&w);
}

static void test_refused(void **state)
{
    (void)state;
    static const int64_t rows[4] = {1, 2, 3, 4};
    static const struct {
        const char *name;
        struct pl_msg msg;
    } cases[] = {
        {"unknown kind", {.kind = PL_MSG_KIND_COUNT}},
        {"market not defined", {.kind = PL_MSG_GAP, .market = 1}},
        {"more bids than rows", {.kind = PL_MSG_DEPTH, .row_count = 1, .bid_count = 2}},
        {"too many rows", {.kind = PL_MSG_DEPTH, .row_count = (1u << 20) + 1}},
        {"one-sided best prices", {.kind = PL_MSG_BBO, .row_count = 1, .bid_count = 1}},
        {"trade with a bid count", {.kind = PL_MSG_TRADE, .row_count = 1, .bid_count = 1}},
        {"trade without rows", {.kind = PL_MSG_TRADE}},
        {"candle of three rows", {.kind = PL_MSG_CANDLE, .row_count = 3}},
        {"gap with a row", {.kind = PL_MSG_GAP, .row_count = 1}},
        {"mark without rows", {.kind = PL_MSG_MARK}},
        {"instrument not defined", {.kind = PL_MSG_INST, .seq = 1}},
        {"venue time below 0", {.kind = PL_MSG_GAP, .venue_ns = -1}},
        {"local time too large", {.kind = PL_MSG_GAP, .local_ns = INT64_MAX}},
    };
    struct pl_error err = {0};
    struct pl_tape_writer *w;
    assert_int_equal(pl_tape_writer_create(NULL, NULL, &w, &err), 0);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    struct pl_inst inst = gen_inst("A");
    assert_int_equal(sink->define(sink, &inst, -1, &err), 0);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct pl_msg m = cases[c].msg;
        m.px = m.lots = rows;
        err.text[0] = 0;
        if (sink->put(sink, &m, &err) != PL_ERR_INVALID || err.text[0] == 0) {
            fail_msg("%s was not refused in words", cases[c].name);
        }
    }
    pl_tape_writer_destroy(&w);
}

static void test_definitions(void **state)
{
    (void)state;
    struct pl_error err = {0};
    struct pl_tape_writer *w;
    assert_int_equal(pl_tape_writer_create(NULL, NULL, &w, &err), 0);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    struct pl_inst a = gen_inst("A"), b = gen_inst("B"), finer = gen_inst("A"), bad = gen_inst("C");
    finer.tick = (struct pl_decimal){1, 2};
    bad.lot.mantissa = 0;
    assert_int_equal(sink->define(sink, &a, -1, &err), 0);
    assert_int_equal(sink->define(sink, &b, -1, &err), 1);
    assert_int_equal(sink->define(sink, &bad, -1, &err), PL_ERR_INVALID);
    assert_int_equal(sink->define(sink, &finer, 2, &err), PL_ERR_INVALID);
    assert_int_equal(sink->define(sink, &finer, 0, &err), 2);
    assert_int_equal(sink->define(sink, &bad, 0, &err), PL_ERR_INVALID);
    struct pl_inst late = gen_inst("D");
    assert_int_equal(sink->define(sink, &late, -1, &err), PL_ERR_STATE);
    struct pl_msg m = {.kind = PL_MSG_INST, .seq = 2, .venue_ns = 5, .local_ns = 6};
    assert_int_equal(sink->put(sink, &m, &err), 0);
    assert_int_equal(pl_tape_writer_finish(w, &err), 0);
    const void *bytes;
    size_t size;
    pl_tape_memory(w, &bytes, &size);
    for (size_t cut = 0; cut < 2; cut++) { /* from the index, and from the records */
        struct pl_source *source;
        assert_int_equal(pl_tape_open_memory(bytes, size - cut, NULL, &source, &err), 0);
        assert_int_equal(source->market_count, 2);
        assert_int_equal(source->inst_count, 3);
        assert_string_equal(source->insts[1].symbol, "B");
        assert_memory_equal(&source->insts[2].tick, &finer.tick, sizeof finer.tick);
        assert_int_equal(source->insts[0].taker_fee_e9, a.taker_fee_e9);
        assert_int_equal(source->insts[0].max_lots, a.max_lots);
        source->close(source);
    }
    pl_tape_writer_destroy(&w);
}

/* One message with more rows than a block: it makes its block longer. */
static void test_huge_message(void **state)
{
    (void)state;
    uint32_t n = 300000;
    int64_t *px = malloc(n * sizeof *px), *lots = malloc(n * sizeof *lots);
    for (uint32_t i = 0; i < n; i++) {
        px[i] = i;
        lots[i] = (int64_t)n - i;
    }
    struct pl_error err = {0};
    struct pl_tape_writer *w;
    assert_int_equal(pl_tape_writer_create(NULL, NULL, &w, &err), 0);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    struct pl_inst inst = gen_inst("A");
    assert_int_equal(sink->define(sink, &inst, -1, &err), 0);
    for (int k = 0; k < 3; k++) {
        struct pl_msg m = {.kind = PL_MSG_SNAPSHOT,
                           .row_count = n,
                           .bid_count = n / 2,
                           .venue_ns = 100 + k,
                           .local_ns = 200,
                           .px = px,
                           .lots = lots};
        assert_int_equal(sink->put(sink, &m, &err), 0);
    }
    assert_int_equal(pl_tape_writer_finish(w, &err), 0);
    struct pl_source *source;
    const struct pl_block *b;
    open_memory(w, NULL, &source);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(source->next(source, &b, &err), 1);
        assert_int_equal(b->msg_count, 1);
        assert_memory_equal(b->px, px, n * sizeof *px);
        assert_memory_equal(b->lots, lots, n * sizeof *lots);
    }
    assert_int_equal(source->next(source, &b, &err), 0);
    source->close(source);
    pl_tape_writer_destroy(&w);
    free(px);
    free(lots);
}

static void test_empty(void **state)
{
    (void)state;
    struct pl_error err = {0};
    struct pl_tape_writer *w;
    assert_int_equal(pl_tape_writer_create(NULL, NULL, &w, &err), 0);
    assert_int_equal(pl_tape_writer_finish(w, &err), 0);
    struct pl_tape_read_options options = {.tile = 5, .preload = true};
    struct pl_source *source;
    const struct pl_block *b;
    open_memory(w, &options, &source);
    assert_int_equal(source->next(source, &b, &err), 0);
    assert_int_equal(source->market_count, 0);
    assert_string_equal(pl_tape_source_facts(source)->lost, "");
    source->close(source);
    pl_tape_writer_destroy(&w);
}

/* Memory of writing and reading does not grow with the length of the tape. */
static void test_memory(void **state)
{
    (void)state;
    char path[] = "/tmp/plimsoll-tape-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct gen_stream s = gen_make(13, 2000, 1, false);
    struct pl_error err = {0};
    struct pl_tape_writer *w;
    assert_int_equal(pl_tape_writer_create(path, NULL, &w, &err), 0);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    struct pl_inst inst = gen_inst("A");
    assert_int_equal(sink->define(sink, &inst, -1, &err), 0);
    int64_t span = s.at[s.count - 1].msg.venue_ns - s.at[0].msg.venue_ns + 100000000;
    size_t early = 0, rounds = 60;
    for (size_t k = 0; k < rounds; k++) {
        for (uint32_t i = 0; i < s.count; i++) {
            struct pl_msg m = s.at[i].msg;
            m.venue_ns += (int64_t)k * span;
            m.local_ns += (int64_t)k * span;
            assert_int_equal(sink->put(sink, &m, &err), 0);
        }
        struct mallinfo2 now = mallinfo2();
        early = k == rounds / 3 ? now.uordblks + now.hblkhd : early;
        assert_true(early == 0 || now.uordblks + now.hblkhd <= early + early / 5 + 100000);
    }
    assert_int_equal(pl_tape_writer_finish(w, &err), 0);
    pl_tape_writer_destroy(&w);
    struct pl_source *source;
    const struct pl_block *b;
    assert_int_equal(pl_tape_open(path, NULL, &source, &err), 0);
    uint32_t blocks = pl_tape_source_facts(source)->block_count, at = 0;
    assert_true(blocks >= 9);
    for (early = 0; source->next(source, &b, &err) == 1; at++) {
        struct mallinfo2 now = mallinfo2();
        early = at == blocks / 3 ? now.uordblks + now.hblkhd : early;
        assert_true(early == 0 || now.uordblks + now.hblkhd <= early + early / 5 + 100000);
    }
    assert_int_equal(at, blocks);
    source->close(source);
    unlink(path);
    free(s.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_file),
        cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_not_a_tape),   cmocka_unit_test(test_seek),
        cmocka_unit_test(test_tile),         cmocka_unit_test(test_clock_floor),
        cmocka_unit_test(test_clock_moving), cmocka_unit_test(test_reorder),
        cmocka_unit_test(test_too_late),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_definitions),  cmocka_unit_test(test_huge_message),
        cmocka_unit_test(test_empty),        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
