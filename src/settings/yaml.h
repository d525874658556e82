/* settings/yaml.h - reads settings from YAML 1.2 (JSON is a subset) into a list.
 *
 *     strategy: avellaneda        # which maker
 *     gamma: 0.1                  # of whatever section in use knows the name
 *     common: { levels: 3 }       # sections: one mapping each
 *     avellaneda:
 *       min_spread: 5bps
 *
 * Values are scalars, or a list of scalars, read as one text with commas. A name given twice (case
 * and '-' aside) is an error with line and column; so are anchors, tags and second documents.
 * Whether a name is known is decided when the list is resolved, with the line kept here.
 * Memory: the list's, and libfyaml's while reading. Cost: O(size), files up to 1 MiB.
 * Errors: PL_ERR_NOTFOUND, PL_ERR_IO, PL_ERR_LIMIT, PL_ERR_INVALID: "file:line:column: what". */
#ifndef PL_SETTINGS_YAML_H
#define PL_SETTINGS_YAML_H

#include "settings/list.h"

#define PL_YAML_SIZE_MAX ((size_t)1 << 20)

PL_MUST_USE int pl_yaml_read_file(struct pl_settings_list *list, const char *path,
                                  struct pl_error *err);
/* `what` stands in messages where the path would. */
PL_MUST_USE int pl_yaml_read_text(struct pl_settings_list *list, const char *what,
                                  struct pl_str text, struct pl_error *err);

#endif
