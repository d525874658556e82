/* tests/support/report_run.h - a made-up but consistent run for tests of report/ and store/: a
 * mean-reverting walk, a maker quoting around it, fills, and every total computed from them the way
 * the definitions in docs/report.md say. Deterministic; no engine involved. */
#ifndef PL_TESTS_REPORT_RUN_H
#define PL_TESTS_REPORT_RUN_H

#include "report/run.h"

/* markets 1 or 2; `fills` is how many executions to make in all. Free with pl_test_run_free. */
struct pl_run *pl_test_run_make(unsigned markets, unsigned fills);
void pl_test_run_free(struct pl_run *run);
const struct pl_run_fill *pl_test_run_fills(const struct pl_run *run); /* fill_count of them */

#endif
