#include "settings/pages.h"

#include "settings/quote.h"

const char *pl_reload_text(enum pl_reload reload)
{
    switch (reload) {
    case PL_RELOAD_YES:
        return "next calculation";
    case PL_RELOAD_WARM:
        return "once its windows are full again";
    case PL_RELOAD_RESTART:
        break;
    }
    return "restart";
}

static const char *default_text(const struct pl_setting *row)
{
    return row->def == NULL ? "required" : row->def[0] == '\0' ? "\"\"" : row->def;
}

/* "1e-09..1e+09 bps": legal values and unit. */
static void legal_text(const struct pl_setting *row, char *out, size_t size)
{
    int used = pl_settings_legal(row, out, size);
    if (row->unit[0] != '\0' && used >= 0 && (size_t)used < size) {
        (void)snprintf(out + used, size - (size_t)used, " %s", row->unit);
    }
}

static int result(FILE *out)
{
    return ferror(out) != 0 ? PL_ERR_IO : 0;
}

/* ---- --help --------------------------------------------------------------------------------- */

#define HELP_COLUMN_MAX 36

static size_t help_width(const struct pl_settings_table *table)
{
    size_t width = 0;
    for (size_t i = 0; i < table->count; i++) {
        size_t size = strlen(table->row[i].name) + 3 + strlen(default_text(&table->row[i]));
        width = size > width && size <= HELP_COLUMN_MAX ? size : width;
    }
    return width;
}

int pl_settings_write_help(FILE *out, const struct pl_settings_table *const *tables, size_t count)
{
    for (size_t t = 0; t < count; t++) {
        const struct pl_settings_table *table = tables[t];
        size_t width = help_width(table);
        (void)fprintf(out, "%s%s (--set %s.NAME=VALUE, or --set NAME=VALUE):\n", t > 0 ? "\n" : "",
                      table->section, table->section);
        for (size_t i = 0; i < table->count; i++) {
            const struct pl_setting *row = &table->row[i];
            char legal[PL_SETTING_LEGAL_MAX];
            legal_text(row, legal, sizeof legal);
            int used = fprintf(out, "  %s %s %s", row->name, row->def == NULL ? ":" : "=",
                               default_text(row)) -
                       2;
            int pad = used >= 0 && (size_t)used < width ? (int)width - used : 0;
            (void)fprintf(out, "%*s  %s [%s]\n", pad, "", row->help, legal);
        }
    }
    return result(out);
}

/* ---- the docs page -------------------------------------------------------------------------- */

/* A cell: '|' would end it. */
static void write_cell(FILE *out, const char *text)
{
    (void)fputc(' ', out);
    for (const char *c = text; *c != '\0'; c++) {
        (void)fputs(*c == '|' ? "\\" : "", out);
        (void)fputc(*c, out);
    }
    (void)fputs(" |", out);
}

int pl_settings_write_markdown(FILE *out, const struct pl_settings_table *const *tables,
                               size_t count)
{
    for (size_t t = 0; t < count; t++) {
        const struct pl_settings_table *table = tables[t];
        (void)fprintf(out,
                      "%s## `%s`\n\n| name | unit | default | legal | reload | meaning |\n"
                      "|---|---|---|---|---|---|\n",
                      t > 0 ? "\n" : "", table->section);
        for (size_t i = 0; i < table->count; i++) {
            const struct pl_setting *row = &table->row[i];
            char legal[PL_SETTING_LEGAL_MAX];
            (void)pl_settings_legal(row, legal, sizeof legal);
            (void)fprintf(out, "| `%s` |", row->name);
            write_cell(out, row->unit);
            write_cell(out, default_text(row));
            write_cell(out, legal);
            write_cell(out, pl_reload_text(row->reload));
            write_cell(out, row->help);
            (void)fputc('\n', out);
        }
    }
    return result(out);
}

/* ---- a file to start from ------------------------------------------------------------------- */

int pl_settings_write_example(FILE *out, const char *strategy,
                              const struct pl_settings_table *const *tables, size_t count)
{
    (void)fputs("# Settings. A line that begins with #name shows a default: take the # away to\n"
                "# change it. Later beats earlier: this file, .env, PLIMSOLL_<SECTION>_<NAME> in\n"
                "# the environment, --set section.name=value.\n",
                out);
    if (strategy != NULL) {
        (void)fputs("strategy: ", out);
        pl_settings_write_scalar(out, pl_str(strategy), false);
        (void)fputc('\n', out);
    }
    for (size_t t = 0; t < count; t++) {
        const struct pl_settings_table *table = tables[t];
        (void)fprintf(out, "\n%s:\n", table->section);
        for (size_t i = 0; i < table->count; i++) {
            const struct pl_setting *row = &table->row[i];
            char legal[PL_SETTING_LEGAL_MAX];
            legal_text(row, legal, sizeof legal);
            (void)fprintf(out, "  # %s [%s]\n", row->help, legal);
            if (row->def == NULL) {
                (void)fprintf(out, "  %s: # required\n", row->name);
                continue;
            }
            (void)fprintf(out, "  #%s: ", row->name);
            pl_settings_write_scalar(out, pl_str(row->def), row->type == PL_SET_TEXT);
            (void)fputc('\n', out);
        }
    }
    return result(out);
}
