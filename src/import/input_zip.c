/* zip by libarchive: each file inside in turn, store and deflate, zip64. */
#include "import/input_raw.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int damaged(struct pl_input *in, struct archive *a, struct pl_error *err)
{
    const char *why = archive_error_string(a);
    return pl_error_set(
        err, PL_ERR_CORRUPT,
        "%s: zip member '%s': %s, near byte %llu of its text; everything before was "
        "read",
        in->name, in->member, why != NULL ? why : "damaged", (unsigned long long)in->unpacked);
}

static la_ssize_t on_raw_read(struct archive *a, void *user, const void **out)
{
    struct pl_input *in = user;
    struct pl_error err = {0};
    in->at = in->end; /* the bytes of the last call are used */
    int rc = pl_input_fill(in, &err);
    if (rc < 0) {
        archive_set_error(a, EIO, "%s", err.text);
        return ARCHIVE_FATAL;
    }
    *out = in->buf;
    in->at = 0;
    return (la_ssize_t)in->end;
}

/* The bytes read to find the format come first. */
static la_ssize_t on_first_read(struct archive *a, void *user, const void **out)
{
    struct pl_input *in = user;
    if (in->at == 0 && in->unpacked == 0 && in->member[0] == '\0' && in->end > 0) {
        in->member[0] = '?';
        *out = in->buf;
        return (la_ssize_t)in->end;
    }
    return on_raw_read(a, user, out);
}

int pl_input_zip_next(struct pl_input *in, struct pl_error *err)
{
    struct archive *a = in->state;
    for (;;) {
        struct archive_entry *entry;
        int rc = archive_read_next_header(a, &entry);
        if (rc == ARCHIVE_EOF) {
            return 0;
        }
        if (rc < ARCHIVE_WARN) {
            return damaged(in, a, err);
        }
        if (archive_entry_filetype(entry) != AE_IFREG) {
            continue;
        }
        const char *name = archive_entry_pathname(entry);
        snprintf(in->member, sizeof in->member, "%s", name != NULL ? name : "(no name)");
        in->unpacked = 0;
        return 1;
    }
}

static int64_t read_zip(struct pl_input *in, void *out, size_t size, struct pl_error *err)
{
    struct archive *a = in->state;
    la_ssize_t n = archive_read_data(a, out, size);
    if (in->fd < 0 || in->regular) { /* libarchive reads the file itself */
        in->at = in->end;
        in->taken = (uint64_t)archive_filter_bytes(a, -1);
    }
    return n < 0 ? damaged(in, a, err) : (int64_t)n;
}

static void close_zip(struct pl_input *in)
{
    archive_read_free(in->state);
}

static const struct pl_unpacker zip_unpacker = {read_zip, close_zip};

int pl_input_open_zip(struct pl_input *in, struct pl_error *err)
{
    struct archive *a = archive_read_new();
    if (a == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", in->name);
    }
    in->state = a;
    in->unpacker = &zip_unpacker;
    int rc = archive_read_support_format_zip(a);
    if (rc == ARCHIVE_OK && in->fd < 0) {
        rc = archive_read_open_memory(a, in->memory, in->memory_size);
    } else if (rc == ARCHIVE_OK && in->regular) {
        rc = lseek(in->fd, 0, SEEK_SET) == 0 ? archive_read_open_fd(a, in->fd, 64 * 1024)
                                             : ARCHIVE_FATAL;
    } else if (rc == ARCHIVE_OK) {
        rc = archive_read_open(a, in, NULL, on_first_read, NULL);
    }
    if (rc != ARCHIVE_OK) {
        return damaged(in, a, err);
    }
    rc = pl_input_zip_next(in, err);
    if (rc == 0) {
        return pl_error_set(err, PL_ERR_MALFORMED, "%s: the zip archive holds no file", in->name);
    }
    return rc < 0 ? rc : 0;
}
