#include "math/queue.h"

#include "base/assert.h"
#include "math/fn.h"

#include <string.h>

static const char *const model_names[PL_QUEUE_MODELS] = {
    [PL_QUEUE_RISK] = "risk",       [PL_QUEUE_POWER1] = "power1", [PL_QUEUE_POWER2] = "power2",
    [PL_QUEUE_POWER3] = "power3",   [PL_QUEUE_LOG1] = "log1",     [PL_QUEUE_LOG2] = "log2",
    [PL_QUEUE_PRORATA] = "prorata",
};

const char *pl_queue_model_name(enum pl_queue_model model)
{
    PL_ASSERT((unsigned)model < PL_QUEUE_MODELS);
    return model_names[model];
}

int pl_queue_model_parse(const char *name, enum pl_queue_model *out)
{
    for (unsigned i = 0; i < PL_QUEUE_MODELS; i++) {
        if (strcmp(name, model_names[i]) == 0) {
            *out = (enum pl_queue_model)i;
            return 0;
        }
    }
    return PL_ERR_NOTFOUND;
}

int pl_queue_params_check(const struct pl_queue_params *p)
{
    switch (p->model) {
    case PL_QUEUE_RISK:
    case PL_QUEUE_PRORATA:
        return 0;
    case PL_QUEUE_POWER1:
    case PL_QUEUE_POWER2:
    case PL_QUEUE_POWER3:
        return p->n > 0.0 && p->n <= 1000.0 ? 0 : PL_ERR_INVALID;
    case PL_QUEUE_LOG1:
    case PL_QUEUE_LOG2:
        return p->unit > 0.0 && p->unit <= 1e18 ? 0 : PL_ERR_INVALID;
    case PL_QUEUE_MODELS:
        break;
    }
    return PL_ERR_INVALID;
}

/* x^n; 1 and 2 by multiplication, which is what a correctly rounded pow gives. A negative x (the
 * unclamped form with front > prev) has the sign rule of C's pow. */
static double power(double x, double n)
{
    if (n == 1.0) {
        return x;
    }
    if (n == 2.0) {
        return x * x;
    }
    if (x >= 0.0) {
        return pl_pow(x, n);
    }
    double whole = __builtin_floor(n);
    if (whole != n) {
        return __builtin_nan("");
    }
    double size = pl_pow(-x, n);
    return whole * 0.5 == __builtin_floor(whole * 0.5) ? size : -size;
}

static double log_of(const struct pl_queue_params *p, double x)
{
    return pl_log(1.0 + x * p->unit); /* not log1p: the peer's arithmetic */
}

double pl_queue_share(const struct pl_queue_params *p, double front, double back)
{
    PL_ASSERT(p->model != PL_QUEUE_RISK && p->model < PL_QUEUE_MODELS);
    switch (p->model) {
    case PL_QUEUE_POWER1: {
        double b = power(back, p->n);
        return b / (b + power(front, p->n));
    }
    case PL_QUEUE_POWER2:
        return power(back, p->n) / power(back + front, p->n);
    case PL_QUEUE_POWER3:
        return 1.0 - power(front / (front + back), p->n);
    case PL_QUEUE_LOG1: {
        double b = log_of(p, back);
        return b / (b + log_of(p, front));
    }
    case PL_QUEUE_LOG2:
        return log_of(p, back) / log_of(p, back + front);
    case PL_QUEUE_PRORATA:
        return back / (back + front);
    case PL_QUEUE_RISK:
    case PL_QUEUE_MODELS:
        break;
    }
    return 1.0;
}
