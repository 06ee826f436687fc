#include "shop/payment_signature.h"

#include <string.h>

#include "core/digest.h"
#include "core/rd.h"

#define TIME_MOST INT64_C(99999999999) /* the year 5138 */

static void take_time(struct payment_signature *signature, const char *text, size_t length)
{
    struct rd digits = rd_of(text, length);
    const uint64_t time_s = rd_decimal(&digits, TIME_MOST);

    if (rd_at_end(&digits)) {
        signature->time = text;
        signature->time_length = length;
        signature->time_s = (int64_t)time_s;
    }
}

static void take_digest(struct payment_signature *signature, const char *text, size_t length)
{
    if (length == PAYMENT_SIGNATURE_HEX && signature->count < PAYMENT_SIGNATURES_MOST) {
        signature->digests[signature->count++] = text;
    }
}

bool payment_signature_read(const char *field, size_t length, struct payment_signature *ret,
                            struct err *err)
{
    struct payment_signature signature = {.time = NULL};
    struct rd members = rd_of(field, length);

    while (rd_left(&members) > 0) {
        size_t member_length = 0;
        const char *member = rd_until(&members, ',', &member_length);

        if (member_length > 2 && memcmp(member, "t=", 2) == 0 && signature.time == NULL) {
            take_time(&signature, member + 2, member_length - 2);
        } else if (member_length > 3 && memcmp(member, "v1=", 3) == 0) {
            take_digest(&signature, member + 3, member_length - 3);
        }
    }
    if (signature.time == NULL || signature.count == 0) {
        return err_set(err, ERR_MALFORMED, "the signature must be t=SECONDS,v1=HEX");
    }
    *ret = signature;
    return true;
}

/* All of them are looked at, so that the time tells nothing. */
static bool has_digest(const struct payment_signature *signature, const char *digest)
{
    bool is_there = false;

    for (size_t i = 0; i < signature->count; i++) {
        is_there = digest_equal(signature->digests[i], digest, PAYMENT_SIGNATURE_HEX) || is_there;
    }
    return is_there;
}

bool payment_signature_check(const char *field, const char *key, const char *body,
                             size_t body_length, int64_t now_s, struct err *err)
{
    struct payment_signature signature = {.time = NULL};
    uint8_t digest[DIGEST_SHA256_SIZE];
    char hex[DIGEST_SHA256_HEX_MAX];
    if (!payment_signature_read(field, strlen(field), &signature, err)) {
        return false;
    }
    digest_hmac_sha256(key,
                       (const struct digest_piece[]){
                           {signature.time, signature.time_length}, {".", 1}, {body, body_length}},
                       3, digest);
    digest_hex(digest, sizeof(digest), hex);
    if (!has_digest(&signature, hex)) {
        return err_set(err, ERR_MALFORMED, "the signature is not of this body and our key");
    }
    if (now_s - signature.time_s > PAYMENT_WINDOW_S ||
        signature.time_s - now_s > PAYMENT_WINDOW_S) {
        return err_set(err, ERR_MALFORMED, "it was signed more than %d s ago or ahead",
                       (int)PAYMENT_WINDOW_S);
    }
    return true;
}
