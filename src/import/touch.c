#include "import/touch.h"

#include "core/units.h"

#include <stdlib.h>
#include <string.h>

int pl_touch_create(struct pl_touch **out)
{
    struct pl_touch *t = calloc(1, sizeof *t);
    *out = t;
    if (t == NULL) {
        return PL_ERR_NOMEM;
    }
    t->bid = PL_PX_NO_BID;
    t->ask = PL_PX_NO_ASK;
    return 0;
}

void pl_touch_destroy(struct pl_touch **touch)
{
    struct pl_touch *t = *touch;
    *touch = NULL;
    if (t == NULL) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        free(t->side[i].px);
        free(t->side[i].lots);
    }
    free(t);
}

static bool worse(int side, int64_t a, int64_t b)
{
    return side == 0 ? a < b : a > b;
}

static int set_level(struct pl_touch_side *s, int side, int64_t px, int64_t lots)
{
    uint32_t lo = 0, hi = s->count; /* first level that is not worse than px */
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (worse(side, s->px[mid], px)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    bool there = lo < s->count && s->px[lo] == px;
    if (there && lots > 0) {
        s->lots[lo] = lots;
        return 0;
    }
    if (there) {
        s->count--;
        memmove(s->px + lo, s->px + lo + 1, (s->count - lo) * sizeof *s->px);
        memmove(s->lots + lo, s->lots + lo + 1, (s->count - lo) * sizeof *s->lots);
        return 0;
    }
    if (lots == 0) {
        return 0;
    }
    if (s->count == s->cap) {
        uint32_t cap = s->cap == 0 ? 64 : s->cap * 2;
        int64_t *new_px = realloc(s->px, cap * sizeof *new_px);
        s->px = new_px != NULL ? new_px : s->px;
        int64_t *new_lots = realloc(s->lots, cap * sizeof *new_lots);
        s->lots = new_lots != NULL ? new_lots : s->lots;
        if (new_px == NULL || new_lots == NULL) {
            return PL_ERR_NOMEM;
        }
        s->cap = cap;
    }
    memmove(s->px + lo + 1, s->px + lo, (s->count - lo) * sizeof *s->px);
    memmove(s->lots + lo + 1, s->lots + lo, (s->count - lo) * sizeof *s->lots);
    s->px[lo] = px;
    s->lots[lo] = lots;
    s->count++;
    return 0;
}

int pl_touch_apply(struct pl_touch *t, const struct pl_msg *msg)
{
    if (msg->kind == PL_MSG_BBO) {
        t->bid = msg->lots[0] > 0 ? msg->px[0] : PL_PX_NO_BID;
        t->ask = msg->lots[1] > 0 ? msg->px[1] : PL_PX_NO_ASK;
        return 0;
    }
    if (msg->kind != PL_MSG_DEPTH && msg->kind != PL_MSG_SNAPSHOT) {
        return 0;
    }
    if (msg->kind == PL_MSG_SNAPSHOT) {
        t->side[0].count = t->side[1].count = 0;
    }
    for (uint32_t i = 0; i < msg->row_count; i++) {
        int side = i >= msg->bid_count;
        int rc = set_level(&t->side[side], side, msg->px[i], msg->lots[i]);
        if (rc < 0) {
            return rc;
        }
    }
    const struct pl_touch_side *b = &t->side[0], *a = &t->side[1];
    t->bid = b->count > 0 ? b->px[b->count - 1] : PL_PX_NO_BID;
    t->ask = a->count > 0 ? a->px[a->count - 1] : PL_PX_NO_ASK;
    return 0;
}

bool pl_touch_side(struct pl_touch *t, int64_t px)
{
    bool quoted = t->bid != PL_PX_NO_BID && t->ask != PL_PX_NO_ASK;
    int64_t twice_mid = t->bid + t->ask;
    if (quoted && 2 * px != twice_mid) {
        t->trade_sell = 2 * px < twice_mid;
    } else if (t->trade_known && px != t->trade_px) {
        t->trade_sell = px < t->trade_px;
    }
    t->trade_known = true;
    t->trade_px = px;
    return t->trade_sell;
}
