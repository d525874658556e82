#include "codec/tape/decode.h"

#include "base/assert.h"
#include "codec/tape/unpack.h"
#include "codec/tape/values.h"

struct pl_tape_decoder {
    struct pl_tape_unpacker *unpacker;
    struct pl_tape_column column[PL_TS_COUNT];
    struct pl_tape_values values[PL_TS_COUNT];
    struct pl_tape_class class[PL_TAPE_CLASS_MAX];
    struct pl_tape_slot slot[PL_TAPE_CLASS_MAX];
    uint32_t class_use[4][PL_TAPE_CLASS_MAX]; /* [0] = the sum of all four */
    const uint8_t *class_at;                  /* per message */
    uint8_t class_zero[PL_TAPE_BLOCK_MSGS];
};

/* Where the streams of the rows model are read next. */
struct row_cursors {
    const int64_t *rows, *bids, *mark_rows, *seq, *first, *px_first;
    uint32_t px, lots; /* rows of the long streams */
};

int pl_tape_decoder_create(struct pl_tape_decoder **out)
{
    struct pl_tape_decoder *d = calloc(1, sizeof *d);
    *out = d;
    if (d == NULL) {
        return PL_ERR_NOMEM;
    }
    int rc = pl_tape_unpacker_create(&d->unpacker);
    if (rc < 0) {
        pl_tape_decoder_destroy(out);
    }
    return rc;
}

void pl_tape_decoder_destroy(struct pl_tape_decoder **decoder)
{
    struct pl_tape_decoder *d = *decoder;
    if (d == NULL) {
        return;
    }
    pl_tape_unpacker_destroy(&d->unpacker);
    for (size_t s = 0; s < PL_TS_COUNT; s++) {
        free(d->values[s].at);
    }
    free(d);
    *decoder = NULL;
}

static int corrupt(struct pl_error *err, const char *what)
{
    return pl_error_set(err, PL_ERR_CORRUPT, "%s", what);
}

static bool time_ok(int64_t ns)
{
    return ns >= 0 && ns <= PL_TAPE_TIME_MAX;
}

int pl_tape_read_head(struct pl_tape_cut *in, struct pl_tape_block_head *h, struct pl_error *err)
{
    h->msg_count = pl_tape_cut_u32(in);
    h->row_count = pl_tape_cut_u32(in);
    h->venue_first_ns = pl_tape_cut_i64(in);
    h->venue_last_ns = pl_tape_cut_i64(in);
    h->local_first_ns = pl_tape_cut_i64(in);
    h->local_max_ns = pl_tape_cut_i64(in);
    h->latency_min_ns = pl_tape_cut_i64(in);
    h->book_latency_min_ns = pl_tape_cut_i64(in);
    h->digest = pl_tape_cut_int(in, 8);
    h->class_count = pl_tape_cut_u32(in);
    h->slot_count = pl_tape_cut_u32(in);
    h->stream_count = pl_tape_cut_u32(in);
    h->minute_count = pl_tape_cut_u32(in);
    h->directory_size = pl_tape_cut_u32(in);
    if (in->failed) {
        return corrupt(err, "shorter than its fixed part");
    }
    if (h->msg_count == 0 || h->msg_count > PL_TAPE_BLOCK_MSGS ||
        h->row_count > PL_TAPE_BLOCK_ROWS + PL_TAPE_MSG_ROWS_MAX) {
        return corrupt(err, "counts of messages or rows are absurd");
    }
    if (h->class_count == 0 || h->class_count > PL_TAPE_CLASS_MAX || h->slot_count == 0 ||
        h->slot_count > h->class_count || h->stream_count > PL_TS_COUNT ||
        h->minute_count > h->msg_count) {
        return corrupt(err, "counts of tables are absurd");
    }
    if (!time_ok(h->venue_first_ns) || !time_ok(h->venue_last_ns) || !time_ok(h->local_first_ns) ||
        !time_ok(h->local_max_ns) || h->venue_first_ns > h->venue_last_ns ||
        h->latency_min_ns > PL_TAPE_TIME_MAX || h->latency_min_ns < -PL_TAPE_TIME_MAX) {
        return corrupt(err, "times are out of range");
    }
    return 0;
}

static int read_tables(struct pl_tape_decoder *d, struct pl_tape_cut *in,
                       const struct pl_tape_block_head *h, uint32_t market_count,
                       struct pl_error *err)
{
    (void)pl_tape_cut_bytes(in, h->minute_count * (size_t)16);
    for (uint32_t c = 0; c < h->class_count; c++) {
        uint64_t packed = pl_tape_cut_int(in, PL_TAPE_CLASS_SIZE);
        struct pl_tape_class k = {.kind = (uint8_t)packed,
                                  .flags = (uint8_t)(packed >> 8),
                                  .bits = (uint8_t)(packed >> 16),
                                  .slot = (uint8_t)(packed >> 24),
                                  .touch = (uint8_t)(packed >> 32),
                                  .market = (uint16_t)(packed >> 48)};
        if (k.kind >= PL_MSG_KIND_COUNT || k.bits > 15 || k.slot >= h->slot_count ||
            k.touch >= h->slot_count) {
            return corrupt(err, "a message class is not known");
        }
        if (k.market >= market_count) {
            return corrupt(err, "a message is of a market that the tape does not define");
        }
        d->class[c] = k;
    }
    for (uint32_t s = 0; s < h->slot_count; s++) {
        uint64_t seq = pl_tape_cut_int(in, 8);
        int64_t px = pl_tape_cut_i64(in);
        d->slot[s] = (struct pl_tape_slot){.seq = seq, .px = {px, px}};
    }
    return in->failed ? corrupt(err, "ends inside its tables") : 0;
}

/* Short streams become plain values before the messages are gone through. Classes are bytes
 * already; times expand into their columns; long row streams expand message by message, straight
 * to where they belong. */
static bool is_short(size_t stream)
{
    return stream != PL_TS_CLASS && stream != PL_TS_VENUE && stream != PL_TS_LOCAL &&
           stream != PL_TS_PX && stream != PL_TS_LOTS;
}

static bool expand_column(struct pl_tape_column *c, uint32_t count, struct pl_tape_values *v)
{
    if (!pl_tape_values_grow(v, count + PL_TAPE_STRIDE)) {
        v->failed = false; /* another block may be smaller */
        return false;
    }
    v->count = count;
    if (count > 0) {
        pl_tape_expand(c, 0, count, v->at);
    }
    v->at[count] = 0; /* best bid/ask changes are read before it is known that they are */
    return true;
}

static int expand_short(struct pl_tape_decoder *d)
{
    bool good = true;
    for (size_t s = 0; s < PL_TS_COUNT && good; s++) {
        good = expand_column(&d->column[s], is_short(s) ? d->column[s].count : 0, &d->values[s]);
    }
    return good ? 0 : PL_ERR_NOMEM;
}

/* Finds the classes of messages and how often each occurs; false when one is not in the table. */
static bool read_classes(struct pl_tape_decoder *d, const struct pl_tape_block_head *h)
{
    const struct pl_tape_column *c = &d->column[PL_TS_CLASS];
    if (c->count != h->msg_count || c->width > 1 || c->dense != c->width || c->zigzag ||
        c->unit != 1) {
        return false;
    }
    if (c->width == 0) {
        memset(d->class_zero, 0, h->msg_count);
    }
    d->class_at = c->width == 0 ? d->class_zero : c->plane[0];
    /* Four counters in turn: the same class again and again would wait for its own store. */
    memset(d->class_use, 0, sizeof d->class_use);
    for (uint32_t i = 0; i < h->msg_count; i++) {
        d->class_use[i & 3][d->class_at[i]]++;
    }
    for (uint32_t k = 0; k < PL_TAPE_CLASS_MAX; k++) {
        d->class_use[0][k] += d->class_use[1][k] + d->class_use[2][k] + d->class_use[3][k];
        if (k >= h->class_count && d->class_use[0][k] != 0) {
            return false;
        }
    }
    return true;
}

/* Adds up what the DEPTH and SNAPSHOT messages need; false when a shape is wrong. */
static bool count_varying(const struct pl_tape_decoder *d, uint64_t *rows, uint64_t *firsts)
{
    const struct pl_tape_values *n = &d->values[PL_TS_ROWS], *bids = &d->values[PL_TS_BIDS];
    bool good = n->count == bids->count;
    for (uint32_t i = 0; good && i < n->count; i++) {
        good = n->at[i] >= 0 && n->at[i] <= PL_TAPE_MSG_ROWS_MAX && bids->at[i] >= 0 &&
               bids->at[i] <= n->at[i];
        *rows += (uint64_t)n->at[i];
        *firsts += (uint64_t)((bids->at[i] > 0) + (bids->at[i] < n->at[i]));
    }
    const struct pl_tape_values *mark = &d->values[PL_TS_MARK_ROWS];
    for (uint32_t i = 0; good && i < mark->count; i++) {
        good = mark->at[i] == 1 || mark->at[i] == 2;
        *rows += (uint64_t)mark->at[i];
        *firsts += 1;
    }
    return good;
}

/* Every stream has exactly the values that the messages will take, so that the loops over them
 * need no checks. */
static int check_counts(const struct pl_tape_decoder *d, const struct pl_tape_block_head *h,
                        struct pl_error *err)
{
    uint64_t need[PL_TS_COUNT] = {0};
    uint64_t total = 0, rows = 0, firsts = 0, fixed_rows = 0;
    for (uint32_t c = 0; c < h->class_count; c++) {
        const struct pl_tape_class *k = &d->class[c];
        uint64_t use = d->class_use[0][c];
        enum pl_tape_model model = pl_tape_model_of(k->kind);
        int fixed = pl_tape_fixed_rows(k->kind);
        need[PL_TS_ROWS_SEQ + 2 * model] += k->bits & PL_TC_SEQ ? use : 0;
        need[PL_TS_ROWS_FIRST + 2 * model] += k->bits & PL_TC_SEQ_FIRST ? use : 0;
        need[k->kind == PL_MSG_MARK ? PL_TS_MARK_ROWS : PL_TS_ROWS] += fixed < 0 ? use : 0;
        need[PL_TS_BBO_MASK] += model == PL_TM_BBO ? use : 0;
        need[PL_TS_TRADE_PX] += model == PL_TM_TRADE ? use : 0;
        total += fixed > 0 ? use * (uint64_t)fixed : 0;
        fixed_rows += model == PL_TM_ROWS && fixed > 0 ? use * (uint64_t)fixed : 0;
        firsts += model == PL_TM_ROWS && fixed > 0 ? use : 0;
    }
    need[PL_TS_CLASS] = need[PL_TS_VENUE] = need[PL_TS_LOCAL] = h->msg_count;
    need[PL_TS_TRADE_LOTS] = need[PL_TS_TRADE_PX];
    need[PL_TS_BIDS] = need[PL_TS_ROWS];
    need[PL_TS_LOCAL_REST] = d->column[PL_TS_LOCAL_REST].count > 0 ? h->msg_count : 0;
    if (!count_varying(d, &rows, &firsts)) {
        return corrupt(err, "row counts of messages do not fit their kinds");
    }
    if (total + rows != h->row_count) {
        return corrupt(err, "rows of the messages do not add up to the rows of the block");
    }
    need[PL_TS_LOTS] = rows + fixed_rows;
    need[PL_TS_PX_FIRST] = firsts;
    need[PL_TS_PX] = need[PL_TS_LOTS] - firsts;
    const struct pl_tape_values *mask = &d->values[PL_TS_BBO_MASK];
    for (uint32_t i = 0; i < mask->count; i++) {
        uint64_t m = (uint64_t)mask->at[i];
        if (m > 15) {
            return corrupt(err, "a best bid/ask message has unknown change bits");
        }
        need[PL_TS_BBO_PX] += (m & 1) + (m >> 2 & 1);
        need[PL_TS_BBO_LOTS] += (m >> 1 & 1) + (m >> 3);
    }
    for (size_t s = 0; s < PL_TS_COUNT; s++) {
        if (d->column[s].count != need[s]) {
            return pl_error_set(err, PL_ERR_CORRUPT, "stream %zu has %u values, %llu are needed", s,
                                d->column[s].count, (unsigned long long)need[s]);
        }
    }
    return 0;
}

/* Differences wrap when they are written, so sums wrap here. */
static int64_t sum(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t diff(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static bool decode_times(struct pl_tape_decoder *d, const struct pl_tape_block_head *h,
                         struct pl_tape_cols *out)
{
    int64_t venue = h->venue_first_ns, local = h->local_first_ns;
    int64_t most = local, least = INT64_MAX, *venue_ns = out->venue_ns, *local_ns = out->local_ns;
    const int64_t *rest = d->values[PL_TS_LOCAL_REST].at;
    bool good = true;
    pl_tape_expand(&d->column[PL_TS_VENUE], 0, h->msg_count, venue_ns);
    pl_tape_expand(&d->column[PL_TS_LOCAL], 0, h->msg_count, local_ns);
    for (uint32_t i = 0; d->column[PL_TS_LOCAL_REST].count > 0 && i < h->msg_count; i++) {
        local_ns[i] = sum(local_ns[i], rest[i]);
    }
    for (uint32_t i = 0; i < h->msg_count; i++) {
        int64_t before = venue;
        venue = sum(venue, venue_ns[i]);
        local = sum(local, local_ns[i]);
        good &= (venue >= before) & ((uint64_t)venue <= (uint64_t)PL_TAPE_TIME_MAX) &
                ((uint64_t)local <= (uint64_t)PL_TAPE_TIME_MAX);
        venue_ns[i] = venue;
        local_ns[i] = local;
        most = local > most ? local : most;
        int64_t latency = diff(local, venue);
        least = latency < least ? latency : least;
    }
    return good && venue == h->venue_last_ns && venue_ns[0] == h->venue_first_ns &&
           most == h->local_max_ns && least == h->latency_min_ns;
}

static inline void decode_ids(unsigned bits, const int64_t **seq_at, const int64_t **first_at,
                              uint64_t *last, uint64_t *seq, uint64_t *seq_first)
{
    uint64_t id = *last, first = 0, final = 0;
    if (bits & PL_TC_SEQ_FIRST) {
        id += (uint64_t) * (*first_at)++;
        first = id;
    }
    if (bits & PL_TC_SEQ) {
        id += (uint64_t) * (*seq_at)++;
        final = id;
    }
    *last = id;
    *seq = final;
    *seq_first = first;
}

/* One side of a message: the first row stands alone, the others step from the row before. */
static void decode_side(struct pl_tape_column *steps, uint32_t at, int64_t first, uint32_t n,
                        bool down, int64_t *px)
{
    px[0] = first;
    if (n > 1) {
        pl_tape_expand(steps, at, n - 1, px + 1);
    }
    if (down) {
        for (uint32_t r = 1; r < n; r++) {
            px[r] = first = diff(first, px[r]);
        }
    } else {
        for (uint32_t r = 1; r < n; r++) {
            px[r] = first = sum(first, px[r]);
        }
    }
}

/* Where a message lies among the others. */
struct place {
    uint32_t msg, row;
};

/* A message of the rows model; returns its row count. Not inlined: its many variables would push
 * those of the short messages out of registers. */
static __attribute__((noinline)) uint32_t decode_rows(struct pl_tape_decoder *d,
                                                      const struct pl_tape_class *k,
                                                      struct row_cursors *cur,
                                                      struct pl_tape_cols *out, struct place at)
{
    struct pl_tape_slot *slot = &d->slot[k->slot];
    int64_t *px = out->px + at.row;
    int fixed = pl_tape_fixed_rows(k->kind);
    uint32_t n = fixed >= 0               ? (uint32_t)fixed
                 : k->kind == PL_MSG_MARK ? (uint32_t)*cur->mark_rows++
                                          : (uint32_t)*cur->rows++;
    uint32_t bids = fixed >= 0 || k->kind == PL_MSG_MARK ? 0 : (uint32_t)*cur->bids++;
    decode_ids(k->bits, &cur->seq, &cur->first, &slot->seq, &out->seq[at.msg],
               &out->seq_first[at.msg]);
    out->bid_count[at.msg] = bids;
    if (n == 0) {
        return 0;
    }
    pl_tape_expand(&d->column[PL_TS_LOTS], cur->lots, n, out->lots + at.row);
    cur->lots += n;
    if (bids > 0) {
        slot->px[0] = sum(slot->px[0], *cur->px_first++);
        decode_side(&d->column[PL_TS_PX], cur->px, slot->px[0], bids, k->bits & PL_TC_BIDS_DOWN,
                    px);
        cur->px += bids - 1;
    }
    if (bids < n) {
        int64_t ref = bids == 0                        ? slot->px[1]
                      : k->bits & PL_TC_ASK_FROM_FIRST ? px[0]
                                                       : px[bids - 1];
        slot->px[1] = sum(ref, *cur->px_first++);
        decode_side(&d->column[PL_TS_PX], cur->px, slot->px[1], n - bids, false, px + bids);
        cur->px += n - bids - 1;
    }
    return n;
}

/* A change that is not there is read and masked away: which side changes is a coin toss, and a
 * mispredicted branch costs more than the whole message. */
static inline void decode_bbo(struct pl_tape_slot *slot, uint64_t mask, const int64_t **dpx,
                              const int64_t **dlots, int64_t *px, int64_t *lots)
{
    for (unsigned side = 0; side < 2; side++) {
        uint64_t moved = mask & 1, resized = mask >> 1 & 1;
        int64_t p = sum(slot->px[side], **dpx & -(int64_t)moved);
        int64_t q = sum(slot->lots[side], **dlots & -(int64_t)resized);
        *dpx += moved;
        *dlots += resized;
        mask >>= 2;
        px[side] = slot->px[side] = p;
        lots[side] = slot->lots[side] = q;
    }
}

static void decode_classes(const struct pl_tape_decoder *d, uint32_t msg_count,
                           struct pl_tape_cols *out)
{
    const uint8_t *at = d->class_at;
    uint8_t *kind = out->kind, *flags = out->flags;
    uint16_t *market = out->market;
    for (uint32_t i = 0; i < msg_count; i++) {
        const struct pl_tape_class *k = &d->class[at[i]];
        kind[i] = k->kind;
        flags[i] = k->flags;
        market[i] = k->market;
    }
}

/* The cursors of short messages are locals whose address stays here, so that the compiler keeps
 * them in registers across the stores of the loop. */
static void decode_messages(struct pl_tape_decoder *d, uint32_t msg_count, struct pl_tape_cols *out)
{
    const struct pl_tape_values *v = d->values;
    struct row_cursors rows = {.rows = v[PL_TS_ROWS].at,
                               .bids = v[PL_TS_BIDS].at,
                               .mark_rows = v[PL_TS_MARK_ROWS].at,
                               .seq = v[PL_TS_ROWS_SEQ].at,
                               .first = v[PL_TS_ROWS_FIRST].at,
                               .px_first = v[PL_TS_PX_FIRST].at};
    const int64_t *bbo_seq = v[PL_TS_BBO_SEQ].at, *bbo_first = v[PL_TS_BBO_FIRST].at;
    const int64_t *bbo_mask = v[PL_TS_BBO_MASK].at, *bbo_px = v[PL_TS_BBO_PX].at;
    const int64_t *bbo_lots = v[PL_TS_BBO_LOTS].at;
    const int64_t *trade_seq = v[PL_TS_TRADE_SEQ].at, *trade_first = v[PL_TS_TRADE_FIRST].at;
    const int64_t *trade_px = v[PL_TS_TRADE_PX].at, *trade_lots = v[PL_TS_TRADE_LOTS].at;
    const struct pl_tape_cols c = *out;
    const uint8_t *class_at = d->class_at;
    uint32_t row = 0;
    for (uint32_t i = 0; i < msg_count; i++) {
        const struct pl_tape_class *k = &d->class[class_at[i]];
        struct pl_tape_slot *slot = &d->slot[k->slot];
        c.row_begin[i] = row;
        if (k->kind == PL_MSG_BBO) {
            decode_ids(k->bits, &bbo_seq, &bbo_first, &slot->seq, &c.seq[i], &c.seq_first[i]);
            decode_bbo(slot, (uint64_t)*bbo_mask++, &bbo_px, &bbo_lots, c.px + row, c.lots + row);
            c.bid_count[i] = 1;
            row += 2;
        } else if (k->kind == PL_MSG_TRADE) {
            unsigned side = k->flags & PL_MSGF_SELL ? 0 : 1;
            decode_ids(k->bits, &trade_seq, &trade_first, &slot->seq, &c.seq[i], &c.seq_first[i]);
            c.px[row] = sum(d->slot[k->touch].px[side], *trade_px++);
            slot->px[side] = c.px[row];
            c.lots[row++] = *trade_lots++;
            c.bid_count[i] = 0;
        } else {
            row += decode_rows(d, k, &rows, out, (struct place){.msg = i, .row = row});
        }
    }
    c.row_begin[msg_count] = row;
}

static bool inst_refs_ok(const struct pl_tape_decoder *d, uint32_t class_count,
                         const struct pl_tape_cols *out, uint32_t inst_count)
{
    for (uint32_t c = 0; c < class_count; c++) {
        for (uint32_t i = 0; d->class[c].kind == PL_MSG_INST && i < out->msg_count; i++) {
            if (d->class_at[i] == c && out->seq[i] >= inst_count) {
                return false;
            }
        }
    }
    return true;
}

int pl_tape_decode(struct pl_tape_decoder *d, const void *payload, size_t size,
                   uint32_t market_count, uint32_t inst_count, struct pl_tape_cols *out,
                   struct pl_error *err)
{
    struct pl_tape_cut in = {.at = payload, .end = (const uint8_t *)payload + size};
    struct pl_tape_block_head h;
    int rc = pl_tape_read_head(&in, &h, err);
    if (rc == 0) {
        rc = read_tables(d, &in, &h, market_count, err);
    }
    if (rc < 0) {
        return rc;
    }
    const uint8_t *directory = pl_tape_cut_bytes(&in, h.directory_size);
    if (directory == NULL) {
        return corrupt(err, "ends inside its directory");
    }
    struct pl_tape_cut dir = {.at = directory, .end = directory + h.directory_size};
    uint32_t values_max = h.msg_count > h.row_count ? h.msg_count : h.row_count;
    rc = pl_tape_unpack(d->unpacker, dir, in, h.stream_count, PL_TS_COUNT, values_max, d->column);
    if (rc == 0) {
        rc = expand_short(d);
    }
    if (rc < 0) {
        return pl_error_set(err, rc, rc == PL_ERR_NOMEM ? "out of memory" : "a stream is damaged");
    }
    if (!read_classes(d, &h)) {
        return corrupt(err, "a message has an unknown class");
    }
    rc = check_counts(d, &h, err);
    if (rc < 0) {
        return rc;
    }
    pl_tape_cols_clear(out);
    if (!pl_tape_cols_reserve(out, h.msg_count, h.row_count)) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    if (!decode_times(d, &h, out)) {
        return corrupt(err, "times do not agree with the block's summary");
    }
    decode_classes(d, h.msg_count, out);
    decode_messages(d, h.msg_count, out);
    out->msg_count = h.msg_count;
    out->row_count = h.row_count;
    return inst_refs_ok(d, h.class_count, out, inst_count)
               ? 0
               : corrupt(err, "an instrument is not defined");
}
