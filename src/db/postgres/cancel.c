/*
 * Asking the server to stop a statement. libpq's request blocks until the server closed a
 * connection of its own for it, which a server that hangs never does, so it has a thread of its
 * own; whoever asked waits for it as long as there is time.
 */
#include <stdlib.h>

#include "core/arena.h"
#include "core/log.h"
#include "core/thread.h"

#include "db/postgres/postgres_priv.h"

struct canceller {
    PGcancel *cancel;
    PGconn *connection; /* closed at the end: a pooler knows only of those that are open; or NULL */
    struct wakeup done;
    _Atomic int holders; /* the thread and the one who asked: the last one frees it */
};

static void canceller_leave(struct canceller *canceller)
{
    if (atomic_fetch_sub_explicit(&canceller->holders, 1, memory_order_acq_rel) == 1) {
        PQfreeCancel(canceller->cancel);
        PQfinish(canceller->connection);
        free(canceller);
    }
}

static void canceller_run(void *arg)
{
    struct canceller *canceller = arg;
    char message[256];
    char quoted[2 * sizeof(message)];

    if (PQcancel(canceller->cancel, message, sizeof(message)) == 0) {
        log_line(LOG_DEBUG, NULL, "database cancel failed", "why=%s",
                 log_quote(message, quoted, sizeof(quoted)));
    }
    wakeup_post(&canceller->done);
    canceller_leave(canceller);
}

struct canceller *pg_cancel_start(const struct db_conn *conn)
{
    struct canceller *canceller = mem_alloc(sizeof(*canceller));
    struct thread thread;

    canceller->cancel = PQgetCancel(conn->pg);
    canceller->holders = 2;
    wakeup_init(&canceller->done);
    thread_start(&thread, "pg-cancel", canceller_run, canceller);
    pthread_detach(thread.raw);
    return canceller;
}

bool pg_cancel_finish(struct canceller *canceller, uint64_t deadline_ns)
{
    bool is_through = wakeup_wait_until(&canceller->done, deadline_ns);

    canceller_leave(canceller);
    return is_through;
}

void pg_cancel_close(struct canceller *canceller, PGconn *connection)
{
    canceller->connection = connection;
    canceller_leave(canceller);
}
