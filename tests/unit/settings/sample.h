/* tests/unit/settings/sample.h - the tables these tests use: one setting of each type and range. */
#ifndef PL_TEST_SETTINGS_SAMPLE_H
#define PL_TEST_SETTINGS_SAMPLE_H

#include "base/assert.h"
#include "settings/settings.h"

struct sample_maker {
    double gamma;
    int64_t levels;
    bool post_only;
    int32_t queue;
    struct pl_distance base_spread;
    char symbol[PL_SETTING_TEXT_MAX];
    double offset;
};

static const char *const sample_queues[] = {"risk", "power2", "log", NULL};

#define FIELD(name) offsetof(struct sample_maker, name)
static const struct pl_setting sample_rows[] = {
    {"gamma", PL_SET_F64, "", "0.1", 1e-9, 1e9, 0.01, 10, true, NULL, PL_RELOAD_YES,
     "Risk aversion.", FIELD(gamma)},
    {"levels", PL_SET_I64, "per side", "1", 1, 50, 1, 5, false, NULL, PL_RELOAD_YES,
     "Ladder length.", FIELD(levels)},
    {"post_only", PL_SET_BOOL, "", "true", 0, 0, 0, 0, false, NULL, PL_RELOAD_RESTART,
     "Orders never take.", FIELD(post_only)},
    {"queue", PL_SET_ENUM, "", "power2", 0, 0, 0, 0, false, sample_queues, PL_RELOAD_RESTART,
     "How a displayed queue shrinks.", FIELD(queue)},
    {"base_spread", PL_SET_DISTANCE, "", "5bps", 0, 1000, 0, 0, false, NULL, PL_RELOAD_YES,
     "Full width between bid and ask.", FIELD(base_spread)},
    {"symbol", PL_SET_TEXT, "", "", 0, 0, 0, 0, false, NULL, PL_RELOAD_RESTART,
     "The market, as its venue spells it.", FIELD(symbol)},
    {"offset", PL_SET_F64, "price", "0", 0, 0, 0, 0, false, NULL, PL_RELOAD_WARM,
     "Added to the fair price.", FIELD(offset)},
};
#undef FIELD
static const struct pl_settings_table sample_table = {"maker", sample_rows, PL_COUNT(sample_rows),
                                                      sizeof(struct sample_maker), NULL};

struct sample_common {
    double account_size; /* required */
    double offset;       /* a name the maker has too */
    int64_t refresh_ms;
};

/* A rule over two settings. */
static inline int sample_common_check(const void *values, struct pl_error *err)
{
    const struct sample_common *common = values;
    return common->offset <= common->account_size
               ? 0
               : pl_error_set(err, PL_ERR_INVALID, "offset is above account_size");
}

#define FIELD(name) offsetof(struct sample_common, name)
static const struct pl_setting sample_common_rows[] = {
    {"account_size", PL_SET_F64, "USD", NULL, 0, 1e12, 0, 0, false, NULL, PL_RELOAD_YES,
     "What the maker may use.", FIELD(account_size)},
    {"offset", PL_SET_F64, "USD", "0", -1e6, 1e6, 0, 0, false, NULL, PL_RELOAD_YES, "Kept aside.",
     FIELD(offset)},
    {"refresh_ms", PL_SET_I64, "ms", "1000", 10, 86400000, 0, 0, false, NULL, PL_RELOAD_RESTART,
     "How often quotes are calculated.", FIELD(refresh_ms)},
};
#undef FIELD
static const struct pl_settings_table sample_common_table = {
    "common", sample_common_rows, PL_COUNT(sample_common_rows), sizeof(struct sample_common),
    sample_common_check};

/* A strategy that is known and not in use. */
struct sample_other {
    int64_t depth;
};
static const struct pl_setting sample_other_rows[] = {
    {"depth", PL_SET_I64, "levels", "5", 1, 20, 0, 0, false, NULL, PL_RELOAD_YES,
     "Levels it reads.", offsetof(struct sample_other, depth)},
};
static const struct pl_settings_table sample_other_table = {"other_maker", sample_other_rows,
                                                            PL_COUNT(sample_other_rows),
                                                            sizeof(struct sample_other), NULL};

#endif
