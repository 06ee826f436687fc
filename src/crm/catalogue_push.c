/*
 * crm/catalogue_push.c: tells the shop of the portal's whole catalogue, batch by batch. Each batch
 * is taken or refused as one, and what the shop has already is written over, but for its stock.
 */
#include <inttypes.h>
#include <string.h>

#include "crm/product_outbox.h"
#include "service/audit.h"
#include "service/peer.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

#define KEEPERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER))

enum {
    BATCH_MOST = 500,      /* products that the shop takes at a time */
    BATCH_BYTES = 4 << 20, /* and bytes */
};

struct push {
    struct request *rq;
    int64_t last_id; /* of the batch before */
    int64_t batches;
    int64_t count; /* products that the shop has taken */
    int64_t created;
    int64_t updated;
    int status;          /* that it answered at last; 0: it did not */
    const char *failure; /* NULL: it has taken all */
};

/* The next products, as the shop takes them; *ret_count is 0 where there are none left. */
static bool make_batch(struct push *push, struct buf *text, size_t *ret_count, struct err *err)
{
    const struct service *service = service_of(push->rq);
    struct sql_published_product_row row;
    struct db_session *session = NULL;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;
    struct json_out out;
    size_t count = 0;

    if (!db_checkout(&push->rq->ctx, service->main_pool, &session, err)) {
        return false;
    }
    json_out_init(&out, text);
    json_begin_object(&out, NULL);
    json_put_text(&out, "source", service->traits->module);
    json_begin_list(&out, "products");
    if (sql_products_to_publish_open(session, push->last_id, BATCH_MOST, &cursor, err)) {
        while ((step = sql_published_product_next(cursor, &row, err)) == DB_ROW) {
            put_published_product(&out, &row);
            push->last_id = row.id;
            count++;
        }
    }
    json_end_list(&out);
    json_end_object(&out);
    db_cursor_close(cursor);
    db_checkin(session);
    *ret_count = count;
    return step != DB_FAILED || err_wrap(err, "read the catalogue");
}

/* The shop's own words, where it refuses. */
static void note_answer(struct push *push, size_t count, const struct json *body)
{
    const char *detail = json_text(json_get(body, "detail"));
    int64_t created = 0;
    int64_t updated = 0;

    if (push->status != 200) {
        push->failure =
            arena_printf(push->rq->ctx.arena, "the shop answered %d%s%.500s", push->status,
                         detail != NULL ? ": " : "", detail != NULL ? detail : "");
        return;
    }
    (void)json_int(json_get(body, "created"), &created);
    (void)json_int(json_get(body, "updated"), &updated);
    push->created += created;
    push->updated += updated;
    push->count += (int64_t)count;
}

/* A try that is repeated has the same key: the shop takes each batch once. */
static void send_batch(struct push *push, const struct buf *text, size_t count)
{
    struct arena *arena = push->rq->ctx.arena;
    const struct http_call call = {
        .method = "POST",
        .path = "/api/integrations/crm/catalog-sync",
        .body = text->data,
        .body_length = text->length,
        .idempotency_key = arena_printf(arena, "catalogue-%s-%" PRId64,
                                        push->rq->ctx.trace.trace_id, push->batches),
    };
    struct json *body = NULL;
    struct err why = {0};

    if (!peer_call(push->rq, &call, &push->status, &body, &why)) {
        push->status = 0;
        push->failure = arena_strdup(arena, why.text);
        return;
    }
    note_answer(push, count, body);
    json_free(body);
}

static bool push_batches(struct push *push, struct err *err)
{
    struct buf text;
    size_t count = 0;
    bool ok = true;

    buf_init(&text, BATCH_BYTES);
    do {
        buf_clear(&text);
        ok = make_batch(push, &text, &count, err);
        if (ok && count > 0) {
            push->batches++;
            send_batch(push, &text, count);
        }
    } while (ok && count == BATCH_MOST && push->failure == NULL);
    buf_fini(&text);
    return ok;
}

static const struct reply_field shop_sync_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("synced", REPLY_BOOL),
    REPLY_FIELD("created", REPLY_COUNT),
    REPLY_FIELD("updated", REPLY_COUNT),
    REPLY_FIELD("status_code", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("reason", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape SHOP_SYNC_REPLY = REPLY_SHAPE("ShopSync", shop_sync_fields);
static const struct reply_field push_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("completed", "warning"), 0),
    REPLY_FIELD("product_count", REPLY_COUNT), /* that the shop has taken */
    REPLY_PART("shop_sync", &SHOP_SYNC_REPLY, 0),
};
static const struct reply_shape PUSH_REPLY = REPLY_SHAPE("CatalogPush", push_fields);

static bool push_catalogue(struct request *rq, struct reply *rp, struct err *err)
{
    struct push push = {.rq = rq};
    struct json_out *out = &rp->json;

    if (!push_batches(&push, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", push.failure == NULL ? "completed" : "warning");
    json_put_int(out, "product_count", push.count);
    json_begin_object(out, "shop_sync");
    json_put_bool(out, "configured", service_of(rq)->peer != NULL);
    json_put_bool(out, "synced", push.failure == NULL);
    json_put_int(out, "created", push.created);
    json_put_int(out, "updated", push.updated);
    json_put_id(out, "status_code", push.status == 0, push.status);
    json_put_text(out, "reason", push.failure);
    json_end_object(out);
    json_end_object(out);
    audit_note(rq, push.failure == NULL ? "catalogue.pushed" : "catalogue.push_failed",
               arena_printf(rq->ctx.arena, "products:%" PRId64, push.count), NULL);
    return true;
}

static const struct route ROUTES[] = {
    {POST, "/api/products/sync/shop", push_catalogue, KEEPERS, .flags = ROUTE_CALLS_PEER,
     .reply = &PUSH_REPLY, .summary = "Tell the shop of the whole catalogue"},
};

const struct route_table crm_catalogue_push_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                      "catalogue", "What is for sale"};
