/* base/number.h - the number readers of hot text loops: they stop at the first byte that is not
 * part of the number and leave the cursor there.
 *
 * pl_decimal_parse (base/decimal.h) wants the whole text and no exponent; these read numbers inside
 * longer text, accept an exponent (4e-05, as Python writes small floats) and keep trailing zeros
 * (1.500 is 1500 / 10^3), which spares the work of finding them.
 * Limits  18 significant digits and 18 decimals; fraction zeros beyond that are free.
 * Cost    O(digits), about 1 ns each. */
#ifndef PL_BASE_NUMBER_H
#define PL_BASE_NUMBER_H

#include "base/decimal.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The rest of a number that the fast path left: more than 18 digits, or an exponent.
 * `begin` is the first byte of the number, sign included. */
PL_MUST_USE int pl_number_scan_slow(const char *begin, const char **at, const char *end,
                                    struct pl_decimal *out);

/* [+-]digits[.digits][e[+-]digits]. PL_ERR_MALFORMED, PL_ERR_OVERFLOW; the cursor is then undefined
 * but inside the text. */
PL_MUST_USE static inline int pl_number_scan(const char **at, const char *end,
                                             struct pl_decimal *out)
{
    const char *p = *at, *begin = p;
    bool negative = false;
    if (p < end && (*p == '-' || *p == '+')) {
        negative = *p++ == '-';
    }
    uint64_t value = 0;
    const char *digits = p;
    while (p < end && (unsigned char)(*p - '0') < 10) {
        value = value * 10 + (unsigned char)(*p - '0');
        p++;
    }
    int64_t count = p - digits;
    int32_t scale = 0;
    if (p < end && *p == '.') {
        const char *fraction = ++p;
        while (p < end && (unsigned char)(*p - '0') < 10) {
            value = value * 10 + (unsigned char)(*p - '0');
            p++;
        }
        count += p - fraction;
        scale = (int32_t)(p - fraction < 64 ? p - fraction : 64);
    }
    if (__builtin_expect(count == 0 || count > 18 || (p < end && (*p | 0x20) == 'e'), 0)) {
        return pl_number_scan_slow(begin, at, end, out);
    }
    *at = p;
    *out = (struct pl_decimal){negative ? -(int64_t)value : (int64_t)value, scale};
    return 0;
}

/* Digits only; false when there is none or the value passes 2^64. */
static inline bool pl_number_u64(const char **at, const char *end, uint64_t *out)
{
    const char *p = *at, *begin = p;
    uint64_t value = 0;
    while (p < end && (unsigned char)(*p - '0') < 10) {
        unsigned digit = (unsigned char)(*p - '0');
        if (p - begin >= 19 && (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
                                __builtin_add_overflow(value, (uint64_t)digit, &value))) {
            return false;
        }
        if (p - begin < 19) {
            value = value * 10 + digit;
        }
        p++;
    }
    *at = p;
    *out = value;
    return p > begin;
}

#endif
