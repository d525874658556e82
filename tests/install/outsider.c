/* What a stranger writes with the installed library: tests/install/run.sh compiles and runs it. */
#include <plimsoll/plimsoll.h>

#include <stdio.h>

static int show(void *ctx, int code, const char *name, const char *text)
{
    (void)ctx;
    return printf("%d %s: %s\n", code, name, text) < 0 ? code : 0;
}

int main(void)
{
    printf("plimsoll %s\n", pl_version());
    return pl_err_each(show, NULL) == 0 && pl_err_text(PL_ERR_GAP)[0] != '\0' ? 0 : 1;
}
