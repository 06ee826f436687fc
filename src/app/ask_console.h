/*
 * app/ask_console.h: a question to the console that runs over the data directory, or where options
 * and environment say one is; with the internal key.
 */
#ifndef APP_ASK_CONSOLE_H
#define APP_ASK_CONSOLE_H

#include "app/services.h"
#include "core/buf.h"
#include "http/json_in.h"

struct console_address {
    const struct settings *settings; /* the console's */
    bool is_named;                   /* running_is_named */
};

/* The answer as it came and as a tree, which the caller frees. ERR_NOT_FOUND: the console says so;
 * ERR_PEER: what else it says, or that there is none. */
MUST_CHECK bool ask_console(struct ctx *ctx, const struct console_address *address,
                            const char *path, struct buf *ret_body, struct json **ret,
                            struct err *err);
/* The text as a value of a query, from the arena. */
const char *ask_escaped(struct arena *arena, const char *text);

#endif
