/* app/progress.h - a progress line for what takes longer than a second, the wall clock that measures
 * it, and Ctrl-C as a flag. Nothing here reaches an engine. */
#ifndef PL_APP_PROGRESS_H
#define PL_APP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct pl_progress {
    const char *what;
    uint64_t total;
    double started, shown;
    bool on, drawn;
};

/* Draws on stderr, and only when it is a terminal. total 0 = not known. */
void pl_progress_start(struct pl_progress *progress, const char *what, bool wanted, uint64_t total);
void pl_progress_update(void *progress, uint64_t done);
void pl_progress_end(struct pl_progress *progress);

double pl_clock_seconds(void); /* monotone */
/* Non-zero once SIGINT or SIGTERM arrived; the first call installs the handler. */
volatile const int *pl_stop_flag(void);

#endif
