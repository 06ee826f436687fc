/* The key of an order: what is taken lies within the text, and no key that was not made with the
 * secret opens one. */
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "shop/order_link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *text = (const char *)bytes;
    struct order_link link;

    if (!order_link_read(text, count, &link)) {
        return 0;
    }
    if (link.order_id < 1 || link.signed_length >= count ||
        link.digest != text + link.signed_length + 1 ||
        count - link.signed_length - 1 != 2 * DIGEST_SHA256_SIZE) {
        abort();
    }
    return 0;
}
