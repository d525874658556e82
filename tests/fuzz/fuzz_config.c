/* Settings from bytes: the input is YAML, then .env, then one environment variable, then --set
 * arguments, with byte 1 between any two.
 *
 * Oracle: what is refused has words; what is taken prints, reads back to the same digests, and
 * prints to the same bytes again. */
#include "base/assert.h"
#include "settings/effective.h"
#include "settings/env.h"
#include "settings/yaml.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libfyaml 0.7.12 loses a buffer when it gives up inside a quoted text; not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

struct values {
    double gamma, free_number;
    int64_t levels, free_integer;
    bool post_only;
    int32_t queue;
    struct pl_distance spread;
    char symbol[PL_SETTING_TEXT_MAX], tag[PL_SETTING_TEXT_MAX];
};

static const char *const queues[] = {"risk", "power2", "log", "null", NULL};
#define ROW(field, kind, from, low, high, list)                                         \
    {                                                                                   \
        .name = #field, .type = kind, .unit = "", .def = from, .min = low, .max = high, \
        .choices = list, .help = "Words.", .offset = offsetof(struct values, field),    \
    }
static const struct pl_setting rows[] = {
    ROW(gamma, PL_SET_F64, "0.1", 1e-9, 1e9, NULL),
    ROW(free_number, PL_SET_F64, "0", 0, 0, NULL),
    ROW(levels, PL_SET_I64, "1", 1, 50, NULL),
    ROW(free_integer, PL_SET_I64, "0", 0, 0, NULL),
    ROW(post_only, PL_SET_BOOL, "true", 0, 0, NULL),
    ROW(queue, PL_SET_ENUM, "power2", 0, 0, queues),
    ROW(spread, PL_SET_DISTANCE, "5bps", 0, 1000, NULL),
    ROW(symbol, PL_SET_TEXT, "", 0, 0, NULL),
    ROW(tag, PL_SET_TEXT, "x", 1, 8, NULL),
};
static const struct pl_settings_table table = {"maker", rows, PL_COUNT(rows), sizeof(struct values),
                                               NULL};

/* The bytes up to the next separator; *rest moves behind it. */
static struct pl_str take(struct pl_str *rest)
{
    struct pl_str part = *rest;
    const char *end = rest->size > 0 ? memchr(rest->at, 1, rest->size) : NULL;
    if (end != NULL) {
        part.size = (size_t)(end - rest->at);
    }
    size_t used = end != NULL ? part.size + 1 : rest->size;
    rest->at += used;
    rest->size -= used;
    return part;
}

static char *terminated(struct pl_str text)
{
    char *copy = malloc(text.size + 1);
    PL_ASSERT(copy != NULL);
    if (text.size > 0) {
        memcpy(copy, text.at, text.size);
    }
    copy[text.size] = '\0';
    return copy;
}

static int read_all(struct pl_settings_list *list, struct pl_str rest, struct pl_error *err)
{
    int rc = pl_yaml_read_text(list, "yaml", take(&rest), err);
    if (rc == 0) {
        rc = pl_dotenv_read_text(list, "dotenv", take(&rest), err);
    }
    char *variable = terminated(take(&rest));
    char *variables[] = {variable, NULL};
    if (rc == 0) {
        rc = pl_environment_read(list, variables, err);
    }
    free(variable);
    while (rc == 0 && rest.size > 0) {
        char *argument = terminated(take(&rest));
        rc = pl_settings_list_assign(list, argument, err);
        free(argument);
    }
    return rc;
}

static char *print(const struct pl_settings_target *target, struct pl_str strategy, bool origins)
{
    char *text = NULL, *name = terminated(strategy);
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    PL_ASSERT(out != NULL);
    int rc = pl_settings_write_yaml(out, strategy.size > 0 ? name : NULL, target, 1, origins);
    PL_ASSERT(rc == 0);
    PL_ASSERT(fclose(out) == 0);
    free(name);
    return text;
}

static void on_warning(const char *words, void *user)
{
    (void)user;
    PL_ASSERT(strlen(words) > 10);
}

static const struct pl_settings_listener listener = {on_warning, NULL};

/* `text`, read again, is the same values and the bytes of `plain`. */
static void check_read_back(const char *text, const char *plain, uint64_t digest)
{
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    struct values values;
    struct pl_str strategy;
    struct pl_setting_origin origin;
    struct pl_settings_target target = {.table = &table, .values = &values};
    int rc = pl_settings_list_create(&list);
    PL_ASSERT(rc == 0);
    rc = pl_yaml_read_text(list, "again", pl_str(text), &err);
    PL_ASSERT(rc == 0);
    rc = pl_settings_list_strategy(list, &strategy, &origin, &err);
    PL_ASSERT(rc == 0);
    rc = pl_settings_resolve(list, &target, 1, NULL, &err);
    PL_ASSERT(rc == 0);
    PL_ASSERT(pl_settings_digest(&table, &values) == digest);
    char *again = print(&target, strategy, false);
    PL_ASSERT(strcmp(again, plain) == 0);
    free(again);
    pl_settings_list_destroy(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_settings_list *list = NULL;
    struct pl_error err = {0};
    struct values values;
    struct pl_str strategy = {"", 0};
    struct pl_setting_origin origin;
    struct pl_settings_target target = {.table = &table, .values = &values};
    if (size > 1 << 16) {
        return 0;
    }
    struct pl_str text = {size > 0 ? (const char *)data : "", size};
    int rc = pl_settings_list_create(&list);
    PL_ASSERT(rc == 0);
    rc = read_all(list, text, &err);
    if (rc == 0) {
        rc = pl_settings_list_strategy(list, &strategy, &origin, &err);
    }
    if (rc == 0) {
        rc = pl_settings_resolve(list, &target, 1, &listener, &err);
    }
    PL_ASSERT((rc < 0) == (strlen(err.text) > 5));
    if (rc == 0) {
        char *plain = print(&target, strategy, false);
        char *commented = print(&target, strategy, true);
        check_read_back(plain, plain, pl_settings_digest(&table, &values));
        check_read_back(commented, plain, pl_settings_digest(&table, &values));
        free(commented);
        free(plain);
    }
    pl_settings_list_destroy(&list);
    return 0;
}
