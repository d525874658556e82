#include "synth/measure.h"

#include "base/assert.h"
#include "synth/ladder.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_NS       (100 * PL_NS_PER_MS)
#define RING            1024   /* samples kept: 60 s of 100 ms and room */
#define WAITING         131072 /* prints not yet 5 s old */
#define SIGN_RING       64
#define SIZE_OCTAVES    48
#define SIZE_STEPS      16 /* buckets of an octave: quantiles within 6 %, exact below 16 lots */
#define SIZE_BUCKETS    (SIZE_OCTAVES * SIZE_STEPS)
#define LATENCY_BUCKETS 4096 /* of 50 us */
#define LATENCY_STEP_NS (50 * PL_NS_PER_US)

const double pl_measure_scale_s[PL_MEASURE_SCALES] = {0.1, 1, 5, 30, 60};
const int pl_measure_sign_lag[PL_MEASURE_SIGN_LAGS] = {1, 2, 5, 10, 50};
static const int scale_samples[PL_MEASURE_SCALES] = {1, 10, 50, 300, 600};
static const int markout_samples[2] = {10, 50};

/* Mean, spread and correlation with the next value, of a sequence given one by one. */
struct run {
    uint64_t n;
    double sum, sum2, cross, first, last;
};

static void run_add(struct run *r, double x)
{
    if (r->n == 0) {
        r->first = x;
    } else {
        r->cross += r->last * x;
    }
    r->last = x;
    r->n++;
    r->sum += x;
    r->sum2 += x * x;
}

static double run_mean(const struct run *r)
{
    return r->n == 0 ? 0 : r->sum / (double)r->n;
}

static double run_var(const struct run *r)
{
    double m = run_mean(r), v = r->n == 0 ? 0 : r->sum2 / (double)r->n - m * m;
    return v > 0 ? v : 0;
}

static double run_cv(const struct run *r)
{
    double m = run_mean(r);
    return m == 0 ? 0 : sqrt(run_var(r)) / m;
}

static double run_acf1(const struct run *r)
{
    if (r->n < 3 || run_var(r) <= 0) {
        return 0;
    }
    double n = (double)r->n - 1, m = run_mean(r);
    double sa = r->sum - r->last, sb = r->sum - r->first;
    return (r->cross - m * (sa + sb) + n * m * m) / n / run_var(r);
}

struct waiting_trade { /* a print whose markouts are not known yet */
    uint64_t sample;   /* the first sample after it */
    double px;
    int sign; /* of the aggressor */
};

struct pl_measure {
    struct pl_inst inst;
    struct pl_ladder book;
    bool has_bbo, started;
    int64_t bid, ask, bid_lots, ask_lots; /* the touch */
    int64_t first_ns, last_ns, touch_ns, next_sample_ns;
    uint64_t msgs, rows, depths, bbos, prints, depth_rows;
    uint64_t touch_moves;
    double spread_time, spread_one_time, spread_sum;
    struct run depth_gap, order_gap, counts, touch_size, abs_ret;
    int64_t depth_last_ns, order_ns;
    int order_sign;
    uint64_t orders, second_prints;
    double level_sum[PL_MEASURE_LEVELS], level10_sum;
    uint64_t level_n[PL_MEASURE_LEVELS];
    uint64_t size_count[SIZE_BUCKETS];
    double size_sum;
    uint64_t size_big, size_round;
    /* 100 ms samples */
    uint64_t samples;
    double mid_ring[RING], imb_ring[RING];
    double rv_sum[PL_MEASURE_SCALES];
    uint64_t rv_n[PL_MEASURE_SCALES];
    double ret_ring[8], ret_cross[PL_MEASURE_RET_LAGS], ret_sum2;
    uint64_t rets;
    double imb_xy, imb_x, imb_y, imb_xx, imb_yy;
    uint64_t imb_n;
    int sign_ring[SIGN_RING];
    double sign_cross[PL_MEASURE_SIGN_LAGS], sign_sum;
    struct waiting_trade *wait;
    uint64_t wait_begin[2], wait_end; /* ring; one begin per horizon, the longer lags behind */
    double markout_sum[2];
    uint64_t markout_n[2];
    int64_t latency_min;
    double latency_sum;
    uint64_t latency_n, *latency_count; /* buckets above the first latency seen, see latency_add */
    int64_t latency_base;
};

int pl_measure_create(const struct pl_inst *inst, struct pl_measure **out)
{
    *out = NULL;
    struct pl_measure *m = calloc(1, sizeof *m);
    uint64_t *buckets = calloc(LATENCY_BUCKETS, sizeof *buckets);
    struct waiting_trade *wait = calloc(WAITING, sizeof *wait);
    if (m == NULL || buckets == NULL || wait == NULL) {
        free(m);
        free(buckets);
        free(wait);
        return PL_ERR_NOMEM;
    }
    m->wait = wait;
    m->latency_count = buckets;
    m->inst = *inst;
    m->bid = PL_PX_NO_BID;
    m->ask = PL_PX_NO_ASK;
    m->latency_min = INT64_MAX;
    *out = m;
    return 0;
}

void pl_measure_destroy(struct pl_measure **measure)
{
    if (*measure != NULL) {
        pl_ladder_fini(&(*measure)->book);
        free((*measure)->wait);
        free((*measure)->latency_count);
        free(*measure);
        *measure = NULL;
    }
}

static bool two_sided(const struct pl_measure *m)
{
    return m->bid != PL_PX_NO_BID && m->ask != PL_PX_NO_ASK && m->ask > m->bid;
}

static size_t size_bucket(int64_t lots)
{
    uint64_t x = lots > 0 ? (uint64_t)lots : 0;
    if (x < SIZE_STEPS) {
        return (size_t)x;
    }
    int top = 63 - __builtin_clzll(x); /* >= 4 */
    size_t b = (size_t)(top - 3) * SIZE_STEPS + (size_t)((x >> (top - 4)) & (SIZE_STEPS - 1));
    return b < SIZE_BUCKETS ? b : SIZE_BUCKETS - 1;
}

static double size_bucket_lots(size_t b)
{
    if (b < SIZE_STEPS) {
        return (double)b;
    }
    int shift = (int)(b / SIZE_STEPS) - 1;
    return ((double)(SIZE_STEPS + b % SIZE_STEPS)) * (double)(UINT64_C(1) << shift);
}

/* Time spent since the last look counts for the spread that stood. */
static void spread_until(struct pl_measure *m, int64_t now)
{
    if (two_sided(m) && now > m->touch_ns) {
        double dt = (double)(now - m->touch_ns);
        m->spread_time += dt;
        m->spread_sum += dt * (double)(m->ask - m->bid);
        m->spread_one_time += m->ask - m->bid == 1 ? dt : 0;
    }
    m->touch_ns = now > m->touch_ns ? now : m->touch_ns;
}

static void sample_returns(struct pl_measure *m, double mid)
{
    uint64_t k = m->samples;
    for (int s = 0; s < PL_MEASURE_SCALES; s++) {
        uint64_t back = (uint64_t)scale_samples[s];
        if (k >= back) {
            double old = m->mid_ring[(k - back) % RING];
            double r = 1e4 * (mid - old) / old;
            m->rv_sum[s] += r * r;
            m->rv_n[s]++;
        }
    }
    if (k >= 10) { /* imbalance a second ago against the move since */
        double old = m->mid_ring[(k - 10) % RING], x = m->imb_ring[(k - 10) % RING];
        double y = 1e4 * (mid - old) / old;
        m->imb_x += x, m->imb_y += y, m->imb_xx += x * x, m->imb_yy += y * y, m->imb_xy += x * y;
        m->imb_n++;
    }
    if (k % 10 == 0 && k >= 10) {
        double old = m->mid_ring[(k - 10) % RING], r = 1e4 * (mid - old) / old;
        for (uint64_t l = 0; l < PL_MEASURE_RET_LAGS && l < m->rets; l++) {
            m->ret_cross[l] += r * m->ret_ring[(m->rets - 1 - l) % 8];
        }
        m->ret_ring[m->rets % 8] = r;
        m->ret_sum2 += r * r;
        m->rets++;
        run_add(&m->abs_ret, fabs(r));
    }
}

/* Once a second: the shape of the book and how many prints there were. */
static void sample_second(struct pl_measure *m)
{
    double lot = pl_inst_lot(&m->inst);
    for (int s = 0; s < 2; s++) {
        struct pl_ladder_level first = {0}, level;
        for (size_t i = 0; i < PL_MEASURE_LEVELS; i++) {
            if (!pl_ladder_nth(&m->book, (enum pl_side)s, i, &level)) {
                break;
            }
            first = i == 0 ? level : first;
            m->level_sum[i] += (double)level.lots * lot;
            m->level_n[i]++;
            if (i + 1 == PL_MEASURE_LEVELS) {
                m->level10_sum += fabs((double)(level.px - first.px));
            }
        }
    }
    run_add(&m->touch_size, (double)m->bid_lots);
    run_add(&m->touch_size, (double)m->ask_lots);
    run_add(&m->counts, (double)m->second_prints);
    m->second_prints = 0;
}

static void resolve_markouts(struct pl_measure *m, double mid)
{
    for (int h = 0; h < 2; h++) {
        while (m->wait_begin[h] < m->wait_end) {
            const struct waiting_trade *w = &m->wait[m->wait_begin[h] % WAITING];
            if (m->samples < w->sample + (uint64_t)markout_samples[h]) {
                break;
            }
            m->markout_sum[h] += 1e4 * (double)-w->sign * (mid - w->px) / w->px;
            m->markout_n[h]++;
            m->wait_begin[h]++;
        }
    }
}

static void sample(struct pl_measure *m)
{
    if (!two_sided(m)) {
        return;
    }
    double mid = ((double)m->bid + (double)m->ask) / 2;
    double depth = (double)(m->bid_lots + m->ask_lots);
    resolve_markouts(m, mid);
    sample_returns(m, mid);
    if (m->samples % 10 == 0) {
        sample_second(m);
    }
    m->mid_ring[m->samples % RING] = mid;
    m->imb_ring[m->samples % RING] = depth > 0 ? (double)(m->bid_lots - m->ask_lots) / depth : 0;
    m->samples++;
}

/* The state before `now` is what each sample time up to `now` saw. */
static void samples_until(struct pl_measure *m, int64_t now)
{
    while (m->next_sample_ns <= now) {
        sample(m);
        m->next_sample_ns += SAMPLE_NS;
    }
}

static void touch_set(struct pl_measure *m, int64_t bid, int64_t bid_lots, int64_t ask,
                      int64_t ask_lots)
{
    bool bid_moved = bid != m->bid && m->bid != PL_PX_NO_BID && bid != PL_PX_NO_BID;
    bool ask_moved = ask != m->ask && m->ask != PL_PX_NO_ASK && ask != PL_PX_NO_ASK;
    m->touch_moves += (bid_moved ? 1U : 0U) + (ask_moved ? 1U : 0U);
    m->bid = bid, m->bid_lots = bid_lots, m->ask = ask, m->ask_lots = ask_lots;
}

static void touch_from_book(struct pl_measure *m)
{
    struct pl_ladder_level b = {PL_PX_NO_BID, 0}, a = {PL_PX_NO_ASK, 0};
    (void)pl_ladder_nth(&m->book, PL_BUY, 0, &b);
    (void)pl_ladder_nth(&m->book, PL_SELL, 0, &a);
    touch_set(m, b.px, b.lots, a.px, a.lots);
}

/* A market with more prints in 5 s than fit has its markouts from those that do. */
static void wait_add(struct pl_measure *m, double px, int sign)
{
    if (m->wait_end - m->wait_begin[1] < WAITING) {
        m->wait[m->wait_end++ % WAITING] = (struct waiting_trade){m->samples, px, sign};
    }
}

static void order_add(struct pl_measure *m, int sign, int64_t now)
{
    if (m->orders > 0) {
        run_add(&m->order_gap, (double)(now - m->order_ns));
    }
    for (int i = 0; i < PL_MEASURE_SIGN_LAGS; i++) {
        uint64_t lag = (uint64_t)pl_measure_sign_lag[i];
        if (m->orders >= lag) {
            m->sign_cross[i] += sign * m->sign_ring[(m->orders - lag) % SIGN_RING];
        }
    }
    m->sign_ring[m->orders % SIGN_RING] = sign;
    m->sign_sum += sign;
    m->order_ns = now;
    m->order_sign = sign;
    m->orders++;
}

static void trade_add(struct pl_measure *m, const struct pl_msg *msg)
{
    if ((msg->flags & PL_MSGF_NOT_BOOK) != 0 || msg->row_count == 0 || msg->px[0] <= 0) {
        return;
    }
    int sign = (msg->flags & PL_MSGF_SELL) != 0 ? -1 : 1;
    int64_t lots = msg->lots[0];
    if (m->orders == 0 || msg->venue_ns != m->order_ns || sign != m->order_sign) {
        order_add(m, sign, msg->venue_ns);
    }
    m->prints++;
    m->second_prints++;
    m->size_sum += (double)lots;
    m->size_count[size_bucket(lots)]++;
    m->size_big += lots >= 10;
    m->size_round += lots >= 10 && lots % 10 == 0;
    wait_add(m, (double)msg->px[0], sign);
}

/* Latencies in buckets around the first one seen; the floor is the smallest. */
static void latency_add(struct pl_measure *m, int64_t latency)
{
    if (m->latency_n == 0) {
        m->latency_base = latency - 100 * PL_NS_PER_MS;
    }
    int64_t b = (latency - m->latency_base) / LATENCY_STEP_NS;
    b = b < 0 ? 0 : b >= LATENCY_BUCKETS ? LATENCY_BUCKETS - 1 : b;
    m->latency_count[b]++;
    m->latency_min = latency < m->latency_min ? latency : m->latency_min;
    m->latency_sum += (double)(latency - m->latency_base);
    m->latency_n++;
}

static int depth_add(struct pl_measure *m, const struct pl_msg *msg)
{
    int rc = pl_ladder_apply(&m->book, msg);
    if (rc < 0) {
        return rc;
    }
    if (msg->kind == PL_MSG_DEPTH) {
        if (m->depths > 0) {
            run_add(&m->depth_gap, (double)(msg->venue_ns - m->depth_last_ns));
        }
        m->depth_last_ns = msg->venue_ns;
        m->depths++;
        m->depth_rows += msg->row_count;
    }
    if (!m->has_bbo) {
        touch_from_book(m);
    }
    return 0;
}

int pl_measure_msg(struct pl_measure *m, const struct pl_msg *msg)
{
    int64_t now = msg->venue_ns;
    if (msg->kind > PL_MSG_TRADE) {
        return 0;
    }
    if (!m->started) {
        m->started = true;
        m->first_ns = m->last_ns = m->touch_ns = now;
        m->next_sample_ns = now + SAMPLE_NS;
    }
    if (now < m->last_ns) {
        now = m->last_ns; /* a stamp that went back does not turn time back */
    }
    if (now > m->last_ns) {
        spread_until(m, now);
        samples_until(m, now - 1);
    }
    m->last_ns = now;
    m->msgs++;
    m->rows += msg->row_count;
    latency_add(m, msg->local_ns - msg->venue_ns);
    if (msg->kind == PL_MSG_TRADE) {
        trade_add(m, msg);
        return 0;
    }
    if (msg->kind == PL_MSG_BBO) {
        m->has_bbo = true;
        m->bbos++;
        touch_set(m, msg->lots[0] > 0 ? msg->px[0] : PL_PX_NO_BID, msg->lots[0],
                  msg->lots[1] > 0 ? msg->px[1] : PL_PX_NO_ASK, msg->lots[1]);
        return 0;
    }
    return depth_add(m, msg);
}

static double quantile_lots(const struct pl_measure *m, double q)
{
    double want = q * (double)m->prints, seen = 0;
    for (size_t b = 0; b < SIZE_BUCKETS; b++) {
        seen += (double)m->size_count[b];
        if (seen >= want && seen > 0) {
            return size_bucket_lots(b);
        }
    }
    return 0;
}

static void result_sizes(const struct pl_measure *m, struct pl_market_stats *out)
{
    double lot = pl_inst_lot(&m->inst), n = (double)m->prints;
    if (m->prints == 0) {
        return;
    }
    out->size_mean = lot * m->size_sum / n;
    out->size_q10 = lot * quantile_lots(m, 0.10);
    out->size_q50 = lot * quantile_lots(m, 0.50);
    out->size_q90 = lot * quantile_lots(m, 0.90);
    out->size_q99 = lot * quantile_lots(m, 0.99);
    out->size_round = m->size_big > 0 ? (double)m->size_round / (double)m->size_big : 0;
    out->prints_per_order = n / (double)m->orders;
    double mean = m->sign_sum / (double)m->orders, var = 1 - mean * mean;
    for (int i = 0; i < PL_MEASURE_SIGN_LAGS; i++) {
        double pairs = (double)m->orders - pl_measure_sign_lag[i];
        if (pairs > 1 && var > 0) {
            out->sign_acf[i] = (m->sign_cross[i] / pairs - mean * mean) / var;
        }
    }
    for (int h = 0; h < 2; h++) {
        out->maker_markout_bps[h] =
            m->markout_n[h] > 0 ? m->markout_sum[h] / (double)m->markout_n[h] : 0;
    }
}

static void result_returns(const struct pl_measure *m, struct pl_market_stats *out)
{
    for (int s = 0; s < PL_MEASURE_SCALES; s++) {
        if (m->rv_n[s] > 0) {
            out->vol_bps[s] = sqrt(m->rv_sum[s] / (double)m->rv_n[s] / pl_measure_scale_s[s]);
        }
    }
    for (int l = 0; l < PL_MEASURE_RET_LAGS; l++) {
        out->ret_acf[l] = m->ret_sum2 > 0 ? m->ret_cross[l] / m->ret_sum2 : 0;
    }
    out->abs_ret_acf1 = run_acf1(&m->abs_ret);
    double n = (double)m->imb_n;
    if (n > 1) {
        double vx = m->imb_xx / n - (m->imb_x / n) * (m->imb_x / n);
        double vy = m->imb_yy / n - (m->imb_y / n) * (m->imb_y / n);
        double c = m->imb_xy / n - (m->imb_x / n) * (m->imb_y / n);
        out->imbalance_corr_1s = vx > 0 && vy > 0 ? c / sqrt(vx * vy) : 0;
    }
}

static void result_book(const struct pl_measure *m, struct pl_market_stats *out)
{
    if (m->spread_time > 0) {
        out->spread_one_tick = m->spread_one_time / m->spread_time;
        out->spread_ticks = m->spread_sum / m->spread_time;
    }
    for (int i = 0; i < PL_MEASURE_LEVELS; i++) {
        out->level_base[i] = m->level_n[i] > 0 ? m->level_sum[i] / (double)m->level_n[i] : 0;
    }
    uint64_t tenth = m->level_n[PL_MEASURE_LEVELS - 1];
    out->level10_ticks = tenth > 0 ? m->level10_sum / (double)tenth : 0;
    out->touch_cv = run_cv(&m->touch_size);
}

static void result_latency(const struct pl_measure *m, struct pl_market_stats *out)
{
    if (m->latency_n == 0) {
        return;
    }
    double floor_ns = (double)(m->latency_min - m->latency_base);
    out->feed_latency_ms = (m->latency_sum / (double)m->latency_n - floor_ns) / 1e6;
    uint64_t seen = 0;
    for (size_t b = 0; b < LATENCY_BUCKETS; b++) {
        seen += m->latency_count[b];
        if ((double)seen >= 0.99 * (double)m->latency_n) {
            out->feed_latency_p99_ms = ((double)(b + 1) * (double)LATENCY_STEP_NS - floor_ns) / 1e6;
            return;
        }
    }
}

void pl_measure_result(const struct pl_measure *m, struct pl_market_stats *out)
{
    *out = (struct pl_market_stats){0};
    double t = (double)(m->last_ns - m->first_ns) / 1e9;
    out->duration_s = t;
    out->rows = (double)m->rows;
    if (t <= 0) {
        return;
    }
    out->msgs_per_s = (double)m->msgs / t;
    out->rows_per_s = (double)m->rows / t;
    out->depth_per_s = (double)m->depths / t;
    out->bbo_per_s = (double)m->bbos / t;
    out->trades_per_s = (double)m->prints / t;
    out->rows_per_depth = m->depths > 0 ? (double)m->depth_rows / (double)m->depths : 0;
    out->touch_moves_per_s = (double)m->touch_moves / t;
    out->depth_gap_ms = run_mean(&m->depth_gap) / 1e6;
    out->depth_gap_cv = run_cv(&m->depth_gap);
    out->order_gap_ms = run_mean(&m->order_gap) / 1e6;
    out->order_gap_cv = run_cv(&m->order_gap);
    out->order_gap_acf1 = run_acf1(&m->order_gap);
    out->count_acf1 = run_acf1(&m->counts);
    double mean = run_mean(&m->counts);
    out->count_dispersion = mean > 0 ? run_var(&m->counts) / mean : 0;
    result_book(m, out);
    result_sizes(m, out);
    result_returns(m, out);
    result_latency(m, out);
}

static int measure_block(struct pl_measure **m, uint32_t count, const struct pl_block *b,
                         struct pl_error *err)
{
    for (uint32_t i = 0; i < b->msg_count; i++) {
        uint32_t row = b->row_begin[i], market = b->market[i];
        if (market >= count) {
            continue; /* more markets than the caller has room for */
        }
        struct pl_msg msg = {.kind = b->kind[i],
                             .flags = b->flags[i],
                             .market = b->market[i],
                             .bid_count = b->bid_count[i],
                             .row_count = b->row_begin[i + 1] - row,
                             .venue_ns = b->venue_ns[i],
                             .local_ns = b->local_ns[i],
                             .seq = b->seq[i],
                             .seq_first = b->seq_first[i],
                             .px = b->px + row,
                             .lots = b->lots + row};
        int rc = pl_measure_msg(m[market], &msg);
        if (rc < 0) {
            return pl_error_set(err, rc, "measuring message %u: %s", i, pl_err_text(rc));
        }
    }
    return 0;
}

int pl_measure_source(struct pl_source *source, struct pl_market_stats *out, uint32_t cap,
                      struct pl_error *err)
{
    uint32_t count = source->market_count < cap ? source->market_count : cap;
    struct pl_measure **m = calloc(count > 0 ? count : 1, sizeof(struct pl_measure *));
    if (m == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "no memory to measure %u markets", count);
    }
    int rc = 0;
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        rc = pl_measure_create(&source->insts[i], &m[i]);
        if (rc < 0) {
            (void)pl_error_set(err, rc, "no memory to measure %u markets", count);
        }
    }
    const struct pl_block *block;
    while (rc == 0 && (rc = source->next(source, &block, err)) == 1) {
        rc = measure_block(m, count, block, err);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (rc == 0) {
            pl_measure_result(m[i], &out[i]);
        }
        if (m[i] != NULL) {
            pl_measure_destroy(&m[i]);
        }
    }
    free(m);
    return rc < 0 ? rc : (int)count;
}
