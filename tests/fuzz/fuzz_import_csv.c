/* Every CSV format; the first byte chooses one, or leaves it to the content. */
#include "import_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pl_import_report r;
    static const char *const formats[] = {NULL,
                                          "tardis-book",
                                          "tardis-trades",
                                          "book-csv",
                                          "trades-csv",
                                          "bybit-trades",
                                          "candles-csv",
                                          "vision-klines",
                                          "vision-aggtrades",
                                          "vision-trades",
                                          "vision-bookticker"};
    if (size < 1) {
        return 0;
    }
    const char *format = formats[data[0] % PL_COUNT(formats)];
    data++;
    size--;
    if (oracle_run(data, size, format, &r) == 0 && oracle_plain(data, size)) {
        /* a line is the header, (part of) a message, of no use, or bad; candles have four rows */
        uint64_t rows =
            strstr(r.format, "capture") != NULL || strstr(r.format, "json") != NULL ||
                    strstr(r.format, "cryptofeed") != NULL
                ? UINT64_MAX / 2
                : r.rows - 3 * r.kind_messages[PL_MSG_CANDLE] - r.kind_messages[PL_MSG_BBO];
        PL_ASSERT(rows + r.ignored + r.bad + 1 >= oracle_lines(data, size));
    }
    return 0;
}
