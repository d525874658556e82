#include "import/input.h"

#include "import/input_raw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int pl_input_fill(struct pl_input *in, struct pl_error *err)
{
    if (in->raw_ended) {
        return 0;
    }
    if (in->at > 0) {
        memmove(in->buf, in->buf + in->at, in->end - in->at);
        in->end -= in->at;
        in->at = 0;
    }
    size_t room = in->cap - in->end;
    if (room == 0) {
        return 1;
    }
    if (in->fd < 0) {
        size_t left = in->memory_size - (size_t)in->taken;
        size_t n = left < room ? left : room;
        if (n > 0) {
            memcpy(in->buf + in->end, in->memory + in->taken, n);
        }
        in->end += n;
        in->taken += n;
        in->raw_ended = n == 0;
        return n > 0;
    }
    for (;;) {
        ssize_t n = read(in->fd, in->buf + in->end, room);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return pl_error_set(err, PL_ERR_IO, "%s: read failed at byte %llu: %s", in->name,
                                (unsigned long long)in->taken, strerror(errno));
        }
        in->end += (size_t)n;
        in->taken += (uint64_t)n;
        in->raw_ended = n == 0;
        return n > 0;
    }
}

int pl_input_restart_raw(struct pl_input *in, struct pl_error *err)
{
    if (in->fd >= 0 && lseek(in->fd, 0, SEEK_SET) != 0) {
        return pl_error_set(err, PL_ERR_IO, "%s: cannot go back to the start: %s", in->name,
                            strerror(errno));
    }
    in->at = in->end = 0;
    in->taken = 0;
    in->raw_ended = false;
    return 0;
}

static int64_t read_plain(struct pl_input *in, void *out, size_t size, struct pl_error *err)
{
    if (in->at == in->end) {
        int rc = pl_input_fill(in, err);
        if (rc <= 0) {
            return rc;
        }
    }
    size_t n = in->end - in->at < size ? in->end - in->at : size;
    memcpy(out, in->buf + in->at, n);
    in->at += n;
    return (int64_t)n;
}

static const struct pl_unpacker plain = {read_plain, NULL};

static int detect_and_open(struct pl_input *in, struct pl_error *err)
{
    static const struct {
        enum pl_input_packing packing;
        size_t size;
        const char *magic;
    } magics[] = {
        {PL_INPUT_GZIP, 2, "\x1f\x8b"},
        {PL_INPUT_ZSTD, 4, "\x28\xb5\x2f\xfd"},
        {PL_INPUT_ZIP, 4, "PK\x03\x04"},
        {PL_INPUT_ZIP, 4, "PK\x05\x06"}, /* an empty archive */
    };
    int rc;
    do {
        rc = pl_input_fill(in, err);
    } while (rc > 0 && in->end < 8);
    if (rc < 0) {
        return rc;
    }
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        if (in->end >= magics[i].size && memcmp(in->buf, magics[i].magic, magics[i].size) == 0) {
            in->packing = magics[i].packing;
            break;
        }
    }
    switch (in->packing) {
    case PL_INPUT_GZIP:
        return pl_input_open_gzip(in, err);
    case PL_INPUT_ZSTD:
        return pl_input_open_zstd(in, err);
    case PL_INPUT_ZIP:
        return pl_input_open_zip(in, err);
    case PL_INPUT_PLAIN:
        break;
    }
    in->unpacker = &plain;
    return 0;
}

static int finish_open(struct pl_input *in, struct pl_input **out, struct pl_error *err)
{
    int rc = detect_and_open(in, err);
    if (rc < 0) {
        pl_input_close(&in);
        return rc;
    }
    *out = in;
    return 0;
}

static struct pl_input *create(const char *name, size_t cap)
{
    struct pl_input *in = calloc(1, sizeof *in);
    if (in == NULL) {
        return NULL;
    }
    in->fd = -1;
    in->name = strdup(name);
    in->cap = cap;
    in->buf = malloc(cap);
    if (in->name == NULL || in->buf == NULL) {
        pl_input_close(&in);
    }
    return in;
}

int pl_input_open(const char *path, struct pl_input **out, struct pl_error *err)
{
    *out = NULL;
    bool standard = strcmp(path, "-") == 0;
    struct pl_input *in = create(standard ? "stdin" : path, PL_INPUT_RAW_SIZE);
    if (in == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", path);
    }
    in->fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0) {
        int code = errno == ENOENT ? PL_ERR_NOTFOUND : PL_ERR_IO;
        code = pl_error_set(err, code, "%s: cannot open: %s", in->name, strerror(errno));
        pl_input_close(&in);
        return code;
    }
    struct stat st;
    if (fstat(in->fd, &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            pl_input_close(&in);
            return pl_error_set(err, PL_ERR_INVALID, "%s: is a directory; name the files in it",
                                path);
        }
        in->regular = S_ISREG(st.st_mode) && !standard;
        in->total = S_ISREG(st.st_mode) && st.st_size > 0 ? (uint64_t)st.st_size : 0;
    }
    return finish_open(in, out, err);
}

int pl_input_open_memory(const void *bytes, size_t size, const char *name, struct pl_input **out,
                         struct pl_error *err)
{
    *out = NULL;
    size_t cap = size < 64 ? 64 : size < PL_INPUT_RAW_SIZE ? size : PL_INPUT_RAW_SIZE;
    struct pl_input *in = create(name, cap);
    if (in == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", name);
    }
    in->memory = bytes;
    in->memory_size = size;
    in->total = size;
    in->regular = true;
    return finish_open(in, out, err);
}

void pl_input_close(struct pl_input **in)
{
    struct pl_input *self = *in;
    *in = NULL;
    if (self == NULL) {
        return;
    }
    if (self->unpacker != NULL && self->unpacker->close != NULL) {
        self->unpacker->close(self);
    }
    if (self->fd >= 0) {
        close(self->fd);
    }
    free(self->again);
    free(self->buf);
    free(self->name);
    free(self);
}

int64_t pl_input_read(struct pl_input *in, void *out, size_t size, struct pl_error *err)
{
    if (in->again_at < in->again_size) {
        size_t left = in->again_size - in->again_at;
        size_t n = left < size ? left : size;
        memcpy(out, in->again + in->again_at, n);
        in->again_at += n;
        if (in->again_at == in->again_size) {
            free(in->again);
            in->again = NULL;
            in->again_at = in->again_size = 0;
        }
        return (int64_t)n;
    }
    int64_t n = in->unpacker->read(in, out, size, err);
    in->unpacked += n > 0 ? (uint64_t)n : 0;
    return n;
}

int pl_input_next_member(struct pl_input *in, struct pl_error *err)
{
    return in->packing == PL_INPUT_ZIP ? pl_input_zip_next(in, err) : 0;
}

int pl_input_unread(struct pl_input *in, const void *bytes, size_t size)
{
    size_t left = in->again_size - in->again_at;
    uint8_t *both = malloc(size + left + 1);
    if (both == NULL) {
        return PL_ERR_NOMEM;
    }
    memcpy(both, bytes, size);
    if (left > 0) {
        memcpy(both + size, in->again + in->again_at, left);
    }
    free(in->again);
    in->again = both;
    in->again_at = 0;
    in->again_size = size + left;
    return 0;
}

const char *pl_input_name(const struct pl_input *in)
{
    return in->name;
}

const char *pl_input_member(const struct pl_input *in)
{
    return in->member;
}

enum pl_input_packing pl_input_packing(const struct pl_input *in)
{
    return in->packing;
}

bool pl_input_rereadable(const struct pl_input *in)
{
    return in->regular;
}

uint64_t pl_input_done(const struct pl_input *in)
{
    return in->taken - (in->end - in->at);
}

uint64_t pl_input_total(const struct pl_input *in)
{
    return in->total;
}
