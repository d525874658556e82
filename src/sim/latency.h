/* sim/latency.h - how long a request takes to the venue and an answer back.
 *
 * CONSTANT  entry_ns and response_ns.
 * FEED      the market data's own latency of that moment (from the recorded stamps) times a factor.
 * LOGNORMAL median entry_ns / response_ns and a log standard deviation; drawn by counter, so a
 *           maker alone or among thousands draws the same. */
#ifndef PL_SIM_LATENCY_H
#define PL_SIM_LATENCY_H

#include <stdint.h>

enum pl_latency_kind { PL_LATENCY_CONSTANT, PL_LATENCY_FEED, PL_LATENCY_LOGNORMAL };

struct pl_latency {
    enum pl_latency_kind kind;
    int64_t entry_ns, response_ns; /* constant; floor of FEED; median of LOGNORMAL */
    double factor;                 /* FEED: latency = max(floor, factor x feed latency) */
    double log_sd;                 /* LOGNORMAL */
};

/* `key` and `counter` name the draw; feed_ns is the latest message's local - venue time. */
int64_t pl_latency_entry(const struct pl_latency *latency, uint64_t seed, uint64_t key,
                         uint64_t counter, int64_t feed_ns);
int64_t pl_latency_response(const struct pl_latency *latency, uint64_t seed, uint64_t key,
                            uint64_t counter, int64_t feed_ns);

#endif
