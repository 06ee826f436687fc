/*
 * crm/recommend.c: what the shop would sell to a customer, by the ticket that he wrote. The shop
 * chooses: it knows its catalogue. Known by an older name, "mushop", too.
 */
#include <inttypes.h>
#include <string.h>

#include "service/peer.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

struct recommend_body {
    int64_t ticket_id;
    int64_t customer_id;
    bool has_ticket_id;
    bool has_customer_id;
};

static const struct json_field body_fields[] = {
    JSON_INT(struct recommend_body, ticket_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_INT(struct recommend_body, customer_id, 1, INT64_MAX, JSON_OPTIONAL),
};
static const struct json_shape RECOMMEND =
    JSON_SHAPE("RecommendRequest", struct recommend_body, body_fields);

static const struct reply_field context_fields[] = {
    REPLY_FIELD("ticket_id", REPLY_ID),
    REPLY_FIELD("customer_id", REPLY_INT | REPLY_NULLABLE),
};
static const struct reply_shape CONTEXT_REPLY = REPLY_SHAPE("RecommendContext", context_fields);
static const struct reply_field recommend_fields[] = {
    REPLY_FIELD("recommendations", REPLY_OBJECT | REPLY_LIST), /* as the shop has them */
    REPLY_FIELD("source", REPLY_TEXT),
    REPLY_PART("context", &CONTEXT_REPLY, 0),
    REPLY_FIELD("reason", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape RECOMMEND_REPLY = REPLY_SHAPE("Recommendations", recommend_fields);

/* The customer's newest ticket, where none is named. */
static bool find_ticket(struct request *rq, struct sql_ticket_to_recommend_by_row *ret,
                        struct err *err)
{
    const struct recommend_body *body = rq->body;
    struct db_session *session = NULL;
    enum db_step step;

    if (!body->has_ticket_id && !body->has_customer_id) {
        return err_field(err, ERR_INVALID, "/ticket_id", "or customer_id must be given");
    }
    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_ticket_to_recommend_by(session, body->has_ticket_id ? &body->ticket_id : NULL,
                                      body->has_customer_id ? &body->customer_id : NULL, ret, err);
    db_checkin(session);
    if (step == DB_NO_ROW) {
        return body->has_ticket_id
                   ? err_field(err, ERR_NOT_FOUND, "/ticket_id", "there is no such ticket")
                   : err_field(err, ERR_NOT_FOUND, "/customer_id", "the customer has no ticket");
    }
    return step == DB_ROW || err_wrap(err, "find the ticket");
}

static bool recommend(struct request *rq, struct reply *rp, struct err *err)
{
    struct json_out *out = &rp->json;
    struct sql_ticket_to_recommend_by_row ticket = {.id = 0};
    const struct json *products;
    struct json *body = NULL;
    const char *path;
    const char *text;
    size_t length = 0;

    if (!find_ticket(rq, &ticket, err)) {
        return false;
    }
    path = arena_printf(rq->ctx.arena, "/api/integrations/crm/ticket-products?ticket_id=%" PRId64,
                        ticket.id);
    if (!peer_get(rq, path, &body, err)) {
        return err_wrap(err, "ask the shop for products");
    }
    products = json_get(body, "recommended_products");
    if (!json_is_list(products)) {
        json_free(body);
        return err_set(err, ERR_PEER, "the shop answered without products");
    }
    text = json_write(rq->ctx.arena, products, &length);
    json_begin_object(out, NULL);
    json_put_raw(out, "recommendations", text, length);
    json_put_text(out, "source", service_of(rq)->traits->peer);
    json_begin_object(out, "context");
    json_put_int(out, "ticket_id", ticket.id);
    json_put_id(out, "customer_id", ticket.customer_id_is_null, ticket.customer_id);
    json_end_object(out);
    json_put_text(out, "reason", json_text(json_get(body, "reason")));
    json_end_object(out);
    json_free(body);
    return true;
}

#define RECOMMEND_ROUTE(name_)                                                                     \
    {                                                                                              \
        POST, "/api/integrations/" name_ "/recommend-products", recommend, CRM_READERS,            \
            .flags = ROUTE_CALLS_PEER, .body = &RECOMMEND, .example = "{\"ticket_id\":1}",         \
            .reply = &RECOMMEND_REPLY, .outcomes = GIVES_404,                                      \
            .summary = "What the shop would sell to a customer, by a ticket of his"                \
    }

static const struct route ROUTES[] = {
    RECOMMEND_ROUTE("drone-shop"),
    RECOMMEND_ROUTE("mushop"),
};

const struct route_table crm_recommend_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "integrations",
                                                 "How the portal hangs together with the shop"};
