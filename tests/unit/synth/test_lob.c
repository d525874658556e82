/* The generator's order book: price-time priority by hand, and random orders against a walk. */
#include "base/assert.h"
#include "synth/draw.h"
#include "synth/lob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void add(struct pl_lob *lob, enum pl_side side, int64_t px, int64_t lots)
{
    assert_int_equal(pl_lob_add(lob, side, px, lots, PL_LOB_DEEP), 0);
}

static void test_priority(void **state)
{
    (void)state;
    struct pl_lob lob;
    int64_t px = 0;
    assert_int_equal(pl_lob_init(&lob, 128, 1000), 0);
    assert_int_equal(pl_lob_hit(&lob, PL_SELL, 5, &px), 0); /* empty */
    add(&lob, PL_SELL, 1003, 7);
    add(&lob, PL_SELL, 1002, 5);
    add(&lob, PL_SELL, 1002, 4);
    add(&lob, PL_BUY, 1000, 1);
    assert_int_equal(lob.best[PL_SELL], 1002);
    assert_int_equal(pl_lob_best_lots(&lob, PL_SELL), 9);
    assert_int_equal(pl_lob_hit(&lob, PL_SELL, 2, &px), 2); /* part of the oldest */
    assert_int_equal(pl_lob_hit(&lob, PL_SELL, 9, &px), 3); /* its rest */
    assert_int_equal(pl_lob_hit(&lob, PL_SELL, 9, &px), 4); /* then the next in time */
    assert_int_equal(px, 1002);
    assert_int_equal(lob.best[PL_SELL], 1003);
    assert_int_equal(pl_lob_hit(&lob, PL_SELL, 9, &px), 7); /* then the next price */
    assert_int_equal(px, 1003);
    assert_int_equal(lob.best[PL_SELL], PL_PX_NO_ASK);
    assert_int_equal(pl_lob_best_lots(&lob, PL_SELL), 0);
    assert_true(pl_lob_check(&lob));
    pl_lob_fini(&lob);
}

/* What leaves the window is cancelled, and noted if it had been published. */
static void test_slide(void **state)
{
    (void)state;
    struct pl_lob lob;
    assert_int_equal(pl_lob_init(&lob, 128, 1000), 0);
    add(&lob, PL_BUY, 990, 3);
    add(&lob, PL_BUY, 950, 4);
    add(&lob, PL_SELL, 1020, 5);
    pl_lob_level_at(&lob, PL_BUY, 950)->shown = 4;
    assert_int_equal(pl_lob_slide(&lob, 1040), 0);
    assert_true(pl_lob_inside(&lob, 990) && !pl_lob_inside(&lob, 950));
    assert_int_equal(lob.order_count, 2);
    assert_int_equal(lob.gone_count, 1);
    assert_int_equal(lob.gone[0].px, 950);
    assert_true(pl_lob_check(&lob));
    assert_int_equal(pl_lob_slide(&lob, 100000), 0); /* past everything */
    assert_int_equal(lob.order_count, 0);
    assert_int_equal(lob.best[PL_BUY], PL_PX_NO_BID);
    assert_true(pl_lob_check(&lob));
    pl_lob_fini(&lob);
}

static void random_step(struct pl_lob *lob, struct pl_draw *draw, int64_t *centre)
{
    uint32_t what = pl_draw_below(draw, 100), count = lob->group[PL_LOB_DEEP].count;
    enum pl_side side = (enum pl_side)pl_draw_below(draw, 2);
    int64_t px = *centre - 80 + pl_draw_below(draw, 160), lots = 1 + pl_draw_below(draw, 50);
    if (what < 50) {
        bool crosses = side == PL_BUY ? px >= lob->best[PL_SELL] : px <= lob->best[PL_BUY];
        if (!crosses && pl_lob_inside(lob, px)) {
            add(lob, side, px, lots);
        }
    } else if (what < 80 && count > 0) {
        pl_lob_remove(lob, lob->group[PL_LOB_DEEP].at[pl_draw_below(draw, count)]);
    } else if (what < 99) {
        int64_t before = pl_lob_best_lots(lob, side), best = lob->best[side], at = 0;
        int64_t filled = pl_lob_hit(lob, side, lots, &at);
        assert_true(filled <= lots && filled <= before && (filled == 0) == (before == 0));
        assert_true(filled == 0 || at == best);
    } else {
        *centre += (int64_t)pl_draw_below(draw, 301) - 150;
        *centre = *centre < 200 ? 200 : *centre;
        assert_int_equal(pl_lob_slide(lob, *centre), 0);
    }
}

static void test_random(void **state)
{
    (void)state;
    struct pl_lob lob;
    struct pl_draw draw = pl_draw_init(1, 77);
    int64_t centre = 5000;
    assert_int_equal(pl_lob_init(&lob, 256, centre), 0);
    for (int i = 0; i < 30000; i++) {
        random_step(&lob, &draw, &centre);
        if (i % 50 == 0) {
            assert_true(pl_lob_check(&lob));
        }
    }
    assert_true(pl_lob_check(&lob));
    lob.level[PL_BUY][7].lots++; /* the check can fail */
    assert_false(pl_lob_check(&lob));
    pl_lob_fini(&lob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_priority),
        cmocka_unit_test(test_slide),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
