/* An instrument that changes tick and lot in mid-session: the book starts anew, resting orders are
 * cancelled, and position and money are the same in the new grid. */
#include "support/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define MS PL_NS_PER_MS

static const struct pl_reference_params maker = {
    .offset = 0, .size = 0.01, .max = 0.05, .period_ms = 10};

static void assert_near(double got, double want, double within)
{
    assert_true(got - want <= within && want - got <= within);
}

static void put(struct stream *s, uint8_t kind, uint8_t flags, int64_t t_ms, uint32_t bids,
                uint32_t rows, const int64_t *px, const int64_t *lots, uint64_t seq)
{
    struct pl_msg m = {.kind = kind,
                       .flags = flags,
                       .bid_count = bids,
                       .row_count = rows,
                       .venue_ns = t_ms * MS,
                       .local_ns = t_ms * MS,
                       .seq = seq,
                       .px = px,
                       .lots = lots};
    stream_put(s, &m);
}

static void book(struct stream *s, int64_t t_ms, int64_t bid, int64_t ask, int64_t lots)
{
    put(s, PL_MSG_SNAPSHOT, 0, t_ms, 1, 2, (const int64_t[]){bid, ask},
        (const int64_t[]){lots, lots}, (uint64_t)t_ms);
}

static void print(struct stream *s, int64_t t_ms, bool sell, int64_t px, int64_t lots)
{
    put(s, PL_MSG_TRADE, sell ? PL_MSGF_SELL : 0, t_ms, 0, 1, &px, &lots, (uint64_t)t_ms);
}

/* Tick 0.1 and lot 0.001 until 1 s; then `tick` and `lot`, prices times `finer`, sizes times
 * `more`. The maker buys 0.01 at 1000.0 before and sells 0.01 at 1001.0 after. */
static void session_with_change(struct stream *s, struct pl_decimal tick, struct pl_decimal lot,
                                int64_t finer, int64_t more)
{
    stream_init(s);
    s->inst[1] = s->inst[0];
    s->inst[1].tick = tick;
    s->inst[1].lot = lot;
    s->source.inst_count = 2;
    book(s, 1000, 10000, 10010, 5);
    print(s, 1100, true, 10000, 5);  /* the queue ahead of our bid at 1000.0 */
    print(s, 1110, true, 10000, 10); /* and our bid of 0.01 */
    put(s, PL_MSG_INST, 0, 2000, 0, 0, NULL, NULL, 1);
    book(s, 2050, 10000 * finer, 10010 * finer, 5 * more);
    print(s, 2200, false, 10010 * finer, 5 * more);
    print(s, 2210, false, 10010 * finer, 10 * more); /* our ask of 0.01 */
    book(s, 2400, 10000 * finer, 10010 * finer, 5 * more);
}

static void test_finer_grid(void **state)
{
    (void)state;
    static const struct {
        struct pl_decimal tick, lot;
        int64_t finer, more;
    } grids[] = {
        {{1, 1}, {1, 3}, 1, 1}, /* nothing moves: limits only */
        {{1, 2}, {1, 4}, 10, 10},
        {{5, 2}, {1, 3}, 2, 1},
        {{1, 1}, {2, 4}, 1, 5},
    };
    for (size_t i = 0; i < PL_COUNT(grids); i++) {
        struct stream data;
        static struct session s;
        session_with_change(&data, grids[i].tick, grids[i].lot, grids[i].finer, grids[i].more);
        session_init(&s);
        session_data(&s, &data);
        (void)session_maker(&s, &pl_strategy_reference, &maker);
        assert_int_equal(session_run(&s), 0);
        const struct pl_backtest_result *r = &s.backtest.result[0];
        const struct pl_maker *m = pl_engine_maker(s.backtest.engine, 0);
        assert_int_equal(r->trades, 2);
        assert_int_equal(r->pos_lots, 0);
        assert_near(r->balance, 0.01, 1e-12); /* bought 0.01 at 1000.0, sold at 1001.0 */
        assert_near(r->turnover, 20.01, 1e-12);
        assert_near(r->volume, 0.02, 1e-12);
        assert_near(r->fee, 20.01 * -0.00005, 1e-12);
        assert_true(pl_oms_check(&m->oms));
        assert_true(pl_sim_check(s.backtest.sim));
        session_free(&s);
        stream_fini(&data);
    }
}

static void test_old_orders_do_not_survive(void **state)
{
    (void)state;
    struct stream data;
    static struct session s;
    stream_init(&data);
    data.inst[1] = data.inst[0];
    data.inst[1].tick = (struct pl_decimal){1, 2};
    data.source.inst_count = 2;
    book(&data, 1000, 10000, 10010, 5);
    put(&data, PL_MSG_INST, 0, 2000, 0, 0, NULL, NULL, 1);
    print(&data, 2001, true, 10000, 1000); /* 100.00 in the new grid: far below any bid of ours */
    book(&data, 2500, 100000, 100100, 5);
    book(&data, 2600, 100000, 100100, 5);
    session_init(&s);
    session_data(&s, &data);
    (void)session_maker(&s, &pl_strategy_reference, &maker);
    assert_int_equal(session_run(&s), 0);
    assert_int_equal(s.backtest.result[0].trades, 0);
    const struct pl_maker *m = pl_engine_maker(s.backtest.engine, 0);
    for (uint32_t slot = 0; slot < m->oms.slot_count; slot++) {
        const struct pl_order *o = &m->oms.order[slot];
        assert_true(o->state == PL_ORDER_FREE || o->px == 100000 || o->px == 100100);
    }
    session_free(&s);
    stream_fini(&data);
}

static void test_position_off_the_new_grid(void **state)
{
    (void)state;
    struct stream data;
    static struct session s;
    session_with_change(&data, (struct pl_decimal){1, 1}, (struct pl_decimal){3, 3}, 1, 1);
    session_init(&s);
    session_data(&s, &data);
    (void)session_maker(&s, &pl_strategy_reference, &maker);
    assert_int_equal(session_run(&s), PL_ERR_OFFGRID); /* 0.01 is not a multiple of 0.003 */
    assert_non_null(strstr(s.err.text, "new lots"));
    stream_fini(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finer_grid),
        cmocka_unit_test(test_old_orders_do_not_survive),
        cmocka_unit_test(test_position_off_the_new_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
