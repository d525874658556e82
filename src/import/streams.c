/* The files of an import: what they are, and which of them form one stream. */
#include "import/csv.h"
#include "import/run.h"

#include <stdlib.h>
#include <string.h>

#define DETECT_TEXT (size_t)(64 * 1024)

int pl_run_open_file(struct pl_run *r, uint32_t file, struct pl_input **out, struct pl_error *err)
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
int pl_run_put_back(struct pl_run *r, struct pl_input *in, const void *head, size_t size,
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
size_t pl_run_read_head(struct pl_input *in, char *head, size_t size)
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

const struct pl_import_format *pl_run_format(const char *name)
{
    for (size_t i = 0; i < pl_import_format_count; i++) {
        if (strcmp(pl_import_formats[i]->name, name) == 0) {
            return pl_import_formats[i];
        }
    }
    return NULL;
}

static int detect(struct pl_run *r, uint32_t file, const struct pl_import_format **out,
                  struct pl_error *err)
{
    struct pl_input *in;
    int rc = pl_run_open_file(r, file, &in, err);
    if (rc < 0) {
        return rc;
    }
    r->bytes_total += pl_input_total(in);
    char *head = calloc(1, DETECT_TEXT + PL_LINE_SLACK);
    if (head == NULL) {
        pl_input_close(&in);
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    size_t have = pl_run_read_head(in, head, DETECT_TEXT);
    int best = 0;
    *out = r->job.opt->format != NULL ? pl_run_format(r->job.opt->format) : NULL;
    for (size_t i = 0; i < pl_import_format_count && r->job.opt->format == NULL; i++) {
        int sure = pl_import_formats[i]->detect((struct pl_str){head, have});
        if (sure > best) {
            best = sure;
            *out = pl_import_formats[i];
        }
    }
    rc = pl_run_put_back(r, in, head, have, err);
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

static bool same_symbol(const struct pl_run *r, const struct pl_import_format *format, uint32_t a,
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
int pl_run_make_streams(struct pl_run *r, struct pl_error *err)
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
        if (r->reader_count == PL_RUN_STREAMS_MAX) {
            rc = pl_error_set(err, PL_ERR_LIMIT, "more than %d formats or symbols in one import",
                              PL_RUN_STREAMS_MAX);
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
