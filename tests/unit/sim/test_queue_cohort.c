/* Cohorts against one queue position per order: random markets and random orders under every queue
 * model, every fill, every answer and every queue front equal to the bit. The oracle has neither
 * the bounds nor the memory of what was met that keep src/sim fast, so it checks those as well. */
#include "base/rand.h"
#include "support/rig.h"
#include "support/venue_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct scene {
    struct rig rig;
    struct venue_oracle *venue;
    struct pl_sim_config config;
    uint64_t seed, counter;
    int64_t t, centre;
    uint32_t seen_fills;
    uint64_t rested, made, taken;
};

static uint64_t below(struct scene *s, uint64_t n)
{
    return pl_rand_u64(s->seed, 3, 0, s->counter++) % n;
}

static int64_t around(struct scene *s, int64_t width)
{
    return s->centre + (int64_t)below(s, (uint64_t)width * 2 + 1) - width;
}

static void fail_at(const struct scene *s, const char *what)
{
    fail_msg("model %s n %g compat %d through %d seed %llu step %lld: %s",
             pl_queue_model_name(s->config.queue.model), s->config.queue.n, s->config.compat,
             (int)s->config.through, (unsigned long long)s->seed, (long long)s->t, what);
}

static void compare(struct scene *s)
{
    const struct venue_oracle *v = s->venue;
    if (s->rig.fill_count != v->fill_count) {
        fail_at(s, "number of fills");
    }
    for (; s->seen_fills < v->fill_count; s->seen_fills++) {
        const struct pl_sim_fill *a = &s->rig.fill[s->seen_fills];
        const struct venue_fill *b = &v->fill[s->seen_fills];
        if (a->maker != b->maker || a->order_id != b->id || a->px != b->px || a->lots != b->lots ||
            (a->taker != 0) != b->taker) {
            fail_at(s, "a fill");
        }
        s->made += !b->taker;
        s->taken += b->taker;
    }
    for (uint32_t slot = 0; slot < v->slots; slot++) {
        const struct venue_order *o = &v->order[slot];
        double front = pl_sim_queue_front(s->rig.sim, slot);
        double want = o->rests ? o->pos.front : -1;
        if (memcmp(&front, &want, sizeof front) != 0) {
            fail_at(s, "a queue front");
        }
        if (o->rests && !s->config.compat && front < -0.5) {
            fail_at(s, "a front below zero");
        }
        s->rested += o->rests;
    }
}

/* ---- random events -------------------------------------------------------------------------- */

static void random_rows(struct scene *s, uint32_t bids, uint32_t rows)
{
    struct rig *r = &s->rig;
    for (uint32_t i = 0; i < rows; i++) {
        int64_t lean = below(s, 8) == 0 ? 0 : i < bids ? -4 : 4;
        r->px[i] = around(s, 4) + lean;
        r->lots[i] = below(s, 3) == 0 ? 0 : 1 + (int64_t)below(s, 12);
    }
}

static void random_market(struct scene *s)
{
    struct rig *r = &s->rig;
    s->centre += (int64_t)below(s, 3) - 1;
    uint64_t what = below(s, 20);
    if (what < 9) {
        uint32_t rows = (uint32_t)below(s, 8), bids = (uint32_t)below(s, rows + 1);
        random_rows(s, bids, rows);
        r->seq += 1 + below(s, 3);
        venue_depth(s->venue, r->px, r->lots, bids, rows, r->seq);
        rig_apply(r, PL_MSG_DEPTH, 0, bids, rows, s->t, r->seq);
    } else if (what < 14) {
        enum pl_side aggressor = (enum pl_side)below(s, 2);
        int64_t px = around(s, 6), lots = 1 + (int64_t)below(s, 10);
        bool book = below(s, 10) != 0;
        r->px[0] = px;
        r->lots[0] = lots;
        if (book) {
            venue_trade(s->venue, pl_side_other(aggressor), px, lots);
        }
        rig_apply(
            r, PL_MSG_TRADE,
            (uint8_t)((aggressor == PL_SELL ? PL_MSGF_SELL : 0) | (book ? 0 : PL_MSGF_NOT_BOOK)), 0,
            1, s->t, 0);
    } else if (what < 19) {
        int64_t bid = around(s, 3);
        r->px[0] = bid;
        r->px[1] = bid + 1 + (int64_t)below(s, 3);
        for (int k = 0; k < 2; k++) {
            r->lots[k] = below(s, 20) == 0 ? 0 : 1 + (int64_t)below(s, 12);
        }
        uint64_t seq = r->seq + below(s, 4);
        venue_bbo(s->venue, r->px, r->lots, seq);
        rig_apply(r, PL_MSG_BBO, 0, 1, 2, s->t, seq);
    } else {
        uint32_t bids = (uint32_t)below(s, 6), rows = bids + (uint32_t)below(s, 6);
        for (uint32_t i = 0; i < rows; i++) {
            int64_t away = i < bids ? -1 - (int64_t)i * 2 : 1 + (int64_t)(i - bids) * 2;
            r->px[i] = s->centre + away;
            r->lots[i] = 1 + (int64_t)below(s, 12);
        }
        r->seq += 1 + below(s, 3);
        venue_snapshot(s->venue, r->px, r->lots, bids, rows, r->seq);
        rig_apply(r, PL_MSG_SNAPSHOT, 0, bids, rows, s->t, r->seq);
    }
}

static void random_new(struct scene *s, uint32_t maker, uint32_t slot)
{
    static const uint8_t flags[] = {PL_ORDF_POST_ONLY, PL_ORDF_POST_ONLY,  0, 0,
                                    PL_ORDF_MARKET,    PL_ORDF_REDUCE_ONLY};
    static const uint8_t tifs[] = {PL_TIF_GTC, PL_TIF_GTC, PL_TIF_GTC,
                                   PL_TIF_GTC, PL_TIF_IOC, PL_TIF_FOK};
    enum pl_side side = (enum pl_side)below(s, 2);
    int64_t lots = below(s, 8) == 0 ? 1000 : 1 + (int64_t)below(s, 12);
    struct pl_action a = rig_new(&s->rig, slot, side, around(s, 5) - pl_side_sign(side) * 3, lots);
    a.flags = flags[below(s, PL_COUNT(flags))];
    a.tif = (a.flags & PL_ORDF_MARKET) != 0 ? PL_TIF_IOC : tifs[below(s, PL_COUNT(tifs))];
    enum pl_response_kind want = venue_new(s->venue, maker, &a);
    struct pl_response got = rig_do(&s->rig, maker, a, s->t);
    if (got.kind != want || got.id != a.id) {
        fail_at(s, "the answer to an order");
    }
}

static void random_change(struct scene *s, uint32_t maker, uint32_t slot)
{
    struct venue_order *o = &s->venue->order[slot];
    bool cancel = below(s, 2) == 0;
    struct pl_action a = {.px = below(s, 3) == 0 ? o->px : around(s, 6),
                          .lots = 1 + (int64_t)below(s, 14),
                          .slot = slot,
                          .id = below(s, 20) == 0 ? o->id + 1000000 : o->id,
                          .kind = cancel ? PL_ACT_CANCEL : PL_ACT_AMEND,
                          .side = (uint8_t)o->side,
                          .flags = o->flags};
    enum pl_response_kind want = cancel ? venue_cancel(s->venue, &a) : venue_amend(s->venue, &a);
    struct pl_response got = rig_do(&s->rig, maker, a, s->t);
    if (got.kind != want || (want == PL_RSP_AMENDED && got.left != o->left)) {
        fail_at(s, "the answer to a cancel or amend");
    }
}

static void random_request(struct scene *s)
{
    uint32_t maker = (uint32_t)below(s, s->config.makers);
    uint32_t slot = maker * s->config.slots_per_maker + (uint32_t)below(s, 12);
    if (s->venue->order[slot].rests) {
        random_change(s, maker, slot);
    } else {
        random_new(s, maker, slot);
    }
}

static void run_scene(struct scene *s, uint64_t seed, uint32_t steps)
{
    struct pl_inst inst = rig_inst();
    rig_open(&s->rig, &s->config, &inst);
    venue_init(s->venue, &s->config, pl_inst_lot(&inst));
    s->seed = seed;
    s->counter = s->seen_fills = 0;
    s->centre = 1000;
    for (s->t = 1; s->t <= steps; s->t++) {
        if (below(s, 5) < 3) {
            random_market(s);
        } else {
            random_request(s);
        }
        compare(s);
    }
    oracle_fini(&s->venue->book);
    rig_close(&s->rig);
}

static const struct pl_queue_params models[] = {
    {.model = PL_QUEUE_RISK},
    {.model = PL_QUEUE_POWER1, .n = 1},
    {.model = PL_QUEUE_POWER1, .n = 2},
    {.model = PL_QUEUE_POWER1, .n = 2.5},
    {.model = PL_QUEUE_POWER2, .n = 2},
    {.model = PL_QUEUE_POWER2, .n = 3},
    {.model = PL_QUEUE_POWER3, .n = 1},
    {.model = PL_QUEUE_POWER3, .n = 3},
    {.model = PL_QUEUE_LOG1, .unit = 1},
    {.model = PL_QUEUE_LOG2, .unit = 1},
    {.model = PL_QUEUE_PRORATA},
};

static void run_models(bool compat, enum pl_through_fill through)
{
    static struct scene s;
    s = (struct scene){.venue = malloc(sizeof *s.venue)};
    assert_non_null(s.venue);
    for (size_t i = 0; i < PL_COUNT(models); i++) {
        s.config = rig_config();
        s.config.queue = models[i];
        s.config.compat = compat;
        s.config.through = through;
        s.config.makers = 6;
        s.config.universes = 3;
        for (uint64_t seed = 1; seed <= 2; seed++) {
            run_scene(&s, seed * 100 + i, 2500);
        }
    }
    /* the streams did what they are for */
    assert_true(s.made > 5000 && s.taken > 1000 && s.rested > 100000);
    free(s.venue);
}

static void test_every_model(void **state)
{
    (void)state;
    run_models(false, PL_THROUGH_PRINT);
}

static void test_every_model_displayed_through(void **state)
{
    (void)state;
    run_models(false, PL_THROUGH_DISPLAYED);
}

static void test_every_model_of_the_peer(void **state)
{
    (void)state;
    run_models(true, PL_THROUGH_PRINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_model),
        cmocka_unit_test(test_every_model_displayed_through),
        cmocka_unit_test(test_every_model_of_the_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
