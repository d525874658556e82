#include "codec/tape/encode.h"

#include "base/assert.h"
#include "codec/tape/cols.h"
#include "codec/tape/pack.h"

struct class_stats { /* what the two order bits are chosen by */
    uint32_t up, down;
    uint32_t from_first, from_last;
};

struct pl_tape_encoder {
    struct pl_tape_packer *packer;
    struct pl_tape_values values[PL_TS_COUNT];
    struct pl_tape_class class[PL_TAPE_CLASS_MAX];
    struct class_stats stats[PL_TAPE_CLASS_MAX];
    struct pl_tape_slot slot[PL_TAPE_CLASS_MAX];
    struct {
        uint16_t market;
        uint8_t kind;
        bool has_px;
    } slot_key[PL_TAPE_CLASS_MAX];
    uint64_t slot_seq[PL_TAPE_CLASS_MAX]; /* as stored in the block */
    int64_t slot_px[PL_TAPE_CLASS_MAX];
    uint32_t class_count, slot_count;
    struct pl_tape_buf minutes, dir, data;
};

int pl_tape_encoder_create(int level, struct pl_tape_encoder **out)
{
    struct pl_tape_encoder *e = calloc(1, sizeof *e);
    *out = e;
    if (e == NULL) {
        return PL_ERR_NOMEM;
    }
    int rc = pl_tape_packer_create(level, &e->packer);
    if (rc < 0) {
        pl_tape_encoder_destroy(out);
    }
    return rc;
}

void pl_tape_encoder_destroy(struct pl_tape_encoder **encoder)
{
    struct pl_tape_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    pl_tape_packer_destroy(&e->packer);
    for (size_t s = 0; s < PL_TS_COUNT; s++) {
        free(e->values[s].at);
    }
    pl_tape_buf_free(&e->minutes);
    pl_tape_buf_free(&e->dir);
    pl_tape_buf_free(&e->data);
    free(e);
    *encoder = NULL;
}

static void push(struct pl_tape_encoder *e, enum pl_tape_stream stream, int64_t value)
{
    pl_tape_values_push(&e->values[stream], value);
}

/* Differences wrap: every int64 comes back whole. */
static int64_t diff(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* ---- first pass: classes and slots ---- */

static uint8_t slot_of(struct pl_tape_encoder *e, uint8_t kind, uint16_t market)
{
    uint8_t key = kind == PL_MSG_SNAPSHOT ? PL_MSG_DEPTH : kind;
    for (uint32_t s = 0; s < e->slot_count; s++) {
        if (e->slot_key[s].kind == key && e->slot_key[s].market == market) {
            return (uint8_t)s;
        }
    }
    PL_ASSERT(e->slot_count < PL_TAPE_CLASS_MAX);
    uint32_t s = e->slot_count++;
    e->slot_key[s].kind = key;
    e->slot_key[s].market = market;
    e->slot_key[s].has_px = false;
    e->slot_seq[s] = 0;
    e->slot_px[s] = 0;
    return (uint8_t)s;
}

static uint32_t class_of(struct pl_tape_encoder *e, const struct pl_msg *m)
{
    for (uint32_t c = 0; c < e->class_count; c++) {
        const struct pl_tape_class *k = &e->class[c];
        if (k->kind == m->kind && k->flags == m->flags && k->market == m->market) {
            return c;
        }
    }
    PL_ASSERT(e->class_count < PL_TAPE_CLASS_MAX);
    uint32_t c = e->class_count++;
    uint8_t slot = slot_of(e, m->kind, m->market);
    e->class[c] = (struct pl_tape_class){
        .kind = m->kind, .flags = m->flags, .market = m->market, .slot = slot, .touch = slot};
    e->stats[c] = (struct class_stats){0};
    return c;
}

static void measure_order(struct class_stats *s, const struct pl_msg *m)
{
    for (uint32_t r = 1; r < m->bid_count; r++) {
        if (m->px[r] > m->px[r - 1]) {
            s->up++;
        } else {
            s->down++;
        }
    }
    if (m->bid_count > 1 && m->bid_count < m->row_count) {
        uint64_t first = pl_zigzag(diff(m->px[m->bid_count], m->px[0]));
        uint64_t last = pl_zigzag(diff(m->px[m->bid_count], m->px[m->bid_count - 1]));
        if (first < last) {
            s->from_first++;
        } else {
            s->from_last++;
        }
    }
}

static void classify(struct pl_tape_encoder *e, const struct pl_block *b)
{
    e->class_count = e->slot_count = 0;
    for (uint32_t i = 0; i < b->msg_count; i++) {
        struct pl_msg m = pl_tape_block_msg(b, i);
        uint32_t c = class_of(e, &m);
        struct pl_tape_class *k = &e->class[c];
        push(e, PL_TS_CLASS, c);
        k->bits |=
            (uint8_t)((m.seq != 0 ? PL_TC_SEQ : 0) | (m.seq_first != 0 ? PL_TC_SEQ_FIRST : 0));
        if (e->slot_seq[k->slot] == 0) {
            e->slot_seq[k->slot] = m.seq_first != 0 ? m.seq_first : m.seq;
        }
        if (m.row_count > 0 && !e->slot_key[k->slot].has_px) {
            e->slot_px[k->slot] = m.px[0];
            e->slot_key[k->slot].has_px = true;
        }
        measure_order(&e->stats[c], &m);
    }
    for (uint32_t c = 0; c < e->class_count; c++) {
        struct pl_tape_class *k = &e->class[c];
        if (e->stats[c].down > e->stats[c].up) {
            k->bits |= PL_TC_BIDS_DOWN;
        }
        if (e->stats[c].from_first > e->stats[c].from_last) {
            k->bits |= PL_TC_ASK_FROM_FIRST;
        }
        for (uint32_t s = 0; k->kind == PL_MSG_TRADE && s < e->slot_count; s++) {
            if (e->slot_key[s].kind == PL_MSG_BBO && e->slot_key[s].market == k->market) {
                k->touch = (uint8_t)s;
            }
        }
    }
    for (uint32_t s = 0; s < e->slot_count; s++) {
        int64_t px = e->slot_px[s];
        e->slot[s] = (struct pl_tape_slot){.seq = e->slot_seq[s], .px = {px, px}};
    }
}

/* ---- second pass: values ---- */

static void code_ids(struct pl_tape_encoder *e, const struct pl_tape_class *k,
                     const struct pl_msg *m)
{
    static const enum pl_tape_stream seq_stream[] = {PL_TS_ROWS_SEQ, PL_TS_BBO_SEQ,
                                                     PL_TS_TRADE_SEQ};
    static const enum pl_tape_stream first_stream[] = {PL_TS_ROWS_FIRST, PL_TS_BBO_FIRST,
                                                       PL_TS_TRADE_FIRST};
    enum pl_tape_model model = pl_tape_model_of(k->kind);
    uint64_t *last = &e->slot[k->slot].seq;
    if (k->bits & PL_TC_SEQ_FIRST) {
        push(e, first_stream[model], (int64_t)(m->seq_first - *last));
        *last = m->seq_first;
    }
    if (k->bits & PL_TC_SEQ) {
        push(e, seq_stream[model], (int64_t)(m->seq - *last));
        *last = m->seq;
    }
}

static void code_rows(struct pl_tape_encoder *e, const struct pl_tape_class *k,
                      const struct pl_msg *m)
{
    uint32_t bids = m->bid_count, n = m->row_count;
    if (k->kind == PL_MSG_MARK) {
        push(e, PL_TS_MARK_ROWS, n);
    } else if (pl_tape_fixed_rows(k->kind) < 0) {
        push(e, PL_TS_ROWS, n);
        push(e, PL_TS_BIDS, bids);
    }
    struct pl_tape_slot *s = &e->slot[k->slot];
    for (uint32_t r = 0; r < n; r++) {
        push(e, PL_TS_LOTS, m->lots[r]);
        if (r == 0 || r == bids) {
            int side = r < bids ? 0 : 1;
            int64_t ref = r == 0                           ? s->px[side]
                          : k->bits & PL_TC_ASK_FROM_FIRST ? m->px[0]
                                                           : m->px[r - 1];
            push(e, PL_TS_PX_FIRST, diff(m->px[r], ref));
            s->px[side] = m->px[r];
        } else if (r < bids && (k->bits & PL_TC_BIDS_DOWN)) {
            push(e, PL_TS_PX, diff(m->px[r - 1], m->px[r]));
        } else {
            push(e, PL_TS_PX, diff(m->px[r], m->px[r - 1]));
        }
    }
}

static void code_bbo(struct pl_tape_encoder *e, const struct pl_tape_class *k,
                     const struct pl_msg *m)
{
    struct pl_tape_slot *s = &e->slot[k->slot];
    unsigned mask = 0;
    for (unsigned side = 0; side < 2; side++) {
        int64_t px = diff(m->px[side], s->px[side]);
        int64_t lots = diff(m->lots[side], s->lots[side]);
        if (px != 0) {
            mask |= 1u << (2 * side);
            push(e, PL_TS_BBO_PX, px);
        }
        if (lots != 0) {
            mask |= 2u << (2 * side);
            push(e, PL_TS_BBO_LOTS, lots);
        }
        s->px[side] = m->px[side];
        s->lots[side] = m->lots[side];
    }
    push(e, PL_TS_BBO_MASK, mask);
}

static void code_trade(struct pl_tape_encoder *e, const struct pl_tape_class *k,
                       const struct pl_msg *m)
{
    int side = k->flags & PL_MSGF_SELL ? 0 : 1;
    push(e, PL_TS_TRADE_PX, diff(m->px[0], e->slot[k->touch].px[side]));
    push(e, PL_TS_TRADE_LOTS, m->lots[0]);
    e->slot[k->slot].px[side] = m->px[0];
}

static void code_messages(struct pl_tape_encoder *e, const struct pl_block *b)
{
    for (uint32_t i = 0; i < b->msg_count; i++) {
        struct pl_msg m = pl_tape_block_msg(b, i);
        const struct pl_tape_class *k = &e->class[e->values[PL_TS_CLASS].at[i]];
        uint32_t before = i > 0 ? i - 1 : 0;
        push(e, PL_TS_VENUE, m.venue_ns - b->venue_ns[before]);
        push(e, PL_TS_LOCAL, m.local_ns - b->local_ns[before]);
        code_ids(e, k, &m);
        switch (pl_tape_model_of(k->kind)) {
        case PL_TM_ROWS:
            code_rows(e, k, &m);
            break;
        case PL_TM_BBO:
            code_bbo(e, k, &m);
            break;
        case PL_TM_TRADE:
            code_trade(e, k, &m);
            break;
        }
    }
}

/* ---- the payload ---- */

static void put_head(struct pl_tape_buf *out, const struct pl_tape_block_head *h)
{
    pl_tape_buf_int(out, h->msg_count, 4);
    pl_tape_buf_int(out, h->row_count, 4);
    pl_tape_buf_int(out, (uint64_t)h->venue_first_ns, 8);
    pl_tape_buf_int(out, (uint64_t)h->venue_last_ns, 8);
    pl_tape_buf_int(out, (uint64_t)h->local_first_ns, 8);
    pl_tape_buf_int(out, (uint64_t)h->local_max_ns, 8);
    pl_tape_buf_int(out, (uint64_t)h->latency_min_ns, 8);
    pl_tape_buf_int(out, (uint64_t)h->book_latency_min_ns, 8);
    pl_tape_buf_int(out, h->digest, 8);
    pl_tape_buf_int(out, h->class_count, 4);
    pl_tape_buf_int(out, h->slot_count, 4);
    pl_tape_buf_int(out, h->stream_count, 4);
    pl_tape_buf_int(out, h->minute_count, 4);
    pl_tape_buf_int(out, h->directory_size, 4);
}

static void put_tables(struct pl_tape_encoder *e, struct pl_tape_buf *out)
{
    for (uint32_t c = 0; c < e->class_count; c++) {
        const struct pl_tape_class *k = &e->class[c];
        uint64_t packed = (uint64_t)k->kind | (uint64_t)k->flags << 8 | (uint64_t)k->bits << 16 |
                          (uint64_t)k->slot << 24 | (uint64_t)k->touch << 32 |
                          (uint64_t)k->market << 48;
        pl_tape_buf_int(out, packed, PL_TAPE_CLASS_SIZE);
    }
    for (uint32_t s = 0; s < e->slot_count; s++) {
        pl_tape_buf_int(out, e->slot_seq[s], 8);
        pl_tape_buf_int(out, (uint64_t)e->slot_px[s], 8);
    }
}

/* Appends (minute, smallest latency) pairs; returns how many. Venue times never go back. */
static uint32_t put_minutes(const struct pl_block *b, struct pl_tape_buf *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < b->msg_count;) {
        int64_t minute = b->venue_ns[i] / PL_TAPE_MINUTE_NS;
        int64_t least = INT64_MAX;
        for (; i < b->msg_count && b->venue_ns[i] / PL_TAPE_MINUTE_NS == minute; i++) {
            int64_t latency = b->local_ns[i] - b->venue_ns[i];
            least = latency < least ? latency : least;
        }
        pl_tape_buf_int(out, (uint64_t)minute, 8);
        pl_tape_buf_int(out, (uint64_t)least, 8);
        count++;
    }
    return count;
}

static void measure(const struct pl_block *b, struct pl_tape_block_head *h)
{
    h->local_max_ns = h->local_first_ns;
    h->latency_min_ns = h->book_latency_min_ns = PL_TAPE_NO_LATENCY;
    for (uint32_t i = 0; i < b->msg_count; i++) {
        int64_t latency = b->local_ns[i] - b->venue_ns[i];
        h->latency_min_ns = latency < h->latency_min_ns ? latency : h->latency_min_ns;
        if (b->kind[i] != PL_MSG_BBO && latency < h->book_latency_min_ns) {
            h->book_latency_min_ns = latency;
        }
        h->local_max_ns = b->local_ns[i] > h->local_max_ns ? b->local_ns[i] : h->local_max_ns;
    }
}

/* Recorders' clocks often tick in 100 ns or 1 us but wander by a few ns from tick to tick. Where
 * nearly all steps lie next to a multiple of such a unit, the steps are rounded to it and the rest,
 * a small number, becomes a column of its own: shorter by log2(unit) bits a message. */
static void split_local(struct pl_tape_encoder *e)
{
    static const int64_t units[] = {1000, 100};
    struct pl_tape_values *steps = &e->values[PL_TS_LOCAL];
    for (size_t u = 0; u < PL_COUNT(units); u++) {
        uint32_t near = 0, off = 0;
        for (uint32_t i = 0; i < steps->count; i++) {
            int64_t rest = steps->at[i] % units[u];
            rest = rest < 0 ? rest + units[u] : rest;
            near += rest <= units[u] / 10 || rest >= units[u] - units[u] / 10;
            off += rest != 0;
        }
        if (off == 0 || near < steps->count - steps->count / 8) {
            continue; /* exact (the common unit does it) or not near this unit */
        }
        for (uint32_t i = 0; i < steps->count; i++) {
            int64_t half = steps->at[i] < 0 ? -units[u] / 2 : units[u] / 2;
            int64_t rounded = (steps->at[i] + half) / units[u] * units[u];
            push(e, PL_TS_LOCAL_REST, steps->at[i] - rounded);
            steps->at[i] = rounded;
        }
        return;
    }
}

static int pack_streams(struct pl_tape_encoder *e, struct pl_tape_block_head *h)
{
    for (size_t s = 0; s < PL_TS_COUNT; s++) {
        h->stream_count += e->values[s].count > 0;
        int rc = pl_tape_pack(e->packer, (uint8_t)s, &e->values[s], &e->dir, &e->data);
        if (rc < 0) {
            return rc;
        }
    }
    h->directory_size = (uint32_t)e->dir.size;
    return 0;
}

int pl_tape_encode(struct pl_tape_encoder *e, const struct pl_block *b, bool minutes,
                   struct pl_tape_buf *out, struct pl_tape_entry *entry)
{
    PL_ASSERT(b->msg_count > 0);
    for (size_t s = 0; s < PL_TS_COUNT; s++) {
        e->values[s].count = 0;
    }
    e->dir.size = e->data.size = 0;
    classify(e, b);
    if (e->values[PL_TS_CLASS].failed) {
        return PL_ERR_NOMEM;
    }
    code_messages(e, b);
    split_local(e);
    struct pl_tape_block_head h = {.msg_count = b->msg_count,
                                   .row_count = b->row_count,
                                   .venue_first_ns = b->venue_ns[0],
                                   .venue_last_ns = b->venue_ns[b->msg_count - 1],
                                   .local_first_ns = b->local_ns[0],
                                   .digest = pl_tape_block_digest(b),
                                   .class_count = e->class_count,
                                   .slot_count = e->slot_count};
    measure(b, &h);
    int rc = pack_streams(e, &h);
    if (rc < 0) {
        return rc;
    }
    size_t start = out->size;
    e->minutes.size = 0;
    h.minute_count = minutes ? put_minutes(b, &e->minutes) : 0;
    put_head(out, &h);
    pl_tape_buf_put(out, e->minutes.at, e->minutes.size);
    put_tables(e, out);
    pl_tape_buf_put(out, e->dir.at, e->dir.size);
    pl_tape_buf_put(out, e->data.at, e->data.size);
    *entry = (struct pl_tape_entry){.size = (uint32_t)(out->size - start),
                                    .msg_count = h.msg_count,
                                    .row_count = h.row_count,
                                    .venue_first_ns = h.venue_first_ns,
                                    .venue_last_ns = h.venue_last_ns,
                                    .local_max_ns = h.local_max_ns,
                                    .latency_min_ns = h.latency_min_ns,
                                    .book_latency_min_ns = h.book_latency_min_ns,
                                    .digest = h.digest};
    return out->failed || e->minutes.failed ? PL_ERR_NOMEM : 0;
}
