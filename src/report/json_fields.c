#include "report/json_fields.h"

#include "base/assert.h"
#include "report/derive.h"

#define F64(type, field)                                   \
    {                                                      \
#field, PL_FIELD_F64, offsetof(struct type, field) \
    }
#define U64(type, field)                                   \
    {                                                      \
#field, PL_FIELD_U64, offsetof(struct type, field) \
    }
#define FIELDS(name) const struct pl_fields pl_fields_##name = {name, PL_COUNT(name)}

static const struct pl_field money[] = {
    F64(pl_run_money, pnl),
    F64(pl_run_money, realised),
    F64(pl_run_money, unrealised),
    F64(pl_run_money, captured),
    F64(pl_run_money, inventory),
    F64(pl_run_money, fees),
    F64(pl_run_money, funding),
    F64(pl_run_money, adverse_5s),
    F64(pl_run_money, volume),
    F64(pl_run_money, value),
    F64(pl_run_money, position),
    F64(pl_run_money, avg_entry),
    F64(pl_run_money, max_abs_position),
    F64(pl_run_money, balance),
};
FIELDS(money);

static const struct pl_field counts[] = {
    U64(pl_run_counts, messages),
    U64(pl_run_counts, rows),
    U64(pl_run_counts, trades),
    U64(pl_run_counts, decisions),
    U64(pl_run_counts, decisions_guarded),
    U64(pl_run_counts, orders),
    U64(pl_run_counts, cancels),
    U64(pl_run_counts, amends),
    U64(pl_run_counts, requests),
    U64(pl_run_counts, rejects_post_only),
    U64(pl_run_counts, rejects_other),
    U64(pl_run_counts, cancel_too_late),
    U64(pl_run_counts, fills),
    U64(pl_run_counts, fills_taker),
    U64(pl_run_counts, orders_filled),
};
FIELDS(counts);

static const struct pl_field perf[] = {
    F64(pl_run_perf, interval_s),
    U64(pl_run_perf, n),
    {"annualised", PL_FIELD_BOOL, offsetof(struct pl_run_perf, annualised)},
    F64(pl_run_perf, book_size),
    F64(pl_run_perf, sharpe),
    F64(pl_run_perf, sortino),
    F64(pl_run_perf, calmar),
    F64(pl_run_perf, annual_return),
    F64(pl_run_perf, max_drawdown),
    F64(pl_run_perf, max_drawdown_frac),
    F64(pl_run_perf, volatility),
    F64(pl_run_perf, turnover),
    F64(pl_run_perf, return_on_trade),
    F64(pl_run_perf, fill_ratio),
    F64(pl_run_perf, fill_ratio_orders),
    F64(pl_run_perf, requests_per_fill),
};
FIELDS(perf);

static const struct pl_field ratios[] = {
    F64(pl_ratios, pnl_bps),           F64(pl_ratios, captured_bps),
    F64(pl_ratios, fees_bps),          F64(pl_ratios, adverse_5s_bps),
    F64(pl_ratios, residual),          F64(pl_ratios, kept_5s),
    F64(pl_ratios, fill_ratio_orders), F64(pl_ratios, requests_per_fill),
    F64(pl_ratios, cancels_per_order), F64(pl_ratios, mean_fill),
    F64(pl_ratios, taker_share),       F64(pl_ratios, guarded_share),
};
FIELDS(ratios);

static const struct pl_field market[] = {
    F64(pl_run_market, quoted_share),
    F64(pl_run_market, at_touch_share),
    F64(pl_run_market, spread_quoted_mean),
    F64(pl_run_market, spread_market_mean),
    {"point_interval_ns", PL_FIELD_I64, offsetof(struct pl_run_market, point_interval_ns)},
};
FIELDS(market);

static const struct pl_field hists[] = {
    {"spread_ticks", 0, offsetof(struct pl_run_market, spread)},
    {"queue_at_fill_lots", 0, offsetof(struct pl_run_market, queue_at_fill)},
    {"latency_feed_ns", 0, offsetof(struct pl_run_market, latency_feed_ns)},
    {"latency_entry_ns", 0, offsetof(struct pl_run_market, latency_entry_ns)},
    {"latency_response_ns", 0, offsetof(struct pl_run_market, latency_response_ns)},
};
FIELDS(hists);

const char *const pl_inst_kind_key[3] = {
    [PL_INST_LINEAR] = "linear", [PL_INST_INVERSE] = "inverse", [PL_INST_SPOT] = "spot"};
