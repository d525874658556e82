#include "settings/name.h"

char pl_name_fold(char byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return (char)(byte - 'A' + 'a');
    }
    return byte == '-' ? '_' : byte;
}

bool pl_name_starts(struct pl_str text, struct pl_str prefix)
{
    if (text.size < prefix.size) {
        return false;
    }
    for (size_t i = 0; i < prefix.size; i++) {
        if (pl_name_fold(text.at[i]) != pl_name_fold(prefix.at[i])) {
            return false;
        }
    }
    return true;
}

bool pl_name_eq(struct pl_str a, struct pl_str b)
{
    return a.size == b.size && pl_name_starts(a, b);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned pl_name_distance(struct pl_str a, struct pl_str b)
{
    if (a.size > PL_NAME_MAX || b.size > PL_NAME_MAX) {
        return PL_NAME_MAX + 1;
    }
    unsigned row[3][PL_NAME_MAX + 1]; /* the last three rows of the edit table */
    for (unsigned j = 0; j <= b.size; j++) {
        row[0][j] = j;
    }
    for (unsigned i = 1; i <= a.size; i++) {
        unsigned *now = row[i % 3];
        const unsigned *up = row[(i - 1) % 3];
        const unsigned *up2 = row[(i + 1) % 3];
        char x = pl_name_fold(a.at[i - 1]);
        now[0] = i;
        for (unsigned j = 1; j <= b.size; j++) {
            char y = pl_name_fold(b.at[j - 1]);
            now[j] = least(least(now[j - 1], up[j]) + 1, up[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == pl_name_fold(b.at[j - 2]) &&
                y == pl_name_fold(a.at[i - 2])) {
                now[j] = least(now[j], up2[j - 2] + 1);
            }
        }
    }
    return row[a.size % 3][b.size];
}

unsigned pl_name_slack(struct pl_str name)
{
    return name.size < 6 ? 1 : name.size < 12 ? 2 : 3;
}

void pl_name_consider(struct pl_name_best *best, struct pl_str typed, const char *candidate)
{
    struct pl_str known = pl_str(candidate);
    unsigned distance = pl_name_distance(typed, known);
    bool completes = typed.size >= 3 && pl_name_starts(known, typed);
    if (distance > pl_name_slack(typed) && !completes) {
        return;
    }
    if (best->name == NULL || distance < best->distance) {
        *best = (struct pl_name_best){candidate, distance};
    }
}
