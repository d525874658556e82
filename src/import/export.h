/* import/export.h - a source of market data into files of other tools.
 *
 * npz  what hftbacktest 2 reads (numpy opens it): one array `data`, 64 bytes a row. Book changes,
 *      snapshots (a clear of each side, then its levels) and trades; its model has no best bid and
 *      ask, mark, funding or candles, so those are left out and counted. A row that stands elsewhere
 *      in receive order than in exchange order is written twice, flagged once for each, as its
 *      own converters do.
 * csv  a line a level or trade: venue_ns,local_ns,symbol,kind,side,price,qty,seq,seq_first,flags
 *
 * Memory  the messages of the longest latency in the data. The source is read up to three times
 *         (npz needs its row count first). Written to path.part, renamed when done. */
#ifndef PL_IMPORT_EXPORT_H
#define PL_IMPORT_EXPORT_H

#include "base/err.h"
#include "core/block.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_export_options {
    const char *symbol; /* NULL: the only market (csv: all of them) */
    bool store;         /* npz: do not compress */
};

struct pl_export_report {
    uint64_t rows;       /* written */
    uint64_t split_rows; /* npz: of these, rows of only one side */
    uint64_t left_out;   /* messages the format cannot hold */
    uint64_t gaps;       /* broken feeds met: the format cannot say so */
};

PL_MUST_USE int pl_export_npz(struct pl_source *source, const struct pl_export_options *opt,
                              const char *path, struct pl_export_report *report,
                              struct pl_error *err);
/* path "-" = standard output. */
PL_MUST_USE int pl_export_csv(struct pl_source *source, const struct pl_export_options *opt,
                              const char *path, struct pl_export_report *report,
                              struct pl_error *err);

#endif
