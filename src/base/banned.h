/* base/banned.h - calls that this project does not make; a use is a compile error that says what
 * to call instead. CMake puts it in front of every file of src/ (-include), so nobody includes it.
 *
 * The headers that declare the names come first; then each name becomes a macro. Calls that only
 * some rooms must avoid (clocks, qsort, libm) are found by script/check-symbols in the objects. */
#ifndef PL_BASE_BANNED_H
#define PL_BASE_BANNED_H

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* An expression that never compiles and whose message carries the words. */
#define PL_BANNED(words)          \
    (sizeof(struct {              \
        _Static_assert(0, words); \
        int x;                    \
    }))

#undef strcpy
#undef stpcpy
#undef strcat
#undef strncpy
#undef strncat
#undef strtok
#undef sprintf
#undef vsprintf
#undef gets
#undef scanf
#undef fscanf
#undef sscanf
#undef atoi
#undef atol
#undef atoll
#undef atof
#undef rand
#undef srand
#undef random
#undef alloca
#undef tmpnam
#undef mktemp
#undef system
#undef setlocale
#undef localtime
#undef gmtime
#undef asctime
#undef ctime

#define strcpy(...)    PL_BANNED("strcpy is banned: snprintf, or memcpy with a checked length")
#define stpcpy(...)    PL_BANNED("stpcpy is banned: snprintf, or memcpy with a checked length")
#define strcat(...)    PL_BANNED("strcat is banned: snprintf at the end, with what room is left")
#define strncpy(...)   PL_BANNED("strncpy is banned: it may not terminate; snprintf")
#define strncat(...)   PL_BANNED("strncat is banned: snprintf at the end, with what room is left")
#define strtok(...)    PL_BANNED("strtok is banned: it keeps state; walk a struct pl_str")
#define sprintf(...)   PL_BANNED("sprintf is banned: snprintf")
#define vsprintf(...)  PL_BANNED("vsprintf is banned: vsnprintf")
#define gets(...)      PL_BANNED("gets is banned: getline, or read with a length")
#define scanf(...)     PL_BANNED("scanf is banned: base/decimal.h reads numbers exactly")
#define fscanf(...)    PL_BANNED("fscanf is banned: base/decimal.h reads numbers exactly")
#define sscanf(...)    PL_BANNED("sscanf is banned: base/decimal.h reads numbers exactly")
#define atoi(...)      PL_BANNED("atoi is banned: it cannot fail; base/decimal.h")
#define atol(...)      PL_BANNED("atol is banned: it cannot fail; base/decimal.h")
#define atoll(...)     PL_BANNED("atoll is banned: it cannot fail; base/decimal.h")
#define atof(...)      PL_BANNED("atof is banned: it cannot fail; strtod with its end checked")
#define rand(...)      PL_BANNED("rand is banned: base/rand.h draws from a seed and a counter")
#define srand(...)     PL_BANNED("srand is banned: base/rand.h draws from a seed and a counter")
#define random(...)    PL_BANNED("random is banned: base/rand.h draws from a seed and a counter")
#define alloca(...)    PL_BANNED("alloca is banned: a fixed array, or memory taken at the start")
#define tmpnam(...)    PL_BANNED("tmpnam is banned: another process may take the name; mkstemp")
#define mktemp(...)    PL_BANNED("mktemp is banned: another process may take the name; mkstemp")
#define system(...)    PL_BANNED("system is banned: posix_spawn with an argument vector")
#define setlocale(...) PL_BANNED("setlocale is banned: numbers are written in the C locale")
#define localtime(...) PL_BANNED("localtime is banned: times are UTC; gmtime_r")
#define gmtime(...)    PL_BANNED("gmtime is banned: it keeps state; gmtime_r")
#define asctime(...)   PL_BANNED("asctime is banned: it keeps state; strftime")
#define ctime(...)     PL_BANNED("ctime is banned: it keeps state; strftime")

#endif
