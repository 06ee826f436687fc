/*
 * service/picture.h: what is shown of a product: the picture that its row names, where somebody
 * serves that, else a drawing of ours (web/illustrations,
 * docs/decisions/0058-drawings-are-files.md).
 */
#ifndef SERVICE_PICTURE_H
#define SERVICE_PICTURE_H

#include "core/arena.h"

/* An address for browsers: a whole one, or a path of this server that may be cached for good.
 * `stored` and `category` may be NULL. In the arena, or `stored` itself; never NULL. */
const char *picture_of(struct arena *arena, const char *stored, const char *sku,
                       const char *category);

#endif
