/* The window of aggressive orders: prints merge, the oldest leave by age and by room. */
#include "book/trade_window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct pl_arena *arena;

static void start(struct pl_trade_window *w, uint32_t capacity)
{
    assert_int_equal(pl_arena_create(&arena), 0);
    assert_int_equal(pl_trade_window_init(w, arena, capacity), 0);
}

static void test_prints_of_one_order_merge(void **state)
{
    (void)state;
    struct pl_trade_window w;
    start(&w, 4);
    pl_trade_window_add(&w, 10, PL_SELL, 100, 2, 100);
    pl_trade_window_add(&w, 10, PL_SELL, 97, 3, 100);
    pl_trade_window_add(&w, 10, PL_SELL, 99, 1, 100); /* listed out of order: 97 stays the worst */
    pl_trade_window_add(&w, 10, PL_BUY, 104, 7, 101); /* the other side is another order */
    pl_trade_window_add(&w, 11, PL_BUY, 101, 5, 101);
    assert_int_equal(w.count, 3);
    const struct pl_taker_order *o = pl_trade_window_at(&w, 0);
    assert_int_equal(o->lots, 6);
    assert_int_equal(o->worst_px, 97);
    assert_int_equal(pl_taker_order_depth(o), 3);
    assert_int_equal(pl_taker_order_depth(pl_trade_window_at(&w, 1)), 3);
    assert_int_equal(pl_taker_order_depth(pl_trade_window_at(&w, 2)), 0);
    assert_int_equal(w.lots[PL_SELL], 6);
    assert_int_equal(w.lots[PL_BUY], 12);
    pl_arena_destroy(&arena);
}

static void test_age_and_room(void **state)
{
    (void)state;
    struct pl_trade_window w;
    start(&w, 4);
    for (int64_t i = 1; i <= 6; i++) {
        pl_trade_window_add(&w, i * 10, PL_BUY, 100, i, 100);
    }
    assert_int_equal(w.count, 4); /* orders of 10 and 20 made room */
    assert_int_equal(pl_trade_window_at(&w, 0)->venue_ns, 30);
    assert_int_equal(w.lots[PL_BUY], 3 + 4 + 5 + 6);
    pl_trade_window_expire(&w, 40); /* at or before */
    assert_int_equal(w.count, 2);
    assert_int_equal(w.lots[PL_BUY], 5 + 6);
    pl_trade_window_expire(&w, 1000);
    assert_int_equal(w.count, 0);
    assert_int_equal(w.lots[PL_BUY], 0);
    pl_trade_window_add(&w, 70, PL_SELL, 90, 9, 95);
    pl_trade_window_reset(&w);
    assert_int_equal(w.count, 0);
    assert_int_equal(w.lots[PL_SELL], 0);
    pl_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prints_of_one_order_merge),
        cmocka_unit_test(test_age_and_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
