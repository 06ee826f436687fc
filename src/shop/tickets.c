/*
 * shop/tickets.c: tickets as they are read: lists, one, and all that was written in it. A buyer
 * sees his own, under his e-mail address; those of others are not there for him.
 */
#include "shop/tickets.h"

#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "service/listing.h"
#include "shop/ticket_json.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

bool ticket_none(struct err *err, int64_t id)
{
    return err_field(
        err, ERR_NOT_FOUND, "ticket_id",
        "there is no ticket %" PRId64 ": GET /api/services/tickets lists those you may see", id);
}

bool ticket_is_seen(const struct request *rq, const char *customer_email)
{
    return CTX_HAS_ROLE(&rq->ctx, ROLE_STAFF) ||
           (customer_email != NULL && rq->ctx.caller.email != NULL &&
            text_equal_fold(customer_email, rq->ctx.caller.email));
}

/* --- lists --- */

static const char *const SORTS[] = {"-created_at", "created_at", NULL};

struct list_params {
    struct listing_page page;
    int64_t customer_id;  /* 0: all that the caller may see */
    const char *status;   /* NULL: any */
    const char *priority; /* NULL: any */
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "-created_at"),
    PARAM_INT(struct list_params, customer_id, 1, INT64_MAX),
    PARAM_WORD(struct list_params, status, TICKET_STATUSES),
    PARAM_WORD(struct list_params, priority, TICKET_PRIORITIES),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

/* Whose tickets the list has; 0: everybody's. A buyer's own are those of the customer with his
 * address: *ret_is_empty: there is none, so that he has no tickets. */
static bool find_customer(const struct request *rq, struct db_session *session,
                          int64_t *ret_customer_id, bool *ret_is_empty, struct err *err)
{
    const struct list_params *given = rq->params;
    struct sql_customer_id_by_email_row own;
    enum db_step step = DB_NO_ROW;

    *ret_customer_id = given->customer_id;
    *ret_is_empty = false;
    if (route_shows_all(rq)) {
        return true;
    }
    if (rq->ctx.caller.email != NULL) {
        step = sql_customer_id_by_email(session, rq->ctx.caller.email, &own, err);
    }
    if (step == DB_FAILED) {
        return false;
    }
    if (given->customer_id != 0 && (step == DB_NO_ROW || own.id != given->customer_id)) {
        return err_field(err, ERR_NOT_FOUND, "customer_id",
                         "there are no tickets of customer %" PRId64
                         ": leave customer_id out to see yours",
                         given->customer_id);
    }
    *ret_is_empty = step == DB_NO_ROW;
    *ret_customer_id = step == DB_ROW ? own.id : 0;
    return true;
}

static bool open_page(const struct listing *listing, struct db_session *session,
                      int64_t customer_id, struct db_cursor **ret_cursor, struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const bool is_newest = strcmp(given->page.sort, "-created_at") == 0;
    const int64_t most = listing_most(listing);
    const int64_t at = is_newest ? listing_id_before(listing) : listing_id_after(listing);

    if (customer_id != 0) {
        return (is_newest ? sql_tickets_newest_of_open : sql_tickets_oldest_of_open)(
            session, customer_id, given->status, given->priority, at, most, TICKET_MESSAGES_SHOWN,
            ret_cursor, err);
    }
    return (is_newest ? sql_tickets_newest_open : sql_tickets_oldest_open)(
        session, given->status, given->priority, at, most, TICKET_MESSAGES_SHOWN, ret_cursor, err);
}

/* A row for each message that is shown: a ticket is one of the page when its first one comes. */
static bool put_tickets(struct listing *listing, struct db_session *session, void *arg,
                        struct err *err)
{
    struct ticket_writer writer = {.out = &listing->rp->json};
    struct db_cursor *cursor = NULL;
    struct sql_ticket_row row;
    enum db_step step = DB_FAILED;
    int64_t customer_id = 0;
    bool is_empty = false;

    (void)arg;
    if (!find_customer(listing->rq, session, &customer_id, &is_empty, err)) {
        return false;
    }
    if (is_empty) {
        return true;
    }
    if (!open_page(listing, session, customer_id, &cursor, err)) {
        return false;
    }
    while ((step = sql_ticket_next(cursor, &row, err)) == DB_ROW) {
        if (!ticket_goes_on(&writer, &row)) {
            if (!listing_takes(listing)) {
                break;
            }
            listing_wrote(listing, row.id, 0, NULL);
        }
        ticket_put_row(&writer, &row);
    }
    ticket_close(&writer);
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("tickets", &TICKET_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("TicketList", &LISTING_REPLY, list_reply_fields);

static bool tickets_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "tickets", &given->page, put_tickets, NULL, err);
}

/* --- one --- */

bool ticket_put(const struct request *rq, struct reply *rp, struct db_session *session, int64_t id,
                struct err *err)
{
    struct ticket_writer writer = {.out = &rp->json};
    struct db_cursor *cursor = NULL;
    struct sql_ticket_row row;
    enum db_step step = DB_FAILED;
    bool is_seen = false;

    if (!sql_ticket_by_id_open(session, id, TICKET_MESSAGES_SHOWN, &cursor, err)) {
        return false;
    }
    while ((step = sql_ticket_next(cursor, &row, err)) == DB_ROW) {
        is_seen = ticket_is_seen(rq, row.customer_email);
        if (!is_seen) {
            break;
        }
        ticket_put_row(&writer, &row);
    }
    ticket_close(&writer);
    db_cursor_close(cursor);
    return step != DB_FAILED && (is_seen || ticket_none(err, id));
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "ticket_id")};
const struct param_shape TICKET_PARAMS = PARAM_SHAPE(struct id_params, id_fields);

static bool ticket_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    bool ok = false;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    ok = ticket_put(rq, rp, session, given->id, err);
    db_checkin(session);
    reply_version(rq, rp);
    return ok;
}

/* --- all that was written in it --- */

static const char *const MESSAGE_SORTS[] = {"created_at", "-created_at", NULL};

struct message_params {
    struct listing_page page;
    int64_t ticket_id;
};

static const struct param message_fields[] = {
    PARAM_ID(struct message_params, ticket_id, "ticket_id"),
    PARAM_LISTING(struct message_params, MESSAGE_SORTS, "created_at"),
};
static const struct param_shape MESSAGE_PARAMS = PARAM_SHAPE(struct message_params, message_fields);

static bool put_message_rows(struct listing *listing, struct db_cursor *cursor, struct err *err)
{
    struct sql_ticket_message_row row;
    enum db_step step;

    while ((step = sql_ticket_message_next(cursor, &row, err)) == DB_ROW &&
           listing_takes(listing)) {
        ticket_message_put(&listing->rp->json, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    return step != DB_FAILED;
}

/* May the caller see the ticket that the cursor has, if any? */
static bool check_owner(const struct request *rq, struct db_cursor *cursor, int64_t id,
                        struct err *err)
{
    struct sql_ticket_owner_row row;
    const enum db_step step = sql_ticket_owner_next(cursor, &row, err);

    return step != DB_FAILED &&
           ((step == DB_ROW && ticket_is_seen(rq, row.customer_email)) || ticket_none(err, id));
}

/* Both statements travel together. */
static bool put_messages(struct listing *listing, struct db_session *session, void *arg,
                         struct err *err)
{
    const struct message_params *given = listing->rq->params;
    struct db_cursor *owner = NULL;
    struct db_cursor *page = NULL;
    bool ok = sql_ticket_owner_open(session, given->ticket_id, &owner, err);

    (void)arg;
    if (strcmp(given->page.sort, "created_at") == 0) {
        ok = ok &&
             sql_ticket_messages_oldest_open(session, given->ticket_id, listing_id_after(listing),
                                             listing_most(listing), &page, err);
    } else {
        ok = ok &&
             sql_ticket_messages_newest_open(session, given->ticket_id, listing_id_before(listing),
                                             listing_most(listing), &page, err);
    }
    ok = ok && check_owner(listing->rq, owner, given->ticket_id, err) &&
         put_message_rows(listing, page, err);
    db_cursor_close(page);
    db_cursor_close(owner);
    return ok;
}

static const struct reply_field messages_reply_fields[] = {
    REPLY_PART("messages", &TICKET_MESSAGE_REPLY, REPLY_LIST),
};
static const struct reply_shape MESSAGES_REPLY =
    REPLY_SHAPE_ON("TicketMessageList", &LISTING_REPLY, messages_reply_fields);

static bool messages_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct message_params *given = rq->params;

    return listing_reply(rq, rp, "messages", &given->page, put_messages, NULL, err);
}

static const struct route ROUTES[] = {
    {GET, "/api/services/tickets", tickets_list, ROLE_USER | ROLE_STAFF, .flags = ROUTE_RERUN_READS,
     .sees_all = ROLE_STAFF, .shows = SHOWS_CUSTOMERS, .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .outcomes = GIVES_404, .summary = "Tickets with the newest of their messages"},
    {GET, "/api/services/tickets/{ticket_id}", ticket_show, ROLE_USER | ROLE_STAFF,
     .flags = ROUTE_RERUN_READS, .sees_all = ROLE_STAFF, .shows = SHOWS_CUSTOMERS,
     .params = &TICKET_PARAMS, .reply = &TICKET_REPLY, .outcomes = GIVES_304,
     .summary = "One ticket with the newest of its messages"},
    {GET, "/api/services/tickets/{ticket_id}/messages", messages_list, ROLE_USER | ROLE_STAFF,
     .flags = ROUTE_RERUN_READS, .sees_all = ROLE_STAFF, .shows = SHOWS_CUSTOMERS,
     .params = &MESSAGE_PARAMS, .reply = &MESSAGES_REPLY,
     .summary = "All that was written in a ticket"},
};

const struct route_table shop_ticket_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                               "tickets", "What customers ask and are answered"};
