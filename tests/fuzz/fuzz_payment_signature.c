/* A provider's signature: whatever is taken lies within the field. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shop/payment_signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_within(const char *at, size_t length, const char *field, size_t count)
{
    if (at < field || length > count || (size_t)(at - field) > count - length) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *field = (const char *)bytes;
    struct payment_signature signature;
    struct err err = {0};

    if (!payment_signature_read(field, count, &signature, &err)) {
        assert(err.code == ERR_MALFORMED);
        return 0;
    }
    assert_within(signature.time, signature.time_length, field, count);
    for (size_t i = 0; i < signature.count; i++) {
        assert_within(signature.digests[i], PAYMENT_SIGNATURE_HEX, field, count);
    }
    return 0;
}
