#include "codec/tape/planes.h"

#include "base/assert.h"
#include "codec/tape/format.h"

#include <zstd.h>

enum { CODEC_CONST = 0, CODEC_RAW = 1, CODEC_ZSTD = 2 };
#define STREAM_ENTRY_SIZE 16
#define PLANE_ENTRY_SIZE  8

bool pl_tape_values_grow(struct pl_tape_values *values, uint32_t need)
{
    uint32_t cap = values->cap > 0 ? values->cap * 2 : 1024;
    cap = cap > need ? cap : need;
    int64_t *at = realloc(values->at, cap * sizeof *at);
    if (at == NULL) {
        values->failed = true;
        return false;
    }
    values->at = at;
    values->cap = cap;
    return true;
}

/* ---- writing ---- */

struct pl_tape_packer {
    ZSTD_CCtx *zstd;
    struct pl_tape_buf plane;
};

int pl_tape_packer_create(int level, struct pl_tape_packer **out)
{
    struct pl_tape_packer *p = calloc(1, sizeof *p);
    *out = p;
    if (p == NULL) {
        return PL_ERR_NOMEM;
    }
    p->zstd = ZSTD_createCCtx();
    if (p->zstd == NULL ||
        ZSTD_isError(ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, level))) {
        pl_tape_packer_destroy(out);
        return PL_ERR_NOMEM;
    }
    return 0;
}

void pl_tape_packer_destroy(struct pl_tape_packer **packer)
{
    if (*packer != NULL) {
        ZSTD_freeCCtx((*packer)->zstd);
        pl_tape_buf_free(&(*packer)->plane);
        free(*packer);
        *packer = NULL;
    }
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
    uint64_t k = magnitude(v) / unit;
    if (!zigzag) {
        return k;
    }
    /* -2^63 with unit 1 zig-zags to 2^64 - 1, as it should. */
    return v < 0 ? (k << 1) - 1 : k << 1;
}

static int pack_plane(struct pl_tape_packer *p, const uint8_t *plane, uint32_t count,
                      struct pl_tape_buf *dir, struct pl_tape_buf *data)
{
    bool constant = true;
    for (uint32_t i = 1; i < count && constant; i++) {
        constant = plane[i] == plane[0];
    }
    if (constant) {
        pl_tape_buf_int(dir, CODEC_CONST, 1);
        pl_tape_buf_int(dir, plane[0], 1);
        pl_tape_buf_int(dir, 0, 6);
        return 0;
    }
    size_t room = ZSTD_compressBound(count);
    uint8_t *to = pl_tape_buf_room(data, room);
    if (to == NULL) {
        return PL_ERR_NOMEM;
    }
    size_t size = ZSTD_compress2(p->zstd, to, room, plane, count);
    bool raw = ZSTD_isError(size) || size + size / 32 >= count; /* 3 % is not worth the time */
    if (raw) {
        memcpy(to, plane, count);
        size = count;
    }
    data->size += size;
    pl_tape_buf_int(dir, raw ? CODEC_RAW : CODEC_ZSTD, 1);
    pl_tape_buf_int(dir, 0, 3);
    pl_tape_buf_int(dir, size, 4);
    return 0;
}

int pl_tape_pack(struct pl_tape_packer *p, uint8_t id, const struct pl_tape_values *values,
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
    unsigned width = any == 0 ? 0 : (71 - (unsigned)__builtin_clzll(any)) / 8;
    pl_tape_buf_int(dir, id, 1);
    pl_tape_buf_int(dir, width, 1);
    pl_tape_buf_int(dir, zigzag, 2);
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
        int rc = pack_plane(p, plane, n, dir, data);
        if (rc < 0) {
            return rc;
        }
    }
    return dir->failed || data->failed || values->failed ? PL_ERR_NOMEM : 0;
}

/* ---- reading ---- */

struct pl_tape_unpacker {
    ZSTD_DCtx *zstd;
    struct pl_tape_buf scratch[PL_TS_COUNT * 8];
    uint32_t scratch_used;
};

int pl_tape_unpacker_create(struct pl_tape_unpacker **out)
{
    struct pl_tape_unpacker *u = calloc(1, sizeof *u);
    *out = u;
    if (u == NULL) {
        return PL_ERR_NOMEM;
    }
    u->zstd = ZSTD_createDCtx();
    if (u->zstd == NULL) {
        pl_tape_unpacker_destroy(out);
        return PL_ERR_NOMEM;
    }
    return 0;
}

void pl_tape_unpacker_destroy(struct pl_tape_unpacker **unpacker)
{
    if (*unpacker != NULL) {
        ZSTD_freeDCtx((*unpacker)->zstd);
        for (size_t i = 0; i < PL_COUNT((*unpacker)->scratch); i++) {
            pl_tape_buf_free(&(*unpacker)->scratch[i]);
        }
        free(*unpacker);
        *unpacker = NULL;
    }
}

void pl_tape_unpacker_reset(struct pl_tape_unpacker *unpacker)
{
    unpacker->scratch_used = 0;
}

/* A plane buffer of `count` bytes, kept from block to block; NULL when out of memory. */
static uint8_t *scratch_take(struct pl_tape_unpacker *u, uint32_t count)
{
    PL_ASSERT(u->scratch_used < PL_COUNT(u->scratch));
    struct pl_tape_buf *buf = &u->scratch[u->scratch_used++];
    return pl_tape_buf_room(buf, count);
}

static int unpack_plane(struct pl_tape_unpacker *u, const uint8_t *entry, uint32_t count,
                        struct pl_tape_cut *data, const uint8_t **out)
{
    uint32_t size = (uint32_t)entry[4] | (uint32_t)entry[5] << 8 | (uint32_t)entry[6] << 16 |
                    (uint32_t)entry[7] << 24;
    if (entry[0] == CODEC_RAW) {
        *out = size == count ? pl_tape_cut_bytes(data, size) : NULL;
        return *out != NULL ? 0 : PL_ERR_CORRUPT;
    }
    uint8_t *to = entry[0] <= CODEC_ZSTD ? scratch_take(u, count) : NULL;
    if (to == NULL) {
        return entry[0] <= CODEC_ZSTD ? PL_ERR_NOMEM : PL_ERR_CORRUPT;
    }
    *out = to;
    if (entry[0] == CODEC_CONST) {
        memset(to, entry[1], count);
        return size == 0 ? 0 : PL_ERR_CORRUPT;
    }
    const uint8_t *from = pl_tape_cut_bytes(data, size);
    if (from == NULL) {
        return PL_ERR_CORRUPT;
    }
    size_t got = ZSTD_decompressDCtx(u->zstd, to, count, from, size);
    return got == count ? 0 : PL_ERR_CORRUPT; /* an error code is above any count */
}

/* Directory entries lie before all planes: find where the planes begin. */
static int find_planes(const struct pl_tape_cut *in, uint32_t stream_count,
                       struct pl_tape_cut *data)
{
    *data = *in;
    for (uint32_t s = 0; s < stream_count; s++) {
        const uint8_t *entry = pl_tape_cut_bytes(data, STREAM_ENTRY_SIZE);
        if (entry == NULL || entry[1] > 8 ||
            pl_tape_cut_bytes(data, entry[1] * (size_t)PLANE_ENTRY_SIZE) == NULL) {
            return PL_ERR_CORRUPT;
        }
    }
    return 0;
}

static int unpack_stream(struct pl_tape_unpacker *u, struct pl_tape_cut *in,
                         struct pl_tape_cut *data, uint32_t values_max, struct pl_tape_column *c)
{
    unsigned width = (unsigned)pl_tape_cut_int(in, 1);
    unsigned zigzag = (unsigned)pl_tape_cut_int(in, 2);
    uint32_t count = pl_tape_cut_u32(in);
    uint64_t unit = pl_tape_cut_int(in, 8);
    if (c->unit != 0 || zigzag > 1 || count == 0 || count > values_max || unit == 0) {
        return PL_ERR_CORRUPT;
    }
    *c = (struct pl_tape_column){
        .count = count, .width = (uint8_t)width, .zigzag = zigzag == 1, .unit = unit};
    for (unsigned j = 0; j < width; j++) {
        const uint8_t *entry = pl_tape_cut_bytes(in, PLANE_ENTRY_SIZE);
        int rc = unpack_plane(u, entry, count, data, &c->plane[j]);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

int pl_tape_unpack(struct pl_tape_unpacker *u, struct pl_tape_cut *in, uint32_t stream_count,
                   uint32_t column_count, uint32_t values_max, struct pl_tape_column *column)
{
    struct pl_tape_cut data;
    memset(column, 0, column_count * sizeof *column);
    if (stream_count > column_count || find_planes(in, stream_count, &data) < 0) {
        return PL_ERR_CORRUPT;
    }
    for (uint32_t s = 0; s < stream_count; s++) {
        uint32_t id = (uint32_t)pl_tape_cut_int(in, 1);
        int rc = id < column_count ? unpack_stream(u, in, &data, values_max, &column[id])
                                   : PL_ERR_CORRUPT;
        if (rc < 0) {
            return rc;
        }
    }
    bool all_used = data.at == data.end;
    *in = data;
    return all_used ? 0 : PL_ERR_CORRUPT;
}

static void join_planes(const struct pl_tape_column *c, uint32_t first, uint32_t n, uint64_t *out)
{
    const uint8_t *p[8];
    for (unsigned j = 0; j < c->width; j++) {
        p[j] = c->plane[j] + first;
    }
    switch (c->width) {
    case 0:
        memset(out, 0, n * sizeof *out);
        return;
    case 1:
        for (uint32_t i = 0; i < n; i++) {
            out[i] = p[0][i];
        }
        return;
    case 2:
        for (uint32_t i = 0; i < n; i++) {
            out[i] = (uint64_t)p[0][i] | (uint64_t)p[1][i] << 8;
        }
        return;
    case 3:
        for (uint32_t i = 0; i < n; i++) {
            out[i] = (uint64_t)p[0][i] | (uint64_t)p[1][i] << 8 | (uint64_t)p[2][i] << 16;
        }
        return;
    default:
        for (uint32_t i = 0; i < n; i++) {
            out[i] = (uint64_t)p[0][i] | (uint64_t)p[1][i] << 8 | (uint64_t)p[2][i] << 16 |
                     (uint64_t)p[3][i] << 24;
        }
        for (unsigned j = 4; j < c->width; j++) {
            for (uint32_t i = 0; i < n; i++) {
                out[i] |= (uint64_t)p[j][i] << (8 * j);
            }
        }
    }
}

void pl_tape_expand(const struct pl_tape_column *c, uint32_t first, uint32_t n, int64_t *out)
{
    join_planes(c, first, n, (uint64_t *)out);
    if (c->zigzag) {
        for (uint32_t i = 0; i < n; i++) {
            out[i] = pl_unzigzag((uint64_t)out[i]);
        }
    }
    if (c->unit != 1) {
        for (uint32_t i = 0; i < n; i++) {
            out[i] = (int64_t)((uint64_t)out[i] * c->unit);
        }
    }
}
