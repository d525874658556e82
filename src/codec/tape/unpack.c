#include "codec/tape/unpack.h"

#include "codec/tape/format.h"
#include "codec/tape/values.h"

#include <zstd.h>

#define STREAM_ENTRY_SIZE 16
#define PLANE_ENTRY_SIZE  8
#define SCRATCH_MAX       (PL_TS_COUNT * 8 * 3) /* a sparse plane takes three */

struct pl_tape_unpacker {
    ZSTD_DCtx *zstd;
    struct pl_tape_buf scratch[SCRATCH_MAX];
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
        for (size_t i = 0; i < SCRATCH_MAX; i++) {
            pl_tape_buf_free(&(*unpacker)->scratch[i]);
        }
        free(*unpacker);
        *unpacker = NULL;
    }
}

/* A buffer of `size` bytes and a stride more, kept from block to block; NULL when out of memory. */
static uint8_t *scratch_take(struct pl_tape_unpacker *u, size_t size)
{
    struct pl_tape_buf *buf = &u->scratch[u->scratch_used++];
    uint8_t *at = pl_tape_buf_room(buf, size + PL_TAPE_STRIDE);
    buf->failed = false; /* another block may be smaller */
    return at;
}

struct plane_entry {
    unsigned codec, value;
    uint32_t size;
};

static struct plane_entry read_entry(struct pl_tape_cut *dir)
{
    struct plane_entry e = {.codec = (unsigned)pl_tape_cut_int(dir, 1)};
    e.value = (unsigned)pl_tape_cut_int(dir, 1);
    (void)pl_tape_cut_int(dir, 2);
    e.size = pl_tape_cut_u32(dir);
    return e;
}

/* Raw bytes stay where they are, unless reading PL_TAPE_STRIDE past them would leave the data. */
static int take_raw(struct pl_tape_unpacker *u, size_t count, struct pl_tape_cut *data,
                    const uint8_t **out)
{
    const uint8_t *at = pl_tape_cut_bytes(data, count);
    *out = at;
    if (at == NULL) {
        return PL_ERR_CORRUPT;
    }
    if (data->end - data->at >= PL_TAPE_STRIDE) {
        return 0;
    }
    uint8_t *copy = scratch_take(u, count);
    if (copy == NULL) {
        return PL_ERR_NOMEM;
    }
    memcpy(copy, at, count);
    *out = copy;
    return 0;
}

/* `count` bytes that the entry describes. */
static int unpack_bytes(struct pl_tape_unpacker *u, struct plane_entry e, size_t count,
                        struct pl_tape_cut *data, const uint8_t **out)
{
    if (e.codec == PL_TAPE_PLANE_RAW) {
        return e.size == count ? take_raw(u, count, data, out) : PL_ERR_CORRUPT;
    }
    if (e.codec != PL_TAPE_PLANE_ZSTD && e.codec != PL_TAPE_PLANE_CONST) {
        return PL_ERR_CORRUPT;
    }
    uint8_t *to = scratch_take(u, count);
    if (to == NULL) {
        return PL_ERR_NOMEM;
    }
    *out = to;
    if (e.codec == PL_TAPE_PLANE_CONST) {
        memset(to, (int)e.value, count);
        return e.size == 0 ? 0 : PL_ERR_CORRUPT;
    }
    const uint8_t *from = pl_tape_cut_bytes(data, e.size);
    if (from == NULL) {
        return PL_ERR_CORRUPT;
    }
    size_t got = ZSTD_decompressDCtx(u->zstd, to, count, from, e.size);
    return got == count ? 0 : PL_ERR_CORRUPT; /* an error code is above any count */
}

/* Gaps to places; false when they do not lie in the column or do not add up. */
static bool place_patch(const uint8_t *gap, uint32_t gap_count, uint32_t count, uint32_t values,
                        uint32_t *place)
{
    uint32_t found = 0;
    uint64_t at = 0;
    for (uint32_t g = 0; g < gap_count; g++) {
        at += gap[g];
        if (gap[g] == 255) {
            continue;
        }
        if (found == count || at >= values) {
            return false;
        }
        place[found++] = (uint32_t)at++;
    }
    place[count] = UINT32_MAX;
    return found == count;
}

static int unpack_sparse(struct pl_tape_unpacker *u, struct pl_tape_cut *dir,
                         struct pl_tape_cut *data, uint32_t values, struct pl_tape_patch *patch)
{
    struct plane_entry head = read_entry(dir), gaps = read_entry(dir);
    struct plane_entry gap_bytes = read_entry(dir), bytes = read_entry(dir);
    uint32_t count = head.size, gap_count = gaps.size;
    if (head.codec != PL_TAPE_PLANE_SPARSE || gaps.codec != PL_TAPE_PLANE_SPARSE ||
        count > values || gap_count > count + values / 255 + 1) {
        return PL_ERR_CORRUPT;
    }
    const uint8_t *gap;
    int rc = unpack_bytes(u, gap_bytes, gap_count, data, &gap);
    if (rc == 0) {
        rc = unpack_bytes(u, bytes, count, data, &patch->byte);
    }
    if (rc < 0) {
        return rc;
    }
    uint32_t *place = (uint32_t *)(void *)scratch_take(u, (count + (size_t)1) * sizeof *place);
    if (place == NULL) {
        return PL_ERR_NOMEM;
    }
    patch->place = place;
    patch->count = count;
    return place_patch(gap, gap_count, count, values, place) ? 0 : PL_ERR_CORRUPT;
}

static int unpack_stream(struct pl_tape_unpacker *u, struct pl_tape_cut *dir,
                         struct pl_tape_cut *data, uint32_t values_max, struct pl_tape_column *c)
{
    unsigned width = (unsigned)pl_tape_cut_int(dir, 1), dense = (unsigned)pl_tape_cut_int(dir, 1);
    unsigned zigzag = (unsigned)pl_tape_cut_int(dir, 1);
    uint32_t count = pl_tape_cut_u32(dir);
    uint64_t unit = pl_tape_cut_int(dir, 8);
    if (c->unit != 0 || width > 8 || dense > width || zigzag > 1 || count == 0 ||
        count > values_max || unit == 0) {
        return PL_ERR_CORRUPT;
    }
    *c = (struct pl_tape_column){.count = count,
                                 .width = (uint8_t)width,
                                 .dense = (uint8_t)dense,
                                 .zigzag = zigzag == 1,
                                 .unit = unit};
    int rc = 0;
    for (unsigned j = 0; j < dense && rc == 0; j++) {
        rc = unpack_bytes(u, read_entry(dir), count, data, &c->plane[j]);
    }
    for (unsigned j = dense; j < width && rc == 0; j++) {
        rc = unpack_sparse(u, dir, data, count, &c->patch[j]);
    }
    return rc;
}

int pl_tape_unpack(struct pl_tape_unpacker *u, struct pl_tape_cut dir, struct pl_tape_cut data,
                   uint32_t stream_count, uint32_t column_count, uint32_t values_max,
                   struct pl_tape_column *column)
{
    memset(column, 0, column_count * sizeof *column);
    u->scratch_used = 0;
    for (uint32_t s = 0; s < stream_count; s++) {
        uint32_t id = (uint32_t)pl_tape_cut_int(&dir, 1);
        int rc = !dir.failed && id < column_count
                     ? unpack_stream(u, &dir, &data, values_max, &column[id])
                     : PL_ERR_CORRUPT;
        if (rc < 0) {
            return rc;
        }
    }
    return !dir.failed && dir.at == dir.end && data.at == data.end ? 0 : PL_ERR_CORRUPT;
}

/* Joining planes: one loop for each number of planes, in whole strides, so that each becomes vector
 * code without ends to tidy up (a side of a message is some 30 rows). Up to three planes are joined
 * in 32 bits and widened once, which halves the work of joining in 64. The baseline's SSE4 is
 * enough: the same loops in AVX2 were not faster, they wait for memory. */
static void join1(const uint8_t *restrict a, uint32_t n, uint64_t *restrict out)
{
    for (size_t i = 0; i < n; i += PL_TAPE_STRIDE) {
        for (size_t k = i; k < i + PL_TAPE_STRIDE; k++) {
            out[k] = a[k];
        }
    }
}

static void join2(const uint8_t *restrict a, const uint8_t *restrict b, uint32_t n,
                  uint64_t *restrict out)
{
    for (size_t i = 0; i < n; i += PL_TAPE_STRIDE) {
        for (size_t k = i; k < i + PL_TAPE_STRIDE; k++) {
            out[k] = (uint32_t)a[k] | (uint32_t)b[k] << 8;
        }
    }
}

static void join3(const uint8_t *restrict a, const uint8_t *restrict b, const uint8_t *restrict c,
                  uint32_t n, uint64_t *restrict out)
{
    for (size_t i = 0; i < n; i += PL_TAPE_STRIDE) {
        for (size_t k = i; k < i + PL_TAPE_STRIDE; k++) {
            out[k] = (uint32_t)a[k] | (uint32_t)b[k] << 8 | (uint32_t)c[k] << 16;
        }
    }
}

static void join_byte(const uint8_t *restrict a, unsigned byte, uint32_t n, uint64_t *restrict out)
{
    for (size_t i = 0; i < n; i += PL_TAPE_STRIDE) {
        for (size_t k = i; k < i + PL_TAPE_STRIDE; k++) {
            out[k] |= (uint64_t)a[k] << (8 * byte);
        }
    }
}

static void undo_zigzag(uint32_t n, uint64_t *out)
{
    for (size_t i = 0; i < n; i += PL_TAPE_STRIDE) {
        for (size_t k = i; k < i + PL_TAPE_STRIDE; k++) {
            out[k] = (uint64_t)pl_unzigzag(out[k]);
        }
    }
}

static void scale(uint64_t unit, uint32_t n, uint64_t *out)
{
    for (size_t i = 0; i < n; i += PL_TAPE_STRIDE) {
        for (size_t k = i; k < i + PL_TAPE_STRIDE; k++) {
            out[k] *= unit;
        }
    }
}

static void apply_patches(struct pl_tape_column *c, uint32_t first, uint32_t n, uint64_t *out)
{
    for (unsigned j = c->dense; j < c->width; j++) {
        struct pl_tape_patch *p = &c->patch[j];
        uint32_t at = p->next, end = first + n;
        for (; p->place[at] < end; at++) {
            out[p->place[at] - first] |= (uint64_t)p->byte[at] << (8 * j);
        }
        p->next = at;
    }
}

void pl_tape_expand(struct pl_tape_column *c, uint32_t first, uint32_t n, int64_t *values)
{
    uint64_t *out = (uint64_t *)values;
    switch (c->dense) {
    case 0:
        memset(out, 0, n * sizeof *out);
        break;
    case 1:
        join1(c->plane[0] + first, n, out);
        break;
    case 2:
        join2(c->plane[0] + first, c->plane[1] + first, n, out);
        break;
    case 3:
        join3(c->plane[0] + first, c->plane[1] + first, c->plane[2] + first, n, out);
        break;
    default:
        join3(c->plane[0] + first, c->plane[1] + first, c->plane[2] + first, n, out);
        for (unsigned j = 3; j < c->dense; j++) {
            join_byte(c->plane[j] + first, j, n, out);
        }
    }
    apply_patches(c, first, n, out);
    if (c->zigzag) {
        undo_zigzag(n, out);
    }
    if (c->unit != 1) {
        scale(c->unit, n, out);
    }
}
