/* Queue models against the worked rows of the reference (the public peer's formulas). */
#include "base/assert.h"
#include "base/rand.h"
#include "math/queue.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void check_near(const char *what, double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance)) {
        fail_msg("%s: %.12g, not %.12g", what, got, want);
    }
}

static const struct {
    const char *what;
    enum pl_queue_model model;
    double n, front, prev, now, cum, peer, ours;
} depth_rows[] = {
    {"power1 n=1", PL_QUEUE_POWER1, 1, 30, 100, 80, 5, 25.5, 25.5},
    {"power1 n=2", PL_QUEUE_POWER1, 2, 30, 100, 80, 5, 27.672413793, 27.672413793},
    {"power1 n=3", PL_QUEUE_POWER1, 3, 30, 100, 80, 5, 28.905405405, 28.905405405},
    {"power2 n=2", PL_QUEUE_POWER2, 2, 30, 100, 80, 5, 22.35, 22.35},
    {"power3 n=2", PL_QUEUE_POWER3, 2, 30, 100, 80, 5, 28.65, 28.65},
    {"power3 n=3", PL_QUEUE_POWER3, 3, 30, 100, 80, 5, 29.595, 29.595},
    {"log1", PL_QUEUE_LOG1, 0, 30, 100, 80, 5, 23.307517719, 23.307517719},
    {"log2", PL_QUEUE_LOG2, 0, 30, 100, 80, 5, 28.854502374, 28.854502374},
    {"risk", PL_QUEUE_RISK, 0, 30, 100, 80, 5, 30, 30},
    {"prorata is power1 n=1", PL_QUEUE_PRORATA, 0, 30, 100, 80, 5, 25.5, 25.5},
    {"big cancel power1 n=2", PL_QUEUE_POWER1, 2, 60, 100, 20, 0, 4.615384615, 4.615384615},
    {"big cancel power3 n=3", PL_QUEUE_POWER3, 3, 60, 100, 20, 0, 20, 20},
    {"big cancel log1", PL_QUEUE_LOG1, 0, 60, 100, 20, 0, 17.968920478, 17.968920478},
    {"a cancel fills in the peer, power1 n=3", PL_QUEUE_POWER1, 3, 60, 100, 20, 0, -12.0 / 7, 0},
    {"a cancel fills in the peer, power2 n=2", PL_QUEUE_POWER2, 2, 60, 100, 20, 0, -7.2, 0},
    {"level grew", PL_QUEUE_POWER3, 3, 30, 100, 110, 5, 30, 30},
    {"level grew less than it traded", PL_QUEUE_POWER3, 3, 30, 40, 25, 30, 25, 25},
    {"nothing there: 0/0 in the peer", PL_QUEUE_POWER1, 2, 0, 0, 0, 0, 0, 0},
    {"front above the level, log NaN", PL_QUEUE_LOG2, 0, 30, 10, 10, 0, 10, 10},
    {"front above the level, odd power", PL_QUEUE_POWER1, 2.5, 30, 10, 5, 0, 5, 5},
};

static void test_depth_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(depth_rows); i++) {
        for (int clamp = 0; clamp < 2; clamp++) {
            struct pl_queue_params p = {depth_rows[i].model, depth_rows[i].n, clamp != 0, 1.0};
            struct pl_queue_pos q = {depth_rows[i].front, depth_rows[i].cum};
            pl_queue_depth(&p, &q, depth_rows[i].prev, depth_rows[i].now);
            check_near(depth_rows[i].what, q.front, clamp ? depth_rows[i].ours : depth_rows[i].peer,
                       5e-10);
            assert_true(q.cum_trade == 0.0);
        }
    }
}

/* trade 10; 50->38; 38->60; 60->45; trade 30; 45->15; trade 20, from front 50 */
static const struct {
    double trade, prev, now;
} episode[] = {{10, 0, 0}, {0, 50, 38}, {0, 38, 60}, {0, 60, 45},
               {30, 0, 0}, {0, 45, 15}, {20, 0, 0}};

static const struct {
    const char *what;
    enum pl_queue_model model;
    bool clamp;
    size_t steps;
    double front[7];
} episodes[] = {
    {"risk", PL_QUEUE_RISK, true, 7, {40, 38, 38, 38, 8, 8, -12}},
    {"power3", PL_QUEUE_POWER3, true, 7, {40, 38, 38, 34.189444, 4.189444, 4.189444, -15.810556}},
    {"power3 peer",
     PL_QUEUE_POWER3,
     false,
     7,
     {40, 38, 38, 34.189444, 4.189444, 4.189444, -15.810556}},
    {"log1", PL_QUEUE_LOG1, true, 5, {40, 38, 38, 29.917492, -0.082508}},
};

static void test_episodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(episodes); i++) {
        struct pl_queue_params p = {episodes[i].model, 3, episodes[i].clamp, 1.0};
        struct pl_queue_pos q = {50, 0};
        for (size_t k = 0; k < episodes[i].steps; k++) {
            if (episode[k].trade > 0) {
                pl_queue_trade(&q, episode[k].trade);
            } else {
                pl_queue_depth(&p, &q, episode[k].prev, episode[k].now);
            }
            check_near(episodes[i].what, q.front, episodes[i].front[k], 5e-7);
        }
    }
    struct pl_queue_pos done = {-12, 0};
    assert_int_equal(pl_queue_reached(&done), 12);
    done.front = -0.082508;
    assert_int_equal(pl_queue_reached(&done), 0);
    done.front = 0;
    assert_int_equal(pl_queue_reached(&done), 0);
}

/* Same quantities in lots of any size: only the log models look at the unit. */
static void test_unit(void **state)
{
    (void)state;
    for (unsigned m = 0; m < PL_QUEUE_MODELS; m++) {
        struct pl_queue_params lots = {(enum pl_queue_model)m, 3, true, 0.001};
        struct pl_queue_params coins = {(enum pl_queue_model)m, 3, true, 1.0};
        struct pl_queue_pos a = {30000, 5000};
        struct pl_queue_pos b = {30, 5};
        pl_queue_depth(&lots, &a, 100000, 80000);
        pl_queue_depth(&coins, &b, 100, 80);
        check_near(pl_queue_model_name((enum pl_queue_model)m), a.front * 0.001, b.front, 1e-10);
    }
}

/* Whatever happens: never NaN, never above the level, and between "all of it behind" and "all of it
 * ahead", stopping at 0. */
static void test_clamped_bounds(void **state)
{
    (void)state;
    for (unsigned m = 0; m < PL_QUEUE_MODELS; m++) {
        for (uint64_t i = 0; i < 20000; i++) {
            struct pl_queue_params p = {(enum pl_queue_model)m, 1 + (double)(i % 4), true, 0.01};
            double prev = __builtin_floor(200 * pl_rand_unit(1, m, i, 0));
            double now = __builtin_floor(200 * pl_rand_unit(1, m, i, 1));
            double front = __builtin_floor(250 * pl_rand_unit(1, m, i, 2)) - 20;
            double traded = i % 3 == 0 ? __builtin_floor(20 * pl_rand_unit(1, m, i, 3)) : 0;
            struct pl_queue_pos q = {front, 0};
            if (traded > 0) {
                pl_queue_trade(&q, traded);
            }
            double before = q.front;
            pl_queue_depth(&p, &q, prev, now);
            if (before <= 0) {
                assert_true(q.front == before);
                continue;
            }
            assert_true(q.front >= 0 && q.front <= before && q.front <= now);
            double decrease = prev - now - traded;
            double least = fmin(now, before - fmax(decrease, 0)); /* all of it left ahead of us */
            assert_true(q.front >= least - 1e-9);
            assert_true(m != PL_QUEUE_RISK || q.front == fmin(before, now));
        }
    }
}

static void test_names(void **state)
{
    (void)state;
    for (unsigned m = 0; m < PL_QUEUE_MODELS; m++) {
        enum pl_queue_model back = PL_QUEUE_MODELS;
        assert_int_equal(pl_queue_model_parse(pl_queue_model_name((enum pl_queue_model)m), &back),
                         0);
        assert_int_equal(back, m);
    }
    enum pl_queue_model none = PL_QUEUE_LOG1;
    assert_int_equal(pl_queue_model_parse("power9", &none), PL_ERR_NOTFOUND);
    assert_int_equal(none, PL_QUEUE_LOG1);
    struct pl_queue_params p = {PL_QUEUE_POWER3, 0, true, 1};
    assert_int_equal(pl_queue_params_check(&p), PL_ERR_INVALID);
    p.n = 3;
    assert_int_equal(pl_queue_params_check(&p), 0);
    p = (struct pl_queue_params){PL_QUEUE_LOG1, 0, true, NAN};
    assert_int_equal(pl_queue_params_check(&p), PL_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_depth_rows), cmocka_unit_test(test_episodes),
        cmocka_unit_test(test_unit),       cmocka_unit_test(test_clamped_bounds),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
