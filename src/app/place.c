/* Where output goes and where runs are kept: what the verbs ask of their surroundings. */
#include "app/app.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool pl_app_colour(FILE *out)
{
    const char *no = getenv("NO_COLOR"), *kind = getenv("TERM");
    return (no == NULL || *no == '\0') && kind != NULL && strcmp(kind, "dumb") != 0 &&
           isatty(fileno(out)) == 1;
}

const char *pl_app_runs_db(void)
{
    const char *named = getenv("PLIMSOLL_DB");
    return named != NULL && *named != '\0' ? named : "runs/runs.db";
}
