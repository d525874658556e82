/* What one core of this machine can read and copy: the bound beside figures that stream data.
 * Prints JSON: bytes a second reading 512 MiB (eight sums at once) and copying it (bytes read plus
 * bytes written), the best of seven passes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BYTES  ((size_t)512 << 20)
#define PASSES 7

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t sum(const uint64_t *at, size_t count)
{
    uint64_t s[8] = {0};
    for (size_t i = 0; i + 8 <= count; i += 8) {
        for (int k = 0; k < 8; k++) {
            s[k] += at[i + (size_t)k];
        }
    }
    return s[0] + s[1] + s[2] + s[3] + s[4] + s[5] + s[6] + s[7];
}

int main(void)
{
    uint64_t *from = malloc(BYTES), *to = malloc(BYTES);
    if (from == NULL || to == NULL) {
        (void)fprintf(stderr, "bandwidth: out of memory\n");
        return 1;
    }
    memset(from, 1, BYTES);
    memset(to, 2, BYTES);
    double read_best = 1e9, copy_best = 1e9;
    uint64_t check = 0;
    for (int i = 0; i < PASSES; i++) {
        double begin = seconds();
        check += sum(from, BYTES / sizeof *from);
        double middle = seconds();
        memcpy(to, from, BYTES);
        double end = seconds();
        check += to[check % (BYTES / sizeof *to)];
        read_best = middle - begin < read_best ? middle - begin : read_best;
        copy_best = end - middle < copy_best ? end - middle : copy_best;
    }
    (void)printf("{\"read_bytes_per_s\": %.0f, \"copy_bytes_per_s\": %.0f, "
                 "\"check\": %llu}\n",
                 (double)BYTES / read_best, 2 * (double)BYTES / copy_best,
                 (unsigned long long)check);
    free(from);
    free(to);
    return 0;
}
