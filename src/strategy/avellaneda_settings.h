/* strategy/avellaneda_settings.h - the settings table of `avellaneda`. */
#ifndef PL_STRATEGY_AVELLANEDA_SETTINGS_H
#define PL_STRATEGY_AVELLANEDA_SETTINGS_H

#include "strategy/avellaneda.h"

extern const struct pl_settings_table pl_avellaneda_settings;

/* "fit" gives *fit, a number above 0 *value; anything else PL_ERR_INVALID naming the setting. */
PL_MUST_USE int pl_avellaneda_fit_or_number(const char *name, const char *text, bool *fit,
                                            double *value, struct pl_error *err);
/* The common settings with the times that avellaneda gives in seconds. */
struct pl_common_params pl_avellaneda_common(const struct pl_avellaneda_params *params);

#endif
