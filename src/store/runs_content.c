#include "store/runs_content.h"

#include "base/hash.h"

#include <math.h>
#include <string.h>

static uint64_t add_f64(uint64_t digest, double value)
{
    uint64_t bits = UINT64_C(0x7ff8000000000000);
    if (!isnan(value)) {
        value += 0.0; /* -0 becomes 0: SQLite keeps no sign of zero */
        memcpy(&bits, &value, sizeof bits);
    }
    return pl_digest_u64(digest, bits);
}

static uint64_t add_i64(uint64_t digest, int64_t value)
{
    return pl_digest_u64(digest, (uint64_t)value);
}

static int on_fill_digest(void *ctx, const struct pl_run_fill *f)
{
    uint64_t d = *(uint64_t *)ctx;
    d = add_i64(add_i64(d, f->venue_ns), f->local_ns);
    d = pl_digest_u64(pl_digest_u64(d, f->market), f->maker_idx);
    d = pl_digest_u64(pl_digest_u64(pl_digest_u64(d, f->order_id), f->side), f->taker);
    const double value[] = {
        f->px, f->qty, f->fee, f->mid, f->position, f->queue_at_arrival, f->queue_waited_ns};
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++) {
        d = add_f64(d, value[i]);
    }
    for (int k = 0; k < PL_RUN_MARKOUTS; k++) {
        d = add_f64(d, f->markout[k]);
    }
    *(uint64_t *)ctx = d;
    return 0;
}

static uint64_t add_points(uint64_t d, const struct pl_run_point *point, uint32_t count)
{
    d = pl_digest_u64(d, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct pl_run_point *p = &point[i];
        const double value[] = {p->bid,      p->ask,  p->own_bid, p->own_ask,
                                p->position, p->mark, p->equity,  p->drawdown};
        d = add_i64(d, p->t_ns);
        for (size_t k = 0; k < sizeof value / sizeof value[0]; k++) {
            d = add_f64(d, value[k]);
        }
    }
    return d;
}

int pl_runs_digest(const struct pl_run *run, struct pl_str figures, uint64_t *out,
                   struct pl_error *err)
{
    uint64_t d = pl_digest_bytes(0, figures.at, figures.size);
    int rc = run->fills != NULL ? run->fills(run, on_fill_digest, &d) : 0;
    if (rc != 0) {
        return pl_error_set(err, rc < 0 ? rc : PL_ERR_STATE, "run %s: its fills cannot be read: %s",
                            run->id, pl_err_text(rc));
    }
    d = add_points(d, run->equity, run->equity_count);
    for (uint32_t i = 0; i < run->market_count; i++) {
        d = add_points(d, run->market[i].point, run->market[i].point_count);
    }
    *out = d;
    return 0;
}
