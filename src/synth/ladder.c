#include "synth/ladder.h"

#include <stdlib.h>
#include <string.h>

static int64_t key_of(enum pl_side side, int64_t px)
{
    return side == PL_BUY ? px : -px;
}

void pl_ladder_fini(struct pl_ladder *ladder)
{
    for (int s = 0; s < 2; s++) {
        free(ladder->side[s].at);
        ladder->side[s] = (struct pl_ladder_side){0};
    }
}

/* First place whose key is >= `key`. Looks near the touch first, where most changes are. */
static size_t find(const struct pl_ladder_side *s, int64_t key)
{
    size_t hi = s->count, near = hi > 16 ? hi - 16 : 0;
    while (hi > near && s->at[hi - 1].px >= key) {
        hi--;
    }
    if (hi > near || near == 0) {
        return hi;
    }
    size_t lo = 0;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->at[mid].px < key) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

static int grow(struct pl_ladder_side *s)
{
    size_t cap = s->cap == 0 ? 256 : s->cap * 2;
    struct pl_ladder_level *at = realloc(s->at, cap * sizeof *at);
    if (at == NULL) {
        return PL_ERR_NOMEM;
    }
    s->at = at;
    s->cap = cap;
    return 0;
}

int pl_ladder_set(struct pl_ladder *ladder, enum pl_side side, int64_t px, int64_t lots)
{
    struct pl_ladder_side *s = &ladder->side[side];
    int64_t key = key_of(side, px);
    size_t i = find(s, key);
    bool there = i < s->count && s->at[i].px == key;
    if (there && lots != 0) {
        s->at[i].lots = lots;
        return 0;
    }
    if (there) {
        memmove(&s->at[i], &s->at[i + 1], (s->count - i - 1) * sizeof s->at[0]);
        s->count--;
        return 0;
    }
    if (lots == 0) {
        return 0;
    }
    if (s->count == s->cap) {
        int rc = grow(s);
        if (rc < 0) {
            return rc;
        }
    }
    memmove(&s->at[i + 1], &s->at[i], (s->count - i) * sizeof s->at[0]);
    s->at[i] = (struct pl_ladder_level){key, lots};
    s->count++;
    return 0;
}

/* A snapshot speaks for every price from its worst level inwards. */
static void clear_from(struct pl_ladder_side *s, int64_t worst_key)
{
    s->count = find(s, worst_key);
}

int pl_ladder_apply(struct pl_ladder *ladder, const struct pl_msg *msg)
{
    if (msg->kind != PL_MSG_DEPTH && msg->kind != PL_MSG_SNAPSHOT) {
        return 0;
    }
    if (msg->kind == PL_MSG_SNAPSHOT) {
        int64_t worst[2] = {INT64_MAX, INT64_MAX};
        for (uint32_t r = 0; r < msg->row_count; r++) {
            enum pl_side side = r < msg->bid_count ? PL_BUY : PL_SELL;
            int64_t key = key_of(side, msg->px[r]);
            worst[side] = key < worst[side] ? key : worst[side];
        }
        clear_from(&ladder->side[PL_BUY], worst[PL_BUY]);
        clear_from(&ladder->side[PL_SELL], worst[PL_SELL]);
    }
    for (uint32_t r = 0; r < msg->row_count; r++) {
        enum pl_side side = r < msg->bid_count ? PL_BUY : PL_SELL;
        int rc = pl_ladder_set(ladder, side, msg->px[r], msg->lots[r]);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

int64_t pl_ladder_best(const struct pl_ladder *ladder, enum pl_side side)
{
    const struct pl_ladder_side *s = &ladder->side[side];
    if (s->count == 0) {
        return side == PL_BUY ? PL_PX_NO_BID : PL_PX_NO_ASK;
    }
    return key_of(side, s->at[s->count - 1].px);
}

bool pl_ladder_nth(const struct pl_ladder *ladder, enum pl_side side, size_t i,
                   struct pl_ladder_level *out)
{
    const struct pl_ladder_side *s = &ladder->side[side];
    if (i >= s->count) {
        return false;
    }
    *out = s->at[s->count - 1 - i];
    out->px = key_of(side, out->px);
    return true;
}
