/* Captures: receive time, then JSON of Binance or Bybit (F1), cryptofeed (F2), bare lines (F5). */
#include "import_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pl_import_report r;
    static const char *const formats[] = {NULL, "capture", "cryptofeed", "binance-jsonl",
                                          "bybit-jsonl"};
    if (size < 1) {
        return 0;
    }
    const char *format = formats[data[0] % PL_COUNT(formats)];
    data++;
    size--;
    if (oracle_run(data, size, format, &r) == 0 && oracle_plain(data, size) &&
        memmem(data, size, "topic", 5) == NULL) {
        /* a line is a message, of no use, or bad; a Bybit line may hold any number of trades */
        PL_ASSERT(r.messages + r.ignored + r.bad >= oracle_lines(data, size));
    }
    return 0;
}
