/* import/formats.h - the readers that formats.c lists, and what they share. Private to src/import. */
#ifndef PL_IMPORT_FORMATS_H
#define PL_IMPORT_FORMATS_H

#include "import/job.h"

extern const struct pl_import_format pl_format_capture, pl_format_cryptofeed,
    pl_format_binance_jsonl, pl_format_bybit_jsonl, pl_format_tardis_book, pl_format_book_csv,
    pl_format_tardis_trades, pl_format_bybit_trades, pl_format_trades_csv,
    pl_format_vision_aggtrades, pl_format_vision_trades, pl_format_candles_csv,
    pl_format_vision_klines, pl_format_vision_bookticker;

/* Digits, with or without a fraction, as ns since 1970: seconds, ms, us or ns by their number. False
 * outside 2001 to 2100. The cursor stops behind the number. */
bool pl_capture_time(const char **at, const char *end, int64_t *ns);

#endif
