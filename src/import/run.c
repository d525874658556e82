/* The driver of an import: what the files are, what grid they are on, then message by message. */
#include "core/units.h"
#include "import/csv.h"
#include "import/import.h"
#include "import/job.h"
#include "import/latency.h"
#include "import/queue.h"
#include "import/touch.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_TEXT     (UINT64_C(8) << 20) /* text of a file that the grid is inferred from */
#define DETECT_TEXT    (size_t)(64 * 1024)
#define PROGRESS_LINES 4096
#define STREAMS_MAX    PL_IMPORT_MARKETS_MAX

/* A stream with the file it is in. */
struct reader {
    struct pl_import_stream stream;
    struct pl_import_queue queue;
    struct pl_input *in;
    struct pl_lines lines;
    bool lines_open;
    uint32_t next_file; /* into stream.files */
    uint32_t file;      /* the open one, into paths */
    uint64_t file_text; /* text bytes of the open file so far */
    bool files_ended, ended;
};

struct run {
    struct pl_import_job job;
    const void *memory; /* the one file, when it is in memory */
    size_t memory_size;
    size_t path_count;
    struct pl_input *standard; /* opened once, kept until it is read */
    uint32_t *order;           /* paths by stream */
    struct reader reader[STREAMS_MAX];
    uint32_t reader_count;
    uint64_t bytes_total, bytes_before; /* progress */
    uint64_t lines_seen;
};

/* ---- files ---- */

static int open_file(struct run *r, uint32_t file, struct pl_input **out, struct pl_error *err)
{
    const char *path = r->job.paths[file];
    if (r->memory != NULL) {
        return pl_input_open_memory(r->memory, r->memory_size, path, out, err);
    }
    if (strcmp(path, "-") == 0 && r->standard != NULL) {
        *out = r->standard;
        r->standard = NULL;
        return 0;
    }
    return pl_input_open(path, out, err);
}

/* After the head was read: a file can be opened again, standard input gets its bytes back. */
static int put_back(struct run *r, struct pl_input *in, const void *head, size_t size,
                    struct pl_error *err)
{
    if (pl_input_rereadable(in)) {
        pl_input_close(&in);
        return 0;
    }
    r->job.rereadable = false;
    r->standard = in;
    if (pl_input_unread(in, head, size) < 0) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    return 0;
}

/* Up to `size` bytes of text; damage further on is met again when it is read in earnest. */
static size_t read_head(struct pl_input *in, char *head, size_t size)
{
    struct pl_error ignored;
    size_t have = 0;
    while (have < size) {
        int64_t n = pl_input_read(in, head + have, size - have, &ignored);
        if (n <= 0) {
            break;
        }
        have += (size_t)n;
    }
    return have;
}

static const struct pl_import_format *format_named(const char *name)
{
    for (size_t i = 0; i < pl_import_format_count; i++) {
        if (strcmp(pl_import_formats[i]->name, name) == 0) {
            return pl_import_formats[i];
        }
    }
    return NULL;
}

static int detect(struct run *r, uint32_t file, const struct pl_import_format **out,
                  struct pl_error *err)
{
    struct pl_input *in;
    int rc = open_file(r, file, &in, err);
    if (rc < 0) {
        return rc;
    }
    r->bytes_total += pl_input_total(in);
    char *head = calloc(1, DETECT_TEXT + PL_LINE_SLACK);
    if (head == NULL) {
        pl_input_close(&in);
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    size_t have = read_head(in, head, DETECT_TEXT);
    int best = 0;
    *out = r->job.opt->format != NULL ? format_named(r->job.opt->format) : NULL;
    for (size_t i = 0; i < pl_import_format_count && r->job.opt->format == NULL; i++) {
        int sure = pl_import_formats[i]->detect((struct pl_str){head, have});
        if (sure > best) {
            best = sure;
            *out = pl_import_formats[i];
        }
    }
    rc = put_back(r, in, head, have, err);
    free(head);
    if (rc == 0 && *out == NULL) {
        return pl_error_set(err, PL_ERR_UNSUPPORTED,
                            have == 0 ? "%s: is empty (or damaged from its first byte)"
                                      : "%s: this is no format that can be imported; see "
                                        "'plimsoll import --help' for the list, or force one with "
                                        "--format",
                            r->job.paths[file]);
    }
    return rc < 0 ? rc : 0;
}

static bool same_symbol(const struct run *r, const struct pl_import_format *format, uint32_t a,
                        uint32_t b)
{
    char sa[32], sb[32];
    if (!format->path_names_symbol || r->job.opt->symbol != NULL) {
        return true;
    }
    pl_path_symbol(r->job.paths[a], sa, sizeof sa);
    pl_path_symbol(r->job.paths[b], sb, sizeof sb);
    return strcmp(sa, sb) == 0;
}

/* Files of one format form one stream, in the order given. */
static int make_streams(struct run *r, struct pl_error *err)
{
    const struct pl_import_format **of = calloc(r->path_count, sizeof(void *));
    r->order = calloc(r->path_count, sizeof *r->order);
    if (of == NULL || r->order == NULL) {
        free(of);
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    int rc = 0;
    for (uint32_t i = 0; i < r->path_count && rc == 0; i++) {
        rc = detect(r, i, &of[i], err);
    }
    uint32_t used = 0;
    for (uint32_t i = 0; i < r->path_count && rc == 0; i++) {
        if (of[i] == NULL) {
            continue; /* already in a stream */
        }
        if (r->reader_count == STREAMS_MAX) {
            rc = pl_error_set(err, PL_ERR_LIMIT, "more than %d formats or symbols in one import",
                              STREAMS_MAX);
            break;
        }
        struct pl_import_stream *s = &r->reader[r->reader_count++].stream;
        const struct pl_import_format *format = of[i];
        *s = (struct pl_import_stream){.job = &r->job, .format = format, .files = r->order + used};
        for (uint32_t k = i; k < r->path_count; k++) {
            if (of[k] == format && same_symbol(r, format, i, k)) {
                r->order[used++] = k;
                s->file_count++;
                of[k] = NULL;
            }
        }
    }
    free(of);
    return rc;
}

/* ---- reading one stream ---- */

static void close_file(struct run *r, struct reader *rd)
{
    if (rd->lines_open) {
        pl_lines_fini(&rd->lines);
        rd->lines_open = false;
    }
    if (rd->in != NULL) {
        r->bytes_before += pl_input_done(rd->in);
        if (!r->job.probing) {
            r->job.report->bytes += pl_input_done(rd->in);
            r->job.report->text_bytes += rd->file_text;
        }
        pl_input_close(&rd->in);
    }
}

static void stop_reader(struct run *r, struct reader *rd)
{
    close_file(r, rd);
    if (rd->stream.format->drop != NULL && rd->stream.state != NULL) {
        rd->stream.format->drop(&rd->stream);
    }
    free(rd->stream.state);
    rd->stream.state = NULL;
    rd->ended = true;
}

static int start_reader(struct reader *rd, struct pl_error *err)
{
    const struct pl_import_format *f = rd->stream.format;
    rd->ended = rd->files_ended = false;
    rd->next_file = 0;
    rd->stream.state = NULL;
    if (f->state_size > 0) {
        rd->stream.state = calloc(1, f->state_size);
        if (rd->stream.state == NULL) {
            return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
        }
    }
    return 0;
}

/* Damage in a file: what came before it stays, and the next file follows. */
static int on_damage(struct run *r, int code, struct pl_error *err)
{
    if (code != PL_ERR_CORRUPT && code != PL_ERR_TRUNCATED && code != PL_ERR_LIMIT) {
        return code;
    }
    if (r->job.probing) {
        return 0;
    }
    struct pl_error why = *err;
    r->job.report->damaged_files++;
    int rc = pl_job_bad(&r->job, err, "%s", why.text);
    if (rc < 0) {
        *err = why;
        return code;
    }
    return 0;
}

/* Opens the stream's next file. 1, 0 = none left. */
static int next_file(struct run *r, struct reader *rd, struct pl_error *err)
{
    close_file(r, rd);
    if (rd->next_file == rd->stream.file_count ||
        (r->job.probing && r->job.probe_limit > 0 && rd->next_file > 0)) {
        return 0;
    }
    rd->file = rd->stream.files[rd->next_file++];
    rd->file_text = 0;
    r->job.file = rd->file;
    r->job.line = 0;
    r->job.byte = 0;
    int rc = open_file(r, rd->file, &rd->in, err);
    if (rc == 0 && pl_lines_init(&rd->lines, rd->in) < 0) {
        rc = pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    if (rc < 0) {
        return rc;
    }
    rd->lines_open = true;
    if (rd->stream.format->begin != NULL) {
        rc = rd->stream.format->begin(&rd->stream, err);
    }
    return rc < 0 ? rc : 1;
}

static void tell_progress(struct run *r, const struct reader *rd)
{
    const struct pl_import_options *opt = r->job.opt;
    if (opt->on_progress != NULL && r->lines_seen++ % PROGRESS_LINES == 0) {
        opt->on_progress(opt->user, r->bytes_before + (rd->in != NULL ? pl_input_done(rd->in) : 0),
                         r->bytes_total, r->job.report->messages);
    }
}

/* One more line (or, for a reader of bytes, one more file), or more of what the reader kept for
 * the end. 1, 0 = the stream is over. */
static int read_step(struct run *r, struct reader *rd, struct pl_error *err)
{
    struct pl_import_job *job = &r->job;
    const struct pl_import_format *f = rd->stream.format;
    if (rd->in == NULL) {
        int rc = rd->files_ended ? 0 : next_file(r, rd, err);
        if (rc == 0) {
            rd->files_ended = true;
            job->file = rd->file;
            return f->end != NULL ? f->end(&rd->stream, err) : 0;
        }
        if (rc < 0) {
            return rc;
        }
        if (f->bytes != NULL) {
            rc = f->bytes(&rd->stream, rd->in, err);
            rc = rc < 0 ? on_damage(r, rc, err) : rc;
            close_file(r, rd);
            return rc < 0 ? rc : 1;
        }
    }
    struct pl_str line;
    int rc = pl_lines_next(&rd->lines, &line, err);
    job->file = rd->file;
    job->line = rd->lines.number;
    job->byte = rd->lines.offset;
    rd->file_text = rd->lines.consumed;
    if (rc < 0) {
        rc = on_damage(r, rc, err);
        close_file(r, rd);
        return rc < 0 ? rc : 1;
    }
    if (rc == 0 || (job->probing && job->probe_limit > 0 && rd->file_text > job->probe_limit)) {
        close_file(r, rd);
        return 1;
    }
    job->report->lines += !job->probing;
    rc = f->line(&rd->stream, line, err);
    tell_progress(r, rd);
    return rc < 0 ? rc : 1;
}

/* ---- passes ---- */

/* Reads until the queue has a message or the stream is over. */
static int fill_queue(struct run *r, struct reader *rd, struct pl_error *err)
{
    r->job.queue = &rd->queue;
    while (!rd->ended && pl_queue_head(&rd->queue) == NULL) {
        int rc = read_step(r, rd, err);
        if (rc < 0) {
            return rc;
        }
        if (rc == 0) {
            stop_reader(r, rd);
        }
    }
    return 0;
}

/* Several streams: always the message with the smallest local time, the first stream in a tie. */
static int merge_streams(struct run *r, struct pl_error *err)
{
    for (;;) {
        struct reader *best = NULL;
        int64_t best_ns = 0;
        for (uint32_t i = 0; i < r->reader_count; i++) {
            struct reader *rd = &r->reader[i];
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

static int read_one_stream(struct run *r, struct reader *rd, struct pl_error *err)
{
    r->job.queue = NULL;
    for (;;) {
        int rc = read_step(r, rd, err);
        if (rc < 0) {
            return rc;
        }
        if (rc == 0) {
            stop_reader(r, rd);
            return 0;
        }
    }
}

/* What a pass leaves in the markets and must not reach the next one. */
static void forget_pass(struct run *r)
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

static int run_pass(struct run *r, struct pl_error *err)
{
    int rc = 0;
    forget_pass(r);
    for (uint32_t i = 0; i < r->reader_count && rc == 0; i++) {
        rc = start_reader(&r->reader[i], err);
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
        stop_reader(r, &r->reader[i]);
        pl_queue_fini(&r->reader[i].queue);
    }
    return rc;
}

/* The head of standard input is kept, so that it can be read twice. */
static int probe_standard(struct run *r, struct pl_error *err)
{
    char *head = malloc(PROBE_TEXT);
    if (head == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    struct pl_input *in = r->standard;
    r->standard = NULL;
    size_t have = read_head(in, head, PROBE_TEXT);
    struct pl_input *copy;
    int rc = pl_input_open_memory(head, have, "stdin", &copy, err);
    if (rc == 0) {
        r->standard = copy; /* the probe reads and closes this one */
        rc = run_pass(r, err);
    }
    if (r->standard != NULL) {
        pl_input_close(&r->standard);
    }
    int back = put_back(r, in, head, have, err);
    free(head);
    return rc < 0 ? rc : back;
}

/* ---- markets into the sink ---- */

static int define_markets(struct run *r, const struct pl_import_target *target,
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

static int check_options(struct run *r, struct pl_error *err)
{
    const struct pl_import_options *opt = r->job.opt;
    int rc = parse_step(opt->tick, "tick", &r->job.tick, err);
    rc = rc < 0 ? rc : parse_step(opt->lot, "lot", &r->job.lot, err);
    if (rc < 0) {
        return rc;
    }
    if (opt->format != NULL && format_named(opt->format) == NULL) {
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

static void fill_report(struct run *r)
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
static int import_all(struct run *r, const struct pl_import_target *target, struct pl_error *err)
{
    struct pl_import_job *job = &r->job;
    int rc = make_streams(r, err);
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

static int run_import(struct run *r, const struct pl_import_target *target, struct pl_error *err)
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
    struct run r = {
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
    struct run r = {
        .job = {.opt = opt != NULL ? opt : &no_options, .report = report, .paths = name},
        .memory = bytes,
        .memory_size = size,
        .path_count = 1};
    return run_import(&r, target, err);
}
