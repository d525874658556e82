/* settings/settings.h - each setting is declared once, in a table beside its use.
 *
 * The table feeds the YAML parser, .env and environment, --set, --help, the docs page, the JSON
 * Schema, range checks and the search space of tuning. A setting lives at `offset` in a plain
 * struct that the owner declares; parsing fills such a struct and never anything else.
 *
 * Names and enum words compare without regard to case and read '-' as '_'.
 * Owner: tables are constants; a struct of values belongs to whoever declared it. No memory taken.
 * Errors: PL_ERR_INVALID with words for whatever is wrong with a setting, in this whole room. */
#ifndef PL_SETTINGS_SETTINGS_H
#define PL_SETTINGS_SETTINGS_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum pl_setting_type {
    PL_SET_BOOL,     /* bool */
    PL_SET_I64,      /* int64_t */
    PL_SET_F64,      /* double */
    PL_SET_DISTANCE, /* struct pl_distance: "0.05" price units, "5bps" of mid, "3ticks" */
    PL_SET_ENUM,     /* int32_t: index into choices[] */
    PL_SET_TEXT,     /* char[PL_SETTING_TEXT_MAX] */
};

#define PL_SETTING_TEXT_MAX  128 /* bytes of a TEXT value, terminator included */
#define PL_SETTING_LEGAL_MAX 400 /* enough for pl_settings_legal of any setting */
#define PL_SETTINGS_ROWS_MAX 128 /* rows of one table */

enum pl_distance_unit { PL_DIST_PRICE = 0, PL_DIST_BPS = 1, PL_DIST_TICKS = 2 };

struct pl_distance {
    double value;
    enum pl_distance_unit unit;
};

/* When a changed value takes effect on reload. */
enum pl_reload { PL_RELOAD_YES, PL_RELOAD_WARM, PL_RELOAD_RESTART };

struct pl_setting {
    const char *name; /* lower case, '_' between words, unit last */
    enum pl_setting_type type;
    const char *unit; /* "bps", "ms", "size"; "" for a pure number */
    const char *def;  /* default as text; NULL = required */
    double min, max;  /* legal range, inclusive; both 0 = any finite value. Of a distance: its
                         number, whatever the unit. Of a text: its length in bytes. */
    double search_min, search_max; /* where tuning looks; both 0 = the legal range */
    bool search_log;               /* tune on a log scale */
    const char *const *choices;    /* ENUM: NULL-terminated */
    enum pl_reload reload;
    const char *help; /* one sentence */
    size_t offset;    /* into the owner's struct */
};

struct pl_settings_table {
    const char *section; /* "avellaneda", "common", "backtest" */
    const struct pl_setting *row;
    size_t count;
    size_t struct_size;
    /* Rules over several settings; NULL = none. */
    int (*check)(const void *values, struct pl_error *err);
};

/* Where a value came from, for messages: "parameters.yaml:9", "--set", "environment". */
struct pl_setting_origin {
    const char *what;
    int line; /* 0 = none */
};

const struct pl_setting *pl_settings_find(const struct pl_settings_table *table,
                                          struct pl_str name);
/* All defaults; required settings and all bytes between the fields become 0. Settings that were
 * required and not given are found by pl_settings_resolve (settings/resolve.h). */
PL_MUST_USE int pl_settings_defaults(const struct pl_settings_table *table, void *values,
                                     struct pl_error *err);
/* Parses one value into its field; errors name origin, setting, value, legal range and unit, and
 * leave the field alone. Blanks around a value are dropped, except in a TEXT. */
PL_MUST_USE int pl_settings_parse(const struct pl_setting *setting, struct pl_str text,
                                  struct pl_setting_origin origin, void *values,
                                  struct pl_error *err);
/* The value as text that pl_settings_parse reads back to the same bits. Returns its length; a
 * buffer of PL_SETTING_TEXT_MAX always has room (what does not fit is cut, as by snprintf). */
int pl_settings_print(const struct pl_setting *setting, const void *values, char *out, size_t size);
/* The legal values in words: "1e-09..1e+09", "at most 5", "power2, log or risk". Returns as print.
 */
int pl_settings_legal(const struct pl_setting *setting, char *out, size_t size);
/* The same value, field by field: bytes between fields do not count. */
bool pl_settings_equal(const struct pl_setting *setting, const void *a, const void *b);
/* The nearest known name, or NULL when nothing is near. */
const char *pl_settings_suggest(const struct pl_settings_table *const *tables, size_t count,
                                struct pl_str name);
/* Digest over names and values: the maker key of a parameter set. An enum counts by its word, so
 * a new choice in the list leaves the digests of old sets alone. */
uint64_t pl_settings_digest(const struct pl_settings_table *table, const void *values);
/* Whether a table keeps its own rules: names lower case and unique, defaults legal, ranges the
 * right way round, fields inside the struct. For the test of whoever declares one. */
PL_MUST_USE int pl_settings_table_check(const struct pl_settings_table *table,
                                        struct pl_error *err);

#endif
