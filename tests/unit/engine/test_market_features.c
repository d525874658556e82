/* What a market hands to its features: trades with their side and size, mark prices, the lot; and that
 * messages only features read publish a view only when one does. */
#include "engine/market.h"
#include "support/stream.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define S PL_NS_PER_S

static struct pl_arena *arena;

static struct pl_market *market_of(const struct stream *s)
{
    struct pl_market *market;
    struct pl_market_config config = {.view_ring = 64};
    assert_int_equal(pl_arena_create(&arena), 0);
    assert_int_equal(pl_market_create(arena, &config, &s->inst[0], &market), 0);
    return market;
}

static void draw(struct stream *s)
{
    stream_init(s);
    stream_pair(s, PL_MSG_DEPTH, 1 * S, 1 * S, 999, 1, 1001, 1);
    stream_one(s, PL_MSG_MARK, 0, 2 * S, 2 * S, 1003, 0);
    stream_one(s, PL_MSG_TRADE, PL_MSGF_SELL, 3 * S, 3 * S, 999, 500); /* 0.5 of lots of 0.001 */
    stream_one(s, PL_MSG_TRADE, 0, 4 * S, 4 * S, 1001, 2000);
    stream_one(s, PL_MSG_TRADE, PL_MSGF_NOT_BOOK, 5 * S, 5 * S, 1500, 9000);
    stream_pair(s, PL_MSG_DEPTH, 65 * S, 65 * S, 999, 3, 1001, 1);
    stream_pair(s, PL_MSG_DEPTH, 125 * S, 125 * S, 999, 3, 1001, 1);
}

static void run(struct pl_market *market, struct stream *s)
{
    const struct pl_block *b;
    struct pl_error err;
    while (stream_next(&s->source, &b, &err) > 0) {
        for (uint32_t i = 0; i < b->msg_count; i++) {
            pl_market_apply(market, b, i);
            pl_market_publish(market, b, i);
        }
    }
}

static const double *features_at(struct pl_market *market, int64_t now_ns)
{
    return pl_market_features(market, pl_market_view(market, now_ns, 0));
}

static void test_features_of_a_market(void **state)
{
    (void)state;
    struct stream s;
    draw(&s);
    struct pl_market *market = market_of(&s);
    const struct pl_feature_request request[] = {
        {.kind = PL_FEATURE_TRADE_IMBALANCE, .samples = 2, .size_ref = 1},
        {.kind = PL_FEATURE_MARK},
        {.kind = PL_FEATURE_BANDS, .levels = 1, .band_bps = {20}, .sample_ns = S},
        {.kind = PL_FEATURE_BOLLINGER, .samples = 2, .sample_ns = 60 * S},
        {.kind = PL_FEATURE_TRADE_IMBALANCE, .samples = 5, .size_ref = 1},
    };
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t at;
        assert_int_equal(pl_market_feature(market, arena, &request[i], &at, NULL), 0);
        assert_int_equal(at, i);
    }
    run(market, &s);
    assert_int_equal(market->published, 7);
    const double *feature = features_at(market, 2 * S);
    assert_true(feature[1] == 1003 && isnan(feature[0]));
    feature = features_at(market, 4 * S); /* of two trades the weights are 1 and 0 */
    assert_true(feature[0] == 1);
    feature = features_at(market, 5 * S); /* not of the book: no trade to features */
    assert_true(feature[0] == 1);
    feature = features_at(market, 200 * S);
    assert_true(feature[2] == 0.5);
    assert_true(feature[3] == 0 && isnan(feature[4])); /* closes 1001 1001 */
    pl_arena_destroy(&arena);
    stream_fini(&s);
}

static void test_nobody_reads_them(void **state)
{
    (void)state;
    static const struct {
        enum pl_feature_kind kind;
        uint64_t published;
    } rows[] = {{PL_FEATURE_VAMP, 3}, {PL_FEATURE_MARK, 4}, {PL_FEATURE_TRADE_IMBALANCE, 6}};
    for (int i = 0; i < 3; i++) {
        struct stream s;
        draw(&s);
        struct pl_market *market = market_of(&s);
        struct pl_feature_request request = {
            .kind = rows[i].kind, .levels = 1, .samples = 1, .size_ref = 1};
        uint32_t at;
        assert_int_equal(pl_market_feature(market, arena, &request, &at, NULL), 0);
        run(market, &s);
        assert_int_equal(market->published, rows[i].published);
        pl_arena_destroy(&arena);
        stream_fini(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_features_of_a_market),
        cmocka_unit_test(test_nobody_reads_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
