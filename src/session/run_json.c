#include "session/run_json.h"

#include "report/json.h"
#include "report/json_dump.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *maker_json(const struct pl_single *s, uint32_t i)
{
    const struct pl_backtest_result *r = &s->backtest.result[i];
    const struct pl_maker *maker = pl_engine_maker(s->backtest.engine, i);
    char digest[20];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)r->digest);
    return json_pack("{s:s, s:s, s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:s}", "venue",
                     s->data.inst[maker->market].venue, "symbol",
                     s->data.inst[maker->market].symbol, "trades", (json_int_t)r->trades,
                     "position", r->position, "balance", r->balance, "fee", r->fee, "volume",
                     r->volume, "equity", r->equity, "requests",
                     (json_int_t)(r->orders + r->cancels + r->amends), "decisions",
                     (json_int_t)r->decisions, "digest", digest);
}

int pl_single_json(const struct pl_single *s, FILE *out, struct pl_error *err)
{
    json_int_t trades = 0;
    double position = 0, balance = 0, fee = 0, volume = 0, equity = 0;
    json_t *makers = json_array();
    for (uint32_t i = 0; i < s->backtest.maker_count; i++) {
        const struct pl_backtest_result *r = &s->backtest.result[i];
        trades += (json_int_t)r->trades;
        position += r->position;
        balance += r->balance;
        fee += r->fee;
        volume += r->volume;
        equity += r->equity;
        (void)json_array_append_new(makers, maker_json(s, i));
    }
    char digest[20];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)s->backtest.digest);
    json_t *root = json_pack(
        "{s:I, s:f, s:f, s:f, s:f, s:f, s:s, s:I, s:I, s:I, s:f, s:f, s:o}", "trades", trades,
        "position", position, "balance", balance, "fee", fee, "volume", volume, "equity", equity,
        "digest", digest, "messages", (json_int_t)s->backtest.driver.messages, "rows",
        (json_int_t)s->backtest.driver.rows, "decisions_guarded", (json_int_t)s->backtest.guarded,
        "seconds", s->seconds, "rows_per_s",
        s->seconds > 0 ? (double)s->backtest.driver.rows / s->seconds : 0, "makers", makers);
    char *text = NULL;
    int rc = root != NULL ? 0 : PL_ERR_NOMEM;
    if (rc == 0 && s->recorder != NULL) {
        rc = pl_run_json_print(&s->run, &s->derived, 0, &text, err);
        json_t *report = rc == 0 ? json_loads(text, 0, NULL) : NULL;
        if (report != NULL) {
            (void)json_object_set_new(root, "report", report);
        }
    }
    if (rc == 0) {
        pl_json_dump(root, 0, out);
        (void)fputc('\n', out);
    }
    free(text);
    json_decref(root);
    return rc < 0 ? pl_error_set(err, rc, "the result could not be printed") : 0;
}
