#include "strategy/hours.h"

#include "core/units.h"

#define DAY       1440 /* minutes */
#define WEEK      (7 * DAY)
#define MINUTE_NS (60 * PL_NS_PER_S)
#define EPOCH_DAY 3 /* 1970-01-01 was a Thursday; days count from Monday */

struct cursor {
    const char *at, *end;
};

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) {
        c->at++;
    }
}

static bool take(struct cursor *c, char wanted)
{
    bool there = c->at < c->end && *c->at == wanted;
    c->at += there;
    return there;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* 0 = Monday, or -1 when no day's name stands here. */
static int take_day(struct cursor *c)
{
    static const char names[7][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int day = 0; c->end - c->at >= 3 && day < 7; day++) {
        if (lower(c->at[0]) == names[day][0] && lower(c->at[1]) == names[day][1] &&
            lower(c->at[2]) == names[day][2]) {
            c->at += 3;
            return day;
        }
    }
    return -1;
}

static int take_digits(struct cursor *c, int least)
{
    int value = 0, digits = 0;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && digits < 3) {
        value = value * 10 + (*c->at++ - '0');
        digits++;
    }
    return digits >= least && digits <= 2 ? value : -1;
}

/* Minutes of the day, 24:00 included; -1 when there is none. */
static int take_time(struct cursor *c)
{
    int hour = take_digits(c, 1);
    int minute = hour >= 0 && take(c, ':') ? take_digits(c, 2) : -1;
    bool fits = minute >= 0 && minute < 60 && hour * 60 + minute <= DAY;
    return fits ? hour * 60 + minute : -1;
}

static const char *take_entry(struct cursor *c, struct pl_hours *out)
{
    int first = take_day(c), last = first;
    if (first >= 0) {
        skip_blanks(c);
        if (take(c, '-')) {
            skip_blanks(c);
            last = take_day(c);
            if (last < 0) {
                return "a day (Mon..Sun) after '-'";
            }
        }
        skip_blanks(c);
    } else {
        first = 0;
        last = 6;
    }
    int from = take_time(c);
    skip_blanks(c);
    bool dash = from >= 0 && take(c, '-');
    skip_blanks(c);
    int to = dash ? take_time(c) : -1;
    if (to < 0 || from == DAY) {
        return "hours as 08:00-20:00";
    }
    to += to <= from ? DAY : 0;
    for (int day = first;; day = (day + 1) % 7) {
        if (out->count == PL_HOURS_SPANS_MAX) {
            return "fewer entries";
        }
        out->span[out->count].from = day * DAY + from;
        out->span[out->count++].to = day * DAY + to;
        if (day == last) {
            return NULL;
        }
    }
}

int pl_hours_parse(struct pl_str text, struct pl_hours *out, struct pl_error *err)
{
    struct pl_hours hours = {0};
    struct cursor c = {text.at, text.at + text.size};
    static const char always[] = "always";
    size_t same = 0;
    while (same < text.size && same < sizeof always - 1 && lower(text.at[same]) == always[same]) {
        same++;
    }
    bool any = text.size > 0 && !(same == sizeof always - 1 && same == text.size);
    while (any) {
        skip_blanks(&c);
        const char *expected = take_entry(&c, &hours);
        skip_blanks(&c);
        if (expected == NULL && c.at == c.end) {
            break;
        }
        if (expected == NULL && !take(&c, ',')) {
            expected = "a comma between entries";
        }
        if (expected != NULL) {
            return pl_error_set(err, PL_ERR_INVALID,
                                "hours \"%.*s\": expected %s at character %d; such as "
                                "\"Mon-Fri 08:00-20:00, Sat 22:00-02:00\"",
                                (int)text.size, text.at, expected, (int)(c.at - text.at) + 1);
        }
    }
    *out = hours;
    return 0;
}

struct pl_hours_now pl_hours_at(const struct pl_hours *hours, int64_t now_ns)
{
    struct pl_hours_now now = {hours->count == 0, INT64_MIN, PL_TIME_NEVER, PL_TIME_NEVER};
    int64_t minute = now_ns / MINUTE_NS;
    int64_t monday = minute - (minute / DAY + EPOCH_DAY) % 7 * DAY - minute % DAY;
    /* The week before reaches into this one, the next holds the next opening. */
    for (int64_t week = monday - WEEK; week <= monday + WEEK; week += WEEK) {
        for (uint32_t i = 0; i < hours->count; i++) {
            int64_t from_ns = (week + hours->span[i].from) * MINUTE_NS;
            int64_t until_ns = (week + hours->span[i].to) * MINUTE_NS;
            int64_t next_ns = from_ns > now_ns ? from_ns : until_ns;
            if (from_ns <= now_ns && now_ns < until_ns && from_ns >= now.from_ns) {
                now.open = true;
                now.from_ns = from_ns;
                now.until_ns = until_ns;
            }
            if (next_ns > now_ns && next_ns < now.change_ns) {
                now.change_ns = next_ns;
            }
        }
    }
    return now;
}
