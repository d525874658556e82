/* import/run.h - the driver's own structures: streams of files, read line by line. Private to
 * run.c, streams.c and reader.c. */
#ifndef PL_IMPORT_RUN_H
#define PL_IMPORT_RUN_H

#include "import/job.h"
#include "import/queue.h"

#define PL_RUN_STREAMS_MAX PL_IMPORT_MARKETS_MAX

/* A stream with the file it is in. */
struct pl_reader {
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

struct pl_run {
    struct pl_import_job job;
    const void *memory; /* the one file, when it is in memory */
    size_t memory_size;
    size_t path_count;
    struct pl_input *standard; /* opened once, kept until it is read */
    uint32_t *order;           /* paths by stream */
    struct pl_reader reader[PL_RUN_STREAMS_MAX];
    uint32_t reader_count;
    uint64_t bytes_total, bytes_before; /* progress */
    uint64_t lines_seen;
};

/* streams.c: the files of an import, and which of them belong together. */
PL_MUST_USE int pl_run_open_file(struct pl_run *r, uint32_t file, struct pl_input **out,
                                 struct pl_error *err);
/* After the head was read: a file can be opened again, standard input gets its bytes back. Owns
 * `in` from here on. */
PL_MUST_USE int pl_run_put_back(struct pl_run *r, struct pl_input *in, const void *head,
                                size_t size, struct pl_error *err);
/* Up to `size` bytes of text; damage further on is met again when it is read in earnest. */
size_t pl_run_read_head(struct pl_input *in, char *head, size_t size);
const struct pl_import_format *pl_run_format(const char *name);
/* Files of one format (and symbol, where paths name it) form one stream, in the order given. */
PL_MUST_USE int pl_run_make_streams(struct pl_run *r, struct pl_error *err);

/* reader.c: one stream from its first file to its last. */
PL_MUST_USE int pl_reader_start(struct pl_reader *rd, struct pl_error *err);
/* One more line (or, for a reader of bytes, one more file), or more of what the reader kept for
 * the end. 1, 0 = the stream is over. */
PL_MUST_USE int pl_reader_step(struct pl_run *r, struct pl_reader *rd, struct pl_error *err);
void pl_reader_stop(struct pl_run *r, struct pl_reader *rd);

#endif
