/* app/workers.h - many independent tasks over a few threads, with a progress bar.
 *
 * Tasks are numbered; a thread takes the next number. A task writes only what its number owns, so the
 * result does not depend on the number of threads. The bar is drawn on stderr, when that is a
 * terminal and the work takes longer than half a second. */
#ifndef PL_APP_WORKERS_H
#define PL_APP_WORKERS_H

#include "base/err.h"

#include <stdint.h>

typedef void (*pl_task_fn)(void *ctx, uint64_t task);

unsigned pl_workers_cores(void); /* cores this process may use; at least 1 */
/* Runs tasks 0..count-1 on `threads` (>= 1). PL_ERR_NOMEM when not even one thread starts. */
PL_MUST_USE int pl_workers_run(unsigned threads, uint64_t count, pl_task_fn fn, void *ctx,
                               const char *label);

#endif
