/* app/serve.h - keeps a folder's HTML pages open on a loopback port until Ctrl-C. */
#ifndef PL_APP_SERVE_H
#define PL_APP_SERVE_H

#include "base/err.h"

/* Serves the pages of `dir` on 127.0.0.1 (a free port when `port` is 0), opens `page` in a browser when
 * there is a desktop, and returns when interrupted. */
PL_MUST_USE int pl_serve_folder(const char *dir, const char *page, unsigned port,
                                struct pl_error *err);

#endif
