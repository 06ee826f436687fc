/*
 * shop/order_push.h: hands one order to the CRM: finds the buyer there by e-mail or creates him,
 * then posts the order with its lines. Safe to repeat: the order carries a token that is always the
 * same, and the CRM answers a second one with the first.
 * Threads: any; no database session is held while the CRM is asked.
 */
#ifndef SHOP_ORDER_PUSH_H
#define SHOP_ORDER_PUSH_H

#include "core/text.h"
#include "service/service.h"

struct push_result {
    int64_t crm_order_id; /* 0: the CRM did not say */
    int status;           /* of the CRM's last answer; 0: there was none */
    const char *answer;   /* JSON of that answer; NULL where there is none */
};

/* Named in the token of orders that the shop hands over by itself. */
#define ORDER_PUSH_SOURCE "shop_checkout"

/* UUIDv5 of "<order_id>:<source>" in a name space that must never change. */
void order_push_token(int64_t order_id, const char *source, char out[UUID_TEXT_MAX]);

/* `token` is what the CRM knows a repetition by. ERR_NOT_FOUND when there is no such order,
 * ERR_PEER when the CRM refuses it, and the errors of http_client_call. ret is filled as far as
 * things went, also after a failure. */
MUST_CHECK bool order_push(struct ctx *ctx, struct service *service, int64_t order_id,
                           const char *token, struct push_result *ret, struct err *err);

#endif
