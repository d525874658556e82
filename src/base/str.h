/* base/str.h - a borrowed piece of text: pointer and length, no terminator, never owned. */
#ifndef PL_BASE_STR_H
#define PL_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct pl_str {
    const char *at;
    size_t size;
};

static inline struct pl_str pl_str(const char *text)
{
    return (struct pl_str){text, strlen(text)};
}

static inline bool pl_str_eq(struct pl_str a, struct pl_str b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

#endif
