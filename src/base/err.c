#include "base/err.h"

#include <stdio.h>
#include <string.h>

const char *pl_err_text(int code)
{
    switch (code) {
#define X(name, num, text) \
    case -(num):           \
        return text;
        PL_ERR_LIST(X)
#undef X
    default:
        return code >= 0 ? "ok" : "unknown error";
    }
}

const char *pl_err_name(int code)
{
    switch (code) {
#define X(name, num, text) \
    case -(num):           \
        return #name;
        PL_ERR_LIST(X)
#undef X
    default:
        return code >= 0 ? "OK" : "UNKNOWN";
    }
}

int(pl_error_set)(struct pl_error *err, int code, const char *fmt, ...)
{
    if (err != NULL) {
        va_list ap;
        va_start(ap, fmt);
        err->code = code;
        (void)vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
    }
    return code;
}

int pl_error_prefix(struct pl_error *err, const char *fmt, ...)
{
    if (err == NULL) {
        return PL_ERR_INVALID;
    }
    char old[sizeof err->text];
    memcpy(old, err->text, sizeof old);
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof err->text) {
        size_t room = sizeof err->text - (size_t)n;
        (void)snprintf(err->text + n, room, ": %.*s", (int)(room > 3 ? room - 3 : 0), old);
    }
    return err->code;
}
