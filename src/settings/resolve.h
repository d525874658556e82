/* settings/resolve.h - matches what was written with the tables in use, and fills their structs.
 *
 * Precedence: defaults < YAML < .env < environment PLIMSOLL_<SECTION>_<NAME> < --set.
 * In one layer, two names for one setting may stand side by side only with equal values.
 *
 *   YAML, --set   "section.name", or "name" alone when one section in use knows it; a name nobody
 *                 knows is an error with the nearest one.
 *   .env          SECTION_NAME or NAME, with or without PLIMSOLL_; unknown names are ignored, a
 *                 near miss of one of ours is a warning.
 *   environment   PLIMSOLL_SECTION_NAME only; unknown names are ignored, near misses warned of.
 *
 * Owner   the caller: tables, structs, list; the list must outlive the `from` pointers.
 * Memory  scratch copies of the structs while resolving. Cost: entries x settings.
 * Errors  PL_ERR_INVALID with words, PL_ERR_NOMEM. On any error no struct was touched. */
#ifndef PL_SETTINGS_RESOLVE_H
#define PL_SETTINGS_RESOLVE_H

#include "settings/list.h"

struct pl_settings_target {
    const struct pl_settings_table *table;
    void *values; /* NULL: a known section not in use; what it says is checked, then dropped */
    /* Filled: the entry that set row i; NULL where the default stands. */
    const struct pl_settings_entry *from[PL_SETTINGS_ROWS_MAX];
};

/* Hears warnings, one sentence each. */
struct pl_settings_listener {
    void (*on_warning)(const char *words, void *user);
    void *user;
};

/* Defaults, then every entry, then required settings and each table's own check. */
PL_MUST_USE int pl_settings_resolve(const struct pl_settings_list *list,
                                    struct pl_settings_target *target, size_t count,
                                    const struct pl_settings_listener *listener, /* NULL = none */
                                    struct pl_error *err);

#endif
