/* The exact recursion against the printed expectations; chance against the recursion. */
#include "base/assert.h"
#include "math/simulate_avellaneda.h"

#include "near.h"

static const struct row {
    enum pl_as_form form;
    double gamma, spread;
    struct side {
        double profit, profit_sd, q_sd, fills;
        double fills_digits;
    } inventory, symmetric;
} rows[] = {
    {PL_AS_PAPER,
     0.1,
     1.4918,
     {64.8925, 6.5432, 2.9268, 96.963, .0006},
     {68.2228, 13.4558, 8.3994, 91.466, .0006}},
    {PL_AS_PAPER,
     0.01,
     1.3490,
     {68.3996, 8.9606, 5.2125, 102.206, .0006},
     {68.6661, 13.6775, 8.7117, 101.802, .0006}},
    {PL_AS_PAPER,
     0.5,
     2.1557,
     {48.5681, 5.8981, 1.9558, 78.138, .0006},
     {59.9179, 12.3213, 6.9184, 55.589, .0006}},
    {PL_AS_PAPER,
     1,
     3.0317,
     {31.4545, 4.8379, 1.6414, 56.059, .0006},
     {43.6853, 10.7332, 5.1714, 28.820, .0006}},
    {PL_AS_VARIANT,
     0.1,
     0.2655,
     {19.9484, 2.7708, 2.4977, 237.65, .006},
     {30.4624, 14.0844, 9.8911, 229.44, .006}},
    {PL_AS_VARIANT,
     0.01,
     0.0267,
     {2.9119, 4.9931, 4.2844, 275.01, .006},
     {3.6699, 13.1594, 9.2815, 274.44, .006}},
    {PL_AS_VARIANT,
     0.5,
     1.2927,
     {31.5158, 4.1393, 1.8223, 140.57, .006},
     {68.6383, 13.7611, 8.8319, 106.20, .006}},
    {PL_AS_VARIANT,
     1,
     2.5208,
     {25.6535, 3.8876, 1.5986, 79.53, .006},
     {53.2826, 11.6641, 6.1487, 42.27, .006}},
    {PL_AS_FIXED,
     0.1,
     1.2908,
     {64.2203, 6.0480, 2.9263, 112.33, .006},
     {68.6351, 13.7639, 8.8359, 106.35, .006}},
};

static struct pl_sim_as *plan_of(const struct row *row, bool symmetric)
{
    struct pl_sim_as_params p = pl_sim_as_published(row->form, row->gamma, symmetric);
    struct pl_sim_as *plan = NULL;
    assert_int_equal(pl_sim_as_create(&p, &plan), 0);
    return plan;
}

static void within(const char *what, size_t row, double got, double want, double digits)
{
    if (!(fabs(got - want) <= digits)) {
        fail_msg("row %zu, %s: %.6f, printed %.4f", row, what, got, want);
    }
}

static void test_exact_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        for (int symmetric = 0; symmetric < 2; symmetric++) {
            const struct side *want = symmetric ? &rows[i].symmetric : &rows[i].inventory;
            struct pl_sim_as *plan = plan_of(&rows[i], symmetric != 0);
            struct pl_sim_as_exact e = pl_sim_as_exact(plan);
            within("spread", i, e.spread, rows[i].spread, .00006);
            within("profit", i, e.profit, want->profit, .00006);
            within("sd profit", i, e.profit_sd, want->profit_sd, .00006);
            within("sd q", i, e.q_sd, want->q_sd, .00006);
            within("fills", i, e.fills, want->fills, want->fills_digits);
            within("q", i, e.q, 0, 1e-12);
            pl_sim_as_destroy(&plan);
            assert_null(plan);
        }
    }
}

/* E = 2Npd, var q = 2Np(1-p), var W = d^2 var q + sigma^2 dt p(1-p) N(N+1). */
static void test_symmetric_closed_form(void **state)
{
    (void)state;
    struct pl_sim_as *plan = plan_of(&rows[0], true);
    struct pl_sim_as_exact e = pl_sim_as_exact(plan);
    double d = e.spread / 2;
    double p = 140 * exp(-1.5 * d) * .005;
    NEAR(e.profit, 400 * p * d, 1e-12);
    NEAR(e.q_sd, sqrt(400 * p * (1 - p)), 1e-12);
    NEAR(e.profit_sd, sqrt(d * d * 400 * p * (1 - p) + 4 * .005 * p * (1 - p) * 200 * 201), 1e-12);
    pl_sim_as_destroy(&plan);
}

static struct pl_sim_as_sums run(const struct pl_sim_as *plan, uint64_t seed, uint64_t paths)
{
    struct pl_sim_as_sums total = {0};
    for (uint64_t c = 0; c * PL_SIM_AS_CHUNK < paths; c++) {
        struct pl_sim_as_sums chunk;
        pl_sim_as_chunk(plan, seed, c, paths, &chunk);
        pl_sim_as_add(&total, &chunk);
    }
    return total;
}

static void check_estimate(const char *what, struct pl_estimate got, double want)
{
    if (!(fabs(got.value - want) <= 4 * got.se) || !(got.se > 0)) {
        fail_msg("%s: %.5f +- %.5f, exactly %.5f", what, got.value, got.se, want);
    }
}

static void test_chance_agrees(void **state)
{
    (void)state;
    static const size_t cells[] = {0, 4};
    for (size_t i = 0; i < PL_COUNT(cells); i++) {
        for (int symmetric = 0; symmetric < 2; symmetric++) {
            struct pl_sim_as *plan = plan_of(&rows[cells[i]], symmetric != 0);
            struct pl_sim_as_exact e = pl_sim_as_exact(plan);
            struct pl_sim_as_sums sums = run(plan, 1, 100000);
            struct pl_sim_as_result r = pl_sim_as_result(plan, &sums);
            assert_int_equal(sums.paths, 100000);
            check_estimate("profit", r.profit, e.profit);
            check_estimate("sd profit", r.profit_sd, e.profit_sd);
            check_estimate("q", r.q, e.q);
            check_estimate("sd q", r.q_sd, e.q_sd);
            check_estimate("fills", r.fills, e.fills);
            if (i == 0 && !symmetric) { /* the standard errors that the reference gives */
                NEAR(r.profit.se, .021, .03);
                NEAR(r.profit_sd.se, .015, .05);
            }
            pl_sim_as_destroy(&plan);
        }
    }
}

/* A chunk is a pure function of (seed, chunk, paths): any order, any length of the last one. */
static void test_chunks(void **state)
{
    (void)state;
    struct pl_sim_as *plan = plan_of(&rows[0], false);
    struct pl_sim_as_sums a;
    struct pl_sim_as_sums b;
    pl_sim_as_chunk(plan, 5, 1, 3 * PL_SIM_AS_CHUNK, &a);
    pl_sim_as_chunk(plan, 5, 0, 3 * PL_SIM_AS_CHUNK, &b);
    pl_sim_as_chunk(plan, 5, 1, 2 * PL_SIM_AS_CHUNK, &b);
    assert_memory_equal(&a, &b, sizeof a);
    pl_sim_as_chunk(plan, 6, 1, 2 * PL_SIM_AS_CHUNK, &b);
    assert_memory_not_equal(&a, &b, sizeof a);
    pl_sim_as_chunk(plan, 5, 1, PL_SIM_AS_CHUNK + 3, &b);
    assert_int_equal(b.paths, 3);
    struct pl_sim_as_sums one = run(plan, 5, 1);
    assert_int_equal(one.paths, 1);
    assert_true(isnan(pl_sim_as_result(plan, &one).profit_sd.value));
    pl_sim_as_destroy(&plan);
}

static void test_refused(void **state)
{
    (void)state;
    struct pl_sim_as *plan = NULL;
    struct pl_sim_as_params p = pl_sim_as_published(PL_AS_PAPER, -1, false);
    assert_int_equal(pl_sim_as_create(&p, &plan), PL_ERR_INVALID);
    p = pl_sim_as_published(PL_AS_PAPER, NAN, false);
    assert_int_equal(pl_sim_as_create(&p, &plan), PL_ERR_INVALID);
    p = pl_sim_as_published(PL_AS_PAPER, .1, false);
    p.steps = PL_SIM_AS_STEPS_MAX + 1;
    assert_int_equal(pl_sim_as_create(&p, &plan), PL_ERR_INVALID);
    assert_null(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_rows),    cmocka_unit_test(test_symmetric_closed_form),
        cmocka_unit_test(test_chance_agrees), cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
