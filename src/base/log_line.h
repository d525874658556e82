/* base/log_line.h - one record of a log as a line of text. Pure: no time, no memory, no I/O. */
#ifndef PL_BASE_LOG_LINE_H
#define PL_BASE_LOG_LINE_H

#include "base/log.h"

struct pl_log_record {
    int64_t now_ns;
    const char *event;
    uint32_t level; /* enum pl_log_level */
    uint32_t count; /* fields behind it */
};

/* No line is longer: every byte of every value escaped, and its key. */
#define PL_LOG_LINE_MAX \
    (160 + PL_LOG_NAME_MAX + PL_LOG_FIELDS_MAX * (PL_LOG_NAME_MAX + 8 + 6 * PL_LOG_TEXT_MAX))

/* Writes the line and its end into out[PL_LOG_LINE_MAX]; returns its size. Text values stand where
 * their fields point. Numbers are written with the point of the C locale if the thread has it. */
size_t pl_log_line(const struct pl_log_record *record, const struct pl_log_field *field,
                   enum pl_log_format format, char *out);

#endif
