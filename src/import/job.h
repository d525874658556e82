/* import/job.h - one import while it runs: what the format readers share. Private to src/import.
 *
 * A reader is given lines (or, for .npz, the input) and calls: job_market to find or make the
 * market, job_px and job_qty to put text numbers on its grid, job_emit to hand a message over,
 * job_bad for a row that is no good.
 *
 * Two modes. While *probing* the same code runs over the head of the input to learn markets and
 * grids: job_px and job_qty take part in the search and job_emit drops the message. A value off an
 * inferred grid turns probing on for the rest of the input; then the driver starts over. */
#ifndef PL_IMPORT_JOB_H
#define PL_IMPORT_JOB_H

#include "core/levels.h"
#include "import/grid.h"
#include "import/import.h"
#include "import/input.h"
#include "import/lines.h"

enum { /* sequence chains of a market, by what carries them */
       PL_STREAM_DEPTH,
       PL_STREAM_TOP,
       PL_STREAM_TRADES,
       PL_STREAM_MARKS,
       PL_STREAM_COUNT
};

/* Levels of one side, already in steps, while their message is put together. */
struct pl_import_side {
    struct {
        int64_t px, lots;
    } * at;
    uint32_t count, cap;
};

struct pl_import_candle {
    bool held;
    int64_t open_ns, px[4], lots[4];
    uint32_t file;
    uint64_t line, byte;
};

struct pl_import_market {
    struct pl_inst inst;
    int index;    /* in the sink; -1 = not there */
    bool skipped; /* --symbol names another one */
    struct pl_grid px, qty;
    bool futures, trades_seen; /* evidence for the guesses; a `trade` stream beside aggTrade */
    uint64_t messages;
    /* clock */
    int64_t local_last[PL_STREAM_COUNT]; /* all in [0] unless streams are merged */
    int64_t venue_last[PL_STREAM_COUNT];
    bool latency_known;
    int64_t latency, latency_first; /* newest, and the first of the probe */
    int64_t odd_latency;            /* of the run of rejected stamps */
    uint32_t odd_count;
    uint64_t stamp_count;
    int64_t venue_first_stamp; /* the first stamp of the market seen while probing */
    /* sequence */
    bool chain;
    uint64_t chain_last, trade_last;
    /* funding */
    bool funding_known;
    int64_t funding_ns;
    struct pl_decimal funding_rate;
    bool funding_rate_known;
    int64_t candle_ns;              /* the smallest step seen while probing */
    struct pl_import_candle candle; /* the newest one: held until its successor proves its time */
    int64_t candle_last_ns;         /* open time of the one before it; 0 = none */
    struct pl_touch *touch;         /* only when sides must be guessed */
};

struct pl_import_format;
struct pl_import_queue;
struct pl_touch;

struct pl_import_job {
    const struct pl_import_options *opt;
    struct pl_import_report *report;
    struct pl_sink *sink;
    const char *const *paths;
    bool probing;
    bool regrid; /* an off-grid value was met: read on probing, then start over */
    bool rereadable;
    uint64_t probe_limit;        /* text bytes of one file to probe; 0 = all */
    struct pl_decimal tick, lot; /* given; mantissa 0 = not */
    struct pl_import_market *market[PL_IMPORT_MARKETS_MAX];
    uint32_t market_count;
    struct pl_import_market *recent; /* of the last lookup */
    struct pl_import_queue *queue;   /* merging: messages wait here; NULL = straight to the sink */
    /* where the reader stands */
    uint32_t file;
    uint64_t line, byte;
    bool rows_are_lines; /* a message that is left out loses row_count lines, not one */
    /* scratch of the readers */
    struct pl_levels bids, asks;
    int64_t *px, *lots;
    uint32_t row_cap;
    struct pl_latency *latency; /* statistics */
    bool guess_sides;           /* some trades come without their side */
};

/* A stream: the files of one format, one after another. `state` is the reader's own. */
struct pl_import_stream {
    struct pl_import_job *job;
    const struct pl_import_format *format;
    void *state;
    uint32_t file_first, file_count; /* into `files` */
    const uint32_t *files;           /* indices into paths */
};

struct pl_import_format {
    const char *name, *help;
    /* How sure we are, 0..100, from the first lines of the text (or bytes, if binary). */
    int (*detect)(struct pl_str head);
    size_t state_size;
    int (*line)(struct pl_import_stream *s, struct pl_str line, struct pl_error *err);
    /* Instead of `line`: the reader takes the bytes itself, from the start of a file. */
    int (*bytes)(struct pl_import_stream *s, struct pl_input *in, struct pl_error *err);
    /* A file begins; may be NULL. */
    int (*begin)(struct pl_import_stream *s, struct pl_error *err);
    /* All files have ended: called until it returns 0 (1 = there is more to hand over). May be NULL. */
    int (*end)(struct pl_import_stream *s, struct pl_error *err);
    void (*drop)(struct pl_import_stream *s); /* gives back what the state owns; may be NULL */
    bool path_names_symbol; /* files whose paths name different symbols are different streams */
};

extern const struct pl_import_format *const pl_import_formats[];
extern const size_t pl_import_format_count;

/* A row or line that is no good. 0 = go on without it; negative with `strict`. */
PL_MUST_USE int pl_job_bad(struct pl_import_job *job, struct pl_error *err, const char *fmt, ...)
    PL_PRINTF(3, 4);
/* A broken chain at the row just read: counted, and a PL_MSG_GAP goes out. */
PL_MUST_USE int pl_job_gap(struct pl_import_job *job, struct pl_import_market *market,
                           int64_t venue_ns, int64_t local_ns, struct pl_error *err,
                           const char *fmt, ...) PL_PRINTF(6, 7);

/* A hole in candles: counted with the gaps; no message goes out, for no book is stale. */
void pl_job_hole(struct pl_import_job *job, const char *fmt, ...) PL_PRINTF(2, 3);

/* The market of a symbol; *out NULL when --symbol names another one. PL_ERR_LIMIT. */
PL_MUST_USE int pl_job_market(struct pl_import_job *job, struct pl_str symbol,
                              struct pl_import_market **out, struct pl_error *err);
/* For data that names no symbol: the only market, or one called by --symbol or `fallback`. */
PL_MUST_USE int pl_job_market_only(struct pl_import_job *job, const char *fallback,
                                   struct pl_import_market **out, struct pl_error *err);
/* Names venue and kind unless the user did, splits the symbol into base and quote. While probing. */
void pl_job_identify(struct pl_import_job *job, struct pl_import_market *market, const char *venue,
                     enum pl_inst_kind kind);

/* Onto the grid. 0; PL_ERR_OFFGRID or PL_ERR_OVERFLOW: a bad row, unless job->probing came on. */
PL_MUST_USE int pl_job_off_grid(struct pl_import_job *job, struct pl_grid *grid,
                                struct pl_decimal value, int64_t *out);

PL_MUST_USE static inline int pl_job_px(struct pl_import_job *job, struct pl_import_market *market,
                                        struct pl_decimal value, int64_t *out)
{
    if (PL_LIKELY(!job->probing) && PL_LIKELY(pl_grid_steps(&market->px, value, out) == 0)) {
        return 0;
    }
    return pl_job_off_grid(job, &market->px, value, out);
}

PL_MUST_USE static inline int pl_job_qty(struct pl_import_job *job, struct pl_import_market *market,
                                         struct pl_decimal value, int64_t *out)
{
    if (PL_LIKELY(!job->probing) && PL_LIKELY(value.mantissa >= 0) &&
        PL_LIKELY(pl_grid_steps(&market->qty, value, out) == 0)) {
        return 0;
    }
    return value.mantissa < 0 ? PL_ERR_INVALID : pl_job_off_grid(job, &market->qty, value, out);
}

/* Why a number was refused, for pl_job_bad. */
const char *pl_job_why(int rc);

/* Room for `count` rows in job->px and job->lots. */
PL_MUST_USE int pl_job_rows(struct pl_import_job *job, uint32_t count, struct pl_error *err);
/* Room for more levels; PL_ERR_NOMEM, or PL_ERR_LIMIT above 16 Mi. Freed by free(side->at). */
PL_MUST_USE int pl_import_side_grow(struct pl_import_side *side);
/* bids then asks of job->bids and job->asks as rows. Returns their number, or the code of a level
 * that is no good. */
PL_MUST_USE int64_t pl_job_level_rows(struct pl_import_job *job, struct pl_import_market *market,
                                      struct pl_error *err);

/* local minus the newest latency, not before the stream's last venue stamp: for messages that carry
 * no stamp. False when no latency is known at all. */
bool pl_job_estimate(const struct pl_import_market *market, int stream, int64_t local_ns,
                     int64_t *venue_ns);
/* Whether the stamps can be believed beside their predecessors; otherwise the row is counted as bad
 * and *keep is false. Notes the latency. For rows with both stamps. */
PL_MUST_USE int pl_job_stamps(struct pl_import_job *job, struct pl_import_market *market,
                              int64_t venue_ns, int64_t local_ns, bool *keep, struct pl_error *err);
/* Hands a message over: market, local order and counts are put right here. */
PL_MUST_USE int pl_job_emit(struct pl_import_job *job, struct pl_import_market *market, int stream,
                            struct pl_msg *msg, struct pl_error *err);
/* The end of pl_job_emit: counts and gives to the sink. The queue calls it. */
PL_MUST_USE int pl_job_put(struct pl_import_job *job, struct pl_import_market *market,
                           struct pl_msg *msg, struct pl_error *err);

#endif
