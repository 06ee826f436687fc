#include "console/owners.h"

#include <stdlib.h>
#include <string.h>

#include "net/http_client.h"

enum {
    ANSWER_MAX = 8 << 20,
    TIMEOUT_MS = 9000, /* the services have eight seconds for it */
    FAILURES = 5,
    RECOVERY_MS = 5000,
};

struct owner {
    const struct settings_place *place;
    struct http_client *client;
};

struct owners {
    struct owner *list;
    size_t count;
};

static struct http_client *new_client(const struct service *console,
                                      const struct settings_place *place)
{
    const struct http_client_options options = {
        .peer = place->service,
        .base_url = place->url,
        .internal_key = console->internal_key,
        .service_name = console->traits->module,
        .service_version = OCTO_VERSION,
        .timeout_ms = TIMEOUT_MS,
        .tries = 1,
        .breaker = {.name = place->service,
                    .failure_threshold = FAILURES,
                    .recovery_ms = RECOVERY_MS},
    };

    return http_client_new(&options);
}

struct owners *owners_new(const struct service *console)
{
    const struct settings *settings = console->settings;
    struct owners *owners = mem_alloc(sizeof(*owners));

    owners->list = mem_alloc((settings->place_count + 1) * sizeof(*owners->list));
    for (size_t i = 0; i < settings->place_count; i++) {
        if (settings->places[i].has_database) {
            owners->list[owners->count++] = (struct owner){
                .place = &settings->places[i], .client = new_client(console, &settings->places[i])};
        }
    }
    return owners;
}

void owners_free(struct owners *owners)
{
    if (owners == NULL) {
        return;
    }
    for (size_t i = 0; i < owners->count; i++) {
        http_client_free(owners->list[i].client);
    }
    free(owners->list);
    free(owners);
}

static struct http_client *client_of(const struct owners *owners, const char *service)
{
    for (size_t i = 0; i < owners->count; i++) {
        if (strcmp(owners->list[i].place->service, service) == 0) {
            return owners->list[i].client;
        }
    }
    return NULL;
}

const struct settings_place *owners_at(const struct owners *owners, size_t n)
{
    return n < owners->count ? owners->list[n].place : NULL;
}

bool owners_know(const struct owners *owners, const char *service)
{
    return client_of(owners, service) != NULL;
}

/* In its own words, where it has some. */
static const char *refusal(struct arena *arena, const char *service, int status,
                           const struct json *body)
{
    const char *detail = json_text(json_get(body, "detail"));

    return detail != NULL ? arena_printf(arena, "the %s: %s", service, detail)
                          : arena_printf(arena, "the %s answered %d", service, status);
}

void owners_ask(struct request *rq, struct owners *owners, const char *service, const char *path,
                struct json **ret, const char **ret_why)
{
    const struct http_call call = {.method = "GET", .path = path, .body_max = ANSWER_MAX};
    struct http_client *client = client_of(owners, service);
    struct http_answer answer = {0};
    struct json *body = NULL;
    struct err err = {0};

    *ret = NULL;
    if (client == NULL) {
        *ret_why = arena_printf(rq->ctx.arena, "nothing says where the %s is", service);
        return;
    }
    if (!http_client_call(&rq->ctx, client, &call, &answer, &err) ||
        !json_parse(answer.body.data != NULL ? answer.body.data : "", answer.body.length, &body,
                    &err)) {
        *ret_why = arena_printf(rq->ctx.arena, "the %s cannot be asked: %s", service, err.text);
    } else if (answer.status != 200) {
        *ret_why = refusal(rq->ctx.arena, service, answer.status, body);
        json_free(body);
    } else {
        *ret = body;
    }
    buf_fini(&answer.body);
}
