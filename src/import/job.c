#include "import/job.h"

#include "core/units.h"
#include "import/latency.h"
#include "import/queue.h"
#include "import/touch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAMP_LOW_NS   (INT64_C(978307200) * PL_NS_PER_S)
#define STAMP_HIGH_NS  (INT64_C(4102444800) * PL_NS_PER_S)
#define STAMP_JUMP_NS  (60 * PL_NS_PER_S)
#define STAMP_FIRST_NS (48 * 3600 * PL_NS_PER_S) /* clocks further apart than that: not clocks */
#define STAMP_LASTING  16 /* odd stamps in a row that agree: the clock did step */
#define LOCAL_BACK_MAX (60 * PL_NS_PER_S)

static void note_place(struct pl_import_job *job, struct pl_import_place *places, size_t max,
                       uint64_t *count, const char *text)
{
    if (*count < max) {
        struct pl_import_place *at = &places[*count];
        *at = (struct pl_import_place){.file = job->file, .line = job->line, .byte = job->byte};
        snprintf(at->reason, sizeof at->reason, "%s", text);
    }
    ++*count;
}

int pl_job_bad(struct pl_import_job *job, struct pl_error *err, const char *fmt, ...)
{
    if (job->probing) {
        return 0; /* counted when the row is read in earnest */
    }
    char text[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct pl_import_report *r = job->report;
    note_place(job, r->bad_at, PL_IMPORT_BAD_MAX, &r->bad, text);
    if (!job->opt->strict) {
        return 0;
    }
    return pl_error_set(err, PL_ERR_MALFORMED, "%s:%llu: byte %llu: %s", job->paths[job->file],
                        (unsigned long long)job->line, (unsigned long long)job->byte, text);
}

int pl_job_gap(struct pl_import_job *job, struct pl_import_market *market, int64_t venue_ns,
               int64_t local_ns, struct pl_error *err, const char *fmt, ...)
{
    if (job->probing) {
        return 0;
    }
    char text[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct pl_import_report *r = job->report;
    note_place(job, r->gap_at, PL_IMPORT_GAP_MAX, &r->gaps, text);
    struct pl_msg msg = {.kind = PL_MSG_GAP, .venue_ns = venue_ns, .local_ns = local_ns};
    return pl_job_emit(job, market, PL_STREAM_DEPTH, &msg, err);
}

void pl_job_hole(struct pl_import_job *job, const char *fmt, ...)
{
    char text[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    note_place(job, job->report->gap_at, PL_IMPORT_GAP_MAX, &job->report->gaps, text);
}

const char *pl_job_why(int rc)
{
    switch (rc) {
    case PL_ERR_OFFGRID:
        return "lies between two steps of the tick or lot; give the right --tick and --lot";
    case PL_ERR_OVERFLOW:
        return "has too many digits";
    case PL_ERR_INVALID:
        return "is negative";
    default:
        return "is not a number";
    }
}

/* ---- markets ---- */

static struct pl_import_market *make_market(struct pl_import_job *job, struct pl_str symbol)
{
    struct pl_import_market *m = calloc(1, sizeof *m);
    if (m == NULL) {
        return NULL;
    }
    memcpy(m->inst.symbol, symbol.at, symbol.size);
    m->index = -1;
    m->inst.contract_size = (struct pl_decimal){1, 0};
    m->skipped = job->opt->symbol != NULL && !pl_str_eq(symbol, pl_str(job->opt->symbol));
    if (job->tick.mantissa > 0) {
        pl_grid_set(&m->px, job->tick, true);
    }
    if (job->lot.mantissa > 0) {
        pl_grid_set(&m->qty, job->lot, true);
    }
    job->market[job->market_count++] = m;
    return m;
}

static bool symbol_text_ok(struct pl_str s)
{
    for (size_t i = 0; i < s.size; i++) {
        if (s.at[i] <= ' ' || s.at[i] > '~' || s.at[i] == '"' || s.at[i] == '\\') {
            return false;
        }
    }
    return s.size > 0 && s.size < sizeof((struct pl_inst *)0)->symbol;
}

int pl_job_market(struct pl_import_job *job, struct pl_str symbol, struct pl_import_market **out,
                  struct pl_error *err)
{
    *out = NULL;
    struct pl_import_market *m = job->recent;
    if (m == NULL || strncmp(m->inst.symbol, symbol.at, symbol.size) != 0 ||
        m->inst.symbol[symbol.size] != '\0') {
        m = NULL;
        for (uint32_t i = 0; i < job->market_count && m == NULL; i++) {
            if (pl_str_eq(pl_str(job->market[i]->inst.symbol), symbol)) {
                m = job->market[i];
            }
        }
    }
    if (m == NULL) {
        if (!symbol_text_ok(symbol)) {
            return pl_job_bad(job, err, "the symbol '%.*s' is not one",
                              (int)(symbol.size < 40 ? symbol.size : 40), symbol.at);
        }
        if (job->market_count == PL_IMPORT_MARKETS_MAX) {
            return pl_error_set(err, PL_ERR_LIMIT,
                                "%s:%llu: more than %d symbols in one import; choose one with "
                                "--symbol",
                                job->paths[job->file], (unsigned long long)job->line,
                                PL_IMPORT_MARKETS_MAX);
        }
        m = make_market(job, symbol);
        if (m == NULL) {
            return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
        }
        if (!job->probing && !m->skipped) {
            /* first seen behind the head that was probed: its grid must be learnt first */
            if (!job->rereadable) {
                return pl_error_set(err, PL_ERR_OFFGRID,
                                    "%s:%llu: symbol %s comes too late to learn its tick and lot "
                                    "from a stream; pass --tick and --lot, or import a file",
                                    job->paths[job->file], (unsigned long long)job->line,
                                    m->inst.symbol);
            }
            job->probing = job->regrid = true;
        }
    }
    job->recent = m;
    *out = m->skipped ? NULL : m;
    return 0;
}

int pl_job_market_only(struct pl_import_job *job, const char *fallback,
                       struct pl_import_market **out, struct pl_error *err)
{
    *out = NULL;
    struct pl_import_market *only = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < job->market_count; i++) {
        if (!job->market[i]->skipped) {
            only = job->market[i];
            count++;
        }
    }
    if (count == 1) {
        *out = only;
        return 0;
    }
    if (count > 1) {
        return pl_job_bad(job, err, "names no symbol, and the file holds several");
    }
    const char *name = job->opt->symbol != NULL ? job->opt->symbol : fallback;
    return name == NULL ? 0 : pl_job_market(job, pl_str(name), out, err);
}

static void split_symbol(struct pl_inst *inst)
{
    static const char *const quotes[] = {"USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "DAI",
                                         "USD",  "EUR",  "GBP",   "TRY",  "BRL",  "ZAR",  "AUD",
                                         "JPY",  "BTC",  "XBT",   "ETH",  "BNB"};
    char plain[sizeof inst->symbol];
    size_t n = 0;
    for (const char *p = inst->symbol; *p != '\0'; p++) {
        if (*p == '_' ||
            (*p == '-' && n > 0 && strchr(p + 1, '-') == NULL && p[1] >= '0' && p[1] <= '9')) {
            break; /* BTCUSD_PERP, BTCUSD_240927, BTCUSDT-26SEP: the pair comes first */
        }
        if (*p != '-' && *p != '/') {
            plain[n++] = *p;
        }
    }
    plain[n] = '\0';
    for (size_t i = 0; i < PL_COUNT(quotes); i++) {
        size_t q = strlen(quotes[i]);
        if (n > q && strcmp(plain + n - q, quotes[i]) == 0) {
            snprintf(inst->quote, sizeof inst->quote, "%s", quotes[i]);
            snprintf(inst->base, sizeof inst->base, "%.*s",
                     (int)(n - q < sizeof inst->base - 1 ? n - q : sizeof inst->base - 1), plain);
            return;
        }
    }
    snprintf(inst->base, sizeof inst->base, "%.*s", (int)sizeof inst->base - 1, plain);
}

void pl_job_identify(struct pl_import_job *job, struct pl_import_market *market, const char *venue,
                     enum pl_inst_kind kind)
{
    struct pl_inst *inst = &market->inst;
    const char *asked = job->opt->market;
    if (asked != NULL) {
        kind = strcmp(asked, "linear") == 0    ? PL_INST_LINEAR
               : strcmp(asked, "inverse") == 0 ? PL_INST_INVERSE
                                               : PL_INST_SPOT;
    }
    inst->kind = kind;
    snprintf(inst->venue, sizeof inst->venue, "%s",
             job->opt->venue != NULL ? job->opt->venue : venue);
    split_symbol(inst);
    inst->contract_size = (struct pl_decimal){1, 0};
    if (kind == PL_INST_INVERSE && strcmp(inst->venue, "binance-coinm") == 0) {
        /* USD a contract: 100 for BTC, 10 for all others (the venue's contract table) */
        inst->contract_size.mantissa = strcmp(inst->base, "BTC") == 0 ? 100 : 10;
    }
}

/* ---- numbers ---- */

int pl_job_off_grid(struct pl_import_job *job, struct pl_grid *grid, struct pl_decimal value,
                    int64_t *out)
{
    *out = 0;
    if (value.scale > 18) {
        return PL_ERR_OVERFLOW;
    }
    if (grid->given) {
        return pl_grid_steps(grid, value, out);
    }
    int rc = pl_grid_see(grid, value);
    if (rc < 0 || job->probing) {
        return rc;
    }
    rc = pl_grid_steps(grid, value, out);
    if (rc == PL_ERR_OFFGRID && job->rereadable) {
        job->probing = job->regrid = true; /* the value is fine, the grid is not */
        return 0;
    }
    return rc;
}

int pl_job_rows(struct pl_import_job *job, uint32_t count, struct pl_error *err)
{
    if (count <= job->row_cap) {
        return 0;
    }
    uint32_t cap = job->row_cap == 0 ? 4096 : job->row_cap;
    while (cap < count) {
        cap *= 2;
    }
    int64_t *px = realloc(job->px, cap * sizeof *px);
    job->px = px != NULL ? px : job->px;
    int64_t *lots = realloc(job->lots, cap * sizeof *lots);
    job->lots = lots != NULL ? lots : job->lots;
    if (px == NULL || lots == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    job->row_cap = cap;
    return 0;
}

int pl_import_side_grow(struct pl_import_side *side)
{
    uint32_t cap = side->cap == 0 ? 1024 : side->cap * 2;
    if (cap > (UINT32_C(1) << 24)) {
        return PL_ERR_LIMIT;
    }
    void *at = realloc(side->at, cap * sizeof side->at[0]);
    if (at == NULL) {
        return PL_ERR_NOMEM;
    }
    side->at = at;
    side->cap = cap;
    return 0;
}

int64_t pl_job_level_rows(struct pl_import_job *job, struct pl_import_market *market,
                          struct pl_error *err)
{
    uint32_t count = job->bids.count + job->asks.count;
    int rc = pl_job_rows(job, count, err);
    if (rc < 0) {
        return rc;
    }
    uint32_t row = 0;
    for (int side = 0; side < 2; side++) {
        const struct pl_levels *levels = side == 0 ? &job->bids : &job->asks;
        for (uint32_t i = 0; i < levels->count; i++, row++) {
            rc = pl_job_px(job, market, levels->at[i].px, &job->px[row]);
            if (rc == 0) {
                rc = pl_job_qty(job, market, levels->at[i].qty, &job->lots[row]);
            }
            if (rc < 0) {
                return rc;
            }
        }
    }
    return count;
}

/* ---- stamps and messages ---- */

int pl_job_stamps(struct pl_import_job *job, struct pl_import_market *m, int64_t venue_ns,
                  int64_t local_ns, bool *keep, struct pl_error *err)
{
    int64_t latency = local_ns - venue_ns; /* both below 2^62: checked by the readers */
    int64_t reference = m->latency_known ? m->latency : 0;
    int64_t bound = m->latency_known ? STAMP_JUMP_NS : STAMP_FIRST_NS;
    if (venue_ns < STAMP_LOW_NS || venue_ns >= STAMP_HIGH_NS || local_ns < STAMP_LOW_NS ||
        local_ns >= STAMP_HIGH_NS) {
        *keep = false;
        return pl_job_bad(job, err, "its time is not between 2001 and 2100");
    }
    *keep = true;
    /* the first messages may be old news (the last trade, told on subscribing): later ones may be
     * much faster, and then they are the measure */
    bool young = m->stamp_count < STAMP_LASTING && latency < reference && venue_ns <= local_ns;
    if (!young && (latency - reference > bound || reference - latency > bound)) {
        int64_t moved = latency - m->odd_latency;
        m->odd_count = m->odd_count > 0 && moved <= bound && -moved <= bound ? m->odd_count + 1 : 1;
        m->odd_latency = latency;
        if (m->odd_count < STAMP_LASTING) {
            *keep = false;
            return pl_job_bad(job, err, "local and venue time lie %.1f s further apart than before",
                              (double)(latency - reference) / 1e9);
        }
        if (!job->probing) {
            job->report->clock_steps++;
        }
    }
    m->odd_count = 0;
    m->stamp_count++;
    if (!m->latency_known && m->latency_first == 0) {
        m->latency_first = latency;
    }
    if (m->venue_first_stamp == 0) {
        m->venue_first_stamp = venue_ns;
    }
    m->latency_known = true;
    m->latency = latency;
    if (!job->probing) {
        pl_latency_note(job->latency, local_ns, latency);
    }
    return 0;
}

bool pl_job_estimate(const struct pl_import_market *m, int stream, int64_t local_ns,
                     int64_t *venue_ns)
{
    if (!m->latency_known && m->latency_first == 0) {
        *venue_ns = local_ns;
        return false;
    }
    *venue_ns = local_ns - (m->latency_known ? m->latency : m->latency_first);
    if (*venue_ns < m->venue_last[stream]) {
        *venue_ns = m->venue_last[stream];
    }
    return true;
}

/* Trades whose side the source does not give get it from the book as it stands there. */
static int guess_side(struct pl_import_market *m, struct pl_msg *msg)
{
    if (m->touch == NULL && pl_touch_create(&m->touch) < 0) {
        return PL_ERR_NOMEM;
    }
    if (msg->kind == PL_MSG_TRADE && (msg->flags & PL_MSGF_SIDE_GUESS) != 0) {
        bool sell = pl_touch_side(m->touch, msg->px[0]);
        msg->flags = (uint8_t)(sell ? msg->flags | PL_MSGF_SELL : msg->flags & ~PL_MSGF_SELL);
        return 0;
    }
    return pl_touch_apply(m->touch, msg);
}

/* A whole message is left out: as many bad rows as it had lines. */
static int reject(struct pl_import_job *job, const struct pl_msg *msg, struct pl_error *err,
                  const char *reason)
{
    if (job->rows_are_lines && msg->row_count > 1 && !job->probing) {
        int rc = pl_job_bad(job, err, "%s, with %u rows of the same message", reason,
                            msg->row_count - 1);
        job->report->bad += msg->row_count - 1;
        return rc;
    }
    return pl_job_bad(job, err, "%s", reason);
}

int pl_job_put(struct pl_import_job *job, struct pl_import_market *market, struct pl_msg *msg,
               struct pl_error *err)
{
    struct pl_import_report *r = job->report;
    PL_ASSERT(market->index >= 0);
    msg->market = (uint16_t)market->index;
    if (job->guess_sides && guess_side(market, msg) < 0) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    int rc = job->sink->put(job->sink, msg, err);
    if (rc == PL_ERR_ORDER) {
        return reject(job, msg, err, "its time lies further back than messages may be reordered");
    }
    if (rc < 0) {
        return pl_error_prefix(err, "%s:%llu", job->paths[job->file],
                               (unsigned long long)job->line);
    }
    market->messages++;
    r->messages++;
    r->rows += msg->row_count;
    r->kind_messages[msg->kind]++;
    r->kind_rows[msg->kind] += msg->row_count;
    if (r->messages == 1 || msg->venue_ns < r->venue_first_ns) {
        r->venue_first_ns = msg->venue_ns;
    }
    if (r->messages == 1 || msg->venue_ns > r->venue_last_ns) {
        r->venue_last_ns = msg->venue_ns;
    }
    if ((msg->flags & PL_MSGF_NOT_BOOK) != 0) {
        r->not_book_trades++;
    }
    if ((msg->flags & PL_MSGF_SIDE_GUESS) != 0) {
        r->side_guesses++;
    }
    return 0;
}

int pl_job_emit(struct pl_import_job *job, struct pl_import_market *market, int stream,
                struct pl_msg *msg, struct pl_error *err)
{
    if (job->probing) {
        return 0;
    }
    int64_t *last = &market->local_last[job->queue != NULL ? stream : 0];
    if (msg->local_ns < *last) {
        job->report->local_back++;
        if (*last - msg->local_ns > LOCAL_BACK_MAX) {
            return reject(job, msg, err,
                          "its local time is more than 60 s before the row above it");
        }
        msg->local_ns = *last;
    }
    *last = msg->local_ns;
    if ((msg->flags & PL_MSGF_NO_VENUE_TIME) == 0) {
        market->venue_last[stream] = msg->venue_ns;
    }
    if (job->queue != NULL) {
        return pl_queue_push(job->queue, job, market, msg, err);
    }
    return pl_job_put(job, market, msg, err);
}
