/*
 * What is said about a support ticket: read in the order in which it was said, and added to until
 * the ticket is closed.
 */
#include <inttypes.h>
#include <string.h>

#include "service/audit.h"
#include "service/listing.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

static const struct reply_field message_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("author", REPLY_TEXT),
    REPLY_FIELD("content", REPLY_TEXT),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape MESSAGE_REPLY =
    REPLY_SHAPE("SupportTicketMessage", message_reply_fields);

/* --- list --- */

struct message_params {
    int64_t id;
    struct listing_page page;
};

static const char *const SORT_WORDS[] = {"id", NULL};
static const struct param list_fields[] = {
    PARAM_ID(struct message_params, id, "ticket_id"),
    PARAM_LISTING(struct message_params, SORT_WORDS, "id"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct message_params, list_fields);

/* Where nothing was said, because there is no such ticket? */
static bool has_ticket(struct db_session *session, int64_t id, struct err *err)
{
    struct sql_ticket_status_of_row row;

    switch (sql_ticket_status_of(session, id, &row, err)) {
    case DB_FAILED:
        return false;
    case DB_NO_ROW:
        return no_ticket(err, id);
    case DB_ROW:
        break;
    }
    return true;
}

static bool put_messages(struct listing *listing, struct db_session *session, void *arg,
                         struct err *err)
{
    const struct message_params *given = listing->rq->params;
    struct json_out *out = &listing->rp->json;
    struct sql_ticket_message_page_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)arg;
    if (!sql_ticket_message_page_open(session, given->id, listing_id_after(listing),
                                      listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_ticket_message_page_next(cursor, &row, err)) == DB_ROW &&
           listing_takes(listing)) {
        json_begin_object(out, NULL);
        json_put_int(out, "id", row.id);
        json_put_text(out, "author", row.author);
        json_put_text(out, "content", row.content);
        json_put_time(out, "created_at", row.created_at_us);
        json_end_object(out);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED && (listing->count > 0 || has_ticket(session, given->id, err));
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("messages", &MESSAGE_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("SupportTicketMessageList", &LISTING_REPLY, list_reply_fields);

static bool messages_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct message_params *given = rq->params;

    return listing_reply(rq, rp, "messages", &given->page, put_messages, NULL, err);
}

/* --- one more --- */

struct message_body {
    const char *content;
};

static const struct json_field message_fields[] = {
    JSON_TEXT(struct message_body, content, 1, 8000, JSON_REQUIRED),
};
static const struct json_shape MESSAGE_CREATE =
    JSON_SHAPE("SupportTicketMessageCreate", struct message_body, message_fields);

static const struct reply_field create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("ticket_id", REPLY_ID),
    REPLY_FIELD("message_id", REPLY_ID),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape CREATE_REPLY =
    REPLY_SHAPE("SupportTicketMessageCreated", create_reply_fields);

struct message_write {
    struct request *rq;
    struct reply *rp;
    int64_t ticket_id;
};

static bool refuse_message(struct db_session *session, int64_t ticket_id, struct err *err)
{
    return has_ticket(session, ticket_id, err) &&
           err_set(err, ERR_CONFLICT,
                   "ticket %" PRId64 " is closed; open another with POST /api/tickets", ticket_id);
}

/* To a ticket that stays as it is until this is done: who closes it comes before or behind. */
static bool add_message(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct message_write *write = arg;
    const struct message_body *body = write->rq->body;
    struct json_out *out = &write->rp->json;
    struct sql_ticket_message_add_row added;
    enum db_step step = DB_FAILED;

    if (sql_ticket_hold(session, write->ticket_id, err)) {
        step = sql_ticket_message_add(session, write->ticket_id, ctx->caller.username,
                                      body->content, &added, err);
    }
    switch (step) {
    case DB_FAILED:
        return err_wrap(err, "add a message to ticket %" PRId64, write->ticket_id);
    case DB_NO_ROW:
        return refuse_message(session, write->ticket_id, err);
    case DB_ROW:
        break;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "ticket_id", write->ticket_id);
    json_put_int(out, "message_id", added.id);
    json_put_time(out, "created_at", added.created_at_us);
    json_end_object(out);
    audit_note(write->rq, "ticket.message_added",
               arena_printf(ctx->arena, "ticket:%" PRId64, write->ticket_id), NULL);
    return true;
}

static bool messages_add(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const struct message_body *body = rq->body;
    struct message_write write = {.rq = rq, .rp = rp, .ticket_id = given->id};

    watch_ticket_text(rq, body->content);
    return service_write(rq, rp, service_of(rq)->main_pool, add_message, &write, err);
}

static const struct param ticket_fields[] = {PARAM_ID(struct id_params, id, "ticket_id")};
static const struct param_shape TICKET_PARAMS = PARAM_SHAPE(struct id_params, ticket_fields);

static const struct route ROUTES[] = {
    {GET, "/api/tickets/{ticket_id}/messages", messages_list, CRM_READERS,
     .flags = ROUTE_RERUN_READS, .shows = SHOWS_CUSTOMERS, .params = &LIST_PARAMS,
     .reply = &LIST_REPLY, .summary = "What was said about a ticket, oldest first"},
    {POST, "/api/tickets/{ticket_id}/messages", messages_add, CRM_HELPERS | ROLE_SERVICE,
     .flags = ROUTE_TAKES_KEY, .params = &TICKET_PARAMS, .body = &MESSAGE_CREATE,
     .example = "{\"content\":\"A new motor is on its way.\"}", .reply = &CREATE_REPLY,
     .summary = "Add to what is said about an open ticket"},
};
const struct route_table crm_ticket_message_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                      "tickets", "What customers need help with"};
