/*
 * service/disk.h: room on the disk, where the database is a file of the data directory. A full disk
 * is told before it is full: less free than the reserve (OCTO_DISK_RESERVE_MB), and /ready is 503.
 * The reserve is also a file that holds that much back, so that `octo audit drop` has something to
 * work with when nothing else is left. Of a server's disk only the server knows, who says so when a
 * row is refused.
 * Threads: any, but what is of the writer.
 */
#ifndef SERVICE_DISK_H
#define SERVICE_DISK_H

#include "service/service.h"
#include "service/writer.h"

/* A job of the writer, which looks every few seconds, tells of it in log and metrics, and makes the
 * reserve's file anew when there is room for it again. */
struct disk;

struct disk *disk_new(struct writer *writer, struct service *service);
void disk_end(struct disk *disk); /* after writer_stop; NULL is accepted */

/* Is so much free that nobody has to be warned? Bytes are free on the disk, or in the database's
 * own file, which takes those first. ERR_CANNOT_STORE says how few there are. */
MUST_CHECK bool disk_has_room(struct ctx *ctx, struct service *service, struct err *err);

/* --- the reserve's file --- */

/* Makes it as big as that, or as small; 0 and more than there is: without. Errors: ERR_CANNOT_STORE
 * where the disk has not as much, ERR_IO. */
MUST_CHECK bool disk_reserve_make(const char *data_dir, int64_t bytes, struct err *err);
/* Gives its room back to the disk. False: there is no such file. */
bool disk_reserve_give(const char *data_dir);

#endif
