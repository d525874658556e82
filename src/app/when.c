#include "app/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int pl_when_parse(const char *text, int64_t *out_ns, const char *option, struct pl_error *err)
{
    *out_ns = 0;
    if (text == NULL) {
        return 0;
    }
    struct tm tm = { .tm_mday = 1 };
    double second = 0;
    int year, month, day, hour = 0, minute = 0, used = 0;
    char *end;
    double epoch = strtod(text, &end);
    if (*end == 0 && end != text && strchr(text + 1, '-') == NULL && epoch > 0 && epoch < 9e9) {
        *out_ns = (int64_t)(epoch * 1e9);
        return 0;
    }
    int fields = sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used);
    const char *rest = text + used;
    if (fields == 3 && (*rest == 'T' || *rest == ' ')) {
        int clock = 0;
        fields += sscanf(rest + 1, "%2d:%2d%n", &hour, &minute, &clock);
        rest += 1 + clock;
        if (fields == 5 && *rest == ':') {
            second = strtod(rest + 1, &end);
            rest = end;
        }
    }
    bool known = fields == 3 || fields == 5;
    if (!known || (*rest != 0 && strcmp(rest, "Z") != 0) || month < 1 || month > 12 || day < 1 ||
        day > 31 || hour > 24 || minute > 59 || second < 0 || second >= 61) {
        return pl_error_set(err, PL_ERR_USAGE,
                            "%s %s: a UTC time such as 2024-08-08 or 2024-08-08T23:55:00 is needed",
                            option, text);
    }
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    tm.tm_hour = hour;
    tm.tm_min = minute;
    *out_ns = (int64_t)timegm(&tm) * 1000000000 + (int64_t)(second * 1e9);
    return 0;
}

void pl_when_print(int64_t ns, char *out)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    (void)gmtime_r(&seconds, &tm);
    (void)strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
}
