/* hftbacktest arrays in, tapes out, and both ways round. */
#include "unit/import/collect.h"

#include "import/export.h"

#define BOTH  (UINT64_C(3) << 30)
#define EXCH  (UINT64_C(1) << 31)
#define LOCAL (UINT64_C(1) << 30)
#define BUY   (UINT64_C(1) << 29)
#define SELL  (UINT64_C(1) << 28)
#define T0    INT64_C(1723161255000000000)

struct row {
    uint64_t ev;
    int64_t exch_ns, local_ns;
    double px, qty;
    uint64_t order_id;
    int64_t ival;
    double fval;
};

/* A .npy as numpy writes it; `shape` and `descr` may be damaged on purpose. */
static size_t make_npy(char *out, const char *descr, const struct row *rows, size_t count,
                       size_t claimed)
{
    char head[512];
    int n = snprintf(head, sizeof head,
                     "{'descr': [%s], 'fortran_order': False, 'shape': (%zu,), }", descr, claimed);
    size_t size = ((size_t)n + 10 + 64) / 64 * 64;
    memset(out, ' ', size);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (char)((size - 10) & 0xff);
    out[9] = (char)((size - 10) >> 8);
    memcpy(out + 10, head, (size_t)n);
    out[size - 1] = '\n';
    memcpy(out + size, rows, count * sizeof *rows);
    return size + count * sizeof *rows;
}

static const char *const descr =
    "('ev', '<u8'), ('exch_ts', '<i8'), ('local_ts', '<i8'), ('px', '<f8'), ('qty', '<f8'), "
    "('order_id', '<u8'), ('ival', '<i8'), ('fval', '<f8')";

static const struct row rows[] = {
    {BOTH | BUY | 3, T0, T0 + 5, 100.4, 0, 0, 0, 0},
    {BOTH | BUY | 4, T0, T0 + 5, 100.5, 1.5, 0, 0, 0},
    {BOTH | BUY | 4, T0, T0 + 5, 100.4, 2, 0, 0, 0},
    {BOTH | SELL | 3, T0, T0 + 5, 100.9, 0, 0, 0, 0}, /* nothing up to 100.9: a bound */
    {BOTH | SELL | 4, T0, T0 + 5, 100.6, 2, 0, 0, 0},
    {EXCH | BUY | 1, T0 + 10, T0 + 90, 100.3, 1, 0, 0, 0}, /* the copy for the exchange */
    {BOTH | SELL | 2, T0 + 20, T0 + 30, 100.5, 0.5, 0, 0, 0},
    {LOCAL | BUY | 1, T0 + 10, T0 + 90, 100.3, 1, 0, 0, 0},
    {BOTH | 101, T0 + 95, T0 + 95, 1, 1, 0, 0, 0}, /* the user's own */
    {BOTH | BUY | 1, T0 + 99, T0 + 99, 100.3, -1, 0, 0, 0},
    {BOTH | BUY | 1, T0 + 99, 5, 100.3, 1, 0, 0, 0},
};

static void arrays(void **state)
{
    (void)state;
    char bytes[4096];
    size_t n = make_npy(bytes, descr, rows, PL_COUNT(rows), PL_COUNT(rows));
    struct collect c = {0};
    struct pl_import_target target = {collect_begin, &c};
    struct pl_import_report r;
    struct pl_error err;
    assert_int_equal(pl_import_run_memory(bytes, n, NULL, &target, &r, &err), 0);
    assert_string_equal(r.format, "npz");
    assert_int_equal(c.count, 3);
    assert_int_equal(r.ignored, 2);
    assert_int_equal(r.bad, 2);
    assert_int_equal(r.bad_at[0].line, 10);
    assert_int_equal(c.msg[0].kind, PL_MSG_SNAPSHOT);
    assert_int_equal(c.msg[0].bid_count, 2);
    assert_int_equal(c.msg[0].row_count, 4);
    assert_int_equal(c.msg[0].px[0], 1005);
    assert_int_equal(c.msg[0].lots[0], 3);
    assert_int_equal(c.msg[0].px[3], 1009);
    assert_int_equal(c.msg[0].lots[3], 0);
    assert_int_equal(c.msg[1].kind, PL_MSG_TRADE);
    assert_int_equal(c.msg[1].flags, PL_MSGF_SELL);
    assert_int_equal(c.msg[2].kind, PL_MSG_DEPTH);
    assert_int_equal(c.msg[2].venue_ns, T0 + 10);
    assert_int_equal(c.msg[2].local_ns, T0 + 90);
    collect_clear(&c);
}

static void damaged_arrays(void **state)
{
    (void)state;
    static const struct {
        const char *name, *descr;
        size_t claimed;
        int code;
    } cases[] = {
        {"rows missing", NULL, 100, 0}, /* kept up to there, the damage counted */
        {"big-endian", "('ev', '>u8'), ('px', '>f8')", 1, PL_ERR_UNSUPPORTED},
        {"not ours", "('a', '<u8'), ('b', '<f8')", 1, PL_ERR_UNSUPPORTED},
        {"absurd size", "('ev', '<u99999999999')", 1, PL_ERR_UNSUPPORTED},
        {"no rows", NULL, 0, PL_ERR_MALFORMED},
    };
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        char bytes[4096];
        size_t n = make_npy(bytes, cases[i].descr != NULL ? cases[i].descr : descr, rows,
                            cases[i].claimed == 0 ? 0 : 8, cases[i].claimed);
        struct collect c = {0};
        struct pl_import_target target = {collect_begin, &c};
        struct pl_import_report r;
        struct pl_error err;
        print_message("%s\n", cases[i].name);
        assert_int_equal(pl_import_run_memory(bytes, n, NULL, &target, &r, &err), cases[i].code);
        assert_int_equal(r.damaged_files, cases[i].code == 0);
        collect_clear(&c);
    }
}

static void count_source(struct pl_source *s, uint64_t *rows_of, uint64_t *messages_of)
{
    const struct pl_block *b;
    struct pl_error err;
    assert_int_equal(s->rewind(s, &err), 0);
    while (s->next(s, &b, &err) > 0) {
        for (uint32_t i = 0; i < b->msg_count; i++) {
            rows_of[b->kind[i]] += b->row_begin[i + 1] - b->row_begin[i];
            messages_of[b->kind[i]]++;
        }
    }
}

/* A capture out as .npz and in again: the same messages. The row counts are those of the peer's own
 * converter (hftbacktest 2.4.4) for this file. */
static void both_ways(void **state)
{
    (void)state;
    char buf[4096], npz[] = "/tmp/plimsoll-test-XXXXXX";
    const char *path = data_path("tick/binance-usdm/btcusdt_20240808.gz", buf, sizeof buf);
    if (path == NULL) {
        skip();
    }
    int fd = mkstemp(npz);
    assert_true(fd >= 0);
    close(fd);
    struct pl_source *first, *second;
    static struct pl_import_report r;
    struct pl_export_report x;
    struct pl_error err;
    assert_int_equal(pl_import_open(&path, 1, NULL, &first, &r, &err), 0);
    uint64_t rows_a[PL_MSG_KIND_COUNT] = {0}, messages_a[PL_MSG_KIND_COUNT] = {0};
    uint64_t rows_b[PL_MSG_KIND_COUNT] = {0}, messages_b[PL_MSG_KIND_COUNT] = {0};
    count_source(first, rows_a, messages_a);
    for (int store = 0; store < 2; store++) {
        struct pl_export_options opt = {.store = store};
        assert_int_equal(pl_export_npz(first, &opt, npz, &x, &err), 0);
        assert_int_equal(x.rows, 491973);
        assert_int_equal(x.split_rows, 50274);
        assert_int_equal(x.left_out, 66089);
        const char *again = npz;
        assert_int_equal(pl_import_open(&again, 1, NULL, &second, &r, &err), 0);
        assert_int_equal(r.bad, 0);
        memset(rows_b, 0, sizeof rows_b);
        memset(messages_b, 0, sizeof messages_b);
        count_source(second, rows_b, messages_b);
        second->close(second);
        static const int kinds[] = {PL_MSG_DEPTH, PL_MSG_SNAPSHOT, PL_MSG_TRADE};
        for (size_t i = 0; i < PL_COUNT(kinds); i++) {
            assert_int_equal(rows_a[kinds[i]], rows_b[kinds[i]]);
            assert_int_equal(messages_a[kinds[i]], messages_b[kinds[i]]);
        }
    }
    struct pl_export_options other = {.symbol = "XRPUSDT"};
    assert_int_equal(pl_export_npz(first, &other, npz, &x, &err), PL_ERR_NOTFOUND);
    assert_int_equal(pl_export_csv(first, &other, npz, &x, &err), PL_ERR_NOTFOUND);
    assert_int_equal(pl_export_npz(first, NULL, "/nonexistent/x.npz", &x, &err), PL_ERR_IO);
    assert_int_equal(pl_export_csv(first, NULL, "/nonexistent/x.csv", &x, &err), PL_ERR_IO);
    assert_int_equal(pl_export_csv(first, NULL, npz, &x, &err), 0);
    assert_int_equal(x.rows, 599012);
    FILE *f = fopen(npz, "re");
    char line[256];
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_string_equal(line, "venue_ns,local_ns,symbol,kind,side,price,qty,seq,seq_first,flags\n");
    assert_non_null(fgets(line, sizeof line, f));
    assert_non_null(strstr(line, ",BTCUSDT,depth,bid,58710.2,0.014,5123107837557,5123107832006,0"));
    (void)fclose(f);
    first->close(first);
    unlink(npz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays),
        cmocka_unit_test(damaged_arrays),
        cmocka_unit_test(both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
