#include "feature/microprice.h"

#include "base/assert.h"

#include <math.h>
#include <string.h>

#define SERIES_MAX 10000

struct pl_microprice {
    uint32_t buckets, spreads;
    size_t states;
    double *stay;  /* [states][states] counts without a move of the mid */
    double *jump;  /* [states][states] counts with one, by the state after it */
    double *moved; /* [states] sum of those moves, half ticks */
    double *adjust;
    double *q, *r2, *r, *work, *found; /* for solving */
};

int pl_microprice_create(struct pl_arena *arena, uint32_t buckets, uint32_t spreads,
                         struct pl_microprice **out)
{
    *out = NULL;
    if (buckets < 1 || spreads < 1 || buckets > PL_MICROPRICE_STATES_MAX ||
        spreads > PL_MICROPRICE_STATES_MAX || buckets * spreads > PL_MICROPRICE_STATES_MAX) {
        return PL_ERR_INVALID;
    }
    size_t n = (size_t)buckets * spreads;
    struct pl_microprice *m = pl_arena_take(arena, 1, sizeof *m);
    double *numbers = pl_arena_take(arena, 4 * n * n + 5 * n, sizeof *numbers);
    if (m == NULL || numbers == NULL) {
        return PL_ERR_NOMEM;
    }
    *m = (struct pl_microprice){.buckets = buckets, .spreads = spreads, .states = n};
    m->stay = numbers;
    m->jump = m->stay + n * n;
    m->q = m->jump + n * n;
    m->r2 = m->q + n * n;
    m->moved = m->r2 + n * n;
    m->adjust = m->moved + n;
    m->r = m->adjust + n;
    m->work = m->r + n;
    m->found = m->work + n;
    *out = m;
    return 0;
}

uint32_t pl_microprice_state(const struct pl_microprice *m, double bid_share, int64_t spread_ticks)
{
    double at = bid_share * m->buckets;
    uint32_t bucket = at >= m->buckets ? m->buckets - 1 : at > 0.0 ? (uint32_t)at : 0;
    uint32_t spread = m->spreads;
    if (spread_ticks < (int64_t)m->spreads) {
        spread = spread_ticks > 1 ? (uint32_t)spread_ticks : 1;
    }
    return (spread - 1) * m->buckets + bucket;
}

static size_t mirror(const struct pl_microprice *m, size_t state)
{
    size_t bucket = state % m->buckets;
    return state - bucket + (m->buckets - 1 - bucket);
}

void pl_microprice_observe(struct pl_microprice *m, uint32_t from, uint32_t to, int64_t half_ticks)
{
    PL_ASSERT(from < m->states && to < m->states);
    if (half_ticks == 0) {
        m->stay[from * m->states + to] += 1.0;
        return;
    }
    int64_t most = PL_MICROPRICE_MOVE_MAX;
    int64_t move = half_ticks > most ? most : half_ticks < -most ? -most : half_ticks;
    m->jump[from * m->states + to] += 1.0;
    m->moved[from] += (double)move;
}

/* Row-wise probabilities of the symmetrised counts into q, r2 and r (ticks). */
static void normalise(struct pl_microprice *m)
{
    size_t n = m->states;
    for (size_t i = 0; i < n; i++) {
        size_t im = mirror(m, i);
        double total = 0.0;
        for (size_t j = 0; j < n; j++) {
            size_t jm = mirror(m, j);
            m->q[i * n + j] = m->stay[i * n + j] + m->stay[im * n + jm];
            m->r2[i * n + j] = m->jump[i * n + j] + m->jump[im * n + jm];
            total += m->q[i * n + j] + m->r2[i * n + j];
        }
        double scale =
            total > 0.0 ? 1.0 / total : 0.0; /* never seen: leaves for nowhere, adjusts 0 */
        for (size_t j = 0; j < n; j++) {
            m->q[i * n + j] *= scale;
            m->r2[i * n + j] *= scale;
        }
        m->r[i] = 0.5 * scale * (m->moved[i] - m->moved[im]);
    }
}

static void swap_rows(double *a, size_t n, size_t x, size_t y)
{
    for (size_t k = 0; k < n; k++) {
        double t = a[x * n + k];
        a[x * n + k] = a[y * n + k];
        a[y * n + k] = t;
    }
}

/* a becomes I; b and c are multiplied by its inverse (Gauss-Jordan, largest pivot of the column). */
static int eliminate(size_t n, double *a, double *b, double *c)
{
    for (size_t col = 0; col < n; col++) {
        size_t pivot = col;
        for (size_t i = col + 1; i < n; i++) {
            pivot = fabs(a[i * n + col]) > fabs(a[pivot * n + col]) ? i : pivot;
        }
        if (!(fabs(a[pivot * n + col]) > 1e-12)) {
            return PL_ERR_INVALID; /* a set of states that is never left */
        }
        if (pivot != col) {
            swap_rows(a, n, pivot, col);
            swap_rows(b, n, pivot, col);
            swap_rows(c, 1, pivot, col);
        }
        double inverse = 1.0 / a[col * n + col];
        for (size_t k = 0; k < n; k++) {
            a[col * n + k] *= inverse;
            b[col * n + k] *= inverse;
        }
        c[col] *= inverse;
        for (size_t i = 0; i < n; i++) {
            double f = a[i * n + col];
            if (i == col || f == 0.0) {
                continue;
            }
            for (size_t k = 0; k < n; k++) {
                a[i * n + k] -= f * a[col * n + k];
                b[i * n + k] -= f * b[col * n + k];
            }
            c[i] -= f * c[col];
        }
    }
    return 0;
}

int pl_microprice_series(size_t n, double *q, double *r2, double *r, double *work, double *g)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            q[i * n + j] = (i == j ? 1.0 : 0.0) - q[i * n + j];
        }
    }
    int rc = eliminate(n, q, r2, r);
    if (rc < 0) {
        return rc;
    }
    memcpy(g, r, n * sizeof *g);
    for (int step = 0; step < SERIES_MAX; step++) {
        double largest = 0.0;
        for (size_t i = 0; i < n; i++) {
            work[i] = 0.0;
            for (size_t j = 0; j < n; j++) {
                work[i] += r2[i * n + j] * r[j];
            }
        }
        for (size_t i = 0; i < n; i++) {
            r[i] = work[i];
            g[i] += r[i];
            largest = fmax(largest, fabs(r[i]));
        }
        if (largest < 1e-12) {
            return 0;
        }
    }
    return PL_ERR_INVALID;
}

int pl_microprice_solve(struct pl_microprice *m)
{
    double moves = 0.0;
    for (size_t i = 0; i < m->states * m->states; i++) {
        moves += m->jump[i];
    }
    if (!(moves > 0.0)) {
        return PL_ERR_INVALID;
    }
    normalise(m);
    int rc = pl_microprice_series(m->states, m->q, m->r2, m->r, m->work, m->found);
    if (rc == 0) { /* else the last good answer stands */
        memcpy(m->adjust, m->found, m->states * sizeof *m->adjust);
    }
    return rc;
}

double pl_microprice_adjust(const struct pl_microprice *m, uint32_t state)
{
    PL_ASSERT(state < m->states);
    return m->adjust[state];
}
