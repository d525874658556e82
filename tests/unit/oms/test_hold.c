/* Sides that are held, orders too young to touch, reduce-only orders, and the count of post-only
 * rejections. */
#include "oms/oms.h"

#include "base/assert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct desk {
    struct pl_oms oms;
    struct pl_order order[64];
    struct pl_oms_policy policy;
    struct pl_oms_level level[2][4];
    struct pl_oms_wanted wanted[2];
    struct pl_action action[PL_OMS_BATCH_MAX];
    uint32_t count;
    int64_t now;
};

static void desk_open(struct desk *d)
{
    memset(d, 0, sizeof *d);
    d->oms =
        (struct pl_oms){.order = d->order, .slot_count = 64, .next_id = 1, .reject_clear_ns = 2000};
    d->policy = (struct pl_oms_policy){.replace_ticks = 1,
                                       .size_tolerance = 0.1,
                                       .refill_below = 0.5,
                                       .max_long = INT64_MAX,
                                       .max_short = INT64_MAX};
    d->wanted[PL_BUY].level = d->level[PL_BUY];
    d->wanted[PL_SELL].level = d->level[PL_SELL];
    d->now = 100000;
}

/* Levels of 100 lots; a price of 0 ends the list. */
static void want(struct desk *d, enum pl_side side, int64_t first, int64_t second)
{
    int64_t px[2] = {first, second};
    d->wanted[side].count = first == 0 ? 0 : second == 0 ? 1 : 2;
    for (uint32_t i = 0; i < d->wanted[side].count; i++) {
        d->level[side][i] = (struct pl_oms_level){px[i], 100};
    }
}

static uint32_t diff(struct desk *d)
{
    d->count = pl_oms_diff(&d->oms, &d->policy, d->wanted, 0, d->now, d->action);
    assert_true(pl_oms_check(&d->oms));
    return d->count;
}

static void answer(struct desk *d, const struct pl_action *a, enum pl_response_kind kind,
                   enum pl_reject_reason reason)
{
    struct pl_response r = {.local_ns = d->now,
                            .px = a->px,
                            .lots = a->lots,
                            .left = a->lots,
                            .slot = a->slot,
                            .id = a->id,
                            .kind = (uint8_t)kind,
                            .reason = (uint8_t)reason,
                            .side = a->side};
    (void)pl_oms_respond(&d->oms, &r);
    assert_true(pl_oms_check(&d->oms));
}

/* Two bids live, at 990 and 980. */
static void two_bids(struct desk *d)
{
    desk_open(d);
    want(d, PL_BUY, 990, 980);
    assert_int_equal(diff(d), 2);
    struct pl_action sent[2] = {d->action[0], d->action[1]};
    answer(d, &sent[0], PL_RSP_ACCEPTED, PL_REJECT_NONE);
    answer(d, &sent[1], PL_RSP_ACCEPTED, PL_REJECT_NONE);
    d->now += 1000;
}

static void test_hold(void **state)
{
    (void)state;
    struct desk d;
    static const struct {
        const char *what;
        int64_t first, second, lots;
        bool amend;
        uint32_t requests;
        enum pl_action_kind kind;
        int64_t px;
    } rows[] = {
        {"nothing to do", 990, 980, 100, false, 0, PL_ACT_NEW, 0},
        {"nothing moves inward", 995, 985, 100, false, 0, PL_ACT_NEW, 0},
        {"nothing grows", 990, 980, 200, false, 0, PL_ACT_NEW, 0},
        {"a smaller size is not kept", 990, 980, 50, false, 2, PL_ACT_CANCEL, 990},
        {"outward is cancelled, not made again", 985, 980, 100, false, 1, PL_ACT_CANCEL, 990},
        {"outward by amending", 985, 980, 100, true, 1, PL_ACT_AMEND, 985},
        {"an empty side", 0, 0, 100, false, 2, PL_ACT_CANCEL, 990},
        {"one level less", 980, 0, 100, false, 1, PL_ACT_CANCEL, 990},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        two_bids(&d);
        want(&d, PL_BUY, rows[i].first, rows[i].second);
        d.level[PL_BUY][0].lots = d.level[PL_BUY][1].lots = rows[i].lots;
        d.wanted[PL_BUY].hold = true;
        d.policy.amend = rows[i].amend;
        diff(&d);
        if (d.count != rows[i].requests ||
            (d.count > 0 &&
             (d.action[0].kind != (uint8_t)rows[i].kind || d.action[0].px != rows[i].px))) {
            fail_msg("%s: %u requests, kind %d at %d", rows[i].what, d.count, d.action[0].kind,
                     (int)d.action[0].px);
        }
        want(&d, PL_SELL, 1000, 0); /* the other side is free */
        assert_int_equal(diff(&d), 1);
        assert_int_equal(d.action[0].kind, PL_ACT_NEW);
        d.wanted[PL_BUY].hold = false; /* and this one later */
        want(&d, PL_BUY, 990, 970);
        assert_true(diff(&d) > 0);
    }
}

static void test_hold_never_amends_larger(void **state)
{
    (void)state;
    struct desk d;
    two_bids(&d);
    d.wanted[PL_BUY].hold = true;
    d.policy.amend = true;
    want(&d, PL_BUY, 985, 980);
    d.level[PL_BUY][0].lots = 300;
    assert_int_equal(diff(&d), 1);
    assert_int_equal(d.action[0].px, 985);
    assert_int_equal(d.action[0].lots, 100);
}

static void test_young_orders_rest(void **state)
{
    (void)state;
    struct desk d;
    two_bids(&d);
    d.policy.order_rest_ns = 5000;
    want(&d, PL_BUY, 985, 975);
    assert_int_equal(diff(&d), 0);
    d.now += 3999;
    assert_int_equal(diff(&d), 0);
    d.now += 1; /* due: two cancels, two new */
    assert_int_equal(diff(&d), 4);
    two_bids(&d);
    d.policy.order_rest_ns = 5000;
    want(&d, PL_BUY, 0, 0); /* nothing is wanted: age is no excuse */
    assert_int_equal(diff(&d), 2);
    two_bids(&d);
    d.policy.order_rest_ns = 5000;
    want(&d, PL_BUY, 985, 0); /* one level less: one of them goes */
    assert_int_equal(diff(&d), 1);
    assert_int_equal(d.action[0].kind, PL_ACT_CANCEL);
}

static void test_reduce_only_is_another_order(void **state)
{
    (void)state;
    struct desk d;
    two_bids(&d);
    d.policy.order_rest_ns = 5000;
    d.policy.amend = true;
    d.wanted[PL_BUY].flags = PL_ORDF_REDUCE_ONLY;
    want(&d, PL_BUY, 990, 980);
    assert_int_equal(diff(&d), 4); /* cancelled and made: a flag cannot be amended */
    assert_int_equal(d.action[0].kind, PL_ACT_CANCEL);
    assert_int_equal(d.action[3].flags, PL_ORDF_REDUCE_ONLY);
}

static void refuse(struct desk *d, int64_t px)
{
    want(d, PL_BUY, px, 0);
    assert_int_equal(diff(d), 1);
    struct pl_action sent = d->action[0];
    d->now += 10;
    answer(d, &sent, PL_RSP_REJECTED, PL_REJECT_POST_ONLY);
}

static void test_post_only_rejections_in_a_row(void **state)
{
    (void)state;
    struct desk d;
    desk_open(&d);
    static const int64_t px[] = {1000, 999, 997};
    for (uint32_t i = 0; i < 3; i++) {
        refuse(&d, px[i]);
        assert_int_equal(d.oms.rejects[PL_BUY].in_a_row, i + 1);
        assert_int_equal(d.oms.rejects[PL_BUY].px, px[i]);
        assert_int_equal(d.oms.rejects[PL_BUY].at_ns, d.now);
        d.now += 500;
    }
    assert_int_equal(d.oms.rejects[PL_SELL].in_a_row, 0);
    d.now += 1500; /* 2000 since the last */
    refuse(&d, 990);
    assert_int_equal(d.oms.rejects[PL_BUY].in_a_row, 1);
    assert_int_equal(d.oms.counts.rejects_post_only, 4);
}

/* A ladder refused as a whole is one occasion, and its outermost price counts. */
static void test_a_refused_ladder_counts_once(void **state)
{
    (void)state;
    struct desk d;
    for (int amend = 0; amend < 2; amend++) {
        if (amend) {
            two_bids(&d);
        } else {
            desk_open(&d);
        }
        d.policy.amend = amend != 0;
        want(&d, PL_BUY, 1000, 995);
        assert_int_equal(diff(&d), 2);
        struct pl_action sent[2] = {d.action[0], d.action[1]};
        d.now += 10;
        for (int i = 0; i < 2; i++) {
            answer(&d, &sent[i], amend ? PL_RSP_AMEND_REJECTED : PL_RSP_REJECTED,
                   PL_REJECT_POST_ONLY);
            d.now += amend ? 0 : 3;
        }
        assert_int_equal(d.oms.rejects[PL_BUY].in_a_row, 1);
        assert_int_equal(d.oms.rejects[PL_BUY].px, 995);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hold),
        cmocka_unit_test(test_hold_never_amends_larger),
        cmocka_unit_test(test_young_orders_rest),
        cmocka_unit_test(test_reduce_only_is_another_order),
        cmocka_unit_test(test_post_only_rejections_in_a_row),
        cmocka_unit_test(test_a_refused_ladder_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
