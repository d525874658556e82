#include "codec/tape/cols.h"

#include "base/hash.h"
#include "codec/tape/values.h"
#include "codec/tape/xxh64.h"

#include <stdlib.h>
#include <string.h>

#define SLACK PL_TAPE_STRIDE

static bool grow(void *column, size_t count, size_t size)
{
    void *old, *fresh;
    memcpy(&old, column, sizeof old);
    fresh = realloc(old, (count + SLACK) * size);
    if (fresh == NULL) {
        return false;
    }
    memcpy(column, &fresh, sizeof fresh);
    return true;
}

static uint32_t next_cap(uint32_t cap, uint32_t need)
{
    uint32_t grown = cap + cap / 2;
    return grown > need ? grown : need;
}

bool pl_tape_cols_reserve(struct pl_tape_cols *c, uint32_t msgs, uint32_t rows)
{
    if (msgs > c->msg_cap || c->row_begin == NULL) {
        uint32_t cap = next_cap(c->msg_cap, msgs);
        bool fresh = c->row_begin == NULL;
        if (!grow(&c->kind, cap, 1) || !grow(&c->flags, cap, 1) || !grow(&c->market, cap, 2) ||
            !grow(&c->row_begin, (size_t)cap + 1, 4) || !grow(&c->bid_count, cap, 4) ||
            !grow(&c->venue_ns, cap, 8) || !grow(&c->local_ns, cap, 8) || !grow(&c->seq, cap, 8) ||
            !grow(&c->seq_first, cap, 8)) {
            return false;
        }
        c->msg_cap = cap;
        if (fresh) {
            c->row_begin[0] = 0;
        }
    }
    if (rows > c->row_cap || c->px == NULL) {
        uint32_t cap = next_cap(c->row_cap, rows);
        if (!grow(&c->px, cap, 8) || !grow(&c->lots, cap, 8)) {
            return false;
        }
        c->row_cap = cap;
    }
    return true;
}

bool pl_tape_cols_append(struct pl_tape_cols *c, const struct pl_msg *msg)
{
    if (!pl_tape_cols_reserve(c, c->msg_count + 1, c->row_count + msg->row_count)) {
        return false;
    }
    uint32_t i = c->msg_count++;
    c->kind[i] = msg->kind;
    c->flags[i] = msg->flags;
    c->market[i] = msg->market;
    c->bid_count[i] = msg->bid_count;
    c->venue_ns[i] = msg->venue_ns;
    c->local_ns[i] = msg->local_ns;
    c->seq[i] = msg->seq;
    c->seq_first[i] = msg->seq_first;
    if (msg->row_count > 0) {
        memcpy(c->px + c->row_count, msg->px, msg->row_count * sizeof *c->px);
        memcpy(c->lots + c->row_count, msg->lots, msg->row_count * sizeof *c->lots);
    }
    c->row_count += msg->row_count;
    c->row_begin[i + 1] = c->row_count;
    return true;
}

void pl_tape_cols_clear(struct pl_tape_cols *c)
{
    c->msg_count = c->row_count = 0;
}

void pl_tape_cols_free(struct pl_tape_cols *c)
{
    free(c->kind);
    free(c->flags);
    free(c->market);
    free(c->row_begin);
    free(c->bid_count);
    free(c->venue_ns);
    free(c->local_ns);
    free(c->seq);
    free(c->seq_first);
    free(c->px);
    free(c->lots);
    *c = (struct pl_tape_cols){0};
}

struct pl_block pl_tape_cols_block(const struct pl_tape_cols *c)
{
    return (struct pl_block){.msg_count = c->msg_count,
                             .row_count = c->row_count,
                             .kind = c->kind,
                             .flags = c->flags,
                             .market = c->market,
                             .row_begin = c->row_begin,
                             .bid_count = c->bid_count,
                             .venue_ns = c->venue_ns,
                             .local_ns = c->local_ns,
                             .seq = c->seq,
                             .seq_first = c->seq_first,
                             .px = c->px,
                             .lots = c->lots};
}

struct pl_block pl_tape_block_slice(const struct pl_block *b, uint32_t first, uint32_t last,
                                    uint32_t *row_begin)
{
    uint32_t row = b->row_begin[first];
    for (uint32_t i = first; i <= last; i++) {
        row_begin[i - first] = b->row_begin[i] - row;
    }
    return (struct pl_block){.msg_count = last - first,
                             .row_count = b->row_begin[last] - row,
                             .kind = b->kind + first,
                             .flags = b->flags + first,
                             .market = b->market + first,
                             .row_begin = row_begin,
                             .bid_count = b->bid_count + first,
                             .venue_ns = b->venue_ns + first,
                             .local_ns = b->local_ns + first,
                             .seq = b->seq + first,
                             .seq_first = b->seq_first + first,
                             .px = b->px + row,
                             .lots = b->lots + row};
}

struct pl_msg pl_tape_block_msg(const struct pl_block *b, uint32_t i)
{
    uint32_t row = b->row_begin[i];
    return (struct pl_msg){.kind = b->kind[i],
                           .flags = b->flags[i],
                           .market = b->market[i],
                           .bid_count = b->bid_count[i],
                           .row_count = b->row_begin[i + 1] - row,
                           .venue_ns = b->venue_ns[i],
                           .local_ns = b->local_ns[i],
                           .seq = b->seq[i],
                           .seq_first = b->seq_first[i],
                           .px = b->px + row,
                           .lots = b->lots + row};
}

uint64_t pl_tape_block_digest(const struct pl_block *b)
{
    size_t n = b->msg_count, rows = b->row_count;
    uint64_t digest = pl_digest_u64(n, rows);
    digest = pl_digest_u64(digest, pl_xxh64(b->kind, n, 0));
    digest = pl_digest_u64(digest, pl_xxh64(b->flags, n, 0));
    digest = pl_digest_u64(digest, pl_xxh64(b->market, n * sizeof *b->market, 0));
    digest = pl_digest_u64(digest, pl_xxh64(b->row_begin, (n + 1) * sizeof *b->row_begin, 0));
    digest = pl_digest_u64(digest, pl_xxh64(b->bid_count, n * sizeof *b->bid_count, 0));
    digest = pl_digest_u64(digest, pl_xxh64(b->venue_ns, n * sizeof *b->venue_ns, 0));
    digest = pl_digest_u64(digest, pl_xxh64(b->local_ns, n * sizeof *b->local_ns, 0));
    digest = pl_digest_u64(digest, pl_xxh64(b->seq, n * sizeof *b->seq, 0));
    digest = pl_digest_u64(digest, pl_xxh64(b->seq_first, n * sizeof *b->seq_first, 0));
    digest = pl_digest_u64(digest, pl_xxh64(b->px, rows * sizeof *b->px, 0));
    return pl_digest_u64(digest, pl_xxh64(b->lots, rows * sizeof *b->lots, 0));
}
