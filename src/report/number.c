#include "report/number.h"

#include "base/assert.h"
#include "core/units.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *none(char *out)
{
    out[0] = '-';
    out[1] = '\0';
    return out;
}

char *pl_number_shortest(double value, char *out)
{
    PL_ASSERT(isfinite(value));
    for (int digits = 15; digits <= 17; digits++) { /* 15 always fits a double: %g drops zeros */
        (void)snprintf(out, PL_NUMBER_TEXT_MAX, "%.*g", digits, value);
        if (strtod(out, NULL) == value) {
            break;
        }
    }
    return out;
}

/* Puts commas into the whole part of "-1234567.89". */
static char *group(const char *plain, char *out)
{
    const char *digit = plain + (*plain == '-' || *plain == '+');
    size_t whole = strspn(digit, "0123456789");
    char *to = out;
    if (digit != plain) {
        *to++ = *plain;
    }
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digit[i];
    }
    (void)snprintf(to, PL_NUMBER_TEXT_MAX - (size_t)(to - out), "%s", digit + whole);
    return out;
}

static char *fixed(double value, int decimals, const char *plus, char *out)
{
    PL_ASSERT(decimals >= 0 && decimals <= 9);
    if (!isfinite(value)) {
        return none(out);
    }
    if (fabs(value) >= 1e18) { /* too long for a column; nothing we trade is that large */
        (void)snprintf(out, PL_NUMBER_TEXT_MAX, "%.6e", value);
        return out;
    }
    char plain[PL_NUMBER_TEXT_MAX];
    (void)snprintf(plain, sizeof plain, "%.*f", decimals, value);
    bool zero = strspn(plain, "-0.") == strlen(plain);
    if (zero) { /* never "-0.00" nor "+0.00" */
        (void)snprintf(plain, sizeof plain, "%.*f", decimals, 0.0);
    }
    char text[PL_NUMBER_TEXT_MAX + 2];
    (void)snprintf(text, sizeof text, "%s%s", value > 0 && !zero ? plus : "", plain);
    return group(text, out);
}

char *pl_number_fixed(double value, int decimals, char *out)
{
    return fixed(value, decimals, "", out);
}

char *pl_number_signed(double value, int decimals, char *out)
{
    return fixed(value, decimals, "+", out);
}

char *pl_number_significant(double value, int digits, char *out)
{
    PL_ASSERT(digits >= 1 && digits <= 15);
    if (!isfinite(value)) {
        return none(out);
    }
    double size = fabs(value);
    if (size != 0 && (size < 1e-6 || size >= 1e12)) {
        (void)snprintf(out, PL_NUMBER_TEXT_MAX, "%.*g", digits, value);
        return out;
    }
    int decimals = digits - 1;
    double edge = 10;
    while (size >= edge && decimals > 0) { /* a digit less behind the point for each in front */
        decimals--;
        edge *= 10;
    }
    edge = 1;
    while (size != 0 && size < edge && decimals < 9) { /* zeros in front do not count */
        decimals++;
        edge /= 10;
    }
    fixed(value, decimals > 9 ? 9 : decimals, "", out);
    if (strchr(out, '.') != NULL) {
        size_t end = strlen(out);
        while (out[end - 1] == '0') {
            out[--end] = '\0';
        }
        if (out[end - 1] == '.') {
            out[end - 1] = '\0';
        }
    }
    return out;
}

char *pl_number_count(uint64_t value, char *out)
{
    char plain[PL_NUMBER_TEXT_MAX];
    (void)snprintf(plain, sizeof plain, "%llu", (unsigned long long)value);
    return group(plain, out);
}

char *pl_number_duration(int64_t ns, char *out)
{
    const size_t size = PL_NUMBER_TEXT_MAX;
    long long s = (long long)(ns / PL_NS_PER_S);
    if (ns < 0) {
        return none(out);
    }
    if (s >= 86400) {
        (void)snprintf(out, size, "%lld d %02lld h", s / 86400, s % 86400 / 3600);
    } else if (s >= 3600) {
        (void)snprintf(out, size, "%lld h %02lld min", s / 3600, s % 3600 / 60);
    } else if (s >= 120) {
        (void)snprintf(out, size, "%lld min %02lld s", s / 60, s % 60);
    } else {
        char number[PL_NUMBER_TEXT_MAX];
        double unit = ns >= PL_NS_PER_S    ? 1e9
                      : ns >= PL_NS_PER_MS ? 1e6
                      : ns >= PL_NS_PER_US ? 1e3
                                           : 1;
        const char *name = unit == 1e9 ? "s" : unit == 1e6 ? "ms" : unit == 1e3 ? "us" : "ns";
        pl_number_significant((double)ns / unit, 4, number);
        (void)snprintf(out, size, "%.20s %s", number, name);
    }
    return out;
}

char *pl_number_time(int64_t ns, char *out)
{
    int64_t s = ns / PL_NS_PER_S, rest = ns % PL_NS_PER_S;
    if (rest < 0) {
        s--;
        rest += PL_NS_PER_S;
    }
    time_t seconds = (time_t)s;
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL) {
        return none(out);
    }
    size_t used = strftime(out, PL_NUMBER_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &tm);
    (void)snprintf(out + used, PL_NUMBER_TEXT_MAX - used, ".%03d", (int)(rest / PL_NS_PER_MS));
    return out;
}

int pl_number_decimals(double step)
{
    int decimals = 0;
    for (double scaled = step; decimals < 9; decimals++) {
        if (fabs(scaled - rint(scaled)) < 1e-9 * scaled && rint(scaled) > 0) {
            break;
        }
        scaled *= 10;
    }
    return decimals;
}
