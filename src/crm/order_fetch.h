/*
 * crm/order_fetch.h: what the synchronisation asks the shop: a page of its feed, one order. Each
 * call ends: with its unit's deadline, and at a bound on the bytes of the answer (unpacked).
 */
#ifndef CRM_ORDER_FETCH_H
#define CRM_ORDER_FETCH_H

#include "crm/crm_priv.h"

/* The answer's body goes to *ret_body, which the caller frees with buf_fini, also after a failure.
 * The texts of errors are public: they name the shop's fault and nothing that is ours alone. */
/* ERR_GONE where the shop no longer knows the cursor. */
MUST_CHECK bool order_fetch_page(struct ctx *ctx, struct crm *crm, const char *cursor,
                                 int64_t since_us, struct buf *ret_body, struct err *err);
/* ERR_NOT_FOUND where the shop has no such order. */
MUST_CHECK bool order_fetch_one(struct ctx *ctx, struct crm *crm, int64_t source_order_id,
                                struct buf *ret_body, struct err *err);

#endif
