/* settings/value.c - one setting's value: text to field, field to text, and what is legal in words.
 */
#include "base/assert.h"
#include "base/utf8.h"
#include "settings/name.h"
#include "settings/number.h"
#include "settings/settings.h"

#include <stdio.h>

static struct pl_str trim(struct pl_str text)
{
    while (text.size > 0 && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text.at++;
        text.size--;
    }
    while (text.size > 0 && (text.at[text.size - 1] == ' ' || text.at[text.size - 1] == '\t')) {
        text.size--;
    }
    return text;
}

static void *field(const struct pl_setting *setting, void *values)
{
    return (char *)values + setting->offset;
}

static const void *field_const(const struct pl_setting *setting, const void *values)
{
    return (const char *)values + setting->offset;
}

static bool unbounded(const struct pl_setting *setting)
{
    return setting->min == 0 && setting->max == 0;
}

/* ---- legal values in words ------------------------------------------------------------------ */

/* A bound, short: 86400000 and 1e+09 rather than 8.64e+07 and 1000000000. */
static void print_bound(double value, char out[PL_NUMBER_TEXT_MAX])
{
    double back = 0;
    bool plain = value > -1e9 && value < 1e9 && value == (double)(int64_t)value;
    int size = snprintf(out, PL_NUMBER_TEXT_MAX, plain ? "%.0f" : "%g", value);
    if (pl_number_parse((struct pl_str){out, (size_t)size}, &back) < 0 || back != value) {
        (void)pl_number_print(value, out);
    }
}

static int legal_number(const struct pl_setting *setting, const char *what, char *out, size_t size)
{
    char min[PL_NUMBER_TEXT_MAX], max[PL_NUMBER_TEXT_MAX];
    if (unbounded(setting)) {
        return snprintf(out, size, "any %s", what);
    }
    print_bound(setting->min, min);
    print_bound(setting->max, max);
    return snprintf(out, size, "%s..%s", min, max);
}

static int legal_choices(const struct pl_setting *setting, char *out, size_t size)
{
    size_t used = 0;
    if (size > 0) {
        out[0] = '\0';
    }
    for (size_t i = 0; setting->choices[i] != NULL; i++) {
        const char *between = i == 0 ? "" : setting->choices[i + 1] == NULL ? " or " : ", ";
        int n = snprintf(used < size ? out + used : NULL, used < size ? size - used : 0, "%s%s",
                         between, setting->choices[i]);
        used += (size_t)n;
    }
    return (int)used;
}

int pl_settings_legal(const struct pl_setting *setting, char *out, size_t size)
{
    char range[2 * PL_NUMBER_TEXT_MAX + 2];
    switch (setting->type) {
    case PL_SET_BOOL:
        return snprintf(out, size, "true or false");
    case PL_SET_I64:
        return legal_number(setting, "whole number", out, size);
    case PL_SET_F64:
        return legal_number(setting, "finite number", out, size);
    case PL_SET_DISTANCE:
        (void)legal_number(setting, "finite number", range, sizeof range);
        return snprintf(out, size, "%s as price units (0.05), bps (5bps) or ticks (3ticks)", range);
    case PL_SET_ENUM:
        return legal_choices(setting, out, size);
    case PL_SET_TEXT:
        return unbounded(setting)
                   ? snprintf(out, size, "text up to %d bytes", PL_SETTING_TEXT_MAX - 1)
                   : snprintf(out, size, "text of %.0f..%.0f bytes", setting->min, setting->max);
    }
    pl_assert_fail("a setting type without words", __FILE__, __LINE__);
}

/* ---- errors --------------------------------------------------------------------------------- */

/* "parameters.yaml:9: gamma -1: PROBLEM; legal 1e-09..1e+09 (pure number)". */
static int refuse(const struct pl_setting *setting, struct pl_str text,
                  struct pl_setting_origin origin, const char *problem, struct pl_error *err)
{
    char legal[PL_SETTING_LEGAL_MAX], shown[PL_UTF8_SHOWN_MAX], line[16] = "";
    (void)pl_settings_legal(setting, legal, sizeof legal);
    if (origin.line > 0) {
        (void)snprintf(line, sizeof line, ":%d", origin.line);
    }
    bool number = setting->type == PL_SET_I64 || setting->type == PL_SET_F64;
    const char *unit = setting->unit[0] != '\0' ? setting->unit : number ? "pure number" : "";
    return pl_error_set(err, PL_ERR_INVALID, "%s%s: %s %s: %s%slegal %s%s%s%s", origin.what, line,
                        setting->name, pl_utf8_show(text, shown), problem,
                        problem[0] != '\0' ? "; " : "", legal, unit[0] != '\0' ? " (" : "", unit,
                        unit[0] != '\0' ? ")" : "");
}

/* ---- text to value -------------------------------------------------------------------------- */

/* Each parser returns NULL, or what is wrong ("" = only the range). */
static const char *parse_bool(struct pl_str text, bool *out)
{
    static const char *const yes[] = {"true", "1", "yes", "on"};
    static const char *const no[] = {"false", "0", "no", "off"};
    for (size_t i = 0; i < PL_COUNT(yes); i++) {
        if (pl_name_eq(text, pl_str(yes[i])) || pl_name_eq(text, pl_str(no[i]))) {
            *out = pl_name_eq(text, pl_str(yes[i]));
            return NULL;
        }
    }
    return "not a truth value";
}

static bool digits_only(struct pl_str text)
{
    size_t at = text.size > 0 && (text.at[0] == '-' || text.at[0] == '+') ? 1 : 0;
    bool any = at < text.size;
    for (; at < text.size; at++) {
        any = any && text.at[at] >= '0' && text.at[at] <= '9';
    }
    return any;
}

#define INT64_SPAN 9.2e18 /* safely inside what converts to int64_t */

/* Smallest whole number at or above a bound, and largest at or below; libm is not linked for it. */
static int64_t whole_above(double bound)
{
    int64_t whole = (int64_t)bound;
    return (double)whole < bound ? whole + 1 : whole;
}

static int64_t whole_below(double bound)
{
    int64_t whole = (int64_t)bound;
    return (double)whole > bound ? whole - 1 : whole;
}

static const char *parse_i64(const struct pl_setting *setting, struct pl_str text, int64_t *out)
{
    if (!digits_only(text)) {
        return "not a whole number";
    }
    bool minus = text.at[0] == '-';
    int64_t value = 0;
    for (size_t at = minus || text.at[0] == '+' ? 1 : 0; at < text.size; at++) {
        int digit = text.at[at] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, minus ? -digit : digit, &value)) {
            return "too large";
        }
    }
    /* A bound beyond the type bounds nothing; within it, it is compared as an integer. */
    bool low = setting->min > -INT64_SPAN &&
               (setting->min >= INT64_SPAN || value < whole_above(setting->min));
    bool high = setting->max < INT64_SPAN &&
                (setting->max <= -INT64_SPAN || value > whole_below(setting->max));
    if (!unbounded(setting) && (low || high)) {
        return "";
    }
    *out = value;
    return NULL;
}

static const char *parse_f64(const struct pl_setting *setting, struct pl_str text, double *out)
{
    double value = 0;
    int rc = pl_number_parse(text, &value);
    if (rc < 0) {
        return rc == PL_ERR_OVERFLOW ? "too large or too small" : "not a number";
    }
    if (!unbounded(setting) && (value < setting->min || value > setting->max)) {
        return "";
    }
    *out = value;
    return NULL;
}

static const struct {
    const char *word;
    enum pl_distance_unit unit;
} distance_units[] = {
    {"bps", PL_DIST_BPS},
    {"ticks", PL_DIST_TICKS},
    {"tick", PL_DIST_TICKS},
};

static const char *parse_distance(const struct pl_setting *setting, struct pl_str text,
                                  struct pl_distance *out)
{
    struct pl_distance distance = {.unit = PL_DIST_PRICE};
    for (size_t i = 0; i < PL_COUNT(distance_units); i++) {
        struct pl_str word = pl_str(distance_units[i].word);
        if (text.size > word.size &&
            pl_name_eq((struct pl_str){text.at + text.size - word.size, word.size}, word)) {
            text.size -= word.size;
            distance.unit = distance_units[i].unit;
            break;
        }
    }
    const char *problem = parse_f64(setting, trim(text), &distance.value);
    if (problem == NULL) {
        *out = distance;
    }
    return problem;
}

static const char *parse_enum(const struct pl_setting *setting, struct pl_str text, int32_t *out,
                              char *room, size_t size)
{
    struct pl_name_best best = {0};
    for (int32_t i = 0; setting->choices[i] != NULL; i++) {
        if (pl_name_eq(text, pl_str(setting->choices[i]))) {
            *out = i;
            return NULL;
        }
        pl_name_consider(&best, text, setting->choices[i]);
    }
    if (best.name == NULL) {
        return "";
    }
    (void)snprintf(room, size, "did you mean %s?", best.name);
    return room;
}

static const char *parse_text(const struct pl_setting *setting, struct pl_str text, char *out)
{
    double size = (double)text.size;
    if (text.size >= PL_SETTING_TEXT_MAX ||
        (!unbounded(setting) && (size < setting->min || size > setting->max))) {
        return "";
    }
    if (!pl_utf8_plain(text)) {
        return "holds control characters or bytes that are not UTF-8";
    }
    memset(out, 0, PL_SETTING_TEXT_MAX);
    memcpy(out, text.at, text.size);
    return NULL;
}

int pl_settings_parse(const struct pl_setting *setting, struct pl_str text,
                      struct pl_setting_origin origin, void *values, struct pl_error *err)
{
    char room[PL_NAME_MAX + 32];
    const char *problem = NULL;
    void *at = field(setting, values);
    struct pl_str word = trim(text);
    switch (setting->type) {
    case PL_SET_BOOL:
        problem = parse_bool(word, at);
        break;
    case PL_SET_I64:
        problem = parse_i64(setting, word, at);
        break;
    case PL_SET_F64:
        problem = parse_f64(setting, word, at);
        break;
    case PL_SET_DISTANCE:
        problem = parse_distance(setting, word, at);
        break;
    case PL_SET_ENUM:
        problem = parse_enum(setting, word, at, room, sizeof room);
        break;
    case PL_SET_TEXT:
        problem = parse_text(setting, text, at);
        break;
    }
    return problem == NULL ? 0 : refuse(setting, text, origin, problem, err);
}

/* ---- value to text -------------------------------------------------------------------------- */

int pl_settings_print(const struct pl_setting *setting, const void *values, char *out, size_t size)
{
    char number[PL_NUMBER_TEXT_MAX];
    const void *at = field_const(setting, values);
    const struct pl_distance *distance = at;
    switch (setting->type) {
    case PL_SET_BOOL:
        return snprintf(out, size, "%s", *(const bool *)at ? "true" : "false");
    case PL_SET_I64:
        return snprintf(out, size, "%lld", (long long)*(const int64_t *)at);
    case PL_SET_F64:
        (void)pl_number_print(*(const double *)at, number);
        return snprintf(out, size, "%s", number);
    case PL_SET_DISTANCE:
        (void)pl_number_print(distance->value, number);
        return snprintf(out, size, "%s%s", number,
                        distance->unit == PL_DIST_BPS     ? "bps"
                        : distance->unit == PL_DIST_TICKS ? "ticks"
                                                          : "");
    case PL_SET_ENUM:
        return snprintf(out, size, "%s", setting->choices[*(const int32_t *)at]);
    case PL_SET_TEXT:
        return snprintf(out, size, "%.*s", PL_SETTING_TEXT_MAX - 1, (const char *)at);
    }
    pl_assert_fail("a setting type that does not print", __FILE__, __LINE__);
}
