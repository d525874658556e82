/* import/input_raw.h - what the unpackers share: the raw bytes, and the table each of them fills.
 * Private to import/input*.c. */
#ifndef PL_IMPORT_INPUT_RAW_H
#define PL_IMPORT_INPUT_RAW_H

#include "import/input.h"

#define PL_INPUT_RAW_SIZE (size_t)(256 * 1024)

struct pl_unpacker {
    int64_t (*read)(struct pl_input *in, void *out, size_t size, struct pl_error *err);
    void (*close)(struct pl_input *in);
};

struct pl_input {
    char *name;
    int fd; /* -1 = memory */
    const uint8_t *memory;
    size_t memory_size;
    bool regular; /* a file that can be read again */
    uint64_t taken, total;
    enum pl_input_packing packing;
    /* raw bytes read and not yet used: [at, end) of buf */
    uint8_t *buf;
    size_t cap, at, end;
    bool raw_ended;
    /* bytes given back by pl_input_unread */
    uint8_t *again;
    size_t again_at, again_size;
    const struct pl_unpacker *unpacker;
    void *state;
    uint64_t unpacked; /* bytes given out by the unpacker */
    char member[256];
};

/* More raw bytes into [at, end): 1, 0 at the end, negative on error. Keeps what is there. */
int pl_input_fill(struct pl_input *in, struct pl_error *err);
/* Starts the raw bytes over; only when `regular` or memory. */
int pl_input_restart_raw(struct pl_input *in, struct pl_error *err);
int pl_input_open_gzip(struct pl_input *in, struct pl_error *err);
int pl_input_open_zstd(struct pl_input *in, struct pl_error *err);
int pl_input_open_zip(struct pl_input *in, struct pl_error *err);
int pl_input_zip_next(struct pl_input *in, struct pl_error *err);

#endif
