#include "shop/snapshot.h"

#include <stdlib.h>

#include "core/clock.h"

enum { FRAGMENT_MAX = 64 * 1024 };

void snapshot_init(struct snapshot *snapshot)
{
    *snapshot = (struct snapshot){.json = NULL};
    mutex_init(&snapshot->lock);
}

void snapshot_fini(struct snapshot *snapshot)
{
    free(snapshot->json);
    mutex_fini(&snapshot->lock);
}

static bool put_fresh(struct snapshot *snapshot, struct json_out *out, const char *key)
{
    bool is_fresh = false;

    mutex_lock(&snapshot->lock);
    is_fresh = snapshot->json != NULL && !clock_has_passed(snapshot->expires_ns);
    if (is_fresh) {
        json_put_raw(out, key, snapshot->json, snapshot->length);
    }
    mutex_unlock(&snapshot->lock);
    return is_fresh;
}

bool snapshot_put(struct snapshot *snapshot, struct request *rq, struct json_out *out,
                  const char *key, snapshot_make *make, struct err *err)
{
    struct buf text;
    struct json_out json;

    if (put_fresh(snapshot, out, key)) {
        return true;
    }
    buf_init(&text, FRAGMENT_MAX);
    json_out_init(&json, &text);
    if (!make(rq, &json, err)) {
        buf_fini(&text);
        return false;
    }
    json_put_raw(out, key, text.data, text.length);
    mutex_lock(&snapshot->lock);
    free(snapshot->json);
    snapshot->length = text.length;
    snapshot->json = buf_take(&text);
    snapshot->expires_ns = clock_after_ms(SNAPSHOT_MS);
    mutex_unlock(&snapshot->lock);
    return true;
}
