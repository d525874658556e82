/* The tape: cut anywhere and with any bit flipped, it says so or reads as if nothing happened. */
#include "unit/tape/tape_check.h"

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
            const uint8_t flip = (uint8_t)(k == 0 ? 1u << (i * 5 % 8) : 0xffu);
            copy[i] = (uint8_t)(copy[i] ^ flip);
            if (read_damaged(copy, size, &s) == 1) {
                harmless++;
            } else {
                found++;
            }
            copy[i] = (uint8_t)(copy[i] ^ flip);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_not_a_tape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
