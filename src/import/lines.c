#include "import/lines.h"

#include <stdlib.h>
#include <string.h>

#define LINES_BUFFER (size_t)(512 * 1024)
#define LINES_SMALL  (size_t)(16 * 1024) /* enough for a file of no more bytes, unless packed */

int pl_lines_init(struct pl_lines *lines, struct pl_input *in)
{
    uint64_t total = pl_input_total(in);
    bool small = total > 0 && total < LINES_SMALL;
    *lines = (struct pl_lines){.in = in, .cap = small ? LINES_SMALL : LINES_BUFFER};
    lines->buf = calloc(1, lines->cap + PL_LINE_SLACK);
    return lines->buf == NULL ? PL_ERR_NOMEM : 0;
}

void pl_lines_fini(struct pl_lines *lines)
{
    free(lines->buf);
    lines->buf = NULL;
}

static int make_room(struct pl_lines *l, struct pl_error *err)
{
    if (l->at > 0) {
        memmove(l->buf, l->buf + l->at, l->end - l->at);
        l->end -= l->at;
        l->at = 0;
    }
    if (l->end < l->cap) {
        return 0;
    }
    if (l->cap >= PL_LINE_MAX) {
        return pl_error_set(err, PL_ERR_LIMIT,
                            "%s:%llu: byte %llu: a line is longer than %zu MiB: this is not a text "
                            "format that can be imported",
                            pl_input_name(l->in), (unsigned long long)l->number + 1,
                            (unsigned long long)l->consumed, PL_LINE_MAX >> 20);
    }
    char *buf = realloc(l->buf, l->cap * 2 + PL_LINE_SLACK);
    if (buf == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", pl_input_name(l->in));
    }
    memset(buf + l->cap, 0, l->cap + PL_LINE_SLACK);
    l->buf = buf;
    l->cap *= 2;
    return 0;
}

/* 1 = there may be more bytes now, 0 = the input is over (or broken: l->failed). */
static int read_more(struct pl_lines *l, struct pl_error *err)
{
    int rc = make_room(l, err);
    if (rc < 0) {
        return rc;
    }
    int64_t n = pl_input_read(l->in, l->buf + l->end, l->cap - l->end, &l->why);
    if (n == 0) {
        rc = pl_input_next_member(l->in, &l->why);
        if (rc > 0 && l->end > l->at && l->buf[l->end - 1] != '\n') {
            l->buf[l->end++] = '\n'; /* members are files: the last line of one ends there */
        }
        if (rc > 0) {
            return 1;
        }
        n = rc;
    }
    if (n < 0) {
        l->failed = (int)n;
    }
    if (n <= 0) {
        l->ended = true;
        return 0;
    }
    l->end += (size_t)n;
    return 1;
}

static void give(struct pl_lines *l, size_t size, size_t with_ending, struct pl_str *out)
{
    const char *begin = l->buf + l->at;
    l->offset = l->consumed;
    l->number++;
    l->at += with_ending;
    l->consumed += with_ending;
    l->searched = 0;
    *out = (struct pl_str){begin, size > 0 && begin[size - 1] == '\r' ? size - 1 : size};
}

int pl_lines_next(struct pl_lines *l, struct pl_str *out, struct pl_error *err)
{
    for (;;) {
        const char *begin = l->buf + l->at;
        size_t have = l->end - l->at;
        const char *lf = memchr(begin + l->searched, '\n', have - l->searched);
        if (lf != NULL) {
            give(l, (size_t)(lf - begin), (size_t)(lf - begin) + 1, out);
            return 1;
        }
        l->searched = have;
        if (l->ended) {
            if (l->failed < 0) {
                if (err != NULL) {
                    *err = l->why;
                }
                return l->failed;
            }
            if (have == 0) {
                return 0;
            }
            give(l, have, have, out);
            return 1;
        }
        int rc = read_more(l, err);
        if (rc < 0) {
            return rc;
        }
    }
}
