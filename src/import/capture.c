/* The line formats of raw captures: what stands before the JSON, and which dialect follows. */
#include "import/capture.h"

#include "base/number.h"
#include "core/units.h"
#include "import/formats.h"

#include <string.h>

#define YEAR_2001_S INT64_C(978307200)
#define YEAR_2100_S INT64_C(4102444800)

/* Seconds, ms, us or ns by the number of digits before any fraction: all between 2001 and 2100. */
static bool scale_to_ns(int64_t whole, size_t digits, int64_t *ns)
{
    int64_t unit = digits <= 10   ? PL_NS_PER_S
                   : digits <= 13 ? PL_NS_PER_MS
                   : digits <= 16 ? PL_NS_PER_US
                                  : 1;
    if (__builtin_mul_overflow(whole, unit, ns)) {
        return false;
    }
    return *ns >= YEAR_2001_S * PL_NS_PER_S && *ns < YEAR_2100_S * PL_NS_PER_S;
}

bool pl_capture_time(const char **at, const char *end, int64_t *ns)
{
    const char *begin = *at;
    uint64_t whole;
    if (!pl_number_u64(at, end, &whole) || whole > INT64_MAX ||
        !scale_to_ns((int64_t)whole, (size_t)(*at - begin), ns)) {
        return false;
    }
    if (*at == end || **at != '.') {
        return true;
    }
    int64_t unit = *at - begin <= 10   ? PL_NS_PER_S
                   : *at - begin <= 13 ? PL_NS_PER_MS
                                       : PL_NS_PER_US;
    for (++*at; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        unit /= 10;
        *ns += (**at - '0') * unit;
    }
    return true;
}

/* Bybit names a topic (or, in answers, success or op); Binance a stream or fields. The first key
 * nearly always tells; otherwise the text is searched. */
static bool is_bybit(struct pl_str json)
{
    static const char *const binance[] = {"\"stream\"", "\"e\":", "\"lastUpdateId\""};
    for (size_t i = 0; i < PL_COUNT(binance); i++) {
        size_t n = strlen(binance[i]);
        if (json.size > n && memcmp(json.at + 1, binance[i], n) == 0) {
            return false;
        }
    }
    size_t n = json.size < 120 ? json.size : 120;
    return memmem(json.at, json.size, "\"topic\"", 7) != NULL ||
           memmem(json.at, n, "\"success\"", 9) != NULL ||
           memmem(json.at, n, "\"ret_msg\"", 9) != NULL;
}

static int on_json(struct pl_import_stream *s, const struct pl_capture_line *line,
                   struct pl_error *err)
{
    return is_bybit(line->json) ? pl_capture_bybit(s->job, line, err)
                                : pl_capture_binance(s->job, line, err);
}

static bool blank(struct pl_str line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (line.at[i] != ' ' && line.at[i] != '\t') {
            return false;
        }
    }
    return true;
}

/* F1: "<local time> <JSON>". */
static int stamped_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    if (blank(line)) {
        return 0;
    }
    const char *at = line.at, *end = line.at + line.size;
    struct pl_capture_line out = {.local_known = true};
    if (!pl_capture_time(&at, end, &out.local_ns) || at == end || *at != ' ') {
        return pl_job_bad(s->job, err, "does not begin with a receive time and a blank");
    }
    while (at < end && *at == ' ') {
        at++;
    }
    out.json = (struct pl_str){at, (size_t)(end - at)};
    return on_json(s, &out, err);
}

/* F5 and the venue's own archives: bare JSON. */
static int bare_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    if (blank(line)) {
        return 0;
    }
    struct pl_capture_line out = {.json = line};
    return on_json(s, &out, err);
}

/* F2: "<url> <-> time", "<url> <- time: sent", "<time>: received". */
static int cryptofeed_line(struct pl_import_stream *s, struct pl_str line, struct pl_error *err)
{
    struct pl_import_job *job = s->job;
    if (blank(line)) {
        return 0;
    }
    if (line.size > 5 && (memcmp(line.at, "wss:/", 5) == 0 || memcmp(line.at, "http", 4) == 0)) {
        if (memmem(line.at, line.size, "bybit", 5) == NULL &&
            memmem(line.at, line.size, "binance", 7) == NULL) {
            return pl_error_set(err, PL_ERR_UNSUPPORTED,
                                "%s:%llu: a capture of %.*s: of this format only Bybit and Binance "
                                "can be imported",
                                job->paths[job->file], (unsigned long long)job->line,
                                (int)(line.size < 60 ? line.size : 60), line.at);
        }
        job->report->ignored += !job->probing;
        return 0;
    }
    const char *at = line.at, *end = line.at + line.size;
    struct pl_capture_line out = {.local_known = true};
    if (!pl_capture_time(&at, end, &out.local_ns) || end - at < 2 || at[0] != ':') {
        return pl_job_bad(job, err, "does not begin with a receive time and a colon");
    }
    at++;
    while (at < end && *at == ' ') {
        at++;
    }
    out.json = (struct pl_str){at, (size_t)(end - at)};
    return on_json(s, &out, err);
}

/* ---- detection ---- */

static struct pl_str first_line(struct pl_str head)
{
    while (head.size > 0 && (*head.at == '\n' || *head.at == '\r')) {
        head.at++;
        head.size--;
    }
    const char *lf = head.size > 0 ? memchr(head.at, '\n', head.size) : NULL;
    return (struct pl_str){head.at, lf != NULL ? (size_t)(lf - head.at) : head.size};
}

static bool has(struct pl_str text, const char *word)
{
    return text.size > 0 && memmem(text.at, text.size, word, strlen(word)) != NULL;
}

static int detect_stamped(struct pl_str head)
{
    struct pl_str line = first_line(head);
    const char *at = line.at, *end = line.at + line.size;
    int64_t ns;
    return line.size > 0 && pl_capture_time(&at, end, &ns) && end - at > 2 && at[0] == ' ' &&
                   at[1] == '{'
               ? 95
               : 0;
}

static int detect_cryptofeed(struct pl_str head)
{
    struct pl_str line = first_line(head);
    if (line.size > 5 && memcmp(line.at, "wss:/", 5) == 0 && has(line, " <")) {
        return 95;
    }
    const char *at = line.at, *end = line.at + line.size;
    int64_t ns;
    return line.size > 0 && pl_capture_time(&at, end, &ns) && end - at > 2 && at[0] == ':' ? 90 : 0;
}

static int detect_binance_bare(struct pl_str head)
{
    struct pl_str line = first_line(head);
    if (line.size == 0 || line.at[0] != '{' || is_bybit(line)) {
        return 0;
    }
    return has(line, "\"lastUpdateId\"") || has(line, "\"depthUpdate\"") ||
                   has(line, "\"stream\"") || (has(line, "\"e\"") && has(line, "\"s\""))
               ? 90
               : 0;
}

static int detect_bybit_bare(struct pl_str head)
{
    struct pl_str line = first_line(head);
    return line.size > 0 && line.at[0] == '{' && has(line, "\"topic\"") ? 90 : 0;
}

const struct pl_import_format pl_format_capture = {
    .name = "capture",
    .help = "Binance or Bybit stream messages, each after its receive time (ns, us or ms)",
    .detect = detect_stamped,
    .line = stamped_line,
};
const struct pl_import_format pl_format_cryptofeed = {
    .name = "cryptofeed",
    .help = "cryptofeed raw capture of Bybit or Binance (\"<seconds>: <JSON>\")",
    .detect = detect_cryptofeed,
    .line = cryptofeed_line,
};
const struct pl_import_format pl_format_binance_jsonl = {
    .name = "binance-jsonl",
    .help = "Binance messages as JSON lines without receive times",
    .detect = detect_binance_bare,
    .line = bare_line,
};
const struct pl_import_format pl_format_bybit_jsonl = {
    .name = "bybit-jsonl",
    .help = "Bybit V5 order-book archive (ob500, ob200) or stream messages as JSON lines",
    .detect = detect_bybit_bare,
    .line = bare_line,
};
