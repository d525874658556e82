/* settings/name.h - how names compare: without regard to case, '-' read as '_'; and how near two
 * are.
 *
 * Nearness is the optimal string alignment distance (Damerau 1964): insert, delete, replace and
 * swap of neighbours each cost one. Cost: O(length^2), no memory; names over 64 bytes are far. */
#ifndef PL_SETTINGS_NAME_H
#define PL_SETTINGS_NAME_H

#include "base/str.h"

#define PL_NAME_MAX 64

/* The byte as names compare it: lower case, '-' as '_'. */
char pl_name_fold(char byte);
bool pl_name_eq(struct pl_str a, struct pl_str b);
/* `text` begins with `prefix`, as names compare. */
bool pl_name_starts(struct pl_str text, struct pl_str prefix);
/* Edits between the two; PL_NAME_MAX + 1 when either is too long to be a name. */
unsigned pl_name_distance(struct pl_str a, struct pl_str b);
/* Edits a typing mistake in a name of this length may have: 1 under 6 letters, 2 under 12, else 3.
 */
unsigned pl_name_slack(struct pl_str name);

/* The nearest of several, fed one at a time; the first fed wins a tie. */
struct pl_name_best {
    const char *name; /* NULL until something near was fed */
    unsigned distance;
};
/* Feeds one candidate. Near: within the slack, or a completion of what was typed (3+ letters). */
void pl_name_consider(struct pl_name_best *best, struct pl_str typed, const char *candidate);

#endif
