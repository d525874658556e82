#include "import/formats.h"

/* clang-format off: one a line */
const struct pl_import_format *const pl_import_formats[] = {
    &pl_format_capture,       &pl_format_cryptofeed,        &pl_format_binance_jsonl,
    &pl_format_bybit_jsonl,   &pl_format_tardis_book,       &pl_format_tardis_trades,
    &pl_format_book_csv,      &pl_format_trades_csv,        &pl_format_bybit_trades,
    &pl_format_candles_csv,   &pl_format_vision_klines,     &pl_format_vision_aggtrades,
    &pl_format_vision_trades, &pl_format_vision_bookticker, &pl_format_npz,
};
/* clang-format on */
const size_t pl_import_format_count = PL_COUNT(pl_import_formats);

bool pl_import_format_at(size_t idx, const char **name, const char **help)
{
    if (idx >= pl_import_format_count) {
        return false;
    }
    *name = pl_import_formats[idx]->name;
    *help = pl_import_formats[idx]->help;
    return true;
}
