#include "codec/tape/decode.h"

#include "base/assert.h"
#include "codec/tape/planes.h"

struct pl_tape_decoder {
    struct pl_tape_unpacker *unpacker;
    struct pl_tape_column column[PL_TS_COUNT];
    struct pl_tape_values values[PL_TS_COUNT];
    struct pl_tape_class class[PL_TAPE_CLASS_MAX];
    struct pl_tape_slot slot[PL_TAPE_CLASS_MAX];
    uint32_t class_use[PL_TAPE_CLASS_MAX];
};

/* Where each stream is read next. */
struct cursors {
    const int64_t *at[PL_TS_COUNT];
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
    h->digest = pl_tape_cut_int(in, 8);
    h->class_count = (uint16_t)pl_tape_cut_int(in, 2);
    h->slot_count = (uint16_t)pl_tape_cut_int(in, 2);
    uint32_t streams = pl_tape_cut_u32(in);
    uint64_t minutes = pl_tape_cut_int(in, 8);
    h->stream_count = (uint16_t)streams;
    h->minute_count = (uint32_t)minutes;
    if (in->failed) {
        return corrupt(err, "shorter than its fixed part");
    }
    if (h->msg_count == 0 || h->msg_count > PL_TAPE_BLOCK_MSGS ||
        h->row_count > PL_TAPE_BLOCK_ROWS + PL_TAPE_MSG_ROWS_MAX) {
        return corrupt(err, "counts of messages or rows are absurd");
    }
    if (h->class_count == 0 || h->class_count > PL_TAPE_CLASS_MAX || h->slot_count == 0 ||
        h->slot_count > h->class_count || streams > PL_TS_COUNT || minutes > h->msg_count) {
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
        d->slot[s] = (struct pl_tape_slot){
            .seq = seq, .first_px = {px, px}, .bbo_px = {px, px}, .touch_px = {px, px}};
    }
    return in->failed ? corrupt(err, "ends inside its tables") : 0;
}

/* All streams to plain values, and a cursor at the start of each. */
static int expand_all(struct pl_tape_decoder *d, struct cursors *cur)
{
    for (size_t s = 0; s < PL_TS_COUNT; s++) {
        const struct pl_tape_column *c = &d->column[s];
        struct pl_tape_values *v = &d->values[s];
        v->count = c->count;
        if (c->count > v->cap && !pl_tape_values_grow(v, c->count)) {
            v->failed = false;
            return PL_ERR_NOMEM;
        }
        if (c->count > 0) {
            pl_tape_expand(c, 0, c->count, v->at);
        }
        cur->at[s] = v->at;
    }
    return 0;
}

static bool count_classes(struct pl_tape_decoder *d, const struct pl_tape_block_head *h)
{
    memset(d->class_use, 0, h->class_count * sizeof d->class_use[0]);
    const struct pl_tape_values *v = &d->values[PL_TS_CLASS];
    for (uint32_t i = 0; i < v->count; i++) {
        if ((uint64_t)v->at[i] >= h->class_count) {
            return false;
        }
        d->class_use[v->at[i]]++;
    }
    return true;
}

/* Adds up what the DEPTH, SNAPSHOT and MARK messages need; false when a shape is wrong. */
static bool count_varying(const struct pl_tape_decoder *d, const struct pl_tape_block_head *h,
                          uint64_t *rows, uint64_t *firsts)
{
    const struct pl_tape_values *v = &d->values[PL_TS_CLASS];
    const int64_t *row_count = d->values[PL_TS_ROWS].at, *bid_count = d->values[PL_TS_BIDS].at;
    for (uint32_t i = 0; i < v->count; i++) {
        uint8_t kind = d->class[v->at[i]].kind;
        if (pl_tape_fixed_rows(kind) >= 0) {
            continue;
        }
        int64_t n = *row_count++;
        int64_t bids = kind == PL_MSG_MARK ? 0 : *bid_count++;
        if (n < 0 || n > PL_TAPE_MSG_ROWS_MAX || bids < 0 ||
            !pl_tape_shape_ok(kind, (uint32_t)n, (uint32_t)bids)) {
            return false;
        }
        *rows += (uint64_t)n;
        *firsts += (uint64_t)((bids > 0) + (bids < n));
    }
    return *rows <= h->row_count;
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
        uint64_t use = d->class_use[c];
        enum pl_tape_model model = pl_tape_model_of(k->kind);
        int fixed = pl_tape_fixed_rows(k->kind);
        need[PL_TS_ROWS_SEQ + 2 * model] += k->bits & PL_TC_SEQ ? use : 0;
        need[PL_TS_ROWS_FIRST + 2 * model] += k->bits & PL_TC_SEQ_FIRST ? use : 0;
        need[PL_TS_ROWS] += fixed < 0 ? use : 0;
        need[PL_TS_BIDS] += fixed < 0 && k->kind != PL_MSG_MARK ? use : 0;
        need[PL_TS_BBO_MASK] += model == PL_TM_BBO ? use : 0;
        need[PL_TS_TRADE_PX] += model == PL_TM_TRADE ? use : 0;
        total += fixed > 0 ? use * (uint64_t)fixed : 0;
        fixed_rows += model == PL_TM_ROWS && fixed > 0 ? use * (uint64_t)fixed : 0;
        firsts += model == PL_TM_ROWS && fixed > 0 ? use : 0;
    }
    need[PL_TS_CLASS] = need[PL_TS_VENUE] = need[PL_TS_LOCAL] = h->msg_count;
    need[PL_TS_TRADE_LOTS] = need[PL_TS_TRADE_PX];
    if (d->column[PL_TS_ROWS].count != need[PL_TS_ROWS] ||
        d->column[PL_TS_BIDS].count != need[PL_TS_BIDS] || !count_varying(d, h, &rows, &firsts)) {
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

static bool decode_times(const struct pl_tape_block_head *h, const struct cursors *cur,
                         struct pl_tape_cols *out)
{
    int64_t venue = h->venue_first_ns, local = h->local_first_ns;
    int64_t most = local, least = INT64_MAX;
    bool good = true;
    for (uint32_t i = 0; i < h->msg_count; i++) {
        int64_t before = venue;
        venue = sum(venue, cur->at[PL_TS_VENUE][i]);
        local = sum(local, cur->at[PL_TS_LOCAL][i]);
        good &= venue >= before && (uint64_t)venue <= (uint64_t)PL_TAPE_TIME_MAX &&
                (uint64_t)local <= (uint64_t)PL_TAPE_TIME_MAX;
        out->venue_ns[i] = venue;
        out->local_ns[i] = local;
        most = local > most ? local : most;
        int64_t latency = diff(local, venue);
        least = latency < least ? latency : least;
    }
    return good && venue == h->venue_last_ns && out->venue_ns[0] == h->venue_first_ns &&
           most == h->local_max_ns && least == h->latency_min_ns;
}

static void decode_ids(const struct pl_tape_class *k, struct pl_tape_slot *slot,
                       struct cursors *cur, uint64_t *seq, uint64_t *seq_first)
{
    enum pl_tape_model model = pl_tape_model_of(k->kind);
    uint64_t last = slot->seq;
    *seq = *seq_first = 0;
    if (k->bits & PL_TC_SEQ_FIRST) {
        last += (uint64_t)*cur->at[PL_TS_ROWS_FIRST + 2 * model]++;
        *seq_first = last;
    }
    if (k->bits & PL_TC_SEQ) {
        last += (uint64_t)*cur->at[PL_TS_ROWS_SEQ + 2 * model]++;
        *seq = last;
    }
    slot->seq = last;
}

/* One side of a message: the first row stands alone, the others step from the row before. */
static void decode_side(struct cursors *cur, int64_t first, uint32_t n, bool down, int64_t *px)
{
    const int64_t *step = cur->at[PL_TS_PX];
    px[0] = first;
    if (down) {
        for (uint32_t r = 1; r < n; r++) {
            px[r] = first = diff(first, step[r - 1]);
        }
    } else {
        for (uint32_t r = 1; r < n; r++) {
            px[r] = first = sum(first, step[r - 1]);
        }
    }
    cur->at[PL_TS_PX] = step + (n - 1);
}

static void decode_rows(const struct pl_tape_class *k, struct pl_tape_slot *slot,
                        struct cursors *cur, uint32_t n, uint32_t bids, int64_t *px, int64_t *lots)
{
    memcpy(lots, cur->at[PL_TS_LOTS], n * sizeof *lots);
    cur->at[PL_TS_LOTS] += n;
    if (bids > 0) {
        slot->first_px[0] = sum(slot->first_px[0], *cur->at[PL_TS_PX_FIRST]++);
        decode_side(cur, slot->first_px[0], bids, k->bits & PL_TC_BIDS_DOWN, px);
    }
    if (bids < n) {
        int64_t ref = bids == 0                        ? slot->first_px[1]
                      : k->bits & PL_TC_ASK_FROM_FIRST ? px[0]
                                                       : px[bids - 1];
        slot->first_px[1] = sum(ref, *cur->at[PL_TS_PX_FIRST]++);
        decode_side(cur, slot->first_px[1], n - bids, false, px + bids);
    }
}

static void decode_bbo(struct pl_tape_slot *slot, struct cursors *cur, int64_t *px, int64_t *lots)
{
    unsigned mask = (unsigned)*cur->at[PL_TS_BBO_MASK]++;
    for (unsigned side = 0; side < 2; side++) {
        if (mask >> (2 * side) & 1) {
            slot->bbo_px[side] = sum(slot->bbo_px[side], *cur->at[PL_TS_BBO_PX]++);
        }
        if (mask >> (2 * side) & 2) {
            slot->bbo_lots[side] = sum(slot->bbo_lots[side], *cur->at[PL_TS_BBO_LOTS]++);
        }
        px[side] = slot->touch_px[side] = slot->bbo_px[side];
        lots[side] = slot->bbo_lots[side];
    }
}

static void decode_trade(const struct pl_tape_class *k, struct pl_tape_slot *touch,
                         struct cursors *cur, int64_t *px, int64_t *lots)
{
    int64_t *last = &touch->touch_px[k->flags & PL_MSGF_SELL ? 0 : 1];
    *last = sum(*last, *cur->at[PL_TS_TRADE_PX]++);
    *px = *last;
    *lots = *cur->at[PL_TS_TRADE_LOTS]++;
}

static void decode_messages(struct pl_tape_decoder *d, uint32_t msg_count, struct cursors *cur,
                            struct pl_tape_cols *out)
{
    uint32_t row = 0;
    for (uint32_t i = 0; i < msg_count; i++) {
        const struct pl_tape_class *k = &d->class[cur->at[PL_TS_CLASS][i]];
        uint32_t n, bids = 0;
        out->kind[i] = k->kind;
        out->flags[i] = k->flags;
        out->market[i] = k->market;
        out->row_begin[i] = row;
        decode_ids(k, &d->slot[k->slot], cur, &out->seq[i], &out->seq_first[i]);
        if (k->kind == PL_MSG_BBO) {
            n = 2;
            bids = 1;
            decode_bbo(&d->slot[k->slot], cur, out->px + row, out->lots + row);
        } else if (k->kind == PL_MSG_TRADE) {
            n = 1;
            decode_trade(k, &d->slot[k->touch], cur, out->px + row, out->lots + row);
        } else {
            int fixed = pl_tape_fixed_rows(k->kind);
            n = fixed >= 0 ? (uint32_t)fixed : (uint32_t)*cur->at[PL_TS_ROWS]++;
            bids = fixed >= 0 || k->kind == PL_MSG_MARK ? 0 : (uint32_t)*cur->at[PL_TS_BIDS]++;
            decode_rows(k, &d->slot[k->slot], cur, n, bids, out->px + row, out->lots + row);
        }
        out->bid_count[i] = bids;
        row += n;
    }
    out->row_begin[msg_count] = row;
}

static bool inst_refs_ok(const struct pl_tape_cols *out, uint32_t inst_count)
{
    bool good = true;
    for (uint32_t i = 0; i < out->msg_count; i++) {
        good &= out->kind[i] != PL_MSG_INST || out->seq[i] < inst_count;
    }
    return good;
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
    uint32_t values_max = h.msg_count > h.row_count ? h.msg_count : h.row_count;
    struct cursors cur;
    pl_tape_unpacker_reset(d->unpacker);
    rc = pl_tape_unpack(d->unpacker, &in, h.stream_count, PL_TS_COUNT, values_max, d->column);
    if (rc == 0) {
        rc = expand_all(d, &cur);
    }
    if (rc < 0) {
        return pl_error_set(err, rc, rc == PL_ERR_NOMEM ? "out of memory" : "a stream is damaged");
    }
    if (d->column[PL_TS_CLASS].count != h.msg_count || !count_classes(d, &h)) {
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
    if (!decode_times(&h, &cur, out)) {
        return corrupt(err, "times do not agree with the block's summary");
    }
    decode_messages(d, h.msg_count, &cur, out);
    out->msg_count = h.msg_count;
    out->row_count = h.row_count;
    return inst_refs_ok(out, inst_count) ? 0 : corrupt(err, "an instrument is not defined");
}
