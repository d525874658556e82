/* settings/list.h - settings as somebody wrote them, before they are matched with any table.
 *
 * The readers (yaml.h, env.h, and pl_settings_list_assign for --set) append to one list; resolve.h
 * matches it with the tables in use. Splitting the two lets the strategy be named by the same files
 * that hold its settings.
 *
 * Owner   whoever creates the list; entries and their text live as long as the list.
 * Memory  an arena that grows while reading. Errors: PL_ERR_NOMEM, PL_ERR_INVALID, PL_ERR_USAGE, with words. */
#ifndef PL_SETTINGS_LIST_H
#define PL_SETTINGS_LIST_H

#include "settings/settings.h"

/* Who says so; a later layer beats an earlier one, whatever the order of reading. */
enum pl_settings_layer {
    PL_LAYER_YAML,
    PL_LAYER_DOTENV,
    PL_LAYER_ENVIRONMENT,
    PL_LAYER_SET,
};

struct pl_settings_entry {
    enum pl_settings_layer layer;
    struct pl_str section; /* "" = not written */
    struct pl_str name;
    struct pl_str value;
    bool empty; /* nothing stood behind the name: a section without settings, or a mistake */
    const char *written; /* the whole name as written: "avellaneda.gamma", "BASE_SPREAD_BPS" */
    struct pl_setting_origin origin;
};

struct pl_settings_list;

PL_MUST_USE int pl_settings_list_create(struct pl_settings_list **out);
void pl_settings_list_destroy(struct pl_settings_list **list); /* accepts NULL; leaves *list NULL */
size_t pl_settings_list_count(const struct pl_settings_list *list);
const struct pl_settings_entry *pl_settings_list_at(const struct pl_settings_list *list, size_t i);

/* Appends a copy of the entry, its text included; `written` is made from section and name. */
PL_MUST_USE int pl_settings_list_add(struct pl_settings_list *list,
                                     const struct pl_settings_entry *entry, struct pl_error *err);
/* Text that lives as long as the list, for origins; NULL when out of memory. */
const char *pl_settings_list_keep(struct pl_settings_list *list, struct pl_str text);

/* One argument of --set: "key=value" or "section.key=value". Given twice, the later one counts. */
PL_MUST_USE int pl_settings_list_assign(struct pl_settings_list *list, const char *argument,
                                        struct pl_error *err);

/* What `strategy:`, PLIMSOLL_STRATEGY or --set strategy= chose; *out is "" when nobody did. Two
 * layers may differ (the later wins); two names in one layer may not. */
PL_MUST_USE int pl_settings_list_strategy(const struct pl_settings_list *list, struct pl_str *out,
                                          struct pl_setting_origin *origin, struct pl_error *err);
/* The entry names the strategy rather than a setting. */
bool pl_settings_entry_is_strategy(const struct pl_settings_entry *entry);

#endif
