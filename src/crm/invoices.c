/*
 * Invoices: made from orders under numbers without gaps, paid once, made void while they are open.
 * Which number an invoice has is decided in its own transaction, which waits for the one before:
 * see sql/crm/schema/0030_invoices.sql.
 */
#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "crm/invoice_pdf.h"
#include "service/audit.h"
#include "service/listing.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

/* Whose work bills are: not the shop's, which has none to do with them. */
#define CASHIERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

enum {
    DUE_DAYS_USUAL = 30, /* net 30, the term of payment that most invoices have */
    DUE_DAYS_MOST = 365,
    PERCENT_MOST = 10000, /* 100.00 */
};

static const char *const STATUS_WORDS[] = {"unpaid", "pending", "overdue", "paid", "void", NULL};
static const char *const CLOSED_WORDS[] = {"paid", "void", NULL};

static const struct reply_field invoice_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("invoice_number", REPLY_TEXT),
    REPLY_FIELD("order_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("customer_email", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("amount", REPLY_MONEY),
    REPLY_FIELD("tax", REPLY_MONEY),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("currency", REPLY_TEXT),
    REPLY_WORD("status", STATUS_WORDS, 0),
    REPLY_FIELD("issued_at", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("due_date", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("paid_at", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("voided_at", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("void_reason", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("notes", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
};
static const struct reply_shape INVOICE_REPLY = REPLY_SHAPE("CrmInvoice", invoice_reply_fields);

static void put_invoice(struct json_out *out, const char *key, const struct sql_invoice_row *row)
{
    json_begin_object(out, key);
    json_put_int(out, "id", row->id);
    json_put_text(out, "invoice_number", row->invoice_number);
    json_put_id(out, "order_id", row->order_id_is_null, row->order_id);
    json_put_id(out, "customer_id", row->customer_id_is_null, row->customer_id);
    json_put_text(out, "customer_name", row->customer_name);
    json_put_text(out, "customer_email", row->customer_email);
    json_put_money(out, "amount", row->amount_cents);
    json_put_money(out, "tax", row->tax_cents);
    json_put_money(out, "total", row->amount_cents + row->tax_cents);
    json_put_text(out, "currency", row->currency);
    json_put_text(out, "status", row->status);
    json_put_time_or_null(out, "issued_at", row->issued_at_us_is_null, row->issued_at_us);
    json_put_time_or_null(out, "due_date", row->due_date_us_is_null, row->due_date_us);
    json_put_time_or_null(out, "paid_at", row->paid_at_us_is_null, row->paid_at_us);
    json_put_time_or_null(out, "voided_at", row->voided_at_us_is_null, row->voided_at_us);
    json_put_text(out, "void_reason", row->void_reason);
    json_put_text(out, "notes", row->notes);
    json_put_time(out, "created_at", row->created_at_us);
    json_put_time(out, "updated_at", row->updated_at_us);
    json_end_object(out);
}

/* --- list --- */

struct list_params {
    const char *status;
    int64_t customer_id; /* 0: any */
    struct listing_page page;
};

static const char *const SORT_WORDS[] = {"-id", NULL};
static const struct param list_fields[] = {
    PARAM_WORD(struct list_params, status, STATUS_WORDS),
    PARAM_INT(struct list_params, customer_id, 0, INT64_MAX),
    PARAM_LISTING(struct list_params, SORT_WORDS, "-id"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

/* Each filter that has an index has a statement of its own. */
static bool open_list(struct db_session *session, const struct list_params *given,
                      const struct listing *listing, struct db_cursor **ret_cursor, struct err *err)
{
    const int64_t before = listing_id_before(listing);
    const int64_t most = listing_most(listing);

    if (given->customer_id != 0) {
        return sql_invoice_page_of_customer_open(session, given->customer_id, given->status, before,
                                                 most, ret_cursor, err);
    }
    if (given->status == NULL || text_word(CLOSED_WORDS, given->status) != NULL) {
        return sql_invoice_page_open(session, given->status, before, most, ret_cursor, err);
    }
    return sql_invoice_page_of_open_open(session, given->status, before, most, ret_cursor, err);
}

static bool put_invoices(struct listing *listing, struct db_session *session, void *arg,
                         struct err *err)
{
    const struct list_params *given = listing->rq->params;
    struct sql_invoice_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)arg;
    if (!open_list(session, given, listing, &cursor, err)) {
        return false;
    }
    while ((step = sql_invoice_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_invoice(&listing->rp->json, NULL, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("invoices", &INVOICE_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("CrmInvoiceList", &LISTING_REPLY, list_reply_fields);

static bool invoices_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "invoices", &given->page, put_invoices, NULL, err);
}

/* --- one --- */

static bool no_invoice(struct err *err, int64_t id)
{
    return err_set(err, ERR_NOT_FOUND,
                   "there is no invoice %" PRId64 "; GET /api/invoices lists them", id);
}

static const struct reply_field show_reply_fields[] = {
    REPLY_PART("invoice", &INVOICE_REPLY, 0),
};
static const struct reply_shape SHOW_REPLY = REPLY_SHAPE("CrmInvoiceEnvelope", show_reply_fields);

static bool invoices_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct sql_invoice_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_invoice_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read invoice %" PRId64, given->id);
    }
    if (step == DB_NO_ROW) {
        return no_invoice(err, given->id);
    }
    json_begin_object(&rp->json, NULL);
    put_invoice(&rp->json, "invoice", &row);
    json_end_object(&rp->json);
    return true;
}

/* --- one, to be sent --- */

static const char *const TEMPLATE_WORDS[] = {"default", "compact", NULL};

struct pdf_params {
    int64_t id;
    const char *template;
};

static const struct param pdf_fields[] = {
    PARAM_ID(struct pdf_params, id, "invoice_id"),
    PARAM_WORD(struct pdf_params, template, TEMPLATE_WORDS),
};
static const struct param_shape PDF_PARAMS = PARAM_SHAPE(struct pdf_params, pdf_fields);

enum { LINES_AT_FIRST = 8 };

static void fill_sheet(const struct sql_invoice_row *row, struct invoice_sheet *sheet)
{
    sheet->number = row->invoice_number;
    sheet->status = row->status;
    sheet->customer_name = row->customer_name;
    sheet->customer_email = row->customer_email;
    sheet->order_id = row->order_id_is_null ? 0 : row->order_id;
    sheet->issued_at_us = row->issued_at_us_is_null ? 0 : row->issued_at_us;
    sheet->due_date_us = row->due_date_us_is_null ? 0 : row->due_date_us;
    sheet->paid_at_us = row->paid_at_us_is_null ? 0 : row->paid_at_us;
    sheet->amount_cents = row->amount_cents;
    sheet->tax_cents = row->tax_cents;
    sheet->currency = row->currency;
    sheet->notes = row->notes;
}

static bool read_lines(struct arena *arena, struct db_session *session, struct invoice_sheet *sheet,
                       struct err *err)
{
    struct invoice_line *lines = arena_array(arena, LINES_AT_FIRST, sizeof(*lines));
    size_t room = LINES_AT_FIRST;
    struct db_cursor *cursor = NULL;
    struct sql_order_lines_row row;
    enum db_step step;

    if (!sql_order_lines_open(session, sheet->order_id, &cursor, err)) {
        return false;
    }
    while ((step = sql_order_lines_next(cursor, &row, err)) == DB_ROW) {
        lines = arena_room(arena, lines, sheet->line_count, &room, sizeof(*lines));
        lines[sheet->line_count++] = (struct invoice_line){
            .name = arena_strdup(arena, row.product_name),
            .sku = arena_strdup(arena, row.sku),
            .quantity = row.quantity,
            .unit_price_cents = row.unit_price_cents,
        };
    }
    db_cursor_close(cursor);
    sheet->lines = lines;
    return step != DB_FAILED;
}

static bool read_sheet(struct request *rq, int64_t id, struct invoice_sheet *sheet, struct err *err)
{
    struct sql_invoice_row row;
    struct db_session *session = NULL;
    enum db_step step;
    bool ok = false;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_invoice_by_id(session, id, &row, err);
    if (step == DB_FAILED) {
        (void)err_wrap(err, "read invoice %" PRId64, id);
    } else if (step == DB_NO_ROW) {
        (void)no_invoice(err, id);
    } else {
        fill_sheet(&row, sheet);
        ok = sheet->order_id == 0 || read_lines(rq->ctx.arena, session, sheet, err);
    }
    db_checkin(session);
    return ok;
}

static bool invoices_pdf(struct request *rq, struct reply *rp, struct err *err)
{
    const struct pdf_params *given = rq->params;
    struct invoice_sheet sheet = {.is_compact = given->template != NULL &&
                                                strcmp(given->template, "compact") == 0};

    if (!read_sheet(rq, given->id, &sheet, err) ||
        !invoice_pdf(rq->ctx.arena, &sheet, crm_settings(service_of(rq))->pdf_font, &rp->body,
                     err)) {
        return false;
    }
    rp->content_type = "application/pdf";
    reply_header(rp, "Content-Disposition",
                 arena_printf(rq->ctx.arena, "inline; filename=\"%s.pdf\"", sheet.number));
    return true;
}

/* --- changes --- */

static void note_invoice(struct request *rq, const char *action, int64_t id, const char *number)
{
    struct arena *arena = rq->ctx.arena;

    audit_note(rq, action, arena_printf(arena, "invoice:%" PRId64, id),
               arena_printf(arena, "{\"invoice_number\":\"%s\"}", number));
}

/* One change of an invoice, or a new one. */
struct invoice_write {
    struct request *rq;
    struct reply *rp;
    int64_t id;
    int64_t paid_cents; /* by what was done, once it is */
};

struct invoice_body {
    int64_t order_id;
    int64_t tax_percent_cents; /* hundredths of a percent */
    int64_t due_days;
    const char *notes;
    bool has_order_id;
    bool has_tax_percent;
    bool has_due_days;
};

static const struct json_field create_fields[] = {
    JSON_INT(struct invoice_body, order_id, 1, INT64_MAX, JSON_REQUIRED),
    {.name = "tax_percent",
     .kind = JSON_KIND_MONEY,
     .offset = offsetof(struct invoice_body, tax_percent_cents),
     .flag_offset = offsetof(struct invoice_body, has_tax_percent),
     .has_flag = true,
     .most = PERCENT_MOST},
    JSON_INT(struct invoice_body, due_days, 0, DUE_DAYS_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct invoice_body, notes, 0, 4000, JSON_OPTIONAL),
};
static const struct json_shape INVOICE_CREATE =
    JSON_SHAPE("CrmInvoiceCreate", struct invoice_body, create_fields);

static const struct reply_field create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("invoice_id", REPLY_ID),
    REPLY_FIELD("invoice_number", REPLY_TEXT),
    REPLY_FIELD("amount", REPLY_MONEY),
    REPLY_FIELD("tax", REPLY_MONEY),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("currency", REPLY_TEXT),
    REPLY_FIELD("due_date", REPLY_TIME),
};
static const struct reply_shape CREATE_REPLY =
    REPLY_SHAPE("CrmInvoiceCreated", create_reply_fields);

/* Why no invoice was made. What has been counted up is undone with the rest. */
static bool refuse_order(struct db_session *session, int64_t order_id, struct err *err)
{
    struct sql_invoice_of_order_row row;

    switch (sql_invoice_of_order(session, order_id, &row, err)) {
    case DB_FAILED:
        return err_wrap(err, "read order %" PRId64, order_id);
    case DB_NO_ROW:
        return err_field(err, ERR_NOT_FOUND, "/order_id",
                         "there is no order %" PRId64 "; GET /api/orders lists them", order_id);
    case DB_ROW:
        break;
    }
    return row.invoice_number != NULL
               ? err_field(err, ERR_CONFLICT, "/order_id",
                           "order %" PRId64 " has the invoice %s already; make that void first",
                           order_id, row.invoice_number)
               : err_field(err, ERR_CONFLICT, "/order_id",
                           "order %" PRId64 " is %s, so there is nothing to pay for", order_id,
                           row.status);
}

static bool create_invoice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct invoice_write *write = arg;
    const struct invoice_body *body = write->rq->body;
    const int64_t due_days = body->has_due_days ? body->due_days : DUE_DAYS_USUAL;
    struct json_out *out = &write->rp->json;
    struct sql_invoice_add_row row;

    (void)ctx;
    if (!sql_invoice_number_take(session, err)) {
        return err_wrap(err, "take a number");
    }
    switch (sql_invoice_add(session, body->order_id, body->tax_percent_cents, due_days, body->notes,
                            &row, err)) {
    case DB_FAILED:
        return err_wrap(err, "make the invoice");
    case DB_NO_ROW:
        return refuse_order(session, body->order_id, err);
    case DB_ROW:
        break;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "invoice_id", row.id);
    json_put_text(out, "invoice_number", row.invoice_number);
    json_put_money(out, "amount", row.amount_cents);
    json_put_money(out, "tax", row.tax_cents);
    json_put_money(out, "total", row.amount_cents + row.tax_cents);
    json_put_text(out, "currency", row.currency);
    json_put_time(out, "due_date", row.due_date_us);
    json_end_object(out);
    note_invoice(write->rq, "invoice.created", row.id, row.invoice_number);
    return true;
}

static bool invoices_create(struct request *rq, struct reply *rp, struct err *err)
{
    struct invoice_write write = {.rq = rq, .rp = rp};

    if (!service_write(rq, rp, service_of(rq)->main_pool, create_invoice, &write, err)) {
        return false;
    }
    if (!service_was_replayed(rq)) {
        counter_add(crm_of(rq)->counters.invoices_made, 1);
    }
    return true;
}

/* Why an invoice was neither paid nor made void. */
static bool refuse_change(struct db_session *session, int64_t id, const char *change,
                          struct err *err)
{
    struct sql_invoice_state_row row;

    switch (sql_invoice_state(session, id, &row, err)) {
    case DB_FAILED:
        return err_wrap(err, "read invoice %" PRId64, id);
    case DB_NO_ROW:
        return no_invoice(err, id);
    case DB_ROW:
        break;
    }
    if (row.order_status == NULL || text_word(CLOSED_WORDS, row.status) != NULL) {
        return err_set(err, ERR_CONFLICT,
                       "invoice %s is %s and cannot be %s; only one that is open can",
                       row.invoice_number, row.status, change);
    }
    return err_set(err, ERR_CONFLICT,
                   "invoice %s cannot be %s: its order %" PRId64
                   " is %s, so there is nothing to pay for; make the invoice void",
                   row.invoice_number, change, row.order_id, row.order_status);
}

static const struct reply_field pay_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("paid"), 0), REPLY_FIELD("invoice_id", REPLY_ID),
    REPLY_FIELD("invoice_number", REPLY_TEXT),    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("currency", REPLY_TEXT),          REPLY_FIELD("paid_at", REPLY_TIME),
};
static const struct reply_shape PAY_REPLY = REPLY_SHAPE("InvoicePaid", pay_reply_fields);

static bool pay_invoice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct invoice_write *write = arg;
    struct json_out *out = &write->rp->json;
    struct sql_invoice_pay_row row;

    (void)ctx;
    switch (sql_invoice_pay(session, write->id, &row, err)) {
    case DB_FAILED:
        return err_wrap(err, "pay invoice %" PRId64, write->id);
    case DB_NO_ROW:
        return refuse_change(session, write->id, "paid", err);
    case DB_ROW:
        break;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "paid");
    json_put_int(out, "invoice_id", row.id);
    json_put_text(out, "invoice_number", row.invoice_number);
    json_put_money(out, "total", row.amount_cents + row.tax_cents);
    json_put_text(out, "currency", row.currency);
    json_put_time(out, "paid_at", row.paid_at_us);
    json_end_object(out);
    write->paid_cents = row.amount_cents + row.tax_cents;
    note_invoice(write->rq, "invoice.paid", row.id, row.invoice_number);
    return true;
}

static bool invoices_pay(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct invoice_write write = {.rq = rq, .rp = rp, .id = given->id};

    if (!service_write(rq, rp, service_of(rq)->main_pool, pay_invoice, &write, err)) {
        return false;
    }
    if (!service_was_replayed(rq)) {
        counter_add(crm_of(rq)->counters.invoices_paid, 1);
        counter_add(crm_of(rq)->counters.paid_cents, (uint64_t)write.paid_cents);
    }
    return true;
}

struct void_body {
    const char *reason;
};

static const struct json_field void_fields[] = {
    JSON_TEXT(struct void_body, reason, 1, 500, JSON_REQUIRED),
};
static const struct json_shape INVOICE_VOID =
    JSON_SHAPE("CrmInvoiceVoid", struct void_body, void_fields);

static const struct reply_field void_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("void"), 0),
    REPLY_FIELD("invoice_id", REPLY_ID),
    REPLY_FIELD("invoice_number", REPLY_TEXT),
};
static const struct reply_shape VOID_REPLY = REPLY_SHAPE("InvoiceVoided", void_reply_fields);

static bool void_invoice(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct invoice_write *write = arg;
    const struct void_body *body = write->rq->body;
    struct json_out *out = &write->rp->json;
    struct sql_invoice_void_row row;

    (void)ctx;
    switch (sql_invoice_void(session, write->id, body->reason, &row, err)) {
    case DB_FAILED:
        return err_wrap(err, "make invoice %" PRId64 " void", write->id);
    case DB_NO_ROW:
        return refuse_change(session, write->id, "made void", err);
    case DB_ROW:
        break;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "void");
    json_put_int(out, "invoice_id", row.id);
    json_put_text(out, "invoice_number", row.invoice_number);
    json_end_object(out);
    note_invoice(write->rq, "invoice.voided", row.id, row.invoice_number);
    return true;
}

static bool invoices_void(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct invoice_write write = {.rq = rq, .rp = rp, .id = given->id};

    return service_write(rq, rp, service_of(rq)->main_pool, void_invoice, &write, err);
}

static const struct param invoice_fields[] = {PARAM_ID(struct id_params, id, "invoice_id")};
static const struct param_shape INVOICE_PARAMS = PARAM_SHAPE(struct id_params, invoice_fields);

static const struct route ROUTES[] = {
    {GET, "/api/invoices", invoices_list, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Invoices, newest first"},
    {POST, "/api/invoices", invoices_create, CASHIERS, .flags = ROUTE_TAKES_KEY,
     .body = &INVOICE_CREATE, .example = "{\"order_id\":9,\"tax_percent\":8.00,\"due_days\":14}",
     .reply = &CREATE_REPLY, .outcomes = GIVES_404, .summary = "Make the invoice of an order"},
    {GET, "/api/invoices/{invoice_id}", invoices_get, CRM_READERS, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &INVOICE_PARAMS, .reply = &SHOW_REPLY,
     .summary = "One invoice"},
    {GET, "/api/invoices/{invoice_id}/pdf", invoices_pdf, CRM_READERS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &PDF_PARAMS, .media = "application/pdf",
     .summary = "One invoice as a page to be sent: A4 with its lines, or A5 without"},
    {POST, "/api/invoices/{invoice_id}/pay", invoices_pay, CASHIERS, .flags = ROUTE_TAKES_KEY,
     .params = &INVOICE_PARAMS, .reply = &PAY_REPLY, .summary = "Note an invoice as paid"},
    {POST, "/api/invoices/{invoice_id}/void", invoices_void, CASHIERS, .flags = ROUTE_TAKES_KEY,
     .params = &INVOICE_PARAMS, .body = &INVOICE_VOID,
     .example = "{\"reason\":\"the order was taken twice\"}", .reply = &VOID_REPLY,
     .summary = "Make an open invoice void"},
};
const struct route_table crm_invoice_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                               "invoices", "What is to be paid"};
