#include "base/number.h"

/* Reads [e[+-]digits]; false when an `e` is there and no digits follow, or the exponent is absurd. */
static bool scan_exponent(const char **at, const char *end, int32_t *out)
{
    const char *p = *at;
    *out = 0;
    if (p == end || (*p != 'e' && *p != 'E')) {
        return true;
    }
    p++;
    bool negative = false;
    if (p < end && (*p == '-' || *p == '+')) {
        negative = *p++ == '-';
    }
    const char *digits = p;
    int32_t value = 0;
    while (p < end && *p >= '0' && *p <= '9') {
        value = value < 10000 ? value * 10 + (*p - '0') : value;
        p++;
    }
    *at = p;
    *out = negative ? -value : value;
    return p > digits && value < 10000;
}

int pl_number_scan_slow(const char *begin, const char **at, const char *end, struct pl_decimal *out)
{
    const char *p = begin;
    bool negative = false, fraction = false, digit = false;
    if (p < end && (*p == '-' || *p == '+')) {
        negative = *p++ == '-';
    }
    int64_t value = 0;
    int64_t scale = 0, zeros = 0; /* zeros: fraction zeros not yet inside `value` */
    bool overflow = false;
    for (; p < end; p++) {
        if (*p == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (*p < '0' || *p > '9') {
            break;
        }
        digit = true;
        if (fraction && *p == '0') {
            zeros++;
            continue;
        }
        for (int64_t k = fraction ? zeros + 1 : 1; k > 0 && !overflow && value != 0; k--) {
            overflow = __builtin_mul_overflow(value, INT64_C(10), &value);
        }
        scale += fraction ? zeros + 1 : 0;
        zeros = 0;
        overflow |= __builtin_add_overflow(value, (int64_t)(*p - '0'), &value);
    }
    int32_t exponent;
    if (!digit || !scan_exponent(&p, end, &exponent)) {
        *at = p;
        return PL_ERR_MALFORMED;
    }
    *at = p;
    scale -= exponent;
    if (value == 0 && !overflow) {
        scale = 0;
    }
    for (; scale < 0 && !overflow; scale++) {
        overflow = __builtin_mul_overflow(value, INT64_C(10), &value);
    }
    while (!overflow && scale > 0 && value % 10 == 0 && value != 0) {
        value /= 10;
        scale--;
    }
    if (overflow || scale > 18 || value > INT64_C(999999999999999999)) {
        return PL_ERR_OVERFLOW;
    }
    *out = (struct pl_decimal){negative ? -value : value, (int32_t)scale};
    return 0;
}
