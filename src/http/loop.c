/*
 * A loop thread: it waits for the clients of one daemon of libmicrohttpd, for connections that the
 * acceptor gives it, and for what its handlers have asked the database together.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"

#include "http/server_priv.h"

enum {
    CONNECTION_MEMORY = 32 * 1024, /* request line and headers fit in it, or get 431 */
    READS_TOGETHER_MAX = 64,       /* handlers of one loop that wait for the database */
};

/* What an event is about. */
enum { ABOUT_CLIENTS, ABOUT_WAKE, ABOUT_READS, ABOUT_COUNT };

/* A connection on its way from the acceptor. */
struct accepted {
    struct accepted *next;
    int fd;
    socklen_t size;
    struct sockaddr_storage client;
};

/* --- start --- */

/* libmicrohttpd would decode leniently; the raw target is decoded in http/uri.c instead. */
static size_t leave_escaped(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg;
    (void)connection;
    return strlen(text);
}

static struct MHD_Daemon *daemon_start(struct loop *loop)
{
    const struct server_options *options = &loop->server->options;

    /* Connections are limited in http/listen.c. libmicrohttpd counts each a moment longer, and what
     * it does at its own limit (0.9.75: keep a lock for ever) must not happen. */
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0,
        NULL, NULL, exchange_step, loop, MHD_OPTION_URI_LOG_CALLBACK, exchange_new, loop,
        MHD_OPTION_NOTIFY_COMPLETED, exchange_completed, loop, MHD_OPTION_NOTIFY_CONNECTION,
        exchange_connection, loop, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)options->connection_max + 1, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)options->idle_timeout_s, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

static bool watch(const struct loop *loop, int fd, uint32_t about)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = about};

    return fd >= 0 && epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool watch_clients(const struct loop *loop)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD);

    return info != NULL && watch(loop, info->epoll_fd, ABOUT_CLIENTS);
}

static void loop_run(void *arg);

bool loop_start(struct loop *loop, struct server *server, struct err *err)
{
    const struct server_options *options = &server->options;

    loop->server = server;
    mutex_init(&loop->lock);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->daemon = daemon_start(loop);
    loop->reads_due_ns = CLOCK_NEVER;
    if (loop->daemon == NULL || !watch(loop, loop->wake, ABOUT_WAKE) || !watch_clients(loop)) {
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

static void wake(struct loop *loop)
{
    const uint64_t one = 1;

    (void)!write(loop->wake, &one, sizeof(one));
}

/* --- what comes from other threads --- */

void loop_add_connection(struct loop *loop, int fd, const struct sockaddr *client, socklen_t size)
{
    struct accepted *accepted = mem_alloc(sizeof(*accepted));
    bool is_first;

    accepted->fd = fd;
    accepted->size = size;
    memcpy(&accepted->client, client, size);
    mutex_lock(&loop->lock);
    is_first = loop->accepted == NULL && loop->completed == NULL;
    accepted->next = loop->accepted;
    loop->accepted = accepted;
    mutex_unlock(&loop->lock);
    if (is_first) {
        wake(loop);
    }
}

void loop_complete(struct exchange *exchange)
{
    struct loop *loop = exchange->loop;
    bool is_first;

    mutex_lock(&loop->lock);
    is_first = loop->accepted == NULL && loop->completed == NULL;
    exchange->next = loop->completed;
    loop->completed = exchange;
    mutex_unlock(&loop->lock);
    if (is_first) {
        wake(loop);
    }
}

/* libmicrohttpd looks for resumed connections when it runs, and has no way to be woken for them
 * while somebody else waits for its events. */
void loop_resume(struct exchange *exchange)
{
    exchange->loop->has_resumed = true;
    MHD_resume_connection(exchange->connection);
}

static void take_in(struct loop *loop)
{
    uint64_t count;
    struct accepted *accepted;
    struct exchange *completed;

    (void)!read(loop->wake, &count, sizeof(count));
    mutex_lock(&loop->lock);
    accepted = loop->accepted;
    completed = loop->completed;
    loop->accepted = NULL;
    loop->completed = NULL;
    mutex_unlock(&loop->lock);
    for (struct exchange *next; completed != NULL; completed = next) {
        next = completed->next;
        loop_resume(completed);
    }
    while (accepted != NULL) {
        struct accepted *next = accepted->next;

        if (MHD_add_connection(loop->daemon, accepted->fd,
                               (const struct sockaddr *)&accepted->client,
                               accepted->size) != MHD_YES) {
            listen_ended(loop); /* and the socket is closed */
        }
        free(accepted);
        accepted = next;
    }
}

/* --- turning --- */

/* Milliseconds until something has to be done that no event announces; -1: nothing has. */
static int timeout_ms(const struct loop *loop)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    int64_t least = INT_MAX;

    if (loop->has_resumed) {
        return 0;
    }
    if (MHD_get_timeout(loop->daemon, &ms) == MHD_YES && ms < INT_MAX) {
        least = (int64_t)ms;
    }
    if (clock_ms_left(loop->reads_due_ns) < least) {
        least = clock_ms_left(loop->reads_due_ns);
    }
    return least == INT_MAX ? -1 : (int)least;
}

/* Waits. Returns a bit for each thing that there is to look at. */
static unsigned wait_for_events(const struct loop *loop)
{
    struct epoll_event events[ABOUT_COUNT * 2];
    const int count = epoll_wait(loop->epoll, events, ABOUT_COUNT * 2, timeout_ms(loop));
    unsigned about = 0;

    for (int i = 0; i < count; i++) {
        about |= 1U << events[i].data.u32;
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

        if ((about & 1U << ABOUT_WAKE) != 0) {
            take_in(loop);
        }
        if (has_reads &&
            ((about & 1U << ABOUT_READS) != 0 || clock_has_passed(loop->reads_due_ns))) {
            reads->receive(loop->pipelines);
        }
        loop->has_resumed = false;
        (void)MHD_run(loop->daemon);
        if (has_reads) {
            loop->reads_due_ns = reads->send(loop->pipelines);
        }
    }
}

/* --- end --- */

void loop_stop(struct loop *loop)
{
    if (loop->server == NULL) {
        return; /* it was never started */
    }
    atomic_store(&loop->is_stopping, true);
    wake(loop);
    thread_join(&loop->thread);
    if (loop->daemon != NULL) {
        take_in(loop); /* what came too late for the last turn */
        MHD_stop_daemon(loop->daemon);
    }
    if (loop->pipelines != NULL) {
        loop->server->options.reads->close(loop->pipelines);
    }
    fibers_free(loop->fibers);
    if (loop->wake >= 0) {
        close(loop->wake);
    }
    if (loop->epoll >= 0) {
        close(loop->epoll);
    }
    mutex_fini(&loop->lock);
}
