/*
 * shop/advice_model.h: a language model that is asked for a sentence or two about products which
 * have been chosen already, at any endpoint that speaks as OpenAI's chat completions do. What it
 * gives is checked (shop/advice_reply.h); whatever goes wrong, the caller has an answer without it.
 * A call waits, up to its time limit: never on threads that others share. Threads: any; no more
 * than ADVICE_ASKED_AT_ONCE wait at a time, and the others are told at once.
 */
#ifndef SHOP_ADVICE_MODEL_H
#define SHOP_ADVICE_MODEL_H

#include "shop/advice_reply.h"
#include "trace/ctx.h"

enum {
    ADVICE_ASKED_AT_ONCE = 2, /* of the four threads that ask peers (http/server.h) */
    ADVICE_REPLY_TOKENS = 500,
};

struct advice_model;
struct http_client; /* net/http_client.h */

/* Texts are borrowed until it is freed. */
struct advice_model_options {
    const char *url;   /* "https://api.example.com/v1", without a final slash */
    const char *model; /* "gpt-4o-mini" */
    const char *key;   /* sent as a bearer token; "": none; never logged */
    int64_t timeout_ms;
    const char *service_name;
    const char *service_version;
};

/* What is asked. */
struct advice_prompt {
    const char *message; /* the customer's: data */
    const struct sql_product_row *products;
    size_t count;
    int64_t tokens_left; /* of the conversation's budget */
};

struct advice_model *advice_model_new(const struct advice_model_options *options);
void advice_model_free(struct advice_model *model); /* NULL is accepted */
const char *advice_model_name(const struct advice_model *model);
/* For who looks at its breaker. */
const struct http_client *advice_model_client(const struct advice_model *model);

/* *ret_tokens is what it has cost, as the provider counts or by a guess on the high side, also
 * where the answer is of no use; 0 where it was not asked. ret->text is checked and has names in
 * place of marks. ERR_LIMIT: not asked, for want of budget or because too many wait;
 * ERR_BREAKER_OPEN, ERR_DEADLINE, ERR_PEER otherwise. */
MUST_CHECK bool advice_model_ask(struct ctx *ctx, struct advice_model *model,
                                 const struct advice_prompt *prompt, struct advice_reply *ret,
                                 int64_t *ret_tokens, struct err *err);

#endif
