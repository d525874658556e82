#include "settings/schema.h"

#include "settings/number.h"

#include <jansson.h>

/* Every json_object_set_new reports trouble, and takes NULL as trouble, so one flag gathers all. */
struct object {
    json_t *json;
    bool failed;
};

static struct object object_new(void)
{
    struct object o = {json_object(), false};
    o.failed = o.json == NULL;
    return o;
}

static void put(struct object *o, const char *key, json_t *value)
{
    o->failed = json_object_set_new(o->json, key, value) != 0 || o->failed;
}

/* The object, or NULL when anything on the way failed. */
static json_t *done(struct object *o)
{
    if (o->failed) {
        json_decref(o->json);
        return NULL;
    }
    return o->json;
}

static json_t *number(double value)
{
    bool whole = value > -9e15 && value < 9e15 && value == (double)(int64_t)value;
    return whole ? json_integer((json_int_t)value) : json_real(value);
}

static void put_range(struct object *o, const struct pl_setting *row, const char *low,
                      const char *high)
{
    if (row->min != 0 || row->max != 0) {
        put(o, low, number(row->min));
        put(o, high, number(row->max));
    }
}

static json_t *distance_forms(const struct pl_setting *row)
{
    struct object price = object_new();
    put(&price, "type", json_string("number"));
    put_range(&price, row, "minimum", "maximum");
    struct object words = object_new();
    put(&words, "type", json_string("string"));
    put(&words, "pattern",
        json_string("^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)? *([bB][pP][sS]|"
                    "[tT][iI][cC][kK][sS]?)?$"));
    json_t *forms = json_array();
    bool failed = json_array_append_new(forms, done(&price)) != 0;
    failed = json_array_append_new(forms, done(&words)) != 0 || failed;
    if (failed) {
        json_decref(forms);
        return NULL;
    }
    return forms;
}

static json_t *strings(const char *const *text)
{
    json_t *array = json_array();
    for (size_t i = 0; text[i] != NULL; i++) {
        if (json_array_append_new(array, json_string(text[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static void put_type(struct object *o, const struct pl_setting *row)
{
    switch (row->type) {
    case PL_SET_BOOL:
        put(o, "type", json_string("boolean"));
        return;
    case PL_SET_I64:
        put(o, "type", json_string("integer"));
        put_range(o, row, "minimum", "maximum");
        return;
    case PL_SET_F64:
        put(o, "type", json_string("number"));
        put_range(o, row, "minimum", "maximum");
        return;
    case PL_SET_DISTANCE:
        put(o, "anyOf", distance_forms(row));
        return;
    case PL_SET_ENUM:
        put(o, "enum", strings(row->choices));
        return;
    case PL_SET_TEXT:
        put(o, "type", json_string("string"));
        if (row->min == 0 && row->max == 0) {
            put(o, "maxLength", json_integer(PL_SETTING_TEXT_MAX - 1));
        }
        put_range(o, row, "minLength", "maxLength");
        return;
    }
}

/* The default in the type an editor would insert. */
static json_t *default_value(const struct pl_setting *row)
{
    double value = 0;
    bool is_number = row->type == PL_SET_I64 || row->type == PL_SET_F64;
    if (is_number && pl_number_parse(pl_str(row->def), &value) == 0) {
        return number(value);
    }
    if (row->type == PL_SET_BOOL) {
        bool truth = false;
        struct pl_setting alone = *row;
        alone.offset = 0;
        int rc = pl_settings_parse(&alone, pl_str(row->def),
                                   (struct pl_setting_origin){"default", 0}, &truth, NULL);
        return rc == 0 ? json_boolean(truth) : NULL;
    }
    return json_string(row->def);
}

static json_t *setting(const struct pl_setting *row)
{
    struct object o = object_new();
    put_type(&o, row);
    bool unit = row->unit[0] != '\0';
    put(&o, "description",
        json_sprintf("%s%s%s%s%s", row->help, unit ? " Unit: " : "", row->unit, unit ? "." : "",
                     row->def == NULL ? " Required." : ""));
    if (row->def != NULL) {
        put(&o, "default", default_value(row));
    }
    return done(&o);
}

static json_t *section(const struct pl_settings_table *table)
{
    struct object rows = object_new();
    for (size_t i = 0; i < table->count; i++) {
        put(&rows, table->row[i].name, setting(&table->row[i]));
    }
    struct object o = object_new();
    put(&o, "type", json_string("object"));
    put(&o, "additionalProperties", json_false());
    put(&o, "properties", done(&rows));
    return done(&o);
}

static json_t *reference(const char *section, const char *name)
{
    struct object o = object_new();
    put(&o, "$ref",
        name == NULL ? json_sprintf("#/$defs/%s", section)
                     : json_sprintf("#/$defs/%s/properties/%s", section, name));
    return done(&o);
}

/* A setting at the top: whichever section in use knows it. */
static void put_flat(struct object *properties, const struct pl_settings_table *table,
                     const char *name)
{
    json_t *known = json_object_get(properties->json, name);
    json_t *more = reference(table->section, name);
    if (known == NULL) {
        struct object o = object_new();
        put(&o, "anyOf", json_pack("[o]", more));
        put(properties, name, done(&o));
        return;
    }
    properties->failed =
        json_array_append_new(json_object_get(known, "anyOf"), more) != 0 || properties->failed;
}

static json_t *document(const char *const *strategies,
                        const struct pl_settings_table *const *tables, size_t count)
{
    struct object defs = object_new(), properties = object_new(), strategy = object_new();
    put(&strategy, strategies != NULL ? "enum" : "type",
        strategies != NULL ? strings(strategies) : json_string("string"));
    put(&properties, "strategy", done(&strategy));
    for (size_t t = 0; t < count; t++) {
        put(&defs, tables[t]->section, section(tables[t]));
        for (size_t i = 0; i < tables[t]->count; i++) {
            put_flat(&properties, tables[t], tables[t]->row[i].name);
        }
    }
    for (size_t t = 0; t < count; t++) { /* last: a section's name beats a setting's */
        put(&properties, tables[t]->section, reference(tables[t]->section, NULL));
    }
    struct object o = object_new();
    put(&o, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
    put(&o, "title", json_string("Plimsoll settings"));
    put(&o, "type", json_string("object"));
    put(&o, "additionalProperties", json_false());
    put(&o, "properties", done(&properties));
    put(&o, "$defs", done(&defs));
    return done(&o);
}

int pl_settings_write_schema(FILE *out, const char *const *strategies,
                             const struct pl_settings_table *const *tables, size_t count)
{
    json_t *schema = document(strategies, tables, count);
    if (schema == NULL) {
        return PL_ERR_NOMEM;
    }
    int rc = json_dumpf(schema, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    json_decref(schema);
    rc = fputc('\n', out) == EOF || ferror(out) != 0 ? -1 : rc;
    return rc == 0 ? 0 : PL_ERR_IO;
}
