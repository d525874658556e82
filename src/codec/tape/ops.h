/* codec/tape/ops.h - what a person does with tapes: look, check, print, cut, merge.
 *
 * Everything reads a tape through once, in memory that does not depend on its length. Errors are
 * those of opening and reading a tape; words in *err. */
#ifndef PL_CODEC_TAPE_OPS_H
#define PL_CODEC_TAPE_OPS_H

#include "codec/tape/tape.h"

#include <jansson.h>
#include <stdio.h>

/* "raw", "floor", "moving". */
const char *pl_clock_rule_name(enum pl_clock_rule rule);
/* "depth", "snapshot", "bbo", ... */
const char *pl_msg_kind_name(uint8_t kind);

/* ---- info ---- */

struct pl_tape_info;

PL_MUST_USE int pl_tape_info_read(const char *path, struct pl_tape_info **out,
                                  struct pl_error *err);
void pl_tape_info_destroy(struct pl_tape_info **info);
void pl_tape_info_print(const struct pl_tape_info *info, FILE *out);
/* New reference; NULL when out of memory. */
json_t *pl_tape_info_json(const struct pl_tape_info *info);

/* ---- verify ---- */

/* Faults are the tape's: a checksum, a digest, the order, a loss. Remarks are the data's: they are
 * what the venue sent, and counted because they surprise. */
enum pl_tape_finding {
    PL_TF_DAMAGED,       /* fault: a block that cannot be read */
    PL_TF_DIGEST,        /* fault: a block's content is not what was written */
    PL_TF_SUMMARY,       /* fault: a block's summary does not describe it */
    PL_TF_ORDER,         /* fault: venue time goes back between blocks */
    PL_TF_NEGATIVE_LOTS, /* fault: a size below zero */
    PL_TF_LOST,          /* fault: the tape is cut */
    PL_TF_INDEX,         /* fault: the index was damaged, and rebuilt */
    PL_TF_FAULT_COUNT,
    PL_TF_CROSSED = PL_TF_FAULT_COUNT, /* remark: best bid at or above best ask */
    PL_TF_PX_NOT_POSITIVE,             /* remark: a price at or below zero with a size */
    PL_TF_ID_BACK,                     /* remark: ids of one market and kind go back */
    PL_TF_LOCAL_BACK,                  /* remark: local times of one market and kind go back */
    PL_TF_COUNT
};

struct pl_tape_verdict {
    struct pl_tape_facts facts;
    uint32_t blocks_good;
    uint64_t msgs_good, rows_good;
    struct {
        uint64_t count;
        char first[256]; /* where the first one is, in words */
    } finding[PL_TF_COUNT];
    uint64_t fault_count;
};

const char *pl_tape_finding_words(enum pl_tape_finding finding);
/* 0 also when faults were found; an error only when the tape cannot be opened at all. */
PL_MUST_USE int pl_tape_verify(const char *path, struct pl_tape_verdict *out, struct pl_error *err);
void pl_tape_verdict_print(const struct pl_tape_verdict *verdict, const char *path, FILE *out);
json_t *pl_tape_verdict_json(const struct pl_tape_verdict *verdict);

/* Decoding and nothing else, for those who hold a clock. */
struct pl_tape_pass;

PL_MUST_USE int pl_tape_pass_open(const char *path, struct pl_tape_pass **out,
                                  struct pl_error *err);
/* All blocks of the tape into one set of columns, with or without checking their hashes. */
PL_MUST_USE int pl_tape_pass_run(struct pl_tape_pass *pass, bool check_hashes, uint64_t *rows,
                                 struct pl_error *err);
void pl_tape_pass_close(struct pl_tape_pass **pass);

/* ---- head ---- */

struct pl_tape_head_options {
    uint64_t messages;      /* how many */
    uint32_t rows;          /* of each message; the others are counted */
    int64_t from_ns, to_ns; /* as in struct pl_tape_read_options */
    bool json;              /* one object a line */
    bool as_received;
};

PL_MUST_USE int pl_tape_head(const char *path, const struct pl_tape_head_options *options,
                             FILE *out, struct pl_error *err);

/* ---- new tapes from old ones ---- */

struct pl_tape_edit {
    uint64_t messages, rows; /* written */
    uint32_t markets;
    char lost[256]; /* "" or what a damaged input did not give */
};

/* Messages with from <= venue time < to, their stamps as received and the same clock rule: a floor
 * is then that of the part. PL_ERR_EXISTS if `to_path` does. */
PL_MUST_USE int pl_tape_cut_copy(const char *from_path, const char *to_path, int64_t from_ns,
                                 int64_t to_ns, struct pl_tape_edit *edit, struct pl_error *err);
/* All messages of all tapes in order of venue time; ties in order of the tapes. Markets with equal
 * definitions become one; others follow each other. The tapes' clock rules must be one, or `clock`
 * names it. */
PL_MUST_USE int pl_tape_merge(const char *const *paths, uint32_t count, const char *to_path,
                              const enum pl_clock_rule *clock, struct pl_tape_edit *edit,
                              struct pl_error *err);

#endif
