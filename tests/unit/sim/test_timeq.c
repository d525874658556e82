/* The queue ordered by time against a stable insertion into a plain list, while it wraps and grows. */
#include "base/rand.h"
#include "sim/timeq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

struct item {
    int64_t t;
    uint64_t number;
};

#define ITEMS_MAX 4096

struct list {
    struct item at[ITEMS_MAX];
    uint32_t count;
};

static void list_push(struct list *l, struct item item)
{
    uint32_t i = l->count++;
    for (; i > 0 && l->at[i - 1].t > item.t; i--) {
        l->at[i] = l->at[i - 1];
    }
    l->at[i] = item;
}

static void check_equal(const struct pl_timeq *q, const struct list *l)
{
    assert_int_equal(q->count, l->count);
    assert_int_equal(q->next_ns, l->count > 0 ? l->at[0].t : PL_TIME_NEVER);
    for (uint32_t i = 0; i < l->count; i++) {
        const struct item *item = pl_timeq_at(q, i);
        assert_int_equal(item->t, l->at[i].t);
        assert_int_equal(item->number, l->at[i].number);
    }
}

/* `spread` how far a push may lie before the latest: 0 = in order. */
static void run(uint64_t seed, uint64_t spread, uint32_t fill)
{
    static struct list l;
    struct pl_timeq q;
    l.count = 0;
    assert_int_equal(pl_timeq_init(&q, sizeof(struct item), 1), 0);
    int64_t now = 1000;
    uint64_t n = 0;
    for (uint64_t i = 0; i < 4000; i++) {
        now += (int64_t)(pl_rand_u64(seed, 1, 0, n++) % 3);
        bool push = l.count == 0 || (l.count < fill && pl_rand_u64(seed, 1, 0, n++) % 5 < 3);
        if (push) {
            int64_t back = spread > 0 ? (int64_t)(pl_rand_u64(seed, 1, 0, n++) % spread) : 0;
            struct item item = {now - back, i};
            struct item *slot = pl_timeq_push(&q, item.t);
            *slot = item;
            list_push(&l, item);
        } else {
            struct item item = *(struct item *)pl_timeq_pop(&q);
            assert_int_equal(item.t, l.at[0].t);
            assert_int_equal(item.number, l.at[0].number);
            memmove(&l.at[0], &l.at[1], --l.count * sizeof l.at[0]);
        }
        if (i % 37 == 0) {
            check_equal(&q, &l);
        }
    }
    check_equal(&q, &l);
    assert_int_equal(q.grown > 0, fill > 64);
    pl_timeq_fini(&q);
}

static void test_against_a_list(void **state)
{
    (void)state;
    static const uint64_t spreads[] = {0, 1, 2, 30, 100000};
    for (size_t i = 0; i < PL_COUNT(spreads); i++) {
        run(i + 1, spreads[i], 60);
        run(i + 11, spreads[i], 600);
    }
}

static void test_equal_times_keep_their_order(void **state)
{
    (void)state;
    struct pl_timeq q;
    assert_int_equal(pl_timeq_init(&q, sizeof(struct item), 4), 0);
    static const int64_t times[] = {5, 7, 5, 5, 3, 7, 3};
    static const uint64_t order[] = {4, 6, 0, 2, 3, 1, 5};
    for (uint64_t i = 0; i < PL_COUNT(times); i++) {
        struct item *slot = pl_timeq_push(&q, times[i]);
        *slot = (struct item){times[i], i};
    }
    for (size_t i = 0; i < PL_COUNT(order); i++) {
        assert_int_equal(((struct item *)pl_timeq_pop(&q))->number, order[i]);
    }
    assert_int_equal(q.next_ns, PL_TIME_NEVER);
    pl_timeq_fini(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_a_list),
        cmocka_unit_test(test_equal_times_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
