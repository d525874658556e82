/* backtest/compat.h - market data as the public peer's converter would hand it over: depth, snapshots
 * and book trades only, and one constant a file added to its local times so that the smallest feed
 * latency of the file is not below zero. Takes over `inner` (closed with the wrapper). Reads it once
 * to find the constants. */
#ifndef PL_BACKTEST_COMPAT_H
#define PL_BACKTEST_COMPAT_H

#include "core/block.h"

#define PL_COMPAT_FILES_MAX 64

struct pl_compat_files {
    /* Local time of the first message of each file as received: files that continue each other, in
     * this order. count 0 = all of it is one file. */
    int64_t first_ns[PL_COMPAT_FILES_MAX];
    uint32_t count;
    int64_t shifted_ns; /* what a floor rule has added to every local time; taken back first */
};

PL_MUST_USE int pl_compat_source(struct pl_source *inner, const struct pl_compat_files *files,
                                 struct pl_source **out, struct pl_error *err);

#endif
