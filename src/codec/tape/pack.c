#include "codec/tape/pack.h"

#include "codec/tape/format.h"

#include <zstd.h>

/* Planes are chosen for the reader's time: decompression runs at about 1 byte a nanosecond and
 * costs 2.5 us to set up, so saving less than a quarter of a plane is not worth it. From level
 * ARCHIVE_LEVEL on, size comes first. */
#define WORTH_DIVISOR   4
#define WORTH_SETUP     512
#define ARCHIVE_LEVEL   10
#define ARCHIVE_DIVISOR 32
#define SPARSE_DIVISOR  20 /* a high plane with fewer non-zeros than 1 in 20 is a list of them */
/* Literals coded by entropy alone: the fastest frames to read. zstd documents negative levels as
 * faster with fewer matches; literalCompressionMode is ZSTD_c_experimentalParam5 (1.3.7 on). */
#define ENTROPY_LEVEL   (-500)
#define LITERALS_ALWAYS 1

struct pl_tape_packer {
    ZSTD_CCtx *matcher, *entropy;
    bool archive;
    struct pl_tape_buf plane, gaps, bytes, frame;
};

static ZSTD_CCtx *create_zstd(int level, bool entropy_only)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    if (z != NULL && (ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, level)) ||
                      (entropy_only && ZSTD_isError(ZSTD_CCtx_setParameter(
                                           z, ZSTD_c_experimentalParam5, LITERALS_ALWAYS))))) {
        ZSTD_freeCCtx(z);
        z = NULL;
    }
    return z;
}

int pl_tape_packer_create(int level, struct pl_tape_packer **out)
{
    struct pl_tape_packer *p = calloc(1, sizeof *p);
    *out = p;
    if (p == NULL) {
        return PL_ERR_NOMEM;
    }
    p->matcher = create_zstd(level, false);
    p->entropy = create_zstd(ENTROPY_LEVEL, true);
    p->archive = level >= ARCHIVE_LEVEL;
    if (p->matcher == NULL || p->entropy == NULL) {
        pl_tape_packer_destroy(out);
        return PL_ERR_NOMEM;
    }
    return 0;
}

void pl_tape_packer_destroy(struct pl_tape_packer **packer)
{
    struct pl_tape_packer *p = *packer;
    if (p == NULL) {
        return;
    }
    ZSTD_freeCCtx(p->matcher);
    ZSTD_freeCCtx(p->entropy);
    pl_tape_buf_free(&p->plane);
    pl_tape_buf_free(&p->gaps);
    pl_tape_buf_free(&p->bytes);
    pl_tape_buf_free(&p->frame);
    free(p);
    *packer = NULL;
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? UINT64_C(0) - (uint64_t)v : (uint64_t)v;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

/* The greatest common unit of the column; 1 when there is none. */
static uint64_t common_unit(const struct pl_tape_values *v)
{
    uint64_t unit = 0;
    for (uint32_t i = 0; i < v->count && unit != 1; i++) {
        uint64_t m = magnitude(v->at[i]);
        if (unit == 0 || m % unit != 0) {
            unit = gcd(m, unit);
        }
    }
    return unit == 0 ? 1 : unit;
}

static uint64_t stored_form(int64_t v, uint64_t unit, bool zigzag)
{
    uint64_t k = unit == 1 ? magnitude(v) : magnitude(v) / unit;
    if (!zigzag) {
        return k;
    }
    /* -2^63 with unit 1 becomes 2^64 - 1, as it should. */
    return v < 0 ? (k << 1) - 1 : k << 1;
}

static void put_entry(struct pl_tape_buf *dir, unsigned codec, unsigned value, size_t size)
{
    pl_tape_buf_int(dir, codec, 1);
    pl_tape_buf_int(dir, value, 1);
    pl_tape_buf_int(dir, 0, 2);
    pl_tape_buf_int(dir, size, 4);
}

static bool is_constant(const uint8_t *bytes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (bytes[i] != bytes[0]) {
            return false;
        }
    }
    return true;
}

/* `count` bytes as a constant, raw or a frame. */
static int pack_bytes(struct pl_tape_packer *p, const uint8_t *bytes, size_t count,
                      struct pl_tape_buf *dir, struct pl_tape_buf *data)
{
    if (count == 0 || is_constant(bytes, count)) {
        put_entry(dir, PL_TAPE_PLANE_CONST, count > 0 ? bytes[0] : 0, 0);
        return 0;
    }
    size_t room = ZSTD_compressBound(count);
    uint8_t *to = pl_tape_buf_room(data, room), *other;
    p->frame.size = 0;
    other = pl_tape_buf_room(&p->frame, room);
    if (to == NULL || other == NULL) {
        return PL_ERR_NOMEM;
    }
    size_t size = ZSTD_compress2(p->entropy, to, room, bytes, count);
    size_t worth = p->archive ? count / ARCHIVE_DIVISOR : count / WORTH_DIVISOR + WORTH_SETUP;
    /* Bytes that entropy coding hardly shortens have no matches worth looking for. */
    if (p->archive || ZSTD_isError(size) || size < count - count / 4) {
        size_t matched = ZSTD_compress2(p->matcher, other, room, bytes, count);
        if (!ZSTD_isError(matched) && (ZSTD_isError(size) || matched < size)) {
            memcpy(to, other, matched);
            size = matched;
        }
    }
    bool raw = ZSTD_isError(size) || size + worth >= count;
    if (raw) {
        memcpy(to, bytes, count);
        size = count;
    }
    data->size += size;
    put_entry(dir, raw ? PL_TAPE_PLANE_RAW : PL_TAPE_PLANE_ZSTD, 0, size);
    return 0;
}

/* The few non-zero bytes of a plane: gaps between them (255 = 255 zeros and on), then the bytes. */
static int pack_sparse(struct pl_tape_packer *p, const uint8_t *plane, uint32_t count,
                       struct pl_tape_buf *dir, struct pl_tape_buf *data)
{
    p->gaps.size = p->bytes.size = 0;
    uint32_t gap = 0;
    for (uint32_t i = 0; i < count; i++, gap++) {
        if (gap == 255) {
            pl_tape_buf_int(&p->gaps, 255, 1);
            gap = 0;
        }
        if (plane[i] != 0) {
            pl_tape_buf_int(&p->gaps, gap, 1);
            pl_tape_buf_int(&p->bytes, plane[i], 1);
            gap = UINT32_MAX; /* the next byte is at gap 0 */
        }
    }
    put_entry(dir, PL_TAPE_PLANE_SPARSE, 0, p->bytes.size);
    put_entry(dir, PL_TAPE_PLANE_SPARSE, 0, p->gaps.size);
    int rc = pack_bytes(p, p->gaps.at, p->gaps.size, dir, data);
    if (rc == 0) {
        rc = pack_bytes(p, p->bytes.at, p->bytes.size, dir, data);
    }
    return p->gaps.failed || p->bytes.failed ? PL_ERR_NOMEM : rc;
}

static uint32_t count_nonzero(const struct pl_tape_values *v, unsigned plane)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        count += ((uint64_t)v->at[i] >> (8 * plane) & 0xff) != 0;
    }
    return count;
}

int pl_tape_pack(struct pl_tape_packer *p, uint8_t id, struct pl_tape_values *values,
                 struct pl_tape_buf *dir, struct pl_tape_buf *data)
{
    uint32_t n = values->count;
    if (n == 0) {
        return values->failed ? PL_ERR_NOMEM : 0;
    }
    bool zigzag = false;
    for (uint32_t i = 0; i < n; i++) {
        zigzag |= values->at[i] < 0;
    }
    uint64_t unit = common_unit(values), any = 0;
    for (uint32_t i = 0; i < n; i++) {
        values->at[i] = (int64_t)stored_form(values->at[i], unit, zigzag);
        any |= (uint64_t)values->at[i];
    }
    unsigned width = any == 0 ? 0 : (71 - (unsigned)__builtin_clzll(any)) / 8, dense = width;
    while (dense > 1 && count_nonzero(values, dense - 1) < n / SPARSE_DIVISOR) {
        dense--;
    }
    pl_tape_buf_int(dir, id, 1);
    pl_tape_buf_int(dir, width, 1);
    pl_tape_buf_int(dir, dense, 1);
    pl_tape_buf_int(dir, zigzag, 1);
    pl_tape_buf_int(dir, n, 4);
    pl_tape_buf_int(dir, unit, 8);
    p->plane.size = 0;
    uint8_t *plane = pl_tape_buf_room(&p->plane, n);
    if (plane == NULL) {
        return PL_ERR_NOMEM;
    }
    for (unsigned j = 0; j < width; j++) {
        for (uint32_t i = 0; i < n; i++) {
            plane[i] = (uint8_t)((uint64_t)values->at[i] >> (8 * j));
        }
        int rc =
            j < dense ? pack_bytes(p, plane, n, dir, data) : pack_sparse(p, plane, n, dir, data);
        if (rc < 0) {
            return rc;
        }
    }
    return dir->failed || data->failed || values->failed ? PL_ERR_NOMEM : 0;
}
