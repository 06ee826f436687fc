/*
 * shop/integrations.c: what the shop offers to whoever runs it beside the CRM: handing one order
 * over at once, with the outcome in the reply.
 */
#include "service/integrations.h"

#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "service/audit.h"
#include "service/observe.h"
#include "service/write.h"
#include "shop/order_push.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { SOURCE_MAX = 50, TOKEN_MAX = 64, RETRY_S = 2 };

static const struct reply_field customer_sync_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("synced", REPLY_BOOL),
    REPLY_FIELD("skipped", REPLY_BOOL),
    REPLY_FIELD("reason", REPLY_TEXT),
};
const struct reply_shape CUSTOMER_SYNC_REPLY = REPLY_SHAPE("CustomerSync", customer_sync_fields);

void shop_put_customer_sync(const struct shop *shop, struct json_out *out, const char *key)
{
    json_begin_object(out, key);
    json_put_bool(out, "configured", shop->outbox != NULL);
    json_put_bool(out, "synced", false);
    json_put_bool(out, "skipped", true);
    json_put_text(out, "reason", "customers go to the CRM with their orders, not back");
    json_end_object(out);
}

struct sync_order_body {
    int64_t order_id;
    bool has_order_id;
    const char *customer_email;
    int64_t total_cents;
    bool has_total;
    const char *source;
    const char *idempotency_token;
};

static const struct json_field sync_order_fields[] = {
    JSON_INT(struct sync_order_body, order_id, 1, INT64_MAX, JSON_REQUIRED),
    JSON_EMAIL(struct sync_order_body, customer_email, JSON_REQUIRED),
    JSON_MONEY(struct sync_order_body, total, JSON_REQUIRED),
    JSON_TEXT(struct sync_order_body, source, 1, SOURCE_MAX, JSON_OPTIONAL),
    JSON_TOKEN(struct sync_order_body, idempotency_token, 8, TOKEN_MAX, "-", JSON_OPTIONAL),
};
static const struct json_shape sync_order_shape =
    JSON_SHAPE("SyncOrderRequest", struct sync_order_body, sync_order_fields);

struct sync_order {
    struct request *rq;
    struct reply *rp;
    const struct sync_order_body *body;
    struct push_result result;
    const char *failure; /* NULL: the CRM has the order */
};

/* What the caller says of the order has to agree with what is stored. */
static bool check_order(struct request *rq, const struct sync_order_body *body, struct err *err)
{
    struct db_session *session = NULL;
    struct sql_order_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_order_by_id(session, body->order_id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read order %" PRId64, body->order_id);
    }
    if (step == DB_NO_ROW) {
        return err_field(err, ERR_INVALID, "/order_id", "there is no order %" PRId64,
                         body->order_id);
    }
    if (row.total_cents != body->total_cents) {
        char total[MONEY_TEXT_MAX];

        money_format(row.total_cents, total);
        return err_field(err, ERR_INVALID, "/total",
                         "the total of order %" PRId64 " is %s: send that", body->order_id, total);
    }
    if (row.customer_email == NULL || !text_equal_fold(row.customer_email, body->customer_email)) {
        return err_field(err, ERR_INVALID, "/customer_email",
                         "order %" PRId64 " is not under this address: send that of its customer",
                         body->order_id);
    }
    return true;
}

static const struct reply_field sync_order_reply_fields[] = {
    REPLY_FIELD("synced", REPLY_BOOL),
    REPLY_FIELD("queued", REPLY_BOOL),
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("status_code", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("reason", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("crm_response", REPLY_OBJECT | REPLY_NULLABLE),
    REPLY_PART("circuit_breaker", &OBSERVE_BREAKER, 0),
};
static const struct reply_shape SYNC_ORDER_REPLY =
    REPLY_SHAPE("SyncOrderResult", sync_order_reply_fields);

static void put_outcome(const struct sync_order *sync)
{
    const struct shop *shop = shop_of(sync->rq);
    const struct push_result *result = &sync->result;
    struct json_out *out = &sync->rp->json;

    json_begin_object(out, NULL);
    json_put_bool(out, "synced", sync->failure == NULL);
    json_put_bool(out, "queued", sync->failure != NULL && shop->outbox != NULL);
    json_put_int(out, "order_id", sync->body->order_id);
    json_put_id(out, "status_code", result->status == 0, result->status);
    json_put_text(out, "reason", sync->failure);
    if (result->answer != NULL && result->answer[0] == '{') {
        json_put_raw(out, "crm_response", result->answer, strlen(result->answer));
    } else {
        json_put_null(out, "crm_response");
    }
    observe_breaker(shop->service.peer, out, "circuit_breaker");
    json_end_object(out);
}

/* The outbox takes an order that the CRM would not have now, and forgets one that it has. */
static bool sync_order_work(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sync_order *sync = arg;
    const int64_t order_id = sync->body->order_id;

    if (!sql_outbox_add(session, order_id, "{}", err) ||
        !sql_outbox_settle(session, order_id, sync->failure, RETRY_S, err)) {
        return err_wrap(err, "note the outcome for order %" PRId64, order_id);
    }
    put_outcome(sync);
    audit_note(sync->rq, sync->failure == NULL ? "order.pushed" : "order.push_failed",
               arena_printf(ctx->arena, "order:%" PRId64, order_id), NULL);
    return true;
}

static bool sync_order(struct request *rq, struct reply *rp, struct err *err)
{
    struct shop *shop = shop_of(rq);
    const struct sync_order_body *body = rq->body;
    struct sync_order sync = {.rq = rq, .rp = rp, .body = body};
    char token[UUID_TEXT_MAX];
    struct err push_err = {0};

    if (!check_order(rq, body, err)) {
        return false;
    }
    order_push_token(body->order_id, body->source != NULL ? body->source : "api", token);
    if (!order_push(&rq->ctx, &shop->service, body->order_id,
                    body->idempotency_token != NULL ? body->idempotency_token : token, &sync.result,
                    &push_err)) {
        sync.failure = arena_strdup(rq->ctx.arena, push_err.text);
    }
    if (!service_write(rq, rp, shop->service.main_pool, sync_order_work, &sync, err)) {
        return false;
    }
    if (sync.failure != NULL) {
        outbox_wake(shop->outbox);
    }
    return true;
}

static const struct route ROUTES[] = {
    INTEGRATION_ROUTES("/api/integrations/crm/health", SHOP_INSIDERS),
    {GET, "/api/platform/status", platform_status, ROLE_ADMIN | ROLE_SUPPORT | ROLE_SERVICE,
     .flags = ROUTE_CALLS_PEER, .reply = &PLATFORM_REPLY,
     .summary = "Whether both services answer, now"},
    {POST, "/api/integrations/crm/sync-order", sync_order, ROLE_SERVICE,
     .flags = ROUTE_TAKES_KEY | ROUTE_CALLS_PEER, .body = &sync_order_shape,
     .reply = &SYNC_ORDER_REPLY, .summary = "Hand one order to the CRM"},
};

const struct route_table shop_integration_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                    "integrations",
                                                    "What the shop does together with the CRM"};
