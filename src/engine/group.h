/* engine/group.h - makers of equal rhythm that read the same views, decided together.
 *
 * Guards lie in columns across the makers of a group, so that asking "whose quotes could have
 * changed?" is a walk over flat arrays. Memory: from the arena, in pl_groups_build. */
#ifndef PL_ENGINE_GROUP_H
#define PL_ENGINE_GROUP_H

#include "base/arena.h"
#include "engine/engine.h"

struct pl_group {
    int64_t period_ns, next_ns;
    int64_t feed_extra_ns;
    uint32_t market;
    int32_t lead_market;
    enum pl_guard_input input[2];
    uint32_t count;
    uint32_t *maker; /* ascending */
    uint32_t *due;   /* scratch of pl_group_select */
    double *lo[2], *hi[2];
    int64_t *valid_until_ns;
    uint64_t guarded; /* decisions not asked because a guard held */
};

struct pl_groups {
    struct pl_group *group;
    uint32_t count;
    int64_t next_ns;
};

PL_MUST_USE int pl_groups_build(struct pl_groups *groups, struct pl_arena *arena,
                                struct pl_maker *maker, uint32_t maker_count, int64_t start_ns);
/* Makers whose guard does not hold for this view into g->due; returns how many. */
uint32_t pl_group_select(struct pl_group *g, const struct pl_view_rec *view, int64_t now_ns);
/* States a maker's guard; NULL = ask every time. */
void pl_groups_guard(struct pl_groups *groups, const struct pl_maker *maker,
                     const struct pl_wanted_guard *guard);
/* Ask this maker next time, whatever its guard said. */
void pl_groups_release(struct pl_groups *groups, const struct pl_maker *maker);
/* Recomputes the earliest deadline. */
void pl_groups_reschedule(struct pl_groups *groups);

#endif
