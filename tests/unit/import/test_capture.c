/* F1 captures (receive time, then a Binance stream message), F5, and the real files. */
#include "unit/import/collect.h"

static const char *const futures =
    "1680652700000001 {\"lastUpdateId\": 100, \"E\": 1680652700000, \"T\": 1680652699990, "
    "\"bids\": "
    "[[\"28145.10\", \"3.818\"], [\"28145.00\", \"0.413\"]], \"asks\": [[\"28145.20\", "
    "\"6.887\"]]}\n"
    "1680652700100000 {\"stream\":\"btcusdt@depth@0ms\",\"data\":{\"e\":\"depthUpdate\","
    "\"E\":1680652700095,\"T\":1680652700090,\"s\":\"BTCUSDT\",\"U\":95,\"u\":101,\"pu\":94,"
    "\"a\":[[\"28145.30\",\"1.000\"]],\"b\":[[\"28145.10\",\"0.000\"],[\"28144.90\",\"0.002\"]]}}\n"
    "1680652700200000 {\"data\":{\"a\":\"28145.20\",\"A\":\"6.887\",\"b\":\"28145.00\","
    "\"B\":\"0.413\",\"e\":\"bookTicker\",\"u\":102,\"s\":\"BTCUSDT\",\"T\":1680652700190,"
    "\"E\":1680652700195},\"stream\":\"btcusdt@bookTicker\"}\n"
    "1680652700300000 {\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1680652700295,"
    "\"T\":1680652700290,\"s\":\"BTCUSDT\",\"t\":7,\"p\":\"28145.20\",\"q\":\"0.010\","
    "\"X\":\"MARKET\",\"m\":false}}\n"
    "1680652700300000 {\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1680652700295,"
    "\"T\":1680652700290,\"s\":\"BTCUSDT\",\"t\":9,\"p\":\"27500.50\",\"q\":\"0.001\","
    "\"X\":\"INSURANCE_FUND\",\"m\":true}}\n"
    "1680652700400000 {\"stream\":\"btcusdt@depth@0ms\",\"data\":{\"e\":\"depthUpdate\","
    "\"E\":1680652700395,\"T\":1680652700390,\"s\":\"BTCUSDT\",\"U\":110,\"u\":111,\"pu\":109,"
    "\"b\":[],\"a\":[]}}\n"
    "1680652799040000 {\"stream\":\"btcusdt@markPrice@1s\",\"data\":{\"e\":\"markPriceUpdate\","
    "\"E\":1680652799000,\"s\":\"BTCUSDT\",\"p\":\"28147.24999999\",\"P\":\"28142.15\","
    "\"i\":\"28159.75\",\"r\":\"-0.00002754\",\"T\":1680652800000}}\n"
    "1680652800040000 {\"stream\":\"btcusdt@markPrice@1s\",\"data\":{\"e\":\"markPriceUpdate\","
    "\"E\":1680652800000,\"s\":\"BTCUSDT\",\"p\":\"28147.3\",\"P\":\"28142.15\","
    "\"i\":\"28159.7\",\"r\":\"0.0001\",\"T\":1680681600000}}\n";

static void futures_capture(void **state)
{
    (void)state;
    struct collect c = {0};
    struct pl_import_report r;
    struct pl_error err;
    assert_int_equal(collect_text(&c, futures, NULL, &r, &err), 0);
    assert_int_equal(c.begun, 1);
    assert_string_equal(r.format, "capture");
    assert_int_equal(c.inst_count, 1);
    assert_string_equal(c.inst[0].venue, "binance-usdm");
    assert_string_equal(c.inst[0].symbol, "BTCUSDT");
    assert_string_equal(c.inst[0].base, "BTC");
    assert_string_equal(c.inst[0].quote, "USDT");
    assert_int_equal(c.inst[0].kind, PL_INST_LINEAR);
    assert_int_equal(c.inst[0].tick.mantissa, 1);
    assert_int_equal(c.inst[0].tick.scale, 1);
    assert_int_equal(c.inst[0].lot.scale, 3);
    static const struct {
        int kind, flags;
        uint32_t bids, rows;
        int64_t venue_ms;
        uint64_t seq, seq_first;
        int64_t px0, lots0;
    } want[] = {
        {PL_MSG_SNAPSHOT, 0, 2, 3, 1680652699990, 100, 0, 281451, 3818},
        {PL_MSG_DEPTH, 0, 2, 3, 1680652700090, 101, 95, 281451, 0},
        {PL_MSG_BBO, 0, 1, 2, 1680652700190, 102, 0, 281450, 413},
        {PL_MSG_TRADE, 0, 0, 1, 1680652700290, 7, 0, 281452, 10},
        {PL_MSG_TRADE, PL_MSGF_SELL | PL_MSGF_NOT_BOOK, 0, 1, 1680652700290, 9, 0, 275005, 1},
        {PL_MSG_GAP, 0, 0, 0, 1680652700390, 0, 0, 0, 0},
        {PL_MSG_DEPTH, 0, 0, 0, 1680652700390, 111, 110, 0, 0},
        {PL_MSG_MARK, 0, 0, 2, 1680652799000, 0, 0, 281472, 0},
        {PL_MSG_FUNDING, 0, 0, 1, 1680652800000, 0, 0, -27540, 0},
        {PL_MSG_MARK, 0, 0, 2, 1680652800000, 0, 0, 281473, 0},
    };
    assert_int_equal(c.count, PL_COUNT(want));
    for (size_t i = 0; i < PL_COUNT(want); i++) {
        const struct pl_msg *m = &c.msg[i];
        assert_int_equal(m->kind, want[i].kind);
        assert_int_equal(m->flags, want[i].flags);
        assert_int_equal(m->bid_count, want[i].bids);
        assert_int_equal(m->row_count, want[i].rows);
        assert_int_equal(m->venue_ns, want[i].venue_ms * 1000000);
        assert_int_equal(m->seq, want[i].seq);
        assert_int_equal(m->seq_first, want[i].seq_first);
        if (m->row_count > 0) {
            assert_int_equal(m->px[0], want[i].px0);
            assert_int_equal(m->lots[0], want[i].lots0);
        }
    }
    assert_int_equal(c.msg[1].px[2], 281453); /* asks follow the bids, whatever the text's order */
    assert_int_equal(c.msg[7].px[1], 281598);
    assert_int_equal(c.msg[0].local_ns, INT64_C(1680652700000001000));
    assert_int_equal(r.bad, 0);
    assert_int_equal(r.gaps, 1);
    assert_int_equal(r.gap_at[0].line, 6);
    assert_int_equal(r.trade_id_gaps, 1);
    assert_int_equal(r.not_book_trades, 1);
    collect_clear(&c);
}

static const char *const spot =
    "1721749182850494 {\"lastUpdateId\": 134180599, \"bids\": [[\"1.21400000\", \"63.38000000\"]], "
    "\"asks\": [[\"1.21600000\", \"62.53000000\"]]}\n"
    "1721749183854663 {\"stream\":\"nexousdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\","
    "\"E\":1721749183710,\"s\":\"NEXOUSDT\",\"U\":134180600,\"u\":134180601,"
    "\"b\":[[\"1.18700000\",\"169.66000000\"]],\"a\":[]}}\n"
    "1721749183994292 {\"stream\":\"nexousdt@bookTicker\",\"data\":{\"u\":134180603,"
    "\"s\":\"NEXOUSDT\",\"b\":\"1.21400000\",\"B\":\"63.38000000\",\"a\":\"1.21600000\","
    "\"A\":\"62.53000000\"}}\n"
    "1721749184954663 {\"stream\":\"nexousdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\","
    "\"E\":1721749184810,\"s\":\"NEXOUSDT\",\"U\":134180602,\"u\":134180605,"
    "\"b\":[],\"a\":[[\"1.21500000\",\"0.00000000\"]]}}\n";

static void spot_capture(void **state)
{
    (void)state;
    struct collect c = {0};
    struct pl_import_report r;
    struct pl_error err;
    assert_int_equal(collect_text(&c, spot, NULL, &r, &err), 0);
    assert_string_equal(c.inst[0].venue, "binance-spot");
    assert_int_equal(c.inst[0].kind, PL_INST_SPOT);
    assert_int_equal(c.inst[0].tick.mantissa, 1);
    assert_int_equal(c.inst[0].tick.scale, 3);
    assert_int_equal(c.inst[0].lot.scale, 2);
    assert_int_equal(c.count, 4);
    /* no stamp: local minus the latency of the first stamped message, 144.663 ms */
    assert_int_equal(c.msg[0].flags, PL_MSGF_NO_VENUE_TIME);
    assert_int_equal(c.msg[0].venue_ns, INT64_C(1721749182705831000));
    assert_int_equal(c.msg[1].flags, 0);
    assert_int_equal(c.msg[2].flags, PL_MSGF_NO_VENUE_TIME);
    assert_int_equal(c.msg[2].venue_ns, INT64_C(1721749183849629000));
    assert_int_equal(r.gaps, 0);
    collect_clear(&c);
}

static size_t trade_line(char *out, size_t cap, uint64_t id, const char *price)
{
    return (size_t)snprintf(out, cap,
                            "1680652700000000 {\"e\":\"trade\",\"E\":1680652700295,\"T\":"
                            "1680652700290,\"s\":\"BTCUSDT\",\"t\":%llu,\"p\":\"%s\",\"q\":\"3\","
                            "\"m\":false}\n",
                            (unsigned long long)id, price);
}

static void restart_on_a_finer_grid(void **state)
{
    (void)state;
    struct collect c = {0};
    struct pl_import_report r;
    struct pl_error err;
    /* 9 MiB of trades at whole prices, then one at 100.25 */
    static const char *const prices[] = {"100", "101", "107", "103.00"};
    size_t cap = (size_t)10 << 20, n = 0;
    char *text = malloc(cap);
    assert_non_null(text);
    uint64_t id = 1;
    for (; n < ((size_t)9 << 20); id++) {
        n += trade_line(text + n, cap - n, id, prices[id % 4]);
    }
    n += trade_line(text + n, cap - n, id, "100.25");
    assert_int_equal(collect_text(&c, text, NULL, &r, &err), 0);
    assert_int_equal(c.begun, 2);
    assert_true(r.restarted);
    assert_int_equal(r.bad, 0);
    assert_int_equal(c.count, id);
    assert_int_equal(c.inst[0].tick.mantissa, 5);
    assert_int_equal(c.inst[0].tick.scale, 2);
    assert_int_equal(c.msg[c.count - 1].px[0], 2005);
    assert_int_equal(c.msg[c.count - 1].lots[0], 3);
    /* with a given tick the row is bad, counted and located; strict stops there */
    struct pl_import_options opt = {.tick = "0.1", .lot = "1"};
    assert_int_equal(collect_text(&c, text, &opt, &r, &err), 0);
    assert_int_equal(r.bad, 1);
    assert_int_equal(r.bad_at[0].line, id);
    assert_int_equal(c.count, id - 1);
    opt.strict = true;
    assert_int_equal(collect_text(&c, text, &opt, &r, &err), PL_ERR_MALFORMED);
    assert_non_null(strstr(err.text, "lies between two steps"));
    collect_clear(&c);
    free(text);
}

/* The files of the data set with the counts its README states. */
static void real_files(void **state)
{
    (void)state;
    static const struct {
        const char *file[2];
        const char *venue, *symbol, *tick, *lot;
        uint64_t depth, snapshot, bbo, trade, mark, not_book;
    } rows[] = {
        {{"tick/binance-usdm/btcusdt_20230404.dat.gz", "tick/binance-usdm/btcusdt_20230405.dat.gz"},
         "binance-usdm",
         "BTCUSDT",
         "0.1",
         "0.001",
         16110,
         1,
         44205,
         12935,
         514,
         1},
        {{"tick/binance-usdm/btcusdt_20240808.gz", NULL},
         "binance-usdm",
         "BTCUSDT",
         "0.1",
         "0.001",
         6551,
         1,
         66089,
         21313,
         0,
         0},
        {{"tick/binance-usdm/ethusdt_20240718.gz", "tick/binance-usdm/ethusdt_20240719.gz"},
         "binance-usdm",
         "ETHUSDT",
         "0.01",
         "0.001",
         8929,
         1,
         47328,
         13655,
         0,
         0},
        {{"tick/binance-coinm/btcusd_perp_20240808.gz",
          "tick/binance-coinm/btcusd_perp_20240809.gz"},
         "binance-coinm",
         "BTCUSD_PERP",
         "0.1",
         "1",
         44795,
         1,
         48355,
         5235,
         0,
         0},
        {{"tick/binance-spot/nexousdt_20240723.dat.gz",
          "tick/binance-spot/nexousdt_20240724.dat.gz"},
         "binance-spot",
         "NEXOUSDT",
         "0.001",
         "0.01",
         68182,
         1,
         33437,
         12458,
         0,
         0},
        {{"tick/binance-spot/btcusdt_20240808.gz", "tick/binance-spot/btcusdt_20240809.gz"},
         "binance-spot",
         "BTCUSDT",
         "0.01",
         "0.000001",
         6495,
         1,
         73174,
         19904,
         0,
         0},
        {{"tick/binance-spot/btcusdt_20230405.dat.gz", NULL},
         "binance-spot",
         "BTCUSDT",
         "0.01",
         "0.000001",
         3929,
         0,
         8015,
         3144,
         0,
         0},
        {{"tick/binance-spot/ethbtc_20201101T09.jsonl.gz", NULL},
         "binance-spot",
         "ETHBTC",
         "0.000001",
         "0.001",
         3600,
         1,
         0,
         1736,
         0,
         0},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        char buf[2][4096];
        const char *paths[2];
        size_t count = rows[i].file[1] != NULL ? 2 : 1;
        bool there = true;
        for (size_t k = 0; k < count && there; k++) {
            paths[k] = data_path(rows[i].file[k], buf[k], sizeof buf[k]);
            there = paths[k] != NULL;
        }
        if (!there) {
            continue;
        }
        struct collect c = {0};
        struct pl_import_report r;
        struct pl_error err;
        int rc = collect_files(&c, paths, count, NULL, &r, &err);
        if (rc != 0) {
            print_error("%s: %s\n", rows[i].file[0], err.text);
        }
        assert_int_equal(rc, 0);
        pl_import_report_print(&r, paths, stdout);
        assert_string_equal(c.inst[0].venue, rows[i].venue);
        assert_string_equal(c.inst[0].symbol, rows[i].symbol);
        char text[PL_DECIMAL_TEXT_MAX];
        assert_true(pl_decimal_print_steps(1, c.inst[0].tick, text) > 0);
        assert_string_equal(text, rows[i].tick);
        assert_true(pl_decimal_print_steps(1, c.inst[0].lot, text) > 0);
        assert_string_equal(text, rows[i].lot);
        assert_int_equal(r.bad, 0);
        assert_int_equal(r.gaps, 0);
        assert_int_equal(r.local_back, 0);
        assert_int_equal(r.kind_messages[PL_MSG_DEPTH], rows[i].depth);
        assert_int_equal(r.kind_messages[PL_MSG_SNAPSHOT], rows[i].snapshot);
        assert_int_equal(r.kind_messages[PL_MSG_BBO], rows[i].bbo);
        assert_int_equal(r.kind_messages[PL_MSG_TRADE], rows[i].trade);
        assert_int_equal(r.kind_messages[PL_MSG_MARK], rows[i].mark);
        assert_int_equal(r.not_book_trades, rows[i].not_book);
        collect_clear(&c);
    }
}

/* Bybit: V5 as the archive writes it (no receive time), V2 as cryptofeed recorded it. */
static void bybit_texts(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *format, *venue;
        uint64_t messages, gaps, ignored, bad;
        int kinds[8], flags[8];
    } rows[] = {
        {"V5 archive with a hole",
         "{\"topic\":\"orderbook.500.XRPUSDT\",\"type\":\"snapshot\",\"ts\":1733011200691,\"data\":"
         "{\"s\":\"XRPUSDT\",\"b\":[[\"1.9531\",\"6203\"]],\"a\":[[\"1.9532\",\"23\"]],\"u\":7,"
         "\"seq\":9},\"cts\":1733011200589}\n"
         "{\"type\":\"delta\",\"data\":{\"a\":[],\"b\":[[\"1.9531\",\"0\"]],\"u\":8,\"seq\":10,"
         "\"s\":\"XRPUSDT\"},\"ts\":1733011200693,\"cts\":1733011200691,"
         "\"topic\":\"orderbook.500.XRPUSDT\"}\n"
         "{\"topic\":\"orderbook.500.XRPUSDT\",\"type\":\"delta\",\"ts\":1733011200793,\"data\":"
         "{\"s\":\"XRPUSDT\",\"b\":[],\"a\":[],\"u\":10,\"seq\":12},\"cts\":1733011200791}\n"
         "{\"topic\":\"publicTrade.XRPUSDT\",\"type\":\"snapshot\",\"ts\":1733011200803,\"data\":[{"
         "\"T\":1733011200799,\"s\":\"XRPUSDT\",\"S\":\"Sell\",\"v\":\"10\",\"p\":\"1.9531\","
         "\"i\":\"x\",\"BT\":false},{\"T\":1733011200800,\"s\":\"XRPUSDT\",\"S\":\"Buy\","
         "\"v\":\"10\",\"p\":\"1.9532\",\"i\":\"y\",\"BT\":true}]}\n"
         "{\"topic\":\"tickers.XRPUSDT\",\"type\":\"snapshot\",\"data\":{}}\n",
         "bybit-jsonl",
         "bybit-linear",
         6,
         1,
         1,
         0,
         {PL_MSG_SNAPSHOT, PL_MSG_DEPTH, PL_MSG_GAP, PL_MSG_DEPTH, PL_MSG_TRADE, PL_MSG_TRADE},
         {0, 0, 0, 0, PL_MSGF_SELL, PL_MSGF_NOT_BOOK}},
        {"V2 capture of an inverse contract",
         "wss://stream.bybit.com/realtime <-> 1618677785.4827468\n"
         "wss://stream.bybit.com/realtime <- 1618677786.460905: {\"op\":\"subscribe\"}\n"
         "1618677786.799731: {\"success\":true,\"ret_msg\":\"\"}\n"
         "1618677786.982405: {\"topic\":\"orderBookL2_25.BTCUSD\",\"type\":\"snapshot\",\"data\":[{"
         "\"price\":\"1053.5\",\"symbol\":\"BTCUSD\",\"id\":10530500,\"side\":\"Buy\",\"size\":2},"
         "{\"price\":\"1055\",\"symbol\":\"BTCUSD\",\"id\":10559500,\"side\":\"Sell\",\"size\":29}]"
         ","
         "\"cross_seq\":5,\"timestamp_e6\":1618677786389362}\n"
         "1618677786.98285: {\"topic\":\"orderBookL2_25.BTCUSD\",\"type\":\"delta\",\"data\":{"
         "\"delete\":[{\"price\":\"1055\",\"symbol\":\"BTCUSD\",\"id\":1,\"side\":\"Sell\"}],"
         "\"update\":[],\"insert\":[{\"price\":\"1053\",\"symbol\":\"BTCUSD\",\"id\":2,\"side\":"
         "\"Buy\",\"size\":19}]},\"cross_seq\":9,\"timestamp_e6\":1618677786430132}\n"
         "1618677787.1: "
         "{\"topic\":\"trade.BTCUSD\",\"data\":[{\"symbol\":\"BTCUSD\",\"price\":1053.5,"
         "\"size\":3,\"trade_time_ms\":1618677787000,\"side\":\"Sell\"}]}\n"
         "1618677787.2: {\"topic\":\"trade.BTCUSD\",\"data\":[{\"symbol\":\"BTCUSD\"}]}\n",
         "cryptofeed",
         "bybit-inverse",
         3,
         0,
         3,
         1,
         {PL_MSG_SNAPSHOT, PL_MSG_DEPTH, PL_MSG_TRADE},
         {0, 0, PL_MSGF_SELL}},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct collect c = {0};
        struct pl_import_report r;
        struct pl_error err;
        print_message("%s\n", rows[i].name);
        assert_int_equal(collect_text(&c, rows[i].text, NULL, &r, &err), 0);
        assert_string_equal(r.format, rows[i].format);
        assert_string_equal(c.inst[0].venue, rows[i].venue);
        assert_int_equal(r.messages, rows[i].messages);
        assert_int_equal(r.gaps, rows[i].gaps);
        assert_int_equal(r.ignored, rows[i].ignored);
        assert_int_equal(r.bad, rows[i].bad);
        for (size_t k = 0; k < c.count; k++) {
            assert_int_equal(c.msg[k].kind, rows[i].kinds[k]);
            assert_int_equal(c.msg[k].flags, rows[i].flags[k]);
        }
        collect_clear(&c);
    }
}

/* Captures with several markets in one stream. */
static void several_markets(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int markets;
        uint64_t depth, snapshot, bbo, trade;
    } rows[] = {
        {"tick/bybit/linear8_2021-04-17.cf.gz", 8, 3252, 8, 0, 101},
        {"tick/binance-usdm/alts4_2021-07-22.cf.gz", 4, 764, 0, 613, 91},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        char buf[4096];
        const char *path = data_path(rows[i].file, buf, sizeof buf);
        if (path == NULL) {
            continue;
        }
        struct collect c = {0};
        struct pl_import_report r;
        struct pl_error err;
        assert_int_equal(collect_files(&c, &path, 1, NULL, &r, &err), 0);
        assert_int_equal(c.inst_count, rows[i].markets);
        assert_int_equal(r.kind_messages[PL_MSG_DEPTH], rows[i].depth);
        assert_int_equal(r.kind_messages[PL_MSG_SNAPSHOT], rows[i].snapshot);
        assert_int_equal(r.kind_messages[PL_MSG_BBO], rows[i].bbo);
        assert_int_equal(r.kind_messages[PL_MSG_TRADE], rows[i].trade);
        assert_int_equal(r.bad, 0);
        assert_int_equal(r.gaps, 0);
        struct pl_import_options one = {.symbol = c.inst[1].symbol};
        char symbol[32];
        snprintf(symbol, sizeof symbol, "%s", c.inst[1].symbol);
        one.symbol = symbol;
        assert_int_equal(collect_files(&c, &path, 1, &one, &r, &err), 0);
        assert_int_equal(c.inst_count, 1);
        assert_string_equal(c.inst[0].symbol, symbol);
        assert_int_equal(r.bad, 0);
        collect_clear(&c);
    }
}

/* A damaged stamp costs its own message (and shows as a gap), not the rest of the file. */
static void damaged_stamp(void **state)
{
    (void)state;
    char text[16384];
    size_t n = 0;
    for (int i = 0; i < 40; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "16806527%02d100000 {\"e\":\"depthUpdate\",\"E\":16%s6527%02d095,"
                              "\"s\":\"BTCUSDT\",\"U\":%d,\"u\":%d,\"b\":[[\"1\",\"2\"]],"
                              "\"a\":[]}\n",
                              i, i == 20 ? "98" : "80", i, i, i);
    }
    struct collect c = {0};
    struct pl_import_report r;
    struct pl_error err;
    assert_int_equal(collect_text(&c, text, NULL, &r, &err), 0);
    assert_int_equal(r.bad, 1);
    assert_int_equal(r.bad_at[0].line, 21);
    assert_int_equal(r.gaps, 1);
    assert_int_equal(r.kind_messages[PL_MSG_DEPTH], 39);
    collect_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(futures_capture),
        cmocka_unit_test(spot_capture),
        cmocka_unit_test(restart_on_a_finer_grid),
        cmocka_unit_test(real_files),
        cmocka_unit_test(bybit_texts),
        cmocka_unit_test(several_markets),
        cmocka_unit_test(damaged_stamp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
