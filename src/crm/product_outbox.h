/*
 * crm/product_outbox.h: the outbox by which a change of the catalogue reaches the shop
 * (service/outbox.h). A row says that an article number has changed and how often; what the shop is
 * told is what the catalogue has of it when the row's turn comes, or that there is nothing any
 * more. Each telling carries the number of the change that it shows, and the shop takes none that
 * is older than what it has: so it does not matter which of two comes first.
 */
#ifndef CRM_PRODUCT_OUTBOX_H
#define CRM_PRODUCT_OUTBOX_H

#include "http/json_out.h"
#include "service/outbox.h"
#include "sql_crm.h"

extern const struct outbox_kind CRM_PRODUCT_OUTBOX;

/* Notes, in the transaction that makes, changes or takes away a product, that the shop has to be
 * told of it: `before` is NULL where it is made, `after` where it is taken off. An article number
 * that it has no more is gone for the shop. What only stands for a product of the shop (category
 * "External Sync") is not the portal's to tell of. Where changes are not pushed `outbox` is NULL,
 * and nothing is noted. */
MUST_CHECK bool product_outbox_note(struct ctx *ctx, struct db_session *session,
                                    const struct outbox *outbox,
                                    const struct sql_product_row *before,
                                    const struct sql_product_row *after, struct err *err);

/* A product as the shop takes it. */
void put_published_product(struct json_out *out, const struct sql_published_product_row *row);

#endif
