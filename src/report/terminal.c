#include "report/terminal.h"

#include "report/number.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define RED   "\033[31m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

struct term {
    FILE *out;
    bool colour;
    int money; /* decimals of money */
    const char *currency;
};

typedef char text[PL_NUMBER_TEXT_MAX];

int pl_money_decimals(double largest)
{
    double size = fabs(largest);
    return size >= 1000 ? 2 : size >= 1 ? 4 : size >= 1e-3 ? 6 : size > 0 ? 9 : 2;
}

static const char *paint(const struct term *t, const char *code)
{
    return t->colour ? code : "";
}

/* A number's colour: what made money green, what lost it red. */
static const char *sign_paint(const struct term *t, double value)
{
    return !t->colour || value == 0 || isnan(value) ? "" : value > 0 ? GREEN : RED;
}

static void section(const struct term *t, const char *title)
{
    fprintf(t->out, "\n%s%s%s\n", paint(t, BOLD), title, paint(t, PLAIN));
}

static void rule(const struct term *t)
{
    fputs(paint(t, DIM), t->out);
    for (int i = 0; i < PL_TERMINAL_WIDTH; i++) {
        fputs("\xe2\x94\x80", t->out); /* U+2500 */
    }
    fprintf(t->out, "%s\n", paint(t, PLAIN));
}

/* "  Label       words words words", wrapped under the first word. */
static void wrapped(const struct term *t, const char *label, const char *words)
{
    const size_t room = PL_TERMINAL_WIDTH - 15;
    const char *head = label;
    while (*words != '\0') {
        size_t take = strlen(words);
        if (take > room) {
            take = room;
            while (take > 0 && words[take] != ' ') {
                take--;
            }
            take = take > 0 ? take : room; /* one long word: cut it */
        }
        fprintf(t->out, "  %s%-13s%s%.*s\n", paint(t, DIM), head, paint(t, PLAIN), (int)take,
                words);
        words += take;
        words += strspn(words, " ");
        head = "";
    }
}

/* Two figures side by side; the right one may be NULL. */
static void pair(const struct term *t, const char *label_a, const char *a, const char *label_b,
                 const char *b)
{
    fprintf(t->out, "  %s%-26s%s%16s", paint(t, DIM), label_a, paint(t, PLAIN), a);
    if (label_b != NULL) {
        fprintf(t->out, "    %s%-26s%s%16s", paint(t, DIM), label_b, paint(t, PLAIN), b);
    }
    fputc('\n', t->out);
}

static char *seconds(double s, char *out)
{
    bool sane = s >= 0 && s < 9e9; /* fits int64 nanoseconds */
    return pl_number_duration(sane ? (int64_t)(s * 1e9 + 0.5) : -1, out);
}

static void header(const struct term *t, const struct pl_run *run)
{
    text start, end, took;
    char line[200];
    fprintf(t->out, "\n%sPLIMSOLL  %s%s%*s%s\n", paint(t, BOLD), run->strategy, paint(t, PLAIN),
            (int)(PL_TERMINAL_WIDTH - 10 - strlen(run->strategy) - strlen(run->id)), "", run->id);
    rule(t);
    wrapped(t, "Data", run->data);
    (void)snprintf(line, sizeof line, "%s to %s UTC (%s)", pl_number_time(run->start_ns, start),
                   pl_number_time(run->end_ns, end),
                   pl_number_duration(run->end_ns - run->start_ns, took));
    wrapped(t, "Period", line);
    wrapped(t, "Fill model", run->fill_model);
    wrapped(t, "Known bias", run->bias);
}

static void money_line(const struct term *t, const char *label, double value, double bps)
{
    text money, share;
    fprintf(t->out, "  %-36s%s%18s%s%16s\n", label, sign_paint(t, value),
            pl_number_signed(value, t->money, money), paint(t, PLAIN),
            pl_number_signed(bps, 3, share));
}

static void attribution(const struct term *t, const struct pl_run *run,
                        const struct pl_derived *derived)
{
    const struct pl_run_money *m = &run->account;
    double per_value = m->value != 0 ? 1e4 / m->value : NAN;
    section(t, "PnL attribution");
    fprintf(t->out, "  %s%-36s%18s%16s%s\n", paint(t, DIM), "", t->currency, "bps of value",
            paint(t, PLAIN));
    money_line(t, "Spread captured", m->captured, m->captured * per_value);
    money_line(t, "  of it taken back within 5 s", -m->adverse_5s, -m->adverse_5s * per_value);
    money_line(t, "  of it kept after 5 s", derived->account.kept_5s,
               derived->account.kept_5s * per_value);
    money_line(t, "Inventory", m->inventory, m->inventory * per_value);
    money_line(t, "Fees", -m->fees, -m->fees * per_value);
    money_line(t, "Funding", m->funding, m->funding * per_value);
    fputs(paint(t, BOLD), t->out);
    money_line(t, "PnL", m->pnl, m->pnl * per_value);
    fputs(paint(t, PLAIN), t->out);
    money_line(t, "  realised", m->realised, m->realised * per_value);
    money_line(t, "  unrealised", m->unrealised, m->unrealised * per_value);
    double size = fmax(fabs(m->pnl), fabs(m->captured) + fabs(m->inventory));
    if (fabs(derived->account.residual) > 1e-6 * size) {
        text residual;
        fprintf(t->out, "  %sThe parts do not add up to the PnL: %s %s is unexplained.%s\n",
                paint(t, RED), pl_number_signed(derived->account.residual, 9, residual),
                t->currency, paint(t, PLAIN));
    }
}

static void trading(const struct term *t, const struct pl_run *run,
                    const struct pl_derived *derived)
{
    const struct pl_run_counts *c = &run->counts;
    const struct pl_run_perf *p = &run->perf;
    text a, b;
    section(t, "Trading");
    pair(t, "Orders", pl_number_count(c->orders, a), "Fills", pl_number_count(c->fills, b));
    pair(t, "Cancels", pl_number_count(c->cancels, a), "  of them as taker",
         pl_number_count(c->fills_taker, b));
    pair(t, "Amends", pl_number_count(c->amends, a), "Orders filled",
         pl_number_count(c->orders_filled, b));
    pair(t, "Requests", pl_number_count(c->requests, a), "Fill ratio (size)",
         pl_number_significant(p->fill_ratio, 4, b));
    pair(t, "Requests per fill", pl_number_significant(p->requests_per_fill, 4, a),
         "Fill ratio (orders)", pl_number_significant(p->fill_ratio_orders, 4, b));
    pair(t, "Rejects, post-only", pl_number_count(c->rejects_post_only, a), "Traded value",
         pl_number_fixed(run->account.value, 2, b));
    pair(t, "Rejects, other", pl_number_count(c->rejects_other, a), "Decisions",
         pl_number_count(c->decisions, b));
    char share[PL_NUMBER_TEXT_MAX + 2] = "-";
    if (isfinite(derived->account.guarded_share)) {
        (void)snprintf(share, sizeof share, "%s%%",
                       pl_number_fixed(derived->account.guarded_share * 100, 1, b));
    }
    pair(t, "Cancels too late", pl_number_count(c->cancel_too_late, a), "  answered by a guard",
         share);
}

static void with_error(char *out, size_t size, double mean, double se, int decimals)
{
    text m, e;
    pl_number_signed(mean, decimals, m);
    if (isnan(se)) { /* fewer than two clusters */
        (void)snprintf(out, size, "%s", m);
    } else {
        (void)snprintf(out, size, "%s +-%s", m, pl_number_fixed(2 * se, decimals, e));
    }
}

static void markouts(const struct term *t, const struct pl_derived *derived)
{
    section(t, "Markouts after a fill (mean +-2 standard errors; above 0 is good for us)");
    fprintf(t->out, "  %s%8s%10s%18s%18s%18s%18s%s\n", paint(t, DIM), "after", "fills", "buys, bps",
            "sells, bps", "all, bps", t->currency, paint(t, PLAIN));
    for (int k = 0; k < PL_RUN_MARKOUTS; k++) {
        const struct pl_markout *m = derived->markout[k];
        char cell[PL_MARKOUT_SIDES][2 * PL_NUMBER_TEXT_MAX + 8];
        text after, n, sum;
        for (int side = 0; side < PL_MARKOUT_SIDES; side++) {
            with_error(cell[side], sizeof cell[side], m[side].mean_bps, m[side].se_bps, 3);
        }
        const struct pl_markout *all = &m[PL_MARKOUT_ALL];
        fprintf(t->out, "  %8s%10s%18s%18s%18s%s%18s%s\n",
                pl_number_duration(pl_run_markout_ns[k], after), pl_number_count(all->n, n),
                cell[PL_MARKOUT_BUY], cell[PL_MARKOUT_SELL], cell[PL_MARKOUT_ALL],
                sign_paint(t, all->sum_money), pl_number_signed(all->sum_money, t->money, sum),
                paint(t, PLAIN));
    }
}

static void market_money(const struct term *t, const char *name, const struct pl_run_money *m,
                         uint64_t fills)
{
    text pnl, captured, inventory, fees, funding, count;
    fprintf(t->out, "  %-18.18s%s%13s%s%13s%13s%11s%10s%9s\n", name, sign_paint(t, m->pnl),
            pl_number_signed(m->pnl, t->money, pnl), paint(t, PLAIN),
            pl_number_signed(m->captured, t->money, captured),
            pl_number_signed(m->inventory, t->money, inventory),
            pl_number_signed(-m->fees, t->money, fees),
            pl_number_signed(m->funding, t->money, funding), pl_number_count(fills, count));
}

static void market_quotes(const struct term *t, const struct pl_run_market *m)
{
    text position, most, quoted, touch, ours, market, per_fill;
    int lot = pl_number_decimals(pl_inst_lot(&m->inst));
    double tick = pl_inst_tick(&m->inst);
    struct pl_ratios ratios = pl_derive_ratios(&m->money, &m->counts);
    fprintf(t->out, "  %-18.18s%13s%12s%9s%9s%10s%10s%9s\n", m->inst.symbol,
            pl_number_signed(m->money.position, lot, position),
            pl_number_fixed(m->money.max_abs_position, lot, most),
            pl_number_fixed(m->quoted_share * 100, 1, quoted),
            pl_number_fixed(m->at_touch_share * 100, 1, touch),
            pl_number_fixed(m->spread_quoted_mean / tick, 2, ours),
            pl_number_fixed(m->spread_market_mean / tick, 2, market),
            pl_number_fixed(ratios.requests_per_fill, 1, per_fill));
}

static void markets(const struct term *t, const struct pl_run *run)
{
    section(t, "Markets");
    fprintf(t->out, "  %s%-18s%13s%13s%13s%11s%10s%9s%s\n", paint(t, DIM), "", "PnL", "captured",
            "inventory", "fees", "funding", "fills", paint(t, PLAIN));
    for (uint32_t i = 0; i < run->market_count; i++) {
        const struct pl_run_market *m = &run->market[i];
        market_money(t, m->inst.symbol, &m->money, m->counts.fills);
    }
    fputs(paint(t, BOLD), t->out);
    market_money(t, "account", &run->account, run->counts.fills);
    fputs(paint(t, PLAIN), t->out);
    fprintf(t->out, "\n  %s%-18s%13s%12s%9s%9s%10s%10s%9s%s\n", paint(t, DIM), "", "position",
            "largest", "quoted,%", "touch,%", "ours", "market", "req/fill", paint(t, PLAIN));
    for (uint32_t i = 0; i < run->market_count; i++) {
        market_quotes(t, &run->market[i]);
    }
    fprintf(t->out,
            "  %squoted: share of time with both sides live; touch: with a quote at the "
            "best price;\n  spreads are time-weighted means in ticks%s\n",
            paint(t, DIM), paint(t, PLAIN));
}

static void performance(const struct term *t, const struct pl_run *run)
{
    const struct pl_run_perf *p = &run->perf;
    text a, b, n;
    char title[160];
    (void)snprintf(title, sizeof title, "Performance (%s returns every %s%s)",
                   pl_number_count(p->n, n), seconds(p->interval_s, a),
                   p->annualised ? "; annualised, 365 days" : "; not annualised: run under a day");
    section(t, title);
    pair(t, p->annualised ? "Sharpe" : "Sharpe per interval",
         pl_number_significant(p->sharpe, 5, a), "Max drawdown",
         pl_number_fixed(p->max_drawdown, t->money, b));
    pair(t, p->annualised ? "Sortino" : "Sortino per interval",
         pl_number_significant(p->sortino, 5, a), "Max drawdown, of book",
         pl_number_significant(p->max_drawdown_frac, 4, b));
    pair(t, "Calmar", pl_number_significant(p->calmar, 5, a), "Turnover",
         pl_number_significant(p->turnover, 5, b));
    pair(t, "Annual return", pl_number_significant(p->annual_return, 5, a), "Return on trade",
         pl_number_significant(p->return_on_trade, 5, b));
    pair(t, "Volatility", pl_number_significant(p->volatility, 5, a), "Book size",
         pl_number_fixed(p->book_size, 2, b));
}

static void timings(const struct term *t, const struct pl_run *run)
{
    double wall = run->wall_seconds, data = (double)(run->end_ns - run->start_ns) / 1e9;
    text rows, a, b;
    char speed[PL_NUMBER_TEXT_MAX + 16] = "-", real[PL_NUMBER_TEXT_MAX + 16] = "-";
    if (wall > 0) {
        (void)snprintf(speed, sizeof speed, "%s/s",
                       pl_number_fixed((double)run->counts.rows / wall, 0, a));
        (void)snprintf(real, sizeof real, "%s x", pl_number_fixed(data / wall, 0, b));
    }
    section(t, "Timing");
    pair(t, "Messages", pl_number_count(run->counts.messages, a), "Rows",
         pl_number_count(run->counts.rows, rows));
    pair(t, "Run took", wall > 0 ? seconds(wall, a) : "-", "Rows per second", speed);
    pair(t, "Market trades", pl_number_count(run->counts.trades, a), "Faster than real time", real);
}

int pl_terminal_write(const struct pl_run *run, const struct pl_derived *derived, bool colour,
                      FILE *out, struct pl_error *err)
{
    const struct pl_run_money *m = &run->account;
    double largest =
        fmax(fmax(fabs(m->pnl), fabs(m->captured)), fmax(fabs(m->inventory), fabs(m->fees)));
    struct term t = {out, colour, pl_money_decimals(largest), pl_run_currency(run)};
    header(&t, run);
    attribution(&t, run, derived);
    trading(&t, run, derived);
    markouts(&t, derived);
    markets(&t, run);
    performance(&t, run);
    timings(&t, run);
    fprintf(out, "\n  %sdata %016llx  requests %016llx  settings %016llx%s\n", paint(&t, DIM),
            (unsigned long long)run->data_digest, (unsigned long long)run->request_digest,
            (unsigned long long)run->settings_digest, paint(&t, PLAIN));
    if (ferror(out)) {
        return pl_error_set(err, PL_ERR_IO, "cannot write the report: %s", strerror(errno));
    }
    return 0;
}
