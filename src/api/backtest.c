#include "plimsoll/plimsoll.h"

#include "base/assert.h"
#include "report/html.h"
#include "session/run_json.h"
#include "session/run_single.h"
#include "settings/yaml.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plimsoll_backtest {
    struct pl_run_options options; /* texts are kept in its list */
    int (*progress)(void *ctx, uint64_t messages);
    void *progress_ctx;
    volatile int stop;
    struct pl_single single;
    bool ran; /* single holds a result */
    struct pl_error err;
    char **json;           /* of the call at hand */
    const char *html_file; /* of the call at hand */
};

struct plimsoll_backtest *plimsoll_backtest_new(void)
{
    struct plimsoll_backtest *b = calloc(1, sizeof *b);
    if (b != NULL && pl_settings_list_create(&b->options.list) < 0) {
        free(b);
        return NULL;
    }
    if (b != NULL) {
        b->options.tile = 1;
    }
    return b;
}

static void forget(struct plimsoll_backtest *b)
{
    if (b->ran) {
        pl_single_fini(&b->single);
        b->ran = false;
    }
}

void plimsoll_backtest_free(struct plimsoll_backtest *b)
{
    if (b == NULL) {
        return;
    }
    forget(b);
    pl_settings_list_destroy(&b->options.list);
    free(b);
}

void plimsoll_free(void *memory)
{
    free(memory);
}

const char *plimsoll_backtest_error(const struct plimsoll_backtest *b)
{
    return b->err.text;
}

/* Every call starts without words: they are those of the call that failed. */
static void begin(struct plimsoll_backtest *b)
{
    b->err = (struct pl_error){0};
}

static int fail(struct plimsoll_backtest *b, int code, const char *words)
{
    return pl_error_set(&b->err, code, "%s", words);
}

static int check_text(struct plimsoll_backtest *b, const char *text)
{
    return text != NULL ? 0 : fail(b, PL_ERR_INVALID, "a text is needed, not NULL");
}

static int keep(struct plimsoll_backtest *b, const char *text, const char **out)
{
    int rc = check_text(b, text);
    if (rc < 0) {
        return rc;
    }
    const char *copy = pl_settings_list_keep(b->options.list, pl_str(text));
    if (copy == NULL) {
        return fail(b, PL_ERR_NOMEM, "out of memory");
    }
    *out = copy;
    return 0;
}

/* ---- what to run ---------------------------------------------------------------------------- */

static int add_source(struct plimsoll_backtest *b, const char *file, bool lead)
{
    begin(b);
    if (b->options.source_count == PL_ARGS_SOURCES_MAX) {
        return pl_error_set(&b->err, PL_ERR_LIMIT, "more than %d markets", PL_ARGS_SOURCES_MAX);
    }
    struct pl_args_source *s = &b->options.source[b->options.source_count];
    int rc = keep(b, file, &s->file[0]);
    if (rc == 0) {
        s->file_count = 1;
        s->lead = lead;
        b->options.source_count++;
    }
    return rc;
}

int plimsoll_backtest_data(struct plimsoll_backtest *b, const char *file)
{
    return add_source(b, file, false);
}

int plimsoll_backtest_lead(struct plimsoll_backtest *b, const char *file)
{
    return add_source(b, file, true);
}

int plimsoll_backtest_more(struct plimsoll_backtest *b, const char *file)
{
    begin(b);
    if (b->options.source_count == 0) {
        return fail(b, PL_ERR_STATE, "which market? call plimsoll_backtest_data first");
    }
    struct pl_args_source *s = &b->options.source[b->options.source_count - 1];
    if (s->file_count == PL_ARGS_FILES_MAX) {
        return pl_error_set(&b->err, PL_ERR_LIMIT, "more than %d files of one market",
                            PL_ARGS_FILES_MAX);
    }
    int rc = keep(b, file, &s->file[s->file_count]);
    s->file_count += rc == 0;
    return rc;
}

int plimsoll_backtest_strategy(struct plimsoll_backtest *b, const char *name)
{
    begin(b);
    return keep(b, name, &b->options.strategy);
}

int plimsoll_backtest_set(struct plimsoll_backtest *b, const char *assignment)
{
    begin(b);
    int rc = check_text(b, assignment);
    return rc < 0 ? rc : pl_settings_list_assign(b->options.list, assignment, &b->err);
}

int plimsoll_backtest_config(struct plimsoll_backtest *b, const char *file)
{
    begin(b);
    int rc = check_text(b, file);
    return rc < 0 ? rc : pl_yaml_read_file(b->options.list, file, &b->err);
}

static int set_switch(struct plimsoll_backtest *b, const char *name, const char *value, bool *out)
{
    bool on = strcmp(value, "true") == 0;
    if (!on && strcmp(value, "false") != 0) {
        return pl_error_set(&b->err, PL_ERR_INVALID, "%s: true or false, not %s", name, value);
    }
    *out = on;
    return 0;
}

int plimsoll_backtest_option(struct plimsoll_backtest *b, const char *name, const char *value)
{
    begin(b);
    int rc = check_text(b, name);
    rc = rc < 0 ? rc : check_text(b, value);
    if (rc < 0) {
        return rc;
    }
    const struct {
        const char *name;
        const char **text;
        bool *on;
    } options[] = {
        {"from", &b->options.from, NULL},           {"to", &b->options.to, NULL},
        {"clock", &b->options.clock, NULL},         {"symbol", &b->options.symbol, NULL},
        {"trade_all", NULL, &b->options.trade_all}, {"no_report", NULL, &b->options.no_report},
    };
    for (size_t i = 0; i < PL_COUNT(options); i++) {
        if (strcmp(options[i].name, name) == 0) {
            return options[i].on != NULL ? set_switch(b, name, value, options[i].on)
                                         : keep(b, value, options[i].text);
        }
    }
    return pl_error_set(&b->err, PL_ERR_NOTFOUND,
                        "no option %s; there are from, to, clock, symbol, trade_all and no_report",
                        name);
}

void plimsoll_backtest_progress(struct plimsoll_backtest *b,
                                int (*progress)(void *ctx, uint64_t messages), void *ctx)
{
    b->progress = progress;
    b->progress_ctx = ctx;
}

/* ---- running -------------------------------------------------------------------------------- */

static void on_progress(void *ctx, uint64_t messages)
{
    struct plimsoll_backtest *b = ctx;
    if (b->progress(b->progress_ctx, messages) != 0) {
        b->stop = 1;
    }
}

static int check_request(struct plimsoll_backtest *b)
{
    if (b->options.source_count == 0) {
        return fail(b, PL_ERR_STATE, "which data? call plimsoll_backtest_data");
    }
    struct pl_str name = {"", 0};
    struct pl_setting_origin origin = {"", 0};
    int rc = b->options.strategy != NULL
                 ? 0
                 : pl_settings_list_strategy(b->options.list, &name, &origin, &b->err);
    if (rc == 0 && b->options.strategy == NULL && name.size == 0) {
        rc = fail(b, PL_ERR_STATE, "which strategy? call plimsoll_backtest_strategy");
    }
    return rc;
}

static int write_json(struct plimsoll_backtest *b, char **json)
{
    size_t size = 0;
    FILE *out = open_memstream(json, &size);
    if (out == NULL) {
        return fail(b, PL_ERR_NOMEM, "out of memory");
    }
    int rc = pl_single_json(&b->single, out, &b->err);
    bool whole = ferror(out) == 0;
    whole = fclose(out) == 0 && whole;
    if (rc == 0 && !whole) {
        rc = fail(b, PL_ERR_NOMEM, "out of memory");
    }
    if (rc < 0) {
        free(*json);
        *json = NULL;
    }
    return rc;
}

/* Numbers are read and written with a point, whatever locale the program around us has set. */
static int in_plain_locale(struct plimsoll_backtest *b, int (*work)(struct plimsoll_backtest *b))
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0) {
        return fail(b, PL_ERR_NOMEM, "out of memory");
    }
    locale_t before = uselocale(plain);
    int rc = work(b);
    (void)uselocale(before);
    freelocale(plain);
    return rc;
}

static int run(struct plimsoll_backtest *b)
{
    struct pl_run_edge edge = {
        .ctx = b, .progress = b->progress != NULL ? on_progress : NULL, .stop = &b->stop};
    b->stop = 0;
    int rc = check_request(b);
    rc = rc < 0 ? rc : pl_single_run(&b->single, &b->options, &edge, NULL, &b->err);
    b->ran = rc == 0;
    return rc < 0 || b->json == NULL ? rc : write_json(b, b->json);
}

int plimsoll_backtest_run(struct plimsoll_backtest *b, char **json)
{
    begin(b);
    forget(b);
    b->json = json;
    if (json != NULL) {
        *json = NULL;
    }
    return in_plain_locale(b, run);
}

static int report(struct plimsoll_backtest *b)
{
    return pl_html_write_file(&b->single.run, &b->single.derived, b->html_file, &b->err);
}

int plimsoll_backtest_report(struct plimsoll_backtest *b, const char *html_file)
{
    begin(b);
    if (!b->ran || b->single.recorder == NULL) {
        return fail(b, PL_ERR_STATE, "there is no recorded run to report on");
    }
    b->html_file = html_file;
    int rc = check_text(b, html_file);
    return rc < 0 ? rc : in_plain_locale(b, report);
}
