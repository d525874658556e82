/* strategy/inventory_settings.h - the settings table of `inventory`. */
#ifndef PL_STRATEGY_INVENTORY_SETTINGS_H
#define PL_STRATEGY_INVENTORY_SETTINGS_H

#include "strategy/inventory.h"

#define PL_INVENTORY_KAPPA_MIN 0.01
#define PL_INVENTORY_KAPPA_MAX 10.0

extern const struct pl_settings_table pl_inventory_settings;

/* A value that is the word, or a number in [min, max]; *value = 0 for the word. */
PL_MUST_USE int pl_inventory_word_or_number(const char *name, const char *text, const char *word,
                                            double min, double max, double *value,
                                            struct pl_error *err);

#endif
