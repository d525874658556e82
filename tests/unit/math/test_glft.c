/* Offsets under an inventory bound: rows of the papers' parameters and properties of the solution. */
#include "base/assert.h"
#include "math/glft.h"

#include "near.h"

static double work[PL_GLFT_WORK(PL_GLFT_BOUND_MAX)];
static double bid[PL_GLFT_COUNT(PL_GLFT_BOUND_MAX)];
static double ask[PL_GLFT_COUNT(PL_GLFT_BOUND_MAX)];

static const struct pl_glft paper = {
    .gamma = .01, .sigma = .3, .a = .9, .k = .3, .horizon = INFINITY, .bound = 30};

static double bid_at(const struct pl_glft *p, int q)
{
    assert_int_equal(pl_glft_offsets(p, work, bid, ask), 0);
    return bid[q + p->bound];
}

static void test_paper(void **state)
{
    (void)state;
    static const int q[] = {-30, -10, -1, 0, 1, 10, 29};
    static const struct {
        double horizon;
        double bid[7];
    } rows[] = {
        {600, {0.427056, 2.632802, 3.244919, 3.313045, 3.381168, 3.992933, 6.130908}},
        {INFINITY, {0.427056, 2.632802, 3.244919, 3.313045, 3.381168, 3.992933, 6.130909}},
        {10, {1.110053, 3.193980, 3.274508, 3.283456, 3.292404, 3.372933, 5.447911}},
    };
    double rate = 0;
    assert_int_equal(pl_glft_rate(&paper, &rate), 0);
    NEAR(rate, -0.644734429910, 1e-11);
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_glft p = paper;
        p.horizon = rows[i].horizon;
        assert_int_equal(pl_glft_offsets(&p, work, bid, ask), 0);
        for (size_t j = 0; j < PL_COUNT(q); j++) {
            assert_true(fabs(bid[q[j] + 30] - rows[i].bid[j]) < 1e-6);
            NEAR(ask[30 - q[j]], bid[q[j] + 30], 1e-10); /* d_a(q) = d_b(-q) */
        }
        assert_true(bid[60] == INFINITY && ask[0] == INFINITY);
    }
}

static void test_closed(void **state)
{
    (void)state;
    static const struct {
        int q;
        double bid;
    } rows[] = {{-10, 2.634257}, {-1, 3.245049}, {0, 3.312915}, {1, 3.380781}, {10, 3.991574}};
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        assert_true(fabs(pl_glft_closed(&paper, rows[i].q).bid - rows[i].bid) < 1e-6);
    }
    struct pl_offsets o = pl_glft_closed(&paper, 3);
    NEAR(o.bid + o.ask, 6.625830397, 1e-9);
    NEAR(pl_glft_closed(&paper, -3).ask, o.bid, 1e-15);
    /* the avellaneda strategy's rows: gamma from 1/(12 sqrt(60) 10), k .02, A .5 */
    struct pl_glft venue = {.gamma = 1 / (12 * sqrt(60) * 10), .sigma = 12, .a = .5, .k = .02};
    NEAR(pl_glft_closed(&venue, 0).bid, 51.026415737, 1e-10);
    NEAR(pl_glft_closed(&venue, 3).bid, 64.975466283, 1e-10);
    NEAR(pl_glft_closed(&venue, 3).ask, 37.077365192, 1e-10);
}

static void test_variations(void **state)
{
    (void)state;
    struct pl_glft p = paper;
    p.bound = 1;
    p.horizon = 10;
    NEAR(bid_at(&p, 0), 4.434601808, 1e-8);
    NEAR(bid_at(&p, -1), 2.123362757, 1e-8);
    p = paper;
    p.xi = .2;
    p.horizon = 600;
    NEAR(bid_at(&p, 0), 3.413562231, 1e-8);
    /* Avellaneda and Stoikov's own parameters */
    p = (struct pl_glft){.gamma = .1, .sigma = 2, .a = 140, .k = 1.5, .horizon = 1, .bound = 60};
    NEAR(bid_at(&p, -1), 0.619142821, 1e-8);
    NEAR(bid_at(&p, 0), 0.671627601, 1e-8);
    NEAR(bid_at(&p, 1), 0.724070226, 1e-8);
    NEAR(pl_glft_closed(&p, -1).bid, 0.619526603, 1e-8);
    NEAR(pl_glft_closed(&p, 0).bid, 0.671243819, 1e-8);
    NEAR(pl_glft_closed(&p, 1).bid, 0.722961036, 1e-8);
}

/* A rising mid is worth holding: it lowers every bid offset; the stationary answer shifts its peak. */
static void test_drift(void **state)
{
    (void)state;
    struct pl_glft p = paper;
    struct pl_glft up = paper;
    up.mu = .002;
    double flat[PL_GLFT_COUNT(30)];
    for (int t = 0; t < 2; t++) {
        p.horizon = up.horizon = t == 0 ? INFINITY : 60;
        assert_int_equal(pl_glft_offsets(&p, work, flat, ask), 0);
        assert_int_equal(pl_glft_offsets(&up, work, bid, ask), 0);
        for (int i = 0; i < 60; i++) {
            assert_true(bid[i] < flat[i]);
        }
        up.mu = -up.mu; /* mirrored */
        double mirror[PL_GLFT_COUNT(30)];
        double mirror_ask[PL_GLFT_COUNT(30)];
        assert_int_equal(pl_glft_offsets(&up, work, mirror, mirror_ask), 0);
        for (int i = 0; i < 60; i++) {
            NEAR(mirror_ask[60 - i], bid[i], 1e-8);
        }
        up.mu = -up.mu;
    }
}

/* The eigenvector satisfies its equation in every row, at sizes where its ends are 1e-100. */
static void test_equation_holds(void **state)
{
    (void)state;
    static const int bounds[] = {1, 2, 30, 300, PL_GLFT_BOUND_MAX};
    for (size_t b = 0; b < PL_COUNT(bounds); b++) {
        struct pl_glft p = paper;
        p.bound = bounds[b];
        p.mu = .001;
        double rate = 0;
        assert_int_equal(pl_glft_rate(&p, &rate), 0);
        assert_int_equal(pl_glft_offsets(&p, work, bid, ask), 0);
        double c = log1p(p.gamma / p.k) / p.gamma;
        double hop = p.a * pow(1 + p.gamma / p.k, -(1 + p.k / p.gamma));
        for (int q = -p.bound; q <= p.bound; q++) {
            double d = .5 * p.k * p.gamma * p.sigma * p.sigma * q * q - p.k * p.mu * q;
            size_t i = (size_t)(q + p.bound);
            double left = q > -p.bound ? exp(p.k * (bid[i - 1] - c)) : 0; /* v_{q-1} / v_q */
            double right = q < p.bound ? exp(-p.k * (bid[i] - c)) : 0;
            assert_true(fabs(d - rate - hop * (left + right)) < 1e-10 * (1 + d));
        }
    }
}

static void test_finite_reaches_infinite(void **state)
{
    (void)state;
    struct pl_glft p = paper;
    p.bound = 10;
    p.horizon = 400; /* by time steps: 400 times the gap is below the switch */
    double stepped = bid_at(&p, 4);
    p.horizon = INFINITY;
    NEAR(bid_at(&p, 4), stepped, 1e-9);
    p.horizon = 0;
    NEAR(bid_at(&p, 4), log1p(1 / 30.0) / .01, 1e-12);
    p.gamma = 0; /* the limit: c = 1/k */
    NEAR(bid_at(&p, 4), 1 / .3, 1e-12);
}

static void test_gueant(void **state)
{
    (void)state;
    struct pl_gueant p = {.gamma = .05,
                          .xi = .05,
                          .sigma = 10.69,
                          .a = 2.986162360812285,
                          .k = 0.04235741115084049,
                          .lot = 1};
    struct pl_half_skew h = pl_gueant_quote(&p);
    NEAR(h.half, 20.47208533844371, 1e-13);
    NEAR(h.skew, 9.76326865029227, 1e-13);
}

static void test_cartea_jaimungal(void **state)
{
    (void)state;
    struct pl_cj p = {
        .rate = 1, .kappa = 100, .phi = 1e-4, .alpha = 1e-4, .horizon = 30, .bound = 3};
    static const double rows[] = {0.002873321, 0.006541588, 0.008917371,
                                  0.011082629, 0.013458412, 0.017126679};
    assert_int_equal(pl_cj_offsets(&p, work, bid, ask), 0);
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        NEAR(bid[i], rows[i], 2e-7);
        NEAR(ask[6 - i], bid[i], 1e-10);
    }
    double plain = bid[3];
    p.adverse = .002;
    assert_int_equal(pl_cj_offsets(&p, work, bid, ask), 0);
    NEAR(bid[3], plain + .002, 1e-12);
    /* GLFT in the limit gamma -> 0 with phi = gamma sigma^2 / 2 */
    struct pl_glft g = {.gamma = 1e-9,
                        .sigma = sqrt(2e-4 / 1e-9),
                        .a = 1,
                        .k = 100,
                        .horizon = INFINITY,
                        .bound = 3};
    p = (struct pl_cj){.rate = 1, .kappa = 100, .phi = 1e-4, .horizon = INFINITY, .bound = 3};
    assert_int_equal(pl_cj_offsets(&p, work, bid, ask), 0);
    plain = bid[2];
    NEAR(bid_at(&g, -1), plain, 1e-7);
}

static void test_refused(void **state)
{
    (void)state;
    struct pl_glft p = paper;
    p.bound = 0;
    assert_int_equal(pl_glft_offsets(&p, work, bid, ask), PL_ERR_INVALID);
    p.bound = PL_GLFT_BOUND_MAX + 1;
    assert_int_equal(pl_glft_offsets(&p, work, bid, ask), PL_ERR_INVALID);
    p = paper;
    p.a = 0;
    assert_int_equal(pl_glft_offsets(&p, work, bid, ask), PL_ERR_INVALID);
    p = paper;
    p.sigma = NAN;
    assert_int_equal(pl_glft_offsets(&p, work, bid, ask), PL_ERR_INVALID);
    p = paper;
    p.horizon = NAN;
    assert_int_equal(pl_glft_offsets(&p, work, bid, ask), PL_ERR_INVALID);
    p = (struct pl_glft){
        .gamma = 1e-12, .sigma = 1, .a = 1e6, .k = 1, .horizon = 10, .bound = PL_GLFT_BOUND_MAX};
    assert_int_equal(pl_glft_offsets(&p, work, bid, ask), PL_ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paper),          cmocka_unit_test(test_closed),
        cmocka_unit_test(test_variations),     cmocka_unit_test(test_drift),
        cmocka_unit_test(test_equation_holds), cmocka_unit_test(test_finite_reaches_infinite),
        cmocka_unit_test(test_gueant),         cmocka_unit_test(test_cartea_jaimungal),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
