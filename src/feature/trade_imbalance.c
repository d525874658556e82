/* The sums follow from those before: S' = a x + (1-a) S - a (1-a)^n x_oldest. Rounding errors fade
 * with the same factor, so they do not gather. */
#include "feature/trade_imbalance.h"

#include "math/fn.h"

#include <math.h>

#define TRADES_MAX 100000

struct pl_trade_flow {
    uint32_t capacity, count, at;
    double ref;
    double first, keep, last; /* a, 1-a, a (1-a)^n */
    double *ring;             /* ln(1 + size/ref), sells negative */
    double net, gross, value;
};

/* (1-a)^n; 1-a is negative only for n = 1. */
static double whole_power(double x, uint32_t n)
{
    double p = 1;
    for (uint32_t i = 0; i < n; i++) {
        p *= x;
    }
    return p;
}

int pl_trade_flow_create(struct pl_arena *arena, const struct pl_feature_request *request,
                         struct pl_trade_flow **out, struct pl_error *err)
{
    if (request->samples < 1 || request->samples > TRADES_MAX || !(request->size_ref > 0)) {
        return pl_error_set(err, PL_ERR_INVALID, "trade imbalance: %lld trades, legal 1..%d",
                            (long long)request->samples, TRADES_MAX);
    }
    struct pl_trade_flow *f = pl_arena_take(arena, 1, sizeof *f);
    if (f != NULL) {
        f->ring = pl_arena_take(arena, (size_t)request->samples, sizeof *f->ring);
    }
    if (f == NULL || f->ring == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "trade imbalance: out of memory for %lld trades",
                            (long long)request->samples);
    }
    f->capacity = (uint32_t)request->samples;
    f->ref = request->size_ref;
    f->first = 3.0 / (f->capacity + 1.0);
    f->keep = 1 - f->first;
    f->last = f->first * whole_power(f->keep, f->capacity);
    pl_trade_flow_reset(f);
    *out = f;
    return 0;
}

void pl_trade_flow_reset(struct pl_trade_flow *f)
{
    f->count = f->at = 0;
    f->net = f->gross = 0;
    f->value = NAN;
}

void pl_trade_flow_step(struct pl_trade_flow *f, const struct pl_feature_input *in)
{
    if (!in->trade) {
        return;
    }
    double weight = pl_log1p((double)in->trade_lots * in->lot / f->ref);
    double x = in->trade_sell ? -weight : weight;
    double oldest = f->count == f->capacity ? f->ring[f->at] : 0;
    f->net = f->first * x + f->keep * f->net - f->last * oldest;
    f->gross = f->first * weight + f->keep * f->gross - f->last * fabs(oldest);
    f->ring[f->at] = x;
    f->at = f->at + 1 < f->capacity ? f->at + 1 : 0;
    f->count += f->count < f->capacity;
    if (f->count == f->capacity) {
        double v = f->gross > 0 ? f->net / f->gross : 0;
        f->value = v > 1 ? 1 : v < -1 ? -1 : v;
    }
}

double pl_trade_flow_value(const struct pl_trade_flow *f)
{
    return f->value;
}

int64_t pl_trade_flow_count(const struct pl_trade_flow *f)
{
    return f->count;
}
