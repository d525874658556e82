/* The log: what lines look like in both formats, order, drops to the last line, readers that stall
 * or go away, and a writing thread that is forbidden to call the system. */
#include "base/assert.h"
#include "base/log.h"
#include "base/log_line.h"

#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1723161256298000000) /* 2024-08-08T23:54:16.298Z */

#if defined(__has_feature)
#define HAS(feature) __has_feature(feature)
#else
#define HAS(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || HAS(address_sanitizer) || \
    HAS(thread_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static char path[64];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/plimsoll-log-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
    (void)state;
    return unlink(path);
}

static struct pl_log *open_file(enum pl_log_format format, enum pl_log_level level)
{
    struct pl_log *log = NULL;
    struct pl_log_options options = {.path = path, .format = format, .level = level};
    assert_int_equal(pl_log_open(&options, &log, NULL), 0);
    return log;
}

static char *read_all(int fd)
{
    size_t size = 0, room = 1 << 16;
    char *text = malloc(room);
    for (ssize_t n; (n = read(fd, text + size, room - size - 1)) > 0;) {
        size += (size_t)n;
        if (room - size < 2) {
            text = realloc(text, room *= 2);
        }
        assert_non_null(text);
    }
    text[size] = '\0';
    return text;
}

static char *read_file(void)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    char *text = read_all(fd);
    (void)close(fd);
    return text;
}

static void write_every_kind(struct pl_log *log)
{
    struct pl_decimal tick = {.mantissa = 5, .scale = 2};
    PL_LOG(log, PL_LOG_INFO, NOW, "every.kind", PL_LOG_I64("i", INT64_MIN),
           PL_LOG_U64("u", UINT64_MAX), PL_LOG_F64("f", 0.1), PL_LOG_F64("whole", -0.0),
           PL_LOG_F64("nan", NAN), PL_LOG_F64("inf", -INFINITY), PL_LOG_BOOL("yes", 7),
           PL_LOG_BOOL("no", 0), PL_LOG_HEX("digest", 0xabcU), PL_LOG_TIME("at", NOW + 1),
           PL_LOG_STEPS("px", 1345003, tick), PL_LOG_STEPS("neg", -1, tick),
           PL_LOG_STEPS("huge", INT64_MAX, tick), PL_LOG_TEXT("word", "BTCUSDT"),
           PL_LOG_TEXT("blank", "a b"), PL_LOG_TEXT("empty", ""), PL_LOG_TEXT("none", NULL),
           PL_LOG_STR("part", ((struct pl_str){"abcdef", 3})), PL_LOG_TIME("old", -5));
}

static void test_logfmt(void **state)
{
    (void)state;
    struct pl_log *log = open_file(PL_LOG_LOGFMT, PL_LOG_DEBUG);
    write_every_kind(log);
    PL_LOG(log, PL_LOG_ERROR, 0, "evil", PL_LOG_TEXT("a", "x=1"), PL_LOG_TEXT("b", "say \"hi\"\\"),
           PL_LOG_TEXT("c", "1\n2\r3\t4\x01\x7f\x1b[31m"), PL_LOG_TEXT("d", "caf\xc3\xa9"),
           PL_LOG_TEXT("e", "\xff\xc3"), PL_LOG_TEXT("f", "%s%n%d"),
           PL_LOG_TEXT("g", "\xc2\x85\xe2\x80\xa8\xe2\x80\xae!"));
    assert_int_equal(pl_log_close(&log, NULL), 0);
    assert_null(log);
    char *text = read_file();
    assert_string_equal(
        text,
        "time=2024-08-08T23:54:16.298Z level=info event=every.kind i=-9223372036854775808 "
        "u=18446744073709551615 f=0.1 whole=0 nan=nan inf=-inf yes=true no=false "
        "digest=0000000000000abc at=2024-08-08T23:54:16.298000001Z px=67250.15 neg=-0.05 "
        "huge=4.611686018427388e+17 word=BTCUSDT blank=\"a b\" empty=\"\" none= part=abc old=-5\n"
        "time=1970-01-01T00:00:00Z level=error event=evil a=\"x=1\" b=\"say \\\"hi\\\"\\\\\" "
        "c=\"1\\n2\\r3\\t4\\u0001\\u007f\\u001b[31m\" d=caf\xc3\xa9 "
        "e=\"\xef\xbf\xbd\xef\xbf\xbd\" f=%s%n%d g=\"\\u0085\\u2028\\u202e!\"\n");
    free(text);
}

static void expect_text(json_t *line, const char *key, const char *value)
{
    assert_non_null(json_object_get(line, key));
    assert_string_equal(json_string_value(json_object_get(line, key)), value);
}

static void test_json_is_read_back(void **state)
{
    (void)state;
    struct pl_log *log = open_file(PL_LOG_JSON, PL_LOG_DEBUG);
    static const char evil[] = "\"\\\n\r\t\x01\x1b caf\xc3\xa9 %s";
    PL_LOG(log, PL_LOG_WARN, NOW, "json", PL_LOG_I64("i", -7), PL_LOG_F64("f", 1.0 / 3),
           PL_LOG_F64("nan", NAN), PL_LOG_BOOL("yes", 1), PL_LOG_HEX("digest", UINT64_MAX),
           PL_LOG_STEPS("px", 67250125, ((struct pl_decimal){1, 3})), PL_LOG_TEXT("none", NULL),
           PL_LOG_TEXT("evil", evil), PL_LOG_TEXT("bad", "a\xfe"), PL_LOG_TIME("at", 0));
    assert_int_equal(pl_log_flush(log), 0);
    char *text = read_file();
    assert_non_null(strstr(text, "\"px\":67250.125,")); /* exact digits, not a double's */
    json_error_t where;
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    assert_non_null(line);
    expect_text(line, "time", "2024-08-08T23:54:16.298Z");
    expect_text(line, "level", "warn");
    expect_text(line, "event", "json");
    expect_text(line, "evil", evil);
    expect_text(line, "bad", "a\xef\xbf\xbd");
    expect_text(line, "digest", "ffffffffffffffff");
    expect_text(line, "at", "1970-01-01T00:00:00Z");
    assert_int_equal(json_integer_value(json_object_get(line, "i")), -7);
    assert_true(json_real_value(json_object_get(line, "f")) == 1.0 / 3);
    assert_true(json_is_null(json_object_get(line, "nan")));
    assert_true(json_is_null(json_object_get(line, "none")));
    assert_true(json_is_true(json_object_get(line, "yes")));
    json_decref(line);
    free(text);
    assert_int_equal(pl_log_close(&log, NULL), 0);
}

static void test_the_longest_line_fits(void **state)
{
    (void)state;
    char text[PL_LOG_TEXT_MAX + 100], *line = malloc(PL_LOG_LINE_MAX);
    char event[PL_LOG_NAME_MAX + 1] = {0}, key[PL_LOG_NAME_MAX + 1] = {0};
    struct pl_log_field field[PL_LOG_FIELDS_MAX];
    memset(text, 1, sizeof text);
    memset(event, 'e', PL_LOG_NAME_MAX);
    memset(key, 'k', PL_LOG_NAME_MAX);
    for (int i = 0; i < PL_LOG_FIELDS_MAX; i++) {
        field[i] = pl_log_field_str(key, (struct pl_str){text, sizeof text});
    }
    struct pl_log_record record = {INT64_MAX, event, PL_LOG_ERROR, PL_LOG_FIELDS_MAX};
    size_t size = pl_log_line(&record, field, PL_LOG_JSON, line);
    assert_true(size > PL_LOG_LINE_MAX - 400 && size <= PL_LOG_LINE_MAX);
    assert_int_equal(line[size - 1], '\n');
    free(line);
}

static void test_long_values_are_cut_between_characters(void **state)
{
    (void)state;
    char text[PL_LOG_TEXT_MAX + 50];
    for (size_t shift = 0; shift < 4; shift++) { /* 3-byte characters cut at every place */
        struct pl_log *log = open_file(PL_LOG_JSON, PL_LOG_DEBUG);
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3) {
            memcpy(text + i, "\xe2\x82\xac", 4);
        }
        PL_LOG(log, PL_LOG_INFO, NOW, "long", PL_LOG_TEXT("t", text));
        assert_int_equal(pl_log_close(&log, NULL), 0);
        char *out = read_file();
        assert_int_equal(truncate(path, 0), 0);
        json_t *line = json_loads(out, 0, NULL);
        const char *got = json_string_value(json_object_get(line, "t"));
        size_t kept = shift + (PL_LOG_TEXT_MAX - shift) / 3 * 3;
        assert_int_equal(strlen(got), kept + 3);
        assert_memory_equal(got, text, kept);
        assert_string_equal(got + kept, "...");
        json_decref(line);
        free(out);
    }
}

static int asked;

static int64_t ask(void)
{
    return ++asked;
}

static void test_levels(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int level; /* -1 = refused */
    } names[] = {{"debug", PL_LOG_DEBUG}, {"info", PL_LOG_INFO}, {"warn", PL_LOG_WARN},
                 {"error", PL_LOG_ERROR}, {"Warn", -1},          {"", -1}};
    for (size_t i = 0; i < PL_COUNT(names); i++) {
        enum pl_log_level level = PL_LOG_DEBUG;
        assert_int_equal(pl_log_level_parse(names[i].text, &level), names[i].level >= 0);
        assert_int_equal(level, names[i].level >= 0 ? names[i].level : PL_LOG_DEBUG);
    }
    struct pl_log *log = open_file(PL_LOG_LOGFMT, PL_LOG_WARN);
    asked = 0;
    PL_LOG(log, PL_LOG_INFO, NOW, "a", PL_LOG_I64("n", ask())); /* not even evaluated */
    PL_LOG(log, PL_LOG_WARN, NOW, "b", PL_LOG_I64("n", ask()));
    pl_log_set_level(log, PL_LOG_DEBUG);
    PL_LOG(log, PL_LOG_DEBUG, NOW, "c", PL_LOG_I64("n", ask()));
    struct pl_log *none = NULL;
    PL_LOG(none, PL_LOG_ERROR, NOW, "d", PL_LOG_I64("n", ask()));
    assert_int_equal(asked, 2);
    assert_int_equal(pl_log_flush(none), 0);
    assert_int_equal(pl_log_close(&none, NULL), 0);
    assert_int_equal(pl_log_counts(none).written, 0);
    assert_int_equal(pl_log_flush(log), 0);
    assert_int_equal(pl_log_counts(log).written, 2);
    assert_int_equal(pl_log_close(&log, NULL), 0);
    char *text = read_file();
    assert_null(strstr(text, "event=a"));
    assert_non_null(strstr(text, "event=b n=1\n"));
    assert_non_null(strstr(text, "event=c n=2\n"));
    free(text);
}

static void test_opening(void **state)
{
    (void)state;
    struct pl_error err = {0};
    struct pl_log *log = NULL;
    struct pl_log_options options = {.path = "/nonexistent/folder/log"};
    assert_int_equal(pl_log_open(&options, &log, &err), PL_ERR_IO);
    assert_non_null(strstr(err.text, "/nonexistent/folder/log: No such file"));
    options = (struct pl_log_options){.path = path, .ring_bytes = 100000};
    assert_int_equal(pl_log_open(&options, &log, &err), PL_ERR_INVALID);
    options = (struct pl_log_options){.path = path, .ring_bytes = 4096};
    assert_int_equal(pl_log_open(&options, &log, &err), PL_ERR_INVALID);
    options = (struct pl_log_options){.fd = 9999};
    assert_int_equal(pl_log_open(&options, &log, &err), PL_ERR_IO);
    assert_null(log);
}

/* ---- order and drops ------------------------------------------------------------------------ */

struct tally {
    uint64_t next; /* the number that must come */
    uint64_t lines, told, drop_lines;
    bool in_order;
};

/* Lines count upwards from 0; a log.dropped stands exactly where numbers are missing. */
static void read_lines(char *text, struct tally *t)
{
    char *save = NULL;
    t->in_order = true;
    for (char *l = strtok_r(text, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
        json_t *line = json_loads(l, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(line);
        json_int_t number = json_integer_value(json_object_get(line, "n"));
        json_int_t lines = json_integer_value(json_object_get(line, "lines"));
        if (strcmp(json_string_value(json_object_get(line, "event")), "log.dropped") == 0) {
            t->drop_lines++;
            t->told += (uint64_t)lines;
            t->next += (uint64_t)lines;
        } else {
            t->in_order &= (uint64_t)number == t->next;
            t->next++;
            t->lines++;
        }
        json_decref(line);
    }
}

static void test_lines_come_in_order(void **state)
{
    (void)state;
    struct pl_log *log = open_file(PL_LOG_JSON, PL_LOG_DEBUG);
    for (int64_t n = 0; n < 20000; n++) {
        PL_LOG(log, PL_LOG_INFO, NOW + n, "count", PL_LOG_I64("n", n),
               PL_LOG_TEXT("padding", "of some length, so that buffers fill and are written"));
        if (n % 500 == 0) {
            assert_int_equal(pl_log_flush(log), 0);
        }
    }
    assert_int_equal(pl_log_flush(log), 0);
    struct pl_log_counts counts = pl_log_counts(log);
    assert_int_equal(pl_log_close(&log, NULL), 0);
    struct tally t = {0};
    char *text = read_file();
    read_lines(text, &t);
    free(text);
    assert_true(t.in_order);
    assert_int_equal(t.lines, 20000 - counts.dropped);
    assert_int_equal(t.told, counts.dropped);
    assert_int_equal(t.lines + t.drop_lines, counts.written);
}

struct reader {
    int fd;
    char *text;
};

static void *read_pipe(void *arg)
{
    struct reader *r = arg;
    r->text = read_all(r->fd);
    return NULL;
}

static struct pl_log *open_pipe(int ends[2])
{
    assert_int_equal(pipe(ends), 0);
    struct pl_log *log = NULL;
    struct pl_log_options options = {
        .fd = ends[1], .format = PL_LOG_JSON, .ring_bytes = (size_t)64 << 10};
    assert_int_equal(pl_log_open(&options, &log, NULL), 0);
    return log;
}

static void test_a_reader_that_stalls_costs_lines_and_nothing_else(void **state)
{
    (void)state;
    int ends[2];
    struct pl_log *log = open_pipe(ends);
    int64_t n = 0;
    for (; n < 50000; n++) { /* comes to its end though nobody reads: pipe and ring are full */
        PL_LOG(log, PL_LOG_INFO, NOW + n, "count", PL_LOG_I64("n", n));
    }
    uint64_t dropped = pl_log_counts(log).dropped;
    assert_true(dropped > 10000 && dropped < 50000);
    struct reader reader = {.fd = ends[0]};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_pipe, &reader), 0);
    assert_int_equal(pl_log_flush(log), 0);
    for (; n < 50100; n++) { /* there is room again: the first is preceded by the number dropped */
        PL_LOG(log, PL_LOG_INFO, NOW + n, "count", PL_LOG_I64("n", n));
    }
    assert_int_equal(pl_log_flush(log), 0);
    struct pl_log_counts counts = pl_log_counts(log);
    assert_int_equal(pl_log_close(&log, NULL), 0);
    assert_int_equal(close(ends[1]), 0); /* it stayed ours */
    assert_int_equal(pthread_join(thread, NULL), 0);
    struct tally t = {0};
    read_lines(reader.text, &t);
    free(reader.text);
    (void)close(ends[0]);
    assert_true(t.in_order);
    assert_int_equal(t.next, 50100);
    assert_int_equal(counts.dropped, dropped);
    assert_int_equal(t.told, dropped);
    assert_int_equal(t.lines + t.told, 50100);
    assert_int_equal(t.lines + t.drop_lines, counts.written);
    assert_int_equal(counts.lost, 0);
}

static void test_drops_at_the_very_end_are_told_when_closing(void **state)
{
    (void)state;
    int ends[2];
    struct pl_log *log = open_pipe(ends);
    for (int64_t n = 0; n < 30000; n++) {
        PL_LOG(log, PL_LOG_INFO, NOW + n, "count", PL_LOG_I64("n", n));
    }
    struct reader reader = {.fd = ends[0]};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_pipe, &reader), 0);
    assert_int_equal(pl_log_close(&log, NULL), 0);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    struct tally t = {0};
    read_lines(reader.text, &t);
    free(reader.text);
    (void)close(ends[0]);
    assert_true(t.in_order && t.drop_lines > 0);
    assert_int_equal(t.next, 30000);
}

static void test_closing_does_not_wait_for_ever(void **state)
{
    (void)state;
    int ends[2];
    struct pl_error err = {0};
    struct pl_log *log = open_pipe(ends);
    for (int64_t n = 0; n < 5000; n++) {
        PL_LOG(log, PL_LOG_INFO, NOW + n, "count", PL_LOG_I64("n", n));
    }
    (void)alarm(30); /* the test ends one way or the other */
    assert_int_equal(pl_log_close(&log, &err), PL_ERR_IO);
    (void)alarm(0);
    assert_non_null(strstr(err.text, "lines could not be written: Connection timed out"));
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void test_a_reader_that_is_gone(void **state)
{
    (void)state;
    int ends[2];
    struct pl_error err = {0};
    struct pl_log *log = open_pipe(ends);
    (void)close(ends[0]);
    PL_LOG(log, PL_LOG_INFO, NOW, "count", PL_LOG_I64("n", 0)); /* no SIGPIPE kills us */
    assert_int_equal(pl_log_flush(log), PL_ERR_IO);
    PL_LOG(log, PL_LOG_INFO, NOW, "count", PL_LOG_I64("n", 1));
    assert_int_equal(pl_log_flush(log), PL_ERR_IO);
    assert_int_equal(pl_log_counts(log).lost, 2);
    assert_int_equal(pl_log_close(&log, &err), PL_ERR_IO);
    assert_non_null(strstr(err.text, "2 lines could not be written: Broken pipe"));
    (void)close(ends[1]);
}

static void test_a_disk_that_is_full(void **state)
{
    (void)state;
    struct pl_error err = {0};
    struct pl_log *log = NULL;
    struct pl_log_options options = {.path = "/dev/full"};
    assert_int_equal(pl_log_open(&options, &log, &err), 0);
    PL_LOG(log, PL_LOG_INFO, NOW, "count", PL_LOG_I64("n", 0));
    assert_int_equal(pl_log_close(&log, &err), PL_ERR_IO);
    assert_string_equal(err.text,
                        "/dev/full: 1 lines could not be written: No space left on device");
}

/* Strict seccomp kills a thread that calls the system for anything but read and write: no memory
 * is taken, no lock waits, no clock is asked. */
static void write_under_seccomp(int report)
{
    struct pl_log *log = NULL;
    struct pl_log_options options = {.path = path, .ring_bytes = (size_t)64 << 10};
    if (pl_log_open(&options, &log, NULL) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) {
        return;
    }
    for (int64_t n = 0; n < 20000; n++) { /* more than the ring takes: full, too */
        PL_LOG(log, PL_LOG_INFO, NOW + n, "count", PL_LOG_I64("n", n), PL_LOG_F64("f", 0.5),
               PL_LOG_TEXT("text", "some text"));
    }
    if (write(report, "k", 1) == 1) {
        for (;;) { /* leaving is a system call as well: the parent ends us */
        }
    }
}

static void test_writing_calls_nobody(void **state)
{
    (void)state;
    if (SANITIZED) {
        skip();
    }
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        write_under_seccomp(ends[1]);
        _exit(1);
    }
    (void)close(ends[1]);
    char word = 0;
    struct pollfd fd = {.fd = ends[0], .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 20000), 1);
    assert_int_equal(read(ends[0], &word, 1), 1); /* 0: killed before it could report */
    assert_int_equal(word, 'k');
    (void)kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_logfmt, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json_is_read_back, setup, teardown),
        cmocka_unit_test(test_the_longest_line_fits),
        cmocka_unit_test_setup_teardown(test_long_values_are_cut_between_characters, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_levels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_opening, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines_come_in_order, setup, teardown),
        cmocka_unit_test(test_a_reader_that_stalls_costs_lines_and_nothing_else),
        cmocka_unit_test(test_drops_at_the_very_end_are_told_when_closing),
        cmocka_unit_test(test_closing_does_not_wait_for_ever),
        cmocka_unit_test(test_a_reader_that_is_gone),
        cmocka_unit_test(test_a_disk_that_is_full),
        cmocka_unit_test_setup_teardown(test_writing_calls_nobody, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
