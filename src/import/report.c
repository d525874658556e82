/* What an import found, for people and for machines. */
#include "import/import.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const char *const kind_names[PL_MSG_KIND_COUNT] = {
    [PL_MSG_DEPTH] = "depth",     [PL_MSG_SNAPSHOT] = "snapshot", [PL_MSG_BBO] = "bbo",
    [PL_MSG_TRADE] = "trade",     [PL_MSG_CANDLE] = "candle",     [PL_MSG_MARK] = "mark",
    [PL_MSG_FUNDING] = "funding", [PL_MSG_INST] = "instrument",   [PL_MSG_GAP] = "gap",
};
static const char *const inst_kinds[] = {"linear", "inverse", "spot"};

static void print_step(struct pl_decimal step, char *text)
{
    if (pl_decimal_print_steps(1, step, text) < 0) {
        text[0] = '?';
        text[1] = '\0';
    }
}

static void print_time(int64_t ns, FILE *out)
{
    time_t s = (time_t)(ns / 1000000000);
    struct tm tm;
    char text[40];
    gmtime_r(&s, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    fprintf(out, "%s.%03d", text, (int)(ns / 1000000 % 1000));
}

static void print_places(const char *what, const struct pl_import_place *at, uint64_t count,
                         size_t kept, const char *const *paths, FILE *out)
{
    for (uint64_t i = 0; i < count && i < kept; i++) {
        fprintf(out, "  %s %s:%" PRIu64 ": byte %" PRIu64 ": %s\n", what, paths[at[i].file],
                at[i].line, at[i].byte, at[i].reason);
    }
    if (count > kept) {
        fprintf(out, "  %s ... and %" PRIu64 " more\n", what, count - kept);
    }
}

static void print_clock(const struct pl_import_report *r, FILE *out)
{
    if (!r->latency_known) {
        return;
    }
    fprintf(out, "clock     local minus venue: min %.3f ms, median %.3f ms, max %.3f ms",
            (double)r->latency_min_ns / 1e6, (double)r->latency_median_ns / 1e6,
            (double)r->latency_max_ns / 1e6);
    fprintf(out, "; rule %s%s\n", r->clock,
            r->latency_min_ns >= 0 ? "" : " (the local clock runs behind the venue's)");
    if (r->suggest_moving && strcmp(r->clock, "moving") != 0) {
        fprintf(
            out,
            "          its floor moves between %.1f and %.1f ms from minute to minute: the local "
            "clock wanders; --clock moving follows it\n",
            (double)r->floor_low_ns / 1e6, (double)r->floor_high_ns / 1e6);
    }
}

static void print_oddities(const struct pl_import_report *r, FILE *out)
{
    const struct {
        uint64_t count;
        const char *text;
    } odd[] = {
        {r->ignored,
         "lines understood and not used (other streams, acknowledgements, sent frames)"},
        {r->trade_id_gaps, "places where trade ids skip"},
        {r->not_book_trades, "trades that did not take from the book (flagged)"},
        {r->side_guesses, "trades whose side the data does not give (inferred, flagged)"},
        {r->local_back, "local times before their predecessor (raised to it, or bad if by > 60 s)"},
        {r->clock_steps, "lasting steps of the local clock"},
        {r->sorted_rows, "rows that were not in order of time (sorted)"},
        {r->damaged_files, "files that end in the middle or are corrupt (read up to there)"},
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        if (odd[i].count > 0) {
            fprintf(out, "note      %" PRIu64 " %s\n", odd[i].count, odd[i].text);
        }
    }
}

void pl_import_report_print(const struct pl_import_report *r, const char *const *paths, FILE *out)
{
    fprintf(out,
            "format    %s, %" PRIu32 " file%s, %" PRIu64 " lines, %.1f MB (%.1f MB unpacked)\n",
            r->format, r->file_count, r->file_count == 1 ? "" : "s", r->lines,
            (double)r->bytes / 1e6, (double)r->text_bytes / 1e6);
    for (uint32_t i = 0; i < r->market_count; i++) {
        const struct pl_import_market_report *m = &r->market[i];
        char tick[PL_DECIMAL_TEXT_MAX], lot[PL_DECIMAL_TEXT_MAX];
        print_step(m->inst.tick, tick);
        print_step(m->inst.lot, lot);
        fprintf(out, "market    %s %s %s, tick %s%s, lot %s%s, %" PRIu64 " messages\n",
                m->inst.venue, m->inst.symbol, inst_kinds[m->inst.kind], tick,
                m->tick_inferred ? " (inferred)" : "", lot, m->lot_inferred ? " (inferred)" : "",
                m->messages);
    }
    fprintf(out, "messages  %" PRIu64 " with %" PRIu64 " rows:", r->messages, r->rows);
    for (int k = 0; k < PL_MSG_KIND_COUNT; k++) {
        if (r->kind_messages[k] > 0) {
            fprintf(out, " %s %" PRIu64, kind_names[k], r->kind_messages[k]);
        }
    }
    fputc('\n', out);
    if (r->messages > 0) {
        fputs("time      ", out);
        print_time(r->venue_first_ns, out);
        fputs(" to ", out);
        print_time(r->venue_last_ns, out);
        fputs(" UTC\n", out);
    }
    print_clock(r, out);
    if (r->restarted) {
        fputs("note      read twice: a later value lay off the grid of the first 8 MiB\n", out);
    }
    print_oddities(r, out);
    fprintf(out, "gaps      %" PRIu64 "\n", r->gaps);
    print_places("gap", r->gap_at, r->gaps, PL_IMPORT_GAP_MAX, paths, out);
    fprintf(out, "bad rows  %" PRIu64 "\n", r->bad);
    print_places("bad", r->bad_at, r->bad, PL_IMPORT_BAD_MAX, paths, out);
}

/* ---- JSON ---- */

static void json_text(const char *text, FILE *out)
{
    fputc('"', out);
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') {
            fprintf(out, "\\%c", *p);
        } else if (*p < ' ') {
            fprintf(out, "\\u%04x", *p);
        } else {
            fputc(*p, out);
        }
    }
    fputc('"', out);
}

static void json_places(const char *name, const struct pl_import_place *at, uint64_t count,
                        size_t kept, const char *const *paths, FILE *out)
{
    fprintf(out, ",\"%s\":[", name);
    for (uint64_t i = 0; i < count && i < kept; i++) {
        fprintf(out, "%s{\"file\":", i > 0 ? "," : "");
        json_text(paths[at[i].file], out);
        fprintf(out, ",\"line\":%" PRIu64 ",\"byte\":%" PRIu64 ",\"reason\":", at[i].line,
                at[i].byte);
        json_text(at[i].reason, out);
        fputc('}', out);
    }
    fputc(']', out);
}

static void json_markets(const struct pl_import_report *r, FILE *out)
{
    fputs(",\"markets\":[", out);
    for (uint32_t i = 0; i < r->market_count; i++) {
        const struct pl_import_market_report *m = &r->market[i];
        char tick[PL_DECIMAL_TEXT_MAX], lot[PL_DECIMAL_TEXT_MAX];
        print_step(m->inst.tick, tick);
        print_step(m->inst.lot, lot);
        fprintf(out, "%s{\"venue\":", i > 0 ? "," : "");
        json_text(m->inst.venue, out);
        fputs(",\"symbol\":", out);
        json_text(m->inst.symbol, out);
        fprintf(out,
                ",\"kind\":\"%s\",\"tick\":\"%s\",\"lot\":\"%s\",\"tick_inferred\":%s,"
                "\"lot_inferred\":%s,\"messages\":%" PRIu64 "}",
                inst_kinds[m->inst.kind], tick, lot, m->tick_inferred ? "true" : "false",
                m->lot_inferred ? "true" : "false", m->messages);
    }
    fputc(']', out);
}

void pl_import_report_json(const struct pl_import_report *r, const char *const *paths, FILE *out)
{
    fprintf(out,
            "{\"format\":\"%s\",\"files\":%" PRIu32 ",\"bytes\":%" PRIu64 ",\"text_bytes\":%" PRIu64
            ",\"lines\":%" PRIu64 ",\"messages\":%" PRIu64 ",\"rows\":%" PRIu64 ",\"kinds\":{",
            r->format, r->file_count, r->bytes, r->text_bytes, r->lines, r->messages, r->rows);
    for (int k = 0; k < PL_MSG_KIND_COUNT; k++) {
        fprintf(out, "%s\"%s\":{\"messages\":%" PRIu64 ",\"rows\":%" PRIu64 "}", k > 0 ? "," : "",
                kind_names[k], r->kind_messages[k], r->kind_rows[k]);
    }
    fprintf(out,
            "},\"ignored\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"damaged_files\":%" PRIu32
            ",\"gaps\":%" PRIu64 ",\"trade_id_gaps\":%" PRIu64 ",\"not_book_trades\":%" PRIu64
            ",\"side_guesses\":%" PRIu64 ",\"local_back\":%" PRIu64 ",\"clock_steps\":%" PRIu64
            ",\"sorted_rows\":%" PRIu64 ",\"restarted\":%s",
            r->ignored, r->bad, r->damaged_files, r->gaps, r->trade_id_gaps, r->not_book_trades,
            r->side_guesses, r->local_back, r->clock_steps, r->sorted_rows,
            r->restarted ? "true" : "false");
    fprintf(out, ",\"venue_first_ns\":%" PRId64 ",\"venue_last_ns\":%" PRId64, r->venue_first_ns,
            r->venue_last_ns);
    if (r->latency_known) {
        fprintf(out,
                ",\"clock\":{\"rule\":\"%s\",\"latency_min_ns\":%" PRId64
                ",\"latency_median_ns\":%" PRId64 ",\"latency_max_ns\":%" PRId64
                ",\"floor_low_ns\":%" PRId64 ",\"floor_high_ns\":%" PRId64
                ",\"suggest_moving\":%s}",
                r->clock, r->latency_min_ns, r->latency_median_ns, r->latency_max_ns,
                r->floor_low_ns, r->floor_high_ns, r->suggest_moving ? "true" : "false");
    }
    json_markets(r, out);
    json_places("bad_at", r->bad_at, r->bad, PL_IMPORT_BAD_MAX, paths, out);
    json_places("gap_at", r->gap_at, r->gaps, PL_IMPORT_GAP_MAX, paths, out);
    fputs("}\n", out);
}
