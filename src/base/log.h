/* base/log.h - structured log lines, off the hot path.
 *
 * Write    PL_LOG puts a compact record into a lane: no formatting, no lock, no allocation, no
 *          system call, no clock (the time is the caller's), tens of nanoseconds. A thread of the
 *          log formats and writes. docs/logging.md tells what the lines look like.
 * Owner    one thread writes to a log. Levels and counts may be used from any thread.
 * Full     when the ring is full a record is dropped and counted; the first line that finds room
 *          again is preceded by a line log.dropped with the number. Nobody waits for a reader.
 * Text     event and keys are string literals, of which only the address is kept; values are copied,
 *          at most PL_LOG_TEXT_MAX bytes, and are never read as a format. Whether a value is secret
 *          is the caller's business.
 * NULL     a NULL log takes everything and writes nothing. */
#ifndef PL_BASE_LOG_H
#define PL_BASE_LOG_H

#include "base/assert.h"
#include "base/decimal.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define PL_LOG_FIELDS_MAX 32
#define PL_LOG_TEXT_MAX   256 /* longer values are cut and end in "..." */
#define PL_LOG_NAME_MAX   48  /* of events and keys */

enum pl_log_level { PL_LOG_DEBUG, PL_LOG_INFO, PL_LOG_WARN, PL_LOG_ERROR, PL_LOG_LEVEL_COUNT };
enum pl_log_format { PL_LOG_LOGFMT, PL_LOG_JSON };

/* "debug", "info", "warn" or "error"; false for anything else. */
bool pl_log_level_parse(const char *text, enum pl_log_level *out);

struct pl_log;

struct pl_log_options {
    const char *path; /* appended to, created when missing; NULL = `fd` */
    int fd;           /* stays open after the log is closed */
    enum pl_log_format format;
    enum pl_log_level level; /* what is below is not taken */
    size_t ring_bytes;       /* a power of two, at least 64 KiB; 0 = 1 MiB */
};

struct pl_log_counts {
    uint64_t dropped; /* records that found the ring full */
    uint64_t written; /* lines the operating system took */
    uint64_t lost;    /* lines it refused, or left when closing ran out of patience */
};

PL_MUST_USE int pl_log_open(const struct pl_log_options *options, struct pl_log **out,
                            struct pl_error *err);
/* Waits until all that was taken has been written; as long as the reader likes. PL_ERR_IO when
 * lines were lost since the opening. */
PL_MUST_USE int pl_log_flush(struct pl_log *log);
/* Writes the rest, but waits no longer than 2 s for a reader that takes nothing. PL_ERR_IO with
 * words when lines were lost; the log is closed all the same. Accepts NULL; leaves *log NULL. */
int pl_log_close(struct pl_log **log, struct pl_error *err);

struct pl_log_counts pl_log_counts(const struct pl_log *log);
void pl_log_set_level(struct pl_log *log, enum pl_log_level level);
bool pl_log_wants(const struct pl_log *log, enum pl_log_level level);

/* ---- fields --------------------------------------------------------------------------------- */

enum pl_log_kind {
    PL_LOG_KIND_NONE, /* null */
    PL_LOG_KIND_I64,
    PL_LOG_KIND_U64,
    PL_LOG_KIND_F64,
    PL_LOG_KIND_BOOL,
    PL_LOG_KIND_HEX,  /* 16 digits: digests */
    PL_LOG_KIND_TIME, /* nanoseconds since 1970, shown as UTC */
    PL_LOG_KIND_DECIMAL,
    PL_LOG_KIND_TEXT,
    PL_LOG_KIND_TEXT_CUT,
};

struct pl_log_field {
    const char *key;
    union {
        int64_t i64;
        uint64_t u64;
        double f64;
        const char *text;
    } value;
    uint32_t extra; /* DECIMAL: scale; TEXT: size */
    uint32_t kind;  /* enum pl_log_kind */
};

static inline struct pl_log_field pl_log_field_i64(const char *key, uint32_t kind, int64_t value)
{
    return (struct pl_log_field){.key = key, .value.i64 = value, .kind = kind};
}

static inline struct pl_log_field pl_log_field_u64(const char *key, uint32_t kind, uint64_t value)
{
    return (struct pl_log_field){.key = key, .value.u64 = value, .kind = kind};
}

static inline struct pl_log_field pl_log_field_f64(const char *key, double value)
{
    return (struct pl_log_field){.key = key, .value.f64 = value, .kind = PL_LOG_KIND_F64};
}

static inline struct pl_log_field pl_log_field_str(const char *key, struct pl_str text)
{
    bool cut = text.size > PL_LOG_TEXT_MAX;
    return (struct pl_log_field){.key = key,
                                 .value.text = text.at,
                                 .extra = cut ? PL_LOG_TEXT_MAX : (uint32_t)text.size,
                                 .kind = cut ? PL_LOG_KIND_TEXT_CUT : PL_LOG_KIND_TEXT};
}

static inline struct pl_log_field pl_log_field_text(const char *key, const char *text)
{
    return text != NULL ? pl_log_field_str(key, pl_str(text)) : (struct pl_log_field){.key = key};
}

/* count x step: a price or size exactly as the venue writes it. */
static inline struct pl_log_field pl_log_field_steps(const char *key, int64_t count,
                                                     struct pl_decimal step)
{
    int64_t mantissa;
    if (__builtin_mul_overflow(count, step.mantissa, &mantissa)) {
        return pl_log_field_f64(key, (double)count * pl_decimal_to_double(step));
    }
    return (struct pl_log_field){.key = key,
                                 .value.i64 = mantissa,
                                 .extra = (uint32_t)step.scale,
                                 .kind = PL_LOG_KIND_DECIMAL};
}

/* "" key: does not compile unless the key is a literal. */
#define PL_LOG_I64(key, v)         pl_log_field_i64("" key, PL_LOG_KIND_I64, v)
#define PL_LOG_U64(key, v)         pl_log_field_u64("" key, PL_LOG_KIND_U64, v)
#define PL_LOG_F64(key, v)         pl_log_field_f64("" key, v)
#define PL_LOG_BOOL(key, v)        pl_log_field_i64("" key, PL_LOG_KIND_BOOL, (v) ? 1 : 0)
#define PL_LOG_HEX(key, v)         pl_log_field_u64("" key, PL_LOG_KIND_HEX, v)
#define PL_LOG_TIME(key, ns)       pl_log_field_i64("" key, PL_LOG_KIND_TIME, ns)
#define PL_LOG_STEPS(key, n, step) pl_log_field_steps("" key, n, step)
#define PL_LOG_TEXT(key, text)     pl_log_field_text("" key, text)
#define PL_LOG_STR(key, str)       pl_log_field_str("" key, str)

/* What PL_LOG does when the level is wanted. */
void pl_log_put(struct pl_log *log, enum pl_log_level level, int64_t now_ns, const char *event,
                const struct pl_log_field *field, uint32_t count);

/* PL_LOG(log, PL_LOG_WARN, now_ns, "book.stale", PL_LOG_TEXT("symbol", symbol));
 * One field at least. Fields are evaluated only when the level is wanted. */
#define PL_LOG(log, level, now_ns, event, ...)                                                    \
    do {                                                                                          \
        struct pl_log *pl_log_to = (log);                                                         \
        if (pl_log_wants(pl_log_to, level)) {                                                     \
            const struct pl_log_field pl_log_field[] = {__VA_ARGS__};                             \
            _Static_assert(PL_COUNT(pl_log_field) <= PL_LOG_FIELDS_MAX, "too many fields");       \
            pl_log_put(pl_log_to, level, now_ns, "" event, pl_log_field, PL_COUNT(pl_log_field)); \
        }                                                                                         \
    } while (0)

#endif
