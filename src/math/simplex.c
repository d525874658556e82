/* A dictionary: each basic variable, and the cost, as a constant plus a combination of the others,
 * which are 0. The slack of row a'x >= b is the variable a'x - b. */
#include "math/simplex.h"

#include "base/assert.h"

#include <stdbool.h>

#define FEASIBLE 1e-11 /* a constant above -FEASIBLE counts as not negative */
#define COST     1e-11 /* the same for costs */
#define PIVOT    1e-11 /* coefficients closer to 0 are 0 */
#define TIE      1e-12

static inline double *row_of(const struct pl_simplex *s, int32_t row)
{
    return s->table + (size_t)row * (size_t)(s->variables + 1);
}

/* No NAN and no infinity passes. */
static bool finite_all(const double *a, int32_t count)
{
    for (int32_t j = 0; j < count; j++) {
        if (!(a[j] - a[j] == 0)) {
            return false;
        }
    }
    return true;
}

int pl_simplex_start(struct pl_simplex *s, double *work, int32_t *index, int32_t variables,
                     int32_t rows_max, const double *cost)
{
    PL_ASSERT(variables > 0 && rows_max >= 0);
    if (!finite_all(cost, variables)) {
        return PL_ERR_INVALID;
    }
    *s = (struct pl_simplex){.table = work,
                             .where = index,
                             .other = index + variables,
                             .basic = index + 2 * (ptrdiff_t)variables,
                             .variables = variables,
                             .rows_max = rows_max};
    s->table[0] = 0;
    for (int32_t j = 0; j < variables; j++) {
        s->table[1 + j] = cost[j];
        s->other[j] = s->where[j] = j;
    }
    return 0;
}

/* The slack sign (a'x - b) in terms of what is not basic now. */
static void add_row(struct pl_simplex *s, const double *a, double sign, double b)
{
    int32_t n = s->variables, row = ++s->rows;
    double *out = row_of(s, row);
    out[0] = -sign * b;
    for (int32_t j = 0; j < n; j++) {
        out[1 + j] = 0;
    }
    for (int32_t j = 0; j < n; j++) {
        if (a[j] == 0) {
            continue;
        }
        if (s->where[j] >= 0) {
            out[1 + s->where[j]] += sign * a[j];
            continue;
        }
        const double *of = row_of(s, -1 - s->where[j]);
        for (int32_t k = 0; k <= n; k++) {
            out[k] += sign * a[j] * of[k];
        }
    }
    s->basic[row - 1] = n + row - 1;
}

int pl_simplex_add(struct pl_simplex *s, const double *a, enum pl_simplex_row kind, double b)
{
    if (!finite_all(a, s->variables) || !finite_all(&b, 1)) {
        return PL_ERR_INVALID;
    }
    if (s->rows + (kind == PL_ROW_EQUAL ? 2 : 1) > s->rows_max) {
        return PL_ERR_LIMIT;
    }
    if (kind != PL_ROW_AT_MOST) {
        add_row(s, a, 1, b);
    }
    if (kind != PL_ROW_AT_LEAST) {
        add_row(s, a, -1, b);
    }
    return 0;
}

/* The variable of this row and the one of this column change places. */
static void pivot(struct pl_simplex *s, int32_t row, int32_t column)
{
    int32_t n = s->variables, in = s->other[column], out = s->basic[row - 1];
    double *p = row_of(s, row), scale = 1 / p[1 + column];
    for (int32_t k = 0; k <= n; k++) {
        p[k] *= -scale;
    }
    p[1 + column] = scale;
    for (int32_t i = 0; i <= s->rows; i++) {
        double *r = row_of(s, i), factor = r[1 + column];
        if (i == row || factor == 0) {
            continue;
        }
        r[1 + column] = 0;
        for (int32_t k = 0; k <= n; k++) {
            r[k] += factor * p[k];
        }
    }
    s->other[column] = out;
    s->basic[row - 1] = in;
    if (in < n) {
        s->where[in] = -1 - row;
    }
    if (out < n) {
        s->where[out] = column;
    }
    s->steps++;
}

/* Whether this ratio beats the best one so far; equal ratios go to the smaller index. */
static inline bool better(double ratio, int32_t variable, double best, int32_t best_variable)
{
    return best_variable < 0 || ratio < best - TIE ||
           (ratio <= best + TIE && variable < best_variable);
}

/* Makes constants not negative while costs stay so; `free` = costs do not count. */
static enum pl_simplex_status dual(struct pl_simplex *s, bool free, uint64_t steps_end)
{
    for (;;) {
        int32_t row = 0, column = -1, in = -1;
        for (int32_t i = 1; i <= s->rows; i++) {
            if (row_of(s, i)[0] < -FEASIBLE && (row == 0 || s->basic[i - 1] < s->basic[row - 1])) {
                row = i;
            }
        }
        if (row == 0) {
            return PL_SIMPLEX_OPTIMAL;
        }
        const double *r = row_of(s, row), *cost = row_of(s, 0);
        double best = 0;
        for (int32_t j = 0; j < s->variables; j++) {
            if (r[1 + j] <= PIVOT) {
                continue;
            }
            double ratio = free || cost[1 + j] < 0 ? 0 : cost[1 + j] / r[1 + j];
            if (better(ratio, s->other[j], best, in)) {
                best = ratio;
                column = j;
                in = s->other[j];
            }
        }
        if (column < 0) {
            return PL_SIMPLEX_INFEASIBLE;
        }
        if (s->steps >= steps_end) {
            return PL_SIMPLEX_STEPS;
        }
        pivot(s, row, column);
    }
}

/* Makes costs not negative while constants stay so. */
static enum pl_simplex_status primal(struct pl_simplex *s, uint64_t steps_end)
{
    for (;;) {
        const double *cost = row_of(s, 0);
        int32_t column = -1, row = 0, out = -1;
        for (int32_t j = 0; j < s->variables; j++) {
            if (cost[1 + j] < -COST && (column < 0 || s->other[j] < s->other[column])) {
                column = j;
            }
        }
        if (column < 0) {
            return PL_SIMPLEX_OPTIMAL;
        }
        double best = 0;
        for (int32_t i = 1; i <= s->rows; i++) {
            const double *r = row_of(s, i);
            if (r[1 + column] >= -PIVOT) {
                continue;
            }
            double ratio = r[0] > 0 ? -r[0] / r[1 + column] : 0;
            if (better(ratio, s->basic[i - 1], best, out)) {
                best = ratio;
                row = i;
                out = s->basic[i - 1];
            }
        }
        if (row == 0) {
            return PL_SIMPLEX_UNBOUNDED;
        }
        if (s->steps >= steps_end) {
            return PL_SIMPLEX_STEPS;
        }
        pivot(s, row, column);
    }
}

enum pl_simplex_status pl_simplex_solve(struct pl_simplex *s, uint32_t steps_max)
{
    uint64_t end = s->steps + steps_max;
    bool costs_fit = true;
    for (int32_t j = 0; j < s->variables; j++) {
        costs_fit = costs_fit && s->table[1 + j] >= -COST;
    }
    enum pl_simplex_status status = dual(s, !costs_fit, end);
    return status == PL_SIMPLEX_OPTIMAL ? primal(s, end) : status;
}

double pl_simplex_value(const struct pl_simplex *s, int32_t variable)
{
    PL_ASSERT(0 <= variable && variable < s->variables);
    int32_t at = s->where[variable];
    return at >= 0 ? 0 : row_of(s, -1 - at)[0];
}

double pl_simplex_cost(const struct pl_simplex *s)
{
    return s->table[0];
}
