#include "import/input_raw.h"

#include <stdlib.h>
#include <zstd.h>

struct zstd {
    ZSTD_DStream *stream;
    size_t hint; /* 0 = between frames */
    bool broken;
};

static int64_t read_zstd(struct pl_input *in, void *out, size_t size, struct pl_error *err)
{
    struct zstd *z = in->state;
    ZSTD_outBuffer dst = {out, size, 0};
    while (dst.pos == 0) {
        bool no_more = false;
        if (in->at == in->end) {
            int rc = pl_input_fill(in, err);
            if (rc < 0) {
                return rc;
            }
            no_more = rc == 0;
        }
        if (no_more && z->hint == 0) {
            return 0;
        }
        ZSTD_inBuffer src = {in->buf + in->at, in->end - in->at, 0};
        size_t rc = z->broken ? (size_t)-1 : ZSTD_decompressStream(z->stream, &dst, &src);
        in->at += src.pos;
        if (ZSTD_isError(rc)) {
            z->broken = true;
            if (dst.pos > 0) {
                break;
            }
            return pl_error_set(
                err, PL_ERR_CORRUPT,
                "%s: the compressed data is damaged near byte %llu of the zstd file "
                "(byte %llu of the text); everything before was read",
                in->name, (unsigned long long)pl_input_done(in), (unsigned long long)in->unpacked);
        }
        z->hint = rc;
        if (no_more && dst.pos == 0) {
            return pl_error_set(err, PL_ERR_TRUNCATED,
                                "%s: the zstd file ends in the middle, at byte %llu (byte %llu of "
                                "the text); everything before was read",
                                in->name, (unsigned long long)pl_input_done(in),
                                (unsigned long long)in->unpacked);
        }
    }
    return (int64_t)dst.pos;
}

static void close_zstd(struct pl_input *in)
{
    struct zstd *z = in->state;
    ZSTD_freeDStream(z->stream);
    free(z);
}

static const struct pl_unpacker zstd_unpacker = {read_zstd, close_zstd};

int pl_input_open_zstd(struct pl_input *in, struct pl_error *err)
{
    struct zstd *z = calloc(1, sizeof *z);
    if (z != NULL) {
        z->stream = ZSTD_createDStream();
    }
    if (z == NULL || z->stream == NULL) {
        free(z);
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", in->name);
    }
    in->state = z;
    in->unpacker = &zstd_unpacker;
    return 0;
}
