/* The arithmetic of `skew` on plain numbers: every row of makers.md 2.8. */
#include "maker.h"

#include "feature/depth_bands.h"
#include "strategy/skew_model.h"

#define NEAR(a, b, tolerance)                                  \
    do {                                                       \
        double got_ = (a), want_ = (b);                        \
        if (!(fabs(got_ - want_) <= (tolerance))) {            \
            fail_msg("%s: %.12f, not %.12f", #a, got_, want_); \
        }                                                      \
    } while (0)

#define MID  100.05
#define WMID 100.025
#define TICK 0.01
#define LOT  0.01

static const double own_weight[PL_SKEW_FEATURES] = {.1, .15, .15, .25, .25};
static const double lead_weight[PL_SKEW_FEATURES] = {.025, .075, .075, .1, .1,
                                                     .025, .075, .075, .2, .2};

static void test_width(void **state)
{
    (void)state;
    struct pl_skew_width w = pl_skew_width(1.4142135623730951, 2, 0, .05, MID);
    NEAR(w.v, 5.656854249, 1e-9);
    NEAR(w.m, 5.654027236, 1e-9);
    NEAR(w.s, .282701362, 1e-9);
    NEAR(1e4 * (w.s / 2) / MID, 14.128004088, 1e-9);
    static const double rows[][2] = {{.5, 1}, {2.5, 2.5}, {12, 10}}; /* V, m at mid 100 */
    for (int i = 0; i < 3; i++) {
        NEAR(pl_skew_width(0, 2, rows[i][0], .05, 100).m, rows[i][1], 1e-12);
    }
    NEAR(pl_skew_width(1.4142135623730951, 2, -10, .05, MID).v, 0, 0);
    struct pl_skew_width flat = pl_skew_width(0, 2, 0, .05, MID);
    assert_true(flat.v == 0 && flat.s == .05);
}

/* s of the own venue, and with the lead market. */
static void test_signal(void **state)
{
    (void)state;
    double c = 14.128004088, weight[6], f[PL_SKEW_FEATURES] = {0};
    static const double band_weight[] = {.444030541, .253731738, .144989564,
                                         .082851180, .047343531, .027053446};
    pl_band_weights(6, weight);
    for (int i = 0; i < 6; i++) {
        NEAR(weight[i], band_weight[i], 1e-9);
    }
    f[PL_SKEW_IMB] = pl_skew_imbalance(2, 6);
    NEAR(pl_skew_bps(100.06, WMID), 3.498513168, 1e-9);
    NEAR(pl_skew_bps(100.0212121212121, WMID), -.378700376, 1e-9);
    f[PL_SKEW_MARK] = pl_skew_bounded(3.498513168, c);
    f[PL_SKEW_VAMP] = pl_skew_bounded(-.378700376, c);
    f[PL_SKEW_BOOK] = -.171472592;
    f[PL_SKEW_TRADES] = .742191037;
    NEAR(f[PL_SKEW_IMB], -.5, 0);
    NEAR(f[PL_SKEW_MARK], .242689239, 1e-9);
    NEAR(f[PL_SKEW_VAMP], -.026798527, 1e-9);
    NEAR(pl_skew_signal(own_weight, f), .125063218, 1e-9);
    NEAR(pl_skew_bps(100.13666666666667, WMID), 11.157648726, 1e-8);
    f[PL_SKEW_LEAD_IMB] = pl_skew_imbalance(5, 1);
    f[PL_SKEW_LEAD_WMID] = pl_skew_bounded(9.157648726, c);
    f[PL_SKEW_LEAD_VAMP] = pl_skew_bounded(pl_skew_bps(100.16583333333334, 100.13666666666667), c);
    f[PL_SKEW_LEAD_BOOK] = .435012725;
    f[PL_SKEW_LEAD_TRADES] = .3;
    NEAR(f[PL_SKEW_LEAD_IMB], .666666667, 1e-9);
    NEAR(f[PL_SKEW_LEAD_WMID], .570451073, 1e-9);
    NEAR(f[PL_SKEW_LEAD_VAMP], .203263149, 1e-9);
    NEAR(pl_skew_signal(lead_weight, f), .282461426, 1e-9);
    double sums[2] = {0, 0}, ones[PL_SKEW_FEATURES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (int i = 0; i < PL_SKEW_FEATURES; i++) {
        sums[0] += own_weight[i];
        sums[1] += lead_weight[i];
        ones[i] = 3;
    }
    NEAR(sums[0], .9, 1e-12);
    NEAR(sums[1], .95, 1e-12);
    NEAR(pl_skew_signal(own_weight, ones), 1, 0); /* clipped */
    NEAR(pl_skew_imbalance(0, 0), 0, 0);
    NEAR(pl_skew_imbalance(3, 0), 1, 0);
}

#define SIGNAL .125063218

struct row {
    const char *name;
    double q, signal, v, s;
    double price_offset, size_offset;
    bool by_distance;
    double kb, ka, inner[2], outer[2];
    const char *want; /* ticks and lots of 0.01 */
};

#define V 5.656854249492381
#define S .28270136179153

static const struct row rows[] = {
    {"q 1.5",
     1.5,
     SIGNAL,
     V,
     S,
     0,
     0,
     false,
     .125063218,
     .30015,
     {.149600226, .133101136},
     {2.474694927, 1.979474723},
     "9990x10 9911x27 9834x73 9757x200 / 10019x14 10080x32 10142x72 10203x164"},
    {"q -1.5",
     -1.5,
     SIGNAL,
     V,
     S,
     0,
     0,
     false,
     .425213218,
     0,
     {.121315955, .161385407},
     {1.625742525, 2.828427125},
     "9992x16 9942x31 9892x60 9842x114 / 10022x10 10110x27 10199x73 10288x200"},
    {"q 0",
     0,
     SIGNAL,
     V,
     S,
     0,
     0,
     false,
     .125063218,
     0,
     {.135458091, .147243271},
     {2.474694927, 2.828427125},
     "9991x13 9912x31 9834x74 9757x174 / 10020x10 10109x27 10198x73 10288x200"},
    {"q 0, s 0",
     0,
     0,
     V,
     S,
     0,
     0,
     false,
     0,
     0,
     {.141350681, .141350681},
     {2.828427125, 2.828427125},
     "9990x10 9900x27 9810x73 9722x200 / 10020x10 10108x27 10198x73 10288x200"},
    {"distance",
     1.5,
     SIGNAL,
     V,
     S,
     0,
     0,
     true,
     .125063218,
     .30015,
     {.149600226, .133101136},
     {2.474694927, 1.979474723},
     "9990x10 9966x27 9907x73 9757x200 / 10019x14 10038x32 10086x72 10203x164"},
    {"flat closes",
     0,
     0,
     0,
     .05,
     0,
     0,
     false,
     0,
     0,
     {.025, .025},
     {.055, .055},
     "10002x10 10001x27 10000x73 9999x200 / 10008x10 10009x27 10010x73 10011x200"},
};

static struct pl_skew_place place_of(const struct row *r)
{
    return (struct pl_skew_place){.mid = MID,
                                  .tick = TICK,
                                  .touch = {100.0, 100.1},
                                  .v = r->v,
                                  .s = r->s,
                                  .inner_shift = 1.0 / 3,
                                  .by_distance = r->by_distance,
                                  .levels = 4,
                                  .size_min = .1,
                                  .size_max = 2,
                                  .price_offset = r->price_offset,
                                  .size_offset = r->size_offset};
}

/* "9990x10 ... / ...", rounded outward to ticks and down to lots. */
static const char *ladder_text(const struct pl_ladder *l, char *out, size_t size)
{
    size_t used = 0;
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < l->count[side]; i++) {
            double px = pl_ladder_outward((enum pl_side)side, l->px[side][i] / TICK);
            double lots = floor(l->lots[side][i] / LOT + PL_LADDER_SLACK);
            used += (size_t)snprintf(out + used, size - used, " %.0fx%.0f", px, lots);
        }
        used += (size_t)snprintf(out + used, size - used, side == 0 ? " /" : "");
    }
    return out + 1;
}

static void test_normal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct pl_skew_place p = place_of(r);
        struct pl_skew_lean lean = pl_skew_lean(r->signal, r->q * MID / 500);
        struct pl_skew_shape shape;
        struct pl_ladder ladder;
        char text[512];
        pl_skew_normal(&p, &lean, &shape, &ladder);
        NEAR(lean.kb, r->kb, 1e-9);
        NEAR(lean.ka, r->ka, 1e-9);
        NEAR(lean.n, r->kb - r->ka, 1e-9);
        for (int side = 0; side < 2; side++) {
            NEAR(shape.inner[side], r->inner[side], 2e-9);
            NEAR(shape.outer[side], r->outer[side], 2e-9);
        }
        if (strcmp(ladder_text(&ladder, text, sizeof text), r->want) != 0) {
            fail_msg("%s: %s, not %s", r->name, text + 1, r->want);
        }
        if (i == 0) {
            static const double size[2][4] = {{.1, .271442, .736806, 2},
                                              {.141843, .321380, .728163, 1.649826}};
            for (int k = 0; k < 8; k++) {
                NEAR(ladder.lots[k / 4][k % 4], size[k / 4][k % 4], 5e-7);
            }
        }
    }
}

/* Offsets -.05 price, -.02 size, +1 volatility, in both modes. */
static void test_offsets(void **state)
{
    (void)state;
    struct pl_skew_width w = pl_skew_width(1.4142135623730951, 2, 1, .05, MID);
    struct row r = {.v = w.v, .s = w.s, .price_offset = -.05, .size_offset = -.02};
    struct pl_skew_place p = place_of(&r);
    struct pl_skew_lean lean;
    struct pl_skew_shape shape;
    struct pl_ladder ladder;
    char text[512];
    lean = pl_skew_lean(SIGNAL, 1.5 * MID / 500);
    pl_skew_normal(&p, &lean, &shape, &ladder);
    assert_string_equal(ladder_text(&ladder, text, sizeof text),
                        "9982x8 9890x25 9799x71 9708x198 / 10016x12 10088x30 10160x70 10233x162");
    pl_skew_extreme(&p, PL_SELL, &ladder);
    assert_string_equal(ladder_text(&ladder, text, sizeof text),
                        "/ 10005x53 10053x53 10101x53 10148x53 10196x53 10243x53 10291x53 "
                        "10338x53");
}

static void test_extreme(void **state)
{
    (void)state;
    struct row r = {.v = V, .s = S};
    struct pl_skew_place p = place_of(&r);
    struct pl_ladder ladder;
    char text[512];
    pl_skew_extreme(&p, PL_SELL, &ladder);
    assert_string_equal(ladder_text(&ladder, text, sizeof text),
                        "/ 10010x55 10051x55 10091x55 10132x55 10172x55 10213x55 10253x55 "
                        "10293x55");
    pl_skew_extreme(&p, PL_BUY, &ladder);
    assert_string_equal(ladder_text(&ladder, text, sizeof text),
                        "10000x55 9959x55 9919x55 9878x55 9838x55 9797x55 9757x55 9717x55 /");
    p.levels = PL_WANTED_LEVELS_MAX;
    pl_skew_extreme(&p, PL_BUY, &ladder);
    assert_int_equal(ladder.count[PL_BUY], PL_WANTED_LEVELS_MAX);
    NEAR(ladder.px[PL_BUY][49], 100 - 100 * S * 49 / 99, 1e-9); /* 2 N S is the wider one */
}

static void test_modes(void **state)
{
    (void)state;
    static const struct {
        bool was;
        double q, threshold;
        bool closable, want;
    } mode[] = {
        {false, 3, .5, true, true},    {false, 2.4, .5, true, false}, {true, 2.4, .5, true, true},
        {true, 2.2, .5, true, false},  {true, -2.4, .5, true, true},  {true, 3, .5, false, false},
        {false, .01, 0, true, true},   {false, 0, 0, false, false},   {true, 0, 0, false, false},
        {false, 4.99, 1, true, false}, {false, 5, 1, true, true},
    };
    for (size_t i = 0; i < sizeof mode / sizeof mode[0]; i++) {
        bool got = pl_skew_is_extreme(mode[i].was, mode[i].q * MID / 500, mode[i].threshold, .9,
                                      mode[i].closable);
        if (got != mode[i].want) {
            fail_msg("mode row %zu: %d", i, got);
        }
    }
}

/* Both sides are mirror images, the inner pair is always S wide, and a level never stands inside the
 * one before. */
static void test_laws(void **state)
{
    (void)state;
    for (double signal = -1; signal <= 1; signal += .125) {
        for (double d = -1.5; d <= 1.5; d += .1875) {
            struct row r = {.v = V, .s = S, .by_distance = true};
            struct pl_skew_place p = place_of(&r);
            struct pl_skew_lean lean = pl_skew_lean(signal, d), other = pl_skew_lean(-signal, -d);
            struct pl_skew_shape shape, mirror;
            struct pl_ladder a, b;
            pl_skew_normal(&p, &lean, &shape, &a);
            pl_skew_normal(&p, &other, &mirror, &b);
            NEAR(shape.inner[PL_BUY] + shape.inner[PL_SELL], S, 1e-12);
            for (int side = 0; side < 2; side++) {
                assert_true(shape.inner[side] > 0);
                for (uint32_t i = 0; i < 4; i++) {
                    NEAR(a.px[side][i] - MID, MID - b.px[!side][i], 1e-9);
                    NEAR(a.lots[side][i], b.lots[!side][i], 1e-9);
                }
                for (uint32_t i = 1; i < 4; i++) {
                    double out = fabs(a.px[side][i] - MID) - fabs(a.px[side][i - 1] - MID);
                    assert_true(out > 0 && a.lots[side][i] >= a.lots[side][i - 1] - 1e-12);
                }
            }
        }
    }
}

/* A width beyond the price itself: only the innermost bid has a place. */
static void test_too_wide(void **state)
{
    (void)state;
    struct row r = {.v = 300, .s = S};
    struct pl_skew_place p = place_of(&r);
    struct pl_skew_lean lean = pl_skew_lean(0, 0);
    struct pl_skew_shape shape;
    struct pl_ladder ladder;
    pl_skew_normal(&p, &lean, &shape, &ladder);
    NEAR(ladder.px[PL_BUY][0], MID - S / 2, 1e-9);
    assert_true(isnan(ladder.px[PL_BUY][1]) && ladder.px[PL_BUY][3] < 0);
    p.levels = 1;
    p.v = V;
    pl_skew_normal(&p, &lean, &shape, &ladder);
    assert_int_equal(ladder.count[PL_SELL], 1);
    NEAR(ladder.px[PL_SELL][0], MID + S / 2, 1e-9);
    NEAR(ladder.lots[PL_SELL][0], .1, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width),   cmocka_unit_test(test_signal),
        cmocka_unit_test(test_normal),  cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_extreme), cmocka_unit_test(test_modes),
        cmocka_unit_test(test_laws),    cmocka_unit_test(test_too_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
