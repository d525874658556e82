/* The arena, and the digests and draws that everything repeatable rests on. */
#include "base/arena.h"
#include "base/assert.h"
#include "base/rand.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_taken_memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 64, 65, 4096, (size_t)1 << 20, 3 << 20, 7, 0};
    struct pl_arena *arena;
    assert_int_equal(pl_arena_create(&arena), 0);
    unsigned char *at[PL_COUNT(sizes)];
    size_t used = 0;
    for (size_t i = 0; i < PL_COUNT(sizes); i++) {
        at[i] = pl_arena_take(arena, sizes[i], 1);
        assert_non_null(at[i]);
        assert_int_equal((uintptr_t)at[i] % 64, 0);
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_int_equal(at[i][k], 0);
        }
        memset(at[i], (int)i + 1, sizes[i]);
        used += (sizes[i] + 63) / 64 * 64;
    }
    for (size_t i = 0; i < PL_COUNT(sizes); i++) { /* nobody wrote over a neighbour */
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_int_equal(at[i][k], i + 1);
        }
    }
    assert_int_equal(pl_arena_used(arena), used);
    assert_null(pl_arena_take(arena, SIZE_MAX / 2, 3)); /* the product overflows */
    assert_null(pl_arena_take(arena, SIZE_MAX - 5, 1));
    assert_int_equal(pl_arena_used(arena), used);
    pl_arena_destroy(&arena);
    assert_null(arena);
    pl_arena_destroy(&arena);
    pl_arena_destroy(NULL);
}

static void test_a_take_after_the_seal_is_our_own_bug(void **state)
{
    (void)state;
    struct pl_arena *arena;
    assert_int_equal(pl_arena_create(&arena), 0);
    assert_non_null(pl_arena_take(arena, 1, 8));
    pl_arena_seal(arena);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(STDERR_FILENO); /* the assertion's words are not this test's */
        (void)signal(SIGABRT, SIG_DFL);
        (void)pl_arena_take(arena, 1, 8);
        _exit(0);
    }
    int status;
    assert_true(waitpid(child, &status, 0) == child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pl_arena_destroy(&arena);
}

static void test_digests_are_the_published_numbers(void **state)
{
    (void)state;
    /* SplitMix64 with seed 0: its first outputs are pl_mix64 of multiples of the golden gamma. */
    assert_true(pl_mix64(UINT64_C(0x9e3779b97f4a7c15)) == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(pl_mix64(UINT64_C(0x3c6ef372fe94f82a)) == UINT64_C(0x6e789e6aa1b965f4));
    uint64_t a = pl_digest_u64(pl_digest_u64(0, 1), 2), b = pl_digest_u64(pl_digest_u64(0, 2), 1);
    assert_true(a != b);
    assert_true(pl_digest_u64(0, 0) != 0);
}

static void test_a_digest_of_bytes_knows_length_and_place(void **state)
{
    (void)state;
    static const char text[] = "0123456789abcdef0123456789abcdef";
    uint64_t seen[33];
    for (size_t n = 0; n <= 32; n++) {
        seen[n] = pl_digest_bytes(1, text, n);
        for (size_t k = 0; k < n; k++) {
            assert_true(seen[k] != seen[n]);
        }
    }
    char moved[64];
    memcpy(moved + 1, text, 32); /* alignment does not matter */
    assert_true(pl_digest_bytes(1, moved + 1, 32) == seen[32]);
    assert_true(pl_digest_bytes(1, NULL, 0) == seen[0]);
    assert_true(pl_digest_bytes(1, "\0\0", 2) != pl_digest_bytes(1, "\0\0\0", 3));
    assert_true(pl_digest_bytes(2, text, 32) != seen[32]);
}

static void test_draws_are_uniform_and_independent_of_order(void **state)
{
    (void)state;
    enum { CELLS = 64, DRAWS = 64 * 4096 };
    static uint32_t count[CELLS];
    double sum = 0, lag = 0, last = 0.5;
    for (uint64_t i = 0; i < DRAWS; i++) {
        double u = pl_rand_unit(7, PL_STREAM_SYNTH, 3, i);
        assert_true(u > 0 && u < 1);
        count[(size_t)(u * CELLS)]++;
        sum += u;
        lag += (u - 0.5) * (last - 0.5);
        last = u;
    }
    double chi2 = 0;
    for (size_t i = 0; i < CELLS; i++) {
        double d = (double)count[i] - (double)DRAWS / CELLS;
        chi2 += d * d / ((double)DRAWS / CELLS);
    }
    assert_true(chi2 > 30 && chi2 < 110); /* 63 degrees of freedom: 1e-4 tails either side */
    assert_true(sum / DRAWS > 0.498 && sum / DRAWS < 0.502);
    assert_true(lag / DRAWS < 0.001 && lag / DRAWS > -0.001);
    uint64_t one = pl_rand_u64(7, PL_STREAM_SYNTH, 3, 11);
    assert_true(one != pl_rand_u64(8, PL_STREAM_SYNTH, 3, 11));
    assert_true(one != pl_rand_u64(7, PL_STREAM_OUTAGE, 3, 11));
    assert_true(one != pl_rand_u64(7, PL_STREAM_SYNTH, 4, 11));
    assert_true(one == pl_rand_u64(7, PL_STREAM_SYNTH, 3, 11));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(test_a_take_after_the_seal_is_our_own_bug),
        cmocka_unit_test(test_digests_are_the_published_numbers),
        cmocka_unit_test(test_a_digest_of_bytes_knows_length_and_place),
        cmocka_unit_test(test_draws_are_uniform_and_independent_of_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
