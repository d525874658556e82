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

#endif
