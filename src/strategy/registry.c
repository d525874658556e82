/* The strategies the program knows, by name. */
#include "strategy/strategy.h"

#include <string.h>

const struct pl_strategy *const pl_strategies[] = {
    &pl_strategy_reference, &pl_strategy_spread,    &pl_strategy_avellaneda,
    &pl_strategy_skew,      &pl_strategy_inventory, NULL,
};

const struct pl_strategy *pl_strategy_find(const char *name)
{
    for (size_t i = 0; pl_strategies[i] != NULL; i++) {
        if (strcmp(pl_strategies[i]->name, name) == 0) {
            return pl_strategies[i];
        }
    }
    return NULL;
}

const char *pl_noquote_name(enum pl_noquote reason)
{
    static const char *const names[] = {
#define X(name) #name,
        PL_NOQUOTE_LIST(X)
#undef X
    };
    return reason < PL_NOQUOTE_COUNT ? names[reason] : "UNKNOWN";
}
