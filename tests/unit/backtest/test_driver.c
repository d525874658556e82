/* Time's order, several sources, the end of the data, and that a maker's result is its own: alone or
 * among hundreds, once or twice. */
#include "support/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define MS PL_NS_PER_MS

static struct pl_reference_params reference_params[SESSION_MAKERS_MAX];
static struct steps_params steps_params[SESSION_MAKERS_MAX];

/* ---- one instant ---------------------------------------------------------------------------- */

enum { SAW_DATA, SAW_ARRIVAL, SAW_ANSWER, SAW_TIMER };

struct diary { /* what happened when, as hooks tell it */
    struct {
        int what;
        int64_t t;
        uint32_t market;
    } entry[4096];
    uint32_t count;
    struct pl_engine *engine;
    struct pl_sim *sim;
    int64_t pos_at_decision[512];
    uint32_t decisions;
};

static void note(struct diary *d, int what, int64_t t, uint32_t market)
{
    assert_true(d->count < PL_COUNT(d->entry));
    d->entry[d->count].what = what;
    d->entry[d->count].t = t;
    d->entry[d->count++].market = market;
}

static void on_message(void *ctx, uint32_t market, const struct pl_block *b, uint32_t i)
{
    note(ctx, SAW_DATA, b->venue_ns[i], market);
}

static void on_answer(void *ctx, uint32_t market, int64_t venue_ns, int64_t heard_ns)
{
    (void)heard_ns;
    note(ctx, SAW_ARRIVAL, venue_ns, market); /* the venue speaks when a request has arrived */
}

static void on_fill(void *ctx, uint32_t maker, const struct pl_response *r)
{
    (void)maker;
    note(ctx, SAW_ANSWER, r->local_ns, 0);
}

static void on_decision(void *ctx, uint32_t maker, const struct pl_strategy_view *view,
                        const struct pl_wanted *wanted)
{
    (void)maker;
    (void)wanted;
    struct diary *d = ctx;
    note(d, SAW_TIMER, view->now_ns, 0);
    assert_true(d->decisions < PL_COUNT(d->pos_at_decision));
    d->pos_at_decision[d->decisions++] = view->pos_lots;
}

/* Engine and venue over up to two streams, one maker on market 0. */
static void diary_run(struct diary *d, struct stream *stream, uint32_t streams,
                      const struct pl_strategy *strategy, const void *params, int64_t entry_ns,
                      int64_t response_ns, struct pl_driver_result *result)
{
    memset(d, 0, sizeof *d);
    struct pl_error err = {0};
    struct pl_engine_config config = {
        .makers_max = 1, .universes_max = 1, .slots_per_maker = 64, .guards_off = true};
    struct pl_market_config market = {.view_ring = 0};
    struct pl_maker_config maker = {
        .strategy = strategy, .params = params, .lead_market = -1, .max_position_lots = INT64_MAX};
    struct pl_sim_config sim = {.queue = {.model = PL_QUEUE_RISK},
                                .latency = {.entry_ns = entry_ns, .response_ns = response_ns},
                                .slots_per_maker = 64,
                                .makers = 1,
                                .universes = 1};
    struct pl_driver_source source[2];
    assert_int_equal(pl_engine_create(&config, &d->engine, &err), 0);
    for (uint32_t i = 0; i < streams; i++) {
        assert_int_equal(pl_engine_add_market(d->engine, &market, &stream[i].inst[0], &err), i);
        source[i] = (struct pl_driver_source){&stream[i].source, i};
        stream[i].at = 0;
    }
    assert_int_equal(pl_engine_add_maker(d->engine, &maker, &err), 0);
    assert_int_equal(pl_sim_create(pl_engine_arena(d->engine), &sim, &d->sim, &err), 0);
    for (uint32_t i = 0; i < streams; i++) {
        struct pl_market *m = pl_engine_market(d->engine, i);
        assert_int_equal(pl_sim_add_market(d->sim, m->book, &m->inst, &m->touch), 0);
    }
    pl_sim_add_maker(d->sim, 0, 0, 0, 1);
    pl_engine_set_port(d->engine, pl_sim_port(d->sim));
    pl_sim_set_hooks(d->sim, &(struct pl_sim_hooks){.ctx = d, .answer = on_answer});
    pl_engine_set_hooks(
        d->engine, &(struct pl_engine_hooks){.ctx = d, .decision = on_decision, .fill = on_fill});
    struct pl_driver driver = {.engine = d->engine,
                               .sim = d->sim,
                               .source = source,
                               .source_count = streams,
                               .message_ctx = d,
                               .on_message = on_message};
    int64_t first_ns;
    assert_int_equal(pl_driver_peek(&driver, &first_ns, &err), 0);
    assert_int_equal(pl_engine_start(d->engine, first_ns, 0, &err), 0);
    assert_int_equal(pl_driver_run(&driver, result, &err), 0);
}

static void diary_free(struct diary *d)
{
    pl_sim_destroy(&d->sim);
    pl_engine_destroy(&d->engine);
}

static const struct pl_reference_params every_10ms = {
    .offset = 0, .size = 0.001, .max = 0.002, .period_ms = 10};

/* A bid sent at 10 ms arrives at 15. A print at 15 is over before; the ask that falls onto its price
 * at 15 has it refused, at 15 and one nanosecond it is filled. */
static void test_data_comes_before_arrivals(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        static struct diary d;
        struct stream s;
        struct pl_driver_result result;
        stream_init(&s);
        stream_pair(&s, PL_MSG_SNAPSHOT, 0, 0, 1000, 5, 1010, 5);
        stream_one(&s, PL_MSG_TRADE, PL_MSGF_SELL, 15 * MS, 15 * MS, 999, 50);
        stream_pair(&s, PL_MSG_DEPTH, 15 * MS + late, 30 * MS, 1000, 0, 1000, 5);
        struct pl_reference_params once = every_10ms;
        once.max = once.size;
        diary_run(&d, &s, 1, &pl_strategy_reference, &once, 5 * MS, 3 * MS, &result);
        const struct pl_maker *m = pl_engine_maker(d.engine, 0);
        assert_int_equal(m->oms.counts.rejects_post_only > 0, !late);
        assert_int_equal(m->ledger.trades, late);
        diary_free(&d);
        stream_fini(&s);
    }
}

/* Everything at one instant: data, then requests that arrive, then answers, then timers. */
static void test_order_of_one_instant(void **state)
{
    (void)state;
    static struct diary d;
    struct stream s;
    struct pl_driver_result result;
    stream_init(&s);
    stream_pair(&s, PL_MSG_SNAPSHOT, 0, 0, 1000, 5, 1010, 5);
    for (int64_t t = 10; t <= 200;
         t += 10) { /* the touch moves, so that there is always a request */
        stream_pair(&s, PL_MSG_SNAPSHOT, t * MS, t * MS, 1000 + t / 10 % 3, 5, 1010, 5);
        stream_one(&s, PL_MSG_TRADE, PL_MSGF_SELL, t * MS, t * MS, 990, 1); /* through our bid */
    }
    diary_run(&d, &s, 1, &pl_strategy_reference, &every_10ms, 10 * MS, 10 * MS, &result);
    bool seen[4] = {false};
    for (uint32_t i = 1; i < d.count; i++) {
        assert_true(d.entry[i].t >= d.entry[i - 1].t);
        /* fills that a print makes are said with the data */
        bool with_data = d.entry[i].what == SAW_DATA && d.entry[i - 1].what == SAW_ARRIVAL;
        if (d.entry[i].t == d.entry[i - 1].t && !with_data) {
            assert_true(d.entry[i].what >= d.entry[i - 1].what);
        }
        seen[d.entry[i].what] = true;
    }
    assert_true(seen[SAW_DATA] && seen[SAW_ARRIVAL] && seen[SAW_ANSWER] && seen[SAW_TIMER]);
    /* a fill heard of at the instant of a decision is part of it */
    uint32_t decision = 0, known = 0;
    int64_t bought = 0;
    for (uint32_t i = 0; i < d.count; i++) {
        bought += d.entry[i].what == SAW_ANSWER;
        if (d.entry[i].what == SAW_TIMER) {
            assert_int_equal(d.pos_at_decision[decision], bought);
            decision++;
            known += i > 0 && d.entry[i - 1].what == SAW_ANSWER && d.entry[i - 1].t == d.entry[i].t;
        }
    }
    assert_true(known > 0);
    diary_free(&d);
    stream_fini(&s);
}

/* Sources are merged by venue time; at equal times the earlier source goes first, and within one the
 * order is its own. */
static void test_sources_are_merged(void **state)
{
    (void)state;
    static struct diary d;
    struct stream s[2];
    struct pl_driver_result result;
    for (uint32_t k = 0; k < 2; k++) {
        struct stream_draw draw = {k + 7, 0, 1000, 0};
        stream_init(&s[k]);
        for (int i = 0; i < 500; i++) {
            draw.t += stream_below(&draw, 3);
            stream_pair(&s[k], PL_MSG_DEPTH, draw.t, draw.t, 1000, i + 1, 1010, i + 1);
        }
    }
    diary_run(&d, s, 2, &pl_strategy_reference, &every_10ms, 5 * MS, 3 * MS, &result);
    uint32_t next[2] = {0, 0}, both = 0;
    for (uint32_t i = 0, last = 0; i < d.count; i++) {
        if (d.entry[i].what != SAW_DATA) {
            continue;
        }
        uint32_t market = d.entry[i].market, other = 1 - market;
        assert_int_equal(d.entry[i].t, s[market].venue_ns[next[market]]);
        next[market]++;
        bool equal = last > 0 && d.entry[last].t == d.entry[i].t;
        assert_true(!equal || d.entry[last].market <= market);
        both += equal && d.entry[last].market < market;
        assert_true(next[other] == 500 || s[other].venue_ns[next[other]] >= d.entry[i].t);
        last = i;
    }
    assert_true(next[0] == 500 && next[1] == 500 && both > 10);
    assert_int_equal(result.messages, 1000);
    assert_int_equal(result.rows, 2000);
    assert_int_equal(result.first_ns,
                     s[0].venue_ns[0] < s[1].venue_ns[0] ? s[0].venue_ns[0] : s[1].venue_ns[0]);
    for (int k = 0; k < 2; k++) {
        stream_fini(&s[k]);
    }
    diary_free(&d);
}

/* Timers run until the last message has reached us; then only whoever waits for an answer is asked,
 * and every request is answered. */
static void test_end_of_data(void **state)
{
    (void)state;
    static struct diary d;
    struct stream s;
    struct pl_driver_result result;
    stream_init(&s);
    stream_pair(&s, PL_MSG_SNAPSHOT, 0, 1 * MS, 1000, 5, 1010, 5);
    stream_pair(&s, PL_MSG_SNAPSHOT, 100 * MS, 155 * MS, 1002, 5, 1010, 5);
    diary_run(&d, &s, 1, &pl_strategy_reference, &every_10ms, 4 * MS, 3 * MS, &result);
    assert_int_equal(result.last_ns, 155 * MS);
    /* decisions at 10..150: the last message is on its way until 155; nobody waits at 160 */
    assert_int_equal(d.decisions, 15);
    assert_int_equal(pl_engine_in_flight(d.engine), 0);
    diary_free(&d);
    /* visible at 150 exactly: the decision of 150 is after the data, and nobody waits */
    s.local_ns[1] = 150 * MS;
    diary_run(&d, &s, 1, &pl_strategy_reference, &every_10ms, 4 * MS, 3 * MS, &result);
    assert_int_equal(d.decisions, 14);
    diary_free(&d);
    /* seen at 150 by the decision of 150, whose requests are answered at 167: asked once more */
    s.local_ns[1] = 150 * MS;
    stream_pair(&s, PL_MSG_DEPTH, 151 * MS, 151 * MS, 1001, 1, 1010, 5);
    diary_run(&d, &s, 1, &pl_strategy_reference, &every_10ms, 10 * MS, 7 * MS, &result);
    assert_int_equal(d.decisions, 16);
    assert_int_equal(pl_engine_in_flight(d.engine), 0);
    diary_free(&d);
    stream_fini(&s);
}

static void test_empty_data(void **state)
{
    (void)state;
    static struct session s;
    struct stream empty;
    stream_init(&empty);
    session_init(&s);
    session_data(&s, &empty);
    reference_params[0] = every_10ms;
    (void)session_maker(&s, &pl_strategy_reference, &reference_params[0]);
    assert_int_equal(session_run(&s), PL_ERR_INVALID);
    stream_fini(&empty);
}

/* A stop asked for ends the run with words, not with a result. */
static void test_stop(void **state)
{
    (void)state;
    struct stream stream;
    stream_init(&stream);
    stream_random(&stream, 1, 1000);
    static struct session s;
    session_init(&s);
    session_data(&s, &stream);
    reference_params[0] = every_10ms;
    (void)session_maker(&s, &pl_strategy_reference, &reference_params[0]);
    volatile int stop = 1;
    struct pl_backtest_spec spec = {.settings = &s.settings,
                                    .source = s.source,
                                    .source_count = 1,
                                    .inst = s.inst,
                                    .market_count = 1,
                                    .maker = s.maker,
                                    .maker_count = 1,
                                    .universe_count = 1,
                                    .stop = &stop};
    assert_int_equal(pl_backtest_run(&spec, &s.backtest, &s.err), PL_ERR_INTERRUPTED);
    assert_null(s.backtest.result);
    stream_fini(&stream);
}

/* ---- a maker's result is its own ------------------------------------------------------------ */

static void settings_of(struct session *s, int variant)
{
    s->settings.compat = variant == 1 ? PL_COMPAT_HFTBACKTEST : PL_COMPAT_NONE;
    s->settings.latency = variant == 2 ? PL_LATENCY_LOGNORMAL : PL_LATENCY_CONSTANT;
    s->settings.amend = variant == 2;
    s->settings.rate_per_s = variant == 3 ? 20 : 0;
    s->settings.through = variant == 3 ? PL_THROUGH_DISPLAYED : PL_THROUGH_PRINT;
    s->settings.max_position = variant == 3 ? 0.02 : 0;
}

static void add_varied(struct session *s, uint32_t i)
{
    struct pl_backtest_maker *m =
        i % 3 == 2 ? session_maker(s, &steps_strategy, &steps_params[i])
                   : session_maker(s, &pl_strategy_reference, &reference_params[i]);
    m->phase_ns = (int64_t)(i % 4) * 3 * MS;
}

static void expect_same(const struct pl_backtest_result *a, const struct pl_backtest_result *b,
                        uint32_t maker, int variant)
{
    bool same = a->digest == b->digest && a->trades == b->trades && a->orders == b->orders &&
                a->cancels == b->cancels && a->amends == b->amends && a->pos_lots == b->pos_lots &&
                a->decisions == b->decisions && a->rejects_post_only == b->rejects_post_only &&
                a->rejects_other == b->rejects_other;
    bool money = a->balance == b->balance && a->fee == b->fee && a->volume == b->volume &&
                 a->turnover == b->turnover && a->equity == b->equity;
    if (!same || !money) {
        fail_msg("variant %d, maker %u: %llu and %llu trades, %llu and %llu orders", variant, maker,
                 (unsigned long long)a->trades, (unsigned long long)b->trades,
                 (unsigned long long)a->orders, (unsigned long long)b->orders);
    }
}

static void test_alone_or_among_300(void **state)
{
    (void)state;
    static struct session all, one;
    struct stream stream;
    stream_init(&stream);
    stream_random(&stream, 42, 3000);
    for (uint32_t i = 0; i < 300; i++) {
        session_varied(i, &reference_params[i], &steps_params[i]);
    }
    for (int variant = 0; variant < 4; variant++) {
        session_init(&all);
        session_data(&all, &stream);
        settings_of(&all, variant);
        for (uint32_t i = 0; i < 300; i++) {
            add_varied(&all, i);
        }
        assert_int_equal(session_run(&all), 0);
        uint64_t trades = 0;
        for (uint32_t i = 0; i < 300; i += variant == 0 ? 3 : 7) { /* 3 does not divide 7 */
            session_init(&one);
            session_data(&one, &stream);
            settings_of(&one, variant);
            add_varied(&one, i + (variant == 0 ? (i / 3) % 3 : 0));
            assert_int_equal(session_run(&one), 0);
            uint32_t at = i + (variant == 0 ? (i / 3) % 3 : 0);
            expect_same(&all.backtest.result[at], &one.backtest.result[0], at, variant);
            trades += one.backtest.result[0].trades;
            session_free(&one);
        }
        assert_true(trades > 500);
        session_free(&all);
    }
    stream_fini(&stream);
}

/* The end of the data comes in the middle of what takers have on the wire: still each for itself, and
 * whoever never stops sending is not asked for ever. */
static void test_alone_or_among_at_the_end(void **state)
{
    (void)state;
    static struct session all, one;
    bool cut_off = false;
    for (uint32_t i = 0; i < 12; i++) {
        session_varied(i, &reference_params[i], &steps_params[i]);
        steps_params[i].take = true;
        steps_params[i].period_ms = 5 + i;
    }
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct stream stream;
        stream_init(&stream);
        stream_random(&stream, seed, 150);
        session_init(&all);
        session_data(&all, &stream);
        all.settings.entry_us = 40000;
        all.settings.resp_us = 30000;
        for (uint32_t i = 0; i < 12; i++) {
            (void)session_maker(&all, &steps_strategy, &steps_params[i]);
        }
        assert_int_equal(session_run(&all), 0);
        for (uint32_t i = 0; i < 12; i++) {
            session_init(&one);
            session_data(&one, &stream);
            one.settings = all.settings;
            (void)session_maker(&one, &steps_strategy, &steps_params[i]);
            assert_int_equal(session_run(&one), 0);
            expect_same(&all.backtest.result[i], &one.backtest.result[0], i, (int)seed);
            assert_int_equal(pl_engine_in_flight(one.backtest.engine), 0);
            const struct pl_driver_result *r = &one.backtest.driver;
            cut_off |= r->end_ns > r->last_ns + PL_NS_PER_S;
            session_free(&one);
        }
        session_free(&all);
        stream_fini(&stream);
    }
    assert_true(cut_off);
}

/* Feeds seconds late, thousands of messages behind: the makers see what they would, no less often. */
static void test_late_feeds(void **state)
{
    (void)state;
    static const double extra_us[] = {0, 100000, 2000000, 5000000};
    static struct session s;
    struct stream stream;
    stream_init(&stream);
    stream_random(&stream, 6, 12000); /* some 12 s */
    uint64_t decisions[PL_COUNT(extra_us)];
    for (size_t i = 0; i < PL_COUNT(extra_us); i++) {
        session_init(&s);
        session_data(&s, &stream);
        s.settings.feed_extra_us = extra_us[i];
        s.settings.guards = false;
        reference_params[0] = every_10ms;
        (void)session_maker(&s, &pl_strategy_reference, &reference_params[0]);
        assert_int_equal(session_run(&s), 0);
        decisions[i] = s.backtest.result[0].decisions;
        assert_int_equal(pl_engine_market(s.backtest.engine, 0)->counts.views_lost, 0);
        uint64_t blind = (uint64_t)(extra_us[i] / 10000); /* until the first message is seen */
        assert_true(decisions[i] + blind + 2 >= decisions[0] &&
                    decisions[i] + blind <= decisions[0] + 2);
        session_free(&s);
    }
    stream_fini(&stream);
}

static void test_twice_the_same(void **state)
{
    (void)state;
    static struct session a, b;
    struct stream stream;
    stream_init(&stream);
    stream_random(&stream, 9, 3000);
    for (uint32_t i = 0; i < 30; i++) {
        session_varied(i, &reference_params[i], &steps_params[i]);
    }
    struct session *both[] = {&a, &b};
    for (int k = 0; k < 2; k++) {
        session_init(both[k]);
        session_data(both[k], &stream);
        both[k]->settings.latency = PL_LATENCY_LOGNORMAL;
        for (uint32_t i = 0; i < 30; i++) {
            add_varied(both[k], i);
        }
        assert_int_equal(session_run(both[k]), 0);
    }
    assert_int_equal(a.backtest.digest, b.backtest.digest);
    for (uint32_t i = 0; i < 30; i++) {
        expect_same(&a.backtest.result[i], &b.backtest.result[i], i, 0);
    }
    session_free(&a);
    /* another seed of the latencies is another run */
    session_init(&a);
    session_data(&a, &stream);
    a.settings.latency = PL_LATENCY_LOGNORMAL;
    a.settings.seed = 2;
    for (uint32_t i = 0; i < 30; i++) {
        add_varied(&a, i);
    }
    assert_int_equal(session_run(&a), 0);
    assert_true(a.backtest.digest != b.backtest.digest);
    session_free(&a);
    session_free(&b);
    stream_fini(&stream);
}

/* The money of a result is the ledger's: balance and position at the mid, less fees, plus funding. */
static void test_result_adds_up(void **state)
{
    (void)state;
    static struct session s;
    struct stream stream;
    stream_init(&stream);
    stream_random(&stream, 4, 3000);
    stream_pair(&stream, PL_MSG_SNAPSHOT, stream.venue_ns[stream.count - 1] + 1,
                stream.venue_ns[stream.count - 1] + 1, 60001, 5, 60004, 5);
    session_init(&s);
    session_data(&s, &stream);
    for (uint32_t i = 0; i < 20; i++) {
        session_varied(i, &reference_params[i], &steps_params[i]);
        add_varied(&s, i);
    }
    assert_int_equal(session_run(&s), 0);
    for (uint32_t i = 0; i < 20; i++) {
        const struct pl_backtest_result *r = &s.backtest.result[i];
        const struct pl_maker *m = pl_engine_maker(s.backtest.engine, i);
        double funding = pl_ledger_funding_money(&m->terms, &m->ledger);
        double equity = r->balance + r->position * 6000.25 - r->fee + funding;
        assert_true(r->equity - equity < 1e-9 && equity - r->equity < 1e-9);
        assert_int_equal(r->decisions, m->counts.decisions);
        assert_true(pl_oms_check(&m->oms));
    }
    session_free(&s);
    stream_fini(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_comes_before_arrivals),
        cmocka_unit_test(test_order_of_one_instant),
        cmocka_unit_test(test_sources_are_merged),
        cmocka_unit_test(test_end_of_data),
        cmocka_unit_test(test_empty_data),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_alone_or_among_300),
        cmocka_unit_test(test_alone_or_among_at_the_end),
        cmocka_unit_test(test_late_feeds),
        cmocka_unit_test(test_twice_the_same),
        cmocka_unit_test(test_result_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
