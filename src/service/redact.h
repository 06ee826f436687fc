/*
 * service/redact.h: texts of strangers, such as the body of a request that looks like an attack, as
 * others may read them: without the tokens and ids that open something.
 */
#ifndef SERVICE_REDACT_H
#define SERVICE_REDACT_H

#include "core/arena.h"

/* The text, cut to at most `most` bytes between characters, in which "[secret:MARK]" stands for
 * whatever has the form of a session's token (64 hexadecimal digits or more) or of a cart's id (a
 * UUID); MARK is its digest_mark. NULL for NULL. */
const char *redacted(struct arena *arena, const char *text, size_t most);

#endif
