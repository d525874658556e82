/* strategy/explain.h - "why this quote" as lines of text: the parts of a price in ticks, which sum to
 * the price quoted. Cold: for people and logs. Memory: the caller's buffer; what does not fit is cut. */
#ifndef PL_STRATEGY_EXPLAIN_H
#define PL_STRATEGY_EXPLAIN_H

#include "strategy/ladder.h"
#include "strategy/strategy.h"

struct pl_explain {
    char *out;
    size_t size, used; /* used counts what was cut too */
};

struct pl_quote_part {
    const char *name;
    double ticks;
};

struct pl_explain pl_explain_start(char *out, size_t size);
void pl_explain_line(struct pl_explain *x, const char *fmt, ...) PL_PRINTF(2, 3);
/* "bid 0: fair 1000.25 skew -0.5 half -100 rounding -0.75 limits 0 = 899 x 4": the parts sum to the
 * ladder's price; rounding and limits (touch, back-off, distinct prices) are found here. */
void pl_explain_level(struct pl_explain *x, enum pl_side side, uint32_t level,
                      const struct pl_quote_part *part, size_t count,
                      const struct pl_wanted_level *quoted);
/* "bid: none, WARMUP", "ask: held, FILL_DELAY"; nothing for a side that quotes freely. */
void pl_explain_side(struct pl_explain *x, enum pl_side side, const struct pl_wanted *wanted);

#endif
