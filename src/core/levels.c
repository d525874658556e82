#include "core/levels.h"

#include <stdlib.h>

#define LEVELS_LIMIT (UINT32_C(1) << 24)

int pl_levels_grow(struct pl_levels *levels)
{
    if (levels->cap >= LEVELS_LIMIT) {
        return PL_ERR_LIMIT;
    }
    uint32_t cap = levels->cap == 0 ? 1024 : levels->cap * 2;
    struct pl_level_text *at = realloc(levels->at, cap * sizeof *at);
    if (at == NULL) {
        return PL_ERR_NOMEM;
    }
    levels->at = at;
    levels->cap = cap;
    return 0;
}

void pl_levels_fini(struct pl_levels *levels)
{
    free(levels->at);
    *levels = (struct pl_levels){0};
}
