/* Reading a run from JSON: what is accepted writes and reads back to the same text, and can be shown. */
#include "base/assert.h"
#include "report/json.h"
#include "report/terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print(const struct pl_run *run)
{
    char *text = NULL;
    int rc = pl_run_json_print(run, NULL, 0, &text, NULL);
    PL_ASSERT(rc == 0);
    return text;
}

static void show(const struct pl_run *run)
{
    struct pl_derived derived;
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    PL_ASSERT(f != NULL);
    int rc = pl_derive(run, &derived, NULL);
    PL_ASSERT(rc == 0);
    rc = pl_terminal_write(run, &derived, true, f, NULL);
    PL_ASSERT(rc == 0);
    rc = fclose(f);
    PL_ASSERT(rc == 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_run run, again;
    struct pl_error err = {0};
    int rc = pl_run_json_read((struct pl_str){(const char *)data, size}, &run, &err);
    if (rc < 0) {
        PL_ASSERT(err.code == rc && err.text[0] != '\0' && run.market == NULL);
        return 0;
    }
    char *first = print(&run);
    rc = pl_run_json_read(pl_str(first), &again, &err);
    PL_ASSERT(rc == 0);
    char *second = print(&again);
    PL_ASSERT(strcmp(first, second) == 0);
    show(&again);
    free(first);
    free(second);
    pl_run_json_release(&run);
    pl_run_json_release(&again);
    return 0;
}
