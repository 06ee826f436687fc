/*
 * Customers: list and search, one, create, change. E-mail addresses are normalised before they are
 * compared or stored, so one person is one row.
 */
#include <string.h>

#include "core/text.h"
#include "crm/put_list.h"
#include "service/audit.h"
#include "service/search.h"
#include "service/security.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

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

#define CUSTOMER_FIELDS(presence)                                                                  \
    {                                                                                              \
        JSON_TEXT(struct customer_body, name, 1, 200, presence),                                   \
            JSON_EMAIL(struct customer_body, email, presence),                                     \
            JSON_TEXT(struct customer_body, phone, 0, 50, JSON_OPTIONAL),                          \
            JSON_TEXT(struct customer_body, company, 0, 200, JSON_OPTIONAL),                       \
            JSON_TEXT(struct customer_body, industry, 0, 100, JSON_OPTIONAL),                      \
            JSON_MONEY(struct customer_body, revenue, JSON_OPTIONAL),                              \
            JSON_TEXT(struct customer_body, notes, 0, 4000, JSON_OPTIONAL),                        \
    }

static const struct json_field write_fields[] = CUSTOMER_FIELDS(JSON_REQUIRED);
static const struct json_field patch_fields[] = CUSTOMER_FIELDS(JSON_OPTIONAL);
static const struct json_shape CUSTOMER_WRITE =
    JSON_SHAPE("CustomerWrite", struct customer_body, write_fields);
static const struct json_shape CUSTOMER_PATCH =
    JSON_SHAPE("CustomerPatch", struct customer_body, patch_fields);

static const char *const SORT_WORDS[] = {"name",       "email",      "company", "revenue",
                                         "created_at", "updated_at", "id",      NULL};
static const char *const ORDER_WORDS[] = {"asc", "desc", NULL};

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
static const struct reply_shape CUSTOMER_REPLY = REPLY_SHAPE("Customer", customer_reply_fields);

static void put_customer(struct json_out *out, const char *key,
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

/* --- list --- */

struct list_params {
    const char *search;
    const char *email;
    const char *sort_by;
    const char *order;
    struct page page;
};

static const struct param list_fields[] = {
    PARAM_TEXT(struct list_params, search, 200),
    PARAM_EMAIL(struct list_params, email),
    PARAM_WORD_OR(struct list_params, sort_by, SORT_WORDS, "name"),
    PARAM_WORD_OR(struct list_params, order, ORDER_WORDS, "asc"),
    PARAM_PAGE(struct list_params),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

/* One address has one customer at most. */
static bool list_by_email(struct list *list, const void *arg, struct err *err)
{
    const struct list_params *given = arg;
    struct sql_customer_row row;
    enum db_step step = sql_customer_by_email(list->session, given->email, &row, err);

    if (step == DB_ROW && given->page.offset == 0) {
        put_customer(list->out, NULL, &row);
        list->count = 1;
    }
    list->total = step == DB_ROW ? 1 : 0;
    return step != DB_FAILED;
}

static bool put_customers(struct list *list, struct db_cursor *cursor, struct err *err)
{
    struct sql_customer_row row;
    enum db_step step;

    while ((step = sql_customer_next(cursor, &row, err)) == DB_ROW) {
        put_customer(list->out, NULL, &row);
        list->count++;
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* By name and all of them: read from the index, page by page. */
static bool list_by_name(struct list *list, const void *arg, struct err *err)
{
    const struct list_params *given = arg;
    struct sql_count_row count;
    struct db_cursor *cursor = NULL;

    if (sql_customer_count(list->session, &count, err) != DB_ROW ||
        !sql_customer_page_open(list->session, given->page.limit, given->page.offset, &cursor,
                                err)) {
        return false;
    }
    list->total = count.total;
    return put_customers(list, cursor, err);
}

static bool list_by_search(struct list *list, const void *arg, struct err *err)
{
    const struct list_params *given = arg;
    const char *pattern = search_pattern(list->rq->ctx.arena, given->search);
    bool is_descending = strcmp(given->order, "desc") == 0;
    struct sql_count_row count;
    struct db_cursor *cursor = NULL;

    if (sql_customer_search_count(list->session, pattern, &count, err) != DB_ROW ||
        !sql_customer_search_open(list->session, pattern, given->sort_by, is_descending,
                                  given->page.limit, given->page.offset, &cursor, err)) {
        return false;
    }
    list->total = count.total;
    return put_customers(list, cursor, err);
}

static list_rows *choose_list(const struct list_params *given)
{
    if (given->email != NULL) {
        return list_by_email;
    }
    return given->search == NULL && strcmp(given->sort_by, "name") == 0 &&
                   strcmp(given->order, "asc") == 0
               ? list_by_name
               : list_by_search;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("customers", &CUSTOMER_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("CustomerList", &PAGE_REPLY, list_reply_fields);

static bool customers_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    json_begin_object(&rp->json, NULL);
    if (!put_list(rq, rp, "customers", &given->page, choose_list(given), given, err)) {
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

static bool no_customer(struct err *err, int64_t id)
{
    return err_set(err, ERR_NOT_FOUND, "there is no customer %lld; GET /api/customers lists them",
                   (long long)id);
}

static const struct reply_field show_reply_fields[] = {
    REPLY_PART("customer", &CUSTOMER_REPLY, 0),
};
static const struct reply_shape SHOW_REPLY = REPLY_SHAPE("CustomerEnvelope", show_reply_fields);

static void reply_customer(struct reply *rp, const struct sql_customer_row *row)
{
    json_begin_object(&rp->json, NULL);
    put_customer(&rp->json, "customer", row);
    json_end_object(&rp->json);
}

static bool customers_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const int64_t id = given->id;
    struct sql_customer_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_customer_whole(session, id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read customer %lld", (long long)id);
    }
    if (step == DB_NO_ROW) {
        return no_customer(err, id);
    }
    reply_customer(rp, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct customer_write {
    struct request *rq;
    struct reply *rp;
    const struct customer_body *body;
    int64_t id;
};

/* The address of another customer is a conflict that the caller can resolve. */
static bool write_failed(struct err *err, const char *what)
{
    if (err->code == ERR_UNIQUE) {
        return err_field(err, ERR_UNIQUE, "/email",
                         "another customer has this e-mail address already; find it with "
                         "GET /api/customers?email=... and change it with PUT");
    }
    return err_wrap(err, "%s", what);
}

static void watch_notes(struct request *rq, const struct customer_body *body)
{
    if (body->notes != NULL && security_looks_like_xss(body->notes)) {
        security_record(rq, &(struct attack){.type = "xss_stored",
                                             .severity = SEVERITY_HIGH,
                                             .payload = body->notes});
    }
}

static void note_customer(struct request *rq, const char *action, int64_t id)
{
    audit_note(rq, action, arena_printf(rq->ctx.arena, "customer:%lld", (long long)id), NULL);
}

static const struct reply_field create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("customer_id", REPLY_ID),
};
static const struct reply_shape CREATE_REPLY =
    REPLY_SHAPE_ON("CustomerCreated", &SHOW_REPLY, create_reply_fields);

static bool create_customer(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct customer_write *write = arg;
    const struct customer_body *body = write->body;
    struct json_out *out = &write->rp->json;
    struct sql_customer_add_row added;
    struct sql_customer_row row;

    (void)ctx;
    if (sql_customer_add(session, body->name, body->email, body->phone, body->company,
                         body->industry, body->revenue_cents, body->notes, &added, err) != DB_ROW) {
        return write_failed(err, "create the customer");
    }
    if (sql_customer_whole(session, added.id, &row, err) != DB_ROW) {
        return err_wrap(err, "read the new customer");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_text(out, "name", row.name);
    json_put_int(out, "customer_id", row.id);
    put_customer(out, "customer", &row);
    json_end_object(out);
    note_customer(write->rq, "customer.created", row.id);
    return true;
}

static bool customers_create(struct request *rq, struct reply *rp, struct err *err)
{
    struct customer_write write = {.rq = rq, .rp = rp, .body = rq->body};

    watch_notes(rq, write.body);
    return service_write(rq, rp, service_of(rq)->main_pool, create_customer, &write, err);
}

/* Is the customer there, and as the caller has seen it? */
static bool is_of_version(struct db_session *session, const struct customer_write *write,
                          struct err *err)
{
    struct sql_customer_row row;

    switch (sql_customer_to_change(session, write->id, &row, err)) {
    case DB_FAILED:
        return err_wrap(err, "read customer %lld", (long long)write->id);
    case DB_NO_ROW:
        return no_customer(err, write->id);
    case DB_ROW:
        break;
    }
    reply_customer(write->rp, &row);
    return reply_is_of_version(write->rq, write->rp, err);
}

static bool change_customer(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct customer_write *write = arg;
    const struct customer_body *body = write->body;
    struct sql_customer_row row;

    (void)ctx;
    if (!is_of_version(session, write, err)) {
        return false;
    }
    if (!sql_customer_change(session, write->id, body->name, body->email, body->phone,
                             body->company, body->industry,
                             body->has_revenue ? &body->revenue_cents : NULL, body->notes, err)) {
        return write_failed(err, "change the customer");
    }
    if (sql_customer_whole(session, write->id, &row, err) != DB_ROW) {
        return err_wrap(err, "read the customer again");
    }
    reply_customer(write->rp, &row);
    note_customer(write->rq, "customer.updated", write->id);
    return true;
}

static bool changes_something(const struct customer_body *body)
{
    return body->name != NULL || body->email != NULL || body->phone != NULL ||
           body->company != NULL || body->industry != NULL || body->has_revenue ||
           body->notes != NULL;
}

static bool customers_change(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct customer_write write = {.rq = rq, .rp = rp, .body = rq->body, .id = given->id};

    if (!changes_something(write.body)) {
        return err_field(err, ERR_INVALID, "", "nothing to change: send at least one member");
    }
    watch_notes(rq, write.body);
    if (!service_write(rq, rp, service_of(rq)->main_pool, change_customer, &write, err)) {
        return false;
    }
    reply_version(rq, rp);
    return true;
}

static const struct param customer_fields[] = {PARAM_ID(struct id_params, id, "customer_id")};
static const struct param_shape CUSTOMER_PARAMS = PARAM_SHAPE(struct id_params, customer_fields);

static const struct route ROUTES[] = {
    {GET, "/api/customers", customers_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Customers"},
    {POST, "/api/customers", customers_create, CRM_WRITERS, .flags = ROUTE_TAKES_KEY,
     .body = &CUSTOMER_WRITE, .example = "{\"name\":\"Ada Example\",\"email\":\"ada@example.org\"}",
     .reply = &CREATE_REPLY, .summary = "Create a customer"},
    {GET, "/api/customers/{customer_id}", customers_get, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &CUSTOMER_PARAMS, .reply = &SHOW_REPLY,
     .outcomes = GIVES_304, .summary = "One customer"},
    {PUT, "/api/customers/{customer_id}", customers_change, CRM_WRITERS,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .params = &CUSTOMER_PARAMS, .body = &CUSTOMER_PATCH,
     .example = "{\"notes\":\"prefers to be called\"}", .reply = &SHOW_REPLY,
     .summary = "Change a customer"},
};
const struct route_table crm_customer_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                "customers", "Who buys"};
