/* base/json_read.h - a cursor over JSON text: no tree, no memory, nothing copied.
 *
 * The caller says what it expects and takes it; everything else is skipped. Strings come back as
 * they stand between the quotes (escapes are not undone; market data has none). Numbers come back
 * as exact decimals, whether quoted or not. Every read stays inside [at, end).
 * Cost    O(bytes). Errors are `false`; the cursor then stands where the text is wrong. */
#ifndef PL_BASE_JSON_READ_H
#define PL_BASE_JSON_READ_H

#include "base/number.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_json {
    const char *at, *end;
};

static inline struct pl_json pl_json(struct pl_str text)
{
    return (struct pl_json){text.at, text.at + text.size};
}

static inline void pl_json_blanks(struct pl_json *j)
{
    while (j->at < j->end &&
           (*j->at == ' ' || *j->at == '\t' || *j->at == '\r' || *j->at == '\n')) {
        j->at++;
    }
}

/* The next character that is not blank; 0 at the end. */
static inline char pl_json_peek(struct pl_json *j)
{
    if (j->at<j->end && * j->at> ' ') {
        return *j->at;
    }
    pl_json_blanks(j);
    return j->at < j->end ? *j->at : '\0';
}

/* Takes `c` if it comes next. */
static inline bool pl_json_take(struct pl_json *j, char c)
{
    if (pl_json_peek(j) != c || j->at == j->end) {
        return false;
    }
    j->at++;
    return true;
}

static inline bool pl_json_string(struct pl_json *j, struct pl_str *out)
{
    if (!pl_json_take(j, '"')) {
        return false;
    }
    const char *begin = j->at;
    for (const char *p = begin; p < j->end; p++) {
        if (*p == '"') {
            *out = (struct pl_str){begin, (size_t)(p - begin)};
            j->at = p + 1;
            return true;
        }
        if (*p == '\\') {
            p++;
        }
    }
    return false;
}

/* A key and its colon. */
static inline bool pl_json_key(struct pl_json *j, struct pl_str *out)
{
    return pl_json_string(j, out) && pl_json_take(j, ':');
}

/* 1.5 or "1.5". */
static inline bool pl_json_decimal(struct pl_json *j, struct pl_decimal *out)
{
    bool quoted = pl_json_take(j, '"');
    if (pl_number_scan(&j->at, j->end, out) < 0) {
        return false;
    }
    if (!quoted) {
        return true;
    }
    if (j->at < j->end && *j->at == '"') {
        j->at++;
        return true;
    }
    return false;
}

/* 15 or "15": no sign, no fraction. */
static inline bool pl_json_u64(struct pl_json *j, uint64_t *out)
{
    bool quoted = pl_json_take(j, '"');
    if (!pl_number_u64(&j->at, j->end, out)) {
        return false;
    }
    if (quoted) {
        if (j->at == j->end || *j->at != '"') {
            return false;
        }
        j->at++;
    }
    return true;
}

static inline bool pl_json_bool(struct pl_json *j, bool *out)
{
    (void)pl_json_peek(j);
    size_t left = (size_t)(j->end - j->at);
    if (left >= 4 && memcmp(j->at, "true", 4) == 0) {
        *out = true;
        j->at += 4;
        return true;
    }
    if (left >= 5 && memcmp(j->at, "false", 5) == 0) {
        *out = false;
        j->at += 5;
        return true;
    }
    return false;
}

/* Any value, whatever it holds. Nesting is followed by counting brackets outside strings. */
static inline bool pl_json_skip(struct pl_json *j)
{
    struct pl_str ignored;
    int depth = 0;
    do {
        char c = pl_json_peek(j);
        if (c == '"') {
            if (!pl_json_string(j, &ignored)) {
                return false;
            }
        } else if (c == '{' || c == '[') {
            depth++;
            j->at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0) {
                return false;
            }
            depth--;
            j->at++;
        } else if (c == '\0' || ((c == ',' || c == ':') && depth == 0)) {
            return false;
        } else {
            j->at++; /* a letter or digit of a number or word, or a comma between values */
            while (depth == 0 && j->at < j->end && *j->at != ',' && *j->at != '}' &&
                   *j->at != ']' && *j->at > ' ') {
                j->at++;
            }
        }
    } while (depth > 0);
    return true;
}

#endif
