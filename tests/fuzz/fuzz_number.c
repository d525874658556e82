/* The hot number reader against plain digit-by-digit arithmetic in 128 bits, and against the strict
 * decimal parser where both accept. */
#include "base/assert.h"
#include "base/int128.h"
#include "base/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* [+-]digits[.digits] as digits * 10^-scale, without limits other than 30 digits. */
static bool plain(const char *at, const char *end, pl_i128 *value, int *scale)
{
    bool negative = at < end && *at == '-', fraction = false, digit = false;
    at += at < end && (*at == '-' || *at == '+');
    *value = 0;
    *scale = 0;
    int digits = 0;
    for (; at < end; at++) {
        if (*at == '.' && !fraction) {
            fraction = true;
        } else if (*at >= '0' && *at <= '9' && digits < 30) {
            digit = true;
            digits += *value != 0 || *at != '0';
            *value = *value * 10 + (*at - '0');
            *scale += fraction;
        } else {
            return false;
        }
    }
    *value = negative ? -*value : *value;
    return digit && *scale <= 30;
}

static pl_i128 shifted(pl_i128 v, int by)
{
    for (; by > 0; by--) {
        v *= 10;
    }
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *end = text + size, *at = text;
    struct pl_decimal got, strict;
    if (size > 40) {
        return 0;
    }
    int rc = pl_number_scan(&at, end, &got);
    PL_ASSERT(at >= text && at <= end);
    bool accepted = rc == 0 && at == end;
    PL_ASSERT(rc < 0 || (got.scale >= 0 && got.scale <= 18));
    pl_i128 value;
    int scale;
    if (accepted && plain(text, end, &value, &scale)) {
        /* equal as fractions: a / 10^sa == b / 10^sb */
        if (scale >= got.scale && scale - got.scale <= 18) {
            PL_ASSERT(shifted(got.mantissa, scale - got.scale) == value);
        }
        PL_ASSERT(got.mantissa < INT64_C(1000000000000000000) &&
                  got.mantissa > INT64_C(-1000000000000000000));
    }
    if (pl_decimal_parse((struct pl_str){text, size}, &strict) == 0 && strict.scale <= 18 &&
        strict.mantissa < INT64_C(1000000000000000000) &&
        strict.mantissa > INT64_C(-1000000000000000000)) {
        /* what the strict parser takes, the hot one takes too, with the same value */
        PL_ASSERT(accepted && got.scale >= strict.scale);
        PL_ASSERT(shifted(strict.mantissa, got.scale - strict.scale) == got.mantissa);
    }
    return 0;
}
