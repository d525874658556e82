/* plimsoll/plimsoll.h - the library's promise to outsiders. What is not declared under
 * include/plimsoll may change at any time, even where the linker can see it.
 *
 *     cc demo.c $(pkg-config --cflags --libs plimsoll)
 *
 * Promise  functions and numbers here keep their meaning within a major version.
 * Memory   strings returned are static: never freed, valid for the life of the program.
 * Threads  everything here may be called from any thread. */
#ifndef PLIMSOLL_H
#define PLIMSOLL_H

#include "plimsoll/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is linked: "0.1.0". */
const char *pl_version(void);

/* Calls `each` for every error code of the list, in the order of plimsoll/err.h; stops at a
 * non-zero return and gives it back. For tools that show or translate the list. */
int pl_err_each(int (*each)(void *ctx, int code, const char *name, const char *text), void *ctx);

#ifdef __cplusplus
}
#endif

#endif
