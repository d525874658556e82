/* settings/schema.h - tables as a JSON Schema (draft 2020-12) of the YAML file, for editors.
 *
 * One object per section under $defs; each setting may also stand at the top, as the reader allows.
 * Memory: libjansson's while writing. Errors: PL_ERR_NOMEM, PL_ERR_IO. */
#ifndef PL_SETTINGS_SCHEMA_H
#define PL_SETTINGS_SCHEMA_H

#include "settings/settings.h"

#include <stdio.h>

/* `strategies`: the names `strategy:` may take, NULL-terminated; NULL = any text. */
PL_MUST_USE int pl_settings_write_schema(FILE *out, const char *const *strategies,
                                         const struct pl_settings_table *const *tables,
                                         size_t count);

#endif
