#include "base/log.h"

#include "base/lane.h"
#include "base/log_line.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING_BYTES_MIN ((size_t)64 << 10)
#define RING_BYTES     ((size_t)1 << 20)
#define BATCH          64
#define BUFFER_BYTES   ((size_t)128 << 10)
#define IDLE_MS        10 /* how long a line may wait in the ring while nothing else happens */
#define PATIENCE_MS    2000
#define PATIENCE_STEP  50

_Static_assert(PL_LOG_LINE_MAX * 2 <= BUFFER_BYTES, "a line must fit beside what is waiting");
_Static_assert(sizeof(struct pl_log_record) +
                       PL_LOG_FIELDS_MAX * (sizeof(struct pl_log_field) + PL_LOG_TEXT_MAX) <=
                   RING_BYTES_MIN / 2 - 8,
               "the largest record must fit the smallest ring");

struct pl_log {
    struct pl_lane *lane;
    _Atomic uint32_t level;
    uint64_t drops; /* the writing thread's own, not told yet; first and last time of them */
    int64_t drops_first_ns, drops_last_ns;
    _Atomic uint64_t dropped;
    /* the log's thread */
    int fd, wake_fd;
    bool own_fd, regular;
    enum pl_log_format format;
    char name[200]; /* for words */
    char *buffer;
    size_t used;
    bool torn; /* a part of a line was written: the next begins on a new one */
    int error; /* errno of the last refusal */
    _Atomic uint64_t written, lost;
    _Atomic bool stop;
    pthread_t thread;
    pthread_mutex_t lock; /* for `done` alone: flushing waits for it */
    pthread_cond_t moved;
    uint64_t done; /* records that are out of our hands */
};

/* ---- the writing thread's side -------------------------------------------------------------- */

static inline uint32_t get_level(const struct pl_log *log)
{
    return atomic_load_explicit(&log->level, memory_order_relaxed);
}

bool pl_log_wants(const struct pl_log *log, enum pl_log_level level)
{
    return log != NULL && (uint32_t)level >= get_level(log);
}

void pl_log_set_level(struct pl_log *log, enum pl_log_level level)
{
    atomic_store_explicit(&log->level, (uint32_t)level, memory_order_relaxed);
}

static bool is_text(const struct pl_log_field *f)
{
    return f->kind == PL_LOG_KIND_TEXT || f->kind == PL_LOG_KIND_TEXT_CUT;
}

static bool put_record(struct pl_log *log, const struct pl_log_record *record,
                       const struct pl_log_field *field)
{
    size_t fields = record->count * sizeof *field, text = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        text += is_text(&field[i]) ? field[i].extra : 0;
    }
    unsigned char *at = pl_lane_reserve(log->lane, (uint32_t)(sizeof *record + fields + text));
    if (at == NULL) {
        return false;
    }
    memcpy(at, record, sizeof *record);
    at += sizeof *record;
    memcpy(at, field, fields);
    at += fields;
    for (uint32_t i = 0; text > 0 && i < record->count; i++) {
        if (is_text(&field[i]) && field[i].extra > 0) {
            memcpy(at, field[i].value.text, field[i].extra);
            at += field[i].extra;
        }
    }
    pl_lane_commit(log->lane);
    return true;
}

#define DROP_FIELDS 3

static struct pl_log_record drop_record(const struct pl_log *log, int64_t now_ns,
                                        struct pl_log_field field[DROP_FIELDS])
{
    field[0] = PL_LOG_U64("lines", log->drops);
    field[1] = PL_LOG_TIME("from", log->drops_first_ns);
    field[2] = PL_LOG_TIME("to", log->drops_last_ns);
    return (struct pl_log_record){now_ns, "log.dropped", PL_LOG_WARN, DROP_FIELDS};
}

static bool tell_drops(struct pl_log *log, int64_t now_ns)
{
    struct pl_log_field field[DROP_FIELDS];
    struct pl_log_record record = drop_record(log, now_ns, field);
    if (!put_record(log, &record, field)) {
        return false;
    }
    log->drops = 0;
    return true;
}

void pl_log_put(struct pl_log *log, enum pl_log_level level, int64_t now_ns, const char *event,
                const struct pl_log_field *field, uint32_t count)
{
    PL_ASSERT(count <= PL_LOG_FIELDS_MAX);
    struct pl_log_record record = {now_ns, event, level, count};
    if (PL_LIKELY(log->drops == 0 || tell_drops(log, now_ns)) &&
        PL_LIKELY(put_record(log, &record, field))) {
        return;
    }
    if (log->drops++ == 0) {
        log->drops_first_ns = now_ns;
    }
    log->drops_last_ns = now_ns;
    uint64_t all = atomic_load_explicit(&log->dropped, memory_order_relaxed);
    atomic_store_explicit(&log->dropped, all + 1, memory_order_relaxed);
}

/* ---- the log's thread ----------------------------------------------------------------------- */

static uint64_t lines_in(const char *at, size_t size)
{
    uint64_t lines = 0;
    for (const char *end = at + size; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++) {
        lines++;
    }
    return lines;
}

/* Until the reader takes something. False when the log is being closed and nobody reads. */
static bool wait_for_reader(struct pl_log *log, int *patience_ms)
{
    while (*patience_ms > 0) {
        struct pollfd fd = {.fd = log->fd, .events = POLLOUT};
        int ready = poll(&fd, 1, PATIENCE_STEP);
        if (ready > 0) {
            return true; /* or an error, which the write will tell */
        }
        if (atomic_load_explicit(&log->stop, memory_order_acquire)) {
            *patience_ms -= PATIENCE_STEP;
        }
    }
    return false;
}

/* Pieces that a pipe takes whole once it takes anything, so that the write itself does not wait. */
static void write_out(struct pl_log *log, int *patience_ms)
{
    const char *at = log->buffer;
    size_t left = log->used;
    while (left > 0) {
        size_t piece = log->regular || left < 4096 ? left : 4096;
        if (!log->regular && !wait_for_reader(log, patience_ms)) {
            log->error = ETIMEDOUT;
            break;
        }
        ssize_t n = log->torn ? write(log->fd, "\n", 1) : write(log->fd, at, piece);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (n < 0) {
            log->error = errno;
            break;
        }
        if (log->torn) {
            log->torn = n != 1;
            continue;
        }
        atomic_fetch_add(&log->written, lines_in(at, (size_t)n));
        at += n;
        left -= (size_t)n;
    }
    atomic_fetch_add(&log->lost, lines_in(at, left));
    log->torn = left > 0 && at > log->buffer && at[-1] != '\n';
    log->used = 0;
}

static void format_record(struct pl_log *log, const struct pl_lane_record *stored)
{
    const unsigned char *at = stored->at;
    struct pl_log_record record;
    struct pl_log_field field[PL_LOG_FIELDS_MAX];
    memcpy(&record, at, sizeof record);
    memcpy(field, at + sizeof record, record.count * sizeof *field);
    const char *text = (const char *)at + sizeof record + record.count * sizeof *field;
    for (uint32_t i = 0; i < record.count; i++) {
        if (is_text(&field[i])) {
            field[i].value.text = text;
            text += field[i].extra;
        }
    }
    log->used += pl_log_line(&record, field, log->format, log->buffer + log->used);
}

static void tell_done(struct pl_log *log)
{
    (void)pthread_mutex_lock(&log->lock);
    log->done = pl_lane_popped(log->lane);
    (void)pthread_cond_broadcast(&log->moved);
    (void)pthread_mutex_unlock(&log->lock);
}

static void drain(struct pl_log *log, int *patience_ms)
{
    struct pl_lane_record record[BATCH];
    for (uint32_t got; (got = pl_lane_peek(log->lane, record, BATCH)) > 0;) {
        for (uint32_t i = 0; i < got; i++) {
            if (BUFFER_BYTES - log->used < PL_LOG_LINE_MAX) {
                write_out(log, patience_ms);
            }
            format_record(log, &record[i]);
        }
        pl_lane_pop(log->lane, got);
    }
    if (log->used > 0) {
        write_out(log, patience_ms);
        tell_done(log);
    }
}

static void *run(void *arg)
{
    struct pl_log *log = arg;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = plain != (locale_t)0 ? uselocale(plain) : (locale_t)0;
    int patience_ms = PATIENCE_MS;
    for (;;) {
        bool stop = atomic_load_explicit(&log->stop, memory_order_acquire);
        drain(log, &patience_ms);
        if (stop) {
            break;
        }
        struct pollfd wake = {.fd = log->wake_fd, .events = POLLIN};
        uint64_t count;
        if (poll(&wake, 1, IDLE_MS) > 0 && read(log->wake_fd, &count, sizeof count) < 0) {
            continue; /* somebody's wish was already seen */
        }
    }
    if (log->drops > 0) { /* nothing found room after them */
        struct pl_log_field field[DROP_FIELDS];
        struct pl_log_record record = drop_record(log, log->drops_last_ns, field);
        log->used += pl_log_line(&record, field, log->format, log->buffer);
        write_out(log, &patience_ms);
    }
    if (plain != (locale_t)0) {
        (void)uselocale(before);
        freelocale(plain);
    }
    return NULL;
}

/* ---- opening and closing -------------------------------------------------------------------- */

static void wake(struct pl_log *log)
{
    uint64_t one = 1;
    if (write(log->wake_fd, &one, sizeof one) != (ssize_t)sizeof one) {
        return; /* a count that is full wakes as well */
    }
}

static void destroy(struct pl_log *log)
{
    if (log->own_fd && log->fd >= 0) {
        (void)close(log->fd);
    }
    if (log->wake_fd >= 0) {
        (void)close(log->wake_fd);
    }
    pl_lane_destroy(&log->lane);
    free(log->buffer);
    free(log);
}

static int open_target(struct pl_log *log, const struct pl_log_options *options,
                       struct pl_error *err)
{
    if (options->path != NULL) {
        (void)snprintf(log->name, sizeof log->name, "%s", options->path);
        log->fd = open(options->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        log->own_fd = true;
    } else {
        (void)snprintf(log->name, sizeof log->name, "log on descriptor %d", options->fd);
        log->fd = options->fd;
    }
    struct stat stat;
    if (log->fd < 0 || fstat(log->fd, &stat) != 0) {
        return pl_error_set(err, PL_ERR_IO, "%s: %s", log->name, strerror(errno));
    }
    log->regular = S_ISREG(stat.st_mode);
    return 0;
}

static int start_thread(struct pl_log *log)
{
    if (pthread_mutex_init(&log->lock, NULL) != 0) {
        return PL_ERR_NOMEM;
    }
    if (pthread_cond_init(&log->moved, NULL) != 0) {
        (void)pthread_mutex_destroy(&log->lock);
        return PL_ERR_NOMEM;
    }
    sigset_t all, before; /* signals are the program's, and a broken pipe is an error here */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&log->thread, NULL, run, log);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        (void)pthread_cond_destroy(&log->moved);
        (void)pthread_mutex_destroy(&log->lock);
    }
    return rc == 0 ? 0 : PL_ERR_NOMEM;
}

int pl_log_open(const struct pl_log_options *options, struct pl_log **out, struct pl_error *err)
{
    *out = NULL;
    struct pl_log *log = calloc(1, sizeof *log);
    if (log == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "log: out of memory");
    }
    log->fd = -1;
    log->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    log->format = options->format;
    log->level = (uint32_t)options->level;
    size_t ring = options->ring_bytes != 0 ? options->ring_bytes : RING_BYTES;
    int rc = ring < RING_BYTES_MIN ? PL_ERR_INVALID : pl_lane_create(ring, &log->lane);
    log->buffer = malloc(BUFFER_BYTES);
    if (rc == PL_ERR_INVALID) {
        (void)pl_error_set(err, rc, "log: a ring of %zu bytes; a power of two from %zu is needed",
                           ring, RING_BYTES_MIN);
    } else if (rc < 0 || log->buffer == NULL || log->wake_fd < 0) {
        rc = pl_error_set(err, PL_ERR_NOMEM, "log: out of memory or descriptors");
    }
    rc = rc < 0 ? rc : open_target(log, options, err);
    if (rc == 0 && start_thread(log) < 0) {
        rc = pl_error_set(err, PL_ERR_NOMEM, "log: no thread");
    }
    if (rc < 0) {
        destroy(log);
        return rc;
    }
    *out = log;
    return 0;
}

int pl_log_flush(struct pl_log *log)
{
    if (log == NULL) {
        return 0;
    }
    uint64_t all = pl_lane_pushed(log->lane);
    (void)pthread_mutex_lock(&log->lock);
    while (log->done < all) {
        wake(log);
        (void)pthread_cond_wait(&log->moved, &log->lock);
    }
    (void)pthread_mutex_unlock(&log->lock);
    return atomic_load(&log->lost) > 0 ? PL_ERR_IO : 0;
}

int pl_log_close(struct pl_log **out, struct pl_error *err)
{
    struct pl_log *log = out != NULL ? *out : NULL;
    if (log == NULL) {
        return 0;
    }
    *out = NULL;
    atomic_store_explicit(&log->stop, true, memory_order_release);
    wake(log);
    (void)pthread_join(log->thread, NULL);
    (void)pthread_cond_destroy(&log->moved);
    (void)pthread_mutex_destroy(&log->lock);
    uint64_t lost = atomic_load(&log->lost);
    int rc = lost == 0 ? 0
                       : pl_error_set(err, PL_ERR_IO, "%s: %llu lines could not be written: %s",
                                      log->name, (unsigned long long)lost, strerror(log->error));
    destroy(log);
    return rc;
}

struct pl_log_counts pl_log_counts(const struct pl_log *log)
{
    if (log == NULL) {
        return (struct pl_log_counts){0};
    }
    return (struct pl_log_counts){
        .dropped = atomic_load(&log->dropped),
        .written = atomic_load(&log->written),
        .lost = atomic_load(&log->lost),
    };
}
