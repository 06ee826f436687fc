/*
 * shop/catalogue_sync.c: takes changes of the catalogue that the CRM pushes: all products of a
 * batch or none. A product is known by its article number; the stock of one that the shop has
 * already is what it has sold down to, and stays unless the batch says otherwise. A product may
 * come with the number of its change: one that is older than what the shop has is left alone.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "service/audit.h"
#include "service/staff.h"
#include "service/write.h"
#include "shop/stock_events.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum {
    PRODUCTS_MOST = 500,
    PRICE_MOST_CENTS = 100000000,
    STOCK_MOST = 1000000,
    BODY_MAX = 4 << 20, /* 500 products with descriptions of 4000 characters are two to three */
    LIST_MAX = 64 * 1024,
};

static const char *const ACTIONS[] = {"upsert", "deactivate", NULL};

/* --- what is pushed --- */

struct pushed_product {
    const char *name;
    const char *sku;
    const char *description; /* NULL: as it is, as are the others that may be left out */
    const char *category;
    const char *image_url;
    int64_t price_cents;
    int64_t stock;
    int64_t is_active;
    int64_t change_number;
    bool has_price;
    bool has_stock;
    bool has_is_active;
    bool has_change_number;
};

struct push_body {
    const char *action;
    const char *source;
    bool include_stock;
    bool has_include_stock;
    struct pushed_product *products;
    size_t products_count;
};

static const struct json_field product_fields[] = {
    JSON_TEXT(struct pushed_product, name, 1, 200, JSON_REQUIRED),
    JSON_TOKEN(struct pushed_product, sku, 2, 50, "._-", JSON_REQUIRED),
    JSON_MONEY(struct pushed_product, price, JSON_REQUIRED),
    JSON_TEXT(struct pushed_product, description, 0, 4000, JSON_OPTIONAL),
    JSON_TEXT(struct pushed_product, category, 0, 100, JSON_OPTIONAL),
    JSON_TEXT(struct pushed_product, image_url, 0, 500, JSON_OPTIONAL),
    JSON_INT(struct pushed_product, stock, 0, STOCK_MOST, JSON_OPTIONAL),
    JSON_INT(struct pushed_product, is_active, 0, 1, JSON_OPTIONAL),
    JSON_INT(struct pushed_product, change_number, 0, INT64_MAX, JSON_OPTIONAL),
};
static const struct json_shape PRODUCT_SHAPE =
    JSON_SHAPE("CatalogSyncProduct", struct pushed_product, product_fields);
static const struct json_field push_fields[] = {
    JSON_WORD(struct push_body, action, ACTIONS, JSON_OPTIONAL),
    JSON_TEXT(struct push_body, source, 1, 100, JSON_OPTIONAL),
    JSON_BOOL(struct push_body, include_stock, JSON_OPTIONAL),
    JSON_LIST(struct push_body, products, &PRODUCT_SHAPE, 1, PRODUCTS_MOST, JSON_REQUIRED),
};
static const struct json_shape PUSH_SHAPE =
    JSON_SHAPE("CatalogSyncRequest", struct push_body, push_fields);

/* --- what becomes of each --- */

enum outcome {
    CREATED,
    UPDATED,
    DEACTIVATED,
    CREATED_INACTIVE,
    UNCHANGED,
    OUTDATED, /* the shop has a later change */
    OUTCOME_COUNT,
};

static const char *const OUTCOMES[] = {
    [CREATED] = "created",         [UPDATED] = "updated",
    [DEACTIVATED] = "deactivated", [CREATED_INACTIVE] = "created_inactive",
    [UNCHANGED] = "unchanged",     [OUTDATED] = "outdated",
    [OUTCOME_COUNT] = NULL,
};

struct change {
    const struct pushed_product *given;
    const char *sku; /* in capitals, as it is stored */
    size_t at;       /* its place in the body */
    bool is_there;
    struct sql_synced_product_row row;    /* what is there */
    struct sql_synced_product_row wanted; /* what is to be there */
    enum outcome outcome;
};

struct push {
    struct request *rq;
    struct reply *rp;
    const struct push_body *body;
    bool deactivates;
    struct change *changes; /* in the order of their article numbers */
    size_t count;
    size_t counts[OUTCOME_COUNT];
};

static const char *capitals(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);

    for (char *at = copy; *at != '\0'; at++) {
        if (*at >= 'a' && *at <= 'z') {
            *at = (char)(*at - 'a' + 'A');
        }
    }
    return copy;
}

static int by_sku(const void *a, const void *b)
{
    const struct change *left = a;
    const struct change *right = b;
    const int order = strcmp(left->sku, right->sku);

    return order != 0 ? order : (left->at > right->at) - (left->at < right->at);
}

static bool refuse(struct arena *arena, struct err *err, size_t at, const char *member,
                   const char *why)
{
    return err_field(err, ERR_INVALID, arena_printf(arena, "/products/%zu/%s", at, member), "%s",
                     why);
}

static bool check_product(struct arena *arena, const struct pushed_product *product, size_t at,
                          struct err *err)
{
    if (product->price_cents > PRICE_MOST_CENTS) {
        return refuse(arena, err, at, "price", "must be at most 1000000.00");
    }
    return staff_check_picture(product->image_url, err) ||
           refuse(arena, err, at, "image_url", "must begin with https://, http:// or a single /");
}

static bool sort_changes(struct push *push, struct err *err)
{
    struct arena *arena = push->rq->ctx.arena;

    push->count = push->body->products_count;
    push->changes = arena_array(arena, push->count, sizeof(*push->changes));
    for (size_t i = 0; i < push->count; i++) {
        const struct pushed_product *given = &push->body->products[i];

        if (!check_product(arena, given, i, err)) {
            return false;
        }
        push->changes[i] =
            (struct change){.given = given, .sku = capitals(arena, given->sku), .at = i};
    }
    qsort(push->changes, push->count, sizeof(*push->changes), by_sku);
    for (size_t i = 1; i < push->count; i++) {
        if (strcmp(push->changes[i - 1].sku, push->changes[i].sku) == 0) {
            return refuse(arena, err, push->changes[i].at, "sku", "is in the list already");
        }
    }
    return true;
}

/* --- what is there --- */

static int sku_against(const void *key, const void *element)
{
    return strcmp(key, ((const struct change *)element)->sku);
}

static const char *list_skus(const struct push *push)
{
    struct json_out out;
    struct buf text;
    const char *list;

    buf_init(&text, LIST_MAX);
    json_out_init(&out, &text);
    json_begin_list(&out, NULL);
    for (size_t i = 0; i < push->count; i++) {
        json_put_text(&out, NULL, push->changes[i].sku);
    }
    json_end_list(&out);
    list = arena_dup(push->rq->ctx.arena, text.data, text.length);
    buf_fini(&text);
    return list;
}

static bool read_products(struct push *push, struct db_session *session, struct err *err)
{
    struct arena *arena = push->rq->ctx.arena;
    struct db_cursor *cursor = NULL;
    struct sql_synced_product_row row;
    enum db_step step = DB_FAILED;

    if (!sql_products_of_skus_open(session, list_skus(push), &cursor, err)) {
        return false;
    }
    while ((step = sql_synced_product_next(cursor, &row, err)) == DB_ROW) {
        struct change *change =
            bsearch(row.sku, push->changes, push->count, sizeof(*push->changes), sku_against);

        if (change != NULL) {
            change->row = row;
            change->row.sku = change->sku;
            change->row.name = arena_strdup(arena, row.name);
            change->row.description = arena_strdup(arena, row.description);
            change->row.category = arena_strdup(arena, row.category);
            change->row.image_url = arena_strdup(arena, row.image_url);
            change->is_there = true;
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* --- what is to be there --- */

static struct sql_synced_product_row make_wanted(const struct push *push,
                                                 const struct change *change)
{
    const struct pushed_product *given = change->given;
    struct sql_synced_product_row row = change->row;
    const bool takes_stock = given->has_stock && (push->body->include_stock || !change->is_there);

    row.portal_change = given->has_change_number ? given->change_number : row.portal_change;
    if (push->deactivates && change->is_there) {
        row.is_active = 0;
        return row;
    }
    row.name = given->name;
    row.sku = change->sku;
    row.price_cents = given->price_cents;
    row.description = given->description != NULL ? given->description : row.description;
    row.category = given->category != NULL ? given->category : row.category;
    row.image_url = given->image_url != NULL ? given->image_url : row.image_url;
    row.stock = takes_stock ? given->stock : row.stock;
    if (push->deactivates) {
        row.is_active = 0;
    } else if (given->has_is_active) {
        row.is_active = given->is_active;
    } else if (!change->is_there) {
        row.is_active = 1;
    }
    return row;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same(const struct sql_synced_product_row *a, const struct sql_synced_product_row *b)
{
    return strcmp(a->name, b->name) == 0 && is_same_text(a->description, b->description) &&
           is_same_text(a->category, b->category) && is_same_text(a->image_url, b->image_url) &&
           a->price_cents == b->price_cents && a->stock == b->stock && a->is_active == b->is_active;
}

static enum outcome outcome_of(const struct push *push, const struct change *change)
{
    if (!change->is_there) {
        return push->deactivates ? CREATED_INACTIVE : CREATED;
    }
    if (change->wanted.portal_change < change->row.portal_change) {
        return OUTDATED;
    }
    if (is_same(&change->wanted, &change->row)) {
        return UNCHANGED;
    }
    return push->deactivates ? DEACTIVATED : UPDATED;
}

static bool write_products(struct push *push, struct db_session *session, struct err *err)
{
    struct arena *arena = push->rq->ctx.arena;
    struct sql_synced_product_add_args *adds = arena_array(arena, push->count, sizeof(*adds));
    struct sql_synced_product_change_args *edits = arena_array(arena, push->count, sizeof(*edits));
    size_t add_count = 0;
    size_t edit_count = 0;

    memset(push->counts, 0, sizeof(push->counts));
    for (size_t i = 0; i < push->count; i++) {
        struct change *change = &push->changes[i];
        const struct sql_synced_product_row *row = &change->wanted;

        change->wanted = make_wanted(push, change);
        change->outcome = outcome_of(push, change);
        push->counts[change->outcome]++;
        if (!change->is_there) {
            adds[add_count++] = sql_synced_product_add_args(
                row->name, row->sku, row->description, row->price_cents, row->stock, row->category,
                row->image_url, row->is_active, row->portal_change);
        } else if (change->outcome != OUTDATED &&
                   (change->outcome != UNCHANGED ||
                    row->portal_change != change->row.portal_change)) {
            edits[edit_count++] = sql_synced_product_change_args(
                row->id, row->name, row->description, row->price_cents, row->stock, row->category,
                row->image_url, row->is_active, row->portal_change);
        }
    }
    return (add_count == 0 || sql_synced_product_add_batch(session, adds, add_count, NULL, err)) &&
           (edit_count == 0 ||
            sql_synced_product_change_batch(session, edits, edit_count, NULL, err));
}

/* The ids of those that are new. Another push may have made one of them in between, and of another
 * text: then all is done again. */
static bool find_new(struct push *push, struct db_session *session, struct err *err)
{
    if (push->counts[CREATED] + push->counts[CREATED_INACTIVE] == 0) {
        return true;
    }
    if (!read_products(push, session, err)) {
        return false;
    }
    for (size_t i = 0; i < push->count; i++) {
        const struct change *change = &push->changes[i];
        const bool is_new = change->outcome == CREATED || change->outcome == CREATED_INACTIVE;

        if (is_new && !(change->is_there && is_same(&change->wanted, &change->row) &&
                        change->wanted.portal_change == change->row.portal_change)) {
            return err_set(err, ERR_SERIALIZATION, "product %s was made in between", change->sku);
        }
    }
    return true;
}

/* --- what is told --- */

static const struct reply_field outcome_fields[] = {
    REPLY_FIELD("sku", REPLY_TEXT),
    REPLY_FIELD("product_id", REPLY_ID),
    REPLY_WORD("status", OUTCOMES, 0),
};
static const struct reply_shape OUTCOME_REPLY = REPLY_SHAPE("CatalogSyncOutcome", outcome_fields);
static const struct reply_field push_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("ok"), 0), REPLY_WORD("action", ACTIONS, 0),
    REPLY_FIELD("source", REPLY_TEXT),          REPLY_FIELD("processed_count", REPLY_COUNT),
    REPLY_FIELD("created", REPLY_COUNT),        REPLY_FIELD("updated", REPLY_COUNT),
    REPLY_FIELD("deactivated", REPLY_COUNT),    REPLY_PART("products", &OUTCOME_REPLY, REPLY_LIST),
};
static const struct reply_shape PUSH_REPLY = REPLY_SHAPE("CatalogSyncResult", push_reply_fields);

static int by_place(const void *a, const void *b)
{
    const struct change *left = *(const struct change *const *)a;
    const struct change *right = *(const struct change *const *)b;

    return (left->at > right->at) - (left->at < right->at);
}

static void put_outcomes(const struct push *push, struct json_out *out)
{
    const struct change **changes =
        arena_array(push->rq->ctx.arena, push->count, sizeof(const struct change *));

    for (size_t i = 0; i < push->count; i++) {
        changes[i] = &push->changes[i];
    }
    qsort(changes, push->count, sizeof(const struct change *), by_place);
    json_begin_list(out, "products");
    for (size_t i = 0; i < push->count; i++) {
        json_begin_object(out, NULL);
        json_put_text(out, "sku", changes[i]->sku);
        json_put_int(out, "product_id", changes[i]->row.id);
        json_put_text(out, "status", OUTCOMES[changes[i]->outcome]);
        json_end_object(out);
    }
    json_end_list(out);
}

static const char *source_of(const struct push *push)
{
    return push->body->source != NULL ? push->body->source : "enterprise-crm-portal";
}

static void put_result(const struct push *push)
{
    struct json_out *out = &push->rp->json;

    json_begin_object(out, NULL);
    json_put_text(out, "status", "ok");
    json_put_text(out, "action", push->deactivates ? "deactivate" : "upsert");
    json_put_text(out, "source", source_of(push));
    json_put_int(out, "processed_count", (int64_t)push->count);
    json_put_int(out, "created", (int64_t)(push->counts[CREATED] + push->counts[CREATED_INACTIVE]));
    json_put_int(out, "updated", (int64_t)push->counts[UPDATED]);
    json_put_int(out, "deactivated",
                 (int64_t)(push->counts[DEACTIVATED] + push->counts[CREATED_INACTIVE]));
    put_outcomes(push, out);
    json_end_object(out);
}

/* A row for each product that is another one now. */
static bool note_products(const struct push *push, struct db_session *session, struct err *err)
{
    struct arena *arena = push->rq->ctx.arena;
    struct sql_audit_insert_args *rows = arena_array(arena, push->count, sizeof(*rows));
    const struct audit_entry by = audit_entry_of(push->rq);
    const char *action = push->deactivates ? "crm_catalog_deactivate" : "crm_catalog_upsert";
    size_t count = 0;

    for (size_t i = 0; i < push->count; i++) {
        const struct change *change = &push->changes[i];

        if (change->outcome != UNCHANGED && change->outcome != OUTDATED) {
            rows[count++] = sql_audit_insert_args(
                NULL, by.username, action, arena_printf(arena, "product:%" PRId64, change->row.id),
                NULL, by.method, by.route, NULL, NULL, by.ip, by.user_agent, by.trace_id,
                db_now(session));
        }
    }
    return count == 0 || sql_audit_insert_batch(session, rows, count, NULL, err);
}

static bool apply(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct push *push = arg;

    (void)ctx;
    for (size_t i = 0; i < push->count; i++) {
        push->changes[i].row = (struct sql_synced_product_row){.id = 0};
        push->changes[i].is_there = false;
    }
    if (!read_products(push, session, err) || !write_products(push, session, err) ||
        !find_new(push, session, err) || !note_products(push, session, err)) {
        return err_wrap(err, "store the pushed products");
    }
    put_result(push);
    audit_note(push->rq, "catalogue.pushed",
               arena_printf(push->rq->ctx.arena, "products:%zu", push->count), NULL);
    return true;
}

static bool catalog_sync(struct request *rq, struct reply *rp, struct err *err)
{
    const struct push_body *body = rq->body;
    struct push push = {
        .rq = rq,
        .rp = rp,
        .body = body,
        .deactivates = body->action != NULL && strcmp(body->action, "deactivate") == 0,
    };

    if (!sort_changes(&push, err) ||
        !service_write(rq, rp, service_of(rq)->main_pool, apply, &push, err)) {
        return false;
    }
    stock_tell_several(service_of(rq));
    return true;
}

static const struct route ROUTES[] = {
    {POST, "/api/integrations/crm/catalog-sync", catalog_sync, ROLE_SERVICE,
     .flags = ROUTE_TAKES_KEY, .body = &PUSH_SHAPE, .body_max = BODY_MAX, .reply = &PUSH_REPLY,
     .summary = "Take products that the CRM pushes: all of the batch or none"},
};

const struct route_table shop_catalogue_sync_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                       "integrations",
                                                       "What the shop does together with the CRM"};
