/* import/input.h - bytes of a file as text wants them: plain, gzip, zstd or zip, told apart by
 * their first bytes and never by the name. "-" is standard input.
 *
 * Memory  about 1.3 MiB an input, whatever its length.
 * Errors  a truncated or corrupt file gives every byte before the damage first, then PL_ERR_CORRUPT
 *         or PL_ERR_TRUNCATED naming the file and the place; PL_ERR_IO. */
#ifndef PL_IMPORT_INPUT_H
#define PL_IMPORT_INPUT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pl_input_packing { PL_INPUT_PLAIN, PL_INPUT_GZIP, PL_INPUT_ZSTD, PL_INPUT_ZIP };

struct pl_input;

PL_MUST_USE int pl_input_open(const char *path, struct pl_input **out, struct pl_error *err);
/* `bytes` must outlive the input; `name` is for errors. */
PL_MUST_USE int pl_input_open_memory(const void *bytes, size_t size, const char *name,
                                     struct pl_input **out, struct pl_error *err);
void pl_input_close(struct pl_input **in); /* accepts NULL */

/* Up to `size` bytes: > 0; 0 at the end of the file (zip: of this member); a negative pl_err. */
PL_MUST_USE int64_t pl_input_read(struct pl_input *in, void *out, size_t size,
                                  struct pl_error *err);
/* zip: 1 and on to the next file inside; 0 when there is none (and for everything not zip). */
PL_MUST_USE int pl_input_next_member(struct pl_input *in, struct pl_error *err);
/* Gives bytes back, to be read again first. They are copied. */
PL_MUST_USE int pl_input_unread(struct pl_input *in, const void *bytes, size_t size);

const char *pl_input_name(const struct pl_input *in);   /* the path, or "stdin" */
const char *pl_input_member(const struct pl_input *in); /* zip: name of the file inside; else "" */
enum pl_input_packing pl_input_packing(const struct pl_input *in);
bool pl_input_rereadable(const struct pl_input *in); /* may be opened a second time */
uint64_t pl_input_done(const struct pl_input *in);   /* bytes of the file taken so far */
uint64_t pl_input_total(const struct pl_input *in);  /* size of the file; 0 = not known */

#endif
