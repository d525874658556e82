#include "settings/list.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "settings/name.h"

#include <stdio.h>
#include <stdlib.h>

struct pl_settings_list {
    struct pl_arena *arena;
    struct pl_settings_entry *entry;
    size_t count, room;
};

int pl_settings_list_create(struct pl_settings_list **out)
{
    *out = NULL;
    struct pl_settings_list *list = calloc(1, sizeof *list);
    if (list == NULL) {
        return PL_ERR_NOMEM;
    }
    int rc = pl_arena_create(&list->arena);
    if (rc < 0) {
        free(list);
        return rc;
    }
    *out = list;
    return 0;
}

void pl_settings_list_destroy(struct pl_settings_list **list)
{
    if (list == NULL || *list == NULL) {
        return;
    }
    pl_arena_destroy(&(*list)->arena);
    free((*list)->entry);
    free(*list);
    *list = NULL;
}

size_t pl_settings_list_count(const struct pl_settings_list *list)
{
    return list->count;
}

const struct pl_settings_entry *pl_settings_list_at(const struct pl_settings_list *list, size_t i)
{
    return &list->entry[i];
}

const char *pl_settings_list_keep(struct pl_settings_list *list, struct pl_str text)
{
    char *copy = pl_arena_take(list->arena, text.size + 1, 1); /* zeroed: already terminated */
    if (copy != NULL && text.size > 0) {
        memcpy(copy, text.at, text.size);
    }
    return copy;
}

static bool keep(struct pl_settings_list *list, struct pl_str *text)
{
    text->at = pl_settings_list_keep(list, *text);
    return text->at != NULL;
}

static const char *keep_written(struct pl_settings_list *list,
                                const struct pl_settings_entry *entry)
{
    if (entry->section.size == 0) {
        return entry->name.at; /* kept and terminated already */
    }
    size_t size = entry->section.size + 1 + entry->name.size + 1;
    char *written = pl_arena_take(list->arena, size, 1);
    if (written != NULL) {
        (void)snprintf(written, size, "%s.%s", entry->section.at, entry->name.at);
    }
    return written;
}

static bool grow(struct pl_settings_list *list)
{
    if (list->count < list->room) {
        return true;
    }
    size_t room = list->room == 0 ? 64 : 2 * list->room;
    struct pl_settings_entry *more = realloc(list->entry, room * sizeof *more);
    if (more == NULL) {
        return false;
    }
    list->entry = more;
    list->room = room;
    return true;
}

int pl_settings_list_add(struct pl_settings_list *list, const struct pl_settings_entry *entry,
                         struct pl_error *err)
{
    struct pl_settings_entry copy = *entry;
    bool kept = grow(list) && keep(list, &copy.section) && keep(list, &copy.name) &&
                keep(list, &copy.value);
    copy.written = kept ? keep_written(list, &copy) : NULL;
    if (copy.written == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", entry->origin.what);
    }
    list->entry[list->count++] = copy;
    return 0;
}

static int refuse_assign(const char *argument, struct pl_error *err)
{
    char shown[PL_UTF8_SHOWN_MAX];
    return pl_error_set(err, PL_ERR_USAGE, "--set %s: write key=value or section.key=value",
                        pl_utf8_show(pl_str(argument), shown));
}

int pl_settings_list_assign(struct pl_settings_list *list, const char *argument,
                            struct pl_error *err)
{
    const char *equals = strchr(argument, '=');
    if (equals == NULL || equals == argument) {
        return refuse_assign(argument, err);
    }
    struct pl_settings_entry entry = {
        .layer = PL_LAYER_SET,
        .section = {argument, 0},
        .name = {argument, (size_t)(equals - argument)},
        .value = pl_str(equals + 1),
        .origin = {"--set", 0},
    };
    const char *dot = memchr(argument, '.', entry.name.size);
    if (dot != NULL) {
        entry.section.size = (size_t)(dot - argument);
        entry.name = (struct pl_str){dot + 1, (size_t)(equals - dot - 1)};
        if (entry.section.size == 0 || entry.name.size == 0) {
            return refuse_assign(argument, err);
        }
    }
    return pl_settings_list_add(list, &entry, err);
}

bool pl_settings_entry_is_strategy(const struct pl_settings_entry *entry)
{
    bool in_environment = entry->layer == PL_LAYER_ENVIRONMENT || entry->layer == PL_LAYER_DOTENV;
    bool bare = entry->layer != PL_LAYER_ENVIRONMENT && pl_name_eq(entry->name, pl_str("strategy"));
    return entry->section.size == 0 &&
           (bare || (in_environment && pl_name_eq(entry->name, pl_str("plimsoll_strategy"))));
}

int pl_settings_list_strategy(const struct pl_settings_list *list, struct pl_str *out,
                              struct pl_setting_origin *origin, struct pl_error *err)
{
    const struct pl_settings_entry *best = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct pl_settings_entry *entry = &list->entry[i];
        if (!pl_settings_entry_is_strategy(entry) || (best != NULL && best->layer > entry->layer)) {
            continue;
        }
        if (entry->empty) {
            return pl_error_set(err, PL_ERR_INVALID, "%s:%d: %s has no value", entry->origin.what,
                                entry->origin.line, entry->written);
        }
        if (!pl_utf8_plain(entry->value)) {
            return pl_error_set(err, PL_ERR_INVALID, "%s:%d: %s is no name of a strategy",
                                entry->origin.what, entry->origin.line, entry->written);
        }
        if (best != NULL && best->layer == entry->layer && entry->layer != PL_LAYER_SET &&
            !pl_name_eq(best->value, entry->value)) {
            char value[PL_UTF8_SHOWN_MAX], old[PL_UTF8_SHOWN_MAX];
            return pl_error_set(err, PL_ERR_INVALID,
                                "%s:%d: %s is %s, but %s on line %d is %s: keep one",
                                entry->origin.what, entry->origin.line, entry->written,
                                pl_utf8_show(entry->value, value), best->written, best->origin.line,
                                pl_utf8_show(best->value, old));
        }
        best = entry;
    }
    *out = best != NULL ? best->value : (struct pl_str){"", 0};
    *origin = best != NULL ? best->origin : (struct pl_setting_origin){"default", 0};
    return 0;
}
