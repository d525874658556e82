#include "math/inventory_lp.h"

#include "base/assert.h"
#include "math/fn.h"

#include <math.h>

#define TIE_BREAK  1e-7
#define VIOLATED   1e-10
#define ROUNDS_MAX 64
#define ROWS_MAX   96
#define STEPS_MAX  2000
#define CHORDS_MAX 80

enum { X_BID, X_ASK, T_BID, T_ASK, T_Y, SKEW, VARIABLES };
_Static_assert(VARIABLES == PL_INVENTORY_VARIABLES, "memory of the full program");

double pl_inventory_chord(double z, double d)
{
    double j = floor(z / d);
    return (2 * j + 1) * d * z - j * (j + 1) * d * d;
}

static double inventory_at(const struct pl_inventory_lp *p, double x_b, double x_a)
{
    return p->qh - 0.5 * p->kappa * (x_b - x_a);
}

double pl_inventory_cost(const struct pl_inventory_lp *p, double x_b, double x_a)
{
    double cost = p->alpha * pl_inventory_chord(inventory_at(p, x_b, x_a), p->chord);
    cost += p->off[0] ? 0 : p->beta * pl_inventory_chord(x_b, p->chord);
    return cost + (p->off[1] ? 0 : p->beta * pl_inventory_chord(x_a, p->chord));
}

double pl_inventory_skew(const struct pl_inventory_lp *p)
{
    return p->alpha * p->kappa * p->qh / (p->alpha * p->kappa * p->kappa + 2 * p->beta);
}

double pl_inventory_skew_error(const struct pl_inventory_lp *p)
{
    return 0.5 * p->chord *
           sqrt((p->alpha + 2 * p->beta) / (p->alpha * p->kappa * p->kappa + 2 * p->beta));
}

/* ---- the program ---------------------------------------------------------------------------- */

struct program {
    const struct pl_inventory_lp *p;
    struct pl_simplex simplex;
    double least[2], reach; /* |y| at most */
    bool failed;            /* a row found no room */
};

static void add(struct program *g, const double *a, enum pl_simplex_row kind, double b)
{
    g->failed |= pl_simplex_add(&g->simplex, a, kind, b) < 0;
}

/* Chord j of variable 0 (x_b), 1 (x_a) or 2 (y). The program's x count from their least value. */
static void add_chord(struct program *g, int of, double j)
{
    const struct pl_inventory_lp *p = g->p;
    double slope = (2 * j + 1) * p->chord, b = -j * (j + 1) * p->chord * p->chord;
    double a[VARIABLES] = {0};
    if (of < 2) {
        a[X_BID + of] = -slope;
        b += slope * g->least[of];
    } else {
        a[X_BID] = 0.5 * slope * p->kappa;
        a[X_ASK] = -a[X_BID];
        b += slope * inventory_at(p, g->least[0], g->least[1]);
    }
    a[T_BID + of] = 1;
    add(g, a, PL_ROW_AT_LEAST, b);
}

static void add_bounds(struct program *g)
{
    const struct pl_inventory_lp *p = g->p;
    double bid_least = g->least[0], ask_least = g->least[1],
           y = inventory_at(p, bid_least, ask_least);
    double lean = 0.5 * (bid_least - ask_least);
    add(g, (double[VARIABLES]){[X_BID] = 1, [X_ASK] = 1}, PL_ROW_AT_LEAST,
        2 * p->width - bid_least - ask_least);
    add(g, (double[VARIABLES]){[X_BID] = 1}, PL_ROW_AT_MOST, p->most - bid_least);
    add(g, (double[VARIABLES]){[X_ASK] = 1}, PL_ROW_AT_MOST, p->most - ask_least);
    double half = 0.5 * p->kappa;
    add(g, (double[VARIABLES]){[X_BID] = -half, [X_ASK] = half}, PL_ROW_AT_LEAST, -g->reach - y);
    add(g, (double[VARIABLES]){[X_BID] = -half, [X_ASK] = half}, PL_ROW_AT_MOST, g->reach - y);
    add(g, (double[VARIABLES]){[SKEW] = 1, [X_BID] = -0.5, [X_ASK] = 0.5}, PL_ROW_AT_LEAST, lean);
    add(g, (double[VARIABLES]){[SKEW] = 1, [X_BID] = 0.5, [X_ASK] = -0.5}, PL_ROW_AT_LEAST, -lean);
}

static bool valid(const struct pl_inventory_lp *p)
{
    double sum = p->alpha + p->beta + p->kappa + p->qh + p->chord + p->width + p->least[0] +
                 p->least[1] + p->most;
    return sum - sum == 0 && p->alpha >= 0 && p->beta > 0 && p->kappa > 0 && p->chord > 0;
}

/* False when the bounds of a side alone are contrary. */
static bool start(struct program *g, const struct pl_inventory_lp *p, double *work, int32_t *index,
                  int32_t rows_max)
{
    *g = (struct program){.p = p, .reach = fmax(1, fabs(p->qh))};
    double cost[VARIABLES] = {[T_Y] = p->alpha, [SKEW] = TIE_BREAK};
    for (int side = 0; side < 2; side++) {
        g->least[side] = p->off[side] ? p->most : fmax(0, p->least[side]);
        cost[T_BID + side] = p->off[side] ? 0 : p->beta;
        if (g->least[side] > p->most) {
            return false;
        }
    }
    g->failed = pl_simplex_start(&g->simplex, work, index, VARIABLES, rows_max, cost) < 0;
    add_bounds(g);
    return true;
}

static enum pl_inventory_status solve(struct program *g)
{
    if (g->failed) {
        return PL_INVENTORY_UNSOLVED;
    }
    switch (pl_simplex_solve(&g->simplex, STEPS_MAX)) {
    case PL_SIMPLEX_OPTIMAL:
        return PL_INVENTORY_SOLVED;
    case PL_SIMPLEX_INFEASIBLE:
        return PL_INVENTORY_INFEASIBLE;
    default:
        return PL_INVENTORY_UNSOLVED;
    }
}

static void read_quote(const struct program *g, struct pl_inventory_quote *out)
{
    for (int side = 0; side < 2; side++) { /* held against rounding errors */
        double x = g->least[side] + pl_simplex_value(&g->simplex, X_BID + side);
        out->x[side] = fmin(fmax(x, g->least[side]), g->p->most);
    }
    out->y = inventory_at(g->p, out->x[0], out->x[1]);
    out->cost = pl_inventory_cost(g->p, out->x[0], out->x[1]);
    out->steps = (uint32_t)g->simplex.steps;
}

/* ---- chords when they are needed ------------------------------------------------------------ */

struct chords {
    uint32_t count;
    uint8_t of[CHORDS_MAX];
    double j[CHORDS_MAX];
};

/* True when the chord is new. */
static bool take_chord(struct program *g, struct chords *c, int of, double j)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->of[i] == of && c->j[i] == j) {
            return false;
        }
    }
    if (c->count == CHORDS_MAX) {
        g->failed = true;
        return false;
    }
    c->of[c->count] = (uint8_t)of;
    c->j[c->count++] = j;
    add_chord(g, of, j);
    return true;
}

/* The cells around the answer with true squares, held to the bounds: most often those of the answer. */
static void guess(struct program *g, struct chords *c)
{
    const struct pl_inventory_lp *p = g->p;
    double skew = pl_inventory_skew(p), z[3] = {p->width + skew, p->width - skew, 0};
    for (int side = 0; side < 2; side++) {
        z[side] = fmin(fmax(z[side], g->least[side]), p->most);
    }
    z[2] = inventory_at(p, z[0], z[1]);
    for (int of = 0; of < 3; of++) {
        if (of < 2 && p->off[of]) {
            continue;
        }
        double cell = floor(z[of] / p->chord);
        for (double j = cell - 1; j <= cell + 1; j++) {
            if (j >= 0 || of == 2) {
                (void)take_chord(g, c, of, j);
            }
        }
    }
}

/* Adds the chord of each cell that the answer lies in, where it is violated. */
static bool cut(struct program *g, struct chords *c, const struct pl_inventory_quote *q)
{
    const struct pl_inventory_lp *p = g->p;
    double z[3] = {q->x[0], q->x[1], q->y};
    bool any = false;
    for (int of = 0; of < 3; of++) {
        double short_by =
            pl_inventory_chord(z[of], p->chord) - pl_simplex_value(&g->simplex, T_BID + of);
        if ((of == 2 || !p->off[of]) && short_by > VIOLATED) {
            any |= take_chord(g, c, of, floor(z[of] / p->chord));
        }
    }
    return any;
}

enum pl_inventory_status pl_inventory_lp_solve(const struct pl_inventory_lp *p,
                                               struct pl_inventory_quote *out)
{
    double work[PL_SIMPLEX_WORK(VARIABLES, ROWS_MAX)];
    int32_t index[PL_SIMPLEX_INDEX(VARIABLES, ROWS_MAX)];
    struct program g;
    struct chords chords = {.count = 0};
    struct pl_inventory_quote quote = {.rounds = 0};
    if (!valid(p)) {
        return PL_INVENTORY_INVALID;
    }
    if (!start(&g, p, work, index, ROWS_MAX)) {
        return PL_INVENTORY_INFEASIBLE;
    }
    guess(&g, &chords);
    while (quote.rounds < ROUNDS_MAX) {
        enum pl_inventory_status status = solve(&g);
        if (status != PL_INVENTORY_SOLVED) {
            return status;
        }
        read_quote(&g, &quote);
        quote.rounds++;
        if (!cut(&g, &chords, &quote) && !g.failed) {
            *out = quote;
            return PL_INVENTORY_SOLVED;
        }
    }
    return PL_INVENTORY_UNSOLVED;
}

enum pl_inventory_status pl_inventory_lp_full(const struct pl_inventory_lp *p, double *work,
                                              int32_t *index, int32_t rows_max,
                                              struct pl_inventory_quote *out)
{
    struct program g;
    if (!valid(p)) {
        return PL_INVENTORY_INVALID;
    }
    if (!start(&g, p, work, index, rows_max)) {
        return PL_INVENTORY_INFEASIBLE;
    }
    double x_cells = ceil(p->most / p->chord - 1e-9), y_cells = ceil(g.reach / p->chord - 1e-9);
    for (int side = 0; side < 2; side++) {
        for (double j = 0; j < x_cells && !p->off[side]; j++) {
            add_chord(&g, side, j);
        }
    }
    for (double j = -y_cells; j < y_cells; j++) {
        add_chord(&g, 2, j);
    }
    enum pl_inventory_status status = solve(&g);
    if (status == PL_INVENTORY_SOLVED) {
        *out = (struct pl_inventory_quote){.rounds = 1};
        read_quote(&g, out);
    }
    return status;
}

const char *pl_inventory_status_name(enum pl_inventory_status status)
{
    static const char *const names[] = {"solved", "invalid input", "infeasible", "not solved"};
    return (size_t)status < PL_COUNT(names) ? names[status] : "unknown";
}

/* ---- base spread and schedule --------------------------------------------------------------- */

struct pl_inventory_terms pl_inventory_terms(const struct pl_inventory_spread *p)
{
    return (struct pl_inventory_terms){
        .vol = 2 * p->gamma * p->sigma_bps,
        .liquidity = p->delta / (1 + p->liquidity),
        .depth = p->depth_sign * 2 * p->zeta * pl_log1p(p->depth),
    };
}

double pl_inventory_ema_factor(const struct pl_inventory_schedule *s, double vol)
{
    if (vol <= s->vol_low) {
        return s->ema_slow;
    }
    if (vol >= s->vol_high) {
        return s->ema_fast;
    }
    double share = (vol - s->vol_low) / (s->vol_high - s->vol_low);
    return s->ema_slow + (s->ema_fast - s->ema_slow) * share;
}

double pl_inventory_interval_s(const struct pl_inventory_schedule *s, double ema)
{
    return ema > s->ema_hot   ? s->interval_hot_s
           : ema > s->ema_mid ? s->interval_mid_s
                              : s->interval_slow_s;
}
