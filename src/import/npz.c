/* hftbacktest data: .npz (zip of .npy) or .npy, rows of a structured dtype with the fields ev,
 * exch_ts, local_ts, px, qty (order_id, ival, fval and others are skipped).
 *
 * Its files hold a row twice where local and exchange order differ, once flagged for each side; the
 * local one carries both times, so the exchange-only copies are left out (counted as ignored).
 * Prices and sizes are doubles: they count as on the grid when within a millionth of a step. */
#include "base/number.h"
#include "core/units.h"
#include "import/formats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX (size_t)(64 * 1024)
#define ITEM_MAX   (size_t)4096
#define CHUNK_ROWS (size_t)1024

#define EV_EXCH  (UINT64_C(1) << 31)
#define EV_LOCAL (UINT64_C(1) << 30)
#define EV_BUY   (UINT64_C(1) << 29)
#define EV_SELL  (UINT64_C(1) << 28)
#define EV_KIND  UINT64_C(0xff)

enum { EV_DEPTH = 1, EV_TRADE = 2, EV_CLEAR = 3, EV_SNAPSHOT = 4, EV_BBO = 5, EV_ORDERS = 10 };
enum field { F_EV, F_EXCH, F_LOCAL, F_PX, F_QTY, F_COUNT };

struct layout {
    size_t offset[F_COUNT];
    size_t item_size;
    uint64_t rows;
};

struct event {
    uint64_t ev;
    int64_t exch_ns, local_ns;
    double px, qty;
};

struct npz_state {
    struct layout layout;
    struct pl_import_market *market;
    /* the message under way: depth or snapshot */
    bool open, snapshot;
    int64_t venue_ns, local_ns;
    uint64_t first_row;
    struct pl_level_text clear[2]; /* bound of a side that was cleared */
    bool cleared[2];
    /* best bid and ask, each told alone */
    int64_t top_px[2], top_lots[2];
};

/* ---- the header of a .npy ---- */

static int short_read(struct pl_import_job *job, struct pl_input *in, struct pl_error *err)
{
    return pl_error_set(err, PL_ERR_TRUNCATED, "%s: array '%s' ends in the middle, at row %llu",
                        job->paths[job->file], pl_input_member(in), (unsigned long long)job->line);
}

/* Exactly `size` bytes: 1; 0 when the input ends before the first. */
static int read_all(struct pl_import_job *job, struct pl_input *in, void *out, size_t size,
                    struct pl_error *err)
{
    size_t have = 0;
    while (have < size) {
        int64_t n = pl_input_read(in, (char *)out + have, size - have, err);
        if (n < 0) {
            return (int)n;
        }
        if (n == 0) {
            return have == 0 ? 0 : short_read(job, in, err);
        }
        have += (size_t)n;
    }
    return 1;
}

/* '<i8' and the like: its size; 0 = not a plain number. */
static size_t type_size(struct pl_str type)
{
    if (type.size < 3 || (type.at[0] != '<' && type.at[0] != '|' && type.at[0] != '=') ||
        strchr("uifb", type.at[1]) == NULL) {
        return 0;
    }
    size_t n = 0;
    for (size_t i = 2; i < type.size; i++) {
        if (type.at[i] < '0' || type.at[i] > '9' || n > 16) {
            return 0;
        }
        n = n * 10 + (size_t)(type.at[i] - '0');
    }
    return n;
}

/* The next text between ' and ' before `end`. */
static bool quoted(const char **at, const char *end, struct pl_str *out)
{
    const char *open = memchr(*at, '\'', (size_t)(end - *at));
    const char *close = open != NULL ? memchr(open + 1, '\'', (size_t)(end - open - 1)) : NULL;
    if (close == NULL) {
        return false;
    }
    *out = (struct pl_str){open + 1, (size_t)(close - open - 1)};
    *at = close + 1;
    return true;
}

/* [('ev', '<u8'), ...] */
static bool parse_fields(const char *at, const char *end, struct layout *out)
{
    static const struct {
        const char *name, *type;
    } wanted[F_COUNT] = {
        {"ev", "<u8"}, {"exch_ts", "<i8"}, {"local_ts", "<i8"}, {"px", "<f8"}, {"qty", "<f8"}};
    bool found[F_COUNT] = {false};
    struct pl_str name, type;
    out->item_size = 0;
    while (quoted(&at, end, &name)) {
        size_t size = quoted(&at, end, &type) ? type_size(type) : 0;
        if (size == 0 || out->item_size + size > ITEM_MAX) {
            return false;
        }
        for (int i = 0; i < F_COUNT; i++) {
            if (pl_str_eq(name, pl_str(wanted[i].name))) {
                bool same = pl_str_eq(type, pl_str(wanted[i].type)) ||
                            (i == F_EV && pl_str_eq(type, pl_str("<i8")));
                found[i] = same;
                out->offset[i] = out->item_size;
            }
        }
        out->item_size += size;
    }
    for (int i = 0; i < F_COUNT; i++) {
        if (!found[i]) {
            return false;
        }
    }
    return true;
}

/* {'descr': [...], 'fortran_order': False, 'shape': (5,), } */
static bool parse_header(const char *text, size_t size, struct layout *out)
{
    const char *end = text + size;
    const char *descr = memmem(text, size, "'descr'", 7);
    const char *shape = memmem(text, size, "'shape'", 7);
    if (descr == NULL || shape == NULL) {
        return false;
    }
    const char *list = memchr(descr, '[', (size_t)(end - descr));
    const char *list_end = list != NULL ? memchr(list, ']', (size_t)(end - list)) : NULL;
    const char *open = memchr(shape, '(', (size_t)(end - shape));
    if (list_end == NULL || open == NULL || !parse_fields(list, list_end, out)) {
        return false;
    }
    const char *at = open + 1;
    return out->item_size > 0 && pl_number_u64(&at, end, &out->rows) && at < end &&
           (*at == ',' || *at == ')') && (*at == ')' || (at + 1 < end && at[1] == ')'));
}

static int read_header(struct pl_import_job *job, struct pl_input *in, struct layout *out,
                       struct pl_error *err)
{
    unsigned char head[12];
    const char *path = job->paths[job->file], *member = pl_input_member(in);
    int rc = read_all(job, in, head, 10, err);
    if (rc <= 0) {
        return rc < 0 ? rc : short_read(job, in, err);
    }
    size_t size = (size_t)head[8] | (size_t)head[9] << 8;
    if (memcmp(head, "\x93NUMPY", 6) != 0 || head[6] < 1 || head[6] > 3) {
        return pl_error_set(err, PL_ERR_MALFORMED, "%s: '%s' is not a numpy array", path, member);
    }
    if (head[6] > 1) {
        rc = read_all(job, in, head + 10, 2, err);
        if (rc <= 0) {
            return rc < 0 ? rc : short_read(job, in, err);
        }
        size |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    }
    char *text = size <= HEADER_MAX ? malloc(size + 1) : NULL;
    if (text == NULL) {
        return pl_error_set(err, PL_ERR_LIMIT, "%s: '%s': a header of %zu bytes", path, member,
                            size);
    }
    rc = read_all(job, in, text, size, err);
    bool ok = rc > 0 && parse_header(text, size, out);
    free(text);
    if (rc <= 0) {
        return rc < 0 ? rc : short_read(job, in, err);
    }
    return ok ? 0
              : pl_error_set(err, PL_ERR_UNSUPPORTED,
                             "%s: array '%s' has not the fields ev, exch_ts, local_ts, px, qty of "
                             "hftbacktest 2 (one dimension, little-endian)",
                             path, member);
}

/* ---- numbers ---- */

static bool to_decimal(double v, struct pl_decimal *out)
{
    char text[40];
    int n = snprintf(text, sizeof text, "%.15g", v);
    const char *at = text;
    return isfinite(v) && pl_number_scan(&at, text + n, out) == 0 && at == text + n;
}

/* Steps of a double: the nearest, when it is within a millionth of a step. */
static int to_steps(struct pl_import_job *job, struct pl_grid *grid, double unit, double v,
                    int64_t *out)
{
    struct pl_decimal exact;
    if (!isfinite(v) || fabs(v) > 1e15) {
        return PL_ERR_MALFORMED;
    }
    if (!job->probing) {
        double steps = v / unit, nearest = rint(steps);
        if (fabs(nearest) < 9e15 && fabs(steps - nearest) <= 1e-6 + 4e-16 * fabs(steps)) {
            *out = (int64_t)nearest;
            return 0;
        }
    }
    return to_decimal(v, &exact) ? pl_job_off_grid(job, grid, exact, out) : PL_ERR_MALFORMED;
}

static int event_steps(struct pl_import_job *job, struct pl_import_market *m, const struct event *e,
                       int64_t *px, int64_t *lots)
{
    int rc = to_steps(job, &m->px, job->probing ? 1 : pl_inst_tick(&m->inst), e->px, px);
    if (rc == 0 && e->qty < 0) {
        return PL_ERR_INVALID;
    }
    return rc < 0 ? rc
                  : to_steps(job, &m->qty, job->probing ? 1 : pl_inst_lot(&m->inst), e->qty, lots);
}

/* ---- events to messages ---- */

/* Levels already in steps wait in the lists with scale 0. */
static struct pl_level_text in_steps(int64_t px, int64_t lots)
{
    return (struct pl_level_text){{px, 0}, {lots, 0}};
}

static int flush(struct pl_import_stream *s, struct pl_error *err)
{
    struct npz_state *st = s->state;
    struct pl_import_job *job = s->job;
    if (!st->open) {
        return 0;
    }
    st->open = false;
    struct pl_levels *side[2] = {&job->bids, &job->asks};
    for (int i = 0; i < 2; i++) {
        /* a side cleared further than its levels go: the bound is a level of size 0 */
        bool bound = st->cleared[i];
        for (uint32_t k = 0; k < side[i]->count && bound; k++) {
            bound = side[i]->at[k].px.mantissa != st->clear[i].px.mantissa;
        }
        if (bound && pl_levels_add(side[i], st->clear[i]) < 0) {
            return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
        }
    }
    uint32_t count = job->bids.count + job->asks.count, row = 0;
    int rc = pl_job_rows(job, count, err);
    for (int i = 0; i < 2 && rc == 0; i++) {
        for (uint32_t k = 0; k < side[i]->count; k++, row++) {
            job->px[row] = side[i]->at[k].px.mantissa;
            job->lots[row] = side[i]->at[k].qty.mantissa;
        }
    }
    struct pl_msg msg = {.kind = st->snapshot ? PL_MSG_SNAPSHOT : PL_MSG_DEPTH,
                         .bid_count = job->bids.count,
                         .row_count = count,
                         .venue_ns = st->venue_ns,
                         .local_ns = st->local_ns,
                         .px = job->px,
                         .lots = job->lots};
    uint64_t line = job->line;
    job->line = st->first_row;
    rc = rc < 0 || count == 0 ? rc : pl_job_emit(job, st->market, PL_STREAM_DEPTH, &msg, err);
    job->line = line;
    return rc;
}

static int on_level(struct pl_import_stream *s, const struct event *e, int side, int64_t px,
                    int64_t lots, struct pl_error *err)
{
    struct npz_state *st = s->state;
    struct pl_import_job *job = s->job;
    uint64_t kind = e->ev & EV_KIND;
    bool snapshot = kind != EV_DEPTH;
    int rc = 0;
    if (st->open &&
        (st->venue_ns != e->exch_ns || st->local_ns != e->local_ns || st->snapshot != snapshot)) {
        rc = flush(s, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (!st->open) {
        st->open = true;
        st->snapshot = snapshot;
        st->venue_ns = e->exch_ns;
        st->local_ns = e->local_ns;
        st->first_row = job->line;
        st->cleared[0] = st->cleared[1] = false;
        job->bids.count = job->asks.count = 0;
    }
    if (kind == EV_CLEAR) {
        st->clear[side] = in_steps(px, 0);
        st->cleared[side] = true;
        return 0;
    }
    rc = pl_levels_add(side == 0 ? &job->bids : &job->asks, in_steps(px, lots));
    return rc < 0 ? pl_error_set(err, rc, "more levels in one message than can be held") : 0;
}

static int on_single(struct pl_import_stream *s, const struct event *e, int side, int64_t px,
                     int64_t lots, struct pl_error *err)
{
    struct npz_state *st = s->state;
    bool trade = (e->ev & EV_KIND) == EV_TRADE;
    int rc = flush(s, err);
    if (rc < 0) {
        return rc;
    }
    struct pl_msg msg = {.kind = trade ? PL_MSG_TRADE : PL_MSG_BBO,
                         .row_count = 1,
                         .venue_ns = e->exch_ns,
                         .local_ns = e->local_ns,
                         .px = &px,
                         .lots = &lots};
    if (trade) {
        bool unknown = (e->ev & (EV_BUY | EV_SELL)) == 0;
        msg.flags = (uint8_t)((side == 1 ? PL_MSGF_SELL : 0) | (unknown ? PL_MSGF_SIDE_GUESS : 0));
        s->job->guess_sides |= unknown;
        return pl_job_emit(s->job, st->market, PL_STREAM_TRADES, &msg, err);
    }
    st->top_px[side] = px;
    st->top_lots[side] = lots;
    msg.row_count = 2;
    msg.bid_count = 1;
    msg.px = st->top_px;
    msg.lots = st->top_lots;
    return pl_job_emit(s->job, st->market, PL_STREAM_TOP, &msg, err);
}

static int on_event(struct pl_import_stream *s, struct event *e, struct pl_error *err)
{
    struct npz_state *st = s->state;
    struct pl_import_job *job = s->job;
    uint64_t kind = e->ev & EV_KIND;
    const int64_t low = INT64_C(978307200) * PL_NS_PER_S, high = INT64_C(4102444800) * PL_NS_PER_S;
    bool exch_only = (e->ev & EV_EXCH) != 0 && (e->ev & EV_LOCAL) == 0;
    if (exch_only || kind >= 100 || kind == 0) { /* 100 and up are the user's own */
        job->report->ignored += !job->probing;
        return 0;
    }
    if (kind >= EV_ORDERS) {
        return pl_error_set(err, PL_ERR_UNSUPPORTED,
                            "%s: row %llu is about a single order (L3): only levels and trades can "
                            "be imported",
                            job->paths[job->file], (unsigned long long)job->line);
    }
    if (e->exch_ns < low || e->exch_ns >= high || e->local_ns < low || e->local_ns >= high) {
        return pl_job_bad(job, err, "its times are not nanoseconds between 2001 and 2100");
    }
    bool buy = (e->ev & EV_BUY) != 0, sell = (e->ev & EV_SELL) != 0;
    if (kind > EV_BBO || (buy == sell && kind != EV_TRADE) || (buy && sell)) {
        return pl_job_bad(job, err, "event %llx is not known", (unsigned long long)e->ev);
    }
    if (kind == EV_CLEAR) {
        e->qty = 0;
        e->px = isfinite(e->px) ? e->px : 0; /* the whole side */
    }
    int64_t px = 0, lots = 0;
    int rc = event_steps(job, st->market, e, &px, &lots);
    if (rc < 0) {
        return pl_job_bad(job, err, "its price or size %s", pl_job_why(rc));
    }
    if (kind == EV_TRADE && lots == 0 && !job->probing) {
        return pl_job_bad(job, err, "the trade's size is not above 0");
    }
    bool keep;
    rc = pl_job_stamps(job, st->market, e->exch_ns, e->local_ns, &keep, err);
    if (rc < 0 || !keep) {
        return rc;
    }
    return kind == EV_TRADE || kind == EV_BBO ? on_single(s, e, sell, px, lots, err)
                                              : on_level(s, e, sell, px, lots, err);
}

/* Whole rows into `chunk`, at most `max`; fewer when the array breaks off: then *broken is why. */
static size_t read_rows(struct pl_import_job *job, struct pl_input *in, unsigned char *chunk,
                        size_t item_size, size_t max, int *broken, struct pl_error *err)
{
    size_t have = 0, want = max * item_size;
    *broken = 0;
    while (have < want && *broken == 0) {
        int64_t n = pl_input_read(in, chunk + have, want - have, err);
        have += n > 0 ? (size_t)n : 0;
        *broken = n < 0 ? (int)n : n == 0 ? short_read(job, in, err) : 0;
    }
    return have / item_size;
}

static int on_rows(struct pl_import_stream *s, const unsigned char *chunk, size_t count,
                   uint64_t before, struct pl_error *err)
{
    const struct npz_state *st = s->state;
    const struct layout *l = &st->layout;
    struct pl_import_job *job = s->job;
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        const unsigned char *at = chunk + i * l->item_size;
        struct event e;
        memcpy(&e.ev, at + l->offset[F_EV], 8);
        memcpy(&e.exch_ns, at + l->offset[F_EXCH], 8);
        memcpy(&e.local_ns, at + l->offset[F_LOCAL], 8);
        memcpy(&e.px, at + l->offset[F_PX], 8);
        memcpy(&e.qty, at + l->offset[F_QTY], 8);
        job->line = before + i + 1;
        job->byte = (before + i) * l->item_size;
        job->report->lines += !job->probing;
        rc = on_event(s, &e, err);
    }
    return rc;
}

static int on_array(struct pl_import_stream *s, struct pl_input *in, unsigned char *chunk,
                    struct pl_error *err)
{
    const struct npz_state *st = s->state;
    const struct layout *l = &st->layout;
    struct pl_import_job *job = s->job;
    for (uint64_t done = 0; done < l->rows;) {
        uint64_t left = l->rows - done;
        struct pl_error why;
        int broken;
        size_t n = read_rows(job, in, chunk, l->item_size,
                             left < CHUNK_ROWS ? (size_t)left : CHUNK_ROWS, &broken, &why);
        int rc = on_rows(s, chunk, n, done, err);
        done += n;
        job->report->text_bytes += job->probing ? 0 : n * l->item_size;
        if (rc == 0 && broken < 0) {
            *err = why;
            rc = broken;
        }
        if (rc < 0) {
            return rc;
        }
        if (job->probing && job->probe_limit > 0 && done * l->item_size > job->probe_limit) {
            break;
        }
    }
    return 0;
}

static int find_market(struct pl_import_stream *s, struct pl_error *err)
{
    struct npz_state *st = s->state;
    struct pl_import_job *job = s->job;
    char symbol[32];
    pl_path_symbol(job->paths[job->file], symbol, sizeof symbol);
    const char *name = job->opt->symbol != NULL ? job->opt->symbol : symbol;
    int rc = pl_job_market(job, pl_str(name), &st->market, err);
    if (rc == 0 && st->market != NULL && st->market->inst.venue[0] == '\0') {
        const char *venue = pl_path_venue(job->paths[job->file]);
        venue = venue[0] != '\0' ? venue : "unknown";
        pl_job_identify(job, st->market, venue, pl_venue_kind(venue));
    }
    return rc;
}

static int read_file(struct pl_import_stream *s, struct pl_input *in, struct pl_error *err)
{
    struct npz_state *st = s->state;
    int rc = find_market(s, err);
    if (rc < 0 || st->market == NULL) {
        return rc;
    }
    do {
        s->job->line = 0;
        rc = read_header(s->job, in, &st->layout, err);
        unsigned char *chunk = rc < 0 ? NULL : malloc(CHUNK_ROWS * st->layout.item_size + 1);
        if (rc == 0 && chunk == NULL) {
            rc = pl_error_set(err, PL_ERR_NOMEM, "out of memory");
        }
        rc = rc < 0 ? rc : on_array(s, in, chunk, err);
        free(chunk);
        int flushed = flush(s, rc < 0 ? NULL : err); /* what came before the damage is kept */
        rc = rc < 0 ? rc : flushed;
        if (rc == 0 && s->job->probing && s->job->probe_limit > 0) {
            break;
        }
    } while (rc == 0 && (rc = pl_input_next_member(in, err)) > 0);
    return rc;
}

static int detect(struct pl_str head)
{
    return head.size >= 6 && memcmp(head.at, "\x93NUMPY", 6) == 0 ? 95 : 0;
}

const struct pl_import_format pl_format_npz = {
    .name = "npz",
    .help = "hftbacktest data, .npz or .npy",
    .detect = detect,
    .state_size = sizeof(struct npz_state),
    .bytes = read_file,
    .path_names_symbol = true,
};
