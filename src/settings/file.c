#include "settings/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pl_settings_file_read(const char *path, size_t max, char **out, size_t *size,
                          struct pl_error *err)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        return pl_error_set(err, errno == ENOENT ? PL_ERR_NOTFOUND : PL_ERR_IO, "%s: %s", path,
                            strerror(errno));
    }
    int rc = 0;
    char *text = malloc(max + 1);
    if (text == NULL) {
        (void)fclose(f); /* read only: nothing is lost if this fails */
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", path);
    }
    size_t got = fread(text, 1, max + 1, f);
    if (ferror(f) != 0) {
        rc = pl_error_set(err, PL_ERR_IO, "%s: %s", path, strerror(errno));
    } else if (got > max) {
        rc = pl_error_set(err, PL_ERR_LIMIT, "%s: over %zu bytes: not a settings file", path, max);
    }
    (void)fclose(f);
    if (rc < 0) {
        free(text);
        return rc;
    }
    text[got] = '\0';
    *out = text;
    *size = got;
    return 0;
}
