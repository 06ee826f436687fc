#include "app/ask_console.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "app/running.h"
#include "net/http_client.h"
#include "service/internal_key.h"
#include "service/service.h"

enum { ANSWER_MAX = 256 << 20, TIMEOUT_MS = 30000 };

const char *ask_escaped(struct arena *arena, const char *text)
{
    char *escaped = arena_alloc(arena, 3 * strlen(text) + 1);
    char *at = escaped;

    for (; *text != '\0'; text++) {
        if (isalnum((unsigned char)*text) || strchr("-._~", *text) != NULL) {
            *at++ = *text;
        } else {
            at += snprintf(at, 4, "%%%02X", (unsigned char)*text);
        }
    }
    return escaped;
}

/* Why it would not answer. */
static bool refuse(const struct http_answer *answer, struct err *err)
{
    struct json *problem = NULL;
    struct err ignored;
    const char *detail = NULL;

    if (json_parse(answer->body.data, answer->body.length, &problem, &ignored)) {
        detail = json_text(json_get(problem, "detail"));
    }
    if (answer->status == 401 || answer->status == 403) {
        detail = "its internal key is another one than that of the data directory";
    }
    (void)err_set(err, answer->status == 404 ? ERR_NOT_FOUND : ERR_PEER, "%s",
                  detail != NULL ? detail : "it cannot be understood");
    json_free(problem);
    return false;
}

static bool call(struct ctx *ctx, const char *url, const char *key, const char *path,
                 struct buf *ret_body, struct json **ret, struct err *err)
{
    const struct http_client_options options = {
        .peer = "console",
        .base_url = url,
        .internal_key = key,
        .service_name = "octo",
        .service_version = OCTO_VERSION,
        .timeout_ms = TIMEOUT_MS,
        .tries = 1,
        .breaker = {.name = "console", .failure_threshold = 1, .recovery_ms = 1000},
    };
    const struct http_call request = {.method = "GET", .path = path, .body_max = ANSWER_MAX};
    struct http_client *client = http_client_new(&options);
    struct http_answer answer = {0};
    bool ok = http_client_call(ctx, client, &request, &answer, err);

    ok = ok && (answer.status == 200 || refuse(&answer, err)) &&
         json_parse(answer.body.data, answer.body.length, ret, err);
    if (ok) {
        *ret_body = answer.body;
    } else {
        buf_fini(&answer.body);
    }
    http_client_free(client);
    return ok;
}

bool ask_console(struct ctx *ctx, const struct console_address *address, const char *path,
                 struct buf *ret_body, struct json **ret, struct err *err)
{
    const struct settings *settings = address->settings;
    struct running found[RUNNING_MOST];
    const char *url = settings->url;
    const char *key;
    size_t count = 0;

    if (!internal_key_load(settings, ctx->arena, false, &key, err)) {
        return false;
    }
    if (!address->is_named) {
        count = running_find(services[CONSOLE], settings->data_dir, found);
    }
    if (count > 0) {
        url = running_url(ctx->arena, &found[0]);
    }
    if (call(ctx, url, key, path, ret_body, ret, err)) {
        return true;
    }
    if (count == 0 && !address->is_named && err->code != ERR_NOT_FOUND) {
        (void)err_set(err, ERR_PEER,
                      "no console runs over %s: start it with octo up or octo console, or say "
                      "where it is with --data or --console-port",
                      settings->data_dir);
    }
    return false;
}
