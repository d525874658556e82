#include "report/html_series.h"

#include "report/column.h"
#include "report/html.h"

#include <stdlib.h>

#define EXACT   1e-12
#define DRAWING 1e-7

/* One double per item, gathered from an array of structs by the offset of a field. */
struct gather {
    double *value;
    int64_t *ns;
};

static void column(FILE *out, const char *key, const void *items, size_t count, size_t stride,
                   size_t offset, double tolerance, const struct gather *to)
{
    for (size_t i = 0; i < count; i++) {
        to->value[i] = *(const double *)((const char *)items + i * stride + offset);
    }
    fprintf(out, ",\"%s\":", key);
    pl_column_write(out, to->value, count, tolerance);
}

#define POINT_COLUMN(name, field, tolerance)                                             \
    column(out, name, point, count, sizeof *point, offsetof(struct pl_run_point, field), \
           tolerance, to)
#define FILL_COLUMN(name, field, tolerance) \
    column(out, name, fill, count, sizeof *fill, offsetof(struct pl_run_fill, field), tolerance, to)

static void point_times(FILE *out, const struct pl_run_point *point, size_t count,
                        const struct gather *to)
{
    for (size_t i = 0; i < count; i++) {
        to->ns[i] = point[i].t_ns;
    }
    fputs("{\"t\":", out);
    pl_column_write_time(out, to->ns, count);
}

static void write_equity(FILE *out, const struct pl_run_point *point, size_t count,
                         const struct gather *to)
{
    point_times(out, point, count, to);
    POINT_COLUMN("equity", equity, DRAWING);
    POINT_COLUMN("drawdown", drawdown, DRAWING);
    fputc('}', out);
}

static void write_market(FILE *out, const struct pl_run_point *point, size_t count,
                         const struct gather *to)
{
    point_times(out, point, count, to);
    POINT_COLUMN("bid", bid, EXACT);
    POINT_COLUMN("ask", ask, EXACT);
    POINT_COLUMN("own_bid", own_bid, EXACT);
    POINT_COLUMN("own_ask", own_ask, EXACT);
    POINT_COLUMN("position", position, EXACT);
    POINT_COLUMN("mark", mark, EXACT);
    fputc('}', out);
}

static void write_fills(FILE *out, const struct pl_run_fill *fill, size_t count,
                        const struct gather *to)
{
    for (size_t i = 0; i < count; i++) {
        to->ns[i] = fill[i].venue_ns;
    }
    fputs(",\"t\":", out);
    pl_column_write_time(out, to->ns, count);
    fputs(",\"market\":[", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%u", i > 0 ? "," : "", fill[i].market);
    }
    fputs("],\"kind\":[", out); /* bit 0: sold, bit 1: took */
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%d", i > 0 ? "," : "",
                (fill[i].side == 1 ? 1 : 0) + (fill[i].taker ? 2 : 0));
    }
    fputc(']', out);
    FILL_COLUMN("px", px, EXACT);
    FILL_COLUMN("qty", qty, EXACT);
    FILL_COLUMN("fee", fee, DRAWING);
    FILL_COLUMN("mid", mid, EXACT);
    FILL_COLUMN("position", position, EXACT);
    FILL_COLUMN("queue", queue_at_arrival, EXACT);
    FILL_COLUMN("waited_ns", queue_waited_ns, DRAWING);
    fputs(",\"markouts\":[", out);
    for (size_t k = 0; k < PL_RUN_MARKOUTS; k++) {
        for (size_t i = 0; i < count; i++) {
            to->value[i] = fill[i].markout[k];
        }
        fputs(k > 0 ? "," : "", out);
        pl_column_write(out, to->value, count, EXACT);
    }
    fputc(']', out);
}

struct keep {
    struct pl_run_fill *fill;
    uint64_t seen, stride;
    size_t count, room;
};

static int on_fill_keep(void *ctx, const struct pl_run_fill *fill)
{
    struct keep *keep = ctx;
    if (keep->seen++ % keep->stride == 0) {
        if (keep->count == keep->room) {
            return PL_ERR_STATE; /* more fills than fill_count says */
        }
        keep->fill[keep->count++] = *fill;
    }
    return 0;
}

static int gather_fills(const struct pl_run *run, struct keep *keep, struct pl_error *err)
{
    *keep =
        (struct keep){.stride = 1 + (run->fill_count - (run->fill_count > 0)) / PL_HTML_FILLS_MAX};
    keep->room = (size_t)((run->fill_count + keep->stride - 1) / keep->stride);
    keep->fill = malloc((keep->room > 0 ? keep->room : 1) * sizeof *keep->fill);
    if (keep->fill == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory for %zu fills", keep->room);
    }
    int rc = run->fills != NULL ? run->fills(run, on_fill_keep, keep) : 0;
    if (rc != 0) {
        return pl_error_set(err, rc < 0 ? rc : PL_ERR_STATE, "run %s: its fills cannot be read: %s",
                            run->id, pl_err_text(rc));
    }
    return 0;
}

static size_t longest(const struct pl_run *run, size_t fills)
{
    size_t most = fills > run->equity_count ? fills : run->equity_count;
    for (uint32_t i = 0; i < run->market_count; i++) {
        most = run->market[i].point_count > most ? run->market[i].point_count : most;
    }
    return most > 0 ? most : 1;
}

static void write_series(const struct pl_run *run, const struct keep *keep, const struct gather *to,
                         FILE *out)
{
    fputs("{\"equity\":", out);
    write_equity(out, run->equity, run->equity_count, to);
    fputs(",\"markets\":[", out);
    for (uint32_t i = 0; i < run->market_count; i++) {
        fputs(i > 0 ? ",\n" : "", out);
        write_market(out, run->market[i].point, run->market[i].point_count, to);
    }
    fprintf(out, "],\n\"fills\":{\"total\":%llu,\"stride\":%llu",
            (unsigned long long)run->fill_count, (unsigned long long)keep->stride);
    write_fills(out, keep->fill, keep->count, to);
    fputs("}}", out);
}

int pl_html_series_write(const struct pl_run *run, FILE *out, struct pl_error *err)
{
    struct keep keep;
    int rc = gather_fills(run, &keep, err);
    size_t most = longest(run, keep.count);
    struct gather to = {malloc(most * sizeof *to.value), malloc(most * sizeof *to.ns)};
    if (to.value != NULL && to.ns != NULL && rc == 0) {
        write_series(run, &keep, &to, out);
    } else if (rc == 0) {
        rc = pl_error_set(err, PL_ERR_NOMEM, "out of memory for %zu points", most);
    }
    free(keep.fill);
    free(to.value);
    free(to.ns);
    return rc;
}
