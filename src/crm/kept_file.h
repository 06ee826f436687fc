/*
 * crm/kept_file.h: a file as the portal keeps it, wherever it came from: under an id that is drawn
 * here, with a name that is text like any other. Memory: the arena of the request.
 */
#ifndef CRM_KEPT_FILE_H
#define CRM_KEPT_FILE_H

#include "core/digest.h"
#include "db/db.h"
#include "http/request.h"

enum {
    KEPT_FILE_BYTES_MOST = 4 << 20,
    KEPT_FILE_NAME_MOST = 200, /* characters */
    KEPT_FILE_ID_BYTES = 16,   /* as many random bits as a UUID, and six more */
    KEPT_FILE_ID_SIZE = 2 * KEPT_FILE_ID_BYTES + 1,
};

struct kept_file {
    const char *name;
    const char *content; /* base64url */
    int64_t size;
    char file_id[KEPT_FILE_ID_SIZE];
    char sha256[DIGEST_SHA256_HEX_MAX];
};

/* ERR_INVALID with this field: it is none, or has characters that no name has. A path is none: see
 * kept_file_last_part. */
MUST_CHECK bool kept_file_name(const char *name, const char *field, struct err *err);
/* The last part of a name that may have come as a path, of whatever system. */
const char *kept_file_last_part(const char *name);
/* A new file of these bytes, of which there are KEPT_FILE_BYTES_MOST at most. */
void kept_file_make(struct arena *arena, const char *name, const void *bytes, size_t length,
                    struct kept_file *ret);
/* Its row, in the request's transaction, and a note of it for the audit trail: "file.uploaded".
 * ERR_CONFLICT: all files together would take more than FILE_STORE_MB. */
MUST_CHECK bool kept_file_add(struct request *rq, struct db_session *session,
                              const struct kept_file *file, const char *action, struct err *err);

/* Removes the one that has this id, in the request's transaction, with such a note. ERR_NOT_FOUND:
 * there is none. */
MUST_CHECK bool kept_file_remove(struct request *rq, struct db_session *session,
                                 const char *file_id, struct err *err);

#endif
