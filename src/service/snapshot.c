#include "service/snapshot.h"

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

/* False: it is the caller's to make. */
static bool put_kept(struct snapshot *snapshot, struct json_out *out, const char *key)
{
    bool is_put;

    mutex_lock(&snapshot->lock);
    is_put = snapshot->json != NULL &&
             (snapshot->is_being_made || !clock_has_passed(snapshot->expires_ns));
    if (is_put) {
        json_put_raw(out, key, snapshot->json, snapshot->length);
    } else {
        snapshot->is_being_made = true;
    }
    mutex_unlock(&snapshot->lock);
    return is_put;
}

static void keep(struct snapshot *snapshot, struct buf *text)
{
    mutex_lock(&snapshot->lock);
    free(snapshot->json);
    snapshot->length = text->length;
    snapshot->json = buf_take(text);
    snapshot->expires_ns = clock_after_ms(SNAPSHOT_MS);
    snapshot->is_being_made = false;
    mutex_unlock(&snapshot->lock);
}

static bool is_whole(const struct buf *text, struct err *err)
{
    return !text->bad ||
           err_set(err, ERR_LIMIT, "a part of the answer is larger than %d bytes", FRAGMENT_MAX);
}

/* The next one tries again. */
static void give_up(struct snapshot *snapshot)
{
    mutex_lock(&snapshot->lock);
    snapshot->is_being_made = false;
    mutex_unlock(&snapshot->lock);
}

bool snapshot_put(struct snapshot *snapshot, struct request *rq, struct json_out *out,
                  const char *key, snapshot_make *make, struct err *err)
{
    struct buf text;
    struct json_out json;

    if (put_kept(snapshot, out, key)) {
        return true;
    }
    buf_init(&text, FRAGMENT_MAX);
    json_out_init(&json, &text);
    if (!make(rq, &json, err) || !is_whole(&text, err)) {
        buf_fini(&text);
        give_up(snapshot);
        return false;
    }
    json_put_raw(out, key, text.data, text.length);
    keep(snapshot, &text);
    return true;
}
