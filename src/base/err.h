/* base/err.h - the error codes of plimsoll/err.h, and a place for the words that go with one.
 *
 * Functions return 0 or a positive count on success and a negative enum pl_err on failure. Where a
 * person will read the failure, the caller passes a struct pl_error and finds there what went
 * wrong, where, and what to do. Hot paths return the code alone. */
#ifndef PL_BASE_ERR_H
#define PL_BASE_ERR_H

#include "plimsoll/err.h"

#include <stdarg.h>
#include <stddef.h>

#define PL_MUST_USE          __attribute__((warn_unused_result))
#define PL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* What went wrong, where, and what to do. Filled by the deepest function that knows the words. */
struct pl_error {
    int code; /* enum pl_err; 0 = none */
    char text[500];
};

/* Fills *err (NULL is allowed) and returns `code`, so a caller can `return pl_error_set(...)`. */
int pl_error_set(struct pl_error *err, int code, const char *fmt, ...) PL_PRINTF(3, 4);
#ifdef PL_ANALYSER /* script/check-static: lets an analyser see that the code comes back */
#define pl_error_set(err, code, ...) ((void)(pl_error_set)((err), (code), __VA_ARGS__), (code))
#endif
/* Puts "prefix: " before the words already there. Returns err->code. */
int pl_error_prefix(struct pl_error *err, const char *fmt, ...) PL_PRINTF(2, 3);

#endif
