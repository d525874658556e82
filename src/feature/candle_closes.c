#include "feature/candle_closes.h"

#include "math/vol.h"

#include <math.h>

#define CLOSES_MIN 2
#define CLOSES_MAX 1000

struct pl_candle_closes {
    struct pl_window window;
    int64_t period_ns, end_ns; /* end of the present candle; 0 before the first message */
    double last;               /* price of the last trade; NAN = none yet */
    bool stale, down;          /* the feed is down now; it was during the present candle */
    double sd;
};

int pl_candle_closes_create(struct pl_arena *arena, const struct pl_feature_request *request,
                            struct pl_candle_closes **out, struct pl_error *err)
{
    if (request->samples < CLOSES_MIN || request->samples > CLOSES_MAX || request->sample_ns <= 0) {
        return pl_error_set(err, PL_ERR_INVALID, "candle closes: %lld, legal %d..%d",
                            (long long)request->samples, CLOSES_MIN, CLOSES_MAX);
    }
    struct pl_candle_closes *c = pl_arena_take(arena, 1, sizeof *c);
    double *ring = pl_arena_take(arena, (size_t)request->samples, sizeof *ring);
    if (c == NULL || ring == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "candle closes: out of memory for %lld",
                            (long long)request->samples);
    }
    c->window = pl_window_start(ring, (uint32_t)request->samples);
    c->period_ns = request->sample_ns;
    pl_candle_closes_reset(c);
    *out = c;
    return 0;
}

void pl_candle_closes_reset(struct pl_candle_closes *c)
{
    c->window = pl_window_start(c->window.ring, c->window.capacity);
    c->end_ns = 0;
    c->last = c->sd = NAN;
    c->stale = c->down = false;
}

static void close_candles(struct pl_candle_closes *c, int64_t now_ns)
{
    int64_t ended = 1 + (now_ns - c->end_ns) / c->period_ns;
    bool known = c->last == c->last;
    if (known && !c->down) {
        pl_window_push(&c->window, c->last);
    }
    /* Candles without any message repeat the close, unless it is silence because the feed is down. */
    int64_t silent = ended - 1 < c->window.capacity ? ended - 1 : c->window.capacity;
    for (int64_t i = 0; known && !c->stale && i < silent; i++) {
        pl_window_push(&c->window, c->last);
    }
    if (c->window.count == c->window.capacity) {
        c->sd = sqrt(pl_window_variance(&c->window, 0));
    }
    c->end_ns += ended * c->period_ns;
    c->down = c->stale;
}

void pl_candle_closes_step(struct pl_candle_closes *c, const struct pl_feature_input *in)
{
    if (c->end_ns == 0) {
        c->end_ns = (in->venue_ns / c->period_ns + 1) * c->period_ns;
    } else if (in->venue_ns >= c->end_ns) {
        close_candles(c, in->venue_ns);
    }
    c->stale = in->book->state == PL_BOOK_STALE;
    c->down |= c->stale;
    if (in->trade) {
        c->last = (double)in->trade_px;
    }
}

double pl_candle_closes_sd(const struct pl_candle_closes *c)
{
    return c->sd;
}

int64_t pl_candle_closes_count(const struct pl_candle_closes *c)
{
    return c->window.count;
}
