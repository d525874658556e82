#include "feature/mark_basis.h"

#include "feature/slow_mean.h"
#include "math/fn.h"

#include <math.h>

#define PER_BPS 1e4

struct pl_mark_basis {
    struct pl_slow_mean mean;
    double mark, wmid; /* that hold now; NAN = none yet */
};

int pl_mark_basis_create(struct pl_arena *arena, const struct pl_feature_request *request,
                         struct pl_mark_basis **out, struct pl_error *err)
{
    struct pl_mark_basis *b = pl_arena_take(arena, 1, sizeof *b);
    if (b == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "mark basis: out of memory");
    }
    b->mean.halflife_s = request->halflife_s;
    pl_mark_basis_reset(b);
    *out = b;
    return 0;
}

void pl_mark_basis_reset(struct pl_mark_basis *b)
{
    b->mean = pl_slow_mean_start(b->mean.halflife_s);
    b->mark = b->wmid = NAN;
}

void pl_mark_basis_step(struct pl_mark_basis *b, const struct pl_feature_input *in)
{
    if (pl_slow_mean_due(&b->mean, in->venue_ns) && b->mark > 0 && b->wmid > 0) {
        pl_slow_mean_add(&b->mean, in->venue_ns, PER_BPS * pl_log(b->mark / b->wmid));
    }
    if (in->mark_px > 0) {
        b->mark = (double)in->mark_px;
    }
    if (!in->trade && pl_touch_two_sided(&in->touch)) {
        b->wmid = pl_touch_wmid(&in->touch);
    }
}

double pl_mark_basis_value(const struct pl_mark_basis *b)
{
    return pl_slow_mean_warm(&b->mean) ? b->mean.mean : NAN;
}

int64_t pl_mark_basis_steps(const struct pl_mark_basis *b)
{
    return b->mean.steps;
}
