#include "shop/order_outbox.h"

#include "shop/order_push.h"
#include "sql_shop.h"

static bool look(struct db_session *session, int64_t longest_s, bool *ret_is_due,
                 bool *ret_is_ahead, struct err *err)
{
    struct sql_outbox_look_row row;

    if (sql_outbox_look(session, longest_s, &row, err) != DB_ROW) {
        return false;
    }
    *ret_is_due = row.is_due;
    *ret_is_ahead = row.is_ahead;
    return true;
}

static bool claim(struct ctx *ctx, struct db_session *session, int64_t lease_s,
                  struct outbox_batch *batch, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_outbox_claim_row row;
    enum db_step step = DB_FAILED;

    if (!sql_outbox_claim_open(session, lease_s, OUTBOX_BATCH_MAX, &cursor, err)) {
        return false;
    }
    while ((step = sql_outbox_claim_next(cursor, &row, err)) == DB_ROW) {
        if (batch->count < OUTBOX_BATCH_MAX) {
            batch->parcels[batch->count++] =
                (struct outbox_parcel){.number = row.order_id,
                                       .attempts = row.attempts,
                                       .payload = arena_strdup(ctx->arena, row.payload)};
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool settle(struct ctx *ctx, struct db_session *session, const struct outbox_batch *batch,
                   struct err *err)
{
    struct sql_outbox_settle_args *rows = arena_array(ctx->arena, batch->count, sizeof(*rows));

    for (size_t i = 0; i < batch->count; i++) {
        const struct outbox_parcel *parcel = &batch->parcels[i];

        rows[i] = sql_outbox_settle_args(parcel->number, parcel->failure,
                                         outbox_backoff_s(parcel->attempts));
    }
    return sql_outbox_settle_batch(session, rows, batch->count, NULL, err);
}

static const struct reply_field pushed_event_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("crm_order_id", REPLY_ID),
};
static const struct reply_field push_failed_event_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("code", REPLY_TEXT),
};
const struct event_shape SHOP_ORDER_PUSHED =
    EVENT_SHAPE("pushed", "OrderPushedEvent", pushed_event_fields);
const struct event_shape SHOP_ORDER_PUSH_FAILED =
    EVENT_SHAPE("push_failed", "OrderPushFailedEvent", push_failed_event_fields);

/* `err` is NULL when the CRM has it, as its order `crm_order_id`. */
static void tell_staff(struct service *service, const struct ctx *ctx, int64_t order_id,
                       int64_t crm_order_id, const struct err *err)
{
    struct event event;

    event_begin(&event, ctx);
    json_put_int(&event.json, "order_id", order_id);
    if (err == NULL) {
        json_put_int(&event.json, "crm_order_id", crm_order_id);
    } else {
        json_put_text(&event.json, "code", err_symbol(err->code));
    }
    event_post(&event, service, EVENTS_SYNC,
               err == NULL ? &SHOP_ORDER_PUSHED : &SHOP_ORDER_PUSH_FAILED);
}

static bool hand_over(struct ctx *ctx, struct service *service, const struct outbox_parcel *parcel,
                      struct span *span, struct err *err)
{
    struct push_result result;
    char token[UUID_TEXT_MAX];

    span_int(span, "orders.order_id", parcel->number);
    order_push_token(parcel->number, ORDER_PUSH_SOURCE, token);
    if (!order_push(ctx, service, parcel->number, token, &result, err)) {
        tell_staff(service, ctx, parcel->number, 0, err);
        return false;
    }
    tell_staff(service, ctx, parcel->number, result.crm_order_id, NULL);
    return true;
}

const struct outbox_kind SHOP_ORDER_OUTBOX = {
    .thread = "outbox",
    .action = "BG outbox",
    .table = ORDER_OUTBOX,
    .span = "integration.crm.sync_order",
    .count = "outbox.orders",
    .not_given = "order not handed to the CRM",
    .look = look,
    .call_back = sql_outbox_call_back,
    .claim = claim,
    .settle = settle,
    .hand_over = hand_over,
};
