/* What a log line costs the thread that writes it. usage: bench_log   (writes to /dev/null)
 *
 * Bursts that fit the ring, with a flush between them, so that no line is dropped; the time of the
 * bursts alone is counted. The best of many is what the code costs; the median what a busy machine
 * makes of it. */
#include "base/log.h"

#include <stdio.h>
#include <time.h>

#define BURST  2000
#define BURSTS 401

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

static void report(const char *what, double *ns, const struct pl_log *log)
{
    sort(ns, BURSTS);
    (void)printf("%-34s best %6.1f ns  median %6.1f ns a call  (%llu dropped)\n", what, ns[0],
                 ns[BURSTS / 2], (unsigned long long)pl_log_counts(log).dropped);
}

int main(void)
{
    struct pl_error err = {0};
    struct pl_log *log = NULL;
    struct pl_log_options options = {
        .path = "/dev/null", .level = PL_LOG_INFO, .ring_bytes = (size_t)1 << 20};
    static double ns[BURSTS];
    const struct pl_decimal tick = {.mantissa = 1, .scale = 1};
    if (pl_log_open(&options, &log, &err) < 0) {
        (void)fprintf(stderr, "bench_log: %s\n", err.text);
        return 1;
    }
    for (int b = 0; b < BURSTS; b++) {
        double start = now_ns();
        for (int64_t i = 0; i < BURST; i++) {
            PL_LOG(log, PL_LOG_DEBUG, i, "order.sent", PL_LOG_I64("id", i));
        }
        ns[b] = (now_ns() - start) / BURST;
    }
    report("level not wanted", ns, log);
    for (int b = 0; b < BURSTS; b++) {
        double start = now_ns();
        for (int64_t i = 0; i < BURST; i++) {
            PL_LOG(log, PL_LOG_INFO, i, "order.sent", PL_LOG_I64("id", i));
        }
        ns[b] = (now_ns() - start) / BURST;
        if (pl_log_flush(log) < 0) {
            return 1;
        }
    }
    report("1 integer", ns, log);
    for (int b = 0; b < BURSTS; b++) {
        double start = now_ns();
        for (int64_t i = 0; i < BURST; i++) {
            PL_LOG(log, PL_LOG_INFO, i, "order.sent", PL_LOG_TEXT("symbol", "BTCUSDT"),
                   PL_LOG_TEXT("side", "buy"), PL_LOG_STEPS("px", 672501 + i, tick),
                   PL_LOG_I64("lots", i), PL_LOG_F64("fair", 67250.05), PL_LOG_BOOL("post", 1));
        }
        ns[b] = (now_ns() - start) / BURST;
        if (pl_log_flush(log) < 0) {
            return 1;
        }
    }
    report("2 texts, decimal, 2 numbers, truth", ns, log);
    return pl_log_close(&log, &err) < 0 ? 1 : 0;
}
