#include "app/workers.h"

#include "base/assert.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX   256
#define BAR_WIDTH     30
#define BAR_PERIOD_MS 100
#define BAR_AFTER_MS  500

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t finished; /* signalled when done reaches count */
    uint64_t next, done, count;
    pl_task_fn fn;
    void *ctx;
};

unsigned pl_workers_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1;
    }
    int n = CPU_COUNT(&set);
    return n > 0 ? (unsigned)n : 1;
}

static void *worker(void *arg)
{
    struct pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    while (pool->next < pool->count) {
        uint64_t task = pool->next++;
        pthread_mutex_unlock(&pool->lock);
        pool->fn(pool->ctx, task);
        pthread_mutex_lock(&pool->lock);
        pool->done++;
        if (pool->done == pool->count) {
            pthread_cond_signal(&pool->finished);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void draw_bar(const char *label, uint64_t done, uint64_t count)
{
    unsigned full = (unsigned)((double)done / (double)count * BAR_WIDTH);
    fprintf(stderr, "\r%s [", label);
    for (unsigned i = 0; i < BAR_WIDTH; i++) {
        fputc(i < full ? '#' : '.', stderr);
    }
    fprintf(stderr, "] %3.0f%%", 100.0 * (double)done / (double)count);
}

/* Sleeps until all is done, drawing now and then. */
static void watch(struct pool *pool, const char *label)
{
    bool bar = isatty(STDERR_FILENO);
    bool drawn = false;
    int waited_ms = 0;
    pthread_mutex_lock(&pool->lock);
    while (pool->done < pool->count) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += BAR_PERIOD_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_nsec -= 1000000000L;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&pool->finished, &pool->lock, &until);
        waited_ms += BAR_PERIOD_MS;
        if (bar && waited_ms >= BAR_AFTER_MS) {
            draw_bar(label, pool->done, pool->count);
            drawn = true;
        }
    }
    pthread_mutex_unlock(&pool->lock);
    if (drawn) {
        fprintf(stderr, "\r\033[K"); /* gone when the result is there */
    }
}

int pl_workers_run(unsigned threads, uint64_t count, pl_task_fn fn, void *ctx, const char *label)
{
    PL_ASSERT(threads > 0);
    struct pool pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
                        .finished = PTHREAD_COND_INITIALIZER,
                        .count = count,
                        .fn = fn,
                        .ctx = ctx};
    pthread_t thread[THREADS_MAX];
    unsigned wanted = threads < THREADS_MAX ? threads : THREADS_MAX;
    unsigned started = 0;
    while (started < wanted && pthread_create(&thread[started], NULL, worker, &pool) == 0) {
        started++;
    }
    if (started == 0) {
        return PL_ERR_NOMEM;
    }
    watch(&pool, label);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(thread[i], NULL);
    }
    return 0;
}
