#include "app/app.h"

#include <stdio.h>

static int exit_code(int code)
{
    switch (code) {
    case PL_ERR_USAGE:
    case PL_ERR_INVALID:
        return 2;
    case PL_ERR_MALFORMED:
    case PL_ERR_OFFGRID:
    case PL_ERR_CORRUPT:
    case PL_ERR_TRUNCATED:
    case PL_ERR_ORDER:
    case PL_ERR_GAP:
    case PL_ERR_OVERFLOW:
    case PL_ERR_UNSUPPORTED:
        return 3;
    case PL_ERR_IO:
    case PL_ERR_NOTFOUND:
    case PL_ERR_EXISTS:
        return 4;
    case PL_ERR_MISMATCH:
        return 5;
    case PL_ERR_INTERRUPTED:
        return 130;
    default:
        return 1;
    }
}

int pl_app_fail(const char *verb, const struct pl_error *err)
{
    (void)fprintf(stderr, "plimsoll %s: %s\n", verb,
                  err->text[0] != 0 ? err->text : pl_err_text(err->code));
    return exit_code(err->code);
}
