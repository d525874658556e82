#include "app/sweep.h"

#include "app/progress.h"
#include "backtest/run.h"
#include "base/assert.h"
#include "base/hash.h"
#include "report/json_dump.h"
#include "session/run_data.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 10000
#define SETS_MAX   1000000

struct axis { /* one --sweep: "key=a,b,c" or "key=0..9" */
    char *key;
    char **value;
    uint32_t count;
};

struct sweep {
    const struct pl_run_args *args;
    struct axis axis[PL_ARGS_SWEEP_MAX];
    uint32_t set_count;
    struct pl_run_settings *set; /* resolved, by parameter set */
    struct pl_backtest_result *result;
    uint64_t rows, guarded;
    double seconds;
};

struct worker {
    struct sweep *sweep;
    uint32_t first, count;
    pthread_t thread;
    int rc;
    struct pl_error err;
    uint64_t rows, guarded;
    double seconds;
};

static int add_value(struct axis *axis, const char *text, size_t size, struct pl_error *err)
{
    if (axis->count == VALUES_MAX || size == 0) {
        return pl_error_set(err, PL_ERR_USAGE, "--sweep %s: an empty value, or more than %d",
                            axis->key, VALUES_MAX);
    }
    axis->value[axis->count] = strndup(text, size);
    return axis->value[axis->count++] != NULL ? 0
                                              : pl_error_set(err, PL_ERR_NOMEM, "out of memory");
}

static int parse_axis(struct axis *axis, const char *text, struct pl_error *err)
{
    const char *equals = strchr(text, '=');
    axis->value = calloc(VALUES_MAX, sizeof *axis->value);
    axis->key = equals != NULL ? strndup(text, (size_t)(equals - text)) : NULL;
    if (equals == NULL || axis->value == NULL || axis->key == NULL) {
        return pl_error_set(err, PL_ERR_USAGE, "--sweep %s: key=1,2,3 or key=0..9 is needed", text);
    }
    char *end;
    long from = strtol(equals + 1, &end, 10), to = 0;
    bool range = end != equals + 1 && strncmp(end, "..", 2) == 0;
    if (range) {
        const char *last = end + 2;
        to = strtol(last, &end, 10);
        range = end != last && *end == 0;
    }
    if (range) {
        int rc = from <= to ? 0 : pl_error_set(err, PL_ERR_USAGE, "--sweep %s: counts down", text);
        for (long v = from; rc == 0 && v <= to; v++) {
            char number[32];
            int size = snprintf(number, sizeof number, "%ld", v);
            rc = add_value(axis, number, (size_t)size, err);
        }
        return rc;
    }
    const char *at = equals + 1;
    for (;;) {
        const char *comma = strchr(at, ',');
        size_t size = comma != NULL ? (size_t)(comma - at) : strlen(at);
        int rc = add_value(axis, at, size, err);
        if (rc < 0 || comma == NULL) {
            return rc;
        }
        at = comma + 1;
    }
}

/* "key=value" of every axis for set i; the last axis varies fastest. */
static int resolve_set(struct sweep *s, uint32_t i, struct pl_error *err)
{
    char *assign[PL_ARGS_SWEEP_MAX] = {0};
    uint32_t n = s->args->sweep_count, rest = i;
    int rc = 0;
    for (uint32_t k = n; k-- > 0 && rc == 0;) {
        const struct axis *axis = &s->axis[k];
        if (asprintf(&assign[k], "%s=%s", axis->key, axis->value[rest % axis->count]) < 0) {
            assign[k] = NULL;
            rc = pl_error_set(err, PL_ERR_NOMEM, "out of memory");
        }
        rest /= axis->count;
    }
    if (rc == 0) {
        rc =
            pl_run_settings_resolve(&s->args->run, (const char *const *)assign, n, &s->set[i], err);
    }
    for (uint32_t k = 0; k < n; k++) {
        free(assign[k]);
    }
    return rc;
}

static int prepare(struct sweep *s, struct pl_error *err)
{
    uint64_t sets = 1;
    for (uint32_t k = 0; k < s->args->sweep_count; k++) {
        int rc = parse_axis(&s->axis[k], s->args->sweep[k], err);
        if (rc < 0) {
            return rc;
        }
        sets *= s->axis[k].count;
        if (sets > SETS_MAX) {
            return pl_error_set(err, PL_ERR_LIMIT, "--sweep: more than %d sets", SETS_MAX);
        }
    }
    s->set_count = (uint32_t)sets;
    s->set = calloc(sets, sizeof *s->set);
    s->result = calloc(sets, sizeof *s->result);
    if (s->set == NULL || s->result == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory for %llu sets",
                            (unsigned long long)sets);
    }
    for (uint32_t i = 0; i < s->set_count; i++) {
        int rc = resolve_set(s, i, err);
        if (rc < 0) {
            return rc;
        }
        if (pl_settings_digest(&pl_backtest_settings_table, &s->set[i].backtest) !=
            pl_settings_digest(&pl_backtest_settings_table, &s->set[0].backtest)) {
            return pl_error_set(err, PL_ERR_USAGE,
                                "--sweep varies the strategy's own settings; settings of the venue "
                                "(section backtest) need a run each");
        }
    }
    return 0;
}

/* A worker owns a disjoint range of sets and its own view of the same data: no locks. */
static void *work(void *arg)
{
    struct worker *w = arg;
    struct sweep *s = w->sweep;
    struct pl_run_data data;
    w->rc = pl_run_data_open(&data, &s->args->run, &s->set[0], &w->err);
    if (w->rc < 0) {
        return NULL;
    }
    struct pl_backtest_maker *maker = calloc(w->count, sizeof *maker);
    uint32_t market = 0;
    int32_t lead = -1;
    for (uint32_t i = data.market_count; i-- > 0;) {
        market = data.lead[i] ? market : i;
        lead = data.lead[i] ? (int32_t)i : lead;
    }
    for (uint32_t i = 0; maker != NULL && i < w->count; i++) {
        const struct pl_run_settings *set = &s->set[w->first + i];
        maker[i] = (struct pl_backtest_maker){.strategy = set->strategy,
                                              .params = set->params,
                                              .universe = i,
                                              .market = market,
                                              .lead_market = lead};
    }
    struct pl_backtest_spec spec = {.settings = &s->set[0].backtest,
                                    .source = data.source,
                                    .source_count = data.source_count,
                                    .inst = data.inst,
                                    .market_count = data.market_count,
                                    .maker = maker,
                                    .maker_count = w->count,
                                    .universe_count = w->count,
                                    .stop = pl_stop_flag()};
    struct pl_backtest b = {0};
    double start = pl_clock_seconds();
    w->rc = maker != NULL ? pl_backtest_run(&spec, &b, &w->err)
                          : pl_error_set(&w->err, PL_ERR_NOMEM, "out of memory");
    w->seconds = pl_clock_seconds() - start;
    if (w->rc == 0) {
        PL_ASSERT(b.result != NULL); /* the run succeeded */
        memcpy(&s->result[w->first], b.result, w->count * sizeof *b.result);
        w->rows = b.driver.rows;
        w->guarded = b.guarded;
        pl_backtest_free(&b);
    }
    free(maker);
    pl_run_data_close(&data);
    return NULL;
}

static int run_workers(struct sweep *s, struct pl_error *err)
{
    uint32_t count = s->args->workers < s->set_count ? s->args->workers : s->set_count;
    struct worker *worker = calloc(count, sizeof *worker);
    if (worker == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    uint32_t started = 0, first = 0;
    for (; started < count; started++) {
        uint32_t share = s->set_count / count + (started < s->set_count % count);
        struct worker *w = &worker[started];
        *w = (struct worker){.sweep = s, .first = first, .count = share};
        first += share;
        if (started + 1 == count) {
            (void)work(w); /* the last range runs here */
        } else if (pthread_create(&w->thread, NULL, work, w) != 0) {
            break;
        }
    }
    int rc = started < count ? pl_error_set(err, PL_ERR_IO, "no thread for a worker") : 0;
    for (uint32_t i = 0; i < started; i++) {
        if (i + 1 < count && pthread_join(worker[i].thread, NULL) != 0) {
            rc = rc < 0 ? rc : pl_error_set(err, PL_ERR_STATE, "a worker cannot be joined");
        }
        if (worker[i].rc < 0 && rc == 0) {
            rc = pl_error_set(err, worker[i].rc, "%s", worker[i].err.text);
        }
        s->rows = worker[i].rows;
        s->guarded += worker[i].guarded;
        s->seconds = worker[i].seconds > s->seconds ? worker[i].seconds : s->seconds;
    }
    free(worker);
    return rc;
}

/* ---- printing ------------------------------------------------------------------------------- */

static json_t *set_json(const struct sweep *s, uint32_t i)
{
    json_t *params = json_object();
    for (uint32_t k = 0; k < s->args->sweep_count; k++) {
        const struct pl_settings_table *table = s->set[i].strategy->settings;
        const struct pl_setting *row = pl_settings_find(table, pl_str(s->axis[k].key));
        char text[PL_SETTING_TEXT_MAX] = "";
        if (row != NULL) {
            (void)pl_settings_print(row, s->set[i].params, text, sizeof text);
        }
        (void)json_object_set_new(params, s->axis[k].key, json_string(text));
    }
    const struct pl_backtest_result *r = &s->result[i];
    char digest[20];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)r->digest);
    return json_pack("{s:o, s:f, s:I, s:f, s:f, s:f, s:f, s:I, s:I, s:s}", "set", params, "equity",
                     r->equity, "trades", (json_int_t)r->trades, "position", r->position, "balance",
                     r->balance, "fee", r->fee, "volume", r->volume, "requests",
                     (json_int_t)(r->orders + r->cancels + r->amends), "decisions",
                     (json_int_t)r->decisions, "digest", digest);
}

static uint64_t total_digest(const struct sweep *s)
{
    uint64_t digest = 0;
    for (uint32_t i = 0; i < s->set_count; i++) {
        digest = pl_digest_u64(digest, s->result[i].digest);
    }
    return digest;
}

static int print_json(const struct sweep *s, struct pl_error *err)
{
    json_t *sets = json_array();
    for (uint32_t i = 0; i < s->set_count; i++) {
        (void)json_array_append_new(sets, set_json(s, i));
    }
    char digest[20];
    (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)total_digest(s));
    json_t *root =
        json_pack("{s:I, s:I, s:I, s:s, s:f, s:o}", "makers", (json_int_t)s->set_count, "rows",
                  (json_int_t)s->rows, "decisions_guarded", (json_int_t)s->guarded, "digest",
                  digest, "seconds", s->seconds, "sets", sets);
    if (root == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    pl_json_dump(root, 0, stdout);
    (void)putchar('\n');
    json_decref(root);
    return 0;
}

/* Ranks by equity, ties by the earlier set: a selection of the best `top`. */
static void print_table(const struct sweep *s)
{
    uint32_t top = s->args->top < s->set_count ? s->args->top : s->set_count;
    bool *shown = calloc(s->set_count, sizeof *shown);
    (void)printf("%u sets over %llu rows in %.2f s; digest %016llx\n\n", s->set_count,
                 (unsigned long long)s->rows, s->seconds, (unsigned long long)total_digest(s));
    for (uint32_t k = 0; k < s->args->sweep_count; k++) {
        (void)printf("%14s", s->axis[k].key);
    }
    (void)printf("%14s%10s%12s%12s\n", "equity", "trades", "position", "requests");
    for (uint32_t n = 0; shown != NULL && n < top; n++) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < s->set_count; i++) {
            if (!shown[i] && (best == UINT32_MAX || s->result[i].equity > s->result[best].equity)) {
                best = i;
            }
        }
        shown[best] = true;
        uint32_t rest = best;
        const char *value[PL_ARGS_SWEEP_MAX];
        for (uint32_t k = s->args->sweep_count; k-- > 0;) {
            value[k] = s->axis[k].value[rest % s->axis[k].count];
            rest /= s->axis[k].count;
        }
        for (uint32_t k = 0; k < s->args->sweep_count; k++) {
            (void)printf("%14s", value[k]);
        }
        const struct pl_backtest_result *r = &s->result[best];
        (void)printf("%14.6f%10llu%12.6g%12llu\n", r->equity, (unsigned long long)r->trades,
                     r->position, (unsigned long long)(r->orders + r->cancels + r->amends));
    }
    free(shown);
}

static void fini(struct sweep *s)
{
    for (uint32_t i = 0; s->set != NULL && i < s->set_count; i++) {
        pl_run_settings_fini(&s->set[i]);
    }
    for (uint32_t k = 0; k < PL_ARGS_SWEEP_MAX; k++) {
        for (uint32_t i = 0; i < s->axis[k].count; i++) {
            free(s->axis[k].value[i]);
        }
        free(s->axis[k].value);
        free(s->axis[k].key);
    }
    free(s->set);
    free(s->result);
}

int pl_sweep_run(const struct pl_run_args *args, struct pl_error *err)
{
    struct sweep s = {.args = args};
    (void)pl_stop_flag(); /* before there are threads */
    int rc = prepare(&s, err);
    rc = rc < 0 ? rc : run_workers(&s, err);
    if (rc == 0 && args->json) {
        rc = print_json(&s, err);
    } else if (rc == 0) {
        print_table(&s);
    }
    fini(&s);
    return rc;
}
