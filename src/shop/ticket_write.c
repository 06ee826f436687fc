/*
 * shop/ticket_write.c: opening tickets, writing in them, and moving them along. A buyer does so as
 * the customer with his e-mail address, staff on behalf of any.
 */
#include <inttypes.h>
#include <string.h>

#include "service/audit.h"
#include "service/write.h"
#include "shop/ticket_json.h"
#include "shop/tickets.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { TITLE_MOST = 200, CONTENT_MOST = 8000 };

#define TICKET_AGENTS (ROLE_SUPPORT | ROLE_MANAGER | ROLE_ADMIN)

static const char CUSTOMER[] = "customer";
static const char AGENT[] = "agent";

struct ticket_write {
    struct request *rq;
    struct reply *rp;
    int64_t id; /* 0: of a new one */
};

static bool is_agent(const struct request *rq)
{
    return CTX_HAS_ROLE(&rq->ctx, TICKET_AGENTS);
}

static void note_ticket(const struct ticket_write *write, const char *action, int64_t id)
{
    audit_note(write->rq, action, arena_printf(write->rq->ctx.arena, "ticket:%" PRId64, id), NULL);
}

/* --- a new one --- */

struct ticket_body {
    int64_t customer_id;
    bool has_customer_id;
    const char *title;
    const char *content;
    const char *priority;
    int64_t product_id;
    bool has_product_id;
    int64_t service_id;
    bool has_service_id;
};

static const struct json_field create_fields[] = {
    JSON_INT(struct ticket_body, customer_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_TEXT(struct ticket_body, title, 1, TITLE_MOST, JSON_REQUIRED),
    JSON_TEXT(struct ticket_body, content, 1, CONTENT_MOST, JSON_REQUIRED),
    JSON_WORD(struct ticket_body, priority, TICKET_PRIORITIES, JSON_OPTIONAL),
    JSON_INT(struct ticket_body, product_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_INT(struct ticket_body, service_id, 1, INT64_MAX, JSON_OPTIONAL),
};
static const struct json_shape TICKET_CREATE =
    JSON_SHAPE("TicketCreate", struct ticket_body, create_fields);

static const struct reply_field created_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("ticket_id", REPLY_ID),
};
static const struct reply_shape CREATED_REPLY = REPLY_SHAPE("TicketCreated", created_reply_fields);

static bool no_customer(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "/customer_id",
                     "there is no customer %" PRId64 " that you may open a ticket for", id);
}

static bool add_failed(const struct ticket_body *body, struct err *err)
{
    if (err->code == ERR_FOREIGN_KEY) {
        return err_field(err, ERR_INVALID, body->has_product_id ? "/product_id" : "/service_id",
                         "there is no such %s: GET %s lists them",
                         body->has_product_id ? "product, or service" : "service",
                         body->has_product_id ? "/api/products" : "/api/services/catalog");
    }
    return err_wrap(err, "open the ticket");
}

/* A buyer who has never bought becomes a customer by asking. */
static enum db_step add_own_ticket(struct ctx *ctx, struct db_session *session,
                                   const struct ticket_body *body, const char *priority,
                                   int64_t *ret_id, struct err *err)
{
    const int64_t *customer_id = body->has_customer_id ? &body->customer_id : NULL;
    struct sql_ticket_add_of_row row;
    enum db_step step = DB_FAILED;

    if (!sql_customer_save(session, ctx->caller.username, ctx->caller.email, NULL, NULL, NULL,
                           err)) {
        return DB_FAILED;
    }
    step = sql_ticket_add_of(session, ctx->caller.email, customer_id, body->title, priority,
                             body->has_product_id ? &body->product_id : NULL,
                             body->has_service_id ? &body->service_id : NULL, &row, err);
    *ret_id = step == DB_ROW ? row.id : 0;
    return step;
}

static enum db_step add_ticket_for(struct db_session *session, const struct ticket_body *body,
                                   const char *priority, int64_t *ret_id, struct err *err)
{
    struct sql_ticket_add_row row;
    const enum db_step step =
        sql_ticket_add(session, body->customer_id, body->title, priority,
                       body->has_product_id ? &body->product_id : NULL,
                       body->has_service_id ? &body->service_id : NULL, &row, err);

    *ret_id = step == DB_ROW ? row.id : 0;
    return step;
}

static bool create_ticket(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct ticket_write *write = arg;
    const struct ticket_body *body = write->rq->body;
    const char *priority = body->priority != NULL ? body->priority : "medium";
    const char *sender = is_agent(write->rq) ? AGENT : CUSTOMER;
    struct json_out *out = &write->rp->json;
    struct sql_ticket_message_row message;
    int64_t id = 0;
    const enum db_step step = is_agent(write->rq)
                                  ? add_ticket_for(session, body, priority, &id, err)
                                  : add_own_ticket(ctx, session, body, priority, &id, err);

    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_customer(err, body->customer_id) : add_failed(body, err);
    }
    if (sql_ticket_message_add(session, id, sender, body->content, &message, err) != DB_ROW) {
        return err_wrap(err, "store the message");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "ticket_id", id);
    json_end_object(out);
    note_ticket(write, "ticket.created", id);
    return true;
}

static bool ticket_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct ticket_body *body = rq->body;
    struct ticket_write write = {.rq = rq, .rp = rp};

    if (is_agent(rq) && !body->has_customer_id) {
        return err_field(err, ERR_INVALID, "/customer_id",
                         "say whose ticket it is: customer_id is required of staff");
    }
    return service_write(rq, rp, service_of(rq)->main_pool, create_ticket, &write, err);
}

/* --- one more message --- */

struct message_body {
    const char *content;
};

static const struct json_field message_fields[] = {
    JSON_TEXT(struct message_body, content, 1, CONTENT_MOST, JSON_REQUIRED),
};
static const struct json_shape MESSAGE_CREATE =
    JSON_SHAPE("TicketMessageCreate", struct message_body, message_fields);

/* Holds the ticket and reads how it stands; both travel together. */
static bool take_ticket(const struct ticket_write *write, struct db_session *session,
                        struct sql_ticket_owner_row *ret, struct err *err)
{
    enum db_step step = DB_FAILED;

    if (sql_ticket_hold(session, write->id, err)) {
        step = sql_ticket_owner(session, write->id, ret, err);
    }
    if (step == DB_FAILED) {
        return err_wrap(err, "read the ticket");
    }
    return (step == DB_ROW && ticket_is_seen(write->rq, ret->customer_email)) ||
           ticket_none(err, write->id);
}

/* What becomes of a ticket that somebody writes in: a customer's word opens a resolved one again.
 * NULL: it stays as it is. */
static const char *status_after(const char *status, bool by_agent)
{
    return !by_agent && strcmp(status, "resolved") == 0 ? "open" : NULL;
}

static bool add_message(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct ticket_write *write = arg;
    const struct message_body *body = write->rq->body;
    const bool by_agent = is_agent(write->rq);
    struct sql_ticket_owner_row ticket = {.status = ""};
    struct sql_ticket_message_row message;

    (void)ctx;
    if (!take_ticket(write, session, &ticket, err)) {
        return false;
    }
    if (strcmp(ticket.status, "closed") == 0) {
        return err_field(err, ERR_CONFLICT, "ticket_id",
                         "ticket %" PRId64 " is closed: open another, and name this one in it",
                         write->id);
    }
    if (!sql_ticket_change(session, write->id, status_after(ticket.status, by_agent), NULL, err) ||
        sql_ticket_message_add(session, write->id, by_agent ? AGENT : CUSTOMER, body->content,
                               &message, err) != DB_ROW) {
        return err_wrap(err, "store the message");
    }
    ticket_message_put(&write->rp->json, &message);
    note_ticket(write, "ticket.answered", write->id);
    return true;
}

static bool message_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct ticket_write write = {.rq = rq, .rp = rp, .id = given->id};

    return service_write(rq, rp, service_of(rq)->main_pool, add_message, &write, err);
}

/* --- moving one along --- */

struct change_body {
    const char *status;
    const char *priority;
};

static const struct json_field change_fields[] = {
    JSON_WORD(struct change_body, status, TICKET_STATUSES, JSON_OPTIONAL),
    JSON_WORD(struct change_body, priority, TICKET_PRIORITIES, JSON_OPTIONAL),
};
static const struct json_shape TICKET_PATCH =
    JSON_SHAPE("TicketPatch", struct change_body, change_fields);

static bool change_ticket(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct ticket_write *write = arg;
    const struct change_body *body = write->rq->body;

    (void)ctx;
    if (!sql_ticket_hold(session, write->id, err) ||
        !ticket_put(write->rq, write->rp, session, write->id, err) ||
        !reply_is_of_version(write->rq, write->rp, err) ||
        !sql_ticket_change(session, write->id, body->status, body->priority, err) ||
        !ticket_put(write->rq, write->rp, session, write->id, err)) {
        return false;
    }
    note_ticket(write, "ticket.updated", write->id);
    return true;
}

static bool ticket_change(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const struct change_body *body = rq->body;
    struct ticket_write write = {.rq = rq, .rp = rp, .id = given->id};

    if (body->status == NULL && body->priority == NULL) {
        return err_field(err, ERR_INVALID, "", "nothing to change: send at least one member");
    }
    if (!service_write(rq, rp, service_of(rq)->main_pool, change_ticket, &write, err)) {
        return false;
    }
    reply_version(rq, rp);
    return true;
}

static const struct route ROUTES[] = {
    {POST, "/api/services/tickets", ticket_create, ROLE_USER | TICKET_AGENTS,
     .flags = ROUTE_TAKES_KEY, .body = &TICKET_CREATE,
     .example = "{\"customer_id\":1,\"title\":\"It drifts\",\"content\":\"Two metres to the "
                "left while it should hover\",\"priority\":\"high\",\"product_id\":2}",
     .reply = &CREATED_REPLY, .outcomes = GIVES_404, .summary = "Open a ticket"},
    {POST, "/api/services/tickets/{ticket_id}/messages", message_create, ROLE_USER | TICKET_AGENTS,
     .flags = ROUTE_TAKES_KEY, .params = &TICKET_PARAMS, .body = &MESSAGE_CREATE,
     .example = "{\"content\":\"Since Monday\"}", .reply = &TICKET_MESSAGE_REPLY,
     .summary = "Write in a ticket"},
    {PATCH, "/api/services/tickets/{ticket_id}", ticket_change, TICKET_AGENTS,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .shows = SHOWS_CUSTOMERS, .params = &TICKET_PARAMS,
     .body = &TICKET_PATCH, .example = "{\"status\":\"in_progress\"}", .reply = &TICKET_REPLY,
     .summary = "Change how a ticket stands"},
};

const struct route_table shop_ticket_write_routes = {
    ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "tickets", "What customers ask and are answered"};
