/* import/queue.h - messages of one stream that wait for the merge by local time. Private.
 *
 * Memory  what one line makes: the driver reads the next line only when the queue is empty. */
#ifndef PL_IMPORT_QUEUE_H
#define PL_IMPORT_QUEUE_H

#include "import/job.h"

struct pl_queue_item {
    struct pl_import_market *market;
    struct pl_msg msg; /* px and lots are set when it is taken */
    size_t row_begin;
    uint32_t file;
    uint64_t line, byte;
};

struct pl_import_queue {
    struct pl_queue_item *item;
    size_t head, count, cap; /* items [head, count) wait */
    int64_t *px, *lots;
    size_t row_count, row_cap;
};

PL_MUST_USE int pl_queue_push(struct pl_import_queue *queue, const struct pl_import_job *job,
                              struct pl_import_market *market, const struct pl_msg *msg,
                              struct pl_error *err);
/* The oldest one; NULL when empty. Valid until the next push. */
struct pl_queue_item *pl_queue_head(struct pl_import_queue *queue);
void pl_queue_pop(struct pl_import_queue *queue);
void pl_queue_fini(struct pl_import_queue *queue);

#endif
