#include "feature/liquidity.h"

#include "math/fn.h"

#define SAMPLE_NS   PL_NS_PER_S
#define WINDOW_MAX  86400
#define LEVELS_MAX  200
#define SILENCE_MAX (7 * 86400) /* samples made up after a silence; later ones change nothing */

struct pl_liquidity {
    struct pl_feature_request request;
    int64_t *second; /* of volume: a ring of lots traded */
    int64_t seconds, held, at;
    int64_t in_window, in_second;
    int64_t next_ns; /* of the next sample; 0 = nothing seen yet */
    double value;
    double keep, sum, weight; /* of the mean */
    int64_t samples;
};

static bool is_volume(const struct pl_liquidity *a)
{
    return a->request.kind == PL_FEATURE_VOLUME;
}

void pl_liquidity_reset(struct pl_liquidity *a)
{
    *a = (struct pl_liquidity){.request = a->request,
                               .second = a->second,
                               .seconds = a->seconds,
                               .keep = a->keep,
                               .value = __builtin_nan("")};
}

static int check(const struct pl_feature_request *r, struct pl_error *err)
{
    if (r->kind == PL_FEATURE_VOLUME) {
        int64_t seconds = r->lookback_ns / SAMPLE_NS;
        return seconds >= 1 && seconds <= WINDOW_MAX
                   ? 0
                   : pl_error_set(err, PL_ERR_INVALID, "traded volume: %lld s, legal 1..%d",
                                  (long long)seconds, WINDOW_MAX);
    }
    bool levels = r->levels >= 1 && r->levels <= LEVELS_MAX;
    if (levels == (r->depth_bps > 0)) {
        return pl_error_set(err, PL_ERR_INVALID,
                            "depth: %lld levels and %.10g bps, legal 1..%d levels, or some bps",
                            (long long)r->levels, r->depth_bps, LEVELS_MAX);
    }
    return 0;
}

int pl_liquidity_create(struct pl_arena *arena, const struct pl_feature_request *request,
                        struct pl_liquidity **out, struct pl_error *err)
{
    int rc = check(request, err);
    if (rc < 0) {
        return rc;
    }
    struct pl_liquidity *a = pl_arena_take(arena, 1, sizeof *a);
    if (a != NULL && request->kind == PL_FEATURE_VOLUME) {
        a->seconds = request->lookback_ns / SAMPLE_NS;
        a->second = pl_arena_take(arena, (size_t)a->seconds, sizeof *a->second);
    }
    if (a == NULL || (request->kind == PL_FEATURE_VOLUME && a->second == NULL)) {
        return pl_error_set(err, PL_ERR_NOMEM, "depth and volume: out of memory");
    }
    a->request = *request;
    if (request->halflife_s > 0) {
        a->keep = pl_exp(-0.6931471805599453 / request->halflife_s);
    }
    pl_liquidity_reset(a);
    *out = a;
    return 0;
}

/* Size of a side down to `worst`, over at most `levels` levels. */
static int64_t side_depth(const struct pl_book *book, enum pl_side side, double worst,
                          int64_t levels)
{
    struct pl_book_level level = {book->best[side], pl_book_lots(book, side, book->best[side])};
    int64_t lots = 0;
    for (int64_t i = 0; i < levels; i++) {
        double beyond = side == PL_BUY ? worst - (double)level.px : (double)level.px - worst;
        if (beyond > 0) {
            break;
        }
        lots += level.lots;
        if (!pl_book_next(book, side, level.px, &level)) {
            break;
        }
    }
    return lots;
}

static double depth(const struct pl_liquidity *a, const struct pl_feature_input *in)
{
    if (!pl_book_two_sided(in->book) || !pl_touch_two_sided(&in->touch)) {
        return __builtin_nan("");
    }
    double mid = pl_touch_mid(&in->touch), within = a->request.depth_bps * 1e-4 * mid;
    bool bps = a->request.depth_bps > 0;
    int64_t levels = bps ? INT64_MAX : a->request.levels;
    int64_t bids = side_depth(in->book, PL_BUY, bps ? mid - within : -1e18, levels);
    int64_t asks = side_depth(in->book, PL_SELL, bps ? mid + within : 1e18, levels);
    return (double)(bids + asks);
}

/* Closes a second; NAN while the window is not full. */
static double volume(struct pl_liquidity *a)
{
    if (a->held == a->seconds) {
        a->in_window -= a->second[a->at];
    } else {
        a->held++;
    }
    a->second[a->at] = a->in_second;
    a->in_window += a->in_second;
    a->in_second = 0;
    a->at = a->at + 1 < a->seconds ? a->at + 1 : 0;
    return a->held == a->seconds ? (double)a->in_window : __builtin_nan("");
}

static void sample(struct pl_liquidity *a, double value)
{
    if (a->request.halflife_s <= 0) {
        a->value = value;
    } else if (value == value) {
        a->sum = a->sum * a->keep + value;
        a->weight = a->weight * a->keep + 1;
        a->samples++;
        a->value = a->samples >= a->request.least ? a->sum / a->weight : __builtin_nan("");
    }
}

void pl_liquidity_step(struct pl_liquidity *a, const struct pl_feature_input *in)
{
    if (a->next_ns == 0) {
        a->next_ns = (in->venue_ns / SAMPLE_NS + 1) * SAMPLE_NS;
    }
    if (in->venue_ns >= a->next_ns) {
        int64_t due = (in->venue_ns - a->next_ns) / SAMPLE_NS + 1;
        a->next_ns += due * SAMPLE_NS;
        double now = is_volume(a) ? 0 : depth(a, in);
        for (int64_t i = due < SILENCE_MAX ? due : SILENCE_MAX; i > 0; i--) {
            sample(a, is_volume(a) ? volume(a) : now);
        }
    }
    if (in->trade) {
        a->in_second += in->trade_lots;
    }
}

double pl_liquidity_value(const struct pl_liquidity *a)
{
    return a->value;
}

void pl_liquidity_warmth(const struct pl_liquidity *a, int64_t *have, int64_t *need)
{
    bool mean = a->request.halflife_s > 0;
    *need = mean ? a->request.least : is_volume(a) ? a->seconds : 1;
    *have = mean ? a->samples : is_volume(a) ? a->held : a->value == a->value;
    *have = *have < *need ? *have : *need;
}
