/*
 * service/link.h: links of stored rows, as callers are told of them.
 */
#ifndef SERVICE_LINK_H
#define SERVICE_LINK_H

#include <stddef.h>

/* NULL for none, and for a path of this server, which serves no files: a link that leads nowhere is
 * worse than none. */
static inline const char *link_elsewhere(const char *url)
{
    return url != NULL && *url != '\0' && *url != '/' ? url : NULL;
}

#endif
