#include "settings/number.h"

#include "base/assert.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What the text looks like, before libc converts it. */
struct shape {
    bool ok;
    bool nonzero;
};

static size_t skip_digits(struct pl_str text, size_t at, bool *nonzero)
{
    while (at < text.size && text.at[at] >= '0' && text.at[at] <= '9') {
        *nonzero = *nonzero || text.at[at] != '0';
        at++;
    }
    return at;
}

static size_t skip_sign(struct pl_str text, size_t at)
{
    return at < text.size && (text.at[at] == '+' || text.at[at] == '-') ? at + 1 : at;
}

/* strtod alone also takes hex, inf, nan and leading blanks. */
static struct shape look(struct pl_str text)
{
    struct shape shape = {false, false};
    size_t at = skip_sign(text, 0);
    size_t whole = skip_digits(text, at, &shape.nonzero);
    size_t digits = whole - at;
    at = whole;
    if (at < text.size && text.at[at] == '.') {
        size_t end = skip_digits(text, at + 1, &shape.nonzero);
        digits += end - at - 1;
        at = end;
    }
    if (digits > 0 && at < text.size && (text.at[at] == 'e' || text.at[at] == 'E')) {
        bool ignored = false;
        size_t from = skip_sign(text, at + 1);
        at = skip_digits(text, from, &ignored);
        digits = at > from ? digits : 0;
    }
    shape.ok = digits > 0 && at == text.size;
    return shape;
}

int pl_number_parse(struct pl_str text, double *out)
{
    char copy[PL_NUMBER_READ_MAX + 1];
    struct shape shape = look(text);
    if (!shape.ok || text.size > PL_NUMBER_READ_MAX) {
        return PL_ERR_MALFORMED;
    }
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    PL_ASSERT(c_locale != (locale_t)0); /* "C" is built into libc: no memory, no file */
    double value = strtod_l(copy, NULL, c_locale);
    freelocale(c_locale);
    if (!isfinite(value) || (value == 0 && shape.nonzero)) {
        return PL_ERR_OVERFLOW;
    }
    *out = value == 0 ? 0.0 : value;
    return 0;
}

int pl_number_print(double value, char out[PL_NUMBER_TEXT_MAX])
{
    PL_ASSERT(isfinite(value));
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    PL_ASSERT(c_locale != (locale_t)0);
    locale_t old = uselocale(c_locale);
    int size = 0;
    for (int digits = 15; digits <= 17; digits++) {
        size = snprintf(out, PL_NUMBER_TEXT_MAX, "%.*g", digits, value);
        if (strtod_l(out, NULL, c_locale) == value) {
            break;
        }
    }
    (void)uselocale(old);
    freelocale(c_locale);
    return size;
}
