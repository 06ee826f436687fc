/*
 * ora/locator.h: what the server knows a LOB by. Temporary LOBs that nobody needs any more wait in
 * the session for its next request, which has the server free them.
 */
#ifndef ORA_LOCATOR_H
#define ORA_LOCATOR_H

#include "ora/session_priv.h"

enum { ORA_LOCATOR_MIN = 8 }; /* bytes: with the bits that are read */

bool ora_locator_is_temporary(const struct ora_bytes *locator);
/* Queues a temporary LOB for being freed with the next request. */
void ora_locator_release(struct octo_ora *session, const struct ora_bytes *locator);
/* The word that goes before a request, of locators one behind the other. */
void ora_locators_write_release(struct ora_wr *wr, const struct ora_wr *locators);

#endif
