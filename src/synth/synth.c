#include "synth/synth.h"

#include "base/assert.h"
#include "synth/market.h"

#include <math.h>
#include <stdlib.h>

#define SLICE_STEPS    20                  /* steps between merges of the markets' messages */
#define START_NS       INT64_C(1767598200) /* 2026-01-05 07:30:00 UTC, in seconds */
#define DURATION_MAX_S (INT64_C(366) * 86400)

struct pl_synth {
    struct pl_synth_cfg cfg;
    int64_t now_ns, end_ns, step_ns;
    bool opened, closed;
    uint16_t sink_market[PL_SYNTH_MARKETS_MAX];
    struct pl_synth_counts counts;
    struct pl_market_gen market[];
};

struct pl_synth_cfg pl_synth_cfg_default(const struct pl_synth_profile *profile)
{
    return (struct pl_synth_cfg){
        .seed = 1,
        .start_ns = START_NS * PL_NS_PER_S,
        .duration_ns = 3600 * PL_NS_PER_S,
        .rate = 1,
        .common = 0.7,
        .lag_ns = 20 * PL_NS_PER_MS,
        .market_count = 1,
        .market = {{.profile = profile}},
    };
}

static int cfg_check(const struct pl_synth_cfg *cfg, struct pl_error *err)
{
    if (cfg->market_count < 1 || cfg->market_count > PL_SYNTH_MARKETS_MAX) {
        return pl_error_set(err, PL_ERR_INVALID, "%u markets: 1 to %d can be generated",
                            cfg->market_count, PL_SYNTH_MARKETS_MAX);
    }
    if (cfg->duration_ns <= 0 || cfg->duration_ns > DURATION_MAX_S * PL_NS_PER_S) {
        return pl_error_set(err, PL_ERR_INVALID, "duration: more than 0 and at most 366 days");
    }
    if (cfg->start_ns < 0 || cfg->start_ns % PL_NS_PER_S != 0 || cfg->start_ns > INT64_MAX / 2) {
        return pl_error_set(err, PL_ERR_INVALID, "start: a whole second from 1970 to 2100");
    }
    if (!(cfg->rate >= 0.01 && cfg->rate <= 100)) {
        return pl_error_set(err, PL_ERR_INVALID, "rate %g: 0.01 to 100", cfg->rate);
    }
    if (!(cfg->common >= 0 && cfg->common <= 0.99)) {
        return pl_error_set(err, PL_ERR_INVALID, "common share %g: 0 to 0.99", cfg->common);
    }
    if (cfg->lag_ns < 0 || cfg->lag_ns > 10 * PL_NS_PER_S || cfg->snapshot_every_ns < 0) {
        return pl_error_set(err, PL_ERR_INVALID, "lag: 0 to 10 s; snapshot interval: 0 or more");
    }
    for (uint32_t i = 0; i < cfg->market_count; i++) {
        const struct pl_synth_market *m = &cfg->market[i];
        if (m->profile == NULL || !(m->price >= 0 && m->price < 1e9)) {
            return pl_error_set(err, PL_ERR_INVALID, "market %u: a profile and a price are needed",
                                i);
        }
        double ticks =
            (m->price > 0 ? m->price : m->profile->price) / pl_decimal_to_double(m->profile->tick);
        if (ticks < 100 || ticks > 1e12) {
            return pl_error_set(err, PL_ERR_INVALID,
                                "market %u: a price of %g ticks; 100 to 1e12 can be generated", i,
                                ticks);
        }
    }
    return 0;
}

/* The finest step that a profile asks for; finer still when all rates are raised. Whole
 * milliseconds that divide a second, so that stamps and marks fall on steps. */
static double step_of(const struct pl_synth_cfg *cfg)
{
    static const double allowed[] = {0.05, 0.02, 0.01, 0.005, 0.002, 0.001};
    double step = allowed[0];
    for (uint32_t i = 0; i < cfg->market_count; i++) {
        double wanted = cfg->market[i].profile->step_s;
        step = wanted < step ? wanted : step;
    }
    step = cfg->rate > 1 ? step / cfg->rate : step;
    for (size_t i = 0; i < PL_COUNT(allowed); i++) {
        if (allowed[i] <= step) {
            return allowed[i];
        }
    }
    return allowed[PL_COUNT(allowed) - 1];
}

int pl_synth_create(const struct pl_synth_cfg *cfg, struct pl_synth **out, struct pl_error *err)
{
    *out = NULL;
    int rc = cfg_check(cfg, err);
    if (rc < 0) {
        return rc;
    }
    struct pl_synth *s = calloc(1, sizeof *s + cfg->market_count * sizeof s->market[0]);
    if (s == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "no memory for %u markets", cfg->market_count);
    }
    s->cfg = *cfg;
    double step_s = step_of(cfg), warm_s = 0;
    for (uint32_t i = 0; i < cfg->market_count; i++) {
        const struct pl_synth_profile *p = cfg->market[i].profile;
        warm_s = p->warm_s > warm_s ? p->warm_s : warm_s;
    }
    s->step_ns = (int64_t)floor(step_s * 1e9 + 0.5);
    int64_t warm_steps = (int64_t)(warm_s / cfg->rate / step_s) + 1;
    s->now_ns = cfg->start_ns - warm_steps * s->step_ns;
    s->end_ns = cfg->start_ns + cfg->duration_ns;
    for (uint32_t i = 0; i < cfg->market_count; i++) {
        rc = pl_market_gen_init(&s->market[i], cfg, i, step_s, err);
        if (rc < 0) {
            s->cfg.market_count = i + 1; /* those that need to be taken down */
            pl_synth_destroy(&s);
            return rc;
        }
    }
    *out = s;
    return 0;
}

void pl_synth_destroy(struct pl_synth **synth)
{
    if (*synth != NULL) {
        for (uint32_t i = 0; i < (*synth)->cfg.market_count; i++) {
            pl_market_gen_fini(&(*synth)->market[i]);
        }
        free(*synth);
        *synth = NULL;
    }
}

/* All waiting messages, in the order of venue time; ties go to the lower market. */
static int merge(struct pl_synth *s, struct pl_sink *sink, struct pl_error *err)
{
    size_t next[PL_SYNTH_MARKETS_MAX] = {0};
    for (;;) {
        uint32_t from = UINT32_MAX;
        int64_t first = INT64_MAX;
        for (uint32_t i = 0; i < s->cfg.market_count; i++) {
            const struct pl_outbox *box = &s->market[i].flow.feed.box;
            if (next[i] < box->count && box->msg[next[i]].venue_ns < first) {
                first = box->msg[next[i]].venue_ns;
                from = i;
            }
        }
        if (from == UINT32_MAX) {
            break;
        }
        struct pl_msg msg = *pl_outbox_at(&s->market[from].flow.feed.box, next[from]++);
        msg.market = s->sink_market[from];
        s->counts.messages++;
        s->counts.rows += msg.row_count;
        s->counts.trades += msg.kind == PL_MSG_TRADE;
        int rc = sink->put(sink, &msg, err);
        if (rc < 0) {
            return rc;
        }
    }
    for (uint32_t i = 0; i < s->cfg.market_count; i++) {
        pl_outbox_clear(&s->market[i].flow.feed.box);
    }
    return 0;
}

static int step_all(struct pl_synth *s, struct pl_error *err)
{
    int64_t to = s->now_ns + s->step_ns;
    to = s->opened && to > s->end_ns ? s->end_ns : to;
    for (uint32_t i = 0; i < s->cfg.market_count; i++) {
        int rc = pl_market_gen_step(&s->market[i], s->now_ns, to);
        if (rc < 0) {
            return pl_error_set(err, rc, "market %u: %s", i, pl_err_text(rc));
        }
    }
    s->now_ns = to;
    return 0;
}

static int open_all(struct pl_synth *s, struct pl_sink *sink, struct pl_error *err)
{
    for (uint32_t i = 0; i < s->cfg.market_count; i++) {
        int rc = sink->define(sink, &s->market[i].inst, -1, err);
        if (rc < 0) {
            return rc;
        }
        s->sink_market[i] = (uint16_t)rc;
    }
    while (s->now_ns < s->cfg.start_ns) {
        int rc = step_all(s, err);
        if (rc < 0) {
            return rc;
        }
    }
    for (uint32_t i = 0; i < s->cfg.market_count; i++) {
        int rc = pl_market_gen_open(&s->market[i], s->now_ns);
        if (rc < 0) {
            return pl_error_set(err, rc, "market %u: %s", i, pl_err_text(rc));
        }
    }
    s->opened = true;
    return 0;
}

static int close_all(struct pl_synth *s, struct pl_error *err)
{
    for (uint32_t i = 0; i < s->cfg.market_count; i++) {
        int rc = pl_market_gen_close(&s->market[i], s->now_ns);
        if (rc < 0) {
            return pl_error_set(err, rc, "market %u: %s", i, pl_err_text(rc));
        }
    }
    s->closed = true;
    return 0;
}

int pl_synth_advance(struct pl_synth *s, struct pl_sink *sink, int64_t until_ns,
                     struct pl_error *err)
{
    int rc = s->opened ? 0 : open_all(s, sink, err);
    int64_t until = until_ns < s->end_ns ? until_ns : s->end_ns;
    while (rc == 0 && s->now_ns < until) {
        for (int k = 0; k < SLICE_STEPS && rc == 0 && s->now_ns < s->end_ns; k++) {
            rc = step_all(s, err);
        }
        if (rc == 0 && s->now_ns < s->end_ns) {
            rc = merge(s, sink, err);
        }
    }
    if (rc == 0 && s->now_ns >= s->end_ns && !s->closed) {
        rc = close_all(s, err);
    }
    if (rc == 0) {
        rc = merge(s, sink, err);
    }
    return rc < 0 ? rc : s->now_ns < s->end_ns;
}

struct pl_synth_counts pl_synth_counts(const struct pl_synth *s)
{
    struct pl_synth_counts counts = s->counts;
    for (uint32_t i = 0; i < s->cfg.market_count; i++) {
        counts.events += s->market[i].flow.events;
    }
    return counts;
}
