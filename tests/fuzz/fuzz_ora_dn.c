/*
 * Property: a distinguished name is read without a step past its end, is the same as itself, and is
 * another one when an attribute is added.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ora/dn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ora_dn dn;
    static struct ora_dn other;
    const struct ora_slice text = {.at = (const char *)data, .length = size};
    char written[ORA_DN_TEXT_MAX + 1];
    const char *at = NULL;
    const char *fault = ora_dn_read(text, &dn, &at);

    if (fault != NULL) {
        assert(at >= text.at && at <= text.at + size);
        return 0;
    }
    assert(dn.count > 0 && dn.count <= ORA_DN_MAX && ora_dn_is_same(&dn, &dn));
    ora_dn_write(&dn, written);
    assert(strlen(written) <= ORA_DN_TEXT_MAX);
    other = dn;
    if (ora_dn_add(&other, (struct ora_slice){.at = "CN", .length = 2},
                   (struct ora_slice){.at = "x", .length = 1})) {
        assert(!ora_dn_is_same(&dn, &other) && !ora_dn_is_same(&other, &dn));
    }
    return 0;
}
