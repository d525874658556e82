/* store/sql.h - thin helpers over SQLite: statements with our error codes, and NAN as NULL. */
#ifndef PL_STORE_SQL_H
#define PL_STORE_SQL_H

#include "base/err.h"

#include <sqlite3.h>
#include <stdint.h>

/* What SQLite just complained about on `db`, as one of our codes with words: "FILE: doing: why". */
int pl_sql_error(sqlite3 *db, const char *doing, struct pl_error *err);
PL_MUST_USE int pl_sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out,
                               struct pl_error *err);
/* 1 = a row, 0 = done. */
PL_MUST_USE int pl_sql_step(sqlite3_stmt *stmt, const char *doing, struct pl_error *err);
/* Statements without parameters or rows. */
PL_MUST_USE int pl_sql_exec(sqlite3 *db, const char *sql, const char *doing, struct pl_error *err);
/* First column of the first row of a query that has one. */
PL_MUST_USE int pl_sql_i64(sqlite3 *db, const char *sql, int64_t *out, struct pl_error *err);
/* BEGIN IMMEDIATE ... COMMIT, or ROLLBACK when rc < 0: gives rc, or the error of the commit. */
PL_MUST_USE int pl_sql_begin(sqlite3 *db, struct pl_error *err);
PL_MUST_USE int pl_sql_end(sqlite3 *db, int rc, struct pl_error *err);
double pl_sql_f64(sqlite3_stmt *stmt, int column); /* NULL = NAN */
/* Text of a column; "" for NULL. Valid until the next step. */
const char *pl_sql_text(sqlite3_stmt *stmt, int column);

#endif
