/* base/decimal.h - exact decimal text to scaled int64 and back. Never through a double.
 *
 * Accepts  [+-][digits][.][digits]; no exponent, no blanks, at least one digit. Without the point it
 *          must fit int64_t, with at most 18 decimals (trailing fraction zeros are free).
 * Cost     O(length). Errors: PL_ERR_MALFORMED, PL_ERR_OVERFLOW, PL_ERR_OFFGRID. */
#ifndef PL_BASE_DECIMAL_H
#define PL_BASE_DECIMAL_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

/* value = mantissa / 10^scale, trailing zeros of the fraction removed (so "1.500" is 15 / 10^1). */
struct pl_decimal {
    int64_t mantissa;
    int32_t scale; /* 0..18 */
};

#define PL_DECIMAL_TEXT_MAX 32

PL_MUST_USE int pl_decimal_parse(struct pl_str text, struct pl_decimal *out);
/* mantissa of `value` at `scale` decimals; PL_ERR_OFFGRID if it needs more, PL_ERR_OVERFLOW. */
PL_MUST_USE int pl_decimal_at_scale(struct pl_decimal value, int32_t scale, int64_t *out);
/* Text to a whole number of `step`s (step > 0): "0.015" with step 0.005 is 3. */
PL_MUST_USE int pl_decimal_steps(struct pl_decimal value, struct pl_decimal step, int64_t *out);
/* count * step as text into out[PL_DECIMAL_TEXT_MAX]; returns the length, or PL_ERR_OVERFLOW. */
PL_MUST_USE int pl_decimal_print_steps(int64_t count, struct pl_decimal step, char *out);
/* Nearest double: exact division of two integers when both fit 2^53. For display and features. */
double pl_decimal_to_double(struct pl_decimal value);

#endif
