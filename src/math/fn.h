/* math/fn.h - exp, log and pow from IEEE-exact operations only (+ - * / and bit moves).
 *
 * libm's differ between versions and CPUs in the last bit; a backtest must not. Error below 1 ulp
 * for exp and log, below 2 ulp for pow over the ranges tested in tests/unit/math/test_fn.c. */
#ifndef PL_MATH_FN_H
#define PL_MATH_FN_H

double pl_exp(double x);
double pl_log(double x); /* -inf at 0, NAN below */
double pl_log1p(double x);
double pl_expm1(double x);
double pl_pow(double x, double y); /* x >= 0 */
double pl_tanh(double x);
double pl_norm_cdf(double x);
double pl_norm_ppf(double p); /* inverse of pl_norm_cdf, p in (0,1) */

#endif
