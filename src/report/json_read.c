/* Reads a run back from its JSON. The text comes from a database file: every key is checked. */
#include "report/json.h"

#include "report/json_fields.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARKETS_MAX 1024

struct read {
    struct pl_error *err;
    int rc;         /* the first failure; later calls do nothing */
    char where[32]; /* "markets[1]" */
};

static void refuse(struct read *r, const char *key, const char *want)
{
    if (r->rc == 0) {
        r->rc = pl_error_set(r->err, PL_ERR_MALFORMED, "run JSON: %s%s%s: expected %s", r->where,
                             r->where[0] != '\0' ? "." : "", key, want);
    }
}

static const json_t *member(struct read *r, const json_t *o, const char *key, json_type type,
                            const char *want)
{
    const json_t *value = json_object_get(o, key);
    if (value == NULL || json_typeof(value) != type) {
        refuse(r, key, want);
        return NULL;
    }
    return value;
}

static int64_t read_i64(struct read *r, const json_t *o, const char *key)
{
    const json_t *value = member(r, o, key, JSON_INTEGER, "a whole number");
    return value != NULL ? (int64_t)json_integer_value(value) : 0;
}

static double read_f64(struct read *r, const json_t *o, const char *key)
{
    const json_t *value = json_object_get(o, key);
    if (json_is_null(value)) {
        return NAN;
    }
    if (!json_is_number(value)) {
        refuse(r, key, "a number or null");
        return NAN;
    }
    return json_number_value(value);
}

static void read_text(struct read *r, const json_t *o, const char *key, char *out, size_t size)
{
    const json_t *value = member(r, o, key, JSON_STRING, "text");
    if (value != NULL && json_string_length(value) >= size) {
        refuse(r, key, "shorter text");
    } else if (value != NULL) {
        memcpy(out, json_string_value(value), json_string_length(value) + 1);
    }
}

static char *read_text_new(struct read *r, const json_t *o, const char *key)
{
    const json_t *value = json_object_get(o, key);
    if (json_is_null(value)) {
        return NULL;
    }
    char *copy = json_is_string(value) ? strdup(json_string_value(value)) : NULL;
    if (copy == NULL) {
        refuse(r, key, "text or null");
    }
    return copy;
}

static uint64_t read_hex(struct read *r, const json_t *o, const char *key)
{
    char text[17] = "";
    read_text(r, o, key, text, sizeof text);
    if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16) {
        refuse(r, key, "16 hexadecimal digits");
    }
    return strtoull(text, NULL, 16);
}

static struct pl_decimal read_decimal(struct read *r, const json_t *o, const char *key)
{
    struct pl_decimal value = {0, 0};
    char text[PL_DECIMAL_TEXT_MAX] = "";
    read_text(r, o, key, text, sizeof text);
    if (pl_decimal_parse(pl_str(text), &value) < 0 || value.mantissa < 0) {
        refuse(r, key, "a decimal number");
    }
    return value;
}

static void read_fields(struct read *r, const json_t *o, struct pl_fields fields, void *to)
{
    for (size_t i = 0; i < fields.count; i++) {
        const struct pl_field *field = &fields.at[i];
        char *at = (char *)to + field->offset;
        if (field->type == PL_FIELD_F64) {
            double value = read_f64(r, o, field->key);
            memcpy(at, &value, sizeof value);
        } else if (field->type == PL_FIELD_BOOL) {
            int value = json_is_true(json_object_get(o, field->key));
            memcpy(at, &value, sizeof value);
        } else {
            int64_t value = read_i64(r, o, field->key);
            if (value < 0) {
                refuse(r, field->key, "a number that is not negative");
            }
            memcpy(at, &value, sizeof value);
        }
    }
}

static void read_group(struct read *r, const json_t *o, const char *key, struct pl_fields fields,
                       void *to)
{
    const json_t *group = member(r, o, key, JSON_OBJECT, "an object");
    if (group != NULL) {
        read_fields(r, group, fields, to);
    }
}

static void read_hist(struct read *r, const json_t *market, const char *key,
                      struct pl_run_hist *out)
{
    const json_t *o = member(r, market, key, JSON_OBJECT, "an object");
    const json_t *count = json_object_get(o, "count");
    if (json_array_size(count) != PL_RUN_HIST_BUCKETS) {
        refuse(r, key, "a histogram");
        return;
    }
    uint64_t total = 0;
    for (size_t i = 0; i < PL_RUN_HIST_BUCKETS; i++) {
        const json_t *value = json_array_get(count, i);
        if (!json_is_integer(value) || json_integer_value(value) < 0) {
            refuse(r, key, "counts that are not negative");
            return;
        }
        out->count[i] = (uint64_t)json_integer_value(value);
        total += out->count[i];
    }
    out->total = (uint64_t)read_i64(r, o, "total");
    out->lo = read_f64(r, o, "lo");
    out->sum = read_f64(r, o, "sum");
    out->min = total > 0 ? read_f64(r, o, "min") : 0;
    out->max = total > 0 ? read_f64(r, o, "max") : 0;
    if (total != out->total || !(out->lo >= 0)) { /* lo 0: never filled, all counts are 0 */
        refuse(r, key, "a histogram whose counts add up to its total");
    }
}

static void read_inst(struct read *r, const json_t *market, struct pl_inst *out)
{
    const json_t *o = member(r, market, "instrument", JSON_OBJECT, "an object");
    char kind[16] = "";
    if (o == NULL) {
        return;
    }
    read_text(r, o, "venue", out->venue, sizeof out->venue);
    read_text(r, o, "symbol", out->symbol, sizeof out->symbol);
    read_text(r, o, "base", out->base, sizeof out->base);
    read_text(r, o, "quote", out->quote, sizeof out->quote);
    read_text(r, o, "kind", kind, sizeof kind);
    int found = -1;
    for (int i = 0; i < 3; i++) {
        found = strcmp(kind, pl_inst_kind_key[i]) == 0 ? i : found;
    }
    out->kind = found < 0 ? PL_INST_LINEAR : (enum pl_inst_kind)found;
    out->tick = read_decimal(r, o, "tick");
    out->lot = read_decimal(r, o, "lot");
    out->contract_size = read_decimal(r, o, "contract_size");
    out->min_notional = read_decimal(r, o, "min_notional");
    out->min_lots = read_i64(r, o, "min_lots");
    out->max_lots = read_i64(r, o, "max_lots");
    out->min_ticks = read_i64(r, o, "min_ticks");
    out->max_ticks = read_i64(r, o, "max_ticks");
    out->maker_fee_e9 = read_i64(r, o, "maker_fee_e9");
    out->taker_fee_e9 = read_i64(r, o, "taker_fee_e9");
    if (found < 0 || out->tick.mantissa == 0 || out->lot.mantissa == 0) {
        refuse(r, "instrument", "a known kind, a tick and a lot above 0");
    }
}

static void read_markets(struct read *r, const json_t *o, struct pl_run *out)
{
    const json_t *array = member(r, o, "markets", JSON_ARRAY, "a list");
    size_t count = json_array_size(array);
    if (count > MARKETS_MAX) {
        refuse(r, "markets", "at most 1024 of them");
        return;
    }
    out->market = calloc(count > 0 ? count : 1, sizeof *out->market);
    if (out->market == NULL) {
        r->rc = pl_error_set(r->err, PL_ERR_NOMEM, "out of memory while reading a run");
        return;
    }
    out->market_count = (uint32_t)count;
    for (size_t i = 0; i < count && r->rc == 0; i++) {
        const json_t *m = json_array_get(array, i);
        struct pl_run_market *to = &out->market[i];
        (void)snprintf(r->where, sizeof r->where, "markets[%zu]", i);
        read_inst(r, m, &to->inst);
        read_group(r, m, "money", pl_fields_money, &to->money);
        read_group(r, m, "counts", pl_fields_counts, &to->counts);
        read_fields(r, m, pl_fields_market, to);
        for (size_t k = 0; k < pl_fields_hists.count; k++) {
            const struct pl_field *field = &pl_fields_hists.at[k];
            read_hist(r, m, field->key, (void *)((char *)to + field->offset));
        }
    }
    r->where[0] = '\0';
}

static void read_run(struct read *r, const json_t *o, struct pl_run *out)
{
    char format[32] = "";
    read_text(r, o, "format", format, sizeof format);
    if (strcmp(format, "plimsoll run 1") != 0) {
        refuse(r, "format", "\"plimsoll run 1\" (another version of the program wrote this)");
        return;
    }
    read_text(r, o, "id", out->id, sizeof out->id);
    read_text(r, o, "version", out->version, sizeof out->version);
    read_text(r, o, "strategy", out->strategy, sizeof out->strategy);
    read_text(r, o, "data", out->data, sizeof out->data);
    read_text(r, o, "fill_model", out->fill_model, sizeof out->fill_model);
    read_text(r, o, "bias", out->bias, sizeof out->bias);
    read_text(r, o, "currency", out->currency, sizeof out->currency);
    const json_t *time = member(r, o, "time", JSON_OBJECT, "an object");
    if (time != NULL) {
        out->start_ns = read_i64(r, time, "start_ns");
        out->end_ns = read_i64(r, time, "end_ns");
        if (out->start_ns < 0 || out->end_ns < out->start_ns) {
            refuse(r, "time", "a start since 1970 and an end not before it");
        }
    }
    read_group(r, o, "account", pl_fields_money, &out->account);
    read_group(r, o, "counts", pl_fields_counts, &out->counts);
    read_group(r, o, "performance", pl_fields_perf, &out->perf);
    read_markets(r, o, out);
    out->equity_interval_ns = read_i64(r, o, "equity_interval_ns");
    const json_t *digests = member(r, o, "digests", JSON_OBJECT, "an object");
    if (digests != NULL) {
        out->data_digest = read_hex(r, digests, "data");
        out->request_digest = read_hex(r, digests, "requests");
        out->settings_digest = read_hex(r, digests, "settings");
    }
    out->command = read_text_new(r, o, "command");
    out->settings_yaml = read_text_new(r, o, "settings_yaml");
}

int pl_run_json_read(struct pl_str text, struct pl_run *out, struct pl_error *err)
{
    *out = (struct pl_run){0};
    json_error_t at;
    json_t *o = json_loadb(text.at, text.size, JSON_REJECT_DUPLICATES, &at);
    if (o == NULL) {
        return pl_error_set(err, PL_ERR_MALFORMED, "run JSON: line %d, column %d: %s", at.line,
                            at.column, at.text);
    }
    struct read r = {.err = err};
    read_run(&r, o, out);
    json_decref(o);
    if (r.rc < 0) {
        pl_run_json_release(out);
    }
    return r.rc;
}

void pl_run_json_release(struct pl_run *run)
{
    free(run->market);
    free(run->settings_yaml);
    free(run->command);
    *run = (struct pl_run){0};
}
