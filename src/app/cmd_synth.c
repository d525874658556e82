/* plimsoll synth: a generated market as a tape, and the measures of any tape. */
#include "app/app.h"

#include "base/assert.h"
#include "codec/tape/tape.h"
#include "import/import.h"
#include "synth/measure.h"
#include "synth/synth.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SLICE_NS   (10 * PL_NS_PER_S) /* of market time between looks at the clock */
#define PROGRESS_S 0.5

struct synth_args {
    struct pl_synth_cfg cfg;
    const char *out;
    bool json, measure;
    uint32_t markets_given, profiles, symbols;
};

static const char help_text[] =
    "usage: plimsoll synth -o OUT.tape [OPTIONS]\n"
    "       plimsoll synth --measure FILE... [--json]\n"
    "\n"
    "Makes a realistic market from a seed, published as a venue would: snapshot, depth diffs, "
    "best\n"
    "bid/ask, trades, mark and funding. The same seed gives the same tape on every machine.\n"
    "\n"
    "  -o, --out FILE          the tape to write\n"
    "      --seed N            default 1\n"
    "      --duration D        90s, 30m, 1h, 24h, 2d; default 1h\n"
    "      --profile P[,P...]  one per market, the last repeats; default btcusdt\n"
    "      --markets N         1 to 16 correlated markets; default 1\n"
    "      --symbol S          name of the next market; may be repeated\n"
    "      --rate X            all rates times X, 0.01 to 100; default 1\n"
    "      --common X          share of variance the markets have in common; default 0.7\n"
    "      --lag D             how much later the other markets see the news; default 20ms\n"
    "      --start TIME        2026-01-05T07:30:00Z (the default) or a date\n"
    "      --snapshot-every D  a snapshot again and again; default only at the start\n"
    "      --measure           print the measures of docs/synth.md for tapes or captures\n"
    "      --json              for machines\n"
    "  -h, --help\n"
    "\n";

static void help(void)
{
    (void)fputs(help_text, stdout);
    (void)printf("profiles:\n");
    for (size_t i = 0; i < pl_synth_profile_count; i++) {
        (void)printf("  %-10s %s\n", pl_synth_profiles[i].name, pl_synth_profiles[i].help);
    }
    (void)printf("\nexample: half an hour of two correlated perpetuals, and what they look like\n"
                 "  plimsoll synth -o two.tape --seed 7 --duration 30m --markets 2 "
                 "--profile btcusdt,ethusdt\n"
                 "  plimsoll synth --measure two.tape\n");
}

static int parse_u64(const char *option, const char *text, uint64_t max, uint64_t *out,
                     struct pl_error *err)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != 0 || errno != 0 || value > max) {
        return pl_error_set(err, PL_ERR_USAGE, "%s %s: a whole number from 0 to %llu is needed",
                            option, text, (unsigned long long)max);
    }
    *out = value;
    return 0;
}

static int parse_f64(const char *option, const char *text, double *out, struct pl_error *err)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != 0) {
        return pl_error_set(err, PL_ERR_USAGE, "%s %s: a number is needed", option, text);
    }
    *out = value;
    return 0;
}

static int parse_duration(const char *option, const char *text, int64_t *out, struct pl_error *err)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}};
    char *end;
    double value = strtod(text, &end);
    for (size_t i = 0; i < PL_COUNT(units); i++) {
        double ns = value * units[i].ns;
        if (end != text && strcmp(end, units[i].unit) == 0 && ns >= 0 && ns < 9e18) {
            *out = (int64_t)ns;
            return 0;
        }
    }
    return pl_error_set(err, PL_ERR_USAGE, "%s %s: a duration like 500ms, 90s, 30m, 1h or 2d",
                        option, text);
}

/* Days since 1970-01-01 of a Gregorian date (Hinnant's days_from_civil). */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year, era = y / 400;
    int64_t in_era = y - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

/* `before` (0 = nothing), then exactly `count` digits within [lo, hi]; moves *text behind them. */
static bool read_field(const char **text, char before, int count, int lo, int hi, int *out)
{
    const char *at = *text;
    if (before != 0 && *at++ != before) {
        return false;
    }
    int value = 0;
    for (int i = 0; i < count; i++, at++) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        value = value * 10 + (*at - '0');
    }
    *text = at;
    *out = value;
    return value >= lo && value <= hi;
}

/* 2026-01-05, 2026-01-05T07:30 or 2026-01-05T07:30:00, each with or without a final Z. */
static int parse_start(const char *text, int64_t *out, struct pl_error *err)
{
    static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *at = text;
    int y = 0, mo = 1, d = 0, h = 0, mi = 0, s = 0;
    bool ok = read_field(&at, 0, 4, 1970, 2099, &y) && read_field(&at, '-', 2, 1, 12, &mo) &&
              read_field(&at, '-', 2, 1, month_days[mo - 1], &d);
    if (ok && *at == 'T') {
        ok = read_field(&at, 'T', 2, 0, 23, &h) && read_field(&at, ':', 2, 0, 59, &mi) &&
             (*at != ':' || read_field(&at, ':', 2, 0, 59, &s));
    }
    if (!ok || (at[0] != 0 && strcmp(at, "Z") != 0)) {
        return pl_error_set(err, PL_ERR_USAGE,
                            "--start %s: a UTC time like 2026-01-05T07:30:00Z, 1970 to 2099", text);
    }
    *out = (days_of(y, mo, d) * 86400 + h * 3600 + mi * 60 + s) * PL_NS_PER_S;
    return 0;
}

static int parse_profiles(struct synth_args *args, const char *text, struct pl_error *err)
{
    args->profiles = 0;
    while (true) {
        struct pl_str name = {text, strcspn(text, ",")};
        const struct pl_synth_profile *p = pl_synth_profile_find(name);
        if (p == NULL) {
            return pl_error_set(err, PL_ERR_USAGE,
                                "--profile %.*s: no such profile; --help lists them",
                                (int)name.size, name.at);
        }
        if (args->profiles == PL_SYNTH_MARKETS_MAX) {
            return pl_error_set(err, PL_ERR_USAGE, "--profile: at most %d", PL_SYNTH_MARKETS_MAX);
        }
        args->cfg.market[args->profiles++].profile = p;
        if (text[name.size] == 0) {
            return 0;
        }
        text += name.size + 1;
    }
}

static int parse_symbol(struct synth_args *args, const char *text, struct pl_error *err)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t size = strlen(text);
    if (args->symbols == PL_SYNTH_MARKETS_MAX) {
        return pl_error_set(err, PL_ERR_USAGE, "--symbol: at most %d", PL_SYNTH_MARKETS_MAX);
    }
    char *into = args->cfg.market[args->symbols].symbol;
    if (size == 0 || size >= sizeof args->cfg.market[0].symbol || strspn(text, allowed) != size) {
        return pl_error_set(err, PL_ERR_USAGE,
                            "--symbol %s: 1 to 31 letters, digits, '_', '-' or '.'", text);
    }
    (void)snprintf(into, sizeof args->cfg.market[0].symbol, "%s", text);
    args->symbols++;
    return 0;
}

enum {
    OPT_SEED = 256,
    OPT_DURATION,
    OPT_PROFILE,
    OPT_MARKETS,
    OPT_SYMBOL,
    OPT_RATE,
    OPT_COMMON,
    OPT_LAG,
    OPT_START,
    OPT_SNAPSHOT,
    OPT_MEASURE,
    OPT_JSON
};

static const struct option options[] = {
    {"out", required_argument, NULL, 'o'},
    {"seed", required_argument, NULL, OPT_SEED},
    {"duration", required_argument, NULL, OPT_DURATION},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"markets", required_argument, NULL, OPT_MARKETS},
    {"symbol", required_argument, NULL, OPT_SYMBOL},
    {"rate", required_argument, NULL, OPT_RATE},
    {"common", required_argument, NULL, OPT_COMMON},
    {"lag", required_argument, NULL, OPT_LAG},
    {"start", required_argument, NULL, OPT_START},
    {"snapshot-every", required_argument, NULL, OPT_SNAPSHOT},
    {"measure", no_argument, NULL, OPT_MEASURE},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int parse_option(struct synth_args *args, int option, const char *word, struct pl_error *err)
{
    uint64_t value = 0;
    int rc;
    switch (option) {
    case 'o':
        args->out = optarg;
        return 0;
    case OPT_SEED:
        return parse_u64("--seed", optarg, UINT64_MAX, &args->cfg.seed, err);
    case OPT_DURATION:
        return parse_duration("--duration", optarg, &args->cfg.duration_ns, err);
    case OPT_PROFILE:
        return parse_profiles(args, optarg, err);
    case OPT_MARKETS:
        rc = parse_u64("--markets", optarg, PL_SYNTH_MARKETS_MAX, &value, err);
        args->markets_given = (uint32_t)value;
        return rc < 0 || value > 0 ? rc
                                   : pl_error_set(err, PL_ERR_USAGE, "--markets 0: at least 1");
    case OPT_SYMBOL:
        return parse_symbol(args, optarg, err);
    case OPT_RATE:
        return parse_f64("--rate", optarg, &args->cfg.rate, err);
    case OPT_COMMON:
        return parse_f64("--common", optarg, &args->cfg.common, err);
    case OPT_LAG:
        return parse_duration("--lag", optarg, &args->cfg.lag_ns, err);
    case OPT_START:
        return parse_start(optarg, &args->cfg.start_ns, err);
    case OPT_SNAPSHOT:
        return parse_duration("--snapshot-every", optarg, &args->cfg.snapshot_every_ns, err);
    case OPT_MEASURE:
        args->measure = true;
        return 0;
    case OPT_JSON:
        args->json = true;
        return 0;
    default:
        return pl_error_set(err, PL_ERR_USAGE, "%s: not understood; --help lists the options",
                            word != NULL ? word : "?");
    }
}

/* 0, 1 when help was asked for and given, or PL_ERR_USAGE. */
static int parse_args(struct synth_args *args, int argc, char **argv, struct pl_error *err)
{
    *args = (struct synth_args){.cfg = pl_synth_cfg_default(&pl_synth_profiles[0])};
    args->profiles = 1;
    optind = 0; /* other verbs may have used getopt before */
    opterr = 0;
    for (;;) {
        int at = optind > 0 ? optind : 1;
        int option = getopt_long(argc, argv, "o:h", options, NULL);
        if (option == -1) {
            break;
        }
        if (option == 'h') {
            help();
            return 1;
        }
        int rc = parse_option(args, option, at < argc ? argv[at] : NULL, err);
        if (rc < 0) {
            return rc;
        }
    }
    uint32_t count = args->markets_given > 0 ? args->markets_given : args->profiles;
    count = args->symbols > count && args->markets_given == 0 ? args->symbols : count;
    if (args->symbols > count || args->profiles > count) {
        return pl_error_set(err, PL_ERR_USAGE, "more profiles or symbols than the %u markets",
                            count);
    }
    for (uint32_t i = args->profiles; i < count; i++) {
        args->cfg.market[i].profile = args->cfg.market[args->profiles - 1].profile;
    }
    args->cfg.market_count = count;
    if (!args->measure && args->out == NULL) {
        return pl_error_set(err, PL_ERR_USAGE, "-o OUT.tape is needed; --help shows an example");
    }
    if (!args->measure && optind < argc) {
        return pl_error_set(err, PL_ERR_USAGE, "%s: not understood; --help lists the options",
                            argv[optind]);
    }
    return 0;
}

/* Symbols that occur twice get "-2", "-3", ...: a tape tells its markets apart by name. */
static void name_markets(struct pl_synth_cfg *cfg)
{
    for (uint32_t i = 0; i < cfg->market_count; i++) {
        char *name = cfg->market[i].symbol;
        const char *base = name[0] != 0 ? name : cfg->market[i].profile->symbol;
        char plain[32];
        (void)snprintf(plain, sizeof plain, "%s", base);
        (void)snprintf(name, sizeof cfg->market[i].symbol, "%s", plain);
        for (uint32_t n = 2, j = 0; j < i;) {
            if (strcmp(cfg->market[j].symbol, name) != 0) {
                j++;
                continue;
            }
            (void)snprintf(name, sizeof cfg->market[i].symbol, "%.25s-%u", plain, n++);
            j = 0;
        }
    }
}

static double clock_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int generate(const struct synth_args *args, struct pl_synth *synth, struct pl_sink *sink,
                    struct pl_error *err)
{
    bool terminal = isatty(STDERR_FILENO) != 0, shown = false;
    double begun = clock_s(), next = begun + 1;
    int64_t start = args->cfg.start_ns, at = start;
    int rc;
    do {
        at += SLICE_NS;
        rc = pl_synth_advance(synth, sink, at, err);
        double now = terminal ? clock_s() : 0;
        if (terminal && now >= next) {
            double done = (double)(at - start) / (double)args->cfg.duration_ns;
            (void)fprintf(stderr, "\rsynth: %3.0f %%, %.0f M rows ", 100 * (done < 1 ? done : 1),
                          (double)pl_synth_counts(synth).rows / 1e6);
            next = now + PROGRESS_S;
            shown = true;
        }
    } while (rc == 1);
    if (shown) {
        (void)fprintf(stderr, "\r%40s\r", "");
    }
    return rc;
}

static void print_done(const struct synth_args *args, const struct pl_synth *synth, double seconds)
{
    struct pl_synth_counts n = pl_synth_counts(synth);
    double market_s = (double)args->cfg.duration_ns / 1e9;
    if (args->json) {
        (void)printf("{\"seed\": %llu, \"markets\": %u, \"duration_s\": %.3f, \"messages\": %llu, "
                     "\"rows\": %llu, \"trades\": %llu, \"wall_seconds\": %.3f}\n",
                     (unsigned long long)args->cfg.seed, args->cfg.market_count, market_s,
                     (unsigned long long)n.messages, (unsigned long long)n.rows,
                     (unsigned long long)n.trades, seconds);
        return;
    }
    (void)printf("%s: %u market%s, %.0f s, %llu messages, %llu rows, %llu trades "
                 "(%.2f s, %.1f M rows/s)\n",
                 args->out, args->cfg.market_count, args->cfg.market_count == 1 ? "" : "s",
                 market_s, (unsigned long long)n.messages, (unsigned long long)n.rows,
                 (unsigned long long)n.trades, seconds, (double)n.rows / 1e6 / seconds);
}

static int write_tape(struct synth_args *args, struct pl_error *err)
{
    struct pl_synth *synth = NULL;
    struct pl_tape_writer *writer = NULL;
    struct pl_tape_options tape = {.clock = PL_CLOCK_RAW};
    double begun = clock_s();
    name_markets(&args->cfg);
    int rc = pl_synth_create(&args->cfg, &synth, err);
    if (rc == 0) {
        rc = pl_tape_writer_create(args->out, &tape, &writer, err);
    }
    if (rc == 0) {
        rc = generate(args, synth, pl_tape_writer_sink(writer), err);
    }
    if (rc == 0) {
        rc = pl_tape_writer_finish(writer, err);
    }
    if (rc == 0) {
        print_done(args, synth, clock_s() - begun);
    }
    pl_tape_writer_destroy(&writer);
    pl_synth_destroy(&synth);
    return rc;
}

struct column { /* one market of one tape */
    char symbol[32];
    struct pl_market_stats stats;
};

static void print_measures(const struct column *column, uint32_t count, bool json)
{
    if (json) {
        (void)printf("[");
        for (uint32_t c = 0; c < count; c++) {
            (void)printf("%s{\"symbol\": \"%s\"", c > 0 ? ",\n " : "", column[c].symbol);
            for (size_t r = 0; r < pl_measure_row_count; r++) {
                (void)printf(", \"%s\": %.9g", pl_measure_rows[r].name,
                             pl_measure_value(&column[c].stats, r));
            }
            (void)printf("}");
        }
        (void)printf("]\n");
        return;
    }
    (void)printf("%-20s", "measure");
    for (uint32_t c = 0; c < count; c++) {
        (void)printf(" %14.14s", column[c].symbol);
    }
    (void)printf("  %-12s %s\n", "unit", "what");
    for (size_t r = 0; r < pl_measure_row_count; r++) {
        (void)printf("%-20s", pl_measure_rows[r].name);
        for (uint32_t c = 0; c < count; c++) {
            (void)printf(" %14.5g", pl_measure_value(&column[c].stats, r));
        }
        (void)printf("  %-12s %s\n", pl_measure_rows[r].unit, pl_measure_rows[r].what);
    }
}

static int measure_open(const char *const *paths, size_t count, struct column *column,
                        uint32_t *used, struct pl_error *err)
{
    static struct pl_import_report report;
    struct pl_market_stats stats[PL_SYNTH_MARKETS_MAX];
    struct pl_import_options as_found = {0};
    struct pl_source *source = NULL;
    int rc = pl_import_open(paths, count, &as_found, &source, &report, err);
    if (rc < 0) {
        return rc;
    }
    if (*used + source->market_count > PL_SYNTH_MARKETS_MAX) {
        rc = pl_error_set(err, PL_ERR_LIMIT, "%s: at most %d markets can be measured at once",
                          paths[0], PL_SYNTH_MARKETS_MAX);
    } else {
        rc = pl_measure_source(source, stats, PL_SYNTH_MARKETS_MAX, err);
    }
    for (int i = 0; i < rc; i++) {
        (void)snprintf(column[*used].symbol, sizeof column[0].symbol, "%s",
                       source->insts[i].symbol);
        column[(*used)++].stats = stats[i];
    }
    source->close(source);
    return rc < 0 ? rc : 0;
}

static bool is_tape(const char *path)
{
    size_t size = strlen(path);
    return size > 5 && strcmp(path + size - 5, ".tape") == 0;
}

/* Tapes one by one; captures between them are parts of one recording. */
static int measure_files(const struct synth_args *args, int files, char **path,
                         struct pl_error *err)
{
    static struct column column[PL_SYNTH_MARKETS_MAX];
    uint32_t used = 0;
    if (files == 0) {
        return pl_error_set(err, PL_ERR_USAGE, "--measure: which files? --help shows an example");
    }
    for (int i = 0, n; i < files; i += n) {
        for (n = 1; !is_tape(path[i]) && i + n < files && !is_tape(path[i + n]);) {
            n++;
        }
        int rc = measure_open((const char *const *)(path + i), (size_t)n, column, &used, err);
        if (rc < 0) {
            return rc;
        }
    }
    print_measures(column, used, args->json);
    return 0;
}

int pl_cmd_synth(int argc, char **argv)
{
    struct synth_args args;
    struct pl_error err = {0};
    int rc = parse_args(&args, argc, argv, &err);
    if (rc == 1) {
        return 0;
    }
    if (rc == 0) {
        rc = args.measure ? measure_files(&args, argc - optind, argv + optind, &err)
                          : write_tape(&args, &err);
    }
    return rc < 0 ? pl_app_fail("synth", &err) : 0;
}
