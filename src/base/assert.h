/* base/assert.h - asserts are about ourselves; errors are about the world.
 *
 * PL_ASSERT stays on in release: a wrong position is worse than a stop. PL_DASSERT is for
 * whole-state walks and runs in dev, asan and fuzz builds only. */
#ifndef PL_BASE_ASSERT_H
#define PL_BASE_ASSERT_H

_Noreturn void pl_assert_fail(const char *expr, const char *file, int line);

#define PL_LIKELY(x)   __builtin_expect(!!(x), 1)
#define PL_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PL_ASSERT(x)   (PL_LIKELY(x) ? (void)0 : pl_assert_fail(#x, __FILE__, __LINE__))
#ifdef PL_DEBUG_CHECKS
#define PL_DASSERT(x) PL_ASSERT(x)
#else
#define PL_DASSERT(x) ((void)sizeof(x))
#endif
#define PL_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
