/* One stream from its first file to its last: lines to its format, damage to the report. */
#include "import/run.h"

#include <stdlib.h>

#define PROGRESS_LINES 4096

static void close_file(struct pl_run *r, struct pl_reader *rd)
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

void pl_reader_stop(struct pl_run *r, struct pl_reader *rd)
{
    close_file(r, rd);
    if (rd->stream.format->drop != NULL && rd->stream.state != NULL) {
        rd->stream.format->drop(&rd->stream);
    }
    free(rd->stream.state);
    rd->stream.state = NULL;
    rd->ended = true;
}

int pl_reader_start(struct pl_reader *rd, struct pl_error *err)
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
static int on_damage(struct pl_run *r, int code, struct pl_error *err)
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
static int next_file(struct pl_run *r, struct pl_reader *rd, struct pl_error *err)
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
    int rc = pl_run_open_file(r, rd->file, &rd->in, err);
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

static void tell_progress(struct pl_run *r, const struct pl_reader *rd)
{
    const struct pl_import_options *opt = r->job.opt;
    if (opt->on_progress != NULL && r->lines_seen++ % PROGRESS_LINES == 0) {
        opt->on_progress(opt->user, r->bytes_before + (rd->in != NULL ? pl_input_done(rd->in) : 0),
                         r->bytes_total, r->job.report->messages);
    }
}

/* One more line (or, for a reader of bytes, one more file), or more of what the reader kept for
 * the end. 1, 0 = the stream is over. */
int pl_reader_step(struct pl_run *r, struct pl_reader *rd, struct pl_error *err)
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
