#include "report/derive.h"

#include "core/units.h"

#include <math.h>
#include <string.h>

static double ratio(double a, double b)
{
    return b != 0 ? a / b : NAN;
}

/* Sums of one (tau, side): first the means, then squared sums of whole clusters about them. */
struct cell {
    uint64_t n, clusters;
    double sum_bps, sum_money;
    int64_t block; /* of the open cluster */
    double open_bps, open_money;
    double square_bps, square_money;
};

struct pass {
    const struct pl_run *run;
    int number; /* 1: means, 2: clusters */
    struct cell cell[PL_RUN_MARKOUTS][PL_MARKOUT_SIDES];
};

static void cell_close(struct cell *c)
{
    if (c->clusters > 0) {
        c->square_bps += c->open_bps * c->open_bps;
        c->square_money += c->open_money * c->open_money;
    }
    c->open_bps = c->open_money = 0;
}

static void cell_add(struct cell *c, int pass, int64_t block, double bps, double money)
{
    if (pass == 1) {
        c->n++;
        c->sum_bps += bps;
        c->sum_money += money;
        return;
    }
    if (c->clusters == 0 || block != c->block) {
        cell_close(c);
        c->clusters++;
        c->block = block;
    }
    c->open_bps += bps - c->sum_bps / (double)c->n;
    c->open_money += money - c->sum_money / (double)c->n;
}

double pl_markout_money(const struct pl_inst *inst, const struct pl_run_fill *fill, double markout)
{
    double size = fill->qty * pl_decimal_to_double(inst->contract_size);
    if (inst->kind != PL_INST_INVERSE) {
        return size * markout;
    }
    double after = fill->side == PL_BUY ? fill->px + markout : fill->px - markout;
    return ratio(size * markout, fill->px * after); /* value is size / px, in base */
}

static int on_fill_derive(void *ctx, const struct pl_run_fill *fill)
{
    struct pass *p = ctx;
    if (fill->market >= p->run->market_count || fill->side > PL_SELL) {
        return PL_ERR_MALFORMED;
    }
    const struct pl_inst *inst = &p->run->market[fill->market].inst;
    for (int k = 0; k < PL_RUN_MARKOUTS; k++) {
        double markout = fill->markout[k];
        if (isnan(markout)) {
            continue;
        }
        int64_t width = pl_run_markout_ns[k] > PL_NS_PER_S ? pl_run_markout_ns[k] : PL_NS_PER_S;
        int64_t block = fill->venue_ns / width;
        double bps = ratio(markout, fill->px) * 1e4;
        double money = pl_markout_money(inst, fill, markout);
        cell_add(&p->cell[k][fill->side], p->number, block, bps, money);
        cell_add(&p->cell[k][PL_MARKOUT_ALL], p->number, block, bps, money);
    }
    return 0;
}

static struct pl_markout cell_finish(struct cell *c)
{
    cell_close(c);
    double n = (double)c->n, g = (double)c->clusters;
    double spread = c->clusters > 1 ? g / (g - 1) : NAN;
    return (struct pl_markout){
        .n = c->n,
        .clusters = c->clusters,
        .mean_bps = ratio(c->sum_bps, n),
        .mean_money = ratio(c->sum_money, n),
        .sum_money = c->sum_money,
        .se_bps = ratio(sqrt(spread * c->square_bps), n),
        .se_money = ratio(sqrt(spread * c->square_money), n),
    };
}

int pl_derive(const struct pl_run *run, struct pl_derived *out, struct pl_error *err)
{
    *out = (struct pl_derived){.account = pl_derive_ratios(&run->account, &run->counts)};
    struct pass pass = {.run = run};
    for (pass.number = 1; pass.number <= 2 && run->fills != NULL; pass.number++) {
        int rc = run->fills(run, on_fill_derive, &pass);
        if (rc != 0) {
            return pl_error_set(err, rc < 0 ? rc : PL_ERR_STATE,
                                "run %s: its fills cannot be read: %s", run->id, pl_err_text(rc));
        }
    }
    for (int k = 0; k < PL_RUN_MARKOUTS; k++) {
        for (int side = 0; side < PL_MARKOUT_SIDES; side++) {
            out->markout[k][side] = cell_finish(&pass.cell[k][side]);
        }
    }
    return 0;
}

struct pl_ratios pl_derive_ratios(const struct pl_run_money *m, const struct pl_run_counts *c)
{
    return (struct pl_ratios){
        .pnl_bps = ratio(m->pnl, m->value) * 1e4,
        .captured_bps = ratio(m->captured, m->value) * 1e4,
        .fees_bps = ratio(m->fees, m->value) * 1e4,
        .adverse_5s_bps = ratio(m->adverse_5s, m->value) * 1e4,
        .residual = m->pnl - (m->captured + m->inventory - m->fees + m->funding),
        .kept_5s = m->captured - m->adverse_5s,
        .fill_ratio_orders = ratio((double)c->orders_filled, (double)c->orders),
        .requests_per_fill = ratio((double)c->requests, (double)c->fills),
        .cancels_per_order = ratio((double)c->cancels, (double)c->orders),
        .mean_fill = ratio(m->volume, (double)c->fills),
        .taker_share = ratio((double)c->fills_taker, (double)c->fills),
        .guarded_share = ratio((double)c->decisions_guarded, (double)c->decisions),
    };
}

double pl_hist_mean(const struct pl_run_hist *hist)
{
    return ratio(hist->sum, (double)hist->total);
}

double pl_hist_quantile(const struct pl_run_hist *hist, double q)
{
    if (hist->total == 0) {
        return NAN;
    }
    double want = q * (double)hist->total, before = 0;
    for (unsigned i = 0; i < PL_RUN_HIST_BUCKETS; i++) {
        double count = (double)hist->count[i];
        if (count == 0 || before + count < want) {
            before += count;
            continue;
        }
        /* Bucket 0 also holds what is below lo, the last what is beyond: the extremes bound both. */
        double low = i == 0 ? hist->min : pl_run_hist_edge(hist, i);
        double high = i + 1 == PL_RUN_HIST_BUCKETS ? hist->max : pl_run_hist_edge(hist, i + 1);
        low = low < hist->min ? hist->min : low;
        high = high > hist->max ? hist->max : high;
        return low + (high - low) * ((want - before) / count);
    }
    return hist->max;
}

const char *pl_run_currency(const struct pl_run *run)
{
    if (run->currency[0] != '\0') {
        return run->currency;
    }
    return run->market_count > 0 ? run->market[0].inst.quote : "";
}
