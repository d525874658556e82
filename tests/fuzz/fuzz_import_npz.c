/* hftbacktest arrays, bare or inside a zip. */
#include "import_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pl_import_report r;
    if (oracle_run(data, size, "npz", &r) == 0) {
        /* an event is a row, a clear (two at most become bounds of a message), of no use, or bad */
        PL_ASSERT(r.lines >= r.ignored && r.messages <= r.lines);
    }
    return 0;
}
