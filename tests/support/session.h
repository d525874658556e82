/* Runs of pl_backtest_run over streams in memory, and two strategies that are unkind on purpose. */
#ifndef TEST_SESSION_H
#define TEST_SESSION_H

#include "backtest/run.h"
#include "strategy/reference.h"
#include "support/stream.h"

#include <stddef.h>
#include <stdio.h>

#define SESSION_MAKERS_MAX 512

struct session {
    struct pl_backtest_settings settings;
    struct pl_driver_source source[4];
    struct pl_inst inst[4];
    uint32_t source_count;
    struct pl_backtest_maker maker[SESSION_MAKERS_MAX];
    uint32_t maker_count;
    struct pl_backtest backtest;
    struct pl_error err;
};

static inline void session_init(struct session *s)
{
    memset(s, 0, sizeof *s);
    int rc = pl_settings_defaults(&pl_backtest_settings_table, &s->settings, &s->err);
    PL_ASSERT(rc == 0);
}

static inline void session_data(struct session *s, struct stream *stream)
{
    uint32_t i = s->source_count++;
    s->source[i] = (struct pl_driver_source){&stream->source, i};
    s->inst[i] = stream->inst[0];
    stream->at = 0;
}

/* One maker in a universe of its own. */
static inline struct pl_backtest_maker *
session_maker(struct session *s, const struct pl_strategy *strategy, const void *params)
{
    PL_ASSERT(s->maker_count < SESSION_MAKERS_MAX);
    struct pl_backtest_maker *m = &s->maker[s->maker_count];
    *m = (struct pl_backtest_maker){
        .strategy = strategy, .params = params, .universe = s->maker_count, .lead_market = -1};
    s->maker_count++;
    return m;
}

/* 0, or the error, told. The result stands in s->backtest until session_free. */
static inline int session_run(struct session *s)
{
    struct pl_backtest_spec spec = {.settings = &s->settings,
                                    .source = s->source,
                                    .source_count = s->source_count,
                                    .inst = s->inst,
                                    .market_count = s->source_count,
                                    .maker = s->maker,
                                    .maker_count = s->maker_count,
                                    .universe_count = s->maker_count};
    for (uint32_t i = 0; i < s->source_count; i++) {
        s->source[i].source->rewind(s->source[i].source, &s->err);
    }
    int rc = pl_backtest_run(&spec, &s->backtest, &s->err);
    if (rc < 0) {
        printf("%s\n", s->err.text);
    }
    return rc;
}

static inline void session_free(struct session *s)
{
    pl_backtest_free(&s->backtest);
}

/* ---- steps: a guarded ladder whose sizes and prices depend on a coarse mid ------------------- */

struct steps_params {
    int64_t levels, offset, coarse; /* the mid is read in steps of `coarse` ticks */
    int64_t period_ms, age_ms;
    double tolerance;   /* of sizes; below 0 = they never matter */
    bool on_fill, take; /* take: not post-only, and one side across the touch */
};

struct steps_state {
    struct steps_params p;
};

#define STEPS_ROW(field, kind, low, high)                                              \
    {                                                                                  \
        .name = #field, .type = kind, .unit = "", .def = "1", .min = low, .max = high, \
        .reload = PL_RELOAD_YES, .help = "Of the test.",                               \
        .offset = offsetof(struct steps_params, field)                                 \
    }

static const struct pl_setting steps_rows[] = {
    STEPS_ROW(levels, PL_SET_I64, 1, 8),
    STEPS_ROW(offset, PL_SET_I64, -100, 100),
    STEPS_ROW(coarse, PL_SET_I64, 1, 100),
    STEPS_ROW(period_ms, PL_SET_I64, 1, 100000),
    STEPS_ROW(age_ms, PL_SET_I64, 0, 100000),
    STEPS_ROW(tolerance, PL_SET_F64, -1, 1),
    {.name = "on_fill",
     .type = PL_SET_BOOL,
     .unit = "",
     .def = "false",
     .reload = PL_RELOAD_YES,
     .help = "Of the test.",
     .offset = offsetof(struct steps_params, on_fill)},
    {.name = "take",
     .type = PL_SET_BOOL,
     .unit = "",
     .def = "false",
     .reload = PL_RELOAD_YES,
     .help = "Of the test.",
     .offset = offsetof(struct steps_params, take)},
};

static const struct pl_settings_table steps_table = {.section = "steps",
                                                     .row = steps_rows,
                                                     .count = PL_COUNT(steps_rows),
                                                     .struct_size = sizeof(struct steps_params)};

static inline int steps_bind(const void *params, const struct pl_strategy_market *market,
                             void *state, struct pl_strategy_traits *traits, struct pl_error *err)
{
    (void)market;
    (void)err;
    struct steps_state *s = state;
    s->p = *(const struct steps_params *)params;
    *traits = (struct pl_strategy_traits){.refresh_ns = s->p.period_ms * PL_NS_PER_MS,
                                          .guard_input = {PL_GUARD_MID, PL_GUARD_NONE},
                                          .decide_on_fill = s->p.on_fill,
                                          .replace_ticks = 1,
                                          .size_tolerance = s->p.tolerance,
                                          .refill_below = 0.5,
                                          .order_age_ns = s->p.age_ms * PL_NS_PER_MS,
                                          .levels_max = (uint32_t)s->p.levels};
    return 0;
}

static inline void steps_decide(void *state, const struct pl_strategy_view *view,
                                struct pl_wanted *out)
{
    const struct steps_params *p = &((const struct steps_state *)state)->p;
    const struct pl_touch *touch = &view->own->touch;
    double mid = 0.5 * (double)(touch->px[PL_BUY] + touch->px[PL_SELL]);
    int64_t cell = (int64_t)(mid / (double)p->coarse);
    int64_t centre = cell * p->coarse;
    for (int side = 0; side < 2; side++) {
        int64_t sign = pl_side_sign((enum pl_side)side);
        bool full = view->pos_lots * sign > 60;
        out->count[side] = full ? 0 : (uint32_t)p->levels;
        out->flags[side] = p->take ? 0 : PL_ORDF_POST_ONLY;
        out->reason[side] = PL_NOQUOTE_MAX_POSITION;
        for (int64_t i = 0; i < p->levels; i++) {
            int64_t across = p->take && (cell & 1) == side ? 6 : 0;
            out->level[side][i] = (struct pl_wanted_level){
                centre - sign * (p->offset + 2 * i - across), 4 + (cell & 3) * 4 + i};
        }
    }
    out->fair = mid;
    out->guard = (struct pl_wanted_guard){.on = true,
                                          .lo = {(double)centre, -1},
                                          .hi = {(double)(centre + p->coarse) - 0.5, 1},
                                          .valid_until_ns = PL_TIME_NEVER};
}

static const struct pl_strategy steps_strategy = {.name = "steps",
                                                  .summary = "of the test",
                                                  .settings = &steps_table,
                                                  .state_size = sizeof(struct steps_state),
                                                  .bind = steps_bind,
                                                  .decide = steps_decide};

/* Makers of every kind, the same for the same `i`. */
static inline void session_varied(uint32_t i, struct pl_reference_params *reference,
                                  struct steps_params *steps)
{
    *reference = (struct pl_reference_params){.offset = i % 7,
                                              .size = 0.001 * (double)(1 + i % 5),
                                              .max = 0.02 * (double)(1 + i % 3),
                                              .period_ms = 10 + 15 * (i % 4)};
    *steps = (struct steps_params){.levels = 1 + i % 3,
                                   .offset = 1 + i % 4,
                                   .coarse = 1 + i % 5,
                                   .period_ms = 10 + 20 * (i % 3),
                                   .age_ms = i % 6 == 5 ? 70 : 0,
                                   .tolerance = i % 2 ? 0.1 : -1,
                                   .on_fill = i % 3 == 1,
                                   .take = i % 4 == 3};
}

#endif
