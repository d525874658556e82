#include "support/report_run.h"

#include "base/assert.h"
#include "base/rand.h"
#include "core/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS  3600
#define PER_S    2
#define STEPS    (SECONDS * PER_S)
#define START_NS INT64_C(1723122421000000000) /* 2024-08-08 13:07:01 UTC */
#define STEP_NS  (PL_NS_PER_S / PER_S)

static double draw(unsigned stream, unsigned key, unsigned i)
{
    return pl_rand_unit(20240808, stream, key, i);
}

static const struct pl_inst insts[2] = {
    {.venue = "binance-usdm",
     .symbol = "BTCUSDT",
     .base = "BTC",
     .quote = "USDT",
     .kind = PL_INST_LINEAR,
     .tick = {1, 1},
     .lot = {1, 3},
     .contract_size = {1, 0},
     .min_lots = 1,
     .min_notional = {5, 0},
     .maker_fee_e9 = -50000,
     .taker_fee_e9 = 400000},
    {.venue = "binance-usdm",
     .symbol = "ETHUSDT",
     .base = "ETH",
     .quote = "USDT",
     .kind = PL_INST_LINEAR,
     .tick = {1, 2},
     .lot = {1, 3},
     .contract_size = {1, 0},
     .min_lots = 1,
     .min_notional = {5, 0},
     .maker_fee_e9 = 20000,
     .taker_fee_e9 = 400000},
};

/* Walk in ticks: a level, a slow wave and noise; each market its own. */
static void walk(unsigned market, double *mid)
{
    double level = market == 0 ? 574255 : 241230, x = 0;
    for (unsigned i = 0; i < STEPS; i++) {
        double kick = draw(100, market, 2 * i) + draw(100, market, 2 * i + 1) - 1;
        x += 14 * kick;
        mid[i] = floor(level + x) + 0.5;
    }
}

static struct pl_run_fill make_fill(unsigned market, unsigned k, unsigned step, const double *mid,
                                    double held)
{
    const struct pl_inst *inst = &insts[market];
    double tick = pl_inst_tick(inst), u = draw(200, market, k);
    double lean = held / 0.25; /* the maker leans against what it holds */
    enum pl_side side = u + 0.5 * lean < 0.5 ? PL_BUY : PL_SELL;
    double sign = side == PL_BUY ? 1 : -1;
    double edge = 0.5 + floor(3 * draw(201, market, k) * draw(202, market, k));
    double qty = 0.001 * (1 + floor(24 * draw(203, market, k) * draw(204, market, k)));
    struct pl_run_fill fill = {
        .market = market,
        .side = (uint8_t)side,
        .order_id = 1000 + k,
        .maker_idx = 0,
        .venue_ns = START_NS + step * STEP_NS + (int64_t)(draw(205, market, k) * 4e8) / 1000 * 1000,
        .px = (mid[step] - sign * edge) * tick,
        .mid = mid[step] * tick,
        .qty = qty,
        .queue_at_arrival = floor(12000 * draw(206, market, k) * draw(207, market, k)) * 0.001,
        .queue_waited_ns = floor(4e9 * draw(208, market, k)),
        .taker = draw(209, market, k) < 0.02,
    };
    fill.local_ns = fill.venue_ns + 4000000 + (int64_t)(draw(210, market, k) * 2e6);
    double fee_e9 = (double)(fill.taker ? inst->taker_fee_e9 : inst->maker_fee_e9);
    fill.fee = fill.px * fill.qty * fee_e9 / 1e9;
    for (int m = 0; m < PL_RUN_MARKOUTS; m++) {
        double at = (double)step + (double)pl_run_markout_ns[m] / (double)STEP_NS;
        double later = at < STEPS - 1 ? mid[(unsigned)at] : NAN;
        double toxic = 1.4 * (1 - 0.8 / (1 + m)); /* what informed flow takes back */
        double after = sign * (later * tick - fill.px) - floor(2 * toxic) * 0.5 * tick;
        fill.markout[m] = isnan(later) ? NAN : rint(after / tick * 2) * tick / 2;
    }
    return fill;
}

struct market_state {
    double *mid; /* ticks, STEPS of them */
    double held, cash, fees, captured, adverse, inventory, value, volume, most, cost;
    double realised, entry;
    struct pl_run_point *point;
    uint64_t fills, takers;
};

static double lots(double x)
{
    return rint(x * 1000) / 1000;
}

static void book_fill(struct market_state *s, struct pl_run_fill *f)
{
    double sign = f->side == PL_BUY ? 1 : -1, before = s->held;
    s->held = lots(s->held + sign * f->qty);
    f->position = s->held;
    s->cash -= sign * f->px * f->qty;
    s->fees += f->fee;
    s->captured += sign * (f->mid - f->px) * f->qty;
    if (!isnan(f->markout[2])) {
        s->adverse += sign * (f->mid - f->px) * f->qty - f->markout[2] * f->qty;
    }
    s->value += f->px * f->qty;
    s->volume += f->qty;
    s->most = fmax(s->most, fabs(s->held));
    s->fills++;
    s->takers += f->taker;
    if (before * sign < 0) { /* closes: realised against the average entry */
        double closed = fmin(fabs(before), f->qty);
        s->realised += closed * (s->entry - f->px) * sign;
        s->entry = fabs(before) < f->qty ? f->px : s->entry;
    } else {
        s->entry = (s->entry * fabs(before) + f->px * f->qty) / (fabs(before) + f->qty);
    }
}

static void sample(struct market_state *s, unsigned market, unsigned step)
{
    double tick = pl_inst_tick(&insts[market]), mid = s->mid[step];
    double width = 1 + floor(3 * draw(300, market, step / 40));
    bool live = draw(301, market, step / 120) > 0.06;
    double lean = rint(-8 * s->held);
    s->point[step] = (struct pl_run_point){
        .t_ns = START_NS + step * STEP_NS,
        .bid = (mid - 0.5) * tick,
        .ask = (mid + 0.5) * tick,
        .own_bid = live ? (mid - 0.5 - width + fmin(lean, 0)) * tick : NAN,
        .own_ask = live ? (mid + 0.5 + width + fmax(lean, 0)) * tick : NAN,
        .position = s->held,
        .mark = 0.25,
        .equity = s->cash + s->held * mid * tick - s->fees,
    };
}

static struct pl_run_money total(const struct market_state *s, double tick)
{
    double last = s->mid[STEPS - 1] * tick;
    double pnl = s->cash + s->held * last - s->fees;
    return (struct pl_run_money){
        .pnl = pnl,
        .fees = s->fees,
        .captured = s->captured,
        .adverse_5s = s->adverse,
        .inventory = pnl - s->captured + s->fees,
        .volume = s->volume,
        .value = s->value,
        .realised = s->realised,
        .unrealised = pnl + s->fees - s->realised,
        .position = s->held,
        .avg_entry = s->entry,
        .max_abs_position = s->most,
        .balance = s->cash,
    };
}

static void histograms(struct pl_run_market *m, unsigned market, const struct pl_run_fill *fill,
                       uint64_t count)
{
    pl_run_hist_init(&m->spread, 1);
    pl_run_hist_init(&m->queue_at_fill, 1);
    pl_run_hist_init(&m->latency_feed_ns, 1e5);
    pl_run_hist_init(&m->latency_entry_ns, 1e5);
    pl_run_hist_init(&m->latency_response_ns, 1e5);
    for (unsigned i = 0; i < STEPS; i++) {
        double u = draw(400, market, i), v = draw(401, market, i);
        pl_run_hist_add(&m->spread, 1 + floor(6 * u * u * u * v), 500);
        pl_run_hist_add(&m->latency_feed_ns, 3.2e6 / (0.25 + v), 1);
        pl_run_hist_add(&m->latency_entry_ns, 2.5e6 + 2e6 * u * v, 1);
        pl_run_hist_add(&m->latency_response_ns, 2.0e6 + 1.4e6 * u * u, 1);
    }
    for (uint64_t i = 0; i < count; i++) {
        if (fill[i].market == market) {
            pl_run_hist_add(&m->queue_at_fill, rint(fill[i].queue_at_arrival * 1000), 1);
        }
    }
}

static void add_money(struct pl_run_money *to, const struct pl_run_money *m)
{
    to->pnl += m->pnl, to->realised += m->realised, to->unrealised += m->unrealised;
    to->fees += m->fees, to->funding += m->funding, to->captured += m->captured;
    to->inventory += m->inventory, to->adverse_5s += m->adverse_5s, to->value += m->value;
    to->volume += m->volume, to->balance += m->balance;
}

static struct pl_run_counts make_counts(const struct market_state *s)
{
    struct pl_run_counts c = {.messages = 361240,
                              .rows = 4210388,
                              .trades = 51877,
                              .decisions = 36000,
                              .decisions_guarded = 29144,
                              .amends = 812,
                              .rejects_post_only = 41,
                              .rejects_other = 0,
                              .cancel_too_late = 17};
    c.fills = s->fills;
    c.fills_taker = s->takers;
    c.orders_filled = s->fills - s->fills / 9;
    c.orders = c.orders_filled * 7 / 2;
    c.cancels = c.orders - c.orders_filled;
    c.requests = c.orders + c.cancels + c.amends;
    return c;
}

static void add_counts(struct pl_run_counts *to, const struct pl_run_counts *c)
{
    const uint64_t *from = (const uint64_t *)c;
    uint64_t *sum = (uint64_t *)to;
    for (size_t i = 0; i < sizeof *c / sizeof *from; i++) {
        sum[i] += from[i];
    }
}

static void make_perf(struct pl_run *run)
{
    double mean = 0, square = 0, down = 0, worst = 0;
    const double book = 20000;
    unsigned n = SECONDS / 10 - 1;
    for (unsigned i = 0; i < n; i++) {
        double r = (run->equity[(i + 1) * 20].equity - run->equity[i * 20].equity) / book;
        mean += r / n;
        square += r * r;
        down += r < 0 ? r * r : 0;
    }
    for (uint32_t i = 0; i < run->equity_count; i++) {
        worst = fmin(worst, run->equity[i].drawdown);
    }
    double sd = sqrt((square - n * mean * mean) / (n - 1));
    run->perf = (struct pl_run_perf){
        .interval_s = 10,
        .n = n,
        .annualised = 0,
        .book_size = book,
        .sharpe = mean / sd,
        .sortino = mean / sqrt(down / n),
        .calmar = NAN,
        .annual_return = NAN,
        .volatility = sd,
        .max_drawdown = worst,
        .max_drawdown_frac = worst / book,
        .turnover = run->account.value / book,
        .return_on_trade = run->account.pnl / run->account.value,
        .fill_ratio = 0.2741,
        .fill_ratio_orders = (double)run->counts.orders_filled / (double)run->counts.orders,
        .requests_per_fill = (double)run->counts.requests / (double)run->counts.fills,
    };
}

static int each_fill(const struct pl_run *run,
                     int (*each)(void *ctx, const struct pl_run_fill *fill), void *ctx)
{
    const struct pl_run_fill *fill = run->fills_ctx;
    for (uint64_t i = 0; i < run->fill_count; i++) {
        int rc = each(ctx, &fill[i]);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static void *take(size_t count, size_t size)
{
    void *at = calloc(count > 0 ? count : 1, size);
    PL_ASSERT(at != NULL);
    return at;
}

static void name_run(struct pl_run *run)
{
    snprintf(run->id, sizeof run->id, "20240808-130701-avellaneda-1f3a");
    snprintf(run->version, sizeof run->version, "0.1.0");
    snprintf(run->strategy, sizeof run->strategy, "avellaneda");
    snprintf(run->data, sizeof run->data, "btcusdt_20240808.gz");
    snprintf(run->fill_model, sizeof run->fill_model, "tick, power2");
    snprintf(
        run->bias, sizeof run->bias,
        "queue fronts move by the power model; fills at the touch may come up to a tenth too often "
        "in fast markets");
    run->command = strdup("plimsoll backtest --data btcusdt_20240808.gz --strategy avellaneda "
                          "--set gamma=0.05 --set max_position=0.25");
    run->settings_yaml =
        strdup("avellaneda:\n  gamma: 0.05        # risk aversion\n  max_position: "
               "0.25\n  note: \"a < b & c\"\nbacktest:\n  queue: power2\n  entry_us: "
               "2500\n  resp_us: 2500\n");
    run->data_digest = UINT64_C(0x9d1c40b7aa01e6f3);
    run->request_digest = UINT64_C(0x00b2f1c98d7e4a55);
    run->settings_digest = UINT64_C(0x77c1d0a2b3e4f586);
    run->start_ns = START_NS;
    run->end_ns = START_NS + (STEPS - 1) * STEP_NS;
    run->wall_seconds = 0.412;
    run->equity_interval_ns = STEP_NS;
}

struct pl_run *pl_test_run_make(unsigned markets, unsigned fills)
{
    PL_ASSERT(markets >= 1 && markets <= 2);
    struct pl_run *run = take(1, sizeof *run);
    struct pl_run_fill *fill = take(fills, sizeof *fill);
    struct pl_run_point *equity = take(STEPS, sizeof *equity);
    struct market_state state[2] = {{0}};
    name_run(run);
    run->market = take(markets, sizeof *run->market);
    run->market_count = markets;
    for (unsigned m = 0; m < markets; m++) {
        state[m].mid = take(STEPS, sizeof *state[m].mid);
        state[m].point = take(STEPS, sizeof *state[m].point);
        walk(m, state[m].mid);
    }
    double peak = 0;
    unsigned k = 0;
    for (unsigned step = 0; step < STEPS; step++) {
        while (k < fills && (uint64_t)k * STEPS < (uint64_t)(step + 1) * fills) {
            unsigned m = k % markets;
            fill[k] = make_fill(m, k, step, state[m].mid, state[m].held);
            book_fill(&state[m], &fill[k]);
            k++;
        }
        double sum = 0;
        for (unsigned m = 0; m < markets; m++) {
            sample(&state[m], m, step);
            sum += state[m].point[step].equity;
        }
        peak = fmax(peak, sum);
        equity[step] = (struct pl_run_point){.t_ns = START_NS + step * STEP_NS,
                                             .bid = NAN,
                                             .ask = NAN,
                                             .own_bid = NAN,
                                             .own_ask = NAN,
                                             .position = NAN,
                                             .mark = NAN,
                                             .equity = sum,
                                             .drawdown = sum - peak};
        for (unsigned m = 0; m < markets; m++) {
            state[m].point[step].drawdown = sum - peak;
        }
    }
    for (unsigned m = 0; m < markets; m++) {
        struct pl_run_market *to = &run->market[m];
        *to = (struct pl_run_market){.inst = insts[m],
                                     .point = state[m].point,
                                     .point_count = STEPS,
                                     .point_interval_ns = STEP_NS,
                                     .quoted_share = 0.9412,
                                     .at_touch_share = 0.6127,
                                     .spread_quoted_mean = 4.2 * pl_inst_tick(&insts[m]),
                                     .spread_market_mean = 1.31 * pl_inst_tick(&insts[m])};
        to->money = total(&state[m], pl_inst_tick(&insts[m]));
        to->counts = make_counts(&state[m]);
        add_money(&run->account, &to->money);
        add_counts(&run->counts, &to->counts);
        histograms(to, m, fill, fills);
        free(state[m].mid);
    }
    if (markets == 1) {
        run->account = run->market[0].money;
    }
    run->equity = equity;
    run->equity_count = STEPS;
    run->fills = each_fill;
    run->fills_ctx = fill;
    run->fill_count = fills;
    make_perf(run);
    return run;
}

void pl_test_run_free(struct pl_run *run)
{
    for (uint32_t m = 0; m < run->market_count; m++) {
        free((void *)(uintptr_t)run->market[m].point);
    }
    free((void *)(uintptr_t)run->equity);
    free(run->fills_ctx);
    free(run->market);
    free(run->settings_yaml);
    free(run->command);
    free(run);
}

const struct pl_run_fill *pl_test_run_fills(const struct pl_run *run)
{
    return run->fills_ctx;
}
