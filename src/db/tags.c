/* The tags of a session, see db/tags.h. */
#include "db/tags.h"

#include <string.h>

#include "core/text.h"

static void tag_copy(char *out, size_t out_bytes, const char *text)
{
    size_t length = 0;

    if (text != NULL) {
        length = utf8_cut(text, strlen(text), out_bytes);
        memcpy(out, text, length);
    }
    out[length] = '\0';
}

void db_tags_from(const struct ctx *ctx, struct db_tag_limits limits, struct db_tags *ret)
{
    tag_copy(ret->module, limits.module, ctx->module);
    tag_copy(ret->action, limits.action, ctx->action);
    tag_copy(ret->client_identifier, limits.client_identifier, ctx->trace.trace_id);
    w3c_format_traceparent(&ctx->trace, ret->traceparent);
}

void db_tags_clear(struct db_tags *tags)
{
    tags->module[0] = '\0';
    tags->action[0] = '\0';
    tags->client_identifier[0] = '\0';
    tags->traceparent[0] = '\0';
}

bool db_tags_are_clear(const struct db_tags *tags)
{
    return tags->module[0] == '\0' && tags->action[0] == '\0' && tags->client_identifier[0] == '\0';
}
