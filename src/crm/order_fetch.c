#include "crm/order_fetch.h"

#include <inttypes.h>

#include "core/text.h"
#include "crm/order_page.h"
#include "service/percent.h"

enum {
    PAGE_BYTES_MAX = 64 << 20,
    PATH_BYTES_MAX = 1024,
};

static bool fetch(struct ctx *ctx, struct crm *crm, const char *path, int64_t body_max,
                  struct buf *ret_body, struct err *err)
{
    const struct http_call call = {.method = "GET", .path = path, .body_max = body_max};
    struct http_answer answer = {0};
    bool ok = http_client_call(ctx, crm->service.peer, &call, &answer, err);

    if (ok && answer.status == 404) {
        ok = err_set(err, ERR_NOT_FOUND, "the shop answered 404");
    } else if (ok && answer.status == 410) {
        ok = err_set(err, ERR_GONE, "the shop no longer knows the watermark's cursor");
    } else if (ok && answer.status != 200) {
        ok = err_set(err, ERR_PEER, "the shop answered %d%s", answer.status,
                     answer.status == 401 || answer.status == 403
                         ? "; both services need the same INTERNAL_SERVICE_KEY"
                         : "");
    }
    *ret_body = answer.body;
    if (!ok) {
        err->is_public = true;
    }
    return ok;
}

bool order_fetch_page(struct ctx *ctx, struct crm *crm, const char *cursor, int64_t since_us,
                      struct buf *ret_body, struct err *err)
{
    char since[UTC_TEXT_MAX];
    struct buf path;
    bool ok;

    buf_init(&path, PATH_BYTES_MAX);
    buf_printf(&path, "/api/orders?limit=%" PRId64, crm_settings(&crm->service)->sync_page);
    utc_format(since_us, since);
    buf_add_text(&path, cursor[0] != '\0' ? "&cursor=" : "&updated_since=");
    percent_encode(&path, cursor[0] != '\0' ? cursor : since, "");
    ok = fetch(ctx, crm, path.data, PAGE_BYTES_MAX, ret_body, err);
    buf_fini(&path);
    if (!ok && (err->code == ERR_NOT_FOUND || (err->code == ERR_GONE && cursor[0] == '\0'))) {
        err->code = ERR_PEER;
    }
    return ok || err_wrap(err, "fetch orders");
}

bool order_fetch_one(struct ctx *ctx, struct crm *crm, int64_t source_order_id,
                     struct buf *ret_body, struct err *err)
{
    const char *path = arena_printf(ctx->arena, "/api/orders/%" PRId64, source_order_id);

    return fetch(ctx, crm, path, ORDER_BYTES_MAX, ret_body, err) ||
           err_wrap(err, "fetch order %" PRId64, source_order_id);
}
