/* fn.c against 60-digit references and against libm on random points, in units of the last place.
 */
#include "base/assert.h"
#include "base/rand.h"
#include "math/fn.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "fn_reference.inc"

/* Steps between two doubles on the number line; NaN matches NaN only. */
static int64_t ulps(double a, double b)
{
    if (isnan(a) || isnan(b)) {
        return isnan(a) && isnan(b) ? 0 : INT64_MAX;
    }
    int64_t i;
    int64_t j;
    memcpy(&i, &a, sizeof i);
    memcpy(&j, &b, sizeof j);
    i = i < 0 ? INT64_MIN - i : i;
    j = j < 0 ? INT64_MIN - j : j;
    return i > j ? i - j : j - i;
}

static void check_table(const char *name, double (*f)(double), const double (*ref)[2], size_t count,
                        int64_t allowed)
{
    int64_t worst = 0;
    for (size_t i = 0; i < count; i++) {
        double got = f(ref[i][0]);
        int64_t off = ulps(got, ref[i][1]);
        if (off > allowed) {
            fail_msg("%s(%a) = %a, not %a: %lld ulp", name, ref[i][0], got, ref[i][1],
                     (long long)off);
        }
        worst = off > worst ? off : worst;
    }
    printf("%s: %zu references, worst %lld ulp\n", name, count, (long long)worst);
}

static void test_references(void **state)
{
    (void)state;
    check_table("exp", pl_exp, ref_exp, PL_COUNT(ref_exp), 1);
    check_table("log", pl_log, ref_log, PL_COUNT(ref_log), 1);
    check_table("log1p", pl_log1p, ref_log1p, PL_COUNT(ref_log1p), 1);
    check_table("expm1", pl_expm1, ref_expm1, PL_COUNT(ref_expm1), 1);
    check_table("tanh", pl_tanh, ref_tanh, PL_COUNT(ref_tanh), 2);
    check_table("norm_cdf", pl_norm_cdf, ref_norm_cdf, PL_COUNT(ref_norm_cdf), 4);
    check_table("norm_ppf", pl_norm_ppf, ref_norm_ppf, PL_COUNT(ref_norm_ppf), 8);
}

static void test_pow_references(void **state)
{
    (void)state;
    int64_t worst = 0;
    for (size_t i = 0; i < PL_COUNT(ref_pow); i++) {
        double got = pl_pow(ref_pow[i][0], ref_pow[i][1]);
        int64_t off = ulps(got, ref_pow[i][2]);
        if (off > 1) {
            fail_msg("pow(%a, %a) = %a, not %a", ref_pow[i][0], ref_pow[i][1], got, ref_pow[i][2]);
        }
        worst = off > worst ? off : worst;
    }
    printf("pow: %zu references, worst %lld ulp\n", PL_COUNT(ref_pow), (long long)worst);
}

#define DRAWS 1000000

static double draw(uint64_t what, uint64_t i, double lo, double hi)
{
    return lo + (hi - lo) * pl_rand_unit(7, what, 0, i);
}

static void compare(const char *name, double (*f)(double), double (*g)(double), uint64_t what,
                    double lo, double hi, bool binary_scale, int64_t allowed)
{
    int64_t worst = 0;
    int64_t differ = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        double x = draw(what, i, lo, hi);
        x = binary_scale ? exp2(x) : x;
        int64_t off = ulps(f(x), g(x));
        if (off > allowed) {
            fail_msg("%s(%a) = %a, libm %a", name, x, f(x), g(x));
        }
        worst = off > worst ? off : worst;
        differ += off != 0;
    }
    printf("%s: %d draws against libm, worst %lld ulp, %lld differ\n", name, DRAWS,
           (long long)worst, (long long)differ);
}

static void test_libm(void **state)
{
    (void)state;
    compare("exp", pl_exp, exp, 1, -745, 709.7, false, 1);
    compare("exp near 0", pl_exp, exp, 2, -1, 1, false, 1);
    compare("log", pl_log, log, 3, -1074, 1023, true, 1);
    compare("log near 1", pl_log, log, 4, 0.5, 2, false, 1);
    compare("log1p", pl_log1p, log1p, 5, -0.999, 4, false, 2);
    compare("expm1", pl_expm1, expm1, 6, -3, 3, false, 2);
    compare("tanh", pl_tanh, tanh, 7, -4, 4, false, 3);
}

static void test_pow_libm(void **state)
{
    (void)state;
    int64_t worst = 0;
    int64_t differ = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        double x = exp2(draw(8, i, -20, 20));
        double y = draw(9, i, -37, 37);
        int64_t off = ulps(pl_pow(x, y), pow(x, y));
        if (off > 2) {
            fail_msg("pow(%a, %a) = %a, libm %a", x, y, pl_pow(x, y), pow(x, y));
        }
        worst = off > worst ? off : worst;
        differ += off != 0;
    }
    printf("pow: %d draws against libm, worst %lld ulp, %lld differ\n", DRAWS, (long long)worst,
           (long long)differ);
}

static void test_inverse(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 10000; i++) {
        double x = draw(10, i, -37, 5);
        double p = pl_norm_cdf(x);
        /* dx = dp / density: what one ulp of p is worth, and one ulp of x */
        double density = pl_exp(-0.5 * x * x) / sqrt(2 * 3.14159265358979323846);
        double allowed = 4 * (p * 0x1p-52 / density) + 16 * fabs(x) * 0x1p-52;
        assert_true(fabs(pl_norm_ppf(p) - x) <= allowed);
        assert_true(fabs(pl_norm_cdf(-x) + p - 1.0) <= 0x1p-52);
    }
}

static const struct {
    const char *what;
    double (*f)(double);
    double x, y;
} edges[] = {
    {"exp nan", pl_exp, NAN, NAN},
    {"exp inf", pl_exp, INFINITY, INFINITY},
    {"exp -inf", pl_exp, -INFINITY, 0},
    {"exp over", pl_exp, 709.79, INFINITY},
    {"exp under", pl_exp, -746, 0},
    {"exp smallest", pl_exp, -745.1, 0x1p-1074},
    {"exp tiny", pl_exp, 1e-300, 1},
    {"log 0", pl_log, 0, -INFINITY},
    {"log -0", pl_log, -0.0, -INFINITY},
    {"log 1", pl_log, 1, 0},
    {"log -1", pl_log, -1, NAN},
    {"log inf", pl_log, INFINITY, INFINITY},
    {"log nan", pl_log, NAN, NAN},
    {"log1p -1", pl_log1p, -1, -INFINITY},
    {"log1p -2", pl_log1p, -2, NAN},
    {"log1p 0", pl_log1p, 0, 0},
    {"log1p inf", pl_log1p, INFINITY, INFINITY},
    {"log1p nan", pl_log1p, NAN, NAN},
    {"expm1 0", pl_expm1, 0, 0},
    {"expm1 -inf", pl_expm1, -INFINITY, -1},
    {"expm1 inf", pl_expm1, INFINITY, INFINITY},
    {"expm1 nan", pl_expm1, NAN, NAN},
    {"tanh inf", pl_tanh, INFINITY, 1},
    {"tanh -inf", pl_tanh, -INFINITY, -1},
    {"tanh nan", pl_tanh, NAN, NAN},
    {"cdf inf", pl_norm_cdf, INFINITY, 1},
    {"cdf -inf", pl_norm_cdf, -INFINITY, 0},
    {"cdf nan", pl_norm_cdf, NAN, NAN},
    {"ppf 0", pl_norm_ppf, 0, -INFINITY},
    {"ppf 1", pl_norm_ppf, 1, INFINITY},
    {"ppf half", pl_norm_ppf, 0.5, 0},
    {"ppf outside", pl_norm_ppf, 1.5, NAN},
    {"ppf nan", pl_norm_ppf, NAN, NAN},
};

static const double pow_edges[][3] = {
    {0, 0, 1},
    {NAN, 0, 1},
    {1, NAN, 1},
    {2, NAN, NAN},
    {NAN, 2, NAN},
    {0, 3, 0},
    {0, -3, INFINITY},
    {INFINITY, 2, INFINITY},
    {INFINITY, -2, 0},
    {2, INFINITY, INFINITY},
    {0.5, INFINITY, 0},
    {2, -INFINITY, 0},
    {0.5, -INFINITY, INFINITY},
    {1, INFINITY, 1},
    {-2, 2, NAN},
    {2, 1024, INFINITY},
    {2, -1074, 0x1p-1074},
    {2, -1076, 0},
    {10, 3, 1000},
    {2, 1e300, INFINITY},
    {0.5, 1e300, 0},
    {2, 1e-300, 1},
    {9, 0.5, 3},
    {0x1p-1074, 0.5, 0x1p-537},
};

static void test_edges(void **state)
{
    (void)state;
    for (size_t i = 0; i < PL_COUNT(edges); i++) {
        double got = edges[i].f(edges[i].x);
        if (ulps(got, edges[i].y) != 0) {
            fail_msg("%s: %a, not %a", edges[i].what, got, edges[i].y);
        }
    }
    for (size_t i = 0; i < PL_COUNT(pow_edges); i++) {
        double got = pl_pow(pow_edges[i][0], pow_edges[i][1]);
        if (ulps(got, pow_edges[i][2]) != 0) {
            fail_msg("pow(%g, %g): %a, not %a", pow_edges[i][0], pow_edges[i][1], got,
                     pow_edges[i][2]);
        }
    }
}

/* Printed, not checked: machines differ. */
static void test_speed(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double (*f)(double);
    } fs[] = {{"exp", pl_exp}, {"log", pl_log}, {"norm_cdf", pl_norm_cdf}};
    for (size_t k = 0; k < PL_COUNT(fs); k++) {
        struct timespec a;
        struct timespec b;
        double sum = 0;
        clock_gettime(CLOCK_MONOTONIC, &a);
        for (int i = 1; i <= DRAWS; i++) {
            sum += fs[k].f(1e-5 * i);
        }
        clock_gettime(CLOCK_MONOTONIC, &b);
        double ns = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
        printf("%s: %.1f ns a call (sum %g)\n", fs[k].name, ns / DRAWS, sum);
        assert_true(isfinite(sum));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references), cmocka_unit_test(test_pow_references),
        cmocka_unit_test(test_libm),       cmocka_unit_test(test_pow_libm),
        cmocka_unit_test(test_inverse),    cmocka_unit_test(test_edges),
        cmocka_unit_test(test_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
