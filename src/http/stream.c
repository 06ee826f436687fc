#include "http/stream.h"

#include "core/clock.h"
#include "http/sse.h"

#include "http/server_priv.h"

enum {
    LIFE_MS = 15 * 60 * 1000,
    PIECE_SIZE = 8 * 1024, /* and an event more */
    STREAMS_PART = 2,      /* of the connections: one in so many may be a stream */
    STRANGERS_PART = 2,    /* of those: one in so many, of a route that anyone may call */
    COME_BACK_S = 5,       /* who found no place */
};

void streams_init(struct streams *streams)
{
    list_init(&streams->list);
}

static bool is_stopping(const struct server *server)
{
    return atomic_load_explicit(&server->is_stopping, memory_order_relaxed);
}

void streams_turn(struct loop *loop)
{
    if (!atomic_exchange(&loop->streams.is_rung, false)) {
        return;
    }
    LIST_EACH (link, &loop->streams.list) {
        struct exchange *exchange = LIST_ITEM(link, struct exchange, stream.link);

        if (atomic_load(&exchange->stream.has_news) || is_stopping(loop->server)) {
            schedule_ready(&loop->schedule, exchange->scheduled);
        }
    }
}

void streams_ring(struct loop *loop)
{
    if (!atomic_exchange(&loop->streams.is_rung, true)) {
        inbox_ring(&loop->inbox);
    }
}

bool stream_is_one(const struct exchange *exchange)
{
    return exchange->out.topic != NULL && !exchange->in.is_head;
}

bool stream_reserve(struct exchange *exchange, struct err *err)
{
    struct server *server = exchange->server;
    const bool is_open = exchange->in.entry->route->access == ANYONE;
    const long all = (long)(server->options.connection_max / STREAMS_PART);
    const long most = is_open ? all / STRANGERS_PART : all;

    if (atomic_fetch_add(&server->streams, 1) < most) {
        exchange->in.has_place = true;
        return true;
    }
    atomic_fetch_sub(&server->streams, 1);
    (void)err_set(err, ERR_UNAVAILABLE, "%ld streams are open, and more are not given", most);
    err->retry_after_s = COME_BACK_S;
    err->is_public = true;
    return false;
}

/* --- its course --- */

/* By who posts an event, on its thread. */
static void ring(void *arg)
{
    struct exchange *exchange = arg;

    atomic_store(&exchange->stream.has_news, true);
    streams_ring(exchange->loop);
}

bool stream_begin(struct exchange *exchange)
{
    struct stream *stream = &exchange->stream;

    if (stream->link.prev != NULL) {
        return false;
    }
    buf_init(&stream->piece, PIECE_SIZE + 2 * TOPIC_EVENT_MAX);
    stream->end_ns = clock_after_ms(LIFE_MS);
    stream->is_ending = false;
    stream->reader =
        (struct topic_reader){.who = exchange->out.reader, .wake = ring, .arg = exchange};
    topic_join(exchange->out.topic, &stream->reader,
               request_field(&exchange->rq, FIELD_LAST_EVENT_ID));
    list_push_back(&exchange->loop->streams.list, &stream->link);
    return true;
}

/* HTTP/1.0 knows no chunks: there the end of the connection ends the stream. */
static bool has_chunks(const struct exchange *exchange)
{
    return exchange->head.minor_version > 0;
}

static void put_piece(struct exchange *exchange)
{
    struct answer *answer = &exchange->answer;
    struct buf *piece = &exchange->stream.piece;

    buf_clear(&answer->head);
    if (has_chunks(exchange)) {
        buf_printf(&answer->head, "%zx\r\n", piece->length);
        buf_add(piece, "\r\n", 2);
    }
    answer->body = piece->data;
    answer->body_length = piece->length;
    answer->sent = 0;
}

/* As behind any answer, the client may ask for something else. */
static void put_end(struct exchange *exchange)
{
    struct answer *answer = &exchange->answer;

    buf_clear(&answer->head);
    if (has_chunks(exchange)) {
        buf_add_text(&answer->head, "0\r\n\r\n");
    }
    answer->body_length = 0;
    answer->sent = 0;
    exchange->stream.is_ending = true;
}

enum stream_progress stream_next(struct exchange *exchange)
{
    struct stream *stream = &exchange->stream;

    if (stream->is_ending) {
        return STREAM_OVER;
    }
    if (is_stopping(exchange->server) || clock_has_passed(stream->end_ns) ||
        atomic_load(&stream->reader.is_dismissed)) {
        put_end(exchange);
        return STREAM_PIECE;
    }
    /* Before they are read, so that what comes in between is news again. */
    atomic_store(&stream->has_news, false);
    buf_clear(&stream->piece);
    topic_read(&stream->reader, &stream->piece, PIECE_SIZE);
    if (stream->piece.length == 0) {
        return STREAM_QUIET;
    }
    put_piece(exchange);
    return STREAM_PIECE;
}

void stream_put_heartbeat(struct exchange *exchange)
{
    sse_put_heartbeat(&exchange->stream.piece);
    put_piece(exchange);
}

void stream_end(struct exchange *exchange)
{
    struct stream *stream = &exchange->stream;

    if (stream->link.prev != NULL) {
        list_remove(&exchange->loop->streams.list, &stream->link);
        topic_leave(&stream->reader);
        buf_fini(&stream->piece);
    }
    if (exchange->in.has_place) {
        exchange->in.has_place = false;
        atomic_fetch_sub(&exchange->server->streams, 1);
    }
}
