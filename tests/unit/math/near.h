/* NEAR(got, want, relative): the two agree to `relative` of want (absolute when want is 0). */
#ifndef PL_TEST_NEAR_H
#define PL_TEST_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NEAR(got, want, relative) near_check(#got, got, want, relative, __LINE__)

static inline void near_check(const char *what, double got, double want, double relative, int line)
{
    double scale = want == 0.0 ? 1.0 : fabs(want);
    if (!(fabs(got - want) <= relative * scale)) {
        fail_msg("line %d: %s is %.12g, not %.12g", line, what, got, want);
    }
}

#endif
