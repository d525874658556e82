/* base/hash.h - 64-bit mixing for digests and counter-based random. Not cryptographic.
 *
 * Digests hash serialised fields, one 64-bit word at a time, never padded structs, so they are the
 * same on every build. The mixer is the finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
#ifndef PL_BASE_HASH_H
#define PL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t pl_mix64(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Adds one word to a running digest. Order matters. */
static inline uint64_t pl_digest_u64(uint64_t digest, uint64_t word)
{
    return pl_mix64(digest * UINT64_C(0x9e3779b97f4a7c15) + word + 1);
}

/* Adds bytes (length included) to a running digest; little-endian words. */
uint64_t pl_digest_bytes(uint64_t digest, const void *bytes, size_t size);

#endif
