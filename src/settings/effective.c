#include "settings/effective.h"

#include "base/utf8.h"
#include "settings/name.h"
#include "settings/quote.h"

/* "# default", "# --set", "# parameters.yaml:9". */
static void write_origin(FILE *out, const struct pl_settings_entry *from)
{
    char shown[PL_UTF8_SHOWN_MAX];
    if (from == NULL) {
        (void)fputs(" # default", out);
        return;
    }
    (void)fprintf(out, " # %s", pl_utf8_show(pl_str(from->origin.what), shown));
    if (from->origin.line > 0) {
        (void)fprintf(out, ":%d", from->origin.line);
    }
}

int pl_settings_write_yaml(FILE *out, const char *strategy, const struct pl_settings_target *target,
                           size_t count, bool origins)
{
    if (strategy != NULL) {
        (void)fputs("strategy: ", out);
        pl_settings_write_scalar(out, pl_str(strategy), false);
        (void)fputc('\n', out);
    }
    for (size_t t = 0; t < count; t++) {
        const struct pl_settings_table *table = target[t].table;
        if (target[t].values == NULL) {
            continue;
        }
        (void)fprintf(out, "%s:\n", table->section);
        for (size_t i = 0; i < table->count; i++) {
            char value[PL_SETTING_TEXT_MAX];
            (void)pl_settings_print(&table->row[i], target[t].values, value, sizeof value);
            (void)fprintf(out, "  %s: ", table->row[i].name);
            pl_settings_write_scalar(out, pl_str(value), table->row[i].type == PL_SET_TEXT);
            if (origins) {
                write_origin(out, target[t].from[i]);
            }
            (void)fputc('\n', out);
        }
    }
    return ferror(out) != 0 ? PL_ERR_IO : 0;
}

size_t pl_settings_diff(const struct pl_settings_table *table, const void *before,
                        const void *after,
                        void (*on_change)(const struct pl_settings_change *change, void *user),
                        void *user, enum pl_reload *reload)
{
    size_t count = 0;
    *reload = PL_RELOAD_YES;
    for (size_t i = 0; i < table->count; i++) {
        const struct pl_setting *row = &table->row[i];
        struct pl_settings_change change = {.table = table, .setting = row};
        if (pl_settings_equal(row, before, after)) {
            continue;
        }
        count++;
        *reload = row->reload > *reload ? row->reload : *reload;
        (void)pl_settings_print(row, before, change.before, sizeof change.before);
        (void)pl_settings_print(row, after, change.after, sizeof change.after);
        if (on_change != NULL) {
            on_change(&change, user);
        }
    }
    return count;
}
