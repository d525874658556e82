/* The driver of an import: what the files are, what grid they are on, then message by message. */
#include "import/run.h"

#include "import/import.h"
#include "import/latency.h"
#include "import/touch.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_TEXT (UINT64_C(8) << 20) /* text of a file that the grid is inferred from */

/* ---- passes ---- */

/* Reads until the queue has a message or the stream is over. */
static int fill_queue(struct pl_run *r, struct pl_reader *rd, struct pl_error *err)
{
    r->job.queue = &rd->queue;
    while (!rd->ended && pl_queue_head(&rd->queue) == NULL) {
        int rc = pl_reader_step(r, rd, err);
        if (rc < 0) {
            return rc;
        }
        if (rc == 0) {
            pl_reader_stop(r, rd);
        }
    }
    return 0;
}

/* Several streams: always the message with the smallest local time, the first stream in a tie. */
static int merge_streams(struct pl_run *r, struct pl_error *err)
{
    for (;;) {
        struct pl_reader *best = NULL;
        int64_t best_ns = 0;
        for (uint32_t i = 0; i < r->reader_count; i++) {
            struct pl_reader *rd = &r->reader[i];
            int rc = fill_queue(r, rd, err);
            if (rc < 0) {
                return rc;
            }
            struct pl_queue_item *item = pl_queue_head(&rd->queue);
            if (item != NULL && (best == NULL || item->msg.local_ns < best_ns)) {
                best = rd;
                best_ns = item->msg.local_ns;
            }
        }
        if (best == NULL) {
            return 0;
        }
        struct pl_queue_item *item = pl_queue_head(&best->queue);
        r->job.file = item->file;
        r->job.line = item->line;
        r->job.byte = item->byte;
        int rc = r->job.probing ? 0 : pl_job_put(&r->job, item->market, &item->msg, err);
        if (rc < 0) {
            return rc;
        }
        pl_queue_pop(&best->queue);
    }
}

static int read_one_stream(struct pl_run *r, struct pl_reader *rd, struct pl_error *err)
{
    r->job.queue = NULL;
    for (;;) {
        int rc = pl_reader_step(r, rd, err);
        if (rc < 0) {
            return rc;
        }
        if (rc == 0) {
            pl_reader_stop(r, rd);
            return 0;
        }
    }
}

/* What a pass leaves in the markets and must not reach the next one. */
static void forget_pass(struct pl_run *r)
{
    for (uint32_t i = 0; i < r->job.market_count; i++) {
        struct pl_import_market *m = r->job.market[i];
        memset(m->local_last, 0, sizeof m->local_last);
        memset(m->venue_last, 0, sizeof m->venue_last);
        m->latency_known = m->chain = m->funding_known = m->funding_rate_known = false;
        m->odd_count = 0;
        m->stamp_count = 0;
        m->latency = m->odd_latency = 0;
        m->chain_last = m->trade_last = 0;
        pl_touch_destroy(&m->touch);
        m->messages = 0;
        m->candle.held = false;
        m->candle_last_ns = 0;
    }
    r->bytes_before = 0;
}

static int run_pass(struct pl_run *r, struct pl_error *err)
{
    int rc = 0;
    forget_pass(r);
    for (uint32_t i = 0; i < r->reader_count && rc == 0; i++) {
        rc = pl_reader_start(&r->reader[i], err);
    }
    if (rc == 0 && r->reader_count == 1) {
        rc = read_one_stream(r, &r->reader[0], err);
    } else if (rc == 0 && !r->job.probing) {
        rc = merge_streams(r, err);
    } else {
        for (uint32_t i = 0; i < r->reader_count && rc == 0; i++) {
            rc = read_one_stream(r, &r->reader[i], err);
        }
    }
    for (uint32_t i = 0; i < r->reader_count; i++) {
        pl_reader_stop(r, &r->reader[i]);
        pl_queue_fini(&r->reader[i].queue);
    }
    return rc;
}

/* The head of standard input is kept, so that it can be read twice. */
static int probe_standard(struct pl_run *r, struct pl_error *err)
{
    char *head = malloc(PROBE_TEXT);
    if (head == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    struct pl_input *in = r->standard;
    r->standard = NULL;
    size_t have = pl_run_read_head(in, head, PROBE_TEXT);
    struct pl_input *copy;
    int rc = pl_input_open_memory(head, have, "stdin", &copy, err);
    if (rc == 0) {
        r->standard = copy; /* the probe reads and closes this one */
        rc = run_pass(r, err);
    }
    if (r->standard != NULL) {
        pl_input_close(&r->standard);
    }
    int back = pl_run_put_back(r, in, head, have, err);
    free(head);
    return rc < 0 ? rc : back;
}

/* ---- markets into the sink ---- */

static int define_markets(struct pl_run *r, const struct pl_import_target *target,
                          struct pl_error *err)
{
    struct pl_import_job *job = &r->job;
    job->sink = target->begin(target->self, err);
    if (job->sink == NULL) {
        return err->code < 0 ? err->code : PL_ERR_IO;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < job->market_count; i++) {
        struct pl_import_market *m = job->market[i];
        if (m->skipped) {
            continue;
        }
        if (!m->px.given) {
            pl_grid_set(&m->px, pl_grid_found(&m->px), false);
        }
        if (!m->qty.given) {
            pl_grid_set(&m->qty, pl_grid_found(&m->qty), false);
        }
        m->inst.tick = m->px.step;
        m->inst.lot = m->qty.step;
        if (m->inst.venue[0] == '\0') {
            pl_job_identify(job, m, "unknown", PL_INST_LINEAR);
        }
        int rc = pl_inst_check(&m->inst, err);
        if (rc < 0) {
            return rc;
        }
        m->index = job->sink->define(job->sink, &m->inst, -1, err);
        if (m->index < 0) {
            return m->index;
        }
        count++;
    }
    if (count == 0) {
        return job->opt->symbol != NULL
                   ? pl_error_set(err, PL_ERR_NOTFOUND, "%s: no message of symbol %s in its head",
                                  job->paths[0], job->opt->symbol)
                   : pl_error_set(err, PL_ERR_MALFORMED,
                                  "%s: no usable message in its first %llu MiB", job->paths[0],
                                  (unsigned long long)(PROBE_TEXT >> 20));
    }
    return 0;
}

static int parse_step(const char *text, const char *what, struct pl_decimal *out,
                      struct pl_error *err)
{
    *out = (struct pl_decimal){0, 0};
    if (text == NULL) {
        return 0;
    }
    if (pl_decimal_parse(pl_str(text), out) < 0 || out->mantissa <= 0) {
        return pl_error_set(err, PL_ERR_INVALID, "--%s %s: a decimal number above 0 is needed",
                            what, text);
    }
    return 0;
}

static int check_options(struct pl_run *r, struct pl_error *err)
{
    const struct pl_import_options *opt = r->job.opt;
    int rc = parse_step(opt->tick, "tick", &r->job.tick, err);
    rc = rc < 0 ? rc : parse_step(opt->lot, "lot", &r->job.lot, err);
    if (rc < 0) {
        return rc;
    }
    if (opt->format != NULL && pl_run_format(opt->format) == NULL) {
        return pl_error_set(err, PL_ERR_INVALID,
                            "--format %s: no such format; 'plimsoll import --help' lists them",
                            opt->format);
    }
    if (opt->market != NULL && strcmp(opt->market, "linear") != 0 &&
        strcmp(opt->market, "inverse") != 0 && strcmp(opt->market, "spot") != 0) {
        return pl_error_set(err, PL_ERR_INVALID, "--market %s: one of linear, inverse, spot",
                            opt->market);
    }
    if (opt->venue != NULL && (opt->venue[0] == '\0' || strlen(opt->venue) > 15)) {
        return pl_error_set(err, PL_ERR_INVALID, "--venue: 1 to 15 characters");
    }
    if (opt->symbol != NULL && (opt->symbol[0] == '\0' || strlen(opt->symbol) > 31)) {
        return pl_error_set(err, PL_ERR_INVALID, "--symbol: 1 to 31 characters");
    }
    return 0;
}

static void fill_report(struct pl_run *r)
{
    struct pl_import_report *rep = r->job.report;
    rep->file_count = (uint32_t)r->path_count;
    rep->format[0] = '\0';
    for (uint32_t i = 0; i < r->reader_count; i++) {
        size_t n = strlen(rep->format);
        snprintf(rep->format + n, sizeof rep->format - n, "%s%s", i > 0 ? "+" : "",
                 r->reader[i].stream.format->name);
    }
    snprintf(rep->clock, sizeof rep->clock, "%s",
             r->job.opt->clock != NULL ? r->job.opt->clock : "floor");
    rep->market_count = 0;
    for (uint32_t i = 0; i < r->job.market_count; i++) {
        const struct pl_import_market *m = r->job.market[i];
        if (!m->skipped) {
            rep->market[rep->market_count++] =
                (struct pl_import_market_report){m->inst, !m->px.given, !m->qty.given, m->messages};
        }
    }
    pl_latency_report(r->job.latency, rep);
}

/* Probe, then read; and once more when a value turned out to lie off the inferred grid. */
static int import_all(struct pl_run *r, const struct pl_import_target *target, struct pl_error *err)
{
    struct pl_import_job *job = &r->job;
    int rc = pl_run_make_streams(r, err);
    if (rc < 0) {
        return rc;
    }
    job->probing = true;
    job->probe_limit = PROBE_TEXT;
    rc = r->standard != NULL ? probe_standard(r, err) : run_pass(r, err);
    job->probe_limit = 0;
    for (int pass = 0; pass < 2 && rc == 0; pass++) {
        bool restarted = pass > 0;
        struct pl_import_report *rep = job->report;
        *rep = (struct pl_import_report){.restarted = restarted};
        pl_latency_reset(job->latency);
        job->probing = job->regrid = false;
        rc = define_markets(r, target, err);
        rc = rc < 0 ? rc : run_pass(r, err);
        if (!job->regrid) {
            break;
        }
        if (restarted && rc == 0) { /* the whole input was seen, so it is another one now */
            rc = pl_error_set(err, PL_ERR_STATE,
                              "%s: changed while it was read; import it when it is whole",
                              job->paths[0]);
        }
    }
    fill_report(r);
    if (rc == 0 && job->report->messages == 0) {
        return pl_error_set(
            err, PL_ERR_MALFORMED, "%s: no usable message: %llu lines read, %llu ignored, %llu bad",
            job->paths[0], (unsigned long long)job->report->lines,
            (unsigned long long)job->report->ignored, (unsigned long long)job->report->bad);
    }
    return rc;
}

static int run_import(struct pl_run *r, const struct pl_import_target *target, struct pl_error *err)
{
    struct pl_import_job *job = &r->job;
    job->rereadable = true;
    job->latency = malloc(sizeof *job->latency);
    if (job->latency == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    pl_latency_reset(job->latency);
    int rc = check_options(r, err);
    rc = rc < 0 ? rc : import_all(r, target, err);
    for (uint32_t i = 0; i < job->market_count; i++) {
        pl_touch_destroy(&job->market[i]->touch);
        free(job->market[i]);
    }
    pl_input_close(&r->standard);
    pl_levels_fini(&job->bids);
    pl_levels_fini(&job->asks);
    free(job->px);
    free(job->lots);
    free(job->latency);
    free(r->order);
    return rc;
}

static const struct pl_import_options no_options;

int pl_import_run(const char *const *paths, size_t count, const struct pl_import_options *opt,
                  const struct pl_import_target *target, struct pl_import_report *report,
                  struct pl_error *err)
{
    struct pl_error spare;
    err = err != NULL ? err : &spare;
    *err = (struct pl_error){0};
    *report = (struct pl_import_report){0};
    if (count == 0 || count > 100000) {
        return pl_error_set(err, PL_ERR_USAGE, "no file to import");
    }
    struct pl_run r = {
        .job = {.opt = opt != NULL ? opt : &no_options, .report = report, .paths = paths},
        .path_count = count};
    return run_import(&r, target, err);
}

int pl_import_run_memory(const void *bytes, size_t size, const struct pl_import_options *opt,
                         const struct pl_import_target *target, struct pl_import_report *report,
                         struct pl_error *err)
{
    static const char *const name[] = {"memory"};
    struct pl_error spare;
    err = err != NULL ? err : &spare;
    *err = (struct pl_error){0};
    *report = (struct pl_import_report){0};
    struct pl_run r = {
        .job = {.opt = opt != NULL ? opt : &no_options, .report = report, .paths = name},
        .memory = bytes,
        .memory_size = size,
        .path_count = 1};
    return run_import(&r, target, err);
}
