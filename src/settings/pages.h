/* settings/pages.h - tables as pages for people: --help, the docs page, a file to start from.
 *
 * Owner: nothing is kept. Cost: O(settings). Errors: PL_ERR_IO when the stream refused. */
#ifndef PL_SETTINGS_PAGES_H
#define PL_SETTINGS_PAGES_H

#include "settings/settings.h"

#include <stdio.h>

/* Plain text: one setting a line, "name = default", meaning, legal values. */
PL_MUST_USE int pl_settings_write_help(FILE *out, const struct pl_settings_table *const *tables,
                                       size_t count);
/* Markdown: a heading and a table (name, unit, default, legal, reload, meaning) per section. */
PL_MUST_USE int pl_settings_write_markdown(FILE *out, const struct pl_settings_table *const *tables,
                                           size_t count);
/* YAML with every setting commented out at its default, required ones waiting for a value. */
PL_MUST_USE int pl_settings_write_example(FILE *out, const char *strategy,
                                          const struct pl_settings_table *const *tables,
                                          size_t count);
/* "at the next calculation", "...": when a changed value counts. */
const char *pl_reload_text(enum pl_reload reload);

#endif
