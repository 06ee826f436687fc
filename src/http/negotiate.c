#include "http/negotiate.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "core/rd.h"

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t')) {
        (*length)--;
    }
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

/* Thousandths of a weight ("1", "0.5", "0.125"; RFC 9110 section 12.4.2); 0 for what is none. */
static int thousandths(const char *text, size_t length)
{
    int value = length > 0 && *text == '1' ? 1000 : 0;
    int place = 100;

    for (size_t i = 2; i < length && text[1] == '.'; i++, place /= 10) {
        if (text[i] < '0' || text[i] > '9') {
            return 0;
        }
        value += (text[i] - '0') * place;
    }
    return value > 1000 ? 1000 : value;
}

/* An element of a list with weights, "gzip;q=0.5". */
struct choice {
    const char *name;
    size_t length;
    int weight; /* in thousandths */
};

static struct choice next_choice(struct rd *rd)
{
    struct choice choice = {.weight = 1000};
    size_t length;
    const char *element = rd_until(rd, ',', &length);
    struct rd parts = rd_of(element, length);

    choice.name = rd_until(&parts, ';', &choice.length);
    trim(&choice.name, &choice.length);
    while (!rd_at_end(&parts)) {
        const char *param = rd_until(&parts, ';', &length);

        trim(&param, &length);
        if (length >= 2 && (*param == 'q' || *param == 'Q') && param[1] == '=') {
            choice.weight = thousandths(param + 2, length - 2);
        }
    }
    return choice;
}

bool accepts_gzip(const char *accept_encoding)
{
    bool by_star = false;
    struct rd rd;

    if (accept_encoding == NULL) {
        return false;
    }
    rd = rd_of(accept_encoding, strlen(accept_encoding));
    while (!rd_at_end(&rd)) {
        const struct choice choice = next_choice(&rd);

        if (is_word(choice.name, choice.length, "gzip") ||
            is_word(choice.name, choice.length, "x-gzip")) {
            return choice.weight > 0; /* named codings go before "*" */
        }
        if (is_word(choice.name, choice.length, "*")) {
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

bool prefers_html(const char *accept)
{
    struct wish html = {.exactness = -1};
    struct wish json = {.exactness = -1};
    struct rd rd;

    if (accept == NULL) {
        return false;
    }
    rd = rd_of(accept, strlen(accept));
    while (!rd_at_end(&rd)) {
        const struct choice choice = next_choice(&rd);

        if (is_word(choice.name, choice.length, "*/*")) {
            hear_wish(&html, 0, choice.weight);
            hear_wish(&json, 0, choice.weight);
        } else if (is_word(choice.name, choice.length, "text/*")) {
            hear_wish(&html, 1, choice.weight);
        } else if (is_word(choice.name, choice.length, "application/*")) {
            hear_wish(&json, 1, choice.weight);
        } else if (is_word(choice.name, choice.length, "text/html")) {
            hear_wish(&html, 2, choice.weight);
        } else if (is_word(choice.name, choice.length, "application/json") ||
                   is_word(choice.name, choice.length, "application/problem+json")) {
            hear_wish(&json, 2, choice.weight);
        }
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

static const char *opaque_part(const char *etag, size_t *length)
{
    if (*length >= 2 && memcmp(etag, "W/", 2) == 0) {
        *length -= 2;
        return etag + 2;
    }
    return etag;
}

bool etag_matches(const char *if_none_match, const char *etag)
{
    size_t own_length = strlen(etag);
    const char *own = opaque_part(etag, &own_length);
    struct rd rd;

    if (if_none_match == NULL) {
        return false;
    }
    /* Our own validators hold no comma, so a list may be cut at each. */
    rd = rd_of(if_none_match, strlen(if_none_match));
    while (!rd_at_end(&rd)) {
        size_t length;
        const char *item = rd_until(&rd, ',', &length);

        trim(&item, &length);
        if (length == 1 && *item == '*') {
            return true;
        }
        item = opaque_part(item, &length);
        if (length == own_length && memcmp(item, own, length) == 0) {
            return true;
        }
    }
    return false;
}

bool is_media_type(const char *content_type, const char *type)
{
    size_t length;

    if (content_type == NULL) {
        return false;
    }
    length = strcspn(content_type, ";");
    trim(&content_type, &length);
    return is_word(content_type, length, type);
}

bool is_json_type(const char *content_type)
{
    size_t length;

    if (content_type == NULL) {
        return false;
    }
    length = strcspn(content_type, ";");
    trim(&content_type, &length);
    return is_word(content_type, length, "application/json") ||
           (length > 17 && strncasecmp(content_type, "application/", 12) == 0 &&
            strncasecmp(content_type + length - 5, "+json", 5) == 0);
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
    struct rd rd;

    if (allowed == NULL || origin == NULL) {
        return false;
    }
    rd = rd_of(allowed, strlen(allowed));
    while (!rd_at_end(&rd)) {
        size_t length;
        const char *item = rd_until(&rd, ',', &length);

        trim(&item, &length);
        /* More than one character keeps "*" out. */
        if (length > 1 && strlen(origin) == length && memcmp(item, origin, length) == 0) {
            return true;
        }
    }
    return false;
}

bool forwarded_client(const char *forwarded_for, const char **ret_address, size_t *ret_length)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char binary[sizeof(struct in6_addr)];
    const char *comma;
    size_t length;

    if (forwarded_for == NULL) {
        return false;
    }
    comma = strrchr(forwarded_for, ',');
    forwarded_for = comma == NULL ? forwarded_for : comma + 1;
    length = strlen(forwarded_for);
    trim(&forwarded_for, &length);
    if (length == 0 || length >= sizeof(text)) {
        return false;
    }
    memcpy(text, forwarded_for, length);
    text[length] = '\0';
    if (inet_pton(AF_INET, text, binary) != 1 && inet_pton(AF_INET6, text, binary) != 1) {
        return false;
    }
    *ret_address = forwarded_for;
    *ret_length = length;
    return true;
}
