/* Runs a command and says what it cost, measured from a small process: wall seconds from before the
 * start to the exit, processor seconds, and the peak resident size (a parent's own size would be
 * counted if a large one started the command).
 *
 * usage: bench_run RESULT.json COMMAND [ARGUMENT...]   exit code: the command's */
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double time_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: bench_run RESULT.json COMMAND [ARGUMENT...]\n");
        return 2;
    }
    double begin = seconds();
    pid_t child;
    if (posix_spawnp(&child, argv[2], NULL, NULL, argv + 2, environ) != 0) {
        perror(argv[2]);
        return 127;
    }
    int status;
    struct rusage used;
    if (wait4(child, &status, 0, &used) < 0) {
        perror("wait4");
        return 127;
    }
    double wall = seconds() - begin;
    FILE *out = fopen(argv[1], "w");
    if (out == NULL) {
        perror(argv[1]);
        return 127;
    }
    (void)fprintf(out, "{\"wall_s\": %.6f, \"cpu_s\": %.6f, \"peak_bytes\": %lld}\n", wall,
                  time_of(used.ru_utime) + time_of(used.ru_stime),
                  (long long)used.ru_maxrss * 1024);
    if (fclose(out) != 0) {
        return 127;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
