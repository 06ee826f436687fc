#include "http/connection.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "http/server_priv.h"

enum {
    STEPS_OF_A_TURN = 256,      /* so that who sends a lot ahead does not keep others waiting */
    UNFINISHED_ONE_IN = 4,      /* of an address's connections: may wait for a body */
    PROGRESS_LEAST = 16 * 1024, /* bytes that a client takes in its time, or it is too slow */
};

/* --- states --- */

static const struct {
    unsigned may_follow;
    enum schedule_timer timer;
} STATES[CONNECTION_STATE_COUNT] = {
    [CONNECTION_IDLE] = {1U << CONNECTION_HEAD | 1U << CONNECTION_OVER, TIMER_CLIENT},
    [CONNECTION_HEAD] = {1U << CONNECTION_BODY | 1U << CONNECTION_RUNNING | 1U << CONNECTION_OVER,
                         TIMER_HEAD},
    [CONNECTION_BODY] = {1U << CONNECTION_RUNNING | 1U << CONNECTION_OVER, TIMER_CLIENT},
    [CONNECTION_RUNNING] = {1U << CONNECTION_WRITING, TIMER_NONE},
    [CONNECTION_WRITING] = {1U << CONNECTION_IDLE | 1U << CONNECTION_QUIET |
                                1U << CONNECTION_LINGERING | 1U << CONNECTION_OVER,
                            TIMER_CLIENT},
    [CONNECTION_QUIET] = {1U << CONNECTION_WRITING | 1U << CONNECTION_OVER, TIMER_QUIET},
    [CONNECTION_LINGERING] = {1U << CONNECTION_OVER, TIMER_LINGER},
    [CONNECTION_OVER] = {0, TIMER_NONE},
};

void connection_move(struct connection *connection, enum connection_state next)
{
    assert((STATES[connection->state].may_follow & 1U << next) != 0);
    if (connection->is_awaited) {
        connection->is_awaited = false;
        atomic_fetch_sub_explicit(&connection->client.guest->unfinished, 1, memory_order_relaxed);
    }
    connection->state = next;
    schedule_time(&connection->loop->schedule, &connection->scheduled, STATES[next].timer);
}

/* --- life cycle --- */

struct connection *connection_new(struct loop *loop, const struct accepted *accepted)
{
    struct connection *connection = mem_alloc(sizeof(*connection));

    connection->loop = loop;
    connection->socket = accepted->socket;
    connection->is_writable = true;
    buf_init(&connection->held, HEAD_MAX + LOOP_READ_SIZE);
    connection->client = accepted->client;
    schedule_time(&loop->schedule, &connection->scheduled, TIMER_CLIENT);
    return connection;
}

void connection_free(struct connection *connection)
{
    assert(connection->state != CONNECTION_RUNNING);
    schedule_leave(&connection->loop->schedule, &connection->scheduled);
    if (connection->exchange != NULL) {
        exchange_end(connection->exchange);
    }
    buf_fini(&connection->held);
    close(connection->socket);
    free(connection);
}

void connection_notice(struct connection *connection, unsigned events)
{
    const bool is_hung_up = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;

    connection->is_hung_up |= is_hung_up;
    connection->is_readable |= is_hung_up || (events & EPOLLIN) != 0;
    connection->is_writable |= (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
    schedule_ready(&connection->loop->schedule, &connection->scheduled);
}

/* --- reading --- */

/* Keeps what has to wait, because what the loop has read is overwritten by others. */
static void hold(struct connection *connection)
{
    struct buf *held = &connection->held;

    if (connection->left == 0) {
        if (held->data != NULL) {
            buf_fini(held);
        }
    } else if (held->length == 0) {
        buf_add(held, connection->at, connection->left);
    } else if (connection->left < held->length) {
        memmove(held->data, connection->at, connection->left);
        held->length = connection->left;
    }
    connection->at = held->data;
}

static void skip(struct connection *connection, size_t length)
{
    connection->at += length;
    connection->left -= length;
}

/* Reads more behind what is left. False: there is nothing for now, or nothing any more. */
static bool fill(struct connection *connection)
{
    char *bytes = connection->loop->read_buffer;
    ssize_t count;

    if (!connection->is_readable) {
        return false;
    }
    hold(connection);
    do {
        count = recv(connection->socket, bytes, LOOP_READ_SIZE, 0);
    } while (count < 0 && errno == EINTR);
    if (count <= 0) {
        connection->is_readable = false;
        connection->is_at_end = count == 0;
        if (count < 0 && errno != EAGAIN) {
            connection_move(connection, CONNECTION_OVER);
        }
        return false;
    }
    /* Where less came than would have fitted, there is no more: the next event tells of it. The end
     * has told already. */
    connection->is_readable = count == LOOP_READ_SIZE || connection->is_hung_up;
    if (connection->left > 0) {
        buf_add(&connection->held, bytes, (size_t)count);
        connection->at = connection->held.data;
    } else {
        connection->at = bytes;
    }
    connection->left += (size_t)count;
    return true;
}

static void run(struct connection *connection)
{
    connection_move(connection, CONNECTION_RUNNING);
    connection->scheduled.has_answer = dispatch_request(connection->exchange);
}

/* The client waits to be told before it sends the body. That little fits into the socket: nothing
 * else is on its way. */
static void say_continue(struct connection *connection)
{
    static const char GO_ON[] = "HTTP/1.1 100 Continue\r\n\r\n";

    (void)send(connection->socket, GO_ON, sizeof(GO_ON) - 1, MSG_NOSIGNAL);
}

static void refuse(struct connection *connection, const struct err *err)
{
    connection->exchange =
        exchange_refuse(connection->loop, &connection->scheduled, &connection->client, err);
    connection->is_unread = true;
    run(connection);
}

/* The request is refused, of which a part is here. */
static void refuse_part(struct connection *connection, const struct err *err)
{
    if (connection->state == CONNECTION_HEAD) {
        refuse(connection, err);
    } else {
        exchange_fail(connection->exchange, err);
        connection->is_unread = true;
        run(connection);
    }
}

/* Nothing more comes. Who has only stopped sending hears what is missing. */
static void end_input(struct connection *connection)
{
    struct err err = {0};

    if (connection->state == CONNECTION_HEAD || connection->state == CONNECTION_BODY) {
        (void)err_set(&err, ERR_MALFORMED, "the request ends before it is complete");
        refuse_part(connection, &err);
    } else {
        connection_move(connection, CONNECTION_OVER);
    }
}

/* Goes on with more bytes or with the end of them. False: it has to wait. */
static bool read_more(struct connection *connection)
{
    if (fill(connection)) {
        return true;
    }
    if (connection->is_at_end && connection->state != CONNECTION_OVER) {
        end_input(connection);
        return true;
    }
    return false;
}

static void begin_exchange(struct connection *connection, size_t length)
{
    struct exchange *exchange = exchange_begin(connection->loop, &connection->scheduled,
                                               &connection->client, connection->at, length);

    connection->exchange = exchange;
    connection->scanned = 0;
    skip(connection, length);
    if (exchange->in.must_close || exchange->in.framing.kind == FRAMING_NONE) {
        connection->is_unread = exchange->in.must_close;
        run(connection);
        return;
    }
    connection_move(connection, CONNECTION_BODY);
    if (exchange->in.expects && connection->left == 0) {
        say_continue(connection);
    }
}

static void refuse_head(struct connection *connection, enum head_extent extent)
{
    struct err err = {0};

    head_explain(extent, &err);
    refuse(connection, &err);
}

/* Empty lines before a request are left out (RFC 9112 section 2.2). */
static void skip_empty_lines(struct connection *connection)
{
    while (connection->left >= 2 && connection->at[0] == '\r' && connection->at[1] == '\n') {
        skip(connection, 2);
    }
}

static bool read_head(struct connection *connection)
{
    enum head_extent extent;
    size_t length;

    if (connection->state == CONNECTION_IDLE) {
        skip_empty_lines(connection);
        if (connection->left == 0) {
            return read_more(connection);
        }
        connection_move(connection, CONNECTION_HEAD);
    }
    extent = head_find_end(connection->at, connection->left, &connection->scanned, &length);
    if (extent == HEAD_PARTIAL) {
        return read_more(connection);
    }
    if (extent == HEAD_WHOLE) {
        begin_exchange(connection, length);
    } else {
        refuse_head(connection, extent);
    }
    return true;
}

/* The rest of its body has not come. An address may have so many of those open, because each keeps
 * what it has sent in memory. True: this one is too many, and is refused. */
static bool refuse_one_more(struct connection *connection)
{
    const struct server_options *options = &connection->loop->server->options;
    struct guest *guest = connection->client.guest;
    struct err err = {0};

    if (guest == NULL || connection->is_awaited || connection->state != CONNECTION_BODY) {
        return false;
    }
    connection->is_awaited = true;
    if (atomic_fetch_add_explicit(&guest->unfinished, 1, memory_order_relaxed) <
        options->connections_of_one / UNFINISHED_ONE_IN + 1) {
        return false;
    }
    (void)err_set(&err, ERR_RATE_LIMITED,
                  "too many requests of your address wait for the rest of their bodies");
    refuse_part(connection, &err);
    return true;
}

static bool read_body(struct connection *connection)
{
    if (connection->left == 0) {
        return read_more(connection) || refuse_one_more(connection);
    }
    switch (exchange_read_body(connection->exchange, &connection->at, &connection->left)) {
    case BODY_MORE:
        return true;
    case BODY_WHOLE:
        run(connection);
        return true;
    case BODY_GIVEN_UP:
        connection->is_unread = true;
        run(connection);
        return true;
    }
    return false;
}

/* --- writing --- */

/* What is said last is heard even by who still sends. */
static void hang_up(struct connection *connection)
{
    (void)shutdown(connection->socket, SHUT_WR);
    connection_move(connection,
                    connection->is_unread || connection->left > 0 || connection->is_readable
                        ? CONNECTION_LINGERING
                        : CONNECTION_OVER);
    connection->left = 0;
}

static bool end_answer(struct connection *connection)
{
    const bool closes = connection->exchange->answer.closes;

    exchange_end(connection->exchange);
    connection->exchange = NULL;
    if (closes) {
        hang_up(connection);
    } else {
        connection_move(connection, CONNECTION_IDLE);
    }
    return true;
}

/* A piece of a stream has gone out, or its head; each has a client's time of its own. */
static bool go_on(struct connection *connection)
{
    if (stream_begin(connection->exchange)) {
        exchange_uncount(connection->exchange);
    }
    switch (stream_next(connection->exchange)) {
    case STREAM_PIECE:
        connection->timed = 0;
        schedule_time(&connection->loop->schedule, &connection->scheduled, TIMER_CLIENT);
        return true;
    case STREAM_QUIET:
        connection_move(connection, CONNECTION_QUIET);
        return connection->is_hung_up;
    case STREAM_OVER:
        break;
    }
    return end_answer(connection);
}

/* Who sends no more has left a stream: what it was asked for has no end that it could wait for. */
static bool look_for_news(struct connection *connection)
{
    if (connection->is_hung_up) {
        connection_move(connection, CONNECTION_OVER);
        return false;
    }
    if (stream_next(connection->exchange) == STREAM_QUIET) {
        return false;
    }
    connection->timed = 0;
    connection_move(connection, CONNECTION_WRITING);
    return true;
}

static bool write_answer(struct connection *connection)
{
    struct answer *answer = &connection->exchange->answer;

    if (!connection->is_writable) {
        return false;
    }
    switch (answer_write(answer, connection->socket)) {
    case ANSWER_WRITTEN:
        return stream_is_one(connection->exchange) ? go_on(connection) : end_answer(connection);
    case ANSWER_WAITS:
        connection->is_writable = false;
        if (answer->sent - connection->timed >= PROGRESS_LEAST) {
            connection->timed = answer->sent;
            schedule_time(&connection->loop->schedule, &connection->scheduled, TIMER_CLIENT);
        }
        break;
    case ANSWER_LOST:
        connection_move(connection, CONNECTION_OVER);
        break;
    }
    return false;
}

static bool begin_answer(struct connection *connection)
{
    if (!connection->scheduled.has_answer) {
        return false;
    }
    connection->scheduled.has_answer = false;
    connection->timed = 0;
    connection_move(connection, CONNECTION_WRITING);
    return true;
}

/* --- its turn --- */

/* False: it can do nothing for now. */
static bool step(struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_IDLE:
    case CONNECTION_HEAD:
        return read_head(connection);
    case CONNECTION_BODY:
        return read_body(connection);
    case CONNECTION_RUNNING:
        return begin_answer(connection);
    case CONNECTION_WRITING:
        return write_answer(connection);
    case CONNECTION_QUIET:
        return look_for_news(connection);
    case CONNECTION_LINGERING:
        connection->left = 0;
        return read_more(connection);
    case CONNECTION_OVER:
    case CONNECTION_STATE_COUNT:
        break;
    }
    return false;
}

bool connection_run(struct connection *connection)
{
    int steps = STEPS_OF_A_TURN;

    while (steps > 0 && step(connection)) {
        steps--;
    }
    if (steps == 0) {
        schedule_ready(&connection->loop->schedule, &connection->scheduled);
    }
    hold(connection);
    return connection->state != CONNECTION_OVER;
}

/* Who has begun a request is told why it ends, and who has all of a stream that it is alive. */
void connection_expire(struct connection *connection)
{
    struct err err = {0};

    if (connection->state == CONNECTION_HEAD || connection->state == CONNECTION_BODY) {
        (void)err_set(&err, ERR_REQUEST_TIMEOUT, "the request came too slowly");
        refuse_part(connection, &err);
    } else if (connection->state == CONNECTION_QUIET) {
        stream_put_heartbeat(connection->exchange);
        connection->timed = 0;
        connection_move(connection, CONNECTION_WRITING);
    } else {
        connection_move(connection, CONNECTION_OVER);
    }
    schedule_ready(&connection->loop->schedule, &connection->scheduled);
}
