/* codec/tape/xxh64.h - XXH64 (Y. Collet, 2014), the hash of tape records: any xxhash library can
 * check a tape. Not cryptographic. Cost: about 0.1 ns per byte. Little-endian hosts. */
#ifndef PL_CODEC_TAPE_XXH64_H
#define PL_CODEC_TAPE_XXH64_H

#include <stddef.h>
#include <stdint.h>

uint64_t pl_xxh64(const void *bytes, size_t size, uint64_t seed);

#endif
