/*
 * One customer from all sides: what he bought, owes and waits for, and what happened in order of
 * time, over orders, invoices, tickets and leads.
 */
#include <inttypes.h>

#include "service/listing.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

/* 9999-12-31T23:59:59.999999Z, the last moment that the services know (core/text.h): everything has
 * happened before. */
#define LAST_MOMENT_US INT64_C(253402300799999999)

static const struct param customer_fields[] = {PARAM_ID(struct id_params, id, "customer_id")};
static const struct param_shape CUSTOMER_PARAMS = PARAM_SHAPE(struct id_params, customer_fields);

static bool no_customer(struct err *err, int64_t id)
{
    return err_set(err, ERR_NOT_FOUND,
                   "there is no customer %" PRId64 "; GET /api/customers lists them", id);
}

/* --- figures --- */

static const struct reply_field orders_fields[] = {
    REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("backlog", REPLY_COUNT),
    REPLY_FIELD("last_at", REPLY_TIME | REPLY_NULLABLE),
};
static const struct reply_shape ORDERS_REPLY = REPLY_SHAPE("CustomerOrders", orders_fields);
static const struct reply_field invoices_fields[] = {
    REPLY_FIELD("open", REPLY_COUNT),
    REPLY_FIELD("owed", REPLY_MONEY),
    REPLY_FIELD("overdue", REPLY_MONEY),
    REPLY_FIELD("paid", REPLY_MONEY),
};
static const struct reply_shape INVOICES_REPLY = REPLY_SHAPE("CustomerInvoices", invoices_fields);
static const struct reply_field tickets_fields[] = {
    REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("open", REPLY_COUNT),
};
static const struct reply_shape TICKETS_REPLY = REPLY_SHAPE("CustomerTickets", tickets_fields);
static const struct reply_field overview_fields[] = {
    REPLY_FIELD("customer_id", REPLY_ID),     REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("email", REPLY_TEXT),         REPLY_FIELD("company", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_PART("orders", &ORDERS_REPLY, 0),   REPLY_PART("invoices", &INVOICES_REPLY, 0),
    REPLY_PART("tickets", &TICKETS_REPLY, 0),
};
static const struct reply_shape OVERVIEW_REPLY = REPLY_SHAPE("CustomerOverview", overview_fields);

static void put_overview(struct json_out *out, int64_t id,
                         const struct sql_customer_figures_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "customer_id", id);
    json_put_text(out, "name", row->name);
    json_put_text(out, "email", row->email);
    json_put_text(out, "company", row->company);
    json_begin_object(out, "orders");
    json_put_int(out, "count", row->orders);
    json_put_money(out, "total", row->bought_cents);
    json_put_int(out, "backlog", row->backlog);
    json_put_time_or_null(out, "last_at", row->last_order_us_is_null, row->last_order_us);
    json_end_object(out);
    json_begin_object(out, "invoices");
    json_put_int(out, "open", row->invoices_open);
    json_put_money(out, "owed", row->owed_cents);
    json_put_money(out, "overdue", row->overdue_cents);
    json_put_money(out, "paid", row->paid_cents);
    json_end_object(out);
    json_begin_object(out, "tickets");
    json_put_int(out, "count", row->tickets);
    json_put_int(out, "open", row->tickets_open);
    json_end_object(out);
    json_end_object(out);
}

static bool customers_overview(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct sql_customer_figures_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_customer_figures(session, given->id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read customer %" PRId64, given->id);
    }
    if (step == DB_NO_ROW) {
        return no_customer(err, given->id);
    }
    put_overview(&rp->json, given->id, &row);
    return true;
}

/* --- what happened --- */

struct timeline_params {
    int64_t id;
    const char *kind;
    struct listing_page page;
};

static const char *const KIND_WORDS[] = {
    "order_placed",  "invoice_issued", "invoice_paid",  "invoice_voided",
    "ticket_opened", "ticket_message", "lead_captured", NULL};
static const char *const SORT_WORDS[] = {"-at", NULL};
static const struct param timeline_params[] = {
    PARAM_ID(struct timeline_params, id, "customer_id"),
    PARAM_WORD(struct timeline_params, kind, KIND_WORDS),
    PARAM_LISTING(struct timeline_params, SORT_WORDS, "-at"),
};
static const struct param_shape TIMELINE_PARAMS =
    PARAM_SHAPE(struct timeline_params, timeline_params);

static const struct reply_field event_fields[] = {
    REPLY_WORD("kind", KIND_WORDS, 0),
    REPLY_FIELD("at", REPLY_TIME),
    REPLY_FIELD("id", REPLY_ID), /* of the order, invoice, ticket or lead */
    REPLY_FIELD("label", REPLY_TEXT),
    REPLY_FIELD("amount", REPLY_MONEY | REPLY_NULLABLE),
    REPLY_FIELD("status", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape EVENT_REPLY = REPLY_SHAPE("CustomerEvent", event_fields);

static void put_event(struct json_out *out, const struct sql_customer_timeline_row *row)
{
    json_begin_object(out, NULL);
    json_put_text(out, "kind", row->kind);
    json_put_time(out, "at", row->at_us);
    json_put_int(out, "id", row->ref_id);
    json_put_text(out, "label", row->label);
    if (row->amount_cents_is_null) {
        json_put_null(out, "amount");
    } else {
        json_put_money(out, "amount", row->amount_cents);
    }
    json_put_text(out, "status", row->status);
    json_end_object(out);
}

/* Where nothing has happened, because there is no such customer? */
static bool has_customer(struct db_session *session, int64_t id, struct err *err)
{
    struct sql_customer_row row;

    switch (sql_customer_whole(session, id, &row, err)) {
    case DB_FAILED:
        return false;
    case DB_NO_ROW:
        return no_customer(err, id);
    case DB_ROW:
        break;
    }
    return true;
}

static bool put_events(struct listing *listing, struct db_session *session, void *arg,
                       struct err *err)
{
    const struct timeline_params *given = listing->rq->params;
    struct sql_customer_timeline_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)arg;
    if (!sql_customer_timeline_open(
            session, given->id, given->kind, listing_number(listing, LAST_MOMENT_US),
            listing_id_before(listing), listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_customer_timeline_next(cursor, &row, err)) == DB_ROW &&
           listing_takes(listing)) {
        put_event(&listing->rp->json, &row);
        listing_wrote(listing, row.place, row.at_us, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED && (listing->count > 0 || has_customer(session, given->id, err));
}

static const struct reply_field timeline_fields[] = {
    REPLY_PART("events", &EVENT_REPLY, REPLY_LIST),
};
static const struct reply_shape TIMELINE_REPLY =
    REPLY_SHAPE_ON("CustomerTimeline", &LISTING_REPLY, timeline_fields);

static bool customers_timeline(struct request *rq, struct reply *rp, struct err *err)
{
    const struct timeline_params *given = rq->params;

    return listing_reply(rq, rp, "events", &given->page, put_events, NULL, err);
}

static const struct route ROUTES[] = {
    {GET, "/api/customers/{customer_id}/overview", customers_overview, CRM_READERS,
     .flags = ROUTE_RERUN_READS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .params = &CUSTOMER_PARAMS, .reply = &OVERVIEW_REPLY,
     .summary = "What a customer bought, owes and waits for"},
    {GET, "/api/customers/{customer_id}/timeline", customers_timeline, CRM_READERS,
     .flags = ROUTE_RERUN_READS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .params = &TIMELINE_PARAMS, .reply = &TIMELINE_REPLY,
     .summary = "What happened with a customer, newest first"},
};
const struct route_table crm_customer_side_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                     "customers", "Who buys"};
