#include "report/column.h"

#include "report/json_dump.h"

#include "core/units.h"

#include <math.h>
#include <stdbool.h>

/* Sums of changes stay exact in a double, on both sides. */
#define GRID_MAX 0x1p52

static bool fits(const double *value, size_t count, double div, double error)
{
    for (size_t i = 0; i < count; i++) {
        double steps = rint(value[i] * div);
        if (!isnan(value[i]) &&
            !(fabs(steps) < GRID_MAX && fabs(value[i] - steps / div) <= error)) {
            return false;
        }
    }
    return true;
}

/* The coarsest grid that holds all values; 0 = none. */
static double find_div(const double *value, size_t count, double tolerance)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        if (isinf(value[i])) {
            return 0;
        }
        if (fabs(value[i]) > largest) {
            largest = fabs(value[i]);
        }
    }
    double power = 1;
    for (int digits = 0; digits <= 9; digits++) {
        for (int times = 1; times <= 4; times *= 2) {
            if (fits(value, count, power * times, largest * tolerance)) {
                return power * times;
            }
        }
        power *= 10;
    }
    return 0;
}

static void write_plain(FILE *out, const double *value, size_t count)
{
    fputc('[', out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            fputc(',', out);
        }
        pl_json_dump_f64(value[i], out);
    }
    fputc(']', out);
}

void pl_column_write(FILE *out, const double *value, size_t count, double tolerance)
{
    double div = find_div(value, count, tolerance);
    if (div == 0) {
        write_plain(out, value, count);
        return;
    }
    fprintf(out, "{\"div\":%.0f,\"d\":[", div);
    double last = 0;
    for (size_t i = 0; i < count; i++) {
        const char *comma = i > 0 ? "," : "";
        if (isnan(value[i])) {
            fprintf(out, "%snull", comma);
        } else {
            double steps = rint(value[i] * div);
            fprintf(out, "%s%.0f", comma, steps - last + 0.0); /* + 0.0: never "-0" */
            last = steps;
        }
    }
    fputs("]}", out);
}

void pl_column_write_time(FILE *out, const int64_t *ns, size_t count)
{
    int64_t unit = PL_NS_PER_MS;
    int64_t base = count > 0 ? ns[0] / PL_NS_PER_MS : 0;
    for (size_t i = 0; i < count; i++) {
        while (ns[i] % unit != 0) {
            unit /= 1000;
        }
    }
    fprintf(out, "{\"ms\":%lld,\"div\":%lld,\"d\":[", (long long)base,
            (long long)(PL_NS_PER_MS / unit));
    int64_t last = base * PL_NS_PER_MS;
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%lld", i > 0 ? "," : "", (long long)((ns[i] - last) / unit));
        last = ns[i];
    }
    fputs("]}", out);
}
