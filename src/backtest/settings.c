#include "backtest/settings.h"

#include <stddef.h>
#include <string.h>

static const char *const queue_choices[] = {
    "risk", "power2", "power", "power_total", "power_ratio", "log", "log_total", "prorata", NULL};
static const struct {
    enum pl_queue_model model;
    double n; /* 0 = queue_n */
} queue_models[] = {
    {PL_QUEUE_RISK, 1},   {PL_QUEUE_POWER1, 2}, {PL_QUEUE_POWER1, 0}, {PL_QUEUE_POWER2, 0},
    {PL_QUEUE_POWER3, 0}, {PL_QUEUE_LOG1, 1},   {PL_QUEUE_LOG2, 1},   {PL_QUEUE_PRORATA, 1},
};
static const char *const latency_choices[] = {"constant", "feed", "lognormal", NULL};
static const char *const asset_choices[] = {"data", "linear", "inverse", "spot", NULL};
static const char *const compat_choices[] = {"none", "hftbacktest", NULL};
static const char *const through_choices[] = {"print", "displayed", NULL};

#define AT(field) offsetof(struct pl_backtest_settings, field)

static const struct pl_setting rows[] = {
    {.name = "queue",
     .type = PL_SET_ENUM,
     .unit = "",
     .def = "power2",
     .choices = queue_choices,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(queue),
     .help = "Queue model: who left a shrinking level. power2 is power with n = 2."},
    {.name = "queue_n",
     .type = PL_SET_F64,
     .unit = "",
     .def = "2",
     .min = 0.01,
     .max = 20,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(queue_n),
     .help = "Exponent of the power models."},
    {.name = "latency",
     .type = PL_SET_ENUM,
     .unit = "",
     .def = "constant",
     .choices = latency_choices,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(latency),
     .help = "Order latency: constant, a multiple of the recorded feed latency, or log-normal."},
    {.name = "entry_us",
     .type = PL_SET_F64,
     .unit = "us",
     .def = "5000",
     .min = 0,
     .max = 6e7,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(entry_us),
     .help = "Time of a request to the venue (feed: the least; lognormal: the median)."},
    {.name = "resp_us",
     .type = PL_SET_F64,
     .unit = "us",
     .def = "3000",
     .min = 0,
     .max = 6e7,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(resp_us),
     .help = "Time of an answer back to us."},
    {.name = "feed_extra_us",
     .type = PL_SET_F64,
     .unit = "us",
     .def = "0",
     .min = 0,
     .max = 6e7,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(feed_extra_us),
     .help = "Added to the recorded latency of market data."},
    {.name = "latency_factor",
     .type = PL_SET_F64,
     .unit = "",
     .def = "1",
     .min = 0,
     .max = 100,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(latency_factor),
     .help = "latency=feed: order latency as a multiple of feed latency."},
    {.name = "latency_log_sd",
     .type = PL_SET_F64,
     .unit = "",
     .def = "0.3",
     .min = 0,
     .max = 3,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(latency_log_sd),
     .help = "latency=lognormal: standard deviation of the logarithm."},
    {.name = "tick",
     .type = PL_SET_TEXT,
     .unit = "price",
     .def = "",
     .min = 0,
     .max = 24,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(tick),
     .help = "Price step; empty = as the data has it."},
    {.name = "lot",
     .type = PL_SET_TEXT,
     .unit = "size",
     .def = "",
     .min = 0,
     .max = 24,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(lot),
     .help = "Size step; empty = as the data has it."},
    {.name = "maker",
     .type = PL_SET_TEXT,
     .unit = "fraction",
     .def = "",
     .min = 0,
     .max = 24,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(maker),
     .help = "Maker fee on value, negative = rebate; empty = as the data has it, else 0.0002 "
             "(reference: -0.00005)."},
    {.name = "taker",
     .type = PL_SET_TEXT,
     .unit = "fraction",
     .def = "",
     .min = 0,
     .max = 24,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(taker),
     .help = "Taker fee on value; empty = as the data has it, else 0.00055 (reference: 0.0007)."},
    {.name = "fee_by_qty",
     .type = PL_SET_BOOL,
     .unit = "",
     .def = "false",
     .reload = PL_RELOAD_RESTART,
     .offset = AT(fee_by_qty),
     .help = "Fees per base unit instead of on value."},
    {.name = "asset",
     .type = PL_SET_ENUM,
     .unit = "",
     .def = "data",
     .choices = asset_choices,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(asset),
     .help = "How positions are valued; data = as the data says."},
    {.name = "compat",
     .type = PL_SET_ENUM,
     .unit = "",
     .def = "none",
     .choices = compat_choices,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(compat),
     .help = "hftbacktest: that engine's fills and clock, known faults included, for parity."},
    {.name = "through",
     .type = PL_SET_ENUM,
     .unit = "",
     .def = "print",
     .choices = through_choices,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(through),
     .help = "What a print through our price fills at most: its own size, or the displayed size."},
    {.name = "rate_per_s",
     .type = PL_SET_I64,
     .unit = "1/s",
     .def = "0",
     .min = 0,
     .max = 1000000,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(rate_per_s),
     .help = "Requests a second the venue accepts from one account; 0 = no limit."},
    {.name = "rate_burst",
     .type = PL_SET_I64,
     .unit = "",
     .def = "10",
     .min = 1,
     .max = 1000000,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(rate_burst),
     .help = "Requests that may come at once under rate_per_s."},
    {.name = "amend",
     .type = PL_SET_BOOL,
     .unit = "",
     .def = "false",
     .reload = PL_RELOAD_YES,
     .offset = AT(amend),
     .help = "Replace orders by amending them (one request) instead of cancel and new (two)."},
    {.name = "guards",
     .type = PL_SET_BOOL,
     .unit = "",
     .def = "true",
     .reload = PL_RELOAD_YES,
     .offset = AT(guards),
     .help = "Skip decisions that cannot change the quotes; results are the same without."},
    {.name = "seed",
     .type = PL_SET_I64,
     .unit = "",
     .def = "1",
     .min = 0,
     .max = 0x1p53,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(seed),
     .help = "Seed of everything drawn at random."},
    {.name = "order_slots",
     .type = PL_SET_I64,
     .unit = "",
     .def = "0",
     .min = 0,
     .max = 256,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(order_slots),
     .help = "Orders a maker may have open or in flight; 0 = what its levels need."},
    {.name = "position_limit",
     .type = PL_SET_F64,
     .unit = "size",
     .def = "0",
     .min = 0,
     .max = 1e12,
     .reload = PL_RELOAD_YES,
     .offset = AT(max_position),
     .help = "The mark: position plus open orders never pass it; 0 = none."},
    {.name = "book_size",
     .type = PL_SET_F64,
     .unit = "money",
     .def = "0",
     .min = 0,
     .max = 1e15,
     .reload = PL_RELOAD_YES,
     .offset = AT(book_size),
     .help = "Equity that returns are measured on; 0 = the value of the mark or largest position."},
};

const struct pl_settings_table pl_backtest_settings_table = {
    .section = "backtest",
    .row = rows,
    .count = sizeof rows / sizeof rows[0],
    .struct_size = sizeof(struct pl_backtest_settings),
};

void pl_backtest_queue(const struct pl_backtest_settings *s, struct pl_queue_params *out)
{
    double n = queue_models[s->queue].n;
    *out = (struct pl_queue_params){
        .model = queue_models[s->queue].model,
        .n = n > 0 ? n : s->queue_n,
        .clamp = s->compat == PL_COMPAT_NONE,
        .unit = 1,
    };
}

static int step_setting(const char *name, const char *text, struct pl_decimal *out,
                        struct pl_error *err)
{
    struct pl_decimal value;
    if (pl_decimal_parse(pl_str(text), &value) < 0 || value.mantissa <= 0) {
        return pl_error_set(err, PL_ERR_INVALID, "%s %s: not a decimal above 0, such as 0.01", name,
                            text);
    }
    *out = value;
    return 0;
}

static int fee_setting(const char *name, const char *text, int64_t *out_e9, struct pl_error *err)
{
    struct pl_decimal value;
    if (pl_decimal_parse(pl_str(text), &value) < 0 || pl_decimal_at_scale(value, 9, out_e9) < 0 ||
        *out_e9 < -50000000 || *out_e9 > 50000000) {
        return pl_error_set(
            err, PL_ERR_INVALID,
            "%s %s: legal -0.05..0.05 with at most 9 decimals (a fraction of value)", name, text);
    }
    return 0;
}

/* The tick of the data divides every price of it; another one only fits if it is the same. */
static int same_grid(const char *name, struct pl_decimal given, struct pl_decimal of_data,
                     const struct pl_inst *inst, struct pl_error *err)
{
    if (given.mantissa == of_data.mantissa && given.scale == of_data.scale) {
        return 0;
    }
    char have[PL_DECIMAL_TEXT_MAX];
    (void)!pl_decimal_print_steps(1, of_data, have);
    return pl_error_set(err, PL_ERR_INVALID,
                        "%s: the tape of %s has %s %s; import the capture again with --%s", name,
                        inst->symbol, name, have, name);
}

int pl_backtest_instrument(const struct pl_backtest_settings *s, bool reference,
                           struct pl_inst *inst, struct pl_error *err)
{
    static const enum pl_inst_kind kinds[] = {PL_INST_LINEAR, PL_INST_LINEAR, PL_INST_INVERSE,
                                              PL_INST_SPOT};
    struct pl_decimal step = {0, 0};
    int rc = 0;
    if (s->tick[0] != 0) {
        rc = step_setting("tick", s->tick, &step, err);
        rc = rc < 0 ? rc : same_grid("tick", step, inst->tick, inst, err);
    }
    if (rc == 0 && s->lot[0] != 0) {
        rc = step_setting("lot", s->lot, &step, err);
        rc = rc < 0 ? rc : same_grid("lot", step, inst->lot, inst, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (s->asset != PL_ASSET_DATA) {
        inst->kind = kinds[s->asset];
        inst->contract_size = (struct pl_decimal){1, 0};
    }
    if (inst->maker_fee_e9 == 0 && inst->taker_fee_e9 == 0) {
        inst->maker_fee_e9 = reference ? -50000 : 200000;
        inst->taker_fee_e9 = reference ? 700000 : 550000;
    }
    rc = s->maker[0] != 0 ? fee_setting("maker", s->maker, &inst->maker_fee_e9, err) : 0;
    if (rc == 0 && s->taker[0] != 0) {
        rc = fee_setting("taker", s->taker, &inst->taker_fee_e9, err);
    }
    return rc;
}
