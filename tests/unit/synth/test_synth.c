/* The generated market: inside the bands of the real captures, the same for a seed, correlated
 * across markets. */
#include "base/assert.h"
#include "base/hash.h"
#include "import/import.h"
#include "synth/measure.h"

#include "synth_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bands.h"

/* Measures */

struct measure_sink {
    struct pl_sink sink;
    struct pl_measure *measure[MARKETS];
    int markets;
};

static int measure_put(struct pl_sink *self, const struct pl_msg *msg, struct pl_error *err)
{
    (void)err;
    return pl_measure_msg(((struct measure_sink *)self)->measure[msg->market], msg);
}

static int measure_define(struct pl_sink *self, const struct pl_inst *inst, int of,
                          struct pl_error *err)
{
    struct measure_sink *m = (struct measure_sink *)self;
    (void)of;
    int rc = pl_inst_check(inst, err);
    if (rc == 0) {
        rc = pl_measure_create(inst, &m->measure[m->markets]);
    }
    return rc < 0 ? rc : m->markets++;
}

static struct pl_market_stats measure(const char *profile, uint64_t seed, double seconds)
{
    struct measure_sink m = {.sink = {measure_put, measure_define}};
    struct pl_synth_cfg cfg = config(profile, seed, seconds);
    struct pl_market_stats stats;
    run(&cfg, &m.sink);
    pl_measure_result(m.measure[0], &stats);
    pl_measure_destroy(&m.measure[0]);
    return stats;
}

static double value_of(const struct pl_market_stats *stats, const char *name)
{
    for (size_t r = 0; r < pl_measure_row_count; r++) {
        if (strcmp(pl_measure_rows[r].name, name) == 0) {
            return pl_measure_value(stats, r);
        }
    }
    fail_msg("no measure is called %s", name);
    return 0;
}

static int outside(const struct pl_market_stats *stats, const struct band *band, size_t count,
                   const char *words)
{
    int n = 0;
    for (size_t i = 0; i < count; i++) {
        double value = value_of(stats, band[i].name);
        if (!(value >= band[i].lo && value <= band[i].hi)) {
            n++;
            if (words != NULL) {
                print_error("%s: %s is %.4g, the capture's is %.4g, the band %.4g to %.4g\n", words,
                            band[i].name, value, band[i].real, band[i].lo, band[i].hi);
            }
        }
    }
    return n;
}

static const struct {
    const char *profile;
    const struct band *band;
    size_t count;
    double seconds;
    const char *capture[2];
} calibrated[] = {
    {"btcusdt",
     bands_btcusdt,
     PL_COUNT(bands_btcusdt),
     900,
     {"tick/binance-usdm/btcusdt_20240808.gz", NULL}},
    {"ethusdt",
     bands_ethusdt,
     PL_COUNT(bands_ethusdt),
     900,
     {"tick/binance-usdm/ethusdt_20240718.gz", "tick/binance-usdm/ethusdt_20240719.gz"}},
    {"alt",
     bands_alt,
     PL_COUNT(bands_alt),
     43200,
     {"tick/binance-spot/nexousdt_20240723.dat.gz", "tick/binance-spot/nexousdt_20240724.dat.gz"}},
};

static void test_inside_bands(void **state)
{
    (void)state;
    int n = 0;
    for (size_t c = 0; c < PL_COUNT(calibrated); c++) {
        for (uint64_t seed = 1; seed <= 2; seed++) {
            struct pl_market_stats stats =
                measure(calibrated[c].profile, seed, calibrated[c].seconds);
            n += outside(&stats, calibrated[c].band, calibrated[c].count, calibrated[c].profile);
        }
    }
    assert_int_equal(n, 0);
}

/* The bands tell markets apart: each profile lies outside many of the others' bands. */
static void test_bands_reject(void **state)
{
    (void)state;
    struct pl_market_stats quiet = measure("quiet", 1, 900), eth = measure("ethusdt", 1, 300);
    assert_true(outside(&quiet, bands_btcusdt, PL_COUNT(bands_btcusdt), NULL) >= 15);
    assert_true(outside(&eth, bands_btcusdt, PL_COUNT(bands_btcusdt), NULL) >= 8);
    assert_true(outside(&eth, bands_alt, PL_COUNT(bands_alt), NULL) >= 15);
}

/* The column "real" of the bands is what the captures say, measured by the same code. */
static void test_real_captures(void **state)
{
    (void)state;
    static struct pl_import_report report;
    const char *data = getenv("PL_DATA");
    if (data == NULL) {
        print_message("SKIPPED: no market data (set PL_DATA)\n");
        skip();
    }
    for (size_t c = 0; c < PL_COUNT(calibrated); c++) {
        char path[2][512];
        const char *paths[2] = {path[0], path[1]};
        size_t count = calibrated[c].capture[1] != NULL ? 2 : 1;
        for (size_t i = 0; i < count; i++) {
            snprintf(path[i], sizeof path[i], "%s/%s", data, calibrated[c].capture[i]);
        }
        struct pl_import_options as_found = {0};
        struct pl_source *source = NULL;
        struct pl_market_stats stats;
        struct pl_error err = {0};
        if (pl_import_open(paths, count, &as_found, &source, &report, &err) < 0 ||
            pl_measure_source(source, &stats, 1, &err) != 1) {
            fail_msg("%s", err.text);
        }
        source->close(source);
        for (size_t i = 0; i < calibrated[c].count; i++) {
            const struct band *b = &calibrated[c].band[i];
            double value = value_of(&stats, b->name);
            if (fabs(value - b->real) > 0.01 * fabs(b->real) + 1e-4) {
                fail_msg("%s: the capture's %s is %.6g, not %.4g", calibrated[c].profile, b->name,
                         value, b->real);
            }
        }
    }
}

static void test_quiet(void **state)
{
    (void)state;
    struct pl_market_stats stats = measure("quiet", 1, 1800);
    assert_true(stats.rows_per_s > 120 && stats.rows_per_s < 270); /* 16 M in 24 h */
    assert_true(stats.touch_moves_per_s < 1);
    assert_true(stats.trades_per_s > 0.1);
}

/* Determinism */

struct digest_sink {
    struct pl_sink sink;
    uint64_t digest[MARKETS];
    int markets;
};

static int digest_put(struct pl_sink *self, const struct pl_msg *msg, struct pl_error *err)
{
    uint64_t *h = &((struct digest_sink *)self)->digest[msg->market];
    (void)err;
    *h = pl_digest_u64(*h, msg->kind);
    *h = pl_digest_u64(*h, msg->flags);
    *h = pl_digest_u64(*h, (uint64_t)msg->venue_ns);
    *h = pl_digest_u64(*h, (uint64_t)msg->local_ns);
    *h = pl_digest_u64(*h, msg->seq);
    *h = pl_digest_u64(*h, msg->seq_first);
    *h = pl_digest_u64(*h, msg->bid_count);
    for (uint32_t r = 0; r < msg->row_count; r++) {
        *h = pl_digest_u64(*h, (uint64_t)msg->px[r]);
        *h = pl_digest_u64(*h, (uint64_t)msg->lots[r]);
    }
    return 0;
}

static int digest_define(struct pl_sink *self, const struct pl_inst *inst, int of,
                         struct pl_error *err)
{
    (void)inst, (void)of, (void)err;
    return ((struct digest_sink *)self)->markets++;
}

static struct digest_sink digest(const char *profile, uint64_t seed, double seconds,
                                 uint32_t markets)
{
    struct digest_sink d = {.sink = {digest_put, digest_define}};
    struct pl_synth_cfg cfg = config(profile, seed, seconds);
    cfg.market_count = markets;
    for (uint32_t m = 1; m < markets; m++) {
        cfg.market[m].profile = cfg.market[0].profile;
    }
    run(&cfg, &d.sink);
    return d;
}

/* The same on every build: these change only when the model or a profile does. */
static void test_deterministic(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        double seconds;
        uint64_t digest;
    } pinned[] = {
        {"btcusdt", 20, UINT64_C(0x839493183bcb7278)},
        {"ethusdt", 20, UINT64_C(0x457e20cbff19744d)},
        {"alt", 3600, UINT64_C(0xba49bd6bc7538b48)},
        {"quiet", 120, UINT64_C(0xc0475be5a2922c2b)},
    };
    for (size_t i = 0; i < PL_COUNT(pinned); i++) {
        struct digest_sink one = digest(pinned[i].profile, 1, pinned[i].seconds, 1);
        if (one.digest[0] != pinned[i].digest) {
            fail_msg("%s: digest 0x%016llx, not 0x%016llx", pinned[i].profile,
                     (unsigned long long)one.digest[0], (unsigned long long)pinned[i].digest);
        }
        assert_true(digest(pinned[i].profile, 2, pinned[i].seconds, 1).digest[0] != one.digest[0]);
    }
    struct digest_sink alone = digest("btcusdt", 5, 10, 1), among = digest("btcusdt", 5, 10, 3);
    assert_int_equal(alone.digest[0], among.digest[0]);
    assert_true(among.digest[1] != among.digest[0] && among.digest[1] != among.digest[2]);
}

/* Several markets */

struct mids_sink {
    struct pl_sink sink;
    int markets;
    int64_t next_ns;
    double mid[2];
    double *path[2];
    size_t count, cap;
};

static int mids_put(struct pl_sink *self, const struct pl_msg *msg, struct pl_error *err)
{
    struct mids_sink *s = (struct mids_sink *)self;
    (void)err;
    while (msg->venue_ns > s->next_ns) {
        if (s->mid[0] > 0 && s->mid[1] > 0 && s->count < s->cap) {
            s->path[0][s->count] = s->mid[0];
            s->path[1][s->count++] = s->mid[1];
        }
        s->next_ns += 100 * PL_NS_PER_MS;
    }
    if (msg->kind == PL_MSG_BBO) {
        s->mid[msg->market] = (double)(msg->px[0] + msg->px[1]) / 2;
    }
    return 0;
}

static int mids_define(struct pl_sink *self, const struct pl_inst *inst, int of,
                       struct pl_error *err)
{
    (void)inst, (void)of, (void)err;
    return ((struct mids_sink *)self)->markets++;
}

/* Correlation of moves of a over `width` samples with those of b `lag` samples later. */
static double move_corr(const struct mids_sink *s, size_t width, size_t lag)
{
    double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0, n = 0;
    for (size_t i = 0; i + width + lag < s->count; i++) {
        double x = s->path[0][i + width] - s->path[0][i];
        double y = s->path[1][i + width + lag] - s->path[1][i + lag];
        sx += x, sy += y, sxx += x * x, syy += y * y, sxy += x * y, n++;
    }
    return (sxy / n - sx / n * sy / n) /
           sqrt((sxx / n - sx / n * sx / n) * (syy / n - sy / n * sy / n));
}

static void test_correlated(void **state)
{
    (void)state;
    struct mids_sink s = {.sink = {mids_put, mids_define}, .cap = 10000};
    s.path[0] = calloc(s.cap, sizeof(double));
    s.path[1] = calloc(s.cap, sizeof(double));
    assert_true(s.path[0] != NULL && s.path[1] != NULL);
    struct pl_synth_cfg cfg = config("btcusdt", 3, 600);
    cfg.market_count = 2;
    cfg.market[1].profile = pl_synth_profile_find(pl_str("ethusdt"));
    cfg.lag_ns = 300 * PL_NS_PER_MS;
    s.next_ns = cfg.start_ns;
    run(&cfg, &s.sink);
    double now = move_corr(&s, 1, 0), later = move_corr(&s, 1, 3), slow = move_corr(&s, 50, 0);
    struct mids_sink swapped = s;
    swapped.path[0] = s.path[1];
    swapped.path[1] = s.path[0];
    double earlier = move_corr(&swapped, 1, 3);
    assert_true(slow > 0.4 && slow < 0.95); /* a common factor, and noise of their own */
    assert_true(later > now + 0.1 && later > earlier + 0.1); /* market 0 leads */
    free(s.path[0]);
    free(s.path[1]);
}

/* Errors */

static int refuse_put(struct pl_sink *self, const struct pl_msg *msg, struct pl_error *err)
{
    (void)self, (void)msg;
    return pl_error_set(err, PL_ERR_IO, "disk full");
}

static void test_errors(void **state)
{
    (void)state;
    struct pl_synth *synth;
    struct pl_error err;
    struct pl_synth_cfg good = config("alt", 1, 10), bad[10];
    for (size_t i = 0; i < PL_COUNT(bad); i++) {
        bad[i] = good;
    }
    bad[0].market_count = 0;
    bad[1].market_count = PL_SYNTH_MARKETS_MAX + 1;
    bad[2].duration_ns = 0;
    bad[3].start_ns = 1;
    bad[4].rate = 0;
    bad[5].rate = (double)NAN;
    bad[6].common = 1;
    bad[7].lag_ns = -1;
    bad[8].market[0].profile = NULL;
    bad[9].market[0].price = 0.01; /* ten ticks */
    for (size_t i = 0; i < PL_COUNT(bad); i++) {
        err = (struct pl_error){0};
        assert_int_equal(pl_synth_create(&bad[i], &synth, &err), PL_ERR_INVALID);
        assert_null(synth);
        assert_true(err.text[0] != 0);
    }
    struct pl_sink full = {refuse_put, mids_define};
    struct mids_sink s = {.sink = full};
    assert_int_equal(pl_synth_create(&good, &synth, &err), 0);
    assert_int_equal(pl_synth_advance(synth, &s.sink, INT64_MAX, &err), PL_ERR_IO);
    assert_string_equal(err.text, "disk full");
    pl_synth_destroy(&synth);
    pl_synth_destroy(&synth); /* NULL is fine */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inside_bands),  cmocka_unit_test(test_bands_reject),
        cmocka_unit_test(test_real_captures), cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_deterministic), cmocka_unit_test(test_correlated),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
