/* math/simplex.h - small dense linear programs:
 *
 *     minimise c'x   subject to rows a'x >= b, a'x <= b or a'x = b, and x >= 0
 *
 * Dictionary simplex [Dantzig 1951; Chvatal 1983] with the smallest-index rule [Bland 1977], dual
 * and primal. A row may be added after a solve; the next solve goes on from the basis found, which
 * after an optimum needs the dual steps alone.
 *
 * Units   the caller's; rows and costs are best of order 1, tolerances are absolute.
 * Memory  the caller's: PL_SIMPLEX_WORK doubles and PL_SIMPLEX_INDEX ints, which outlive the solver.
 * Cost    O(rows variables) a step. The same input takes the same steps everywhere.
 * Errors  PL_ERR_INVALID: a number that is not finite; PL_ERR_LIMIT: no room for the row. Either
 *         leaves the program as it was. */
#ifndef PL_MATH_SIMPLEX_H
#define PL_MATH_SIMPLEX_H

#include "base/err.h"

#include <stdint.h>

/* Rows of kind "equal" take the room of two. */
#define PL_SIMPLEX_WORK(variables, rows)  (((variables) + 1) * ((rows) + 1))
#define PL_SIMPLEX_INDEX(variables, rows) (2 * (variables) + (rows))

enum pl_simplex_row { PL_ROW_AT_LEAST, PL_ROW_AT_MOST, PL_ROW_EQUAL };

enum pl_simplex_status {
    PL_SIMPLEX_OPTIMAL,
    PL_SIMPLEX_INFEASIBLE,
    PL_SIMPLEX_UNBOUNDED,
    PL_SIMPLEX_STEPS, /* the cap on steps was reached */
};

struct pl_simplex {
    double *table; /* row 0 the cost, then a row for each basic variable: constant, coefficients */
    int32_t *basic, *other; /* variable of each row; of each column */
    int32_t *where;         /* of variable j: its column, or -1 - its row */
    int32_t variables, rows, rows_max;
    uint64_t steps; /* of all solves */
};

PL_MUST_USE int pl_simplex_start(struct pl_simplex *s, double *work, int32_t *index,
                                 int32_t variables, int32_t rows_max, const double *cost);
PL_MUST_USE int pl_simplex_add(struct pl_simplex *s, const double *a, enum pl_simplex_row kind,
                               double b);
enum pl_simplex_status pl_simplex_solve(struct pl_simplex *s, uint32_t steps_max);
/* Of the basis reached; the optimum after PL_SIMPLEX_OPTIMAL. */
double pl_simplex_value(const struct pl_simplex *s, int32_t variable);
double pl_simplex_cost(const struct pl_simplex *s);

#endif
