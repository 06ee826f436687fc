#include "shop/order_edit.h"

#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "service/audit.h"
#include "service/order_status.h"
#include "service/staff.h"
#include "shop/payment_status.h"
#include "shop/stock_events.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

static const char *const STATUS_WORDS[] = {"pending",   "queued",    "processing", "shipped",
                                           "delivered", "completed", "cancelled",  NULL};

static const struct reply_field order_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("customer_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("customer_email", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("payment_method", REPLY_TEXT),
    REPLY_FIELD("payment_status", REPLY_TEXT),
    REPLY_FIELD("shipping_address", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("notes", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
};
const struct reply_shape ORDER_KEPT_REPLY = REPLY_SHAPE("AdminOrder", order_reply_fields);
void order_head_put(struct json_out *out, const struct sql_order_head_row *order)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", order->id);
    json_put_id(out, "customer_id", order->customer_id_is_null, order->customer_id);
    json_put_text(out, "customer_name", order->customer_name);
    json_put_text(out, "customer_email", order->customer_email);
    json_put_money(out, "total", order->total_cents);
    json_put_text(out, "status", order->status);
    json_put_text(out, "payment_method", order->payment_method);
    json_put_text(out, "payment_status", order->payment_status);
    json_put_text(out, "shipping_address", order->shipping_address);
    json_put_text(out, "notes", order->notes);
    json_put_time(out, "created_at", order->created_at_us);
    json_put_time(out, "updated_at", order->updated_at_us);
    json_end_object(out);
}

/* --- one --- */

static bool no_order(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "order_id",
                     "there is no order %" PRId64 ": GET /api/admin/orders lists them", id);
}

bool order_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_order_head_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_order_head_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_order(err, given->id) : err_wrap(err, "read the order");
    }
    order_head_put(&rp->json, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct order_body {
    int64_t customer_id;
    int64_t total_cents;
    bool has_customer_id;
    bool has_total;
    const char *status; /* NULL: stays as it is, "pending" at first; as payment_status */
    const char *payment_status;
    const char *payment_method; /* NULL: stays as it is, "credit_card" at first */
    const char *shipping_address;
    const char *notes;
};

static const struct json_field write_fields[] = {
    JSON_INT(struct order_body, customer_id, 1, INT64_MAX, JSON_REQUIRED),
    JSON_MONEY(struct order_body, total, JSON_REQUIRED),
    JSON_WORD(struct order_body, status, STATUS_WORDS, JSON_OPTIONAL),
    JSON_WORD(struct order_body, payment_status, PAYMENT_WORDS, JSON_OPTIONAL),
    JSON_TEXT(struct order_body, payment_method, 1, 50, JSON_OPTIONAL),
    JSON_TEXT(struct order_body, shipping_address, 1, 4000, JSON_REQUIRED),
    JSON_TEXT(struct order_body, notes, 0, 4000, JSON_OPTIONAL),
};
const struct json_shape ORDER_WRITE =
    JSON_SHAPE("AdminOrderWrite", struct order_body, write_fields);
const char ORDER_WRITE_EXAMPLE[] =
    "{\"customer_id\":1,\"total\":2168.96,\"shipping_address\":\"1 Example Street\"}";

static bool no_customer(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "/customer_id",
                     "there is no customer %" PRId64 ": GET /api/admin/customers lists them", id);
}

/* Answers with the order as it is now. */
static bool put_now(const struct staff_write *write, struct db_session *session, int64_t id,
                    struct err *err)
{
    struct sql_order_head_row row;

    if (sql_order_head_by_id(session, id, &row, err) != DB_ROW) {
        return err_wrap(err, "read the order as it is now");
    }
    order_head_put(&write->rp->json, &row);
    return true;
}

static bool create_order(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct order_body *body = write->body;
    struct sql_order_add_by_hand_row added;

    if (sql_order_add_by_hand(
            session, body->customer_id, body->total_cents,
            body->status != NULL ? body->status : STATUS_WORDS[0],
            body->payment_method != NULL ? body->payment_method : "credit_card",
            body->payment_status != NULL ? body->payment_status : PAYMENT_WORDS[PAYMENT_IS_PENDING],
            body->notes, body->shipping_address, ctx->trace.trace_id, &added, err) != DB_ROW) {
        return err->code == ERR_FOREIGN_KEY ? no_customer(err, body->customer_id)
                                            : err_wrap(err, "store the order");
    }
    staff_note(write, "order", added.id);
    return put_now(write, session, added.id, err);
}

bool order_create(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_create(rq, rp, create_order, err);
}

/* May the order become what the body says? What it does not say stays. */
static bool check_moves(const struct sql_order_head_row *was, const struct order_body *body,
                        struct err *err)
{
    if (body->status != NULL && !moves_check(&ORDER_MOVES, was->status, body->status, err)) {
        return false;
    }
    return body->payment_status == NULL ||
           moves_allow(&PAYMENT_MOVES, was->payment_status, body->payment_status) ||
           err_field(err, ERR_CONFLICT, "/payment_status", "what is %s cannot become %s",
                     was->payment_status, body->payment_status);
}

/* Stores it, and answers with the order as it is now: all of it travels together. */
static bool store_order(const struct staff_write *write, struct db_session *session,
                        const struct sql_order_head_row *was, struct err *err)
{
    const struct order_body *body = write->body;
    const char *status = body->status != NULL ? body->status : was->status;
    const bool is_cancelled_now =
        strcmp(status, "cancelled") == 0 && strcmp(was->status, "cancelled") != 0;
    const bool ok = sql_order_change_by_hand(
                        session, was->id, body->customer_id, body->total_cents, status,
                        body->payment_method != NULL ? body->payment_method : was->payment_method,
                        body->payment_status != NULL ? body->payment_status : was->payment_status,
                        body->notes, body->shipping_address, err) &&
                    (!is_cancelled_now || sql_stock_give_back(session, was->id, err)) &&
                    put_now(write, session, was->id, err);

    return ok || (err->code == ERR_FOREIGN_KEY ? no_customer(err, body->customer_id)
                                               : err_wrap(err, "store the order"));
}

static bool change_order(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct order_body *body = write->body;
    struct sql_order_head_to_change_row was;
    const enum db_step step = sql_order_head_to_change(session, write->id, &was, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_order(err, write->id) : err_wrap(err, "read the order");
    }
    order_head_put(&write->rp->json, &was.order_head);
    if (!reply_is_of_version(write->rq, write->rp, err) ||
        !check_moves(&was.order_head, body, err)) {
        return false;
    }
    if (was.lines > 0 && body->total_cents != was.order_head.total_cents) {
        return err_field(err, ERR_CONFLICT, "/total",
                         "the order has lines, and costs what they cost");
    }
    staff_note(write, "order", write->id);
    return store_order(write, session, &was.order_head, err);
}

bool order_change(struct request *rq, struct reply *rp, struct err *err)
{
    const struct order_body *body = rq->body;

    if (!staff_edit(rq, rp, change_order, err)) {
        return false;
    }
    if (body->status != NULL && strcmp(body->status, "cancelled") == 0) {
        stock_tell_several(service_of(rq));
    }
    return true;
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "order_id")};
const struct param_shape ORDER_ID = PARAM_SHAPE(struct id_params, id_fields);
