/* strategy/strategy.h - a maker is a pure function: view in, wanted quotes out.
 *
 * A strategy never places an order and keeps no pointer it is given. Its parameters are a struct
 * filled through its settings table; `bind` turns them into units of the traded instrument once;
 * `decide` is then called on a timer, after own fills and after a reload.
 *
 * Guard   decide may state the range of two inputs, and a time, inside which its quotes in ticks
 *         cannot change; the engine then does not ask again until one is left or the maker's own
 *         state changed. A strategy without guards leaves guard.on false and is asked every time. */
#ifndef PL_STRATEGY_STRATEGY_H
#define PL_STRATEGY_STRATEGY_H

#include "base/err.h"
#include "core/inst.h"
#include "feature/estimator.h"
#include "feature/view.h"
#include "settings/settings.h"

#include <stdbool.h>

#define PL_WANTED_LEVELS_MAX     50
#define PL_STRATEGY_FEATURES_MAX 12

/* Why a side stays empty (makers.md 1.1). */
/* clang-format off */
#define PL_NOQUOTE_LIST(X) \
    X(NONE) X(WARMUP) X(STALE) X(CROSSED) X(HOURS) X(CEILING) X(FLOOR) X(FILL_DELAY) X(EXTREME) \
    X(MAX_POSITION) X(MAX_NOTIONAL) X(BELOW_MIN) X(LEGAL_RANGE) X(BACKOFF) X(NO_CASH) X(FALLBACK) \
    X(PROTECTION) X(BREAKER) X(LOSS) X(KILLED)
/* clang-format on */
enum pl_noquote {
#define X(name) PL_NOQUOTE_##name,
    PL_NOQUOTE_LIST(X)
#undef X
        PL_NOQUOTE_COUNT
};
const char *pl_noquote_name(enum pl_noquote reason);

/* Post-only rejections of one side, as the OMS counts them (oms/oms.h). */
struct pl_post_only_rejects {
    int64_t px, at_ns;
    uint32_t in_a_row; /* 0 = none, or the last one is older than traits.reject_clear_ns */
};

/* What a strategy may look at. Sizes in lots, prices in ticks, signed position. */
struct pl_strategy_view {
    int64_t now_ns;
    const struct pl_view_rec *own;
    const struct pl_view_rec *lead; /* NULL when the maker reads no second market */
    const double *feature;          /* as requested, in the order of the requests; NAN = not warm */
    int64_t pos_lots;
    /* Local time of the last own fill per side that counts (traits.fill_share); 0 = none yet. */
    int64_t last_fill_ns[2];
    struct pl_post_only_rejects rejects[2];
    int64_t start_ns, end_ns; /* of the session; end 0 = open */
};

struct pl_wanted_level {
    int64_t px, lots;
};

struct pl_wanted_guard {
    bool on;
    double lo[2], hi[2]; /* inclusive ranges of the strategy's two guard inputs */
    int64_t valid_until_ns;
};

struct pl_wanted {
    uint32_t count[2];
    uint8_t flags[2];  /* enum pl_order_flag */
    uint8_t reason[2]; /* enum pl_noquote when count is 0, or why the side is held */
    /* Create nothing on this side, move nothing inward or larger; what lives there may stay. */
    bool hold[2];
    int64_t replace_ticks; /* of this decision; 0 = traits.replace_ticks */
    struct pl_wanted_level level[2][PL_WANTED_LEVELS_MAX];
    double fair; /* ticks */
    struct pl_wanted_guard guard;
};

/* Inputs a guard can be stated on. */
enum pl_guard_input {
    PL_GUARD_NONE,
    PL_GUARD_BID, /* best bid, ticks */
    PL_GUARD_ASK,
    PL_GUARD_MID,  /* ticks */
    PL_GUARD_WMID, /* weighted mid, ticks */
};

struct pl_strategy_market { /* what bind gets to know */
    const struct pl_inst *inst;
    const struct pl_inst *lead; /* NULL = none */
    int64_t max_position_lots;  /* the mark; INT64_MAX = none */
};

struct pl_strategy_traits { /* how the engine and OMS treat this strategy */
    int64_t refresh_ns;
    enum pl_guard_input guard_input[2];
    bool decide_on_fill;    /* ask again when an own execution is heard of */
    bool cancelling_counts; /* a price whose cancel is in flight is not quoted again yet */
    int64_t replace_ticks;
    double size_tolerance, refill_below;
    int64_t order_age_ns;      /* older orders are placed again; 0 = never */
    int64_t order_rest_ns;     /* younger orders are left alone */
    uint32_t levels_max;       /* most orders a side it may want */
    int64_t max_position_lots; /* the strategy's own mark; 0 = none. The smaller one counts */
    int64_t reject_clear_ns;   /* post-only rejections further apart than this are not in a row */
    double fill_share; /* a fill counts once this share of its order as sent is filled; 0 = any */
};

struct pl_strategy {
    const char *name, *summary;
    const struct pl_settings_table *settings;
    size_t state_size; /* zeroed before bind; holds whatever decide keeps between calls */
    /* Checks params against the instrument and prepares state. Words in err say which setting. */
    int (*bind)(const void *params, const struct pl_strategy_market *market, void *state,
                struct pl_strategy_traits *traits, struct pl_error *err);
    /* After bind: fills request[PL_STRATEGY_FEATURES_MAX], the features whose values decide reads in
     * the same order; returns how many. NULL = none. */
    uint32_t (*features)(const void *params, struct pl_feature_request *request);
    void (*decide)(void *state, const struct pl_strategy_view *view, struct pl_wanted *out);
    /* "Why this quote", from the same inputs: lines of text whose parts in ticks sum to the price.
     * Leaves the state alone. Returns the length of the text; what does not fit is cut. NULL = no
     * words. */
    int (*explain)(const void *state, const struct pl_strategy_view *view, char *out, size_t size);
};

extern const struct pl_strategy pl_strategy_reference;
extern const struct pl_strategy pl_strategy_spread;
extern const struct pl_strategy pl_strategy_avellaneda;
extern const struct pl_strategy pl_strategy_skew;
extern const struct pl_strategy pl_strategy_inventory;

/* All of them, NULL-terminated. */
extern const struct pl_strategy *const pl_strategies[];
const struct pl_strategy *pl_strategy_find(const char *name);

#endif
