/* settings/match.h - which row of which table an entry means; resolve.c's other half. */
#ifndef PL_SETTINGS_MATCH_H
#define PL_SETTINGS_MATCH_H

#include "settings/resolve.h"

struct pl_settings_match {
    size_t target; /* index of the target; its count when nothing matched */
    size_t row;
};

/* PL_ERR_INVALID (unknown, or ambiguous) with words for YAML and --set. For .env and the
 * environment an unknown name is no error: 0 with match->target == count, and `warning` holds the
 * words of a near miss or "". */
PL_MUST_USE int pl_settings_match(const struct pl_settings_entry *entry,
                                  const struct pl_settings_target *target, size_t count,
                                  struct pl_settings_match *match, struct pl_error *warning,
                                  struct pl_error *err);
/* "parameters.yaml:9" or "--set" of an entry, into `out`. */
void pl_settings_where(const struct pl_settings_entry *entry, char *out, size_t size);

#endif
