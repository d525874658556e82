/* What must hold of any import, whatever the bytes: messages are well formed and in receive order,
 * lines are not lost silently, two runs agree, and --strict stops exactly when a row is bad. */
#ifndef PL_FUZZ_IMPORT_ORACLE_H
#define PL_FUZZ_IMPORT_ORACLE_H

#include "base/assert.h"
#include "base/hash.h"
#include "import/import.h"

#include <string.h>

struct oracle {
    struct pl_sink sink; /* first */
    uint64_t digest, messages, rows;
    int markets;
    int64_t local_last[PL_IMPORT_MARKETS_MAX];
};

static void oracle_check(struct oracle *o, const struct pl_msg *m)
{
    const int64_t low = INT64_C(900000000000000000), high = INT64_C(4200000000000000000);
    PL_ASSERT(m->kind < PL_MSG_KIND_COUNT && m->market < o->markets);
    PL_ASSERT(m->bid_count <= m->row_count);
    PL_ASSERT(m->venue_ns > low && m->venue_ns < high);
    PL_ASSERT(m->local_ns >= o->local_last[m->market] && m->local_ns < high);
    PL_ASSERT(m->kind != PL_MSG_TRADE || (m->row_count == 1 && m->lots[0] > 0));
    PL_ASSERT(m->kind != PL_MSG_BBO || (m->row_count == 2 && m->bid_count == 1));
    PL_ASSERT(m->kind != PL_MSG_GAP || m->row_count == 0);
    PL_ASSERT(m->kind != PL_MSG_CANDLE ||
              (m->row_count == 4 && m->px[2] <= m->px[1] && m->seq > 0 && m->px[2] > 0));
    for (uint32_t i = 0; i < m->row_count; i++) {
        PL_ASSERT(m->lots[i] >= 0);
    }
}

static int oracle_put(struct pl_sink *self, const struct pl_msg *m, struct pl_error *err)
{
    struct oracle *o = (struct oracle *)self;
    (void)err;
    oracle_check(o, m);
    o->local_last[m->market] = m->local_ns;
    o->messages++;
    o->rows += m->row_count;
    o->digest =
        pl_digest_u64(o->digest, (uint64_t)m->kind | (uint64_t)m->flags << 8 |
                                     (uint64_t)m->market << 16 | (uint64_t)m->bid_count << 32);
    o->digest = pl_digest_u64(o->digest, (uint64_t)m->venue_ns);
    o->digest = pl_digest_u64(o->digest, (uint64_t)m->local_ns);
    o->digest = pl_digest_u64(o->digest, m->seq + m->seq_first * 3);
    for (uint32_t i = 0; i < m->row_count; i++) {
        o->digest = pl_digest_u64(o->digest, (uint64_t)m->px[i]);
        o->digest = pl_digest_u64(o->digest, (uint64_t)m->lots[i]);
    }
    return 0;
}

static int oracle_define(struct pl_sink *self, const struct pl_inst *inst, int of,
                         struct pl_error *err)
{
    struct oracle *o = (struct oracle *)self;
    PL_ASSERT(of < 0 && o->markets < PL_IMPORT_MARKETS_MAX);
    PL_ASSERT(pl_inst_check(inst, err) == 0);
    return o->markets++;
}

static struct pl_sink *oracle_begin(void *self, struct pl_error *err)
{
    struct oracle *o = self;
    (void)err;
    memset(o, 0, sizeof *o);
    o->sink = (struct pl_sink){oracle_put, oracle_define};
    return &o->sink;
}

static int oracle_import(const uint8_t *data, size_t size, const char *format, bool strict,
                         struct oracle *o, struct pl_import_report *r)
{
    struct pl_import_target target = {oracle_begin, o};
    struct pl_import_options opt = {.format = format, .strict = strict};
    struct pl_error err;
    memset(o, 0, sizeof *o);
    int rc = pl_import_run_memory(data, size, &opt, &target, r, &err);
    PL_ASSERT(rc <= 0 && (rc == 0 || err.text[0] != '\0'));
    PL_ASSERT(rc < 0 || (r->messages == o->messages && r->rows == o->rows && r->messages > 0));
    return rc;
}

/* Imports twice and strictly. Returns the code of the first; the report is its report. */
static int oracle_run(const uint8_t *data, size_t size, const char *format,
                      struct pl_import_report *r)
{
    static struct oracle a, b;
    static struct pl_import_report r2;
    int rc = oracle_import(data, size, format, false, &a, r);
    int again = oracle_import(data, size, format, false, &b, &r2);
    PL_ASSERT(rc == again && a.digest == b.digest && r->bad == r2.bad);
    int strict = oracle_import(data, size, format, true, &b, &r2);
    if (rc == 0) {
        PL_ASSERT((strict == 0) == (r->bad == 0));
        PL_ASSERT(strict < 0 || a.digest == b.digest);
    }
    return rc;
}

/* Lines of plain text that hold something. */
static inline uint64_t oracle_lines(const uint8_t *data, size_t size)
{
    uint64_t count = 0;
    bool filled = false;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n') {
            count += filled;
            filled = false;
        } else if (data[i] != '\r' && data[i] != ' ' && data[i] != '\t') {
            filled = true;
        }
    }
    return count + filled;
}

/* Packed input has other lines than its bytes. */
static inline bool oracle_plain(const uint8_t *data, size_t size)
{
    return !(size >= 2 && data[0] == 0x1f && data[1] == 0x8b) &&
           !(size >= 4 &&
             (memcmp(data, "PK\x03\x04", 4) == 0 || memcmp(data, "PK\x05\x06", 4) == 0 ||
              memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0));
}

#endif
