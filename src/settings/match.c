#include "settings/match.h"

#include "base/utf8.h"
#include "settings/name.h"

#include <ctype.h>
#include <stdio.h>

void pl_settings_where(const struct pl_settings_entry *entry, char *out, size_t size)
{
    if (entry->origin.line > 0) {
        (void)snprintf(out, size, "%s:%d", entry->origin.what, entry->origin.line);
    } else {
        (void)snprintf(out, size, "%s", entry->origin.what);
    }
}

static size_t row_of(const struct pl_settings_table *table, struct pl_str name)
{
    const struct pl_setting *row = pl_settings_find(table, name);
    return row != NULL ? (size_t)(row - table->row) : table->count;
}

/* ---- YAML and --set ------------------------------------------------------------------------- */

struct lookup {
    const struct pl_settings_entry *entry;
    const struct pl_settings_target *target;
    size_t count;
    char where[200];
    char written[PL_UTF8_SHOWN_MAX];
};

static int refuse_section(const struct lookup *look, struct pl_error *err)
{
    char section[PL_UTF8_SHOWN_MAX];
    struct pl_name_best best = {0};
    for (size_t t = 0; t < look->count; t++) {
        pl_name_consider(&best, look->entry->section, look->target[t].table->section);
    }
    return pl_error_set(err, PL_ERR_INVALID, "%s: %s: there is no section %s%s%s%s", look->where,
                        look->written, pl_utf8_show(look->entry->section, section),
                        best.name != NULL ? "; did you mean " : "",
                        best.name != NULL ? best.name : "", best.name != NULL ? "?" : "");
}

/* "; NAME knows a, b, c": what one may write, as far as it fits. */
static void known_names(const struct pl_settings_table *table, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "; %s has", table->section);
    for (size_t i = 0; i < table->count && used < size; i++) {
        const char *name = table->row[i].name;
        size_t need = strlen(name) + 2;
        if (used + need + 6 > size) {
            (void)snprintf(out + used, size - used, ", ...");
            return;
        }
        used += (size_t)snprintf(out + used, size - used, "%s %s", i > 0 ? "," : "", name);
    }
}

static int refuse_in_section(const struct lookup *look, size_t t, struct pl_error *err)
{
    const struct pl_settings_table *table = look->target[t].table;
    const char *near = pl_settings_suggest(&table, 1, look->entry->name);
    char known[220] = "";
    if (near == NULL) {
        known_names(table, known, sizeof known);
    }
    return pl_error_set(err, PL_ERR_INVALID, "%s: %s: no such setting%s%s%s%s", look->where,
                        look->written, near != NULL ? "; did you mean " : "",
                        near != NULL ? near : "", near != NULL ? "?" : "", known);
}

static int refuse_bare(const struct lookup *look, struct pl_error *err)
{
    struct pl_name_best best = {0};
    for (size_t t = 0; t < look->count; t++) {
        const struct pl_settings_table *table = look->target[t].table;
        if (look->target[t].values == NULL) {
            if (pl_settings_find(table, look->entry->name) != NULL) {
                return pl_error_set(err, PL_ERR_INVALID,
                                    "%s: %s belongs to %s, which is not in use here", look->where,
                                    look->written, table->section);
            }
            continue;
        }
        for (size_t i = 0; i < table->count; i++) {
            pl_name_consider(&best, look->entry->name, table->row[i].name);
        }
    }
    for (size_t t = 0; t < look->count; t++) {
        pl_name_consider(&best, look->entry->name, look->target[t].table->section);
    }
    return pl_error_set(err, PL_ERR_INVALID, "%s: %s: no such setting%s%s%s", look->where,
                        look->written, best.name != NULL ? "; did you mean " : "",
                        best.name != NULL ? best.name : "", best.name != NULL ? "?" : "");
}

static int match_section(const struct lookup *look, struct pl_settings_match *match,
                         struct pl_error *err)
{
    for (size_t t = 0; t < look->count; t++) {
        const struct pl_settings_table *table = look->target[t].table;
        if (pl_name_eq(look->entry->section, pl_str(table->section))) {
            *match = (struct pl_settings_match){t, row_of(table, look->entry->name)};
            return match->row < table->count ? 0 : refuse_in_section(look, t, err);
        }
    }
    return refuse_section(look, err);
}

/* A name alone: the one section in use that has it. */
static int match_bare(const struct lookup *look, struct pl_settings_match *match,
                      struct pl_error *err)
{
    match->target = look->count;
    for (size_t t = 0; t < look->count; t++) {
        const struct pl_settings_table *table = look->target[t].table;
        size_t row = row_of(table, look->entry->name);
        if (row == table->count || look->target[t].values == NULL) {
            continue;
        }
        if (match->target < look->count) {
            const char *name = table->row[row].name;
            return pl_error_set(
                err, PL_ERR_INVALID, "%s: %s may mean %s.%s or %s.%s: write the section too",
                look->where, look->written, look->target[match->target].table->section, name,
                table->section, name);
        }
        *match = (struct pl_settings_match){t, row};
    }
    return match->target < look->count ? 0 : refuse_bare(look, err);
}

/* ---- .env and the environment --------------------------------------------------------------- */

static const char prefix[] = "plimsoll_";

static struct pl_str without_prefix(struct pl_str name)
{
    if (pl_name_starts(name, pl_str(prefix))) {
        name.at += sizeof prefix - 1;
        name.size -= sizeof prefix - 1;
    }
    return name;
}

/* What follows SECTION_, or an empty text. */
static struct pl_str behind_section(struct pl_str name, const struct pl_settings_table *table)
{
    size_t size = strlen(table->section);
    if (name.size > size + 1 && pl_name_fold(name.at[size]) == '_' &&
        pl_name_starts(name, pl_str(table->section))) {
        return (struct pl_str){name.at + size + 1, name.size - size - 1};
    }
    return (struct pl_str){"", 0};
}

/* An environment name, spelled out: [PLIMSOLL_][SECTION_]NAME in upper case. */
static void spell(char *out, size_t size, bool with_prefix, const char *section, const char *name)
{
    (void)snprintf(out, size, "%s%s%s%s", with_prefix ? prefix : "", section,
                   section[0] != '\0' ? "_" : "", name);
    for (char *c = out; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
}

/* Letters one may have wrong before a stranger's name counts as ours: fewer than for a name that
 * must be ours, because .env files are shared. */
static unsigned stranger_slack(struct pl_str name)
{
    return name.size < 4 ? 0 : name.size < 10 ? 1 : 2;
}

static void consider(const struct lookup *look, char *best, size_t size, unsigned *distance,
                     const char *candidate)
{
    unsigned d = pl_name_distance(look->entry->name, pl_str(candidate));
    if (d <= stranger_slack(look->entry->name) && d < *distance) {
        *distance = d;
        (void)snprintf(best, size, "%s", candidate);
    }
}

static void warn_near(const struct lookup *look, struct pl_error *warning)
{
    char best[3 * PL_NAME_MAX] = "", name[3 * PL_NAME_MAX];
    unsigned distance = PL_NAME_MAX + 1;
    bool prefixed = pl_name_starts(look->entry->name, pl_str(prefix));
    struct pl_str rest = without_prefix(look->entry->name);
    const char *ours = NULL; /* a section this name begins with */
    for (size_t t = 0; t < look->count; t++) {
        const struct pl_settings_table *table = look->target[t].table;
        bool begins = prefixed && behind_section(rest, table).size > 0;
        ours = begins ? table->section : ours;
        for (size_t i = 0; i < table->count && look->target[t].values != NULL; i++) {
            spell(name, sizeof name, prefixed, table->section, table->row[i].name);
            consider(look, best, sizeof best, &distance, name);
            if (look->entry->layer == PL_LAYER_DOTENV) {
                spell(name, sizeof name, prefixed, "", table->row[i].name);
                consider(look, best, sizeof best, &distance, name);
            } else if (pl_name_eq(rest, pl_str(table->row[i].name))) {
                (void)snprintf(best, sizeof best, "%s", name); /* the section was forgotten */
                distance = 0;
            }
        }
    }
    if (best[0] != '\0') {
        (void)pl_error_set(warning, PL_ERR_INVALID, "%s: %s is ignored: did you mean %s?",
                           look->where, look->written, best);
    } else if (ours != NULL) {
        (void)pl_error_set(warning, PL_ERR_INVALID, "%s: %s is ignored: %s has no such setting",
                           look->where, look->written, ours);
    }
}

static int match_environment(const struct lookup *look, struct pl_settings_match *match,
                             struct pl_error *warning, struct pl_error *err)
{
    bool bare_allowed = look->entry->layer == PL_LAYER_DOTENV;
    struct pl_str name = without_prefix(look->entry->name);
    *match = (struct pl_settings_match){look->count, 0};
    for (size_t t = 0; t < look->count; t++) {
        const struct pl_settings_table *table = look->target[t].table;
        size_t full = row_of(table, behind_section(name, table));
        size_t bare =
            bare_allowed && look->target[t].values != NULL ? row_of(table, name) : table->count;
        size_t row = full < table->count ? full : bare;
        if (row == table->count) {
            continue;
        }
        if (match->target < look->count) {
            const struct pl_settings_table *other = look->target[match->target].table;
            return pl_error_set(err, PL_ERR_INVALID,
                                "%s: %s may mean %s.%s or %s.%s: write "
                                "PLIMSOLL_<SECTION>_<NAME>, or set it in YAML",
                                look->where, look->written, other->section,
                                other->row[match->row].name, table->section, table->row[row].name);
        }
        *match = (struct pl_settings_match){t, row};
    }
    if (match->target == look->count) {
        warn_near(look, warning);
    }
    return 0;
}

int pl_settings_match(const struct pl_settings_entry *entry,
                      const struct pl_settings_target *target, size_t count,
                      struct pl_settings_match *match, struct pl_error *warning,
                      struct pl_error *err)
{
    struct lookup look = {.entry = entry, .target = target, .count = count};
    if (entry->layer == PL_LAYER_ENVIRONMENT) { /* its origin is the name, which follows anyway */
        (void)snprintf(look.where, sizeof look.where, "environment");
    } else {
        pl_settings_where(entry, look.where, sizeof look.where);
    }
    (void)pl_utf8_show(pl_str(entry->written), look.written);
    warning->text[0] = '\0';
    if (entry->layer == PL_LAYER_DOTENV || entry->layer == PL_LAYER_ENVIRONMENT) {
        return match_environment(&look, match, warning, err);
    }
    return entry->section.size > 0 ? match_section(&look, match, err)
                                   : match_bare(&look, match, err);
}
