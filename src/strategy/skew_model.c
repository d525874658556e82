#include "strategy/skew_model.h"

#include "math/fn.h"

#include <math.h>

#define PER_BPS  1e4
#define MULT_MAX 10.0
/* Of the series below: the first term left out is z^10/11, under 1e-17 here. */
#define NEAR_SQUARE 4e-4

const char *const pl_skew_feature_name[PL_SKEW_FEATURES] = {
    "imb",      "mark",      "vamp",      "book",      "trades",
    "lead_imb", "lead_wmid", "lead_vamp", "lead_book", "lead_trades",
};

static double clip(double x, double least, double most)
{
    return x < least ? least : x > most ? most : x;
}

struct pl_skew_width pl_skew_width(double sd, double k, double offset, double base, double mid)
{
    struct pl_skew_width w = {.v = fmax(0, 2 * k * sd + offset)};
    w.m = clip(100 * w.v / mid, 1, MULT_MAX);
    w.s = base * w.m;
    return w;
}

double pl_skew_imbalance(double bids, double asks)
{
    return bids + asks > 0 ? (bids - asks) / (bids + asks) : 0;
}

/* ln(a/b) for prices, which are near each other: 2 artanh z, z = (a-b)/(a+b), to all digits of a
 * double and in a third of the time of a logarithm. */
static double log_ratio(double a, double b)
{
    double z = (a - b) / (a + b), y = z * z;
    if (!(y < NEAR_SQUARE)) {
        return pl_log(a / b);
    }
    return 2 * z * (1 + y * (1.0 / 3 + y * (1.0 / 5 + y * (1.0 / 7 + y * (1.0 / 9)))));
}

double pl_skew_bps(double a, double b)
{
    return PER_BPS * log_ratio(a, b);
}

double pl_skew_bounded(double bps, double scale)
{
    return pl_tanh(bps / scale);
}

double pl_skew_signal(const double *weight, const double *feature)
{
    double sum = 0;
    for (int i = 0; i < PL_SKEW_FEATURES; i++) {
        sum += weight[i] * feature[i];
    }
    return clip(sum, -1, 1);
}

struct pl_skew_lean pl_skew_lean(double signal, double d)
{
    double held = clip(d, -1, 1);
    struct pl_skew_lean lean = {
        .d = d,
        .kb = clip(fmax(signal, 0) + fmax(-held, 0), 0, 1),
        .ka = clip(fmax(-signal, 0) + fmax(held, 0), 0, 1),
    };
    lean.n = lean.kb - lean.ka;
    return lean;
}

/* ratio^(1/(levels-1)): from one level to the next. */
static double step_of(double first, double last, uint32_t levels)
{
    if (!(first > 0) || !(last > 0)) {
        return NAN; /* no price law through 0: only the innermost level stands */
    }
    return levels > 1 ? pl_exp(log_ratio(last, first) / (levels - 1)) : 1;
}

static void normal_prices(const struct pl_skew_place *p, enum pl_side side, double inner,
                          double outer, struct pl_ladder *out)
{
    double sign = side == PL_BUY ? -1 : 1;
    double first = p->by_distance ? inner : p->mid + sign * inner;
    double last = p->by_distance ? outer : p->mid + sign * outer;
    double step = step_of(first, last, p->levels);
    for (uint32_t i = 0; i < p->levels; i++) {
        double at = i > 0 && i + 1 == p->levels ? last : first;
        out->px[side][i] = p->price_offset + (p->by_distance ? p->mid + sign * at : at);
        first *= step;
    }
}

static void normal_sizes(const struct pl_skew_place *p, enum pl_side side, double favour,
                         struct pl_ladder *out)
{
    double first = p->size_min * (1 + sqrt(favour));
    double last = fmax(first, p->size_max * (1 - favour));
    double step = step_of(first, last, p->levels);
    for (uint32_t i = 0; i < p->levels; i++) {
        out->lots[side][i] = p->size_offset + (i > 0 && i + 1 == p->levels ? last : first);
        first *= step;
    }
}

void pl_skew_normal(const struct pl_skew_place *p, const struct pl_skew_lean *lean,
                    struct pl_skew_shape *shape, struct pl_ladder *out)
{
    double k[2] = {lean->kb, lean->ka};
    double favour[2] = {fmax(lean->n, 0), fmax(-lean->n, 0)};
    for (int side = 0; side < 2; side++) {
        double towards = side == PL_BUY ? -lean->n : lean->n;
        double inner = p->s / 2 * (1 + p->inner_shift * towards);
        double outer = fmax(inner + (p->levels - 1) * p->tick, p->v / 2 * (1 - k[side]));
        shape->inner[side] = inner;
        shape->outer[side] = outer;
        out->count[side] = p->levels;
        normal_prices(p, (enum pl_side)side, inner, outer, out);
        normal_sizes(p, (enum pl_side)side, favour[side], out);
    }
}

void pl_skew_extreme(const struct pl_skew_place *p, enum pl_side side, struct pl_ladder *out)
{
    uint32_t levels = 2 * p->levels;
    double range = fmax(levels * p->s, p->v / 2), sign = side == PL_BUY ? -1 : 1;
    double size = (p->size_min + p->size_max / 2) / 2 + p->size_offset;
    out->count[pl_side_other(side)] = 0;
    out->count[side] = levels < PL_WANTED_LEVELS_MAX ? levels : PL_WANTED_LEVELS_MAX;
    for (uint32_t i = 0; i < out->count[side]; i++) {
        out->px[side][i] = p->touch[side] + sign * range * i / (levels - 1) + p->price_offset;
        out->lots[side][i] = size;
    }
}

bool pl_skew_is_extreme(bool was, double d, double threshold, double release, bool closable)
{
    double held = fabs(d);
    return closable && (held >= threshold || (was && held >= release * threshold));
}
