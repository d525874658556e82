#include "math/avellaneda.h"

#include "math/fn.h"

#include <math.h>

double pl_as_reservation(const struct pl_as *p, double s, double q, double tau)
{
    return s - q * p->gamma * p->sigma * p->sigma * tau;
}

/* (2/g) ln(1 + g/k), 2/k at g = 0. */
static double log_term(double g, double k)
{
    return g > 0.0 ? 2.0 / g * pl_log1p(g / k) : 2.0 / k;
}

double pl_as_spread(const struct pl_as *p, double tau)
{
    double g = p->gamma * p->lot;
    double risk = p->gamma * p->sigma * p->sigma * tau;
    switch (p->form) {
    case PL_AS_PAPER:
        return risk + log_term(g, p->k);
    case PL_AS_VARIANT:
        return risk + pl_log1p(g / p->k);
    case PL_AS_FIXED:
        break;
    }
    return log_term(g, p->k);
}

struct pl_as_quote pl_as_quote(const struct pl_as *p, double s, double q, double tau)
{
    struct pl_as_quote out;
    out.reservation = pl_as_reservation(p, s, q, tau);
    out.spread = pl_as_spread(p, tau);
    out.bid = out.reservation - 0.5 * out.spread;
    out.ask = out.reservation + 0.5 * out.spread;
    return out;
}

double pl_as_bid_size(double size, double eta, double q)
{
    return q > 0.0 ? size * pl_exp(-fabs(eta) * q) : size;
}

double pl_as_ask_size(double size, double eta, double q)
{
    return q < 0.0 ? size * pl_exp(fabs(eta) * q) : size;
}
