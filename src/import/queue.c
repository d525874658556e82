#include "import/queue.h"

#include <stdlib.h>
#include <string.h>

static int grow_rows(struct pl_import_queue *q, size_t need)
{
    size_t cap = q->row_cap == 0 ? 4096 : q->row_cap;
    while (cap < need) {
        cap *= 2;
    }
    int64_t *px = realloc(q->px, cap * sizeof *px);
    q->px = px != NULL ? px : q->px;
    int64_t *lots = realloc(q->lots, cap * sizeof *lots);
    q->lots = lots != NULL ? lots : q->lots;
    if (px == NULL || lots == NULL) {
        return PL_ERR_NOMEM;
    }
    q->row_cap = cap;
    return 0;
}

int pl_queue_push(struct pl_import_queue *q, const struct pl_import_job *job,
                  struct pl_import_market *market, const struct pl_msg *msg, struct pl_error *err)
{
    if (q->count == q->cap) {
        size_t cap = q->cap == 0 ? 64 : q->cap * 2;
        struct pl_queue_item *item = realloc(q->item, cap * sizeof *item);
        if (item == NULL) {
            return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
        }
        q->item = item;
        q->cap = cap;
    }
    if (q->row_count + msg->row_count > q->row_cap &&
        grow_rows(q, q->row_count + msg->row_count) < 0) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    if (msg->row_count > 0) {
        memcpy(q->px + q->row_count, msg->px, msg->row_count * sizeof *q->px);
        memcpy(q->lots + q->row_count, msg->lots, msg->row_count * sizeof *q->lots);
    }
    q->item[q->count++] =
        (struct pl_queue_item){market, *msg, q->row_count, job->file, job->line, job->byte};
    q->row_count += msg->row_count;
    return 0;
}

struct pl_queue_item *pl_queue_head(struct pl_import_queue *q)
{
    if (q->head == q->count) {
        return NULL;
    }
    struct pl_queue_item *item = &q->item[q->head];
    item->msg.px = q->px + item->row_begin;
    item->msg.lots = q->lots + item->row_begin;
    return item;
}

void pl_queue_pop(struct pl_import_queue *q)
{
    PL_ASSERT(q->head < q->count);
    q->head++;
    if (q->head == q->count) {
        q->head = q->count = q->row_count = 0;
    }
}

void pl_queue_fini(struct pl_import_queue *q)
{
    free(q->item);
    free(q->px);
    free(q->lots);
    *q = (struct pl_import_queue){0};
}
