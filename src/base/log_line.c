#include "base/log_line.h"

#include "base/utc.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const level_names[PL_LOG_LEVEL_COUNT] = {"debug", "info", "warn", "error"};

struct text { /* bounded by PL_LOG_LINE_MAX: what is put in has stated maxima */
    char *at;
};

bool pl_log_level_parse(const char *text, enum pl_log_level *out)
{
    for (int i = 0; i < PL_LOG_LEVEL_COUNT; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *out = (enum pl_log_level)i;
            return true;
        }
    }
    return false;
}

static void put(struct text *t, const char *bytes, size_t size)
{
    memcpy(t->at, bytes, size);
    t->at += size;
}

static void put_word(struct text *t, const char *word)
{
    put(t, word, strlen(word));
}

/* A character that would end a line, hide text or move the cursor of a terminal. */
static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void put_escaped(struct text *t, struct pl_str s)
{
    while (s.size > 0) {
        uint32_t c = 0;
        size_t size = pl_utf8_next(s, &c);
        char code[8];
        if (size == 0) { /* a byte that is not UTF-8 */
            size = 1;
            put_word(t, "\xef\xbf\xbd");
        } else if (c == '"' || c == '\\') {
            code[0] = '\\';
            code[1] = (char)c;
            put(t, code, 2);
        } else if (c == '\n' || c == '\r' || c == '\t') {
            put(t, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t", 2);
        } else if (is_control(c)) {
            put(t, code, (size_t)snprintf(code, sizeof code, "\\u%04x", c));
        } else {
            put(t, s.at, size);
        }
        s.at += size;
        s.size -= size;
    }
}

/* logfmt writes a word as it is when no reader can mistake it. */
static bool is_word(struct pl_str s)
{
    size_t left = s.size;
    for (struct pl_str rest = s; rest.size > 0;) {
        uint32_t c = 0;
        size_t size = pl_utf8_next(rest, &c);
        if (size == 0 || is_control(c) || c == ' ' || c == '"' || c == '=' || c == '\\') {
            return false;
        }
        rest.at += size;
        rest.size -= size;
    }
    return left > 0;
}

static void put_text(struct text *t, struct pl_str s, bool cut, enum pl_log_format format)
{
    if (cut) { /* no half character at the end */
        size_t back = 0;
        while (back < 3 && back < s.size &&
               ((unsigned char)s.at[s.size - 1 - back] & 0xc0) == 0x80) {
            back++;
        }
        uint32_t c;
        struct pl_str last = {s.at + s.size - 1 - back, back + 1};
        s.size -= back < s.size && pl_utf8_next(last, &c) == 0 ? back + 1 : 0;
    }
    bool quoted = format == PL_LOG_JSON || !is_word(s);
    if (quoted) {
        put(t, "\"", 1);
    }
    put_escaped(t, s);
    if (cut) {
        put(t, "...", 3);
    }
    if (quoted) {
        put(t, "\"", 1);
    }
}

/* The fewest digits that read back as the same double. JSON has no word for what is no number. */
static void put_f64(struct text *t, double value, enum pl_log_format format)
{
    char number[40];
    if (!isfinite(value)) {
        put_word(t, format == PL_LOG_JSON ? "null"
                    : isnan(value)        ? "nan"
                    : value > 0           ? "inf"
                                          : "-inf");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(number, sizeof number, "%.*g", digits, value + 0.0); /* never "-0" */
        if (strtod(number, NULL) == value) {
            break;
        }
    }
    put_word(t, number);
}

static void put_time(struct text *t, int64_t ns, enum pl_log_format format)
{
    char text[PL_UTC_TEXT_MAX];
    if (ns < 0) { /* before 1970: nobody's market */
        put(t, text, (size_t)snprintf(text, sizeof text, "%" PRId64, ns));
        return;
    }
    const char *quote = format == PL_LOG_JSON ? "\"" : "";
    put_word(t, quote);
    put_word(t, pl_utc_print(ns, text));
    put_word(t, quote);
}

static void put_decimal(struct text *t, int64_t mantissa, uint32_t scale)
{
    char number[PL_DECIMAL_TEXT_MAX];
    struct pl_decimal one = {.mantissa = 1, .scale = (int32_t)scale};
    int size = pl_decimal_print_steps(mantissa, one, number);
    PL_ASSERT(size > 0); /* it was a decimal */
    put(t, number, (size_t)size);
}

static void put_value(struct text *t, const struct pl_log_field *f, enum pl_log_format format)
{
    char word[40];
    const char *quote = format == PL_LOG_JSON ? "\"" : "";
    switch ((enum pl_log_kind)f->kind) {
    case PL_LOG_KIND_NONE:
        put_word(t, format == PL_LOG_JSON ? "null" : "");
        break;
    case PL_LOG_KIND_I64:
        put(t, word, (size_t)snprintf(word, sizeof word, "%" PRId64, f->value.i64));
        break;
    case PL_LOG_KIND_U64:
        put(t, word, (size_t)snprintf(word, sizeof word, "%" PRIu64, f->value.u64));
        break;
    case PL_LOG_KIND_F64:
        put_f64(t, f->value.f64, format);
        break;
    case PL_LOG_KIND_BOOL:
        put_word(t, f->value.i64 != 0 ? "true" : "false");
        break;
    case PL_LOG_KIND_HEX:
        put(t, word,
            (size_t)snprintf(word, sizeof word, "%s%016" PRIx64 "%s", quote, f->value.u64, quote));
        break;
    case PL_LOG_KIND_TIME:
        put_time(t, f->value.i64, format);
        break;
    case PL_LOG_KIND_DECIMAL:
        put_decimal(t, f->value.i64, f->extra);
        break;
    case PL_LOG_KIND_TEXT:
    case PL_LOG_KIND_TEXT_CUT:
        put_text(t, (struct pl_str){f->value.text, f->extra}, f->kind == PL_LOG_KIND_TEXT_CUT,
                 format);
        break;
    }
}

static void put_key(struct text *t, const char *key, enum pl_log_format format)
{
    PL_ASSERT(key[0] != '\0' && strlen(key) <= PL_LOG_NAME_MAX);
    put_word(t, format == PL_LOG_JSON ? ",\"" : " ");
    put_word(t, key);
    put_word(t, format == PL_LOG_JSON ? "\":" : "=");
}

size_t pl_log_line(const struct pl_log_record *record, const struct pl_log_field *field,
                   enum pl_log_format format, char *out)
{
    bool json = format == PL_LOG_JSON;
    struct text t = {out};
    PL_ASSERT(record->level < PL_LOG_LEVEL_COUNT && record->count <= PL_LOG_FIELDS_MAX);
    PL_ASSERT(strlen(record->event) <= PL_LOG_NAME_MAX);
    put_word(&t, json ? "{\"time\":" : "time=");
    put_time(&t, record->now_ns, format);
    put_key(&t, "level", format);
    put_text(&t, pl_str(level_names[record->level]), false, format);
    put_key(&t, "event", format);
    put_text(&t, pl_str(record->event), false, format);
    for (uint32_t i = 0; i < record->count; i++) {
        put_key(&t, field[i].key, format);
        put_value(&t, &field[i], format);
    }
    put_word(&t, json ? "}\n" : "\n");
    PL_ASSERT((size_t)(t.at - out) <= PL_LOG_LINE_MAX);
    return (size_t)(t.at - out);
}
