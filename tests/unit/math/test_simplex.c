/* Linear programs: against every vertex, warm starts, degenerate cases, refusals. */
#include "base/assert.h"
#include "base/rand.h"
#include "math/simplex.h"

#include "near.h"

#include <stdbool.h>
#include <string.h>

#define N_MAX 4
#define M_MAX 8

struct problem {
    int n, m;
    double c[N_MAX], a[M_MAX][N_MAX], b[M_MAX];
    enum pl_simplex_row kind[M_MAX];
};

static double work[PL_SIMPLEX_WORK(N_MAX, 2 * M_MAX + 2)];
static int32_t memory[PL_SIMPLEX_INDEX(N_MAX, 2 * M_MAX + 2)];

static enum pl_simplex_status solve(const struct problem *p, struct pl_simplex *s)
{
    assert_int_equal(pl_simplex_start(s, work, memory, p->n, 2 * M_MAX + 2, p->c), 0);
    for (int i = 0; i < p->m; i++) {
        assert_int_equal(pl_simplex_add(s, p->a[i], p->kind[i], p->b[i]), 0);
    }
    return pl_simplex_solve(s, 1000);
}

/* ---- every vertex --------------------------------------------------------------------------- */

/* Row k of the m rows and, after them, the n axes x_j >= 0. */
static void plane(const struct problem *p, int k, double *a, double *b)
{
    memset(a, 0, N_MAX * sizeof *a);
    *b = 0;
    if (k < p->m) {
        memcpy(a, p->a[k], sizeof p->a[k]);
        *b = p->b[k];
    } else {
        a[k - p->m] = 1;
    }
}

static bool meet(const struct problem *p, const int *pick, double *x)
{
    double t[N_MAX][N_MAX + 1];
    for (int i = 0; i < p->n; i++) {
        double a[N_MAX], b;
        plane(p, pick[i], a, &b);
        memcpy(t[i], a, (size_t)p->n * sizeof *a);
        t[i][p->n] = b;
    }
    for (int c = 0; c < p->n; c++) {
        int best = c;
        for (int r = c + 1; r < p->n; r++) {
            best = fabs(t[r][c]) > fabs(t[best][c]) ? r : best;
        }
        if (fabs(t[best][c]) < 1e-9) {
            return false;
        }
        for (int k = 0; k <= p->n; k++) {
            double swap = t[c][k];
            t[c][k] = t[best][k];
            t[best][k] = swap;
        }
        for (int r = 0; r < p->n; r++) {
            double f = r == c ? 0 : t[r][c] / t[c][c];
            for (int k = 0; k <= p->n; k++) {
                t[r][k] -= f * t[c][k];
            }
        }
    }
    for (int i = 0; i < p->n; i++) {
        x[i] = t[i][p->n] / t[i][i];
    }
    return true;
}

static bool allowed(const struct problem *p, const double *x)
{
    for (int j = 0; j < p->n; j++) {
        if (x[j] < -1e-7) {
            return false;
        }
    }
    for (int i = 0; i < p->m; i++) {
        double v = -p->b[i];
        for (int j = 0; j < p->n; j++) {
            v += p->a[i][j] * x[j];
        }
        if ((p->kind[i] != PL_ROW_AT_MOST && v < -1e-7) ||
            (p->kind[i] != PL_ROW_AT_LEAST && v > 1e-7)) {
            return false;
        }
    }
    return true;
}

/* Least cost over the vertices; INFINITY when there is none. */
static double cheapest(const struct problem *p)
{
    int pick[N_MAX], planes = p->m + p->n;
    double best = INFINITY;
    for (int i = 0; i < p->n; i++) {
        pick[i] = i;
    }
    for (;;) {
        double x[N_MAX] = {0};
        if (meet(p, pick, x) && allowed(p, x)) {
            double cost = 0;
            for (int j = 0; j < p->n; j++) {
                cost += p->c[j] * x[j];
            }
            best = fmin(best, cost);
        }
        int i = p->n - 1;
        while (i >= 0 && pick[i] == planes - p->n + i) {
            i--;
        }
        if (i < 0) {
            return best;
        }
        pick[i]++;
        for (int k = i + 1; k < p->n; k++) {
            pick[k] = pick[k - 1] + 1;
        }
    }
}

static double whole(uint64_t seed, uint64_t *at, int from, int to)
{
    return from + (double)(pl_rand_u64(seed, 0, 0, (*at)++) % (uint64_t)(to - from + 1));
}

static struct problem random_problem(uint64_t seed)
{
    uint64_t at = 0;
    struct problem p = {.n = (int)whole(seed, &at, 1, N_MAX),
                        .m = (int)whole(seed, &at, 1, M_MAX - 2)};
    for (int j = 0; j < p.n; j++) {
        p.c[j] = whole(seed, &at, -3, 5);
    }
    for (int i = 0; i < p.m; i++) {
        double kind = whole(seed, &at, 0, 6);
        p.kind[i] = kind < 3 ? PL_ROW_AT_LEAST : kind < 6 ? PL_ROW_AT_MOST : PL_ROW_EQUAL;
        p.b[i] = whole(seed, &at, -2, 8);
        for (int j = 0; j < p.n; j++) {
            p.a[i][j] = whole(seed, &at, -3, 3);
        }
    }
    return p;
}

static void test_every_vertex(void **state)
{
    (void)state;
    int seen[3] = {0};
    for (uint64_t seed = 1; seed <= 6000; seed++) {
        struct problem p = random_problem(seed), boxed = p;
        struct pl_simplex s;
        enum pl_simplex_status status = solve(&p, &s);
        double cost = pl_simplex_cost(&s), x[N_MAX] = {0};
        for (int j = 0; j < p.n; j++) {
            x[j] = pl_simplex_value(&s, j);
            boxed.a[p.m][j] = 1;
        }
        boxed.kind[p.m] = PL_ROW_AT_MOST; /* falls without end = falls as far as a far wall */
        boxed.b[p.m] = 1e5;
        boxed.m++;
        double best = cheapest(&p), walled = cheapest(&boxed);
        enum pl_simplex_status want = best == INFINITY       ? PL_SIMPLEX_INFEASIBLE
                                      : walled < best - 1e-3 ? PL_SIMPLEX_UNBOUNDED
                                                             : PL_SIMPLEX_OPTIMAL;
        if (status != want ||
            (status == PL_SIMPLEX_OPTIMAL &&
             (fabs(cost - best) > 1e-9 * fmax(1, fabs(best)) || !allowed(&p, x)))) {
            fail_msg("problem %d: status %d cost %.12g, not %d %.12g", (int)seed, (int)status, cost,
                     (int)want, best);
        }
        seen[want]++;
    }
    for (int i = 0; i < 3; i++) {
        assert_true(seen[i] > 300);
    }
}

/* A row more after a solve: the same optimum as from nothing. */
static void test_row_after_solve(void **state)
{
    (void)state;
    int compared = 0;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct problem p = random_problem(seed), first = p;
        struct pl_simplex s;
        first.m = p.m / 2;
        (void)solve(&first, &s);
        for (int i = first.m; i < p.m; i++) {
            assert_int_equal(pl_simplex_add(&s, p.a[i], p.kind[i], p.b[i]), 0);
        }
        enum pl_simplex_status warm = pl_simplex_solve(&s, 1000);
        double cost = pl_simplex_cost(&s);
        enum pl_simplex_status cold = solve(&p, &s);
        assert_int_equal(warm, cold);
        if (cold == PL_SIMPLEX_OPTIMAL) {
            NEAR(cost, pl_simplex_cost(&s), 1e-9);
            compared++;
        }
    }
    assert_true(compared > 500);
}

/* ---- named cases ---------------------------------------------------------------------------- */

/* Beale 1955: cycles under the largest-coefficient rule. */
static void test_beale(void **state)
{
    (void)state;
    struct problem p = {.n = 4,
                        .m = 3,
                        .c = {-0.75, 150, -0.02, 6},
                        .a = {{0.25, -60, -0.04, 9}, {0.5, -90, -0.02, 3}, {0, 0, 1, 0}},
                        .b = {0, 0, 1},
                        .kind = {PL_ROW_AT_MOST, PL_ROW_AT_MOST, PL_ROW_AT_MOST}};
    struct pl_simplex s;
    assert_int_equal(solve(&p, &s), PL_SIMPLEX_OPTIMAL);
    NEAR(pl_simplex_cost(&s), -0.05, 1e-12);
    NEAR(pl_simplex_value(&s, 0), 0.04, 1e-12);
    NEAR(pl_simplex_value(&s, 2), 1, 1e-12);
}

/* Klee, Minty 1972, three sides, and what a cap on steps does. */
static void test_steps(void **state)
{
    (void)state;
    struct problem p = {.n = 3,
                        .m = 3,
                        .c = {-100, -10, -1},
                        .a = {{1, 0, 0}, {20, 1, 0}, {200, 20, 1}},
                        .b = {1, 100, 10000},
                        .kind = {PL_ROW_AT_MOST, PL_ROW_AT_MOST, PL_ROW_AT_MOST}};
    struct pl_simplex s;
    assert_int_equal(solve(&p, &s), PL_SIMPLEX_OPTIMAL);
    NEAR(pl_simplex_cost(&s), -10000, 1e-12);
    uint64_t steps = s.steps;
    assert_true(steps >= 1 && steps <= 8);
    assert_int_equal(solve(&p, &s), PL_SIMPLEX_OPTIMAL);
    assert_int_equal(s.steps, steps); /* replays */
    assert_int_equal(pl_simplex_start(&s, work, memory, p.n, 3, p.c), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pl_simplex_add(&s, p.a[i], p.kind[i], p.b[i]), 0);
    }
    assert_int_equal(pl_simplex_solve(&s, (uint32_t)steps - 1), PL_SIMPLEX_STEPS);
    assert_int_equal(pl_simplex_solve(&s, 1), PL_SIMPLEX_OPTIMAL); /* goes on where it stopped */
    NEAR(pl_simplex_cost(&s), -10000, 1e-12);
}

static void test_refusals(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    double c[2] = {1, 1}, a[2] = {1, 1};
    struct pl_simplex s;
    for (size_t i = 0; i < PL_COUNT(bad); i++) {
        double with[2] = {1, bad[i]};
        assert_int_equal(pl_simplex_start(&s, work, memory, 2, 3, with), PL_ERR_INVALID);
        assert_int_equal(pl_simplex_start(&s, work, memory, 2, 3, c), 0);
        assert_int_equal(pl_simplex_add(&s, with, PL_ROW_AT_LEAST, 1), PL_ERR_INVALID);
        assert_int_equal(pl_simplex_add(&s, a, PL_ROW_AT_LEAST, bad[i]), PL_ERR_INVALID);
        assert_int_equal(s.rows, 0);
    }
    assert_int_equal(pl_simplex_add(&s, a, PL_ROW_EQUAL, 2), 0);
    assert_int_equal(pl_simplex_add(&s, a, PL_ROW_EQUAL, 2), PL_ERR_LIMIT); /* takes two rows */
    assert_int_equal(pl_simplex_add(&s, a, PL_ROW_AT_LEAST, 1), 0);
    assert_int_equal(pl_simplex_add(&s, a, PL_ROW_AT_LEAST, 1), PL_ERR_LIMIT);
    assert_int_equal(pl_simplex_solve(&s, 100), PL_SIMPLEX_OPTIMAL);
    NEAR(pl_simplex_cost(&s), 2, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_vertex), cmocka_unit_test(test_row_after_solve),
        cmocka_unit_test(test_beale),        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
