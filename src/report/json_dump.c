#include "report/json_dump.h"

#include "report/json.h"
#include "report/number.h"

#include <math.h>

void pl_json_dump_text(const char *text, size_t size, unsigned flags, FILE *out)
{
    fputc('"', out);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            fputc('\\', out);
            fputc(c, out);
        } else if (c == '\n') {
            fputs("\\n", out);
        } else if (c < 0x20 || ((flags & PL_JSON_HTML) && (c == '<' || c == '>' || c == '&'))) {
            fprintf(out, "\\u%04x", c);
        } else {
            fputc(c, out);
        }
    }
    fputc('"', out);
}

void pl_json_dump_f64(double value, FILE *out)
{
    char text[PL_NUMBER_TEXT_MAX];
    fputs(isfinite(value) ? pl_number_shortest(value + 0.0, text) : "null", out); /* never "-0" */
}

static void line(unsigned flags, unsigned depth, FILE *out)
{
    if (flags & PL_JSON_PRETTY) {
        fprintf(out, "\n%*s", (int)(2 * depth), "");
    }
}

static void dump(const json_t *value, unsigned flags, unsigned depth, FILE *out)
{
    const char *comma = "";
    switch (json_typeof(value)) {
    case JSON_OBJECT: {
        const char *key;
        json_t *child;
        fputc('{', out);
        json_object_foreach((json_t *)(uintptr_t)value, key, child)
        {
            fputs(comma, out);
            line(flags, depth + 1, out);
            pl_json_dump_text(key, strlen(key), flags, out);
            fputs(flags & PL_JSON_PRETTY ? ": " : ":", out);
            dump(child, flags, depth + 1, out);
            comma = ",";
        }
        if (*comma != '\0') {
            line(flags, depth, out);
        }
        fputc('}', out);
        break;
    }
    case JSON_ARRAY: { /* arrays of numbers stay on one line */
        fputc('[', out);
        size_t count = json_array_size(value);
        unsigned inner = count > 0 && json_is_number(json_array_get(value, 0)) ? 0 : flags;
        for (size_t i = 0; i < count; i++) {
            fputs(comma, out);
            line(inner, depth + 1, out);
            dump(json_array_get(value, i), flags, depth + 1, out);
            comma = inner || !(flags & PL_JSON_PRETTY) ? "," : ", ";
        }
        if (count > 0) {
            line(inner, depth, out);
        }
        fputc(']', out);
        break;
    }
    case JSON_STRING:
        pl_json_dump_text(json_string_value(value), json_string_length(value), flags, out);
        break;
    case JSON_INTEGER:
        fprintf(out, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        pl_json_dump_f64(json_real_value(value), out);
        break;
    case JSON_TRUE:
        fputs("true", out);
        break;
    case JSON_FALSE:
        fputs("false", out);
        break;
    case JSON_NULL:
        fputs("null", out);
        break;
    }
}

void pl_json_dump(const json_t *value, unsigned flags, FILE *out)
{
    dump(value, flags, 0, out);
    if (flags & PL_JSON_PRETTY) {
        fputc('\n', out);
    }
}
