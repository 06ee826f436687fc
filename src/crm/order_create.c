/*
 * POST /api/orders: an order made in the portal, or one that the shop pushes ahead of the next
 * synchronisation. Prices and totals are the server's; only the shop may bring prices of its own.
 * The same source number or token finds the first order again.
 */
#include <string.h>

#include "core/text.h"
#include "crm/order_products.h"
#include "service/audit.h"
#include "service/events.h"
#include "service/security.h"
#include "service/write.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

#define LOCAL_SOURCE "enterprise-crm"

enum {
    LINES_MOST = 1000,
    QUANTITY_MOST = 10000,
    JSON_ESCAPE_MAX = 6, /* "\u001f" */
    ID_TEXT_MAX = 24,    /* in a list, with its comma */
    BODY_MAX = 1 << 20,  /* all of its lines, however they are written */
};

struct line_body {
    int64_t product_id;
    bool has_product_id;
    const char *sku;
    const char *name;
    int64_t quantity;
    bool has_quantity;
    int64_t unit_price_cents;
    bool has_unit_price;
};

struct order_body {
    int64_t customer_id;
    const struct line_body *items;
    size_t items_count;
    int64_t product_id; /* with quantity and unit_price: one line without a list */
    int64_t quantity;
    int64_t unit_price_cents;
    int64_t total_cents;
    int64_t discount_cents; /* this and the shipping cost: from the shop */
    int64_t shipping_cost_cents;
    const char *notes;
    const char *shipping_address;
    const char *source_system;
    int64_t source_order_id;
    const char *source_customer_email;
    const char *idempotency_token;
    const char *correlation_id; /* from the shop: the trace of the purchase */
    bool has_customer_id;
    bool has_product_id;
    bool has_quantity;
    bool has_unit_price;
    bool has_total;
    bool has_discount;
    bool has_shipping_cost;
    bool has_source_order_id;
};

/* A quantity below 1 is read, so that it can be refused as what it is: an attack. */
static const struct json_field line_fields[] = {
    JSON_INT(struct line_body, product_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_TEXT(struct line_body, sku, 1, 50, JSON_OPTIONAL),
    JSON_TEXT(struct line_body, name, 1, 200, JSON_OPTIONAL), /* what its source calls it */
    JSON_INT(struct line_body, quantity, INT64_MIN, QUANTITY_MOST, JSON_REQUIRED),
    JSON_MONEY(struct line_body, unit_price, JSON_OPTIONAL),
};
static const struct json_shape ORDER_LINE =
    JSON_SHAPE("CrmOrderItemInput", struct line_body, line_fields);

static const struct json_field order_fields[] = {
    JSON_INT(struct order_body, customer_id, 1, INT64_MAX, JSON_REQUIRED),
    JSON_LIST(struct order_body, items, &ORDER_LINE, 0, LINES_MOST, JSON_OPTIONAL),
    JSON_INT(struct order_body, product_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_INT(struct order_body, quantity, INT64_MIN, QUANTITY_MOST, JSON_OPTIONAL),
    JSON_MONEY(struct order_body, unit_price, JSON_OPTIONAL),
    JSON_MONEY(struct order_body, total, JSON_OPTIONAL),
    JSON_MONEY(struct order_body, discount, JSON_OPTIONAL),
    JSON_MONEY(struct order_body, shipping_cost, JSON_OPTIONAL),
    JSON_TEXT(struct order_body, notes, 0, 4000, JSON_OPTIONAL),
    JSON_TEXT(struct order_body, shipping_address, 0, 4000, JSON_OPTIONAL),
    JSON_TEXT(struct order_body, source_system, 1, 50, JSON_OPTIONAL),
    JSON_INT_OR_TEXT(struct order_body, source_order_id, 1, INT64_MAX, JSON_OPTIONAL),
    JSON_EMAIL(struct order_body, source_customer_email, JSON_OPTIONAL),
    JSON_TOKEN(struct order_body, idempotency_token, 1, 64, "._:-", JSON_OPTIONAL),
    JSON_TOKEN(struct order_body, correlation_id, 1, 64, "._:-", JSON_OPTIONAL),
};
static const struct json_shape ORDER_CREATE =
    JSON_SHAPE("CrmOrderCreate", struct order_body, order_fields);

/* One order on its way into the database. */
struct create {
    struct request *rq;
    struct reply *rp;
    const struct order_body *body;
    const struct line_body *lines; /* of the list, or the single one */
    size_t line_count;
    bool is_service; /* the internal service: its prices count */
    bool is_pushed;  /* comes from a source with a number of its own */
    const char *source_system;
    bool is_total_forged; /* found out while the order was priced */

    /* Filled by create_order: 0 when there was one already. */
    int64_t order_id;
    int64_t total_cents;
};

/* A line as it will be stored. */
struct priced_line {
    int64_t product_id;
    const char *sku;
    const char *name;
    int64_t unit_price_cents;
};

/* --- checks that need no database --- */

static void report_attack(struct request *rq, enum severity severity)
{
    const struct attack attack = {
        .type = "mass_assignment", .severity = severity, .payload = rq->body_text};

    security_record(rq, &attack);
}

/* Where a line's member stands in the body: in the list, or at the top. */
static const char *line_pointer(const struct create *create, const struct line_body *line,
                                const char *member)
{
    struct arena *arena = create->rq->ctx.arena;

    return create->body->items_count == 0
               ? arena_printf(arena, "/%s", member)
               : arena_printf(arena, "/items/%td/%s", line - create->lines, member);
}

static bool check_lines(struct create *create, struct err *err)
{
    if (create->line_count == 0) {
        return err_field(err, ERR_INVALID, "/items",
                         "an order needs items, or product_id and quantity");
    }
    for (size_t i = 0; i < create->line_count; i++) {
        const struct line_body *line = &create->lines[i];

        if (line->quantity < 1) {
            report_attack(create->rq, SEVERITY_HIGH);
            return err_field(err, ERR_INVALID, line_pointer(create, line, "quantity"),
                             "the quantity of line %zu must be from 1 to %d", i + 1, QUANTITY_MOST);
        }
        if (!line->has_product_id && line->sku == NULL) {
            return err_field(err, ERR_INVALID, line_pointer(create, line, "product_id"),
                             "line %zu needs a product_id or a sku", i + 1);
        }
    }
    return true;
}

/* Makes one line of the members that stand for it. */
static void take_lines(struct create *create)
{
    const struct order_body *body = create->body;
    struct line_body *line;

    create->lines = body->items;
    create->line_count = body->items_count;
    if (create->line_count == 0 && body->has_product_id) {
        line = arena_alloc(create->rq->ctx.arena, sizeof(*line));
        line->product_id = body->product_id;
        line->has_product_id = true;
        line->quantity = body->has_quantity ? body->quantity : 1;
        line->unit_price_cents = body->unit_price_cents;
        line->has_unit_price = body->has_unit_price;
        create->lines = line;
        create->line_count = 1;
    }
}

/* --- the unit of work --- */

static const struct reply_field create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created", "duplicate"), 0),
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("total", REPLY_MONEY),
};
static const struct reply_shape CREATE_REPLY = REPLY_SHAPE("CrmOrderCreated", create_reply_fields);

static void reply_order(struct create *create, const char *status, int64_t id, int64_t total_cents)
{
    struct json_out *out = &create->rp->json;

    json_begin_object(out, NULL);
    json_put_text(out, "status", status);
    json_put_int(out, "order_id", id);
    json_put_money(out, "total", total_cents);
    json_end_object(out);
}

/* DB_ROW: the order is there already and has been answered. */
static enum db_step find_duplicate(struct create *create, struct db_session *session,
                                   struct err *err)
{
    const struct order_body *body = create->body;
    struct sql_known_order_row known;
    enum db_step step = DB_NO_ROW;

    if (body->has_source_order_id) {
        step =
            sql_order_of_source(session, create->source_system, body->source_order_id, &known, err);
    }
    if (step == DB_NO_ROW && body->idempotency_token != NULL) {
        step = sql_order_of_token(session, body->idempotency_token, &known, err);
    }
    if (step == DB_ROW) {
        reply_order(create, "duplicate", known.id, known.total_cents);
    }
    return step;
}

/* Where a line's product is looked for. A source's product ids are not ours; only its article
 * numbers mean the same here. */
static bool is_sought_by_sku(const struct create *create, size_t line)
{
    return create->lines[line].sku != NULL;
}

static bool is_sought_by_id(const struct create *create, size_t line)
{
    return create->lines[line].sku == NULL && !create->is_pushed;
}

/* The lines that are looked for one way, and the list that the statement is asked about. */
struct sought {
    size_t *lines;
    size_t count;
    const char *list; /* JSON */
};

static void seek(const struct create *create, bool (*is_sought)(const struct create *, size_t),
                 struct sought *ret)
{
    struct arena *arena = create->rq->ctx.arena;
    size_t room = sizeof("[]");
    struct json_out out;
    struct buf list;

    *ret = (struct sought){.lines = arena_array(arena, create->line_count, sizeof(*ret->lines))};
    for (size_t i = 0; i < create->line_count; i++) {
        if (is_sought(create, i)) {
            const char *sku = create->lines[i].sku;

            ret->lines[ret->count++] = i;
            room += ID_TEXT_MAX + (sku != NULL ? strlen(sku) * JSON_ESCAPE_MAX : 0);
        }
    }
    buf_init(&list, room);
    json_out_init(&out, &list);
    json_begin_list(&out, NULL);
    for (size_t i = 0; i < ret->count; i++) {
        const struct line_body *line = &create->lines[ret->lines[i]];

        if (line->sku != NULL) {
            json_put_text(&out, NULL, line->sku);
        } else {
            json_put_int(&out, NULL, line->product_id);
        }
    }
    json_end_list(&out);
    ret->list = arena_dup(arena, list.data, list.length);
    buf_fini(&list);
}

static void take_known(const struct create *create, const struct sought *sought, int64_t position,
                       struct priced_line product, struct priced_line *lines)
{
    struct arena *arena = create->rq->ctx.arena;

    if (position >= 0 && (uint64_t)position < sought->count) {
        product.sku = arena_strdup(arena, product.sku);
        product.name = arena_strdup(arena, product.name);
        lines[sought->lines[position]] = product;
    }
}

typedef bool open_products(struct db_session *session, const char *list,
                           struct db_cursor **ret_cursor, struct err *err);

/* The products of the lines that are looked for in one way. */
static bool find_known(const struct create *create, struct db_session *session,
                       bool (*is_sought)(const struct create *, size_t), open_products *open,
                       struct priced_line *lines, struct err *err)
{
    struct sql_order_product_row row;
    struct db_cursor *cursor = NULL;
    struct sought sought;
    enum db_step step;

    seek(create, is_sought, &sought);
    if (sought.count == 0) {
        return true;
    }
    if (!open(session, sought.list, &cursor, err)) {
        return false;
    }
    while ((step = sql_order_product_next(cursor, &row, err)) == DB_ROW) {
        take_known(create, &sought, row.position,
                   (struct priced_line){row.id, row.sku, row.name, row.price_cents}, lines);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* May this line have a product that the catalogue does not know? The shop's may. */
static bool check_unknown(const struct create *create, size_t index, struct err *err)
{
    const struct line_body *line = &create->lines[index];

    if (!create->is_service && line->sku != NULL) {
        (void)err_field(err, ERR_INVALID, line_pointer(create, line, "sku"),
                        "there is no product %s; GET /api/products lists them", line->sku);
    } else if (!create->is_service) {
        (void)err_field(err, ERR_INVALID, line_pointer(create, line, "product_id"),
                        "there is no active product %lld; GET /api/products lists them",
                        (long long)line->product_id);
    } else if (!line->has_unit_price) {
        (void)err_field(err, ERR_INVALID, line_pointer(create, line, "unit_price"),
                        "a product that this catalogue does not know needs a unit_price");
    } else {
        return true;
    }
    return err_wrap(err, "line %zu", index + 1);
}

/* Placeholders for what the catalogue does not know, found or made for all lines together. */
static bool find_unknown(const struct create *create, struct db_session *session,
                         struct priced_line *lines, struct err *err)
{
    struct ctx *ctx = &create->rq->ctx;
    struct feed_line *references = arena_array(ctx->arena, create->line_count, sizeof(*references));
    struct order_product *products = arena_array(ctx->arena, create->line_count, sizeof(*products));
    size_t count = 0;

    for (size_t i = 0; i < create->line_count; i++) {
        const struct line_body *line = &create->lines[i];
        struct feed_line *reference = &references[count];

        if (lines[i].product_id != 0) {
            continue;
        }
        if (!check_unknown(create, i, err)) {
            return false;
        }
        *reference = (struct feed_line){.sku = line->sku,
                                        .name = line->name,
                                        .reference = line->sku,
                                        .quantity = line->quantity,
                                        .unit_price_cents = line->unit_price_cents};
        if (reference->reference == NULL) {
            reference->reference = arena_printf(ctx->arena, "%lld", (long long)line->product_id);
        }
        lines[i].sku = line->sku;
        lines[i].name = line->name != NULL ? line->name : reference->reference;
        products[count++].line = reference;
    }
    if (count > 0 && !order_products_find(ctx, session, products, count, err)) {
        return false;
    }
    count = 0;
    for (size_t i = 0; i < create->line_count; i++) {
        if (lines[i].product_id == 0) {
            lines[i].product_id = products[count++].ret_id;
        }
    }
    return true;
}

static bool price_lines(const struct create *create, struct db_session *session,
                        struct priced_line *lines, int64_t *ret_subtotal, struct err *err)
{
    int64_t subtotal = 0;

    if (!find_known(create, session, is_sought_by_sku, sql_order_products_by_sku_open, lines,
                    err) ||
        !find_known(create, session, is_sought_by_id, sql_order_products_by_id_open, lines, err)) {
        return err_wrap(err, "look up the products");
    }
    if (!find_unknown(create, session, lines, err)) {
        return false;
    }
    for (size_t i = 0; i < create->line_count; i++) {
        const struct line_body *line = &create->lines[i];

        if (create->is_service && line->has_unit_price) {
            lines[i].unit_price_cents = line->unit_price_cents;
        }
        subtotal += lines[i].unit_price_cents * line->quantity;
        if (subtotal > MONEY_CENTS_MAX) {
            return err_field(err, ERR_INVALID, "/items",
                             "the lines sum up to more than an order may cost");
        }
    }
    *ret_subtotal = subtotal;
    return true;
}

/* The total is what the server computes; a client that knows better is up to something. */
static bool compute_total(struct create *create, int64_t subtotal, int64_t *ret_total,
                          struct err *err)
{
    const struct order_body *body = create->body;
    int64_t total = subtotal;

    if (create->is_service) {
        total = subtotal > body->discount_cents ? subtotal - body->discount_cents : 0;
        total += body->shipping_cost_cents;
    }
    if (body->has_total && (body->total_cents > total + 1 || body->total_cents < total - 1)) {
        create->is_total_forged = true;
        return err_field(err, ERR_INVALID, "/total",
                         "the total differs from the sum of the lines by more than a cent; leave "
                         "it out, it is computed here");
    }
    if (total > MONEY_CENTS_MAX) {
        return err_field(err, ERR_INVALID, "/shipping_cost",
                         "lines and shipping sum up to more than an order may cost");
    }
    *ret_total = total;
    return true;
}

static bool add_lines(const struct create *create, struct db_session *session, int64_t order_id,
                      const struct priced_line *lines, struct err *err)
{
    struct sql_order_line_add_args *rows =
        arena_array(create->rq->ctx.arena, create->line_count, sizeof(*rows));

    for (size_t i = 0; i < create->line_count; i++) {
        rows[i] =
            sql_order_line_add_args(order_id, &lines[i].product_id, lines[i].sku, lines[i].name,
                                    create->lines[i].quantity, lines[i].unit_price_cents);
    }
    return sql_order_line_add_batch(session, rows, create->line_count, NULL, err) ||
           err_wrap(err, "write the lines");
}

/* The shop knows the trace of the purchase; an order made here is its own. */
static const char *trace_of(const struct create *create)
{
    const char *given = create->body->correlation_id;

    return create->is_service && given != NULL && w3c_is_trace_id(given)
               ? given
               : create->rq->ctx.trace.trace_id;
}

/* What is pushed fills the synchronisation's columns too, as if it had been fetched; the fetch that
 * follows finds another text and takes the order over. */
static bool add_order(const struct create *create, struct db_session *session, const char *email,
                      int64_t subtotal, int64_t total, int64_t *ret_id, struct err *err)
{
    const struct order_body *body = create->body;
    bool is_pushed = create->is_pushed;
    const int64_t now_us = db_now(session);
    struct sql_order_add_row row;

    if (sql_order_add(session, body->customer_id, total, subtotal,
                      create->is_service ? body->discount_cents : 0,
                      create->is_service ? body->shipping_cost_cents : 0, body->notes,
                      body->shipping_address, create->source_system,
                      body->has_source_order_id ? &body->source_order_id : NULL,
                      body->source_customer_email != NULL ? body->source_customer_email : email,
                      is_pushed ? "synced" : "local", is_pushed ? create->rq->body_text : NULL,
                      trace_of(create), is_pushed ? &now_us : NULL, &row, err) != DB_ROW) {
        return err_wrap(err, "write the order");
    }
    *ret_id = row.id;
    return true;
}

static bool find_customer(const struct create *create, struct db_session *session,
                          const char **ret_email, struct err *err)
{
    struct sql_customer_email_of_row customer;

    switch (sql_customer_email_of(session, create->body->customer_id, &customer, err)) {
    case DB_FAILED:
        return err_wrap(err, "look up the customer");
    case DB_NO_ROW:
        return err_field(err, ERR_NOT_FOUND, "/customer_id",
                         "there is no customer %lld; make it with POST /api/customers",
                         (long long)create->body->customer_id);
    case DB_ROW:
        *ret_email = customer.email;
        break;
    }
    return true;
}

/* Before anything is looked up, so that the same token sent twice at once makes one order. */
static bool take_token(const struct create *create, struct db_session *session, struct err *err)
{
    const char *token = create->body->idempotency_token;

    return token == NULL || sql_order_token_take(session, token, KEY_LIFE_S, err) ||
           err_wrap(err, "take the idempotency token");
}

static bool keep_token(const struct create *create, struct db_session *session, int64_t order_id,
                       struct err *err)
{
    const char *token = create->body->idempotency_token;
    const char *id_text = arena_printf(create->rq->ctx.arena, "%lld", (long long)order_id);

    return token == NULL || sql_order_token_keep(session, token, id_text, err) ||
           err_wrap(err, "keep the idempotency token");
}

static bool create_order(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct create *create = arg;
    struct priced_line *lines = arena_array(ctx->arena, create->line_count, sizeof(*lines));
    enum db_step step = DB_FAILED;
    const char *email = NULL;
    int64_t subtotal = 0;
    int64_t total = 0;
    int64_t order_id = 0;

    create->is_total_forged = false;
    create->order_id = 0;
    if (!take_token(create, session, err)) {
        return false;
    }
    step = find_duplicate(create, session, err);
    if (step != DB_NO_ROW) {
        return step == DB_ROW || err_wrap(err, "look for the same order");
    }
    if (!find_customer(create, session, &email, err) ||
        !price_lines(create, session, lines, &subtotal, err) ||
        !compute_total(create, subtotal, &total, err) ||
        !add_order(create, session, email, subtotal, total, &order_id, err) ||
        !add_lines(create, session, order_id, lines, err) ||
        !keep_token(create, session, order_id, err)) {
        return false;
    }
    audit_note(create->rq, "order.created",
               arena_printf(ctx->arena, "order:%lld", (long long)order_id), NULL);
    reply_order(create, "created", order_id, total);
    create->order_id = order_id;
    create->total_cents = total;
    return true;
}

static const struct reply_field created_event_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("total", REPLY_MONEY),
};
const struct event_shape CRM_ORDER_CREATED =
    EVENT_SHAPE("created", "OrderCreatedEvent", created_event_fields);

static void tell_staff(const struct create *create)
{
    struct event event;

    event_begin(&event, &create->rq->ctx);
    json_put_int(&event.json, "order_id", create->order_id);
    json_put_money(&event.json, "total", create->total_cents);
    event_post(&event, service_of(create->rq), EVENTS_ORDERS, &CRM_ORDER_CREATED);
}

static bool orders_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct order_body *body = rq->body;
    struct create create = {.rq = rq, .rp = rp, .body = body, .source_system = LOCAL_SOURCE};
    bool ok;

    create.is_service = rq->ctx.caller.role == ROLE_SERVICE;
    if (body->source_system != NULL) {
        create.source_system = body->source_system;
    } else if (body->has_source_order_id && create.is_service) {
        create.source_system = crm_settings(service_of(rq))->sync_source;
    }
    create.is_pushed = body->has_source_order_id && strcmp(create.source_system, LOCAL_SOURCE) != 0;
    take_lines(&create);
    if (!check_lines(&create, err)) {
        return false;
    }
    ok = service_write(rq, rp, service_of(rq)->main_pool, create_order, &create, err);
    if (ok && create.order_id != 0) {
        tell_staff(&create);
    }
    if (create.is_total_forged) {
        report_attack(rq, SEVERITY_CRITICAL);
    }
    return ok;
}

static const struct route ROUTES[] = {
    {POST, "/api/orders", orders_create, CRM_WRITERS, .flags = ROUTE_TAKES_KEY,
     .body = &ORDER_CREATE, .body_max = BODY_MAX,
     .example = "{\"customer_id\":1,\"product_id\":1,\"quantity\":2}", .reply = &CREATE_REPLY,
     .outcomes = GIVES_404, .summary = "Create an order, or accept one pushed by the shop"},
};
const struct route_table crm_order_create_routes = {
    ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "orders",
    "Orders, the own ones and those that came from the shop"};
