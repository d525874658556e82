#include "codec/tape/index.h"

#include "base/hash.h"
#include "codec/tape/decode.h"
#include "codec/tape/xxh64.h"

#include <string.h>

void pl_tape_index_free(struct pl_tape_index *x)
{
    free(x->inst);
    free(x->inst_market);
    free(x->entry);
    free(x->minute);
    *x = (struct pl_tape_index){0};
}

static int no_memory(struct pl_error *err)
{
    return pl_error_set(err, PL_ERR_NOMEM, "out of memory for the tape's index");
}

int pl_tape_index_add_inst(struct pl_tape_index *x, const struct pl_inst *inst, uint32_t market,
                           struct pl_error *err)
{
    if (x->inst_count == x->inst_cap) {
        uint32_t cap = x->inst_cap > 0 ? x->inst_cap * 2 : 16;
        struct pl_inst *at = realloc(x->inst, cap * sizeof *at);
        x->inst = at != NULL ? at : x->inst;
        uint32_t *of = realloc(x->inst_market, cap * sizeof *of);
        x->inst_market = of != NULL ? of : x->inst_market;
        if (at == NULL || of == NULL) {
            return no_memory(err);
        }
        x->inst_cap = cap;
    }
    x->inst[x->inst_count] = *inst;
    x->inst_market[x->inst_count++] = market;
    x->market_count += market == x->market_count;
    return 0;
}

int pl_tape_index_add_entry(struct pl_tape_index *x, const struct pl_tape_entry *entry,
                            struct pl_error *err)
{
    if (x->entry_count == x->entry_cap) {
        uint32_t cap = x->entry_cap > 0 ? x->entry_cap * 2 : 16;
        struct pl_tape_entry *at = realloc(x->entry, cap * sizeof *at);
        if (at == NULL) {
            return no_memory(err);
        }
        x->entry = at;
        x->entry_cap = cap;
    }
    x->entry[x->entry_count++] = *entry;
    return 0;
}

int pl_tape_index_add_minutes(struct pl_tape_index *x, const uint8_t *pairs, uint32_t count,
                              struct pl_error *err)
{
    struct pl_tape_cut in = {.at = pairs, .end = pairs + count * (size_t)16};
    for (uint32_t i = 0; i < count; i++) {
        struct pl_tape_minute m = {.minute = pl_tape_cut_i64(&in)};
        m.latency_min_ns = pl_tape_cut_i64(&in);
        struct pl_tape_minute *last = x->minute_count > 0 ? &x->minute[x->minute_count - 1] : NULL;
        if (m.minute < 0 || m.minute > PL_TAPE_TIME_MAX / PL_TAPE_MINUTE_NS ||
            m.latency_min_ns > PL_TAPE_TIME_MAX || m.latency_min_ns < -PL_TAPE_TIME_MAX ||
            (last != NULL && m.minute < last->minute)) {
            return pl_error_set(err, PL_ERR_CORRUPT, "the table of minutes is out of order");
        }
        if (last != NULL && m.minute == last->minute) {
            last->latency_min_ns =
                m.latency_min_ns < last->latency_min_ns ? m.latency_min_ns : last->latency_min_ns;
            continue;
        }
        if (x->minute_count == x->minute_cap) {
            uint32_t cap = x->minute_cap > 0 ? x->minute_cap * 2 : 64;
            struct pl_tape_minute *at = realloc(x->minute, cap * sizeof *at);
            if (at == NULL) {
                return no_memory(err);
            }
            x->minute = at;
            x->minute_cap = cap;
        }
        x->minute[x->minute_count++] = m;
    }
    return 0;
}

/* ---- instruments as bytes ---- */

static void put_decimal(struct pl_tape_buf *out, struct pl_decimal d)
{
    pl_tape_buf_int(out, (uint64_t)d.mantissa, 8);
    pl_tape_buf_int(out, (uint64_t)d.scale, 4);
}

/* Text up to its terminator, then zeros: bytes behind it are nobody's business. */
static void put_text(struct pl_tape_buf *out, const char *text, size_t size)
{
    char field[32] = {0};
    (void)memcpy(field, text, strnlen(text, size - 1));
    pl_tape_buf_put(out, field, size);
}

void pl_tape_inst_put(struct pl_tape_buf *out, const struct pl_inst *inst, uint32_t market)
{
    pl_tape_buf_int(out, market, 4);
    pl_tape_buf_int(out, (uint64_t)inst->kind, 4);
    put_text(out, inst->venue, sizeof inst->venue);
    put_text(out, inst->symbol, sizeof inst->symbol);
    put_text(out, inst->base, sizeof inst->base);
    put_text(out, inst->quote, sizeof inst->quote);
    put_decimal(out, inst->tick);
    put_decimal(out, inst->lot);
    put_decimal(out, inst->contract_size);
    put_decimal(out, inst->min_notional);
    pl_tape_buf_int(out, (uint64_t)inst->min_lots, 8);
    pl_tape_buf_int(out, (uint64_t)inst->max_lots, 8);
    pl_tape_buf_int(out, (uint64_t)inst->min_ticks, 8);
    pl_tape_buf_int(out, (uint64_t)inst->max_ticks, 8);
    pl_tape_buf_int(out, (uint64_t)inst->maker_fee_e9, 8);
    pl_tape_buf_int(out, (uint64_t)inst->taker_fee_e9, 8);
    pl_tape_buf_int(out, 0, 8);
    pl_tape_buf_int(out, 0, 8);
}

static bool get_decimal(struct pl_tape_cut *in, struct pl_decimal *out)
{
    out->mantissa = pl_tape_cut_i64(in);
    out->scale = (int32_t)pl_tape_cut_u32(in);
    return out->scale >= 0 && out->scale <= 18;
}

static bool get_text(struct pl_tape_cut *in, char *text, size_t size)
{
    const uint8_t *at = pl_tape_cut_bytes(in, size);
    if (at == NULL || at[size - 1] != 0) {
        return false;
    }
    memcpy(text, at, size);
    return true;
}

static int get_inst(struct pl_tape_cut *in, struct pl_tape_index *x, struct pl_error *err)
{
    struct pl_inst inst = {0};
    uint32_t market = pl_tape_cut_u32(in), kind = pl_tape_cut_u32(in);
    bool good = get_text(in, inst.venue, sizeof inst.venue) &&
                get_text(in, inst.symbol, sizeof inst.symbol) &&
                get_text(in, inst.base, sizeof inst.base) &&
                get_text(in, inst.quote, sizeof inst.quote) && get_decimal(in, &inst.tick) &&
                get_decimal(in, &inst.lot) && get_decimal(in, &inst.contract_size) &&
                get_decimal(in, &inst.min_notional);
    inst.min_lots = pl_tape_cut_i64(in);
    inst.max_lots = pl_tape_cut_i64(in);
    inst.min_ticks = pl_tape_cut_i64(in);
    inst.max_ticks = pl_tape_cut_i64(in);
    inst.maker_fee_e9 = pl_tape_cut_i64(in);
    inst.taker_fee_e9 = pl_tape_cut_i64(in);
    (void)pl_tape_cut_bytes(in, 16);
    if (!good || in->failed || kind > PL_INST_SPOT || market > x->market_count ||
        (market == x->market_count && x->inst_count != x->market_count) ||
        x->inst_count >= PL_TAPE_INST_MAX || market >= PL_TAPE_MARKET_MAX) {
        return pl_error_set(err, PL_ERR_CORRUPT, "instrument %u is not well formed", x->inst_count);
    }
    inst.kind = (enum pl_inst_kind)kind;
    int rc = pl_inst_check(&inst, err);
    if (rc < 0) {
        pl_error_prefix(err, "instrument %u", x->inst_count);
        return PL_ERR_CORRUPT;
    }
    return pl_tape_index_add_inst(x, &inst, market, err);
}

/* ---- the index as bytes ---- */

void pl_tape_index_put(const struct pl_tape_index *x, struct pl_tape_buf *out)
{
    pl_tape_buf_int(out, x->inst_count, 4);
    pl_tape_buf_int(out, x->entry_count, 4);
    pl_tape_buf_int(out, x->minute_count, 4);
    pl_tape_buf_int(out, 0, 4);
    for (uint32_t i = 0; i < x->inst_count; i++) {
        pl_tape_inst_put(out, &x->inst[i], x->inst_market[i]);
    }
    for (uint32_t i = 0; i < x->entry_count; i++) {
        const struct pl_tape_entry *e = &x->entry[i];
        pl_tape_buf_int(out, e->offset, 8);
        pl_tape_buf_int(out, e->size, 4);
        pl_tape_buf_int(out, e->msg_count, 4);
        pl_tape_buf_int(out, e->row_count, 4);
        pl_tape_buf_int(out, (uint64_t)e->venue_first_ns, 8);
        pl_tape_buf_int(out, (uint64_t)e->venue_last_ns, 8);
        pl_tape_buf_int(out, (uint64_t)e->local_max_ns, 8);
        pl_tape_buf_int(out, (uint64_t)e->latency_min_ns, 8);
        pl_tape_buf_int(out, (uint64_t)e->book_latency_min_ns, 8);
        pl_tape_buf_int(out, e->digest, 8);
    }
    for (uint32_t i = 0; i < x->minute_count; i++) {
        pl_tape_buf_int(out, (uint64_t)x->minute[i].minute, 8);
        pl_tape_buf_int(out, (uint64_t)x->minute[i].latency_min_ns, 8);
    }
}

/* Does the block follow the one before it, inside [header, end)? */
static bool entry_ok(const struct pl_tape_index *x, const struct pl_tape_entry *e, uint64_t end)
{
    const struct pl_tape_entry *last = x->entry_count > 0 ? &x->entry[x->entry_count - 1] : NULL;
    uint64_t from =
        last != NULL ? last->offset + PL_TAPE_RECORD_SIZE + last->size : PL_TAPE_HEADER_SIZE;
    return e->offset >= from && e->offset <= end && e->size <= PL_TAPE_PAYLOAD_MAX &&
           e->size + (uint64_t)PL_TAPE_RECORD_SIZE <= end - e->offset &&
           e->size >= PL_TAPE_BLOCK_HEAD_SIZE && e->venue_first_ns >= 0 &&
           e->venue_first_ns <= e->venue_last_ns && e->venue_last_ns <= PL_TAPE_TIME_MAX &&
           (last == NULL || e->venue_first_ns >= last->venue_last_ns) && e->local_max_ns >= 0 &&
           e->local_max_ns <= PL_TAPE_TIME_MAX && e->latency_min_ns <= PL_TAPE_TIME_MAX &&
           e->latency_min_ns >= -PL_TAPE_TIME_MAX && e->book_latency_min_ns >= e->latency_min_ns;
}

static int get_index(struct pl_tape_cut *in, struct pl_tape_index *x, uint64_t end,
                     struct pl_error *err)
{
    uint32_t insts = pl_tape_cut_u32(in), entries = pl_tape_cut_u32(in);
    uint32_t minutes = pl_tape_cut_u32(in);
    (void)pl_tape_cut_u32(in);
    for (uint32_t i = 0; i < insts; i++) {
        int rc = get_inst(in, x, err);
        if (rc < 0) {
            return rc;
        }
    }
    for (uint32_t i = 0; i < entries; i++) {
        struct pl_tape_entry e = {.offset = pl_tape_cut_int(in, 8)};
        e.size = pl_tape_cut_u32(in);
        e.msg_count = pl_tape_cut_u32(in);
        e.row_count = pl_tape_cut_u32(in);
        e.venue_first_ns = pl_tape_cut_i64(in);
        e.venue_last_ns = pl_tape_cut_i64(in);
        e.local_max_ns = pl_tape_cut_i64(in);
        e.latency_min_ns = pl_tape_cut_i64(in);
        e.book_latency_min_ns = pl_tape_cut_i64(in);
        e.digest = pl_tape_cut_int(in, 8);
        if (in->failed || !entry_ok(x, &e, end)) {
            return pl_error_set(err, PL_ERR_CORRUPT, "the index places block %u wrongly", i);
        }
        int rc = pl_tape_index_add_entry(x, &e, err);
        if (rc < 0) {
            return rc;
        }
    }
    const uint8_t *pairs = pl_tape_cut_bytes(in, minutes * (size_t)16);
    if (in->failed || in->at != in->end) {
        return pl_error_set(err, PL_ERR_CORRUPT, "the index has the wrong length");
    }
    return pl_tape_index_add_minutes(x, pairs, minutes, err);
}

uint64_t pl_tape_index_digest(const struct pl_tape_index *x)
{
    uint64_t digest = pl_digest_u64(PL_TAPE_VERSION, x->inst_count);
    struct pl_tape_buf bytes = {0};
    for (uint32_t i = 0; i < x->inst_count; i++) {
        pl_tape_inst_put(&bytes, &x->inst[i], x->inst_market[i]);
    }
    digest = pl_digest_u64(digest, pl_xxh64(bytes.at, bytes.size, 0));
    pl_tape_buf_free(&bytes);
    for (uint32_t i = 0; i < x->entry_count; i++) {
        digest = pl_digest_u64(digest, x->entry[i].digest);
    }
    return digest;
}

/* ---- header, records, trailer ---- */

void pl_tape_header_put(struct pl_tape_buf *out, const struct pl_tape_header *h)
{
    size_t start = out->size;
    pl_tape_buf_put(out, PL_TAPE_MAGIC, 8);
    pl_tape_buf_int(out, PL_TAPE_VERSION, 2);
    pl_tape_buf_int(out, PL_TAPE_HEADER_SIZE, 2);
    pl_tape_buf_int(out, (uint64_t)h->clock, 2);
    pl_tape_buf_int(out, (uint64_t)(int64_t)h->level, 2);
    pl_tape_buf_int(out, (uint64_t)h->reorder_window_ns, 8);
    for (int i = 0; i < 4; i++) {
        pl_tape_buf_int(out, 0, 8);
    }
    pl_tape_buf_int(out, out->failed ? 0 : pl_xxh64(out->at + start, PL_TAPE_HEADER_SIZE - 8, 0),
                    8);
}

uint64_t pl_tape_record_hash(uint32_t tag, uint32_t size, const void *payload)
{
    return pl_xxh64(payload, size, (uint64_t)size << 32 | tag);
}

void pl_tape_trailer_put(struct pl_tape_buf *out, uint64_t index_offset)
{
    pl_tape_buf_int(out, index_offset, 8);
    pl_tape_buf_int(out, pl_digest_u64(0, index_offset), 8);
    pl_tape_buf_put(out, PL_TAPE_END_MAGIC, 8);
}

static int read_header(struct pl_tape_file *f, struct pl_tape_header *h, struct pl_error *err)
{
    const uint8_t *at;
    size_t size = f->size < PL_TAPE_HEADER_SIZE ? (size_t)f->size : PL_TAPE_HEADER_SIZE;
    int rc = pl_tape_file_read(f, 0, size, &at, err);
    if (rc < 0) {
        return rc;
    }
    size_t shown = size < 8 ? size : 8;
    if (shown > 0 && memcmp(at, PL_TAPE_MAGIC, shown) != 0) {
        return pl_error_set(err, PL_ERR_MALFORMED, "%s: not a tape (it does not begin with PLTAPE)",
                            f->name);
    }
    if (size < PL_TAPE_HEADER_SIZE) {
        return pl_error_set(err, PL_ERR_TRUNCATED,
                            "%s: cut inside its header (%llu of %d bytes): nothing can be read",
                            f->name, (unsigned long long)f->size, PL_TAPE_HEADER_SIZE);
    }
    struct pl_tape_cut in = {.at = at + 8, .end = at + PL_TAPE_HEADER_SIZE};
    uint32_t version = (uint32_t)pl_tape_cut_int(&in, 2);
    uint32_t header_size = (uint32_t)pl_tape_cut_int(&in, 2);
    uint32_t clock = (uint32_t)pl_tape_cut_int(&in, 2);
    h->level = (int16_t)pl_tape_cut_int(&in, 2);
    h->reorder_window_ns = pl_tape_cut_i64(&in);
    in.at = at + PL_TAPE_HEADER_SIZE - 8;
    if (pl_tape_cut_int(&in, 8) != pl_xxh64(at, PL_TAPE_HEADER_SIZE - 8, 0)) {
        return pl_error_set(err, PL_ERR_CORRUPT, "%s: the header fails its checksum", f->name);
    }
    if (version != PL_TAPE_VERSION || header_size != PL_TAPE_HEADER_SIZE ||
        clock > PL_CLOCK_MOVING) {
        return pl_error_set(err, PL_ERR_UNSUPPORTED,
                            "%s: tape version %u, clock rule %u; this program reads version %d",
                            f->name, version, clock, PL_TAPE_VERSION);
    }
    h->clock = (enum pl_clock_rule)clock;
    return 0;
}

struct record {
    uint32_t tag, size;
    uint64_t hash;
};

/* The record header at `offset`; false when it does not fit before `end`. */
static int read_record(struct pl_tape_file *f, uint64_t offset, uint64_t end, struct record *r,
                       bool *whole, struct pl_error *err)
{
    *whole = false;
    if (end - offset < PL_TAPE_RECORD_SIZE) {
        return 0;
    }
    const uint8_t *at;
    int rc = pl_tape_file_read(f, offset, PL_TAPE_RECORD_SIZE, &at, err);
    if (rc < 0) {
        return rc;
    }
    struct pl_tape_cut in = {.at = at, .end = at + PL_TAPE_RECORD_SIZE};
    r->tag = pl_tape_cut_u32(&in);
    r->size = pl_tape_cut_u32(&in);
    r->hash = pl_tape_cut_int(&in, 8);
    *whole = (r->tag == PL_TAPE_TAG_INST || r->tag == PL_TAPE_TAG_BLOCK ||
              r->tag == PL_TAPE_TAG_INDEX) &&
             r->size <= PL_TAPE_PAYLOAD_MAX && r->size <= end - offset - PL_TAPE_RECORD_SIZE;
    return 0;
}

/* The index that the trailer points at. *found stays false when the tape has none. */
static int read_stored(struct pl_tape_file *f, struct pl_tape_index *x, bool *found,
                       struct pl_error *err)
{
    const uint8_t *at;
    *found = false;
    if (f->size < PL_TAPE_HEADER_SIZE + PL_TAPE_RECORD_SIZE + PL_TAPE_TRAILER_SIZE) {
        return 0;
    }
    uint64_t end = f->size - PL_TAPE_TRAILER_SIZE;
    int rc = pl_tape_file_read(f, end, PL_TAPE_TRAILER_SIZE, &at, err);
    if (rc < 0) {
        return rc;
    }
    struct pl_tape_cut in = {.at = at, .end = at + PL_TAPE_TRAILER_SIZE};
    uint64_t offset = pl_tape_cut_int(&in, 8), check = pl_tape_cut_int(&in, 8);
    if (memcmp(in.at, PL_TAPE_END_MAGIC, 8) != 0 || check != pl_digest_u64(0, offset) ||
        offset < PL_TAPE_HEADER_SIZE || offset > end) {
        return 0;
    }
    struct record r;
    bool whole;
    rc = read_record(f, offset, end, &r, &whole, err);
    if (rc < 0 || !whole || r.tag != PL_TAPE_TAG_INDEX ||
        offset + PL_TAPE_RECORD_SIZE + r.size != end) {
        return rc;
    }
    rc = pl_tape_file_read(f, offset + PL_TAPE_RECORD_SIZE, r.size, &at, err);
    if (rc < 0 || pl_tape_record_hash(r.tag, r.size, at) != r.hash) {
        return rc;
    }
    in = (struct pl_tape_cut){.at = at, .end = at + r.size};
    rc = get_index(&in, x, offset, err);
    if (rc < 0) {
        pl_error_prefix(err, "%s: index at byte %llu", f->name, (unsigned long long)offset);
    }
    *found = rc == 0;
    return rc;
}

/* Adds what one whole record of a walked tape holds. */
static int walk_record(struct pl_tape_index *x, const struct record *r, uint64_t offset,
                       const uint8_t *payload, struct pl_error *err)
{
    struct pl_tape_cut in = {.at = payload, .end = payload + r->size};
    if (r->tag == PL_TAPE_TAG_INST) {
        int got = get_inst(&in, x, err);
        return got < 0 || in.at == in.end
                   ? got
                   : pl_error_set(err, PL_ERR_CORRUPT, "an instrument has the wrong length");
    }
    struct pl_tape_block_head h;
    int rc = pl_tape_read_head(&in, &h, err);
    const uint8_t *pairs = rc == 0 ? pl_tape_cut_bytes(&in, h.minute_count * (size_t)16) : NULL;
    if (rc < 0) {
        return rc;
    }
    struct pl_tape_entry e = {.offset = offset,
                              .size = r->size,
                              .msg_count = h.msg_count,
                              .row_count = h.row_count,
                              .venue_first_ns = h.venue_first_ns,
                              .venue_last_ns = h.venue_last_ns,
                              .local_max_ns = h.local_max_ns,
                              .latency_min_ns = h.latency_min_ns,
                              .book_latency_min_ns = h.book_latency_min_ns,
                              .digest = h.digest};
    if (pairs == NULL || !entry_ok(x, &e, UINT64_MAX)) {
        return pl_error_set(err, PL_ERR_CORRUPT, "its summary does not follow the block before");
    }
    rc = pl_tape_index_add_minutes(x, pairs, h.minute_count, err);
    return rc < 0 ? rc : pl_tape_index_add_entry(x, &e, err);
}

/* No index: walk the records and keep every whole one. */
static int walk(struct pl_tape_file *f, struct pl_tape_index *x, struct pl_tape_found *found,
                struct pl_error *err)
{
    uint64_t offset = PL_TAPE_HEADER_SIZE;
    while (offset < f->size) {
        struct record r;
        bool whole;
        const uint8_t *payload;
        int rc = read_record(f, offset, f->size, &r, &whole, err);
        if (rc < 0) {
            return rc;
        }
        if (!whole || r.tag == PL_TAPE_TAG_INDEX) {
            found->complete = f->size - offset >= PL_TAPE_RECORD_SIZE && r.tag == PL_TAPE_TAG_INDEX;
            break;
        }
        rc = pl_tape_file_read(f, offset + PL_TAPE_RECORD_SIZE, r.size, &payload, err);
        if (rc < 0) {
            return rc;
        }
        if (pl_tape_record_hash(r.tag, r.size, payload) != r.hash) {
            return pl_error_set(err, PL_ERR_CORRUPT,
                                "%s: %s at byte %llu (block %u) fails its checksum", f->name,
                                r.tag == PL_TAPE_TAG_INST ? "an instrument" : "the block",
                                (unsigned long long)offset, x->entry_count);
        }
        rc = walk_record(x, &r, offset, payload, err);
        if (rc < 0) {
            pl_error_prefix(err, "%s: record at byte %llu (block %u)", f->name,
                            (unsigned long long)offset, x->entry_count);
            return rc;
        }
        offset += PL_TAPE_RECORD_SIZE + r.size;
    }
    found->rebuilt = true;
    found->lost_bytes = f->size - offset;
    return 0;
}

int pl_tape_index_read(struct pl_tape_file *f, struct pl_tape_index *x, struct pl_tape_found *found,
                       struct pl_error *err)
{
    *found = (struct pl_tape_found){0};
    bool stored = false;
    int rc = read_header(f, &found->header, err);
    if (rc == 0) {
        rc = read_stored(f, x, &stored, err);
    }
    return rc < 0 || stored ? rc : walk(f, x, found, err);
}

int pl_tape_block_read(struct pl_tape_file *f, const struct pl_tape_index *x, uint32_t block,
                       bool check_hash, const uint8_t **payload, struct pl_error *err)
{
    const struct pl_tape_entry *e = &x->entry[block];
    const uint8_t *at;
    int rc = pl_tape_file_read(f, e->offset, e->size + (size_t)PL_TAPE_RECORD_SIZE, &at, err);
    if (rc < 0) {
        return rc;
    }
    struct pl_tape_cut in = {.at = at, .end = at + PL_TAPE_RECORD_SIZE};
    uint32_t tag = pl_tape_cut_u32(&in), size = pl_tape_cut_u32(&in);
    uint64_t hash = pl_tape_cut_int(&in, 8);
    *payload = at + PL_TAPE_RECORD_SIZE;
    if (tag != PL_TAPE_TAG_BLOCK || size != e->size ||
        (check_hash && pl_tape_record_hash(tag, size, *payload) != hash)) {
        return pl_error_set(err, PL_ERR_CORRUPT, "%s: block %u at byte %llu fails its checksum",
                            f->name, block, (unsigned long long)e->offset);
    }
    return 0;
}
