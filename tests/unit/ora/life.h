/*
 * tests/unit/ora/life.h: all that a client asks of the server of server.h, part by part. Of each
 * part a test learns how it ended; what is behind one that failed fails too, or says that it did
 * not.
 */
#ifndef TESTS_UNIT_ORA_LIFE_H
#define TESTS_UNIT_ORA_LIFE_H

#include <octo/ora.h>

#include "tests/unit/ora/server.h"

/* One part of it; SERVER_LOG_ON makes *session, SERVER_CLOSE ends it. The fetch of what was
 * executed belongs to SERVER_FETCH, so *statement goes from one to the other. False: it has failed.
 */
struct life {
    struct octo_ora_options options;
    struct octo_ora *session;
    struct octo_ora_statement *statement;
    struct octo_ora_error error;
};
bool life_part(struct life *life, enum server_phase phase);

#endif
