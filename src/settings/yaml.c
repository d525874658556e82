#include "settings/yaml.h"

#include "base/utf8.h"
#include "settings/file.h"
#include "settings/name.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>

#define ENTRIES_MAX 4096

/* Reading state: the parser, one event ahead, and where we are. */
struct reader {
    struct pl_settings_list *list;
    const char *what;
    struct fy_diag *diag;
    struct fy_parser *parser;
    struct fy_event *event;
    size_t first; /* this file's first entry in the list */
    struct pl_error *err;
};

static int refuse(struct reader *r, const struct fy_mark *at, const char *problem)
{
    if (at == NULL) {
        return pl_error_set(r->err, PL_ERR_INVALID, "%s: %s", r->what, problem);
    }
    return pl_error_set(r->err, PL_ERR_INVALID, "%s:%d:%d: %s", r->what, at->line + 1,
                        at->column + 1, problem);
}

/* libfyaml's own words for what it could not read. */
static int refuse_syntax(struct reader *r)
{
    void *seen = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(r->diag, &seen);
    if (first == NULL) {
        return pl_error_set(r->err, PL_ERR_INVALID, "%s: not YAML, or out of memory", r->what);
    }
    return pl_error_set(r->err, PL_ERR_INVALID, "%s:%d:%d: not YAML: %s", r->what, first->line,
                        first->column, first->msg);
}

/* Steps to the next event; at the end of the stream r->event is NULL. */
static int next(struct reader *r)
{
    if (r->event != NULL) {
        fy_parser_event_free(r->parser, r->event);
    }
    r->event = fy_parser_parse(r->parser);
    if (r->event == NULL && fy_parser_get_stream_error(r->parser)) {
        return refuse_syntax(r);
    }
    return 0;
}

static bool at(const struct reader *r, enum fy_event_type type)
{
    return r->event != NULL && r->event->type == type;
}

static const struct fy_mark *mark(const struct reader *r)
{
    return r->event != NULL ? fy_event_start_mark(r->event) : NULL;
}

static int line_of(const struct reader *r)
{
    const struct fy_mark *m = mark(r);
    return m != NULL ? m->line + 1 : 0;
}

/* The scalar here, without anchors and tags; libfyaml owns the text until the next event. */
static int scalar(struct reader *r, const char *expected, struct pl_str *out)
{
    if (!at(r, FYET_SCALAR)) {
        return refuse(r, mark(r), at(r, FYET_ALIAS) ? "aliases are not understood here" : expected);
    }
    if (r->event->scalar.anchor != NULL || r->event->scalar.tag != NULL) {
        return refuse(r, mark(r), "anchors and tags are not understood here");
    }
    struct fy_token *token = r->event->scalar.value;
    *out = (struct pl_str){"", 0};
    if (token != NULL) {
        out->at = fy_token_get_text(token, &out->size);
        if (out->at == NULL) {
            return refuse(r, mark(r), "out of memory");
        }
    }
    return 0;
}

/* `gamma:` with nothing behind it, `~` or `null`; "" in quotes is a value. */
static bool is_null(const struct reader *r, struct pl_str text)
{
    struct fy_token *token = r->event->scalar.value;
    bool plain = token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN;
    return plain &&
           (text.size == 0 || pl_str_eq(text, pl_str("~")) || pl_name_eq(text, pl_str("null")));
}

/* [a, b] as "a,b" in `joined`, which the caller frees. */
static int sequence(struct reader *r, FILE *joined)
{
    bool tagged = r->event->sequence_start.anchor != NULL || r->event->sequence_start.tag != NULL;
    if (tagged) {
        return refuse(r, mark(r), "anchors and tags are not understood here");
    }
    for (size_t count = 0;; count++) {
        struct pl_str item;
        int rc = next(r);
        if (rc < 0 || at(r, FYET_SEQUENCE_END)) {
            return rc;
        }
        rc = scalar(r, "a list holds plain values here", &item);
        if (rc < 0) {
            return rc;
        }
        if (item.size == 0 || is_null(r, item) || memchr(item.at, ',', item.size) != NULL) {
            return refuse(r, mark(r), "an item of a list is not empty and holds no comma");
        }
        (void)fprintf(joined, "%s%.*s", count > 0 ? "," : "", (int)item.size, item.at);
    }
}

/* Names in one file are unique, sections too. */
static int check_new(struct reader *r, struct pl_str section, struct pl_str name)
{
    size_t count = pl_settings_list_count(r->list);
    if (count - r->first >= ENTRIES_MAX) {
        return refuse(r, mark(r), "too many settings in one file");
    }
    for (size_t i = r->first; i < count; i++) {
        const struct pl_settings_entry *old = pl_settings_list_at(r->list, i);
        bool same_section = section.size == 0 && pl_name_eq(old->section, name);
        bool same = pl_name_eq(old->section, section) && pl_name_eq(old->name, name);
        if (same_section || same) {
            char words[PL_UTF8_SHOWN_MAX + 80], shown[PL_UTF8_SHOWN_MAX];
            (void)snprintf(words, sizeof words, "%s is given twice: %s line %d",
                           pl_utf8_show(name, shown), same ? "first on" : "its section began by",
                           old->origin.line);
            return refuse(r, mark(r), words);
        }
    }
    return 0;
}

/* Adds `name: VALUE` with the reader at VALUE; leaves it there (or at the end of a list). */
static int add_value(struct reader *r, struct pl_settings_entry *entry)
{
    char *joined = NULL;
    size_t size = 0;
    int rc = 0;
    if (at(r, FYET_SEQUENCE_START)) {
        FILE *stream = open_memstream(&joined, &size);
        if (stream == NULL) {
            return refuse(r, mark(r), "out of memory");
        }
        rc = sequence(r, stream);
        bool failed = ferror(stream) != 0;
        if (fclose(stream) != 0 || failed) {
            rc = rc < 0 ? rc : refuse(r, mark(r), "out of memory");
        }
        entry->value = (struct pl_str){joined, size};
    } else {
        rc = scalar(r, "one value is expected here, not a mapping", &entry->value);
        entry->empty = rc == 0 && is_null(r, entry->value);
    }
    if (rc == 0) {
        rc = pl_settings_list_add(r->list, entry, r->err);
    }
    free(joined);
    return rc;
}

/* A mapping's pairs up to its end. In the outer mapping a mapping is a section. */
static int mapping(struct reader *r, struct pl_str section)
{
    bool outer = section.size == 0;
    if (r->event->mapping_start.anchor != NULL || r->event->mapping_start.tag != NULL) {
        return refuse(r, mark(r), "anchors and tags are not understood here");
    }
    for (;;) {
        struct pl_settings_entry entry = {.layer = PL_LAYER_YAML, .section = section};
        int rc = next(r);
        if (rc < 0 || at(r, FYET_MAPPING_END)) {
            return rc;
        }
        rc = scalar(r, "a name is expected here", &entry.name);
        if (rc == 0 && entry.name.size == 0) {
            rc = refuse(r, mark(r), "a name is expected here");
        }
        if (rc == 0) {
            rc = check_new(r, section, entry.name);
        }
        if (rc < 0) {
            return rc;
        }
        entry.origin = (struct pl_setting_origin){r->what, line_of(r)};
        entry.name.at = pl_settings_list_keep(r->list, entry.name); /* the event goes, it stays */
        if (entry.name.at == NULL) {
            return refuse(r, mark(r), "out of memory");
        }
        rc = next(r);
        if (rc == 0) {
            rc = outer && at(r, FYET_MAPPING_START) ? mapping(r, entry.name) : add_value(r, &entry);
        }
        if (rc < 0) {
            return rc;
        }
    }
}

static int document(struct reader *r)
{
    int rc = next(r); /* stream start */
    if (rc == 0) {
        rc = next(r);
    }
    if (rc < 0 || !at(r, FYET_DOCUMENT_START)) {
        return rc; /* an empty file sets nothing */
    }
    rc = next(r);
    if (rc < 0) {
        return rc;
    }
    struct pl_str text = {"", 0};
    if (at(r, FYET_MAPPING_START)) {
        rc = mapping(r, (struct pl_str){"", 0});
    } else if (!at(r, FYET_SCALAR) || scalar(r, "", &text) < 0 || !is_null(r, text)) {
        rc = refuse(r, mark(r), "settings are written as `name: value`");
    }
    for (int step = 0; rc == 0 && step < 2; step++) {
        rc = next(r); /* document end, then the end of the stream */
    }
    if (rc == 0 && at(r, FYET_DOCUMENT_START)) {
        rc = refuse(r, mark(r), "a second document: one file holds one");
    }
    return rc;
}

/* What libfyaml need not see: bytes that are not text. */
static int check_bytes(struct reader *r, struct pl_str text)
{
    struct fy_mark m = {0};
    while (m.input_pos < text.size) {
        uint32_t character = 0;
        struct pl_str rest = {text.at + m.input_pos, text.size - m.input_pos};
        size_t size = pl_utf8_next(rest, &character);
        bool blank = character == '\t' || character == '\n' || character == '\r';
        if (size == 0 || (character < 0x20 && !blank) || character == 0x7f) {
            return refuse(r, &m, "a byte that is neither text nor UTF-8");
        }
        m.line += character == '\n';
        m.column = character == '\n' ? 0 : m.column + 1;
        m.input_pos += size;
    }
    return 0;
}

static int read_events(struct reader *r, struct pl_str text)
{
    struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2,
        .diag = r->diag,
    };
    r->parser = fy_parser_create(&cfg);
    if (r->parser == NULL || fy_parser_set_string(r->parser, text.at, text.size) != 0) {
        return pl_error_set(r->err, PL_ERR_NOMEM, "%s: out of memory", r->what);
    }
    return document(r);
}

int pl_yaml_read_text(struct pl_settings_list *list, const char *what, struct pl_str text,
                      struct pl_error *err)
{
    struct reader r = {.list = list, .first = pl_settings_list_count(list), .err = err};
    r.what = pl_settings_list_keep(list, pl_str(what));
    if (r.what == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", what);
    }
    int rc = check_bytes(&r, text);
    if (rc < 0 || text.size == 0) {
        return rc;
    }
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.colorize = false;
    diag_cfg.level = FYET_ERROR;
    r.diag = fy_diag_create(&diag_cfg);
    if (r.diag == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "%s: out of memory", what);
    }
    fy_diag_set_collect_errors(r.diag, true);
    rc = read_events(&r, text);
    if (r.event != NULL) {
        fy_parser_event_free(r.parser, r.event);
    }
    fy_parser_destroy(r.parser);
    fy_diag_destroy(r.diag);
    return rc;
}

int pl_yaml_read_file(struct pl_settings_list *list, const char *path, struct pl_error *err)
{
    char *text = NULL;
    size_t size = 0;
    int rc = pl_settings_file_read(path, PL_YAML_SIZE_MAX, &text, &size, err);
    if (rc == 0) {
        rc = pl_yaml_read_text(list, path, (struct pl_str){text, size}, err);
        free(text);
    }
    return rc;
}
