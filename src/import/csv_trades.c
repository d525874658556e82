/* Trades as rows: Tardis, Bybit's public archive, Binance Vision (trades, aggTrades), and plain
 * tables that stand beside book files. One reader; the layouts below say what the columns mean. */
#include "core/units.h"
#include "import/csv.h"
#include "import/sorter.h"

#include <string.h>

struct layout {
    const char *venue; /* when nothing else names one */
    const struct pl_csv_column *columns;
    size_t count;
    const enum pl_csv_role *need;
    bool sort; /* files of this kind may be newest first */
};

struct trades_state {
    struct pl_csv_map map;
    struct pl_sorter *sorter;
    bool sorted;
};

static const struct pl_csv_column tardis_columns[] = {
    {"exchange", PL_CSV_EXCHANGE},
    {"symbol", PL_CSV_SYMBOL},
    {"timestamp", PL_CSV_VENUE_TIME},
    {"local_timestamp", PL_CSV_LOCAL_TIME},
    {"id", PL_CSV_ID},
    {"side", PL_CSV_SIDE},
    {"price", PL_CSV_PRICE},
    {"amount", PL_CSV_QTY},
};
static const enum pl_csv_role tardis_need[] = {PL_CSV_VENUE_TIME, PL_CSV_LOCAL_TIME, PL_CSV_SIDE,
                                               PL_CSV_PRICE,      PL_CSV_QTY,        PL_CSV_NONE};

static const struct pl_csv_column bybit_columns[] = {
    {"timestamp", PL_CSV_VENUE_TIME},
    {"symbol", PL_CSV_SYMBOL},
    {"side", PL_CSV_SIDE},
    {"size", PL_CSV_QTY},
    {"volume", PL_CSV_QTY},
    {"price", PL_CSV_PRICE},
    {"rpi", PL_CSV_RPI},
    {"id", PL_CSV_ID},
};
static const enum pl_csv_role bybit_need[] = {PL_CSV_VENUE_TIME, PL_CSV_SIDE, PL_CSV_PRICE,
                                              PL_CSV_QTY, PL_CSV_NONE};

static const struct pl_csv_column plain_columns[] = {
    {"ts_ms", PL_CSV_LOCAL_TIME},
    {"local_ms", PL_CSV_LOCAL_TIME},
    {"timestamp", PL_CSV_LOCAL_TIME},
    {"exch_ts_ms", PL_CSV_VENUE_TIME},
    {"exch_ms", PL_CSV_VENUE_TIME},
    {"exchange_timestamp", PL_CSV_VENUE_TIME},
    {"venue", PL_CSV_EXCHANGE},
    {"market_type", PL_CSV_MARKET_TYPE},
    {"symbol", PL_CSV_SYMBOL},
    {"trade_id", PL_CSV_ID},
    {"price", PL_CSV_PRICE},
    {"qty", PL_CSV_QTY},
    {"size", PL_CSV_QTY},
    {"side", PL_CSV_SIDE},
    {"side_as_recorded", PL_CSV_SIDE_USELESS},
};
static const enum pl_csv_role plain_need[] = {PL_CSV_VENUE_TIME, PL_CSV_LOCAL_TIME, PL_CSV_PRICE,
                                              PL_CSV_QTY, PL_CSV_NONE};

static const struct pl_csv_column agg_columns[] = {
    {"agg_trade_id", PL_CSV_ID},
    {"price", PL_CSV_PRICE},
    {"quantity", PL_CSV_QTY},
    {"first_trade_id", PL_CSV_FIRST_ID},
    {"last_trade_id", PL_CSV_LAST_ID},
    {"transact_time", PL_CSV_VENUE_TIME},
    {"is_buyer_maker", PL_CSV_BUYER_MAKER},
};
static const enum pl_csv_role agg_need[] = {PL_CSV_FIRST_ID, PL_CSV_LAST_ID, PL_CSV_VENUE_TIME,
                                            PL_CSV_PRICE,    PL_CSV_QTY,     PL_CSV_BUYER_MAKER,
                                            PL_CSV_NONE};
static const enum pl_csv_role agg_fixed[] = {PL_CSV_ID,         PL_CSV_PRICE,   PL_CSV_QTY,
                                             PL_CSV_FIRST_ID,   PL_CSV_LAST_ID, PL_CSV_VENUE_TIME,
                                             PL_CSV_BUYER_MAKER};

static const struct pl_csv_column vision_columns[] = {
    {"id", PL_CSV_ID},
    {"price", PL_CSV_PRICE},
    {"qty", PL_CSV_QTY},
    {"time", PL_CSV_VENUE_TIME},
    {"is_buyer_maker", PL_CSV_BUYER_MAKER},
};
static const enum pl_csv_role vision_need[] = {PL_CSV_ID,  PL_CSV_VENUE_TIME,  PL_CSV_PRICE,
                                               PL_CSV_QTY, PL_CSV_BUYER_MAKER, PL_CSV_NONE};
static const enum pl_csv_role vision_fixed[] = {PL_CSV_ID,   PL_CSV_PRICE,      PL_CSV_QTY,
                                                PL_CSV_NONE, PL_CSV_VENUE_TIME, PL_CSV_BUYER_MAKER};

#define LAYOUT(venue, name, sort)                                          \
    {                                                                      \
        venue, name##_columns, PL_COUNT(name##_columns), name##_need, sort \
    }
static const struct layout tardis = LAYOUT("unknown", tardis, false);
static const struct layout bybit = LAYOUT("bybit", bybit, true);
static const struct layout plain = LAYOUT("unknown", plain, false);
static const struct layout agg = LAYOUT("binance-usdm", agg, false);
static const struct layout vision = LAYOUT("binance-usdm", vision, false);

/* ---- a row ---- */

struct trade {
    int64_t venue_ns, local_ns;
    uint64_t seq, seq_first;
    struct pl_decimal px, qty;
    uint8_t flags;
};

/* Buy or sell in any case; a bid or ask is a quote, not a trade. */
static int taker_side(struct pl_str text)
{
    int side = pl_csv_side(text);
    char c = text.size > 0 ? (char)(text.at[0] | 0x20) : '\0';
    return text.size >= 3 && ((c == 'b' && (text.at[1] | 0x20) == 'u') || c == 's') ? side : -1;
}

static bool read_side(const struct pl_csv_map *map, const struct pl_str *field, struct trade *t)
{
    const int8_t *col = map->col;
    bool flag;
    if (col[PL_CSV_BUYER_MAKER] >= 0) {
        if (!pl_csv_bool(field[col[PL_CSV_BUYER_MAKER]], &flag)) {
            return false;
        }
        t->flags |= flag ? PL_MSGF_SELL : 0;
        return true;
    }
    if (col[PL_CSV_SIDE] < 0) {
        t->flags |= PL_MSGF_SIDE_GUESS;
        return true;
    }
    int side = taker_side(field[col[PL_CSV_SIDE]]);
    if (side < 0 && pl_str_eq(field[col[PL_CSV_SIDE]], pl_str("unknown"))) {
        t->flags |= PL_MSGF_SIDE_GUESS; /* Tardis, where the venue gives none */
        return true;
    }
    t->flags |= side == 1 ? PL_MSGF_SELL : 0;
    return side >= 0;
}

/* NULL, or why the row is bad. */
static const char *read_trade(const struct pl_csv_map *map, const struct pl_str *field,
                              struct trade *t)
{
    const int8_t *col = map->col;
    *t = (struct trade){0};
    if (!pl_csv_time(field[col[PL_CSV_VENUE_TIME]], &t->venue_ns)) {
        return "its time is not a time since 1970";
    }
    t->local_ns = t->venue_ns;
    if (col[PL_CSV_LOCAL_TIME] >= 0 && !pl_csv_time(field[col[PL_CSV_LOCAL_TIME]], &t->local_ns)) {
        return "its local time is not a time since 1970";
    }
    if (!pl_csv_decimal(field[col[PL_CSV_PRICE]], &t->px) ||
        !pl_csv_decimal(field[col[PL_CSV_QTY]], &t->qty)) {
        return "its price or size is not a number";
    }
    if (t->qty.mantissa <= 0) {
        return "its size is not above 0";
    }
    if (!read_side(map, field, t)) {
        return "its side is neither buy nor sell";
    }
    if (col[PL_CSV_LAST_ID] >= 0) {
        if (!pl_csv_u64(field[col[PL_CSV_LAST_ID]], &t->seq) ||
            !pl_csv_u64(field[col[PL_CSV_FIRST_ID]], &t->seq_first)) {
            return "its trade ids are not whole numbers";
        }
    } else if (col[PL_CSV_ID] >= 0 && !pl_csv_u64(field[col[PL_CSV_ID]], &t->seq)) {
        t->seq = 0; /* a text id: not a sequence */
    }
    bool rpi = false;
    if (col[PL_CSV_RPI] >= 0 && pl_csv_bool(field[col[PL_CSV_RPI]], &rpi) && rpi) {
        t->flags |= PL_MSGF_NOT_BOOK;
    }
    return NULL;
}

static int emit(struct pl_import_stream *s, struct pl_import_market *m, const struct trade *t,
                int64_t px, int64_t lots, struct pl_error *err)
{
    if (t->seq != 0 && s->job->probing == false) {
        uint64_t first = t->seq_first != 0 ? t->seq_first : t->seq;
        /* ids that do not count by one (hashes) skip everywhere: not worth a note */
        bool counts =
            m->trade_last != 0 && first > m->trade_last && first - m->trade_last < 1000000;
        s->job->report->trade_id_gaps += counts && first != m->trade_last + 1;
        m->trade_last = t->seq;
    }
    struct pl_msg msg = {.kind = PL_MSG_TRADE,
                         .flags = t->flags,
                         .row_count = 1,
                         .venue_ns = t->venue_ns,
                         .local_ns = t->local_ns,
                         .seq = t->seq,
                         .seq_first = t->seq_first,
                         .px = &px,
                         .lots = &lots};
    return pl_job_emit(s->job, m, PL_STREAM_TRADES, &msg, err);
}

static int keep_for_sorting(struct pl_import_stream *s, struct pl_import_market *m,
                            const struct trade *t, int64_t px, int64_t lots, struct pl_error *err)
{
    struct trades_state *st = s->state;
    if (st->sorter == NULL && pl_sorter_create(&st->sorter) < 0) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    return pl_sorter_add(st->sorter,
                         (struct pl_sort_item){.venue_ns = t->venue_ns,
                                               .px = px,
                                               .lots = lots,
                                               .seq = t->seq,
                                               .line = s->job->line,
                                               .market = m,
                                               .file = s->job->file,
                                               .flags = t->flags},
                         err);
}

static int row(struct pl_import_stream *s, const struct layout *layout, struct pl_str line,
               struct pl_error *err)
{
    struct trades_state *st = s->state;
    struct pl_import_job *job = s->job;
    struct pl_str field[PL_CSV_COLUMNS];
    uint32_t n = pl_csv_split(line, field, PL_CSV_COLUMNS);
    if (n != st->map.columns) {
        return pl_job_bad(job, err, "has %u columns, not %u", n, st->map.columns);
    }
    struct pl_import_market *m;
    int rc = pl_csv_market(s, &st->map, field, layout->venue, &m, err);
    if (rc < 0) {
        return rc;
    }
    if (m == NULL) {
        job->report->ignored += !job->probing && job->recent != NULL && job->recent->skipped;
        return 0;
    }
    struct trade t;
    const char *why = read_trade(&st->map, field, &t);
    if (why != NULL) {
        return pl_job_bad(job, err, "%s", why);
    }
    int64_t px, lots;
    rc = pl_job_px(job, m, t.px, &px);
    if (rc < 0) {
        return pl_job_bad(job, err, "its price %s", pl_job_why(rc));
    }
    rc = pl_job_qty(job, m, t.qty, &lots);
    if (rc < 0) {
        return pl_job_bad(job, err, "its size %s", pl_job_why(rc));
    }
    job->guess_sides |= (t.flags & PL_MSGF_SIDE_GUESS) != 0;
    bool keep = true;
    if (st->map.col[PL_CSV_LOCAL_TIME] >= 0) {
        rc = pl_job_stamps(job, m, t.venue_ns, t.local_ns, &keep, err);
    }
    if (rc < 0 || !keep || job->probing) {
        return rc;
    }
    return layout->sort ? keep_for_sorting(s, m, &t, px, lots, err) : emit(s, m, &t, px, lots, err);
}

/* The sorted rows, one a call. */
static int end(struct pl_import_stream *s, struct pl_error *err)
{
    struct trades_state *st = s->state;
    struct pl_sort_item item;
    if (st->sorter == NULL || s->job->probing) {
        return 0;
    }
    int rc = 0;
    if (!st->sorted) {
        st->sorted = true;
        s->job->report->sorted_rows += pl_sorter_disorder(st->sorter);
        rc = pl_sorter_finish(st->sorter, err);
    }
    rc = rc < 0 ? rc : pl_sorter_next(st->sorter, &item, err);
    if (rc <= 0) {
        return rc;
    }
    struct trade t = {
        .venue_ns = item.venue_ns, .local_ns = item.venue_ns, .seq = item.seq, .flags = item.flags};
    s->job->file = item.file;
    s->job->line = item.line;
    s->job->byte = 0;
    rc = emit(s, item.market, &t, item.px, item.lots, err);
    return rc < 0 ? rc : 1;
}

static void drop(struct pl_import_stream *s)
{
    struct trades_state *st = s->state;
    pl_sorter_destroy(&st->sorter);
}

static int begin_file(struct pl_import_stream *s, struct pl_error *err)
{
    struct trades_state *st = s->state;
    (void)err;
    st->map.known = false;
    return 0;
}

/* The first line: a header, or (where `fixed` says what stands where) the first row. */
static int first_line(struct pl_import_stream *s, const struct layout *layout, struct pl_str line,
                      const enum pl_csv_role *fixed, uint32_t fixed_count, struct pl_error *err)
{
    struct trades_state *st = s->state;
    if (pl_csv_header(line, layout->columns, layout->count, layout->need, &st->map)) {
        return 0;
    }
    if (fixed == NULL || line.size == 0 || line.at[0] < '0' || line.at[0] > '9') {
        return pl_error_set(err, PL_ERR_MALFORMED,
                            "%s:1: the header line does not name the columns of this format",
                            s->job->paths[s->job->file]);
    }
    struct pl_str field[PL_CSV_COLUMNS];
    uint32_t n = pl_csv_split(line, field, PL_CSV_COLUMNS);
    pl_csv_fixed(&st->map, fixed, fixed_count);
    if (n == fixed_count + 1) {
        st->map.columns = n; /* spot adds is_best_match */
    }
    return row(s, layout, line, err);
}

static int any_line(struct pl_import_stream *s, const struct layout *layout, struct pl_str line,
                    const enum pl_csv_role *fixed, uint32_t fixed_count, struct pl_error *err)
{
    struct trades_state *st = s->state;
    if (PL_UNLIKELY(!st->map.known)) {
        return first_line(s, layout, line, fixed, fixed_count, err);
    }
    return line.size == 0 ? 0 : row(s, layout, line, err);
}

static int tardis_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    return any_line(s, &tardis, line, NULL, 0, err);
}

static int bybit_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    return any_line(s, &bybit, line, NULL, 0, err);
}

static int plain_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    return any_line(s, &plain, line, NULL, 0, err);
}

static int agg_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    return any_line(s, &agg, line, agg_fixed, PL_COUNT(agg_fixed), err);
}

static int vision_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    return any_line(s, &vision, line, vision_fixed, PL_COUNT(vision_fixed), err);
}

/* ---- detection ---- */

static struct pl_str head_line(struct pl_str head)
{
    const char *lf = head.size > 0 ? memchr(head.at, '\n', head.size) : NULL;
    size_t n = lf != NULL ? (size_t)(lf - head.at) : head.size;
    return (struct pl_str){head.at, n > 0 && head.at[n - 1] == '\r' ? n - 1 : n};
}

static bool names(const struct layout *l, struct pl_str head)
{
    struct pl_csv_map map;
    return pl_csv_header(head_line(head), l->columns, l->count, l->need, &map);
}

/* A first row without header: the columns by their kinds. */
static bool fits(struct pl_str head, const enum pl_csv_role *fixed, uint32_t count)
{
    struct pl_str field[PL_CSV_COLUMNS];
    uint32_t n = pl_csv_split(head_line(head), field, PL_CSV_COLUMNS);
    if (n != count && n != count + 1) {
        return false;
    }
    struct pl_csv_map map;
    struct trade t;
    pl_csv_fixed(&map, fixed, count);
    bool flag;
    return read_trade(&map, field, &t) == NULL && (n == count || pl_csv_bool(field[count], &flag));
}

static int detect_tardis(struct pl_str head)
{
    return names(&tardis, head) ? 94 : 0;
}

static int detect_bybit(struct pl_str head)
{
    struct pl_str line = head_line(head);
    bool ours = line.size > 0 && (memmem(line.at, line.size, "tickDirection", 13) != NULL ||
                                  memmem(line.at, line.size, "id,timestamp,price,volume", 25));
    return ours && names(&bybit, head) ? 94 : 0;
}

/* Tables of quotes have the same columns; their first row says bid or ask. */
static int detect_plain(struct pl_str head)
{
    struct pl_csv_map map;
    struct pl_str header = head_line(head), field[PL_CSV_COLUMNS];
    if (!pl_csv_header(header, plain.columns, plain.count, plain.need, &map)) {
        return 0;
    }
    const char *lf = memchr(head.at, '\n', head.size);
    if (lf == NULL || map.col[PL_CSV_SIDE] < 0) {
        return 80;
    }
    struct pl_str rest = {lf + 1, (size_t)(head.at + head.size - lf - 1)};
    uint32_t n = pl_csv_split(head_line(rest), field, PL_CSV_COLUMNS);
    return n == map.columns && taker_side(field[map.col[PL_CSV_SIDE]]) < 0 ? 0 : 80;
}

static int detect_agg(struct pl_str head)
{
    return names(&agg, head) ? 94 : fits(head, agg_fixed, PL_COUNT(agg_fixed)) ? 75 : 0;
}

static int detect_vision(struct pl_str head)
{
    return names(&vision, head) ? 93 : fits(head, vision_fixed, PL_COUNT(vision_fixed)) ? 74 : 0;
}

#define FORMAT(ident, text, about, prefix)         \
    const struct pl_import_format ident = {        \
        .name = text,                              \
        .help = about,                             \
        .detect = detect_##prefix,                 \
        .state_size = sizeof(struct trades_state), \
        .line = prefix##_line,                     \
        .begin = begin_file,                       \
        .end = end,                                \
        .drop = drop,                              \
        .path_names_symbol = true,                 \
    }

FORMAT(pl_format_tardis_trades, "tardis-trades", "Tardis trades CSV", tardis);
FORMAT(pl_format_bybit_trades, "bybit-trades",
       "Bybit public trade archive CSV (any order of time; sorted)", bybit);
FORMAT(pl_format_trades_csv, "trades-csv",
       "trades as CSV with named columns, local and exchange time", plain);
FORMAT(pl_format_vision_aggtrades, "vision-aggtrades",
       "Binance Vision aggTrades CSV, with or without a header line", agg);
FORMAT(pl_format_vision_trades, "vision-trades",
       "Binance Vision trades CSV, with or without a header line", vision);
