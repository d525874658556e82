/* One strategy with its settings, instrument and view, for tests: set, bind, ask. */
#ifndef PL_TEST_MAKER_H
#define PL_TEST_MAKER_H

#include "strategy/strategy.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct maker {
    const struct pl_strategy *strategy;
    void *params, *state;
    struct pl_inst inst, lead_inst;
    bool has_lead;
    struct pl_strategy_traits traits;
    struct pl_view_rec own, lead;
    double feature[PL_STRATEGY_FEATURES_MAX];
    struct pl_strategy_view view;
    struct pl_wanted wanted;
    struct pl_error err;
};

static inline struct pl_decimal maker_decimal(const char *text)
{
    struct pl_decimal value;
    if (pl_decimal_parse(pl_str(text), &value) < 0) {
        fail_msg("%s is not a decimal", text);
    }
    return value;
}

static inline void maker_start(struct maker *m, const struct pl_strategy *strategy,
                               const char *tick, const char *lot)
{
    *m = (struct maker){.strategy = strategy};
    m->inst = (struct pl_inst){.venue = "test",
                               .symbol = "XYZUSD",
                               .base = "XYZ",
                               .quote = "USD",
                               .tick = maker_decimal(tick),
                               .lot = maker_decimal(lot),
                               .contract_size = {1, 0}};
    m->lead_inst = m->inst;
    m->params = calloc(1, strategy->settings->struct_size);
    m->state = calloc(1, strategy->state_size);
    assert_int_equal(pl_settings_defaults(strategy->settings, m->params, &m->err), 0);
    m->view.now_ns = INT64_C(1700000000) * PL_NS_PER_S; /* Tuesday 22:13:20 */
}

static inline void maker_free(struct maker *m)
{
    free(m->params);
    free(m->state);
}

static inline void maker_set(struct maker *m, const char *name, const char *value)
{
    const struct pl_setting *row = pl_settings_find(m->strategy->settings, pl_str(name));
    struct pl_setting_origin origin = {"test", 0};
    if (row == NULL || pl_settings_parse(row, pl_str(value), origin, m->params, &m->err) < 0) {
        fail_msg("%s: %s", name, row == NULL ? "no such setting" : m->err.text);
    }
}

/* "name=value name=value": values without blanks. */
static inline void maker_set_all(struct maker *m, const char *pairs)
{
    char copy[512], *rest = copy;
    (void)snprintf(copy, sizeof copy, "%s", pairs);
    for (char *pair; (pair = strtok_r(rest, " ", &rest)) != NULL;) {
        char *equals = strchr(pair, '=');
        assert_non_null(equals);
        *equals = '\0';
        maker_set(m, pair, equals + 1);
    }
}

static inline int maker_try_bind(struct maker *m)
{
    struct pl_strategy_market market = {.inst = &m->inst,
                                        .lead = m->has_lead ? &m->lead_inst : NULL,
                                        .max_position_lots = INT64_MAX};
    memset(m->state, 0, m->strategy->state_size);
    int rc = m->strategy->settings->check(m->params, &m->err);
    return rc < 0 ? rc : m->strategy->bind(m->params, &market, m->state, &m->traits, &m->err);
}

static inline void maker_bind(struct maker *m)
{
    if (maker_try_bind(m) < 0) {
        fail_msg("bind: %s", m->err.text);
    }
}

static inline struct pl_view_rec maker_touch(int64_t bid, int64_t bid_lots, int64_t ask,
                                             int64_t ask_lots)
{
    struct pl_view_rec rec = {.number = 1};
    rec.touch.px[PL_BUY] = bid;
    rec.touch.px[PL_SELL] = ask;
    rec.touch.lots[PL_BUY] = bid_lots;
    rec.touch.lots[PL_SELL] = ask_lots;
    return rec;
}

static inline const struct pl_wanted *maker_ask(struct maker *m)
{
    m->view.own = &m->own;
    m->view.lead = m->has_lead ? &m->lead : NULL;
    m->view.feature = m->feature;
    memset(&m->wanted, 0x5a, sizeof m->wanted); /* everything that counts must be written */
    m->wanted.guard.on = false;
    m->strategy->decide(m->state, &m->view, &m->wanted);
    return &m->wanted;
}

/* "1000x4 999x2 / 1001x4": bids innermost first, then asks; an empty side is its reason. */
static inline const char *maker_text(const struct pl_wanted *w, char *out, size_t size)
{
    size_t used = 0;
    for (int side = 0; side < 2; side++) {
        if (w->count[side] == 0) {
            used += (size_t)snprintf(out + used, size - used, " %s",
                                     pl_noquote_name((enum pl_noquote)w->reason[side]));
        }
        for (uint32_t i = 0; i < w->count[side]; i++) {
            used += (size_t)snprintf(out + used, size - used, " %lldx%lld",
                                     (long long)w->level[side][i].px,
                                     (long long)w->level[side][i].lots);
        }
        used += (size_t)snprintf(out + used, size - used, side == 0 ? " /" : "");
    }
    return out + 1;
}

static inline void maker_expect(struct maker *m, const char *what, const char *want)
{
    char got[2048];
    const char *text = maker_text(maker_ask(m), got, sizeof got);
    if (strcmp(text, want) != 0) {
        fail_msg("%s: %s, not %s", what, text, want);
    }
}

/* Each line of words about a price must sum to it. Returns how many did. */
static inline int maker_explained(struct maker *m)
{
    char text[8192];
    int size = m->strategy->explain(m->state, &m->view, text, sizeof text), lines = 0;
    assert_in_range(size, 1, (int)sizeof text - 1);
    for (char *rest = text, *line; (line = strtok_r(rest, "\n", &rest)) != NULL;) {
        char *equals = strstr(line, " = ");
        if (equals == NULL) {
            continue;
        }
        double sum = 0, px = atof(equals + 3);
        *equals = '\0';
        char *words = strchr(line, ':') + 1;
        for (char *word; (word = strtok_r(words, " ", &words)) != NULL;) {
            char *number = strtok_r(words, " ", &words);
            sum += atof(number);
        }
        if (fabs(sum - px) > 1e-5) {
            fail_msg("%s: sums to %.6f, not %.6f", line, sum, px);
        }
        lines++;
    }
    return lines;
}

#endif
