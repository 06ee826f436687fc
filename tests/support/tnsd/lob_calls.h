/* tests/support/tnsd/lob_calls.h: calls that read, write and make large objects. */
#ifndef TESTS_SUPPORT_TNSD_LOB_CALLS_H
#define TESTS_SUPPORT_TNSD_LOB_CALLS_H

#include "ora/packet.h"
#include "tests/support/tnsd/tnsd.h"

/* Answers the call whose head is behind us. */
enum ora_step lob_call(struct tnsd *t, struct ora_rd *rd);
/* A piggyback of locators that the client needs no more. */
void lob_free_piggyback(struct tnsd *t, struct ora_rd *rd);

#endif
