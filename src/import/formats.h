/* import/formats.h - the readers that formats.c lists, and what they share. Private to src/import. */
#ifndef PL_IMPORT_FORMATS_H
#define PL_IMPORT_FORMATS_H

#include "import/job.h"

extern const struct pl_import_format pl_format_capture, pl_format_cryptofeed,
    pl_format_binance_jsonl, pl_format_bybit_jsonl, pl_format_tardis_book, pl_format_book_csv,
    pl_format_tardis_trades, pl_format_bybit_trades, pl_format_trades_csv,
    pl_format_vision_aggtrades, pl_format_vision_trades, pl_format_candles_csv,
    pl_format_vision_klines, pl_format_vision_bookticker, pl_format_npz;

/* The symbol and venue that a path seems to name ("BTCUSDT-aggTrades-2024-01-01.zip"). The symbol
 * is never empty; the venue is "" when the path names none. */
void pl_path_symbol(const char *path, char *out, size_t size);
const char *pl_path_venue(const char *path);
/* The instrument kind that a venue name of ours implies. */
enum pl_inst_kind pl_venue_kind(const char *venue);

/* Digits, with or without a fraction, as ns since 1970: seconds, ms, us or ns by their number. False
 * outside 2001 to 2100. The cursor stops behind the number. */
bool pl_capture_time(const char **at, const char *end, int64_t *ns);

#endif
