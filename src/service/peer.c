#include "service/peer.h"

#include <string.h>

#include "service/percent.h"
#include "service/service.h"

enum {
    ANSWER_MAX = 8 << 20, /* a catalogue of 500 products with long descriptions has four */
    PATH_MAX_BYTES = 4096,
};

bool peer_call(struct request *rq, const struct http_call *call, int *ret_status,
               struct json **ret_body, struct err *err)
{
    const struct service *service = service_of(rq);
    struct http_call limited = *call;
    struct http_answer answer = {0};
    bool ok;

    if (service->peer == NULL) {
        return err_set(err, ERR_UNAVAILABLE, "no %s is configured", service->traits->peer);
    }
    limited.body_max = ANSWER_MAX;
    ok = http_client_call(&rq->ctx, service->peer, &limited, &answer, err);
    if (ok && !json_parse(answer.body.data != NULL ? answer.body.data : "", answer.body.length,
                          ret_body, err)) {
        ok = err_wrap(err, "the %s did not answer with JSON", service->traits->peer);
        err->code = ERR_PEER;
    }
    buf_fini(&answer.body);
    if (!ok) {
        err->is_public = true;
        return false;
    }
    *ret_status = answer.status;
    return true;
}

/* What it answers with 200. */
static bool ask(struct request *rq, const struct http_call *call, struct json **ret_body,
                struct err *err)
{
    struct json *body = NULL;
    int status = 0;

    if (!peer_call(rq, call, &status, &body, err)) {
        return false;
    }
    if (status != 200) {
        json_free(body);
        (void)err_set(err, ERR_PEER, "the %s answered %d", service_of(rq)->traits->peer, status);
        err->is_public = true;
        return false;
    }
    *ret_body = body;
    return true;
}

bool peer_get(struct request *rq, const char *path, struct json **ret_body, struct err *err)
{
    const struct http_call call = {.method = "GET", .path = path};

    return ask(rq, &call, ret_body, err);
}

bool peer_post(struct request *rq, const char *path, char *body, struct json **ret_body,
               struct err *err)
{
    const size_t length = strlen(body);
    const struct http_call call = {
        .method = "POST", .path = path, .body = body, .body_length = length};
    const bool ok = ask(rq, &call, ret_body, err);

    explicit_bzero(body, length);
    return ok;
}

const char *peer_path(struct arena *arena, const char *path, const char *text)
{
    struct buf buf;
    const char *whole;

    buf_init(&buf, PATH_MAX_BYTES);
    buf_add_text(&buf, path);
    percent_encode(&buf, text, "");
    whole = arena_dup(arena, buf.data, buf.length);
    buf_fini(&buf);
    return whole;
}
