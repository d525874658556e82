/* codec/tape/values.h - a growing array of int64. After a failed growth `failed` stays set and
 * pushes do nothing, so a builder checks once. */
#ifndef PL_CODEC_TAPE_VALUES_H
#define PL_CODEC_TAPE_VALUES_H

#include <stdbool.h>
#include <stdint.h>

struct pl_tape_values {
    int64_t *at;
    uint32_t count, cap;
    bool failed;
};

#define PL_TAPE_STRIDE 32 /* vector loops read and write whole strides: columns have that slack */

/* Room for `need` values in all. */
bool pl_tape_values_grow(struct pl_tape_values *values, uint32_t need);

static inline void pl_tape_values_push(struct pl_tape_values *values, int64_t value)
{
    if (values->count < values->cap || pl_tape_values_grow(values, values->count + 1)) {
        values->at[values->count++] = value;
    }
}

#endif
