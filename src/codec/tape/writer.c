/* Messages in, records out. Between them stands the reorder window: messages wait until nothing
 * older may still come, then leave in order of (venue time, arrival). */
#include "base/assert.h"
#include "codec/tape/cols.h"
#include "codec/tape/encode.h"
#include "codec/tape/index.h"
#include "codec/tape/tape.h"

#define DEFAULT_LEVEL   3
#define WINDOW_MIN_LOAD 65536u /* messages and rows that wait before sorting is worth its while */

struct waiting {
    int64_t venue_ns;
    uint32_t idx; /* place in the order of arrival */
};

struct pl_tape_writer {
    struct pl_sink sink;
    struct pl_tape_options options;
    struct pl_tape_out out;
    struct pl_tape_index index;
    struct pl_tape_encoder *encoder;
    struct pl_tape_buf record;
    struct pl_tape_cols pending, kept; /* in order of arrival */
    struct waiting *order, *spare;
    uint32_t order_cap;
    uint32_t flush_at;
    int64_t newest_ns;
    struct pl_tape_cols block; /* in order of venue time: the block being filled */
    uint32_t class_key[PL_TAPE_CLASS_MAX], class_count; /* different (kind, flags, market) in it */
    int failed; /* the first error; nothing works after it */
    bool finished;
};

static int fail(struct pl_tape_writer *w, int code)
{
    w->failed = code;
    return code;
}

static int write_record(struct pl_tape_writer *w, uint32_t tag, const struct pl_tape_buf *payload,
                        struct pl_error *err)
{
    struct pl_tape_buf head = {0};
    if (payload->failed || payload->size > PL_TAPE_PAYLOAD_MAX) {
        return pl_error_set(err, PL_ERR_LIMIT, "a tape record is too large or memory ran out");
    }
    uint32_t size = (uint32_t)payload->size;
    pl_tape_buf_int(&head, tag, 4);
    pl_tape_buf_int(&head, size, 4);
    pl_tape_buf_int(&head, pl_tape_record_hash(tag, size, payload->at), 8);
    int rc = head.failed ? pl_error_set(err, PL_ERR_NOMEM, "out of memory")
                         : pl_tape_out_write(&w->out, head.at, head.size, err);
    pl_tape_buf_free(&head);
    return rc < 0 ? rc : pl_tape_out_write(&w->out, payload->at, payload->size, err);
}

static int write_block(struct pl_tape_writer *w, struct pl_error *err)
{
    struct pl_block block = pl_tape_cols_block(&w->block);
    if (block.msg_count == 0) {
        return 0;
    }
    struct pl_tape_entry entry;
    w->record.size = 0;
    int rc =
        pl_tape_encode(w->encoder, &block, w->options.clock == PL_CLOCK_MOVING, &w->record, &entry);
    if (rc < 0) {
        return pl_error_set(err, rc, "out of memory while packing a tape block");
    }
    entry.offset = w->out.size;
    rc = write_record(w, PL_TAPE_TAG_BLOCK, &w->record, err);
    if (rc == 0 && w->options.clock == PL_CLOCK_MOVING) {
        struct pl_tape_cut in = {.at = w->record.at + PL_TAPE_BLOCK_HEAD_SIZE - 8,
                                 .end = w->record.at + w->record.size};
        uint32_t minutes = (uint32_t)pl_tape_cut_int(&in, 8);
        rc = pl_tape_index_add_minutes(&w->index, in.at, minutes, err);
    }
    if (rc == 0) {
        rc = pl_tape_index_add_entry(&w->index, &entry, err);
    }
    pl_tape_cols_clear(&w->block);
    w->class_count = 0;
    return rc;
}

/* Is there room for one more kind of message in the block's class table? Takes it if so. */
static bool take_class(struct pl_tape_writer *w, const struct pl_msg *m)
{
    uint32_t key = (uint32_t)m->kind << 24 | (uint32_t)m->flags << 16 | m->market;
    for (uint32_t c = 0; c < w->class_count; c++) {
        if (w->class_key[c] == key) {
            return true;
        }
    }
    if (w->class_count == PL_TAPE_CLASS_MAX) {
        return false;
    }
    w->class_key[w->class_count++] = key;
    return true;
}

static int emit(struct pl_tape_writer *w, const struct pl_msg *m, struct pl_error *err)
{
    const struct pl_tape_cols *b = &w->block;
    bool full = b->msg_count > 0 && (b->row_count + m->row_count > w->options.block_rows ||
                                     b->msg_count == PL_TAPE_BLOCK_MSGS || !take_class(w, m));
    if (full) {
        int rc = write_block(w, err);
        if (rc < 0) {
            return rc;
        }
    }
    if (b->msg_count == 0) {
        bool taken = take_class(w, m);
        PL_ASSERT(taken);
    }
    return pl_tape_cols_append(&w->block, m)
               ? 0
               : pl_error_set(err, PL_ERR_NOMEM, "out of memory for a tape block");
}

/* Stable merge sort by venue time; runs that are in order already cost one comparison. */
static struct waiting *sort_waiting(struct waiting *at, struct waiting *spare, uint32_t n)
{
    for (uint32_t run = 1; run < n; run *= 2) {
        for (uint32_t lo = 0; lo < n; lo += 2 * run) {
            uint32_t mid = lo + run < n ? lo + run : n, hi = mid + run < n ? mid + run : n;
            if (mid == hi || at[mid - 1].venue_ns <= at[mid].venue_ns) {
                memcpy(spare + lo, at + lo, (hi - lo) * sizeof *at);
                continue;
            }
            for (uint32_t i = lo, j = mid, k = lo; k < hi; k++) {
                bool left = i < mid && (j == hi || at[i].venue_ns <= at[j].venue_ns);
                spare[k] = left ? at[i++] : at[j++];
            }
        }
        struct waiting *swap = at;
        at = spare;
        spare = swap;
    }
    return at;
}

static bool reserve_order(struct pl_tape_writer *w, uint32_t n)
{
    if (n <= w->order_cap) {
        return true;
    }
    struct waiting *order = realloc(w->order, n * sizeof *order);
    w->order = order != NULL ? order : w->order;
    struct waiting *spare = realloc(w->spare, n * sizeof *spare);
    w->spare = spare != NULL ? spare : w->spare;
    if (order == NULL || spare == NULL) {
        return false;
    }
    w->order_cap = n;
    return true;
}

/* Lets every waiting message of venue time <= limit out; the others keep their order of arrival. */
static int flush(struct pl_tape_writer *w, int64_t limit_ns, struct pl_error *err)
{
    uint32_t n = w->pending.msg_count;
    if (!reserve_order(w, n)) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory for the reorder window");
    }
    for (uint32_t i = 0; i < n; i++) {
        w->order[i] = (struct waiting){.venue_ns = w->pending.venue_ns[i], .idx = i};
    }
    const struct waiting *sorted = sort_waiting(w->order, w->spare, n);
    struct pl_block block = pl_tape_cols_block(&w->pending);
    for (uint32_t i = 0; i < n && sorted[i].venue_ns <= limit_ns; i++) {
        struct pl_msg m = pl_tape_block_msg(&block, sorted[i].idx);
        int rc = emit(w, &m, err);
        if (rc < 0) {
            return rc;
        }
    }
    pl_tape_cols_clear(&w->kept);
    for (uint32_t i = 0; i < n; i++) {
        struct pl_msg m = pl_tape_block_msg(&block, i);
        if (m.venue_ns > limit_ns && !pl_tape_cols_append(&w->kept, &m)) {
            return pl_error_set(err, PL_ERR_NOMEM, "out of memory for the reorder window");
        }
    }
    struct pl_tape_cols swap = w->pending;
    w->pending = w->kept;
    w->kept = swap;
    return 0;
}

static uint32_t load_of(const struct pl_tape_cols *c)
{
    return c->msg_count + c->row_count;
}

static int check_msg(const struct pl_tape_writer *w, const struct pl_msg *m, struct pl_error *err)
{
    if (!pl_tape_shape_ok(m->kind, m->row_count, m->bid_count)) {
        return pl_error_set(err, PL_ERR_INVALID,
                            "message kind %u with %u rows, %u of them bids: not its shape", m->kind,
                            m->row_count, m->bid_count);
    }
    if (m->market >= w->index.market_count) {
        return pl_error_set(err, PL_ERR_INVALID, "message of market %u, but %u are defined",
                            m->market, w->index.market_count);
    }
    if (m->kind == PL_MSG_INST && m->seq >= w->index.inst_count) {
        return pl_error_set(err, PL_ERR_INVALID, "message of instrument %llu, but %u are defined",
                            (unsigned long long)m->seq, w->index.inst_count);
    }
    if (m->venue_ns < 0 || m->venue_ns > PL_TAPE_TIME_MAX || m->local_ns < 0 ||
        m->local_ns > PL_TAPE_TIME_MAX) {
        return pl_error_set(err, PL_ERR_INVALID,
                            "message times %lld and %lld: must be ns since 1970, before 2116",
                            (long long)m->venue_ns, (long long)m->local_ns);
    }
    if (m->venue_ns < w->newest_ns - w->options.reorder_window_ns) {
        return pl_error_set(err, PL_ERR_ORDER,
                            "message of venue time %lld is %.3f s older than the newest; the "
                            "reorder window is %.3f s",
                            (long long)m->venue_ns, (double)(w->newest_ns - m->venue_ns) * 1e-9,
                            (double)w->options.reorder_window_ns * 1e-9);
    }
    return 0;
}

static int put(struct pl_sink *sink, const struct pl_msg *m, struct pl_error *err)
{
    struct pl_tape_writer *w = (struct pl_tape_writer *)sink;
    if (w->failed < 0 || w->finished) {
        return pl_error_set(err, PL_ERR_STATE,
                            w->finished ? "the tape is finished" : "the tape failed before");
    }
    int rc = check_msg(w, m, err);
    if (rc < 0) {
        return rc; /* nothing was taken: the caller may skip the message and go on */
    }
    if (!pl_tape_cols_append(&w->pending, m)) {
        return fail(w, pl_error_set(err, PL_ERR_NOMEM, "out of memory for the reorder window"));
    }
    w->newest_ns = m->venue_ns > w->newest_ns ? m->venue_ns : w->newest_ns;
    if (load_of(&w->pending) < w->flush_at) {
        return 0;
    }
    rc = flush(w, w->newest_ns - w->options.reorder_window_ns, err);
    uint32_t left = 2 * load_of(&w->pending);
    w->flush_at = left > WINDOW_MIN_LOAD ? left : WINDOW_MIN_LOAD;
    return rc < 0 ? fail(w, rc) : 0;
}

static int define(struct pl_sink *sink, const struct pl_inst *inst, int of, struct pl_error *err)
{
    struct pl_tape_writer *w = (struct pl_tape_writer *)sink;
    struct pl_tape_index *x = &w->index;
    if (w->failed < 0 || w->finished) {
        return pl_error_set(err, PL_ERR_STATE, "the tape is finished or failed before");
    }
    if (of >= 0 && (uint32_t)of >= x->market_count) {
        return pl_error_set(err, PL_ERR_INVALID, "a change of market %d, but %u are defined", of,
                            x->market_count);
    }
    if (of < 0 && x->inst_count != x->market_count) {
        return pl_error_set(err, PL_ERR_STATE,
                            "define all markets before the first change of a definition");
    }
    if (x->inst_count == PL_TAPE_INST_MAX || (of < 0 && x->market_count == PL_TAPE_MARKET_MAX)) {
        return pl_error_set(err, PL_ERR_LIMIT, "a tape holds at most %u markets and %u definitions",
                            PL_TAPE_MARKET_MAX, PL_TAPE_INST_MAX);
    }
    int rc = pl_inst_check(inst, err);
    if (rc < 0) {
        return rc;
    }
    uint32_t market = of < 0 ? x->market_count : (uint32_t)of;
    w->record.size = 0;
    pl_tape_inst_put(&w->record, inst, market);
    rc = write_record(w, PL_TAPE_TAG_INST, &w->record, err);
    if (rc == 0) {
        rc = pl_tape_index_add_inst(x, inst, market, err);
    }
    return rc < 0 ? fail(w, rc) : (int)(x->inst_count - 1);
}

int pl_tape_writer_create(const char *path, const struct pl_tape_options *options,
                          struct pl_tape_writer **out, struct pl_error *err)
{
    *out = NULL;
    struct pl_tape_writer *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory for a tape");
    }
    w->sink = (struct pl_sink){.put = put, .define = define};
    w->options = options != NULL ? *options : (struct pl_tape_options){0};
    w->options.level = w->options.level != 0 ? w->options.level : DEFAULT_LEVEL;
    if (w->options.reorder_window_ns == 0) {
        w->options.reorder_window_ns = PL_TAPE_WINDOW_NS;
    }
    if (w->options.block_rows == 0 || w->options.block_rows > PL_TAPE_BLOCK_ROWS) {
        w->options.block_rows = PL_TAPE_BLOCK_ROWS;
    }
    w->flush_at = WINDOW_MIN_LOAD;
    w->out.fd = -1;
    int rc = 0;
    if (w->options.clock > PL_CLOCK_MOVING || w->options.level < -50 || w->options.level > 22 ||
        w->options.reorder_window_ns < 0) {
        rc = pl_error_set(err, PL_ERR_INVALID,
                          "tape options: clock rule 0..2, level -50..22, window >= 0");
    }
    if (rc == 0) {
        rc = pl_tape_out_open(&w->out, path, err);
    }
    if (rc == 0 && pl_tape_encoder_create(w->options.level, &w->encoder) < 0) {
        rc = pl_error_set(err, PL_ERR_NOMEM, "out of memory for a tape");
    }
    if (rc == 0) {
        pl_tape_header_put(&w->record, &(struct pl_tape_header){.clock = w->options.clock,
                                                                .level = w->options.level,
                                                                .reorder_window_ns =
                                                                    w->options.reorder_window_ns});
        rc = w->record.failed ? pl_error_set(err, PL_ERR_NOMEM, "out of memory for a tape")
                              : pl_tape_out_write(&w->out, w->record.at, w->record.size, err);
    }
    if (rc < 0) {
        pl_tape_writer_destroy(&w);
    }
    *out = w;
    return rc;
}

struct pl_sink *pl_tape_writer_sink(struct pl_tape_writer *w)
{
    return &w->sink;
}

int pl_tape_writer_finish(struct pl_tape_writer *w, struct pl_error *err)
{
    if (w->failed < 0 || w->finished) {
        return pl_error_set(err, PL_ERR_STATE, "the tape is finished or failed before");
    }
    int rc = flush(w, INT64_MAX, err);
    if (rc == 0) {
        rc = write_block(w, err);
    }
    uint64_t at = w->out.size;
    w->record.size = 0;
    pl_tape_index_put(&w->index, &w->record);
    if (rc == 0) {
        rc = write_record(w, PL_TAPE_TAG_INDEX, &w->record, err);
    }
    w->record.size = 0;
    pl_tape_trailer_put(&w->record, at);
    if (rc == 0) {
        rc = w->record.failed ? pl_error_set(err, PL_ERR_NOMEM, "out of memory for a tape")
                              : pl_tape_out_write(&w->out, w->record.at, w->record.size, err);
    }
    if (rc == 0) {
        rc = pl_tape_out_finish(&w->out, err);
    }
    w->finished = rc == 0;
    return rc < 0 ? fail(w, rc) : 0;
}

void pl_tape_memory(const struct pl_tape_writer *w, const void **bytes, size_t *size)
{
    *bytes = w->out.memory.at;
    *size = w->out.memory.size;
}

void pl_tape_writer_destroy(struct pl_tape_writer **writer)
{
    struct pl_tape_writer *w = *writer;
    if (w == NULL) {
        return;
    }
    pl_tape_out_close(&w->out);
    pl_tape_index_free(&w->index);
    pl_tape_encoder_destroy(&w->encoder);
    pl_tape_buf_free(&w->record);
    pl_tape_cols_free(&w->pending);
    pl_tape_cols_free(&w->kept);
    pl_tape_cols_free(&w->block);
    free(w->order);
    free(w->spare);
    free(w);
    *writer = NULL;
}
