/*
 * Property: no token is taken that is not for us, and what is read of one is what a user may be
 * called by.
 * Input: a JSON Web Key Set on the first line, then a token. Or "c", then claims.
 */
#include <assert.h>
#include <string.h>

#include "core/text.h"
#include "service/id_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct id_token_expected EXPECTED = {
    .issuer = "https://issuer.example",
    .client_id = "octo",
    .nonce = "n",
    .group_claim = "groups",
    .now_s = 1700000000,
};

static void check(const struct id_token *token)
{
    const size_t length = strlen(token->subject);

    assert(length > 0 && length < 256);
    assert(token->group_count <= ID_TOKEN_GROUPS_MOST);
    for (size_t i = 0; i < token->group_count; i++) {
        assert(utf8_is_valid(token->groups[i], strlen(token->groups[i])));
    }
}

static enum id_token_verdict judge(struct arena *arena, const char *text, size_t length,
                                   struct id_token *ret)
{
    const bool is_claims = length > 0 && text[0] == 'c';
    const char *line_end = memchr(text, '\n', length);
    const char *json = is_claims ? text + 1 : text;
    size_t json_length = line_end != NULL ? (size_t)(line_end - text) : length;
    enum id_token_verdict verdict = ID_TOKEN_MALFORMED;
    struct json *document = NULL;
    struct err err;

    if (is_claims) {
        json_length = length - 1;
    }
    if (!json_parse(json, json_length, &document, &err)) {
        return verdict;
    }
    if (is_claims) {
        verdict = id_token_judge_claims(arena, document, &EXPECTED, ret);
    } else if (line_end != NULL) {
        verdict = id_token_judge(arena, arena_dup(arena, line_end + 1, length - json_length - 1),
                                 document, &EXPECTED, ret);
    }
    json_free(document);
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct id_token token;
    struct arena arena;
    enum id_token_verdict verdict;

    arena_init(&arena);
    verdict = judge(&arena, (const char *)data, size, &token);
    assert(*id_token_word(verdict) != '\0');
    if (verdict == ID_TOKEN_GOOD) {
        check(&token);
    }
    arena_fini(&arena);
    return 0;
}
