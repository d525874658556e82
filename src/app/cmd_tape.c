/* plimsoll tape info|verify|head|cut|merge: what a person does with tapes. */
#include "app/app.h"

#include "base/assert.h"
#include "base/utc.h"
#include "codec/tape/ops.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct options {
    struct pl_tape_head_options head;
    const char *output;
    enum pl_clock_rule clock;
    bool clock_given, range_given;
    bool json, timed;
};

static void print_help(void)
{
    fputs("usage: plimsoll tape info   [--json] TAPE...\n"
          "       plimsoll tape verify [--json] [--time] TAPE...\n"
          "       plimsoll tape head   [-n N] [--rows N] [--from TIME] [--to TIME] [--raw] "
          "[--json] TAPE\n"
          "       plimsoll tape cut    [--from TIME] [--to TIME] -o OUT TAPE\n"
          "       plimsoll tape merge  [--clock RULE] -o OUT TAPE TAPE...\n"
          "\n"
          "  info     markets, kinds of messages, times, size, clocks and latency\n"
          "  verify   every checksum, digest and summary, the order, and remarks about the data;\n"
          "           exit code 5 when the tape is not what was written\n"
          "  head     the first messages as text\n"
          "  cut      messages with FROM <= venue time < TO into a new tape, stamps as received\n"
          "  merge    several tapes into one by venue time; equal markets become one\n"
          "\n"
          "  -n N           messages to print (default 10)\n"
          "  --rows N       rows of each message to print (default 4)\n"
          "  --from, --to   2024-08-08T23:54:16.298, or nanoseconds since 1970; UTC\n"
          "  --raw          local times as received, before the tape's clock rule\n"
          "  --clock RULE   raw, floor or moving: for tapes that differ\n"
          "  --time         decode again and again for about a second and print rows per second\n"
          "  --json         for machines; head prints one object a line\n"
          "\n"
          "A tape that is cut reads to its last whole block: info says what is lost.\n"
          "\n"
          "exit code: 0 done; 2 wrong arguments; 3 the tape cannot be used; 4 a file could not be\n"
          "read or written; 5 verification failed\n"
          "\n"
          "example: plimsoll tape cut --from 2024-08-08T23:55 --to 2024-08-08T23:56 -o minute.tape "
          "btcusdt.tape\n",
          stdout);
}

static int fail(const struct pl_error *err)
{
    return pl_app_fail("tape", err);
}

static int usage(const char *fmt, ...) PL_PRINTF(1, 2);

static int usage(const char *fmt, ...)
{
    struct pl_error err = {.code = PL_ERR_USAGE};
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(err.text, sizeof err.text, fmt, args);
    va_end(args);
    return pl_app_fail("tape", &err);
}

static int print_json(json_t *json)
{
    if (json == NULL || json_dumpf(json, stdout, JSON_INDENT(2)) != 0) {
        struct pl_error err;
        json_decref(json);
        (void)pl_error_set(&err, PL_ERR_NOMEM, "the JSON could not be made");
        return fail(&err);
    }
    json_decref(json);
    (void)putchar('\n');
    return 0;
}

/* ---- info ---- */

static int run_info(const struct options *opt, const char *const *paths, int count)
{
    for (int i = 0; i < count; i++) {
        struct pl_tape_info *info;
        struct pl_error err;
        int code = 0;
        if (pl_tape_info_read(paths[i], &info, &err) < 0) {
            return fail(&err);
        }
        if (opt->json) {
            code = print_json(pl_tape_info_json(info));
        } else {
            (void)printf("%s%s\n", i > 0 ? "\n" : "", paths[i]);
            pl_tape_info_print(info, stdout);
        }
        pl_tape_info_destroy(&info);
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

/* ---- verify ---- */

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct speed {
    double best_s; /* of one pass over the tape */
    uint64_t rows, passes;
};

/* Passes over the whole tape for about half a second; the fastest is what the machine can do. */
static int measure(struct pl_tape_pass *pass, bool check_hashes, struct speed *out,
                   struct pl_error *err)
{
    double begin = now_s(), last = begin;
    *out = (struct speed){.best_s = 1e9};
    while (last - begin < 0.5 || out->passes < 3) {
        int rc = pl_tape_pass_run(pass, check_hashes, &out->rows, err);
        if (rc < 0) {
            return rc;
        }
        double now = now_s();
        out->best_s = now - last < out->best_s ? now - last : out->best_s;
        out->passes++;
        last = now;
    }
    return 0;
}

static int run_time(const struct options *opt, const char *path)
{
    struct pl_tape_pass *pass;
    struct pl_error err;
    struct speed speed[2] = {{.best_s = 1e9}, {.best_s = 1e9}};
    int rc = pl_tape_pass_open(path, &pass, &err);
    if (rc < 0) {
        return fail(&err);
    }
    for (int hashes = 0; hashes < 2 && rc == 0; hashes++) {
        rc = measure(pass, hashes == 1, &speed[hashes], &err);
    }
    pl_tape_pass_close(&pass);
    if (rc < 0) {
        return fail(&err);
    }
    double rate[2] = {(double)speed[0].rows / speed[0].best_s,
                      (double)speed[1].rows / speed[1].best_s};
    if (opt->json) {
        return print_json(json_pack("{s:s, s:I, s:f, s:f}", "tape", path, "rows",
                                    (json_int_t)speed[0].rows, "rows_per_s_without_hashes", rate[0],
                                    "rows_per_s_with_hashes", rate[1]));
    }
    (void)printf("%s: %" PRIu64 " rows decoded from the page cache on one core, best of %" PRIu64
                 " and %" PRIu64 " passes\n"
                 "  with hash checks (as always)  %8.1f M rows/s  %.3f ms a pass\n"
                 "  without hash checks           %8.1f M rows/s  %.3f ms a pass\n",
                 path, speed[0].rows, speed[1].passes, speed[0].passes, rate[1] * 1e-6,
                 speed[1].best_s * 1e3, rate[0] * 1e-6, speed[0].best_s * 1e3);
    return 0;
}

static int run_verify(const struct options *opt, const char *const *paths, int count)
{
    int worst = 0;
    for (int i = 0; i < count; i++) {
        struct pl_tape_verdict verdict;
        struct pl_error err;
        if (pl_tape_verify(paths[i], &verdict, &err) < 0) {
            return fail(&err);
        }
        int code = 0;
        if (opt->json) {
            code = print_json(pl_tape_verdict_json(&verdict));
        } else {
            pl_tape_verdict_print(&verdict, paths[i], stdout);
        }
        code = verdict.fault_count > 0 ? 5 : code;
        if (code == 0 && opt->timed) {
            code = run_time(opt, paths[i]);
        }
        worst = code > worst ? code : worst;
    }
    return worst;
}

/* ---- head, cut, merge ---- */

static int run_head(const struct options *opt, const char *const *paths, int count)
{
    if (count != 1) {
        return usage("head prints one tape");
    }
    struct pl_error err;
    struct pl_tape_head_options head = opt->head;
    head.json = opt->json;
    return pl_tape_head(paths[0], &head, stdout, &err) < 0 ? fail(&err) : 0;
}

static int report_edit(const struct options *opt, const struct pl_tape_edit *edit)
{
    if (edit->lost[0] != '\0') {
        (void)fprintf(stderr, "plimsoll tape: %s\n", edit->lost);
    }
    if (opt->json) {
        return print_json(json_pack("{s:s, s:I, s:I, s:I, s:s}", "tape", opt->output, "messages",
                                    (json_int_t)edit->messages, "rows", (json_int_t)edit->rows,
                                    "markets", (json_int_t)edit->markets, "lost", edit->lost));
    }
    (void)printf("%s: %" PRIu64 " messages, %" PRIu64 " rows, %u markets\n", opt->output,
                 edit->messages, edit->rows, edit->markets);
    return 0;
}

static int run_cut(const struct options *opt, const char *const *paths, int count)
{
    if (count != 1 || opt->output == NULL || !opt->range_given) {
        return usage("cut needs one tape, -o OUT, and --from or --to");
    }
    struct pl_tape_edit edit;
    struct pl_error err;
    int64_t to_ns = opt->head.to_ns != 0 ? opt->head.to_ns : INT64_MAX;
    if (pl_tape_cut_copy(paths[0], opt->output, opt->head.from_ns, to_ns, &edit, &err) < 0) {
        return fail(&err);
    }
    return report_edit(opt, &edit);
}

static int run_merge(const struct options *opt, const char *const *paths, int count)
{
    if (count < 2 || opt->output == NULL) {
        return usage("merge needs two tapes or more, and -o OUT");
    }
    struct pl_tape_edit edit;
    struct pl_error err;
    if (pl_tape_merge(paths, (uint32_t)count, opt->output, opt->clock_given ? &opt->clock : NULL,
                      &edit, &err) < 0) {
        return fail(&err);
    }
    return report_edit(opt, &edit);
}

/* ---- arguments ---- */

static int parse_count(const char *name, const char *text, uint64_t most, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || strchr(text, '-') != NULL || v > most) {
        return usage("%s is '%s', not a whole number up to %llu", name, text,
                     (unsigned long long)most);
    }
    *out = v;
    return 0;
}

static int parse_time(const char *name, const char *text, int64_t *out)
{
    return pl_utc_parse(pl_str(text), out) < 0
               ? usage("%s is '%s', not a time like 2024-08-08T23:54:16.298 or nanoseconds", name,
                       text)
               : 0;
}

static int parse_clock(const char *text, struct options *opt)
{
    for (int r = PL_CLOCK_RAW; r <= PL_CLOCK_MOVING; r++) {
        if (strcmp(text, pl_clock_rule_name((enum pl_clock_rule)r)) == 0) {
            opt->clock = (enum pl_clock_rule)r;
            opt->clock_given = true;
            return 0;
        }
    }
    return usage("--clock is '%s', not raw, floor or moving", text);
}

static int parse_option(int c, struct options *opt)
{
    uint64_t rows = 0;
    int code = 0;
    switch (c) {
    case 'n':
        return parse_count("-n", optarg, UINT64_MAX, &opt->head.messages);
    case 'r':
        code = parse_count("--rows", optarg, UINT32_MAX, &rows);
        opt->head.rows = (uint32_t)rows;
        return code;
    case 'f':
        opt->range_given = true;
        return parse_time("--from", optarg, &opt->head.from_ns);
    case 't':
        opt->range_given = true;
        return parse_time("--to", optarg, &opt->head.to_ns);
    case 'c':
        return parse_clock(optarg, opt);
    case 'o':
        opt->output = optarg;
        return 0;
    case 'R':
        opt->head.as_received = true;
        return 0;
    case 'T':
        opt->timed = true;
        return 0;
    case 'j':
        opt->json = true;
        return 0;
    default:
        return usage("see plimsoll tape --help");
    }
}

static const struct {
    const char *name;
    int (*run)(const struct options *opt, const char *const *paths, int count);
    const char *takes; /* options besides --json, by their letters */
} actions[] = {
    {"info", run_info, ""},  {"verify", run_verify, "T"}, {"head", run_head, "nrftR"},
    {"cut", run_cut, "fto"}, {"merge", run_merge, "co"},
};

static int run_action(size_t action, int argc, char **argv)
{
    static const struct option longs[] = {
        {"rows", required_argument, NULL, 'r'},   {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 't'},     {"clock", required_argument, NULL, 'c'},
        {"output", required_argument, NULL, 'o'}, {"raw", no_argument, NULL, 'R'},
        {"time", no_argument, NULL, 'T'},         {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    struct options opt = {.head = {.messages = 10, .rows = 4}};
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "n:o:h", longs, NULL)) != -1) {
        if (c == 'h') {
            print_help();
            return 0;
        }
        if (c != '?' && c != 'j' && strchr(actions[action].takes, c) == NULL) {
            return usage("%s does not take that option; plimsoll tape --help shows who does",
                         actions[action].name);
        }
        int code = parse_option(c, &opt);
        if (code != 0) {
            return code;
        }
    }
    if (optind == argc) {
        return usage("%s needs a tape", actions[action].name);
    }
    if (opt.head.from_ns != 0 && opt.head.to_ns == 0) {
        opt.head.to_ns = INT64_MAX;
    }
    return actions[action].run(&opt, (const char *const *)argv + optind, argc - optind);
}

int pl_cmd_tape(int argc, char **argv)
{
    if (argc < 2) {
        return usage("info, verify, head, cut or merge; plimsoll tape --help shows an example");
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return 0;
    }
    for (size_t a = 0; a < PL_COUNT(actions); a++) {
        if (strcmp(argv[1], actions[a].name) == 0) {
            return run_action(a, argc - 1, argv + 1);
        }
    }
    return usage("'%s' is not info, verify, head, cut or merge", argv[1]);
}
