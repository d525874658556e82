/* Book changes as rows, one level each: Tardis incremental_book_L2, and our own plain form (F3).
 *
 * Rows of one message stand together and begin with the same text (times, sequence, snapshot flag),
 * so a row whose first bytes equal its predecessor's needs only its side, price and size read. */
#include "core/units.h"
#include "import/csv.h"

#include "base/number.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX_MAX 256

struct book_state {
    struct pl_csv_map map;
    bool tail;                       /* the last three columns are side, price, size */
    struct pl_import_market *market; /* of the message under way; NULL = none */
    int64_t venue_ns, local_ns;
    uint64_t seq;
    bool snapshot;
    uint64_t first_line, first_byte; /* where it began */
    struct pl_import_side bids, asks;
    size_t prefix_size; /* of the rows of this message; 0 = unknown */
    char prefix[PREFIX_MAX];
};

static const struct pl_csv_column tardis_columns[] = {
    {"exchange", PL_CSV_EXCHANGE},    {"symbol", PL_CSV_SYMBOL},
    {"timestamp", PL_CSV_VENUE_TIME}, {"local_timestamp", PL_CSV_LOCAL_TIME},
    {"is_snapshot", PL_CSV_SNAPSHOT}, {"side", PL_CSV_SIDE},
    {"price", PL_CSV_PRICE},          {"amount", PL_CSV_QTY},
};
static const struct pl_csv_column plain_columns[] = {
    {"symbol", PL_CSV_SYMBOL},        {"exch_ms", PL_CSV_VENUE_TIME},
    {"local_ms", PL_CSV_LOCAL_TIME},  {"seq", PL_CSV_ID},
    {"is_snapshot", PL_CSV_SNAPSHOT}, {"side", PL_CSV_SIDE},
    {"price", PL_CSV_PRICE},          {"qty", PL_CSV_QTY},
};
static const enum pl_csv_role book_need[] = {PL_CSV_VENUE_TIME, PL_CSV_LOCAL_TIME, PL_CSV_SNAPSHOT,
                                             PL_CSV_SIDE,       PL_CSV_PRICE,      PL_CSV_QTY,
                                             PL_CSV_NONE};

/* Hands the message under way over. */
static int flush(struct pl_import_stream *s, struct pl_error *err)
{
    struct book_state *b = s->state;
    struct pl_import_job *job = s->job;
    struct pl_import_market *m = b->market;
    uint32_t bids = b->bids.count, asks = b->asks.count;
    b->bids.count = b->asks.count = 0;
    b->market = NULL;
    if (m == NULL || bids + asks == 0) {
        return 0;
    }
    int rc = pl_job_rows(job, bids + asks, err);
    if (rc < 0 || job->probing) {
        return rc;
    }
    uint32_t row = 0;
    for (uint32_t i = 0; i < bids; i++, row++) {
        job->px[row] = b->bids.at[i].px;
        job->lots[row] = b->bids.at[i].lots;
    }
    for (uint32_t i = 0; i < asks; i++, row++) {
        job->px[row] = b->asks.at[i].px;
        job->lots[row] = b->asks.at[i].lots;
    }
    struct pl_msg msg = {.kind = b->snapshot ? PL_MSG_SNAPSHOT : PL_MSG_DEPTH,
                         .bid_count = bids,
                         .row_count = bids + asks,
                         .venue_ns = b->venue_ns,
                         .local_ns = b->local_ns,
                         .seq = b->seq,
                         .px = job->px,
                         .lots = job->lots};
    uint64_t line = job->line, byte = job->byte;
    job->line = b->first_line;
    job->byte = b->first_byte;
    job->rows_are_lines = true;
    rc = pl_job_emit(job, m, PL_STREAM_DEPTH, &msg, err);
    job->rows_are_lines = false;
    job->line = line;
    job->byte = byte;
    return rc;
}

static int add_row(struct pl_import_stream *s, int side, struct pl_decimal px,
                   struct pl_decimal qty, struct pl_error *err)
{
    struct book_state *b = s->state;
    struct pl_import_side *to = side == 0 ? &b->bids : &b->asks;
    if (to->count == to->cap) {
        int rc = pl_import_side_grow(to);
        if (rc < 0) {
            return pl_error_set(err, rc,
                                "%s:%llu: a message of more than 16 Mi levels, or no memory",
                                s->job->paths[s->job->file], (unsigned long long)s->job->line);
        }
    }
    int rc = pl_job_px(s->job, b->market, px, &to->at[to->count].px);
    if (rc < 0) {
        return pl_job_bad(s->job, err, "its price %s", pl_job_why(rc));
    }
    rc = pl_job_qty(s->job, b->market, qty, &to->at[to->count].lots);
    if (rc < 0) {
        return pl_job_bad(s->job, err, "its size %s", pl_job_why(rc));
    }
    to->count++;
    return 0;
}

/* side,price,size at the end of the line. False: not in the shape the short way expects. */
static bool read_tail(const char *at, const char *end, int *side, struct pl_decimal *px,
                      struct pl_decimal *qty)
{
    char c = at < end ? *at : '\0';
    if (c != 'b' && c != 'a') {
        return false;
    }
    *side = c == 'a';
    if (end - at > 4 && at[1] != ',') { /* bid, ask */
        if (at[3] != ',' || memcmp(at, *side ? "ask" : "bid", 3) != 0) {
            return false;
        }
        at += 2;
    }
    if (end - at < 4 || at[1] != ',') {
        return false;
    }
    at += 2;
    if (pl_number_scan(&at, end, px) < 0 || at == end || *at != ',') {
        return false;
    }
    at++;
    return pl_number_scan(&at, end, qty) == 0 && at == end;
}

/* Times, sequence and market of a row that begins a message. *use false: rows like it are not
 * wanted, or it is bad (and counted). */
static int begin_message(struct pl_import_stream *s, const struct pl_str *field, bool *use,
                         struct pl_error *err)
{
    struct book_state *b = s->state;
    const int8_t *col = b->map.col;
    struct pl_import_market *m;
    *use = false;
    int rc = pl_csv_market(s, &b->map, field, "unknown", &m, err);
    if (rc < 0) {
        return rc;
    }
    if (m == NULL) {
        return 0;
    }
    b->seq = 0;
    bool has_seq = col[PL_CSV_ID] >= 0 && field[col[PL_CSV_ID]].size > 0;
    if (!pl_csv_time(field[col[PL_CSV_VENUE_TIME]], &b->venue_ns) ||
        !pl_csv_time(field[col[PL_CSV_LOCAL_TIME]], &b->local_ns)) {
        return pl_job_bad(s->job, err, "its times are not two times since 1970");
    }
    if ((has_seq && !pl_csv_u64(field[col[PL_CSV_ID]], &b->seq)) ||
        !pl_csv_bool(field[col[PL_CSV_SNAPSHOT]], &b->snapshot)) {
        return pl_job_bad(s->job, err, "its sequence or snapshot flag is damaged");
    }
    bool keep;
    rc = pl_job_stamps(s->job, m, b->venue_ns, b->local_ns, &keep, err);
    if (rc < 0 || !keep) {
        return rc;
    }
    b->market = m;
    b->first_line = s->job->line;
    b->first_byte = s->job->byte;
    *use = true;
    return 0;
}

/* A row like its predecessor only in meaning (other column order, same seq): the same message? */
static bool continues(const struct book_state *b, const struct pl_str *field)
{
    const int8_t *col = b->map.col;
    int64_t venue_ns, local_ns;
    uint64_t seq = 0;
    bool snapshot;
    if (b->market == NULL || !pl_csv_bool(field[col[PL_CSV_SNAPSHOT]], &snapshot) ||
        snapshot != b->snapshot) {
        return false;
    }
    if (col[PL_CSV_SYMBOL] >= 0 &&
        !pl_str_eq(field[col[PL_CSV_SYMBOL]], pl_str(b->market->inst.symbol))) {
        return false;
    }
    if (col[PL_CSV_ID] >= 0 && pl_csv_u64(field[col[PL_CSV_ID]], &seq)) {
        return seq == b->seq;
    }
    return pl_csv_time(field[col[PL_CSV_VENUE_TIME]], &venue_ns) && venue_ns == b->venue_ns &&
           pl_csv_time(field[col[PL_CSV_LOCAL_TIME]], &local_ns) && local_ns == b->local_ns;
}

static int full_row(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    struct book_state *b = s->state;
    struct pl_import_job *job = s->job;
    struct pl_str field[PL_CSV_COLUMNS];
    uint32_t n = pl_csv_split(line, field, PL_CSV_COLUMNS);
    b->prefix_size = 0;
    if (n != b->map.columns) {
        return pl_job_bad(job, err, "has %u columns, not %u", n, b->map.columns);
    }
    int side = pl_csv_side(field[b->map.col[PL_CSV_SIDE]]);
    struct pl_decimal px, qty;
    if (side < 0 || !pl_csv_decimal(field[b->map.col[PL_CSV_PRICE]], &px) ||
        !pl_csv_decimal(field[b->map.col[PL_CSV_QTY]], &qty)) {
        return pl_job_bad(job, err,
                          side < 0 ? "its side is neither bid nor ask"
                                   : "its price or size is not a number");
    }
    bool use = true;
    if (!continues(b, field)) {
        int rc = flush(s, err);
        rc = rc < 0 ? rc : begin_message(s, field, &use, err);
        if (rc < 0) {
            return rc;
        }
    }
    size_t prefix = (size_t)(field[b->map.col[PL_CSV_SIDE]].at - line.at);
    if (!use) {
        bool unwanted = job->recent != NULL && job->recent->skipped;
        job->report->ignored += unwanted && !job->probing;
        return 0;
    }
    if (b->tail && prefix < PREFIX_MAX) {
        memcpy(b->prefix, line.at, prefix);
        b->prefix_size = prefix;
    }
    return add_row(s, side, px, qty, err);
}

static int row(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    struct book_state *b = s->state;
    if (b->prefix_size > 0 && line.size > b->prefix_size &&
        memcmp(line.at, b->prefix, b->prefix_size) == 0) {
        int side;
        struct pl_decimal px, qty;
        if (PL_LIKELY(read_tail(line.at + b->prefix_size, line.at + line.size, &side, &px, &qty))) {
            return add_row(s, side, px, qty, err);
        }
    }
    return full_row(s, line, err);
}

static int on_header(struct pl_import_stream *s, struct pl_str line,
                     const struct pl_csv_column *columns, size_t count, struct pl_error *err)
{
    struct book_state *b = s->state;
    if (!pl_csv_header(line, columns, count, book_need, &b->map)) {
        return pl_error_set(err, PL_ERR_MALFORMED,
                            "%s:1: the header line does not name the columns of this format",
                            s->job->paths[s->job->file]);
    }
    const int8_t *col = b->map.col;
    int8_t last = (int8_t)(b->map.columns - 1);
    b->tail =
        col[PL_CSV_QTY] == last && col[PL_CSV_PRICE] == last - 1 && col[PL_CSV_SIDE] == last - 2;
    return 0;
}

static int tardis_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    struct book_state *b = s->state;
    if (PL_UNLIKELY(!b->map.known)) {
        return on_header(s, line, tardis_columns, PL_COUNT(tardis_columns), err);
    }
    return line.size == 0 ? 0 : row(s, line, err);
}

static int plain_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    struct book_state *b = s->state;
    if (PL_UNLIKELY(!b->map.known)) {
        return on_header(s, line, plain_columns, PL_COUNT(plain_columns), err);
    }
    return line.size == 0 ? 0 : row(s, line, err);
}

static int begin_file(struct pl_import_stream *s, struct pl_error *err)
{
    struct book_state *b = s->state;
    b->map.known = false;
    b->prefix_size = 0;
    return flush(s, err);
}

static int end(struct pl_import_stream *s, struct pl_error *err)
{
    return flush(s, err);
}

static void drop(struct pl_import_stream *s)
{
    struct book_state *b = s->state;
    free(b->bids.at);
    free(b->asks.at);
}

static struct pl_str first_line(struct pl_str head)
{
    const char *lf = head.size > 0 ? memchr(head.at, '\n', head.size) : NULL;
    size_t n = lf != NULL ? (size_t)(lf - head.at) : head.size;
    return (struct pl_str){head.at, n > 0 && head.at[n - 1] == '\r' ? n - 1 : n};
}

static int detect_tardis(struct pl_str head)
{
    struct pl_csv_map map;
    return pl_csv_header(first_line(head), tardis_columns, PL_COUNT(tardis_columns), book_need,
                         &map)
               ? 95
               : 0;
}

static int detect_plain(struct pl_str head)
{
    struct pl_csv_map map;
    return pl_csv_header(first_line(head), plain_columns, PL_COUNT(plain_columns), book_need, &map)
               ? 90
               : 0;
}

const struct pl_import_format pl_format_tardis_book = {
    .name = "tardis-book",
    .help = "Tardis incremental_book_L2 CSV",
    .detect = detect_tardis,
    .state_size = sizeof(struct book_state),
    .line = tardis_line,
    .begin = begin_file,
    .path_names_symbol = true,
    .end = end,
    .drop = drop,
};
const struct pl_import_format pl_format_book_csv = {
    .name = "book-csv",
    .help = "book changes as CSV: local_ms,exch_ms,seq,is_snapshot,side,price,qty",
    .detect = detect_plain,
    .state_size = sizeof(struct book_state),
    .line = plain_line,
    .begin = begin_file,
    .path_names_symbol = true,
    .end = end,
    .drop = drop,
};
