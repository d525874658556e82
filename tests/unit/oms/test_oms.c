/* Wanted against live: what is kept, moved, cancelled and made; the position limit; races between
 * requests and answers; and a random venue under which the exposure never passes the limit. */
#include "base/assert.h"
#include "base/rand.h"
#include "oms/oms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct desk {
    struct pl_oms oms;
    struct pl_order order[PL_OMS_SLOTS_MAX];
    struct pl_oms_policy policy;
    struct pl_oms_level level[2][PL_OMS_LEVELS_MAX];
    struct pl_oms_wanted wanted[2];
    struct pl_action action[PL_OMS_BATCH_MAX];
    uint32_t count;
    int64_t pos, now;
};

static void desk_open(struct desk *d)
{
    memset(d, 0, sizeof *d);
    d->oms = (struct pl_oms){.order = d->order, .slot_base = 640, .slot_count = 64, .next_id = 1};
    d->policy = (struct pl_oms_policy){.replace_ticks = 1,
                                       .size_tolerance = 0.1,
                                       .refill_below = 0.5,
                                       .max_long = INT64_MAX,
                                       .max_short = INT64_MAX};
    for (int s = 0; s < 2; s++) {
        d->wanted[s].level = d->level[s];
    }
}

static void want(struct desk *d, enum pl_side side, uint32_t count, int64_t px, int64_t lots)
{
    d->wanted[side].count = count;
    for (uint32_t i = 0; i < count; i++) {
        d->level[side][i] = (struct pl_oms_level){px - pl_side_sign(side) * (int64_t)i * 10, lots};
    }
}

static uint32_t diff(struct desk *d)
{
    d->count = pl_oms_diff(&d->oms, &d->policy, d->wanted, d->pos, d->now, d->action);
    assert_true(pl_oms_check(&d->oms));
    return d->count;
}

static struct pl_response answer_to(const struct pl_action *a, enum pl_response_kind kind)
{
    return (struct pl_response){.px = a->px,
                                .lots = a->lots,
                                .left = a->lots,
                                .slot = a->slot,
                                .id = a->id,
                                .kind = (uint8_t)kind,
                                .side = a->side};
}

static bool respond(struct desk *d, struct pl_response r)
{
    if (r.kind == PL_RSP_FILL) {
        d->pos += pl_side_sign((enum pl_side)r.side) * r.lots;
    }
    bool look = pl_oms_respond(&d->oms, &r);
    assert_true(pl_oms_check(&d->oms));
    return look;
}

static struct pl_response fill_of(const struct pl_action *a, int64_t lots, int64_t left)
{
    struct pl_response r = answer_to(a, PL_RSP_FILL);
    r.lots = lots;
    r.left = left;
    return r;
}

/* One bid at px, resting. */
static struct pl_action rest_bid(struct desk *d, int64_t px, int64_t lots)
{
    want(d, PL_BUY, 1, px, lots);
    assert_int_equal(diff(d), 1);
    struct pl_action a = d->action[0];
    assert_int_equal(a.kind, PL_ACT_NEW);
    respond(d, answer_to(&a, PL_RSP_ACCEPTED));
    return a;
}

/* makers.md 1.3 and 1.4: tolerance in price and size, top-up, age. */
static void test_keep_or_replace(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int64_t sent, rest, live_px, wanted, wanted_px, ticks, age_ns;
        bool keep;
    } rows[] = {
        {"rest .7 of 1.0", 1000, 700, 9990, 1000, 9990, 1, 0, true},
        {"rest .5 of 1.0", 1000, 500, 9990, 1000, 9990, 1, 0, true},
        {"rest .4 of 1.0", 1000, 400, 9990, 1000, 9990, 1, 0, false},
        {"sent 1.0, wanted 1.1", 1000, 1000, 9990, 1100, 9990, 1, 0, true},
        {"sent 1.0, wanted 1.2", 1000, 1000, 9990, 1200, 9990, 1, 0, false},
        {"sent 1.0, wanted .9", 1000, 1000, 9990, 900, 9990, 1, 0, false},
        {"sent 1.0, wanted .95", 1000, 1000, 9990, 950, 9990, 1, 0, true},
        {"one tick, threshold 2", 1000, 1000, 9990, 1000, 9991, 2, 0, true},
        {"two ticks, threshold 2", 1000, 1000, 9990, 1000, 9992, 2, 0, false},
        {"two ticks inward, threshold 2", 1000, 1000, 9990, 1000, 9988, 2, 0, false},
        {"one tick, threshold 1", 1000, 1000, 9990, 1000, 9989, 1, 0, false},
        {"younger than the age", 1000, 1000, 9990, 1000, 9990, 1, 101, true},
        {"as old as the age", 1000, 1000, 9990, 1000, 9990, 1, 100, false},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        for (int amend = 0; amend < 2; amend++) {
            struct desk d;
            desk_open(&d);
            d.policy.replace_ticks = rows[i].ticks;
            d.policy.order_age_ns = rows[i].age_ns;
            d.policy.amend = amend != 0;
            struct pl_action a = rest_bid(&d, rows[i].live_px, rows[i].sent);
            if (rows[i].rest < rows[i].sent) {
                respond(&d, fill_of(&a, rows[i].sent - rows[i].rest, rows[i].rest));
            }
            d.now = 100;
            want(&d, PL_BUY, 1, rows[i].wanted_px, rows[i].wanted);
            diff(&d);
            uint32_t expect = rows[i].keep ? 0 : amend ? 1 : 2;
            if (d.count != expect ||
                (!rows[i].keep && d.action[0].kind != (amend ? PL_ACT_AMEND : PL_ACT_CANCEL))) {
                fail_msg("%s, amend %d: %u requests, the first of kind %d", rows[i].what, amend,
                         d.count, d.action[0].kind);
            }
        }
    }
}

static void test_sizes_never_matter(void **state)
{
    (void)state;
    struct desk d;
    desk_open(&d);
    d.policy.size_tolerance = -1;
    struct pl_action a = rest_bid(&d, 9990, 1000);
    respond(&d, fill_of(&a, 999, 1));
    want(&d, PL_BUY, 1, 9990, 5);
    assert_int_equal(diff(&d), 0);
}

static void test_ladder(void **state)
{
    (void)state;
    struct desk d;
    desk_open(&d);
    want(&d, PL_BUY, 4, 1000, 10);
    want(&d, PL_SELL, 3, 1010, 10);
    assert_int_equal(diff(&d), 7);
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(d.action[i].kind, PL_ACT_NEW);
        assert_int_equal(d.action[i].id, i + 1);
        assert_int_equal(d.action[i].slot, 640 + i);
        respond(&d, answer_to(&d.action[i], PL_RSP_ACCEPTED));
    }
    assert_int_equal(diff(&d), 0);
    /* the ladder moves by one rung: one cancel, one order, three stay */
    want(&d, PL_BUY, 4, 1010, 10);
    assert_int_equal(diff(&d), 2);
    assert_int_equal(d.action[0].kind, PL_ACT_CANCEL);
    assert_int_equal(d.action[0].px, 970);
    assert_int_equal(d.action[1].kind, PL_ACT_NEW);
    assert_int_equal(d.action[1].px, 1010);
    /* nothing wanted: what rests is cancelled, what is in flight has to wait */
    respond(&d, answer_to(&d.action[0], PL_RSP_CANCELLED));
    want(&d, PL_BUY, 0, 0, 0);
    want(&d, PL_SELL, 0, 0, 0);
    assert_int_equal(diff(&d), 6);
    assert_true(d.oms.unsettled);
    assert_int_equal(diff(&d), 0);
}

/* An order in flight holds its price; one whose cancel is in flight does so by policy. */
static void test_in_flight_counts(void **state)
{
    (void)state;
    for (int counts = 0; counts < 2; counts++) {
        struct desk d;
        desk_open(&d);
        d.policy.cancelling_counts = counts != 0;
        want(&d, PL_BUY, 1, 100, 10);
        assert_int_equal(diff(&d), 1);
        assert_int_equal(diff(&d), 0); /* not sent twice */
        respond(&d, answer_to(&d.action[0], PL_RSP_ACCEPTED));
        want(&d, PL_BUY, 1, 100, 10);
        want(&d, PL_BUY, 0, 0, 0);
        assert_int_equal(diff(&d), 1);
        assert_int_equal(d.action[0].kind, PL_ACT_CANCEL);
        want(&d, PL_BUY, 1, 100, 10);
        assert_int_equal(diff(&d), counts ? 0 : 1);
        assert_true(d.oms.unsettled);
    }
}

/* makers.md 8, first two rows. Lots of 0.1. */
static void test_position_limit(void **state)
{
    (void)state;
    struct desk d;
    desk_open(&d);
    d.policy.max_long = d.policy.max_short = 10;
    (void)rest_bid(&d, 100, 3);
    d.pos = 6;
    d.wanted[PL_BUY].count = 2;
    d.level[PL_BUY][1] = (struct pl_oms_level){90, 2};
    assert_int_equal(diff(&d), 1); /* worst 1.1: trimmed to .1 */
    assert_int_equal(d.action[0].lots, 1);
    assert_int_equal(d.oms.counts.trimmed, 1);
    assert_true(d.oms.unsettled);
    assert_int_equal(diff(&d), 0); /* no room at all */

    desk_open(&d);
    d.policy.max_long = d.policy.max_short = 10;
    (void)rest_bid(&d, 100, 3);
    d.pos = 6;
    want(&d, PL_BUY, 1, 90, 2);
    assert_int_equal(diff(&d), 2); /* the old bid's cancel is in flight: it still counts */
    assert_int_equal(d.action[0].kind, PL_ACT_CANCEL);
    assert_int_equal(d.action[1].lots, 1);

    desk_open(&d);
    d.policy.max_long = d.policy.max_short = 10;
    d.pos = 6;
    want(&d, PL_SELL, 1, 110, 6);
    assert_int_equal(diff(&d), 1);
    d.wanted[PL_SELL].count = 2;
    d.level[PL_SELL][1] = (struct pl_oms_level){120, 5};
    assert_int_equal(diff(&d), 1); /* worst short -.5: passes whole */
    assert_int_equal(d.action[0].lots, 5);

    desk_open(&d);
    d.policy.max_long = d.policy.max_short = 12;
    d.policy.amend = true;
    (void)rest_bid(&d, 100, 3);
    d.pos = 6;
    want(&d, PL_BUY, 1, 101, 5);
    assert_int_equal(diff(&d), 1); /* amend .3 to .5, mark 1.2 */
    assert_int_equal(d.action[0].kind, PL_ACT_AMEND);
    d.wanted[PL_BUY].count = 2;
    d.level[PL_BUY][1] = (struct pl_oms_level){90, 5};
    assert_int_equal(diff(&d), 1); /* counts .5, room .1 */
    assert_int_equal(d.action[0].lots, 1);
}

/* An order as large as the limit lets it be is not replaced by itself for ever. */
static void test_trimmed_order_is_kept(void **state)
{
    (void)state;
    for (int amend = 0; amend < 2; amend++) {
        struct desk d;
        desk_open(&d);
        d.policy.amend = amend != 0;
        d.policy.max_long = 100;
        d.pos = 95;
        want(&d, PL_BUY, 1, 100, 10);
        assert_int_equal(diff(&d), 1);
        assert_int_equal(d.action[0].lots, 5);
        respond(&d, answer_to(&d.action[0], PL_RSP_ACCEPTED));
        assert_int_equal(diff(&d), 0);
        d.pos = 91; /* 4 more: another order would be smaller than this one while it still counts */
        assert_int_equal(diff(&d), 0);
        d.pos = 88; /* room returns: now it is too small */
        assert_true(diff(&d) > 0);
    }
}

/* A partly filled order that was amended is as large as wanted: it is not amended again. */
static void test_amend_after_partial_fill(void **state)
{
    (void)state;
    struct desk d;
    desk_open(&d);
    d.policy.amend = true;
    d.policy.max_long = 20;
    struct pl_action a = rest_bid(&d, 100, 10);
    respond(&d, fill_of(&a, 4, 6));
    want(&d, PL_BUY, 1, 101, 10);
    assert_int_equal(diff(&d), 1);
    assert_int_equal(d.action[0].kind, PL_ACT_AMEND);
    assert_int_equal(d.action[0].lots, 14);   /* venues count what is executed */
    assert_int_equal(d.oms.open[PL_BUY], 10); /* what can still be bought: not 14 */
    struct pl_response r = answer_to(&d.action[0], PL_RSP_AMENDED);
    r.left = 10;
    respond(&d, r);
    assert_int_equal(diff(&d), 0);
    /* a second amend counts all that was ever executed */
    respond(&d, fill_of(&a, 3, 7));
    want(&d, PL_BUY, 1, 102, 10);
    assert_int_equal(diff(&d), 1);
    assert_int_equal(d.action[0].lots, 17);
    /* executed on the way: 7 at the old price before the venue moved the rest of 17 - 11 */
    respond(&d, fill_of(&a, 4, 3));
    assert_int_equal(d.oms.open[PL_BUY], 6);
    r = answer_to(&d.action[0], PL_RSP_AMENDED);
    r.left = 6;
    respond(&d, r);
    assert_int_equal(d.oms.open[PL_BUY], 6);
    assert_true(d.pos + d.oms.open[PL_BUY] <= 20);
}

static void test_amend_answers(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        enum pl_response_kind kind;
        enum pl_reject_reason reason;
        int64_t left, px_after, open_after;
        bool free;
    } rows[] = {
        {"done", PL_RSP_AMENDED, PL_REJECT_NONE, 8, 102, 8, false},
        {"done, filled to the new size", PL_RSP_AMENDED, PL_REJECT_NONE, 0, 0, 0, true},
        {"would have taken", PL_RSP_AMEND_REJECTED, PL_REJECT_POST_ONLY, 10, 100, 10, false},
        {"too fast", PL_RSP_AMEND_REJECTED, PL_REJECT_RATE, 10, 100, 10, false},
        {"gone", PL_RSP_AMEND_REJECTED, PL_REJECT_UNKNOWN, 0, 0, 0, true},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct desk d;
        desk_open(&d);
        d.policy.amend = true;
        (void)rest_bid(&d, 100, 10);
        want(&d, PL_BUY, 1, 102, 8);
        assert_int_equal(diff(&d), 1);
        assert_int_equal(d.oms.open[PL_BUY], 10); /* the larger of the two */
        struct pl_response r = answer_to(&d.action[0], rows[i].kind);
        r.left = rows[i].left;
        r.reason = (uint8_t)rows[i].reason;
        respond(&d, r);
        assert_int_equal(d.oms.open[PL_BUY], rows[i].open_after);
        assert_int_equal(d.order[0].state == PL_ORDER_FREE, rows[i].free);
        if (!rows[i].free) {
            assert_int_equal(d.order[0].px, rows[i].px_after);
            assert_int_equal(d.order[0].state, PL_ORDER_LIVE);
        }
    }
    /* more size than the limit has room for: the order goes instead of growing */
    struct desk d;
    desk_open(&d);
    d.policy.amend = true;
    d.policy.max_long = 12;
    (void)rest_bid(&d, 100, 10);
    want(&d, PL_BUY, 1, 102, 15);
    assert_int_equal(diff(&d), 1);
    assert_int_equal(d.action[0].kind, PL_ACT_CANCEL);
}

static void test_races(void **state)
{
    (void)state;
    struct desk d;
    /* a fill before the acknowledgement, then a late acknowledgement */
    desk_open(&d);
    want(&d, PL_BUY, 1, 100, 10);
    diff(&d);
    struct pl_action a = d.action[0];
    assert_true(respond(&d, fill_of(&a, 4, 6)));
    assert_int_equal(d.oms.open[PL_BUY], 6);
    assert_int_equal(d.order[0].state, PL_ORDER_PENDING_NEW);
    respond(&d, answer_to(&a, PL_RSP_ACCEPTED));
    assert_int_equal(d.oms.open[PL_BUY], 6);
    assert_int_equal(d.order[0].state, PL_ORDER_LIVE);
    /* filled whole while a cancel is under way: the refusal finds nothing */
    want(&d, PL_BUY, 0, 0, 0);
    assert_int_equal(diff(&d), 1);
    struct pl_action cancel = d.action[0];
    assert_true(respond(&d, fill_of(&a, 6, 0)));
    assert_int_equal(d.order[0].state, PL_ORDER_FREE);
    struct pl_response late = answer_to(&cancel, PL_RSP_CANCEL_REJECTED);
    late.left = 0;
    respond(&d, late);
    assert_int_equal(d.oms.counts.cancel_too_late, 1);
    assert_int_equal(d.oms.in_flight, 0);
    /* the slot is used again; answers about its former order change nothing */
    want(&d, PL_BUY, 1, 100, 10);
    assert_int_equal(diff(&d), 1);
    struct pl_action again = d.action[0];
    assert_int_equal(again.slot, a.slot);
    assert_true(again.id != a.id);
    respond(&d, answer_to(&a, PL_RSP_ACCEPTED));
    respond(&d, answer_to(&a, PL_RSP_CANCELLED));
    respond(&d, answer_to(&a, PL_RSP_REJECTED));
    assert_int_equal(d.order[0].state, PL_ORDER_PENDING_NEW);
    assert_int_equal(d.oms.open[PL_BUY], 10);
    /* refused: the slot is free and the maker is asked again */
    desk_open(&d);
    want(&d, PL_SELL, 1, 100, 10);
    diff(&d);
    struct pl_response no = answer_to(&d.action[0], PL_RSP_REJECTED);
    no.reason = PL_REJECT_POST_ONLY;
    assert_true(respond(&d, no));
    assert_int_equal(d.oms.counts.rejects_post_only, 1);
    assert_int_equal(d.oms.open[PL_SELL], 0);
    /* a cancel refused while the order stands: it is live again and cancelled again */
    desk_open(&d);
    a = rest_bid(&d, 100, 10);
    want(&d, PL_BUY, 0, 0, 0);
    diff(&d);
    struct pl_response refused = answer_to(&d.action[0], PL_RSP_CANCEL_REJECTED);
    refused.left = 10;
    refused.reason = PL_REJECT_RATE;
    assert_true(respond(&d, refused));
    assert_int_equal(diff(&d), 1);
    assert_int_equal(d.action[0].kind, PL_ACT_CANCEL);
    /* a partial fill between cancel and its confirmation */
    respond(&d, fill_of(&a, 3, 7));
    struct pl_response gone = answer_to(&d.action[0], PL_RSP_CANCELLED);
    gone.left = 7;
    respond(&d, gone);
    assert_int_equal(d.oms.open[PL_BUY], 0);
}

/* Sizes that could not be judged while a request was in flight are judged when it is answered. */
static void test_answer_asks_again_when_sizes_matter(void **state)
{
    (void)state;
    for (int sized = 0; sized < 2; sized++) {
        struct desk d;
        desk_open(&d);
        d.policy.size_tolerance = sized ? 0.1 : -1;
        want(&d, PL_BUY, 1, 100, 10);
        diff(&d);
        struct pl_action a = d.action[0];
        want(&d, PL_BUY, 1, 100, 20);
        assert_int_equal(diff(&d), 0);
        assert_int_equal(respond(&d, answer_to(&a, PL_RSP_ACCEPTED)), sized);
        assert_int_equal(diff(&d), sized ? 2 : 0);
    }
}

static void test_slots_run_out(void **state)
{
    (void)state;
    struct desk d;
    desk_open(&d);
    want(&d, PL_BUY, 50, 10000, 1);
    want(&d, PL_SELL, 50, 20000, 1);
    assert_int_equal(diff(&d), 64);
    assert_int_equal(d.oms.counts.no_slot, 36);
    assert_true(d.oms.unsettled);
    for (uint32_t i = 0; i < 64; i++) {
        struct pl_action a = d.action[i];
        respond(&d, answer_to(&a, PL_RSP_ACCEPTED));
    }
    d.count = pl_oms_cancel_all(&d.oms, 5, d.action);
    assert_int_equal(d.count, 64);
    assert_int_equal(pl_oms_cancel_all(&d.oms, 6, d.action + 64), 0);
    for (uint32_t i = 0; i < 64; i++) {
        respond(&d, answer_to(&d.action[i], PL_RSP_CANCELLED));
    }
    assert_int_equal(d.oms.open[0] + d.oms.open[1], 0);
    assert_int_equal(d.oms.in_flight, 0);
}

/* ---- a random venue ------------------------------------------------------------------------- */

#define WIRE_MAX 4096

struct venue_order {
    int64_t left, done;
    uint32_t id;
    uint8_t side;
    bool rests;
};

struct venue {
    struct venue_order order[64];
    struct pl_action request[WIRE_MAX];
    struct pl_response answer[WIRE_MAX];
    uint32_t request_head, request_tail, answer_head, answer_tail;
    uint64_t seed, counter;
    int64_t pos;
    bool quiet; /* refuses nothing, fills nothing */
};

static uint64_t below(struct venue *v, uint64_t n)
{
    return pl_rand_u64(v->seed, 2, 0, v->counter++) % n;
}

static void say(struct venue *v, const struct venue_order *o, uint32_t slot, uint32_t id,
                enum pl_response_kind kind, int64_t lots)
{
    v->answer[v->answer_tail++ % WIRE_MAX] = (struct pl_response){.lots = lots,
                                                                  .left = o->left,
                                                                  .slot = slot,
                                                                  .id = id,
                                                                  .kind = (uint8_t)kind,
                                                                  .side = o->side};
}

static void venue_fill(struct venue *v, uint32_t at)
{
    struct venue_order *o = &v->order[at];
    int64_t lots = below(v, 2) ? o->left : 1 + (int64_t)below(v, (uint64_t)o->left);
    o->left -= lots;
    o->done += lots;
    v->pos += pl_side_sign((enum pl_side)o->side) * lots;
    o->rests = o->rests && o->left > 0;
    say(v, o, 640 + at, o->id, PL_RSP_FILL, lots);
}

static void venue_new(struct venue *v, const struct pl_action *a)
{
    struct venue_order *o = &v->order[a->slot - 640];
    assert_false(o->rests); /* a slot is not used again while its order can still trade */
    *o = (struct venue_order){a->lots, 0, a->id, a->side, false};
    if (!v->quiet && below(v, 6) == 0) {
        say(v, o, a->slot, a->id, PL_RSP_REJECTED, 0);
        return;
    }
    if (!v->quiet && below(v, 6) == 0) { /* takes at once; what is left rests */
        venue_fill(v, a->slot - 640);
    }
    o->rests = o->left > 0;
    say(v, o, a->slot, a->id, PL_RSP_ACCEPTED, 0);
}

static void venue_arrive(struct venue *v)
{
    const struct pl_action a = v->request[v->request_head++ % WIRE_MAX];
    struct venue_order *o = &v->order[a.slot - 640];
    bool there = o->rests && o->id == a.id, refuse = !v->quiet && below(v, 8) == 0;
    struct venue_order none = {0, 0, a.id, a.side, false};
    if (a.kind == PL_ACT_NEW) {
        venue_new(v, &a);
    } else if (a.kind == PL_ACT_CANCEL) {
        o->rests = o->rests && !(there && !refuse);
        say(v, there ? o : &none, a.slot, a.id,
            there && !refuse ? PL_RSP_CANCELLED : PL_RSP_CANCEL_REJECTED, 0);
    } else if (!there || refuse) {
        say(v, there ? o : &none, a.slot, a.id, PL_RSP_AMEND_REJECTED, 0);
    } else {
        o->left = a.lots - o->done > 0 ? a.lots - o->done : 0;
        o->rests = o->left > 0;
        say(v, o, a.slot, a.id, PL_RSP_AMENDED, 0);
    }
}

/* Bought or sold already, resting, or on the wire: the most the position can become. */
static int64_t worst(const struct venue *v, enum pl_side side)
{
    int64_t worst_pos = v->pos * pl_side_sign(side);
    for (uint32_t i = 0; i < 64; i++) {
        const struct venue_order *o = &v->order[i];
        if (o->rests && o->side == side) {
            int64_t most = o->left;
            for (uint32_t r = v->request_head; r != v->request_tail; r++) {
                const struct pl_action *a = &v->request[r % WIRE_MAX];
                if (a->kind == PL_ACT_AMEND && a->id == o->id && a->lots - o->done > most) {
                    most = a->lots - o->done;
                }
            }
            worst_pos += most;
        }
    }
    for (uint32_t r = v->request_head; r != v->request_tail; r++) {
        const struct pl_action *a = &v->request[r % WIRE_MAX];
        worst_pos += a->kind == PL_ACT_NEW && a->side == side ? a->lots : 0;
    }
    return worst_pos;
}

static void check_limit(const struct desk *d, const struct venue *v)
{
    assert_true(pl_oms_check(&d->oms));
    assert_true(worst(v, PL_BUY) <= d->policy.max_long);
    assert_true(worst(v, PL_SELL) <= d->policy.max_short);
    assert_true(d->pos + d->oms.open[PL_BUY] <= d->policy.max_long);
    assert_true(-d->pos + d->oms.open[PL_SELL] <= d->policy.max_short);
}

static void random_wish(struct desk *d, struct venue *v)
{
    for (int s = 0; s < 2; s++) {
        want(d, (enum pl_side)s, (uint32_t)below(v, 5), 1000 + (int64_t)below(v, 6),
             1 + (int64_t)below(v, 30));
        for (uint32_t i = 0; i < d->wanted[s].count; i++) {
            d->level[s][i].lots = 1 + (int64_t)below(v, 30);
        }
    }
    diff(d);
    for (uint32_t i = 0; i < d->count; i++) {
        v->request[v->request_tail++ % WIRE_MAX] = d->action[i];
    }
}

static void listen(struct desk *d, struct venue *v)
{
    if (v->answer_head != v->answer_tail) {
        respond(d, v->answer[v->answer_head++ % WIRE_MAX]);
    }
}

static void random_session(uint64_t seed, bool amend, double tolerance)
{
    struct desk d;
    static struct venue v;
    desk_open(&d);
    v = (struct venue){.seed = seed};
    d.policy.amend = amend;
    d.policy.size_tolerance = tolerance;
    d.policy.max_long = 5 + (int64_t)below(&v, 60);
    d.policy.max_short = 5 + (int64_t)below(&v, 60);
    d.policy.replace_ticks = 1 + (int64_t)below(&v, 3);
    d.policy.cancelling_counts = below(&v, 2) == 0;
    for (int i = 0; i < 3000; i++) {
        uint64_t what = below(&v, 10);
        d.now++;
        if (what < 2) {
            random_wish(&d, &v);
        } else if (what < 5 && v.request_head != v.request_tail) {
            venue_arrive(&v);
        } else if (what < 6) {
            uint32_t at = (uint32_t)below(&v, 64);
            if (v.order[at].rests) {
                venue_fill(&v, at);
            }
        } else {
            listen(&d, &v);
        }
        check_limit(&d, &v);
    }
    /* everything said and heard: the two agree about every order */
    while (v.request_head != v.request_tail) {
        venue_arrive(&v);
    }
    while (v.answer_head != v.answer_tail) {
        listen(&d, &v);
        check_limit(&d, &v);
    }
    assert_int_equal(d.oms.in_flight, 0);
    assert_int_equal(d.pos, v.pos);
    for (uint32_t i = 0; i < 64; i++) {
        assert_int_equal(d.order[i].state, v.order[i].rests ? PL_ORDER_LIVE : PL_ORDER_FREE);
        if (v.order[i].rests) {
            assert_int_equal(d.order[i].left, v.order[i].left);
            assert_int_equal(d.order[i].id, v.order[i].id);
        }
    }
    /* with a quiet venue the orders come to rest: what is wanted is there, nobody asks for more */
    v.quiet = true;
    random_wish(&d, &v);
    for (int i = 0; i < 12; i++) {
        while (v.request_head != v.request_tail) {
            venue_arrive(&v);
        }
        while (v.answer_head != v.answer_tail) {
            listen(&d, &v);
        }
        diff(&d);
        for (uint32_t k = 0; k < d.count; k++) {
            v.request[v.request_tail++ % WIRE_MAX] = d.action[k];
        }
        check_limit(&d, &v);
    }
    assert_int_equal(d.count, 0);
}

static void test_exposure_never_passes_the_limit(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_session(seed, seed % 2 == 0, seed % 3 == 0 ? -1 : 0.1);
    }
}

/* Two makers whose slots lie in turns: each finds its own, on the wire and in the answers. */
static void test_slots_in_turns(void **state)
{
    (void)state;
    struct pl_order order[2 * 64] = {0};
    for (uint32_t maker = 0; maker < 2; maker++) {
        struct desk d;
        desk_open(&d);
        d.oms.order = order + maker;
        d.oms.slot_base = maker;
        d.oms.slot_gap = 1;
        want(&d, PL_BUY, 2, 9990, 1000);
        diff(&d);
        assert_int_equal(d.count, 2);
        for (uint32_t i = 0; i < 2; i++) {
            assert_int_equal(d.action[i].slot, maker + 2 * i);
            assert_ptr_equal(pl_oms_order(&d.oms, i), &order[maker + 2 * i]);
            (void)respond(&d, answer_to(&d.action[i], PL_RSP_ACCEPTED));
            assert_int_equal(order[maker + 2 * i].state, PL_ORDER_LIVE);
        }
    }
    assert_int_equal(order[4].state, PL_ORDER_FREE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keep_or_replace),
        cmocka_unit_test(test_sizes_never_matter),
        cmocka_unit_test(test_ladder),
        cmocka_unit_test(test_in_flight_counts),
        cmocka_unit_test(test_position_limit),
        cmocka_unit_test(test_trimmed_order_is_kept),
        cmocka_unit_test(test_amend_after_partial_fill),
        cmocka_unit_test(test_amend_answers),
        cmocka_unit_test(test_races),
        cmocka_unit_test(test_answer_asks_again_when_sizes_matter),
        cmocka_unit_test(test_slots_run_out),
        cmocka_unit_test(test_slots_in_turns),
        cmocka_unit_test(test_exposure_never_passes_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
