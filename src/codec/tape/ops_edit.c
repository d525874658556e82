/* plimsoll tape cut and merge: new tapes from old ones, stamps as received. */
#include "codec/tape/cols.h"
#include "codec/tape/format.h"
#include "codec/tape/index.h"
#include "codec/tape/ops.h"

#include <unistd.h>

/* One tape that is read, and where its definitions are in the new one. */
struct input {
    struct pl_source *source;
    const struct pl_block *block; /* NULL = at its end */
    uint32_t at;                  /* next message of the block */
    uint32_t *inst;               /* definition i of this tape is inst[i] of the new one; in map */
};

struct edit {
    struct input *input;
    uint32_t count;
    struct pl_tape_writer *writer;
    uint32_t *map;        /* of all inputs, one behind the other */
    struct pl_inst *inst; /* definitions of the new tape and their markets */
    uint32_t *inst_market;
    uint32_t inst_count;
    struct pl_tape_edit *result;
};

static int refuse_existing(const char *path, struct pl_error *err)
{
    return access(path, F_OK) == 0
               ? pl_error_set(err, PL_ERR_EXISTS, "%s: exists; nothing was written", path)
               : 0;
}

static int no_memory(struct pl_error *err)
{
    return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
}

static void close_all(struct edit *e)
{
    for (uint32_t i = 0; e->input != NULL && i < e->count; i++) {
        if (e->input[i].source != NULL) {
            e->input[i].source->close(e->input[i].source);
        }
    }
    free(e->input);
    free(e->map);
    free(e->inst);
    free(e->inst_market);
    pl_tape_writer_destroy(&e->writer);
}

static int open_all(struct edit *e, const char *const *paths, uint32_t count, int64_t from_ns,
                    int64_t to_ns, struct pl_error *err)
{
    struct pl_tape_read_options options = {.from_ns = from_ns, .to_ns = to_ns, .as_received = true};
    uint32_t definitions = 0;
    e->count = count;
    e->input = calloc(count + (size_t)1, sizeof *e->input);
    if (e->input == NULL) {
        return no_memory(err);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct input *in = &e->input[i];
        int rc = pl_tape_open(paths[i], &options, &in->source, err);
        if (rc < 0) {
            return rc;
        }
        definitions += in->source->inst_count;
        const char *lost = pl_tape_source_facts(in->source)->lost;
        if (lost[0] != '\0' && e->result->lost[0] == '\0') {
            (void)snprintf(e->result->lost, sizeof e->result->lost, "%s: %s", paths[i], lost);
        }
    }
    e->inst = calloc(definitions + (size_t)1, sizeof *e->inst);
    e->inst_market = calloc(definitions + (size_t)1, sizeof *e->inst_market);
    e->map = calloc(definitions + (size_t)1, sizeof *e->map);
    if (e->inst == NULL || e->inst_market == NULL || e->map == NULL) {
        return no_memory(err);
    }
    uint32_t *map = e->map;
    for (uint32_t i = 0; i < count; i++) {
        e->input[i].inst = map;
        map += e->input[i].source->inst_count;
    }
    return 0;
}

/* Equal as they would be stored: nothing else of a definition counts. */
static bool same_inst(const struct pl_inst *a, const struct pl_inst *b)
{
    struct pl_tape_buf x = {0}, y = {0};
    pl_tape_inst_put(&x, a, 0);
    pl_tape_inst_put(&y, b, 0);
    bool same = !x.failed && !y.failed && memcmp(x.at, y.at, x.size) == 0;
    pl_tape_buf_free(&x);
    pl_tape_buf_free(&y);
    return same;
}

/* The new tape's number of a definition: one that is there already, or a new one. `of` < 0 looks
 * for a market. */
static int place_inst(struct edit *e, const struct pl_inst *inst, int of, struct pl_error *err)
{
    for (uint32_t i = 0; i < e->inst_count; i++) {
        bool candidate = of < 0 ? i < e->result->markets
                                : i >= e->result->markets && e->inst_market[i] == (uint32_t)of;
        if (candidate && same_inst(&e->inst[i], inst)) {
            return (int)i;
        }
    }
    struct pl_sink *sink = pl_tape_writer_sink(e->writer);
    int at = sink->define(sink, inst, of, err);
    if (at < 0) {
        return at;
    }
    e->inst[at] = *inst;
    e->inst_market[at] = of < 0 ? (uint32_t)at : (uint32_t)of;
    e->inst_count++;
    e->result->markets += of < 0;
    return at;
}

/* Markets of all tapes first, then their changed definitions: the order that a tape wants. */
static int place_definitions(struct edit *e, struct pl_error *err)
{
    for (int changes = 0; changes < 2; changes++) {
        for (uint32_t k = 0; k < e->count; k++) {
            const struct pl_source *s = e->input[k].source;
            uint32_t first = changes ? s->market_count : 0;
            uint32_t end = changes ? s->inst_count : s->market_count;
            for (uint32_t i = first; i < end; i++) {
                uint32_t market = pl_tape_source_inst_market(s, i);
                int of = changes ? (int)e->input[k].inst[market] : -1;
                int at = place_inst(e, &s->insts[i], of, err);
                if (at < 0) {
                    return at;
                }
                e->input[k].inst[i] = (uint32_t)at;
            }
        }
    }
    return 0;
}

static int next_block(struct input *in, struct pl_error *err)
{
    in->at = 0;
    int rc = in->source->next(in->source, &in->block, err);
    if (rc != 1) {
        in->block = NULL;
    }
    return rc < 0 ? rc : 0;
}

static int copy_message(struct edit *e, struct input *in, struct pl_error *err)
{
    struct pl_sink *sink = pl_tape_writer_sink(e->writer);
    struct pl_msg m = pl_tape_block_msg(in->block, in->at);
    m.market = (uint16_t)in->inst[m.market];
    if (m.kind == PL_MSG_INST) {
        m.seq = in->inst[m.seq];
    }
    int rc = sink->put(sink, &m, err);
    if (rc < 0) {
        return rc;
    }
    e->result->messages++;
    e->result->rows += m.row_count;
    return ++in->at == in->block->msg_count ? next_block(in, err) : 0;
}

/* A few tapes: looking at each beats keeping them in a heap. Ties go to the earlier tape. */
static int copy_all(struct edit *e, struct pl_error *err)
{
    for (uint32_t i = 0; i < e->count; i++) {
        int rc = next_block(&e->input[i], err);
        if (rc < 0) {
            return rc;
        }
    }
    for (;;) {
        struct input *best = NULL;
        for (uint32_t i = 0; i < e->count; i++) {
            struct input *in = &e->input[i];
            if (in->block != NULL &&
                (best == NULL || in->block->venue_ns[in->at] < best->block->venue_ns[best->at])) {
                best = in;
            }
        }
        int rc = best != NULL ? copy_message(e, best, err) : 0;
        if (rc < 0 || best == NULL) {
            return rc;
        }
    }
}

static int write_edit(struct edit *e, const char *to_path, enum pl_clock_rule clock,
                      struct pl_error *err)
{
    struct pl_tape_options options = {.clock = clock};
    for (uint32_t i = 0; i < e->count; i++) {
        int64_t window = pl_tape_source_facts(e->input[i].source)->reorder_window_ns;
        options.reorder_window_ns =
            window > options.reorder_window_ns ? window : options.reorder_window_ns;
    }
    int rc = pl_tape_writer_create(to_path, &options, &e->writer, err);
    if (rc == 0) {
        rc = place_definitions(e, err);
    }
    if (rc == 0) {
        rc = copy_all(e, err);
    }
    return rc < 0 ? rc : pl_tape_writer_finish(e->writer, err);
}

int pl_tape_cut_copy(const char *from_path, const char *to_path, int64_t from_ns, int64_t to_ns,
                     struct pl_tape_edit *result, struct pl_error *err)
{
    *result = (struct pl_tape_edit){.markets = 0};
    struct edit e = {.result = result};
    int rc = refuse_existing(to_path, err);
    if (rc == 0) {
        rc = open_all(&e, &from_path, 1, from_ns, to_ns, err);
    }
    if (rc == 0 && e.input != NULL) {
        rc = write_edit(&e, to_path, pl_tape_source_facts(e.input[0].source)->clock, err);
    }
    close_all(&e);
    return rc;
}

int pl_tape_merge(const char *const *paths, uint32_t count, const char *to_path,
                  const enum pl_clock_rule *clock, struct pl_tape_edit *result,
                  struct pl_error *err)
{
    *result = (struct pl_tape_edit){.markets = 0};
    struct edit e = {.result = result};
    int rc = refuse_existing(to_path, err);
    if (rc == 0) {
        rc = open_all(&e, paths, count, 0, 0, err);
    }
    enum pl_clock_rule rule = PL_CLOCK_RAW;
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        enum pl_clock_rule theirs = pl_tape_source_facts(e.input[i].source)->clock;
        rule = clock != NULL ? *clock : i == 0 ? theirs : rule;
        if (clock == NULL && theirs != rule) {
            rc = pl_error_set(err, PL_ERR_INVALID,
                              "%s has clock rule %s, %s has %s: choose one with --clock", paths[0],
                              pl_clock_rule_name(rule), paths[i], pl_clock_rule_name(theirs));
        }
    }
    if (rc == 0) {
        rc = write_edit(&e, to_path, rule, err);
    }
    close_all(&e);
    return rc;
}
