/* The runs database on a real file: what goes in comes out, twice is once, damage is seen. */
#include "store/runs.h"

#include "base/assert.h"
#include "report/html.h"
#include "report/json.h"
#include "support/report_run.h"

#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[128];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/plimsoll-runs-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "%s/new/runs.db", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"runs.db", "runs.db-wal", "runs.db-shm", "other.db"};
    char name[256];
    for (size_t i = 0; i < PL_COUNT(names); i++) {
        (void)snprintf(name, sizeof name, "%s/new/%s", folder, names[i]);
        (void)unlink(name);
    }
    (void)snprintf(name, sizeof name, "%s/new", folder);
    (void)rmdir(name);
    return rmdir(folder);
}

static struct pl_runs *open_runs(enum pl_runs_mode mode)
{
    struct pl_runs *runs = NULL;
    struct pl_error err = {0};
    if (pl_runs_open(path, mode, &runs, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return runs;
}

static void insert(struct pl_runs *runs, const struct pl_run *run, int64_t started, int want)
{
    struct pl_error err = {0};
    int rc = pl_runs_insert(runs, run, started, &err);
    if (rc != want) {
        fail_msg("insert gave %d (%s) instead of %d", rc, err.text, want);
    }
}

/* SQL from outside, as another program would run it; gives the first column of the first row. */
static int64_t sql(const char *text)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
    int rc = sqlite3_step(stmt);
    assert_true(rc == SQLITE_ROW || rc == SQLITE_DONE);
    int64_t value = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return value;
}

static char *page_of(const struct pl_run *run)
{
    struct pl_derived derived;
    struct pl_error err = {0};
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    assert_non_null(f);
    assert_int_equal(pl_derive(run, &derived, &err), 0);
    assert_int_equal(pl_html_write(run, &derived, f, &err), 0);
    assert_int_equal(fclose(f), 0);
    return text;
}

/* The page made from the database is the page made from the run, byte for byte. */
static void same_page(void **state)
{
    (void)state;
    for (unsigned markets = 1; markets <= 2; markets++) {
        struct pl_run *run = pl_test_run_make(markets, 700), *back = NULL;
        (void)snprintf(run->id, sizeof run->id, "page-%u", markets);
        struct pl_runs *runs = open_runs(PL_RUNS_CREATE);
        insert(runs, run, 5, 1);
        pl_runs_close(&runs);
        runs = open_runs(PL_RUNS_EXISTING);
        struct pl_error err = {0};
        assert_int_equal(pl_runs_get(runs, run->id, &back, &err), 0);
        char *first = page_of(run), *second = page_of(back);
        assert_string_equal(first, second);
        assert_true(back->wall_seconds == run->wall_seconds);
        free(first);
        free(second);
        pl_runs_release(&back);
        assert_null(back);
        pl_runs_close(&runs);
        pl_test_run_free(run);
    }
}

/* Twice is once; the same id with other content is refused and changes nothing. */
static void idempotent(void **state)
{
    (void)state;
    struct pl_run *run = pl_test_run_make(1, 40);
    struct pl_runs *runs = open_runs(PL_RUNS_CREATE);
    insert(runs, run, 100, 1);
    run->wall_seconds *= 2; /* of the day, not of the content */
    insert(runs, run, 200, 0);
    assert_int_equal(sql("SELECT count(*) FROM runs"), 1);
    assert_int_equal(sql("SELECT started_ns FROM runs"), 100);
    assert_int_equal(sql("SELECT count(*) FROM fills"), 40);
    run->account.pnl += 1e-9;
    insert(runs, run, 300, PL_ERR_MISMATCH);
    run->account.pnl = run->market[0].money.pnl;
    struct pl_run_fill *fill = run->fills_ctx;
    fill[7].markout[1] = fill[7].markout[1] + 0.1;
    insert(runs, run, 300, PL_ERR_MISMATCH);
    assert_int_equal(sql("SELECT count(*) FROM runs"), 1);
    pl_runs_close(&runs);
    pl_test_run_free(run);
}

/* A run whose fills stop short leaves nothing behind. */
static void all_or_nothing(void **state)
{
    (void)state;
    struct pl_run *run = pl_test_run_make(1, 40);
    struct pl_runs *runs = open_runs(PL_RUNS_CREATE);
    struct pl_run_fill *fill = run->fills_ctx;
    fill[39].px = NAN; /* the table says NOT NULL */
    insert(runs, run, 1, PL_ERR_MALFORMED);
    assert_int_equal(sql("SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM fills)"), 0);
    fill[39].px = 57000;
    insert(runs, run, 1, 1);
    pl_runs_close(&runs);
    pl_test_run_free(run);
}

struct seen {
    char ids[256];
    int count, stop_at;
};

static int on_row(void *ctx, const struct pl_runs_row *row)
{
    struct seen *seen = ctx;
    size_t used = strlen(seen->ids);
    (void)snprintf(seen->ids + used, sizeof seen->ids - used, "%s ", row->id);
    assert_string_equal(row->strategy, "avellaneda");
    assert_string_equal(row->currency, "USDT");
    assert_true(isfinite(row->pnl) && row->fills == 10);
    return ++seen->count == seen->stop_at ? 77 : 0;
}

static void list_find_delete(void **state)
{
    (void)state;
    struct pl_runs *runs = open_runs(PL_RUNS_CREATE);
    struct pl_error err = {0};
    char id[40];
    assert_int_equal(pl_runs_find(runs, "last", &id, &err), PL_ERR_NOTFOUND);
    static const char *const ids[] = {"alpha-1", "alpha-22", "beta", "alpha-2"};
    struct pl_run *run = pl_test_run_make(1, 10);
    for (size_t i = 0; i < PL_COUNT(ids); i++) {
        (void)snprintf(run->id, sizeof run->id, "%s", ids[i]);
        insert(runs, run, (int64_t)(i == 2 ? 50 : i), 1); /* beta began last */
    }
    struct seen seen = {.stop_at = -1};
    assert_int_equal(pl_runs_list(runs, on_row, &seen, &err), 0);
    assert_string_equal(seen.ids, "beta alpha-2 alpha-22 alpha-1 ");
    seen = (struct seen){.stop_at = 2};
    assert_int_equal(pl_runs_list(runs, on_row, &seen, &err), 77);

    static const struct {
        const char *name, *id;
        int rc;
    } rows[] = {
        {"last", "beta", 0},
        {"b", "beta", 0},
        {"alpha-2", "alpha-2", 0}, /* whole, though alpha-22 begins so too */
        {"alpha-22", "alpha-22", 0},
        {"alpha", "", PL_ERR_INVALID},
        {"gamma", "", PL_ERR_NOTFOUND},
        {"%", "", PL_ERR_NOTFOUND},
        {"ALPHA-1", "", PL_ERR_NOTFOUND},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        assert_int_equal(pl_runs_find(runs, rows[i].name, &id, &err), rows[i].rc);
        if (rows[i].rc == 0) {
            assert_string_equal(id, rows[i].id);
        }
    }
    assert_int_equal(pl_runs_delete(runs, "beta", &err), 0);
    assert_int_equal(pl_runs_delete(runs, "beta", &err), PL_ERR_NOTFOUND);
    assert_int_equal(sql("SELECT count(*) FROM runs"), 3);
    assert_int_equal(sql("SELECT count(*) FROM fills"), 30);
    assert_int_equal(sql("SELECT count(DISTINCT run) FROM equity"), 3);
    struct pl_run *gone = NULL;
    assert_int_equal(pl_runs_get(runs, "beta", &gone, &err), PL_ERR_NOTFOUND);
    assert_null(gone);
    pl_runs_close(&runs);
    pl_test_run_free(run);
}

/* Rows that someone changed do not become a report. */
static void altered(void **state)
{
    (void)state;
    static const struct {
        const char *harm, *mend;
        int rc;
    } rows[] = {
        {"UPDATE fills SET px = px + 1 WHERE idx = 3", "UPDATE fills SET px = px - 1 WHERE idx = 3",
         PL_ERR_CORRUPT},
        {"UPDATE equity SET bid = NULL WHERE market = 0 AND idx = 0",
         "UPDATE equity SET bid = 57425.0 WHERE market = 0 AND idx = 0", PL_ERR_CORRUPT},
        {"UPDATE equity SET market = 9 WHERE market = 0",
         "UPDATE equity SET market = 0 WHERE market = 9", PL_ERR_CORRUPT},
        {"UPDATE runs SET figures = replace(figures, '\"fills\":25', '\"fills\":26')",
         "UPDATE runs SET figures = replace(figures, '\"fills\":26', '\"fills\":25')",
         PL_ERR_CORRUPT},
        {"UPDATE runs SET figures = replace(figures, '\"pnl\"', '\"lnp\"')",
         "UPDATE runs SET figures = replace(figures, '\"lnp\"', '\"pnl\"')", PL_ERR_MALFORMED},
        {"UPDATE fills SET market = 8 WHERE idx = 0", "UPDATE fills SET market = 0 WHERE idx = 0",
         PL_ERR_CORRUPT},
        {"UPDATE runs SET content_digest = 'zz'", "", PL_ERR_CORRUPT},
    };
    struct pl_run *run = pl_test_run_make(1, 25), *back = NULL;
    struct pl_runs *runs = open_runs(PL_RUNS_CREATE);
    char bid[128];
    insert(runs, run, 1, 1);
    (void)snprintf(bid, sizeof bid, "UPDATE equity SET bid = %.17g WHERE market = 0 AND idx = 0",
                   run->market[0].point[0].bid);
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_error err = {0};
        sql(rows[i].harm);
        assert_int_equal(pl_runs_get(runs, run->id, &back, &err), rows[i].rc);
        assert_null(back);
        if (rows[i].mend[0] != '\0') {
            sql(i == 1 ? bid : rows[i].mend);
            assert_int_equal(pl_runs_get(runs, run->id, &back, &err), 0);
            pl_runs_release(&back);
        }
    }
    pl_runs_close(&runs);
    pl_test_run_free(run);
}

/* Files that are not ours are named and left alone. */
static void foreign_files(void **state)
{
    (void)state;
    struct pl_runs *runs = NULL;
    struct pl_error err = {0};
    assert_int_equal(pl_runs_open(path, PL_RUNS_EXISTING, &runs, &err), PL_ERR_NOTFOUND);
    assert_null(runs);
    assert_int_not_equal(access(path, F_OK), 0);

    char new_folder[128];
    (void)snprintf(new_folder, sizeof new_folder, "%s/new", folder);
    assert_int_equal(mkdir(new_folder, 0700), 0);
    sql("CREATE TABLE cats (name TEXT)");
    assert_int_equal(pl_runs_open(path, PL_RUNS_CREATE, &runs, &err), PL_ERR_MALFORMED);
    assert_int_equal(sql("SELECT count(*) FROM sqlite_schema"), 1);
    assert_int_equal(unlink(path), 0);

    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (int i = 0; i < 2000; i++) {
        assert_true(fputs("not a database\n", f) >= 0);
    }
    assert_int_equal(fclose(f), 0);
    assert_int_equal(pl_runs_open(path, PL_RUNS_CREATE, &runs, &err), PL_ERR_CORRUPT);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(unlink(path), 0);

    runs = open_runs(PL_RUNS_CREATE);
    pl_runs_close(&runs);
    sql("PRAGMA user_version = 99");
    assert_int_equal(pl_runs_open(path, PL_RUNS_EXISTING, &runs, &err), PL_ERR_UNSUPPORTED);
    assert_null(runs);
    assert_int_equal(sql("PRAGMA user_version"), 99);
}

/* Two handles, as of two processes: both write, both see both. */
static void two_writers(void **state)
{
    (void)state;
    struct pl_runs *a = open_runs(PL_RUNS_CREATE), *b = open_runs(PL_RUNS_CREATE);
    struct pl_run *run = pl_test_run_make(1, 10);
    insert(a, run, 1, 1);
    (void)snprintf(run->id, sizeof run->id, "second");
    insert(b, run, 2, 1);
    insert(a, run, 3, 0);
    assert_int_equal(sql("SELECT count(*) FROM runs"), 2);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "wal");
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    pl_runs_close(&a);
    pl_runs_close(&b);
    pl_runs_close(&b);
    pl_test_run_free(run);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(same_page), TEST(idempotent),    TEST(all_or_nothing), TEST(list_find_delete),
        TEST(altered),   TEST(foreign_files), TEST(two_writers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
