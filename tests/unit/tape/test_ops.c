/* Info, verify, head, cut and merge, on tapes whose content is known. */
#include "unit/tape/tape_check.h"

#include "base/assert.h"
#include "codec/tape/ops.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/plimsoll-ops-XXXXXX";

static const char *at(const char *name)
{
    static char path[16][128];
    static unsigned next;
    char *p = path[next++ % PL_COUNT(path)];
    (void)snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* fails, and the group with it, if a test left a file */
}

static uint32_t count_kind(const struct gen_stream *s, uint32_t market, uint8_t kind)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        n += s->at[i].msg.market == market && s->at[i].msg.kind == kind;
    }
    return n;
}

static void by_value(int64_t *v, uint32_t n) /* insertion sort */
{
    for (uint32_t i = 1; i < n; i++) {
        int64_t moved = v[i];
        uint32_t j = i;
        for (; j > 0 && v[j - 1] > moved; j--) {
            v[j] = v[j - 1];
        }
        v[j] = moved;
    }
}

static void test_info(void **state)
{
    (void)state;
    struct gen_stream s = gen_make(21, 3001, 2, false);
    struct pl_tape_options options = {.clock = PL_CLOCK_FLOOR, .block_rows = 2000};
    struct pl_tape_writer *w = write_stream(&s, 2, &options, at("a.tape"));
    pl_tape_writer_destroy(&w);
    struct pl_tape_info *info;
    struct pl_error err = {0};
    assert_int_equal(pl_tape_info_read(at("a.tape"), &info, &err), 0);
    json_t *json = pl_tape_info_json(info);
    assert_int_equal(json_integer_value(json_object_get(json, "messages")), s.count);
    assert_string_equal(json_string_value(json_object_get(json, "clock")), "floor");
    assert_int_equal(json_integer_value(json_object_get(json, "latency_min_ns")), 0);
    for (uint32_t m = 0; m < 2; m++) {
        json_t *kinds =
            json_object_get(json_array_get(json_object_get(json, "markets"), m), "messages");
        for (uint8_t k = 0; k < PL_MSG_KIND_COUNT; k++) {
            assert_int_equal(json_integer_value(json_object_get(kinds, pl_msg_kind_name(k))),
                             count_kind(&s, m, k));
        }
    }
    /* The median, to the 0.4 % that is promised. */
    int64_t *latency = malloc(s.count * sizeof *latency);
    int64_t shift = json_integer_value(json_object_get(json, "clock_shift_ns"));
    for (uint32_t i = 0; i < s.count; i++) {
        latency[i] = s.at[i].msg.local_ns - s.at[i].msg.venue_ns + shift;
    }
    by_value(latency, s.count);
    int64_t want = latency[s.count / 2];
    int64_t got = json_integer_value(json_object_get(json, "latency_median_ns"));
    assert_true(llabs(got - want) <= want / 250 + 1);
    FILE *out = tmpfile();
    pl_tape_info_print(info, out);
    assert_true(ftell(out) > 300);
    fclose(out);
    json_decref(json);
    free(latency);
    pl_tape_info_destroy(&info);
    free(s.at);
    unlink(at("a.tape"));
}

/* Writes one small tape whose data surprises in every way that verify remarks on. */
static void write_odd(const char *path)
{
    static const int64_t bid_over_ask[2] = {101, 100}, sizes[2] = {5, 5};
    static const int64_t below_zero[1] = {-3}, one[1] = {1}, negative[1] = {-7};
    const struct pl_msg msgs[] = {
        {.kind = PL_MSG_BBO,
         .row_count = 2,
         .bid_count = 1,
         .venue_ns = 10,
         .local_ns = 20,
         .seq = 9,
         .px = bid_over_ask,
         .lots = sizes},
        {.kind = PL_MSG_BBO,
         .row_count = 2,
         .bid_count = 1,
         .venue_ns = 11,
         .local_ns = 19,
         .seq = 8,
         .px = bid_over_ask,
         .lots = sizes},
        {.kind = PL_MSG_TRADE,
         .row_count = 1,
         .venue_ns = 12,
         .local_ns = 30,
         .px = below_zero,
         .lots = one},
        {.kind = PL_MSG_TRADE,
         .row_count = 1,
         .venue_ns = 13,
         .local_ns = 31,
         .px = one,
         .lots = negative},
    };
    struct pl_tape_writer *w;
    struct pl_error err = {0};
    struct pl_inst inst = gen_inst("A");
    assert_int_equal(pl_tape_writer_create(path, NULL, &w, &err), 0);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    assert_int_equal(sink->define(sink, &inst, -1, &err), 0);
    for (size_t i = 0; i < PL_COUNT(msgs); i++) {
        assert_int_equal(sink->put(sink, &msgs[i], &err), 0);
    }
    assert_int_equal(pl_tape_writer_finish(w, &err), 0);
    pl_tape_writer_destroy(&w);
}

static void test_verify_remarks(void **state)
{
    (void)state;
    struct pl_tape_verdict v;
    struct pl_error err = {0};
    write_odd(at("odd.tape"));
    assert_int_equal(pl_tape_verify(at("odd.tape"), &v, &err), 0);
    assert_int_equal(v.finding[PL_TF_CROSSED].count, 2);
    assert_int_equal(v.finding[PL_TF_ID_BACK].count, 1);
    assert_int_equal(v.finding[PL_TF_LOCAL_BACK].count, 1);
    assert_int_equal(v.finding[PL_TF_PX_NOT_POSITIVE].count, 1);
    assert_int_equal(v.finding[PL_TF_NEGATIVE_LOTS].count, 1);
    assert_int_equal(v.fault_count, 1); /* the size below zero; the rest is what a venue may send */
    json_t *json = pl_tape_verdict_json(&v);
    assert_int_equal(json_array_size(json_object_get(json, "findings")), 5);
    json_decref(json);
    unlink(at("odd.tape"));
}

static void write_bytes(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

/* A damaged block is one fault; the others are still read. */
static void test_verify_damage(void **state)
{
    (void)state;
    struct gen_stream s = gen_make(22, 800, 2, false);
    struct pl_tape_options options = {.block_rows = 500};
    struct pl_tape_writer *w = write_stream(&s, 2, &options, NULL);
    const void *bytes;
    size_t size;
    pl_tape_memory(w, &bytes, &size);
    uint8_t *copy = malloc(size);
    memcpy(copy, bytes, size);
    struct pl_tape_verdict v;
    struct pl_error err = {0};
    write_bytes(at("b.tape"), copy, size);
    assert_int_equal(pl_tape_verify(at("b.tape"), &v, &err), 0);
    assert_int_equal(v.fault_count, 0);
    uint32_t blocks = v.blocks_good;
    assert_true(blocks > 4 && v.msgs_good == s.count);

    copy[size / 2] ^= 1;
    write_bytes(at("b.tape"), copy, size);
    assert_int_equal(pl_tape_verify(at("b.tape"), &v, &err), 0);
    assert_int_equal(v.fault_count, 1);
    assert_int_equal(v.finding[PL_TF_DAMAGED].count, 1);
    assert_int_equal(v.blocks_good, blocks - 1);
    assert_non_null(strstr(v.finding[PL_TF_DAMAGED].first, "at byte"));
    copy[size / 2] ^= 1;

    copy[size - 1] ^= 1; /* the end mark: nothing is lost */
    write_bytes(at("b.tape"), copy, size);
    assert_int_equal(pl_tape_verify(at("b.tape"), &v, &err), 0);
    assert_int_equal(v.finding[PL_TF_INDEX].count, 1);
    assert_int_equal(v.blocks_good, blocks);

    write_bytes(at("b.tape"), copy, size / 2);
    assert_int_equal(pl_tape_verify(at("b.tape"), &v, &err), 0);
    assert_int_equal(v.finding[PL_TF_LOST].count, 1);
    assert_true(v.blocks_good < blocks && v.blocks_good > 0);

    write_bytes(at("b.tape"), (const uint8_t *)"nonsense", 8);
    assert_int_equal(pl_tape_verify(at("b.tape"), &v, &err), PL_ERR_MALFORMED);
    unlink(at("b.tape"));
    free(copy);
    pl_tape_writer_destroy(&w);
    free(s.at);
}

static void test_head(void **state)
{
    (void)state;
    struct gen_stream s = gen_make(23, 300, 2, false);
    struct pl_tape_writer *w = write_stream(&s, 2, NULL, at("h.tape"));
    pl_tape_writer_destroy(&w);
    gen_sort(&s);
    struct pl_tape_head_options options = {.messages = 200,
                                           .rows = 1000,
                                           .from_ns = s.at[50].msg.venue_ns,
                                           .to_ns = INT64_MAX,
                                           .json = true};
    uint32_t i = 0;
    while (s.at[i].msg.venue_ns < options.from_ns) {
        i++;
    }
    FILE *out = tmpfile();
    struct pl_error err = {0};
    assert_int_equal(pl_tape_head(at("h.tape"), &options, out, &err), 0);
    rewind(out);
    static char line[200000];
    uint32_t lines = 0;
    for (; fgets(line, sizeof line, out) != NULL; i++, lines++) {
        const struct pl_msg *m = &s.at[i].msg;
        json_t *json = json_loads(line, 0, NULL);
        char seq[24];
        (void)snprintf(seq, sizeof seq, "%llu", (unsigned long long)m->seq);
        assert_string_equal(json_string_value(json_object_get(json, "seq")), seq);
        assert_int_equal(json_integer_value(json_object_get(json, "venue_ns")), m->venue_ns);
        json_t *rows = json_object_get(json, "row");
        assert_int_equal(json_array_size(rows), m->row_count);
        for (uint32_t r = 0; r < m->row_count; r++) { /* tick 0.1, lot 0.001; rates in 1e-9 */
            const char *px = json_string_value(json_array_get(json_array_get(rows, r), 1));
            struct pl_decimal back;
            int64_t ticks;
            assert_int_equal(pl_decimal_parse(pl_str(px), &back), 0);
            int32_t scale = m->kind == PL_MSG_FUNDING ? 9 : 1;
            assert_int_equal(pl_decimal_at_scale(back, scale, &ticks), 0);
            assert_int_equal(ticks, m->px[r]);
        }
        json_decref(json);
    }
    assert_int_equal(lines, 200);
    fclose(out);
    unlink(at("h.tape"));
    free(s.at);
}

static void test_cut(void **state)
{
    (void)state;
    struct gen_stream s = gen_make(24, 2000, 3, false);
    struct pl_tape_options options = {.clock = PL_CLOCK_FLOOR, .block_rows = 300};
    struct pl_tape_writer *w = write_stream(&s, 3, &options, at("c.tape"));
    pl_tape_writer_destroy(&w);
    gen_sort(&s);
    uint32_t first = 700, last = 1400;
    while (s.at[first].msg.venue_ns == s.at[first - 1].msg.venue_ns) {
        first++;
    }
    while (s.at[last].msg.venue_ns == s.at[last - 1].msg.venue_ns) {
        last++;
    }
    struct pl_tape_edit edit;
    struct pl_error err = {0};
    assert_int_equal(pl_tape_cut_copy(at("c.tape"), at("part.tape"), s.at[first].msg.venue_ns,
                                      s.at[last].msg.venue_ns, &edit, &err),
                     0);
    assert_int_equal(edit.messages, last - first);
    assert_int_equal(edit.markets, 3);
    struct pl_tape_read_options read = {.as_received = true};
    struct pl_source *source;
    assert_int_equal(pl_tape_open(at("part.tape"), &read, &source, &err), 0);
    assert_int_equal(pl_tape_source_facts(source)->clock, PL_CLOCK_FLOOR);
    assert_int_equal(expect(source, &s, first, 0), last - first);
    source->close(source);
    assert_int_equal(pl_tape_cut_copy(at("c.tape"), at("part.tape"), 0, 1, &edit, &err),
                     PL_ERR_EXISTS);
    unlink(at("c.tape"));
    unlink(at("part.tape"));
    free(s.at);
}

/* A tape of one market and a changed definition of it, messages at the given times. */
static void write_times(const char *path, const char *symbol, enum pl_clock_rule clock,
                        const int64_t *times, uint32_t count)
{
    struct pl_tape_options options = {.clock = clock};
    struct pl_tape_writer *w;
    struct pl_error err = {0};
    struct pl_inst inst = gen_inst(symbol), finer = inst;
    finer.tick = (struct pl_decimal){1, 2};
    assert_int_equal(pl_tape_writer_create(path, &options, &w, &err), 0);
    struct pl_sink *sink = pl_tape_writer_sink(w);
    assert_int_equal(sink->define(sink, &inst, -1, &err), 0);
    assert_int_equal(sink->define(sink, &finer, 0, &err), 1);
    for (uint32_t i = 0; i < count; i++) {
        struct pl_msg m = {.kind = i == 1 ? PL_MSG_INST : PL_MSG_GAP,
                           .seq = i == 1,
                           .venue_ns = times[i],
                           .local_ns = times[i] + 5};
        assert_int_equal(sink->put(sink, &m, &err), 0);
    }
    assert_int_equal(pl_tape_writer_finish(w, &err), 0);
    pl_tape_writer_destroy(&w);
}

static void test_merge(void **state)
{
    (void)state;
    static const int64_t a[] = {10, 30, 50}, b[] = {10, 20, 50, 60}, c[] = {5, 50};
    write_times(at("a.tape"), "A", PL_CLOCK_RAW, a, 3);
    write_times(at("b.tape"), "B", PL_CLOCK_RAW, b, 4);
    write_times(at("a2.tape"), "A", PL_CLOCK_RAW, c, 2);
    write_times(at("moving.tape"), "A", PL_CLOCK_MOVING, c, 2);
    struct pl_tape_edit edit;
    struct pl_error err = {0};
    const char *paths[] = {at("a.tape"), at("b.tape"), at("a2.tape")};
    assert_int_equal(pl_tape_merge(paths, 3, at("m.tape"), NULL, &edit, &err), 0);
    assert_int_equal(edit.messages, 9);
    assert_int_equal(edit.markets, 2); /* A is one market */
    static const struct {
        int64_t venue;
        uint16_t market;
        uint64_t definition; /* of the INST messages */
    } want[] = {{5, 0, 0},  {10, 0, 0}, {10, 1, 0}, {20, 1, 3}, {30, 0, 2},
                {50, 0, 0}, {50, 1, 0}, {50, 0, 2}, {60, 1, 0}};
    struct pl_source *source;
    const struct pl_block *block;
    assert_int_equal(pl_tape_open(at("m.tape"), NULL, &source, &err), 0);
    assert_int_equal(source->market_count, 2);
    assert_int_equal(source->inst_count, 4); /* two markets, a change of each: A's is shared */
    assert_string_equal(source->insts[3].symbol, "B");
    assert_int_equal(source->next(source, &block, &err), 1);
    assert_int_equal(block->msg_count, PL_COUNT(want));
    for (uint32_t i = 0; i < block->msg_count; i++) {
        assert_int_equal(block->venue_ns[i], want[i].venue);
        assert_int_equal(block->market[i], want[i].market);
        assert_int_equal(block->seq[i], want[i].definition);
    }
    source->close(source);
    const char *mixed[] = {at("a.tape"), at("moving.tape")};
    assert_int_equal(pl_tape_merge(mixed, 2, at("x.tape"), NULL, &edit, &err), PL_ERR_INVALID);
    assert_int_not_equal(access(at("x.tape"), F_OK), 0);
    enum pl_clock_rule rule = PL_CLOCK_MOVING;
    assert_int_equal(pl_tape_merge(mixed, 2, at("x.tape"), &rule, &edit, &err), 0);
    static const char *const made[] = {"a.tape",      "b.tape", "a2.tape",
                                       "moving.tape", "m.tape", "x.tape"};
    for (size_t i = 0; i < PL_COUNT(made); i++) {
        unlink(at(made[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_info),          cmocka_unit_test(test_verify_remarks),
        cmocka_unit_test(test_verify_damage), cmocka_unit_test(test_head),
        cmocka_unit_test(test_cut),           cmocka_unit_test(test_merge),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
