/* report/number.h - numbers and times as text, for people (grouped, fixed decimals) and for
 * machines (shortest text that reads back to the same double).
 *
 * Memory  into the caller's buffer of PL_NUMBER_TEXT_MAX bytes; the returned pointer is that buffer.
 * Words   NAN and infinities are "-" for people: a figure that could not be computed. */
#ifndef PL_REPORT_NUMBER_H
#define PL_REPORT_NUMBER_H

#include <stdint.h>

#define PL_NUMBER_TEXT_MAX 48

/* Fewest digits of %g that strtod reads back to the same bits: 0.1 is "0.1". Finite values only. */
char *pl_number_shortest(double value, char *out);
/* "-1,234.50": commas between thousands. decimals 0..9. */
char *pl_number_fixed(double value, int decimals, char *out);
/* The same with a "+" in front of positive values. */
char *pl_number_signed(double value, int decimals, char *out);
/* At most `digits` significant digits, commas, no exponent between 1e-6 and 1e12. */
char *pl_number_significant(double value, int digits, char *out);
char *pl_number_count(uint64_t value, char *out);
/* "250 ms", "1.5 s", "60 s", "3 min 20 s", "2 h 05 min", "3 d 04 h". */
char *pl_number_duration(int64_t ns, char *out);
/* "2024-08-08 13:07:01.123" UTC. */
char *pl_number_time(int64_t ns, char *out);
/* Decimals that show `step` exactly: 0.05 -> 2; at most 9. */
int pl_number_decimals(double step);

#endif
