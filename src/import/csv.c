#include "import/csv.h"

#include "base/number.h"

#include <emmintrin.h>
#include <stdio.h>
#include <string.h>

/* Fields may be in quotes (no commas inside: market data has none) and padded with NULs or blanks
 * by fixed-width writers. */
static struct pl_str strip(struct pl_str f)
{
    if (f.size >= 2 && f.at[0] == '"' && f.at[f.size - 1] == '"') {
        f.at++;
        f.size -= 2;
    }
    while (f.size > 0 && (f.at[f.size - 1] == '\0' || f.at[f.size - 1] == ' ')) {
        f.size--;
    }
    while (f.size > 0 && *f.at == ' ') {
        f.at++;
        f.size--;
    }
    return f;
}

static inline bool needs_strip(struct pl_str f)
{
    return f.size > 0 && (f.at[0] <= '"' || f.at[f.size - 1] <= '"');
}

uint32_t pl_csv_split(struct pl_str line, struct pl_str *field, uint32_t max)
{
    const __m128i comma = _mm_set1_epi8(',');
    const char *begin = line.at;
    uint32_t count = 0;
    for (size_t i = 0; i < line.size; i += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(line.at + i));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, comma));
        if (line.size - i < 16) {
            mask &= (1u << (line.size - i)) - 1;
        }
        while (mask != 0 && count + 1 < max) {
            const char *at = line.at + i + (unsigned)__builtin_ctz(mask);
            struct pl_str f = {begin, (size_t)(at - begin)};
            field[count++] = needs_strip(f) ? strip(f) : f;
            begin = at + 1;
            mask &= mask - 1;
        }
    }
    struct pl_str f = {begin, (size_t)(line.at + line.size - begin)};
    field[count++] = needs_strip(f) ? strip(f) : f;
    return count;
}

bool pl_csv_header(struct pl_str line, const struct pl_csv_column *columns, size_t count,
                   const enum pl_csv_role *need, struct pl_csv_map *map)
{
    struct pl_str field[PL_CSV_COLUMNS];
    uint32_t n = pl_csv_split(line, field, PL_CSV_COLUMNS);
    memset(map, 0, sizeof *map);
    memset(map->col, -1, sizeof map->col);
    map->columns = n;
    for (uint32_t i = 0; i < n; i++) {
        for (size_t k = 0; k < count; k++) {
            if (pl_str_eq(field[i], pl_str(columns[k].name)) && map->col[columns[k].role] < 0) {
                map->col[columns[k].role] = (int8_t)i;
                break;
            }
        }
    }
    for (; *need != PL_CSV_NONE; need++) {
        if (map->col[*need] < 0) {
            return false;
        }
    }
    map->known = true;
    return true;
}

void pl_csv_fixed(struct pl_csv_map *map, const enum pl_csv_role *roles, uint32_t count)
{
    memset(map, 0, sizeof *map);
    memset(map->col, -1, sizeof map->col);
    map->columns = count;
    map->known = true;
    for (uint32_t i = 0; i < count; i++) {
        map->col[roles[i]] = (int8_t)i;
    }
}

bool pl_csv_decimal(struct pl_str field, struct pl_decimal *out)
{
    const char *at = field.at, *end = field.at + field.size;
    return pl_number_scan(&at, end, out) == 0 && at == end;
}

bool pl_csv_u64(struct pl_str field, uint64_t *out)
{
    const char *at = field.at, *end = field.at + field.size;
    return pl_number_u64(&at, end, out) && at == end;
}

bool pl_csv_time(struct pl_str field, int64_t *ns)
{
    const char *at = field.at, *end = field.at + field.size;
    return pl_capture_time(&at, end, ns) && at == end;
}

bool pl_csv_bool(struct pl_str field, bool *out)
{
    char c = field.size > 0 ? field.at[0] : '\0';
    *out = c == 't' || c == 'T' || c == '1';
    size_t size = c == 't' || c == 'T' ? 4 : c == 'f' || c == 'F' ? 5 : 1;
    return field.size == size && (*out || c == 'f' || c == 'F' || c == '0');
}

int pl_csv_side(struct pl_str field)
{
    static const struct {
        const char *text;
        int side;
    } sides[] = {{"b", 0},    {"a", 1},   {"bid", 0},  {"ask", 1}, {"buy", 0},
                 {"sell", 1}, {"Buy", 0}, {"Sell", 1}, {"BUY", 0}, {"SELL", 1}};
    for (size_t i = 0; i < PL_COUNT(sides); i++) {
        if (pl_str_eq(field, pl_str(sides[i].text))) {
            return sides[i].side;
        }
    }
    return -1;
}

/* ---- what a path says ---- */

void pl_path_symbol(const char *path, char *out, size_t size)
{
    const char *name = strrchr(path, '/');
    name = name != NULL ? name + 1 : path;
    char best[32] = "";
    int best_score = 0;
    while (*name != '\0') {
        char word[32];
        size_t n = 0;
        for (; *name != '\0' && strchr("_-. ", *name) == NULL; name++) {
            char c = *name;
            if (n + 1 < sizeof word) {
                word[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
            }
        }
        word[n] = '\0';
        static const char *const ends[] = {"USDT", "USDC", "USD", "BUSD", "BTC", "EUR", "ZAR"};
        int score = n > 0 ? 1 : 0;
        for (size_t i = 0; i < PL_COUNT(ends); i++) {
            size_t q = strlen(ends[i]);
            score = n > q && strcmp(word + n - q, ends[i]) == 0 ? 3 : score;
        }
        score = score < 2 && strstr(word, "USD") != NULL ? 2 : score;
        if (score > best_score) {
            best_score = score;
            memcpy(best, word, sizeof best);
        }
        name += *name != '\0';
    }
    for (char *p = best; *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~' || *p == '"' || *p == '\\') {
            *p = '?';
        }
    }
    snprintf(out, size, "%s", best[0] != '\0' ? best : "UNKNOWN");
}

static const struct {
    const char *name;
    enum pl_inst_kind kind;
} venues[] = {
    {"binance-usdm", PL_INST_LINEAR},
    {"binance-coinm", PL_INST_INVERSE},
    {"binance-spot", PL_INST_SPOT},
    {"bybit-linear", PL_INST_LINEAR},
    {"bybit-inverse", PL_INST_INVERSE},
    {"bybit-spot", PL_INST_SPOT},
    {"coinbase", PL_INST_SPOT},
    {"kraken", PL_INST_SPOT},
    {"bitstamp", PL_INST_SPOT},
    {"standx", PL_INST_LINEAR},
    {"hyperliquid", PL_INST_LINEAR},
    {"bitmex", PL_INST_INVERSE},
    {"deribit", PL_INST_INVERSE},
    {"okex-swap", PL_INST_LINEAR},
    {"okex", PL_INST_SPOT},
    {"luno", PL_INST_SPOT},
};

const char *pl_path_venue(const char *path)
{
    for (size_t i = 0; i < PL_COUNT(venues); i++) {
        if (strstr(path, venues[i].name) != NULL) {
            return venues[i].name;
        }
    }
    return "";
}

enum pl_inst_kind pl_venue_kind(const char *venue)
{
    for (size_t i = 0; i < PL_COUNT(venues); i++) {
        if (strcmp(venue, venues[i].name) == 0) {
            return venues[i].kind;
        }
    }
    return PL_INST_LINEAR;
}

/* BTCUSD is an inverse contract, BTCUSDT and BTCPERP are linear. */
static const char *bybit_venue(const char *symbol)
{
    size_t n = strlen(symbol);
    return n > 3 && strcmp(symbol + n - 3, "USD") == 0 ? "bybit-inverse" : "bybit-linear";
}

/* Our name of a venue for what an exchange column says, together with a market type column. */
static const char *venue_of(struct pl_str exchange, struct pl_str type, const char *symbol,
                            char *buf, size_t size)
{
    static const struct {
        const char *exchange, *type, *venue;
    } names[] = {
        {"binance-futures", "", "binance-usdm"}, {"binance-delivery", "", "binance-coinm"},
        {"binance", "fut", "binance-usdm"},      {"Binance", "fut", "binance-usdm"},
        {"binance", "", "binance-spot"},         {"Binance", "spot", "binance-spot"},
        {"bybit-spot", "", "bybit-spot"},
    };
    for (size_t i = 0; i < PL_COUNT(names); i++) {
        if (pl_str_eq(exchange, pl_str(names[i].exchange)) &&
            pl_str_eq(type, pl_str(names[i].type))) {
            return names[i].venue;
        }
    }
    if (pl_str_eq(exchange, pl_str("bybit"))) {
        return bybit_venue(symbol);
    }
    size_t n = exchange.size < size - 1 ? exchange.size : size - 1;
    for (size_t i = 0; i < n; i++) {
        char c = exchange.at[i];
        buf[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c > ' ' && c <= '~' ? c : '?';
    }
    buf[n] = '\0';
    return buf;
}

static void identify(struct pl_import_stream *s, struct pl_import_market *m,
                     const struct pl_csv_map *map, const struct pl_str *field,
                     const char *venue_default)
{
    const struct pl_str none = {"", 0};
    const char *path = s->job->paths[s->job->file];
    const char *venue = pl_path_venue(path);
    char buf[16];
    if (map->col[PL_CSV_EXCHANGE] >= 0 && field[map->col[PL_CSV_EXCHANGE]].size > 0) {
        struct pl_str type =
            map->col[PL_CSV_MARKET_TYPE] >= 0 ? field[map->col[PL_CSV_MARKET_TYPE]] : none;
        venue = venue_of(field[map->col[PL_CSV_EXCHANGE]], type, m->inst.symbol, buf, sizeof buf);
    }
    if (venue[0] == '\0') {
        venue = strcmp(venue_default, "bybit") == 0 ? bybit_venue(m->inst.symbol) : venue_default;
    }
    pl_job_identify(s->job, m, venue, pl_venue_kind(venue));
}

int pl_csv_market(struct pl_import_stream *s, const struct pl_csv_map *map,
                  const struct pl_str *field, const char *venue_default,
                  struct pl_import_market **out, struct pl_error *err)
{
    struct pl_import_job *job = s->job;
    int rc;
    if (map->col[PL_CSV_SYMBOL] >= 0) {
        rc = pl_job_market(job, field[map->col[PL_CSV_SYMBOL]], out, err);
    } else {
        char symbol[32];
        pl_path_symbol(job->paths[job->file], symbol, sizeof symbol);
        if (job->opt->symbol != NULL) {
            snprintf(symbol, sizeof symbol, "%s", job->opt->symbol);
        }
        rc = pl_job_market(job, pl_str(symbol), out, err);
    }
    if (rc == 0 && *out != NULL && job->probing && (*out)->inst.venue[0] == '\0') {
        identify(s, *out, map, field, venue_default);
    }
    return rc;
}
