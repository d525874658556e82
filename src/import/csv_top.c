/* Best bid and ask as rows: Binance Vision bookTicker, with or without a header line. */
#include "core/units.h"
#include "import/csv.h"

#include <string.h>

struct top_state {
    struct pl_csv_map map;
};

static const struct pl_csv_column columns[] = {
    {"update_id", PL_CSV_ID},          {"best_bid_price", PL_CSV_BID_PRICE},
    {"best_bid_qty", PL_CSV_BID_QTY},  {"best_ask_price", PL_CSV_ASK_PRICE},
    {"best_ask_qty", PL_CSV_ASK_QTY},  {"transaction_time", PL_CSV_VENUE_TIME},
    {"event_time", PL_CSV_LOCAL_TIME}, /* when the venue sent it: the nearest there is */
};
static const enum pl_csv_role need[] = {PL_CSV_ID,         PL_CSV_BID_PRICE, PL_CSV_BID_QTY,
                                        PL_CSV_ASK_PRICE,  PL_CSV_ASK_QTY,   PL_CSV_VENUE_TIME,
                                        PL_CSV_LOCAL_TIME, PL_CSV_NONE};
#define FIXED_COUNT 7

struct top {
    uint64_t id;
    struct pl_level_text bid, ask;
    int64_t venue_ns, local_ns;
};

static const char *read_top(const struct pl_csv_map *map, const struct pl_str *field, struct top *t)
{
    const int8_t *col = map->col;
    if (!pl_csv_u64(field[col[PL_CSV_ID]], &t->id)) {
        return "its update id is not a whole number";
    }
    if (!pl_csv_decimal(field[col[PL_CSV_BID_PRICE]], &t->bid.px) ||
        !pl_csv_decimal(field[col[PL_CSV_BID_QTY]], &t->bid.qty) ||
        !pl_csv_decimal(field[col[PL_CSV_ASK_PRICE]], &t->ask.px) ||
        !pl_csv_decimal(field[col[PL_CSV_ASK_QTY]], &t->ask.qty)) {
        return "a price or size is not a number";
    }
    if (!pl_csv_time(field[col[PL_CSV_VENUE_TIME]], &t->venue_ns) ||
        !pl_csv_time(field[col[PL_CSV_LOCAL_TIME]], &t->local_ns)) {
        return "its times are not two times since 1970";
    }
    return NULL;
}

static int row(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    struct top_state *st = s->state;
    struct pl_import_job *job = s->job;
    struct pl_str field[PL_CSV_COLUMNS];
    uint32_t n = pl_csv_split(line, field, PL_CSV_COLUMNS);
    if (n != st->map.columns) {
        return pl_job_bad(job, err, "has %u columns, not %u", n, st->map.columns);
    }
    struct pl_import_market *m;
    int rc = pl_csv_market(s, &st->map, field, "binance-usdm", &m, err);
    if (rc < 0 || m == NULL) {
        return rc;
    }
    struct top t;
    const char *why = read_top(&st->map, field, &t);
    if (why != NULL) {
        return pl_job_bad(job, err, "%s", why);
    }
    int64_t px[2], lots[2];
    rc = pl_job_px(job, m, t.bid.px, &px[0]);
    rc = rc < 0 ? rc : pl_job_qty(job, m, t.bid.qty, &lots[0]);
    rc = rc < 0 ? rc : pl_job_px(job, m, t.ask.px, &px[1]);
    rc = rc < 0 ? rc : pl_job_qty(job, m, t.ask.qty, &lots[1]);
    if (rc < 0) {
        return pl_job_bad(job, err, "a price or size %s", pl_job_why(rc));
    }
    bool keep;
    rc = pl_job_stamps(job, m, t.venue_ns, t.local_ns, &keep, err);
    if (rc < 0 || !keep) {
        return rc;
    }
    struct pl_msg msg = {.kind = PL_MSG_BBO,
                         .bid_count = 1,
                         .row_count = 2,
                         .venue_ns = t.venue_ns,
                         .local_ns = t.local_ns,
                         .seq = t.id,
                         .px = px,
                         .lots = lots};
    return pl_job_emit(job, m, PL_STREAM_TOP, &msg, err);
}

static void by_position(struct pl_csv_map *map)
{
    enum pl_csv_role roles[FIXED_COUNT];
    for (int i = 0; i < FIXED_COUNT; i++) {
        roles[i] = columns[i].role;
    }
    pl_csv_fixed(map, roles, FIXED_COUNT);
}

static int line(struct pl_import_stream *s, struct pl_str text, struct pl_error *err)
{
    struct top_state *st = s->state;
    if (st->map.known) {
        return text.size == 0 ? 0 : row(s, text, err);
    }
    if (pl_csv_header(text, columns, PL_COUNT(columns), need, &st->map)) {
        return 0;
    }
    by_position(&st->map);
    return row(s, text, err);
}

static int begin_file(struct pl_import_stream *s, struct pl_error *err)
{
    struct top_state *st = s->state;
    (void)err;
    st->map.known = false;
    return 0;
}

static int detect(struct pl_str head)
{
    const char *lf = head.size > 0 ? memchr(head.at, '\n', head.size) : NULL;
    struct pl_str first = {head.at, lf != NULL ? (size_t)(lf - head.at) : head.size};
    if (first.size > 0 && first.at[first.size - 1] == '\r') {
        first.size--;
    }
    struct pl_csv_map map;
    if (pl_csv_header(first, columns, PL_COUNT(columns), need, &map)) {
        return 94;
    }
    struct pl_str field[PL_CSV_COLUMNS];
    struct top t;
    if (pl_csv_split(first, field, PL_CSV_COLUMNS) != FIXED_COUNT) {
        return 0;
    }
    by_position(&map);
    return read_top(&map, field, &t) == NULL ? 76 : 0;
}

const struct pl_import_format pl_format_vision_bookticker = {
    .name = "vision-bookticker",
    .help = "Binance Vision bookTicker CSV, with or without a header line",
    .detect = detect,
    .state_size = sizeof(struct top_state),
    .line = line,
    .begin = begin_file,
    .path_names_symbol = true,
};
