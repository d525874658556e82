/* codec/tape/file.h - where tape bytes come from and go to: a file or memory.
 *
 * Files are read with pread into one reused buffer, not mapped: resident memory stays bounded and
 * a file that shrinks under us is an error, not a SIGBUS. Errors: PL_ERR_IO, PL_ERR_NOMEM. */
#ifndef PL_CODEC_TAPE_FILE_H
#define PL_CODEC_TAPE_FILE_H

#include "base/err.h"
#include "codec/tape/buf.h"

struct pl_tape_file {
    int fd; /* -1 = memory */
    const uint8_t *memory;
    uint64_t size;
    struct pl_tape_buf scratch;
    char *name; /* for words */
};

PL_MUST_USE int pl_tape_file_open(struct pl_tape_file *file, const char *path,
                                  struct pl_error *err);
PL_MUST_USE int pl_tape_file_memory(struct pl_tape_file *file, const void *bytes, size_t size,
                                    struct pl_error *err);
void pl_tape_file_close(struct pl_tape_file *file);
/* `size` bytes at `offset`, which lie inside the file; valid until the next read. */
PL_MUST_USE int pl_tape_file_read(struct pl_tape_file *file, uint64_t offset, size_t size,
                                  const uint8_t **out, struct pl_error *err);

struct pl_tape_out {
    int fd; /* -1 = memory */
    struct pl_tape_buf memory;
    uint64_t size;
    char *path, *part; /* written as part, renamed to path at the end */
};

PL_MUST_USE int pl_tape_out_open(struct pl_tape_out *out, const char *path, struct pl_error *err);
PL_MUST_USE int pl_tape_out_write(struct pl_tape_out *out, const void *bytes, size_t size,
                                  struct pl_error *err);
PL_MUST_USE int pl_tape_out_finish(struct pl_tape_out *out, struct pl_error *err);
void pl_tape_out_close(struct pl_tape_out *out); /* removes an unfinished .part */

#endif
