/* The program of the `inventory` maker: worked rows, the full program, every kink, true squares,
 * meanings; base spread and schedule. */
#include "base/assert.h"
#include "base/rand.h"
#include "math/inventory_lp.h"

#include "near.h"

#define ROWS 4000
static double work[PL_SIMPLEX_WORK(PL_INVENTORY_VARIABLES, ROWS)];
static int32_t memory[PL_SIMPLEX_INDEX(PL_INVENTORY_VARIABLES, ROWS)];

static const struct pl_inventory_lp maker = {
    .alpha = 1, .beta = .25, .kappa = .5, .chord = .05, .width = 1, .least = {.2, .2}, .most = 3};

static struct pl_inventory_quote solve(const struct pl_inventory_lp *p)
{
    struct pl_inventory_quote q = {.cost = NAN};
    assert_int_equal(pl_inventory_lp_solve(p, &q), PL_INVENTORY_SOLVED);
    return q;
}

/* quant.md 7.4; makers.md 4. */
static void test_rows(void **state)
{
    (void)state;
    static const struct {
        double alpha, beta, kappa, qh, chord, least_b, least_a, most;
        bool bid_off, ask_off;
        double x_b, x_a, y, cost;
    } rows[] = {
        {1, .25, 1, 0, .1, 0, 0, 10, 0, 0, 1, 1, 0, .5},
        {1, .25, 1, .6, .1, 0, 0, 10, 0, 0, 1.4, .6, .2, .62},
        {1, .75, 1, .6, .1, 0, 0, 10, 0, 0, 1.2, .8, .4, 1.72},
        {3, .25, 1, .6, .1, 0, 0, 10, 0, 0, 1.5, .5, .1, .655},
        {2, .05, .5, .9, .25, .5, .5, 3, 0, 0, 3, .5, .275, .625},
        {2, .05, .5, .9, .25, .5, .5, 4, 0, 0, 3.1, .5, .25, .61875},
        {1, .25, 1, .6, .1, 0, .8, 10, 0, 0, 1.2, .8, .4, .68},
        {1, .25, .5, 1, .1, .2, .2, 3, 1, 0, 3, .2, .3, .1},
        {1, .25, .5, 0, .05, .2, .2, 3, 0, 0, 1, 1, 0, .5},
        {1, .25, .5, .3, .05, .2, .2, 3, 0, 0, 1.2, .8, .2, .56},
        {1, .25, .5, .6, .05, .2, .2, 3, 0, 0, 1.4, .6, .4, .74},
        {1, .25, .5, .9, .05, .2, .2, 3, 0, 0, 1.6, .4, .6, 1.04},
        {1, .25, .5, -.6, .05, .2, .2, 3, 0, 0, .6, 1.4, -.4, .74},
        {0, .25, .5, .6, .05, .2, .2, 3, 0, 0, 1, 1, .6, .5},
        {4, .25, .5, .6, .05, .2, .2, 3, 0, 0, 1.8, .2, .2, .98},
        {1, 1, .5, .6, .05, .2, .2, 3, 0, 0, 1.15, .85, .525, 2.32125},
        {1, .25, .5, 1, .05, .2, .2, 3, 1, 0, 3, .2, .3, .1},
        {1, .25, .5, -1, .05, .2, .2, 3, 0, 1, .2, 3, -.3, .1},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_inventory_lp p = {.alpha = rows[i].alpha,
                                    .beta = rows[i].beta,
                                    .kappa = rows[i].kappa,
                                    .qh = rows[i].qh,
                                    .chord = rows[i].chord,
                                    .width = 1,
                                    .least = {rows[i].least_b, rows[i].least_a},
                                    .most = rows[i].most,
                                    .off = {rows[i].bid_off, rows[i].ask_off}};
        struct pl_inventory_quote q = solve(&p);
        if (fabs(q.x[0] - rows[i].x_b) > 1e-9 || fabs(q.x[1] - rows[i].x_a) > 1e-9 ||
            fabs(q.y - rows[i].y) > 1e-9 || fabs(q.cost - rows[i].cost) > 1e-9) {
            fail_msg("row %d: %.12g %.12g y %.12g cost %.12g", (int)i, q.x[0], q.x[1], q.y, q.cost);
        }
    }
}

/* quant.md 7.3: with cells so wide that chords are |z|, all or nothing. */
static void test_absolute_values(void **state)
{
    (void)state;
    struct pl_inventory_lp p = {
        .alpha = 1, .beta = .25, .kappa = 1, .qh = .6, .chord = 1, .width = 1, .most = 1.9};
    struct pl_inventory_quote q = solve(&p);
    NEAR(q.x[0] - q.x[1], 1.2, 1e-9); /* slope of [x_b^2] above 1 is 3, of [x_a^2] below it 1 */
    p.beta = .6;
    NEAR(solve(&p).x[0], 1, 1e-9);
}

/* ---- against everything --------------------------------------------------------------------- */

static double pick(uint64_t seed, uint64_t *at, const double *of, size_t count)
{
    return of[pl_rand_u64(seed, 0, 0, (*at)++) % count];
}

static double between(uint64_t seed, uint64_t *at, double low, double high)
{
    return low + (high - low) * pl_rand_unit(seed, 0, 0, (*at)++);
}

/* On the grid as often as off it: ties happen. */
static struct pl_inventory_lp random_program(uint64_t seed)
{
    static const double alphas[] = {0, .1, .5, 1, 2, 4, 10}, betas[] = {.05, .25, .5, 1, 3};
    static const double kappas[] = {.1, .5, 1, 2}, chords[] = {.05, .1, .2, .25};
    static const double levels[] = {0, .1, .25, .5, .75, 1, -.5, -1, 1.2};
    uint64_t at = 0;
    bool grid = (seed & 1) != 0;
    struct pl_inventory_lp p = {
        .alpha = grid ? pick(seed, &at, alphas, 7) : between(seed, &at, 0, 5),
        .beta = grid ? pick(seed, &at, betas, 5) : between(seed, &at, .01, 2),
        .kappa = grid ? pick(seed, &at, kappas, 4) : between(seed, &at, .05, 3),
        .qh = grid ? pick(seed, &at, levels, 9) : between(seed, &at, -1.1, 1.1),
        .chord = pick(seed, &at, chords, 4),
        .width = (seed % 4) == 0 ? between(seed, &at, 1, 2) : 1,
        .most = between(seed, &at, 2, 4),
    };
    p.least[0] = between(seed, &at, -.5, 1);
    p.least[1] = between(seed, &at, -.5, seed % 13 == 0 ? 5 : 1);
    p.off[0] = seed % 7 == 0;
    p.off[1] = seed % 11 == 0 && !p.off[0];
    return p;
}

struct lines {
    int count;
    double a[400], b[400], c[400]; /* a x_b + b x_a = c */
};

static void line(struct lines *l, double a, double b, double c)
{
    assert_true(l->count < 400);
    l->a[l->count] = a;
    l->b[l->count] = b;
    l->c[l->count++] = c;
}

/* The least of a convex function that is linear between lines stands where two lines cross. */
static double scan(const struct pl_inventory_lp *p)
{
    struct lines l = {0};
    double reach = fmax(1, fabs(p->qh)), best = INFINITY, half = .5 * p->kappa;
    for (int side = 0; side < 2; side++) {
        double least = p->off[side] ? p->most : fmax(0, p->least[side]);
        line(&l, side == 0, side == 1, least);
        line(&l, side == 0, side == 1, p->most);
        for (double z = 0; z < p->most; z += p->chord) {
            line(&l, side == 0, side == 1, z);
        }
    }
    for (double j = -ceil(reach / p->chord); j * p->chord <= reach; j++) {
        line(&l, -half, half, j * p->chord - p->qh);
    }
    line(&l, -half, half, reach - p->qh);
    line(&l, -half, half, -reach - p->qh);
    line(&l, 1, 1, 2 * p->width);
    line(&l, 1, -1, 0);
    for (int i = 0; i < l.count; i++) {
        for (int k = 0; k < i; k++) {
            double det = l.a[i] * l.b[k] - l.a[k] * l.b[i];
            if (fabs(det) < 1e-12) {
                continue;
            }
            double x_b = (l.c[i] * l.b[k] - l.c[k] * l.b[i]) / det;
            double x_a = (l.a[i] * l.c[k] - l.a[k] * l.c[i]) / det;
            double y = p->qh - half * (x_b - x_a), e = 1e-9;
            bool in = x_b >= (p->off[0] ? p->most : fmax(0, p->least[0])) - e &&
                      x_b <= p->most + e &&
                      x_a >= (p->off[1] ? p->most : fmax(0, p->least[1])) - e &&
                      x_a <= p->most + e && x_b + x_a >= 2 * p->width - e && fabs(y) <= reach + e;
            double cost =
                in ? pl_inventory_cost(p, x_b, x_a) + 1e-7 * .5 * fabs(x_b - x_a) : INFINITY;
            best = fmin(best, cost);
        }
    }
    return best;
}

static double full_cost(const struct pl_inventory_quote *q)
{
    return q->cost + 1e-7 * .5 * fabs(q->x[0] - q->x[1]);
}

static void test_against_full_and_scan(void **state)
{
    (void)state;
    uint32_t rounds = 0, solved = 0, infeasible = 0;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        struct pl_inventory_lp p = random_program(seed);
        struct pl_inventory_quote lazy = {0}, full = {0};
        enum pl_inventory_status a = pl_inventory_lp_solve(&p, &lazy);
        enum pl_inventory_status b = pl_inventory_lp_full(&p, work, memory, ROWS, &full);
        double best = scan(&p), slack = 1e-9 * fmax(1, p.alpha);
        if (a == PL_INVENTORY_INFEASIBLE) {
            assert_int_equal(b, PL_INVENTORY_INFEASIBLE);
            assert_true(best == INFINITY);
            infeasible++;
            continue;
        }
        if (a != PL_INVENTORY_SOLVED || b != PL_INVENTORY_SOLVED ||
            fabs(full_cost(&lazy) - full_cost(&full)) > slack ||
            fabs(full_cost(&lazy) - best) > slack) {
            fail_msg("program %d: %s %.12g, full %s %.12g, scan %.12g", (int)seed,
                     pl_inventory_status_name(a), full_cost(&lazy), pl_inventory_status_name(b),
                     full_cost(&full), best);
        }
        rounds += lazy.rounds;
        solved++;
    }
    assert_true(solved > 1200 && infeasible > 10);
    assert_true(rounds <= 3 * solved); /* normally 1 to 3 */
    print_message("%u solved in %.2f rounds each, %u infeasible\n", solved,
                  (double)rounds / (double)solved, infeasible);
}

/* The answer with true squares needs no solver. */
static void test_true_squares(void **state)
{
    (void)state;
    int compared = 0;
    for (uint64_t seed = 1; seed <= 4000; seed++) {
        uint64_t at = 0;
        struct pl_inventory_lp p = maker;
        p.alpha = between(seed, &at, 0, 5);
        p.beta = between(seed, &at, .05, 3);
        p.kappa = between(seed, &at, .05, 1.5);
        p.qh = between(seed, &at, -1, 1);
        double skew = pl_inventory_skew(&p), error = pl_inventory_skew_error(&p);
        if (fabs(skew) + error > .8) {
            continue; /* a bound may bind */
        }
        struct pl_inventory_quote q = solve(&p);
        NEAR(q.x[0] + q.x[1], 2, 1e-9);
        if (fabs(.5 * (q.x[0] - q.x[1]) - skew) > error + 1e-9) {
            fail_msg("seed %d: skew %.9g, not %.9g +- %.3g", (int)seed, .5 * (q.x[0] - q.x[1]),
                     skew, error);
        }
        compared++;
    }
    assert_true(compared > 2000);
}

/* ---- meanings ------------------------------------------------------------------------------- */

static double lean(const struct pl_inventory_lp *p)
{
    struct pl_inventory_quote q = solve(p);
    return .5 * (q.x[0] - q.x[1]);
}

static void test_meanings(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 800; seed++) {
        struct pl_inventory_lp p = random_program(seed), more = p, mirror = p;
        p.least[1] = more.least[0] = more.least[1] = mirror.least[0] = mirror.least[1] = p.least[0];
        p.off[0] = p.off[1] = more.off[0] = more.off[1] = mirror.off[0] = mirror.off[1] = false;
        struct pl_inventory_quote q, m;
        if (pl_inventory_lp_solve(&p, &q) != PL_INVENTORY_SOLVED) {
            continue;
        }
        double skew = .5 * (q.x[0] - q.x[1]), e = 1e-9;
        assert_true(skew * p.qh >= -e); /* against the position */
        mirror.qh = -p.qh;
        m = solve(&mirror);
        assert_true(fabs(m.x[0] - q.x[1]) <= e && fabs(m.x[1] - q.x[0]) <= e);
        more.alpha = 2 * p.alpha + .1;
        assert_true(fabs(lean(&more)) >= fabs(skew) - e);
        more.alpha = p.alpha;
        more.beta = 2 * p.beta;
        assert_true(fabs(lean(&more)) <= fabs(skew) + e);
        p.qh = 0;
        q = solve(&p);
        NEAR(q.x[0], q.x[1], 1e-9);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    struct pl_inventory_quote q = {.cost = 7};
    for (int i = 0; i < 9; i++) {
        for (int kind = 0; kind < 2; kind++) {
            struct pl_inventory_lp p = maker;
            double *at[] = {&p.alpha, &p.beta,     &p.kappa,    &p.qh,  &p.chord,
                            &p.width, &p.least[0], &p.least[1], &p.most};
            *at[i] = kind == 0 ? NAN : INFINITY;
            assert_int_equal(pl_inventory_lp_solve(&p, &q), PL_INVENTORY_INVALID);
        }
    }
    struct pl_inventory_lp p = maker;
    p.least[0] = 3.1; /* the touch is further off than the farthest quote */
    assert_int_equal(pl_inventory_lp_solve(&p, &q), PL_INVENTORY_INFEASIBLE);
    p = maker;
    p.width = 3.1;
    assert_int_equal(pl_inventory_lp_solve(&p, &q), PL_INVENTORY_INFEASIBLE);
    p = maker;
    p.beta = 0;
    assert_int_equal(pl_inventory_lp_solve(&p, &q), PL_INVENTORY_INVALID);
    assert_true(q.cost == 7); /* left alone */
    assert_int_equal(pl_inventory_lp_full(&maker, work, memory, 50, &q), PL_INVENTORY_UNSOLVED);
}

/* ---- spread and schedule -------------------------------------------------------------------- */

static double bps(double gamma, double sigma, double delta, double lq, double zeta, double dq,
                  double sign)
{
    struct pl_inventory_terms t = pl_inventory_terms(&(struct pl_inventory_spread){
        gamma, delta, zeta, sigma, .liquidity = lq, .depth = dq, .depth_sign = sign});
    return t.vol + t.liquidity + t.depth;
}

static void test_spread(void **state)
{
    (void)state;
    NEAR(bps(1, 3, .5, 4, .1, 20, 1), 6.708904488, 1e-10);
    NEAR(bps(1, 5, .5, 2, .1, 1.5, 1), 10.349924813, 1e-10);
    NEAR(bps(1, 5, .5, 0, .1, 1.5, 1), 10.683258146, 1e-10);
    NEAR(bps(2, 5, .5, 2, .1, 1.5, 1), 20.349924813, 1e-10);
    NEAR(bps(1, 5, .5, 2, .1, 1.5, -1), 9.983408520, 1e-10);
    NEAR(bps(1, .5, .5, 2, .1, 1.5, 1), 1.349924813, 1e-9);
    struct pl_inventory_terms t = pl_inventory_terms(
        &(struct pl_inventory_spread){1, .5, .1, 5, .liquidity = 2, .depth = 1.5, .depth_sign = 1});
    NEAR(t.vol, 10, 1e-12);
    NEAR(t.liquidity, .166666667, 1e-8);
    NEAR(t.depth, .183258146, 1e-8);
}

static void test_schedule(void **state)
{
    (void)state;
    const struct pl_inventory_schedule s = {.05, .5, .5, 2, 1, 1.5, 60, 300, 600};
    static const struct {
        double vol[6], factor[6], ema[6], interval[6];
        int count;
    } rows[] = {
        {{.4, 1.25, 3, 3},
         {.05, .275, .5, .5},
         {.4, .63375, 1.816875, 2.4084375},
         {600, 600, 60, 60},
         4},
        {{1, 1, 2.5, 2.5, .6, .4},
         {.2, .2, .5, .5, .08, .05},
         {1, 1, 1.75, 2.125, 2.003, 1.92285},
         {600, 600, 60, 60, 60, 60},
         6},
    };
    for (size_t r = 0; r < PL_COUNT(rows); r++) {
        double ema = rows[r].vol[0];
        for (int i = 0; i < rows[r].count; i++) {
            double f = pl_inventory_ema_factor(&s, rows[r].vol[i]);
            ema = i == 0 ? ema : (1 - f) * ema + f * rows[r].vol[i];
            NEAR(f, rows[r].factor[i], 1e-12);
            NEAR(ema, rows[r].ema[i], 1e-12);
            NEAR(pl_inventory_interval_s(&s, ema), rows[r].interval[i], 0);
        }
    }
    NEAR(pl_inventory_interval_s(&s, 1.2), 300, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),         cmocka_unit_test(test_absolute_values),
        cmocka_unit_test(test_true_squares), cmocka_unit_test(test_against_full_and_scan),
        cmocka_unit_test(test_meanings),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_spread),       cmocka_unit_test(test_schedule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
