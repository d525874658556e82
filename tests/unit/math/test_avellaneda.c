/* Quotes of Avellaneda and Stoikov against the worked rows. */
#include "base/assert.h"
#include "math/avellaneda.h"

#include "near.h"

static const struct {
    double s, q, gamma, sigma, tau, k, r;
    struct {
        double spread, bid, ask;
    } paper, variant;
} rows[] = {
    {100,
     2,
     0.1,
     2,
     1,
     1.5,
     99.2,
     {1.690770423, 98.354614789, 100.045385211},
     {0.464538521, 98.967730739, 99.432269261}},
    {100,
     -3,
     0.1,
     2,
     0.5,
     1.5,
     100.6,
     {1.490770423, 99.854614789, 101.345385211},
     {0.264538521, 100.467730739, 100.732269261}},
    {100,
     1,
     1,
     2,
     1,
     1.5,
     96,
     {5.021651248, 93.489174376, 98.510825624},
     {4.510825624, 93.744587188, 98.255412812}},
    {100,
     1,
     2,
     2,
     0.25,
     1.5,
     98,
     {2.847297860, 96.576351070, 99.423648930},
     {2.847297860, 96.576351070, 99.423648930}},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_as p = {PL_AS_PAPER, rows[i].gamma, rows[i].sigma, rows[i].k, 1};
        struct pl_as_quote q = pl_as_quote(&p, rows[i].s, rows[i].q, rows[i].tau);
        NEAR(q.reservation, rows[i].r, 1e-14);
        NEAR(q.spread, rows[i].paper.spread, 1e-9);
        NEAR(q.bid, rows[i].paper.bid, 1e-11);
        NEAR(q.ask, rows[i].paper.ask, 1e-11);
        p.form = PL_AS_VARIANT;
        q = pl_as_quote(&p, rows[i].s, rows[i].q, rows[i].tau);
        NEAR(q.spread, rows[i].variant.spread, 2e-9);
        NEAR(q.bid, rows[i].variant.bid, 1e-11);
        NEAR(q.ask, rows[i].variant.ask, 1e-11);
        p.form = PL_AS_FIXED;
        NEAR(pl_as_spread(&p, rows[i].tau), rows[i].paper.spread - rows[i].gamma * 4 * rows[i].tau,
             1e-8);
    }
}

/* The venue-sized rows of the avellaneda strategy: sigma 12, horizon 60 s, gamma 1 made absolute. */
static void test_strategy_rows(void **state)
{
    (void)state;
    double g = 1 / (12 * sqrt(60) * 10);
    struct pl_as p = {PL_AS_PAPER, g, 12, 0.02, 1};
    NEAR(g, .001075828707, 1e-9);
    struct pl_as_quote q = pl_as_quote(&p, 281234.5, 3, 60);
    NEAR(q.spread, 106.698307991, 1e-11);
    NEAR(q.reservation, 281206.614519907, 1e-14);
    NEAR(q.bid, 281153.265366, 1e-11);
    NEAR(q.ask, 281259.963674, 1e-11);
    NEAR(pl_as_spread(&p, 30), 102.050728, 1e-8);
    NEAR(pl_as_spread(&p, 0), 97.403148, 1e-8);
    p.form = PL_AS_VARIANT;
    NEAR(pl_as_spread(&p, 60), 9.347554582, 1e-9);
}

static void test_limits(void **state)
{
    (void)state;
    struct pl_as none = {PL_AS_PAPER, 0, 2, 1.5, 1};
    struct pl_as small = {PL_AS_PAPER, 1e-12, 2, 1.5, 1};
    NEAR(pl_as_spread(&none, 1), 2 / 1.5, 1e-15);
    NEAR(pl_as_spread(&small, 1), 2 / 1.5, 1e-11);
    NEAR(pl_as_reservation(&none, 100, 7, 1), 100, 0);
    /* a lot of D is gamma D in the log term */
    struct pl_as lot = {PL_AS_FIXED, 0.1, 2, 1.5, 5};
    struct pl_as five = {PL_AS_FIXED, 0.5, 2, 1.5, 1};
    NEAR(pl_as_spread(&lot, 1), pl_as_spread(&five, 1), 1e-15);
}

static void test_sizes(void **state)
{
    (void)state;
    NEAR(pl_as_bid_size(1, .005, 40), 0.818730753, 1e-9);
    NEAR(pl_as_ask_size(1, .005, 40), 1, 0);
    NEAR(pl_as_ask_size(1, .005, -40), 0.818730753, 1e-9);
    NEAR(pl_as_bid_size(1, .005, -40), 1, 0);
    /* the public default eta = -0.005 shrinks here too */
    NEAR(pl_as_bid_size(.01, -.005, 3), .009851119, 1e-7);
    NEAR(pl_as_ask_size(.01, -.005, -3), .009851119, 1e-7);
    NEAR(pl_as_bid_size(.01, -.005, 10), .009512294, 1e-7);
    NEAR(pl_as_bid_size(.0005, -.005, 20), .000452419, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_strategy_rows),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
