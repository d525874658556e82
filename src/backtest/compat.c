#include "backtest/compat.h"

#include "base/assert.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct column {
    void *at;
    size_t size;
};

struct compat {
    struct pl_source source; /* first: handed out, cast back */
    struct pl_source *inner;
    struct pl_compat_files files;
    int64_t add_ns[PL_COMPAT_FILES_MAX]; /* to the local times of each file */
    struct pl_block block;
    uint32_t msg_room, row_room;
    uint8_t *kind, *flags;
    uint16_t *market;
    uint32_t *row_begin, *bid_count;
    int64_t *venue_ns, *local_ns, *px, *lots;
    uint64_t *seq, *seq_first;
};

static bool kept(const struct pl_block *b, uint32_t i)
{
    switch (b->kind[i]) {
    case PL_MSG_DEPTH:
    case PL_MSG_SNAPSHOT:
        return true;
    case PL_MSG_TRADE:
        return (b->flags[i] & PL_MSGF_NOT_BOOK) == 0;
    default:
        return false;
    }
}

/* The file that a message received at local_ns is in. */
static uint32_t file_of(const struct pl_compat_files *files, int64_t local_ns)
{
    uint32_t at = 0;
    while (at + 1 < files->count && local_ns >= files->first_ns[at + 1]) {
        at++;
    }
    return at;
}

static void *grow(void *old, size_t count, size_t size)
{
    free(old);
    return calloc(count > 0 ? count : 1, size);
}

static int make_room(struct compat *c, const struct pl_block *b, struct pl_error *err)
{
    if (b->msg_count > c->msg_room) {
        size_t n = c->msg_room = b->msg_count;
        c->kind = grow(c->kind, n, 1);
        c->flags = grow(c->flags, n, 1);
        c->market = grow(c->market, n, sizeof *c->market);
        c->row_begin = grow(c->row_begin, n + 1, sizeof *c->row_begin);
        c->bid_count = grow(c->bid_count, n, sizeof *c->bid_count);
        c->venue_ns = grow(c->venue_ns, n, sizeof *c->venue_ns);
        c->local_ns = grow(c->local_ns, n, sizeof *c->local_ns);
        c->seq = grow(c->seq, n, sizeof *c->seq);
        c->seq_first = grow(c->seq_first, n, sizeof *c->seq_first);
    }
    if (b->row_count > c->row_room) {
        c->row_room = b->row_count;
        c->px = grow(c->px, c->row_room, sizeof *c->px);
        c->lots = grow(c->lots, c->row_room, sizeof *c->lots);
    }
    bool ok = c->kind && c->flags && c->market && c->row_begin && c->bid_count && c->venue_ns &&
              c->local_ns && c->seq && c->seq_first && (c->row_room == 0 || (c->px && c->lots));
    return ok ? 0 : pl_error_set(err, PL_ERR_NOMEM, "out of memory for a block of market data");
}

static void copy_message(struct compat *c, const struct pl_block *b, uint32_t i, uint32_t to,
                         uint32_t row)
{
    uint32_t from = b->row_begin[i], rows = b->row_begin[i + 1] - from;
    c->kind[to] = b->kind[i];
    c->flags[to] = b->flags[i];
    c->market[to] = b->market[i];
    c->bid_count[to] = b->bid_count[i];
    c->venue_ns[to] = b->venue_ns[i];
    c->local_ns[to] = b->local_ns[i] + c->add_ns[file_of(&c->files, b->local_ns[i])];
    c->seq[to] = b->seq[i];
    c->seq_first[to] = b->seq_first[i];
    memcpy(c->px + row, b->px + from, rows * sizeof *c->px);
    memcpy(c->lots + row, b->lots + from, rows * sizeof *c->lots);
}

static int next(struct pl_source *self, const struct pl_block **out, struct pl_error *err)
{
    struct compat *c = (struct compat *)(void *)self;
    const struct pl_block *b;
    int rc = c->inner->next(c->inner, &b, err);
    if (rc <= 0) {
        return rc;
    }
    rc = make_room(c, b, err);
    if (rc < 0) {
        return rc;
    }
    uint32_t to = 0, row = 0;
    for (uint32_t i = 0; i < b->msg_count; i++) {
        if (kept(b, i)) {
            c->row_begin[to] = row;
            copy_message(c, b, i, to++, row);
            row += b->row_begin[i + 1] - b->row_begin[i];
        }
    }
    c->row_begin[to] = row;
    c->block = (struct pl_block){.msg_count = to,
                                 .row_count = row,
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
    *out = &c->block;
    return 1;
}

static int rewind_inner(struct pl_source *self, struct pl_error *err)
{
    struct compat *c = (struct compat *)(void *)self;
    return c->inner->rewind(c->inner, err);
}

static void close_compat(struct pl_source *self)
{
    struct compat *c = (struct compat *)(void *)self;
    c->inner->close(c->inner);
    void *columns[] = {c->kind,     c->flags, c->market,    c->row_begin, c->bid_count, c->venue_ns,
                       c->local_ns, c->seq,   c->seq_first, c->px,        c->lots};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        free(columns[i]);
    }
    free(c);
}

/* The smallest latency of each file; INT64_MAX for a file that holds nothing. */
static int smallest_latencies(struct pl_source *inner, const struct pl_compat_files *files,
                              int64_t *least, struct pl_error *err)
{
    for (uint32_t i = 0; i < PL_COMPAT_FILES_MAX; i++) {
        least[i] = INT64_MAX;
    }
    const struct pl_block *b;
    int rc;
    while ((rc = inner->next(inner, &b, err)) > 0) {
        for (uint32_t i = 0; i < b->msg_count; i++) {
            int64_t latency = b->local_ns[i] - b->venue_ns[i];
            int64_t *of_file = &least[file_of(files, b->local_ns[i])];
            *of_file = kept(b, i) && latency < *of_file ? latency : *of_file;
        }
    }
    return rc < 0 ? rc : inner->rewind(inner, err);
}

int pl_compat_source(struct pl_source *inner, const struct pl_compat_files *files,
                     struct pl_source **out, struct pl_error *err)
{
    *out = NULL;
    PL_ASSERT(files->count <= PL_COMPAT_FILES_MAX);
    int64_t least[PL_COMPAT_FILES_MAX];
    int rc = smallest_latencies(inner, files, least, err);
    if (rc < 0) {
        return rc;
    }
    struct compat *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    c->source = *inner;
    c->source.next = next;
    c->source.rewind = rewind_inner;
    c->source.close = close_compat;
    c->inner = inner;
    c->files = *files;
    for (uint32_t i = 0; i < PL_COMPAT_FILES_MAX; i++) {
        int64_t received = least[i] != INT64_MAX ? least[i] - files->shifted_ns : 0;
        c->add_ns[i] = (received < 0 ? -received : 0) - files->shifted_ns;
    }
    *out = &c->source;
    return 0;
}
