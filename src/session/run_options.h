/* session/run_options.h - what is asked of a run: which data, which strategy, which settings.
 *
 * A source is one stream: its files are read one after another. Text is the caller's and must
 * outlive the run; NULL and 0 mean "not said". */
#ifndef PL_SESSION_RUN_OPTIONS_H
#define PL_SESSION_RUN_OPTIONS_H

#include "settings/list.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_ARGS_SOURCES_MAX 8
#define PL_ARGS_FILES_MAX   64

struct pl_args_source {
    const char *file[PL_ARGS_FILES_MAX];
    uint32_t file_count;
    bool lead; /* read, not traded */
};

struct pl_run_options {
    struct pl_args_source source[PL_ARGS_SOURCES_MAX];
    uint32_t source_count;
    const char *strategy, *clock, *symbol;
    const char *from, *to; /* ISO time or epoch seconds; NULL = all */
    uint32_t tile;         /* a tape so many times; at least 1 */
    bool no_report, preload, trade_all;
    struct pl_settings_list *list; /* everything that was set, from every layer */
};

#endif
