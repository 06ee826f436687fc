/*
 * service/internal_key.h: the key by which the services of one instance know each other, kept in
 * the data directory where the settings give none.
 */
#ifndef SERVICE_INTERNAL_KEY_H
#define SERVICE_INTERNAL_KEY_H

#include "service/settings.h"

#define INTERNAL_KEY_FILE "internal.key" /* in the data directory */

/* The key of the settings, or else what <data>/internal.key holds, which is made when it is missing
 * and may_create says so; one that others may read is refused (the services close it when they
 * open: service/data_dir.h). Services that start at once agree on one key. */
MUST_CHECK bool internal_key_load(const struct settings *settings, struct arena *arena,
                                  bool may_create, const char **ret_key, struct err *err);

#endif
