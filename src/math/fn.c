/* exp: x = (128 k + i) ln2/128 + r, table of 2^(i/128), degree-5 series in r (Tang 1989).
 * log: z/c - 1 = r in two exact parts, table of ln c, series in r (Tang 1990); the result is kept
 * as a sum of two doubles, which is what pow needs. No fma: every "exact" below is a product of
 * parts short enough to fit 53 bits. */
#include "math/fn.h"

#include "math/fn_table.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define EXP_SAFE     700.0    /* |x| up to here: no overflow, no subnormal result */
#define ROUND_SHIFT  0x1.8p52 /* adding it rounds to an integer, left in the low bits */
#define LOW27        UINT64_C(0x7ffffff)
#define EXPONENT_ONE (UINT64_C(1) << 52)

static inline uint64_t bits_of(double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static inline double double_of(uint64_t u)
{
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* The upper 26 significant bits of x; x minus it has at most 27. */
static inline double upper_half(double x)
{
    return double_of(bits_of(x) & ~LOW27);
}

struct exp_parts {
    uint64_t scale_bits; /* 2^k 2^(i/128); out of range when k is */
    double rest;         /* exp(x) = scale (1 + rest) */
    int64_t k;
};

/* exp(x + tail), |x| < 1100. */
static inline struct exp_parts exp_split(double x, double tail)
{
    double shifted = x * PL_FN_INV_LN2N + ROUND_SHIFT;
    uint64_t n = bits_of(shifted); /* low bits: the integer, two's complement */
    double whole = shifted - ROUND_SHIFT;
    double r = x - whole * PL_FN_LN2N_HI - whole * PL_FN_LN2N_LO + tail;
    size_t i = (size_t)(n % PL_FN_TABLE);
    uint64_t top = (n - i) << 45; /* k << 52 */
    double r2 = r * r;
    double series = r + r2 * (0.5 + r * (1.0 / 6)) + r2 * r2 * (1.0 / 24 + r * (1.0 / 120));
    return (struct exp_parts){bits_of(pl_fn_exp[i].value) + top, pl_fn_exp[i].tail + series,
                              ((int64_t)whole - (int64_t)i) / PL_FN_TABLE};
}

/* scale (1 + rest) where scale may leave the range of normal numbers. */
static double exp_join_far(struct exp_parts e)
{
    if (e.k > 0) {
        double scale = double_of(e.scale_bits - 1009 * EXPONENT_ONE);
        return 0x1p1009 * (scale + scale * e.rest);
    }
    double scale = double_of(e.scale_bits + 1022 * EXPONENT_ONE);
    return 0x1p-1022 * (scale + scale * e.rest);
}

static double exp_far(double x, double tail)
{
    if (x != x) {
        return x;
    }
    if (x > 710.0) {
        return INFINITY;
    }
    if (x < -746.0) {
        return 0.0;
    }
    return exp_join_far(exp_split(x, tail));
}

static inline double exp_sum(double x, double tail)
{
    if (!(x < EXP_SAFE && x > -EXP_SAFE)) {
        return exp_far(x, tail);
    }
    struct exp_parts e = exp_split(x, tail);
    double scale = double_of(e.scale_bits);
    return scale + scale * e.rest;
}

double pl_exp(double x)
{
    return exp_sum(x, 0.0);
}

/* ln of the positive normal number with these bits (exponent field may be <= 0: a scaled subnormal)
 * as a sum; the sum's error is about 2^-66 relative. */
static inline double log_sum(uint64_t ix, double *tail)
{
    uint64_t off = ix - UINT64_C(0x3fe6000000000000); /* 0.6875: z in [0.6875, 1.375) */
    size_t i = (size_t)((off >> 45) % PL_FN_TABLE);
    double k = (double)((int64_t)off >> 52);
    double z = double_of(ix - (off & UINT64_C(0xfff0000000000000)));
    double inv = pl_fn_log[i].inv;
    double z1 = upper_half(z);
    double r1 = z1 * inv - 1.0; /* exact: 26 by 11 bits */
    double r2 = (z - z1) * inv; /* exact */
    double r = r1 + r2;
    double r_lost = r1 - r + r2;
    double whole = k * PL_FN_LN2_HI + pl_fn_log[i].hi; /* exact: multiples of 2^-42 below 2^10 */
    double sum = whole + r;
    double sum_lost = whole - sum + r;
    double s1 = (r + 0x1.8p19) - 0x1.8p19; /* r to a multiple of 2^-33: its square is exact */
    double s2 = r - s1;
    double square = -0.5 * s1 * s1;
    double square_lost = -0.5 * s2 * (r + s1);
    double hi = sum + square;
    double hi_lost = sum - hi + square;
    double q = r * r;
    double cubic =
        r * q *
        ((1.0 / 3 - r * 0.25) +
         q * ((0.2 - r * (1.0 / 6)) + q * ((1.0 / 7 - r * 0.125) + q * (1.0 / 9 - r * 0.1))));
    double lo = k * PL_FN_LN2_LO + pl_fn_log[i].lo + sum_lost + (r_lost - r_lost * r) +
                square_lost + hi_lost + cubic;
    double out = hi + lo;
    *tail = hi - out + lo;
    return out;
}

/* Bits of x > 0 with the subnormals brought into the form log_sum reads. */
static inline uint64_t log_bits(double x)
{
    uint64_t ix = bits_of(x);
    return ix >= EXPONENT_ONE ? ix : bits_of(x * 0x1p52) - 52 * EXPONENT_ONE;
}

double pl_log(double x)
{
    if (!(x > 0.0 && x < INFINITY)) {
        return x == 0.0 ? -INFINITY : x == INFINITY ? x : NAN;
    }
    double tail;
    return log_sum(log_bits(x), &tail);
}

double pl_log1p(double x)
{
    if (!(x > -1.0 && x < 0x1p60)) {
        return x == -1.0 ? -INFINITY : pl_log(x);
    }
    if (x < 0x1p-54 && x > -0x1p-54) {
        return x;
    }
    double u = 1.0 + x;
    double lost = x < 1.0 ? x - (u - 1.0) : 1.0 - (u - x);
    double tail;
    double main = log_sum(bits_of(u), &tail);
    return main + (tail + lost / u);
}

double pl_expm1(double x)
{
    if (x < 0.35 && x > -0.35) {
        double p = 1.0 / 1307674368000.0; /* 1/15! */
        static const double series[] = {1.0 / 87178291200.0, 1.0 / 6227020800.0, 1.0 / 479001600.0,
                                        1.0 / 39916800.0,    1.0 / 3628800.0,    1.0 / 362880.0,
                                        1.0 / 40320.0,       1.0 / 5040.0,       1.0 / 720.0,
                                        1.0 / 120.0,         1.0 / 24.0,         1.0 / 6.0};
        for (size_t i = 0; i < sizeof series / sizeof series[0]; i++) {
            p = p * x + series[i];
        }
        return x + (0.5 * x * x + x * x * x * p);
    }
    if (!(x < EXP_SAFE && x > -40.0)) {
        return x < 0 ? -1.0 : exp_far(x, 0.0);
    }
    struct exp_parts e = exp_split(x, 0.0);
    double scale = double_of(e.scale_bits);
    return (scale - 1.0) + scale * e.rest;
}

/* x^y where x or y is 0, infinite or NaN, or x < 0. */
static double pow_edge(double x, double y)
{
    if (y == 0.0 || x == 1.0) {
        return 1.0;
    }
    if (x != x || y != y || x < 0.0) {
        return NAN;
    }
    if (x == 0.0 || x == INFINITY) {
        return (x == 0.0) == (y > 0.0) ? 0.0 : INFINITY;
    }
    return (x > 1.0) == (y > 0.0) ? INFINITY : 0.0; /* y is infinite */
}

double pl_pow(double x, double y)
{
    if (!(x > 0.0 && x < INFINITY && y > -INFINITY && y < INFINITY)) {
        return pow_edge(x, y);
    }
    double l_tail;
    double l = log_sum(log_bits(x), &l_tail);
    double rough = y * l;
    if (!(rough > -800.0 && rough < 800.0)) {
        return rough > 0 ? INFINITY : 0.0;
    }
    double y1 = upper_half(y);
    double l1 = upper_half(l);
    double hi = y1 * l1; /* exact */
    double lo = (y - y1) * l1 + y * ((l - l1) + l_tail);
    return exp_sum(hi, lo);
}

double pl_tanh(double x)
{
    double a = fabs(x);
    double t;
    if (a < 0x1p-28) {
        return x;
    }
    if (a > 22.0) {
        t = 1.0;
    } else if (a >= 1.0) {
        t = 1.0 - 2.0 / (pl_expm1(2.0 * a) + 2.0);
    } else {
        double m = pl_expm1(-2.0 * a);
        t = -m / (m + 2.0);
    }
    return x < 0 ? -t : x != x ? x : t;
}

/* Phi(-x), x >= 0: exp(-x^2/2) times a Chebyshev series for the rest (form of Shepherd, Laframboise
 * 1981). The square is taken in two parts, else its rounding would cost x^2/2 ulp. */
static double norm_tail(double x)
{
    if (x > 39.0) {
        return 0.0;
    }
    double t2 = 2.0 * ((x - 5.0) / (x + 5.0));
    double b1 = 0.0;
    double b2 = 0.0;
    for (int i = PL_FN_MILLS - 1; i > 0; i--) {
        double b0 = t2 * b1 - b2 + pl_fn_mills[i];
        b2 = b1;
        b1 = b0;
    }
    double mills = (0.5 * t2 * b1 - b2 + pl_fn_mills[0]) / (1.0 + x);
    double x1 = upper_half(x);
    double lo = -0.5 * (x - x1) * (x + x1);
    if (x < 37.0) {
        return exp_sum(-0.5 * x1 * x1, lo) * mills;
    }
    return exp_sum(-0.5 * x1 * x1 + 64.0, lo) * mills * 0x1.969d47321e4ccp-93; /* exp(-64) */
}

double pl_norm_cdf(double x)
{
    if (x != x) {
        return x;
    }
    return x < 0 ? norm_tail(-x) : 1.0 - norm_tail(x);
}

/* num(r)/den(r), eight coefficients each, highest first. */
static double ratio8(const double c[2][8], double r)
{
    double num = c[0][0];
    double den = c[1][0];
    for (int i = 1; i < 8; i++) {
        num = num * r + c[0][i];
        den = den * r + c[1][i];
    }
    return num / den;
}

/* Wichura 1988, algorithm AS 241 (PPND16). */
static const double ppf_middle[2][8] = {
    {2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
     4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
     1.3314166789178437745e2, 3.3871328727963666080},
    {5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
     2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
     4.2313330701600911252e1, 1.0},
};
static const double ppf_tail[2][8] = {
    {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
     1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590,
     1.42343711074968357734},
    {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
     2.05319162663775882187, 1.0},
};
static const double ppf_far[2][8] = {
    {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
     5.46378491116411436990, 6.65790464350110377720},
    {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
     5.99832206555887937690e-1, 1.0},
};

double pl_norm_ppf(double p)
{
    if (!(p > 0.0 && p < 1.0)) {
        return p == 0.0 ? -INFINITY : p == 1.0 ? INFINITY : NAN;
    }
    double q = p - 0.5;
    if (q <= 0.425 && q >= -0.425) {
        return q * ratio8(ppf_middle, 0.180625 - q * q);
    }
    double r = sqrt(-pl_log(q < 0 ? p : 1.0 - p));
    double x = r <= 5.0 ? ratio8(ppf_tail, r - 1.6) : ratio8(ppf_far, r - 5.0);
    return q < 0 ? -x : x;
}
