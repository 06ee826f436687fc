/*
 * http/topic.h: a topic: events that any thread posts and that streams read, each at its own pace.
 *
 * A topic keeps its last events as they stand on the wire (http/sse.h) in memory of a fixed size.
 * A reader is a place in it, so one that is slow or asleep holds nothing back: what it has not read
 * may be gone when it looks again, and then it is told how much it missed and goes on with what is
 * there. An id of the last event that was read leads a new reader to the same place.
 *
 * Any thread may call; a reader is used by one thread at a time.
 */
#ifndef HTTP_TOPIC_H
#define HTTP_TOPIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/list.h"
#include "http/reply_shape.h"

enum {
    TOPIC_EVENT_MAX = 4096, /* bytes of an event on the wire */
    TOPIC_ID_MAX = 40,      /* of an id, with its NUL */
};

struct topic;

/* Keeps `size` bytes of events, at least TOPIC_EVENT_MAX. `run` differs from process to process: an
 * id of another one names nothing here. */
struct topic *topic_new(size_t size, uint64_t run);
/* No reader is left. NULL is accepted. */
void topic_free(struct topic *topic);

/* False: it is longer than an event may be, and is not posted. */
bool topic_post(struct topic *topic, const char *type, const char *data, size_t length);

struct topic_reader {
    struct topic *topic;
    struct list_link link; /* in the topic's list, which its lock guards */
    uint64_t next;         /* number of the event that is read next */
    bool is_new;           /* nothing was read: it gets the start of a stream first */
    bool is_lost;          /* it came with an id that names nothing: who knows what it missed */
    const char *who;       /* what it may be dismissed by; NULL: nothing. Outlives the reader */
    atomic_bool is_dismissed;
    /* Told of each event and when it is dismissed, by who does that and under the topic's lock:
     * must not wait, nor call the topic. */
    void (*wake)(void *arg);
    void *arg;
};

/* Starts with what is posted from now on, or behind the event of an id (NULL or "": none). `wake`,
 * `arg` and `who` are the caller's to fill in before. */
void topic_join(struct topic *topic, struct topic_reader *reader, const char *last_id);
void topic_leave(struct topic_reader *reader);
/* Adds what the reader has not read, as whole events, until `out` holds `most` bytes or more. What
 * it missed is an event "missed" with the number of those events, null where nobody knows. */
void topic_read(struct topic_reader *reader, struct buf *out, size_t most);
extern const struct event_shape TOPIC_MISSED;

/* Copies of what the present readers may be dismissed by, in no order; *ret_who is the arena's. */
size_t topic_readers(struct topic *topic, struct arena *arena, const char *const **ret_who);
/* Wakes all readers of that `who`, who are to leave (is_dismissed). */
void topic_dismiss(struct topic *topic, const char *who);

#endif
