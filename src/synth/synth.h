/* synth/synth.h - a realistic seeded market, published as a venue would publish it.
 *
 * The model, its sources and how near it comes to real captures: docs/synth.md. The same seed and
 * settings give the same messages on every build. A market alone is the same as among others, as
 * long as none of those has a finer step of the efficient price.
 *
 * Owner   one thread. Memory: the books, and the messages of a tenth of a second.
 * Cost    about 0.15 us per row of a busy market (docs/synth.md has the measured figures).
 * Errors  PL_ERR_INVALID for a bad configuration, PL_ERR_NOMEM, what the sink returns. */
#ifndef PL_SYNTH_SYNTH_H
#define PL_SYNTH_SYNTH_H

#include "core/block.h"
#include "synth/profile.h"

#define PL_SYNTH_MARKETS_MAX 16

struct pl_lob;

struct pl_synth_market {
    const struct pl_synth_profile *profile;
    char symbol[32]; /* empty = the profile's */
    double price;    /* at the start; 0 = the profile's */
};

struct pl_synth_cfg {
    uint64_t seed;
    int64_t start_ns;          /* UTC, a whole second */
    int64_t duration_ns;       /* > 0 */
    int64_t snapshot_every_ns; /* 0 = only at the start */
    double rate;               /* all rates times this; 1 = as measured, 0.01..100 */
    double common;             /* share of variance that all markets have in common, 0..0.99 */
    int64_t lag_ns;            /* markets 1.. see the common news this much after market 0 */
    uint32_t market_count;
    struct pl_synth_market market[PL_SYNTH_MARKETS_MAX];
    /* Called after each DEPTH message with the book it describes; for tests. NULL = none. */
    void (*observe)(void *ctx, uint32_t market, const struct pl_lob *book);
    void *observe_ctx;
};

struct pl_synth;

/* One market of this profile, seed 1, an hour from 2026-01-05 07:30 UTC: a base to change. */
struct pl_synth_cfg pl_synth_cfg_default(const struct pl_synth_profile *profile);
PL_MUST_USE int pl_synth_create(const struct pl_synth_cfg *cfg, struct pl_synth **out,
                                struct pl_error *err);
void pl_synth_destroy(struct pl_synth **synth); /* accepts NULL; leaves *synth NULL */
/* Generates up to (and with) `until_ns` of venue time; the first call registers the markets with
 * the sink. Returns 1 while there is more to come, 0 at the end. */
PL_MUST_USE int pl_synth_advance(struct pl_synth *synth, struct pl_sink *sink, int64_t until_ns,
                                 struct pl_error *err);

struct pl_synth_counts {
    uint64_t messages, rows, trades, events;
};
struct pl_synth_counts pl_synth_counts(const struct pl_synth *synth);

#endif
