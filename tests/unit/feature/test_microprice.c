/* Micro-price: the worked example, and a market whose answer is known from its rules. */
#include "base/assert.h"
#include "base/rand.h"
#include "feature/microprice.h"

#include <stdbool.h>

#include "unit/math/near.h"

static void test_example(void **state)
{
    (void)state;
    double q[] = {.5, .2, .2, .5};
    double r2[] = {.2, .1, .1, .2};
    double r[] = {.25 * -.5 + .05 * .5, .05 * -.5 + .25 * .5}; /* R1 K */
    double work[2];
    double g[2];
    assert_int_equal(pl_microprice_series(2, q, r2, r, work, g), 0);
    NEAR(g[0], -1.0 / 6, 1e-11);
    NEAR(g[1], 1.0 / 6, 1e-11);
    /* (I-Q)^-1 R1 K alone is -1/7, 1/7: no way on after a move */
    double q1[] = {.5, .2, .2, .5};
    double none[] = {0, 0, 0, 0};
    double r1[] = {.25 * -.5 + .05 * .5, .05 * -.5 + .25 * .5};
    assert_int_equal(pl_microprice_series(2, q1, none, r1, work, g), 0);
    NEAR(g[0], -1.0 / 7, 1e-12);
    double trapped[] = {1, 0, 0, 1};
    assert_int_equal(pl_microprice_series(2, trapped, none, r1, work, g), PL_ERR_INVALID);
}

/* The same example as counts: 1000 of each state, moves of a half tick. */
static void test_counts(void **state)
{
    (void)state;
    struct pl_arena *arena;
    struct pl_microprice *m;
    assert_int_equal(pl_arena_create(&arena), 0);
    assert_int_equal(pl_microprice_create(arena, 2, 1, &m), 0);
    assert_int_equal(pl_microprice_solve(m), PL_ERR_INVALID);
    NEAR(pl_microprice_adjust(m, 0), 0, 0);
    /* Only state 0 is ever seen: symmetry supplies state 1. Half-tick moves: adjustments in ticks. */
    for (int i = 0; i < 1000; i++) {
        uint32_t to = i < 500 || (i >= 700 && i < 900) ? 0 : 1;
        int64_t move = i < 700 ? 0 : i < 950 ? -1 : 1;
        pl_microprice_observe(m, 0, to, move);
    }
    assert_int_equal(pl_microprice_solve(m), 0);
    NEAR(pl_microprice_adjust(m, 0), -1.0 / 6, 1e-11);
    NEAR(pl_microprice_adjust(m, 1), 1.0 / 6, 1e-11);
    pl_arena_destroy(&arena);
}

/* Every jump starts from scratch with fair odds, and up with probability 1/4 + b/8 from bucket b:
 * then G* is the expected first move, here (2 p - 1) ticks per jump of two half ticks. */
static void test_known_market(void **state)
{
    (void)state;
    struct pl_arena *arena;
    struct pl_microprice *m;
    assert_int_equal(pl_arena_create(&arena), 0);
    assert_int_equal(pl_microprice_create(arena, 5, 2, &m), 0);
    for (uint64_t i = 0; i < 200000; i++) {
        uint32_t from = (uint32_t)(pl_rand_u64(1, 0, i, 0) % 10);
        uint32_t to = (uint32_t)(pl_rand_u64(1, 0, i, 1) % 10);
        double up = .25 + .125 * (from % 5);
        bool jumps = pl_rand_unit(1, 0, i, 2) < .3;
        int64_t move = pl_rand_unit(1, 0, i, 3) < up ? 2 : -2;
        if (jumps) {
            pl_microprice_observe(m, from, to, move);
        } else {
            pl_microprice_observe(m, from, from, 0); /* waits where it is */
        }
    }
    assert_int_equal(pl_microprice_solve(m), 0);
    for (uint32_t s = 0; s < 10; s++) {
        double want = 2 * (.25 + .125 * (s % 5)) - 1;
        assert_true(fabs(pl_microprice_adjust(m, s) - want) < .05);
        uint32_t other = s - s % 5 + (4 - s % 5);
        NEAR(pl_microprice_adjust(m, s) + 1, 1 - pl_microprice_adjust(m, other), 1e-11);
    }
    pl_arena_destroy(&arena);
}

static void test_states(void **state)
{
    (void)state;
    struct pl_arena *arena;
    struct pl_microprice *m;
    assert_int_equal(pl_arena_create(&arena), 0);
    assert_int_equal(pl_microprice_create(arena, 0, 1, &m), PL_ERR_INVALID);
    assert_int_equal(pl_microprice_create(arena, 101, 2, &m), PL_ERR_INVALID);
    assert_int_equal(pl_microprice_create(arena, 4, 3, &m), 0);
    assert_int_equal(pl_microprice_state(m, 0, 1), 0);
    assert_int_equal(pl_microprice_state(m, .25, 1), 1);
    assert_int_equal(pl_microprice_state(m, 1, 1), 3);
    assert_int_equal(pl_microprice_state(m, .6, 2), 6);
    assert_int_equal(pl_microprice_state(m, .6, 99), 10);
    assert_int_equal(pl_microprice_state(m, NAN, -5), 0);
    pl_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_known_market),
        cmocka_unit_test(test_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
