/* import/capture.h - raw captures of exchange JSON, a line a message, with or without a receive time
 * in front: what the line formats of capture.c share with the two dialects. Private to src/import. */
#ifndef PL_IMPORT_CAPTURE_H
#define PL_IMPORT_CAPTURE_H

#include "import/job.h"

/* One JSON message. local_known false: the capture has no receive time (the venue's is taken). */
struct pl_capture_line {
    struct pl_str json;
    bool local_known;
    int64_t local_ns;
};

PL_MUST_USE int pl_capture_binance(struct pl_import_job *job, const struct pl_capture_line *line,
                                   struct pl_error *err);
PL_MUST_USE int pl_capture_bybit(struct pl_import_job *job, const struct pl_capture_line *line,
                                 struct pl_error *err);

#endif
