/* gzip by ISA-L (two to three times as fast as zlib), with zlib as judge: what ISA-L refuses is
 * read again by zlib from the start, and only what zlib refuses too is called corrupt. */
#include "import/input_raw.h"

#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct gzip {
    struct inflate_state fast;
    z_stream slow;
    bool use_slow, slow_open;
    bool ended;   /* the last member is whole */
    bool between; /* a member is over, and what follows not yet looked at */
    bool refused; /* ISA-L met an error */
};

static int damaged(struct pl_input *in, int code, const char *what, struct pl_error *err)
{
    return pl_error_set(
        err, code,
        "%s: %s near byte %llu of the gzip file (byte %llu of the text); everything "
        "before was read. Copy or download the file again",
        in->name, what, (unsigned long long)pl_input_done(in), (unsigned long long)in->unpacked);
}

/* After a member: another one, zero padding to the end, or junk. 1 = go on, 0 = the end. */
static int next_member(struct pl_input *in, struct gzip *z, struct pl_error *err)
{
    bool zeros = false;
    for (;;) {
        while (in->end - in->at < 2) {
            int rc = pl_input_fill(in, err);
            if (rc < 0) {
                return rc;
            }
            if (rc == 0) {
                break;
            }
        }
        if (in->at == in->end) {
            z->ended = true;
            return 0;
        }
        if (in->buf[in->at] != 0) {
            break;
        }
        zeros = true;
        in->at++;
    }
    if (!zeros && in->end - in->at >= 2 && in->buf[in->at] == 0x1f && in->buf[in->at + 1] == 0x8b) {
        return 1;
    }
    return damaged(in, PL_ERR_CORRUPT, "bytes that are not gzip follow the data", err);
}

static int64_t read_slow(struct pl_input *in, void *out, size_t size, struct pl_error *err)
{
    struct gzip *z = in->state;
    z->slow.next_out = out;
    z->slow.avail_out = (uInt)size;
    while (z->slow.avail_out == size && !z->ended) {
        if (in->at == in->end) {
            int rc = pl_input_fill(in, err);
            if (rc < 0) {
                return rc;
            }
            if (rc == 0) {
                return damaged(in, PL_ERR_TRUNCATED, "the file ends in the middle", err);
            }
        }
        z->slow.next_in = in->buf + in->at;
        z->slow.avail_in = (uInt)(in->end - in->at);
        int zrc = inflate(&z->slow, Z_NO_FLUSH);
        in->at = in->end - z->slow.avail_in;
        if (zrc == Z_STREAM_END) {
            int rc = next_member(in, z, err);
            if (rc < 0 && z->slow.avail_out == size) {
                return rc;
            }
            if (rc < 0) {
                break; /* said again by the next call */
            }
            if (rc > 0) {
                inflateReset(&z->slow);
            }
        } else if (zrc != Z_OK && zrc != Z_BUF_ERROR) {
            if (z->slow.avail_out != size) {
                break;
            }
            return damaged(in, PL_ERR_CORRUPT,
                           z->slow.msg != NULL ? z->slow.msg : "the compressed data is damaged",
                           err);
        }
    }
    return (int64_t)(size - z->slow.avail_out);
}

/* Reads the file again by zlib and throws away what was already given out. */
static int64_t turn_slow(struct pl_input *in, void *out, size_t size, struct pl_error *err)
{
    struct gzip *z = in->state;
    if (!in->regular) {
        return damaged(in, PL_ERR_CORRUPT, "the compressed data is damaged", err);
    }
    int rc = pl_input_restart_raw(in, err);
    if (rc < 0) {
        return rc;
    }
    if (inflateInit2(&z->slow, 15 + 16) != Z_OK) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", in->name);
    }
    z->use_slow = z->slow_open = true;
    z->ended = false;
    uint64_t skip = in->unpacked;
    while (skip > 0) {
        int64_t n = read_slow(in, out, skip < size ? (size_t)skip : size, err);
        if (n <= 0) {
            return n < 0 ? n : damaged(in, PL_ERR_CORRUPT, "the compressed data is damaged", err);
        }
        skip -= (uint64_t)n;
    }
    return read_slow(in, out, size, err);
}

/* A member is over: on to the next, if there is one. */
static int between_members(struct pl_input *in, struct gzip *z, struct pl_error *err)
{
    int rc = next_member(in, z, err);
    z->between = rc < 0;
    if (rc > 0) {
        isal_inflate_reset(&z->fast);
        z->fast.crc_flag = ISAL_GZIP;
    }
    return rc;
}

static int64_t read_gzip(struct pl_input *in, void *out, size_t size, struct pl_error *err)
{
    struct gzip *z = in->state;
    if (size > (size_t)1 << 30) {
        size = (size_t)1 << 30;
    }
    if (z->use_slow) {
        return read_slow(in, out, size, err);
    }
    if (z->between) {
        int rc = between_members(in, z, err);
        if (rc < 0) {
            return rc;
        }
    }
    z->fast.next_out = out;
    z->fast.avail_out = (uint32_t)size;
    while (z->fast.avail_out == size && !z->ended && !z->refused) {
        bool no_more = false;
        if (in->at == in->end) {
            int rc = pl_input_fill(in, err);
            if (rc < 0) {
                return rc;
            }
            no_more = rc == 0;
        }
        z->fast.next_in = in->buf + in->at;
        z->fast.avail_in = (uint32_t)(in->end - in->at);
        int irc = isal_inflate(&z->fast);
        in->at = in->end - z->fast.avail_in;
        if (irc < 0) { /* also a wrong checksum, which comes with the end of a member */
            z->refused = true;
            break;
        }
        if (z->fast.block_state == ISAL_BLOCK_FINISH) {
            z->between = true;
            if (z->fast.avail_out != size) {
                break; /* what came out first, before anything behind it is judged */
            }
            int rc = between_members(in, z, err);
            if (rc < 0) {
                return rc;
            }
        } else if (no_more && z->fast.avail_out == size) {
            return damaged(in, PL_ERR_TRUNCATED, "the file ends in the middle", err);
        }
    }
    if (z->refused && z->fast.avail_out == size) {
        return turn_slow(in, out, size, err);
    }
    return (int64_t)(size - z->fast.avail_out);
}

static void close_gzip(struct pl_input *in)
{
    struct gzip *z = in->state;
    if (z->slow_open) {
        inflateEnd(&z->slow);
    }
    free(z);
}

static const struct pl_unpacker gzip_unpacker = {read_gzip, close_gzip};

int pl_input_open_gzip(struct pl_input *in, struct pl_error *err)
{
    struct gzip *z = calloc(1, sizeof *z);
    if (z == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", in->name);
    }
    isal_inflate_init(&z->fast);
    z->fast.crc_flag = ISAL_GZIP;
    in->state = z;
    in->unpacker = &gzip_unpacker;
    return 0;
}
