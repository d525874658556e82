#include "feature/slow_mean.h"

#include "core/units.h"
#include "math/fn.h"

#define LN_2 0.6931471805599453

struct pl_slow_mean pl_slow_mean_start(double halflife_s)
{
    return (struct pl_slow_mean){
        .halflife_s = halflife_s,
        .keep = halflife_s > 0 ? pl_exp(-LN_2 / halflife_s) : 0,
    };
}

void pl_slow_mean_add(struct pl_slow_mean *m, int64_t now_ns, double x)
{
    if (!pl_slow_mean_due(m, now_ns)) {
        return;
    }
    int64_t second = (now_ns / PL_NS_PER_S + 1) * PL_NS_PER_S;
    int64_t steps = m->next_ns == 0 ? 0 : (second - m->next_ns) / PL_NS_PER_S;
    if (m->steps == 0) {
        m->mean = x;
        m->steps = 1;
    }
    if (steps > 0) {
        double keep = steps == 1 ? m->keep : pl_exp(-LN_2 * (double)steps / m->halflife_s);
        m->mean = x + (m->mean - x) * keep;
        m->steps += steps;
    }
    m->next_ns = second;
}

void pl_slow_mean_pause(struct pl_slow_mean *m)
{
    m->next_ns = 0;
}

bool pl_slow_mean_warm(const struct pl_slow_mean *m)
{
    return !(m->halflife_s > 0) || (double)(m->steps - 1) >= m->halflife_s;
}
