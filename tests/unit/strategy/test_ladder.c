/* From a ladder in mind to quotes on the grid: the rows of makers.md 1.4 and 8, and each rule. */
#include "strategy/ladder.h"

#include "base/str.h"
#include "strategy/hours.h"

#include "maker.h"

static struct pl_inst inst_of(const char *tick, const char *lot)
{
    return (struct pl_inst){.venue = "test",
                            .symbol = "XYZUSD",
                            .base = "XYZ",
                            .quote = "USD",
                            .tick = maker_decimal(tick),
                            .lot = maker_decimal(lot),
                            .contract_size = {1, 0}};
}

#define NO_LIMIT                     \
    {                                \
        PL_PX_ANY_BID, PL_PX_ANY_ASK \
    }

struct row {
    const char *name;
    uint32_t bids, asks;
    double bid[3], ask[3], lots[3]; /* of both sides; 0 = 10 lots each */
    struct pl_ladder_rules rules;   /* 0 = none */
    int64_t px_limit[2], room;      /* 0 = none */
    double value_room;
    const char *want;
};

static const struct row rows[] = {
    {"outward", 1, 1, {9991.7}, {10018.3}, {0}, {0}, {0}, 0, 0, "9991x10 / 10019x10"},
    {"on the grid", 1, 1, {9993 - 1e-8}, {10019 + 1e-8}, {0}, {0}, {0}, 0, 0, "9993x10 / 10019x10"},
    {"behind the touch",
     1,
     1,
     {10002},
     {9999},
     {0},
     {0},
     {10000, 10001},
     0,
     0,
     "10000x10 / 10001x10"},
    {"distinct",
     3,
     3,
     {999.3, 999.1, 998.8},
     {1001.7, 1001.9, 1002.2},
     {0},
     {0},
     {0},
     0,
     0,
     "999x10 998x10 997x10 / 1002x10 1003x10 1004x10"},
    {"clamped levels stay distinct",
     2,
     2,
     {1003, 1002},
     {1000, 1001},
     {0},
     {0},
     {1000, 1003},
     0,
     0,
     "1000x10 999x10 / 1003x10 1004x10"},
    {"lots down",
     3,
     0,
     {99, 98, 97},
     {0},
     {4.5, 3 - 1e-10, 0.99},
     {0},
     {0},
     0,
     0,
     "99x4 98x3 / NONE"},
    {"raised to the minimum",
     3,
     0,
     {99, 98, 97},
     {0},
     {4, 7, 0.2},
     {.lots_min = 5, .raise_small = true},
     {0},
     0,
     0,
     "99x5 98x7 97x5 / NONE"},
    {"dropped below it",
     3,
     0,
     {99, 98, 97},
     {0},
     {4, 7, 0.2},
     {.lots_min = 5},
     {0},
     0,
     0,
     "98x7 / NONE"},
    {"exactly 0 is dropped",
     1,
     1,
     {99},
     {101},
     {-1},
     {.lots_min = 5, .raise_small = true},
     {0},
     0,
     0,
     "BELOW_MIN / BELOW_MIN"},
    {"notional minimum",
     2,
     0,
     {100, 50},
     {0},
     {3, 30},
     {.notional_min = 500, .value_lot_tick = 1, .raise_small = true},
     {0},
     0,
     0,
     "100x5 50x30 / NONE"},
    {"notional minimum, dropped",
     2,
     0,
     {100, 50},
     {0},
     {3, 30},
     {.notional_min = 500, .value_lot_tick = 1},
     {0},
     0,
     0,
     "50x30 / NONE"},
    {"venue maximum", 1, 1, {99}, {101}, {40}, {.lots_max = 25}, {0}, 0, 0, "99x25 / 101x25"},
    {"notional maximum",
     1,
     1,
     {100},
     {200},
     {40},
     {.notional_max = 1000, .value_lot_tick = 1},
     {0},
     0,
     0,
     "100x10 / 200x5"},
    {"maximum below minimum",
     1,
     0,
     {100},
     {0},
     {40},
     {.notional_max = 300, .value_lot_tick = 1, .lots_min = 5, .raise_small = true},
     {0},
     0,
     0,
     "BELOW_MIN / NONE"},
    {"room from the innermost",
     3,
     3,
     {99, 98, 97},
     {101, 102, 103},
     {0},
     {0},
     {0},
     15,
     0,
     "99x10 98x5 / 101x10 102x5"},
    {"a trimmed rest below the minimum",
     3,
     0,
     {99, 98, 97},
     {0},
     {0},
     {.lots_min = 6, .raise_small = true},
     {0},
     15,
     0,
     "99x10 / NONE"},
    {"no room", 1, 1, {99}, {101}, {0}, {0}, {0}, -3, 0, "MAX_POSITION / MAX_POSITION"},
    {"value room",
     2,
     0,
     {99.5, 99.5},
     {0},
     {3, 3},
     {.value_lot_tick = 1},
     {0},
     0,
     400,
     "99x3 98x1 / NONE"},
    {"value room is used up",
     1,
     0,
     {100},
     {0},
     {3},
     {.value_lot_tick = 1},
     {0},
     0,
     50,
     "MAX_NOTIONAL / NONE"},
    {"a contract worth the same at any price",
     1,
     1,
     {100},
     {200},
     {40},
     {.notional_max = 1000, .value_lot = 100},
     {0},
     0,
     0,
     "100x10 / 200x10"},
    {"legal range",
     3,
     2,
     {3, 1, -2},
     {95, 105},
     {0},
     {.px_min = 1, .px_max = 100},
     {0},
     0,
     0,
     "3x10 1x10 / 95x10"},
    {"nothing legal", 1, 1, {NAN}, {INFINITY}, {0}, {0}, {0}, 0, 0, "LEGAL_RANGE / LEGAL_RANGE"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct pl_ladder ladder = {.count = {r->bids, r->asks}};
        for (int k = 0; k < 3; k++) {
            double lots = r->lots[0] == 0 ? 10 : r->lots[k] < 0 ? 0 : r->lots[k];
            ladder.px[PL_BUY][k] = r->bid[k];
            ladder.px[PL_SELL][k] = r->ask[k];
            ladder.lots[PL_BUY][k] = ladder.lots[PL_SELL][k] = lots;
        }
        struct pl_ladder_rules rules = r->rules;
        rules.lots_min = rules.lots_min > 0 ? rules.lots_min : 1;
        rules.lots_max = rules.lots_max > 0 ? rules.lots_max : INT64_MAX;
        rules.px_max = rules.px_max > 0 ? rules.px_max : INT64_MAX;
        int64_t room = r->room == 0 ? INT64_MAX : r->room;
        double value = r->value_room > 0 ? r->value_room : INFINITY;
        struct pl_ladder_bounds bounds = {
            .px_limit = NO_LIMIT,
            .lots_room = {room, room},
            .value_room = {value, value},
            .reason = {PL_NOQUOTE_MAX_POSITION, PL_NOQUOTE_MAX_POSITION}};
        if (r->px_limit[0] != 0) {
            bounds.px_limit[0] = r->px_limit[0];
            bounds.px_limit[1] = r->px_limit[1];
        }
        struct pl_wanted w;
        char text[512];
        pl_ladder_quote(&ladder, &rules, &bounds, &w, NULL);
        const char *got = maker_text(&w, text, sizeof text);
        if (strcmp(got, r->want) != 0) {
            fail_msg("%s: %s, not %s", r->name, got, r->want);
        }
    }
}

static void test_trace_names_levels(void **state)
{
    (void)state;
    struct pl_ladder ladder = {
        .count = {3, 0}, .px[PL_BUY] = {99, 98, 97}, .lots[PL_BUY] = {1, 9, 9}};
    struct pl_ladder_rules rules = {.lots_min = 5, .lots_max = 100, .px_max = 1000};
    struct pl_ladder_bounds bounds = {
        .px_limit = NO_LIMIT, .lots_room = {100, 100}, .value_room = {INFINITY, INFINITY}};
    struct pl_wanted w;
    struct pl_ladder_trace trace;
    pl_ladder_quote(&ladder, &rules, &bounds, &w, &trace);
    assert_int_equal(w.count[PL_BUY], 2);
    assert_int_equal(trace.from[PL_BUY][0], 1);
    assert_int_equal(trace.from[PL_BUY][1], 2);
}

/* makers.md 8: position .6 at mid 100, bids .3 at 99.5: 89.85 passes a mark of 90. */
static void test_rules_of_instruments(void **state)
{
    (void)state;
    struct pl_inst inst = inst_of("0.5", "0.1");
    inst.min_notional = maker_decimal("5");
    struct pl_ladder_rules rules;
    pl_ladder_rules_init(&rules, &inst);
    assert_int_equal(rules.lots_min, 1);
    assert_true(rules.lots_max == INT64_MAX && rules.px_min == 1 && rules.px_max == INT64_MAX);
    double worth = 6 * (rules.value_lot + rules.value_lot_tick * 200) +
                   3 * (rules.value_lot + rules.value_lot_tick * 199);
    assert_true(fabs(worth - 89.85) < 1e-9);
    assert_true(rules.notional_min == 5);
    inst.kind = PL_INST_INVERSE;
    inst.contract_size = maker_decimal("100");
    inst.lot = maker_decimal("1");
    pl_ladder_rules_init(&rules, &inst);
    assert_true(rules.value_lot == 100 && rules.value_lot_tick == 0);
}

/* ---- hours ---------------------------------------------------------------------------------- */

/* Monday 2024-01-01 00:00 UTC, and a time in that week. */
#define MONDAY_S         INT64_C(1704067200)
#define AT(day, h, m, s) ((MONDAY_S + (((day)*24 + (h)) * 60 + (m)) * 60 + (s)) * PL_NS_PER_S)

static const struct {
    const char *text;
    int day, h, m, s;
    bool open;
} hour_rows[] = {
    {"22:00-02:00", 2, 23, 59, 59, true},
    {"22:00-02:00", 2, 2, 0, 0, false},
    {"22:00-02:00", 2, 1, 59, 59, true},
    {"22:00-02:00", 2, 21, 59, 59, false},
    {"always", 3, 12, 0, 0, true},
    {"", 3, 12, 0, 0, true},
    {"Mon-Fri 08:00-20:00, Sat 22:00-02:00", 0, 8, 0, 0, true},
    {"Mon-Fri 08:00-20:00, Sat 22:00-02:00", 4, 20, 0, 0, false},
    {"Mon-Fri 08:00-20:00, Sat 22:00-02:00", 5, 12, 0, 0, false},
    {"Mon-Fri 08:00-20:00, Sat 22:00-02:00", 5, 23, 0, 0, true},
    {"Mon-Fri 08:00-20:00, Sat 22:00-02:00", 6, 1, 0, 0, true},
    {"Mon-Fri 08:00-20:00, Sat 22:00-02:00", 6, 2, 0, 0, false},
    {"sun 23:00-01:00", 0, 0, 30, 0, true}, /* from the week before */
    {"sun 23:00-01:00", 0, 1, 0, 0, false},
    {"Sat-Mon 00:00-24:00", 6, 23, 59, 59, true},
    {"Sat-Mon 00:00-24:00", 1, 0, 0, 0, false},
    {"08:00-08:00", 3, 7, 59, 59, true}, /* round the clock */
};

static void test_hours(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hour_rows / sizeof hour_rows[0]; i++) {
        struct pl_hours hours;
        struct pl_error err = {0};
        assert_int_equal(pl_hours_parse(pl_str(hour_rows[i].text), &hours, &err), 0);
        int64_t now = AT(hour_rows[i].day, hour_rows[i].h, hour_rows[i].m, hour_rows[i].s);
        struct pl_hours_now n = pl_hours_at(&hours, now);
        if (n.open != hour_rows[i].open) {
            fail_msg("%s, row %zu: %s", hour_rows[i].text, i, n.open ? "open" : "closed");
        }
        if (n.change_ns != PL_TIME_NEVER) { /* the answer does hold until then */
            assert_true(n.change_ns > now);
            assert_int_equal(pl_hours_at(&hours, n.change_ns - 1).open, n.open);
            assert_true(pl_hours_at(&hours, n.change_ns).open != n.open ||
                        pl_hours_at(&hours, n.change_ns).from_ns == n.change_ns);
        }
    }
}

static void test_hours_span(void **state)
{
    (void)state;
    struct pl_hours hours;
    assert_int_equal(pl_hours_parse(pl_str("00:00-24:00"), &hours, NULL), 0);
    struct pl_hours_now n = pl_hours_at(&hours, AT(2, 6, 0, 0));
    assert_true(n.open && n.from_ns == AT(2, 0, 0, 0) && n.until_ns == AT(3, 0, 0, 0));
    n = pl_hours_at(&hours, AT(3, 0, 0, 0)); /* the next session, not the end of this one */
    assert_true(n.open && n.from_ns == AT(3, 0, 0, 0));
    assert_int_equal(pl_hours_parse(pl_str("Tue 09:00-17:00"), &hours, NULL), 0);
    n = pl_hours_at(&hours, AT(3, 0, 0, 0));
    assert_true(!n.open && n.change_ns == AT(8, 9, 0, 0));
}

static void test_hours_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"8",
                                      "08:00",
                                      "08:00-",
                                      "08:00-25:00",
                                      "08:60-09:00",
                                      "24:00-24:00",
                                      "Mon-08:00-09:00",
                                      "Xyz 08:00-09:00",
                                      "08:00-09:00,",
                                      "08:00-09:00 10:00-11:00",
                                      "alway",
                                      "8:0-9:0",
                                      " ",
                                      ","};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pl_hours hours = {.count = 77};
        struct pl_error err = {0};
        if (pl_hours_parse(pl_str(bad[i]), &hours, &err) != PL_ERR_INVALID) {
            fail_msg("accepted: %s", bad[i]);
        }
        assert_int_equal(hours.count, 77);
        assert_non_null(strstr(err.text, "character"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_trace_names_levels),
        cmocka_unit_test(test_rules_of_instruments),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_hours_span),
        cmocka_unit_test(test_hours_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
