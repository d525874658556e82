/* How fast a compressed file can be unpacked at all, by the same reader that imports use: the bound
 * beside import figures. Prints JSON: bytes in, bytes out, seconds (the best of three).
 *
 * usage: bench_inflate FILE.gz */
#include "import/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHUNK ((size_t)256 << 10)

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int64_t unpack(const char *path, void *chunk, uint64_t *packed, struct pl_error *err)
{
    struct pl_input *in = NULL;
    int rc = pl_input_open(path, &in, err);
    if (rc < 0) {
        return rc;
    }
    int64_t all = 0, n;
    while ((n = pl_input_read(in, chunk, CHUNK, err)) > 0) {
        all += n;
    }
    *packed = pl_input_total(in);
    pl_input_close(&in);
    return n < 0 ? n : all;
}

int main(int argc, char **argv)
{
    void *chunk = malloc(CHUNK);
    if (argc != 2 || chunk == NULL) {
        (void)fprintf(stderr, "usage: bench_inflate FILE.gz\n");
        free(chunk);
        return 2;
    }
    struct pl_error err = {0};
    double best = 1e9;
    uint64_t packed = 0;
    int64_t size = 0;
    for (int i = 0; i < 3 && size >= 0; i++) {
        double begin = seconds();
        size = unpack(argv[1], chunk, &packed, &err);
        double took = seconds() - begin;
        best = took < best ? took : best;
    }
    free(chunk);
    if (size < 0) {
        (void)fprintf(stderr, "bench_inflate: %s\n", err.text);
        return 1;
    }
    (void)printf("{\"packed_bytes\": %llu, \"bytes\": %lld, \"seconds\": %.6f}\n",
                 (unsigned long long)packed, (long long)size, best);
    return 0;
}
