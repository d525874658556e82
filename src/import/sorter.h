/* import/sorter.h - single-row messages in order of venue time, when a file is not. Private.
 *
 * Runs of 128 Ki messages are sorted in memory and spilled to one temporary file, then merged:
 * 18 MiB and 18 KiB a run, however long the file. Equal times keep the order of the file, or the
 * opposite one when the file is newest first (its first run steps back in time more often than forth). */
#ifndef PL_IMPORT_SORTER_H
#define PL_IMPORT_SORTER_H

#include "import/job.h"

struct pl_sort_item {
    int64_t venue_ns, px, lots;
    uint64_t seq, ordinal; /* place in the file */
    uint64_t line;
    struct pl_import_market *market;
    uint32_t file;
    uint8_t flags;
};

struct pl_sorter;

PL_MUST_USE int pl_sorter_create(struct pl_sorter **out);
void pl_sorter_destroy(struct pl_sorter **sorter);
PL_MUST_USE int pl_sorter_add(struct pl_sorter *sorter, struct pl_sort_item item,
                              struct pl_error *err);
/* No more will be added. */
PL_MUST_USE int pl_sorter_finish(struct pl_sorter *sorter, struct pl_error *err);
/* After that: 1 and the oldest item not yet given; 0 when all were. */
PL_MUST_USE int pl_sorter_next(struct pl_sorter *sorter, struct pl_sort_item *out,
                               struct pl_error *err);
/* How many came before one with an earlier time: 0 = the file was in order. */
uint64_t pl_sorter_disorder(const struct pl_sorter *sorter);

#endif
