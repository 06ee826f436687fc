/*
 * db/tags.h: the tags of a session: MODULE, ACTION, CLIENT_IDENTIFIER, cut on UTF-8 borders at the
 * byte limits of the engine.
 */
#ifndef DB_TAGS_H
#define DB_TAGS_H

#include "trace/ctx.h"

/* Room for what any engine takes. */
enum {
    DB_MODULE_BYTES = 48,
    DB_ACTION_BYTES = 64,
    DB_CLIENT_IDENTIFIER_BYTES = 64,
};

/* What one takes: at most as much as there is room for. */
struct db_tag_limits {
    uint8_t module;
    uint8_t action;
    uint8_t client_identifier;
};

struct db_tags {
    char module[DB_MODULE_BYTES + 1];
    char action[DB_ACTION_BYTES + 1];
    char client_identifier[DB_CLIENT_IDENTIFIER_BYTES + 1];
    char traceparent[TRACEPARENT_MAX]; /* for an engine that shall show it as ACTION */
};

/* NULL fields become "". */
void db_tags_from(const struct ctx *ctx, struct db_tag_limits limits, struct db_tags *ret);
void db_tags_clear(struct db_tags *tags);
bool db_tags_are_clear(const struct db_tags *tags);

#endif
