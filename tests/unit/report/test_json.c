#include "report/json.h"

#include "base/assert.h"
#include "report/column.h"
#include "report/html.h"
#include "report/terminal.h"
#include "support/report_run.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *print(const struct pl_run *run, bool derive, unsigned flags)
{
    struct pl_derived derived;
    struct pl_error err = {0};
    char *text = NULL;
    assert_int_equal(pl_derive(run, &derived, &err), 0);
    assert_int_equal(pl_run_json_print(run, derive ? &derived : NULL, flags, &text, &err), 0);
    return text;
}

/* What was written reads back to the same figures: proved by writing it again. */
static void round_trip(void **state)
{
    (void)state;
    for (unsigned markets = 1; markets <= 2; markets++) {
        struct pl_run *run = pl_test_run_make(markets, 300), back;
        struct pl_error err = {0};
        char *first = print(run, false, PL_JSON_PRETTY);
        assert_int_equal(pl_run_json_read(pl_str(first), &back, &err), 0);
        char *second = NULL;
        assert_int_equal(pl_run_json_print(&back, NULL, PL_JSON_PRETTY, &second, &err), 0);
        assert_string_equal(first, second);
        assert_true(back.account.pnl == run->account.pnl);
        assert_true(back.market[0].spread.count[0] == run->market[0].spread.count[0]);
        assert_int_equal(back.counts.fills, 300);
        assert_true(isnan(back.perf.calmar));
        assert_int_equal(back.data_digest, run->data_digest);
        free(first);
        free(second);
        pl_run_json_release(&back);
        pl_test_run_free(run);
    }
}

/* Keys in order, names that other tools look for, no clock unless asked. */
static void shape(void **state)
{
    (void)state;
    struct pl_run *run = pl_test_run_make(1, 50);
    char *text = print(run, true, 0), *timed = print(run, true, PL_JSON_TIMING);
    json_t *o = json_loads(text, 0, NULL);
    assert_non_null(o);
    static const char *const keys[] = {
        "format",   "id",       "version",
        "strategy", "data",     "fill_model",
        "bias",     "currency", "time",
        "trades",   "position", "balance",
        "fee",      "volume",   "account",
        "ratios",   "counts",   "performance",
        "markouts", "markets",  "equity_interval_ns",
        "digests",  "command",  "settings_yaml",
    };
    size_t i = 0;
    const char *key;
    json_t *value;
    json_object_foreach(o, key, value)
    {
        assert_true(i < PL_COUNT(keys));
        assert_string_equal(key, keys[i++]);
    }
    assert_int_equal(i, PL_COUNT(keys));
    assert_int_equal(json_integer_value(json_object_get(o, "trades")), 50);
    assert_true(json_number_value(json_object_get(o, "balance")) == run->account.balance);
    assert_null(strstr(text, "wall"));
    assert_non_null(strstr(timed, "\"timing\":{\"wall_seconds\":0.412,"));
    run->wall_seconds = 99;
    char *again = print(run, true, 0);
    assert_string_equal(text, again);
    json_decref(o);
    free(text);
    free(timed);
    free(again);
    pl_test_run_free(run);
}

/* Text from outside: odd bytes, quotes, and tags that would end a script element. */
static void odd_text(void **state)
{
    (void)state;
    struct pl_run *run = pl_test_run_make(1, 0);
    struct pl_error err = {0};
    (void)snprintf(run->data, sizeof run->data, "a\\b\"c\xff\x01</script>");
    char *html = print(run, true, PL_JSON_HTML);
    assert_null(strstr(html, "</script>"));
    assert_non_null(strstr(html, "a\\\\b\\\"c?\\u0001\\u003c/script\\u003e"));
    struct pl_run back;
    assert_int_equal(pl_run_json_read(pl_str(html), &back, &err), 0);
    assert_string_equal(back.data, "a\\b\"c?\x01</script>");
    pl_run_json_release(&back);
    free(html);
    pl_test_run_free(run);
}

/* Every damage is an error that names the key; nothing is left behind. */
static void damaged(void **state)
{
    (void)state;
    struct pl_run *run = pl_test_run_make(1, 20), back;
    char *good = print(run, false, 0);
    static const struct {
        const char *from, *to, *words;
    } rows[] = {
        {"\"plimsoll run 1\"", "\"plimsoll run 2\"", "format"},
        {"\"pnl\":", "\"pnL\":", "pnl"},
        {"\"tick\":\"0.1\"", "\"tick\":\"0\"", "markets[0].instrument"},
        {"\"tick\":\"0.1\"", "\"tick\":\"x\"", "markets[0].tick"},
        {"\"kind\":\"linear\"", "\"kind\":\"linea\"", "instrument"},
        {"\"end_ns\":", "\"end_ns\":-", "time"},
        {"\"orders\":", "\"orders\":-", "orders"},
        {"\"data\":\"9d1c", "\"data\":\"zd1c", "data"},
        {"\"count\":[", "\"count\":[1,", "histogram"},
        {"\"version\":\"0.1.0\"", "\"version\":\"0123456789012345678901234567890\"", "version"},
        {"\"symbol\":\"BTCUSDT\"", "\"symbol\":7", "symbol"},
        {"{\"format\"", "{\"format\":1,\"format\"", "line 1"},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        char *at = strstr(good, rows[i].from);
        assert_non_null(at);
        char *bad = NULL;
        assert_true(asprintf(&bad, "%.*s%s%s", (int)(at - good), good, rows[i].to,
                             at + strlen(rows[i].from)) > 0);
        struct pl_error err = {0};
        assert_int_equal(pl_run_json_read(pl_str(bad), &back, &err), PL_ERR_MALFORMED);
        if (strstr(err.text, rows[i].words) == NULL) {
            fail_msg("row %zu: \"%s\" does not name %s", i, err.text, rows[i].words);
        }
        assert_null(back.market);
        free(bad);
    }
    for (size_t size = strlen(good); size-- > 0;) { /* cut at any byte */
        struct pl_error err = {0};
        if (size % 7 == 0) {
            assert_int_equal(pl_run_json_read((struct pl_str){good, size}, &back, &err),
                             PL_ERR_MALFORMED);
        }
    }
    free(good);
    pl_test_run_free(run);
}

static char *column(const double *value, size_t count, double tolerance)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    assert_non_null(f);
    pl_column_write(f, value, count, tolerance);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void columns(void **state)
{
    (void)state;
    static const struct {
        double value[4];
        size_t count;
        double tolerance;
        const char *text;
    } rows[] = {
        {{57425.5, 57425.6, NAN, 57425.4}, 4, 1e-12, "{\"div\":10,\"d\":[574255,1,null,-2]}"},
        {{57425.55, 57425.6, 57425.5}, 3, 1e-12, "{\"div\":20,\"d\":[1148511,1,-2]}"},
        {{100, 125, 75}, 3, 1e-12, "{\"div\":1,\"d\":[100,25,-50]}"},
        {{0.25, -0.25}, 2, 1e-12, "{\"div\":4,\"d\":[1,-2]}"},
        {{NAN, NAN}, 2, 1e-12, "{\"div\":1,\"d\":[null,null]}"},
        {{0}, 0, 1e-12, "{\"div\":1,\"d\":[]}"},
        {{0.12345678901}, 1, 1e-3, "{\"div\":2000,\"d\":[247]}"},
        {{1.0 / 3, 2.0 / 7}, 2, 0, "[0.3333333333333333,0.2857142857142857]"},
        {{INFINITY, 1}, 2, 1e-12, "[null,1]"},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        char *text = column(rows[i].value, rows[i].count, rows[i].tolerance);
        assert_string_equal(text, rows[i].text);
        free(text);
    }
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    static const int64_t ns[] = {INT64_C(1723122421000000000), INT64_C(1723122421000250000),
                                 INT64_C(1723122420999000000)};
    pl_column_write_time(f, ns, 3);
    assert_int_equal(fclose(f), 0);
    assert_string_equal(text, "{\"ms\":1723122421000,\"div\":1000,\"d\":[0,250,-1250]}");
    free(text);
}

static char *text_of(const struct pl_run *run, bool html)
{
    struct pl_derived derived;
    struct pl_error err = {0};
    char *text = NULL;
    size_t size;
    assert_int_equal(pl_derive(run, &derived, &err), 0);
    FILE *f = open_memstream(&text, &size);
    assert_non_null(f);
    int rc = html ? pl_html_write(run, &derived, f, &err)
                  : pl_terminal_write(run, &derived, false, f, &err);
    assert_int_equal(rc, 0);
    assert_int_equal(fclose(f), 0);
    return text;
}

/* No line wider than promised (UTF-8 characters counted once), no colour unless asked. */
static void terminal(void **state)
{
    (void)state;
    struct pl_run *run = pl_test_run_make(2, 400);
    char *text = text_of(run, false);
    size_t wide = 0;
    for (const char *c = text; *c != '\0'; c++) {
        wide = *c == '\n' ? 0 : wide + ((*c & 0xc0) != 0x80);
        assert_true(wide <= PL_TERMINAL_WIDTH);
        assert_true(*c != '\033');
    }
    static const char *const words[] = {"Known bias",        "Spread captured",
                                        "Requests per fill", "not annualised: run under a day",
                                        "ETHUSDT",           "every 10 s"};
    for (size_t i = 0; i < PL_COUNT(words); i++) {
        assert_non_null(strstr(text, words[i]));
    }
    free(text);
    pl_test_run_free(run);
}

/* The page names no host, holds its figures, and is the same for the same run. */
static void page(void **state)
{
    (void)state;
    struct pl_run *run = pl_test_run_make(2, 400);
    char *text = text_of(run, true);
    static const char *const never[] = {"{{", "src=\"", "@import", "url(", "fetch(", "XMLHttp"};
    for (size_t i = 0; i < PL_COUNT(never); i++) {
        if (strstr(text, never[i]) != NULL) {
            fail_msg("the page contains %s", never[i]);
        }
    }
    assert_non_null(strstr(text, "\"format\":\"plimsoll run 1\""));
    assert_true(strlen(text) < 3u << 20);
    run->wall_seconds = 1e6;
    char *again = text_of(run, true);
    assert_string_equal(text, again);
    free(text);
    free(again);
    pl_test_run_free(run);
}

/* A run without fills, equity or settings is still a report. */
static void empty_run(void **state)
{
    (void)state;
    struct pl_run run = {.id = "empty", .strategy = "spread", .perf = {.sharpe = NAN}};
    char *terminal_text = text_of(&run, false), *html = text_of(&run, true);
    assert_non_null(strstr(terminal_text, "spread"));
    assert_non_null(strstr(html, "\"fills\":{\"total\":0,\"stride\":1"));
    free(terminal_text);
    free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip), cmocka_unit_test(shape),     cmocka_unit_test(odd_text),
        cmocka_unit_test(damaged),    cmocka_unit_test(columns),   cmocka_unit_test(terminal),
        cmocka_unit_test(page),       cmocka_unit_test(empty_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
