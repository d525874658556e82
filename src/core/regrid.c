#include "core/regrid.h"

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* old / new as a fraction; both are short decimals, so the products fit easily. */
static struct pl_ratio ratio_of(struct pl_decimal old, struct pl_decimal new)
{
    int64_t num = old.mantissa, den = new.mantissa;
    for (int32_t s = old.scale; s < new.scale; s++) {
        num *= 10;
    }
    for (int32_t s = new.scale; s < old.scale; s++) {
        den *= 10;
    }
    int64_t divisor = common_divisor(num, den);
    return (struct pl_ratio){num / divisor, den / divisor};
}

int pl_regrid(const struct pl_inst *from, const struct pl_inst *to, struct pl_regrid *out,
              struct pl_error *err)
{
    if (from->kind != to->kind || from->contract_size.mantissa != to->contract_size.mantissa ||
        from->contract_size.scale != to->contract_size.scale) {
        return pl_error_set(err, PL_ERR_UNSUPPORTED,
                            "%s: kind or contract size change in mid-session; split the data there",
                            to->symbol);
    }
    out->px = ratio_of(from->tick, to->tick);
    out->lots = ratio_of(from->lot, to->lot);
    out->moved = out->px.num != out->px.den || out->lots.num != out->lots.den;
    return 0;
}

bool pl_regrid_exact(struct pl_ratio ratio, int64_t *value)
{
    pl_i128 scaled = (pl_i128)*value * ratio.num;
    if (scaled % ratio.den != 0) {
        return false;
    }
    *value = (int64_t)(scaled / ratio.den);
    return true;
}

pl_i128 pl_regrid_nearest(pl_i128 value, pl_i128 num, pl_i128 den)
{
    pl_i128 scaled = value * num, abs = scaled < 0 ? -scaled : scaled;
    pl_i128 q = abs / den, twice = (abs % den) * 2;
    q += twice > den || (twice == den && (q & 1) != 0);
    return scaled < 0 ? -q : q;
}
