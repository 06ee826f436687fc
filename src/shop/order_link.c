#include "shop/order_link.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "core/rd.h"

enum { HEX_LENGTH = 2 * DIGEST_SHA256_SIZE };
#define TIME_MOST INT64_C(99999999999) /* the year 5138 */

/* What else the secret signs begins with another word. */
static const char PURPOSE[] = "order-link:";

bool order_link_read(const char *text, size_t length, struct order_link *ret)
{
    struct rd rd = rd_of(text, length);
    struct order_link link = {.order_id = (int64_t)rd_decimal(&rd, INT64_MAX)};

    if (!rd_skip_char(&rd, '.')) {
        return false;
    }
    link.end_s = (int64_t)rd_decimal(&rd, TIME_MOST);
    link.signed_length = length - rd_left(&rd);
    if (!rd_skip_char(&rd, '.')) {
        return false;
    }
    link.digest = rd_bytes(&rd, HEX_LENGTH);
    if (!rd_at_end(&rd) || link.order_id == 0) {
        return false;
    }
    *ret = link;
    return true;
}

static void sign(const char *secret, const char *text, size_t length,
                 char out[DIGEST_SHA256_HEX_MAX])
{
    uint8_t digest[DIGEST_SHA256_SIZE];

    digest_hmac_sha256(
        secret, (const struct digest_piece[]){{PURPOSE, sizeof(PURPOSE) - 1}, {text, length}}, 2,
        digest);
    digest_hex(digest, sizeof(digest), out);
}

void order_link_make(const char *secret, int64_t order_id, int64_t end_s, char out[ORDER_LINK_MAX])
{
    char hex[DIGEST_SHA256_HEX_MAX];
    const int length = snprintf(out, ORDER_LINK_MAX, "%" PRId64 ".%" PRId64, order_id, end_s);

    sign(secret, out, (size_t)length, hex);
    (void)snprintf(out + length, ORDER_LINK_MAX - (size_t)length, ".%s", hex);
}

/* All secrets are tried, so that the time tells nothing. */
bool order_link_opens(const char *text, const char *const *secrets, size_t secret_count,
                      int64_t now_s, int64_t *ret_order_id)
{
    struct order_link link;
    bool is_ours = false;

    if (!order_link_read(text, strlen(text), &link)) {
        return false;
    }
    for (size_t i = 0; i < secret_count; i++) {
        char hex[DIGEST_SHA256_HEX_MAX];

        if (secrets[i] != NULL && secrets[i][0] != '\0') {
            sign(secrets[i], text, link.signed_length, hex);
            is_ours = digest_equal(hex, link.digest, HEX_LENGTH) || is_ours;
        }
    }
    if (!is_ours || now_s >= link.end_s) {
        return false;
    }
    *ret_order_id = link.order_id;
    return true;
}
