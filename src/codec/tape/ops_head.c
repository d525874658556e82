/* plimsoll tape head: messages as text, or as one JSON object a line. */
#include "base/utc.h"
#include "codec/tape/cols.h"
#include "codec/tape/ops.h"

#include <inttypes.h>
#include <stdlib.h>

struct printer {
    const struct pl_tape_head_options *options;
    const struct pl_source *source;
    uint32_t *inst; /* per market: the definition that holds now */
    FILE *out;
};

/* Prices and sizes in the instrument's units; as whole ticks and lots when they do not fit text. */
static const char *steps(int64_t count, struct pl_decimal step, char *text)
{
    if (pl_decimal_print_steps(count, step, text) < 0) {
        (void)snprintf(text, PL_DECIMAL_TEXT_MAX, "%" PRId64 "x", count);
    }
    return text;
}

static struct pl_decimal px_step(const struct printer *p, const struct pl_msg *m)
{
    return m->kind == PL_MSG_FUNDING ? (struct pl_decimal){1, 9}
                                     : p->source->insts[p->inst[m->market]].tick;
}

static const char *row_name(const struct pl_msg *m, uint32_t row)
{
    static const char *const candle[] = {"open", "high", "low", "close"};
    static const char *const mark[] = {"mark", "index"};
    switch (m->kind) {
    case PL_MSG_CANDLE:
        return candle[row];
    case PL_MSG_MARK:
        return mark[row];
    case PL_MSG_FUNDING:
        return "rate";
    case PL_MSG_TRADE:
        return m->flags & PL_MSGF_SELL ? "sell" : "buy";
    default:
        return row < m->bid_count ? "bid" : "ask";
    }
}

static void print_text(const struct printer *p, const struct pl_msg *m)
{
    const struct pl_inst *inst = &p->source->insts[p->inst[m->market]];
    char time[PL_UTC_TEXT_MAX], px[PL_DECIMAL_TEXT_MAX], lots[PL_DECIMAL_TEXT_MAX];
    (void)fprintf(p->out, "%s %+.6fms %s %s", pl_utc_print(m->venue_ns, time),
                  (double)(m->local_ns - m->venue_ns) * 1e-6, inst->symbol,
                  pl_msg_kind_name(m->kind));
    if (m->seq_first != 0) {
        (void)fprintf(p->out, " id %" PRIu64 "-%" PRIu64, m->seq_first, m->seq);
    } else if (m->seq != 0) {
        (void)fprintf(p->out, " id %" PRIu64, m->seq);
    }
    if (m->flags != 0) {
        (void)fprintf(p->out, "%s%s%s", m->flags & PL_MSGF_NOT_BOOK ? " not-book" : "",
                      m->flags & PL_MSGF_SIDE_GUESS ? " side-guessed" : "",
                      m->flags & PL_MSGF_NO_VENUE_TIME ? " no-venue-time" : "");
    }
    if (m->row_count > p->options->rows) {
        (void)fprintf(p->out, " %u bids %u asks", m->bid_count, m->row_count - m->bid_count);
    }
    for (uint32_t r = 0; r < m->row_count && r < p->options->rows; r++) {
        (void)fprintf(p->out, "  %s %s x %s", row_name(m, r), steps(m->px[r], px_step(p, m), px),
                      steps(m->lots[r], inst->lot, lots));
    }
    (void)fprintf(p->out, "%s\n", m->row_count > p->options->rows ? "  ..." : "");
}

static json_t *rows_json(const struct printer *p, const struct pl_msg *m)
{
    const struct pl_inst *inst = &p->source->insts[p->inst[m->market]];
    json_t *rows = json_array();
    for (uint32_t r = 0; r < m->row_count && r < p->options->rows; r++) {
        char px[PL_DECIMAL_TEXT_MAX], lots[PL_DECIMAL_TEXT_MAX];
        json_t *row = json_pack("[s, s, s]", row_name(m, r), steps(m->px[r], px_step(p, m), px),
                                steps(m->lots[r], inst->lot, lots));
        if (json_array_append_new(rows, row) != 0) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

/* Ids are text: they use all of 64 bits, which a JSON number does not. */
static int print_json(const struct printer *p, const struct pl_msg *m, struct pl_error *err)
{
    const struct pl_inst *inst = &p->source->insts[p->inst[m->market]];
    char seq[24], seq_first[24];
    (void)snprintf(seq, sizeof seq, "%" PRIu64, m->seq);
    (void)snprintf(seq_first, sizeof seq_first, "%" PRIu64, m->seq_first);
    json_t *all = json_pack("{s:s, s:I, s:s, s:I, s:I, s:s, s:s, s:i, s:I, s:I, s:o}", "kind",
                            pl_msg_kind_name(m->kind), "market", (json_int_t)m->market, "symbol",
                            inst->symbol, "venue_ns", (json_int_t)m->venue_ns, "local_ns",
                            (json_int_t)m->local_ns, "seq", seq, "seq_first", seq_first, "flags",
                            (int)m->flags, "bids", (json_int_t)m->bid_count, "rows",
                            (json_int_t)m->row_count, "row", rows_json(p, m));
    int bad = all == NULL ? -1 : json_dumpf(all, p->out, JSON_COMPACT);
    json_decref(all);
    if (bad != 0 || fputc('\n', p->out) == EOF) {
        return pl_error_set(err, PL_ERR_IO, "the messages could not be written");
    }
    return 0;
}

static int print_message(struct printer *p, const struct pl_msg *m, struct pl_error *err)
{
    if (m->kind == PL_MSG_INST) {
        p->inst[m->market] = (uint32_t)m->seq;
    }
    if (p->options->json) {
        return print_json(p, m, err);
    }
    print_text(p, m);
    return 0;
}

static int print_source(struct printer *p, struct pl_source *source, struct pl_error *err)
{
    const struct pl_block *b;
    uint64_t left = p->options->messages;
    int rc = 0;
    while (left > 0 && (rc = source->next(source, &b, err)) == 1) {
        for (uint32_t i = 0; i < b->msg_count && left > 0; i++, left--) {
            struct pl_msg m = pl_tape_block_msg(b, i);
            rc = print_message(p, &m, err);
            if (rc < 0) {
                return rc;
            }
        }
    }
    return rc < 0 ? rc : 0;
}

int pl_tape_head(const char *path, const struct pl_tape_head_options *options, FILE *out,
                 struct pl_error *err)
{
    struct pl_tape_read_options read = {
        .from_ns = options->from_ns, .to_ns = options->to_ns, .as_received = options->as_received};
    struct pl_source *source;
    int rc = pl_tape_open(path, &read, &source, err);
    if (rc < 0) {
        return rc;
    }
    struct printer p = {.options = options, .source = source, .out = out};
    p.inst = calloc(source->market_count + (size_t)1, sizeof *p.inst);
    for (uint32_t m = 0; p.inst != NULL && m < source->market_count; m++) {
        p.inst[m] = m;
    }
    rc = p.inst != NULL ? print_source(&p, source, err)
                        : pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    free(p.inst);
    source->close(source);
    return rc;
}
