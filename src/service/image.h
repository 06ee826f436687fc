/*
 * service/image.h: the picture of a product that callers are told of.
 */
#ifndef SERVICE_IMAGE_H
#define SERVICE_IMAGE_H

#include <stddef.h>

/* NULL for none, and for a path of this server: it serves no pictures yet, and a link that leads
 * nowhere is worse than none. */
static inline const char *image_shown(const char *url)
{
    return url != NULL && *url != '\0' && *url != '/' ? url : NULL;
}

#endif
