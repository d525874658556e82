/* base/int128.h - 128-bit integers, for exact products of 64-bit ones. */
#ifndef PL_BASE_INT128_H
#define PL_BASE_INT128_H

__extension__ typedef __int128 pl_i128;
__extension__ typedef unsigned __int128 pl_u128;

#endif
