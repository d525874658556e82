/* settings/file.h - a small file read whole. Memory: one block, the caller's to free. */
#ifndef PL_SETTINGS_FILE_H
#define PL_SETTINGS_FILE_H

#include "base/err.h"

/* *out is the file's bytes with a terminator behind them. PL_ERR_NOTFOUND, PL_ERR_IO, or
 * PL_ERR_LIMIT above `max` bytes. */
PL_MUST_USE int pl_settings_file_read(const char *path, size_t max, char **out, size_t *size,
                                      struct pl_error *err);

#endif
