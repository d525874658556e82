#include "store/sql.h"

#include <math.h>

static int code_of(int sqlite)
{
    switch (sqlite & 0xff) {
    case SQLITE_NOMEM:
        return PL_ERR_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return PL_ERR_AGAIN;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return PL_ERR_CORRUPT;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return PL_ERR_MALFORMED;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return PL_ERR_DENIED;
    default:
        return PL_ERR_IO;
    }
}

int pl_sql_error(sqlite3 *db, const char *doing, struct pl_error *err)
{
    const char *file = sqlite3_db_filename(db, "main");
    return pl_error_set(err, code_of(sqlite3_extended_errcode(db)), "%s: %s: %s",
                        file != NULL ? file : "runs database", doing, sqlite3_errmsg(db));
}

int pl_sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct pl_error *err)
{
    if (sqlite3_prepare_v2(db, sql, -1, out, NULL) != SQLITE_OK) {
        return pl_sql_error(db, "cannot ask it", err);
    }
    return 0;
}

int pl_sql_step(sqlite3_stmt *stmt, const char *doing, struct pl_error *err)
{
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        return 1;
    }
    return rc == SQLITE_DONE ? 0 : pl_sql_error(sqlite3_db_handle(stmt), doing, err);
}

int pl_sql_exec(sqlite3 *db, const char *sql, const char *doing, struct pl_error *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : pl_sql_error(db, doing, err);
}

int pl_sql_i64(sqlite3 *db, const char *sql, int64_t *out, struct pl_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = pl_sql_prepare(db, sql, &stmt, err);
    if (rc == 0) {
        rc = pl_sql_step(stmt, "cannot read it", err);
        *out = rc == 1 ? sqlite3_column_int64(stmt, 0) : 0;
    }
    (void)sqlite3_finalize(stmt); /* repeats the error of the step */
    return rc < 0 ? rc : 0;
}

int pl_sql_begin(sqlite3 *db, struct pl_error *err)
{
    return pl_sql_exec(db, "BEGIN IMMEDIATE", "cannot start a transaction", err);
}

int pl_sql_end(sqlite3 *db, int rc, struct pl_error *err)
{
    if (rc >= 0) {
        int committed = pl_sql_exec(db, "COMMIT", "cannot finish a transaction", err);
        rc = committed < 0 ? committed : rc;
    }
    if (rc < 0 && sqlite3_get_autocommit(db) == 0) {
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL,
                           NULL); /* the first error is the one to tell */
    }
    return rc;
}

double pl_sql_f64(sqlite3_stmt *stmt, int column)
{
    if (sqlite3_column_type(stmt, column) == SQLITE_NULL) {
        return NAN;
    }
    return sqlite3_column_double(stmt, column);
}

const char *pl_sql_text(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return text != NULL ? (const char *)text : "";
}
