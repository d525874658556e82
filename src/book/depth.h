/* book/depth.h - displayed size within price limits, several limits in one pass.
 *
 * Units   ticks, lots. Levels beyond the book's horizon are unknown and count as none.
 * Cost    O(occupied levels within the outermost limit); when that reaches past the window of the
 *         book, one pass over the far levels too. No memory. */
#ifndef PL_BOOK_DEPTH_H
#define PL_BOOK_DEPTH_H

#include "book/book.h"

/* lots[k] = size at prices not worse than limit[k] (bids at or above it, asks at or below it);
 * limits go outward: bids fall, asks rise. count >= 1. A sum beyond int64 stays at INT64_MAX. */
void pl_book_depth(const struct pl_book *book, enum pl_side side, const int64_t *limit,
                   uint32_t count, int64_t *lots);

#endif
