/* The tape as a pl_source: one block at a time, or all of them decoded beforehand. */
#include "base/assert.h"
#include "base/hash.h"
#include "base/int128.h"
#include "codec/tape/clock.h"
#include "codec/tape/decode.h"
#include "codec/tape/index.h"
#include "codec/tape/tape.h"

#include <stdio.h>

struct tape_source {
    struct pl_source base;
    struct pl_tape_read_options options;
    struct pl_tape_file file;
    struct pl_tape_index index;
    struct pl_tape_facts facts;
    struct pl_tape_decoder *decoder;
    struct pl_tape_clock clock;
    struct pl_tape_cols cols;     /* streaming: the block handed out */
    struct pl_tape_cols *loaded;  /* preload: blocks [block_first, block_end) */
    struct pl_block *loaded_view; /* and what of each lies in the time range */
    struct pl_block view;
    int64_t *venue_ns, *local_ns; /* preload and tile: shifted times of the block handed out */
    uint32_t block_first, block_end, block_next;
    uint32_t tile_idx, tile_count;
    int64_t tile_ns; /* what one more tile adds to both clocks */
};

/* Keeps messages with from <= venue time < to. Columns shrink in place. */
static void trim(const struct tape_source *s, struct pl_tape_cols *c, struct pl_block *view)
{
    uint32_t first = 0, last = c->msg_count;
    while (first < last && c->venue_ns[first] < s->options.from_ns) {
        first++;
    }
    while (last > first && c->venue_ns[last - 1] >= s->options.to_ns) {
        last--;
    }
    struct pl_block whole = pl_tape_cols_block(c);
    *view = first == 0 && last == c->msg_count
                ? whole
                : pl_tape_block_slice(&whole, first, last, c->row_begin);
}

static int load_block(struct tape_source *s, uint32_t block, struct pl_tape_cols *out,
                      struct pl_error *err)
{
    const struct pl_tape_entry *e = &s->index.entry[block];
    const uint8_t *payload;
    int rc = pl_tape_block_read(&s->file, &s->index, block, true, &payload, err);
    if (rc < 0) {
        return rc;
    }
    rc = pl_tape_decode(s->decoder, payload, e->size, s->index.market_count, s->index.inst_count,
                        out, err);
    if (rc < 0) {
        return pl_error_prefix(err, "%s: block %u at byte %llu", s->file.name, block,
                               (unsigned long long)e->offset);
    }
    if (out->msg_count != e->msg_count || out->row_count != e->row_count ||
        out->venue_ns[0] != e->venue_first_ns ||
        out->venue_ns[out->msg_count - 1] != e->venue_last_ns) {
        return pl_error_set(err, PL_ERR_CORRUPT,
                            "%s: block %u at byte %llu is not the one the index describes",
                            s->file.name, block, (unsigned long long)e->offset);
    }
    pl_tape_clock_apply(&s->clock, out);
    return 0;
}

/* Both clocks of the block handed out, moved by `ns`. Streaming may write into its own columns;
 * loaded blocks stay as they are. */
static void shift_view(struct tape_source *s, int64_t ns)
{
    int64_t *venue = s->loaded != NULL ? s->venue_ns : s->cols.venue_ns;
    int64_t *local = s->loaded != NULL ? s->local_ns : s->cols.local_ns;
    for (uint32_t i = 0; i < s->view.msg_count; i++) {
        venue[i] = s->view.venue_ns[i] + ns;
        local[i] = s->view.local_ns[i] + ns;
    }
    s->view.venue_ns = venue;
    s->view.local_ns = local;
}

static int source_next(struct pl_source *self, const struct pl_block **out, struct pl_error *err)
{
    struct tape_source *s = (struct tape_source *)self;
    for (;;) {
        if (s->block_next == s->block_end) {
            if (s->tile_idx + 1 >= s->tile_count || s->block_first == s->block_end) {
                return 0;
            }
            s->tile_idx++;
            s->block_next = s->block_first;
            pl_tape_clock_reset(&s->clock);
        }
        if (s->loaded != NULL) {
            s->view = s->loaded_view[s->block_next - s->block_first];
        } else {
            int rc = load_block(s, s->block_next, &s->cols, err);
            if (rc < 0) {
                return rc;
            }
            trim(s, &s->cols, &s->view);
        }
        s->block_next++;
        if (s->view.msg_count == 0) {
            continue;
        }
        if (s->tile_idx > 0) {
            shift_view(s, (int64_t)s->tile_idx * s->tile_ns);
        }
        *out = &s->view;
        return 1;
    }
}

static int source_rewind(struct pl_source *self, struct pl_error *err)
{
    struct tape_source *s = (struct tape_source *)self;
    (void)err;
    s->block_next = s->block_first;
    s->tile_idx = 0;
    pl_tape_clock_reset(&s->clock);
    return 0;
}

static void source_close(struct pl_source *self)
{
    struct tape_source *s = (struct tape_source *)self;
    for (uint32_t b = 0; s->loaded != NULL && b < s->block_end - s->block_first; b++) {
        pl_tape_cols_free(&s->loaded[b]);
    }
    free(s->loaded);
    free(s->loaded_view);
    free(s->venue_ns);
    free(s->local_ns);
    pl_tape_cols_free(&s->cols);
    pl_tape_clock_fini(&s->clock);
    pl_tape_decoder_destroy(&s->decoder);
    pl_tape_index_free(&s->index);
    pl_tape_file_close(&s->file);
    free(s);
}

/* ---- opening ---- */

static void describe_loss(struct pl_tape_facts *f, const struct pl_tape_found *found)
{
    f->index_rebuilt = found->rebuilt;
    if (!found->rebuilt) {
        return;
    }
    if (found->complete) {
        (void)snprintf(f->lost, sizeof f->lost,
                       "the index at the end is damaged; it was rebuilt, no message is missing");
        return;
    }
    f->lost_bytes = found->lost_bytes;
    (void)snprintf(f->lost, sizeof f->lost,
                   "the tape has no end: %u whole blocks are read (%llu messages, up to venue time "
                   "%lld); %llu bytes behind them and whatever followed are lost",
                   f->block_count, (unsigned long long)f->msg_total, (long long)f->venue_last_ns,
                   (unsigned long long)f->lost_bytes);
}

static void fill_facts(struct tape_source *s, const struct pl_tape_found *found)
{
    struct pl_tape_facts *f = &s->facts;
    const struct pl_tape_index *x = &s->index;
    *f = (struct pl_tape_facts){.file_size = s->file.size,
                                .block_count = x->entry_count,
                                .inst_count = x->inst_count,
                                .market_count = x->market_count,
                                .clock = found->header.clock,
                                .clock_shift_ns = s->clock.shift_ns,
                                .reorder_window_ns = found->header.reorder_window_ns,
                                .digest = pl_tape_index_digest(x)};
    int64_t least = PL_TAPE_NO_LATENCY, book = PL_TAPE_NO_LATENCY;
    for (uint32_t i = 0; i < x->entry_count; i++) {
        const struct pl_tape_entry *e = &x->entry[i];
        f->msg_total += e->msg_count;
        f->row_total += e->row_count;
        least = e->latency_min_ns < least ? e->latency_min_ns : least;
        book = e->book_latency_min_ns < book ? e->book_latency_min_ns : book;
    }
    f->latency_min_ns = least != PL_TAPE_NO_LATENCY ? least : 0;
    f->book_latency_min_ns = book != PL_TAPE_NO_LATENCY ? book : 0;
    if (x->entry_count > 0) {
        f->venue_first_ns = x->entry[0].venue_first_ns;
        f->venue_last_ns = x->entry[x->entry_count - 1].venue_last_ns;
    }
    describe_loss(f, found);
}

/* Blocks that may hold messages in [from, to). */
static void select_blocks(struct tape_source *s)
{
    const struct pl_tape_index *x = &s->index;
    uint32_t first = 0, end = x->entry_count;
    for (uint32_t lo = 0, hi = end; lo < hi;) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (x->entry[mid].venue_last_ns < s->options.from_ns) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
        first = lo;
    }
    while (end > first && x->entry[end - 1].venue_first_ns >= s->options.to_ns) {
        end--;
    }
    s->block_first = s->block_next = first;
    s->block_end = end;
}

static int plan_tiles(struct tape_source *s, struct pl_error *err)
{
    s->tile_count = s->options.tile > 1 ? s->options.tile : 1;
    if (s->block_first == s->block_end) {
        return 0;
    }
    const struct pl_tape_entry *entry = s->index.entry;
    int64_t first = entry[s->block_first].venue_first_ns, local = 0;
    int64_t last = entry[s->block_end - 1].venue_last_ns;
    for (uint32_t b = s->block_first; b < s->block_end; b++) {
        local = entry[b].local_max_ns > local ? entry[b].local_max_ns : local;
    }
    first = first > s->options.from_ns ? first : s->options.from_ns;
    last = last < s->options.to_ns ? last : s->options.to_ns - 1;
    int64_t bound = pl_tape_clock_bound(&s->clock, local, last);
    pl_i128 span = (pl_i128)bound - first + PL_NS_PER_MS;
    pl_i128 end = (pl_i128)bound + span * (s->tile_count - 1);
    if (s->tile_count > 1 && end >= INT64_MAX) {
        return pl_error_set(err, PL_ERR_LIMIT, "%s: %u tiles would run past the end of time",
                            s->file.name, s->tile_count);
    }
    s->tile_ns = s->tile_count > 1 ? (int64_t)span : 0;
    s->base.venue_first_ns = first;
    s->base.venue_last_ns = last + s->tile_ns * (int64_t)(s->tile_count - 1);
    return 0;
}

static void describe_source(struct tape_source *s, bool all)
{
    struct pl_source *b = &s->base;
    b->next = source_next;
    b->rewind = source_rewind;
    b->close = source_close;
    b->insts = s->index.inst;
    b->inst_count = s->index.inst_count;
    b->market_count = s->index.market_count;
    b->row_total = all ? s->facts.row_total * s->tile_count : 0;
    b->msg_total = all ? s->facts.msg_total * s->tile_count : 0;
    b->data_digest = pl_digest_u64(s->facts.digest, s->clock.rule);
    if (!all) {
        b->data_digest = pl_digest_u64(b->data_digest, (uint64_t)s->options.from_ns);
        b->data_digest = pl_digest_u64(b->data_digest, (uint64_t)s->options.to_ns);
    }
    if (s->clock.rule == PL_CLOCK_FLOOR) {
        b->data_digest = pl_digest_u64(b->data_digest, (uint64_t)s->clock.shift_ns);
    }
    if (s->tile_count > 1) {
        b->data_digest = pl_digest_u64(b->data_digest, s->tile_count);
    }
}

static int preload(struct tape_source *s, struct pl_error *err)
{
    uint32_t count = s->block_end - s->block_first, most = 0;
    s->loaded = calloc(count + (size_t)1, sizeof *s->loaded);
    s->loaded_view = calloc(count + (size_t)1, sizeof *s->loaded_view);
    if (s->loaded == NULL || s->loaded_view == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", s->file.name);
    }
    s->base.row_total = s->base.msg_total = 0;
    for (uint32_t b = 0; b < count; b++) {
        struct pl_block *view = &s->loaded_view[b];
        int rc = load_block(s, s->block_first + b, &s->loaded[b], err);
        if (rc < 0) {
            return rc;
        }
        trim(s, &s->loaded[b], view);
        most = view->msg_count > most ? view->msg_count : most;
        s->base.row_total += (uint64_t)view->row_count * s->tile_count;
        s->base.msg_total += (uint64_t)view->msg_count * s->tile_count;
    }
    if (s->tile_count > 1) {
        s->venue_ns = malloc((most + (size_t)1) * sizeof *s->venue_ns);
        s->local_ns = malloc((most + (size_t)1) * sizeof *s->local_ns);
        if (s->venue_ns == NULL || s->local_ns == NULL) {
            return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", s->file.name);
        }
    }
    return 0;
}

static int open_file(struct tape_source *s, const struct pl_tape_read_options *options,
                     struct pl_error *err)
{
    struct pl_tape_found found;
    s->options = options != NULL ? *options : (struct pl_tape_read_options){0};
    bool all = s->options.from_ns == 0 && s->options.to_ns == 0;
    s->options.to_ns = all ? INT64_MAX : s->options.to_ns;
    if (s->options.from_ns < 0 || s->options.to_ns < s->options.from_ns) {
        return pl_error_set(err, PL_ERR_INVALID, "%s: the time range ends before it begins",
                            s->file.name);
    }
    int rc = pl_tape_index_read(&s->file, &s->index, &found, err);
    if (rc == 0) {
        rc = pl_tape_clock_init(&s->clock,
                                s->options.as_received ? PL_CLOCK_RAW : found.header.clock,
                                s->options.floor_without_bbo, &s->index, err);
    }
    if (rc == 0 && pl_tape_decoder_create(&s->decoder) < 0) {
        rc = pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", s->file.name);
    }
    if (rc < 0) {
        return rc;
    }
    fill_facts(s, &found);
    select_blocks(s);
    rc = plan_tiles(s, err);
    if (rc < 0) {
        return rc;
    }
    describe_source(s, all);
    return s->options.preload ? preload(s, err) : 0;
}

static int source_open(const char *path, const void *bytes, size_t size,
                       const struct pl_tape_read_options *options, struct pl_source **out,
                       struct pl_error *err)
{
    *out = NULL;
    struct tape_source *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory for a tape");
    }
    s->file.fd = -1;
    int rc = path != NULL ? pl_tape_file_open(&s->file, path, err)
                          : pl_tape_file_memory(&s->file, bytes, size, err);
    if (rc == 0) {
        rc = open_file(s, options, err);
    }
    if (rc < 0) {
        source_close(&s->base);
        return rc;
    }
    *out = &s->base;
    return 0;
}

int pl_tape_open(const char *path, const struct pl_tape_read_options *options,
                 struct pl_source **out, struct pl_error *err)
{
    return source_open(path, NULL, 0, options, out, err);
}

int pl_tape_open_memory(const void *bytes, size_t size, const struct pl_tape_read_options *options,
                        struct pl_source **out, struct pl_error *err)
{
    return source_open(NULL, bytes, size, options, out, err);
}

const struct pl_tape_facts *pl_tape_source_facts(const struct pl_source *source)
{
    const struct tape_source *s = (const struct tape_source *)source;
    PL_ASSERT(source->next == source_next);
    return &s->facts;
}

uint32_t pl_tape_source_inst_market(const struct pl_source *source, uint32_t inst)
{
    const struct tape_source *s = (const struct tape_source *)source;
    PL_ASSERT(source->next == source_next && inst < s->index.inst_count);
    return s->index.inst_market[inst];
}
