/*
 * shop/cart.c: the cart of an anonymous session: show it, add to it, take a line out.
 */
#include <inttypes.h>
#include <string.h>

#include "service/audit.h"
#include "service/budgets.h"
#include "service/security.h"
#include "service/write.h"
#include "shop/cart_session.h"
#include "shop/order_place.h"
#include "shop/pricing.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

struct cart_add_body {
    int64_t product_id;
    bool has_product_id;
    int64_t quantity;
    bool has_quantity;
    const char *session_id;
};

/* A quantity below 1 is raised to 1, so there is no least one. */
static const struct json_field cart_add_fields[] = {
    JSON_INT(struct cart_add_body, product_id, 1, INT64_MAX, JSON_REQUIRED),
    JSON_INT(struct cart_add_body, quantity, INT64_MIN, ORDER_QUANTITY_MAX, JSON_OPTIONAL),
    JSON_TOKEN(struct cart_add_body, session_id, 1, CART_SESSION_MAX, CART_SESSION_MARKS,
               JSON_OPTIONAL),
};
static const struct json_shape cart_add_shape =
    JSON_SHAPE("CartAdd", struct cart_add_body, cart_add_fields);

static const struct reply_field cart_line_reply_fields[] = {
    REPLY_FIELD("product_id", REPLY_ID),
    REPLY_FIELD("quantity", REPLY_ID),
    REPLY_FIELD("line_total", REPLY_MONEY),
};
static const struct reply_shape CART_LINE_REPLY =
    REPLY_SHAPE_ON("CartLine", &PRODUCT_REPLY, cart_line_reply_fields);
static const struct reply_field cart_reply_fields[] = {
    REPLY_PART("items", &CART_LINE_REPLY, REPLY_LIST),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("session_id", REPLY_TEXT | REPLY_OPTIONAL),
};
static const struct reply_shape CART_REPLY = REPLY_SHAPE("Cart", cart_reply_fields);

/* One line as an element of the open list or under a key, added to the total. ERR_INVALID when that
 * is beyond what money columns hold. */
static bool put_line(struct shop *shop, struct json_out *out, const char *key,
                     const struct sql_cart_add_row *line, const struct sql_product_row *product,
                     int64_t *total_cents, struct err *err)
{
    const int64_t before_cents = *total_cents;

    if (!pricing_add(total_cents, product->price_cents, line->quantity)) {
        return err_set(err, ERR_INVALID,
                       "the cart is worth more than one order may be: remove a line");
    }
    json_begin_object(out, key);
    json_put_int(out, "id", line->id);
    json_put_int(out, "product_id", product->id);
    json_put_int(out, "quantity", line->quantity);
    json_put_money(out, "line_total", *total_cents - before_cents);
    presentation_put_members(shop->presentation, out, product);
    json_end_object(out);
    return true;
}

static enum db_step put_lines(struct shop *shop, struct db_session *session,
                              const struct cart_session *cart, struct json_out *out,
                              int64_t *ret_total_cents, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_cart_lines_row row;
    enum db_step step = DB_FAILED;

    if (!sql_cart_lines_open(session, cart->hash, &cursor, err)) {
        return DB_FAILED;
    }
    while ((step = sql_cart_lines_next(cursor, &row, err)) == DB_ROW) {
        const struct sql_cart_add_row line = {.id = row.item_id, .quantity = row.quantity};

        if (!put_line(shop, out, NULL, &line, &row.product, ret_total_cents, err)) {
            step = DB_FAILED;
            break;
        }
    }
    db_cursor_close(cursor);
    return step;
}

struct show_params {
    const char *session_id;
};

static const struct param show_fields[] = {PARAM_CART_SESSION(struct show_params)};
static const struct param_shape show_shape = PARAM_SHAPE(struct show_params, show_fields);

static bool cart_show(struct request *rq, struct reply *rp, struct err *err)
{
    struct shop *shop = shop_of(rq);
    const struct show_params *given = rq->params;
    struct cart_session cart;
    struct db_session *session = NULL;
    int64_t total_cents = 0;

    if (!cart_session_of(rq, given->session_id, &cart, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "items");
    if (cart.id != NULL) {
        enum db_step step = DB_FAILED;

        if (!db_checkout(&rq->ctx, shop->service.main_pool, &session, err)) {
            return false;
        }
        step = put_lines(shop, session, &cart, &rp->json, &total_cents, err);
        db_checkin(session);
        if (step == DB_FAILED) {
            return err_wrap(err, "read the cart");
        }
    }
    json_end_list(&rp->json);
    json_put_money(&rp->json, "total", total_cents);
    json_end_object(&rp->json);
    cart_session_tell(rp, &cart);
    return true;
}

/* --- adding --- */

struct cart_addition {
    struct request *rq;
    struct reply *rp;
    struct cart_session cart;
    bool is_new; /* the cart is made */
    int64_t product_id;
    int64_t quantity;
    bool is_unknown; /* there is no such product to be bought */
    bool is_nowhere; /* the shop has made no such cart */
};

static void record(struct request *rq, const char *type, enum severity severity,
                   const struct cart_session *cart, int64_t product_id)
{
    const struct attack attack = {
        .type = type,
        .severity = severity,
        .payload = rq->body_text,
        .product_id = product_id,
        .session_mark = cart != NULL ? cart->mark : NULL,
    };

    security_record(rq, &attack);
}

/* A body that is not what the form sends: tampering with ids and amounts is worth a record. */
static void cart_add_refused(struct request *rq, const struct err *err)
{
    struct err ignored = {0};
    struct json *body = NULL;
    int64_t quantity = 0;

    if (strcmp(err->field, "/product_id") == 0) {
        record(rq, "mass_assign", SEVERITY_HIGH, NULL, 0);
    } else if (strcmp(err->field, "/quantity") == 0 &&
               json_parse(rq->body_text, rq->body_length, &body, &ignored)) {
        if (json_int(json_get(body, "quantity"), &quantity)) {
            record(rq, "rate_limit", SEVERITY_HIGH, NULL, 0);
        } else {
            record(rq, "mass_assign", SEVERITY_MEDIUM, NULL, 0);
        }
        json_free(body);
    }
}

/* What the whole line may be, now that the units are in it. */
static bool check_line(const struct sql_cart_add_row *line, const struct sql_product_row *product,
                       struct err *err)
{
    if (line->quantity > ORDER_QUANTITY_MAX) {
        return err_field(err, ERR_INVALID, "/quantity",
                         "the cart would hold %" PRId64 " of %s, and %d is the most per order: "
                         "add fewer",
                         line->quantity, product->sku, ORDER_QUANTITY_MAX);
    }
    if (line->quantity > product->stock) {
        return err_field(err, ERR_CONFLICT, "/quantity",
                         "the cart would hold %" PRId64 " of %s, but only %" PRId64
                         " are left: add fewer",
                         line->quantity, product->sku, product->stock);
    }
    return true;
}

/* The line; a write is over when it has been stepped to its end. */
static bool take_line(struct cart_addition *add, struct db_cursor *added,
                      struct sql_cart_add_row *line, struct err *err)
{
    struct sql_cart_add_row past_it;
    const enum db_step step = sql_cart_add_next(added, line, err);

    add->is_nowhere = step == DB_NO_ROW;
    if (add->is_nowhere) {
        return err_set(err, ERR_NOT_FOUND, "the shop has made no such cart");
    }
    return step == DB_ROW && sql_cart_add_next(added, &past_it, err) == DB_NO_ROW;
}

static bool refuse_unknown(struct cart_addition *add, struct err *err)
{
    add->is_unknown = true;
    return err_field(err, ERR_NOT_FOUND, "/product_id",
                     "no product %" PRId64 " is for sale: GET /api/products lists those that are",
                     add->product_id);
}

/* A product that never was shows as a missing reference, at once where the engine runs a write
 * before it gives a row. */
static bool open_line(struct cart_addition *add, struct db_session *session,
                      struct db_cursor **added, struct err *err)
{
    return sql_cart_add_open(session, add->cart.hash, add->product_id, add->quantity, added, err) ||
           (err->code == ERR_FOREIGN_KEY && refuse_unknown(add, err));
}

/* The product and the line that it becomes, of cursors that are asked together. */
static bool find_and_add(struct cart_addition *add, struct db_cursor *found,
                         struct sql_product_row *product, struct db_cursor *added,
                         struct sql_cart_add_row *line, struct err *err)
{
    const enum db_step step = sql_product_next(found, product, err);

    add->is_unknown = false;
    if (step == DB_NO_ROW || (step == DB_FAILED && err->code == ERR_FOREIGN_KEY)) {
        return refuse_unknown(add, err);
    }
    if (step == DB_FAILED) {
        return false;
    }
    if (product->stock <= 0) {
        return err_field(err, ERR_CONFLICT, "/product_id", "%s is out of stock: choose another",
                         product->sku);
    }
    return take_line(add, added, line, err) && check_line(line, product, err);
}

static const struct reply_field cart_add_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("added"), 0),
    REPLY_FIELD("success", REPLY_BOOL),
    REPLY_FIELD("session_id", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_PART("item", &CART_LINE_REPLY, 0),
};
static const struct reply_shape CART_ADD_REPLY = REPLY_SHAPE("CartAdded", cart_add_reply_fields);

static bool put_addition(const struct cart_addition *add, const struct sql_cart_add_row *line,
                         const struct sql_product_row *product, struct err *err)
{
    struct json_out *out = &add->rp->json;
    int64_t line_cents = 0;

    json_begin_object(out, NULL);
    json_put_text(out, "status", "added");
    json_put_bool(out, "success", true);
    if (!put_line(shop_of(add->rq), out, "item", line, product, &line_cents, err)) {
        return false;
    }
    json_end_object(out);
    return true;
}

static bool cart_add_work(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct cart_addition *add = arg;
    struct db_cursor *found = NULL;
    struct db_cursor *added = NULL;
    struct sql_product_row product = {.id = 0};
    struct sql_cart_add_row line = {.id = 0};
    const bool ok = (!add->is_new || sql_cart_make(session, add->cart.hash, err)) &&
                    sql_product_by_id_open(session, add->product_id, &found, err) &&
                    open_line(add, session, &added, err) &&
                    find_and_add(add, found, &product, added, &line, err) &&
                    put_addition(add, &line, &product, err);

    db_cursor_close(added);
    db_cursor_close(found);
    if (ok) {
        audit_note(add->rq, "cart.added",
                   arena_printf(ctx->arena, "product:%" PRId64, add->product_id), NULL);
    }
    return ok;
}

static bool add_to(struct cart_addition *add, struct err *err)
{
    add->is_new = add->cart.id == NULL;
    if (add->is_new && !request_spend(add->rq, service_of(add->rq)->budgets->carts, err)) {
        return false;
    }
    if (add->is_new) {
        add->cart = cart_session_new(add->rq);
    }
    cart_session_own_key(add->rq, &add->cart);
    return service_write(add->rq, add->rp, service_of(add->rq)->main_pool, cart_add_work, add, err);
}

/* Whoever comes with the id of a cart that is not there gets a cart of his own, as if he had come
 * with none: an id that its bearer may choose could be guessed by others. */
static bool cart_add(struct request *rq, struct reply *rp, struct err *err)
{
    const struct cart_add_body *body = rq->body;
    struct cart_addition add = {
        .rq = rq,
        .rp = rp,
        .product_id = body->product_id,
        .quantity = body->has_quantity && body->quantity > 1 ? body->quantity : 1,
    };
    bool is_done;

    if (!cart_session_of(rq, body->session_id, &add.cart, err)) {
        return false;
    }
    is_done = add_to(&add, err);
    if (!is_done && add.is_nowhere) {
        err_clear(err);
        add.cart = (struct cart_session){.id = NULL};
        is_done = add_to(&add, err);
    }
    if (!is_done) {
        if (add.is_unknown) {
            record(rq, "idor", SEVERITY_MEDIUM, &add.cart, add.product_id);
        }
        return false;
    }
    cart_session_tell(rp, &add.cart);
    if (service_was_replayed(rq)) {
        return true;
    }
    counter_add(shop_of(rq)->cart_additions, 1);
    if (add.is_new) {
        cart_session_set_cookie(rq, rp, &add.cart);
    }
    return true;
}

/* --- removing --- */

struct removal_params {
    int64_t item_id;
    const char *session_id;
};

static const struct param removal_fields[] = {
    PARAM_ID(struct removal_params, item_id, "item_id"),
    PARAM_CART_SESSION(struct removal_params),
};
static const struct param_shape removal_shape = PARAM_SHAPE(struct removal_params, removal_fields);

struct cart_removal {
    struct request *rq;
    struct reply *rp;
    struct cart_session cart;
    int64_t item_id;
    bool is_foreign;
};

static const struct reply_field cart_remove_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("removed"), 0),
    REPLY_FIELD("item_id", REPLY_ID),
};
static const struct reply_shape CART_REMOVE_REPLY =
    REPLY_SHAPE("CartRemoved", cart_remove_reply_fields);

static bool cart_remove_work(struct ctx *ctx, struct db_session *session, void *arg,
                             struct err *err)
{
    struct cart_removal *removal = arg;
    struct json_out *out = &removal->rp->json;
    int64_t changes = 0;

    if (removal->cart.id != NULL &&
        !sql_cart_remove_count(session, removal->item_id, removal->cart.hash, &changes, err)) {
        return false;
    }
    removal->is_foreign = changes == 0;
    if (changes == 0) {
        return err_field(err, ERR_NOT_FOUND, "item_id",
                         "your cart has no line %" PRId64 ": GET /api/cart shows its lines",
                         removal->item_id);
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "removed");
    json_put_int(out, "item_id", removal->item_id);
    json_end_object(out);
    audit_note(removal->rq, "cart.removed",
               arena_printf(ctx->arena, "cart_item:%" PRId64, removal->item_id), NULL);
    return true;
}

static bool cart_remove(struct request *rq, struct reply *rp, struct err *err)
{
    const struct removal_params *given = rq->params;
    struct cart_removal removal = {
        .rq = rq,
        .rp = rp,
        .item_id = given->item_id,
    };

    if (!cart_session_of(rq, given->session_id, &removal.cart, err)) {
        return false;
    }
    cart_session_own_key(rq, &removal.cart);
    if (!service_write(rq, rp, service_of(rq)->main_pool, cart_remove_work, &removal, err)) {
        if (removal.is_foreign) {
            record(rq, "idor", SEVERITY_MEDIUM, &removal.cart, 0);
        }
        return false;
    }
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/cart", cart_show, ANYONE, .flags = ROUTE_RERUN_READS, .params = &show_shape,
     .cookie = &CART_COOKIE, .reply = &CART_REPLY, .summary = "Cart of a session"},
    {POST, "/api/cart/add", cart_add, ANYONE, .flags = ROUTE_TAKES_KEY, .cookie = &CART_COOKIE,
     .body = &cart_add_shape, .example = "{\"product_id\":1,\"quantity\":2}",
     .reply = &CART_ADD_REPLY, .outcomes = GIVES_404, .summary = "Add to the cart or raise a line",
     .refused = cart_add_refused},
    {POST, "/api/cart", cart_add, ANYONE, .flags = ROUTE_TAKES_KEY, .cookie = &CART_COOKIE,
     .body = &cart_add_shape, .example = "{\"product_id\":1,\"quantity\":2}",
     .reply = &CART_ADD_REPLY, .outcomes = GIVES_404, .summary = "The same as /api/cart/add",
     .refused = cart_add_refused},
    {DELETE, "/api/cart/{item_id}", cart_remove, ANYONE, .flags = ROUTE_TAKES_KEY,
     .params = &removal_shape, .cookie = &CART_COOKIE, .reply = &CART_REMOVE_REPLY,
     .summary = "Remove a line"},
};

const struct route_table shop_cart_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "cart",
                                             "What an anonymous session is about to buy"};
