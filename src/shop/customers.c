/*
 * shop/customers.c: customers as administrators see and keep them. Buyers make and complete their
 * own by buying (order_place.c).
 */
#include <inttypes.h>
#include <string.h>

#include "service/listing.h"
#include "service/search.h"
#include "service/staff.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { SEARCH_MOST = 200 };

/* --- one customer --- */

static const struct reply_field customer_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("email", REPLY_TEXT),
    REPLY_FIELD("phone", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("company", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("industry", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("revenue", REPLY_MONEY),
    REPLY_FIELD("notes", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
};
const struct reply_shape SHOP_CUSTOMER_REPLY = REPLY_SHAPE("Customer", customer_reply_fields);

void shop_put_customer(struct json_out *out, const char *key,
                       const struct sql_customer_row *customer)
{
    json_begin_object(out, key);
    json_put_int(out, "id", customer->id);
    json_put_text(out, "name", customer->name);
    json_put_text(out, "email", customer->email);
    json_put_text(out, "phone", customer->phone);
    json_put_text(out, "company", customer->company);
    json_put_text(out, "industry", customer->industry);
    json_put_money(out, "revenue", customer->revenue_cents);
    json_put_text(out, "notes", customer->notes);
    json_put_time(out, "created_at", customer->created_at_us);
    json_put_time(out, "updated_at", customer->updated_at_us);
    json_end_object(out);
}

/* --- the list --- */

static const char *const SORTS[] = {"name", "-created_at", NULL};

struct list_params {
    struct listing_page page;
    const char *search; /* NULL: all */
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "name"),
    PARAM_TEXT(struct list_params, search, SEARCH_MOST),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool put_customers(struct listing *listing, struct db_session *session, void *arg,
                          struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const char *pattern = search_pattern(listing->rq->ctx.arena, given->search);
    struct db_cursor *cursor = NULL;
    struct sql_customer_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (strcmp(given->page.sort, "name") == 0
            ? !sql_customers_by_name_open(session, pattern, listing_text(listing),
                                          listing_id_after(listing), listing_most(listing), &cursor,
                                          err)
            : !sql_customers_newest_open(session, pattern, listing_id_before(listing),
                                         listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_customer_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        shop_put_customer(&listing->rp->json, NULL, &row);
        listing_wrote(listing, row.id, 0, row.name);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("customers", &SHOP_CUSTOMER_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("CustomerList", &LISTING_REPLY, list_reply_fields);

static bool customers_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "customers", &given->page, put_customers, NULL, err);
}

static bool no_customer(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "customer_id",
                     "there is no customer %" PRId64 ": GET /api/admin/customers lists them", id);
}

static bool customer_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_customer_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_customer_whole(session, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_customer(err, given->id) : err_wrap(err, "read the customer");
    }
    shop_put_customer(&rp->json, NULL, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct customer_body {
    const char *name;
    const char *email;
    const char *phone;
    const char *company;
    const char *industry;
    int64_t revenue_cents;
    bool has_revenue;
    const char *notes;
};

static const struct json_field write_fields[] = {
    JSON_TEXT(struct customer_body, name, 1, 200, JSON_REQUIRED),
    JSON_EMAIL(struct customer_body, email, JSON_REQUIRED),
    JSON_TEXT(struct customer_body, phone, 0, 50, JSON_OPTIONAL),
    JSON_TEXT(struct customer_body, company, 0, 200, JSON_OPTIONAL),
    JSON_TEXT(struct customer_body, industry, 0, 100, JSON_OPTIONAL),
    JSON_MONEY(struct customer_body, revenue, JSON_OPTIONAL),
    JSON_TEXT(struct customer_body, notes, 0, 4000, JSON_OPTIONAL),
};
static const struct json_shape CUSTOMER_WRITE =
    JSON_SHAPE("CustomerWrite", struct customer_body, write_fields);

static bool write_failed(struct err *err)
{
    if (err->code == ERR_UNIQUE) {
        return err_field(err, ERR_UNIQUE, "/email",
                         "another customer has this e-mail address already");
    }
    return err_wrap(err, "store the customer");
}

static bool create_customer(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct customer_body *body = write->body;
    struct sql_customer_row row;

    (void)ctx;
    if (sql_customer_add(session, body->name, body->email, body->phone, body->company,
                         body->industry, body->revenue_cents, body->notes, &row, err) != DB_ROW) {
        return write_failed(err);
    }
    shop_put_customer(&write->rp->json, NULL, &row);
    staff_note(write, "customer", row.id);
    return true;
}

static bool customer_create(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_create(rq, rp, create_customer, err);
}

static bool change_customer(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct customer_body *body = write->body;
    struct sql_customer_row row;
    const enum db_step step = sql_customer_to_change(session, write->id, &row, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_customer(err, write->id) : err_wrap(err, "read the customer");
    }
    shop_put_customer(&write->rp->json, NULL, &row);
    if (!reply_is_of_version(write->rq, write->rp, err)) {
        return false;
    }
    if (sql_customer_change(session, write->id, body->name, body->email, body->phone, body->company,
                            body->industry, body->has_revenue ? &body->revenue_cents : NULL,
                            body->notes, &row, err) != DB_ROW) {
        return write_failed(err);
    }
    shop_put_customer(&write->rp->json, NULL, &row);
    staff_note(write, "customer", row.id);
    return true;
}

static bool customer_change(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_edit(rq, rp, change_customer, err);
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "customer_id")};
static const struct param_shape ID_PARAMS = PARAM_SHAPE(struct id_params, id_fields);

static const char NEW_EXAMPLE[] = "{\"name\":\"Cora Example\",\"email\":\"cora@example.org\","
                                  "\"company\":\"Example Surveys\"}";
static const char EDIT_EXAMPLE[] = "{\"name\":\"Ben Example\",\"email\":\"ben@example.org\","
                                   "\"company\":\"Example Surveys\",\"notes\":\"Ring twice\"}";

static const struct route ROUTES[] = {
    {GET, "/api/admin/customers", customers_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Customers"},
    {GET, "/api/integrations/crm/customers", customers_list, SHOP_INSIDERS,
     .flags = ROUTE_RERUN_READS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &LIST_PARAMS,
     .reply = &LIST_REPLY, .summary = "Customers of the shop, for staff and the CRM"},
    {POST, "/api/admin/customers", customer_create, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY,
     .body = &CUSTOMER_WRITE, .example = NEW_EXAMPLE, .reply = &SHOP_CUSTOMER_REPLY,
     .summary = "Create a customer"},
    {GET, "/api/admin/customers/{customer_id}", customer_show, ROLE_ADMIN,
     .flags = ROUTE_RERUN_READS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &ID_PARAMS,
     .reply = &SHOP_CUSTOMER_REPLY, .outcomes = GIVES_304, .summary = "One customer"},
    {PUT, "/api/admin/customers/{customer_id}", customer_change, ROLE_ADMIN,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .params = &ID_PARAMS, .body = &CUSTOMER_WRITE, .example = EDIT_EXAMPLE,
     .reply = &SHOP_CUSTOMER_REPLY,
     .summary = "Replace a customer; the revenue stays as it is where none is given"},
};

const struct route_table shop_customer_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "administration", "What administrators keep"};
