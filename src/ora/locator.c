#include "ora/locator.h"

enum {
    FREE_TEMPORARIES = 0x80111, /* the operation */
    RELEASE_MAX = 16 << 20,     /* bytes of locators that wait for a request */
    /* bits of a locator, and the byte that they are in */
    BYTE_ABSTRACT = 4,
    IS_ABSTRACT = 0x40,
    BYTE_TEMPORARY = 7,
    IS_TEMPORARY = 0x01,
};

bool ora_locator_is_temporary(const struct ora_bytes *locator)
{
    return !locator->is_null && !locator->is_chunked && locator->length >= ORA_LOCATOR_MIN &&
           ((locator->at[BYTE_ABSTRACT] & IS_ABSTRACT) != 0 ||
            (locator->at[BYTE_TEMPORARY] & IS_TEMPORARY) != 0);
}

void ora_locator_release(struct octo_ora *session, const struct ora_bytes *locator)
{
    if (!session->is_dead && session->releasing.length < RELEASE_MAX) {
        ora_wr_raw(&session->releasing, locator->at, locator->length);
    }
}

void ora_locators_write_release(struct ora_wr *wr, const struct ora_wr *locators)
{
    ora_wr_u8(wr, 1);
    ora_wr_ub(wr, locators->length);
    ora_wr_zeros(wr, 4); /* destination, short offsets */
    ora_wr_zeros(wr, 3); /* character set, short amount, flag */
    ora_wr_ub(wr, FREE_TEMPORARIES);
    ora_wr_zeros(wr, 2); /* SCN */
    ora_wr_zeros(wr, 2); /* offsets */
    ora_wr_zeros(wr, 1); /* amount */
    ora_wr_zeros(wr, 6); /* of arrays */
    ora_wr_raw(wr, locators->data, locators->length);
}
