/* The rule, every period: a bid at best bid - offset while position < max, an ask at best ask +
 * offset while position > -max, each of `size`; live orders elsewhere are cancelled. Post-only; an
 * order with a request in flight counts as live. It exists to compare engines, not to earn. */
#include "strategy/reference.h"

#include "core/order_kind.h"
#include "strategy/strategy.h"

#include <stddef.h>

struct state {
    int64_t offset, size_lots;
    int64_t twice_max_less_size; /* 2 max - size: want while 2 |pos| stays below it */
};

static const struct pl_setting rows[] = {
    {.name = "offset",
     .type = PL_SET_I64,
     .unit = "ticks",
     .def = "0",
     .min = -1000,
     .max = 100000,
     .search_min = 0,
     .search_max = 20,
     .reload = PL_RELOAD_YES,
     .help = "Distance from the touch, outward.",
     .offset = offsetof(struct pl_reference_params, offset)},
    {.name = "size",
     .type = PL_SET_F64,
     .unit = "size",
     .def = "0.001",
     .min = 1e-12,
     .max = 1e12,
     .reload = PL_RELOAD_YES,
     .help = "Size of each order.",
     .offset = offsetof(struct pl_reference_params, size)},
    {.name = "max",
     .type = PL_SET_F64,
     .unit = "size",
     .def = "0.02",
     .min = 0,
     .max = 1e12,
     .reload = PL_RELOAD_YES,
     .help = "No bid at or above this position, no ask at or below minus it.",
     .offset = offsetof(struct pl_reference_params, max)},
    {.name = "period_ms",
     .type = PL_SET_I64,
     .unit = "ms",
     .def = "100",
     .min = 1,
     .max = 86400000,
     .search_min = 10,
     .search_max = 10000,
     .search_log = true,
     .reload = PL_RELOAD_RESTART,
     .help = "Time between decisions.",
     .offset = offsetof(struct pl_reference_params, period_ms)},
};

static const struct pl_settings_table table = {
    .section = "reference",
    .row = rows,
    .count = sizeof rows / sizeof rows[0],
    .struct_size = sizeof(struct pl_reference_params),
};

/* Whole lots, or an error naming the setting: sizes are never rounded silently. */
static int to_lots(const struct pl_inst *inst, const char *name, double size, int64_t *out,
                   struct pl_error *err)
{
    double lots = size / pl_inst_lot(inst);
    int64_t whole = (int64_t)(lots + 0.5);
    double apart = lots - (double)whole;
    if (lots > 9e15 || apart > 1e-6 || apart < -1e-6) {
        return pl_error_set(err, PL_ERR_INVALID,
                            "%s %.10g: not a whole number of lots of %.10g (%s)", name, size,
                            pl_inst_lot(inst), inst->symbol);
    }
    *out = whole;
    return 0;
}

static int bind(const void *params, const struct pl_strategy_market *market, void *state,
                struct pl_strategy_traits *traits, struct pl_error *err)
{
    const struct pl_reference_params *p = params;
    struct state *s = state;
    int64_t max_lots;
    int rc = to_lots(market->inst, "size", p->size, &s->size_lots, err);
    if (rc == 0) {
        rc = to_lots(market->inst, "max", p->max, &max_lots, err);
    }
    if (rc < 0) {
        return rc;
    }
    s->offset = p->offset;
    s->twice_max_less_size = 2 * max_lots - s->size_lots;
    *traits = (struct pl_strategy_traits){
        .refresh_ns = p->period_ms * PL_NS_PER_MS,
        .guard_input = {PL_GUARD_BID, PL_GUARD_ASK},
        .cancelling_counts = true,
        .replace_ticks = 1,
        .size_tolerance = -1,
        .levels_max = 1,
    };
    return 0;
}

static void decide(void *state, const struct pl_strategy_view *view, struct pl_wanted *out)
{
    const struct state *s = state;
    int64_t bid = view->own->touch.px[PL_BUY], ask = view->own->touch.px[PL_SELL];
    out->count[PL_BUY] = out->count[PL_SELL] = 0;
    out->flags[PL_BUY] = out->flags[PL_SELL] = PL_ORDF_POST_ONLY;
    out->reason[PL_BUY] = out->reason[PL_SELL] = PL_NOQUOTE_MAX_POSITION;
    out->fair = 0.5 * (double)(bid + ask);
    if (2 * view->pos_lots < s->twice_max_less_size) {
        out->level[PL_BUY][0] = (struct pl_wanted_level){bid - s->offset, s->size_lots};
        out->count[PL_BUY] = 1;
    }
    if (-2 * view->pos_lots < s->twice_max_less_size) {
        out->level[PL_SELL][0] = (struct pl_wanted_level){ask + s->offset, s->size_lots};
        out->count[PL_SELL] = 1;
    }
    out->guard = (struct pl_wanted_guard){.on = true,
                                          .lo = {(double)bid, (double)ask},
                                          .hi = {(double)bid, (double)ask},
                                          .valid_until_ns = PL_TIME_NEVER};
}

const struct pl_strategy pl_strategy_reference = {
    .name = "reference",
    .summary = "quotes at a fixed distance from the touch; for comparing engines",
    .settings = &table,
    .state_size = sizeof(struct state),
    .bind = bind,
    .decide = decide,
};
