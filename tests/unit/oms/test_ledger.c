/* The ledger to the last unit: worked rows, rounding rules, and random walks against a ledger that
 * keeps every execution and sums them anew. */
#include "base/assert.h"
#include "base/rand.h"
#include "oms/ledger.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct pl_inst linear(void)
{
    return (struct pl_inst){.venue = "v",
                            .symbol = "BTCUSDT",
                            .base = "BTC",
                            .quote = "USDT",
                            .tick = {1, 1},
                            .lot = {1, 3},
                            .contract_size = {1, 0},
                            .maker_fee_e9 = 200000,
                            .taker_fee_e9 = 550000};
}

static struct pl_inst inverse(void)
{
    struct pl_inst inst = linear();
    inst.kind = PL_INST_INVERSE;
    inst.tick = (struct pl_decimal){5, 1};            /* 0.5 */
    inst.lot = (struct pl_decimal){1, 0};             /* one contract */
    inst.contract_size = (struct pl_decimal){100, 0}; /* of 100 USD */
    return inst;
}

static void fill(struct pl_ledger *l, const struct pl_ledger_terms *t, int64_t signed_lots,
                 int64_t px)
{
    pl_ledger_fill(l, t, signed_lots > 0 ? PL_BUY : PL_SELL, px,
                   signed_lots > 0 ? signed_lots : -signed_lots, false);
}

/* Signed lots and price of up to four executions; then position, cash, realised, open cost. */
static const struct {
    const char *what;
    struct {
        int64_t lots, px;
    } fill[4];
    int64_t pos, cash, realised, open_cost;
} linear_rows[] = {
    {"a buy", {{2, 100}}, 2, -200, 0, -200},
    {"a sell", {{-2, 100}}, -2, 200, 0, 200},
    {"added to", {{2, 100}, {3, 110}}, 5, -530, 0, -530},
    {"half closed", {{4, 100}, {-2, 110}}, 2, -180, 20, -200},
    {"closed with a loss", {{4, 100}, {-4, 90}}, 0, -40, -40, 0},
    {"a short closed with a gain", {{-4, 100}, {4, 90}}, 0, 40, 40, 0},
    {"flip long to short", {{2, 100}, {-5, 110}}, -3, 350, 20, 330},
    {"flip short to long", {{-2, 100}, {5, 110}}, 3, -350, -20, -330},
    {"cost split with a rest: towards zero", {{1, 100}, {2, 101}, {-1, 105}}, 2, -197, 5, -202},
    {"the rest comes back at the close", {{1, 100}, {2, 101}, {-1, 105}, {-2, 105}}, 0, 13, 13, 0},
    {"short cost split", {{-1, 100}, {-2, 101}, {1, 95}}, -2, 207, 5, 202},
};

static void test_linear_rows(void **state)
{
    (void)state;
    struct pl_inst inst = linear();
    for (int kind = 0; kind < 2; kind++) {
        struct pl_ledger_terms t;
        inst.kind = kind == 0 ? PL_INST_LINEAR : PL_INST_SPOT; /* counted alike */
        pl_ledger_terms_init(&t, &inst);
        for (size_t i = 0; i < PL_COUNT(linear_rows); i++) {
            struct pl_ledger l = {0};
            for (int k = 0; k < 4 && linear_rows[i].fill[k].lots != 0; k++) {
                fill(&l, &t, linear_rows[i].fill[k].lots, linear_rows[i].fill[k].px);
            }
            if (l.pos_lots != linear_rows[i].pos || l.cash != linear_rows[i].cash ||
                l.realised != linear_rows[i].realised || l.open_cost != linear_rows[i].open_cost) {
                fail_msg("%s: position %lld cash %lld realised %lld cost %lld", linear_rows[i].what,
                         (long long)l.pos_lots, (long long)l.cash, (long long)l.realised,
                         (long long)l.open_cost);
            }
        }
    }
}

/* quant.md 4.5: buy 2 at 99.95, sell 1 at 100.15, funding 0.0001 on 1 at mark 100, fee 0.02 %. */
static void test_money_of_the_reference_row(void **state)
{
    (void)state;
    struct pl_inst inst = linear();
    inst.tick = (struct pl_decimal){1, 2};
    inst.lot = (struct pl_decimal){1, 0};
    struct pl_ledger_terms t;
    pl_ledger_terms_init(&t, &inst);
    struct pl_ledger l = {0};
    fill(&l, &t, 2, 9995);
    fill(&l, &t, -1, 10015);
    pl_ledger_funding(&l, &t, 10000, 100000);
    double pnl = pl_ledger_money(&t, pl_ledger_pnl(&l, &t, 9990)) - pl_ledger_fee(&t, &l) +
                 pl_ledger_funding_money(&t, &l);
    assert_true(fabs(pl_ledger_fee(&t, &l) - 0.06001) < 1e-12);
    assert_true(fabs(pl_ledger_funding_money(&t, &l) + 0.01) < 1e-12);
    assert_true(fabs(pl_ledger_money(&t, l.cash) + 99.75) < 1e-12);
    assert_true(fabs(pnl - 0.07999) < 1e-12);
    assert_true(fabs(pl_ledger_entry(&l, &t) - 9995) < 1e-9);
}

/* Makers and takers, rebates, and fees by quantity: per base unit, not per lot. */
static void test_fees(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int64_t maker_e9, taker_e9, lots, px;
        bool taker, by_qty;
        double fee; /* quote currency: tick 0.1, lot 0.001 */
    } rows[] = {
        {"maker on value", 200000, 550000, 1500, 600000, false, false, 1.5 * 60000 * 0.0002},
        {"taker on value", 200000, 550000, 1500, 600000, true, false, 1.5 * 60000 * 0.00055},
        {"rebate", -50000, 700000, 1000, 600000, false, false, -60000 * 0.00005},
        {"by quantity", 10000000, 20000000, 1500, 600000, false, true, 1.5 * 0.01},
        {"by quantity, taker", 10000000, 20000000, 1500, 600000, true, true, 1.5 * 0.02},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_inst inst = linear();
        inst.maker_fee_e9 = rows[i].maker_e9;
        inst.taker_fee_e9 = rows[i].taker_e9;
        struct pl_ledger_terms t;
        pl_ledger_terms_init(&t, &inst);
        t.fee_by_qty = rows[i].by_qty;
        struct pl_ledger l = {0};
        pl_ledger_fill(&l, &t, PL_BUY, rows[i].px, rows[i].lots, rows[i].taker);
        double fee = pl_ledger_fee(&t, &l);
        if (!(fabs(fee - rows[i].fee) <= 1e-9 * fabs(rows[i].fee))) {
            fail_msg("%s: %.12g, not %.12g", rows[i].what, fee, rows[i].fee);
        }
    }
}

static void test_funding_signs(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int64_t pos, mark, rate_e9, funding_e9;
    } rows[] = {
        {"long pays", 10, 100000000, 1000, -1000000000000},
        {"short receives", -10, 100000000, 1000, 1000000000000},
        {"negative rate", 10, 100000000, -1000, 1000000000000},
        {"both", -10, 100000000, -1000, -1000000000000},
        {"flat", 0, 100000000, 1000, 0},
        {"rate 0", 10, 100000000, 0, 0},
        {"less than a tick-lot", 1, 500, 1000000, -500000000},
        {"one lot at 201 ticks", 1, 201, 100000, -20100000},
    };
    struct pl_inst inst = linear();
    struct pl_ledger_terms t;
    pl_ledger_terms_init(&t, &inst);
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_ledger l = {.pos_lots = rows[i].pos};
        pl_ledger_funding(&l, &t, rows[i].mark, rows[i].rate_e9);
        if (l.funding_e9 != rows[i].funding_e9) {
            fail_msg("%s: %lld", rows[i].what, (long long)l.funding_e9);
        }
    }
}

/* 100 USD contracts: value in 1e-12 coins is 100e12 x lots / (ticks x 0.5), half to even. */
static void test_inverse(void **state)
{
    (void)state;
    struct pl_inst inst = inverse();
    struct pl_ledger_terms t;
    pl_ledger_terms_init(&t, &inst);
    assert_true(t.inverse_num == (pl_i128)200 * 1000000000000);
    assert_true(pl_ledger_value(&t, 100000, 3) == 6000000000); /* 300 USD at 50000: 0.006 */
    assert_true(pl_ledger_value(&t, 120000, 1) == 1666666667);
    assert_true(pl_ledger_value(&t, 0, 1) == 0);
    struct pl_ledger l = {0};
    fill(&l, &t, 3, 100000);
    assert_true(l.cash == 6000000000);
    assert_true(fabs(pl_ledger_entry(&l, &t) - 100000) < 1e-6);
    /* 300 USD from 50000 to 60000: 300/50000 - 300/60000 = 0.001 coins */
    assert_true(pl_ledger_pnl(&l, &t, 120000) == 1000000000);
    fill(&l, &t, -1, 120000);
    assert_true(l.realised == 2000000000 - 1666666667);
    fill(&l, &t, -5, 120000);
    assert_int_equal(l.pos_lots, -3);
    assert_true(l.cash == l.realised + l.open_cost);
    assert_true(fabs(pl_ledger_entry(&l, &t) - 120000) < 1e-3);
    pl_ledger_funding(&l, &t, 100000, 1000000); /* shorts receive 0.1 % of 0.006 coins */
    assert_true(l.funding_e9 == (pl_i128)6000000 * 1000000000);
    assert_true(fabs(pl_ledger_funding_money(&t, &l) - 6e-6) < 1e-18);
}

/* ---- random walks --------------------------------------------------------------------------- */

#define FILLS 4000

struct record {
    int64_t lots, px; /* signed */
    bool taker;
};

static pl_i128 slow_value(const struct pl_ledger_terms *t, int64_t px, int64_t lots)
{
    if (t->kind != PL_INST_INVERSE) {
        return (pl_i128)px * lots;
    }
    pl_i128 num = t->inverse_num * lots, floor = num / px, rest = num - floor * px;
    bool up = 2 * rest > px || (2 * rest == px && floor % 2 == 1);
    return floor + up;
}

/* What must hold after every execution, from all of them. */
static void check_ledger(const struct pl_ledger *l, const struct pl_ledger_terms *t,
                         const struct record *r, uint32_t count)
{
    pl_i128 cash = 0, fee = 0, turnover = 0;
    int64_t pos = 0, volume = 0;
    int inv = t->kind == PL_INST_INVERSE ? -1 : 1;
    for (uint32_t i = 0; i < count; i++) {
        int64_t lots = r[i].lots > 0 ? r[i].lots : -r[i].lots;
        pl_i128 value = slow_value(t, r[i].px, lots);
        cash += (r[i].lots > 0 ? -value : value) * inv;
        fee += value * (r[i].taker ? t->taker_fee_e9 : t->maker_fee_e9);
        turnover += value;
        pos += r[i].lots;
        volume += lots;
    }
    assert_true(l->cash == cash && l->fee_e9 == fee && l->turnover == turnover);
    assert_true(l->pos_lots == pos && l->volume_lots == volume && l->trades == count);
    assert_true(l->realised + l->open_cost == l->cash);
    assert_true(pos != 0 || l->open_cost == 0);
    /* entry cost lies on the side that it must: a linear long has paid, an inverse one is owed */
    assert_true(pos == 0 || (l->open_cost < 0) == ((pos > 0) == (inv > 0)));
    int64_t mark = r[count - 1].px + 17;
    pl_i128 value = slow_value(t, mark, pos > 0 ? pos : -pos);
    pl_i128 pnl = cash + (pos > 0 ? value : -value) * inv;
    assert_true(pl_ledger_pnl(l, t, mark) == pnl);
}

/* Realised and cost again, rational: each execution may differ by its one rounding only. */
static void walk(const struct pl_inst *inst, uint64_t seed)
{
    static struct record r[FILLS];
    struct pl_ledger_terms t;
    pl_ledger_terms_init(&t, inst);
    struct pl_ledger l = {0};
    uint64_t n = 0;
    int64_t px = 100000;
    for (uint32_t i = 0; i < FILLS; i++) {
        px += (int64_t)(pl_rand_u64(seed, 1, 0, n++) % 201) - 100;
        px = px < 1000 ? 1000 : px;
        int64_t lots = 1 + (int64_t)(pl_rand_u64(seed, 1, 0, n++) % 50);
        bool buy = pl_rand_u64(seed, 1, 0, n++) % 2 == 0;
        bool taker = pl_rand_u64(seed, 1, 0, n++) % 4 == 0;
        r[i] = (struct record){buy ? lots : -lots, px, taker};
        struct pl_ledger before = l;
        pl_ledger_fill(&l, &t, buy ? PL_BUY : PL_SELL, px, lots, taker);
        int64_t held = before.pos_lots > 0 ? before.pos_lots : -before.pos_lots;
        bool reduces = before.pos_lots != 0 && (before.pos_lots > 0) != buy;
        if (!reduces) {
            assert_true(l.realised == before.realised);
        } else {
            int64_t closing = lots < held ? lots : held;
            pl_i128 flow = l.cash - before.cash;
            /* (cost x closing / held + flow x closing / lots) to less than one unit */
            pl_i128 exact = (before.open_cost * closing * lots + flow * closing * held);
            pl_i128 off = (l.realised - before.realised) * held * lots - exact;
            off = off < 0 ? -off : off;
            assert_true(off < (pl_i128)held * lots);
        }
        if (i % 97 == 0 || i + 1 == FILLS) {
            check_ledger(&l, &t, r, i + 1);
        }
    }
    /* closing everything leaves no cost behind: what was made is what was realised */
    if (l.pos_lots != 0) {
        fill(&l, &t, -l.pos_lots, px);
    }
    assert_true(l.open_cost == 0 && l.realised == l.cash);
}

static void test_random_walks(void **state)
{
    (void)state;
    struct pl_inst inst[3] = {linear(), inverse(), linear()};
    inst[2].kind = PL_INST_SPOT;
    for (size_t i = 0; i < PL_COUNT(inst); i++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            walk(&inst[i], seed * 10 + i);
        }
    }
}

/* Prices and sizes as large as venues have them: SHIB lots, JPY prices. Nothing wraps. */
static void test_large_numbers(void **state)
{
    (void)state;
    struct pl_inst inst = linear();
    struct pl_ledger_terms t;
    pl_ledger_terms_init(&t, &inst);
    struct pl_ledger l = {0};
    int64_t px = INT64_C(1) << 40, lots = INT64_C(1) << 40;
    fill(&l, &t, lots, px);
    fill(&l, &t, -lots / 2, px + 1);
    assert_true(l.realised == lots / 2);
    fill(&l, &t, -lots, px + 2);
    assert_true(l.realised == (pl_i128)lots / 2 + lots);
    assert_int_equal(l.pos_lots, -(lots / 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear_rows),   cmocka_unit_test(test_money_of_the_reference_row),
        cmocka_unit_test(test_fees),          cmocka_unit_test(test_funding_signs),
        cmocka_unit_test(test_inverse),       cmocka_unit_test(test_random_walks),
        cmocka_unit_test(test_large_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
