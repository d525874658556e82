#include "settings/resolve.h"

#include "base/assert.h"
#include "base/utf8.h"
#include "settings/match.h"
#include "settings/name.h"

#include <stdio.h>
#include <stdlib.h>

#define STRUCT_ALIGNMENT 64

/* Scratch structs stand beside the caller's until everything was legal. */
struct work {
    struct pl_settings_target *target;
    size_t count;
    char **scratch;  /* one struct per target */
    char *candidate; /* room for the largest struct: one value, before it is believed */
    const struct pl_settings_entry *(*from)[PL_SETTINGS_ROWS_MAX];
};

static size_t aligned(size_t size)
{
    return (size + STRUCT_ALIGNMENT) / STRUCT_ALIGNMENT * STRUCT_ALIGNMENT;
}

static void work_free(struct work *w)
{
    for (size_t t = 0; w->scratch != NULL && t < w->count; t++) {
        free(w->scratch[t]);
    }
    free(w->scratch);
    free(w->candidate);
    free(w->from);
}

static int work_init(struct work *w, struct pl_error *err)
{
    size_t largest = 0;
    w->scratch = calloc(w->count + 1, sizeof *w->scratch);
    w->from = calloc(w->count + 1, sizeof *w->from);
    bool ok = w->scratch != NULL && w->from != NULL;
    for (size_t t = 0; ok && t < w->count; t++) {
        const struct pl_settings_table *table = w->target[t].table;
        PL_ASSERT(table->count <= PL_SETTINGS_ROWS_MAX);
        largest = table->struct_size > largest ? table->struct_size : largest;
        w->scratch[t] = aligned_alloc(STRUCT_ALIGNMENT, aligned(table->struct_size));
        ok = w->scratch[t] != NULL;
        int rc = ok ? pl_settings_defaults(table, w->scratch[t], err) : 0;
        if (rc < 0) {
            return rc;
        }
    }
    w->candidate = ok ? aligned_alloc(STRUCT_ALIGNMENT, aligned(largest)) : NULL;
    if (w->candidate == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory while reading settings");
    }
    return 0;
}

/* Two entries of one layer set one row. Told apart by name they must agree; --set may repeat. */
static int check_agree(const struct pl_settings_entry *old, const struct pl_settings_entry *entry,
                       bool equal, struct pl_error *err)
{
    bool same_name = pl_name_eq(pl_str(old->written), pl_str(entry->written));
    if (equal || (same_name && entry->layer == PL_LAYER_SET)) {
        return 0;
    }
    char where[200], name[PL_UTF8_SHOWN_MAX], value[PL_UTF8_SHOWN_MAX];
    char old_where[200], old_name[PL_UTF8_SHOWN_MAX], old_value[PL_UTF8_SHOWN_MAX];
    pl_settings_where(entry, where, sizeof where);
    pl_settings_where(old, old_where, sizeof old_where);
    return pl_error_set(
        err, PL_ERR_INVALID, "%s: %s is %s, but %s: %s is %s: they are one setting, keep one",
        where, pl_utf8_show(pl_str(entry->written), name), pl_utf8_show(entry->value, value),
        old_where, pl_utf8_show(pl_str(old->written), old_name),
        pl_utf8_show(old->value, old_value));
}

static int apply(struct work *w, const struct pl_settings_entry *entry,
                 struct pl_settings_match match, struct pl_error *err)
{
    const struct pl_settings_table *table = w->target[match.target].table;
    const struct pl_setting *row = &table->row[match.row];
    const struct pl_settings_entry **from = &w->from[match.target][match.row];
    char *values = w->scratch[match.target];
    PL_ASSERT(w->candidate != NULL && values != NULL); /* taken by work_init */
    memcpy(w->candidate, values, table->struct_size);
    int rc = pl_settings_parse(row, entry->value, entry->origin, w->candidate, err);
    if (rc == 0 && *from != NULL && (*from)->layer == entry->layer) {
        rc = check_agree(*from, entry, pl_settings_equal(row, values, w->candidate), err);
    }
    if (rc < 0 || (*from != NULL && (*from)->layer > entry->layer)) {
        return rc; /* a beaten layer is still read, so that its mistakes are heard */
    }
    memcpy(values, w->candidate, table->struct_size);
    *from = entry;
    return 0;
}

static bool is_section(const struct work *w, const struct pl_settings_entry *entry)
{
    bool found = false;
    for (size_t t = 0; entry->section.size == 0 && t < w->count; t++) {
        found = found || pl_name_eq(entry->name, pl_str(w->target[t].table->section));
    }
    return found;
}

static int refuse_empty(const struct pl_settings_entry *entry, struct pl_error *err)
{
    char where[200], name[PL_UTF8_SHOWN_MAX];
    pl_settings_where(entry, where, sizeof where);
    return pl_error_set(err, PL_ERR_INVALID, "%s: %s has no value (empty text is written \"\")",
                        where, pl_utf8_show(pl_str(entry->written), name));
}

static int apply_all(struct work *w, const struct pl_settings_list *list,
                     const struct pl_settings_listener *listener, struct pl_error *err)
{
    for (size_t i = 0; i < pl_settings_list_count(list); i++) {
        const struct pl_settings_entry *entry = pl_settings_list_at(list, i);
        struct pl_settings_match match;
        struct pl_error warning = {0};
        if (entry->empty && is_section(w, entry)) {
            continue; /* `common:` with every line below it commented out */
        }
        if (entry->empty) {
            return refuse_empty(entry, err);
        }
        if (pl_settings_entry_is_strategy(entry)) {
            continue;
        }
        int rc = pl_settings_match(entry, w->target, w->count, &match, &warning, err);
        if (rc == 0 && match.target < w->count) {
            rc = apply(w, entry, match, err);
        }
        if (rc < 0) {
            return rc;
        }
        if (warning.text[0] != '\0' && listener != NULL) {
            listener->on_warning(warning.text, listener->user);
        }
    }
    return 0;
}

static int check_target(const struct work *w, size_t t, struct pl_error *err)
{
    const struct pl_settings_table *table = w->target[t].table;
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->row[i].name;
        if (table->row[i].def == NULL && w->from[t][i] == NULL) {
            return pl_error_set(err, PL_ERR_INVALID,
                                "%s.%s is required and not given: write it in the settings file "
                                "under `%s:`, or --set %s.%s=VALUE",
                                table->section, name, table->section, table->section, name);
        }
    }
    int rc = table->check != NULL ? table->check(w->scratch[t], err) : 0;
    if (rc < 0 && err != NULL) {
        (void)pl_error_prefix(err, "%s", table->section);
    }
    return rc;
}

int pl_settings_resolve(const struct pl_settings_list *list, struct pl_settings_target *target,
                        size_t count, const struct pl_settings_listener *listener,
                        struct pl_error *err)
{
    struct work w = {.target = target, .count = count};
    int rc = work_init(&w, err);
    if (rc == 0) {
        rc = apply_all(&w, list, listener, err);
    }
    for (size_t t = 0; rc == 0 && t < count; t++) {
        rc = target[t].values != NULL ? check_target(&w, t, err) : 0;
    }
    for (size_t t = 0; rc == 0 && t < count; t++) {
        PL_ASSERT(w.from != NULL); /* work_init succeeded */
        memcpy(target[t].from, w.from[t], sizeof target[t].from);
        if (target[t].values != NULL) {
            PL_ASSERT(w.scratch[t] != NULL); /* work_init succeeded */
            memcpy(target[t].values, w.scratch[t], target[t].table->struct_size);
        }
    }
    work_free(&w);
    return rc;
}
