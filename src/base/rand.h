/* base/rand.h - counter-based random: a draw is a pure function of (seed, stream, key, counter).
 *
 * So a maker alone, among 1,000 or on another worker draws the same numbers. No state, no order. */
#ifndef PL_BASE_RAND_H
#define PL_BASE_RAND_H

#include "base/hash.h"

enum pl_stream { /* what a draw is for; values are part of the result and never reused */
                 PL_STREAM_LATENCY_ENTRY = 1,
                 PL_STREAM_LATENCY_RESPONSE = 2,
                 PL_STREAM_SYNTH = 3,
                 PL_STREAM_SIMULATE = 4,
                 PL_STREAM_OUTAGE = 5,
};

static inline uint64_t pl_rand_u64(uint64_t seed, uint64_t stream, uint64_t key, uint64_t counter)
{
    uint64_t h = pl_digest_u64(seed, stream);
    h = pl_digest_u64(h, key);
    return pl_digest_u64(h, counter);
}

/* Uniform in (0,1), never 0 and never 1: 52 bits and a half. */
static inline double pl_rand_unit(uint64_t seed, uint64_t stream, uint64_t key, uint64_t counter)
{
    uint64_t bits = pl_rand_u64(seed, stream, key, counter) >> 12;
    return ((double)bits + 0.5) * 0x1p-52;
}

#endif
