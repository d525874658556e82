/* synth/outbox.h - messages of one market, kept until those of the others for the same time are
 * there. Owner: one market. Memory: grows to the busiest slice. */
#ifndef PL_SYNTH_OUTBOX_H
#define PL_SYNTH_OUTBOX_H

#include "core/block.h"

#include <stddef.h>

struct pl_outbox {
    struct pl_msg *msg; /* px and lots are set by pl_outbox_at */
    size_t *row_at;
    size_t count, cap;
    int64_t *px, *lots;
    size_t rows, row_cap;
};

void pl_outbox_fini(struct pl_outbox *box);
/* Begins a message; rows follow with pl_outbox_row, which count themselves. */
PL_MUST_USE int pl_outbox_begin(struct pl_outbox *box, const struct pl_msg *head);
PL_MUST_USE int pl_outbox_grow_rows(struct pl_outbox *box);

static inline int pl_outbox_row(struct pl_outbox *box, enum pl_side side, int64_t px, int64_t lots)
{
    if (box->rows == box->row_cap) {
        int rc = pl_outbox_grow_rows(box);
        if (rc < 0) {
            return rc;
        }
    }
    box->px[box->rows] = px;
    box->lots[box->rows++] = lots;
    struct pl_msg *msg = &box->msg[box->count - 1];
    msg->row_count++;
    msg->bid_count += side == PL_BUY;
    return 0;
}

/* Takes the message begun last back. */
void pl_outbox_drop(struct pl_outbox *box);
/* Message i with its rows; valid until the box changes. */
const struct pl_msg *pl_outbox_at(struct pl_outbox *box, size_t i);
void pl_outbox_clear(struct pl_outbox *box);

#endif
