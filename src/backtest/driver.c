#include "backtest/driver.h"

#include "base/assert.h"

#include <string.h>

#define SOURCES_MAX 16
/* Nobody is asked later than this after the last message: a maker that always has a request on the
 * wire would go on for ever. What is on the wire is still answered. */
#define DRAIN_NS PL_NS_PER_S

struct cursor {
    struct pl_source *source;
    const struct pl_block *block;
    uint32_t idx, market_base;
    int64_t next_ns; /* venue time of the next message; PL_TIME_NEVER at the end */
};

struct run {
    struct pl_driver *d;
    struct pl_engine *engine;
    struct pl_sim *sim;
    struct cursor cursor[SOURCES_MAX];
    uint32_t count;
    struct pl_driver_result result;
};

/* Sizes are not negative and prices within 2^60 ticks: what no market has would overflow further
 * down. One pass over columns that are about to be read anyway. */
static bool plausible(const struct pl_block *b)
{
    uint64_t size_bits = 0, px_bits = 0;
    for (uint32_t i = 0; i < b->row_count; i++) {
        size_bits |= (uint64_t)b->lots[i];
        px_bits |= (uint64_t)b->px[i] + (UINT64_C(1) << 60);
    }
    return size_bits >> 62 == 0 && px_bits >> 61 == 0;
}

static int next_block(struct cursor *c, struct pl_error *err)
{
    do {
        int rc = c->source->next(c->source, &c->block, err);
        if (rc < 0) {
            return rc;
        }
        if (rc == 0) {
            c->block = NULL;
            c->next_ns = PL_TIME_NEVER;
            return 0;
        }
    } while (c->block->msg_count == 0);
    if (!plausible(c->block)) {
        return pl_error_set(err, PL_ERR_CORRUPT,
                            "a block of the data holds a price or a size that no market has; "
                            "plimsoll tape verify says more");
    }
    c->idx = 0;
    c->next_ns = c->block->venue_ns[0];
    return 0;
}

int pl_driver_peek(struct pl_driver *d, int64_t *first_ns, struct pl_error *err)
{
    *first_ns = PL_TIME_NEVER;
    for (uint32_t i = 0; i < d->source_count; i++) {
        struct cursor c = {.source = d->source[i].source};
        int rc = next_block(&c, err);
        if (rc < 0) {
            return rc;
        }
        if (c.block != NULL) {
            int64_t venue = c.block->venue_ns[0], local = c.block->local_ns[0];
            int64_t first = venue < local ? venue : local;
            *first_ns = first < *first_ns ? first : *first_ns;
        }
        rc = c.source->rewind(c.source, err);
        if (rc < 0) {
            return rc;
        }
    }
    return *first_ns == PL_TIME_NEVER ? pl_error_set(err, PL_ERR_INVALID, "the data is empty") : 0;
}

static inline int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Everything that happens before `until` without new market data (at `until` when `inclusive`). */
static void run_until(struct run *r, int64_t until, bool data_over)
{
    for (;;) {
        int64_t arrival = pl_sim_next_arrival(r->sim);
        int64_t response = pl_sim_next_response(r->sim);
        int64_t timer = pl_engine_next_deadline(r->engine);
        if (data_over && timer > r->result.last_ns + DRAIN_NS) {
            timer = PL_TIME_NEVER;
        }
        int64_t t = earliest(arrival, earliest(response, timer));
        if (t >= until) {
            return;
        }
        if (data_over && arrival == PL_TIME_NEVER && response == PL_TIME_NEVER) {
            return; /* nothing is on the wire: only timers are left, and nobody waits for them */
        }
        r->result.end_ns = t;
        if (arrival == t) {
            pl_sim_arrive(r->sim);
        } else if (response == t) {
            do {
                struct pl_event event = {.kind = PL_EVENT_RESPONSE,
                                         .now_ns = t,
                                         .response = pl_sim_take_response(r->sim)};
                pl_engine_step(r->engine, &event);
            } while (pl_sim_next_response(r->sim) == t);
            struct pl_event event = {.kind = PL_EVENT_BATCH_END, .now_ns = t};
            pl_engine_step(r->engine, &event);
        } else {
            bool waits = t >= r->result.last_ns && data_over;
            struct pl_event event = {.kind = PL_EVENT_TIMER, .now_ns = t, .data_over = waits};
            pl_engine_step(r->engine, &event);
        }
    }
}

/* A new definition of the instrument: for the venue first, then for us. */
static int change_inst(struct run *r, const struct cursor *c, uint32_t market, struct pl_error *err)
{
    uint64_t idx = c->block->seq[c->idx];
    if (idx >= c->source->inst_count) {
        return pl_error_set(err, PL_ERR_CORRUPT, "the data changes to instrument %llu of %u",
                            (unsigned long long)idx, c->source->inst_count);
    }
    const struct pl_inst *inst = &c->source->insts[idx];
    struct pl_regrid regrid;
    int rc = pl_regrid(&pl_engine_market(r->engine, market)->inst, inst, &regrid, err);
    if (rc == 0) {
        pl_sim_change_inst(r->sim, market, inst, &regrid, c->block->venue_ns[c->idx]);
        rc = pl_engine_change_inst(r->engine, market, inst, err);
    }
    return rc;
}

static inline int step_message(struct run *r, struct cursor *c, struct pl_error *err)
{
    const struct pl_block *b = c->block;
    uint32_t i = c->idx, market = c->market_base + b->market[i];
    int64_t local = b->local_ns[i], venue = b->venue_ns[i];
    int64_t last = local > venue ? local : venue;
    r->result.last_ns = last > r->result.last_ns ? last : r->result.last_ns;
    if (PL_UNLIKELY(b->kind[i] == PL_MSG_INST)) {
        int rc = change_inst(r, c, market, err);
        if (rc < 0) {
            return rc;
        }
    }
    pl_market_apply(pl_engine_market(r->engine, market), b, i);
    pl_sim_on_message(r->sim, market, b, i);
    struct pl_event event = {
        .kind = PL_EVENT_MARKET, .now_ns = venue, .market = market, .idx = i, .block = b};
    pl_engine_step(r->engine, &event);
    if (r->d->on_message != NULL) {
        r->d->on_message(r->d->message_ctx, market, b, i);
    }
    return 0;
}

static int open_cursors(struct run *r, struct pl_error *err)
{
    struct pl_driver *d = r->d;
    if (d->source_count > SOURCES_MAX) {
        return pl_error_set(err, PL_ERR_LIMIT, "more than %d data sources", SOURCES_MAX);
    }
    for (uint32_t i = 0; i < d->source_count; i++) {
        struct cursor *c = &r->cursor[r->count++];
        *c =
            (struct cursor){.source = d->source[i].source, .market_base = d->source[i].market_base};
        int rc = next_block(c, err);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

/* Messages of one cursor until another has an earlier one. */
static int run_cursor(struct run *r, struct cursor *c, int64_t others_ns, struct pl_error *err)
{
    while (c->next_ns <= others_ns && c->next_ns != PL_TIME_NEVER) {
        run_until(r, c->next_ns, false);
        int rc = step_message(r, c, err);
        if (rc < 0) {
            return rc;
        }
        r->result.messages++;
        if (++c->idx < c->block->msg_count) {
            c->next_ns = c->block->venue_ns[c->idx];
            continue;
        }
        r->result.rows += c->block->row_count;
        rc = next_block(c, err);
        if (rc < 0) {
            return rc;
        }
        if (r->d->progress != NULL) {
            r->d->progress(r->d->ctx, r->result.messages);
        }
        if (r->d->stop != NULL && *r->d->stop != 0) {
            return pl_error_set(err, PL_ERR_INTERRUPTED, "stopped");
        }
    }
    return 0;
}

int pl_driver_run(struct pl_driver *d, struct pl_driver_result *result, struct pl_error *err)
{
    struct run r = {.d = d, .engine = d->engine, .sim = d->sim};
    r.result.last_ns = INT64_MIN / 2;
    PL_ASSERT(d->source_count > 0); /* a run without data was refused long before */
    int rc = open_cursors(&r, err);
    r.result.first_ns = PL_TIME_NEVER;
    for (uint32_t i = 0; i < r.count; i++) {
        r.result.first_ns = earliest(r.result.first_ns, r.cursor[i].next_ns);
    }
    while (rc == 0) {
        struct cursor *first = &r.cursor[0];
        int64_t others = PL_TIME_NEVER - 1;
        for (uint32_t i = 1; i < r.count; i++) {
            if (r.cursor[i].next_ns < first->next_ns) {
                first = &r.cursor[i];
            }
        }
        if (first->next_ns == PL_TIME_NEVER) {
            break;
        }
        for (uint32_t i = 0; i < r.count; i++) { /* equal times: the earlier source goes first */
            struct cursor *c = &r.cursor[i];
            if (c != first) {
                others = earliest(others, c < first ? c->next_ns - 1 : c->next_ns);
            }
        }
        rc = run_cursor(&r, first, others, err);
    }
    if (rc == 0) {
        /* Timers go on while data is still on its way to us or answers are outstanding. */
        run_until(&r, r.result.last_ns, false);
        run_until(&r, PL_TIME_NEVER, true);
    }
    *result = r.result;
    return rc;
}
