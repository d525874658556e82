/* strategy/skew_settings.h - the settings table of `skew`, and what its texts say. */
#ifndef PL_STRATEGY_SKEW_SETTINGS_H
#define PL_STRATEGY_SKEW_SETTINGS_H

#include "feature/estimator.h"
#include "strategy/skew.h"

extern const struct pl_settings_table pl_skew_settings;

struct pl_skew_bands {
    uint32_t count;
    double bps[PL_FEATURE_BANDS_MAX];
};

/* "10,25,50": 1 to 10 widths above 0, rising. */
PL_MUST_USE int pl_skew_parse_bands(const char *text, struct pl_skew_bands *out,
                                    struct pl_error *err);
/* The weights that apply without and with the lead market; `auto` takes the one of that set. Those of
 * lead features are 0 without it. */
struct pl_skew_weights {
    double own[PL_SKEW_FEATURES], lead[PL_SKEW_FEATURES];
};
PL_MUST_USE int pl_skew_parse_weights(const struct pl_skew_params *p, struct pl_skew_weights *out,
                                      struct pl_error *err);

#endif
