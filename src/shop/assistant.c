/*
 * shop/assistant.c: the advisor. A question is read, the catalogue searched, and what fits best
 * chosen; then, in the transaction that stores question and answer, the chosen products are read
 * again, and the answer says their prices and stock as they are there.
 *
 * A conversation is its owner's: of the user who is signed in, else of whoever has the cookie that
 * it began with. Of the cookie's secret the table has the digest alone; the conversation's id opens
 * nothing, so it may stand in addresses and logs.
 */
#include <inttypes.h>
#include <string.h>

#include "core/digest.h"
#include "core/log.h"
#include "core/rng.h"
#include "core/text.h"
#include "service/audit.h"
#include "service/write.h"
#include "shop/advice_text.h"
#include "shop/settings.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum {
    MESSAGE_MOST = 4000, /* characters */
    FOCUS_MOST = 200,
    SESSION_ID_MOST = 64,
    MESSAGES_MOST = 200, /* of a conversation: a hundred questions with their answers */
    COOKIE_LIFE_S = 30 * 24 * 3600,
};
#define SESSION_ID_MARKS "._:-" /* allowed beside letters and digits */

/* Who sees the conversations of others. */
#define CONVERSATION_READERS (ROLE_SUPPORT | ROLE_ADMIN)

static const char PROVIDER_CLIENT[] = "client";
static const char PROVIDER_LOCAL[] = "local";
static const char PROVIDER_MODEL[] = "openai-compatible";
static const char MODEL_LOCAL[] = "catalogue-search";

static const struct route_cookie ASSISTANT_COOKIE = {
    "octo_assistant", "Whose conversations with the advisor these are; over HTTPS as __Host-..."};

/* --- whose it is --- */

/* secret NULL: of a user, or of nobody yet. */
struct visitor {
    const char *owner;  /* as the table has it; NULL: somebody new */
    const char *secret; /* of his cookie */
};

static void visitor_with(struct arena *arena, const char *secret, struct visitor *ret)
{
    char hash[DIGEST_SHA256_HEX_MAX];

    digest_sha256_hex(secret, strlen(secret), hash);
    *ret = (struct visitor){.owner = arena_strdup(arena, hash), .secret = secret};
}

static bool visitor_of(struct request *rq, struct visitor *ret, struct err *err)
{
    const char *cookie = NULL;

    *ret = (struct visitor){.owner = NULL};
    if (rq->ctx.caller.username != NULL) {
        ret->owner = arena_printf(rq->ctx.arena, "user:%s", rq->ctx.caller.username);
        return true;
    }
    if (!request_cookie(rq, ASSISTANT_COOKIE.name, &cookie, err)) {
        return false;
    }
    if (cookie != NULL && strlen(cookie) == UUID_TEXT_MAX - 1 && text_begins_with_uuid(cookie)) {
        visitor_with(rq->ctx.arena, cookie, ret);
    }
    return true;
}

static bool is_owner(const struct visitor *visitor, const char *owner)
{
    return owner != NULL && visitor->owner != NULL && strcmp(owner, visitor->owner) == 0;
}

static bool no_session(struct err *err, const char *field)
{
    return err_field(err, ERR_NOT_FOUND, field,
                     "you have no such conversation: ask without session_id to begin one");
}

/* --- asking --- */

struct query_body {
    const char *message;
    const char *session_id;
    const char *product_focus;
    const char *customer_email;
};

static const struct json_field query_fields[] = {
    JSON_TEXT(struct query_body, message, 1, MESSAGE_MOST, JSON_REQUIRED),
    JSON_TOKEN(struct query_body, session_id, 1, SESSION_ID_MOST, SESSION_ID_MARKS, JSON_OPTIONAL),
    JSON_TEXT(struct query_body, product_focus, 0, FOCUS_MOST, JSON_OPTIONAL),
    JSON_EMAIL(struct query_body, customer_email, JSON_OPTIONAL),
};
static const struct json_shape QUERY_BODY =
    JSON_SHAPE("AssistantQuery", struct query_body, query_fields);

static const struct reply_field usage_reply_fields[] = {
    REPLY_FIELD("input_tokens", REPLY_COUNT | REPLY_NULLABLE),
    REPLY_FIELD("output_tokens", REPLY_COUNT | REPLY_NULLABLE),
};
static const struct reply_shape USAGE_REPLY = REPLY_SHAPE("AssistantUsage", usage_reply_fields);
static const struct reply_field product_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),       REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("sku", REPLY_TEXT),    REPLY_FIELD("price", REPLY_MONEY),
    REPLY_FIELD("stock", REPLY_COUNT),
};
static const struct reply_shape PRODUCT_REPLY_SHAPE =
    REPLY_SHAPE("AssistantProduct", product_reply_fields);
static const struct reply_field answer_reply_fields[] = {
    REPLY_FIELD("session_id", REPLY_TEXT),
    REPLY_FIELD("answer", REPLY_TEXT),
    REPLY_FIELD("provider", REPLY_TEXT),
    REPLY_FIELD("model_id", REPLY_TEXT),
    REPLY_PART("usage", &USAGE_REPLY, 0),
    REPLY_FIELD("documents_used", REPLY_COUNT),
    REPLY_PART("products", &PRODUCT_REPLY_SHAPE, REPLY_LIST),
};
static const struct reply_shape ANSWER_REPLY = REPLY_SHAPE("AssistantAnswer", answer_reply_fields);

/* One question while it is answered. */
struct talk {
    struct request *rq;
    struct reply *rp;
    const struct query_body *body;
    struct visitor visitor;
    bool is_new_visitor;
    const char *session_id;
    const char *focus; /* NULL: none is given */
    struct advice_question question;
    struct advice advice;
    struct sql_product_row documents[ADVICE_NAMED_MAX]; /* of the advice, as the model is told */
    size_t document_count;
    int64_t tokens_used; /* by the conversation, before this */
    int64_t subject_id;  /* that it is about; 0: nothing yet */
    const char *prose;   /* the model's, checked; NULL: it has none */
    struct advice_reply reply;
    int64_t tokens; /* that this has cost */
};

/* --- what to answer --- */

/* Those that are looked at, for longer than the cursor stands on the row. */
static void keep_texts(struct arena *arena, struct sql_product_row *row)
{
    row->name = arena_strdup(arena, row->name);
    row->sku = arena_strdup(arena, row->sku);
    row->category = arena_strdup(arena, row->category);
    row->description = arena_strdup(arena, row->description);
    row->image_url = NULL;
}

/* "Hello", "how long does it fly?": that is no question about all products. */
static bool asks_nothing(const struct advice_question *question)
{
    return advice_refers_back(question) ||
           (!advice_has_subject(question) && !question->has_bounds &&
            question->wish == ADVICE_NO_WISH);
}

/* NULL: there is nothing to search for. */
static bool open_candidates(const struct talk *talk, struct db_session *session,
                            struct db_cursor **ret_cursor, struct err *err)
{
    const struct advice_question *question = &talk->question;
    const int64_t price_most = question->most[ADVICE_PRICE] < MONEY_CENTS_MAX
                                   ? question->most[ADVICE_PRICE]
                                   : MONEY_CENTS_MAX;
    const char *words = advice_search_words(talk->rq->ctx.arena, question);

    *ret_cursor = NULL;
    if (question->product_count > 0 || asks_nothing(question)) {
        return true;
    }
    if (words == NULL) {
        return sql_advice_all_open(session, question->least[ADVICE_PRICE], price_most,
                                   question->least[ADVICE_STOCK], question->most[ADVICE_STOCK],
                                   ADVICE_CANDIDATES_MAX, ret_cursor, err);
    }
    return sql_advice_candidates_open(session, words, question->least[ADVICE_PRICE], price_most,
                                      question->least[ADVICE_STOCK], question->most[ADVICE_STOCK],
                                      ADVICE_CANDIDATES_MAX, ret_cursor, err);
}

static void keep_documents(struct talk *talk, const struct sql_product_row *candidates,
                           size_t count)
{
    talk->document_count = 0;
    for (size_t i = 0; i < talk->advice.count; i++) {
        for (size_t k = 0; k < count; k++) {
            if (candidates[k].id == talk->advice.ids[i]) {
                talk->documents[talk->document_count++] = candidates[k];
                break;
            }
        }
    }
}

/* The products that are asked about without a word to search for. */
static struct advice said_products(const struct talk *talk)
{
    const struct advice_question *question = &talk->question;
    struct advice advice = {.kind = ADVICE_ONE, .count = question->product_count};

    for (size_t i = 0; i < question->product_count; i++) {
        advice.ids[i] = question->product_ids[i];
    }
    if (advice.count > 1) {
        advice.kind = ADVICE_COMPARISON;
    }
    if (advice.count == 0 && advice_refers_back(question) && talk->subject_id != 0) {
        advice.ids[advice.count++] = talk->subject_id;
    }
    return advice;
}

/* Of the candidates of that cursor. */
static bool choose(struct talk *talk, struct db_cursor *cursor, struct err *err)
{
    const struct advice said = said_products(talk);
    struct arena *arena = talk->rq->ctx.arena;
    struct sql_product_row *candidates =
        arena_array(arena, ADVICE_CANDIDATES_MAX, sizeof(*candidates));
    enum db_step step = DB_NO_ROW;
    size_t count = 0;

    talk->advice = (struct advice){.kind = ADVICE_UNKNOWN};
    if (said.count > 0) {
        talk->advice = said;
    }
    if (said.count > 0 || cursor == NULL) {
        return true;
    }
    while (count < ADVICE_CANDIDATES_MAX &&
           (step = sql_product_next(cursor, &candidates[count], err)) == DB_ROW) {
        keep_texts(arena, &candidates[count++]);
    }
    if (step == DB_FAILED) {
        return false;
    }
    advice_choose(arena, &talk->question, candidates, count, &talk->advice);
    keep_documents(talk, candidates, count);
    return true;
}

/* Where the question alone says too little: by what it is about, too. */
static bool choose_by_focus(struct talk *talk, struct db_session *session, struct err *err)
{
    struct arena *arena = talk->rq->ctx.arena;
    struct db_cursor *cursor = NULL;
    bool ok;

    if (talk->advice.kind != ADVICE_UNKNOWN || talk->focus == NULL) {
        return true;
    }
    advice_read_question(arena, arena_printf(arena, "%s %s", talk->focus, talk->body->message),
                         &talk->question);
    ok = open_candidates(talk, session, &cursor, err) && choose(talk, cursor, err);
    db_cursor_close(cursor);
    return ok;
}

/* A cookie whose secret we have not given makes nobody an owner: its bearer gets one of his own. */
static bool take_visitor(struct talk *talk, struct db_cursor *cursor, struct err *err)
{
    struct sql_assistant_owner_known_row known;
    const enum db_step step =
        cursor != NULL ? sql_assistant_owner_known_next(cursor, &known, err) : DB_ROW;

    if (step == DB_NO_ROW) {
        talk->visitor = (struct visitor){.owner = NULL};
    }
    return step != DB_FAILED;
}

/* Before anybody is asked on its behalf. */
static bool take_conversation(struct talk *talk, struct db_cursor *cursor, struct err *err)
{
    struct sql_assistant_session_by_id_row row;
    enum db_step step;

    if (cursor == NULL) {
        return true;
    }
    step = sql_assistant_session_by_id_next(cursor, &row, err);
    if (step == DB_FAILED) {
        return false;
    }
    if (step == DB_NO_ROW || !is_owner(&talk->visitor, row.owner)) {
        return no_session(err, "/session_id");
    }
    talk->tokens_used = row.tokens_used;
    talk->subject_id = row.subject_id_is_null ? 0 : row.subject_id;
    return true;
}

/* All that has to be known before an answer can be chosen; it travels together. */
static bool look_in(struct talk *talk, struct db_session *session, struct err *err)
{
    struct db_cursor *visitor = NULL;
    struct db_cursor *conversation = NULL;
    struct db_cursor *candidates = NULL;
    const bool ok =
        (talk->visitor.secret == NULL ||
         sql_assistant_owner_known_open(session, talk->visitor.owner, &visitor, err)) &&
        (talk->body->session_id == NULL ||
         sql_assistant_session_by_id_open(session, talk->body->session_id, &conversation, err)) &&
        open_candidates(talk, session, &candidates, err) && take_visitor(talk, visitor, err) &&
        take_conversation(talk, conversation, err) && choose(talk, candidates, err);

    db_cursor_close(candidates);
    db_cursor_close(conversation);
    db_cursor_close(visitor);
    return ok && choose_by_focus(talk, session, err);
}

static bool look(struct talk *talk, struct err *err)
{
    struct db_session *session = NULL;
    bool ok = false;

    advice_read_question(talk->rq->ctx.arena, talk->body->message, &talk->question);
    if (!db_checkout(&talk->rq->ctx, service_of(talk->rq)->main_pool, &session, err)) {
        return false;
    }
    ok = look_in(talk, session, err);
    db_checkin(session);
    return ok;
}

/* It is asked to word what was found; where nothing was, it has nothing to say. */
static bool is_model_asked(const struct talk *talk)
{
    return shop_of(talk->rq)->advice_model != NULL && talk->document_count > 0 &&
           talk->document_count == talk->advice.count;
}

/* Its words, where it has any that may be used; nobody waits in a transaction for them. */
static void ask_model(struct talk *talk)
{
    struct shop *shop = shop_of(talk->rq);
    const struct advice_prompt prompt = {
        .message = talk->body->message,
        .products = talk->documents,
        .count = talk->document_count,
        .tokens_left = shop_settings(&shop->service)->assistant_tokens - talk->tokens_used,
    };
    struct err err = {.code = ERR_NONE};

    if (advice_model_ask(&talk->rq->ctx, shop->advice_model, &prompt, &talk->reply, &talk->tokens,
                         &err)) {
        talk->prose = talk->reply.text;
        counter_add(shop->model_answers, 1);
        return;
    }
    counter_add(shop->model_failures, 1);
    log_err(LOG_WARNING, talk->rq->ctx.trace.trace_id, "the advisor answers without the model",
            &err);
}

/* --- storing and answering --- */

/* The chosen products as they are now, and the one that parts are for. */
struct shown_products {
    struct sql_product_row products[ADVICE_NAMED_MAX];
    size_t count;
    struct sql_product_row whole;
    bool has_whole;
};

static bool take_shown(const struct talk *talk, struct db_cursor *const *cursors, size_t count,
                       struct shown_products *ret, struct err *err)
{
    struct sql_product_row row;

    *ret = (struct shown_products){.count = 0};
    for (size_t i = 0; i < count; i++) {
        const enum db_step step = sql_product_next(cursors[i], &row, err);

        if (step == DB_FAILED) {
            return false;
        }
        if (step == DB_NO_ROW) {
            continue;
        }
        keep_texts(talk->rq->ctx.arena, &row);
        if (i < talk->advice.count) {
            ret->products[ret->count++] = row;
        } else {
            ret->whole = row;
            ret->has_whole = true;
        }
    }
    return true;
}

/* A write is over when it has been stepped to its end. */
static bool take_go_on(struct db_cursor *cursor, struct err *err)
{
    struct sql_assistant_session_go_on_row row;
    struct sql_assistant_session_go_on_row past_it;
    const enum db_step step = sql_assistant_session_go_on_next(cursor, &row, err);

    if (step == DB_NO_ROW) {
        return no_session(err, "/session_id");
    }
    if (step == DB_ROW && row.message_count > MESSAGES_MOST) {
        return err_field(err, ERR_CONFLICT, "/session_id",
                         "the conversation has its %d messages: ask without session_id to begin "
                         "another",
                         MESSAGES_MOST);
    }
    return step == DB_ROW && sql_assistant_session_go_on_next(cursor, &past_it, err) == DB_NO_ROW;
}

/* The conversation goes on, and the products are read; all of it travels together. */
static bool go_on(const struct talk *talk, struct db_session *session, struct shown_products *ret,
                  struct err *err)
{
    const struct caller *caller = &talk->rq->ctx.caller;
    const size_t count = talk->advice.count + (talk->advice.of != 0 ? 1 : 0);
    struct db_cursor *products[ADVICE_NAMED_MAX + 1] = {NULL};
    struct db_cursor *counted = NULL;
    bool ok = (talk->body->session_id != NULL ||
               sql_assistant_session_add(session, talk->session_id, talk->visitor.owner,
                                         caller->email != NULL ? caller->email
                                                               : talk->body->customer_email,
                                         talk->focus, err)) &&
              sql_assistant_session_go_on_open(
                  session, talk->session_id, talk->visitor.owner, talk->tokens,
                  talk->advice.count > 0 ? &talk->advice.ids[0] : NULL, &counted, err);

    for (size_t i = 0; i < count && ok; i++) {
        ok = sql_product_by_id_open(session,
                                    i < talk->advice.count ? talk->advice.ids[i] : talk->advice.of,
                                    &products[i], err);
    }
    ok = ok && take_go_on(counted, err) && take_shown(talk, products, count, ret, err);
    for (size_t i = count; i > 0; i--) {
        db_cursor_close(products[i - 1]);
    }
    db_cursor_close(counted);
    return ok;
}

/* Who has worded the answer. */
struct author {
    const char *provider;
    const char *model;
    bool is_model;
};

static struct author author_of(const struct talk *talk, bool is_model)
{
    return is_model ? (struct author){PROVIDER_MODEL,
                                      advice_model_name(shop_of(talk->rq)->advice_model), true}
                    : (struct author){PROVIDER_LOCAL, MODEL_LOCAL, false};
}

static void put_answer(const struct talk *talk, const struct author *author,
                       const struct shown_products *shown, const char *text)
{
    const struct advice_reply *reply = &talk->reply;
    struct json_out *out = &talk->rp->json;

    json_begin_object(out, NULL);
    json_put_text(out, "session_id", talk->session_id);
    json_put_text(out, "answer", text);
    json_put_text(out, "provider", author->provider);
    json_put_text(out, "model_id", author->model);
    json_begin_object(out, "usage");
    json_put_id(out, "input_tokens", !author->is_model || reply->input_tokens < 0,
                reply->input_tokens);
    json_put_id(out, "output_tokens", !author->is_model || reply->output_tokens < 0,
                reply->output_tokens);
    json_end_object(out);
    json_put_int(out, "documents_used", (int64_t)shown->count);
    json_begin_list(out, "products");
    for (size_t i = 0; i < shown->count; i++) {
        const struct sql_product_row *product = &shown->products[i];

        json_begin_object(out, NULL);
        json_put_int(out, "id", product->id);
        json_put_text(out, "name", product->name);
        json_put_text(out, "sku", product->sku);
        json_put_money(out, "price", product->price_cents);
        json_put_int(out, "stock", product->stock);
        json_end_object(out);
    }
    json_end_list(out);
    json_end_object(out);
}

static bool answer_work(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct talk *talk = arg;
    const char *trace_id = ctx->trace.trace_id;
    struct author author;
    struct shown_products shown;
    const char *text;

    if (!go_on(talk, session, &shown, err)) {
        return false;
    }
    text = advice_write(ctx->arena, &talk->question, &talk->advice, shown.products, shown.count,
                        shown.has_whole ? &shown.whole : NULL);
    /* The model's words are of all that it was told of, and that may have left the catalogue. */
    author = author_of(talk, talk->prose != NULL && shown.count == talk->advice.count);
    if (author.is_model) {
        text = arena_printf(ctx->arena, "%s\n\n%s", talk->prose, text);
    }
    if (!sql_assistant_message_add(session, talk->session_id, "user", talk->body->message,
                                   PROVIDER_CLIENT, NULL, trace_id, err) ||
        !sql_assistant_message_add(session, talk->session_id, "assistant", text, author.provider,
                                   author.model, trace_id, err)) {
        return false;
    }
    put_answer(talk, &author, &shown, text);
    audit_note(talk->rq, "assistant.asked",
               arena_printf(ctx->arena, "assistant_session:%s", talk->session_id), NULL);
    return true;
}

static bool assistant_query(struct request *rq, struct reply *rp, struct err *err)
{
    struct talk talk = {.rq = rq, .rp = rp, .body = rq->body};
    struct db_pool *pool = service_of(rq)->main_pool;
    char id[UUID_TEXT_MAX];
    bool is_done = false;

    talk.focus = talk.body->product_focus;
    if (talk.focus != NULL && talk.focus[0] == '\0') {
        talk.focus = NULL;
    }
    if (!visitor_of(rq, &talk.visitor, err) || !look(&talk, err)) {
        return false;
    }
    if (talk.visitor.owner != NULL) {
        service_key_owner(rq, arena_printf(rq->ctx.arena, "advised:%s", talk.visitor.owner));
    }
    if (is_model_asked(&talk)) {
        if (!service_replay(rq, rp, pool, &is_done, err) || is_done) {
            return is_done; /* it costs nobody a second answer of the model */
        }
        ask_model(&talk);
    }
    if (talk.visitor.owner == NULL) {
        rng_uuid4(id);
        visitor_with(rq->ctx.arena, arena_strdup(rq->ctx.arena, id), &talk.visitor);
        talk.is_new_visitor = true;
    }
    rng_uuid4(id);
    talk.session_id = talk.body->session_id != NULL ? talk.body->session_id : id;
    if (!service_write(rq, rp, pool, answer_work, &talk, err)) {
        return false;
    }
    if (talk.is_new_visitor && !service_was_replayed(rq)) {
        reply_cookie(rq, rp, ASSISTANT_COOKIE.name, talk.visitor.secret, COOKIE_LIFE_S);
    }
    return true;
}

/* --- what was said --- */

struct history_params {
    const char *session_id;
};

static const struct param history_fields[] = {
    {.name = "session_id",
     .kind = PARAM_KIND_TEXT,
     .place = PARAM_IN_PATH,
     .offset = offsetof(struct history_params, session_id),
     .most = SESSION_ID_MOST,
     .marks = SESSION_ID_MARKS},
};
static const struct param_shape HISTORY_PARAMS = PARAM_SHAPE(struct history_params, history_fields);

static const struct reply_field message_reply_fields[] = {
    REPLY_WORD("role", REPLY_WORDS("user", "assistant"), 0),
    REPLY_FIELD("content", REPLY_TEXT),
    REPLY_FIELD("provider", REPLY_TEXT),
    REPLY_FIELD("model_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape MESSAGE_REPLY =
    REPLY_SHAPE("AssistantMessage", message_reply_fields);
static const struct reply_field history_reply_fields[] = {
    REPLY_FIELD("session_id", REPLY_TEXT),
    REPLY_FIELD("product_focus", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_PART("messages", &MESSAGE_REPLY, REPLY_LIST),
};
static const struct reply_shape HISTORY_REPLY =
    REPLY_SHAPE("AssistantHistory", history_reply_fields);

/* Begins the reply, unless the conversation is somebody else's. */
static bool put_session(struct request *rq, struct reply *rp, struct db_cursor *cursor,
                        const struct visitor *visitor, struct err *err)
{
    const struct history_params *given = rq->params;
    struct sql_assistant_session_by_id_row row;
    const enum db_step step = sql_assistant_session_by_id_next(cursor, &row, err);

    if (step == DB_FAILED) {
        return false;
    }
    if (step == DB_NO_ROW || (!route_shows_all(rq) && !is_owner(visitor, row.owner))) {
        return no_session(err, "session_id");
    }
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "session_id", given->session_id);
    json_put_text(&rp->json, "product_focus", row.product_focus);
    return true;
}

static bool put_messages(struct json_out *out, struct db_cursor *cursor, struct err *err)
{
    struct sql_assistant_messages_row row;
    enum db_step step;

    json_begin_list(out, "messages");
    while ((step = sql_assistant_messages_next(cursor, &row, err)) == DB_ROW) {
        json_begin_object(out, NULL);
        json_put_text(out, "role", row.role);
        json_put_text(out, "content", row.content);
        json_put_text(out, "provider", row.provider);
        json_put_text(out, "model_id", row.model_id);
        json_put_time(out, "created_at", row.created_at_us);
        json_end_object(out);
    }
    json_end_list(out);
    json_end_object(out);
    return step != DB_FAILED;
}

/* Both statements travel together. */
static bool assistant_history(struct request *rq, struct reply *rp, struct err *err)
{
    const struct history_params *given = rq->params;
    struct visitor visitor;
    struct db_session *session = NULL;
    struct db_cursor *conversation = NULL;
    struct db_cursor *messages = NULL;
    bool ok = false;

    if (!visitor_of(rq, &visitor, err) ||
        !db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    ok = sql_assistant_session_by_id_open(session, given->session_id, &conversation, err) &&
         sql_assistant_messages_open(session, given->session_id, &messages, err) &&
         put_session(rq, rp, conversation, &visitor, err) && put_messages(&rp->json, messages, err);
    db_cursor_close(messages);
    db_cursor_close(conversation);
    db_checkin(session);
    return ok;
}

static const struct route ROUTES[] = {
    {POST, "/api/shop/assistant/query", assistant_query, ANYONE,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_TAKES_KEY | ROUTE_CALLS_PEER, .body = &QUERY_BODY,
     .cookie = &ASSISTANT_COOKIE,
     .example = "{\"message\":\"Which drone inspects bridges in the rain?\"}",
     .reply = &ANSWER_REPLY, .outcomes = GIVES_404,
     .summary = "Ask the advisor, who knows the catalogue"},
    {GET, "/api/shop/assistant/history/{session_id}", assistant_history, ANYONE,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_RERUN_READS, .sees_all = CONVERSATION_READERS,
     .shows = SHOWS_CUSTOMERS, .params = &HISTORY_PARAMS, .cookie = &ASSISTANT_COOKIE,
     .reply = &HISTORY_REPLY, .summary = "A conversation with the advisor"},
};

const struct route_table shop_assistant_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                  "assistant",
                                                  "Questions about the catalogue, and answers"};
