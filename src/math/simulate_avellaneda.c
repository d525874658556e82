#include "math/simulate_avellaneda.h"

#include "base/assert.h"
#include "base/rand.h"
#include "math/fn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LANES           8 /* paths walked side by side, so that one waits while another computes */
#define PROBABILITY_ONE 0x1p31

/* What a step does at one (n, q). A draw of 31 bits below `ask_below` fills the ask. */
struct cell {
    double ask, bid; /* offsets */
    uint32_t ask_below, bid_below;
};

struct moments { /* of one inventory level: its probability, E[W; q], E[W^2; q] */
    double p, w, w2;
};

struct pl_sim_as {
    struct pl_sim_as_params params;
    double dt, spread;
    struct pl_sim_as_exact exact;
    size_t width;         /* cells a row: q = -steps..steps */
    struct cell *cell;    /* [steps][width] */
    struct moments *now;  /* [width] */
    struct moments *next; /* [width] */
};

struct pl_sim_as_params pl_sim_as_published(enum pl_as_form form, double gamma, bool symmetric)
{
    return (struct pl_sim_as_params){
        .as = {.form = form, .gamma = gamma, .sigma = 2.0, .k = 1.5, .lot = 1.0},
        .a = 140.0,
        .s0 = 100.0,
        .horizon = 1.0,
        .steps = 200,
        .symmetric = symmetric,
    };
}

static double fill_probability(const struct pl_sim_as *plan, double offset)
{
    double p = plan->params.a * pl_exp(-plan->params.as.k * offset) * plan->dt;
    return p < 1.0 ? p : 1.0;
}

static double tau_at(const struct pl_sim_as *plan, uint32_t n)
{
    return plan->params.horizon - n * plan->dt;
}

static void fill_cells(struct pl_sim_as *plan)
{
    const struct pl_as *as = &plan->params.as;
    for (uint32_t n = 0; n < plan->params.steps; n++) {
        double tau = tau_at(plan, n);
        double spread = plan->params.symmetric ? plan->spread : pl_as_spread(as, tau);
        for (size_t i = 0; i < plan->width; i++) {
            double q = (double)i - (double)plan->params.steps;
            double skew = plan->params.symmetric ? 0.0 : -pl_as_reservation(as, 0.0, q, tau);
            struct cell *c = &plan->cell[n * plan->width + i];
            c->ask = 0.5 * spread - skew; /* spread/2 - (s - r) */
            c->bid = 0.5 * spread + skew;
            c->ask_below = (uint32_t)(fill_probability(plan, c->ask) * PROBABILITY_ONE + 0.5);
            c->bid_below = (uint32_t)(fill_probability(plan, c->bid) * PROBABILITY_ONE + 0.5);
        }
    }
}

static bool params_valid(const struct pl_sim_as_params *p)
{
    return p->as.gamma >= 0.0 && p->as.gamma < 1e6 && p->as.sigma >= 0.0 && p->as.sigma < 1e6 &&
           p->as.k > 0.0 && p->as.k < 1e6 && p->as.lot == 1.0 && p->a > 0.0 && p->a < 1e12 &&
           p->horizon > 0.0 && p->horizon < 1e6 && p->steps >= 1 &&
           p->steps <= PL_SIM_AS_STEPS_MAX && p->s0 > -1e12 && p->s0 < 1e12;
}

/* Moves the share `p` of level i to level i + move, with gain g a path. */
static void move(struct pl_sim_as *plan, size_t i, int by, double p, double g)
{
    const struct moments *from = &plan->now[i];
    struct moments *to = &plan->next[by < 0 ? i - 1 : i + (size_t)by];
    to->p += p * from->p;
    to->w += p * (from->w + g * from->p);
    to->w2 += p * (from->w2 + 2.0 * g * from->w + g * g * from->p);
}

/* One step of the distribution; returns the expected number of fills in it. */
static double exact_step(struct pl_sim_as *plan, uint32_t n)
{
    double fills = 0.0;
    size_t centre = plan->params.steps;
    double variance = plan->params.as.sigma * plan->params.as.sigma * plan->dt;
    memset(plan->next, 0, plan->width * sizeof *plan->next);
    for (size_t i = centre - n; i <= centre + n; i++) {
        const struct cell *c = &plan->cell[n * plan->width + i];
        double pa = fill_probability(plan, c->ask);
        double pb = fill_probability(plan, c->bid);
        move(plan, i, 0, (1.0 - pa) * (1.0 - pb), 0.0);
        move(plan, i, -1, pa * (1.0 - pb), c->ask);
        move(plan, i, 1, (1.0 - pa) * pb, c->bid);
        move(plan, i, 0, pa * pb, c->ask + c->bid);
        fills += (pa + pb) * plan->now[i].p;
    }
    for (size_t i = 0; i < plan->width; i++) {
        double q = (double)i - (double)centre;
        plan->next[i].w2 +=
            variance * q * q * plan->next[i].p; /* the price moves after the fills */
    }
    struct moments *swap = plan->now;
    plan->now = plan->next;
    plan->next = swap;
    return fills;
}

static void exact_run(struct pl_sim_as *plan)
{
    struct pl_sim_as_exact e = {.spread = plan->spread};
    memset(plan->now, 0, plan->width * sizeof *plan->now);
    plan->now[plan->params.steps].p = 1.0;
    for (uint32_t n = 0; n < plan->params.steps; n++) {
        e.fills += exact_step(plan, n);
    }
    double w2 = 0.0;
    double q2 = 0.0;
    for (size_t i = 0; i < plan->width; i++) {
        double q = (double)i - (double)plan->params.steps;
        e.profit += plan->now[i].w;
        w2 += plan->now[i].w2;
        e.q += q * plan->now[i].p;
        q2 += q * q * plan->now[i].p;
    }
    e.profit_sd = sqrt(fmax(w2 - e.profit * e.profit, 0.0));
    e.q_sd = sqrt(fmax(q2 - e.q * e.q, 0.0));
    plan->exact = e;
}

int pl_sim_as_create(const struct pl_sim_as_params *params, struct pl_sim_as **out)
{
    *out = NULL;
    if (!params_valid(params)) {
        return PL_ERR_INVALID;
    }
    size_t width = 2 * (size_t)params->steps + 1;
    size_t cells = width * params->steps * sizeof(struct cell);
    struct pl_sim_as *plan = calloc(1, sizeof *plan + cells + 2 * width * sizeof(struct moments));
    if (plan == NULL) {
        return PL_ERR_NOMEM;
    }
    plan->params = *params;
    plan->dt = params->horizon / params->steps;
    plan->width = width;
    plan->cell = (struct cell *)(plan + 1);
    plan->now = (struct moments *)(plan->cell + width * params->steps);
    plan->next = plan->now + width;
    for (uint32_t n = 0; n < params->steps; n++) {
        plan->spread += pl_as_spread(&params->as, tau_at(plan, n)) / params->steps;
    }
    fill_cells(plan);
    exact_run(plan);
    *out = plan;
    return 0;
}

void pl_sim_as_destroy(struct pl_sim_as **plan)
{
    free(*plan);
    *plan = NULL;
}

struct pl_sim_as_exact pl_sim_as_exact(const struct pl_sim_as *plan)
{
    return plan->exact;
}

struct lanes {
    uint64_t key[LANES]; /* digest of (seed, stream, path) */
    double cash[LANES], s[LANES];
    int64_t q[LANES], fills[LANES];
};

static void walk(const struct pl_sim_as *plan, struct lanes *l)
{
    double size = plan->params.as.sigma * sqrt(plan->dt);
    const double jump[2] = {-size, size};
    const struct cell *row = plan->cell + plan->params.steps;
    for (uint32_t n = 0; n < plan->params.steps; n++, row += plan->width) {
        for (size_t j = 0; j < LANES; j++) {
            uint64_t draw = pl_digest_u64(l->key[j], n); /* = pl_rand_u64(seed, stream, path, n) */
            const struct cell *c = row + l->q[j];
            uint32_t sold = (uint32_t)(draw >> 33) < c->ask_below;
            uint32_t bought = ((uint32_t)(draw >> 2) & 0x7fffffffU) < c->bid_below;
            l->cash[j] += sold * (l->s[j] + c->ask) - bought * (l->s[j] - c->bid);
            l->q[j] += (int64_t)bought - (int64_t)sold;
            l->fills[j] += sold + bought;
            l->s[j] += jump[draw & 1];
        }
    }
}

static void add_powers(double sums[4], double x)
{
    double x2 = x * x;
    sums[0] += x;
    sums[1] += x2;
    sums[2] += x2 * x;
    sums[3] += x2 * x2;
}

void pl_sim_as_chunk(const struct pl_sim_as *plan, uint64_t seed, uint64_t chunk, uint64_t paths,
                     struct pl_sim_as_sums *out)
{
    uint64_t first = chunk * PL_SIM_AS_CHUNK;
    uint64_t end = paths - first < PL_SIM_AS_CHUNK ? paths : first + PL_SIM_AS_CHUNK;
    PL_ASSERT(first < paths);
    uint64_t stream = pl_digest_u64(seed, PL_STREAM_SIMULATE);
    memset(out, 0, sizeof *out);
    for (uint64_t path = first; path < end; path += LANES) {
        struct lanes l = {0};
        for (size_t j = 0; j < LANES; j++) {
            l.key[j] = pl_digest_u64(stream, path + j);
            l.s[j] = plan->params.s0;
        }
        walk(plan, &l);
        for (size_t j = 0; j < LANES && path + j < end; j++) {
            double profit = l.cash[j] + (double)l.q[j] * l.s[j];
            add_powers(out->profit, profit - plan->exact.profit);
            add_powers(out->q, (double)l.q[j] - plan->exact.q);
            add_powers(out->fills, (double)l.fills[j] - plan->exact.fills);
            out->paths++;
        }
    }
}

void pl_sim_as_add(struct pl_sim_as_sums *total, const struct pl_sim_as_sums *chunk)
{
    total->paths += chunk->paths;
    for (size_t i = 0; i < 4; i++) {
        total->profit[i] += chunk->profit[i];
        total->q[i] += chunk->q[i];
        total->fills[i] += chunk->fills[i];
    }
}

/* Mean and sd (ddof 1) with standard errors, from power sums about `centre`. */
static void estimate(const double sums[4], uint64_t paths, double centre, struct pl_estimate *mean,
                     struct pl_estimate *sd)
{
    double n = (double)paths;
    double m = sums[0] / n;
    double raw2 = sums[1] / n;
    double raw3 = sums[2] / n;
    double raw4 = sums[3] / n;
    double var = fmax(raw2 - m * m, 0.0);
    double fourth = raw4 - 4.0 * m * raw3 + 6.0 * m * m * raw2 - 3.0 * m * m * m * m;
    double kurtosis = var > 0.0 ? fourth / (var * var) : 1.0;
    mean->value = centre + m;
    sd->value = n > 1.0 ? sqrt(var * n / (n - 1.0)) : NAN;
    mean->se = sd->value / sqrt(n);
    sd->se = sd->value * sqrt(fmax(kurtosis - 1.0, 0.0) / (4.0 * n));
}

struct pl_sim_as_result pl_sim_as_result(const struct pl_sim_as *plan,
                                         const struct pl_sim_as_sums *total)
{
    struct pl_sim_as_result r;
    struct pl_estimate fills_sd;
    estimate(total->profit, total->paths, plan->exact.profit, &r.profit, &r.profit_sd);
    estimate(total->q, total->paths, plan->exact.q, &r.q, &r.q_sd);
    estimate(total->fills, total->paths, plan->exact.fills, &r.fills, &fills_sd);
    return r;
}
