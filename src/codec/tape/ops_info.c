/* plimsoll tape info: what is on a tape. */
#include "base/utc.h"
#include "codec/tape/ops.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Latencies above the smallest one, in buckets of 1/128 of their size: the median to 0.4 %. */
#define FINE_BITS    7
#define BUCKET_COUNT ((64 - FINE_BITS + 1) << FINE_BITS)

struct market_counts {
    uint64_t messages[PL_MSG_KIND_COUNT], rows;
};

struct pl_tape_info {
    struct pl_tape_facts facts;
    struct pl_inst *inst;
    struct market_counts *market;
    uint64_t latency_count[BUCKET_COUNT];
    int64_t latency_min_ns, latency_median_ns; /* after the clock rule */
};

const char *pl_clock_rule_name(enum pl_clock_rule rule)
{
    static const char *const names[] = {"raw", "floor", "moving"};
    return names[rule];
}

const char *pl_msg_kind_name(uint8_t kind)
{
    static const char *const names[PL_MSG_KIND_COUNT] = {
        "depth", "snapshot", "bbo", "trade", "candle", "mark", "funding", "inst", "gap"};
    return names[kind];
}

static unsigned bucket_of(uint64_t v)
{
    if (v < UINT64_C(1) << FINE_BITS) {
        return (unsigned)v;
    }
    unsigned octave = 63 - (unsigned)__builtin_clzll(v) - FINE_BITS;
    return ((octave + 1) << FINE_BITS) + (unsigned)(v >> octave) - (1u << FINE_BITS);
}

/* The middle of a bucket. */
static uint64_t bucket_value(unsigned bucket)
{
    if (bucket < 1u << (FINE_BITS + 1)) {
        return bucket;
    }
    unsigned octave = (bucket >> FINE_BITS) - 1;
    uint64_t low = (uint64_t)((bucket & ((1u << FINE_BITS) - 1)) + (1u << FINE_BITS)) << octave;
    return low + (UINT64_C(1) << octave) / 2;
}

/* Above every smallest latency that any rule leaves: under FLOOR and MOVING it is not below zero. */
static int64_t latency_base(const struct pl_tape_facts *facts)
{
    return facts->latency_min_ns < 0 && facts->clock == PL_CLOCK_RAW ? facts->latency_min_ns : 0;
}

static int count_messages(struct pl_tape_info *info, struct pl_source *source, struct pl_error *err)
{
    const struct pl_block *b;
    int64_t base = latency_base(&info->facts);
    int rc;
    info->latency_min_ns = INT64_MAX;
    while ((rc = source->next(source, &b, err)) == 1) {
        for (uint32_t i = 0; i < b->msg_count; i++) {
            struct market_counts *m = &info->market[b->market[i]];
            int64_t latency = b->local_ns[i] - b->venue_ns[i];
            m->messages[b->kind[i]]++;
            m->rows += b->row_begin[i + 1] - b->row_begin[i];
            info->latency_count[bucket_of((uint64_t)(latency - base))]++;
            info->latency_min_ns = latency < info->latency_min_ns ? latency : info->latency_min_ns;
        }
    }
    uint64_t below = 0;
    for (unsigned k = 0; k < BUCKET_COUNT && 2 * below < info->facts.msg_total; k++) {
        below += info->latency_count[k];
        info->latency_median_ns = base + (int64_t)bucket_value(k);
    }
    if (info->facts.msg_total == 0) {
        info->latency_min_ns = 0;
    }
    return rc;
}

int pl_tape_info_read(const char *path, struct pl_tape_info **out, struct pl_error *err)
{
    struct pl_source *source = NULL;
    struct pl_tape_info *info = calloc(1, sizeof *info);
    *out = info;
    if (info == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    int rc = pl_tape_open(path, NULL, &source, err);
    if (rc == 0) {
        info->facts = *pl_tape_source_facts(source);
        info->inst = calloc(source->inst_count + (size_t)1, sizeof *info->inst);
        info->market = calloc(source->market_count + (size_t)1, sizeof *info->market);
        if (info->inst != NULL && info->market != NULL) {
            if (source->inst_count > 0) {
                memcpy(info->inst, source->insts, source->inst_count * sizeof *info->inst);
            }
            rc = count_messages(info, source, err);
        } else {
            rc = pl_error_set(err, PL_ERR_NOMEM, "out of memory");
        }
    }
    if (source != NULL) {
        source->close(source);
    }
    if (rc < 0) {
        pl_tape_info_destroy(out);
    }
    return rc;
}

void pl_tape_info_destroy(struct pl_tape_info **info)
{
    if (*info != NULL) {
        free((*info)->inst);
        free((*info)->market);
        free(*info);
        *info = NULL;
    }
}

static void print_market(const struct pl_tape_info *info, uint32_t m, FILE *out)
{
    const struct pl_inst *inst = &info->inst[m];
    char tick[PL_DECIMAL_TEXT_MAX], lot[PL_DECIMAL_TEXT_MAX];
    if (pl_decimal_print_steps(1, inst->tick, tick) < 0 ||
        pl_decimal_print_steps(1, inst->lot, lot) < 0) {
        tick[0] = lot[0] = '\0';
    }
    (void)fprintf(out, "  %u  %s %s  tick %s  lot %s  rows %" PRIu64 "\n    ", m, inst->venue,
                  inst->symbol, tick, lot, info->market[m].rows);
    for (unsigned k = 0; k < PL_MSG_KIND_COUNT; k++) {
        if (info->market[m].messages[k] > 0) {
            (void)fprintf(out, " %s %" PRIu64, pl_msg_kind_name((uint8_t)k),
                          info->market[m].messages[k]);
        }
    }
    (void)fputc('\n', out);
}

void pl_tape_info_print(const struct pl_tape_info *info, FILE *out)
{
    const struct pl_tape_facts *f = &info->facts;
    char first[PL_UTC_TEXT_MAX], last[PL_UTC_TEXT_MAX];
    (void)fprintf(out,
                  "size      %" PRIu64 " bytes in %u blocks, %.3f bytes a row\n"
                  "content   %" PRIu64 " messages, %" PRIu64 " rows\n",
                  f->file_size, f->block_count,
                  f->row_total > 0 ? (double)f->file_size / (double)f->row_total : 0.0,
                  f->msg_total, f->row_total);
    if (f->msg_total > 0) {
        (void)fprintf(out, "venue     %s to %s (%.3f s)\n", pl_utc_print(f->venue_first_ns, first),
                      pl_utc_print(f->venue_last_ns, last),
                      (double)(f->venue_last_ns - f->venue_first_ns) * 1e-9);
    }
    (void)fprintf(out, "clock     %s", pl_clock_rule_name(f->clock));
    if (f->clock == PL_CLOCK_FLOOR) {
        (void)fprintf(out, ", %.6f ms added to local times", (double)f->clock_shift_ns * 1e-6);
    }
    (void)fprintf(
        out,
        "\nlatency   min %.6f ms, median %.3f ms (local - venue; as received min %.6f ms, "
        "without bbo %.6f ms)\n"
        "digest    %016" PRIx64 "\nmarkets   %u, with %u definitions\n",
        (double)info->latency_min_ns * 1e-6, (double)info->latency_median_ns * 1e-6,
        (double)f->latency_min_ns * 1e-6, (double)f->book_latency_min_ns * 1e-6, f->digest,
        f->market_count, f->inst_count);
    for (uint32_t m = 0; m < f->market_count; m++) {
        print_market(info, m, out);
    }
    if (f->lost[0] != '\0') {
        (void)fprintf(out, "damage    %s\n", f->lost);
    }
}

static json_t *market_json(const struct pl_tape_info *info, uint32_t m)
{
    const struct pl_inst *inst = &info->inst[m];
    char tick[PL_DECIMAL_TEXT_MAX] = "", lot[PL_DECIMAL_TEXT_MAX] = "";
    if (pl_decimal_print_steps(1, inst->tick, tick) < 0 ||
        pl_decimal_print_steps(1, inst->lot, lot) < 0) {
        return NULL;
    }
    json_t *kinds = json_object();
    for (unsigned k = 0; k < PL_MSG_KIND_COUNT; k++) {
        if (info->market[m].messages[k] > 0 &&
            json_object_set_new(kinds, pl_msg_kind_name((uint8_t)k),
                                json_integer((json_int_t)info->market[m].messages[k])) != 0) {
            json_decref(kinds);
            return NULL;
        }
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:o}", "venue", inst->venue, "symbol", inst->symbol,
                     "tick", tick, "lot", lot, "rows", (json_int_t)info->market[m].rows, "messages",
                     kinds);
}

json_t *pl_tape_info_json(const struct pl_tape_info *info)
{
    const struct pl_tape_facts *f = &info->facts;
    char digest[17];
    (void)snprintf(digest, sizeof digest, "%016" PRIx64, f->digest);
    json_t *markets = json_array();
    for (uint32_t m = 0; m < f->market_count; m++) {
        if (json_array_append_new(markets, market_json(info, m)) != 0) {
            json_decref(markets);
            return NULL;
        }
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:I, s:b, "
                     "s:s, s:o}",
                     "size", (json_int_t)f->file_size, "blocks", (json_int_t)f->block_count,
                     "messages", (json_int_t)f->msg_total, "rows", (json_int_t)f->row_total,
                     "venue_first_ns", (json_int_t)f->venue_first_ns, "venue_last_ns",
                     (json_int_t)f->venue_last_ns, "clock", pl_clock_rule_name(f->clock),
                     "clock_shift_ns", (json_int_t)f->clock_shift_ns, "latency_min_ns",
                     (json_int_t)info->latency_min_ns, "latency_median_ns",
                     (json_int_t)info->latency_median_ns, "received_latency_min_ns",
                     (json_int_t)f->latency_min_ns, "received_book_latency_min_ns",
                     (json_int_t)f->book_latency_min_ns, "digest", digest, "definitions",
                     (json_int_t)f->inst_count, "index_rebuilt", f->index_rebuilt, "lost", f->lost,
                     "markets", markets);
}
