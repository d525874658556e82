/* A backtest through the library's promise: what an outsider can ask for and get wrong. */
#include "base/assert.h"
#include "codec/tape/tape.h"
#include "plimsoll/plimsoll.h"
#include "synth/synth.h"

#include <jansson.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], tape[96], page[96], config[96];

static int write_tape(void)
{
    const struct pl_synth_profile *profile = pl_synth_profile_find(pl_str("btcusdt"));
    struct pl_synth_cfg cfg = pl_synth_cfg_default(profile);
    cfg.duration_ns = 20 * PL_NS_PER_S;
    struct pl_tape_options options = {.clock = PL_CLOCK_FLOOR};
    struct pl_tape_writer *writer = NULL;
    struct pl_synth *synth = NULL;
    int rc = pl_tape_writer_create(tape, &options, &writer, NULL);
    rc = rc < 0 ? rc : pl_synth_create(&cfg, &synth, NULL);
    rc = rc < 0 ? rc
                : pl_synth_advance(synth, pl_tape_writer_sink(writer),
                                   cfg.start_ns + cfg.duration_ns, NULL);
    rc = rc < 0 ? rc : pl_tape_writer_finish(writer, NULL);
    pl_synth_destroy(&synth);
    pl_tape_writer_destroy(&writer);
    return rc;
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/plimsoll-api-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(tape, sizeof tape, "%s/market.tape", folder);
    (void)snprintf(page, sizeof page, "%s/report.html", folder);
    (void)snprintf(config, sizeof config, "%s/settings.yaml", folder);
    FILE *out = fopen(config, "w");
    if (out == NULL || fputs("strategy: reference\nreference:\n  offset: 3\n", out) < 0 ||
        fclose(out) != 0) {
        return -1;
    }
    return write_tape();
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(tape);
    (void)unlink(page);
    (void)unlink(config);
    return rmdir(folder);
}

static struct plimsoll_backtest *request(void)
{
    struct plimsoll_backtest *b = plimsoll_backtest_new();
    assert_non_null(b);
    assert_int_equal(plimsoll_backtest_data(b, tape), 0);
    assert_int_equal(plimsoll_backtest_strategy(b, "reference"), 0);
    return b;
}

static json_int_t trades_of(const char *json)
{
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    json_int_t trades = json_integer_value(json_object_get(root, "trades"));
    assert_true(json_real_value(json_object_get(root, "seconds")) == 0);
    json_decref(root);
    return trades;
}

static void test_a_run_and_its_results(void **state)
{
    (void)state;
    struct plimsoll_backtest *b = request();
    char *json = NULL, *again = NULL;
    assert_int_equal(plimsoll_backtest_report(b, page), PL_ERR_STATE);
    locale_t before = uselocale((locale_t)0);
    assert_int_equal(plimsoll_backtest_run(b, &json), 0);
    assert_true(uselocale((locale_t)0) == before);
    assert_string_equal(plimsoll_backtest_error(b), "");
    assert_true(trades_of(json) > 10);
    assert_non_null(strstr(json, "\"report\":"));
    assert_int_equal(plimsoll_backtest_report(b, page), 0);
    struct stat stat_of;
    assert_true(stat(page, &stat_of) == 0 && stat_of.st_size > 10000);
    assert_int_equal(plimsoll_backtest_report(b, "/nonexistent/report.html"), PL_ERR_IO);
    assert_non_null(strstr(plimsoll_backtest_error(b), "/nonexistent/report.html"));
    assert_int_equal(plimsoll_backtest_run(b, &again), 0); /* the same text, no clock in it */
    assert_string_equal(json, again);
    assert_int_equal(plimsoll_backtest_run(b, NULL), 0);
    plimsoll_free(json);
    plimsoll_free(again);
    plimsoll_backtest_free(b);
    plimsoll_backtest_free(NULL);
    plimsoll_free(NULL);
}

static void test_settings_count(void **state)
{
    (void)state;
    struct plimsoll_backtest *near = request(), *far = plimsoll_backtest_new();
    char *one = NULL, *two = NULL;
    assert_int_equal(plimsoll_backtest_run(near, &one), 0);
    assert_int_equal(plimsoll_backtest_data(far, tape), 0);
    assert_int_equal(plimsoll_backtest_config(far, config), 0); /* strategy and offset: 3 */
    assert_int_equal(plimsoll_backtest_option(far, "no_report", "true"), 0);
    assert_int_equal(plimsoll_backtest_run(far, &two), 0);
    assert_true(trades_of(two) < trades_of(one));
    assert_null(strstr(two, "\"report\":"));
    assert_int_equal(plimsoll_backtest_report(far, page), PL_ERR_STATE);
    plimsoll_free(two);
    assert_int_equal(plimsoll_backtest_set(far, "reference.offset=0"), 0); /* stronger */
    assert_int_equal(plimsoll_backtest_option(far, "no_report", "false"), 0);
    assert_int_equal(plimsoll_backtest_run(far, &two), 0);
    assert_string_equal(one, two);
    plimsoll_free(one);
    plimsoll_free(two);
    plimsoll_backtest_free(near);
    plimsoll_backtest_free(far);
}

static void fails(struct plimsoll_backtest *b, int rc, int code, const char *words)
{
    assert_int_equal(rc, code);
    if (strstr(plimsoll_backtest_error(b), words) == NULL) {
        fail_msg("\"%s\" says nothing like \"%s\"", plimsoll_backtest_error(b), words);
    }
}

static void test_what_goes_wrong_is_said(void **state)
{
    (void)state;
    struct plimsoll_backtest *b = plimsoll_backtest_new();
    char *json = (char *)(uintptr_t)1;
    fails(b, plimsoll_backtest_run(b, &json), PL_ERR_STATE, "plimsoll_backtest_data");
    assert_null(json);
    fails(b, plimsoll_backtest_more(b, tape), PL_ERR_STATE, "plimsoll_backtest_data");
    fails(b, plimsoll_backtest_data(b, NULL), PL_ERR_INVALID, "NULL");
    fails(b, plimsoll_backtest_set(b, NULL), PL_ERR_INVALID, "NULL");
    fails(b, plimsoll_backtest_config(b, NULL), PL_ERR_INVALID, "NULL");
    fails(b, plimsoll_backtest_option(b, NULL, "x"), PL_ERR_INVALID, "NULL");
    fails(b, plimsoll_backtest_option(b, "from", NULL), PL_ERR_INVALID, "NULL");
    fails(b, plimsoll_backtest_option(b, "speed", "9"), PL_ERR_NOTFOUND, "no option speed");
    fails(b, plimsoll_backtest_option(b, "trade_all", "1"), PL_ERR_INVALID, "true or false");
    fails(b, plimsoll_backtest_set(b, "offset"), PL_ERR_USAGE, "key=value");
    fails(b, plimsoll_backtest_config(b, "/nonexistent.yaml"), PL_ERR_NOTFOUND,
          "/nonexistent.yaml");
    assert_int_equal(plimsoll_backtest_data(b, "/nonexistent.tape"), 0);
    fails(b, plimsoll_backtest_run(b, &json), PL_ERR_STATE, "plimsoll_backtest_strategy");
    assert_int_equal(plimsoll_backtest_strategy(b, "nobody"), 0);
    assert_string_equal(plimsoll_backtest_error(b), ""); /* a call that works says nothing */
    fails(b, plimsoll_backtest_run(b, &json), PL_ERR_INVALID, "nobody");
    assert_int_equal(plimsoll_backtest_strategy(b, "reference"), 0);
    fails(b, plimsoll_backtest_run(b, &json), PL_ERR_IO, "/nonexistent.tape");
    assert_int_equal(plimsoll_backtest_set(b, "ofset=3"), 0);
    fails(b, plimsoll_backtest_run(b, &json), PL_ERR_INVALID, "ofset");
    assert_null(json);
    plimsoll_backtest_free(b);
    b = plimsoll_backtest_new();
    assert_int_equal(plimsoll_backtest_lead(b, tape), 0);
    assert_int_equal(plimsoll_backtest_strategy(b, "reference"), 0);
    fails(b, plimsoll_backtest_run(b, &json), PL_ERR_USAGE, "nothing to trade");
    for (int i = 0; i < 7; i++) {
        assert_int_equal(plimsoll_backtest_data(b, tape), 0);
    }
    fails(b, plimsoll_backtest_data(b, tape), PL_ERR_LIMIT, "8 markets");
    for (int i = 0; i < 63; i++) {
        assert_int_equal(plimsoll_backtest_more(b, tape), 0);
    }
    fails(b, plimsoll_backtest_more(b, tape), PL_ERR_LIMIT, "64 files");
    plimsoll_backtest_free(b);
}

static int count_down(void *ctx, uint64_t messages)
{
    int *left = ctx;
    assert_true(messages > 0);
    return --*left == 0;
}

static void test_progress_can_stop_a_run(void **state)
{
    (void)state;
    struct plimsoll_backtest *b = request();
    char *json;
    int left = 1;
    plimsoll_backtest_progress(b, count_down, &left);
    fails(b, plimsoll_backtest_run(b, &json), PL_ERR_INTERRUPTED, "stopped");
    assert_null(json);
    assert_int_equal(plimsoll_backtest_report(b, page), PL_ERR_STATE);
    left = 1000000;
    assert_int_equal(plimsoll_backtest_run(b, &json), 0);
    assert_true(left < 1000000);
    plimsoll_free(json);
    plimsoll_backtest_free(b);
}

static void *run_apart(void *arg)
{
    char **json = arg;
    struct plimsoll_backtest *b = plimsoll_backtest_new();
    if (b != NULL && plimsoll_backtest_data(b, tape) == 0 &&
        plimsoll_backtest_strategy(b, "reference") == 0 && plimsoll_backtest_run(b, json) < 0) {
        *json = NULL;
    }
    plimsoll_backtest_free(b);
    return NULL;
}

static void test_handles_run_side_by_side(void **state)
{
    (void)state;
    pthread_t thread[3];
    char *json[3] = {NULL, NULL, NULL};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, run_apart, &json[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_non_null(json[i]);
        assert_string_equal(json[i], json[0]);
    }
    for (int i = 0; i < 3; i++) {
        plimsoll_free(json[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_and_its_results),
        cmocka_unit_test(test_settings_count),
        cmocka_unit_test(test_what_goes_wrong_is_said),
        cmocka_unit_test(test_progress_can_stop_a_run),
        cmocka_unit_test(test_handles_run_side_by_side),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
