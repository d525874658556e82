/* The tape: clock rules. */
#include "unit/tape/tape_check.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_floor),
        cmocka_unit_test(test_clock_moving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
