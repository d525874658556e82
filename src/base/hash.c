#include "base/hash.h"

#include <string.h>

uint64_t pl_digest_bytes(uint64_t digest, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    digest = pl_digest_u64(digest, size);
    while (size >= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        digest = pl_digest_u64(digest, word);
        at += 8;
        size -= 8;
    }
    if (size == 0) {
        return digest;
    }
    uint64_t tail = 0;
    memcpy(&tail, at, size);
    return pl_digest_u64(digest, tail);
}
