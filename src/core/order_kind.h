/* core/order_kind.h - words that requests, strategies and venues share about an order. */
#ifndef PL_CORE_ORDER_KIND_H
#define PL_CORE_ORDER_KIND_H

enum pl_tif { PL_TIF_GTC, PL_TIF_IOC, PL_TIF_FOK };

enum pl_order_flag {
    PL_ORDF_POST_ONLY = 1,
    PL_ORDF_REDUCE_ONLY = 2,
    PL_ORDF_MARKET = 4, /* px is ignored */
};

#endif
