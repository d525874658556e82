/* settings/effective.h - the settings in force, as a file one could start from; and what changed.
 *
 * The YAML written here reads back to the same bits and is the same bytes on every machine.
 * Owner: nothing is kept. Cost: O(settings). Errors: PL_ERR_IO when the stream refused. */
#ifndef PL_SETTINGS_EFFECTIVE_H
#define PL_SETTINGS_EFFECTIVE_H

#include "settings/resolve.h"

#include <stdio.h>

/* All settings of the targets in use, one section each, `strategy:` first (NULL = none). With
 * `origins` each line ends in a comment saying who set it. */
PL_MUST_USE int pl_settings_write_yaml(FILE *out, const char *strategy,
                                       const struct pl_settings_target *target, size_t count,
                                       bool origins);

struct pl_settings_change {
    const struct pl_settings_table *table;
    const struct pl_setting *setting;
    char before[PL_SETTING_TEXT_MAX], after[PL_SETTING_TEXT_MAX];
};

/* Calls on_change for each setting whose value differs, in table order (NULL = only count). Returns
 * how many; *reload is the slowest of their classes (PL_RELOAD_YES when none differs). */
size_t pl_settings_diff(const struct pl_settings_table *table, const void *before,
                        const void *after,
                        void (*on_change)(const struct pl_settings_change *change, void *user),
                        void *user, enum pl_reload *reload);

#endif
