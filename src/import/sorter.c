#include "import/sorter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUN_ITEMS   (size_t)(128 * 1024)
#define MERGE_ITEMS (size_t)256 /* read ahead of each run */

struct run {
    uint64_t first, count; /* items in the temporary file */
    uint64_t taken;
    size_t at, have; /* of the read-ahead */
    struct pl_sort_item *ahead;
};

struct pl_sorter {
    struct pl_sort_item *item, *scratch;
    size_t count;
    FILE *spill;
    uint64_t spilled;
    struct run *run;
    struct pl_sort_item *ahead; /* of all runs */
    size_t run_count;
    size_t *heap, heap_count; /* runs by their next item */
    size_t given;             /* of items in memory, when nothing was spilled */
    bool backward;
    uint64_t ordinal, disorder, rises; /* steps back and forth in time */
    int64_t last_ns;
};

int pl_sorter_create(struct pl_sorter **out)
{
    struct pl_sorter *s = calloc(1, sizeof *s);
    *out = s;
    if (s == NULL) {
        return PL_ERR_NOMEM;
    }
    s->item = malloc(RUN_ITEMS * sizeof *s->item);
    s->scratch = malloc(RUN_ITEMS * sizeof *s->scratch);
    s->last_ns = INT64_MIN;
    if (s->item == NULL || s->scratch == NULL) {
        pl_sorter_destroy(out);
        return PL_ERR_NOMEM;
    }
    return 0;
}

static void forget_runs(struct pl_sorter *s)
{
    free(s->heap);
    s->heap = NULL;
    free(s->ahead);
    s->ahead = NULL;
    free(s->run);
    s->run = NULL;
    s->run_count = 0;
    if (s->spill != NULL) {
        fclose(s->spill);
        s->spill = NULL;
    }
    s->spilled = 0;
}

void pl_sorter_destroy(struct pl_sorter **sorter)
{
    struct pl_sorter *s = *sorter;
    *sorter = NULL;
    if (s == NULL) {
        return;
    }
    forget_runs(s);
    free(s->item);
    free(s->scratch);
    free(s);
}

static bool comes_before(const struct pl_sorter *s, const struct pl_sort_item *a,
                         const struct pl_sort_item *b)
{
    if (a->venue_ns != b->venue_ns) {
        return a->venue_ns < b->venue_ns;
    }
    return s->backward ? a->ordinal > b->ordinal : a->ordinal < b->ordinal;
}

/* Bottom-up merge sort of the run in memory. */
static void sort_run(struct pl_sorter *s)
{
    struct pl_sort_item *from = s->item, *to = s->scratch;
    for (size_t width = 1; width < s->count; width *= 2) {
        for (size_t lo = 0; lo < s->count; lo += 2 * width) {
            size_t mid = lo + width < s->count ? lo + width : s->count;
            size_t hi = lo + 2 * width < s->count ? lo + 2 * width : s->count;
            size_t a = lo, b = mid;
            for (size_t k = lo; k < hi; k++) {
                bool left = b >= hi || (a < mid && comes_before(s, &from[a], &from[b]));
                to[k] = left ? from[a++] : from[b++];
            }
        }
        struct pl_sort_item *swap = from;
        from = to;
        to = swap;
    }
    s->item = from;
    s->scratch = to;
}

static int spill_run(struct pl_sorter *s, struct pl_error *err)
{
    if (s->spill == NULL) {
        s->spill = tmpfile();
        if (s->spill == NULL) {
            return pl_error_set(err, PL_ERR_IO, "cannot make a temporary file to sort rows in");
        }
    }
    struct run *run = realloc(s->run, (s->run_count + 1) * sizeof *run);
    if (run == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    s->run = run;
    s->run[s->run_count++] = (struct run){.first = s->spilled, .count = s->count};
    if (fwrite(s->item, sizeof *s->item, s->count, s->spill) != s->count) {
        return pl_error_set(err, PL_ERR_IO, "cannot write the temporary file: is the disk full?");
    }
    s->spilled += s->count;
    s->count = 0;
    return 0;
}

int pl_sorter_add(struct pl_sorter *s, struct pl_sort_item item, struct pl_error *err)
{
    if (s->count == RUN_ITEMS) {
        if (s->run_count == 0) {
            s->backward = s->disorder > s->rises;
        }
        sort_run(s);
        int rc = spill_run(s, err);
        if (rc < 0) {
            return rc;
        }
    }
    item.ordinal = s->ordinal++;
    s->disorder += item.venue_ns < s->last_ns;
    s->rises += item.venue_ns > s->last_ns && s->ordinal > 1;
    s->last_ns = item.venue_ns;
    s->item[s->count++] = item;
    return 0;
}

static int refill(struct pl_sorter *s, struct run *r, struct pl_error *err)
{
    uint64_t left = r->count - r->taken;
    size_t n = left < MERGE_ITEMS ? (size_t)left : MERGE_ITEMS;
    long at = (long)((r->first + r->taken) * sizeof *s->item);
    if (fseek(s->spill, at, SEEK_SET) != 0 || fread(r->ahead, sizeof *r->ahead, n, s->spill) != n) {
        return pl_error_set(err, PL_ERR_IO, "cannot read the temporary file back");
    }
    r->taken += n;
    r->at = 0;
    r->have = n;
    return 0;
}

/* The runs' heads as a binary heap of run indices. */
static void sift_down(const struct pl_sorter *s, size_t *heap, size_t count, size_t i)
{
    for (;;) {
        size_t best = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++) {
            const struct run *a = &s->run[heap[child]], *b = &s->run[heap[best]];
            if (comes_before(s, &a->ahead[a->at], &b->ahead[b->at])) {
                best = child;
            }
        }
        if (best == i) {
            return;
        }
        size_t swap = heap[i];
        heap[i] = heap[best];
        heap[best] = swap;
        i = best;
    }
}

static int start_merge(struct pl_sorter *s, struct pl_error *err)
{
    s->heap = calloc(s->run_count, sizeof *s->heap);
    s->ahead = calloc(s->run_count * MERGE_ITEMS, sizeof *s->ahead);
    if (s->heap == NULL || s->ahead == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "out of memory");
    }
    s->heap_count = s->run_count;
    for (size_t i = 0; i < s->heap_count; i++) {
        s->heap[i] = i;
        s->run[i].ahead = s->ahead + i * MERGE_ITEMS;
        int rc = refill(s, &s->run[i], err);
        if (rc < 0) {
            return rc;
        }
    }
    for (size_t i = s->heap_count / 2; i-- > 0;) {
        sift_down(s, s->heap, s->heap_count, i);
    }
    return 0;
}

int pl_sorter_finish(struct pl_sorter *s, struct pl_error *err)
{
    if (s->run_count == 0) {
        s->backward = s->disorder > s->rises;
    }
    sort_run(s);
    s->given = 0;
    if (s->run_count == 0) {
        return 0;
    }
    int rc = s->count > 0 ? spill_run(s, err) : 0;
    return rc < 0 ? rc : start_merge(s, err);
}

int pl_sorter_next(struct pl_sorter *s, struct pl_sort_item *out, struct pl_error *err)
{
    if (s->run_count == 0) {
        if (s->given == s->count) {
            return 0;
        }
        *out = s->item[s->given++];
        return 1;
    }
    if (s->heap_count == 0) {
        return 0;
    }
    struct run *r = &s->run[s->heap[0]];
    *out = r->ahead[r->at++];
    if (r->at == r->have && r->taken < r->count) {
        int rc = refill(s, r, err);
        if (rc < 0) {
            return rc;
        }
    } else if (r->at == r->have) {
        s->heap[0] = s->heap[--s->heap_count];
    }
    sift_down(s, s->heap, s->heap_count, 0);
    return 1;
}

uint64_t pl_sorter_disorder(const struct pl_sorter *s)
{
    return s->disorder;
}
