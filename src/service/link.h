/*
 * service/link.h: links of stored rows: which may be stored, and what callers are told of them.
 */
#ifndef SERVICE_LINK_H
#define SERVICE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* NULL for none, and for a path of this server, which serves no files: a link that leads nowhere is
 * worse than none. */
static inline const char *link_elsewhere(const char *url)
{
    return url != NULL && *url != '\0' && *url != '/' ? url : NULL;
}

/* May that stand in a row as a link? What a page would run (javascript:, data:) or read as another
 * host (//host, which browsers write with any slash) may not. "" is none. */
static inline bool link_may_be_stored(const char *url)
{
    return url[0] == '\0' || (url[0] == '/' && url[1] != '/' && url[1] != '\\') ||
           strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;
}

#endif
