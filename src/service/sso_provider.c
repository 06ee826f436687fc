#include "service/sso_provider.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/thread.h"
#include "net/http_client.h"
#include "service/percent.h"

enum {
    KEEP_MS = 3600 * 1000,
    TIMEOUT_MS = 5000,
    TRIES = 2,
    ANSWER_MAX = 256 * 1024,
    FORM_MAX = 16 * 1024,
    FAILURES_MOST = 1000, /* a client lives for one call: its breaker has nothing to learn */
};

/* A document of the provider's, as it came. */
struct kept {
    char *text; /* NULL: none yet */
    size_t length;
    uint64_t fresh_until_ns;
};

struct sso_provider {
    struct sso_provider_options options;
    struct mutex lock;
    struct kept discovery; /* lock */
    struct kept keys;      /* lock */
};

struct sso_provider *sso_provider_new(const struct sso_provider_options *options)
{
    struct sso_provider *provider = mem_alloc(sizeof(*provider));

    provider->options = *options;
    mutex_init(&provider->lock);
    return provider;
}

void sso_provider_free(struct sso_provider *provider)
{
    if (provider == NULL) {
        return;
    }
    mutex_fini(&provider->lock);
    free(provider->discovery.text);
    free(provider->keys.text);
    free(provider);
}

/* ---- calls ---- */

/* Endpoints are on whatever hosts the provider names, and sign-ins are rare: a client for each. */
static bool call(struct ctx *ctx, const struct sso_provider *provider, const char *url,
                 const char *authorization, const struct buf *form, struct http_answer *ret,
                 struct err *err)
{
    struct http_client *client;
    bool ok;

    if (http_way_of(url) != HTTP_WAY_PRIVATE) {
        return err_set(err, ERR_PEER,
                       "the sign-in provider names %s, which is not https://: nothing is sent "
                       "there",
                       url);
    }
    client = http_client_new(&(struct http_client_options){
        .peer = "sso",
        .base_url = url,
        .authorization = authorization,
        .service_name = provider->options.service_name,
        .is_visitor = true,
        .timeout_ms = TIMEOUT_MS,
        .tries = TRIES,
        .breaker = {.name = "sso", .failure_threshold = FAILURES_MOST, .recovery_ms = 1},
    });
    ok = http_client_call(ctx, client,
                          &(struct http_call){
                              .method = form != NULL ? "POST" : "GET",
                              .path = "",
                              .body = form != NULL ? form->data : NULL,
                              .body_length = form != NULL ? form->length : 0,
                              .body_type = "application/x-www-form-urlencoded",
                              .body_max = ANSWER_MAX,
                          },
                          ret, err);
    http_client_free(client);
    return ok || err_wrap(err, "ask the sign-in provider at %s", url);
}

static bool read_answer(const char *url, const struct http_answer *answer, struct json **ret,
                        struct err *err)
{
    struct err why;

    if (answer->status != 200 || !json_parse(answer->body.data, answer->body.length, ret, &why)) {
        return err_set(err, ERR_PEER, "the sign-in provider answered %s with %s, status %d", url,
                       answer->status == 200 ? "what is no JSON" : "a failure", answer->status);
    }
    return true;
}

/* ---- what is kept ---- */

static bool find_kept(struct sso_provider *provider, const struct kept *kept, struct json **ret)
{
    struct err err;
    bool is_there;

    mutex_lock(&provider->lock);
    is_there = kept->text != NULL && !clock_has_passed(kept->fresh_until_ns) &&
               json_parse(kept->text, kept->length, ret, &err);
    mutex_unlock(&provider->lock);
    return is_there;
}

/* Takes the body's memory. */
static void keep(struct sso_provider *provider, struct kept *kept, struct buf *body)
{
    char *text = mem_alloc(body->length + 1);

    assert(body->data != NULL); /* it was JSON */
    memcpy(text, body->data, body->length);
    mutex_lock(&provider->lock);
    free(kept->text);
    *kept = (struct kept){text, body->length, clock_after_ms(KEEP_MS)};
    mutex_unlock(&provider->lock);
}

static bool fetch(struct ctx *ctx, struct sso_provider *provider, const char *url,
                  struct kept *kept, struct json **ret, struct err *err)
{
    struct http_answer answer = {.status = 0};
    const bool ok =
        call(ctx, provider, url, NULL, NULL, &answer, err) && read_answer(url, &answer, ret, err);

    if (ok) {
        keep(provider, kept, &answer.body);
    }
    buf_fini(&answer.body);
    return ok;
}

/* ---- where its endpoints are ---- */

static bool take_endpoint(struct ctx *ctx, const struct json *document, const char *name,
                          const char **ret)
{
    const char *url = json_text(json_get(document, name));

    if (url == NULL || http_way_of(url) != HTTP_WAY_PRIVATE) {
        return false;
    }
    *ret = arena_strdup(ctx->arena, url);
    return true;
}

/* The issuer has to be the very text that was set (OpenID Connect Discovery 1.0 section 4.3). */
static bool read_discovery(struct ctx *ctx, const struct sso_provider *provider,
                           const struct json *document, struct sso_endpoints *ret, struct err *err)
{
    const char *issuer = json_text(json_get(document, "issuer"));

    *ret = (struct sso_endpoints){.end_session = NULL};
    if (issuer == NULL || strcmp(issuer, provider->options.issuer) != 0) {
        return err_set(
            err, ERR_PEER,
            "the sign-in provider calls itself %.200s, and IDCS_DOMAIN_URL is %s: set it "
            "to what the provider says",
            issuer != NULL ? issuer : "nothing", provider->options.issuer);
    }
    if (!take_endpoint(ctx, document, "authorization_endpoint", &ret->authorization) ||
        !take_endpoint(ctx, document, "token_endpoint", &ret->token) ||
        !take_endpoint(ctx, document, "jwks_uri", &ret->keys)) {
        return err_set(err, ERR_PEER,
                       "the sign-in provider's configuration lacks authorization_endpoint, "
                       "token_endpoint or jwks_uri, or they are not https://");
    }
    (void)take_endpoint(ctx, document, "end_session_endpoint", &ret->end_session);
    return true;
}

bool sso_provider_endpoints(struct ctx *ctx, struct sso_provider *provider,
                            struct sso_endpoints *ret, struct err *err)
{
    const char *issuer = provider->options.issuer;
    const size_t length = strlen(issuer);
    const char *url = arena_printf(ctx->arena, "%s%s", issuer,
                                   issuer[length - 1] == '/' ? ".well-known/openid-configuration"
                                                             : "/.well-known/openid-configuration");
    struct json *document = NULL;
    const bool ok = (find_kept(provider, &provider->discovery, &document) ||
                     fetch(ctx, provider, url, &provider->discovery, &document, err)) &&
                    read_discovery(ctx, provider, document, ret, err);

    json_free(document);
    return ok;
}

bool sso_provider_keys(struct ctx *ctx, struct sso_provider *provider, bool must_be_new,
                       struct json **ret, struct err *err)
{
    struct sso_endpoints endpoints;

    if (!must_be_new && find_kept(provider, &provider->keys, ret)) {
        return true;
    }
    return sso_provider_endpoints(ctx, provider, &endpoints, err) &&
           fetch(ctx, provider, endpoints.keys, &provider->keys, ret, err);
}

/* ---- a code ---- */

static void add_member(struct buf *form, const char *name, const char *value)
{
    if (form->length > 0) {
        buf_add_char(form, '&');
    }
    buf_add_text(form, name);
    buf_add_char(form, '=');
    percent_encode(form, value, "");
}

/* Name and secret are encoded as in a form, and then as HTTP does (RFC 6749 section 2.3.1). */
static const char *basic(struct ctx *ctx, const struct sso_provider_options *options)
{
    static const char SCHEME[] = "Basic ";
    struct buf pair;
    char *text = NULL;

    if (options->client_secret[0] == '\0') {
        return NULL;
    }
    buf_init(&pair, FORM_MAX);
    percent_encode(&pair, options->client_id, "");
    buf_add_char(&pair, ':');
    percent_encode(&pair, options->client_secret, "");
    text = arena_alloc(ctx->arena, sizeof(SCHEME) + base64_size(pair.length));
    memcpy(text, SCHEME, sizeof(SCHEME) - 1);
    base64_encode((const uint8_t *)pair.data, pair.length, text + sizeof(SCHEME) - 1);
    explicit_bzero(pair.data, pair.length);
    buf_fini(&pair);
    return text;
}

static void write_form(const struct sso_provider_options *options, const char *code,
                       const char *verifier, struct buf *form)
{
    add_member(form, "grant_type", "authorization_code");
    add_member(form, "code", code);
    add_member(form, "redirect_uri", options->redirect_uri);
    add_member(form, "code_verifier", verifier);
    if (options->client_secret[0] == '\0') {
        add_member(form, "client_id", options->client_id);
    }
}

/* 400 and 401 are its refusals (RFC 6749 section 5.2); 401 is of us, and the code may be right. */
static bool read_redeemed(struct ctx *ctx, const char *url, const struct http_answer *answer,
                          const char **ret, struct err *err)
{
    struct json *json = NULL;
    const char *token;

    if (answer->status == 400) {
        return err_set(err, ERR_UNAUTHORIZED, "the sign-in provider does not take the code");
    }
    if (answer->status == 401) {
        return err_set(err, ERR_PEER,
                       "the sign-in provider does not take IDCS_CLIENT_ID and "
                       "IDCS_CLIENT_SECRET: see what it has of this client");
    }
    if (!read_answer(url, answer, &json, err)) {
        return false;
    }
    token = json_text(json_get(json, "id_token"));
    *ret = token != NULL ? arena_strdup(ctx->arena, token) : NULL;
    json_free(json);
    return *ret != NULL || err_set(err, ERR_PEER, "the sign-in provider gave no id_token");
}

bool sso_provider_redeem(struct ctx *ctx, struct sso_provider *provider, const char *code,
                         const char *verifier, const char **ret_id_token, struct err *err)
{
    struct http_answer answer = {.status = 0};
    struct sso_endpoints endpoints;
    struct buf form;
    bool ok;

    if (!sso_provider_endpoints(ctx, provider, &endpoints, err)) {
        return false;
    }
    buf_init(&form, FORM_MAX);
    write_form(&provider->options, code, verifier, &form);
    if (form.bad) {
        ok = err_set(err, ERR_UNAUTHORIZED, "a code as long as this is none");
    } else {
        ok = call(ctx, provider, endpoints.token, basic(ctx, &provider->options), &form, &answer,
                  err) &&
             read_redeemed(ctx, endpoints.token, &answer, ret_id_token, err);
    }
    buf_fini(&answer.body);
    buf_fini(&form);
    return ok;
}
