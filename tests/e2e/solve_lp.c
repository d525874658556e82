/* Linear programs from standard input, their optima to standard output, for lp_oracle.py.
 *
 *   lp N M c_1..c_N, then M times: kind (>= <= =) a_1..a_N b       -> "optimal COST" or the status
 *   inventory alpha beta kappa qh chord width least_b least_a most off_b off_a  -> "optimal COST" */
#include "math/inventory_lp.h"

#include <stdio.h>
#include <string.h>

#define N_MAX 16
#define M_MAX 64

static double number(void)
{
    double x = 0;
    return scanf("%lf", &x) == 1 ? x : __builtin_nan("");
}

static int solve_lp(void)
{
    static double work[PL_SIMPLEX_WORK(N_MAX, 2 * M_MAX)];
    static int32_t index[PL_SIMPLEX_INDEX(N_MAX, 2 * M_MAX)];
    static const char *const names[] = {"optimal", "infeasible", "unbounded", "steps"};
    int n, m;
    double row[N_MAX];
    struct pl_simplex s;
    if (scanf("%d %d", &n, &m) != 2 || n < 1 || n > N_MAX || m < 0 || m > M_MAX) {
        return 1;
    }
    for (int j = 0; j < n; j++) {
        row[j] = number();
    }
    int rc = pl_simplex_start(&s, work, index, n, 2 * M_MAX, row);
    for (int i = 0; i < m && rc == 0; i++) {
        char kind[4];
        if (scanf("%3s", kind) != 1) {
            return 1;
        }
        for (int j = 0; j < n; j++) {
            row[j] = number();
        }
        rc = pl_simplex_add(&s, row,
                            kind[0] == '>'   ? PL_ROW_AT_LEAST
                            : kind[0] == '<' ? PL_ROW_AT_MOST
                                             : PL_ROW_EQUAL,
                            number());
    }
    if (rc < 0) {
        return 1;
    }
    enum pl_simplex_status status = pl_simplex_solve(&s, 10000);
    (void)printf(status == PL_SIMPLEX_OPTIMAL ? "%s %.17g\n" : "%s\n", names[status],
                 pl_simplex_cost(&s));
    return 0;
}

static int solve_inventory(void)
{
    struct pl_inventory_lp p = {.alpha = number(), .beta = number(), .kappa = number()};
    struct pl_inventory_quote q;
    p.qh = number();
    p.chord = number();
    p.width = number();
    p.least[0] = number();
    p.least[1] = number();
    p.most = number();
    p.off[0] = number() > 0;
    p.off[1] = number() > 0;
    enum pl_inventory_status status = pl_inventory_lp_solve(&p, &q);
    if (status == PL_INVENTORY_SOLVED) {
        (void)printf("optimal %.17g\n", q.cost);
    } else {
        (void)printf("%s\n", pl_inventory_status_name(status));
    }
    return 0;
}

int main(void)
{
    char word[16];
    int rc = 0;
    while (rc == 0 && scanf("%15s", word) == 1) {
        rc = strcmp(word, "lp") == 0          ? solve_lp()
             : strcmp(word, "inventory") == 0 ? solve_inventory()
                                              : 1;
    }
    if (rc != 0) {
        (void)fprintf(stderr, "solve_lp: the input is not what it should be\n");
    }
    return rc;
}
