/* backtest/compat.h - market data as the public peer's converter would hand it over: depth, snapshots
 * and book trades only, and one constant added to every local time so that the smallest feed latency
 * is not below zero. Takes over `inner` (closed with the wrapper). Reads it once to find the constant.
 * Local times that a floor rule has shifted are taken back by `shifted_ns` first. */
#ifndef PL_BACKTEST_COMPAT_H
#define PL_BACKTEST_COMPAT_H

#include "core/block.h"

PL_MUST_USE int pl_compat_source(struct pl_source *inner, int64_t shifted_ns,
                                 struct pl_source **out, struct pl_error *err);

#endif
