/* The engine as a whole: guards change nothing, rhythm, views with their delays, stale and one-sided
 * books, funding, and no allocation once started. */
#include "support/session.h"

#include "engine/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- allocations are counted in this program ------------------------------------------------ */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef COUNTS_ALLOCATIONS
#define COUNTS_ALLOCATIONS 1
#endif

static unsigned long allocations;

#if COUNTS_ALLOCATIONS
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}
#endif

/* ---- guards --------------------------------------------------------------------------------- */

#define VARIED 24

static struct pl_reference_params reference_params[SESSION_MAKERS_MAX];
static struct steps_params steps_params[SESSION_MAKERS_MAX];

static void varied_makers(struct session *s, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        session_varied(i, &reference_params[i], &steps_params[i]);
        struct pl_backtest_maker *m =
            i % 2 ? session_maker(s, &steps_strategy, &steps_params[i])
                  : session_maker(s, &pl_strategy_reference, &reference_params[i]);
        m->phase_ns = (int64_t)(i % 4) * 3 * PL_NS_PER_MS;
    }
}

static void compare_results(const struct session *a, const struct session *b, const char *what,
                            uint64_t seed)
{
    for (uint32_t i = 0; i < a->maker_count; i++) {
        const struct pl_backtest_result *x = &a->backtest.result[i], *y = &b->backtest.result[i];
        if (x->digest != y->digest || x->trades != y->trades || x->pos_lots != y->pos_lots ||
            x->balance != y->balance || x->equity != y->equity) {
            fail_msg("%s, seed %llu, maker %u (%s): %llu and %llu orders, %llu and %llu trades",
                     what, (unsigned long long)seed, i, a->maker[i].strategy->name,
                     (unsigned long long)x->orders, (unsigned long long)y->orders,
                     (unsigned long long)x->trades, (unsigned long long)y->trades);
        }
    }
    assert_int_equal(a->backtest.digest, b->backtest.digest);
}

static void test_guards_change_nothing(void **state)
{
    (void)state;
    static struct session with, without;
    uint64_t trades = 0, guarded = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct stream stream;
        stream_init(&stream);
        stream_random(&stream, seed, 4000);
        struct session *both[] = {&with, &without};
        for (int k = 0; k < 2; k++) {
            session_init(both[k]);
            session_data(both[k], &stream);
            varied_makers(both[k], VARIED);
            both[k]->settings.guards = k == 0;
            both[k]->settings.compat = seed % 4 == 0 ? PL_COMPAT_HFTBACKTEST : PL_COMPAT_NONE;
            both[k]->settings.amend = seed % 2 == 0;
            both[k]->settings.latency = seed % 3 == 0 ? PL_LATENCY_LOGNORMAL : PL_LATENCY_CONSTANT;
            both[k]->settings.max_position = seed % 5 == 0 ? 0.03 : 0;
            assert_int_equal(session_run(both[k]), 0);
        }
        compare_results(&with, &without, "guards", seed);
        assert_int_equal(without.backtest.guarded, 0);
        guarded += with.backtest.guarded;
        for (uint32_t i = 0; i < VARIED; i++) {
            trades += with.backtest.result[i].trades;
            assert_true(with.backtest.result[i].decisions <= without.backtest.result[i].decisions);
        }
        session_free(&with);
        session_free(&without);
        stream_fini(&stream);
    }
    assert_true(trades > 1000 && guarded > 1000);
}

/* ---- an engine by hand ---------------------------------------------------------------------- */

struct desk {            /* engine with one maker; requests are collected, nobody answers */
    struct pl_port port; /* first: submit casts back */
    struct pl_engine *engine;
    struct pl_action action[256];
    int64_t sent_ns[256];
    uint32_t count;
    int64_t decided_ns[256];
    uint32_t decisions;
    struct stream stream;
    const struct pl_block *block;
    uint32_t done; /* messages of the stream already applied */
};

static void on_submit(struct pl_port *port, uint32_t maker, const struct pl_action *action,
                      uint32_t count, int64_t now_ns)
{
    (void)maker;
    struct desk *d = (struct desk *)(void *)port;
    for (uint32_t i = 0; i < count; i++) {
        d->action[d->count] = action[i];
        d->sent_ns[d->count++] = now_ns;
    }
}

static void on_decision(void *ctx, uint32_t maker, const struct pl_strategy_view *view,
                        const struct pl_wanted *wanted)
{
    (void)maker;
    (void)wanted;
    struct desk *d = ctx;
    d->decided_ns[d->decisions++] = view->now_ns;
}

static void desk_open(struct desk *d, const struct pl_engine_config *given,
                      const struct pl_market_config *market, const struct pl_maker_config *maker,
                      uint32_t makers, int64_t start_ns)
{
    memset(d, 0, sizeof *d);
    struct pl_error err = {0};
    struct pl_engine_config config = *given;
    config.makers_max = makers;
    config.universes_max = makers;
    config.slots_per_maker = 64;
    stream_init(&d->stream);
    d->port.submit = on_submit;
    assert_int_equal(pl_engine_create(&config, &d->engine, &err), 0);
    assert_int_equal(pl_engine_add_market(d->engine, market, &d->stream.inst[0], &err), 0);
    for (uint32_t i = 0; i < makers; i++) {
        assert_int_equal(pl_engine_add_maker(d->engine, &maker[i], &err), i);
    }
    pl_engine_set_port(d->engine, &d->port);
    pl_engine_set_hooks(d->engine, &(struct pl_engine_hooks){.ctx = d, .decision = on_decision});
    assert_int_equal(pl_engine_start(d->engine, start_ns, 0, &err), 0);
}

static void desk_close(struct desk *d)
{
    pl_engine_destroy(&d->engine);
    stream_fini(&d->stream);
}

/* Applies what has been put into the stream since the last call. */
static void desk_feed(struct desk *d)
{
    d->stream.at = d->done;
    while (d->done < d->stream.count) {
        const struct pl_block *b = NULL;
        struct pl_error err;
        assert_int_equal(stream_next(&d->stream.source, &b, &err), 1);
        for (uint32_t i = 0; i < b->msg_count; i++) {
            pl_market_apply(pl_engine_market(d->engine, 0), b, i);
            struct pl_event event = {
                .kind = PL_EVENT_MARKET, .now_ns = b->venue_ns[i], .idx = i, .block = b};
            pl_engine_step(d->engine, &event);
        }
        d->done += b->msg_count;
    }
}

/* Timers up to and including t. */
static void desk_run(struct desk *d, int64_t t)
{
    while (pl_engine_next_deadline(d->engine) <= t) {
        struct pl_event event = {.kind = PL_EVENT_TIMER,
                                 .now_ns = pl_engine_next_deadline(d->engine)};
        pl_engine_step(d->engine, &event);
    }
}

static void desk_answer(struct desk *d, uint32_t at, enum pl_response_kind kind, int64_t lots,
                        int64_t t)
{
    const struct pl_action *a = &d->action[at];
    struct pl_response r = {.local_ns = t,
                            .venue_ns = t,
                            .px = a->px,
                            .lots = lots,
                            .left = kind == PL_RSP_FILL ? a->lots - lots : a->lots,
                            .slot = a->slot,
                            .id = a->id,
                            .kind = (uint8_t)kind,
                            .side = a->side};
    struct pl_event event = {.kind = PL_EVENT_RESPONSE, .now_ns = t, .response = &r};
    pl_engine_step(d->engine, &event);
    struct pl_event end = {.kind = PL_EVENT_BATCH_END, .now_ns = t};
    pl_engine_step(d->engine, &end);
}

static const struct pl_reference_params plain = {
    .offset = 0, .size = 0.001, .max = 0.02, .period_ms = 100};

static struct pl_maker_config plain_maker(void)
{
    return (struct pl_maker_config){.strategy = &pl_strategy_reference,
                                    .params = &plain,
                                    .lead_market = -1,
                                    .max_position_lots = INT64_MAX};
}

#define MS PL_NS_PER_MS

/* First decision at start + period + phase, then every period; three phases, each its own time. */
static void test_periods_and_phases(void **state)
{
    (void)state;
    struct desk d;
    struct pl_maker_config maker[3] = {plain_maker(), plain_maker(), plain_maker()};
    struct pl_reference_params slow = plain;
    slow.period_ms = 250;
    maker[1].phase_ns = 30 * MS;
    maker[2].params = &slow;
    desk_open(&d, &(struct pl_engine_config){.guards_off = true},
              &(struct pl_market_config){.view_ring = 0}, maker, 3, 1000 * MS);
    assert_int_equal(pl_engine_next_deadline(d.engine), 1100 * MS);
    stream_pair(&d.stream, PL_MSG_SNAPSHOT, 1000 * MS, 1001 * MS, 100, 5, 101, 5);
    desk_feed(&d);
    desk_run(&d, 1500 * MS);
    static const int64_t want[] = {1100, 1130, 1200, 1230, 1250, 1300,
                                   1330, 1400, 1430, 1500, 1500};
    assert_int_equal(d.decisions, PL_COUNT(want));
    for (uint32_t i = 0; i < d.decisions; i++) {
        assert_int_equal(d.decided_ns[i], want[i] * MS);
    }
    assert_int_equal(pl_engine_next_deadline(d.engine), 1530 * MS);
    desk_close(&d);
}

/* A maker hears of a message at its local time plus the maker's own extra, not before. */
static void test_views_are_delayed(void **state)
{
    (void)state;
    struct desk d;
    struct pl_maker_config maker[2] = {plain_maker(), plain_maker()};
    maker[1].feed_extra_ns = 150 * MS;
    desk_open(&d, &(struct pl_engine_config){0}, &(struct pl_market_config){.view_ring = 0}, maker,
              2, 0);
    stream_pair(&d.stream, PL_MSG_SNAPSHOT, 0, 100 * MS, 100, 5, 101, 5);
    stream_pair(&d.stream, PL_MSG_SNAPSHOT, 50 * MS, 200 * MS, 110, 5, 111, 5);
    desk_feed(&d);
    desk_run(&d, 100 * MS); /* seen at its very instant */
    assert_int_equal(d.count, 2);
    assert_int_equal(d.action[0].px, 100);
    desk_run(&d, 200 * MS); /* maker 0 sees the second and waits for answers; maker 1 sees none */
    assert_int_equal(d.count, 2 + 2);
    desk_run(&d, 300 * MS);
    assert_int_equal(d.count, 6);
    assert_int_equal(d.action[4].px, 100); /* maker 1, from the first message */
    assert_int_equal(d.action[4].slot, 1); /* its own first one */
    desk_close(&d);
}

/* The ring against a list: the newest record, in the order of publication, that is visible. */
static void test_view_ring(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct pl_arena *arena;
        struct pl_market *market;
        struct stream s;
        static int64_t visible[3000];
        stream_init(&s);
        assert_int_equal(pl_arena_create(&arena), 0);
        struct pl_market_config config = {.view_ring = 64};
        assert_int_equal(pl_market_create(arena, &config, &s.inst[0], &market), 0);
        assert_null(pl_market_view(market, INT64_MAX / 2, 0));
        struct stream_draw d = {seed, 0, 100, 0};
        for (int i = 0; i < 3000; i++) {
            d.t += stream_below(&d, 1000);
            visible[i] = d.t + stream_below(&d, 3000) - 500; /* clocks may disagree */
            stream_pair(&s, PL_MSG_DEPTH, d.t, visible[i], 100 + i, 1, 101 + i, 1);
        }
        const struct pl_block *b;
        struct pl_error err;
        uint32_t published = 0, lost = 0;
        while (stream_next(&s.source, &b, &err) > 0) {
            for (uint32_t i = 0; i < b->msg_count; i++) {
                pl_market_apply(market, b, i);
                pl_market_publish(market, b, i);
                published++;
                int64_t now = b->venue_ns[i] + stream_below(&d, 2000),
                        extra = stream_below(&d, 9000);
                const struct pl_view_rec *rec = pl_market_view(market, now, extra);
                uint32_t best = 0, oldest = published > 63 ? published - 63 : 1;
                for (uint32_t n = oldest; n <= published; n++) {
                    best = visible[n - 1] + extra <= now ? n : best;
                }
                assert_int_equal(rec != NULL, best != 0);
                lost += rec == NULL && oldest > 1;
                assert_int_equal(market->counts.views_lost, lost);
                if (rec != NULL) {
                    assert_int_equal(rec->number, best);
                    assert_int_equal(rec->touch.px[PL_SELL], 100 + best);
                }
            }
        }
        pl_arena_destroy(&arena);
        stream_fini(&s);
    }
}

/* A feed that breaks: quotes are withdrawn once we know, and come back with a snapshot. */
static void test_stale_book(void **state)
{
    (void)state;
    struct desk d;
    struct pl_maker_config maker = plain_maker();
    desk_open(&d, &(struct pl_engine_config){0}, &(struct pl_market_config){.view_ring = 0}, &maker,
              1, 0);
    stream_pair(&d.stream, PL_MSG_SNAPSHOT, 10 * MS, 11 * MS, 100, 5, 101, 5);
    desk_feed(&d);
    desk_run(&d, 100 * MS);
    assert_int_equal(d.count, 2);
    desk_answer(&d, 0, PL_RSP_ACCEPTED, 0, 110 * MS);
    desk_answer(&d, 1, PL_RSP_ACCEPTED, 0, 110 * MS);
    stream_one(&d.stream, PL_MSG_GAP, 0, 120 * MS, 250 * MS, 0, -1);
    stream_pair(&d.stream, PL_MSG_DEPTH, 130 * MS, 251 * MS, 100, 6, 101, 6);
    desk_feed(&d);
    desk_run(&d, 200 * MS);
    assert_int_equal(d.count, 2); /* not known yet */
    desk_run(&d, 300 * MS);
    assert_int_equal(d.count, 4);
    assert_int_equal(d.action[2].kind, PL_ACT_CANCEL);
    assert_int_equal(d.action[3].kind, PL_ACT_CANCEL);
    desk_answer(&d, 2, PL_RSP_CANCELLED, 0, 310 * MS);
    desk_answer(&d, 3, PL_RSP_CANCELLED, 0, 310 * MS);
    desk_run(&d, 400 * MS);
    assert_int_equal(d.count, 4);
    stream_pair(&d.stream, PL_MSG_SNAPSHOT, 410 * MS, 411 * MS, 100, 5, 101, 5);
    desk_feed(&d);
    desk_run(&d, 500 * MS);
    assert_int_equal(d.count, 6);
    desk_close(&d);
}

/* One side empty: ours withdraws its quotes, the public peer leaves them where they are. */
static void test_one_sided_book(void **state)
{
    (void)state;
    for (int compat = 0; compat < 2; compat++) {
        struct desk d;
        struct pl_maker_config maker = plain_maker();
        desk_open(&d, &(struct pl_engine_config){.compat = compat != 0},
                  &(struct pl_market_config){.ignore_bbo = compat != 0}, &maker, 1, 0);
        stream_pair(&d.stream, PL_MSG_SNAPSHOT, 10 * MS, 11 * MS, 100, 5, 101, 5);
        desk_feed(&d);
        desk_run(&d, 100 * MS);
        desk_answer(&d, 0, PL_RSP_ACCEPTED, 0, 110 * MS);
        desk_answer(&d, 1, PL_RSP_ACCEPTED, 0, 110 * MS);
        stream_pair(&d.stream, PL_MSG_DEPTH, 120 * MS, 121 * MS, 99, 5, 101, 0);
        desk_feed(&d);
        desk_run(&d, 200 * MS);
        assert_int_equal(d.count, compat ? 2 : 4);
        desk_close(&d);
    }
}

/* Best bid/ask and depth fused: the later id wins; without ids the later message does. */
static void test_touch_fusion(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint64_t depth_seq, bbo_seq, later_seq;
        int64_t bid; /* best bid seen after depth 100, best bid/ask 110, depth 99 */
    } rows[] = {
        {"depth has not caught up", 5, 9, 7, 110},
        {"depth has caught up", 5, 9, 9, 100},
        {"best bid/ask from before the depth", 5, 4, 7, 100},
        {"depth without ids", 0, 9, 0, 100},
        {"best bid/ask without ids", 5, 0, 0, 100},
        {"no ids at all", 0, 0, 0, 100},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct desk d;
        struct pl_maker_config maker = plain_maker();
        desk_open(&d, &(struct pl_engine_config){0}, &(struct pl_market_config){.view_ring = 0},
                  &maker, 1, 0);
        stream_pair(&d.stream, PL_MSG_SNAPSHOT, 1, 1, 100, 5, 120, 5);
        stream_pair(&d.stream, PL_MSG_BBO, 2, 2, 110, 5, 120, 5);
        stream_pair(&d.stream, PL_MSG_DEPTH, 3, 3, 99, 5, 121, 5);
        d.stream.seq[0] = rows[i].depth_seq;
        d.stream.seq[1] = rows[i].bbo_seq;
        d.stream.seq[2] = rows[i].later_seq;
        desk_feed(&d);
        const struct pl_touch *touch = &pl_engine_market(d.engine, 0)->touch;
        if (touch->px[PL_BUY] != rows[i].bid) {
            fail_msg("%s: %lld", rows[i].what, (long long)touch->px[PL_BUY]);
        }
        desk_close(&d);
    }
    /* best bid/ask alone, without ids, is a touch */
    struct desk d;
    struct pl_maker_config maker = plain_maker();
    desk_open(&d, &(struct pl_engine_config){0}, &(struct pl_market_config){.view_ring = 0}, &maker,
              1, 0);
    for (int i = 0; i < 2; i++) {
        stream_pair(&d.stream, PL_MSG_BBO, i, i, 110 + i, 5, 120, 5);
        d.stream.seq[i] = 0;
    }
    desk_feed(&d);
    assert_int_equal(pl_engine_market(d.engine, 0)->touch.px[PL_BUY], 111);
    desk_close(&d);
}

/* Longs pay: position x mark x rate, from the position we know of at that moment. */
static void test_funding(void **state)
{
    (void)state;
    struct desk d;
    struct pl_maker_config maker = plain_maker();
    desk_open(&d, &(struct pl_engine_config){0}, &(struct pl_market_config){.view_ring = 0}, &maker,
              1, 0);
    stream_pair(&d.stream, PL_MSG_SNAPSHOT, 10 * MS, 11 * MS, 60000, 5, 60001, 5);
    stream_one(&d.stream, PL_MSG_MARK, 0, 20 * MS, 21 * MS, 50000, 0);
    desk_feed(&d);
    desk_run(&d, 100 * MS);
    desk_answer(&d, 0, PL_RSP_FILL, 1, 110 * MS);
    assert_int_equal(pl_engine_maker(d.engine, 0)->ledger.pos_lots, 1);
    stream_one(&d.stream, PL_MSG_FUNDING, 0, 120 * MS, 121 * MS, 100000, 0);
    desk_feed(&d);
    assert_true(pl_engine_maker(d.engine, 0)->ledger.funding_e9 == -5000000000);
    stream_one(&d.stream, PL_MSG_FUNDING, 0, 130 * MS, 131 * MS, -200000, 0);
    desk_feed(&d);
    assert_true(pl_engine_maker(d.engine, 0)->ledger.funding_e9 == 5000000000);
    desk_close(&d);
}

/* A strategy that wants to know of fills is asked at the very instant, once for all of them. */
static void test_asked_after_a_fill(void **state)
{
    (void)state;
    struct desk d;
    struct steps_params p = {
        .levels = 1, .offset = 1, .coarse = 1, .period_ms = 100, .tolerance = 0.1, .on_fill = true};
    struct pl_maker_config maker = plain_maker();
    maker.strategy = &steps_strategy;
    maker.params = &p;
    desk_open(&d, &(struct pl_engine_config){0}, &(struct pl_market_config){.view_ring = 0}, &maker,
              1, 0);
    stream_pair(&d.stream, PL_MSG_SNAPSHOT, 10 * MS, 11 * MS, 60000, 5, 60002, 5);
    desk_feed(&d);
    desk_run(&d, 100 * MS);
    assert_int_equal(d.decisions, 1);
    desk_answer(&d, 0, PL_RSP_ACCEPTED, 0, 110 * MS);
    assert_int_equal(d.decisions, 1);
    desk_answer(&d, 0, PL_RSP_FILL, 1, 120 * MS);
    assert_int_equal(d.decisions, 2);
    assert_int_equal(d.decided_ns[1], 120 * MS);
    desk_close(&d);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        uint32_t slots, makers;
        int rc;
    } rows[] = {
        {64, 1, 0},
        {256, 1, 0},
        {32, 1, PL_ERR_INVALID},
        {96, 1, PL_ERR_INVALID},
        {512, 1, PL_ERR_INVALID},
        {64, 0, PL_ERR_INVALID},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_engine *engine;
        struct pl_error err = {0};
        struct pl_engine_config config = {
            .makers_max = rows[i].makers, .universes_max = 1, .slots_per_maker = rows[i].slots};
        assert_int_equal(pl_engine_create(&config, &engine, &err), rows[i].rc);
        assert_int_equal(err.code, rows[i].rc);
        if (rows[i].rc == 0) {
            struct pl_inst inst = stream_inst();
            struct pl_market_config market = {.view_ring = 0};
            struct pl_maker_config maker = plain_maker();
            assert_int_equal(pl_engine_add_market(engine, &market, &inst, &err), 0);
            assert_int_equal(pl_engine_add_maker(engine, &maker, &err), 0);
            assert_int_equal(pl_engine_add_maker(engine, &maker, &err), PL_ERR_LIMIT);
            inst.tick.mantissa = 0;
            assert_true(pl_engine_add_market(engine, &market, &inst, &err) < 0);
        }
        pl_engine_destroy(&engine);
        assert_null(engine);
    }
}

/* ---- no allocation after the start ---------------------------------------------------------- */

static unsigned long at_first_message, at_last_message;

static void count_messages(void *ctx, uint32_t market, const struct pl_block *block, uint32_t idx)
{
    (void)ctx;
    (void)market;
    (void)block;
    (void)idx;
    at_first_message = at_first_message == 0 ? allocations : at_first_message;
    at_last_message = allocations;
}

static void build(const struct stream *stream, uint32_t makers, struct pl_engine **engine,
                  struct pl_sim **sim)
{
    struct pl_error err = {0};
    struct pl_engine_config config = {
        .makers_max = makers, .universes_max = makers, .slots_per_maker = 64};
    struct pl_market_config market = {.view_ring = 0};
    assert_int_equal(pl_engine_create(&config, engine, &err), 0);
    assert_int_equal(pl_engine_add_market(*engine, &market, &stream->inst[0], &err), 0);
    for (uint32_t i = 0; i < makers; i++) {
        session_varied(i, &reference_params[i], &steps_params[i]);
        struct pl_maker_config maker = plain_maker();
        maker.strategy = i % 2 ? &steps_strategy : &pl_strategy_reference;
        maker.params = i % 2 ? (const void *)&steps_params[i] : &reference_params[i];
        maker.universe = i;
        assert_int_equal(pl_engine_add_maker(*engine, &maker, &err), i);
    }
    struct pl_sim_config sim_config = {.queue = {.model = PL_QUEUE_POWER1, .n = 2},
                                       .latency = {.entry_ns = 5 * MS, .response_ns = 3 * MS},
                                       .slots_per_maker = 64,
                                       .makers = makers,
                                       .universes = makers,
                                       .seed = 1};
    assert_int_equal(pl_sim_create(pl_engine_arena(*engine), &sim_config, sim, &err), 0);
    struct pl_market *m = pl_engine_market(*engine, 0);
    assert_int_equal(pl_sim_add_market(*sim, m->book, &m->inst, &m->touch), 0);
    for (uint32_t i = 0; i < makers; i++) {
        pl_sim_add_maker(*sim, i, 0, i, i);
    }
    pl_engine_set_port(*engine, pl_sim_port(*sim));
}

static void test_no_allocation_after_start(void **state)
{
    (void)state;
    if (!COUNTS_ALLOCATIONS) {
        printf("SKIPPED: allocations are the sanitizer's in this build\n");
        skip();
    }
    struct stream stream;
    stream_init(&stream);
    stream_random(&stream, 3, 20000);
    struct pl_engine *engine;
    struct pl_sim *sim;
    build(&stream, 40, &engine, &sim);
    struct pl_driver_source source = {&stream.source, 0};
    struct pl_driver driver = {.engine = engine,
                               .sim = sim,
                               .source = &source,
                               .source_count = 1,
                               .on_message = count_messages};
    struct pl_driver_result result;
    struct pl_error err = {0};
    int64_t first_ns;
    assert_int_equal(pl_driver_peek(&driver, &first_ns, &err), 0);
    assert_int_equal(pl_engine_start(engine, first_ns, 0, &err), 0);
    unsigned long before = allocations;
    assert_true(before > 0); /* the counting works: building took some */
    assert_int_equal(pl_driver_run(&driver, &result, &err), 0);
    assert_int_equal(allocations - before, 0);
    assert_int_equal(at_last_message, at_first_message);
    assert_int_equal(pl_sim_grown(sim), 0);
    assert_int_equal(result.messages, 20000);
    uint64_t trades = 0;
    for (uint32_t i = 0; i < 40; i++) {
        trades += pl_engine_maker(engine, i)->ledger.trades;
    }
    assert_true(trades > 1000);
    pl_sim_destroy(&sim);
    pl_engine_destroy(&engine);
    stream_fini(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_periods_and_phases),
        cmocka_unit_test(test_views_are_delayed),
        cmocka_unit_test(test_view_ring),
        cmocka_unit_test(test_stale_book),
        cmocka_unit_test(test_one_sided_book),
        cmocka_unit_test(test_touch_fusion),
        cmocka_unit_test(test_funding),
        cmocka_unit_test(test_asked_after_a_fill),
        cmocka_unit_test(test_guards_change_nothing),
        cmocka_unit_test(test_no_allocation_after_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
