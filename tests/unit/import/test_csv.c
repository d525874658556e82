/* CSV formats: small texts row by row, then the real files with the counts their README states. */
#include "unit/import/collect.h"

#define TARDIS "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n"
#define T1     "1723161255030000"
#define T2     "1723161255040000"
#define T3     "1723161255050000"

/* A message as one line of text: kind bids/rows venue_ms:px@lots ... */
static void describe(const struct collect *c, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < c->count && n < size; i++) {
        const struct pl_msg *m = &c->msg[i];
        n += (size_t)snprintf(out + n, size - n, "%d%s%s%s %u/%u %lld:", m->kind,
                              (m->flags & PL_MSGF_SELL) != 0 ? "s" : "",
                              (m->flags & PL_MSGF_NOT_BOOK) != 0 ? "n" : "",
                              (m->flags & PL_MSGF_SIDE_GUESS) != 0 ? "g" : "", m->bid_count,
                              m->row_count, (long long)(m->venue_ns / 1000000 % 1000000));
        for (uint32_t k = 0; k < m->row_count && n < size; k++) {
            n += (size_t)snprintf(out + n, size - n, " %lld@%lld", (long long)m->px[k],
                                  (long long)m->lots[k]);
        }
        n += (size_t)snprintf(out + n, size - n, ";");
    }
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *name, *format, *text, *venue, *tick, *lot, *messages;
        uint64_t bad, gaps;
    } rows[] = {
        {"tardis book", "tardis-book",
         TARDIS "binance-futures,BTCUSDT," T1 "," T2 ",true,ask,100.5,1\n"
                "binance-futures,BTCUSDT," T1 "," T2 ",true,bid,100.4,2.5\n"
                "binance-futures,BTCUSDT," T1 "," T2 ",true,bid,100.2,3\n"
                "binance-futures,BTCUSDT," T2 "," T3 ",false,bid,100.4,0\n",
         "binance-usdm", "0.1", "0.5", "1 2/3 255030: 1004@5 1002@6 1005@2;0 1/1 255040: 1004@0;",
         0, 0},
        {"tardis book, columns in another order", "tardis-book",
         "symbol,price,amount,side,exchange,timestamp,local_timestamp,is_snapshot\n"
         "BTCUSDT,100.5,1,ask,binance," T1 "," T2 ",true\n"
         "BTCUSDT,100.4,2,bid,binance," T1 "," T2 ",true\n",
         "binance-spot", "0.1", "1", "1 1/2 255030: 1004@2 1005@1;", 0, 0},
        {"tardis book, damaged rows", "tardis-book",
         TARDIS "binance-futures,BTCUSDT," T1 "," T2 ",true,ask,100.5,1\n"
                "binance-futures,BTCUSDT," T1 "," T2 ",true,bix,100.4,2.5\n"
                "binance-futures,BTCUSDT," T1 "," T2 ",true,bid,1x0.2,3\n"
                "binance-futures,BTCUSDT," T1 "," T2 ",true,bid,100.2\n"
                "binance-futures,BTCUSDT," T1 "," T2 ",true,bid,100.3,-1\n"
                "binance-futures,BTCUSDT," T1 "," T2 ",true,bid,100.1,1\n"
                "binance-futures,BTCUSDT,x," T2 ",true,bid,100.1,1\n"
                "binance-futures,BTCUSDT," T1 "," T2 ",maybe,bid,100.1,1\n",
         "binance-usdm", "0.1", "1", "1 1/2 255030: 1001@1 1005@1;", 6, 0},
        {"book csv by sequence", "book-csv",
         "local_ms,exch_ms,seq,is_snapshot,side,price,qty\n"
         "1723161255040,1723161255030,7,1,b,100.4,1\n"
         "1723161255040,1723161255030,7,1,a,100.5,2\n"
         "1723161255041,1723161255031,8,0,a,100.5,0\n",
         "unknown", "0.1", "1", "1 1/2 255030: 1004@1 1005@2;0 0/1 255031: 1005@0;", 0, 0},
        {"tardis trades", "tardis-trades",
         "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
         "bybit,BTCUSD," T1 "," T2 ",a-b-c,sell,100.5,1\n"
         "bybit,BTCUSD," T2 "," T3 ",a-b-d,unknown,101,2\n",
         "bybit-inverse", "0.5", "1", "3s 0/1 255030: 201@1;3g 0/1 255040: 202@2;", 0, 0},
        {"bybit trades, newest first", "bybit-trades",
         "timestamp,symbol,side,size,price,tickDirection,trdMatchID\n"
         "1569974396.5,BTCUSD,Buy,3,8319.5,PlusTick,x\n"
         "1569974394.25,BTCUSD,Sell,2,8319.0,PlusTick,y\n"
         "1569974394.25,BTCUSD,Sell,1,8319.0,PlusTick,z\n"
         "1569974394.125,BTCUSD,Hold,1,8319.0,PlusTick,z\n",
         "bybit-inverse", "0.5", "1",
         "3s 0/1 394250: 16638@1;3s 0/1 394250: 16638@2;3 0/1 396500: 16639@3;", 1, 0},
        {"aggTrades without a header, us", "vision-aggtrades",
         "11,100.5,2,21,22,1723161255030000,True,True\n12,100.6,3,24,24,1723161255040000,False,"
         "True\n",
         "binance-usdm", "0.1", "1", "3s 0/1 255030: 1005@2;3 0/1 255040: 1006@3;", 0, 0},
        {"klines with a hole, a repeat and a time from nowhere", "vision-klines",
         "1723161240000,1,3,1,2,10,1723161299999,1,1,1,1,0\n"
         "1723161300000,2,3,1,2,20,1723161359999,1,1,1,1,0\n"
         "1723161300000,2,3,1,2,20,1723161359999,1,1,1,1,0\n"
         "1723761300000,2,3,1,2,30,1723161359999,1,1,1,1,0\n"
         "1723161480000,2,3,1,2,30,1723161359999,1,1,1,1,0\n"
         "1723161540000,2,3,1,4,30,1723161359999,1,1,1,1,0\n",
         "unknown", "1", "10",
         "4 0/4 240000: 1@1 3@0 1@0 2@0;4 0/4 300000: 2@2 3@0 1@0 2@0;"
         "4 0/4 480000: 2@3 3@0 1@0 2@0;",
         3, 1},
        {"bookTicker", "vision-bookticker",
         "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,"
         "event_time\n5,100.4,1,100.5,2,1723161255030,1723161255035\n",
         "binance-usdm", "0.1", "1", "2 1/2 255030: 1004@1 1005@2;", 0, 0},
        {"candles, exponents and float noise in the volume", "candles-csv",
         "open_time_ms,open,high,low,close,volume\n"
         "1723161240000,4e-05,5e-05,0.00004,4E-5,0.30000000000000004\n",
         "unknown", "0.00001", "0.1", "4 0/4 240000: 4@3 5@0 4@0 4@0;", 0, 0},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct collect c = {0};
        struct pl_import_report r;
        struct pl_error err;
        char text[2048], step[PL_DECIMAL_TEXT_MAX];
        print_message("%s\n", rows[i].name);
        int rc = collect_text(&c, rows[i].text, NULL, &r, &err);
        assert_int_equal(rc, 0);
        assert_string_equal(r.format, rows[i].format);
        assert_string_equal(c.inst[0].venue, rows[i].venue);
        assert_true(pl_decimal_print_steps(1, c.inst[0].tick, step) > 0);
        assert_string_equal(step, rows[i].tick);
        assert_true(pl_decimal_print_steps(1, c.inst[0].lot, step) > 0);
        assert_string_equal(step, rows[i].lot);
        describe(&c, text, sizeof text);
        assert_string_equal(text, rows[i].messages);
        assert_int_equal(r.bad, rows[i].bad);
        assert_int_equal(r.gaps, rows[i].gaps);
        struct pl_import_options strict = {.strict = true};
        rc = collect_text(&c, rows[i].text, &strict, &r, &err);
        assert_int_equal(rc, rows[i].bad > 0 ? PL_ERR_MALFORMED : 0);
        collect_clear(&c);
    }
}

/* The message of a bad row says where and why. */
static void places(void **state)
{
    (void)state;
    struct collect c = {0};
    struct pl_import_report r;
    struct pl_error err;
    const char *text = TARDIS "binance-futures,BTCUSDT," T1 "," T2 ",true,ask,100.5,1\r\n"
                              "binance-futures,BTCUSDT," T1 "," T2 ",true,ask,100.6,x\r\n";
    assert_int_equal(collect_text(&c, text, NULL, &r, &err), 0);
    assert_int_equal(r.bad, 1);
    assert_int_equal(r.bad_at[0].line, 3);
    assert_int_equal(r.bad_at[0].byte, strlen(TARDIS) + 76);
    assert_string_equal(r.bad_at[0].reason, "its price or size is not a number");
    collect_clear(&c);
}

static void real_files(void **state)
{
    (void)state;
    static const struct {
        const char *file[2], *format, *venue, *symbol, *tick;
        uint64_t messages, rows, trades, bad, gaps;
    } rows[] = {
        {{"tick/binance-usdm/btcusdt_book1000_20260216T04.csv.gz", NULL},
         "book-csv",
         "binance-usdm",
         "BTCUSDT",
         "0.1",
         2556,
         228550,
         0,
         0,
         0},
        {{"tick/binance-usdm/btcusdt_book1000_20260216T04.csv.gz",
          "tick/binance-usdm/btcusdt_trades_20260216T04.csv.gz"},
         "book-csv+trades-csv",
         "binance-usdm",
         "BTCUSDT",
         "0.1",
         14503,
         240497,
         11947,
         0,
         0},
        {{"tick/binance-usdm/apeusdt_aggtrades_20241018.csv.gz", NULL},
         "vision-aggtrades",
         "binance-usdm",
         "APEUSDT",
         "0.0001",
         45342,
         45342,
         45342,
         0,
         0},
        {{"tick/bybit/btcusd_inverse_trades_20191001.csv.gz", NULL},
         "bybit-trades",
         "bybit-inverse",
         "BTCUSD",
         "0.5",
         93598,
         93598,
         93598,
         0,
         0},
        {{"tick/standx/btcusd_book20_20260106T12-18.csv.gz",
          "tick/standx/btcusd_trades_20260106T12-18.csv.gz"},
         "book-csv+trades-csv",
         "standx",
         "BTCUSD",
         "0.01",
         118859,
         703021,
         56017,
         0,
         0},
        {{"tick/hyperliquid/btc_trades_20250904.csv.gz", NULL},
         "trades-csv",
         "hyperliquid",
         "BTC",
         "1",
         6675,
         6675,
         6675,
         0,
         0},
        {{"event/binance-spot_lunausdt_202205.csv.gz", NULL},
         "candles-csv",
         "binance-spot",
         "LUNAUSDT",
         "0.00001",
         18400,
         73600,
         0,
         0,
         1},
        {{"event/binance-spot_atombtc_20200207-0315.csv.gz", NULL},
         "candles-csv",
         "binance-spot",
         "ATOMBTC",
         "0.0000001",
         52720,
         210880,
         0,
         1,
         3},
        {{"event/binance-coinm_btcusdperp_20251009-10.csv.gz", NULL},
         "candles-csv",
         "binance-coinm",
         "BTCUSDPERP",
         "0.00000001",
         2880,
         11520,
         0,
         0,
         0},
        {{"odd/bybit_ltcusdt_1m_gappy_202409-202509.csv.gz", NULL},
         "candles-csv",
         "unknown",
         "LTCUSDT",
         "0.01",
         105076,
         420304,
         0,
         0,
         524},
        {{"odd/bybit_testnet_btcusdt_1m_202409.csv.gz", NULL},
         "candles-csv",
         "unknown",
         "BTCUSDT",
         "0.1",
         20000,
         80000,
         0,
         0,
         99},
        {{"kline1m/binance-spot/btcusdt_202505-08.csv.gz", NULL},
         "candles-csv",
         "binance-spot",
         "BTCUSDT",
         "0.01",
         130708,
         522832,
         0,
         0,
         0},
        {{"tick/bybit/xrpusdt_ob500_20241201.jsonl.gz", NULL},
         "bybit-jsonl",
         "bybit-linear",
         "XRPUSDT",
         "0.0001",
         50,
         3966,
         0,
         0,
         0},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        char buf[2][4096];
        const char *paths[2] = {data_path(rows[i].file[0], buf[0], sizeof buf[0]), NULL};
        size_t count = rows[i].file[1] != NULL ? 2 : 1;
        if (count == 2) {
            paths[1] = data_path(rows[i].file[1], buf[1], sizeof buf[1]);
        }
        if (paths[0] == NULL || (count == 2 && paths[1] == NULL)) {
            continue;
        }
        struct collect c = {0};
        struct pl_import_report r;
        struct pl_error err;
        print_message("%s\n", rows[i].file[0]);
        assert_int_equal(collect_files(&c, paths, count, NULL, &r, &err), 0);
        assert_string_equal(r.format, rows[i].format);
        assert_int_equal(c.inst_count, 1);
        assert_string_equal(c.inst[0].venue, rows[i].venue);
        assert_string_equal(c.inst[0].symbol, rows[i].symbol);
        char step[PL_DECIMAL_TEXT_MAX];
        assert_true(pl_decimal_print_steps(1, c.inst[0].tick, step) > 0);
        assert_string_equal(step, rows[i].tick);
        assert_int_equal(r.messages, rows[i].messages);
        assert_int_equal(r.rows, rows[i].rows);
        assert_int_equal(r.kind_messages[PL_MSG_TRADE], rows[i].trades);
        assert_int_equal(r.bad, rows[i].bad);
        assert_int_equal(r.gaps, rows[i].gaps);
        for (size_t k = 1; k < c.count; k++) {
            assert_true(c.msg[k].local_ns >= c.msg[k - 1].local_ns); /* merged in receive order */
        }
        collect_clear(&c);
    }
}

/* StandX recorded every trade as a sale: with its book beside it both sides are found. */
static void sides_from_the_book(void **state)
{
    (void)state;
    char buf[2][4096];
    const char *paths[2] = {
        data_path("tick/standx/btcusd_book20_20260106T12-18.csv.gz", buf[0], sizeof buf[0]),
        data_path("tick/standx/btcusd_trades_20260106T12-18.csv.gz", buf[1], sizeof buf[1])};
    if (paths[0] == NULL || paths[1] == NULL) {
        skip();
    }
    struct collect c = {0};
    struct pl_import_report r;
    struct pl_error err;
    assert_int_equal(collect_files(&c, paths, 2, NULL, &r, &err), 0);
    uint64_t sells = 0, trades = 0;
    for (size_t i = 0; i < c.count; i++) {
        if (c.msg[i].kind == PL_MSG_TRADE) {
            assert_true((c.msg[i].flags & PL_MSGF_SIDE_GUESS) != 0);
            sells += (c.msg[i].flags & PL_MSGF_SELL) != 0;
            trades++;
        }
    }
    assert_int_equal(trades, 56017);
    assert_int_equal(r.side_guesses, trades);
    assert_true(sells > trades / 4 && sells < trades * 3 / 4);
    collect_clear(&c);
}

/* Files of this kind are known and refused in words, not misread. */
static void refused_files(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int code;
        const char *words;
    } rows[] = {
        {"tick/coinbase/multi10_2021-04-17.cf.gz", PL_ERR_UNSUPPORTED, "only Bybit and Binance"},
        {"tick/hyperliquid/btc_prices_20250904.csv.gz", PL_ERR_UNSUPPORTED, "no format"},
        {"event/binance-usdm_btcusdt_bookdepth_20251010.csv.gz", PL_ERR_UNSUPPORTED, "no format"},
        {"tick/bitmex/trades_20200310.csv.gz", PL_ERR_UNSUPPORTED, "no format"},
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
        assert_int_equal(collect_files(&c, &path, 1, NULL, &r, &err), rows[i].code);
        assert_non_null(strstr(err.text, rows[i].words));
        assert_non_null(strstr(err.text, path));
        collect_clear(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),         cmocka_unit_test(places),
        cmocka_unit_test(real_files),    cmocka_unit_test(sides_from_the_book),
        cmocka_unit_test(refused_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
