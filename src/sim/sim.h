/* sim/sim.h - the simulated venue: our orders against a recorded market.
 *
 * Order of things at one instant: venue data, then requests that arrive, then answers. Orders never
 * change the recorded book; what they would have consumed is remembered per universe, so that each
 * printed or displayed unit is used once in a universe, and universes do not see each other.
 *
 * Queue   orders at one (side, price) whose queue position is equal form a cohort, advanced once per
 *         event however many orders it holds.
 * Memory  pools taken in pl_sim_create from stated maxima; the time queues may grow by doubling (a
 *         counter says so).
 * Cost    an event that concerns no own order: one or two compares. Everything else O(orders
 *         concerned). */
#ifndef PL_SIM_SIM_H
#define PL_SIM_SIM_H

#include "base/arena.h"
#include "book/book.h"
#include "book/touch.h"
#include "core/block.h"
#include "core/inst.h"
#include "core/regrid.h"
#include "math/queue.h"
#include "port/port.h"
#include "sim/latency.h"

#include <stdbool.h>

enum pl_through_fill {                   /* what a print strictly through our price fills */
                       PL_THROUGH_PRINT, /* at most the printed size */
                       PL_THROUGH_DISPLAYED, /* at most what the book displayed on our way, or the print if larger */
};

struct pl_sim_config {
    struct pl_queue_params queue; /* queue.unit is set per market */
    struct pl_latency latency;
    bool compat; /* the public peer's fills: whole orders, nothing consumed */
    enum pl_through_fill through;
    int64_t rate_per_s, rate_burst; /* requests an account (universe) may send; 0 = no limit */
    uint32_t slots_per_maker;       /* a power of two >= 64 */
    uint32_t makers;
    uint32_t universes;
    uint64_t seed;
};

struct pl_sim;

/* A fill as the venue sees it, for recording. Times in ns, prices in ticks. */
struct pl_sim_fill {
    uint32_t maker, market, order_id;
    uint8_t side, taker;
    int64_t px, lots, left;
    int64_t venue_ns, local_ns;     /* when it happened; when the maker hears of it */
    int64_t arrived_ns, queue_lots; /* when the order reached the venue, and the size ahead then */
};

struct pl_sim_hooks { /* all optional; called at the moment of the event on the venue's clock */
    void *ctx;
    void (*fill)(void *ctx, const struct pl_sim_fill *fill);
    void (*request)(void *ctx, uint32_t market, int64_t sent_ns, int64_t arrives_ns);
    void (*answer)(void *ctx, uint32_t market, int64_t venue_ns, int64_t heard_ns);
};

PL_MUST_USE int pl_sim_create(struct pl_arena *arena, const struct pl_sim_config *config,
                              struct pl_sim **out, struct pl_error *err);
void pl_sim_destroy(struct pl_sim **sim); /* frees the time queues */
/* Markets in the order of their indexes; book and touch belong to the market and outlive the sim. */
PL_MUST_USE int pl_sim_add_market(struct pl_sim *sim, struct pl_book *book,
                                  const struct pl_inst *inst, const struct pl_touch *touch);
void pl_sim_add_maker(struct pl_sim *sim, uint32_t maker, uint32_t market, uint32_t universe,
                      uint64_t key);
void pl_sim_set_hooks(struct pl_sim *sim, const struct pl_sim_hooks *hooks);
/* A second listener of fills, beside the hooks: a list of fills and a report of the same run. */
void pl_sim_listen_fills(struct pl_sim *sim, void *ctx,
                         void (*fill)(void *ctx, const struct pl_sim_fill *fill));
struct pl_port *pl_sim_port(struct pl_sim *sim);

/* The instrument has changed at venue time t. A new tick or lot cancels every resting order of the
 * market and refuses what is on its way. */
void pl_sim_change_inst(struct pl_sim *sim, uint32_t market, const struct pl_inst *inst,
                        const struct pl_regrid *regrid, int64_t t);
/* After the market has applied message i and before anybody acts on it. */
void pl_sim_on_message(struct pl_sim *sim, uint32_t market, const struct pl_block *block,
                       uint32_t i);
/* Time of the next request to arrive / answer to be heard; PL_TIME_NEVER when none. */
int64_t pl_sim_next_arrival(const struct pl_sim *sim);
int64_t pl_sim_next_response(const struct pl_sim *sim);
/* Lets the next request arrive. */
void pl_sim_arrive(struct pl_sim *sim);
/* The next answer, valid until the following call into sim. */
const struct pl_response *pl_sim_take_response(struct pl_sim *sim);

/* Displayed size ahead of a resting order, in lots; -1 when it does not rest. */
double pl_sim_queue_front(const struct pl_sim *sim, uint32_t slot);
uint64_t pl_sim_grown(const struct pl_sim *sim); /* times a queue had to grow */
/* Whole-state check: lists, counts and bounds agree (tests, fuzzing). */
bool pl_sim_check(const struct pl_sim *sim);

#endif
