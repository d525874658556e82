/* Runs a generator into a sink, failing the test with its words. Include before everything else. */
#ifndef TEST_SYNTH_RUN_H
#define TEST_SYNTH_RUN_H

#include "synth/synth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MARKETS 3

static struct pl_synth_cfg config(const char *profile, uint64_t seed, double seconds)
{
    const struct pl_synth_profile *p = pl_synth_profile_find(pl_str(profile));
    assert_non_null(p);
    struct pl_synth_cfg cfg = pl_synth_cfg_default(p);
    cfg.seed = seed;
    cfg.duration_ns = (int64_t)(seconds * 1e9);
    return cfg;
}

static void run(const struct pl_synth_cfg *cfg, struct pl_sink *sink)
{
    struct pl_error err = {0};
    struct pl_synth *synth;
    if (pl_synth_create(cfg, &synth, &err) < 0 ||
        pl_synth_advance(synth, sink, INT64_MAX, &err) != 0) {
        fail_msg("%s", err.text);
    }
    pl_synth_destroy(&synth);
    assert_null(synth);
}

#endif
