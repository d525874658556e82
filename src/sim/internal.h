/* sim/internal.h - the pools that sim.c (requests and answers) and match.c (market events) share. */
#ifndef PL_SIM_INTERNAL_H
#define PL_SIM_INTERNAL_H

#include "sim/sim.h"
#include "sim/timeq.h"

#define PL_SIM_NONE        UINT32_MAX
#define PL_SIM_MARKETS_MAX 16

enum { RESTS_NOT = 0, RESTS = 1 };

struct sim_order {               /* by slot; one cache line */
    int64_t px, left, done;      /* done = executed so far */
    uint32_t cohort, prev, next; /* place in the cohort's list */
    uint32_t id, maker;
    uint8_t side, state, flags, pad;
    int64_t arrived_ns, queue_lots;
};

struct sim_cohort { /* orders whose queue position is the same number */
    struct pl_queue_pos pos;
    uint32_t level, next; /* the next younger cohort of the level */
    uint32_t first, last; /* orders, oldest first */
    uint32_t count;
    bool unknown; /* placed beyond the horizon: the size ahead is not known yet */
};

struct sim_taken { /* displayed lots a universe has already consumed at a level */
    int64_t lots;
    uint32_t universe, level;
    uint32_t next;             /* of the level: trimmed together when the level shrinks */
    uint32_t next_of_universe; /* looked up from here: a universe takes at few levels at once */
};

struct sim_level {
    int64_t px;
    uint32_t cohort_first, cohort_last; /* oldest first */
    uint32_t taken_first;
    uint32_t next_free;
    uint8_t side, market;
};

/* Opposite levels that every own order reaching them has consumed up to `lots`: while no more than
 * that is shown there, looking again cannot fill anybody. Exact, so it changes no result. */
#define PL_SIM_MET_MAX 8
struct sim_met {
    uint32_t count;
    struct pl_book_level level[PL_SIM_MET_MAX];
};

struct sim_market {
    struct pl_book *book;
    const struct pl_touch *touch;
    struct pl_inst inst;
    struct pl_queue_params queue;
    int64_t own_best[2];   /* best own price a side, or better; PL_PX_NO_BID / PL_PX_NO_ASK */
    struct sim_met met[2]; /* by resting side: what its orders have already used up opposite */
    int64_t feed_ns;       /* local - venue time of the latest message */
};

struct sim_maker {
    uint32_t market, universe;
    int64_t pos_lots;      /* as the venue knows it, for reduce-only */
    int64_t last_entry_ns; /* one connection: a later request cannot arrive earlier */
    int64_t last_response_ns;
    uint64_t key, entry_no, response_no;
};

struct sim_account { /* of a universe */
    int64_t rate_credit_ns, rate_at_ns;
    uint32_t taken_room; /* levels it may still remember: its makers' slots, so nobody else's */
    bool rate_known;
};

struct sim_request { /* time first, as pl_timeq wants */
    int64_t t;
    int64_t px, lots;
    uint32_t slot, id, maker;
    uint8_t kind, side, tif, flags;
};

struct pl_sim {
    struct pl_port port; /* first: submit casts back */
    struct pl_sim_config config;
    struct pl_sim_hooks hooks;
    void *listener_ctx;
    void (*listener)(void *ctx, const struct pl_sim_fill *fill);
    struct sim_order *order;
    struct sim_cohort *cohort;
    struct sim_level *level;
    struct sim_taken *taken;
    uint32_t cohort_free, level_free, taken_free, level_live;
    uint32_t *level_table; /* open addressing (market, side, px) -> level + 1 */
    uint32_t level_mask;
    struct sim_market market[PL_SIM_MARKETS_MAX];
    uint32_t market_count;
    struct sim_maker *maker;
    struct sim_account *account; /* by universe */
    uint32_t *taken_of;          /* by universe: its first sim_taken */
    uint64_t *used_print;        /* by universe: the print it consumed from */
    int64_t *used_lots;          /* and how much of it */
    uint64_t print_no;
    uint32_t slot_shift; /* log2 of slots_per_maker */
    struct pl_timeq request, response;
};

/* match.c */
uint32_t pl_sim_find_level(const struct pl_sim *sim, uint32_t market, enum pl_side side,
                           int64_t px);
/* Puts an order to the back of its price level. False when no pool entry is left. */
bool pl_sim_rest(struct pl_sim *sim, uint32_t slot);
void pl_sim_unrest(struct pl_sim *sim, uint32_t slot);
/* Takes displayed liquidity up to `limit` for an arriving order; returns the lots executed. */
int64_t pl_sim_take(struct pl_sim *sim, uint32_t slot, int64_t limit, int64_t t);
int64_t pl_sim_takeable(const struct pl_sim *sim, uint32_t slot, int64_t limit);
/* Forgets what universes have taken on a market; its own orders must be gone. */
void pl_sim_forget_market(struct pl_sim *sim, uint32_t market);
/* sim.c */
void pl_sim_execute(struct pl_sim *sim, uint32_t slot, int64_t px, int64_t lots, bool taker,
                    int64_t t);

#endif
