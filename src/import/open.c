/* Captures into a tape: on disk, or in memory and straight back as a source. */
#include "codec/tape/tape.h"
#include "import/import.h"
#include "import/input.h"

#include <stdlib.h>
#include <string.h>

#define TAPE_MAGIC "PLTAPE\r\n"

/* The place an import fills: a tape writer, made anew when the import starts over. */
struct tape_target {
    const char *path; /* NULL = memory */
    struct pl_tape_options options;
    struct pl_tape_writer *writer;
};

static struct pl_sink *on_begin(void *self, struct pl_error *err)
{
    struct tape_target *t = self;
    pl_tape_writer_destroy(&t->writer);
    int rc = pl_tape_writer_create(t->path, &t->options, &t->writer, err);
    return rc < 0 ? NULL : pl_tape_writer_sink(t->writer);
}

static int clock_rule(const char *text, enum pl_clock_rule *out, struct pl_error *err)
{
    static const struct {
        const char *name;
        enum pl_clock_rule rule;
    } rules[] = {{"raw", PL_CLOCK_RAW}, {"floor", PL_CLOCK_FLOOR}, {"moving", PL_CLOCK_MOVING}};
    *out = PL_CLOCK_FLOOR;
    if (text == NULL) {
        return 0;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strcmp(text, rules[i].name) == 0) {
            *out = rules[i].rule;
            return 0;
        }
    }
    return pl_error_set(err, PL_ERR_INVALID, "--clock %s: one of raw, floor, moving", text);
}

static int import_into(struct tape_target *t, const char *const *paths, size_t count,
                       const struct pl_import_options *opt, struct pl_import_report *report,
                       struct pl_error *err)
{
    int rc = clock_rule(opt != NULL ? opt->clock : NULL, &t->options.clock, err);
    if (rc < 0) {
        *report = (struct pl_import_report){0};
        return rc;
    }
    struct pl_import_target target = {on_begin, t};
    rc = pl_import_run(paths, count, opt, &target, report, err);
    if (rc == 0) {
        rc = pl_tape_writer_finish(t->writer, err);
    }
    if (rc < 0) {
        pl_tape_writer_destroy(&t->writer);
    }
    return rc;
}

int pl_import_tape(const char *const *paths, size_t count, const struct pl_import_options *opt,
                   const char *tape_path, struct pl_import_report *report, struct pl_error *err)
{
    struct tape_target t = {.path = tape_path};
    int rc = import_into(&t, paths, count, opt, report, err);
    pl_tape_writer_destroy(&t.writer);
    return rc;
}

/* A source over a tape in memory, which it owns. */
struct memory_source {
    struct pl_source source; /* first */
    struct pl_source *inner;
    struct pl_tape_writer *writer;
};

static int on_next(struct pl_source *self, const struct pl_block **out, struct pl_error *err)
{
    struct memory_source *m = (struct memory_source *)self;
    return m->inner->next(m->inner, out, err);
}

static int on_rewind(struct pl_source *self, struct pl_error *err)
{
    struct memory_source *m = (struct memory_source *)self;
    return m->inner->rewind(m->inner, err);
}

static void on_close(struct pl_source *self)
{
    struct memory_source *m = (struct memory_source *)self;
    m->inner->close(m->inner);
    pl_tape_writer_destroy(&m->writer);
    free(m);
}

static int open_memory(struct pl_tape_writer **writer, struct pl_source **out, struct pl_error *err)
{
    const void *bytes;
    size_t size;
    struct memory_source *m = calloc(1, sizeof *m);
    if (m == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    pl_tape_memory(*writer, &bytes, &size);
    int rc = pl_tape_open_memory(bytes, size, NULL, &m->inner, err);
    if (rc < 0) {
        free(m);
        return rc;
    }
    m->source = *m->inner;
    m->source.next = on_next;
    m->source.rewind = on_rewind;
    m->source.close = on_close;
    m->writer = *writer;
    *writer = NULL;
    *out = &m->source;
    return 0;
}

/* 1 = the file is a tape, 0 = it is not; standard input is never one. */
static int is_tape(const char *path, struct pl_error *err)
{
    if (strcmp(path, "-") == 0) {
        return 0;
    }
    struct pl_input *in;
    int rc = pl_input_open(path, &in, err);
    if (rc < 0) {
        return rc;
    }
    char head[sizeof TAPE_MAGIC] = {0};
    bool tape = false;
    if (pl_input_packing(in) == PL_INPUT_PLAIN) {
        int64_t n = pl_input_read(in, head, sizeof TAPE_MAGIC - 1, err);
        tape = n == (int64_t)sizeof TAPE_MAGIC - 1 &&
               memcmp(head, TAPE_MAGIC, sizeof TAPE_MAGIC - 1) == 0;
    }
    pl_input_close(&in);
    return tape;
}

int pl_import_open(const char *const *paths, size_t count, const struct pl_import_options *opt,
                   struct pl_source **out, struct pl_import_report *report, struct pl_error *err)
{
    *out = NULL;
    *report = (struct pl_import_report){0};
    if (count == 0) {
        return pl_error_set(err, PL_ERR_USAGE, "no data given");
    }
    int tapes = 0;
    for (size_t i = 0; i < count; i++) {
        int rc = is_tape(paths[i], err);
        if (rc < 0) {
            return rc;
        }
        tapes += rc;
    }
    if (tapes > 0 && count > 1) {
        return pl_error_set(err, PL_ERR_UNSUPPORTED,
                            "%d of %zu files are tapes: one tape is one stream; join tapes with "
                            "'plimsoll tape merge'",
                            tapes, count);
    }
    if (tapes == 1) {
        int rc = pl_tape_open(paths[0], NULL, out, err);
        snprintf(report->format, sizeof report->format, "tape");
        report->file_count = 1;
        return rc;
    }
    struct tape_target t = {.path = NULL};
    int rc = import_into(&t, paths, count, opt, report, err);
    rc = rc < 0 ? rc : open_memory(&t.writer, out, err);
    pl_tape_writer_destroy(&t.writer);
    return rc;
}
