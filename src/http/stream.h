/*
 * http/stream.h: answers that go on: the events of a topic (http/topic.h) until the client leaves,
 * the server stops, its reader is dismissed, or the stream is as old as one may be: then the client
 * comes back with the id that it came to, and is looked at anew.
 *
 * A stream holds no thread and counts as no request. Its connection asks for the next piece when
 * the client has taken the last one, so for one that takes nothing a piece is held back, and no
 * more. Threads: the loop's; an event is posted by any.
 */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/list.h"
#include "http/topic.h"

struct exchange;
struct loop;

/* Inside its exchange. */
struct stream {
    struct list_link link; /* in the list of its loop, while it goes on */
    struct topic_reader reader;
    struct buf piece; /* that goes out */
    uint64_t end_ns;
    atomic_bool has_news;
    bool is_ending; /* its last piece goes out */
};

/* The streams of a loop. */
struct streams {
    struct list list;
    atomic_bool is_rung; /* one of them has news, and the loop has been told */
};

enum { HEARTBEAT_MS = 15000 }; /* after which a quiet stream says something */

void streams_init(struct streams *streams);
/* Has those looked at again that have news, all of them when the server stops. */
void streams_turn(struct loop *loop);
void streams_ring(struct loop *loop); /* from any thread */

/* Is the reply one, and goes on behind its head? */
bool stream_is_one(const struct exchange *exchange);
/* Takes one of the server's places; ERR_UNAVAILABLE when there is none. stream_end gives it back.
 */
MUST_CHECK bool stream_reserve(struct exchange *exchange, struct err *err);

/* Its head has gone out. False: it has begun before. */
bool stream_begin(struct exchange *exchange);
enum stream_progress {
    STREAM_PIECE, /* the answer has something more to send */
    STREAM_QUIET, /* nothing for now: streams_turn tells when */
    STREAM_OVER,
};
/* Its answer has gone out as far as it is made. */
enum stream_progress stream_next(struct exchange *exchange);
void stream_put_heartbeat(struct exchange *exchange);
/* The exchange ends, whatever became of the stream. */
void stream_end(struct exchange *exchange);

#endif
