#include "synth/outbox.h"

#include <stdlib.h>

void pl_outbox_fini(struct pl_outbox *box)
{
    free(box->msg);
    free(box->row_at);
    free(box->px);
    free(box->lots);
    *box = (struct pl_outbox){0};
}

int pl_outbox_begin(struct pl_outbox *box, const struct pl_msg *head)
{
    if (box->count == box->cap) {
        size_t cap = box->cap == 0 ? 256 : box->cap * 2;
        struct pl_msg *msg = realloc(box->msg, cap * sizeof *msg);
        if (msg == NULL) {
            return PL_ERR_NOMEM;
        }
        box->msg = msg;
        size_t *row_at = realloc(box->row_at, cap * sizeof *row_at);
        if (row_at == NULL) {
            return PL_ERR_NOMEM;
        }
        box->row_at = row_at;
        box->cap = cap;
    }
    box->msg[box->count] = *head;
    box->msg[box->count].row_count = 0;
    box->msg[box->count].bid_count = 0;
    box->row_at[box->count++] = box->rows;
    return 0;
}

int pl_outbox_grow_rows(struct pl_outbox *box)
{
    size_t cap = box->row_cap == 0 ? 4096 : box->row_cap * 2;
    int64_t *px = realloc(box->px, cap * sizeof *px);
    if (px == NULL) {
        return PL_ERR_NOMEM;
    }
    box->px = px;
    int64_t *lots = realloc(box->lots, cap * sizeof *lots);
    if (lots == NULL) {
        return PL_ERR_NOMEM;
    }
    box->lots = lots;
    box->row_cap = cap;
    return 0;
}

void pl_outbox_drop(struct pl_outbox *box)
{
    box->rows = box->row_at[--box->count];
}

const struct pl_msg *pl_outbox_at(struct pl_outbox *box, size_t i)
{
    box->msg[i].px = box->px + box->row_at[i];
    box->msg[i].lots = box->lots + box->row_at[i];
    return &box->msg[i];
}

void pl_outbox_clear(struct pl_outbox *box)
{
    box->count = 0;
    box->rows = 0;
}
