#include "codec/tape/clock.h"

#include "base/int128.h"

#include <stdlib.h>

static int64_t latency_min(const struct pl_tape_index *x, bool without_bbo)
{
    int64_t least = PL_TAPE_NO_LATENCY;
    for (uint32_t i = 0; i < x->entry_count; i++) {
        const struct pl_tape_entry *e = &x->entry[i];
        int64_t latency = without_bbo ? e->book_latency_min_ns : e->latency_min_ns;
        least = latency < least ? latency : least;
    }
    return least;
}

int pl_tape_clock_init(struct pl_tape_clock *c, enum pl_clock_rule rule, bool without_bbo,
                       const struct pl_tape_index *x, struct pl_error *err)
{
    *c = (struct pl_tape_clock){.rule = rule,
                                .minute = x->minute,
                                .minute_count = x->minute_count,
                                .market_count = x->market_count};
    if (rule == PL_CLOCK_FLOOR) {
        int64_t least = latency_min(x, without_bbo);
        c->shift_ns = least < 0 ? -least : 0;
    }
    if (rule == PL_CLOCK_MOVING) {
        if (x->minute_count == 0 && x->entry_count > 0) {
            return pl_error_set(err, PL_ERR_CORRUPT,
                                "clock rule moving, but the tape has no table of minutes");
        }
        c->last_ns = calloc((size_t)x->market_count * PL_MSG_KIND_COUNT + 1, sizeof *c->last_ns);
        if (c->last_ns == NULL) {
            return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
        }
    }
    return 0;
}

void pl_tape_clock_fini(struct pl_tape_clock *c)
{
    free(c->last_ns);
    *c = (struct pl_tape_clock){0};
}

void pl_tape_clock_reset(struct pl_tape_clock *c)
{
    c->at = 0;
    for (size_t i = 0; c->last_ns != NULL && i < (size_t)c->market_count * PL_MSG_KIND_COUNT; i++) {
        c->last_ns[i] = 0;
    }
}

static int64_t middle(const struct pl_tape_minute *m)
{
    return m->minute * PL_TAPE_MINUTE_NS + PL_TAPE_MINUTE_NS / 2;
}

/* The floor at a venue time; times mostly rise, so the search starts where the last one ended. */
static int64_t floor_at(struct pl_tape_clock *c, int64_t venue_ns)
{
    const struct pl_tape_minute *m = c->minute;
    if (middle(&m[c->at]) > venue_ns) {
        c->at = 0;
    }
    while (c->at + 1 < c->minute_count && middle(&m[c->at + 1]) <= venue_ns) {
        c->at++;
    }
    int64_t left = middle(&m[c->at]);
    if (venue_ns <= left || c->at + 1 == c->minute_count) {
        return m[c->at].latency_min_ns;
    }
    int64_t a = m[c->at].latency_min_ns, rise = m[c->at + 1].latency_min_ns - a;
    int64_t run = middle(&m[c->at + 1]) - left, into = venue_ns - left;
    if (rise > -(INT64_C(1) << 26) && rise < INT64_C(1) << 26 && into < INT64_C(1) << 37) {
        return a + rise * into / run; /* the common case, without a 128-bit division */
    }
    return (int64_t)(a + (pl_i128)rise * into / run);
}

static void apply_moving(struct pl_tape_clock *c, struct pl_tape_cols *cols)
{
    for (uint32_t i = 0; i < cols->msg_count; i++) {
        int64_t *last = &c->last_ns[(size_t)cols->market[i] * PL_MSG_KIND_COUNT + cols->kind[i]];
        int64_t venue = cols->venue_ns[i];
        int64_t latency = cols->local_ns[i] - venue - floor_at(c, venue);
        int64_t local = venue + (latency > 0 ? latency : 0);
        *last = local > *last ? local : *last;
        cols->local_ns[i] = *last;
    }
}

void pl_tape_clock_apply(struct pl_tape_clock *c, struct pl_tape_cols *cols)
{
    if (c->rule == PL_CLOCK_MOVING) {
        apply_moving(c, cols);
    } else if (c->shift_ns != 0) {
        for (uint32_t i = 0; i < cols->msg_count; i++) {
            cols->local_ns[i] += c->shift_ns;
        }
    }
}

int64_t pl_tape_clock_bound(const struct pl_tape_clock *c, int64_t local_max_ns,
                            int64_t venue_max_ns)
{
    int64_t least = 0;
    for (uint32_t i = 0; i < c->minute_count; i++) {
        int64_t m = c->minute[i].latency_min_ns;
        least = i == 0 || m < least ? m : least;
    }
    pl_i128 bound = (pl_i128)local_max_ns + (c->rule == PL_CLOCK_MOVING ? -least : c->shift_ns);
    bound = bound < venue_max_ns ? venue_max_ns : bound;
    return bound > INT64_MAX ? INT64_MAX : (int64_t)bound;
}
