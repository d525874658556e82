#include "plimsoll/plimsoll.h"

#include <stddef.h>

const char *pl_version(void)
{
    return PL_VERSION;
}

int pl_err_each(int (*each)(void *ctx, int code, const char *name, const char *text), void *ctx)
{
    static const int codes[] = {
#define X(name, num, text) PL_ERR_##name,
        PL_ERR_LIST(X)
#undef X
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        int rc = each(ctx, codes[i], pl_err_name(codes[i]), pl_err_text(codes[i]));
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}
