#include "synth/measure.h"

#include "base/assert.h"

#include <stddef.h>

#define AT(field) offsetof(struct pl_market_stats, field)

const struct pl_measure_row pl_measure_rows[] = {
    {"duration", "s", "first to last message, venue clock", AT(duration_s)},
    {"rows", "", "levels, touches and prints", AT(rows)},
    {"msgs_per_s", "1/s", "messages of all kinds", AT(msgs_per_s)},
    {"rows_per_s", "1/s", "rows of all messages", AT(rows_per_s)},
    {"depth_per_s", "1/s", "depth messages", AT(depth_per_s)},
    {"bbo_per_s", "1/s", "best bid/ask messages", AT(bbo_per_s)},
    {"trades_per_s", "1/s", "prints", AT(trades_per_s)},
    {"rows_per_depth", "rows", "levels in a depth message", AT(rows_per_depth)},
    {"depth_gap_ms", "ms", "between depth messages, mean", AT(depth_gap_ms)},
    {"depth_gap_cv", "", "the same, deviation over mean", AT(depth_gap_cv)},
    {"order_gap_ms", "ms", "between taker orders, mean", AT(order_gap_ms)},
    {"order_gap_cv", "", "the same, deviation over mean (1 = Poisson)", AT(order_gap_cv)},
    {"order_gap_acf1", "", "correlation of a gap with the next", AT(order_gap_acf1)},
    {"count_acf1", "", "prints per second with the next second", AT(count_acf1)},
    {"count_dispersion", "", "prints per second, variance over mean", AT(count_dispersion)},
    {"prints_per_order", "", "maker orders one taker order hits", AT(prints_per_order)},
    {"spread_one_tick", "", "share of time the spread is one tick", AT(spread_one_tick)},
    {"spread_ticks", "ticks", "time-weighted mean spread", AT(spread_ticks)},
    {"touch_moves_per_s", "1/s", "price changes of best bid or ask", AT(touch_moves_per_s)},
    {"touch_cv", "", "size at the touch, deviation over mean", AT(touch_cv)},
    {"level1", "base", "mean size of occupied level 1", AT(level_base[0])},
    {"level2", "base", "level 2", AT(level_base[1])},
    {"level3", "base", "level 3", AT(level_base[2])},
    {"level4", "base", "level 4", AT(level_base[3])},
    {"level5", "base", "level 5", AT(level_base[4])},
    {"level6", "base", "level 6", AT(level_base[5])},
    {"level7", "base", "level 7", AT(level_base[6])},
    {"level8", "base", "level 8", AT(level_base[7])},
    {"level9", "base", "level 9", AT(level_base[8])},
    {"level10", "base", "level 10", AT(level_base[9])},
    {"level10_ticks", "ticks", "distance of level 10 from level 1", AT(level10_ticks)},
    {"size_mean", "base", "mean print", AT(size_mean)},
    {"size_q10", "base", "print, 10 % quantile", AT(size_q10)},
    {"size_q50", "base", "print, median", AT(size_q50)},
    {"size_q90", "base", "print, 90 % quantile", AT(size_q90)},
    {"size_q99", "base", "print, 99 % quantile", AT(size_q99)},
    {"size_round", "", "divisible by 10 among prints >= 10 lots", AT(size_round)},
    {"ret_acf1", "", "1 s mid returns, lag 1", AT(ret_acf[0])},
    {"ret_acf2", "", "lag 2", AT(ret_acf[1])},
    {"ret_acf3", "", "lag 3", AT(ret_acf[2])},
    {"ret_acf4", "", "lag 4", AT(ret_acf[3])},
    {"ret_acf5", "", "lag 5", AT(ret_acf[4])},
    {"abs_ret_acf1", "", "size of 1 s returns, lag 1", AT(abs_ret_acf1)},
    {"vol_0.1s", "bps/sqrt(s)", "realised, sampled at 0.1 s", AT(vol_bps[0])},
    {"vol_1s", "bps/sqrt(s)", "at 1 s", AT(vol_bps[1])},
    {"vol_5s", "bps/sqrt(s)", "at 5 s", AT(vol_bps[2])},
    {"vol_30s", "bps/sqrt(s)", "at 30 s", AT(vol_bps[3])},
    {"vol_60s", "bps/sqrt(s)", "at 60 s", AT(vol_bps[4])},
    {"sign_acf1", "", "taker order signs, lag 1", AT(sign_acf[0])},
    {"sign_acf2", "", "lag 2", AT(sign_acf[1])},
    {"sign_acf5", "", "lag 5", AT(sign_acf[2])},
    {"sign_acf10", "", "lag 10", AT(sign_acf[3])},
    {"sign_acf50", "", "lag 50", AT(sign_acf[4])},
    {"maker_markout_1s", "bps", "what the resting side made after 1 s", AT(maker_markout_bps[0])},
    {"maker_markout_5s", "bps", "after 5 s", AT(maker_markout_bps[1])},
    {"imbalance_corr_1s", "", "touch imbalance with the next second's move", AT(imbalance_corr_1s)},
    {"feed_latency_ms", "ms", "mean above its floor", AT(feed_latency_ms)},
    {"feed_latency_p99_ms", "ms", "99 % quantile above its floor", AT(feed_latency_p99_ms)},
};
const size_t pl_measure_row_count = PL_COUNT(pl_measure_rows);

double pl_measure_value(const struct pl_market_stats *stats, size_t row)
{
    const char *at = (const char *)stats + pl_measure_rows[row].offset;
    return *(const double *)(const void *)at;
}
