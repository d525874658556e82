/* plimsoll/plimsoll.h - the library's promise to outsiders. What is not declared under
 * include/plimsoll may change at any time, even where the linker can see it.
 *
 *     cc demo.c $(pkg-config --cflags --libs plimsoll)
 *
 * Promise  functions and numbers here keep their meaning within a major version.
 * Memory   strings returned are static, never freed, unless a comment says whose they are.
 * Errors   0, or a negative enum pl_err; the words of a failure are with its handle.
 * Threads  a handle belongs to one thread at a time; different handles run side by side.
 * Quiet    nothing is printed, no environment is read, no signal handler is installed. */
#ifndef PLIMSOLL_H
#define PLIMSOLL_H

#include "plimsoll/err.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is linked: "0.1.0". */
const char *pl_version(void);

/* Calls `each` for every error code of the list, in the order of plimsoll/err.h; stops at a
 * non-zero return and gives it back. For tools that show or translate the list. */
int pl_err_each(int (*each)(void *ctx, int code, const char *name, const char *text), void *ctx);

/* ---- a backtest ----------------------------------------------------------------------------- */

/* What to run, and the last result. Texts given are copied. docs/library.md has an example. */
struct plimsoll_backtest;

/* NULL when out of memory. */
struct plimsoll_backtest *plimsoll_backtest_new(void);
void plimsoll_backtest_free(struct plimsoll_backtest *backtest); /* accepts NULL */

/* A market to trade: a tape, or a capture that `plimsoll import` reads. The first is traded; more are
 * traded on the same account when the option trade_all is given. */
int plimsoll_backtest_data(struct plimsoll_backtest *backtest, const char *file);
/* A market that is only read. */
int plimsoll_backtest_lead(struct plimsoll_backtest *backtest, const char *file);
/* One more file of the market named last, read after the ones before it. */
int plimsoll_backtest_more(struct plimsoll_backtest *backtest, const char *file);

/* The strategy by name; later calls replace it. */
int plimsoll_backtest_strategy(struct plimsoll_backtest *backtest, const char *name);
/* A setting of the strategy or of the backtest, "name=value" or "section.name=value", as --set. */
int plimsoll_backtest_set(struct plimsoll_backtest *backtest, const char *assignment);
/* Settings from a YAML file, as --config: weaker than plimsoll_backtest_set, whatever the order. */
int plimsoll_backtest_config(struct plimsoll_backtest *backtest, const char *file);
/* from, to (UTC times, for tapes), clock (raw, floor, moving), symbol (of a capture with several);
 * trade_all and no_report take "true" or "false". */
int plimsoll_backtest_option(struct plimsoll_backtest *backtest, const char *name,
                             const char *value);
/* Called now and then on the running thread with the messages done; non-zero stops the run with
 * PL_ERR_INTERRUPTED. NULL = nobody. */
void plimsoll_backtest_progress(struct plimsoll_backtest *backtest,
                                int (*progress)(void *ctx, uint64_t messages), void *ctx);

/* Runs from the beginning of the data; may be called again. *json (if json is not NULL): the result
 * as `plimsoll backtest --json` prints it, without wall-clock figures, so the same request gives the
 * same text; the caller's, freed with plimsoll_free. NULL after a failure. */
int plimsoll_backtest_run(struct plimsoll_backtest *backtest, char **json);
/* Writes the report page of the last run. PL_ERR_STATE when there is none. */
int plimsoll_backtest_report(struct plimsoll_backtest *backtest, const char *html_file);
/* What went wrong in the last call that failed, and what to do; "" = nothing. Valid until the next
 * call with this handle. */
const char *plimsoll_backtest_error(const struct plimsoll_backtest *backtest);

void plimsoll_free(void *memory); /* accepts NULL */

#ifdef __cplusplus
}
#endif

#endif
