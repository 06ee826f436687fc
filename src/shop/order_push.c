#include "shop/order_push.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "http/json_in.h"
#include "service/percent.h"
#include "sql_shop.h"

enum { REQUEST_MAX = 256 * 1024, ANSWER_MAX = 1024 * 1024 };

static const char source_system[] = "octo-drone-shop";

/* 5e1a6db6-8c0e-4f1c-9c9a-3b0c2a1f0f01 */
static const uint8_t token_name_space[16] = {0x5e, 0x1a, 0x6d, 0xb6, 0x8c, 0x0e, 0x4f, 0x1c,
                                             0x9c, 0x9a, 0x3b, 0x0c, 0x2a, 0x1f, 0x0f, 0x01};

void order_push_token(int64_t order_id, const char *source, char out[UUID_TEXT_MAX])
{
    char name[256]; /* a number and a source of at most 50 characters */

    (void)snprintf(name, sizeof(name), "%" PRId64 ":%s", order_id, source);
    digest_uuid5(token_name_space, name, out);
}

struct push {
    struct ctx *ctx;
    struct service *service;
    int64_t order_id;
    const char *token;
    struct push_result *result;

    /* Read from the database. */
    struct sql_order_row order;
    struct sql_customer_by_id_row customer;
    const char *lines; /* JSON list */
};

/* --- what is known of the order --- */

static bool read_lines(struct push *push, struct db_session *session, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_order_lines_row row;
    enum db_step step = DB_FAILED;
    struct buf text;
    struct json_out out;

    if (!sql_order_lines_open(session, push->order_id, &cursor, err)) {
        return false;
    }
    buf_init(&text, REQUEST_MAX);
    json_out_init(&out, &text);
    json_begin_list(&out, NULL);
    while ((step = sql_order_lines_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(&out, NULL);
        if (row.sku != NULL) {
            json_put_text(&out, "sku", row.sku);
        }
        if (row.name != NULL) {
            json_put_text(&out, "name", row.name);
        }
        json_put_int(&out, "quantity", row.quantity);
        json_put_money(&out, "unit_price", row.unit_price_cents);
        json_end_object(&out);
    }
    json_end_list(&out);
    db_cursor_close(cursor);
    push->lines = arena_dup(push->ctx->arena, text.data, text.length);
    buf_fini(&text);
    return step == DB_NO_ROW;
}

static bool read_order(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct push *push = arg;
    const enum db_step step = sql_order_by_id(session, push->order_id, &push->order, err);

    (void)ctx;
    if (step == DB_NO_ROW) {
        return err_set(err, ERR_NOT_FOUND, "there is no order %" PRId64, push->order_id);
    }
    if (step == DB_FAILED) {
        return false;
    }
    if (push->order.customer_id_is_null ||
        sql_customer_by_id(session, push->order.customer_id, &push->customer, err) != DB_ROW) {
        return err_set(err, ERR_INVALID, "order %" PRId64 " has no customer", push->order_id);
    }
    return read_lines(push, session, err);
}

/* --- calls --- */

/* One call whose answer must be JSON with a status below 300; *ret_body is freed by the caller. A
 * status in `tolerated` is no error either, but gives no body. */
static bool call_crm(struct push *push, const struct http_call *call, int tolerated,
                     struct json **ret_body, struct err *err)
{
    struct http_answer answer = {.status = 0};
    struct json *body = NULL;
    bool done = false;

    if (!http_client_call(push->ctx, push->service->peer, call, &answer, err)) {
        goto out;
    }
    push->result->status = answer.status;
    if (!json_parse(answer.body.data != NULL ? answer.body.data : "", answer.body.length, &body,
                    err)) {
        (void)err_wrap(err, "answer of the CRM to %s %s", call->method, call->path);
        err->code = ERR_PEER;
        goto out;
    }
    push->result->answer = json_write(push->ctx->arena, body, &(size_t){0});
    if (answer.status == tolerated) {
        done = true;
    } else if (answer.status >= 300) {
        const char *text = json_text(json_get(body, "error"));

        (void)err_set(err, ERR_PEER, "the CRM answered %d to %s %s: %s", answer.status,
                      call->method, call->path, text != NULL ? text : "no reason given");
    } else {
        *ret_body = body;
        body = NULL;
        done = true;
    }
out:
    json_free(body);
    buf_fini(&answer.body);
    return done;
}

/* *ret_id is 0 when the CRM does not know the address. */
static bool find_customer(struct push *push, int64_t *ret_id, struct err *err)
{
    struct http_call call = {.method = "GET", .body_max = ANSWER_MAX};
    struct json *body = NULL;
    struct buf path;

    buf_init(&path, REQUEST_MAX);
    buf_add_text(&path, "/api/customers?limit=1&email=");
    percent_encode(&path, push->customer.email, "");
    call.path = arena_dup(push->ctx->arena, path.data, path.length);
    buf_fini(&path);
    if (!call_crm(push, &call, 0, &body, err)) {
        return false;
    }
    *ret_id = 0;
    (void)json_int(json_get(json_at(json_get(body, "customers"), 0), "id"), ret_id);
    json_free(body);
    return true;
}

/* Texts that are not there are left out: the CRM's schema takes no null. */
static void put_if_there(struct json_out *out, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        json_put_text(out, key, text);
    }
}

/* *ret_id stays 0 when somebody else has just created him. */
static bool create_customer(struct push *push, int64_t *ret_id, struct err *err)
{
    const struct sql_customer_by_id_row *customer = &push->customer;
    struct http_call call = {
        .method = "POST",
        .path = "/api/customers",
        .idempotency_key = arena_printf(push->ctx->arena, "customer-%s", push->token),
        .body_max = ANSWER_MAX,
    };
    struct json *body = NULL;
    struct buf text;
    struct json_out out;
    bool done = false;

    buf_init(&text, REQUEST_MAX);
    json_out_init(&out, &text);
    json_begin_object(&out, NULL);
    json_put_text(&out, "name", customer->name);
    json_put_text(&out, "email", customer->email);
    put_if_there(&out, "phone", customer->phone);
    put_if_there(&out, "company", customer->company);
    put_if_there(&out, "industry", customer->industry);
    json_put_text(&out, "notes", "Source=octo-drone-shop");
    json_end_object(&out);
    call.body = text.data;
    call.body_length = text.length;
    done = call_crm(push, &call, 409, &body, err);
    buf_fini(&text);
    (void)json_int(json_get(body, "customer_id"), ret_id);
    json_free(body);
    return done;
}

static bool find_or_create_customer(struct push *push, int64_t *ret_id, struct err *err)
{
    if (!find_customer(push, ret_id, err) ||
        (*ret_id == 0 && !create_customer(push, ret_id, err)) ||
        (*ret_id == 0 && !find_customer(push, ret_id, err))) {
        return false;
    }
    return *ret_id != 0 || err_set(err, ERR_PEER, "the CRM names no id for the customer");
}

/* The CRM computes the total from the lines, the discount and the shipping cost. The status, and
 * the total of an order whose parts do not add up, it takes from the order feed. */
static bool post_order(struct push *push, int64_t customer_id, struct err *err)
{
    const struct sql_order_row *order = &push->order;
    struct http_call call = {.method = "POST",
                             .path = "/api/orders",
                             .idempotency_key = push->token,
                             .body_max = ANSWER_MAX};
    struct json *body = NULL;
    struct buf text;
    struct json_out out;
    bool done = false;

    buf_init(&text, REQUEST_MAX);
    json_out_init(&out, &text);
    json_begin_object(&out, NULL);
    json_put_int(&out, "customer_id", customer_id);
    json_put_raw(&out, "items", push->lines, strlen(push->lines));
    json_put_money(&out, "discount", order->discount_cents);
    json_put_money(&out, "shipping_cost", order->shipping_cost_cents);
    json_put_text(&out, "source_system", source_system);
    json_put_int(&out, "source_order_id", push->order_id);
    json_put_text(&out, "source_customer_email", push->customer.email);
    json_put_text(&out, "idempotency_token", push->token);
    put_if_there(&out, "correlation_id", order->correlation_id);
    put_if_there(&out, "shipping_address", order->shipping_address);
    put_if_there(&out, "notes", order->notes);
    json_end_object(&out);
    call.body = text.data;
    call.body_length = text.length;
    done = call_crm(push, &call, 0, &body, err);
    buf_fini(&text);
    (void)json_int(json_get(body, "order_id"), &push->result->crm_order_id);
    json_free(body);
    return done;
}

bool order_push(struct ctx *ctx, struct service *service, int64_t order_id, const char *token,
                struct push_result *ret, struct err *err)
{
    struct push push = {
        .ctx = ctx, .service = service, .order_id = order_id, .token = token, .result = ret};
    int64_t customer_id = 0;

    *ret = (struct push_result){.status = 0};
    return (db_read(ctx, service->events_pool, read_order, &push, err) &&
            find_or_create_customer(&push, &customer_id, err) &&
            post_order(&push, customer_id, err)) ||
           err_wrap(err, "hand order %" PRId64 " to the CRM", order_id);
}
