/* The pool: names that outlive their objects, order, limits, and a long random life. */
#include "base/assert.h"
#include "base/pool.h"
#include "base/rand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* base/pool.c keeps this to itself; one test ages a slot by hand. */
struct pl_pool_slot {
    uint32_t gen, next_free;
};

static struct pl_arena *arena;

static int setup(void **state)
{
    (void)state;
    return pl_arena_create(&arena);
}

static int teardown(void **state)
{
    (void)state;
    pl_arena_destroy(&arena);
    return 0;
}

static void test_sizes_of_a_pool(void **state)
{
    (void)state;
    struct pl_pool pool;
    assert_int_equal(pl_pool_init(&pool, arena, 0, 8), PL_ERR_INVALID);
    assert_int_equal(pl_pool_init(&pool, arena, UINT32_MAX, 8), PL_ERR_INVALID);
    assert_int_equal(pl_pool_init(&pool, arena, 8, 0), PL_ERR_INVALID);
    assert_int_equal(pl_pool_init(&pool, arena, 1u << 31, SIZE_MAX / 4), PL_ERR_NOMEM);
    assert_int_equal(pl_pool_init(&pool, arena, 1, 1), 0);
    assert_true(pl_pool_check(&pool));
}

static void test_a_name_outlives_its_object(void **state)
{
    (void)state;
    struct pl_pool pool;
    struct pl_ref a, b, c;
    assert_int_equal(pl_pool_init(&pool, arena, 2, 24), 0);
    assert_null(pl_pool_get(&pool, (struct pl_ref){0, 0})); /* a zeroed name */
    assert_int_equal(pl_pool_give(&pool, (struct pl_ref){0, 0}), PL_ERR_NOTFOUND);
    assert_int_equal(pl_pool_take(&pool, &a), 0);
    memset(pl_pool_get(&pool, a), 0xaa, 24);
    assert_int_equal(pl_pool_give(&pool, a), 0);
    assert_null(pl_pool_get(&pool, a));
    assert_int_equal(pl_pool_give(&pool, a), PL_ERR_NOTFOUND); /* twice is once */
    assert_int_equal(pl_pool_take(&pool, &b), 0);
    assert_int_equal(b.slot, a.slot); /* the warmest slot */
    assert_false(pl_ref_eq(a, b));
    assert_null(pl_pool_get(&pool, a)); /* a late ack for a slot that lives again */
    const unsigned char *object = pl_pool_get(&pool, b);
    for (int i = 0; i < 24; i++) {
        assert_int_equal(object[i], 0);
    }
    assert_int_equal((uintptr_t)object % 16, 0);
    assert_int_equal(pl_pool_take(&pool, &c), 0);
    struct pl_ref none = {7, 7};
    assert_int_equal(pl_pool_take(&pool, &none), PL_ERR_AGAIN);
    assert_true(none.slot == 7 && none.gen == 7 && pool.refused == 1);
    assert_null(pl_pool_get(&pool, (struct pl_ref){2, 1})); /* beyond the last slot */
    assert_true(pl_pool_check(&pool));
}

static void test_a_slot_whose_generations_run_out_is_retired(void **state)
{
    (void)state;
    struct pl_pool pool;
    struct pl_ref first, last, next;
    assert_int_equal(pl_pool_init(&pool, arena, 2, 8), 0);
    assert_int_equal(pl_pool_take(&pool, &first), 0);
    assert_int_equal(pl_pool_give(&pool, first), 0);
    pool.slot[first.slot].gen = UINT32_MAX - 1; /* as after two thousand million lives */
    assert_int_equal(pl_pool_take(&pool, &last), 0);
    assert_int_equal(last.gen, UINT32_MAX);
    assert_int_equal(pl_pool_give(&pool, last), 0);
    assert_int_equal(pool.worn, 1);
    assert_int_equal(pl_pool_take(&pool, &next), 0);
    assert_int_not_equal(next.slot, first.slot);
    assert_int_equal(pl_pool_take(&pool, &next), PL_ERR_AGAIN);
    assert_null(pl_pool_get(&pool, first));
    assert_null(pl_pool_get(&pool, last));
    assert_true(pl_pool_check(&pool));
}

#define SLOTS 50

static void test_a_long_life(void **state)
{
    (void)state;
    struct pl_pool pool;
    assert_int_equal(pl_pool_init(&pool, arena, SLOTS, sizeof(uint64_t)), 0);
    struct pl_ref living[SLOTS], dead[SLOTS] = {{0, 0}};
    uint64_t value[SLOTS];
    uint32_t count = 0;
    for (uint64_t turn = 0; turn < 100000; turn++) {
        uint64_t draw = pl_rand_u64(3, 1, 4, turn);
        uint32_t limit = (turn >> 10 & 1) != 0 ? 3 : 5;
        if (draw % 8 < limit) {
            struct pl_ref ref;
            int rc = pl_pool_take(&pool, &ref);
            assert_int_equal(rc, count == SLOTS ? PL_ERR_AGAIN : 0);
            if (rc == 0) {
                uint64_t *object = pl_pool_get(&pool, ref);
                assert_int_equal(*object, 0);
                value[count] = *object = draw;
                living[count++] = ref;
            }
        } else if (count > 0) {
            uint32_t i = (uint32_t)(draw >> 8) % count;
            assert_int_equal(pl_pool_give(&pool, living[i]), 0);
            dead[draw >> 40 & 31] = living[i];
            living[i] = living[--count];
            value[i] = value[count];
        }
        for (uint32_t i = 0; i < count && turn % 64 == 0; i++) {
            assert_int_equal(*(uint64_t *)pl_pool_get(&pool, living[i]), value[i]);
        }
        assert_null(pl_pool_get(&pool, dead[draw >> 48 & 31]));
        assert_int_equal(pool.used, count);
    }
    assert_true(pl_pool_check(&pool));
    uint32_t walked = 0, before = 0;
    for (struct pl_ref ref = {0, 0}; pl_pool_next(&pool, &ref); walked++) {
        assert_true(walked == 0 || ref.slot > before);
        before = ref.slot;
        assert_int_equal(pl_pool_give(&pool, ref), 0); /* allowed while walking */
    }
    assert_int_equal(walked, count);
    assert_int_equal(pool.used, 0);
    assert_true(pl_pool_check(&pool));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sizes_of_a_pool, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_name_outlives_its_object, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_slot_whose_generations_run_out_is_retired, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_long_life, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
