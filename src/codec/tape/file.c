#include "codec/tape/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int pl_tape_file_open(struct pl_tape_file *f, const char *path, struct pl_error *err)
{
    *f = (struct pl_tape_file){.fd = -1};
    f->name = strdup(path);
    if (f->name == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", path);
    }
    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (f->fd < 0 || fstat(f->fd, &st) != 0) {
        int rc = pl_error_set(err, PL_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
        pl_tape_file_close(f);
        return rc;
    }
    if (!S_ISREG(st.st_mode)) {
        pl_tape_file_close(f);
        return pl_error_set(err, PL_ERR_IO, "%s: a tape is a regular file; this is not", path);
    }
    f->size = (uint64_t)st.st_size;
    return 0;
}

int pl_tape_file_memory(struct pl_tape_file *f, const void *bytes, size_t size,
                        struct pl_error *err)
{
    *f = (struct pl_tape_file){.fd = -1, .memory = bytes, .size = size};
    f->name = strdup("tape in memory");
    return f->name != NULL ? 0 : pl_error_set(err, PL_ERR_NOMEM, "out of memory");
}

void pl_tape_file_close(struct pl_tape_file *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd); /* only read from */
    }
    free(f->name);
    pl_tape_buf_free(&f->scratch);
    *f = (struct pl_tape_file){.fd = -1};
}

int pl_tape_file_read(struct pl_tape_file *f, uint64_t offset, size_t size, const uint8_t **out,
                      struct pl_error *err)
{
    if (f->fd < 0) {
        *out = f->memory + offset;
        return 0;
    }
    f->scratch.size = 0;
    uint8_t *to = pl_tape_buf_room(&f->scratch, size);
    if (to == NULL) {
        f->scratch.failed = false;
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory for %zu bytes", f->name, size);
    }
    for (size_t got = 0; got < size;) {
        ssize_t n = pread(f->fd, to + got, size - got, (off_t)(offset + got));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            uint64_t at = offset + got;
            return pl_error_set(err, PL_ERR_IO, "%s: cannot read at byte %" PRIu64 ": %s", f->name,
                                at, n < 0 ? strerror(errno) : "the file became shorter");
        }
        got += (size_t)n;
    }
    *out = to;
    return 0;
}

int pl_tape_out_open(struct pl_tape_out *o, const char *path, struct pl_error *err)
{
    *o = (struct pl_tape_out){.fd = -1};
    if (path == NULL) {
        return 0;
    }
    size_t size = strlen(path) + sizeof ".part";
    o->path = strdup(path);
    o->part = malloc(size);
    if (o->path == NULL || o->part == NULL) {
        pl_tape_out_close(o);
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", path);
    }
    (void)snprintf(o->part, size, "%s.part", path);
    o->fd = open(o->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (o->fd < 0) {
        int rc = pl_error_set(err, PL_ERR_IO, "%s: cannot create: %s", o->part, strerror(errno));
        free(o->part);
        o->part = NULL;
        pl_tape_out_close(o);
        return rc;
    }
    return 0;
}

int pl_tape_out_write(struct pl_tape_out *o, const void *bytes, size_t size, struct pl_error *err)
{
    if (o->fd < 0) {
        pl_tape_buf_put(&o->memory, bytes, size);
        if (o->memory.failed) {
            return pl_error_set(err, PL_ERR_NOMEM, "tape in memory: out of memory");
        }
        o->size = o->memory.size;
        return 0;
    }
    const uint8_t *at = bytes;
    for (size_t left = size; left > 0;) {
        ssize_t n = write(o->fd, at, left);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return pl_error_set(err, PL_ERR_IO, "%s: cannot write: %s", o->part,
                                n < 0 ? strerror(errno) : "nothing was taken");
        }
        at += n;
        left -= (size_t)n;
    }
    o->size += size;
    return 0;
}

int pl_tape_out_finish(struct pl_tape_out *o, struct pl_error *err)
{
    if (o->fd < 0) {
        return 0;
    }
    int bad = fsync(o->fd) != 0 ? errno : 0;
    bad = close(o->fd) != 0 && bad == 0 ? errno : bad;
    o->fd = -1;
    if (bad == 0 && rename(o->part, o->path) != 0) {
        bad = errno;
    }
    if (bad != 0) {
        return pl_error_set(err, PL_ERR_IO, "%s: cannot finish: %s", o->path, strerror(bad));
    }
    free(o->part);
    o->part = NULL;
    return 0;
}

void pl_tape_out_close(struct pl_tape_out *o)
{
    if (o->fd >= 0) {
        (void)close(o->fd); /* given up: what it held is removed next */
    }
    if (o->part != NULL) {
        (void)unlink(o->part);
    }
    free(o->part);
    free(o->path);
    pl_tape_buf_free(&o->memory);
    *o = (struct pl_tape_out){.fd = -1};
}
