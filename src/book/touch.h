/* book/touch.h - best bid and ask with their sizes, indexed by enum pl_side. Ticks and lots. */
#ifndef PL_BOOK_TOUCH_H
#define PL_BOOK_TOUCH_H

#include <stdint.h>

struct pl_touch {
    int64_t px[2]; /* PL_PX_NO_BID / PL_PX_NO_ASK when a side is empty */
    int64_t lots[2];
};

#endif
