/* plimsoll tape verify: every checksum, every digest, and what surprises in the data. */
#include "codec/tape/decode.h"
#include "codec/tape/index.h"
#include "codec/tape/ops.h"

#include <inttypes.h>
#include <stdarg.h>

struct pl_tape_pass {
    struct pl_tape_file file;
    struct pl_tape_index index;
    struct pl_tape_found found;
    struct pl_tape_decoder *decoder;
    struct pl_tape_cols cols;
};

int pl_tape_pass_open(const char *path, struct pl_tape_pass **out, struct pl_error *err)
{
    struct pl_tape_pass *p = calloc(1, sizeof *p);
    *out = p;
    if (p == NULL || pl_tape_decoder_create(&p->decoder) < 0) {
        free(p);
        *out = NULL;
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    int rc = pl_tape_file_open(&p->file, path, err);
    if (rc == 0) {
        rc = pl_tape_index_read(&p->file, &p->index, &p->found, err);
    }
    if (rc < 0) {
        pl_tape_pass_close(out);
    }
    return rc;
}

void pl_tape_pass_close(struct pl_tape_pass **pass)
{
    struct pl_tape_pass *p = *pass;
    if (p != NULL) {
        pl_tape_decoder_destroy(&p->decoder);
        pl_tape_index_free(&p->index);
        pl_tape_cols_free(&p->cols);
        pl_tape_file_close(&p->file);
        free(p);
        *pass = NULL;
    }
}

static int decode_block(struct pl_tape_pass *p, uint32_t block, bool check_hash,
                        struct pl_error *err)
{
    const uint8_t *payload;
    int rc = pl_tape_block_read(&p->file, &p->index, block, check_hash, &payload, err);
    if (rc == 0) {
        rc = pl_tape_decode(p->decoder, payload, p->index.entry[block].size, p->index.market_count,
                            p->index.inst_count, &p->cols, err);
    }
    return rc;
}

int pl_tape_pass_run(struct pl_tape_pass *p, bool check_hashes, uint64_t *rows,
                     struct pl_error *err)
{
    *rows = 0;
    for (uint32_t b = 0; b < p->index.entry_count; b++) {
        int rc = decode_block(p, b, check_hashes, err);
        if (rc < 0) {
            return rc;
        }
        *rows += p->cols.row_count;
    }
    return 0;
}

/* ---- findings ---- */

const char *pl_tape_finding_words(enum pl_tape_finding finding)
{
    static const char *const words[PL_TF_COUNT] = {
        "blocks that cannot be read",
        "blocks whose content is not what was written",
        "blocks whose summary does not describe them",
        "steps back in venue time between blocks",
        "sizes below zero",
        "cut",
        "damaged index",
        "best bids at or above the best ask",
        "prices at or below zero with a size",
        "ids that go back within a market and kind",
        "local times that go back within a market and kind",
    };
    return words[finding];
}

static void note(struct pl_tape_verdict *v, enum pl_tape_finding finding, const char *fmt, ...)
    PL_PRINTF(3, 4);

static void note(struct pl_tape_verdict *v, enum pl_tape_finding finding, const char *fmt, ...)
{
    if (v->finding[finding].count++ == 0) {
        va_list args;
        va_start(args, fmt);
        (void)vsnprintf(v->finding[finding].first, sizeof v->finding[finding].first, fmt, args);
        va_end(args);
    }
    v->fault_count += finding < PL_TF_FAULT_COUNT;
}

/* Last id and local time of each market and kind. */
struct stream {
    uint64_t seq;
    int64_t local_ns;
};

struct inspection {
    struct pl_tape_verdict *verdict;
    struct stream *stream; /* [market * PL_MSG_KIND_COUNT + kind] */
    uint32_t block;
};

static void inspect_rows(struct inspection *in, const struct pl_msg *m)
{
    struct pl_tape_verdict *v = in->verdict;
    long long at = m->venue_ns;
    bool book = m->kind == PL_MSG_DEPTH || m->kind == PL_MSG_SNAPSHOT || m->kind == PL_MSG_BBO ||
                m->kind == PL_MSG_TRADE;
    for (uint32_t r = 0; r < m->row_count; r++) {
        if (m->lots[r] < 0) {
            note(v, PL_TF_NEGATIVE_LOTS, "block %u, venue time %lld", in->block, at);
        }
        if (book && m->lots[r] > 0 && m->px[r] <= 0) {
            note(v, PL_TF_PX_NOT_POSITIVE, "block %u, venue time %lld", in->block, at);
        }
    }
    if (m->kind == PL_MSG_BBO && m->lots[0] > 0 && m->lots[1] > 0 && m->px[0] >= m->px[1]) {
        note(v, PL_TF_CROSSED, "block %u, venue time %lld", in->block, at);
    }
}

static void inspect_block(struct inspection *in, const struct pl_block *b)
{
    for (uint32_t i = 0; i < b->msg_count; i++) {
        struct pl_msg m = pl_tape_block_msg(b, i);
        struct stream *s = &in->stream[(size_t)m.market * PL_MSG_KIND_COUNT + m.kind];
        bool has_id = m.seq != 0 && m.kind != PL_MSG_CANDLE && m.kind != PL_MSG_INST;
        if (has_id && m.seq < s->seq) {
            note(in->verdict, PL_TF_ID_BACK, "block %u, venue time %lld, id %llu after %llu",
                 in->block, (long long)m.venue_ns, (unsigned long long)m.seq,
                 (unsigned long long)s->seq);
        }
        if (m.local_ns < s->local_ns) {
            note(in->verdict, PL_TF_LOCAL_BACK, "block %u, venue time %lld, by %lld ns", in->block,
                 (long long)m.venue_ns, (long long)(s->local_ns - m.local_ns));
        }
        s->seq = has_id ? m.seq : s->seq;
        s->local_ns = m.local_ns;
        inspect_rows(in, &m);
    }
}

static bool summary_right(const struct pl_tape_entry *e, const struct pl_block *b)
{
    int64_t all = PL_TAPE_NO_LATENCY, book = PL_TAPE_NO_LATENCY, local = 0;
    for (uint32_t i = 0; i < b->msg_count; i++) {
        int64_t latency = b->local_ns[i] - b->venue_ns[i];
        all = latency < all ? latency : all;
        book = b->kind[i] != PL_MSG_BBO && latency < book ? latency : book;
        local = b->local_ns[i] > local ? b->local_ns[i] : local;
    }
    return e->msg_count == b->msg_count && e->row_count == b->row_count &&
           e->venue_first_ns == b->venue_ns[0] &&
           e->venue_last_ns == b->venue_ns[b->msg_count - 1] && e->latency_min_ns == all &&
           e->book_latency_min_ns == book && e->local_max_ns == local;
}

static void verify_block(struct pl_tape_pass *p, struct inspection *in, uint32_t block)
{
    struct pl_tape_verdict *v = in->verdict;
    const struct pl_tape_entry *e = &p->index.entry[block];
    struct pl_error err = {0};
    in->block = block;
    if (decode_block(p, block, true, &err) < 0) {
        note(v, PL_TF_DAMAGED, "block %u at byte %" PRIu64 ": %s", block, e->offset, err.text);
        return;
    }
    struct pl_block b = pl_tape_cols_block(&p->cols);
    if (pl_tape_block_digest(&b) != e->digest) {
        note(v, PL_TF_DIGEST, "block %u at byte %" PRIu64, block, e->offset);
    }
    if (!summary_right(e, &b)) {
        note(v, PL_TF_SUMMARY, "block %u at byte %" PRIu64, block, e->offset);
    }
    if (block > 0 && b.venue_ns[0] < e[-1].venue_last_ns) {
        note(v, PL_TF_ORDER, "block %u at byte %" PRIu64, block, e->offset);
    }
    inspect_block(in, &b);
    v->blocks_good++;
    v->msgs_good += b.msg_count;
    v->rows_good += b.row_count;
}

int pl_tape_verify(const char *path, struct pl_tape_verdict *v, struct pl_error *err)
{
    struct pl_source *source;
    struct pl_tape_pass *pass;
    *v = (struct pl_tape_verdict){.fault_count = 0};
    int rc = pl_tape_open(path, NULL, &source, err);
    if (rc < 0) {
        return rc;
    }
    v->facts = *pl_tape_source_facts(source);
    source->close(source);
    rc = pl_tape_pass_open(path, &pass, err);
    if (rc < 0 || pass == NULL) {
        return rc;
    }
    struct inspection in = {.verdict = v};
    in.stream = calloc((size_t)pass->index.market_count * PL_MSG_KIND_COUNT + 1, sizeof *in.stream);
    if (in.stream == NULL) {
        pl_tape_pass_close(&pass);
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    if (v->facts.lost[0] != '\0') {
        note(v, v->facts.lost_bytes > 0 || !pass->found.complete ? PL_TF_LOST : PL_TF_INDEX, "%s",
             v->facts.lost);
    }
    for (uint32_t b = 0; b < pass->index.entry_count; b++) {
        verify_block(pass, &in, b);
    }
    free(in.stream);
    pl_tape_pass_close(&pass);
    return 0;
}

void pl_tape_verdict_print(const struct pl_tape_verdict *v, const char *path, FILE *out)
{
    (void)fprintf(out,
                  "%s: %s: %u of %u blocks good, %" PRIu64 " messages, %" PRIu64 " rows, digest "
                  "%016" PRIx64 "\n",
                  path, v->fault_count == 0 ? "good" : "NOT GOOD", v->blocks_good,
                  v->facts.block_count, v->msgs_good, v->rows_good, v->facts.digest);
    for (unsigned f = 0; f < PL_TF_COUNT; f++) {
        if (v->finding[f].count > 0) {
            (void)fprintf(out, "  %s: %" PRIu64 " %s; the first: %s\n",
                          f < PL_TF_FAULT_COUNT ? "fault" : "remark", v->finding[f].count,
                          pl_tape_finding_words((enum pl_tape_finding)f), v->finding[f].first);
        }
    }
}

json_t *pl_tape_verdict_json(const struct pl_tape_verdict *v)
{
    char digest[17];
    (void)snprintf(digest, sizeof digest, "%016" PRIx64, v->facts.digest);
    json_t *findings = json_array();
    for (unsigned f = 0; f < PL_TF_COUNT; f++) {
        if (v->finding[f].count == 0) {
            continue;
        }
        json_t *one = json_pack("{s:s, s:b, s:I, s:s}", "finding",
                                pl_tape_finding_words((enum pl_tape_finding)f), "fault",
                                f < PL_TF_FAULT_COUNT, "count", (json_int_t)v->finding[f].count,
                                "first", v->finding[f].first);
        if (json_array_append_new(findings, one) != 0) {
            json_decref(findings);
            return NULL;
        }
    }
    return json_pack("{s:b, s:I, s:I, s:I, s:I, s:s, s:o}", "good", v->fault_count == 0, "blocks",
                     (json_int_t)v->facts.block_count, "blocks_good", (json_int_t)v->blocks_good,
                     "messages", (json_int_t)v->msgs_good, "rows", (json_int_t)v->rows_good,
                     "digest", digest, "findings", findings);
}
