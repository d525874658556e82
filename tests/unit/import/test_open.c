/* Captures through an in-memory tape and back: the messages of the capture, in venue order. */
#include "unit/import/collect.h"

static void open_capture(void **state)
{
    (void)state;
    char buf[4096];
    const char *path = data_path("tick/binance-usdm/ethusdt_20240718.gz", buf, sizeof buf);
    if (path == NULL) {
        skip();
    }
    struct pl_source *src;
    struct pl_import_report r;
    struct pl_error err;
    assert_int_equal(pl_import_open(&path, 1, NULL, &src, &r, &err), 0);
    assert_int_equal(src->market_count, 1);
    assert_string_equal(src->insts[0].symbol, "ETHUSDT");
    for (int pass = 0; pass < 2; pass++) {
        uint64_t count = 0, rows = 0;
        int64_t last = 0;
        const struct pl_block *b;
        int rc;
        while ((rc = src->next(src, &b, &err)) > 0) {
            for (uint32_t i = 0; i < b->msg_count; i++) {
                assert_true(b->venue_ns[i] >= last);
                assert_true(b->local_ns[i] >= b->venue_ns[i]); /* the floor rule */
                last = b->venue_ns[i];
            }
            count += b->msg_count;
            rows += b->row_count;
        }
        assert_int_equal(rc, 0);
        assert_int_equal(count, 14003);
        assert_int_equal(count, r.messages);
        assert_int_equal(rows, r.rows);
        assert_int_equal(src->rewind(src, &err), 0);
    }
    src->close(src);
}

static void tape_file(void **state)
{
    (void)state;
    char buf[4096];
    const char *path = data_path("tick/binance-usdm/ethusdt_20240718.gz", buf, sizeof buf);
    if (path == NULL) {
        skip();
    }
    char tape[] = "/tmp/plimsoll-test-XXXXXX";
    int fd = mkstemp(tape);
    assert_true(fd >= 0);
    close(fd);
    struct pl_import_report r;
    struct pl_error err;
    assert_int_equal(pl_import_tape(&path, 1, NULL, tape, &r, &err), 0);
    const char *tape_path = tape;
    struct pl_source *src;
    assert_int_equal(pl_import_open(&tape_path, 1, NULL, &src, &r, &err), 0);
    assert_string_equal(r.format, "tape");
    assert_int_equal(src->msg_total, 14003);
    src->close(src);
    const char *both[] = {tape, path};
    assert_int_equal(pl_import_open(both, 2, NULL, &src, &r, &err), PL_ERR_UNSUPPORTED);
    unlink(tape);
}

static void refusals(void **state)
{
    (void)state;
    static const char *const none = "/nonexistent/file.gz";
    struct pl_source *src;
    struct pl_import_report r;
    struct pl_error err;
    assert_int_equal(pl_import_open(&none, 1, NULL, &src, &r, &err), PL_ERR_NOTFOUND);
    assert_non_null(strstr(err.text, "/nonexistent/file.gz"));
    assert_null(src);
    assert_int_equal(pl_import_open(NULL, 0, NULL, &src, &r, &err), PL_ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_capture),
        cmocka_unit_test(tape_file),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
