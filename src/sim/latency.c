#include "sim/latency.h"

#include "base/rand.h"
#include "math/fn.h"

static int64_t draw(const struct pl_latency *l, int64_t base_ns, uint64_t seed,
                    enum pl_stream stream, uint64_t key, uint64_t counter, int64_t feed_ns)
{
    if (l->kind == PL_LATENCY_CONSTANT) {
        return base_ns;
    }
    if (l->kind == PL_LATENCY_FEED) {
        double ns = l->factor * (double)feed_ns;
        return ns > (double)base_ns ? (int64_t)ns : base_ns;
    }
    double u = pl_rand_unit(seed, stream, key, counter);
    double ns = (double)base_ns * pl_exp(l->log_sd * pl_norm_ppf(u));
    return ns < 1e18 ? (int64_t)ns : (int64_t)1e18;
}

int64_t pl_latency_entry(const struct pl_latency *l, uint64_t seed, uint64_t key, uint64_t counter,
                         int64_t feed_ns)
{
    return draw(l, l->entry_ns, seed, PL_STREAM_LATENCY_ENTRY, key, counter, feed_ns);
}

int64_t pl_latency_response(const struct pl_latency *l, uint64_t seed, uint64_t key,
                            uint64_t counter, int64_t feed_ns)
{
    return draw(l, l->response_ns, seed, PL_STREAM_LATENCY_RESPONSE, key, counter, feed_ns);
}
