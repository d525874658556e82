#include "session/run_data.h"

#include "backtest/compat.h"
#include "base/hash.h"
#include "codec/tape/tape.h"
#include "import/import.h"
#include "session/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void append(char *to, size_t size, const char *text)
{
    size_t used = strlen(to);
    (void)snprintf(to + used, size - used, "%s", text);
}

static bool is_tape(const char *path)
{
    size_t size = strlen(path);
    return size > 5 && strcmp(path + size - 5, ".tape") == 0;
}

static void note_import(struct pl_run_data *data, const struct pl_args_source *files,
                        const struct pl_import_report *r)
{
    char line[256];
    if (r->bad > 0) {
        (void)snprintf(line, sizeof line, "%s: %llu bad rows left out, first at line %llu: %s\n",
                       base_name(files->file[r->bad_at[0].file]), (unsigned long long)r->bad,
                       (unsigned long long)r->bad_at[0].line, r->bad_at[0].reason);
        append(data->notes, sizeof data->notes, line);
    }
    if (r->gaps > 0) {
        (void)snprintf(line, sizeof line, "%s: %llu gaps in the sequence\n",
                       base_name(files->file[0]), (unsigned long long)r->gaps);
        append(data->notes, sizeof data->notes, line);
    }
    if (r->suggest_moving && strcmp(r->clock, "moving") != 0) {
        (void)snprintf(line, sizeof line,
                       "%s: the recorder's clock wanders; --clock moving follows it\n",
                       base_name(files->file[0]));
        append(data->notes, sizeof data->notes, line);
    }
}

static int open_tape(const struct pl_run_options *options, const char *path, bool compat,
                     struct pl_source **out, int64_t *shifted_ns, struct pl_error *err)
{
    struct pl_tape_read_options read = {.preload = options->preload, .tile = options->tile};
    int rc = pl_when_parse(options->from, &read.from_ns, "--from", err);
    rc = rc < 0 ? rc : pl_when_parse(options->to, &read.to_ns, "--to", err);
    rc = rc < 0 ? rc : pl_tape_open(path, &read, out, err);
    if (rc == 0) {
        const struct pl_tape_facts *facts = pl_tape_source_facts(*out);
        *shifted_ns = facts->clock == PL_CLOCK_FLOOR ? facts->clock_shift_ns : 0;
        if (compat && facts->clock == PL_CLOCK_MOVING) {
            (*out)->close(*out);
            *out = NULL;
            rc = pl_error_set(err, PL_ERR_INVALID,
                              "%s: compat needs a tape with clock raw or floor; this one is moving",
                              base_name(path));
        }
    }
    return rc;
}

static int open_capture(struct pl_run_data *data, const struct pl_run_options *options,
                        const struct pl_args_source *files, const struct pl_run_settings *settings,
                        struct pl_source **out, struct pl_error *err)
{
    const struct pl_backtest_settings *s = &settings->backtest;
    bool compat = s->compat != PL_COMPAT_NONE;
    struct pl_import_options import = {
        .tick = s->tick[0] != 0 && !files->lead ? s->tick : NULL,
        .lot = s->lot[0] != 0 && !files->lead ? s->lot : NULL,
        .symbol = options->symbol,
        .clock = compat ? "raw" : options->clock,
    };
    struct pl_import_report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    int rc = pl_import_open(files->file, files->file_count, &import, out, report, err);
    if (rc == 0) {
        note_import(data, files, report);
    }
    free(report);
    return rc;
}

/* First and last receive time of one capture alone. */
static int time_range(const char *path, const struct pl_import_options *options, int64_t *first,
                      int64_t *last, struct pl_error *err)
{
    struct pl_source *source = NULL;
    struct pl_import_report *report = calloc(1, sizeof *report);
    if (report == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    const struct pl_block *b;
    *first = INT64_MAX;
    *last = INT64_MIN;
    int rc = pl_import_open(&path, 1, options, &source, report, err);
    while (rc >= 0 && (rc = source->next(source, &b, err)) > 0) {
        for (uint32_t i = 0; i < b->msg_count; i++) {
            *first = b->local_ns[i] < *first ? b->local_ns[i] : *first;
            *last = b->local_ns[i] > *last ? b->local_ns[i] : *last;
        }
    }
    if (source != NULL) {
        source->close(source);
    }
    free(report);
    return rc < 0 ? rc : 0;
}

/* The peer converts each capture alone: where the captures of one stream begin. Files that overlap
 * (a book file and its trade file) are one. */
static int find_files(const struct pl_run_options *options, const struct pl_args_source *files,
                      const struct pl_run_settings *settings, struct pl_compat_files *out,
                      struct pl_error *err)
{
    const struct pl_backtest_settings *s = &settings->backtest;
    struct pl_import_options alone = {.tick = s->tick[0] != 0 && !files->lead ? s->tick : NULL,
                                      .lot = s->lot[0] != 0 && !files->lead ? s->lot : NULL,
                                      .symbol = options->symbol,
                                      .clock = "raw"};
    int64_t before = INT64_MIN;
    _Static_assert(PL_ARGS_FILES_MAX <= PL_COMPAT_FILES_MAX, "every file has its place");
    for (uint32_t i = 0; files->file_count > 1 && i < files->file_count; i++) {
        int64_t first = 0, last = 0;
        int rc = time_range(files->file[i], &alone, &first, &last, err);
        if (rc < 0) {
            return rc;
        }
        if (first < before) {
            out->count = 0;
            return 0;
        }
        before = last > before ? last : before;
        out->first_ns[out->count++] = first;
    }
    return 0;
}

static int open_source(struct pl_run_data *data, const struct pl_run_options *options,
                       const struct pl_args_source *files, const struct pl_run_settings *settings,
                       struct pl_error *err)
{
    struct pl_source *source = NULL;
    struct pl_compat_files parts = {.count = 0};
    bool compat = settings->backtest.compat != PL_COMPAT_NONE;
    bool tape = files->file_count == 1 && is_tape(files->file[0]);
    if (!tape &&
        (options->tile > 1 || options->preload || options->from != NULL || options->to != NULL)) {
        return pl_error_set(err, PL_ERR_USAGE,
                            "--from, --to, --tile and --preload need a tape: plimsoll import -o "
                            "FILE.tape %s",
                            base_name(files->file[0]));
    }
    int rc = tape ? open_tape(options, files->file[0], compat, &source, &parts.shifted_ns, err)
                  : open_capture(data, options, files, settings, &source, err);
    if (rc == 0 && compat && !tape) {
        rc = find_files(options, files, settings, &parts, err);
    }
    struct pl_source *inner = source;
    if (rc == 0 && compat) {
        rc = pl_compat_source(inner, &parts, &source, err);
    }
    if (rc < 0) {
        if (inner != NULL) {
            inner->close(inner);
        }
        return rc;
    }
    struct pl_driver_source *to = &data->source[data->source_count++];
    *to = (struct pl_driver_source){source, data->market_count};
    data->digest = pl_digest_u64(data->digest, source->data_digest);
    for (uint32_t i = 0; i < source->market_count; i++) {
        if (data->market_count == PL_RUN_MARKETS_MAX) {
            return pl_error_set(err, PL_ERR_LIMIT, "more than %d markets", PL_RUN_MARKETS_MAX);
        }
        data->lead[data->market_count] = files->lead;
        struct pl_inst *inst = &data->inst[data->market_count++];
        *inst = source->insts[i];
        struct pl_backtest_settings own = settings->backtest;
        if (files->lead) { /* tick and lot of the command line are those of the traded market */
            own.tick[0] = own.lot[0] = 0;
        }
        bool reference = strcmp(settings->strategy->name, "reference") == 0;
        rc = pl_backtest_instrument(&own, reference, inst, err);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

int pl_run_data_open(struct pl_run_data *data, const struct pl_run_options *options,
                     const struct pl_run_settings *settings, struct pl_error *err)
{
    *data = (struct pl_run_data){0};
    int rc = options->source_count > 0
                 ? 0
                 : pl_error_set(err, PL_ERR_USAGE, "which data? say --data FILE...");
    for (uint32_t i = 0; rc == 0 && i < options->source_count; i++) {
        for (uint32_t f = 0; f < options->source[i].file_count; f++) {
            append(data->names, sizeof data->names, data->names[0] != 0 ? " " : "");
            append(data->names, sizeof data->names, base_name(options->source[i].file[f]));
        }
        rc = open_source(data, options, &options->source[i], settings, err);
    }
    if (rc < 0) {
        pl_run_data_close(data);
    }
    return rc;
}

void pl_run_data_close(struct pl_run_data *data)
{
    for (uint32_t i = 0; i < data->source_count; i++) {
        data->source[i].source->close(data->source[i].source);
    }
    data->source_count = 0;
}
