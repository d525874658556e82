#include "app/fills_csv.h"

#include <errno.h>
#include <string.h>

int pl_fills_csv_open(struct pl_fills_csv *csv, const char *path, struct pl_error *err)
{
    *csv = (struct pl_fills_csv){.path = path};
    if (path == NULL) {
        return 0;
    }
    csv->out = fopen(path, "w");
    if (csv->out == NULL) {
        return pl_error_set(err, PL_ERR_IO, "%s: %s", path, strerror(errno));
    }
    (void)fputs("venue_ns,local_ns,symbol,side,px,qty,fee,maker_or_taker,order_id\n", csv->out);
    return 0;
}

/* a * b as a short decimal; false when it does not fit. */
static bool times(struct pl_decimal *a, struct pl_decimal b)
{
    a->scale += b.scale;
    if (__builtin_mul_overflow(a->mantissa, b.mantissa, &a->mantissa)) {
        return false;
    }
    for (; a->scale > 0 && a->mantissa % 10 == 0; a->scale--) {
        a->mantissa /= 10;
    }
    return a->scale <= 18;
}

/* value x rate, or quantity x rate, digit by digit. */
static bool exact_fee(const struct pl_fills_csv *csv, const struct pl_sim_fill *f, char *text)
{
    const struct pl_inst *inst = &csv->inst[f->market];
    struct pl_decimal fee = {f->taker ? inst->taker_fee_e9 : inst->maker_fee_e9, 9};
    bool fits = times(&fee, (struct pl_decimal){f->lots, 0}) && times(&fee, inst->lot);
    if (!csv->fee_by_qty) {
        fits = inst->kind != PL_INST_INVERSE && fits && times(&fee, inst->contract_size) &&
               times(&fee, (struct pl_decimal){f->px, 0}) && times(&fee, inst->tick);
    }
    return fits &&
           pl_decimal_print_steps(fee.mantissa, (struct pl_decimal){1, fee.scale}, text) > 0;
}

static void print_fee(const struct pl_fills_csv *csv, const struct pl_sim_fill *f, char *text)
{
    if (exact_fee(csv, f, text)) {
        return;
    }
    struct pl_ledger_terms terms;
    pl_ledger_terms_init(&terms, &csv->inst[f->market]);
    double rate = (double)(f->taker ? terms.taker_fee_e9 : terms.maker_fee_e9) / 1e9;
    double base = csv->fee_by_qty ? (double)f->lots * terms.lot
                                  : (double)pl_ledger_value(&terms, f->px, f->lots) * terms.unit;
    (void)snprintf(text, PL_DECIMAL_TEXT_MAX, "%.12f", base * rate);
}

void pl_fills_csv_on_fill(void *ctx, const struct pl_sim_fill *f)
{
    struct pl_fills_csv *csv = ctx;
    const struct pl_inst *inst = &csv->inst[f->market];
    char px[PL_DECIMAL_TEXT_MAX], qty[PL_DECIMAL_TEXT_MAX], fee[PL_DECIMAL_TEXT_MAX];
    if (pl_decimal_print_steps(f->px, inst->tick, px) < 0) {
        (void)snprintf(px, sizeof px, "%.17g", pl_px_to_double(inst, f->px));
    }
    if (pl_decimal_print_steps(f->lots, inst->lot, qty) < 0) {
        (void)snprintf(qty, sizeof qty, "%.17g", pl_qty_to_double(inst, f->lots));
    }
    print_fee(csv, f, fee);
    (void)fprintf(csv->out, "%lld,%lld,%s,%s,%s,%s,%s,%s,%u\n", (long long)f->venue_ns,
                  (long long)f->local_ns, inst->symbol, f->side == PL_BUY ? "buy" : "sell", px, qty,
                  fee, f->taker ? "taker" : "maker", f->order_id);
}

int pl_fills_csv_close(struct pl_fills_csv *csv, struct pl_error *err)
{
    if (csv->out == NULL) {
        return 0;
    }
    bool failed = ferror(csv->out) != 0;
    failed |= fclose(csv->out) != 0;
    csv->out = NULL;
    return failed ? pl_error_set(err, PL_ERR_IO, "%s: the fills could not be written", csv->path)
                  : 0;
}
