#include "import/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct csv {
    const struct pl_source *source;
    const struct pl_inst **inst; /* the definition that holds, by market */
    FILE *out;
    struct pl_export_report report;
};

static const char *const kind_names[PL_MSG_KIND_COUNT] = {
    [PL_MSG_DEPTH] = "depth",     [PL_MSG_SNAPSHOT] = "snapshot", [PL_MSG_BBO] = "bbo",
    [PL_MSG_TRADE] = "trade",     [PL_MSG_CANDLE] = "candle",     [PL_MSG_MARK] = "mark",
    [PL_MSG_FUNDING] = "funding", [PL_MSG_INST] = "instrument",   [PL_MSG_GAP] = "gap",
};

static const char *side_name(const struct pl_block *b, uint32_t m, uint32_t row)
{
    static const char *const candle[] = {"open", "high", "low", "close"};
    switch (b->kind[m]) {
    case PL_MSG_TRADE:
        return (b->flags[m] & PL_MSGF_SELL) != 0 ? "sell" : "buy";
    case PL_MSG_CANDLE:
        return row < 4 ? candle[row] : "";
    case PL_MSG_MARK:
        return row == 0 ? "mark" : "index";
    case PL_MSG_FUNDING:
        return "rate";
    default:
        return row < b->bid_count[m] ? "bid" : "ask";
    }
}

static int step_text(int64_t count, struct pl_decimal step, char *out, struct pl_error *err)
{
    return pl_decimal_print_steps(count, step, out) < 0
               ? pl_error_set(err, PL_ERR_OVERFLOW, "a price or size is too large to be written")
               : 0;
}

static void print_row(struct csv *c, const struct pl_block *b, uint32_t m, const char *side,
                      const char *px, const char *qty)
{
    (void)fprintf(c->out, "%" PRId64 ",%" PRId64 ",%s,%s,%s,%s,%s,%" PRIu64 ",%" PRIu64 ",%u\n",
                  b->venue_ns[m], b->local_ns[m], c->inst[b->market[m]]->symbol,
                  kind_names[b->kind[m]], side, px, qty, b->seq[m], b->seq_first[m], b->flags[m]);
    c->report.rows++;
}

static int print_message(struct csv *c, const struct pl_block *b, uint32_t m, struct pl_error *err)
{
    const struct pl_inst *inst = c->inst[b->market[m]];
    const struct pl_decimal e9 = {1, 9};
    uint32_t first = b->row_begin[m], count = b->row_begin[m + 1] - first;
    char px[PL_DECIMAL_TEXT_MAX], qty[PL_DECIMAL_TEXT_MAX];
    if (count == 0) {
        c->report.gaps += b->kind[m] == PL_MSG_GAP;
        print_row(c, b, m, "", "", "");
    }
    for (uint32_t i = 0; i < count; i++) {
        bool funding = b->kind[m] == PL_MSG_FUNDING;
        int rc = step_text(b->px[first + i], funding ? e9 : inst->tick, px, err);
        rc = rc < 0 ? rc : step_text(b->lots[first + i], inst->lot, qty, err);
        if (rc < 0) {
            return rc;
        }
        print_row(c, b, m, side_name(b, m, i), px, qty);
    }
    return 0;
}

static int print_all(struct csv *c, struct pl_source *source, const char *symbol,
                     struct pl_error *err)
{
    const struct pl_block *b;
    int rc = source->rewind(source, err);
    (void)fputs("venue_ns,local_ns,symbol,kind,side,price,qty,seq,seq_first,flags\n", c->out);
    while (rc >= 0 && (rc = source->next(source, &b, err)) > 0) {
        for (uint32_t m = 0; m < b->msg_count && rc >= 0; m++) {
            const struct pl_inst **inst = &c->inst[b->market[m]];
            if (b->kind[m] == PL_MSG_INST && b->seq[m] < source->inst_count) {
                *inst = &source->insts[b->seq[m]];
            }
            if (symbol == NULL || strcmp((*inst)->symbol, symbol) == 0) {
                rc = print_message(c, b, m, err);
            }
        }
    }
    return rc;
}

static int close_file(struct csv *c, const char *path, const char *part, int rc,
                      struct pl_error *err)
{
    bool standard = c->out == stdout;
    bool failed = fflush(c->out) != 0 || ferror(c->out) != 0;
    int code = errno;
    if (!standard && fclose(c->out) != 0) {
        failed = true;
    }
    if (rc == 0 && (failed || (!standard && rename(part, path) != 0))) {
        rc = pl_error_set(err, PL_ERR_IO, "%s: cannot write: %s", path,
                          strerror(failed ? code : errno));
    }
    if (rc < 0 && !standard) {
        unlink(part);
    }
    return rc;
}

int pl_export_csv(struct pl_source *source, const struct pl_export_options *opt, const char *path,
                  struct pl_export_report *report, struct pl_error *err)
{
    const char *symbol = opt != NULL ? opt->symbol : NULL;
    struct csv c = {.source = source};
    *report = c.report;
    bool known = symbol == NULL;
    for (uint32_t i = 0; i < source->market_count && !known; i++) {
        known = strcmp(source->insts[i].symbol, symbol) == 0;
    }
    if (!known) {
        return pl_error_set(err, PL_ERR_NOTFOUND, "no market %s in the data", symbol);
    }
    size_t part_size = strlen(path) + sizeof ".part";
    char *part = malloc(part_size);
    c.inst = calloc(source->market_count + 1, sizeof(void *));
    if (part == NULL || c.inst == NULL) {
        free(part);
        free(c.inst);
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < source->market_count; i++) {
        c.inst[i] = &source->insts[i];
    }
    snprintf(part, part_size, "%s.part", path);
    c.out = strcmp(path, "-") == 0 ? stdout : fopen(part, "we");
    int rc;
    if (c.out == NULL) {
        rc = pl_error_set(err, PL_ERR_IO, "%s: cannot write: %s", part, strerror(errno));
    } else {
        rc = print_all(&c, source, symbol, err);
        rc = close_file(&c, path, part, rc, err);
    }
    free(part);
    free(c.inst);
    *report = c.report;
    return rc;
}
