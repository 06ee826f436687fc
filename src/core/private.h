/*
 * core/private.h: what lies in files and is nobody's business but their owner's: databases, keys,
 * passwords, traces. What group or others may read is closed to them, or refused where that is not
 * ours to do. Only regular files and directories count: who reads a pipe or a device is decided by
 * whoever made it.
 */
#ifndef CORE_PRIVATE_H
#define CORE_PRIVATE_H

#include <stdbool.h>

#include "core/err.h"

/* Takes the rights of group and others away, which is logged; true also when they had none, or
 * nothing is there. ERR_CONFIG: it belongs to somebody else; with path, mode and remedy. */
MUST_CHECK bool private_close(const char *path, struct err *err);
/* The same of what is open already; the path is for the message. */
MUST_CHECK bool private_close_fd(int fd, const char *path, struct err *err);

/* May a secret of ours be read from that? It has to be its owner's alone, but for the group where
 * the owner is root, who gives it to a service in that way; libpq has the same rule for the keys of
 * its certificates. ERR_CONFIG as above. */
MUST_CHECK bool private_is_kept(int fd, const char *path, struct err *err);

#endif
