/* What a generated market publishes is consistent: the book rebuilt from its messages is the
 * generator's own, trades print at the touch, ids chain, times never go back. */
#include "synth_run.h"

#include "base/assert.h"
#include "base/hash.h"
#include "synth/ladder.h"
#include "synth/lob.h"

#include <stdbool.h>
#include <stdlib.h>

struct check_sink {
    struct pl_sink sink;
    struct pl_ladder book[MARKETS];
    struct pl_inst inst[MARKETS];
    int markets;
    bool touch_known[MARKETS];
    int64_t bid[MARKETS], ask[MARKETS], bid_lots[MARKETS], ask_lots[MARKETS];
    int64_t venue_ns, local_ns[MARKETS], sweep_ns[MARKETS], sweep_px[MARKETS], sweep_left[MARKETS];
    uint64_t seq[MARKETS], bbo_seq[MARKETS], trade_seq[MARKETS];
    uint64_t digest[MARKETS][64]; /* books the generator had at depth messages not yet seen */
    uint32_t head[MARKETS], tail[MARKETS];
    uint64_t depths, trades, bbos, snapshots, sweeps, marks, fundings;
};

static void observe(void *ctx, uint32_t market, const struct pl_lob *lob)
{
    struct check_sink *c = ctx;
    uint64_t h = 0;
    assert_true(lob->best[PL_BUY] < lob->best[PL_SELL]);
    for (int s = 0; s < 2; s++) {
        for (int64_t px = lob->low; px < lob->low + lob->window; px++) {
            int64_t lots = lob->level[s][(uint64_t)px & (lob->window - 1)].lots;
            if (lots != 0) {
                h = pl_digest_u64(pl_digest_u64(pl_digest_u64(h, (uint64_t)s), (uint64_t)px),
                                  (uint64_t)lots);
            }
        }
    }
    if (c->tail[market] % 97 == 0) {
        assert_true(pl_lob_check(lob));
    }
    assert_true(c->tail[market] - c->head[market] < 64);
    c->digest[market][c->tail[market]++ % 64] = h;
}

static uint64_t ladder_digest(const struct pl_ladder *ladder)
{
    uint64_t h = 0;
    struct pl_ladder_level level;
    for (size_t i = ladder->side[PL_BUY].count; i-- > 0;) { /* worst bid = lowest price first */
        assert_true(pl_ladder_nth(ladder, PL_BUY, i, &level));
        h = pl_digest_u64(pl_digest_u64(pl_digest_u64(h, PL_BUY), (uint64_t)level.px),
                          (uint64_t)level.lots);
    }
    for (size_t i = 0; pl_ladder_nth(ladder, PL_SELL, i, &level); i++) {
        h = pl_digest_u64(pl_digest_u64(pl_digest_u64(h, PL_SELL), (uint64_t)level.px),
                          (uint64_t)level.lots);
    }
    return h;
}

static void check_depth(struct check_sink *c, const struct pl_msg *msg)
{
    uint16_t m = msg->market;
    assert_int_equal(msg->seq_first, c->seq[m] + 1);
    assert_true(msg->seq >= msg->seq_first);
    c->seq[m] = msg->seq;
    assert_int_equal(pl_ladder_apply(&c->book[m], msg), 0);
    assert_true(pl_ladder_best(&c->book[m], PL_BUY) < pl_ladder_best(&c->book[m], PL_SELL));
    assert_true(c->head[m] < c->tail[m]);
    assert_int_equal(ladder_digest(&c->book[m]), c->digest[m][c->head[m]++ % 64]);
    /* The touch came first: after a depth message both streams tell the same. */
    assert_int_equal(pl_ladder_best(&c->book[m], PL_BUY), c->bid[m]);
    assert_int_equal(pl_ladder_best(&c->book[m], PL_SELL), c->ask[m]);
    c->depths++;
}

static void check_bbo(struct check_sink *c, const struct pl_msg *msg)
{
    uint16_t m = msg->market;
    assert_int_equal(msg->row_count, 2);
    assert_int_equal(msg->bid_count, 1);
    assert_true(msg->px[0] < msg->px[1] && msg->lots[0] > 0 && msg->lots[1] > 0);
    assert_true(msg->seq >= c->bbo_seq[m]);
    assert_true(!c->touch_known[m] || msg->px[0] != c->bid[m] || msg->px[1] != c->ask[m] ||
                msg->lots[0] != c->bid_lots[m] || msg->lots[1] != c->ask_lots[m]);
    c->bbo_seq[m] = msg->seq;
    c->touch_known[m] = true;
    c->bid[m] = msg->px[0], c->bid_lots[m] = msg->lots[0];
    c->ask[m] = msg->px[1], c->ask_lots[m] = msg->lots[1];
    c->sweep_ns[m] = 0;
    c->bbos++;
}

/* At the touch; a sweep leaves a price only when all that was shown there is gone. */
static void check_trade(struct check_sink *c, const struct pl_msg *msg)
{
    uint16_t m = msg->market;
    bool sell = (msg->flags & PL_MSGF_SELL) != 0;
    int64_t touch = sell ? c->bid[m] : c->ask[m];
    assert_int_equal(msg->row_count, 1);
    assert_true(c->trade_seq[m] == 0 || msg->seq == c->trade_seq[m] + 1);
    c->trade_seq[m] = msg->seq;
    if (c->sweep_ns[m] == 0) { /* the first print since the touch was told */
        assert_int_equal(msg->px[0], touch);
        c->sweep_ns[m] = msg->local_ns;
        c->sweep_px[m] = touch;
        c->sweep_left[m] = sell ? c->bid_lots[m] : c->ask_lots[m];
    }
    if (msg->px[0] != c->sweep_px[m]) {
        assert_true(sell ? msg->px[0] < c->sweep_px[m] : msg->px[0] > c->sweep_px[m]);
        assert_int_equal(c->sweep_left[m] > 0 ? c->sweep_left[m] : 0, 0);
        c->sweep_px[m] = msg->px[0];
        c->sweep_left[m] = 0; /* what stood behind the touch is not told by the BBO */
        c->sweeps++;
    } else if (msg->px[0] == touch) {
        c->sweep_left[m] -= msg->lots[0];
        assert_true(c->sweep_left[m] >= 0);
    }
    assert_true(msg->lots[0] > 0);
    c->trades++;
}

static int check_put(struct pl_sink *self, const struct pl_msg *msg, struct pl_error *err)
{
    struct check_sink *c = (struct check_sink *)self;
    uint16_t m = msg->market;
    (void)err;
    assert_true(msg->venue_ns >= c->venue_ns);
    assert_true(msg->local_ns > c->local_ns[m]);
    assert_true(msg->local_ns >= msg->venue_ns + PL_NS_PER_MS);
    c->venue_ns = msg->venue_ns;
    c->local_ns[m] = msg->local_ns;
    switch (msg->kind) {
    case PL_MSG_SNAPSHOT:
        if (!(msg->bid_count > 10 && msg->row_count - msg->bid_count > 10))
            fail_msg("snapshot of %u bids, %u rows, market %u %s t %lld", msg->bid_count,
                     msg->row_count, m, c->inst[m].symbol,
                     (long long)(msg->venue_ns - INT64_C(1767599998000000000)));
        assert_true(c->seq[m] == 0 || c->seq[m] == msg->seq);
        c->seq[m] = msg->seq;
        pl_ladder_fini(&c->book[m]); /* a snapshot alone is the whole book */
        assert_int_equal(pl_ladder_apply(&c->book[m], msg), 0);
        c->snapshots++;
        break;
    case PL_MSG_DEPTH:
        check_depth(c, msg);
        break;
    case PL_MSG_BBO:
        check_bbo(c, msg);
        break;
    case PL_MSG_TRADE:
        check_trade(c, msg);
        break;
    case PL_MSG_MARK:
        assert_int_equal(msg->row_count, 2);
        assert_true(llabs(msg->px[0] - msg->px[1]) * 100 < msg->px[1]);
        c->marks++;
        break;
    case PL_MSG_FUNDING:
        assert_int_equal(msg->venue_ns % (8 * 3600 * PL_NS_PER_S), 0);
        c->fundings++;
        break;
    default:
        fail_msg("kind %d is never generated", msg->kind);
    }
    return 0;
}

static int check_define(struct pl_sink *self, const struct pl_inst *inst, int of,
                        struct pl_error *err)
{
    struct check_sink *c = (struct check_sink *)self;
    assert_true(of < 0);
    assert_int_equal(pl_inst_check(inst, err), 0);
    c->inst[c->markets] = *inst;
    return c->markets++;
}

static void test_consistent(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        double seconds, rate;
        uint32_t markets;
    } cases[] = {
        {"btcusdt", 45, 1, 1}, {"btcusdt", 10, 1, 3},   {"ethusdt", 45, 1, 2},
        {"alt", 7200, 1, 1},   {"quiet", 300, 1, 1},    {"btcusdt", 5, 10, 1},
        {"alt", 600, 20, 2},   {"btcusdt", 30, 0.1, 1},
    };
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        static struct check_sink c;
        c = (struct check_sink){.sink = {check_put, check_define}};
        struct pl_synth_cfg cfg = config(cases[i].profile, 11 + i, cases[i].seconds);
        cfg.rate = cases[i].rate;
        cfg.market_count = cases[i].markets;
        for (uint32_t m = 1; m < cfg.market_count; m++) {
            cfg.market[m].profile = cfg.market[0].profile;
        }
        cfg.start_ns = INT64_C(1767599998) * PL_NS_PER_S; /* two seconds before 08:00 UTC */
        cfg.snapshot_every_ns = 3 * PL_NS_PER_S;
        cfg.observe = observe;
        cfg.observe_ctx = &c;
        run(&cfg, &c.sink);
        bool perpetual = cfg.market[0].profile->perpetual;
        assert_true(c.depths > 20 && c.bbos > 20 && c.trades > 5 && c.snapshots > 1);
        assert_int_equal(c.fundings, perpetual ? cfg.market_count : 0);
        assert_true(perpetual ? c.marks >= (uint64_t)cases[i].seconds : c.marks == 0);
        assert_true(cases[i].seconds < 40 || cases[i].rate < 1 || !perpetual || c.sweeps > 0);
        for (uint32_t m = 0; m < cfg.market_count; m++) {
            assert_int_equal(c.head[m], c.tail[m]);
            pl_ladder_fini(&c.book[m]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
