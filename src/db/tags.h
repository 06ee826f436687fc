/*
 * db/tags.h: the tags of a session: MODULE, ACTION, CLIENT_IDENTIFIER, cut at byte limits on UTF-8
 * borders. The limits are Oracle's (DBMS_APPLICATION_INFO, DBMS_SESSION.SET_IDENTIFIER), kept on
 * every backend so that the same unit of work shows the same tags.
 */
#ifndef DB_TAGS_H
#define DB_TAGS_H

#include "trace/ctx.h"

enum {
    DB_MODULE_BYTES = 48,
    DB_ACTION_BYTES = 64,
    DB_CLIENT_IDENTIFIER_BYTES = 64,
};

struct db_tags {
    char module[DB_MODULE_BYTES + 1];
    char action[DB_ACTION_BYTES + 1];
    char client_identifier[DB_CLIENT_IDENTIFIER_BYTES + 1];
};

void db_tags_from(const struct ctx *ctx, struct db_tags *ret); /* NULL fields become "" */
void db_tags_clear(struct db_tags *tags);
bool db_tags_are_clear(const struct db_tags *tags);

#endif
