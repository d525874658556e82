/* report/terminal.h - a run as aligned text, at most 92 columns.
 *
 * Colour  only when the caller asks for it.
 * Words   "-" is a figure without data. Money is in the account currency unless a column says so. */
#ifndef PL_REPORT_TERMINAL_H
#define PL_REPORT_TERMINAL_H

#include "report/derive.h"

#include <stdbool.h>
#include <stdio.h>

#define PL_TERMINAL_WIDTH 92

PL_MUST_USE int pl_terminal_write(const struct pl_run *run, const struct pl_derived *derived,
                                  bool colour, FILE *out, struct pl_error *err);
/* Decimals that suit money of this size: 2 from 1,000, 4 from 1, 6 from 0.001, else 9. */
int pl_money_decimals(double largest);

#endif
