/* plimsoll/err.h - the one list of error codes, for the project's own rooms and for outsiders.
 *
 * Functions return 0 or a positive count on success and a negative enum pl_err on failure. Numbers
 * are never reused and never change their meaning; new ones are added at the end. docs/errors.md
 * tells each at length and is checked against this list. */
#ifndef PLIMSOLL_ERR_H
#define PLIMSOLL_ERR_H

#ifdef __cplusplus
extern "C" {
#endif

#define PL_ERR_LIST(X)                                                \
    X(INVALID, 1, "argument or setting outside its documented range") \
    X(NOMEM, 2, "out of memory")                                      \
    X(AGAIN, 3, "no room now: try on a later step")                   \
    X(IO, 4, "the operating system refused a read or write")          \
    X(MALFORMED, 5, "input does not follow its format")               \
    X(OFFGRID, 6, "value lies between two ticks or lots")             \
    X(GAP, 7, "sequence gap: a snapshot is needed")                   \
    X(OVERFLOW, 8, "number too large for its type")                   \
    X(NOTFOUND, 9, "no such thing")                                   \
    X(UNSUPPORTED, 10, "known, but not supported here")               \
    X(CORRUPT, 11, "stored data fails its checksum")                  \
    X(TRUNCATED, 12, "input ends in the middle of a record")          \
    X(LIMIT, 13, "a stated maximum was reached")                      \
    X(STATE, 14, "not possible in this state")                        \
    X(EXISTS, 15, "already exists")                                   \
    X(ORDER, 16, "input is out of order beyond the allowed window")   \
    X(DESYNC, 17, "our state and the venue's differ")                 \
    X(DENIED, 18, "refused")                                          \
    X(INTERRUPTED, 19, "stopped by a signal")                         \
    X(MISMATCH, 20, "two results that must agree differ")             \
    X(USAGE, 21, "the command line is not understood")

enum pl_err {
    PL_OK = 0,
#define X(name, num, text) PL_ERR_##name = -(num),
    PL_ERR_LIST(X)
#undef X
};

/* "no such thing" for PL_ERR_NOTFOUND; never NULL. */
const char *pl_err_text(int code);
/* "NOTFOUND" for PL_ERR_NOTFOUND; never NULL. */
const char *pl_err_name(int code);

#ifdef __cplusplus
}
#endif

#endif
