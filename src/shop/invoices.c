/*
 * shop/invoices.c: invoices that the shop writes itself, as administrators keep them. Those of the
 * CRM, which are paid there, are another thing.
 */
#include <inttypes.h>
#include <string.h>

#include "core/digest.h"
#include "core/rng.h"
#include "core/text.h"
#include "service/listing.h"
#include "service/moves.h"
#include "service/staff.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum {
    NUMBER_MOST = 100,
    NUMBER_BYTES = 3, /* random ones behind the day: six hexadecimal digits */
};

/*
 *   draft --> issued <--> overdue      issued, overdue --> paid      all but paid --> void
 */
enum status { DRAFT, ISSUED, OVERDUE, PAID, VOID, STATUS_COUNT };

static const char *const STATUS_WORDS[] = {
    [DRAFT] = "draft", [ISSUED] = "issued", [OVERDUE] = "overdue",
    [PAID] = "paid",   [VOID] = "void",     [STATUS_COUNT] = NULL,
};
static const unsigned may_become[STATUS_COUNT] = {
    [DRAFT] = MOVES_TO(ISSUED) | MOVES_TO(VOID),
    [ISSUED] = MOVES_TO(OVERDUE) | MOVES_TO(PAID) | MOVES_TO(VOID),
    [OVERDUE] = MOVES_TO(ISSUED) | MOVES_TO(PAID) | MOVES_TO(VOID),
};
static const struct moves MOVES = {STATUS_WORDS, may_become};

static const struct reply_field invoice_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("invoice_number", REPLY_TEXT),
    REPLY_FIELD("customer_id", REPLY_ID),
    REPLY_FIELD("customer_name", REPLY_TEXT),
    REPLY_FIELD("order_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("amount", REPLY_MONEY),
    REPLY_FIELD("currency", REPLY_TEXT),
    REPLY_WORD("status", STATUS_WORDS, 0),
    REPLY_FIELD("issued_at", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("due_at", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("paid_at", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("notes", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
};
static const struct reply_shape INVOICE_REPLY = REPLY_SHAPE("ShopInvoice", invoice_fields);

static void put_invoice(struct json_out *out, const struct sql_shop_invoice_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", row->id);
    json_put_text(out, "invoice_number", row->invoice_number);
    json_put_int(out, "customer_id", row->customer_id);
    json_put_text(out, "customer_name", row->customer_name);
    json_put_id(out, "order_id", row->order_id_is_null, row->order_id);
    json_put_money(out, "amount", row->amount_cents);
    json_put_text(out, "currency", row->currency);
    json_put_text(out, "status", row->status);
    json_put_time_or_null(out, "issued_at", row->issued_at_us_is_null, row->issued_at_us);
    json_put_time_or_null(out, "due_at", row->due_at_us_is_null, row->due_at_us);
    json_put_time_or_null(out, "paid_at", row->paid_at_us_is_null, row->paid_at_us);
    json_put_text(out, "notes", row->notes);
    json_put_time(out, "created_at", row->created_at_us);
    json_put_time(out, "updated_at", row->updated_at_us);
    json_end_object(out);
}

/* --- the list --- */

static const char *const SORTS[] = {"-created_at", NULL};

struct list_params {
    struct listing_page page;
    int64_t customer_id; /* 0: of all */
    const char *status;  /* NULL: any */
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "-created_at"),
    PARAM_INT(struct list_params, customer_id, 1, INT64_MAX),
    PARAM_WORD(struct list_params, status, STATUS_WORDS),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool put_invoices(struct listing *listing, struct db_session *session, void *arg,
                         struct err *err)
{
    const struct list_params *given = listing->rq->params;
    struct db_cursor *cursor = NULL;
    struct sql_shop_invoice_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!sql_shop_invoices_newest_open(
            session, given->customer_id != 0 ? &given->customer_id : NULL, given->status,
            listing_id_before(listing), listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_shop_invoice_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_invoice(&listing->rp->json, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("invoices", &INVOICE_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("ShopInvoiceList", &LISTING_REPLY, list_reply_fields);

static bool invoices_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "invoices", &given->page, put_invoices, NULL, err);
}

/* --- one --- */

static bool no_invoice(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "invoice_id",
                     "there is no invoice %" PRId64 ": GET /api/admin/invoices lists them", id);
}

static bool invoice_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_shop_invoice_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_shop_invoice_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_invoice(err, given->id) : err_wrap(err, "read the invoice");
    }
    put_invoice(&rp->json, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct invoice_body {
    int64_t customer_id;
    int64_t order_id;
    int64_t amount_cents;
    bool has_customer_id;
    bool has_order_id;
    bool has_amount;
    const char *invoice_number; /* NULL: the shop makes one */
    const char *currency;       /* NULL: "USD", or as it was */
    const char *status;         /* NULL: "draft", or as it was */
    const char *due_at;         /* a time or a date; "": none */
    const char *notes;
};

#define COMMON_FIELDS                                                                              \
    JSON_TOKEN(struct invoice_body, currency, 3, 10, "", JSON_OPTIONAL),                           \
        JSON_TEXT(struct invoice_body, due_at, 0, UTC_TEXT_MAX, JSON_OPTIONAL),                    \
        JSON_TEXT(struct invoice_body, notes, 0, 4000, JSON_OPTIONAL)

static const char *const START_WORDS[] = {"draft", "issued", NULL};
static const struct json_field create_fields[] = {
    JSON_INT(struct invoice_body, customer_id, 1, INT64_MAX, JSON_REQUIRED),
    JSON_INT(struct invoice_body, order_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_MONEY(struct invoice_body, amount, JSON_OPTIONAL),
    JSON_TOKEN(struct invoice_body, invoice_number, 1, NUMBER_MOST, "._/-", JSON_OPTIONAL),
    JSON_WORD(struct invoice_body, status, START_WORDS, JSON_OPTIONAL),
    COMMON_FIELDS,
};
static const struct json_shape INVOICE_CREATE =
    JSON_SHAPE("ShopInvoiceCreate", struct invoice_body, create_fields);
static const struct json_field write_fields[] = {
    JSON_MONEY(struct invoice_body, amount, JSON_REQUIRED),
    JSON_WORD(struct invoice_body, status, STATUS_WORDS, JSON_OPTIONAL),
    COMMON_FIELDS,
};
static const struct json_shape INVOICE_WRITE =
    JSON_SHAPE("ShopInvoiceWrite", struct invoice_body, write_fields);

static bool take_due(const struct invoice_body *body, int64_t *due_us, bool *is_null,
                     struct err *err)
{
    *is_null = body->due_at == NULL || body->due_at[0] == '\0';
    return *is_null || utc_parse(body->due_at, due_us) ||
           err_field(err, ERR_INVALID, "/due_at",
                     "must be a time (2030-05-31T18:00:00Z) or a date (2030-05-31)");
}

/* "INV-20261130-3f9a21": the day of the transaction, and what tells it from others of the day. */
static const char *number_of(struct arena *arena, const char *given, int64_t now_us)
{
    char day[UTC_TEXT_MAX];
    char digits[2 * NUMBER_BYTES + 1];
    uint8_t bytes[NUMBER_BYTES];

    if (given != NULL) {
        return given;
    }
    utc_format(now_us, day);
    rng_secret(bytes, sizeof(bytes));
    digest_hex(bytes, sizeof(bytes), digits);
    return arena_printf(arena, "INV-%.4s%.2s%.2s-%s", day, day + 5, day + 8, digits);
}

static bool write_failed(struct err *err)
{
    return err->code == ERR_UNIQUE ? err_field(err, ERR_UNIQUE, "/invoice_number",
                                               "another invoice has this number already")
                                   : err_wrap(err, "store the invoice");
}

/* Answers with the invoice as it is now. */
static bool put_now(const struct staff_write *write, struct db_session *session, int64_t id,
                    struct err *err)
{
    struct sql_shop_invoice_row row;

    if (sql_shop_invoice_by_id(session, id, &row, err) != DB_ROW) {
        return write_failed(err);
    }
    put_invoice(&write->rp->json, &row);
    staff_note(write, "shop_invoice", id);
    return true;
}

static bool create_invoice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct invoice_body *body = write->body;
    const char *status = body->status != NULL ? body->status : STATUS_WORDS[DRAFT];
    const int64_t now_us = db_now(session);
    struct sql_shop_invoice_add_row added;
    bool has_no_due;
    int64_t due_us;

    if (!take_due(body, &due_us, &has_no_due, err)) {
        return false;
    }
    switch (sql_shop_invoice_add(session, number_of(ctx->arena, body->invoice_number, now_us),
                                 body->customer_id, body->has_order_id ? &body->order_id : NULL,
                                 body->has_amount ? &body->amount_cents : NULL,
                                 body->currency != NULL ? body->currency : "USD", status,
                                 strcmp(status, STATUS_WORDS[ISSUED]) == 0 ? &now_us : NULL,
                                 has_no_due ? NULL : &due_us, NULL, body->notes, &added, err)) {
    case DB_FAILED:
        return write_failed(err);
    case DB_NO_ROW:
        return err_field(err, ERR_NOT_FOUND, body->has_order_id ? "/order_id" : "/customer_id",
                         "there is no such customer with such an order, or no amount to pay");
    case DB_ROW:
        break;
    }
    return put_now(write, session, added.id, err);
}

static bool invoice_create(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_create(rq, rp, create_invoice, err);
}

/* When it became what it is is kept from the first time on. */
static void note_time(struct sql_shop_invoice_row *row, const char *status, int64_t now_us)
{
    if (strcmp(status, STATUS_WORDS[ISSUED]) == 0 && row->issued_at_us_is_null) {
        row->issued_at_us = now_us;
        row->issued_at_us_is_null = false;
    }
    if (strcmp(status, STATUS_WORDS[PAID]) == 0 && row->paid_at_us_is_null) {
        row->paid_at_us = now_us;
        row->paid_at_us_is_null = false;
    }
}

static bool store_invoice(struct db_session *session, const struct invoice_body *body,
                          struct sql_shop_invoice_row *row, struct err *err)
{
    const char *status = body->status != NULL ? body->status : row->status;
    bool has_no_due;
    int64_t due_us;

    if (!take_due(body, &due_us, &has_no_due, err)) {
        return false;
    }
    note_time(row, status, db_now(session));
    return sql_shop_invoice_change(
               session, row->id, body->amount_cents,
               body->currency != NULL ? body->currency : row->currency, status,
               row->issued_at_us_is_null ? NULL : &row->issued_at_us, has_no_due ? NULL : &due_us,
               row->paid_at_us_is_null ? NULL : &row->paid_at_us, body->notes, err) ||
           write_failed(err);
}

/* What is paid or void stays as it is. The change and the look at what it made travel together. */
static bool change_invoice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct invoice_body *body = write->body;
    struct sql_shop_invoice_row row;
    const enum db_step step = sql_shop_invoice_to_change(session, write->id, &row, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_invoice(err, write->id) : err_wrap(err, "read the invoice");
    }
    put_invoice(&write->rp->json, &row);
    if (!reply_is_of_version(write->rq, write->rp, err) ||
        (body->status != NULL && !moves_check(&MOVES, row.status, body->status, err))) {
        return false;
    }
    if (body->amount_cents != row.amount_cents &&
        may_become[moves_place(&MOVES, row.status)] == 0) {
        return err_field(err, ERR_CONFLICT, "/amount", "the invoice is %s: its amount stays",
                         row.status);
    }
    return store_invoice(session, body, &row, err) && put_now(write, session, row.id, err);
}

static bool invoice_change(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_edit(rq, rp, change_invoice, err);
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "invoice_id")};
static const struct param_shape ID_PARAMS = PARAM_SHAPE(struct id_params, id_fields);

static const struct route ROUTES[] = {
    {GET, "/api/admin/invoices", invoices_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Invoices that the shop wrote itself, newest first"},
    {POST, "/api/admin/invoices", invoice_create, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .body = &INVOICE_CREATE,
     .example = "{\"customer_id\":1,\"amount\":250.00,\"due_at\":\"2030-05-31\"}",
     .reply = &INVOICE_REPLY, .outcomes = GIVES_404, .summary = "Write an invoice"},
    {GET, "/api/admin/invoices/{invoice_id}", invoice_show, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &ID_PARAMS, .reply = &INVOICE_REPLY,
     .outcomes = GIVES_304, .summary = "One invoice of the shop"},
    {PUT, "/api/admin/invoices/{invoice_id}", invoice_change, ROLE_ADMIN,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .params = &ID_PARAMS, .body = &INVOICE_WRITE, .example = "{\"amount\":250.00}",
     .reply = &INVOICE_REPLY, .summary = "Replace what an invoice says, and move it along"},
};

const struct route_table shop_invoice_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                "administration", "What administrators keep"};
