#include "base/decimal.h"

#include "base/assert.h"
#include "base/int128.h"

#include <stdio.h>

static const int64_t pow10_table[19] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

int pl_decimal_parse(struct pl_str text, struct pl_decimal *out)
{
    size_t i = 0;
    bool negative = false;
    if (i < text.size && (text.at[i] == '-' || text.at[i] == '+')) {
        negative = text.at[i] == '-';
        i++;
    }
    int64_t value = 0; /* digits up to the last non-zero fraction digit */
    int32_t scale = 0; /* fraction digits inside `value` */
    int32_t zeros = 0; /* fraction zeros seen since, not yet inside `value` */
    bool fraction = false, digit = false;
    for (; i < text.size; i++) {
        char c = text.at[i];
        if (c == '.') {
            if (fraction) {
                return PL_ERR_MALFORMED;
            }
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9') {
            return PL_ERR_MALFORMED;
        }
        digit = true;
        if (fraction && c == '0') {
            zeros++;
            continue;
        }
        for (int32_t k = fraction ? zeros + 1 : 1; k > 0; k--) {
            if (__builtin_mul_overflow(value, 10, &value)) {
                return PL_ERR_OVERFLOW;
            }
        }
        if (fraction) {
            scale += zeros + 1;
            zeros = 0;
        }
        if (scale > 18 || __builtin_add_overflow(value, c - '0', &value)) {
            return PL_ERR_OVERFLOW;
        }
    }
    if (!digit) {
        return PL_ERR_MALFORMED;
    }
    *out = (struct pl_decimal){negative ? -value : value, scale};
    return 0;
}

int pl_decimal_at_scale(struct pl_decimal value, int32_t scale, int64_t *out)
{
    PL_ASSERT(scale >= 0 && scale <= 18 && value.scale >= 0 && value.scale <= 18);
    if (value.scale > scale) {
        int64_t unit = pow10_table[value.scale - scale];
        if (value.mantissa % unit != 0) {
            return PL_ERR_OFFGRID;
        }
        *out = value.mantissa / unit;
        return 0;
    }
    int64_t scaled;
    if (__builtin_mul_overflow(value.mantissa, pow10_table[scale - value.scale], &scaled)) {
        return PL_ERR_OVERFLOW;
    }
    *out = scaled;
    return 0;
}

int pl_decimal_steps(struct pl_decimal value, struct pl_decimal step, int64_t *out)
{
    PL_ASSERT(step.mantissa > 0);
    pl_i128 num = value.mantissa, den = step.mantissa;
    if (value.scale < step.scale) {
        num *= pow10_table[step.scale - value.scale];
    } else {
        den *= pow10_table[value.scale - step.scale];
    }
    if (num % den != 0) {
        return PL_ERR_OFFGRID;
    }
    pl_i128 q = num / den;
    if (q > INT64_MAX || q < INT64_MIN) {
        return PL_ERR_OVERFLOW;
    }
    *out = (int64_t)q;
    return 0;
}

int pl_decimal_print_steps(int64_t count, struct pl_decimal step, char *out)
{
    int64_t mantissa;
    if (__builtin_mul_overflow(count, step.mantissa, &mantissa) || mantissa == INT64_MIN) {
        return PL_ERR_OVERFLOW;
    }
    const char *sign = mantissa < 0 ? "-" : "";
    int64_t abs = mantissa < 0 ? -mantissa : mantissa;
    if (step.scale == 0) {
        return snprintf(out, PL_DECIMAL_TEXT_MAX, "%s%lld", sign, (long long)abs);
    }
    int64_t unit = pow10_table[step.scale];
    return snprintf(out, PL_DECIMAL_TEXT_MAX, "%s%lld.%0*lld", sign, (long long)(abs / unit),
                    (int)step.scale, (long long)(abs % unit));
}

double pl_decimal_to_double(struct pl_decimal value)
{
    return (double)value.mantissa / (double)pow10_table[value.scale];
}
