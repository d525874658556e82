#include "report/json.h"

#include "base/assert.h"
#include "report/json_dump.h"
#include "report/json_fields.h"
#include "report/number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sets a key and remembers the first failure (out of memory), so that the builders read as lists. */
struct build {
    bool failed;
};

static void put(struct build *b, json_t *object, const char *key, json_t *value)
{
    if (value == NULL || json_object_set_new(object, key, value) != 0) {
        b->failed = true; /* json_object_set_new has taken `value` either way */
    }
}

static void append(struct build *b, json_t *array, json_t *value)
{
    if (value == NULL || json_array_append_new(array, value) != 0) {
        b->failed = true;
    }
}

/* File names may be any bytes; JSON text must be UTF-8. */
static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    char *copy = value == NULL ? strdup(text) : NULL;
    for (char *c = copy; c != NULL && *c != '\0'; c++) {
        *c = (unsigned char)*c >= 0x80 ? '?' : *c;
    }
    if (copy != NULL) {
        value = json_string(copy);
        free(copy);
    }
    return value;
}

static json_t *f64_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *hex_json(uint64_t value)
{
    char text[17];
    (void)snprintf(text, sizeof text, "%016llx", (unsigned long long)value);
    return json_string(text);
}

static json_t *decimal_json(struct pl_decimal value)
{
    char text[PL_DECIMAL_TEXT_MAX];
    int rc = pl_decimal_print_steps(1, value, text);
    return json_string(rc > 0 ? text : "0");
}

static void put_fields(struct build *b, json_t *object, struct pl_fields fields, const void *from)
{
    for (size_t i = 0; i < fields.count; i++) {
        const struct pl_field *field = &fields.at[i];
        const char *at = (const char *)from + field->offset;
        double f64;
        int64_t i64; /* counts stay below 2^63 */
        int flag;
        switch (field->type) {
        case PL_FIELD_F64:
            memcpy(&f64, at, sizeof f64);
            put(b, object, field->key, f64_json(f64));
            break;
        case PL_FIELD_U64:
        case PL_FIELD_I64:
            memcpy(&i64, at, sizeof i64);
            put(b, object, field->key, json_integer(i64));
            break;
        case PL_FIELD_BOOL:
            memcpy(&flag, at, sizeof flag);
            put(b, object, field->key, json_boolean(flag));
            break;
        }
    }
}

static json_t *fields_json(struct build *b, struct pl_fields fields, const void *from)
{
    json_t *object = json_object();
    put_fields(b, object, fields, from);
    return object;
}

static json_t *hist_json(struct build *b, const struct pl_run_hist *hist)
{
    bool any = hist->total > 0;
    json_t *o = json_object(), *count = json_array();
    put(b, o, "total", json_integer((json_int_t)hist->total));
    put(b, o, "mean", f64_json(pl_hist_mean(hist)));
    put(b, o, "p50", f64_json(pl_hist_quantile(hist, 0.50)));
    put(b, o, "p90", f64_json(pl_hist_quantile(hist, 0.90)));
    put(b, o, "p99", f64_json(pl_hist_quantile(hist, 0.99)));
    put(b, o, "min", f64_json(any ? hist->min : NAN));
    put(b, o, "max", f64_json(any ? hist->max : NAN));
    put(b, o, "sum", f64_json(hist->sum));
    put(b, o, "lo", f64_json(hist->lo));
    for (unsigned i = 0; i < PL_RUN_HIST_BUCKETS; i++) {
        append(b, count, json_integer((json_int_t)hist->count[i]));
    }
    put(b, o, "count", count);
    return o;
}

static json_t *inst_json(struct build *b, const struct pl_inst *inst)
{
    json_t *o = json_object();
    put(b, o, "venue", text_json(inst->venue));
    put(b, o, "symbol", text_json(inst->symbol));
    put(b, o, "base", text_json(inst->base));
    put(b, o, "quote", text_json(inst->quote));
    put(b, o, "kind", json_string(pl_inst_kind_key[inst->kind]));
    put(b, o, "tick", decimal_json(inst->tick));
    put(b, o, "lot", decimal_json(inst->lot));
    put(b, o, "contract_size", decimal_json(inst->contract_size));
    put(b, o, "min_lots", json_integer(inst->min_lots));
    put(b, o, "max_lots", json_integer(inst->max_lots));
    put(b, o, "min_notional", decimal_json(inst->min_notional));
    put(b, o, "min_ticks", json_integer(inst->min_ticks));
    put(b, o, "max_ticks", json_integer(inst->max_ticks));
    put(b, o, "maker_fee_e9", json_integer(inst->maker_fee_e9));
    put(b, o, "taker_fee_e9", json_integer(inst->taker_fee_e9));
    return o;
}

static json_t *market_json(struct build *b, const struct pl_run_market *m, bool derived)
{
    json_t *o = json_object();
    put(b, o, "instrument", inst_json(b, &m->inst));
    put(b, o, "money", fields_json(b, pl_fields_money, &m->money));
    put(b, o, "counts", fields_json(b, pl_fields_counts, &m->counts));
    if (derived) {
        struct pl_ratios ratios = pl_derive_ratios(&m->money, &m->counts);
        put(b, o, "ratios", fields_json(b, pl_fields_ratios, &ratios));
    }
    put_fields(b, o, pl_fields_market, m);
    for (size_t i = 0; i < pl_fields_hists.count; i++) {
        const struct pl_field *field = &pl_fields_hists.at[i];
        const void *hist = (const char *)m + field->offset;
        put(b, o, field->key, hist_json(b, hist));
    }
    return o;
}

static json_t *markout_json(struct build *b, const struct pl_markout *m)
{
    json_t *o = json_object();
    put(b, o, "n", json_integer((json_int_t)m->n));
    put(b, o, "clusters", json_integer((json_int_t)m->clusters));
    put(b, o, "mean_bps", f64_json(m->mean_bps));
    put(b, o, "se_bps", f64_json(m->se_bps));
    put(b, o, "mean_money", f64_json(m->mean_money));
    put(b, o, "se_money", f64_json(m->se_money));
    put(b, o, "sum_money", f64_json(m->sum_money));
    return o;
}

static json_t *markouts_json(struct build *b, const struct pl_derived *derived)
{
    static const char *const side_key[PL_MARKOUT_SIDES] = {"buy", "sell", "all"};
    json_t *array = json_array();
    for (int k = 0; k < PL_RUN_MARKOUTS; k++) {
        json_t *o = json_object();
        put(b, o, "tau_s", json_real((double)pl_run_markout_ns[k] / 1e9));
        for (int side = 0; side < PL_MARKOUT_SIDES; side++) {
            put(b, o, side_key[side], markout_json(b, &derived->markout[k][side]));
        }
        append(b, array, o);
    }
    return array;
}

static json_t *time_json(struct build *b, const struct pl_run *run)
{
    char text[PL_NUMBER_TEXT_MAX];
    json_t *o = json_object();
    put(b, o, "start", json_string(pl_number_time(run->start_ns, text)));
    put(b, o, "end", json_string(pl_number_time(run->end_ns, text)));
    put(b, o, "seconds", json_real((double)(run->end_ns - run->start_ns) / 1e9));
    put(b, o, "start_ns", json_integer(run->start_ns));
    put(b, o, "end_ns", json_integer(run->end_ns));
    return o;
}

static json_t *digests_json(struct build *b, const struct pl_run *run)
{
    json_t *o = json_object();
    put(b, o, "data", hex_json(run->data_digest));
    put(b, o, "requests", hex_json(run->request_digest));
    put(b, o, "settings", hex_json(run->settings_digest));
    return o;
}

static json_t *timing_json(struct build *b, const struct pl_run *run)
{
    double wall = run->wall_seconds, data = (double)(run->end_ns - run->start_ns) / 1e9;
    json_t *o = json_object();
    put(b, o, "wall_seconds", f64_json(wall));
    put(b, o, "rows_per_second", f64_json(wall > 0 ? (double)run->counts.rows / wall : NAN));
    put(b, o, "times_real_time", f64_json(wall > 0 ? data / wall : NAN));
    return o;
}

/* One market: the five names that the reference scripts print, at the top of the object. */
static void put_summary(struct build *b, json_t *o, const struct pl_run *run)
{
    const struct pl_run_money *m = &run->market[0].money;
    put(b, o, "trades", json_integer((json_int_t)run->market[0].counts.fills));
    put(b, o, "position", f64_json(m->position));
    put(b, o, "balance", f64_json(m->balance));
    put(b, o, "fee", f64_json(m->fees));
    put(b, o, "volume", f64_json(m->volume));
}

static json_t *run_json(struct build *b, const struct pl_run *run, const struct pl_derived *derived,
                        unsigned flags)
{
    json_t *o = json_object(), *markets = json_array();
    put(b, o, "format", json_string("plimsoll run 1"));
    put(b, o, "id", text_json(run->id));
    put(b, o, "version", text_json(run->version));
    put(b, o, "strategy", text_json(run->strategy));
    put(b, o, "data", text_json(run->data));
    put(b, o, "fill_model", text_json(run->fill_model));
    put(b, o, "bias", text_json(run->bias));
    put(b, o, "currency", text_json(pl_run_currency(run)));
    put(b, o, "time", time_json(b, run));
    if (run->market_count == 1) {
        put_summary(b, o, run);
    }
    put(b, o, "account", fields_json(b, pl_fields_money, &run->account));
    if (derived != NULL) {
        put(b, o, "ratios", fields_json(b, pl_fields_ratios, &derived->account));
    }
    put(b, o, "counts", fields_json(b, pl_fields_counts, &run->counts));
    put(b, o, "performance", fields_json(b, pl_fields_perf, &run->perf));
    if (derived != NULL) {
        put(b, o, "markouts", markouts_json(b, derived));
    }
    for (uint32_t i = 0; i < run->market_count; i++) {
        append(b, markets, market_json(b, &run->market[i], derived != NULL));
    }
    put(b, o, "markets", markets);
    put(b, o, "equity_interval_ns", json_integer(run->equity_interval_ns));
    put(b, o, "digests", digests_json(b, run));
    put(b, o, "command", run->command != NULL ? text_json(run->command) : json_null());
    put(b, o, "settings_yaml", run->settings_yaml ? text_json(run->settings_yaml) : json_null());
    if (flags & PL_JSON_TIMING) {
        put(b, o, "timing", timing_json(b, run));
    }
    return o;
}

int pl_run_json_write(const struct pl_run *run, const struct pl_derived *derived, unsigned flags,
                      FILE *out, struct pl_error *err)
{
    struct build build = {false};
    json_t *o = run_json(&build, run, derived, flags);
    if (o == NULL || build.failed) {
        json_decref(o);
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory while writing run %s", run->id);
    }
    pl_json_dump(o, flags, out);
    json_decref(o);
    if (ferror(out)) {
        return pl_error_set(err, PL_ERR_IO, "cannot write run %s as JSON: %s", run->id,
                            strerror(errno));
    }
    return 0;
}

int pl_run_json_print(const struct pl_run *run, const struct pl_derived *derived, unsigned flags,
                      char **out, struct pl_error *err)
{
    *out = NULL;
    size_t size;
    FILE *f = open_memstream(out, &size);
    if (f == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory while writing run %s", run->id);
    }
    int rc = pl_run_json_write(run, derived, flags, f, err);
    if (fclose(f) != 0 && rc == 0) {
        rc = pl_error_set(err, PL_ERR_NOMEM, "out of memory while writing run %s", run->id);
    }
    if (rc < 0) {
        free(*out);
        *out = NULL;
    }
    return rc;
}
