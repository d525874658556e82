/* import/csv.h - comma-separated rows and what their columns mean. Private to src/import.
 *
 * A *layout* is a list of column names, each with a role. Columns are found by name, in any order;
 * a layout may also say where they stand in files without a header line. */
#ifndef PL_IMPORT_CSV_H
#define PL_IMPORT_CSV_H

#include "import/formats.h"

#define PL_CSV_COLUMNS 64

enum pl_csv_role {
    PL_CSV_NONE = 0,
    PL_CSV_VENUE_TIME,
    PL_CSV_LOCAL_TIME,
    PL_CSV_EXCHANGE,
    PL_CSV_MARKET_TYPE,
    PL_CSV_SYMBOL,
    PL_CSV_ID,
    PL_CSV_FIRST_ID,
    PL_CSV_LAST_ID,
    PL_CSV_SNAPSHOT,
    PL_CSV_SIDE,
    PL_CSV_SIDE_USELESS, /* a side column that is known to say nothing */
    PL_CSV_BUYER_MAKER,
    PL_CSV_RPI,
    PL_CSV_PRICE,
    PL_CSV_QTY,
    PL_CSV_OPEN,
    PL_CSV_HIGH,
    PL_CSV_LOW,
    PL_CSV_CLOSE,
    PL_CSV_VOLUME,
    PL_CSV_BID_PRICE,
    PL_CSV_BID_QTY,
    PL_CSV_ASK_PRICE,
    PL_CSV_ASK_QTY,
    PL_CSV_ROLES
};

struct pl_csv_column {
    const char *name;
    enum pl_csv_role role;
};

/* Where each role stands; -1 = not there. */
struct pl_csv_map {
    int8_t col[PL_CSV_ROLES];
    uint32_t columns; /* in a row */
    bool known;
};

/* Splits at commas; quotes around a field are taken off. Returns the number of fields, at most
 * `max`. May read PL_LINE_SLACK bytes behind the line. */
uint32_t pl_csv_split(struct pl_str line, struct pl_str *field, uint32_t max);
/* Reads a header line; false when a column that `need` lists (ended by PL_CSV_NONE) is missing. */
bool pl_csv_header(struct pl_str line, const struct pl_csv_column *columns, size_t count,
                   const enum pl_csv_role *need, struct pl_csv_map *map);
/* Roles by position, for files without a header line. */
void pl_csv_fixed(struct pl_csv_map *map, const enum pl_csv_role *roles, uint32_t count);

/* Whole-field readers. */
bool pl_csv_decimal(struct pl_str field, struct pl_decimal *out);
bool pl_csv_u64(struct pl_str field, uint64_t *out);
bool pl_csv_time(struct pl_str field, int64_t *ns);
/* true/false, True/False, 1/0 */
bool pl_csv_bool(struct pl_str field, bool *out);
/* b, bid, buy, Buy: 0; a, ask, sell, Sell: 1; anything else: -1 */
int pl_csv_side(struct pl_str field);

/* The market of a row: its symbol column, else what the path says. *out NULL = not wanted or bad. */
PL_MUST_USE int pl_csv_market(struct pl_import_stream *s, const struct pl_csv_map *map,
                              const struct pl_str *field, const char *venue_default,
                              struct pl_import_market **out, struct pl_error *err);

#endif
