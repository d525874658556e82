#include "base/assert.h"
#include "core/units.h"
#include "import/export.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EV_EXCH     (UINT64_C(1) << 31)
#define EV_LOCAL    (UINT64_C(1) << 30)
#define EV_BUY      (UINT64_C(1) << 29)
#define EV_SELL     (UINT64_C(1) << 28)
#define EV_DEPTH    UINT64_C(1)
#define EV_TRADE    UINT64_C(2)
#define EV_CLEAR    UINT64_C(3)
#define EV_SNAPSHOT UINT64_C(4)
#define HEADER_SIZE 256
#define OUT_ROWS    1024

struct npz_row { /* as in the file: little-endian, no padding */
    uint64_t ev;
    int64_t exch_ns, local_ns;
    double px, qty;
    uint64_t order_id;
    int64_t ival;
    double fval;
};
_Static_assert(sizeof(struct npz_row) == 64, "the row of the format");

/* Rows in exchange order (a ring), and the same rows by local time (a heap of their numbers). */
struct window {
    struct npz_row *row;      /* of number n: row[n & mask] */
    uint64_t mask, base, end; /* numbers [base, end) are held */
    uint64_t next_exch;       /* first not yet given to the exchange side */
    uint64_t *heap;
    size_t heap_count, heap_cap;
    bool *given; /* to the local side; by number & mask */
};

struct export
{
    struct pl_source *source;
    const struct pl_inst *inst;
    uint16_t market;
    struct window win;
    int64_t latency_min;
    struct pl_export_report report;
    struct archive *zip; /* NULL: only counting */
    struct npz_row out[OUT_ROWS];
    size_t out_count;
};

/* ---- the window ---- */

static int window_grow(struct window *w)
{
    uint64_t cap = w->row == NULL ? 4096 : 2 * (w->mask + 1);
    struct npz_row *row = calloc(cap, sizeof *row);
    bool *given = calloc(cap, sizeof *given);
    if (row == NULL || given == NULL) {
        free(row);
        free(given);
        return PL_ERR_NOMEM;
    }
    for (uint64_t n = w->base; w->row != NULL && n < w->end; n++) {
        row[n & (cap - 1)] = w->row[n & w->mask];
        given[n & (cap - 1)] = w->given[n & w->mask];
    }
    free(w->row);
    free(w->given);
    w->row = row;
    w->given = given;
    w->mask = cap - 1;
    return 0;
}

static bool local_before(const struct window *w, uint64_t a, uint64_t b)
{
    int64_t la = w->row[a & w->mask].local_ns, lb = w->row[b & w->mask].local_ns;
    return la != lb ? la < lb : a < b;
}

static int heap_push(struct window *w, uint64_t n)
{
    if (w->heap_count == w->heap_cap) {
        size_t cap = w->heap_cap == 0 ? 4096 : 2 * w->heap_cap;
        uint64_t *heap = realloc(w->heap, cap * sizeof *heap);
        if (heap == NULL) {
            return PL_ERR_NOMEM;
        }
        w->heap = heap;
        w->heap_cap = cap;
    }
    size_t i = w->heap_count++;
    for (; i > 0 && local_before(w, n, w->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        w->heap[i] = w->heap[(i - 1) / 2];
    }
    w->heap[i] = n;
    return 0;
}

static void heap_pop(struct window *w)
{
    uint64_t n = w->heap[--w->heap_count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= w->heap_count) {
            break;
        }
        if (child + 1 < w->heap_count && local_before(w, w->heap[child + 1], w->heap[child])) {
            child++;
        }
        if (!local_before(w, w->heap[child], n)) {
            break;
        }
        w->heap[i] = w->heap[child];
        i = child;
    }
    if (w->heap_count > 0) {
        w->heap[i] = n;
    }
}

static int window_add(struct window *w, const struct npz_row *row)
{
    if ((w->row == NULL || w->end - w->base > w->mask) && window_grow(w) < 0) {
        return PL_ERR_NOMEM;
    }
    w->row[w->end & w->mask] = *row;
    w->given[w->end & w->mask] = false;
    return heap_push(w, w->end++);
}

static void window_reset(struct window *w)
{
    w->base = w->end = w->next_exch = 0;
    w->heap_count = 0;
}

/* ---- output ---- */

static int flush_out(struct export *x, struct pl_error *err)
{
    size_t size = x->out_count * sizeof x->out[0];
    x->out_count = 0;
    if (x->zip != NULL && size > 0 &&
        archive_write_data(x->zip, x->out, size) != (la_ssize_t)size) {
        return pl_error_set(err, PL_ERR_IO, "cannot write the npz file: %s",
                            archive_error_string(x->zip));
    }
    return 0;
}

static int put(struct export *x, uint64_t number, uint64_t sides, struct pl_error *err)
{
    PL_ASSERT(x->win.row != NULL && number < x->win.end);
    struct npz_row row = x->win.row[number & x->win.mask];
    row.ev |= sides;
    x->report.rows++;
    x->report.split_rows += sides != (EV_EXCH | EV_LOCAL);
    if (x->zip == NULL) {
        return 0;
    }
    x->out[x->out_count++] = row;
    return x->out_count == OUT_ROWS ? flush_out(x, err) : 0;
}

/* Rows whose place in both orders is certain. A row's place in local order is certain when no row
 * still to come can be older: those have venue times from `venue_ns` on. */
static int drain(struct export *x, int64_t venue_ns, bool ended, struct pl_error *err)
{
    struct window *w = &x->win;
    int rc = 0;
    PL_ASSERT(w->row != NULL || w->heap_count == 0);
    while (rc == 0 && w->heap_count > 0) {
        uint64_t local = w->heap[0], exch = w->next_exch;
        const struct npz_row *l = &w->row[local & w->mask];
        if (!ended && l->local_ns >= venue_ns + x->latency_min) {
            break;
        }
        const struct npz_row *e = exch < w->end ? &w->row[exch & w->mask] : NULL;
        bool same = e != NULL && e->exch_ns == l->exch_ns && e->local_ns == l->local_ns;
        bool exch_first = e != NULL && (e->exch_ns < l->exch_ns ||
                                        (e->exch_ns == l->exch_ns && e->local_ns < l->local_ns));
        if (same) {
            PL_ASSERT(local == exch); /* equal stamps keep their order in both */
            rc = put(x, exch, EV_EXCH | EV_LOCAL, err);
        } else {
            rc = put(x, exch_first ? exch : local, exch_first ? EV_EXCH : EV_LOCAL, err);
        }
        if (same || exch_first) {
            w->next_exch++;
        }
        if (same || !exch_first) {
            w->given[local & w->mask] = true;
            heap_pop(w);
        }
        while (w->base < w->next_exch && w->given[w->base & w->mask]) {
            w->base++;
        }
    }
    /* rows of the exchange side alone may be left when the local side is through */
    while (rc == 0 && ended && w->next_exch < w->end) {
        rc = put(x, w->next_exch++, EV_EXCH, err);
    }
    return rc;
}

/* ---- messages to rows ---- */

static int add(struct export *x, const struct pl_block *b, uint32_t m, uint64_t ev, int64_t px,
               int64_t lots, struct pl_error *err)
{
    struct npz_row row = {.ev = ev,
                          .exch_ns = b->venue_ns[m],
                          .local_ns = b->local_ns[m],
                          .px = pl_px_to_double(x->inst, px),
                          .qty = pl_qty_to_double(x->inst, lots)};
    return window_add(&x->win, &row) < 0 ? pl_error_set(err, PL_ERR_NOMEM, "out of memory") : 0;
}

static int add_levels(struct export *x, const struct pl_block *b, uint32_t m, struct pl_error *err)
{
    uint32_t first = b->row_begin[m], count = b->row_begin[m + 1] - first, bids = b->bid_count[m];
    bool snapshot = b->kind[m] == PL_MSG_SNAPSHOT;
    int rc = 0;
    for (int side = 0; side < 2 && rc == 0; side++) {
        uint32_t from = side == 0 ? 0 : bids, to = side == 0 ? bids : count;
        uint64_t flag = side == 0 ? EV_BUY : EV_SELL;
        int64_t worst = from < to ? b->px[first + from] : 0;
        for (uint32_t i = from; i < to; i++) {
            int64_t px = b->px[first + i];
            worst = side == 0 ? (px < worst ? px : worst) : (px > worst ? px : worst);
        }
        if (snapshot && from < to) {
            rc = add(x, b, m, flag | EV_CLEAR, worst, 0, err);
        }
        for (uint32_t i = from; i < to && rc == 0; i++) {
            rc = add(x, b, m, flag | (snapshot ? EV_SNAPSHOT : EV_DEPTH), b->px[first + i],
                     b->lots[first + i], err);
        }
    }
    return rc;
}

static int add_message(struct export *x, const struct pl_block *b, uint32_t m, struct pl_error *err)
{
    switch (b->kind[m]) {
    case PL_MSG_DEPTH:
    case PL_MSG_SNAPSHOT:
        return add_levels(x, b, m, err);
    case PL_MSG_TRADE:
        return add(x, b, m, EV_TRADE | ((b->flags[m] & PL_MSGF_SELL) != 0 ? EV_SELL : EV_BUY),
                   b->px[b->row_begin[m]], b->lots[b->row_begin[m]], err);
    case PL_MSG_INST: /* from now on this definition holds */
        x->inst = b->seq[m] < x->source->inst_count ? &x->source->insts[b->seq[m]] : x->inst;
        return 0;
    case PL_MSG_GAP:
        x->report.gaps++;
        return 0;
    default:
        x->report.left_out++;
        return 0;
    }
}

/* Calls `each` for every message of the market. */
static int walk(struct export *x,
                int (*each)(struct export *, const struct pl_block *, uint32_t, struct pl_error *),
                struct pl_error *err)
{
    const struct pl_block *b;
    int rc = x->source->rewind(x->source, err);
    x->inst = &x->source->insts[x->market];
    while (rc >= 0 && (rc = x->source->next(x->source, &b, err)) > 0) {
        for (uint32_t m = 0; m < b->msg_count && rc >= 0; m++) {
            rc = b->market[m] == x->market ? each(x, b, m, err) : 0;
        }
    }
    return rc;
}

static int note_latency(struct export *x, const struct pl_block *b, uint32_t m,
                        struct pl_error *err)
{
    (void)err;
    int64_t latency = b->local_ns[m] - b->venue_ns[m];
    x->latency_min = latency < x->latency_min ? latency : x->latency_min;
    return 0;
}

static int merge_message(struct export *x, const struct pl_block *b, uint32_t m,
                         struct pl_error *err)
{
    int rc = drain(x, b->venue_ns[m], false, err);
    return rc < 0 ? rc : add_message(x, b, m, err);
}

static int merge_all(struct export *x, struct pl_error *err)
{
    x->report = (struct pl_export_report){0};
    window_reset(&x->win);
    int rc = walk(x, merge_message, err);
    rc = rc < 0 ? rc : drain(x, 0, true, err);
    return rc < 0 ? rc : flush_out(x, err);
}

/* ---- the file ---- */

static void npy_header(uint64_t rows, char out[HEADER_SIZE])
{
    static const char format[] =
        "{'descr': [('ev', '<u8'), ('exch_ts', '<i8'), ('local_ts', '<i8'), ('px', '<f8'), "
        "('qty', '<f8'), ('order_id', '<u8'), ('ival', '<i8'), ('fval', '<f8')], "
        "'fortran_order': False, 'shape': (%llu,), }";
    static const unsigned char magic[8] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    memset(out, ' ', HEADER_SIZE);
    memcpy(out, magic, sizeof magic);
    out[8] = (char)((HEADER_SIZE - 10) & 0xff);
    out[9] = (char)((HEADER_SIZE - 10) >> 8);
    int n = snprintf(out + 10, HEADER_SIZE - 10, format, (unsigned long long)rows);
    PL_ASSERT(n > 0 && n < HEADER_SIZE - 11);
    out[10 + n] = ' ';
    out[HEADER_SIZE - 1] = '\n';
}

static int zip_error(struct archive *zip, const char *path, struct pl_error *err)
{
    const char *why = archive_error_string(zip);
    return pl_error_set(err, PL_ERR_IO, "%s: cannot write: %s", path,
                        why != NULL ? why : "out of memory");
}

static int open_zip(struct export *x, const char *path, bool store, uint64_t rows,
                    struct pl_error *err)
{
    char header[HEADER_SIZE];
    struct archive *zip = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    x->zip = zip;
    bool ok = zip != NULL && entry != NULL && archive_write_set_format_zip(zip) == ARCHIVE_OK &&
              (store ? archive_write_zip_set_compression_store(zip)
                     : archive_write_zip_set_compression_deflate(zip)) == ARCHIVE_OK;
    if (ok && !store) { /* level 3: twice as fast as 6, a few percent larger */
        ok = archive_write_set_format_option(zip, "zip", "compression-level", "3") == ARCHIVE_OK;
    }
    ok = ok && archive_write_open_filename(zip, path) == ARCHIVE_OK;
    if (ok) {
        archive_entry_set_pathname(entry, "data.npy");
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (la_int64_t)(HEADER_SIZE + rows * sizeof(struct npz_row)));
        archive_entry_set_mtime(entry, 315532800, 0); /* 1980: the same data, the same bytes */
        ok = archive_write_header(zip, entry) == ARCHIVE_OK;
    }
    npy_header(rows, header);
    ok = ok && archive_write_data(zip, header, HEADER_SIZE) == HEADER_SIZE;
    archive_entry_free(entry);
    return ok ? 0 : zip_error(zip, path, err);
}

static int write_file(struct export *x, const char *part, const struct pl_export_options *opt,
                      struct pl_error *err)
{
    uint64_t rows = x->report.rows;
    int rc = open_zip(x, part, opt != NULL && opt->store, rows, err);
    rc = rc < 0 ? rc : merge_all(x, err);
    if (rc == 0 && rows != x->report.rows) {
        rc = pl_error_set(err, PL_ERR_STATE, "the source gave other data when read again");
    }
    if (rc == 0 && archive_write_close(x->zip) != ARCHIVE_OK) {
        rc = zip_error(x->zip, part, err);
    }
    archive_write_free(x->zip);
    x->zip = NULL;
    return rc;
}

static int choose_market(const struct pl_source *source, const char *symbol, uint16_t *out,
                         struct pl_error *err)
{
    *out = 0;
    if (symbol == NULL && source->market_count == 1) {
        return 0;
    }
    for (uint32_t i = 0; symbol != NULL && i < source->market_count; i++) {
        if (strcmp(source->insts[i].symbol, symbol) == 0) {
            *out = (uint16_t)i;
            return 0;
        }
    }
    return symbol == NULL
               ? pl_error_set(err, PL_ERR_USAGE,
                              "the data holds %u markets and an npz file one: choose with --symbol",
                              source->market_count)
               : pl_error_set(err, PL_ERR_NOTFOUND, "no market %s in the data", symbol);
}

static int export_to(struct export *x, const struct pl_export_options *opt, const char *path,
                     const char *part, struct pl_error *err)
{
    int rc = choose_market(x->source, opt != NULL ? opt->symbol : NULL, &x->market, err);
    rc = rc < 0 ? rc : walk(x, note_latency, err);
    if (rc == 0 && x->latency_min == INT64_MAX) {
        rc = pl_error_set(err, PL_ERR_NOTFOUND, "the data holds no message");
    }
    rc = rc < 0 ? rc : merge_all(x, err);
    if (rc < 0) {
        return rc;
    }
    rc = write_file(x, part, opt, err);
    if (rc == 0 && rename(part, path) != 0) {
        rc = pl_error_set(err, PL_ERR_IO, "%s: cannot rename from %s", path, part);
    }
    if (rc < 0) {
        unlink(part);
    }
    return rc;
}

int pl_export_npz(struct pl_source *source, const struct pl_export_options *opt, const char *path,
                  struct pl_export_report *report, struct pl_error *err)
{
    *report = (struct pl_export_report){0};
    struct export *x = calloc(1, sizeof *x);
    size_t part_size = strlen(path) + sizeof ".part";
    char *part = malloc(part_size);
    if (x == NULL || part == NULL) {
        free(x);
        free(part);
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    snprintf(part, part_size, "%s.part", path);
    x->source = source;
    x->latency_min = INT64_MAX;
    int rc = export_to(x, opt, path, part, err);
    *report = x->report;
    free(x->win.row);
    free(x->win.given);
    free(x->win.heap);
    free(x);
    free(part);
    return rc;
}
