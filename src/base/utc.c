#include "base/utc.h"

#include "base/assert.h"

#include <stdio.h>

#define NS_PER_S   INT64_C(1000000000)
#define NS_PER_DAY (86400 * NS_PER_S)

/* Days since 1970-01-01 of a date of the Gregorian calendar, counted in years that begin in March,
 * so that the leap day comes last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = year - (month <= 2);
    int64_t era = y / 400, in_era = y % 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    int64_t z = days + 719468, era = z / 146097, in_era = z % 146097;
    int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * y + y / 4 - y / 100), m = (5 * in_year + 2) / 153;
    *day = in_year - (153 * m + 2) / 5 + 1;
    *month = m + (m < 10 ? 3 : -9);
    *year = y + era * 400 + (*month <= 2);
}

/* Exactly `digits` digits at *at; -1 when they are not there. */
static int64_t take_number(struct pl_str *at, size_t digits)
{
    int64_t value = 0;
    if (at->size < digits) {
        return -1;
    }
    for (size_t i = 0; i < digits; i++) {
        if (at->at[i] < '0' || at->at[i] > '9') {
            return -1;
        }
        value = value * 10 + (at->at[i] - '0');
    }
    at->at += digits;
    at->size -= digits;
    return value;
}

static bool take_char(struct pl_str *at, char c)
{
    if (at->size == 0 || *at->at != c) {
        return false;
    }
    at->at++;
    at->size--;
    return true;
}

static int64_t days_in(int64_t year, int64_t month)
{
    return month == 12 ? 31 : days_of(year, month + 1, 1) - days_of(year, month, 1);
}

/* [.digits] as nanoseconds; -1 when there are none behind the point, or more than nine. */
static int64_t take_fraction(struct pl_str *at)
{
    if (!take_char(at, '.')) {
        return 0;
    }
    int64_t ns = 0, unit = NS_PER_S;
    while (at->size > 0 && *at->at >= '0' && *at->at <= '9') {
        unit /= 10;
        ns += (*at->at - '0') * unit;
        if (unit == 0) {
            return -1;
        }
        at->at++;
        at->size--;
    }
    return unit < NS_PER_S ? ns : -1;
}

/* THH:MM[:SS[.fraction]] or nothing, as nanoseconds of the day; -1 when it is something else. */
static int64_t take_time(struct pl_str *at)
{
    if (!take_char(at, 'T') && !take_char(at, ' ')) {
        return 0;
    }
    int64_t hour = take_number(at, 2), second = 0, fraction = 0;
    int64_t minute = take_char(at, ':') ? take_number(at, 2) : -1;
    if (take_char(at, ':')) {
        second = take_number(at, 2);
        fraction = take_fraction(at);
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        fraction < 0) {
        return -1;
    }
    return ((hour * 60 + minute) * 60 + second) * NS_PER_S + fraction;
}

static bool all_digits(struct pl_str text)
{
    size_t i = 0;
    while (i < text.size && text.at[i] >= '0' && text.at[i] <= '9') {
        i++;
    }
    return i == text.size && text.size > 0;
}

int pl_utc_parse(struct pl_str text, int64_t *ns)
{
    if (all_digits(text)) {
        if (text.size > 18 && (text.size > 19 || text.at[0] > '8')) {
            return PL_ERR_MALFORMED; /* beyond 2255 */
        }
        *ns = take_number(&text, text.size);
        return 0;
    }
    int64_t year = take_number(&text, 4);
    int64_t month = take_char(&text, '-') ? take_number(&text, 2) : -1;
    int64_t day = take_char(&text, '-') ? take_number(&text, 2) : -1;
    if (year < 1970 || year > 2261 || month < 1 || month > 12 || day < 1 ||
        day > days_in(year, month)) {
        return PL_ERR_MALFORMED;
    }
    int64_t of_day = take_time(&text);
    (void)take_char(&text, 'Z');
    if (of_day < 0 || text.size > 0) {
        return PL_ERR_MALFORMED;
    }
    *ns = days_of(year, month, day) * NS_PER_DAY + of_day;
    return 0;
}

const char *pl_utc_print(int64_t ns, char *out)
{
    PL_ASSERT(ns >= 0);
    int64_t year, month, day;
    date_of(ns / NS_PER_DAY, &year, &month, &day);
    int64_t s = ns / NS_PER_S % 86400, fraction = ns % NS_PER_S;
    int n = snprintf(out, PL_UTC_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, (int)month,
                     (int)day, (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    int digits = fraction == 0 ? 0 : fraction % 1000000 == 0 ? 3 : fraction % 1000 == 0 ? 6 : 9;
    for (int i = digits; digits > 0 && i < 9; i++) {
        fraction /= 10;
    }
    if (digits > 0) {
        n += snprintf(out + n, PL_UTC_TEXT_MAX - (size_t)n, ".%0*lld", digits, (long long)fraction);
    }
    (void)snprintf(out + n, PL_UTC_TEXT_MAX - (size_t)n, "Z");
    return out;
}
