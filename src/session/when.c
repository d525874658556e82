#include "session/when.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int pl_when_parse(const char *text, int64_t *out_ns, const char *option, struct pl_error *err)
{
    *out_ns = 0;
    if (text == NULL) {
        return 0;
    }
    char *end;
    double epoch = strtod(text, &end);
    if (*end == 0 && end != text && epoch > 0 && epoch < 9e9) {
        *out_ns = (int64_t)(epoch * 1e9);
        return 0;
    }
    static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
                                        "%Y-%m-%d %H:%M", "%Y-%m-%d"};
    struct tm tm = {0};
    double fraction = 0;
    const char *rest = NULL;
    for (size_t i = 0; i < PL_COUNT(forms) && rest == NULL; i++) {
        tm = (struct tm){.tm_mday = 1};
        rest = strptime(text, forms[i], &tm);
        if (rest != NULL && *rest == '.') {
            fraction = strtod(rest, &end);
            rest = end;
        }
        rest = rest != NULL && (*rest == 0 || strcmp(rest, "Z") == 0) ? rest : NULL;
    }
    if (rest == NULL) {
        return pl_error_set(err, PL_ERR_USAGE,
                            "%s %s: a UTC time such as 2024-08-08 or 2024-08-08T23:55:00 is needed",
                            option, text);
    }
    *out_ns = (int64_t)timegm(&tm) * 1000000000 + (int64_t)(fraction * 1e9);
    return 0;
}

void pl_when_print(int64_t ns, char *out)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    (void)gmtime_r(&seconds, &tm);
    (void)strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
}
