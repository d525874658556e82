#include "engine/group.h"

static bool same_rhythm(const struct pl_group *g, const struct pl_maker *m, int64_t start_ns)
{
    return g->period_ns == m->traits.refresh_ns &&
           g->next_ns == start_ns + m->traits.refresh_ns + m->phase_ns && g->market == m->market &&
           g->lead_market == m->lead_market && g->feed_extra_ns == m->feed_extra_ns &&
           g->input[0] == m->traits.guard_input[0] && g->input[1] == m->traits.guard_input[1];
}

static int create_columns(struct pl_group *g, struct pl_arena *arena)
{
    g->maker = pl_arena_take(arena, g->count, sizeof *g->maker);
    g->due = pl_arena_take(arena, g->count, sizeof *g->due);
    g->valid_until_ns = pl_arena_take(arena, g->count, sizeof *g->valid_until_ns);
    for (int k = 0; k < 2; k++) {
        g->lo[k] = pl_arena_take(arena, g->count, sizeof *g->lo[k]);
        g->hi[k] = pl_arena_take(arena, g->count, sizeof *g->hi[k]);
    }
    bool ok =
        g->maker && g->due && g->valid_until_ns && g->lo[0] && g->lo[1] && g->hi[0] && g->hi[1];
    return ok ? 0 : PL_ERR_NOMEM;
}

int pl_groups_build(struct pl_groups *groups, struct pl_arena *arena, struct pl_maker *maker,
                    uint32_t maker_count, int64_t start_ns)
{
    groups->group = pl_arena_take(arena, maker_count, sizeof *groups->group);
    if (groups->group == NULL) {
        return PL_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < maker_count; i++) {
        struct pl_maker *m = &maker[i];
        uint32_t at = 0;
        while (at < groups->count && !same_rhythm(&groups->group[at], m, start_ns)) {
            at++;
        }
        if (at == groups->count) {
            groups->group[groups->count++] = (struct pl_group){
                .period_ns = m->traits.refresh_ns,
                .next_ns = start_ns + m->traits.refresh_ns + m->phase_ns,
                .feed_extra_ns = m->feed_extra_ns,
                .market = m->market,
                .lead_market = m->lead_market,
                .input = {m->traits.guard_input[0], m->traits.guard_input[1]},
            };
        }
        m->group = at;
        m->group_at = groups->group[at].count++;
    }
    for (uint32_t at = 0; at < groups->count; at++) {
        int rc = create_columns(&groups->group[at], arena);
        if (rc < 0) {
            return rc;
        }
    }
    for (uint32_t i = 0; i < maker_count; i++) {
        groups->group[maker[i].group].maker[maker[i].group_at] = i;
        pl_groups_release(groups, &maker[i]);
    }
    pl_groups_reschedule(groups);
    return 0;
}

static double input_value(enum pl_guard_input input, const struct pl_touch *touch)
{
    switch (input) {
    case PL_GUARD_BID:
        return (double)touch->px[PL_BUY];
    case PL_GUARD_ASK:
        return (double)touch->px[PL_SELL];
    case PL_GUARD_MID:
        return pl_touch_mid(touch);
    case PL_GUARD_WMID:
        return pl_touch_wmid(touch);
    default:
        return 0;
    }
}

uint32_t pl_group_select(struct pl_group *g, const struct pl_view_rec *view, int64_t now_ns)
{
    double a = input_value(g->input[0], &view->touch), b = input_value(g->input[1], &view->touch);
    const double *lo0 = g->lo[0], *hi0 = g->hi[0], *lo1 = g->lo[1], *hi1 = g->hi[1];
    const int64_t *until = g->valid_until_ns;
    bool stale = (view->flags & PL_VIEWF_STALE) != 0;
    uint32_t due = 0;
    for (uint32_t i = 0; i < g->count; i++) { /* branch-free: the answer is data */
        bool holds = (lo0[i] <= a) & (a <= hi0[i]) & (lo1[i] <= b) & (b <= hi1[i]) &
                     (now_ns < until[i]) & !stale;
        g->due[due] = g->maker[i];
        due += !holds;
    }
    g->guarded += g->count - due;
    return due;
}

void pl_groups_guard(struct pl_groups *groups, const struct pl_maker *m,
                     const struct pl_wanted_guard *guard)
{
    struct pl_group *g = &groups->group[m->group];
    uint32_t at = m->group_at;
    /* Something could not be done yet: an answer may allow it at any time, so do not sleep. */
    if (guard == NULL) {
        g->valid_until_ns[at] = INT64_MIN;
        return;
    }
    for (int k = 0; k < 2; k++) {
        g->lo[k][at] = guard->lo[k];
        g->hi[k][at] = guard->hi[k];
    }
    g->valid_until_ns[at] = guard->valid_until_ns;
}

void pl_groups_release(struct pl_groups *groups, const struct pl_maker *m)
{
    groups->group[m->group].valid_until_ns[m->group_at] = INT64_MIN;
}

void pl_groups_reschedule(struct pl_groups *groups)
{
    groups->next_ns = PL_TIME_NEVER;
    for (uint32_t i = 0; i < groups->count; i++) {
        if (groups->group[i].next_ns < groups->next_ns) {
            groups->next_ns = groups->group[i].next_ns;
        }
    }
}
