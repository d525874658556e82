/* The tape: the order of what is written, what is refused, and memory. */
#include "unit/tape/tape_check.h"

#include <malloc.h>
#include <unistd.h>

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
        assert_int_equal(source->insts[2].tick.mantissa, finer.tick.mantissa);
        assert_int_equal(source->insts[2].tick.scale, finer.tick.scale);
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
        cmocka_unit_test(test_reorder),      cmocka_unit_test(test_too_late),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_huge_message), cmocka_unit_test(test_empty),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
