#include "import/grid.h"

static int64_t pow10_i64(int32_t n)
{
    int64_t v = 1;
    for (int32_t i = 0; i < n; i++) {
        v *= 10;
    }
    return v;
}

void pl_grid_set(struct pl_grid *grid, struct pl_decimal step, bool given)
{
    grid->step = step;
    grid->given = given;
    for (int32_t s = 0; s <= 18; s++) {
        grid->mul[s] = 1;
        grid->div[s] = step.mantissa;
        if (s <= step.scale) {
            grid->mul[s] = pow10_i64(step.scale - s);
        } else if (__builtin_mul_overflow(step.mantissa, pow10_i64(s - step.scale),
                                          &grid->div[s])) {
            grid->div[s] = 0; /* the step is above any value of that many decimals */
        }
    }
}

static pl_i128 gcd(pl_i128 a, pl_i128 b)
{
    while (b != 0) {
        pl_i128 t = a % b;
        a = b;
        b = t;
    }
    return a;
}

int pl_grid_see(struct pl_grid *grid, struct pl_decimal value)
{
    int64_t m = value.mantissa < 0 ? -value.mantissa : value.mantissa;
    int32_t s = value.scale;
    if (m == 0) {
        return 0;
    }
    while (s > 0 && m % 10 == 0) {
        m /= 10;
        s--;
    }
    pl_i128 a = grid->seen, b = m;
    int32_t scale = grid->seen_scale > s ? grid->seen_scale : s;
    a *= pow10_i64(scale - grid->seen_scale);
    b *= pow10_i64(scale - s);
    if (a != 0 && b % a == 0) {
        b = a;
    } else {
        b = gcd(a, b);
    }
    while (scale > 0 && b % 10 == 0) {
        b /= 10;
        scale--;
    }
    if (b > INT64_MAX) {
        return PL_ERR_OVERFLOW;
    }
    grid->seen = (int64_t)b;
    grid->seen_scale = scale;
    return 0;
}

struct pl_decimal pl_grid_found(const struct pl_grid *grid)
{
    int64_t g = grid->seen, form = 1;
    int32_t scale = grid->seen_scale;
    if (g == 0) {
        return (struct pl_decimal){1, 0};
    }
    while (g % 10 == 0) {
        g /= 10;
        form *= 10; /* whole tens of a grid above 1 */
    }
    form *= g % 5 == 0 ? 5 : g % 2 == 0 ? 2 : 1;
    return (struct pl_decimal){form, scale};
}

int pl_grid_steps_round(const struct pl_grid *grid, struct pl_decimal value, int64_t *out)
{
    pl_i128 num = value.mantissa, den = grid->step.mantissa;
    for (int32_t s = value.scale; s < grid->step.scale; s++) {
        num *= 10;
    }
    for (int32_t s = grid->step.scale; s < value.scale; s++) {
        den *= 10;
    }
    num = 2 * num + den;
    den *= 2;
    pl_i128 q = num / den;
    if (num < 0 && q * den != num) {
        q--;
    }
    if (q > INT64_MAX || q < INT64_MIN) {
        return PL_ERR_OVERFLOW;
    }
    *out = (int64_t)q;
    return 0;
}
