#include "service/id_token.h"

#include <string.h>

#include "core/digest.h"
#include "core/rd.h"
#include "core/text.h"
#include "net/tls_signature.h"

enum { SUBJECT_MOST = 255 /* OpenID Connect Core 1.0 section 2 */ };

const char *id_token_word(enum id_token_verdict verdict)
{
    static const char *const WORDS[] = {
        [ID_TOKEN_GOOD] = "good",           [ID_TOKEN_MALFORMED] = "malformed",
        [ID_TOKEN_ALGORITHM] = "algorithm", [ID_TOKEN_KEY_UNKNOWN] = "key_unknown",
        [ID_TOKEN_SIGNATURE] = "signature", [ID_TOKEN_ISSUER] = "issuer",
        [ID_TOKEN_AUDIENCE] = "audience",   [ID_TOKEN_EXPIRED] = "expired",
        [ID_TOKEN_EARLY] = "early",         [ID_TOKEN_NONCE] = "nonce",
    };

    return WORDS[verdict];
}

/* ---- its three parts ---- */

struct part {
    uint8_t *bytes;
    size_t count;
};

struct parts {
    struct part header;
    struct part claims;
    struct part signature;
    size_t signed_length; /* of the text: header and claims, as they are written */
};

static bool decode(struct arena *arena, const char *text, size_t length, struct part *ret)
{
    ret->bytes = arena_alloc(arena, length * 3 / 4 + 3);
    return base64url_decode(text, length, ret->bytes, &ret->count);
}

static bool split(struct arena *arena, const char *text, struct parts *ret)
{
    const size_t length = strnlen(text, ID_TOKEN_MAX + 1);
    struct rd rd = rd_of(text, length);
    size_t header_length = 0;
    size_t claims_length = 0;
    size_t left;
    const char *header = rd_until(&rd, '.', &header_length);
    const char *claims = rd_until(&rd, '.', &claims_length);
    const char *signature;

    left = rd_left(&rd);
    signature = rd_bytes(&rd, left);
    if (length > ID_TOKEN_MAX || rd.bad || header_length + claims_length + 2 + left != length) {
        return false;
    }
    ret->signed_length = header_length + 1 + claims_length;
    return decode(arena, header, header_length, &ret->header) &&
           decode(arena, claims, claims_length, &ret->claims) &&
           decode(arena, signature, left, &ret->signature);
}

static struct json *parse(const struct part *part)
{
    struct json *json = NULL;
    struct err err;

    return json_parse((const char *)part->bytes, part->count, &json, &err) ? json : NULL;
}

/* ---- the key ---- */

static bool is_text(const struct json *value, const char *text)
{
    const char *is = json_text(value);

    return is != NULL && strcmp(is, text) == 0;
}

/* May a key sign with RS256? What it leaves open it allows (RFC 7517 sections 4.2 and 4.4). */
static bool is_fit(const struct json *key)
{
    const struct json *use = json_get(key, "use");
    const struct json *algorithm = json_get(key, "alg");

    return is_text(json_get(key, "kty"), "RSA") && (json_is_null(use) || is_text(use, "sig")) &&
           (json_is_null(algorithm) || is_text(algorithm, "RS256"));
}

/* That of this id; without an id the only one that is fit. NULL: there is none. */
static const struct json *find_key(const struct json *set, const char *id)
{
    const struct json *keys = json_get(set, "keys");
    const struct json *found = NULL;

    for (size_t i = 0; i < json_length(keys); i++) {
        const struct json *key = json_at(keys, i);

        if (!is_fit(key) || (id != NULL && !is_text(json_get(key, "kid"), id))) {
            continue;
        }
        if (found != NULL) {
            return NULL;
        }
        found = key;
    }
    return found;
}

static bool take_number(struct arena *arena, const struct json *key, const char *name,
                        struct part *ret)
{
    const char *text = json_text(json_get(key, name));

    return text != NULL && decode(arena, text, strlen(text), ret);
}

static enum id_token_verdict check_signature(struct arena *arena, const char *text,
                                             const struct parts *parts, const struct json *keys)
{
    struct json *header = parse(&parts->header);
    const struct json *id = json_get(header, "kid");
    enum id_token_verdict verdict = ID_TOKEN_SIGNATURE;
    const struct json *key;
    struct part modulus;
    struct part exponent;

    if (!json_is_object(header) || (!json_is_null(id) && json_text(id) == NULL)) {
        verdict = ID_TOKEN_MALFORMED;
    } else if (!is_text(json_get(header, "alg"), "RS256")) {
        verdict = ID_TOKEN_ALGORITHM;
    } else if ((key = find_key(keys, json_text(id))) == NULL) {
        verdict = ID_TOKEN_KEY_UNKNOWN;
    } else if (take_number(arena, key, "n", &modulus) && take_number(arena, key, "e", &exponent) &&
               tls_rs256_is_right(&(struct tls_rsa_key){modulus.bytes, modulus.count,
                                                        exponent.bytes, exponent.count},
                                  text, parts->signed_length, parts->signature.bytes,
                                  parts->signature.count)) {
        verdict = ID_TOKEN_GOOD;
    }
    json_free(header);
    return verdict;
}

/* ---- the claims ---- */

/* It may be for several; then it says who asked for it, and that are we. */
static bool is_for(const struct json *claims, const char *client_id)
{
    const struct json *audience = json_get(claims, "aud");
    const struct json *party = json_get(claims, "azp");
    bool is_named = is_text(audience, client_id);

    for (size_t i = 0; i < json_length(audience); i++) {
        is_named = is_named || is_text(json_at(audience, i), client_id);
    }
    return is_named &&
           (json_is_null(party) ? json_length(audience) < 2 : is_text(party, client_id));
}

static enum id_token_verdict check_claims(const struct json *claims,
                                          const struct id_token_expected *expected)
{
    const char *subject = json_text(json_get(claims, "sub"));
    const struct json *begin = json_get(claims, "nbf");
    int64_t expires_s = 0;
    int64_t issued_s = 0;
    int64_t begins_s = INT64_MIN;

    if (subject == NULL || *subject == '\0' || strlen(subject) > SUBJECT_MOST ||
        !json_int(json_get(claims, "exp"), &expires_s) ||
        !json_int(json_get(claims, "iat"), &issued_s) ||
        (!json_is_null(begin) && !json_int(begin, &begins_s))) {
        return ID_TOKEN_MALFORMED;
    }
    if (!is_text(json_get(claims, "iss"), expected->issuer)) {
        return ID_TOKEN_ISSUER;
    }
    if (!is_for(claims, expected->client_id)) {
        return ID_TOKEN_AUDIENCE;
    }
    if (expires_s <= expected->now_s - ID_TOKEN_LEEWAY_S) {
        return ID_TOKEN_EXPIRED;
    }
    if (issued_s > expected->now_s + ID_TOKEN_LEEWAY_S ||
        begins_s > expected->now_s + ID_TOKEN_LEEWAY_S) {
        return ID_TOKEN_EARLY;
    }
    return is_text(json_get(claims, "nonce"), expected->nonce) ? ID_TOKEN_GOOD : ID_TOKEN_NONCE;
}

/* A list of texts, or one of them. */
static void take_groups(struct arena *arena, const struct json *groups, struct id_token *ret)
{
    const char *only = json_text(groups);
    const size_t count = json_length(groups);

    ret->groups = arena_array(arena, ID_TOKEN_GROUPS_MOST, sizeof(*ret->groups));
    if (only != NULL) {
        ret->groups[ret->group_count++] = arena_strdup(arena, only);
    }
    for (size_t i = 0; i < count && ret->group_count < ID_TOKEN_GROUPS_MOST; i++) {
        const char *group = json_text(json_at(groups, i));

        if (group != NULL) {
            ret->groups[ret->group_count++] = arena_strdup(arena, group);
        }
    }
}

static const char *take_text(struct arena *arena, const struct json *claims, const char *name)
{
    const char *text = json_text(json_get(claims, name));

    return text != NULL && *text != '\0' ? arena_strdup(arena, text) : NULL;
}

/* Some issuers write their truths as texts. */
static bool is_true(const struct json *value)
{
    bool is = false;

    return (json_bool(value, &is) && is) || is_text(value, "true");
}

/* Who has an address sees its orders, so one that the issuer does not vouch for is not taken: it
 * may be anybody's. */
static const char *take_email(struct arena *arena, const struct json *claims)
{
    const char *email = json_text(json_get(claims, "email"));

    return email != NULL && is_true(json_get(claims, "email_verified")) ? text_email(arena, email)
                                                                        : NULL;
}

enum id_token_verdict id_token_judge_claims(struct arena *arena, const struct json *claims,
                                            const struct id_token_expected *expected,
                                            struct id_token *ret)
{
    enum id_token_verdict verdict = ID_TOKEN_MALFORMED;

    if (json_is_object(claims)) {
        verdict = check_claims(claims, expected);
    }
    if (verdict == ID_TOKEN_GOOD) {
        *ret = (struct id_token){.subject = take_text(arena, claims, "sub"),
                                 .username = take_text(arena, claims, "preferred_username"),
                                 .email = take_email(arena, claims)};
        take_groups(arena, json_get(claims, expected->group_claim), ret);
    }
    return verdict;
}

enum id_token_verdict id_token_judge(struct arena *arena, const char *text, const struct json *keys,
                                     const struct id_token_expected *expected, struct id_token *ret)
{
    enum id_token_verdict verdict;
    struct json *claims;
    struct parts parts;

    if (!split(arena, text, &parts)) {
        return ID_TOKEN_MALFORMED;
    }
    verdict = check_signature(arena, text, &parts, keys);
    if (verdict != ID_TOKEN_GOOD) {
        return verdict;
    }
    claims = parse(&parts.claims);
    verdict = id_token_judge_claims(arena, claims, expected, ret);
    json_free(claims);
    return verdict;
}
