/* report/json_dump.h - a jansson value as text with our rules for numbers and escapes.
 *
 * jansson prints doubles with a fixed number of digits (0.1 as 0.10000000000000001); figures that
 * people compare want the shortest text instead. Keys keep the order they were set in. */
#ifndef PL_REPORT_JSON_DUMP_H
#define PL_REPORT_JSON_DUMP_H

#include <jansson.h>
#include <stdio.h>

/* flags: enum pl_json_flag. Errors stay on the stream (ferror). */
void pl_json_dump(const json_t *value, unsigned flags, FILE *out);
/* One string with quotes. */
void pl_json_dump_text(const char *text, size_t size, unsigned flags, FILE *out);
/* A double, "null" when not finite. */
void pl_json_dump_f64(double value, FILE *out);

#endif
