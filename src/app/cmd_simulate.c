/* plimsoll simulate avellaneda: the table of Avellaneda and Stoikov 2008, its exact expectations, and
 * how far a simulation with this seed is from them. */
#include "app/app.h"

#include "app/workers.h"
#include "base/assert.h"
#include "math/simulate_avellaneda.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAMMAS_MAX  32
#define PATHS_MAX   100000000
#define CHECK_LIMIT 4.0 /* standard errors */
#define STATISTICS  5

struct options {
    uint64_t paths, seed;
    unsigned threads;
    bool form[3];     /* by enum pl_as_form */
    bool strategy[2]; /* inventory, symmetric */
    double gamma[GAMMAS_MAX];
    size_t gammas; /* 0: the published table */
    bool exact_only, check, json;
};

/* One row of the table. */
struct sim_row {
    struct pl_sim_as_params params;
    struct pl_sim_as *plan;
    struct pl_sim_as_exact exact;
    struct pl_sim_as_result result;
    struct pl_sim_as_sums *chunk; /* [chunks] */
};

struct table {
    struct options opt;
    struct sim_row row[3 * 2 * GAMMAS_MAX];
    size_t rows;
    uint64_t chunks; /* of each row */
    double worst;    /* largest distance in standard errors */
};

static const char *const form_names[] = {"paper", "variant", "fixed"};
static const char *const strategy_names[] = {"inventory", "symmetric"};

static void print_help(void)
{
    fputs("usage: plimsoll simulate avellaneda [options]\n"
          "\n"
          "Simulates the model of Avellaneda and Stoikov 2008 (s 100, T 1, sigma 2, 200 steps, k "
          "1.5,\n"
          "A 140) and compares with exact expectations from a recursion over the inventory.\n"
          "\n"
          "  --paths N        paths a row (default 100000)\n"
          "  --seed N         (default 1) the same seed gives the same figures on any machine\n"
          "  --threads N      (default: all cores) the result does not depend on it\n"
          "  --form LIST      paper, variant, fixed (default: all)\n"
          "  --gamma LIST     risk aversions (default: 0.1,0.01,0.5,1; for fixed 0.1)\n"
          "  --strategy LIST  inventory, symmetric (default: both)\n"
          "  --exact          the exact expectations only\n"
          "  --check          exit code 5 when a figure is more than 4 standard errors off\n"
          "  --json           for machines\n"
          "\n"
          "example: plimsoll simulate avellaneda --form paper --gamma 0.1 --paths 1000000\n",
          stdout);
}

static int usage(const char *fmt, ...) PL_PRINTF(1, 2);

static int usage(const char *fmt, ...)
{
    struct pl_error err = {.code = PL_ERR_USAGE};
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(err.text, sizeof err.text, fmt, args);
    va_end(args);
    return pl_app_fail("simulate", &err);
}

static int fail(int code, const char *words)
{
    struct pl_error err;
    (void)pl_error_set(&err, code, "%s", words);
    return pl_app_fail("simulate", &err);
}

static int parse_count(const char *name, const char *text, uint64_t least, uint64_t most,
                       uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || strchr(text, '-') != NULL || v < least ||
        v > most) {
        return usage("--%s is '%s', not a whole number from %llu to %llu", name, text,
                     (unsigned long long)least, (unsigned long long)most);
    }
    *out = v;
    return 0;
}

/* "a,b" with each word one of `names`; sets its flag. */
static int parse_names(const char *option, const char *text, const char *const *names, size_t count,
                       bool *flags)
{
    memset(flags, 0, count * sizeof *flags);
    for (const char *at = text;;) {
        size_t size = strcspn(at, ",");
        size_t i = 0;
        while (i < count && (strlen(names[i]) != size || memcmp(names[i], at, size) != 0)) {
            i++;
        }
        if (i == count) {
            return usage("--%s does not know '%.*s'", option, (int)size, at);
        }
        flags[i] = true;
        if (at[size] == '\0') {
            return 0;
        }
        at += size + 1;
    }
}

static int parse_gammas(const char *text, struct options *opt)
{
    opt->gammas = 0;
    for (const char *at = text;;) {
        char *end;
        double g = strtod(at, &end);
        if (end == at || (*end != ',' && *end != '\0') || !(g >= 0.0 && g <= 1000.0)) {
            return usage("--gamma is '%s', not numbers from 0 to 1000", text);
        }
        if (opt->gammas == GAMMAS_MAX) {
            return usage("--gamma takes at most %d numbers", GAMMAS_MAX);
        }
        opt->gamma[opt->gammas++] = g;
        if (*end == '\0') {
            return 0;
        }
        at = end + 1;
    }
}

static int parse_option(int option, struct options *opt)
{
    uint64_t threads = 1;
    int rc;
    switch (option) {
    case 'p':
        return parse_count("paths", optarg, 2, PATHS_MAX, &opt->paths);
    case 's':
        return parse_count("seed", optarg, 0, UINT64_MAX, &opt->seed);
    case 't':
        rc = parse_count("threads", optarg, 1, 256, &threads);
        opt->threads = (unsigned)threads;
        return rc;
    case 'f':
        return parse_names("form", optarg, form_names, 3, opt->form);
    case 'g':
        return parse_gammas(optarg, opt);
    case 'y':
        return parse_names("strategy", optarg, strategy_names, 2, opt->strategy);
    case 'e':
        opt->exact_only = true;
        return 0;
    case 'c':
        opt->check = true;
        return 0;
    case 'j':
        opt->json = true;
        return 0;
    default: /* getopt_long has said what is wrong */
        return usage("plimsoll simulate --help lists the options");
    }
}

/* 0, an exit code, or -1 when --help was answered. */
static int parse(int argc, char **argv, struct options *opt)
{
    static const struct option longs[] = {
        {"paths", required_argument, NULL, 'p'},
        {"seed", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'},
        {"form", required_argument, NULL, 'f'},
        {"gamma", required_argument, NULL, 'g'},
        {"strategy", required_argument, NULL, 'y'},
        {"exact", no_argument, NULL, 'e'},
        {"check", no_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *opt = (struct options){.paths = 100000,
                            .seed = 1,
                            .threads = pl_workers_cores(),
                            .form = {true, true, true},
                            .strategy = {true, true}};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (c == 'h') {
            print_help();
            return -1;
        }
        int rc = parse_option(c, opt);
        if (rc != 0) {
            return rc;
        }
    }
    if (optind + 1 != argc || strcmp(argv[optind], "avellaneda") != 0) {
        return usage("which model? it knows 'avellaneda'");
    }
    if (opt->exact_only && opt->check) {
        return usage("--exact runs nothing that --check could compare");
    }
    return 0;
}

static int add_row(struct table *t, enum pl_as_form form, double gamma, bool symmetric)
{
    struct sim_row *row = &t->row[t->rows];
    row->params = pl_sim_as_published(form, gamma, symmetric);
    int rc = pl_sim_as_create(&row->params, &row->plan);
    if (rc < 0) {
        return rc;
    }
    t->rows++;
    row->exact = pl_sim_as_exact(row->plan);
    if (!t->opt.exact_only) {
        row->chunk = calloc(t->chunks, sizeof *row->chunk);
    }
    return t->opt.exact_only || row->chunk != NULL ? 0 : PL_ERR_NOMEM;
}

static int add_rows(struct table *t)
{
    static const double published[] = {0.1, 0.01, 0.5, 1.0};
    for (int form = PL_AS_PAPER; form <= PL_AS_FIXED; form++) {
        const double *gamma = t->opt.gammas > 0 ? t->opt.gamma : published;
        size_t gammas = t->opt.gammas > 0 ? t->opt.gammas : form == PL_AS_FIXED ? 1 : 4;
        for (size_t g = 0; t->opt.form[form] && g < gammas; g++) {
            for (int symmetric = 0; symmetric < 2; symmetric++) {
                int rc = t->opt.strategy[symmetric]
                             ? add_row(t, (enum pl_as_form)form, gamma[g], symmetric != 0)
                             : 0;
                if (rc < 0) {
                    return rc;
                }
            }
        }
    }
    return 0;
}

static void run_task(void *ctx, uint64_t task)
{
    struct table *t = ctx;
    struct sim_row *row = &t->row[task / t->chunks];
    uint64_t chunk = task % t->chunks;
    pl_sim_as_chunk(row->plan, t->opt.seed, chunk, t->opt.paths, &row->chunk[chunk]);
}

static double distance(struct pl_estimate e, double exact)
{
    double off = fabs(e.value - exact);
    return off == 0.0 ? 0.0 : off / e.se;
}

/* What is compared in a row: name, simulated, exact. */
struct statistic {
    const char *name;
    struct pl_estimate got;
    double exact;
};

static void statistics_of(const struct sim_row *row, struct statistic out[STATISTICS])
{
    const struct pl_sim_as_result *r = &row->result;
    const struct pl_sim_as_exact *e = &row->exact;
    out[0] = (struct statistic){"profit", r->profit, e->profit};
    out[1] = (struct statistic){"sd_profit", r->profit_sd, e->profit_sd};
    out[2] = (struct statistic){"q", r->q, e->q};
    out[3] = (struct statistic){"sd_q", r->q_sd, e->q_sd};
    out[4] = (struct statistic){"fills", r->fills, e->fills};
}

static int simulate(struct table *t)
{
    int rc = pl_workers_run(t->opt.threads, t->rows * t->chunks, run_task, t, "simulate");
    if (rc < 0) {
        return rc;
    }
    for (size_t i = 0; i < t->rows; i++) {
        struct pl_sim_as_sums total = {0};
        for (uint64_t c = 0; c < t->chunks; c++) {
            pl_sim_as_add(&total, &t->row[i].chunk[c]);
        }
        t->row[i].result = pl_sim_as_result(t->row[i].plan, &total);
        struct statistic s[STATISTICS];
        statistics_of(&t->row[i], s);
        for (size_t k = 0; k < STATISTICS; k++) {
            double d = distance(s[k].got, s[k].exact);
            t->worst = d <= t->worst ? t->worst : d; /* NAN counts as worse */
        }
    }
    return 0;
}

/* A rounding residue is printed as 0.0000, not -0.0000. */
static double without_sign(double x)
{
    return fabs(x) < 5e-5 ? 0.0 : x;
}

static void print_table(const struct table *t)
{
    printf("Avellaneda and Stoikov 2008: s 100, T 1, sigma 2, 200 steps, k 1.5, A 140\n");
    if (t->opt.exact_only) {
        printf("exact expectations; E final q is 0 in every row\n\n");
    } else {
        printf("%llu paths a row, seed %llu; under each figure: exact (distance in standard "
               "errors)\n\n",
               (unsigned long long)t->opt.paths, (unsigned long long)t->opt.seed);
    }
    printf("%-8s %6s %-10s %8s %19s %19s %19s %19s %19s\n", "form", "gamma", "strategy", "spread",
           "profit", "sd profit", "final q", "sd q", "fills");
    for (size_t i = 0; i < t->rows; i++) {
        const struct sim_row *row = &t->row[i];
        struct statistic s[STATISTICS];
        statistics_of(row, s);
        printf("%-8s %6g %-10s %8.4f", form_names[row->params.as.form], row->params.as.gamma,
               strategy_names[row->params.symmetric], row->exact.spread);
        for (size_t k = 0; k < STATISTICS; k++) {
            printf(" %19.4f", t->opt.exact_only ? without_sign(s[k].exact) : s[k].got.value);
        }
        if (!t->opt.exact_only) {
            printf("\n%35s", "");
            for (size_t k = 0; k < STATISTICS; k++) {
                printf(" %11.4f (%+5.2f)", without_sign(s[k].exact),
                       s[k].got.value == s[k].exact ? 0.0
                                                    : (s[k].got.value - s[k].exact) / s[k].got.se);
            }
        }
        putchar('\n');
    }
    if (!t->opt.exact_only) {
        printf("\nlargest distance: %.2f standard errors\n", t->worst);
    }
}

static void print_json(const struct table *t)
{
    printf("{\"model\":\"avellaneda\",\"paths\":%llu,\"seed\":%llu,\"rows\":[",
           (unsigned long long)(t->opt.exact_only ? 0 : t->opt.paths),
           (unsigned long long)t->opt.seed);
    for (size_t i = 0; i < t->rows; i++) {
        const struct sim_row *row = &t->row[i];
        struct statistic s[STATISTICS];
        statistics_of(row, s);
        printf("%s\n{\"form\":\"%s\",\"gamma\":%.17g,\"strategy\":\"%s\",\"spread\":%.17g",
               i > 0 ? "," : "", form_names[row->params.as.form], row->params.as.gamma,
               strategy_names[row->params.symmetric], row->exact.spread);
        for (size_t k = 0; k < STATISTICS; k++) {
            printf(",\"%s\":{\"exact\":%.17g", s[k].name, s[k].exact);
            if (!t->opt.exact_only) {
                printf(",\"simulated\":%.17g,\"se\":%.17g", s[k].got.value, s[k].got.se);
            }
            putchar('}');
        }
        putchar('}');
    }
    printf("]");
    if (!t->opt.exact_only) {
        printf(",\"largest_distance\":%.17g", t->worst);
    }
    printf("}\n");
}

static int run(struct table *t)
{
    int rc = add_rows(t);
    if (rc == 0 && !t->opt.exact_only) {
        rc = simulate(t);
    }
    if (rc < 0) {
        return fail(rc, pl_err_text(rc));
    }
    if (t->opt.json) {
        print_json(t);
    } else {
        print_table(t);
    }
    if (t->opt.check && !(t->worst <= CHECK_LIMIT)) {
        char words[100];
        (void)snprintf(words, sizeof words,
                       "%.2f standard errors from the exact value, more than %.0f", t->worst,
                       CHECK_LIMIT);
        return fail(PL_ERR_MISMATCH, words);
    }
    return 0;
}

int pl_cmd_simulate(int argc, char **argv)
{
    struct options opt;
    int rc = parse(argc, argv, &opt);
    if (rc != 0) {
        return rc < 0 ? 0 : rc;
    }
    struct table *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return fail(PL_ERR_NOMEM, pl_err_text(PL_ERR_NOMEM));
    }
    t->opt = opt;
    t->chunks = (opt.paths + PL_SIM_AS_CHUNK - 1) / PL_SIM_AS_CHUNK;
    rc = run(t);
    for (size_t i = 0; i < t->rows; i++) {
        free(t->row[i].chunk);
        pl_sim_as_destroy(&t->row[i].plan);
    }
    free(t);
    return rc;
}
