/* Decimals from hostile text. Oracle: a second reader over 128-bit digits that agrees on every
 * accepted value, and printing that reads back to the same steps. */
#include "base/assert.h"
#include "base/decimal.h"
#include "base/int128.h"

#include <stdint.h>

/* The value of plain decimal text times 10^18, or false when it is no such text or too large. */
static bool slow_read(struct pl_str text, pl_i128 *out)
{
    const pl_i128 ceiling = (pl_i128)INT64_MAX * 1000000000000000000;
    size_t i = 0;
    bool negative = false, point = false, digit = false;
    if (i < text.size && (text.at[i] == '-' || text.at[i] == '+')) {
        negative = text.at[i++] == '-';
    }
    pl_i128 value = 0;
    int decimals = 0;
    for (; i < text.size; i++) {
        if (text.at[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        digit = true;
        if (point && ++decimals > 18) {
            if (text.at[i] != '0') {
                return false;
            }
            continue;
        }
        value = value * 10 + (text.at[i] - '0');
        if (value > ceiling) {
            return false;
        }
    }
    for (; decimals < 18; decimals++) {
        value *= 10;
        if (value > ceiling) {
            return false;
        }
    }
    *out = negative ? -value : value;
    return digit;
}

static pl_i128 times_10_18(struct pl_decimal d)
{
    pl_i128 value = d.mantissa;
    for (int32_t s = d.scale; s < 18; s++) {
        value *= 10;
    }
    return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_str text = {(const char *)data, size < 64 ? size : 64};
    struct pl_decimal value = {0};
    pl_i128 slow = 0;
    bool known = slow_read(text, &slow);
    int rc = pl_decimal_parse(text, &value);
    PL_ASSERT(rc == 0 || rc == PL_ERR_MALFORMED || rc == PL_ERR_OVERFLOW);
    if (rc != 0) {
        return 0;
    }
    PL_ASSERT(value.scale >= 0 && value.scale <= 18);
    PL_ASSERT(known && times_10_18(value) == slow);

    static const struct pl_decimal steps[] = {{1, 0}, {1, 1}, {5, 3}, {25, 2}, {1, 8}, {50, 0}};
    for (size_t i = 0; i < PL_COUNT(steps); i++) {
        int64_t count, again;
        rc = pl_decimal_steps(value, steps[i], &count);
        bool on_grid = slow % times_10_18(steps[i]) == 0;
        PL_ASSERT(on_grid ? rc == 0 || rc == PL_ERR_OVERFLOW : rc == PL_ERR_OFFGRID);
        char out[PL_DECIMAL_TEXT_MAX];
        if (rc == 0 && pl_decimal_print_steps(count, steps[i], out) > 0) {
            struct pl_decimal back;
            rc = pl_decimal_parse(pl_str(out), &back);
            PL_ASSERT(rc == 0 && times_10_18(back) == slow);
            rc = pl_decimal_steps(back, steps[i], &again);
            PL_ASSERT(rc == 0 && again == count);
        }
    }
    return 0;
}
