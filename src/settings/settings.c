/* settings/settings.c - what holds of a whole table: look-up, defaults, digest, its own rules. */
#include "settings/settings.h"

#include "base/assert.h"
#include "base/hash.h"
#include "settings/name.h"

#include <stdio.h>

const struct pl_setting *pl_settings_find(const struct pl_settings_table *table, struct pl_str name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (pl_name_eq(name, pl_str(table->row[i].name))) {
            return &table->row[i];
        }
    }
    return NULL;
}

int pl_settings_defaults(const struct pl_settings_table *table, void *values, struct pl_error *err)
{
    const struct pl_setting_origin origin = {"default", 0};
    memset(values, 0, table->struct_size);
    for (size_t i = 0; i < table->count; i++) {
        const struct pl_setting *row = &table->row[i];
        int rc =
            row->def == NULL ? 0 : pl_settings_parse(row, pl_str(row->def), origin, values, err);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

const char *pl_settings_suggest(const struct pl_settings_table *const *tables, size_t count,
                                struct pl_str name)
{
    struct pl_name_best best = {0};
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            pl_name_consider(&best, name, tables[t]->row[i].name);
        }
    }
    return best.name;
}

/* ---- values as bits ------------------------------------------------------------------------- */

static uint64_t bits_of(double value)
{
    uint64_t bits;
    value = value == 0 ? 0.0 : value; /* minus zero is zero */
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static struct pl_str text_of(const char *at)
{
    return (struct pl_str){at, strnlen(at, PL_SETTING_TEXT_MAX)};
}

bool pl_settings_equal(const struct pl_setting *setting, const void *a, const void *b)
{
    const void *x = (const char *)a + setting->offset;
    const void *y = (const char *)b + setting->offset;
    const struct pl_distance *dx = x, *dy = y;
    switch (setting->type) {
    case PL_SET_BOOL:
        return *(const bool *)x == *(const bool *)y;
    case PL_SET_I64:
        return *(const int64_t *)x == *(const int64_t *)y;
    case PL_SET_F64:
        return bits_of(*(const double *)x) == bits_of(*(const double *)y);
    case PL_SET_DISTANCE:
        return bits_of(dx->value) == bits_of(dy->value) && dx->unit == dy->unit;
    case PL_SET_ENUM:
        return *(const int32_t *)x == *(const int32_t *)y;
    case PL_SET_TEXT:
        return pl_str_eq(text_of(x), text_of(y));
    }
    pl_assert_fail("a setting type that does not compare", __FILE__, __LINE__);
}

static uint64_t digest_value(uint64_t digest, const struct pl_setting *setting, const void *values)
{
    const void *at = (const char *)values + setting->offset;
    const struct pl_distance *distance = at;
    struct pl_str text = {NULL, 0};
    switch (setting->type) {
    case PL_SET_BOOL:
        return pl_digest_u64(digest, *(const bool *)at ? 1 : 0);
    case PL_SET_I64:
        return pl_digest_u64(digest, (uint64_t) * (const int64_t *)at);
    case PL_SET_F64:
        return pl_digest_u64(digest, bits_of(*(const double *)at));
    case PL_SET_DISTANCE:
        return pl_digest_u64(pl_digest_u64(digest, bits_of(distance->value)), distance->unit);
    case PL_SET_ENUM:
        text = pl_str(setting->choices[*(const int32_t *)at]);
        break;
    case PL_SET_TEXT:
        text = text_of(at);
        break;
    }
    return pl_digest_bytes(digest, text.at, text.size);
}

uint64_t pl_settings_digest(const struct pl_settings_table *table, const void *values)
{
    uint64_t digest = pl_digest_bytes(0, table->section, strlen(table->section));
    for (size_t i = 0; i < table->count; i++) {
        const struct pl_setting *row = &table->row[i];
        digest = pl_digest_bytes(digest, row->name, strlen(row->name));
        digest = digest_value(digest, row, values);
    }
    return digest;
}

/* ---- a table's own rules -------------------------------------------------------------------- */

static size_t field_size(enum pl_setting_type type)
{
    static const size_t size[] = {
        [PL_SET_BOOL] = sizeof(bool),    [PL_SET_I64] = sizeof(int64_t),
        [PL_SET_F64] = sizeof(double),   [PL_SET_DISTANCE] = sizeof(struct pl_distance),
        [PL_SET_ENUM] = sizeof(int32_t), [PL_SET_TEXT] = PL_SETTING_TEXT_MAX,
    };
    return size[type];
}

static bool name_is_plain(const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_')) {
            return false;
        }
    }
    return name[0] >= 'a' && name[0] <= 'z' && strlen(name) <= PL_NAME_MAX;
}

static const char *row_problem(const struct pl_settings_table *table, size_t i)
{
    const struct pl_setting *row = &table->row[i];
    bool legal_set = row->min != 0 || row->max != 0;
    bool search_set = row->search_min != 0 || row->search_max != 0;
    if (!name_is_plain(row->name)) {
        return "a name is lower case letters, digits and '_', and starts with a letter";
    }
    if (pl_settings_find(table, pl_str(row->name)) != row) {
        return "this name is declared twice";
    }
    if (row->unit == NULL || row->help == NULL || row->help[0] == '\0') {
        return "unit and help must be there";
    }
    if (row->type == PL_SET_ENUM && (row->choices == NULL || row->choices[0] == NULL)) {
        return "an enum needs choices";
    }
    if (row->min > row->max || row->search_min > row->search_max) {
        return "a range is the wrong way round";
    }
    if (legal_set && search_set && (row->search_min < row->min || row->search_max > row->max)) {
        return "the search range leaves the legal range";
    }
    if (row->search_log && (search_set ? row->search_min : row->min) <= 0) {
        return "a log scale needs a range above 0";
    }
    if (row->offset + field_size(row->type) > table->struct_size) {
        return "the field lies outside the struct";
    }
    return NULL;
}

int pl_settings_table_check(const struct pl_settings_table *table, struct pl_error *err)
{
    if (table->count > PL_SETTINGS_ROWS_MAX || !name_is_plain(table->section)) {
        return pl_error_set(err, PL_ERR_INVALID, "table %s: bad section name or over %d rows",
                            table->section, PL_SETTINGS_ROWS_MAX);
    }
    for (size_t i = 0; i < table->count; i++) {
        const char *problem = row_problem(table, i);
        _Alignas(max_align_t) char scratch[PL_SETTING_TEXT_MAX];
        struct pl_setting row = table->row[i];
        row.offset = 0;
        if (problem != NULL) {
            return pl_error_set(err, PL_ERR_INVALID, "%s.%s: %s", table->section, row.name,
                                problem);
        }
        if (row.def != NULL &&
            pl_settings_parse(&row, pl_str(row.def), (struct pl_setting_origin){"default", 0},
                              scratch, err) < 0) {
            return PL_ERR_INVALID;
        }
    }
    return 0;
}
