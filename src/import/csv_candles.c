/* Candles as rows: the plain form (F4), and Binance Vision klines with or without a header line.
 *
 * A candle's venue and local time are its open time; seq is its length (so it is known at their
 * sum). Volumes carry float noise in some sources (0.30000000000000004): they are rounded to 8
 * decimals, prices never. */
#include "core/units.h"
#include "import/csv.h"

#include <stdio.h>
#include <string.h>

#define VOLUME_DECIMALS 8
#define INTERVAL_NONE   (60 * PL_NS_PER_S) /* of a file with a single candle */

struct candle_state {
    struct pl_csv_map map;
};

static const struct pl_csv_column columns[] = {
    {"open_time_ms", PL_CSV_VENUE_TIME},
    {"open_time", PL_CSV_VENUE_TIME},
    {"symbol", PL_CSV_SYMBOL},
    {"open", PL_CSV_OPEN},
    {"high", PL_CSV_HIGH},
    {"low", PL_CSV_LOW},
    {"close", PL_CSV_CLOSE},
    {"volume", PL_CSV_VOLUME},
};
static const enum pl_csv_role need[] = {PL_CSV_VENUE_TIME, PL_CSV_OPEN,   PL_CSV_HIGH, PL_CSV_LOW,
                                        PL_CSV_CLOSE,      PL_CSV_VOLUME, PL_CSV_NONE};
static const enum pl_csv_role fixed[] = {PL_CSV_VENUE_TIME, PL_CSV_OPEN,  PL_CSV_HIGH,
                                         PL_CSV_LOW,        PL_CSV_CLOSE, PL_CSV_VOLUME};

struct candle {
    int64_t open_ns;
    struct pl_decimal px[4], volume;
};

static struct pl_decimal round_volume(struct pl_decimal v)
{
    while (v.scale > VOLUME_DECIMALS) {
        bool up = v.scale == VOLUME_DECIMALS + 1 && v.mantissa % 10 >= 5;
        v.mantissa = v.mantissa / 10 + up;
        v.scale--;
    }
    return v;
}

/* NULL, or why the row is bad. */
static const char *read_candle(const struct pl_csv_map *map, const struct pl_str *field,
                               struct candle *c)
{
    static const enum pl_csv_role prices[] = {PL_CSV_OPEN, PL_CSV_HIGH, PL_CSV_LOW, PL_CSV_CLOSE};
    if (!pl_csv_time(field[map->col[PL_CSV_VENUE_TIME]], &c->open_ns)) {
        return "its open time is not a time since 1970";
    }
    for (int i = 0; i < 4; i++) {
        if (!pl_csv_decimal(field[map->col[prices[i]]], &c->px[i])) {
            return "one of its prices is not a number";
        }
        if (c->px[i].mantissa <= 0) {
            return "one of its prices is not above 0";
        }
    }
    if (!pl_csv_decimal(field[map->col[PL_CSV_VOLUME]], &c->volume)) {
        return "its volume is not a number";
    }
    if (c->volume.mantissa < 0) {
        return "its volume is negative";
    }
    c->volume = round_volume(c->volume);
    return NULL;
}

/* Hands over the candle that is held. */
static int give(struct pl_import_job *job, struct pl_import_market *m, struct pl_error *err)
{
    struct pl_import_candle *c = &m->candle;
    uint64_t line = job->line, byte = job->byte;
    c->held = false;
    job->line = c->line;
    job->byte = c->byte;
    int64_t step = c->open_ns - m->candle_last_ns;
    if (m->candle_last_ns > 0 && m->candle_ns > 0 && step > m->candle_ns && !job->probing) {
        pl_job_hole(job, "%lld candles are missing before this one",
                    (long long)(step / m->candle_ns - 1));
    }
    m->candle_last_ns = c->open_ns;
    struct pl_msg msg = {.kind = PL_MSG_CANDLE,
                         .row_count = 4,
                         .venue_ns = c->open_ns,
                         .local_ns = c->open_ns,
                         .seq = (uint64_t)(m->candle_ns > 0 ? m->candle_ns : INTERVAL_NONE),
                         .px = c->px,
                         .lots = c->lots};
    int rc = pl_job_emit(job, m, PL_STREAM_TRADES, &msg, err);
    job->line = line;
    job->byte = byte;
    return rc;
}

/* The candle held is the bad one, not the new one: its time was never reached. */
static int drop_held(struct pl_import_job *job, struct pl_import_market *m, struct pl_error *err)
{
    uint64_t line = job->line, byte = job->byte;
    job->line = m->candle.line;
    job->byte = m->candle.byte;
    m->candle.held = false;
    int rc = pl_job_bad(job, err, "its time is after the candle below it");
    job->line = line;
    job->byte = byte;
    return rc;
}

/* Times must rise. Which of two candles is wrong shows one candle later, so the newest is held. */
static int admit(struct pl_import_job *job, struct pl_import_market *m,
                 const struct pl_import_candle *c, struct pl_error *err)
{
    int64_t before = m->candle.held ? m->candle.open_ns : m->candle_last_ns;
    int64_t step = c->open_ns - before;
    int rc = 0;
    if (before > 0 && step == 0) {
        return pl_job_bad(job, err, "has the time of the candle before it");
    }
    if (before > 0 && step < 0) {
        if (!m->candle.held || c->open_ns <= m->candle_last_ns || m->candle_last_ns == 0) {
            return pl_job_bad(job, err, "its time is before the candle above it");
        }
        rc = drop_held(job, m, err);
    } else if (m->candle.held) {
        rc = give(job, m, err);
    }
    if (rc < 0) {
        return rc;
    }
    step = c->open_ns - m->candle_last_ns;
    if (m->candle_last_ns > 0 && job->probing && (m->candle_ns == 0 || step < m->candle_ns)) {
        m->candle_ns = step;
    }
    if (m->candle_last_ns > 0 && !job->probing && m->candle_ns > 0 && step % m->candle_ns != 0) {
        return pl_job_bad(job, err, "its time is no whole number of candles after the one before");
    }
    m->candle = *c;
    m->candle.held = true;
    return 0;
}

static int row(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    struct candle_state *st = s->state;
    struct pl_import_job *job = s->job;
    struct pl_str field[PL_CSV_COLUMNS];
    uint32_t n = pl_csv_split(line, field, PL_CSV_COLUMNS);
    if (n != st->map.columns) {
        return pl_job_bad(job, err, "has %u columns, not %u", n, st->map.columns);
    }
    struct pl_import_market *m;
    int rc = pl_csv_market(s, &st->map, field, "unknown", &m, err);
    if (rc < 0 || m == NULL) {
        return rc;
    }
    struct candle c;
    const char *why = read_candle(&st->map, field, &c);
    if (why != NULL) {
        return pl_job_bad(job, err, "%s", why);
    }
    struct pl_import_candle out = {
        .open_ns = c.open_ns, .file = job->file, .line = job->line, .byte = job->byte};
    int64_t *px = out.px;
    for (int i = 0; i < 4; i++) {
        rc = pl_job_px(job, m, c.px[i], &px[i]);
        if (rc < 0) {
            return pl_job_bad(job, err, "one of its prices %s", pl_job_why(rc));
        }
    }
    rc = pl_job_qty(job, m, c.volume, &out.lots[0]);
    if (rc < 0) {
        return pl_job_bad(job, err, "its volume %s", pl_job_why(rc));
    }
    if (!job->probing && (px[2] > px[0] || px[2] > px[3] || px[1] < px[0] || px[1] < px[3])) {
        return pl_job_bad(job, err, "its open or close lies outside low and high");
    }
    return admit(job, m, &out, err);
}

static int line(struct pl_import_stream *s, struct pl_str text, struct pl_error *err)
{
    struct candle_state *st = s->state;
    if (st->map.known) {
        return text.size == 0 ? 0 : row(s, text, err);
    }
    if (pl_csv_header(text, columns, PL_COUNT(columns), need, &st->map)) {
        return 0;
    }
    struct pl_str field[PL_CSV_COLUMNS];
    pl_csv_fixed(&st->map, fixed, PL_COUNT(fixed));
    st->map.columns = pl_csv_split(text, field, PL_CSV_COLUMNS);
    if (st->map.columns < PL_COUNT(fixed)) {
        return pl_error_set(err, PL_ERR_MALFORMED,
                            "%s:1: neither a header line of candles nor a candle",
                            s->job->paths[s->job->file]);
    }
    return row(s, text, err);
}

/* The last candle has no successor: it is believed. */
static int end(struct pl_import_stream *s, struct pl_error *err)
{
    struct pl_import_market *m;
    struct candle_state *st = s->state;
    if (!st->map.known) {
        return 0;
    }
    int rc = pl_csv_market(s, &st->map, NULL, "unknown", &m, err);
    return rc < 0 || m == NULL || !m->candle.held ? rc : give(s->job, m, err);
}

static int begin_file(struct pl_import_stream *s, struct pl_error *err)
{
    struct candle_state *st = s->state;
    (void)err;
    st->map.known = false;
    return 0;
}

static struct pl_str head_line(struct pl_str head)
{
    const char *lf = head.size > 0 ? memchr(head.at, '\n', head.size) : NULL;
    size_t n = lf != NULL ? (size_t)(lf - head.at) : head.size;
    return (struct pl_str){head.at, n > 0 && head.at[n - 1] == '\r' ? n - 1 : n};
}

static bool named(struct pl_str head, const char *time_name)
{
    struct pl_csv_map map;
    return pl_csv_header(head_line(head), columns, PL_COUNT(columns), need, &map) &&
           memmem(head.at, head.size, time_name, strlen(time_name)) != NULL;
}

static int detect_plain(struct pl_str head)
{
    return named(head, "open_time_ms") ? 92 : 0;
}

static int detect_vision(struct pl_str head)
{
    if (named(head, "open_time") && !named(head, "open_time_ms")) {
        return 92;
    }
    struct pl_str field[PL_CSV_COLUMNS];
    struct pl_csv_map map;
    struct candle c;
    int64_t close_ns;
    if (pl_csv_split(head_line(head), field, PL_CSV_COLUMNS) != 12) {
        return 0;
    }
    pl_csv_fixed(&map, fixed, PL_COUNT(fixed));
    return read_candle(&map, field, &c) == NULL && pl_csv_time(field[6], &close_ns) &&
                   close_ns > c.open_ns
               ? 85
               : 0;
}

const struct pl_import_format pl_format_candles_csv = {
    .name = "candles-csv",
    .help = "candles as CSV: open_time_ms,open,high,low,close,volume",
    .detect = detect_plain,
    .state_size = sizeof(struct candle_state),
    .line = line,
    .begin = begin_file,
    .end = end,
    .path_names_symbol = true,
};
const struct pl_import_format pl_format_vision_klines = {
    .name = "vision-klines",
    .help = "Binance Vision klines CSV, with or without a header line",
    .detect = detect_vision,
    .state_size = sizeof(struct candle_state),
    .line = line,
    .begin = begin_file,
    .end = end,
    .path_names_symbol = true,
};
