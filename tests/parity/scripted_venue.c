/* The simulated venue on a market written by hand, for tests/parity/fills_cases.py: a script on
 * stdin, one event a second, and the fills and the ledger as JSON on stdout.
 *
 *   bid PX LOTS | ask PX LOTS        a level of the book now has this size
 *   seller PX LOTS | buyer PX LOTS   a print; who was the aggressor
 *   order ID buy|sell PX LOTS gtc|ioc|market
 *
 * Before the first print or order, levels make up the snapshot. Ticks of 0.1, lots of 0.001,
 * queue model power2, no latency. */
#include "oms/ledger.h"
#include "support/rig.h"

#include <stdio.h>

#define SECOND 1000000000

struct venue {
    struct rig rig;
    struct pl_book_level bid[RIG_ROWS_MAX / 2], ask[RIG_ROWS_MAX / 2];
    uint32_t bids, asks, orders;
    bool open;
    int64_t now;
    uint32_t id_of[64]; /* the script's name of order slot i */
};

static void open_market(struct venue *v)
{
    if (!v->open) {
        v->open = true;
        rig_rows(&v->rig, PL_MSG_SNAPSHOT, v->now, v->bid, v->bids, v->ask, v->asks);
    }
    v->now += SECOND;
}

static bool take_level(struct venue *v, enum pl_side side, int64_t px, int64_t lots)
{
    struct pl_book_level level = {px, lots};
    if (v->open) {
        v->now += SECOND;
        bool bid = side == PL_BUY;
        rig_rows(&v->rig, PL_MSG_DEPTH, v->now, &level, bid, &level, !bid);
        return true;
    }
    uint32_t *count = side == PL_BUY ? &v->bids : &v->asks;
    if (*count == RIG_ROWS_MAX / 2) {
        return false;
    }
    (side == PL_BUY ? v->bid : v->ask)[(*count)++] = level;
    return true;
}

static bool take_order(struct venue *v, const char *line)
{
    unsigned id;
    char side[8], tif[8];
    long long px, lots;
    if (sscanf(line, "order %u %7s %lld %lld %7s", &id, side, &px, &lots, tif) != 5 ||
        v->orders == PL_COUNT(v->id_of)) {
        return false;
    }
    open_market(v);
    struct pl_action a = rig_new(&v->rig, v->orders, side[0] == 'b' ? PL_BUY : PL_SELL, px, lots);
    v->id_of[v->orders++] = id;
    bool market = strcmp(tif, "market") == 0;
    a.tif = market || strcmp(tif, "ioc") == 0 ? PL_TIF_IOC : PL_TIF_GTC;
    a.flags = market ? PL_ORDF_MARKET : 0;
    rig_send(&v->rig, 0, a, v->now);
    rig_run(&v->rig, v->now);
    return true;
}

static bool take(struct venue *v, const char *line)
{
    char what[8];
    long long px, lots;
    if (strncmp(line, "order ", 6) == 0) {
        return take_order(v, line);
    }
    if (sscanf(line, "%7s %lld %lld", what, &px, &lots) != 3) {
        return false;
    }
    if (strcmp(what, "bid") == 0 || strcmp(what, "ask") == 0) {
        return take_level(v, what[0] == 'b' ? PL_BUY : PL_SELL, px, lots);
    }
    if (strcmp(what, "buyer") != 0 && strcmp(what, "seller") != 0) {
        return false;
    }
    open_market(v);
    rig_trade(&v->rig, v->now, what[0] == 'b' ? PL_BUY : PL_SELL, px, lots);
    return true;
}

static void print_result(const struct venue *v, const struct pl_inst *inst)
{
    struct pl_ledger_terms terms;
    struct pl_ledger ledger = {0};
    pl_ledger_terms_init(&terms, inst);
    (void)printf("{\"fills\": [");
    for (uint32_t i = 0; i < v->rig.fill_count; i++) {
        const struct pl_sim_fill *f = &v->rig.fill[i];
        pl_ledger_fill(&ledger, &terms, (enum pl_side)f->side, f->px, f->lots, f->taker != 0);
        (void)printf("%s{\"order\": %u, \"px\": %lld, \"lots\": %lld, \"taker\": %s}",
                     i > 0 ? ", " : "", v->id_of[f->order_id - 1], (long long)f->px,
                     (long long)f->lots, f->taker ? "true" : "false");
    }
    (void)printf("], \"position\": %lld}\n", (long long)ledger.pos_lots);
}

int main(void)
{
    static struct venue v;
    v.now = SECOND;
    struct pl_sim_config config = rig_config();
    struct pl_inst inst = rig_inst();
    inst.lot = (struct pl_decimal){1, 3};
    rig_open(&v.rig, &config, &inst);
    char line[128];
    int rc = 0;
    while (rc == 0 && fgets(line, sizeof line, stdin) != NULL) {
        if (!take(&v, line)) {
            (void)fprintf(stderr, "scripted_venue: cannot read: %s", line);
            rc = 2;
        }
    }
    if (rc == 0) {
        print_result(&v, &inst);
    }
    rig_close(&v.rig);
    return rc;
}
