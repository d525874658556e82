/* What a stranger writes with the installed library: tests/install/run.sh compiles and runs it.
 * usage: outsider TAPE REPORT.html */
#include <plimsoll/plimsoll.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static int show(void *ctx, int code, const char *name, const char *text)
{
    (void)ctx;
    return printf("%d %s: %s\n", code, name, text) < 0 ? code : 0;
}

static int count(void *ctx, uint64_t messages)
{
    *(uint64_t *)ctx = messages;
    return 0;
}

/* The result is JSON, and somebody traded. */
static int check_json(const char *text)
{
    json_error_t where;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    json_int_t trades = json_integer_value(json_object_get(root, "trades"));
    json_t *report = json_object_get(root, "report");
    int good = json_is_object(report) && json_is_array(json_object_get(root, "makers"));
    printf("%lld trades, equity %g\n", (long long)trades,
           json_real_value(json_object_get(root, "equity")));
    if (root == NULL) {
        printf("no JSON: %s at line %d\n", where.text, where.line);
    }
    json_decref(root);
    return trades > 0 && good ? 0 : 1;
}

static int backtest(const char *tape, const char *page)
{
    struct plimsoll_backtest *b = plimsoll_backtest_new();
    uint64_t messages = 0;
    char *json = NULL;
    if (b == NULL) {
        return 1;
    }
    plimsoll_backtest_progress(b, count, &messages);
    int rc = plimsoll_backtest_data(b, tape);
    rc = rc < 0 ? rc : plimsoll_backtest_strategy(b, "spread");
    rc = rc < 0 ? rc : plimsoll_backtest_set(b, "quote_size=0.01");
    rc = rc < 0 ? rc : plimsoll_backtest_set(b, "spread.max_position=0.1");
    rc = rc < 0 ? rc : plimsoll_backtest_set(b, "base_spread_bps=1");
    rc = rc < 0 ? rc : plimsoll_backtest_set(b, "backtest.entry_us=2000");
    rc = rc < 0 ? rc : plimsoll_backtest_run(b, &json);
    rc = rc < 0 ? rc : plimsoll_backtest_report(b, page);
    if (rc < 0) {
        printf("%s: %s\n", pl_err_name(rc), plimsoll_backtest_error(b));
    }
    int bad = rc < 0 || check_json(json) != 0 || messages == 0;
    plimsoll_free(json);
    plimsoll_backtest_free(b);
    return bad;
}

/* A mistake comes back as a code and words, and nothing else happens. */
static int mistake(const char *tape)
{
    struct plimsoll_backtest *b = plimsoll_backtest_new();
    char *json = NULL;
    int bad = b == NULL || plimsoll_backtest_data(b, tape) != 0 ||
              plimsoll_backtest_strategy(b, "avellanneda") != 0 ||
              plimsoll_backtest_run(b, &json) != PL_ERR_INVALID || json != NULL ||
              strstr(plimsoll_backtest_error(b), "avellanneda") == NULL;
    plimsoll_backtest_free(b);
    return bad;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        return 2;
    }
    printf("plimsoll %s\n", pl_version());
    if (pl_err_each(show, NULL) != 0 || pl_err_text(PL_ERR_GAP)[0] == '\0') {
        return 1;
    }
    return backtest(argv[1], argv[2]) != 0 || mistake(argv[1]) != 0 ? 1 : 0;
}
