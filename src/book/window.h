/* book/window.h - occupancy of the book's window, 8 levels at a time; for the files of this room. */
#ifndef PL_BOOK_WINDOW_H
#define PL_BOOK_WINDOW_H

#include "book/book.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the lowest level is the lowest byte");

/* Bytes of the 8 levels from `first` (a multiple of 8) on, 1 where a level has a size. A byte a
 * level, not a bit: a row then stores it without waiting for the row before. */
static inline uint64_t pl_book_eight(const struct pl_book *book, enum pl_side s, int64_t first)
{
    uint64_t levels;
    memcpy(&levels, &book->side[s].occupied[first & book->mask], sizeof levels);
    return levels;
}

/* Of 8 levels, those up to px; those from px on. */
static inline uint64_t pl_book_eight_to(int64_t px)
{
    return ~UINT64_C(0) >> (8 * (7 - (px & 7)));
}

static inline uint64_t pl_book_eight_from(int64_t px)
{
    return ~UINT64_C(0) << (8 * (px & 7));
}

#endif
