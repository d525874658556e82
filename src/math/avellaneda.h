/* math/avellaneda.h - reservation price, optimal spread and quotes [Avellaneda, Stoikov 2008].
 *
 * Units   s, bid, ask, spread: price. sigma: price per sqrt(time). tau = T - t: the same time.
 *         gamma: 1/currency. k: 1/price. q: units of inventory, signed.
 * Forms   PAPER is eq. 30. VARIANT drops the 2/gamma before the logarithm, which leaves it without a
 *         unit: kept because people run it. FIXED (2006 working paper) has no risk term.
 * gamma = 0 is the limit: no skew, spread 2/k. No memory, no errors: callers check their settings. */
#ifndef PL_MATH_AVELLANEDA_H
#define PL_MATH_AVELLANEDA_H

enum pl_as_form { PL_AS_PAPER, PL_AS_VARIANT, PL_AS_FIXED };

struct pl_as {
    enum pl_as_form form;
    double gamma, sigma, k;
    double
        lot; /* size of one order in units: gamma lot stands inside the log term; 1 = the paper */
};

struct pl_as_quote {
    double reservation, spread, bid, ask;
};

double pl_as_reservation(const struct pl_as *p, double s, double q, double tau); /* eq. 29 */
double pl_as_spread(const struct pl_as *p, double tau);                          /* full width */
struct pl_as_quote pl_as_quote(const struct pl_as *p, double s, double q, double tau);

/* The size of the side that would add inventory shrinks by exp(-|eta| |q|). A negative eta, which
 * two public bots have as default, would grow it; its absolute value is taken. */
double pl_as_bid_size(double size, double eta, double q);
double pl_as_ask_size(double size, double eta, double q);

#endif
