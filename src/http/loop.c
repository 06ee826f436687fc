/*
 * A loop thread: it waits for the sockets of its connections, for what other threads bring into its
 * inbox, and for what its handlers have asked the database together.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "core/clock.h"
#include "http/connection.h"

#include "http/server_priv.h"

enum {
    READS_TOGETHER_MAX = 64, /* handlers of one loop that wait for the database */
    EVENTS_MAX = 128,        /* looked at in a turn */
    LINGER_MS = 2000,        /* for a client to notice that its connection ends */
};

/* What an event is about; from ABOUT_SOCKET on, the socket of a connection. */
enum { ABOUT_INBOX, ABOUT_READS, ABOUT_SOCKET };

/* --- start --- */

static bool watch(const struct loop *loop, int fd, uint32_t events, uint32_t about)
{
    struct epoll_event event = {.events = events, .data.u32 = about};

    return fd >= 0 && epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void loop_run(void *arg);

bool loop_start(struct loop *loop, struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;
    const uint64_t lengths_ms[TIMER_COUNT] = {
        [TIMER_HEAD] = (uint64_t)options->head_timeout_s * 1000,
        [TIMER_CLIENT] = (uint64_t)options->idle_timeout_s * 1000,
        [TIMER_LINGER] = LINGER_MS,
        [TIMER_QUIET] = HEARTBEAT_MS,
    };

    loop->server = server;
    inbox_init(&loop->inbox);
    schedule_init(&loop->schedule, lengths_ms);
    streams_init(&loop->streams);
    loop->read_buffer = mem_alloc(LOOP_READ_SIZE);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->reads_due_ns = CLOCK_NEVER;
    if (!watch(loop, loop->inbox.event, EPOLLIN, ABOUT_INBOX)) {
        return err_set(err, ERR_INTERNAL, "http server cannot start: %s", strerrordesc_np(errno));
    }
    if (options->reads != NULL) {
        loop->pipelines = options->reads->open(options->service_state, loop->epoll, ABOUT_READS);
    }
    if (loop->pipelines != NULL) {
        loop->fibers = fibers_new(READS_TOGETHER_MAX);
    }
    thread_start(&loop->thread, "http-loop", loop_run, loop);
    return true;
}

/* --- connections --- */

static void put_by_socket(struct loop *loop, int socket, struct connection *connection)
{
    const size_t index = (size_t)socket;

    if (index >= loop->by_socket_count) {
        const size_t count = 2 * index + 1;

        loop->by_socket = mem_realloc(loop->by_socket, count * sizeof(struct connection *));
        memset(&loop->by_socket[loop->by_socket_count], 0,
               (count - loop->by_socket_count) * sizeof(struct connection *));
        loop->by_socket_count = count;
    }
    loop->by_socket[index] = connection;
}

static void take_connection(struct loop *loop, const struct accepted *accepted)
{
    if (watch(loop, accepted->socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
              ABOUT_SOCKET + (uint32_t)accepted->socket)) {
        put_by_socket(loop, accepted->socket, connection_new(loop, accepted));
    } else {
        close(accepted->socket);
        listen_ended(loop, &accepted->client);
    }
}

static void end_connection(struct loop *loop, struct connection *connection)
{
    const struct client client = connection->client;

    loop->by_socket[connection->socket] = NULL;
    connection_free(connection);
    listen_ended(loop, &client);
}

static void take_in(struct loop *loop)
{
    struct accepted *accepted;
    struct exchange *completed;

    inbox_take(&loop->inbox, &accepted, &completed);
    for (struct exchange *next; completed != NULL; completed = next) {
        next = completed->next;
        schedule_answer(&loop->schedule, completed->scheduled);
    }
    while (accepted != NULL) {
        struct accepted *next = accepted->next;

        take_connection(loop, accepted);
        free(accepted);
        accepted = next;
    }
}

/* Each that is ready now has one turn: who is ready again has another one later. */
static void run_ready(struct loop *loop)
{
    for (size_t left = loop->schedule.ready.length; left > 0; left--) {
        struct connection *connection =
            SCHEDULED_ITEM(schedule_next_ready(&loop->schedule), struct connection, scheduled);

        if (!connection_run(connection)) {
            end_connection(loop, connection);
        }
    }
}

static void run_due(struct loop *loop)
{
    struct scheduled *due;

    while ((due = schedule_next_due(&loop->schedule)) != NULL) {
        connection_expire(SCHEDULED_ITEM(due, struct connection, scheduled));
    }
}

/* --- turning --- */

/* Milliseconds until something has to be done that no event announces; -1: nothing has. */
static int timeout_ms(const struct loop *loop)
{
    const uint64_t own_ns = schedule_due_ns(&loop->schedule);
    const uint64_t due_ns = own_ns < loop->reads_due_ns ? own_ns : loop->reads_due_ns;
    const int64_t ms = loop->schedule.ready.length > 0 ? 0 : clock_ms_left(due_ns);

    return ms > INT_MAX ? -1 : (int)ms;
}

/* Waits, and tells connections of their events. Returns a bit for each other thing to look at. */
static unsigned wait_for_events(struct loop *loop)
{
    struct epoll_event events[EVENTS_MAX];
    const int count = epoll_wait(loop->epoll, events, EVENTS_MAX, timeout_ms(loop));
    unsigned about = 0;

    for (int i = 0; i < count; i++) {
        const uint32_t number = events[i].data.u32;

        if (number >= ABOUT_SOCKET) {
            connection_notice(loop->by_socket[number - ABOUT_SOCKET], events[i].events);
        } else {
            about |= 1U << number;
        }
    }
    return about;
}

/* What came from the database first: its clients can be answered in the same turn, and what they
 * ask next leaves with what others ask. */
static void loop_run(void *arg)
{
    struct loop *loop = arg;
    const struct reads_calls *reads = loop->server->options.reads;
    const bool has_reads = loop->pipelines != NULL;

    while (!atomic_load(&loop->is_stopping) || loop->reads_due_ns != CLOCK_NEVER) {
        const unsigned about = wait_for_events(loop);

        schedule_begin_turn(&loop->schedule);
        if ((about & 1U << ABOUT_INBOX) != 0) {
            take_in(loop);
            streams_turn(loop);
        }
        if (has_reads &&
            ((about & 1U << ABOUT_READS) != 0 || clock_has_passed(loop->reads_due_ns))) {
            reads->receive(loop->pipelines);
        }
        run_due(loop);
        run_ready(loop);
        if (has_reads) {
            loop->reads_due_ns = reads->send(loop->pipelines);
        }
    }
}

/* --- end --- */

static void end_connections(struct loop *loop)
{
    take_in(loop); /* what came too late for the last turn */
    streams_turn(loop);
    run_ready(loop);
    for (size_t i = 0; i < loop->by_socket_count; i++) {
        if (loop->by_socket[i] != NULL) {
            end_connection(loop, loop->by_socket[i]);
        }
    }
}

void loop_stop(struct loop *loop)
{
    if (loop->server == NULL) {
        return; /* it was never started */
    }
    atomic_store(&loop->is_stopping, true);
    inbox_ring(&loop->inbox);
    thread_join(&loop->thread);
    end_connections(loop);
    if (loop->pipelines != NULL) {
        loop->server->options.reads->close(loop->pipelines);
    }
    fibers_free(loop->fibers);
    inbox_fini(&loop->inbox);
    if (loop->epoll >= 0) {
        close(loop->epoll);
    }
    free(loop->by_socket);
    free(loop->read_buffer);
}
