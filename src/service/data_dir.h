/*
 * service/data_dir.h: the directory of the embedded databases and of the internal key, which is the
 * services' alone.
 */
#ifndef SERVICE_DATA_DIR_H
#define SERVICE_DATA_DIR_H

#include "service/settings.h"
#include "service/traits.h"

/* Makes the directory, and those above it, where they are missing. */
MUST_CHECK bool data_dir_make(const char *path, struct err *err);
/* Closes the directory to group and others, and in it the service's database and the key; each is
 * logged. ERR_CONFIG says which cannot be: of another owner, or a directory that holds other things
 * than ours, which somebody may want to be open. Before the database is opened: SQLite's locks end
 * with any descriptor of the file. */
MUST_CHECK bool data_dir_close_to_others(const struct service_traits *traits,
                                         const struct settings *settings, struct arena *arena,
                                         struct err *err);

#endif
