/* strategy/spread_settings.h - the settings table of `spread`. */
#ifndef PL_STRATEGY_SPREAD_SETTINGS_H
#define PL_STRATEGY_SPREAD_SETTINGS_H

#include "strategy/spread.h"

extern const struct pl_settings_table pl_spread_settings;

#endif
