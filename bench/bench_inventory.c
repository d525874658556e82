/* What one re-optimisation of the `inventory` maker costs. usage: bench_inventory */
#include "math/inventory_lp.h"

#include <stdio.h>
#include <time.h>

#define PROGRAMS 512
#define RUNS     101

static double now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void sort(double *value, int count)
{
    for (int i = 1; i < count; i++) {
        for (int k = i; k > 0 && value[k] < value[k - 1]; k--) {
            double t = value[k];
            value[k] = value[k - 1];
            value[k - 1] = t;
        }
    }
}

int main(void)
{
    double ns[RUNS], sum = 0;
    unsigned long rounds = 0, steps = 0, failed = 0;
    for (int run = 0; run < RUNS; run++) {
        double begun = now_ns();
        for (int i = 0; i < PROGRAMS; i++) {
            struct pl_inventory_quote q = {.rounds = 0};
            struct pl_inventory_lp p = {.alpha = 0.25 + i % 16 * 0.25,
                                        .beta = 0.25,
                                        .kappa = 0.5,
                                        .qh = (i - PROGRAMS / 2) * (2.0 / PROGRAMS),
                                        .chord = 0.05,
                                        .width = 1,
                                        .least = {0.2, 0.2},
                                        .most = 3};
            failed += pl_inventory_lp_solve(&p, &q) != PL_INVENTORY_SOLVED;
            rounds += q.rounds;
            steps += q.steps;
            sum += q.cost;
        }
        ns[run] = (now_ns() - begun) / PROGRAMS;
    }
    sort(ns, RUNS);
    (void)printf(
        "re-optimisation  best %.0f ns  median %.0f ns  %.2f rounds  %.1f steps  %lu failed"
        "  (cost %.6f)\n",
        ns[0], ns[RUNS / 2], (double)rounds / RUNS / PROGRAMS, (double)steps / RUNS / PROGRAMS,
        failed, sum / RUNS);
    return failed > 0;
}
