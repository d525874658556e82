/* import/grid.h - decimals onto the grid of an instrument, and finding that grid in data.
 *
 * Cost  steps: one multiplication, or one division where the text has more decimals than the step. */
#ifndef PL_IMPORT_GRID_H
#define PL_IMPORT_GRID_H

#include "base/assert.h"
#include "base/decimal.h"
#include "base/int128.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_grid {
    struct pl_decimal step; /* mantissa 0 = not known yet */
    bool given;             /* by the user or the file: not to be inferred */
    /* value of `scale` decimals -> steps: mantissa * mul / div; div 0 = only zero fits */
    int64_t mul[19], div[19];
    /* greatest common divisor seen, at seen_scale decimals; 0 = nothing seen */
    int64_t seen;
    int32_t seen_scale;
};

void pl_grid_set(struct pl_grid *grid, struct pl_decimal step, bool given);
/* Takes part in the search for the step. PL_ERR_OVERFLOW when no grid of 18 digits can hold it. */
PL_MUST_USE int pl_grid_see(struct pl_grid *grid, struct pl_decimal value);
/* The largest 1, 2 or 5 x 10^n that divides everything seen; 1 when only zeros were seen. */
struct pl_decimal pl_grid_found(const struct pl_grid *grid);

/* PL_ERR_OFFGRID, PL_ERR_OVERFLOW. value.scale 0..18. */
PL_MUST_USE static inline int pl_grid_steps(const struct pl_grid *grid, struct pl_decimal value,
                                            int64_t *out)
{
    PL_DASSERT(value.scale >= 0 && value.scale <= 18);
    int64_t div = grid->div[value.scale], v;
    if (PL_UNLIKELY(__builtin_mul_overflow(value.mantissa, grid->mul[value.scale], &v))) {
        pl_i128 wide = (pl_i128)value.mantissa * grid->mul[value.scale];
        if (div > 1 && wide % div == 0 && wide / div == (pl_i128)(int64_t)(wide / div)) {
            *out = (int64_t)(wide / div);
            return 0;
        }
        return div > 1 && wide % div != 0 ? PL_ERR_OFFGRID : PL_ERR_OVERFLOW;
    }
    if (div == 1) {
        *out = v;
        return 0;
    }
    if (div == 0) {
        *out = 0;
        return v == 0 ? 0 : PL_ERR_OFFGRID;
    }
    *out = v / div;
    return *out * div == v ? 0 : PL_ERR_OFFGRID;
}

/* Steps, rounded half up: for prices that are not on the grid by nature (mark and index). */
PL_MUST_USE int pl_grid_steps_round(const struct pl_grid *grid, struct pl_decimal value,
                                    int64_t *out);

#endif
