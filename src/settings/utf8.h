/* settings/utf8.h - checks UTF-8 (RFC 3629) one character at a time. No memory. */
#ifndef PL_SETTINGS_UTF8_H
#define PL_SETTINGS_UTF8_H

#include "base/str.h"

#include <stdint.h>

/* The character at the start of `text` and its bytes (1..4); 0 when the bytes are not UTF-8: over-
 * long forms, surrogates and numbers above U+10FFFF are not. `text` must not be empty. */
size_t pl_utf8_next(struct pl_str text, uint32_t *character);
/* UTF-8 throughout, without control characters (C0, delete, C1). */
bool pl_utf8_plain(struct pl_str text);

#endif
