/* The settings table of `skew`. Names compare without case. */
#include "strategy/skew_settings.h"

#include "settings/name.h"
#include "settings/number.h"

#include <stddef.h>
#include <string.h>

static const char *const feed_choices[] = {"Bybit", "Binance", NULL};
static const char *const ladder_choices[] = {"price", "distance", NULL};
static const char *const loss_choices[] = {"own", "widen", "pause", NULL};

#define AT(field)            offsetof(struct pl_skew_params, field)
#define PL_COMMON_AT(field)  offsetof(struct pl_skew_params, common.field)
#define PL_COMMON_BELOW_MIN  "raise"
#define PL_COMMON_REFRESH_MS "1000"
#define BAND_BPS_MAX         5000.0

static const struct pl_setting rows[] = {
    {.name = "account_size",
     .type = PL_SET_F64,
     .unit = "USD",
     .def = NULL,
     .min = 1e-9,
     .max = 1e15,
     .reload = PL_RELOAD_YES,
     .offset = AT(account_size),
     .help = "What the position is measured against, together with leverage."},
    {.name = "leverage",
     .type = PL_SET_F64,
     .unit = "",
     .def = "1",
     .min = 0.01,
     .max = 200,
     .reload = PL_RELOAD_YES,
     .offset = AT(leverage),
     .help = "A position of half of account_size x leverage counts as full inventory."},
    {.name = "primary_data_feed",
     .type = PL_SET_ENUM,
     .unit = "",
     .def = "Bybit",
     .choices = feed_choices,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(primary_data_feed),
     .help = "Bybit: the traded market alone. Binance: a lead market is read too."},
    {.name = "binance_symbol",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "",
     .min = 0,
     .max = 31,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(binance_symbol),
     .help = "Symbol the lead market must have; empty = any. Not read unless primary_data_feed "
             "is Binance."},
    {.name = "bybit_symbol",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = NULL,
     .min = 1,
     .max = 31,
     .reload = PL_RELOAD_RESTART,
     .offset = AT(bybit_symbol),
     .help = "Symbol of the traded market."},
    {.name = "price_offset",
     .type = PL_SET_DISTANCE,
     .unit = "signed",
     .def = "0",
     .min = -1e12,
     .max = 1e12,
     .reload = PL_RELOAD_YES,
     .offset = AT(price_offset),
     .help = "Added to every price: above 0 lifts bids and asks."},
    {.name = "size_offset",
     .type = PL_SET_F64,
     .unit = "size",
     .def = "0",
     .min = -1e12,
     .max = 1e12,
     .reload = PL_RELOAD_YES,
     .offset = AT(size_offset),
     .help = "Added to every size; signed."},
    {.name = "volatility_offset",
     .type = PL_SET_DISTANCE,
     .unit = "signed",
     .def = "0",
     .min = -1e12,
     .max = 1e12,
     .reload = PL_RELOAD_YES,
     .offset = AT(volatility_offset),
     .help = "Added to the width of the whole ladder, which is never below 0."},
    {.name = "base_spread",
     .type = PL_SET_DISTANCE,
     .unit = "full width",
     .def = "5bps",
     .min = 1e-12,
     .max = 1e12,
     .reload = PL_RELOAD_YES,
     .offset = AT(base_spread),
     .help = "Narrowest width between innermost bid and ask; at least a tick."},
    {.name = "min_order_size",
     .type = PL_SET_F64,
     .unit = "size",
     .def = NULL,
     .min = 1e-12,
     .max = 1e12,
     .reload = PL_RELOAD_YES,
     .offset = AT(min_order_size),
     .help = "Size of the innermost order."},
    {.name = "max_order_size",
     .type = PL_SET_F64,
     .unit = "size",
     .def = NULL,
     .min = 1e-12,
     .max = 1e12,
     .reload = PL_RELOAD_YES,
     .offset = AT(max_order_size),
     .help = "Size of the outermost order."},
    {.name = "levels",
     .type = PL_SET_I64,
     .unit = "per side",
     .def = "4",
     .min = 1,
     .max = PL_WANTED_LEVELS_MAX,
     .search_min = 1,
     .search_max = 10,
     .reload = PL_RELOAD_YES,
     .offset = AT(levels),
     .help = "Orders per side; twice as many on the reducing side in extreme mode, at most 50."},
    {.name = "inventory_extreme",
     .type = PL_SET_F64,
     .unit = "fraction",
     .def = "0.5",
     .min = 0,
     .max = 1,
     .search_min = 0.1,
     .search_max = 1,
     .reload = PL_RELOAD_YES,
     .offset = AT(inventory_extreme),
     .help = "From this inventory on, one side only reduces it."},
    {.name = "extreme_release",
     .type = PL_SET_F64,
     .unit = "of X",
     .def = "0.9",
     .min = 0.1,
     .max = 1,
     .search_min = 0.5,
     .search_max = 1,
     .reload = PL_RELOAD_YES,
     .offset = AT(extreme_release),
     .help = "Share of inventory_extreme below which both sides quote again."},
    {.name = "bollinger_band_length",
     .type = PL_SET_I64,
     .unit = "closes",
     .def = "20",
     .min = 2,
     .max = 1000,
     .search_min = 5,
     .search_max = 100,
     .search_log = true,
     .reload = PL_RELOAD_WARM,
     .offset = AT(bollinger_band_length),
     .help = "Closed one-minute candles the volatility is taken from."},
    {.name = "bollinger_band_std",
     .type = PL_SET_F64,
     .unit = "",
     .def = "2",
     .min = 0.01,
     .max = 10,
     .search_min = 0.5,
     .search_max = 4,
     .reload = PL_RELOAD_YES,
     .offset = AT(bollinger_band_std),
     .help = "Bands stand this many standard deviations from the mean."},
    {.name = "inner_shift",
     .type = PL_SET_F64,
     .unit = "",
     .def = "0.3333333333333333",
     .min = 0,
     .max = 0.95,
     .search_min = 0,
     .search_max = 0.95,
     .reload = PL_RELOAD_YES,
     .offset = AT(inner_shift),
     .help = "How far full skew moves the inner pair, in half spreads."},
    {.name = "ladder",
     .type = PL_SET_ENUM,
     .unit = "",
     .def = "price",
     .choices = ladder_choices,
     .reload = PL_RELOAD_YES,
     .offset = AT(ladder),
     .help = "Levels are spaced geometrically in price, or in distance from the mid."},
    {.name = "depth_bands_bps",
     .type = PL_SET_TEXT,
     .unit = "bps",
     .def = "10,25,50,100,200,500",
     .min = 1,
     .max = 127,
     .reload = PL_RELOAD_YES,
     .offset = AT(depth_bands_bps),
     .help = "Half widths of the depth bands around the mid, rising, 1 to 10 of them."},
    {.name = "trade_window",
     .type = PL_SET_I64,
     .unit = "trades",
     .def = "1000",
     .min = 1,
     .max = 100000,
     .search_min = 100,
     .search_max = 10000,
     .search_log = true,
     .reload = PL_RELOAD_WARM,
     .offset = AT(trade_window),
     .help = "Trades the trade imbalance is taken from."},
    {.name = "trade_size_ref",
     .type = PL_SET_F64,
     .unit = "size",
     .def = "1",
     .min = 1e-12,
     .max = 1e12,
     .reload = PL_RELOAD_WARM,
     .offset = AT(trade_size_ref),
     .help = "A trade counts with ln(1 + size / this)."},
    {.name = "vamp_levels",
     .type = PL_SET_I64,
     .unit = "levels",
     .def = "10",
     .min = 1,
     .max = 50,
     .search_min = 1,
     .search_max = 50,
     .reload = PL_RELOAD_YES,
     .offset = AT(vamp_levels),
     .help = "Book levels a side of the VAMP."},
    {.name = "diff_scale_bps",
     .type = PL_SET_F64,
     .unit = "bps",
     .def = "0",
     .min = 0,
     .max = 10000,
     .search_min = 0,
     .search_max = 20,
     .reload = PL_RELOAD_YES,
     .offset = AT(diff_scale_bps),
     .help = "Price difference that counts as tanh(1); 0 = half the inner spread."},
    {.name = "basis_halflife_s",
     .type = PL_SET_F64,
     .unit = "s",
     .def = "300",
     .min = 0,
     .max = 86400,
     .search_min = 10,
     .search_max = 3600,
     .reload = PL_RELOAD_WARM,
     .offset = AT(basis_halflife_s),
     .help = "Half-life of the usual basis taken from mark and lead price differences; 0 = none "
             "is taken."},
    {.name = "w_imb",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_IMB]),
     .help = "Weight of the imbalance at the touch, -1..1; auto = the published one of the feed."},
    {.name = "w_mark",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_MARK]),
     .help = "Weight of the mark price against weighted mid, -1..1; auto = the published one of "
             "the feed."},
    {.name = "w_vamp",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_VAMP]),
     .help = "Weight of the VAMP against weighted mid, -1..1; auto = the published one of the "
             "feed."},
    {.name = "w_book",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_BOOK]),
     .help = "Weight of the imbalance within the depth bands, -1..1; auto = the published one of "
             "the feed."},
    {.name = "w_trades",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_TRADES]),
     .help = "Weight of the imbalance of trades, -1..1; auto = the published one of the feed."},
    {.name = "w_lead_imb",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_LEAD_IMB]),
     .help = "Weight of the imbalance at the touch of the lead, -1..1; auto = the published one "
             "of the feed."},
    {.name = "w_lead_wmid",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_LEAD_WMID]),
     .help = "Weight of the weighted mid of the lead against ours, -1..1; auto = the published "
             "one of the feed."},
    {.name = "w_lead_vamp",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_LEAD_VAMP]),
     .help = "Weight of the VAMP of the lead against its weighted mid, -1..1; auto = the "
             "published one of the feed."},
    {.name = "w_lead_book",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_LEAD_BOOK]),
     .help = "Weight of the depth bands of the lead, -1..1; auto = the published one of the "
             "feed."},
    {.name = "w_lead_trades",
     .type = PL_SET_TEXT,
     .unit = "",
     .def = "auto",
     .min = 1,
     .max = 24,
     .reload = PL_RELOAD_YES,
     .offset = AT(weight[PL_SKEW_LEAD_TRADES]),
     .help = "Weight of the trades of the lead, -1..1; auto = the published one of the feed."},
    {.name = "lead_stale_ms",
     .type = PL_SET_F64,
     .unit = "ms",
     .def = "1000",
     .min = 1,
     .max = 86400000,
     .reload = PL_RELOAD_YES,
     .offset = AT(lead_stale_ms),
     .help = "A lead view older than this counts as lost."},
    {.name = "on_lead_loss",
     .type = PL_SET_ENUM,
     .unit = "",
     .def = "own",
     .choices = loss_choices,
     .reload = PL_RELOAD_YES,
     .offset = AT(on_lead_loss),
     .help = "Without the lead: quote from the own venue, the same with a wider spread, or not "
             "at all."},
    {.name = "lead_loss_widen",
     .type = PL_SET_F64,
     .unit = "",
     .def = "2",
     .min = 1,
     .max = 10,
     .search_min = 1,
     .search_max = 5,
     .reload = PL_RELOAD_YES,
     .offset = AT(lead_loss_widen),
     .help = "on_lead_loss widen: the inner spread is multiplied by this."},
#include "strategy/common_rows.inc"
};

/* makers.md 2.3: the sums are 0.90 and 0.95. */
static const struct pl_skew_weights published = {
    .own = {.1, .15, .15, .25, .25},
    .lead = {.025, .075, .075, .1, .1, .025, .075, .075, .2, .2},
};

int pl_skew_parse_bands(const char *text, struct pl_skew_bands *out, struct pl_error *err)
{
    out->count = 0;
    for (const char *at = text; at != NULL;) {
        const char *comma = strchr(at, ',');
        size_t size = comma != NULL ? (size_t)(comma - at) : strlen(at);
        while (size > 0 && at[0] == ' ') {
            at++;
            size--;
        }
        while (size > 0 && at[size - 1] == ' ') {
            size--;
        }
        double bps = 0, above = out->count > 0 ? out->bps[out->count - 1] : 0;
        bool number = pl_number_parse((struct pl_str){at, size}, &bps) == 0;
        if (!number || !(bps > above) || bps > BAND_BPS_MAX || out->count == PL_FEATURE_BANDS_MAX) {
            return pl_error_set(err, PL_ERR_INVALID,
                                "depth_bands_bps %s: legal 1 to %d rising numbers above 0, at most "
                                "%.0f, such as 10,25,50",
                                text, PL_FEATURE_BANDS_MAX, BAND_BPS_MAX);
        }
        out->bps[out->count++] = bps;
        at = comma != NULL ? comma + 1 : NULL;
    }
    return 0;
}

int pl_skew_parse_weights(const struct pl_skew_params *p, struct pl_skew_weights *out,
                          struct pl_error *err)
{
    *out = published;
    for (int i = 0; i < PL_SKEW_FEATURES; i++) {
        double weight = 0;
        if (pl_name_eq(pl_str(p->weight[i]), pl_str("auto"))) {
            continue;
        }
        if (pl_number_parse(pl_str(p->weight[i]), &weight) < 0 || weight < -1 || weight > 1) {
            return pl_error_set(err, PL_ERR_INVALID, "w_%s %s: legal auto, or -1..1",
                                pl_skew_feature_name[i], p->weight[i]);
        }
        out->own[i] = i < PL_SKEW_LEAD_IMB ? weight : 0;
        out->lead[i] = weight;
    }
    return 0;
}

static int check(const void *values, struct pl_error *err)
{
    const struct pl_skew_params *p = values;
    struct pl_skew_bands bands;
    struct pl_skew_weights weights;
    if (p->min_order_size > p->max_order_size) {
        return pl_error_set(err, PL_ERR_INVALID, "min_order_size %.10g: above max_order_size %.10g",
                            p->min_order_size, p->max_order_size);
    }
    int rc = pl_skew_parse_bands(p->depth_bands_bps, &bands, err);
    rc = rc < 0 ? rc : pl_skew_parse_weights(p, &weights, err);
    return rc < 0 ? rc : pl_common_check(&p->common, err);
}

const struct pl_settings_table pl_skew_settings = {
    .section = "skew",
    .row = rows,
    .count = sizeof rows / sizeof rows[0],
    .struct_size = sizeof(struct pl_skew_params),
    .check = check,
};
