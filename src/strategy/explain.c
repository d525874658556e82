#include "strategy/explain.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const side_name[] = {[PL_BUY] = "bid", [PL_SELL] = "ask"};

struct pl_explain pl_explain_start(char *out, size_t size)
{
    if (size > 0) {
        out[0] = '\0';
    }
    return (struct pl_explain){out, size, 0};
}

static void add(struct pl_explain *x, const char *fmt, va_list args)
{
    size_t at = x->used < x->size ? x->used : x->size;
    int n = vsnprintf(at < x->size ? x->out + at : NULL, x->size - at, fmt, args);
    x->used += n > 0 ? (size_t)n : 0;
}

static void put(struct pl_explain *x, const char *fmt, ...) PL_PRINTF(2, 3);
static void put(struct pl_explain *x, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(x, fmt, args);
    va_end(args);
}

void pl_explain_line(struct pl_explain *x, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(x, fmt, args);
    va_end(args);
    put(x, "\n");
}

void pl_explain_level(struct pl_explain *x, enum pl_side side, uint32_t level,
                      const struct pl_quote_part *part, size_t count,
                      const struct pl_wanted_level *quoted)
{
    double raw = 0;
    put(x, "%s %u:", side_name[side], level);
    for (size_t i = 0; i < count; i++) {
        put(x, i == 0 ? " %s %.6f" : " %s %+.6f", part[i].name, part[i].ticks);
        raw += part[i].ticks;
    }
    double rounded = pl_ladder_outward(side, raw);
    put(x, " rounding %+.6f limits %+.0f = %lld x %lld\n", rounded - raw,
        (double)quoted->px - rounded, (long long)quoted->px, (long long)quoted->lots);
}

void pl_explain_side(struct pl_explain *x, enum pl_side side, const struct pl_wanted *wanted)
{
    const char *why = pl_noquote_name((enum pl_noquote)wanted->reason[side]);
    if (wanted->count[side] == 0) {
        put(x, "%s: none, %s\n", side_name[side], why);
    } else if (wanted->hold[side]) {
        put(x, "%s: held, %s\n", side_name[side], why);
    }
}
