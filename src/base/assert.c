#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void pl_assert_fail(const char *expr, const char *file, int line)
{
    fprintf(stderr, "plimsoll: internal error: %s (%s:%d)\n", expr, file, line);
    abort();
}
