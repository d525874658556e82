/* base/utf8.h - checks UTF-8 (RFC 3629) one character at a time. No memory taken. */
#ifndef PL_BASE_UTF8_H
#define PL_BASE_UTF8_H

#include "base/str.h"

#include <stdint.h>

/* The character at the start of `text` and its bytes (1..4); 0 when the bytes are not UTF-8: over-
 * long forms, surrogates and numbers above U+10FFFF are not. `text` must not be empty. */
size_t pl_utf8_next(struct pl_str text, uint32_t *character);
/* UTF-8 throughout, without control characters (C0, delete, C1). */
bool pl_utf8_plain(struct pl_str text);

#define PL_UTF8_SHOWN_MAX 72 /* room for what pl_utf8_show writes */
/* Somebody's text as a message may repeat it: "" when empty, '?' for control characters and bytes
 * that are not UTF-8, cut with "..." after 64 bytes. Returns `out`. */
const char *pl_utf8_show(struct pl_str text, char out[PL_UTF8_SHOWN_MAX]);

#endif
