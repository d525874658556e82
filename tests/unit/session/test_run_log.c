/* What a run says while it goes: a small market in which everything happens once, and the same run
 * without its data. */
#include "base/assert.h"
#include "base/log.h"
#include "codec/tape/tape.h"
#include "session/run_single.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define START (INT64_C(1723161240) * PL_NS_PER_S) /* 2024-08-08T23:54:00Z */

static char folder[64], tape[96], file[96];

static const struct pl_inst inst = {
    .venue = "test",
    .symbol = "ABCUSDT",
    .base = "ABC",
    .quote = "USDT",
    .tick = {5, 1},
    .lot = {1, 3},
    .contract_size = {1, 0},
};

/* Rows are at most two bids, then asks; a lots of 0 takes the level away. */
static const struct {
    int64_t at_ms;
    uint8_t kind, flags;
    uint32_t bids, rows;
    int64_t px[4], lots[4];
} messages[] = {
    {0, PL_MSG_SNAPSHOT, 0, 2, 4, {200, 199, 202, 203}, {5, 50, 5, 50}},
    {0, PL_MSG_MARK, 0, 0, 1, {201}, {0}},
    {500, PL_MSG_TRADE, PL_MSGF_SELL, 0, 1, {190}, {900}}, /* through our bid: we are filled */
    {1000, PL_MSG_DEPTH, 0, 0, 2, {202, 203}, {0, 0}},
    {1250, PL_MSG_DEPTH, 0, 0, 2, {202, 203}, {5, 50}},
    {2000, PL_MSG_GAP, 0, 0, 0, {0}, {0}},
    {2100, PL_MSG_GAP, 0, 0, 0, {0}, {0}}, /* still stale: nothing new */
    {4000, PL_MSG_SNAPSHOT, 0, 2, 4, {200, 199, 202, 203}, {5, 50, 5, 50}},
    {5000, PL_MSG_FUNDING, 0, 0, 1, {50000000}, {0}}, /* 0.05 */
    {61000, PL_MSG_DEPTH, 0, 1, 1, {200}, {6}},
};

static void write_tape(void)
{
    struct pl_error err = {0};
    struct pl_tape_writer *writer = NULL;
    struct pl_tape_options options = {.clock = PL_CLOCK_RAW};
    assert_int_equal(pl_tape_writer_create(tape, &options, &writer, &err), 0);
    struct pl_sink *sink = pl_tape_writer_sink(writer);
    assert_int_equal(sink->define(sink, &inst, -1, &err), 0);
    for (size_t i = 0; i < PL_COUNT(messages); i++) {
        int64_t at = START + messages[i].at_ms * PL_NS_PER_MS;
        struct pl_msg msg = {.kind = messages[i].kind,
                             .flags = messages[i].flags,
                             .bid_count = messages[i].bids,
                             .row_count = messages[i].rows,
                             .venue_ns = at,
                             .local_ns = at + PL_NS_PER_MS,
                             .seq = i + 1,
                             .px = messages[i].px,
                             .lots = messages[i].lots};
        if (sink->put(sink, &msg, &err) != 0) {
            fail_msg("message %zu: %s", i, err.text);
        }
    }
    assert_int_equal(pl_tape_writer_finish(writer, &err), 0);
    pl_tape_writer_destroy(&writer);
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/plimsoll-run-log-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(tape, sizeof tape, "%s/market.tape", folder);
    (void)snprintf(file, sizeof file, "%s/log", folder);
    write_tape();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(tape);
    (void)unlink(file);
    return rmdir(folder);
}

static char *run(const char *data, enum pl_log_level level, bool no_report, int expected)
{
    struct pl_error err = {0};
    struct pl_log *log = NULL;
    struct pl_single single;
    struct pl_log_options to = {.path = file, .level = level};
    struct pl_run_options options = {.source = {{.file = {data}, .file_count = 1}},
                                     .source_count = 1,
                                     .strategy = "reference",
                                     .tile = 1,
                                     .no_report = no_report};
    assert_int_equal(pl_settings_list_create(&options.list), 0);
    assert_int_equal(pl_settings_list_assign(options.list, "maker=0.0002", &err), 0);
    (void)unlink(file);
    assert_int_equal(pl_log_open(&to, &log, &err), 0);
    struct pl_run_edge edge = {.log = log};
    int rc = pl_single_run(&single, &options, &edge, NULL, &err);
    assert_int_equal(rc, expected);
    if (rc == 0) {
        assert_true(single.seconds == 0); /* nobody brought a clock */
        pl_single_fini(&single);
    }
    assert_int_equal(pl_log_close(&log, &err), 0);
    pl_settings_list_destroy(&options.list);
    int fd = open(file, O_RDONLY);
    char *text = calloc(1, 1 << 16);
    assert_true(fd >= 0 && read(fd, text, (1 << 16) - 1) > 0);
    (void)close(fd);
    return text;
}

/* Dots for what stands behind `key`: how often is asked is not this test's business. */
static void mask(char *text, const char *key)
{
    for (char *at = text; (at = strstr(at, key)) != NULL; at += strlen(key)) {
        memset(at + strlen(key), '.', strspn(at + strlen(key), "0123456789abcdef"));
    }
}

static void test_everything_that_happens_is_said_once(void **state)
{
    (void)state;
    char *text = run(tape, PL_LOG_DEBUG, false, 0);
    mask(text, "digest=");
    mask(text, " orders=");
    mask(text, " cancels=");
    assert_string_equal(
        text,
        "time=2024-08-08T23:54:00Z level=info event=run.start strategy=reference "
        "data=market.tape markets=1 data_digest=................\n"
        "time=2024-08-08T23:54:00Z level=info event=market venue=test symbol=ABCUSDT lead=false "
        "tick=0.5 lot=0.001 maker_fee=0.0002 taker_fee=0.0007\n"
        "time=2024-08-08T23:54:01Z level=warn event=book.one_sided symbol=ABCUSDT missing=ask\n"
        "time=2024-08-08T23:54:01.250Z level=info event=book.two_sided symbol=ABCUSDT "
        "after_ms=250\n"
        "time=2024-08-08T23:54:02Z level=warn event=book.stale symbol=ABCUSDT gaps=1 seq=5\n"
        "time=2024-08-08T23:54:04Z level=info event=book.live symbol=ABCUSDT stale_ms=2000\n"
        "time=2024-08-08T23:54:05Z level=info event=funding symbol=ABCUSDT rate=0.05 mark=100.5 "
        "position=0.001 received=-0.005025\n"
        "time=2024-08-08T23:55:01Z level=debug event=minute symbol=ABCUSDT bid=100.0 ask=101.0 "
        "position=0.001 trades=1 messages=10\n"
        "time=2024-08-08T23:55:01Z level=info event=market.end symbol=ABCUSDT messages=10 rows=16 "
        "prints=1 gaps=2 crossed_rows=0 cut_levels=0 stale=false one_sided=false\n"
        "time=2024-08-08T23:55:01Z level=info event=maker.end strategy=reference symbol=ABCUSDT "
        "trades=1 position=0.001 equity=-0.0045449999999999996 fee=2e-05 orders=. cancels=. "
        "amends=0\n"
        "time=2024-08-08T23:55:01Z level=info event=run.end messages=10 rows=16 "
        "first=2024-08-08T23:54:00Z last=2024-08-08T23:55:01.001Z digest=................\n");
    free(text);
}

/* Beside a recorder or alone, the log of a run is the same, byte for byte. */
static void test_the_same_run_says_the_same(void **state)
{
    (void)state;
    char *one = run(tape, PL_LOG_DEBUG, false, 0), *two = run(tape, PL_LOG_DEBUG, true, 0);
    assert_string_equal(one, two);
    char *loud = run(tape, PL_LOG_WARN, true, 0);
    assert_null(strstr(loud, "level=info"));
    assert_non_null(strstr(loud, "event=book.stale"));
    free(one);
    free(two);
    free(loud);
}

static void test_a_run_that_fails_says_why(void **state)
{
    (void)state;
    char *text = run("nothing.tape", PL_LOG_INFO, false, PL_ERR_IO);
    assert_string_equal(text, "time=1970-01-01T00:00:00Z level=error event=run.failed code=IO "
                              "words=\"nothing.tape: cannot open: No such file or directory\"\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_that_happens_is_said_once),
        cmocka_unit_test(test_the_same_run_says_the_same),
        cmocka_unit_test(test_a_run_that_fails_says_why),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
