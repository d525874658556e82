/* import/import.h - market data files of any known format into a tape or straight into a backtest.
 *
 * Streaming: memory does not depend on the length of the input (pl_import_open keeps the finished
 * tape, compressed, in memory). Several files are read one after another as one stream; files of
 * different formats of one market (a book file and its trade file) are merged by local time.
 *
 * Grid    tick and lot are given, or inferred from the first 8 MiB of text; when a later value is
 *         between two steps the import starts over once with the grid of the whole input.
 * Rows    a bad row is counted, located (file, line, byte) and left out; with `strict` it stops the
 *         import. Nothing is lost without being counted in the report.
 * Errors  negative pl_err; the report is filled as far as the import came. */
#ifndef PL_IMPORT_IMPORT_H
#define PL_IMPORT_IMPORT_H

#include "base/err.h"
#include "base/str.h"
#include "core/block.h"
#include "core/inst.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pl_import_options {
    const char *format;     /* a name from pl_import_format_at; NULL = by content */
    const char *tick, *lot; /* decimal text; NULL = inferred */
    const char *symbol;     /* only this one; or the name, for data that has none. NULL = all */
    const char *venue;      /* NULL = by content */
    const char *market;     /* "linear", "inverse", "spot"; NULL = by content */
    const char *clock;      /* "raw", "floor", "moving"; NULL = floor */
    bool strict;            /* the first bad row stops the import */
    /* Called now and then while reading; may be NULL. total 0 = not known. */
    void (*on_progress)(void *user, uint64_t done_bytes, uint64_t total_bytes, uint64_t messages);
    void *user;
};

#define PL_IMPORT_BAD_MAX     16 /* bad rows kept with their place; all are counted */
#define PL_IMPORT_GAP_MAX     16
#define PL_IMPORT_MARKETS_MAX 64

struct pl_import_place {
    uint32_t file;       /* index into the given paths */
    uint64_t line, byte; /* line from 1; byte of the unpacked text */
    char reason[120];
};

struct pl_import_market_report {
    struct pl_inst inst;
    bool tick_inferred, lot_inferred;
    uint64_t messages;
};

struct pl_import_report {
    char format[64];
    uint32_t file_count;
    uint64_t bytes, text_bytes, lines; /* packed, unpacked */
    uint64_t messages, rows;
    uint64_t kind_messages[PL_MSG_KIND_COUNT], kind_rows[PL_MSG_KIND_COUNT];
    uint64_t ignored; /* lines understood and of no use here: other streams, acks, sent frames */
    uint64_t bad;     /* rows or lines left out because they are damaged */
    struct pl_import_place bad_at[PL_IMPORT_BAD_MAX];
    uint32_t
        damaged_files; /* ended in the middle or corrupt: read up to there (one bad place each) */
    uint64_t gaps;     /* broken sequence chains */
    struct pl_import_place gap_at[PL_IMPORT_GAP_MAX];
    uint64_t trade_id_gaps;   /* places where trade ids skip */
    uint64_t not_book_trades; /* insurance fund, block, RPI */
    uint64_t side_guesses;
    uint64_t local_back;  /* local stamps before their predecessor: raised to it */
    uint64_t clock_steps; /* lasting jumps of local against venue time by more than a minute */
    uint64_t sorted_rows; /* rows that stood in another order than time */
    /* local minus venue time of stamped messages, as received */
    bool latency_known;
    int64_t latency_min_ns, latency_median_ns, latency_max_ns;
    int64_t floor_low_ns, floor_high_ns; /* smallest and largest minimum of a minute */
    char clock[8];                       /* rule handed to the tape */
    bool suggest_moving;                 /* the floor moves by more than 20 ms between minutes */
    int64_t venue_first_ns, venue_last_ns;
    uint32_t market_count;
    struct pl_import_market_report market[PL_IMPORT_MARKETS_MAX];
    bool restarted; /* read twice, because of the grid */
};

/* A place for messages that can be emptied and filled again. */
struct pl_import_target {
    /* A fresh, empty sink; called again when the import starts over. NULL and *err on failure. */
    struct pl_sink *(*begin)(void *self, struct pl_error *err);
    void *self;
};

PL_MUST_USE int pl_import_run(const char *const *paths, size_t count,
                              const struct pl_import_options *opt,
                              const struct pl_import_target *target,
                              struct pl_import_report *report, struct pl_error *err);
/* The same over one file in memory, for tests and fuzzing. */
PL_MUST_USE int pl_import_run_memory(const void *bytes, size_t size,
                                     const struct pl_import_options *opt,
                                     const struct pl_import_target *target,
                                     struct pl_import_report *report, struct pl_error *err);

/* Into a tape file. On failure no file is left. */
PL_MUST_USE int pl_import_tape(const char *const *paths, size_t count,
                               const struct pl_import_options *opt, const char *tape_path,
                               struct pl_import_report *report, struct pl_error *err);
/* A tape is opened as it is (the report then holds only its format, "tape"); captures become a tape
 * in memory, owned by the source: close() frees it. pl_tape_source_facts is for tapes alone. */
PL_MUST_USE int pl_import_open(const char *const *paths, size_t count,
                               const struct pl_import_options *opt, struct pl_source **out,
                               struct pl_import_report *report, struct pl_error *err);

/* Human text, and one JSON object. `paths` as given to the import. */
void pl_import_report_print(const struct pl_import_report *report, const char *const *paths,
                            FILE *out);
void pl_import_report_json(const struct pl_import_report *report, const char *const *paths,
                           FILE *out);

/* The table of formats; false when idx is past its end. */
bool pl_import_format_at(size_t idx, const char **name, const char **help);

#endif
