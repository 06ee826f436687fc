#include "http/negotiate.h"

#include <string.h>
#include <strings.h>

enum { WEAK_MARK = 2 }; /* W/ */

bool accepts_gzip(const char *accept_encoding)
{
    struct field_choice choice;
    bool by_star = false;
    struct rd rd;

    if (accept_encoding == NULL) {
        return false;
    }
    rd = rd_of(accept_encoding, strlen(accept_encoding));
    while (field_next_choice(&rd, &choice)) {
        if (field_is(choice.name, "gzip") || field_is(choice.name, "x-gzip")) {
            return choice.weight > 0; /* named codings go before "*" */
        }
        if (field_is(choice.name, "*")) {
            by_star = choice.weight > 0;
        }
    }
    return by_star;
}

/* How much a media type is wanted, and by how exact a name: 2 its own, 1 "text/" with a star, 0
 * "*" with a star, -1 not at all. The most exact name counts (RFC 9110 section 12.5.1). */
struct wish {
    int exactness;
    int weight;
};

static void hear_wish(struct wish *wish, int exactness, int weight)
{
    const bool is_greater = exactness == wish->exactness && weight > wish->weight;

    if (exactness > wish->exactness || is_greater) {
        *wish = (struct wish){exactness, weight};
    }
}

static void hear_choice(struct wish *html, struct wish *json, const struct field_choice *choice)
{
    if (field_is(choice->name, "*/*")) {
        hear_wish(html, 0, choice->weight);
        hear_wish(json, 0, choice->weight);
    } else if (field_is(choice->name, "text/*")) {
        hear_wish(html, 1, choice->weight);
    } else if (field_is(choice->name, "application/*")) {
        hear_wish(json, 1, choice->weight);
    } else if (field_is(choice->name, "text/html")) {
        hear_wish(html, 2, choice->weight);
    } else if (field_is(choice->name, "application/json") ||
               field_is(choice->name, "application/problem+json")) {
        hear_wish(json, 2, choice->weight);
    }
}

bool prefers_html(const char *accept)
{
    struct wish html = {.exactness = -1};
    struct wish json = {.exactness = -1};
    struct field_choice choice;
    struct rd rd;

    if (accept == NULL) {
        return false;
    }
    rd = rd_of(accept, strlen(accept));
    while (field_next_choice(&rd, &choice)) {
        hear_choice(&html, &json, &choice);
    }
    return html.weight > json.weight ||
           (html.weight == json.weight && html.weight > 0 && html.exactness > json.exactness);
}

static uint64_t word_at(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Multiply and fold; validators need speed and spread, not secrecy. The second word goes in behind
 * the multiplication and is spread by the next. */
static uint64_t mix(uint64_t hash, uint64_t first, uint64_t second)
{
    hash = (hash ^ first) * UINT64_C(0x9fb21c651e98df25) + second;
    return hash ^ hash >> 29;
}

/* Eight hashes side by side, since each multiplication waits for the one before it: a list of 50 KB
 * would otherwise take longer here than a fifth of its reading. */
static uint64_t hash64(const char *bytes, size_t length)
{
    enum { WORD = sizeof(uint64_t), LANES = 8, STEP = 2 * WORD, BLOCK = LANES * STEP };
    uint64_t lanes[LANES] = {length, 1, 2, 3, 4, 5, 6, 7};
    uint64_t hash = 0;
    uint64_t rest[2] = {0, 0};

    for (; length >= BLOCK; bytes += BLOCK, length -= BLOCK) {
        for (size_t i = 0; i < LANES; i++) {
            const char *at = bytes + i * STEP;

            lanes[i] = mix(lanes[i], word_at(at), word_at(at + WORD));
        }
    }
    for (size_t i = 0; i < LANES; i++) {
        hash = mix(hash, lanes[i], 0);
    }
    for (; length >= STEP; bytes += STEP, length -= STEP) {
        hash = mix(hash, word_at(bytes), word_at(bytes + WORD));
    }
    memcpy(rest, bytes, length);
    return mix(mix(hash, rest[0], rest[1]), length, 0);
}

void etag_of(const char *body, size_t length, char out[ETAG_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t hash = hash64(length == 0 ? "" : body, length);

    memcpy(out, "W/\"0123456789abcdef\"", sizeof("W/\"0123456789abcdef\""));
    for (size_t i = 0; i < 16; i++, hash >>= 4) {
        out[18 - i] = digits[hash & 15];
    }
}

void etag_strong_of(const char *body, size_t length, char out[ETAG_TEXT_MAX])
{
    char weak[ETAG_TEXT_MAX];

    etag_of(body, length, weak);
    memcpy(out, weak + WEAK_MARK, sizeof(weak) - WEAK_MARK);
}

/* Had the validator, which field_next_validator gives without it, its W/? */
static bool is_weak(const char *list, struct field_text validator)
{
    return validator.at - list >= WEAK_MARK && validator.at[-1] == '/';
}

static bool matches(const char *list, const char *etag, bool weak_ones_count)
{
    struct rd own_list = rd_of(etag, strlen(etag));
    struct field_text own;
    struct field_text theirs;
    struct rd rd;

    if (list == NULL || !field_next_validator(&own_list, &own)) {
        return false;
    }
    rd = rd_of(list, strlen(list));
    while (field_next_validator(&rd, &theirs)) {
        if (field_is(theirs, "*") ||
            (theirs.length == own.length && memcmp(theirs.at, own.at, own.length) == 0 &&
             (weak_ones_count || !is_weak(list, theirs)))) {
            return true;
        }
    }
    return false;
}

bool etag_matches(const char *if_none_match, const char *etag)
{
    return matches(if_none_match, etag, true);
}

bool etag_matches_strongly(const char *if_match, const char *etag)
{
    return etag[0] == '"' && matches(if_match, etag, false);
}

enum body_coding body_coding_of(const char *content_encoding)
{
    struct rd rd = rd_of(content_encoding, content_encoding == NULL ? 0 : strlen(content_encoding));
    enum body_coding coding = BODY_PLAIN;
    struct field_text name;

    while (field_next_element(&rd, &name)) {
        if (field_is(name, "identity")) {
            continue;
        }
        if (coding != BODY_PLAIN || !(field_is(name, "gzip") || field_is(name, "x-gzip"))) {
            return BODY_UNKNOWN;
        }
        coding = BODY_GZIP;
    }
    return coding;
}

bool is_media_type(const char *content_type, const char *type)
{
    struct media_type media;

    return content_type != NULL && field_media_type(content_type, &media) &&
           field_is(media.type, type);
}

static bool is_utf8_name(struct field_text charset)
{
    return field_is(charset, "utf-8") || field_is(charset, "utf8") ||
           field_is(charset, "us-ascii"); /* which is UTF-8 too */
}

bool is_json_type(const char *content_type)
{
    static const char PREFIX[] = "application/";
    static const char SUFFIX[] = "+json";
    const size_t prefix = sizeof(PREFIX) - 1;
    const size_t suffix = sizeof(SUFFIX) - 1;
    struct media_type media;

    if (content_type == NULL || !field_media_type(content_type, &media) ||
        (media.charset.at != NULL && !is_utf8_name(media.charset))) {
        return false;
    }
    return field_is(media.type, "application/json") ||
           (media.type.length > prefix + suffix &&
            field_is((struct field_text){media.type.at, prefix}, PREFIX) &&
            field_is((struct field_text){media.type.at + media.type.length - suffix, suffix},
                     SUFFIX));
}

bool is_compressible_type(const char *content_type)
{
    return strncasecmp(content_type, "text/", 5) == 0 || is_json_type(content_type);
}

bool is_request_token(const char *text, size_t most)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789._:-";
    size_t length;

    if (text == NULL) {
        return false;
    }
    length = strspn(text, allowed);
    return length > 0 && length <= most && text[length] == '\0';
}

bool origin_is_allowed(const char *allowed, const char *origin)
{
    struct field_text item;
    struct rd rd;

    if (allowed == NULL || origin == NULL) {
        return false;
    }
    rd = rd_of(allowed, strlen(allowed));
    while (field_next_element(&rd, &item)) {
        /* More than one character keeps "*" out. */
        if (item.length > 1 && strlen(origin) == item.length &&
            memcmp(item.at, origin, item.length) == 0) {
            return true;
        }
    }
    return false;
}

/* The last of what stands before `end`, which becomes the end of what stands before that; NULL: of
 * nothing. These lists know no quotes: one that a client leaves open would swallow what proxies add
 * behind it. */
static struct field_text take_last(const char *list, const char **end)
{
    struct field_text element;
    const char *at = *end;

    while (at > list && at[-1] != ',') {
        at--;
    }
    element = field_trimmed(at, (size_t)(*end - at));
    *end = at > list ? at - 1 : NULL;
    return element;
}

bool forwarded_client(const char *forwarded_for, const struct networks *proxies,
                      struct net_address *ret)
{
    const char *end = forwarded_for == NULL ? NULL : forwarded_for + strlen(forwarded_for);
    bool is_found = false;

    while (end != NULL && (!is_found || networks_have(proxies, ret))) {
        const struct field_text element = take_last(forwarded_for, &end);
        struct net_address address;

        if (!net_address_parse(element.at, element.length, &address)) {
            break;
        }
        *ret = address;
        is_found = true;
    }
    return is_found;
}

bool forwarded_securely(const char *forwarded_proto)
{
    const char *end = forwarded_proto == NULL ? NULL : forwarded_proto + strlen(forwarded_proto);

    return end != NULL && field_is(take_last(forwarded_proto, &end), "https");
}
