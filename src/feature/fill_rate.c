#include "feature/fill_rate.h"

#include "book/trade_window.h"
#include "math/fn.h"
#include "math/intensity.h"

#define ORDERS_MAX 16384 /* of the window; the oldest make room */
#define GRID_MAX   12    /* bins of the counting methods: touch, 1 tick beyond it, ... */

struct pl_fill_rate {
    struct pl_feature_request request;
    struct pl_trade_window orders;
    double *scratch;
    int64_t next_fit_ns, fitted_ns, first_ns;
    struct pl_touch before; /* touch before the present message */
    double spread_sum;
    uint64_t spread_count;
    double decay, intensity;
};

void pl_fill_rate_reset(struct pl_fill_rate *f)
{
    pl_trade_window_reset(&f->orders);
    *f = (struct pl_fill_rate){.request = f->request,
                               .orders = f->orders,
                               .scratch = f->scratch,
                               .before = {.px = {PL_PX_NO_BID, PL_PX_NO_ASK}},
                               .decay = __builtin_nan(""),
                               .intensity = __builtin_nan("")};
}

int pl_fill_rate_create(struct pl_arena *arena, const struct pl_feature_request *request,
                        struct pl_fill_rate **out, struct pl_error *err)
{
    struct pl_fill_rate *f = pl_arena_take(arena, 1, sizeof *f);
    if (f != NULL) {
        f->scratch = pl_arena_take(arena, ORDERS_MAX, sizeof *f->scratch);
    }
    if (f == NULL || f->scratch == NULL ||
        pl_trade_window_init(&f->orders, arena, ORDERS_MAX) < 0) {
        return pl_error_set(err, PL_ERR_NOMEM, "fill intensity: out of memory");
    }
    f->request = *request;
    pl_fill_rate_reset(f);
    *out = f;
    return 0;
}

static void add_trade(struct pl_fill_rate *f, const struct pl_feature_input *in)
{
    enum pl_side side = in->trade_sell ? PL_SELL : PL_BUY;
    uint32_t before = f->orders.count;
    pl_trade_window_add(&f->orders, in->venue_ns, side, in->trade_px, in->trade_lots,
                        f->before.px[in->trade_sell ? PL_BUY : PL_SELL]);
    if (f->orders.count != before || before == ORDERS_MAX) { /* a new order, not one more print */
        f->spread_sum += (double)(f->before.px[PL_SELL] - f->before.px[PL_BUY]);
        f->spread_count++;
    }
}

/* Rate at each distance from waiting times between the orders that reach it, then least squares. */
static int fit_wait(struct pl_fill_rate *f, double window_s, const double *grid,
                    struct pl_intensity *fit)
{
    double counts[GRID_MAX];
    for (uint32_t b = 0; b < GRID_MAX; b++) {
        int64_t last = pl_trade_window_at(&f->orders, 0)->venue_ns;
        uint32_t n = 0;
        for (uint32_t i = 1; i < f->orders.count; i++) {
            const struct pl_taker_order *o = pl_trade_window_at(&f->orders, i);
            if ((double)pl_taker_order_depth(o) >= grid[b]) {
                f->scratch[n++] = (double)(o->venue_ns - last) / 1e9;
                last = o->venue_ns;
            }
        }
        double rate = n > 0 ? pl_intensity_wait_rate(f->scratch, n, window_s) : 0;
        counts[b] = rate == rate ? rate * window_s : 0;
    }
    return pl_intensity_ols(grid, counts, GRID_MAX, window_s, fit);
}

/* Every order stopped at the touch: no decay can be fitted, only that it is steep. */
#define STEEP_PER_TICK 50.0

static int fit_orders(struct pl_fill_rate *f, double window_s, struct pl_intensity *fit)
{
    double grid[GRID_MAX], counts[GRID_MAX];
    for (uint32_t b = 0; b < GRID_MAX; b++) {
        grid[b] = (double)b;
    }
    if (f->request.method == PL_KAPPA_WAIT) {
        return fit_wait(f, window_s, grid, fit);
    }
    for (uint32_t i = 0; i < f->orders.count; i++) {
        f->scratch[i] = (double)pl_taker_order_depth(pl_trade_window_at(&f->orders, i));
    }
    if (f->request.method == PL_KAPPA_MLE) {
        int rc = pl_intensity_mle_ticks(f->scratch, f->orders.count, 0, window_s, fit);
        if (rc < 0) {
            *fit = (struct pl_intensity){(double)f->orders.count / window_s, STEEP_PER_TICK, 0};
        }
        return 0;
    }
    pl_intensity_count(f->scratch, f->orders.count, grid, GRID_MAX, false, counts);
    return f->request.method == PL_KAPPA_OLS
               ? pl_intensity_ols(grid, counts, GRID_MAX, window_s, fit)
               : pl_intensity_poisson(grid, counts, GRID_MAX, window_s, fit);
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static void refit(struct pl_fill_rate *f, int64_t now_ns)
{
    pl_trade_window_expire(&f->orders, now_ns - f->request.lookback_ns);
    struct pl_intensity fit;
    int64_t seen = now_ns - f->first_ns;
    double window_s = (double)(seen < f->request.lookback_ns ? seen : f->request.lookback_ns) / 1e9;
    if (f->orders.count >= f->request.least && window_s > 0 && fit_orders(f, window_s, &fit) == 0) {
        double half = 0.5 * f->spread_sum / (double)f->spread_count;
        f->decay = fit.k;
        f->intensity =
            0.5 * fit.a * pl_exp(smaller(fit.k * half, 50)); /* both sides were counted */
        f->fitted_ns = now_ns;
    } else if (f->request.max_age_ns > 0 && now_ns - f->fitted_ns > f->request.max_age_ns) {
        f->decay = f->intensity = __builtin_nan("");
    }
}

void pl_fill_rate_step(struct pl_fill_rate *f, const struct pl_feature_input *in)
{
    if (f->first_ns == 0) {
        f->first_ns = in->venue_ns;
        f->next_fit_ns = in->venue_ns + f->request.refit_ns;
    }
    if (in->venue_ns >= f->next_fit_ns) {
        refit(f, in->venue_ns);
        int64_t late = in->venue_ns - f->next_fit_ns;
        f->next_fit_ns += f->request.refit_ns * (1 + late / f->request.refit_ns);
    }
    if (in->trade && pl_touch_two_sided(&f->before)) {
        add_trade(f, in);
    }
    if (!in->trade) {
        f->before = in->touch;
    }
}

double pl_fill_rate_decay(const struct pl_fill_rate *f)
{
    return f->decay;
}

double pl_fill_rate_intensity(const struct pl_fill_rate *f)
{
    return f->intensity;
}

int64_t pl_fill_rate_count(const struct pl_fill_rate *f)
{
    return f->orders.count;
}
