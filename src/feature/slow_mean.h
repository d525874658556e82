/* feature/slow_mean.h - the exponential mean of a value, one step a second: what is usual, so that a
 * standing difference between two prices is not taken for a signal.
 *
 *     mean' = x + (mean - x) 2^(-1/halflife)   once a second; n seconds at once: 2^(-n/halflife)
 *
 * A value: holds no memory. Half-life 0 = off: the mean is 0 and warm. Cost: O(1). */
#ifndef PL_FEATURE_SLOW_MEAN_H
#define PL_FEATURE_SLOW_MEAN_H

#include <stdbool.h>
#include <stdint.h>

struct pl_slow_mean {
    double halflife_s, keep; /* keep: of the old mean, in a step of one second */
    double mean;
    int64_t next_ns,
        steps; /* next_ns: the second of the next step; 0 = it starts with the next x */
};

struct pl_slow_mean pl_slow_mean_start(double halflife_s);
/* x held until now: takes the steps that are due. The first one is taken at once. */
void pl_slow_mean_add(struct pl_slow_mean *m, int64_t now_ns, double x);
/* There is no value for a while: the time until the next one does not count. */
void pl_slow_mean_pause(struct pl_slow_mean *m);
/* After one half-life of steps. */
bool pl_slow_mean_warm(const struct pl_slow_mean *m);

static inline bool pl_slow_mean_due(const struct pl_slow_mean *m, int64_t now_ns)
{
    return m->halflife_s > 0 && now_ns >= m->next_ns;
}

#endif
