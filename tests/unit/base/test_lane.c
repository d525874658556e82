/* The lane against a plain queue, at its limits, and between two threads. */
#include "base/assert.h"
#include "base/lane.h"
#include "base/rand.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_sizes_of_a_lane(void **state)
{
    (void)state;
    static const struct {
        size_t bytes;
        int rc;
    } cases[] = {
        {0, PL_ERR_INVALID},
        {128, PL_ERR_INVALID},
        {256, 0},
        {257, PL_ERR_INVALID},
        {3 << 10, PL_ERR_INVALID},
        {1 << 16, 0},
        {(size_t)1 << 31, PL_ERR_INVALID},
    };
    for (size_t i = 0; i < PL_COUNT(cases); i++) {
        struct pl_lane *lane = (struct pl_lane *)(uintptr_t)1;
        assert_int_equal(pl_lane_create(cases[i].bytes, &lane), cases[i].rc);
        assert_int_equal(lane != NULL, cases[i].rc == 0);
        pl_lane_destroy(&lane);
        assert_null(lane);
    }
    pl_lane_destroy(NULL);
}

static void test_a_full_lane_refuses_counts_and_loses_nothing(void **state)
{
    (void)state;
    struct pl_lane *lane;
    assert_int_equal(pl_lane_create(256, &lane), 0);
    uint64_t n = 0;
    while (pl_lane_push(lane, &n, sizeof n) == 0) { /* 16 bytes each */
        n++;
    }
    assert_int_equal(n, 16);
    assert_int_equal(pl_lane_push(lane, &n, sizeof n), PL_ERR_AGAIN);
    assert_null(pl_lane_reserve(lane, 8));
    assert_int_equal(pl_lane_refused(lane), 3);
    struct pl_lane_record record[3];
    uint64_t seen = 0;
    for (uint32_t got; (got = pl_lane_peek(lane, record, 3)) > 0;) {
        for (uint32_t i = 0; i < got; i++) {
            uint64_t value;
            assert_int_equal(record[i].size, sizeof value);
            assert_int_equal((uintptr_t)record[i].at % 8, 0);
            memcpy(&value, record[i].at, sizeof value);
            assert_int_equal(value, seen++);
        }
        pl_lane_pop(lane, got);
    }
    assert_int_equal(seen, 16);
    assert_int_equal(pl_lane_pushed(lane), 16);
    assert_int_equal(pl_lane_popped(lane), 16);
    assert_int_equal(pl_lane_push(lane, &n, sizeof n), 0); /* and there is room again */
    pl_lane_destroy(&lane);
}

static void test_the_largest_record_fits_an_empty_lane_wherever_it_stands(void **state)
{
    (void)state;
    unsigned char big[256] = {0};
    for (uint32_t before = 1; before <= 31; before++) {
        struct pl_lane *lane;
        struct pl_lane_record record;
        assert_int_equal(pl_lane_create(256, &lane), 0);
        uint32_t most = pl_lane_record_max(lane);
        assert_int_equal(most, 120);
        for (uint32_t i = 0; i < before; i++) { /* moves the place by 16 each */
            assert_int_equal(pl_lane_push(lane, big, 1 + i % 8), 0);
            assert_int_equal(pl_lane_peek(lane, &record, 1), 1);
            pl_lane_pop(lane, 1);
        }
        assert_int_equal(pl_lane_push(lane, big, most), 0);
        assert_int_equal(pl_lane_push(lane, big, most + 1), PL_ERR_LIMIT);
        assert_int_equal(pl_lane_peek(lane, &record, 1), 1);
        assert_int_equal(record.size, most);
        assert_int_equal(pl_lane_refused(lane), 0); /* too long is not too full */
        pl_lane_destroy(&lane);
    }
}

static void test_a_reserve_without_commit_is_never_seen(void **state)
{
    (void)state;
    struct pl_lane *lane;
    struct pl_lane_record record;
    assert_int_equal(pl_lane_create(256, &lane), 0);
    memset(pl_lane_reserve(lane, 100), 'a', 100);
    assert_int_equal(pl_lane_peek(lane, &record, 1), 0);
    memcpy(pl_lane_reserve(lane, 3), "bcd", 3);
    assert_int_equal(pl_lane_peek(lane, &record, 1), 0);
    pl_lane_commit(lane);
    assert_int_equal(pl_lane_peek(lane, &record, 1), 1);
    assert_int_equal(record.size, 3);
    assert_memory_equal(record.at, "bcd", 3);
    pl_lane_destroy(&lane);
}

#define QUEUE 64

/* What a record holds follows from its number, so either side can work it out. */
static uint32_t size_of(uint64_t number, uint32_t most)
{
    return 1 + (uint32_t)(pl_rand_u64(5, 0, 0, number) % most);
}

static void fill(unsigned char *at, uint64_t number, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        at[i] = (unsigned char)(number * 31 + i);
    }
}

static bool holds(const struct pl_lane_record *record, uint64_t number, uint32_t most)
{
    if (record->size != size_of(number, most)) {
        return false;
    }
    const unsigned char *at = record->at;
    for (uint32_t i = 0; i < record->size; i++) {
        if (at[i] != (unsigned char)(number * 31 + i)) {
            return false;
        }
    }
    return true;
}

static void test_the_same_as_a_plain_queue(void **state)
{
    (void)state;
    struct pl_lane *lane;
    assert_int_equal(pl_lane_create(1024, &lane), 0);
    uint32_t most = pl_lane_record_max(lane);
    uint64_t in = 0, out = 0, refused = 0;
    for (uint64_t turn = 0; turn < 200000; turn++) {
        uint64_t draw = pl_rand_u64(9, 1, 2, turn);
        unsigned char bytes[1024];
        struct pl_lane_record record[QUEUE];
        /* Runs of writing and of reading, so that it is often full and often empty. */
        if ((draw & 7) < ((turn >> 6 & 1) != 0 ? 6U : 2U)) {
            uint32_t size = size_of(in, most);
            fill(bytes, in, size);
            int rc = pl_lane_push(lane, bytes, size);
            assert_true(rc == 0 || (rc == PL_ERR_AGAIN && in > out));
            in += rc == 0;
            refused += rc != 0;
        } else {
            uint32_t got = pl_lane_peek(lane, record, 1 + (uint32_t)(draw >> 8) % QUEUE);
            assert_true(got > 0 || in == out);
            for (uint32_t i = 0; i < got; i++) {
                assert_true(holds(&record[i], out + i, most));
            }
            uint32_t take = got > 0 ? (uint32_t)(draw >> 40) % (got + 1) : 0;
            pl_lane_pop(lane, take);
            out += take;
        }
        assert_int_equal(pl_lane_pushed(lane) - pl_lane_popped(lane), in - out);
    }
    assert_true(in > 10000 && refused > 1000);
    assert_int_equal(pl_lane_refused(lane), refused);
    pl_lane_destroy(&lane);
}

#define STRESS UINT64_C(300000)
#define MOST   90

struct stress {
    struct pl_lane *lane;
    uint64_t refused;
};

static void *produce(void *arg)
{
    struct stress *s = arg;
    unsigned char bytes[MOST];
    for (uint64_t n = 0; n < STRESS;) {
        uint32_t size = size_of(n, MOST);
        unsigned char *at = (n & 1) != 0 ? pl_lane_reserve(s->lane, size) : bytes;
        if (at != NULL) {
            fill(at, n, size);
        }
        int rc = at == NULL ? PL_ERR_AGAIN : 0;
        if (at == bytes) {
            rc = pl_lane_push(s->lane, bytes, size);
        } else if (at != NULL) {
            pl_lane_commit(s->lane);
        }
        if (rc == 0) {
            n++;
        } else {
            s->refused++;
            sched_yield();
        }
    }
    return NULL;
}

static void test_two_threads(void **state)
{
    (void)state;
    struct stress s = {0};
    assert_int_equal(pl_lane_create(4096, &s.lane), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, produce, &s), 0);
    uint64_t wrong = 0;
    for (uint64_t n = 0; n < STRESS;) {
        struct pl_lane_record record[16];
        uint32_t got = pl_lane_peek(s.lane, record, PL_COUNT(record));
        for (uint32_t i = 0; i < got; i++) {
            wrong += !holds(&record[i], n + i, MOST);
        }
        pl_lane_pop(s.lane, got);
        n += got;
        if (got == 0) {
            sched_yield();
        }
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(wrong, 0);
    assert_int_equal(pl_lane_pushed(s.lane), STRESS);
    assert_int_equal(pl_lane_popped(s.lane), STRESS);
    assert_int_equal(pl_lane_refused(s.lane), s.refused);
    pl_lane_destroy(&s.lane);
}

static void test_taking_more_than_was_seen_is_our_own_bug(void **state)
{
    (void)state;
    struct pl_lane *lane;
    assert_int_equal(pl_lane_create(256, &lane), 0);
    assert_int_equal(pl_lane_push(lane, "x", 1), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(STDERR_FILENO); /* the assertion's words are not this test's */
        pl_lane_pop(lane, 1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    pl_lane_destroy(&lane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_of_a_lane),
        cmocka_unit_test(test_a_full_lane_refuses_counts_and_loses_nothing),
        cmocka_unit_test(test_the_largest_record_fits_an_empty_lane_wherever_it_stands),
        cmocka_unit_test(test_a_reserve_without_commit_is_never_seen),
        cmocka_unit_test(test_the_same_as_a_plain_queue),
        cmocka_unit_test(test_two_threads),
        cmocka_unit_test(test_taking_more_than_was_seen_is_our_own_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
