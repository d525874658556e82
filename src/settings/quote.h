/* settings/quote.h - one value as a YAML 1.2 scalar: plain where that is safe, else double-quoted.
 * Characters that YAML or a terminal may take for something else are escaped. */
#ifndef PL_SETTINGS_QUOTE_H
#define PL_SETTINGS_QUOTE_H

#include "base/str.h"

#include <stdio.h>

/* `text` is UTF-8 (as a TEXT setting always is). With `quoted` never plain: "5" stays a text. */
void pl_settings_write_scalar(FILE *out, struct pl_str text, bool quoted);

#endif
