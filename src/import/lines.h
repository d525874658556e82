/* import/lines.h - text lines of an input, without copying: a line points into the read buffer.
 *
 * A line ends with LF; a CR before it is dropped. The last line may lack its LF, unless the input
 * broke there: then only whole lines are given before the error.
 * Memory  1 MiB, growing to the longest line; a line above PL_LINE_MAX is an error.
 * After a line's last byte at least PL_LINE_SLACK bytes may be read (not used). */
#ifndef PL_IMPORT_LINES_H
#define PL_IMPORT_LINES_H

#include "base/str.h"
#include "import/input.h"

#define PL_LINE_MAX   (size_t)(64u << 20)
#define PL_LINE_SLACK 64

struct pl_lines {
    struct pl_input *in;
    char *buf;
    size_t cap, at, end;
    size_t searched;   /* bytes after `at` known to hold no LF */
    uint64_t number;   /* of the line given last, from 1 */
    uint64_t offset;   /* of its first byte in the unpacked text */
    uint64_t consumed; /* text bytes before `at` */
    bool ended;
    int failed; /* the input's error, said when the whole lines are used up */
    struct pl_error why;
};

PL_MUST_USE int pl_lines_init(struct pl_lines *lines, struct pl_input *in);
void pl_lines_fini(struct pl_lines *lines); /* does not close the input */
/* 1 and *out, valid until the next call; 0 at the end; a negative pl_err. */
PL_MUST_USE int pl_lines_next(struct pl_lines *lines, struct pl_str *out, struct pl_error *err);

#endif
