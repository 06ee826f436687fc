/* Events have numbers, from 1 on without a hole; those that are kept are the last ones. Their bytes
 * lie behind each other in a ring, in which places are counted on and never begin anew. */
#include "http/topic.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/text.h"
#include "core/thread.h"
#include "http/sse.h"

enum {
    EVENT_LEAST = 64, /* bytes that make room for one more event: few are shorter */
    RETRY_MS = 2000,
};

struct kept {
    uint64_t at; /* place of its first byte */
    size_t length;
};

struct topic {
    size_t size;
    size_t kept_max;
    uint64_t run;

    struct mutex lock; /* guards what follows */
    char *bytes;       /* a ring of `size` */
    struct kept *kept; /* a ring of kept_max, by number */
    uint64_t end;      /* place behind the last byte */
    uint64_t oldest;   /* number of the first event that is kept; last + 1: none is */
    uint64_t last;     /* of the last event, 0 before the first */
    struct buf wire;   /* where an event is written */
    struct list readers;
};

struct topic *topic_new(size_t size, uint64_t run)
{
    struct topic *topic = mem_alloc(sizeof(*topic));

    assert(size >= TOPIC_EVENT_MAX);
    *topic = (struct topic){
        .size = size,
        .kept_max = size / EVENT_LEAST,
        .run = run,
        .bytes = mem_alloc(size),
        .oldest = 1,
    };
    topic->kept = mem_alloc(topic->kept_max * sizeof(*topic->kept));
    mutex_init(&topic->lock);
    buf_init(&topic->wire, TOPIC_EVENT_MAX);
    list_init(&topic->readers);
    return topic;
}

void topic_free(struct topic *topic)
{
    if (topic == NULL) {
        return;
    }
    assert(topic->readers.length == 0);
    buf_fini(&topic->wire);
    mutex_fini(&topic->lock);
    free(topic->kept);
    free(topic->bytes);
    free(topic);
}

/* --- ids --- */

static void id_write(const struct topic *topic, uint64_t number, char out[TOPIC_ID_MAX])
{
    (void)snprintf(out, TOPIC_ID_MAX, "%" PRIx64 "-%" PRIu64, topic->run, number);
}

/* Is it one of ours, of an event that there was? */
static bool id_read(const struct topic *topic, const char *id, uint64_t *ret_number)
{
    const char *dash = strchr(id, '-');
    char own[TOPIC_ID_MAX];
    int64_t number;

    if (dash == NULL || !text_to_int64(dash + 1, &number) || (uint64_t)number > topic->last) {
        return false;
    }
    id_write(topic, (uint64_t)number, own);
    *ret_number = (uint64_t)number;
    return strcmp(id, own) == 0;
}

/* --- writing --- */

static struct kept *kept_at(struct topic *topic, uint64_t number)
{
    return &topic->kept[number % topic->kept_max];
}

static bool has_room(struct topic *topic, size_t length)
{
    const uint64_t count = topic->last + 1 - topic->oldest;

    return count == 0 || (count < topic->kept_max &&
                          topic->end + length - kept_at(topic, topic->oldest)->at <= topic->size);
}

static void keep(struct topic *topic, const char *bytes, size_t length)
{
    const size_t at = topic->end % topic->size;
    const size_t first = length < topic->size - at ? length : topic->size - at;

    while (!has_room(topic, length)) {
        topic->oldest++;
    }
    memcpy(topic->bytes + at, bytes, first);
    memcpy(topic->bytes, bytes + first, length - first);
    topic->last++;
    *kept_at(topic, topic->last) = (struct kept){.at = topic->end, .length = length};
    topic->end += length;
}

static bool post(struct topic *topic, const char *type, const char *data, size_t length)
{
    char id[TOPIC_ID_MAX];

    buf_clear(&topic->wire);
    id_write(topic, topic->last + 1, id);
    sse_put_event(&topic->wire, id, type, data, length);
    if (topic->wire.bad) {
        return false;
    }
    keep(topic, topic->wire.data, topic->wire.length);
    LIST_EACH (link, &topic->readers) {
        const struct topic_reader *reader = LIST_ITEM(link, struct topic_reader, link);

        reader->wake(reader->arg);
    }
    return true;
}

bool topic_post(struct topic *topic, const char *type, const char *data, size_t length)
{
    bool is_posted;

    mutex_lock(&topic->lock);
    is_posted = post(topic, type, data, length);
    mutex_unlock(&topic->lock);
    return is_posted;
}

/* --- reading --- */

void topic_join(struct topic *topic, struct topic_reader *reader, const char *last_id)
{
    uint64_t number = 0;

    reader->topic = topic;
    reader->is_new = true;
    mutex_lock(&topic->lock);
    if (last_id == NULL || *last_id == '\0') {
        number = topic->last;
    } else {
        reader->is_lost = !id_read(topic, last_id, &number);
    }
    reader->next = number + 1;
    list_push_back(&topic->readers, &reader->link);
    mutex_unlock(&topic->lock);
}

void topic_leave(struct topic_reader *reader)
{
    struct topic *topic = reader->topic;

    mutex_lock(&topic->lock);
    list_remove(&topic->readers, &reader->link);
    mutex_unlock(&topic->lock);
}

static const struct reply_field missed_fields[] = {
    REPLY_FIELD("events", REPLY_ID | REPLY_NULLABLE),
};
static const struct reply_shape MISSED_DATA = REPLY_SHAPE("MissedEvent", missed_fields);
const struct event_shape TOPIC_MISSED = {"missed", &MISSED_DATA};

/* Goes on with what is there. The id is of the event before, so that who comes back with it is not
 * told again. */
static void tell_missed(struct topic *topic, struct topic_reader *reader, struct buf *out)
{
    char id[TOPIC_ID_MAX];
    char data[64];
    int length;

    length = reader->is_lost ? snprintf(data, sizeof(data), "{\"events\":null}")
                             : snprintf(data, sizeof(data), "{\"events\":%" PRIu64 "}",
                                        topic->oldest - reader->next);
    reader->next = topic->oldest;
    reader->is_lost = false;
    id_write(topic, reader->next - 1, id);
    sse_put_event(out, id, TOPIC_MISSED.type, data, (size_t)length);
}

static void tell_event(struct topic *topic, uint64_t number, struct buf *out)
{
    const struct kept *kept = kept_at(topic, number);
    const size_t at = kept->at % topic->size;
    const size_t first = kept->length < topic->size - at ? kept->length : topic->size - at;

    buf_add(out, topic->bytes + at, first);
    buf_add(out, topic->bytes, kept->length - first);
}

static void read_events(struct topic *topic, struct topic_reader *reader, struct buf *out,
                        size_t most)
{
    const bool has_missed = reader->is_lost || reader->next < topic->oldest;
    char id[TOPIC_ID_MAX];

    if (reader->is_new) {
        reader->is_new = false;
        id_write(topic, reader->next - 1, id);
        sse_put_start(out, has_missed ? NULL : id, RETRY_MS);
    }
    if (has_missed) {
        tell_missed(topic, reader, out);
    }
    while (reader->next <= topic->last && out->length < most) {
        tell_event(topic, reader->next++, out);
    }
}

void topic_read(struct topic_reader *reader, struct buf *out, size_t most)
{
    struct topic *topic = reader->topic;

    mutex_lock(&topic->lock);
    read_events(topic, reader, out, most);
    mutex_unlock(&topic->lock);
}

/* --- who reads --- */

size_t topic_readers(struct topic *topic, struct arena *arena, const char *const **ret_who)
{
    const char **who;
    size_t count = 0;

    mutex_lock(&topic->lock);
    who = arena_array(arena, topic->readers.length, sizeof(*who));
    LIST_EACH (link, &topic->readers) {
        const struct topic_reader *reader = LIST_ITEM(link, struct topic_reader, link);

        if (reader->who != NULL) {
            who[count++] = arena_strdup(arena, reader->who);
        }
    }
    mutex_unlock(&topic->lock);
    *ret_who = who;
    return count;
}

void topic_dismiss(struct topic *topic, const char *who)
{
    mutex_lock(&topic->lock);
    LIST_EACH (link, &topic->readers) {
        struct topic_reader *reader = LIST_ITEM(link, struct topic_reader, link);

        if (reader->who != NULL && strcmp(reader->who, who) == 0) {
            atomic_store(&reader->is_dismissed, true);
            reader->wake(reader->arg);
        }
    }
    mutex_unlock(&topic->lock);
}
