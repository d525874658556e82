/* A sink that keeps what it is given, so that tests can look at it; and the market data on disk. */
#ifndef PL_TEST_COLLECT_H
#define PL_TEST_COLLECT_H

#include "base/assert.h"
#include "import/import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct collect {
    struct pl_sink sink; /* first: the sink is the collector */
    struct pl_msg *msg;
    size_t count, cap;
    struct pl_inst inst[PL_IMPORT_MARKETS_MAX];
    int inst_count;
    int begun; /* how often the import started */
};

static void collect_clear(struct collect *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free((void *)(uintptr_t)c->msg[i].px);
        free((void *)(uintptr_t)c->msg[i].lots);
    }
    free(c->msg);
    c->msg = NULL;
    c->count = c->cap = 0;
    c->inst_count = 0;
}

static int64_t *collect_copy(const int64_t *from, uint32_t count)
{
    int64_t *to = calloc(count + 1u, sizeof *to);
    PL_ASSERT(to != NULL);
    if (count > 0) {
        memcpy(to, from, count * sizeof *to);
    }
    return to;
}

static int collect_put(struct pl_sink *self, const struct pl_msg *msg, struct pl_error *err)
{
    struct collect *c = (struct collect *)self;
    (void)err;
    if (c->count == c->cap) {
        c->cap = c->cap == 0 ? 1024 : c->cap * 2;
        c->msg = realloc(c->msg, c->cap * sizeof *c->msg);
        PL_ASSERT(c->msg != NULL);
    }
    PL_ASSERT(msg->market < c->inst_count && msg->bid_count <= msg->row_count);
    struct pl_msg copy = *msg;
    copy.px = collect_copy(msg->px, msg->row_count);
    copy.lots = collect_copy(msg->lots, msg->row_count);
    c->msg[c->count++] = copy;
    return 0;
}

static int collect_define(struct pl_sink *self, const struct pl_inst *inst, int of,
                          struct pl_error *err)
{
    struct collect *c = (struct collect *)self;
    (void)err;
    PL_ASSERT(of < 0);
    c->inst[c->inst_count] = *inst;
    return c->inst_count++;
}

static struct pl_sink *collect_begin(void *self, struct pl_error *err)
{
    struct collect *c = self;
    (void)err;
    collect_clear(c);
    c->begun++;
    c->sink = (struct pl_sink){collect_put, collect_define};
    return &c->sink;
}

/* Imports text; returns the code. */
static inline int collect_text(struct collect *c, const char *text,
                               const struct pl_import_options *opt, struct pl_import_report *report,
                               struct pl_error *err)
{
    struct pl_import_target target = {collect_begin, c};
    return pl_import_run_memory(text, strlen(text), opt, &target, report, err);
}

static inline int collect_files(struct collect *c, const char *const *paths, size_t count,
                                const struct pl_import_options *opt,
                                struct pl_import_report *report, struct pl_error *err)
{
    struct pl_import_target target = {collect_begin, c};
    return pl_import_run(paths, count, opt, &target, report, err);
}

/* A path under PL_DATA, or NULL (said aloud) when there is no market data here. */
static inline const char *data_path(const char *name, char *buf, size_t size)
{
    const char *root = getenv("PL_DATA");
    if (root == NULL) {
        static const char *const places[] = {"../shared/data", "../../shared/data",
                                             "../../../shared/data", "../../../../shared/data"};
        for (size_t i = 0; i < PL_COUNT(places) && root == NULL; i++) {
            root = access(places[i], R_OK) == 0 ? places[i] : NULL;
        }
    }
    if (root == NULL) {
        printf("SKIPPED: no market data (set PL_DATA)\n");
        return NULL;
    }
    snprintf(buf, size, "%s/%s", root, name);
    if (access(buf, R_OK) != 0) {
        printf("SKIPPED: no market data at %s\n", name);
        return NULL;
    }
    return buf;
}

#endif
