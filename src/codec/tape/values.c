#include "codec/tape/values.h"

#include <stdlib.h>

bool pl_tape_values_grow(struct pl_tape_values *values, uint32_t need)
{
    if (need <= values->cap) {
        return true;
    }
    uint32_t cap = values->cap > 0 ? values->cap * 2 : 1024;
    cap = cap > need ? cap : need;
    int64_t *at = realloc(values->at, cap * sizeof *at);
    if (at == NULL) {
        values->failed = true;
        return false;
    }
    values->at = at;
    values->cap = cap;
    return true;
}
