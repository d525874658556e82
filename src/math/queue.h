/* math/queue.h - where an order stands in the queue of its price level, from level totals alone.
 *
 * An L2 feed says how much a level holds, not who left. `front` estimates the quantity ahead of our
 * order: a trade eats it from the front; a decrease that trades do not explain is a cancellation,
 * and the model says which share `p` of it stood behind us. A negative front is quantity that
 * traded through to us: our fill. [Rigtorp 2013; the families are those of the public peer
 * hftbacktest.]
 *
 * Units   lots, as doubles; the log models look at front * unit, the others have no scale.
 * Cost    a few ns; power with n other than 1 and 2, and the log models, some 30 ns.
 * Clamp   with params.clamp a cancellation never fills us (the front stops at 0), and quantity
 * behind us is never below 0. Without it the arithmetic is the peer's, NaN rules included: an
 *         infinite share counts as 1, a NaN share leaves front = now. */
#ifndef PL_MATH_QUEUE_H
#define PL_MATH_QUEUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum pl_queue_model {
    PL_QUEUE_RISK,    /* risk-averse: every cancellation was behind us; only trades advance */
    PL_QUEUE_POWER1,  /* b^n / (b^n + f^n) */
    PL_QUEUE_POWER2,  /* b^n / (b+f)^n */
    PL_QUEUE_POWER3,  /* 1 - (f/(f+b))^n */
    PL_QUEUE_LOG1,    /* ln(1+b) / (ln(1+b) + ln(1+f)) */
    PL_QUEUE_LOG2,    /* ln(1+b) / ln(1+b+f) */
    PL_QUEUE_PRORATA, /* b / (b+f) */
    PL_QUEUE_MODELS
};

struct pl_queue_params {
    enum pl_queue_model model;
    double n;    /* power models: > 0 */
    bool clamp;  /* true is ours, false the peer's */
    double unit; /* log models: quantity of one lot, > 0 */
};

struct pl_queue_pos {
    double front;     /* lots ahead of us; below 0: lots that reached us */
    double cum_trade; /* lots traded since the last depth update, already taken from front */
};

/* "power3" and back; PL_ERR_NOTFOUND for an unknown name. */
const char *pl_queue_model_name(enum pl_queue_model model);
PL_MUST_USE int pl_queue_model_parse(const char *name, enum pl_queue_model *out);
/* PL_ERR_INVALID when n or unit is outside its range for the model. */
PL_MUST_USE int pl_queue_params_check(const struct pl_queue_params *p);
/* Share of a decrease that stood behind us; not for PL_QUEUE_RISK. May be NaN or infinite. */
double pl_queue_share(const struct pl_queue_params *p, double front, double back);

/* IEEE minNum, as Rust's f64::min: a NaN loses. */
static inline double pl_queue_min(double a, double b)
{
    return a < b || b != b ? a : b;
}

/* A trade of `size` lots at our price. */
static inline void pl_queue_trade(struct pl_queue_pos *q, double size)
{
    q->front -= size;
    q->cum_trade += size;
}

/* The level went from `prev` to `now` lots, trades included. */
static inline void pl_queue_depth(const struct pl_queue_params *p, struct pl_queue_pos *q,
                                  double prev, double now)
{
    double change = prev - now - q->cum_trade;
    double front = q->front;
    q->cum_trade = 0.0;
    if (p->clamp && !(front > 0.0)) {
        return; /* nobody ahead: a cancellation cannot concern us */
    }
    if (change < 0.0 || p->model == PL_QUEUE_RISK) {
        q->front = pl_queue_min(front, now);
        return;
    }
    double back = prev - front;
    if (p->clamp && back < 0.0) {
        back = 0.0;
    }
    double share = pl_queue_share(p, front, back);
    if (share > 0x1.fffffffffffffp1023 || share < -0x1.fffffffffffffp1023) {
        share = 1.0;
    }
    double beyond = pl_queue_min(back - share * change, 0.0);
    double next = pl_queue_min(front - (1.0 - share) * change + beyond, now);
    q->front = p->clamp && next < 0.0 ? 0.0 : next;
}

/* Whole lots that reached us: -front to the nearest lot, never negative. */
static inline int64_t pl_queue_reached(const struct pl_queue_pos *q)
{
    return q->front < 0.0 ? (int64_t)(0.5 - q->front) : 0;
}

#endif
