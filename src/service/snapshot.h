/*
 * service/snapshot.h: a JSON fragment that is expensive to make and may be a few seconds old.
 * Threads: any. Who finds it too old makes it anew; others are given the old one meanwhile. Nobody
 * waits for anybody: those who come while there is none yet all make one.
 */
#ifndef SERVICE_SNAPSHOT_H
#define SERVICE_SNAPSHOT_H

#include "core/thread.h"
#include "http/request.h"

enum { SNAPSHOT_MS = 5000 };

struct snapshot {
    struct mutex lock;
    char *json; /* NULL until the first time */
    size_t length;
    uint64_t expires_ns;
    bool is_being_made; /* anew, by somebody */
};

/* Writes one JSON value. */
typedef bool snapshot_make(struct request *rq, struct json_out *out, struct err *err);

void snapshot_init(struct snapshot *snapshot);
void snapshot_fini(struct snapshot *snapshot);
/* Writes the fragment under the key (NULL: as the document), made anew when it is too old. */
MUST_CHECK bool snapshot_put(struct snapshot *snapshot, struct request *rq, struct json_out *out,
                             const char *key, snapshot_make *make, struct err *err);

#endif
