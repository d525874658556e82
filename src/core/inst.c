#include "core/inst.h"

#include "base/assert.h"
#include "base/int128.h"

static int parse_steps(struct pl_decimal step, struct pl_str text, enum pl_round round,
                       int64_t *out)
{
    struct pl_decimal value;
    int rc = pl_decimal_parse(text, &value);
    if (rc < 0) {
        return rc;
    }
    rc = pl_decimal_steps(value, step, out);
    if (rc != PL_ERR_OFFGRID || round == PL_ROUND_EXACT) {
        return rc;
    }
    pl_i128 num = value.mantissa, den = step.mantissa;
    for (int32_t s = value.scale; s < step.scale; s++) {
        num *= 10;
    }
    for (int32_t s = step.scale; s < value.scale; s++) {
        den *= 10;
    }
    pl_i128 q = num / den; /* towards zero; off-grid, so the remainder is not 0 */
    if (round == PL_ROUND_DOWN && num < 0) {
        q--;
    } else if (round == PL_ROUND_UP && num > 0) {
        q++;
    }
    if (q > INT64_MAX || q < INT64_MIN) {
        return PL_ERR_OVERFLOW;
    }
    *out = (int64_t)q;
    return 0;
}

int pl_px_parse(const struct pl_inst *inst, struct pl_str text, enum pl_round round, pl_px *out)
{
    int64_t ticks;
    int rc = parse_steps(inst->tick, text, round, &ticks);
    if (rc == 0) {
        out->ticks = ticks;
    }
    return rc;
}

int pl_qty_parse(const struct pl_inst *inst, struct pl_str text, enum pl_round round, pl_qty *out)
{
    int64_t lots;
    int rc = parse_steps(inst->lot, text, round, &lots);
    if (rc == 0 && lots < 0) {
        return PL_ERR_INVALID;
    }
    if (rc == 0) {
        out->lots = lots;
    }
    return rc;
}

static double steps_to_double(int64_t count, struct pl_decimal step)
{
    /* count * mantissa is exact below 2^53, which every real price and size is. */
    int64_t unit = 1;
    for (int32_t s = 0; s < step.scale; s++) {
        unit *= 10;
    }
    return (double)count * (double)step.mantissa / (double)unit;
}

double pl_px_to_double(const struct pl_inst *inst, int64_t ticks)
{
    return steps_to_double(ticks, inst->tick);
}

double pl_qty_to_double(const struct pl_inst *inst, int64_t lots)
{
    return steps_to_double(lots, inst->lot);
}

double pl_inst_tick(const struct pl_inst *inst)
{
    return steps_to_double(1, inst->tick);
}

double pl_inst_lot(const struct pl_inst *inst)
{
    return steps_to_double(1, inst->lot);
}

int pl_inst_check(const struct pl_inst *inst, struct pl_error *err)
{
    const char *name = inst->symbol[0] != 0 ? inst->symbol : "(no symbol)";
    if (inst->symbol[0] == 0 || inst->venue[0] == 0) {
        return pl_error_set(err, PL_ERR_INVALID, "instrument %s: venue and symbol are needed",
                            name);
    }
    if (inst->kind > PL_INST_SPOT) {
        return pl_error_set(err, PL_ERR_INVALID, "instrument %s: unknown kind", name);
    }
    if (inst->tick.mantissa <= 0 || inst->lot.mantissa <= 0 || inst->contract_size.mantissa <= 0) {
        return pl_error_set(err, PL_ERR_INVALID,
                            "instrument %s: tick, lot and contract size must be above 0", name);
    }
    if (inst->min_lots < 0 || inst->max_lots < 0 || inst->min_ticks < 0 || inst->max_ticks < 0 ||
        (inst->max_lots > 0 && inst->min_lots > inst->max_lots) ||
        (inst->max_ticks > 0 && inst->min_ticks > inst->max_ticks)) {
        return pl_error_set(err, PL_ERR_INVALID, "instrument %s: limits are out of order", name);
    }
    return 0;
}
