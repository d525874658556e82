/* synth/profile.h - the numbers of a market: what docs/synth.md calls the parameters.
 *
 * Units   ticks of the instrument for distances, base units for sizes, seconds, rates per second.
 *         "sd" of a size is the standard deviation of its logarithm. */
#ifndef PL_SYNTH_PROFILE_H
#define PL_SYNTH_PROFILE_H

#include "core/inst.h"

#include <stdbool.h>

struct pl_synth_size { /* log-normal, rounded to lots; `round` of them to one digit */
    double median, sd, round;
};

struct pl_synth_profile {
    const char *name, *help;
    const char *venue, *symbol, *base, *quote;
    enum pl_inst_kind kind;
    struct pl_decimal tick, lot;
    double price; /* at the start, quote currency */
    int64_t maker_fee_e9, taker_fee_e9;
    uint32_t window; /* ticks that exist, a power of two */
    double step_s;   /* of the efficient price; between steps it moves by impact alone */

    /* efficient price */
    double vol_bps;                 /* per sqrt(s) */
    double jump_rate;               /* news per second */
    double jump_excite, jump_tau_s; /* branching ratio and memory of news */
    double activity_sd, activity_tau_s;
    double impact, impact_tau_s; /* ticks a taker order of the touch's target size moves it */
    double horizon_s;            /* how far ahead the informed see */

    /* orders resting away from the touch: Lomax distances, exponential lives */
    double deep_rate, deep_life_s, deep_scale; /* both sides; mean life; scale in ticks */
    double deep_requote;                       /* share of arrivals that replace another order */
    double deep_near,
        deep_watch; /* within these ticks lives are shorter, up to (1 + watch) times */
    struct pl_synth_size deep;
    double deep_growth; /* ticks over which the size grows by its own amount, at most eightfold */

    /* orders at the touch, one side of it */
    double touch_rate, touch_target; /* joins a second and size at which that holds */
    struct pl_synth_size touch;
    double touch_life_s, off_life_s; /* at the touch; once the touch has left them */
    double inside_rate;              /* improving a spread wider than a tick */
    double stale_rate;               /* cancels of a quote wholly mispriced, per order */
    double signal_maker;             /* how far joins and cancels lean on what comes */

    /* takers */
    double taker_rate; /* uninformed, both sides, before they excite each other */
    double taker_excite[2], taker_tau_s[2]; /* branching ratios to the same side; memories */
    struct pl_synth_size taker;
    double taker_sweep; /* share that goes on past the touch, as far as sweep_ticks */
    double sweep_ticks;
    double taker_queue;  /* how much more they come when the queue is short, 0..1 */
    double signal_taker; /* how far their side leans on what comes */
    double snipe_rate;   /* informed, at full mispricing */
    struct pl_synth_size snipe;
    double edge_ticks, full_ticks; /* mispricing below which nobody acts; and the full one */

    /* what is published */
    double depth_s, depth_jitter_s, depth_skip; /* between diffs; uniform extra; share left out */
    double stamp_s;                             /* the venue's clock ticks this often */
    double feed_floor_s, feed_median_s, feed_sd, feed_tau_s; /* latency to the local clock */
    bool perpetual; /* MARK each second, FUNDING each 8 h */
    double warm_s;  /* run before anything is published */
};

extern const struct pl_synth_profile pl_synth_profiles[];
extern const size_t pl_synth_profile_count;
/* NULL when there is none of that name. */
const struct pl_synth_profile *pl_synth_profile_find(struct pl_str name);

#endif
