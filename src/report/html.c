#include "report/html.h"

#include "base/assert.h"
#include "base/str.h"
#include "report/html_series.h"
#include "report/json.h"
#include "report/page_files.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Files that make up one place in page.html, in this order. */
static const char *const styles[] = {"uPlot.min.css", "charts.css", "page.css", NULL};
static const char *const scripts[] = {"uPlot.iife.min.js", "format.js", "bars.js", "markouts.js",
                                      "timeline.js",       "page.js",   NULL};

struct page {
    const struct pl_run *run;
    const struct pl_derived *derived;
    FILE *out;
    struct pl_error *err;
};

static struct pl_str page_file(const char *name)
{
    const struct pl_page_file *file = pl_page_files;
    while (file->name != NULL && strcmp(file->name, name) != 0) {
        file++;
    }
    PL_ASSERT(file->name != NULL); /* the build embeds what this file names */
    return (struct pl_str){(const char *)file->bytes, file->size};
}

static void write_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '&') {
            fputs("&amp;", out);
        } else if (*text == '<') {
            fputs("&lt;", out);
        } else if (*text == '"') {
            fputs("&quot;", out);
        } else {
            fputc(*text, out);
        }
    }
}

static void write_files(FILE *out, const char *const *name)
{
    for (; *name != NULL; name++) {
        struct pl_str file = page_file(*name);
        (void)fwrite(file.at, 1, file.size, out); /* checked by ferror at the end */
        fputc('\n', out);
    }
}

/* What stands in page.html as {{name}}. */
static int write_place(const struct page *page, struct pl_str name)
{
    if (pl_str_eq(name, pl_str("title"))) {
        write_text(page->out, page->run->strategy);
        fputs(" on ", page->out);
        write_text(page->out, page->run->data);
    } else if (pl_str_eq(name, pl_str("style"))) {
        write_files(page->out, styles);
    } else if (pl_str_eq(name, pl_str("script"))) {
        write_files(page->out, scripts);
    } else if (pl_str_eq(name, pl_str("run"))) {
        return pl_run_json_write(page->run, page->derived, PL_JSON_HTML, page->out, page->err);
    } else if (pl_str_eq(name, pl_str("series"))) {
        return pl_html_series_write(page->run, page->out, page->err);
    } else {
        PL_ASSERT(!"a known place in page.html");
    }
    return 0;
}

int pl_html_write(const struct pl_run *run, const struct pl_derived *derived, FILE *out,
                  struct pl_error *err)
{
    struct page page = {run, derived, out, err};
    struct pl_str text = page_file("page.html");
    const char *at = text.at, *end = text.at + text.size, *open;
    while ((open = memmem(at, (size_t)(end - at), "{{", 2)) != NULL) {
        const char *close = memmem(open, (size_t)(end - open), "}}", 2);
        PL_ASSERT(close != NULL);
        (void)fwrite(at, 1, (size_t)(open - at), out);
        int rc = write_place(&page, (struct pl_str){open + 2, (size_t)(close - open - 2)});
        if (rc < 0) {
            return rc;
        }
        at = close + 2;
    }
    (void)fwrite(at, 1, (size_t)(end - at), out);
    if (ferror(out)) {
        return pl_error_set(err, PL_ERR_IO, "cannot write the page: %s", strerror(errno));
    }
    return 0;
}

int pl_html_write_file(const struct pl_run *run, const struct pl_derived *derived, const char *path,
                       struct pl_error *err)
{
    char part[PATH_MAX];
    int n = snprintf(part, sizeof part, "%s.part", path);
    if (n < 0 || (size_t)n >= sizeof part) {
        return pl_error_set(err, PL_ERR_INVALID, "%s: the path is too long", path);
    }
    FILE *out = fopen(part, "wb");
    if (out == NULL) {
        return pl_error_set(err, PL_ERR_IO, "cannot create %s: %s", part, strerror(errno));
    }
    int rc = pl_html_write(run, derived, out, err);
    if (fclose(out) != 0 && rc == 0) {
        rc = pl_error_set(err, PL_ERR_IO, "cannot write %s: %s", part, strerror(errno));
    }
    if (rc == 0 && rename(part, path) != 0) {
        rc =
            pl_error_set(err, PL_ERR_IO, "cannot rename %s to %s: %s", part, path, strerror(errno));
    }
    if (rc < 0) {
        (void)unlink(part); /* the first error is the one to tell */
    }
    return rc;
}
