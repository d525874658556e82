/* settings/env.h - reads settings from .env files and from the process environment into a list.
 *
 * A .env line is [export] NAME = VALUE. Blanks around the name, '=' and value are dropped; '#'
 * begins a comment at the start of a line or after a blank. 'single' quotes keep every byte,
 * "double" quotes know \n \r \t \\ \" \$, both may run over lines. $NAME is not expanded. An empty
 * value without quotes is a name nobody filled in, and is left out.
 *
 * All names of a .env file enter the list (other programs share such files); of the process
 * environment only those that begin with PLIMSOLL_. Which are ours is decided when the list is
 * resolved. Values are never repeated in messages of this file: they may be secrets.
 * Errors: PL_ERR_NOTFOUND, PL_ERR_IO, PL_ERR_LIMIT, PL_ERR_INVALID, with file and line. */
#ifndef PL_SETTINGS_ENV_H
#define PL_SETTINGS_ENV_H

#include "settings/list.h"

#define PL_DOTENV_SIZE_MAX ((size_t)1 << 20)

PL_MUST_USE int pl_dotenv_read_file(struct pl_settings_list *list, const char *path,
                                    struct pl_error *err);
PL_MUST_USE int pl_dotenv_read_text(struct pl_settings_list *list, const char *what,
                                    struct pl_str text, struct pl_error *err);
/* `variables`: NULL-terminated "NAME=value", as environ(7). */
PL_MUST_USE int pl_environment_read(struct pl_settings_list *list, char *const *variables,
                                    struct pl_error *err);

#endif
