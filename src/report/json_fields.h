/* report/json_fields.h - which field of a run has which key: one list for writing and reading. */
#ifndef PL_REPORT_JSON_FIELDS_H
#define PL_REPORT_JSON_FIELDS_H

#include <stddef.h>

enum pl_field_type { PL_FIELD_F64, PL_FIELD_U64, PL_FIELD_I64, PL_FIELD_BOOL /* an int */ };

struct pl_field {
    const char *key;
    enum pl_field_type type;
    size_t offset;
};

struct pl_fields {
    const struct pl_field *at;
    size_t count;
};

extern const struct pl_fields pl_fields_money;  /* of struct pl_run_money */
extern const struct pl_fields pl_fields_counts; /* of struct pl_run_counts */
extern const struct pl_fields pl_fields_perf;   /* of struct pl_run_perf */
extern const struct pl_fields pl_fields_ratios; /* of struct pl_ratios: written only */
extern const struct pl_fields pl_fields_market; /* plain numbers of struct pl_run_market */
extern const struct pl_fields pl_fields_hists; /* the struct pl_run_hist of a market; type unused */

extern const char *const pl_inst_kind_key[3]; /* by enum pl_inst_kind */

#endif
