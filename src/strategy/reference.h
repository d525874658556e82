/* strategy/reference.h - the parameters of the reference maker, for parity and speed only. */
#ifndef PL_STRATEGY_REFERENCE_H
#define PL_STRATEGY_REFERENCE_H

#include <stdint.h>

struct pl_reference_params {
    int64_t offset;   /* ticks outside the touch */
    double size, max; /* base units */
    int64_t period_ms;
};

#endif
