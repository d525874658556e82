#include "app/progress.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static volatile int stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

volatile const int *pl_stop_flag(void)
{
    static bool installed;
    if (!installed) {
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
        (void)sigaction(SIGINT, &action, NULL);
        (void)sigaction(SIGTERM, &action, NULL);
        installed = true;
    }
    return &stopped;
}

double pl_clock_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void pl_progress_start(struct pl_progress *p, const char *what, bool wanted, uint64_t total)
{
    double now = pl_clock_seconds();
    *p = (struct pl_progress){
        .what = what, .total = total, .started = now, .shown = now, .on = wanted && isatty(2) != 0};
}

void pl_progress_update(void *progress, uint64_t done)
{
    struct pl_progress *p = progress;
    double now = pl_clock_seconds();
    if (!p->on || now - p->started < 1 || now - p->shown < 0.2) {
        return;
    }
    p->shown = now;
    p->drawn = true;
    if (p->total > 0) {
        (void)fprintf(stderr, "\r%s %5.1f %%  %.1f s ", p->what,
                      100.0 * (double)done / (double)p->total, now - p->started);
    } else {
        (void)fprintf(stderr, "\r%s %llu messages  %.1f s ", p->what, (unsigned long long)done,
                      now - p->started);
    }
}

void pl_progress_end(struct pl_progress *p)
{
    if (p->drawn) {
        (void)fprintf(stderr, "\r\033[K");
    }
}
