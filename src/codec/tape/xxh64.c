#include "codec/tape/xxh64.h"

#include <string.h>

#define P1 UINT64_C(0x9E3779B185EBCA87)
#define P2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define P3 UINT64_C(0x165667B19E3779F9)
#define P4 UINT64_C(0x85EBCA77C2B2AE63)
#define P5 UINT64_C(0x27D4EB2F165667C5)

static uint64_t rotl(uint64_t x, unsigned r)
{
    return x << r | x >> (64 - r);
}

static uint64_t load64(const uint8_t *at)
{
    uint64_t x;
    memcpy(&x, at, 8);
    return x;
}

static uint64_t step(uint64_t acc, uint64_t word)
{
    return rotl(acc + word * P2, 31) * P1;
}

static uint64_t merge(uint64_t hash, uint64_t acc)
{
    return (hash ^ step(0, acc)) * P1 + P4;
}

static uint64_t tail(uint64_t hash, const uint8_t *at, size_t size)
{
    for (; size >= 8; at += 8, size -= 8) {
        hash = rotl(hash ^ step(0, load64(at)), 27) * P1 + P4;
    }
    if (size >= 4) {
        uint32_t x;
        memcpy(&x, at, 4);
        hash = rotl(hash ^ x * P1, 23) * P2 + P3;
        at += 4;
        size -= 4;
    }
    for (; size > 0; at++, size--) {
        hash = rotl(hash ^ *at * P5, 11) * P1;
    }
    return hash;
}

uint64_t pl_xxh64(const void *bytes, size_t size, uint64_t seed)
{
    const uint8_t *at = bytes;
    size_t left = size;
    uint64_t hash = seed + P5;
    if (size >= 32) {
        uint64_t a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
        for (; left >= 32; at += 32, left -= 32) {
            a = step(a, load64(at));
            b = step(b, load64(at + 8));
            c = step(c, load64(at + 16));
            d = step(d, load64(at + 24));
        }
        hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
        hash = merge(merge(merge(merge(hash, a), b), c), d);
    }
    hash = tail(hash + size, at, left);
    hash = (hash ^ hash >> 33) * P2;
    hash = (hash ^ hash >> 29) * P3;
    return hash ^ hash >> 32;
}
