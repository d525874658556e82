#include "settings/env.h"

#include "settings/file.h"
#include "settings/name.h"

#include <stdio.h>
#include <stdlib.h>

#define ENTRIES_MAX 4096

struct reader {
    struct pl_settings_list *list;
    const char *what;
    struct pl_str rest; /* not read yet */
    int line;
    char *value; /* room for the longest value there can be */
    struct pl_error *err;
};

static int refuse(const struct reader *r, int line, const char *problem)
{
    return pl_error_set(r->err, PL_ERR_INVALID, "%s:%d: %s", r->what, line, problem);
}

static bool at(const struct reader *r, char byte)
{
    return r->rest.size > 0 && r->rest.at[0] == byte;
}

static char take(struct reader *r)
{
    char byte = r->rest.at[0];
    r->rest.at++;
    r->rest.size--;
    r->line += byte == '\n';
    return byte;
}

static bool at_line_end(const struct reader *r)
{
    return r->rest.size == 0 || at(r, '\n') ||
           (at(r, '\r') && (r->rest.size == 1 || r->rest.at[1] == '\n'));
}

static void skip_blanks(struct reader *r)
{
    while (at(r, ' ') || at(r, '\t')) {
        (void)take(r);
    }
}

static void skip_line(struct reader *r)
{
    while (r->rest.size > 0 && take(r) != '\n') {
    }
}

static bool name_byte(char byte)
{
    char folded = pl_name_fold(byte);
    return (folded >= 'a' && folded <= 'z') || (folded >= '0' && folded <= '9') || folded == '_' ||
           folded == '.';
}

static struct pl_str take_name(struct reader *r)
{
    struct pl_str name = {r->rest.at, 0};
    while (r->rest.size > 0 && name_byte(r->rest.at[0])) {
        (void)take(r);
        name.size++;
    }
    return name;
}

static char unescape(char byte)
{
    return byte == 'n' ? '\n' : byte == 'r' ? '\r' : byte == 't' ? '\t' : byte;
}

/* From the opening quote to the closing one, then nothing but a comment up to the line's end. */
static int take_quoted(struct reader *r, struct pl_str *out)
{
    int opened = r->line;
    char quote = take(r);
    size_t size = 0;
    while (r->rest.size > 0 && !at(r, quote)) {
        char byte = take(r);
        if (byte == '\\' && quote == '"' && r->rest.size > 0) {
            bool known = strchr("nrt\\\"$", r->rest.at[0]) != NULL && r->rest.at[0] != '\0';
            byte = known ? unescape(take(r)) : byte;
        }
        r->value[size++] = byte;
    }
    if (r->rest.size == 0) {
        return refuse(r, opened, "a quote is opened here and never closed");
    }
    (void)take(r);
    skip_blanks(r);
    if (!at_line_end(r) && !at(r, '#')) {
        return refuse(r, r->line, "text behind the closing quote");
    }
    *out = (struct pl_str){r->value, size};
    return 0;
}

static struct pl_str take_plain(struct reader *r)
{
    struct pl_str value = {r->rest.at, 0};
    bool after_blank = true;
    size_t size = 0;
    while (!at_line_end(r) && !(after_blank && at(r, '#'))) {
        after_blank = at(r, ' ') || at(r, '\t');
        (void)take(r);
        size++;
        value.size = after_blank ? value.size : size;
    }
    return value;
}

/* One line that is neither empty nor a comment. */
static int read_pair(struct reader *r)
{
    struct pl_settings_entry entry = {.layer = PL_LAYER_DOTENV, .section = {"", 0}};
    entry.origin = (struct pl_setting_origin){r->what, r->line};
    entry.name = take_name(r);
    bool blank = at(r, ' ') || at(r, '\t');
    skip_blanks(r);
    if (blank && pl_str_eq(entry.name, pl_str("export")) && !at(r, '=')) {
        entry.name = take_name(r);
        skip_blanks(r);
    }
    if (entry.name.size == 0 || !at(r, '=')) {
        return refuse(r, r->line, "a line is NAME=value, a # comment, or empty");
    }
    (void)take(r);
    skip_blanks(r);
    bool quoted = at(r, '"') || at(r, '\'');
    int rc = 0;
    if (quoted) {
        rc = take_quoted(r, &entry.value);
    } else {
        entry.value = take_plain(r);
    }
    if (rc < 0 || (!quoted && entry.value.size == 0)) {
        return rc;
    }
    if (pl_settings_list_count(r->list) >= ENTRIES_MAX) {
        return pl_error_set(r->err, PL_ERR_LIMIT, "%s:%d: over %d settings", r->what, r->line,
                            ENTRIES_MAX);
    }
    return pl_settings_list_add(r->list, &entry, r->err);
}

static int read_lines(struct reader *r)
{
    if (r->rest.size >= 3 && memcmp(r->rest.at, "\xef\xbb\xbf", 3) == 0) {
        r->rest.at += 3; /* the mark some editors put in front */
        r->rest.size -= 3;
    }
    int rc = 0;
    while (rc == 0 && r->rest.size > 0) {
        skip_blanks(r);
        if (!at_line_end(r) && !at(r, '#')) {
            rc = read_pair(r);
        }
        if (rc == 0) {
            skip_line(r);
        }
    }
    return rc;
}

int pl_dotenv_read_text(struct pl_settings_list *list, const char *what, struct pl_str text,
                        struct pl_error *err)
{
    struct reader r = {.list = list, .rest = text, .line = 1, .err = err};
    if (text.size > 0 && memchr(text.at, '\0', text.size) != NULL) {
        return pl_error_set(err, PL_ERR_INVALID, "%s: holds a zero byte: not a text file", what);
    }
    r.what = pl_settings_list_keep(list, pl_str(what));
    r.value = malloc(text.size + 1);
    if (r.what == NULL || r.value == NULL) {
        free(r.value);
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", what);
    }
    int rc = read_lines(&r);
    free(r.value);
    return rc;
}

int pl_dotenv_read_file(struct pl_settings_list *list, const char *path, struct pl_error *err)
{
    char *text = NULL;
    size_t size = 0;
    int rc = pl_settings_file_read(path, PL_DOTENV_SIZE_MAX, &text, &size, err);
    if (rc == 0) {
        rc = pl_dotenv_read_text(list, path, (struct pl_str){text, size}, err);
        free(text);
    }
    return rc;
}

int pl_environment_read(struct pl_settings_list *list, char *const *variables, struct pl_error *err)
{
    static const char prefix[] = "PLIMSOLL_";
    for (size_t i = 0; variables[i] != NULL; i++) {
        const char *equals = strchr(variables[i], '=');
        if (equals == NULL || equals[1] == '\0' ||
            strncmp(variables[i], prefix, sizeof prefix - 1) != 0) {
            continue;
        }
        struct pl_settings_entry entry = {
            .layer = PL_LAYER_ENVIRONMENT,
            .section = {"", 0},
            .name = {variables[i], (size_t)(equals - variables[i])},
            .value = pl_str(equals + 1),
        };
        char what[PL_NAME_MAX * 3];
        (void)snprintf(what, sizeof what, "environment variable %.*s",
                       (int)(entry.name.size < PL_NAME_MAX * 2 ? entry.name.size : PL_NAME_MAX * 2),
                       variables[i]);
        entry.origin.what = pl_settings_list_keep(list, pl_str(what));
        if (entry.origin.what == NULL) {
            return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", what);
        }
        int rc = pl_settings_list_add(list, &entry, err);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}
