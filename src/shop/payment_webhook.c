/*
 * shop/payment_webhook.c: what payment providers tell of payments. A message counts when it is
 * signed with the provider's key, of now, and told for the first time; then the order's payment
 * goes on as far as its life allows (shop/payment_status.h). A provider sends again what was not
 * answered with 200, so what changes nothing is 200 too and says why.
 */
#include <inttypes.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "service/audit.h"
#include "service/security.h"
#include "service/write.h"
#include "shop/payment_signature.h"
#include "shop/payment_status.h"
#include "shop/settings.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum {
    BODY_MAX = 256 * 1024,
    PROVIDER_MOST = 50,
    EVENT_ID_MOST = 200, /* of its columns, as the next two */
    EVENT_TYPE_MOST = 100,
    REFERENCE_MOST = 128,
    US_PER_S = 1000000,
};

static const char *const JSON_TYPES[] = {"application/json", NULL};
static const char PROVIDER[] = "stripe";

/* Of Stripe's events those that end a payment or begin one. */
static const struct {
    const char *type;
    enum payment becomes;
} EVENTS[] = {
    {"payment_intent.processing", PAYMENT_IS_UNDER_WAY},
    {"payment_intent.succeeded", PAYMENT_IS_PAID},
    {"payment_intent.payment_failed", PAYMENT_HAS_FAILED},
    {"payment_intent.canceled", PAYMENT_IS_CANCELLED},
    {"charge.refunded", PAYMENT_IS_REFUNDED},
};

struct webhook_params {
    const char *provider_name;
};

static const struct param webhook_fields[] = {
    {.name = "provider_name",
     .kind = PARAM_KIND_TEXT,
     .place = PARAM_IN_PATH,
     .offset = offsetof(struct webhook_params, provider_name),
     .most = PROVIDER_MOST,
     .marks = "_"},
};
static const struct param_shape WEBHOOK_PARAMS = PARAM_SHAPE(struct webhook_params, webhook_fields);

static const struct reply_field webhook_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("applied", "duplicate", "ignored"), 0),
    REPLY_FIELD("event_id", REPLY_TEXT),
    REPLY_FIELD("order_id", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("reason", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape WEBHOOK_REPLY = REPLY_SHAPE("PaymentEvent", webhook_reply_fields);

/* What a message says. Texts are the arena's. */
struct message {
    struct request *rq;
    struct reply *rp;
    const char *provider;
    const char *event_id;
    const char *type;
    const char *reference; /* of the payment */
    int64_t order_id;      /* as we had it noted there; 0: it is not */
    int64_t cents;
    const char *currency;
    bool is_told; /* what the type says changes a payment */
    enum payment becomes;
};

static bool find_type(struct message *message)
{
    for (size_t i = 0; i < sizeof(EVENTS) / sizeof(EVENTS[0]); i++) {
        if (strcmp(EVENTS[i].type, message->type) == 0) {
            message->becomes = EVENTS[i].becomes;
            return true;
        }
    }
    return false;
}

static const char *text_of(struct arena *arena, const struct json *value, size_t most)
{
    const char *text = json_text(value);

    return text != NULL && text[0] != '\0' && strlen(text) <= most ? arena_strdup(arena, text)
                                                                   : NULL;
}

/* A refund is of a charge, which names its payment. */
static bool read_payment(struct message *message, const struct json *object, struct err *err)
{
    struct arena *arena = message->rq->ctx.arena;
    const bool is_refund = message->becomes == PAYMENT_IS_REFUNDED;

    message->reference =
        text_of(arena, json_get(object, is_refund ? "payment_intent" : "id"), REFERENCE_MOST);
    message->currency = text_of(arena, json_get(object, "currency"), REFERENCE_MOST);
    (void)json_int(json_get(json_get(object, "metadata"), "order_id"), &message->order_id);
    if (message->reference == NULL || message->currency == NULL ||
        !json_int(json_get(object, is_refund ? "amount_refunded" : "amount"), &message->cents)) {
        return err_field(err, ERR_INVALID, "/data/object",
                         "must have the id of the payment, amount and currency");
    }
    return true;
}

static bool read_message(struct message *message, struct err *err)
{
    struct arena *arena = message->rq->ctx.arena;
    struct json *body = NULL;
    bool ok = true;

    if (!json_parse(message->rq->body_text, message->rq->body_length, &body, err)) {
        return false;
    }
    message->event_id = text_of(arena, json_get(body, "id"), EVENT_ID_MOST);
    message->type = text_of(arena, json_get(body, "type"), EVENT_TYPE_MOST);
    if (message->event_id == NULL || message->type == NULL) {
        ok = err_field(err, ERR_INVALID, message->event_id == NULL ? "/id" : "/type",
                       "must be a text that is not empty, nor too long");
    } else if (find_type(message)) {
        message->is_told = true;
        ok = read_payment(message, json_get(json_get(body, "data"), "object"), err);
    }
    json_free(body);
    return ok;
}

/* --- what becomes of the order --- */

static void put_outcome(const struct message *message, const char *status, const int64_t *order_id,
                        const char *reason)
{
    struct json_out *out = &message->rp->json;

    json_begin_object(out, NULL);
    json_put_text(out, "status", status);
    json_put_text(out, "event_id", message->event_id);
    json_put_id(out, "order_id", order_id == NULL, order_id != NULL ? *order_id : 0);
    json_put_text(out, "reason", reason);
    json_end_object(out);
}

/* NULL: nothing is in its way. */
static const char *obstacle(const struct message *message,
                            const struct sql_payment_order_row *order)
{
    if (strcmp(order->payment_status, PAYMENT_WORDS[message->becomes]) == 0) {
        return "the payment is there already";
    }
    if (!text_equal_fold(message->currency, order->currency) ||
        message->cents != order->total_cents) {
        return "amount or currency are not those of the order";
    }
    return moves_allow(&PAYMENT_MOVES, order->payment_status, PAYMENT_WORDS[message->becomes])
               ? NULL
               : "the payment cannot become that any more";
}

/* Notes the event; true in *ret_is_new where nobody has told it before. */
static bool note_event(const struct message *message, struct db_session *session,
                       const int64_t *order_id, const char *outcome, bool *ret_is_new,
                       struct err *err)
{
    int64_t changes = 0;

    if (!sql_payment_event_add_count(session, message->provider, message->event_id, message->type,
                                     order_id, outcome, &changes, err)) {
        return err_wrap(err, "note the event");
    }
    *ret_is_new = changes > 0;
    return true;
}

/* What is of no order is noted too, so that it is told once. */
static bool ignore(const struct message *message, struct db_session *session,
                   const int64_t *order_id, const char *reason, struct err *err)
{
    bool is_new = false;

    if (!note_event(message, session, order_id, "ignored", &is_new, err)) {
        return false;
    }
    put_outcome(message, is_new ? "ignored" : "duplicate", order_id,
                is_new ? reason : "it was told before");
    return true;
}

static bool settle(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct message *message = arg;
    const int64_t *named = message->order_id > 0 ? &message->order_id : NULL;
    struct sql_payment_order_row order;
    const char *why;
    bool is_new = false;

    if (!message->is_told) {
        return ignore(message, session, NULL, "events of this type change nothing", err);
    }
    switch (sql_payment_order(session, message->reference, named, &order, err)) {
    case DB_FAILED:
        return err_wrap(err, "find the order");
    case DB_NO_ROW:
        return err_field(err, ERR_NOT_FOUND, "/data/object", "no order has this payment");
    case DB_ROW:
        break;
    }
    why = obstacle(message, &order);
    if (why != NULL) {
        return ignore(message, session, &order.id, why, err);
    }
    if (!note_event(message, session, &order.id, "applied", &is_new, err)) {
        return false;
    }
    if (!is_new) {
        put_outcome(message, "duplicate", &order.id, "it was told before");
        return true;
    }
    if (!sql_payment_note(session, order.id, PAYMENT_WORDS[message->becomes], message->provider,
                          message->reference, err)) {
        return err_wrap(err, "note the payment");
    }
    put_outcome(message, "applied", &order.id, NULL);
    audit_note(message->rq, arena_printf(ctx->arena, "payment.%s", PAYMENT_WORDS[message->becomes]),
               arena_printf(ctx->arena, "order:%" PRId64, order.id), NULL);
    return true;
}

/* Before anything of the message is believed. */
static bool check_signature(struct request *rq, const char *key, struct err *err)
{
    const char *field = request_field(rq, FIELD_STRIPE_SIGNATURE);
    const struct attack attack = {
        .type = "auth_bypass", .severity = SEVERITY_HIGH, .payload = "signature of a payment"};

    if (field == NULL) {
        return err_field(err, ERR_MALFORMED, field_name(FIELD_STRIPE_SIGNATURE), "is missing");
    }
    if (!payment_signature_check(field, key, rq->body_text, rq->body_length,
                                 clock_utc_us() / US_PER_S, err)) {
        security_record(rq, &attack);
        return false;
    }
    return true;
}

static bool payment_webhook(struct request *rq, struct reply *rp, struct err *err)
{
    const struct webhook_params *given = rq->params;
    const char *key = shop_settings(service_of(rq))->stripe_key;
    struct message message = {.rq = rq, .rp = rp, .provider = PROVIDER};

    if (strcmp(given->provider_name, PROVIDER) != 0) {
        return err_field(err, ERR_NOT_FOUND, "provider_name", "only %s is known here", PROVIDER);
    }
    if (key[0] == '\0') {
        return err_set(err, ERR_NOT_IMPLEMENTED, "payments by %s are not set up here", PROVIDER);
    }
    return check_signature(rq, key, err) && read_message(&message, err) &&
           service_write(rq, rp, service_of(rq)->main_pool, settle, &message, err);
}

static const struct route ROUTES[] = {
    {POST, "/api/payments/webhooks/{provider_name}", payment_webhook, ANYONE, .budget = BUDGET_WORK,
     .params = &WEBHOOK_PARAMS, .takes = JSON_TYPES, .body_max = BODY_MAX, .reply = &WEBHOOK_REPLY,
     .summary = "What a payment provider tells of a payment, signed with its key"},
};

const struct route_table shop_payment_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                "payments", "What payment providers tell"};
