/*
 * Support tickets: list and search, one, open, change, and the way from one to another page. What
 * is said about them is in ticket_messages.c.
 */
#include <inttypes.h>
#include <string.h>

#include "crm/ticket_status.h"
#include "service/audit.h"
#include "service/listing.h"
#include "service/percent.h"
#include "service/search.h"
#include "service/security.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

static const char *const PRIORITY_WORDS[] = {"low", "medium", "high", "critical", NULL};

static const struct reply_field ticket_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("customer_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("subject", REPLY_TEXT),
    REPLY_FIELD("description", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("priority", REPLY_TEXT),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("assigned_to", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
};
static const struct reply_shape TICKET_REPLY = REPLY_SHAPE("SupportTicket", ticket_reply_fields);

static void put_ticket(struct json_out *out, const char *key, const struct sql_ticket_row *row)
{
    json_begin_object(out, key);
    json_put_int(out, "id", row->id);
    json_put_id(out, "customer_id", row->customer_id_is_null, row->customer_id);
    json_put_text(out, "customer_name", row->customer_name);
    json_put_text(out, "subject", row->subject);
    json_put_text(out, "description", row->description);
    json_put_text(out, "priority", row->priority);
    json_put_text(out, "status", row->status);
    json_put_text(out, "assigned_to", row->assigned_to);
    json_put_time(out, "created_at", row->created_at_us);
    json_put_time(out, "updated_at", row->updated_at_us);
    json_end_object(out);
}

/* --- list --- */

struct list_params {
    const char *search;
    const char *priority;
    const char *status;
    const char *assigned_to;
    int64_t customer_id; /* 0: any */
    struct listing_page page;
};

static const char *const SORT_WORDS[] = {"-id", NULL};
static const struct param list_fields[] = {
    PARAM_TEXT(struct list_params, search, 200),
    PARAM_WORD(struct list_params, priority, PRIORITY_WORDS),
    PARAM_WORD(struct list_params, status, TICKET_STATUS_WORDS),
    PARAM_TEXT(struct list_params, assigned_to, 100),
    PARAM_INT(struct list_params, customer_id, 0, INT64_MAX),
    PARAM_LISTING(struct list_params, SORT_WORDS, "-id"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

/* Each filter that has an index has a statement of its own, which tests the others row by row. */
static bool open_list(struct request *rq, struct db_session *session, const struct listing *listing,
                      struct db_cursor **ret_cursor, struct err *err)
{
    const struct list_params *given = rq->params;
    const char *pattern = search_pattern(rq->ctx.arena, given->search);
    const int64_t before = listing_id_before(listing);
    const int64_t most = listing_most(listing);

    if (given->customer_id != 0) {
        return sql_ticket_page_of_customer_open(session, given->customer_id, given->assigned_to,
                                                given->status, pattern, given->priority, before,
                                                most, ret_cursor, err);
    }
    if (given->assigned_to != NULL) {
        return sql_ticket_page_of_assignee_open(session, given->assigned_to, given->status, pattern,
                                                given->priority, before, most, ret_cursor, err);
    }
    if (given->status != NULL) {
        return sql_ticket_page_of_status_open(session, given->status, pattern, given->priority,
                                              before, most, ret_cursor, err);
    }
    return sql_ticket_page_open(session, pattern, given->priority, before, most, ret_cursor, err);
}

static bool put_tickets(struct listing *listing, struct db_session *session, void *arg,
                        struct err *err)
{
    struct sql_ticket_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)arg;
    if (!open_list(listing->rq, session, listing, &cursor, err)) {
        return false;
    }
    while ((step = sql_ticket_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_ticket(&listing->rp->json, NULL, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("tickets", &TICKET_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("SupportTicketList", &LISTING_REPLY, list_reply_fields);

static bool tickets_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    json_begin_object(&rp->json, NULL);
    if (!listing_put(rq, rp, "tickets", &given->page, put_tickets, NULL, err)) {
        return false;
    }
    json_end_object(&rp->json);
    if (given->search != NULL && security_looks_like_sqli(given->search)) {
        security_record(rq, &(struct attack){.type = "sqli",
                                             .severity = SEVERITY_CRITICAL,
                                             .payload = given->search});
    }
    return true;
}

/* --- one --- */

bool no_ticket(struct err *err, int64_t id)
{
    return err_set(err, ERR_NOT_FOUND,
                   "there is no ticket %" PRId64 "; GET /api/tickets lists them", id);
}

static const struct reply_field show_reply_fields[] = {
    REPLY_PART("ticket", &TICKET_REPLY, 0),
};
static const struct reply_shape SHOW_REPLY =
    REPLY_SHAPE("SupportTicketEnvelope", show_reply_fields);

static void reply_ticket(struct reply *rp, const struct sql_ticket_row *row)
{
    json_begin_object(&rp->json, NULL);
    put_ticket(&rp->json, "ticket", row);
    json_end_object(&rp->json);
}

static bool tickets_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct sql_ticket_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_ticket_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read ticket %" PRId64, given->id);
    }
    if (step == DB_NO_ROW) {
        return no_ticket(err, given->id);
    }
    reply_ticket(rp, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct ticket_write {
    struct request *rq;
    struct reply *rp;
    int64_t id;
};

static void note_ticket(struct request *rq, const char *action, int64_t id, const char *details)
{
    audit_note(rq, action, arena_printf(rq->ctx.arena, "ticket:%" PRId64, id), details);
}

struct ticket_body {
    int64_t customer_id;
    const char *subject;
    const char *description;
    const char *priority;
    const char *assigned_to;
    bool has_customer_id;
};

static const struct json_field create_fields[] = {
    JSON_INT(struct ticket_body, customer_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_TEXT(struct ticket_body, subject, 1, 300, JSON_REQUIRED),
    JSON_TEXT(struct ticket_body, description, 0, 8000, JSON_OPTIONAL),
    JSON_WORD(struct ticket_body, priority, PRIORITY_WORDS, JSON_OPTIONAL),
    JSON_TEXT(struct ticket_body, assigned_to, 1, 100, JSON_OPTIONAL),
};
static const struct json_shape TICKET_CREATE =
    JSON_SHAPE("SupportTicketCreate", struct ticket_body, create_fields);

static const struct reply_field create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("ticket_id", REPLY_ID),
};
static const struct reply_shape CREATE_REPLY =
    REPLY_SHAPE("SupportTicketCreated", create_reply_fields);

static bool create_ticket(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct ticket_write *write = arg;
    const struct ticket_body *body = write->rq->body;
    struct json_out *out = &write->rp->json;
    struct sql_ticket_add_row added;

    (void)ctx;
    if (sql_ticket_add(session, body->has_customer_id ? &body->customer_id : NULL, body->subject,
                       body->description, body->priority != NULL ? body->priority : "medium",
                       body->assigned_to, &added, err) != DB_ROW) {
        return err->code == ERR_FOREIGN_KEY
                   ? err_field(err, ERR_NOT_FOUND, "/customer_id",
                               "there is no customer %" PRId64 "; GET /api/customers lists them",
                               body->customer_id)
                   : err_wrap(err, "open a ticket");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "ticket_id", added.id);
    json_end_object(out);
    note_ticket(write->rq, "ticket.created", added.id, NULL);
    return true;
}

void watch_ticket_text(struct request *rq, const char *text)
{
    if (text != NULL && security_looks_like_xss(text)) {
        security_record(
            rq, &(struct attack){.type = "xss_stored", .severity = SEVERITY_HIGH, .payload = text});
    }
}

static bool tickets_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct ticket_body *body = rq->body;
    struct ticket_write write = {.rq = rq, .rp = rp};

    watch_ticket_text(rq, body->subject);
    watch_ticket_text(rq, body->description);
    if (!service_write(rq, rp, service_of(rq)->main_pool, create_ticket, &write, err)) {
        return false;
    }
    if (!service_was_replayed(rq)) {
        counter_add(crm_of(rq)->counters.tickets_opened, 1);
    }
    return true;
}

struct ticket_patch {
    const char *priority;
    const char *status;
    const char *assigned_to; /* "": nobody */
};

static const struct json_field patch_fields[] = {
    JSON_WORD(struct ticket_patch, priority, PRIORITY_WORDS, JSON_OPTIONAL),
    JSON_WORD(struct ticket_patch, status, TICKET_STATUS_WORDS, JSON_OPTIONAL),
    JSON_TEXT(struct ticket_patch, assigned_to, 0, 100, JSON_OPTIONAL),
};
static const struct json_shape TICKET_PATCH =
    JSON_SHAPE("SupportTicketPatch", struct ticket_patch, patch_fields);

/* What the ticket is to be like. */
static void apply(const struct ticket_patch *patch, struct sql_ticket_row *ticket)
{
    if (patch->priority != NULL) {
        ticket->priority = patch->priority;
    }
    if (patch->status != NULL) {
        ticket->status = patch->status;
    }
    if (patch->assigned_to != NULL) {
        ticket->assigned_to = patch->assigned_to[0] != '\0' ? patch->assigned_to : NULL;
    }
}

static bool change_ticket(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct ticket_write *write = arg;
    const struct ticket_patch *patch = write->rq->body;
    struct sql_ticket_row ticket;
    const char *old_status;

    switch (sql_ticket_lock(session, write->id, &ticket, err)) {
    case DB_FAILED:
        return err_wrap(err, "read ticket %" PRId64, write->id);
    case DB_NO_ROW:
        return no_ticket(err, write->id);
    case DB_ROW:
        break;
    }
    reply_ticket(write->rp, &ticket);
    old_status = ticket.status;
    if (!reply_is_of_version(write->rq, write->rp, err) ||
        (patch->status != NULL && !moves_check(&TICKET_MOVES, ticket.status, patch->status, err))) {
        return false;
    }
    apply(patch, &ticket);
    ticket.updated_at_us = db_now(session);
    if (!sql_ticket_change(session, ticket.id, ticket.priority, ticket.status, ticket.assigned_to,
                           err)) {
        return err_wrap(err, "change ticket %" PRId64, ticket.id);
    }
    reply_ticket(write->rp, &ticket);
    note_ticket(write->rq, "ticket.changed", ticket.id,
                arena_printf(ctx->arena, "{\"from\":\"%s\",\"to\":\"%s\",\"priority\":\"%s\"}",
                             old_status, ticket.status, ticket.priority));
    return true;
}

static bool tickets_patch(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const struct ticket_patch *patch = rq->body;
    struct ticket_write write = {.rq = rq, .rp = rp, .id = given->id};

    if (patch->priority == NULL && patch->status == NULL && patch->assigned_to == NULL) {
        return err_field(err, ERR_INVALID, "", "nothing to change: send at least one member");
    }
    if (!service_write(rq, rp, service_of(rq)->main_pool, change_ticket, &write, err)) {
        return false;
    }
    reply_version(rq, rp);
    return true;
}

/* --- on to another page --- */

enum { REDIRECT_MOST = 500 }; /* characters */

struct redirect_params {
    const char *url;
};

static const struct param redirect_fields[] = {
    {.name = "url",
     .kind = PARAM_KIND_TEXT,
     .is_required = true,
     .offset = offsetof(struct redirect_params, url),
     .most = REDIRECT_MOST},
};
static const struct param_shape REDIRECT_PARAMS =
    PARAM_SHAPE(struct redirect_params, redirect_fields);

/* A path of this service, whoever reads it: browsers take "\" for "/" and leave tabs and line ends
 * out, and behind "//" a host begins (WHATWG URL, 4.4). */
static bool stays_here(const char *url)
{
    if (url[0] != '/' || url[1] == '/') {
        return false;
    }
    for (const char *at = url; *at != '\0'; at++) {
        if (*at == '\\' || (unsigned char)*at < ' ' || *at == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool tickets_redirect(struct request *rq, struct reply *rp, struct err *err)
{
    const struct redirect_params *given = rq->params;
    struct buf location;

    if (!stays_here(given->url)) {
        security_record(rq, &(const struct attack){.type = "open_redirect",
                                                   .severity = SEVERITY_MEDIUM,
                                                   .payload = given->url});
        return err_field(err, ERR_MALFORMED, "url",
                         "url has to be a path of this service, such as /tickets?status=open");
    }
    buf_init(&location, (size_t)3 * 4 * REDIRECT_MOST + 1);
    percent_encode(&location, given->url, "/?#[]@!$&'()*+,;=:%");
    reply_redirect(rp, location.data);
    buf_fini(&location);
    return true;
}

static const struct param ticket_fields[] = {PARAM_ID(struct id_params, id, "ticket_id")};
static const struct param_shape TICKET_PARAMS = PARAM_SHAPE(struct id_params, ticket_fields);

static const struct route ROUTES[] = {
    {GET, "/api/tickets", tickets_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_CUSTOMERS, .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Support tickets, newest first"},
    {POST, "/api/tickets", tickets_create, CRM_HELPERS | ROLE_SERVICE, .flags = ROUTE_TAKES_KEY,
     .body = &TICKET_CREATE,
     .example = "{\"customer_id\":1,\"subject\":\"A motor runs warm\",\"priority\":\"high\"}",
     .reply = &CREATE_REPLY, .outcomes = GIVES_404, .summary = "Open a support ticket"},
    {GET, "/api/tickets/redirect", tickets_redirect, CRM_READERS, .flags = ROUTE_NO_IO,
     .params = &REDIRECT_PARAMS, .outcomes = GIVES_302,
     .summary = "Go on to another page of the portal"},
    {GET, "/api/tickets/{ticket_id}", tickets_get, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_CUSTOMERS, .params = &TICKET_PARAMS, .reply = &SHOW_REPLY,
     .outcomes = GIVES_304, .summary = "One support ticket"},
    {PATCH, "/api/tickets/{ticket_id}", tickets_patch, CRM_HELPERS,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .params = &TICKET_PARAMS, .body = &TICKET_PATCH,
     .shows = SHOWS_CUSTOMERS,
     .example = "{\"status\":\"in_progress\",\"assigned_to\":\"field-service\"}",
     .reply = &SHOW_REPLY, .summary = "Change status, priority or who is to see to it"},
};
const struct route_table crm_ticket_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "tickets",
                                              "What customers need help with"};
