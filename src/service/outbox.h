/*
 * service/outbox.h: hands what has changed to the peer in the background. Each change leaves a row
 * of an outbox in its own transaction; one thread sends what is due, a few at a time, and notes how
 * it went. Nothing is lost when the process dies: a row is due again when its lease is over, and of
 * several replicas one has the lease. While the peer fails the thread rests. What is handed over,
 * and by which statements, is said by a table.
 */
#ifndef SERVICE_OUTBOX_H
#define SERVICE_OUTBOX_H

#include "service/service.h"

enum { OUTBOX_BATCH_MAX = 20 };

/* A row that is to be sent. Its texts belong to the batch's arena. */
struct outbox_parcel {
    const char *key;     /* what it is about, where that is a text; NULL: the number says it */
    int64_t number;      /* of an order, or of the change of `key` */
    int64_t attempts;    /* this one included */
    const char *payload; /* JSON, with the trace of the change (outbox_payload); NULL: none */
    const char *failure; /* why it was not handed over; NULL: it was */
};

struct outbox_batch {
    struct outbox_parcel parcels[OUTBOX_BATCH_MAX];
    size_t count;
};

/* What an outbox is of. Statements run in a transaction that the outbox begins and ends. */
struct outbox_kind {
    const char *thread;    /* its name */
    const char *action;    /* of its units of work, "BG outbox" */
    const char *table;     /* messaging.destination.name of the spans */
    const char *span;      /* the name of a parcel's span, a consumer of what the change produced */
    const char *count;     /* the attribute that says how many a batch had */
    const char *not_given; /* how the log begins of one that was not handed over */

    /* Is one due, and does one wait longer than `longest_s`, as those of a clock that was ahead? */
    bool (*look)(struct db_session *session, int64_t longest_s, bool *ret_is_due,
                 bool *ret_is_ahead, struct err *err);
    /* Makes these due. */
    bool (*call_back)(struct db_session *session, int64_t longest_s, struct err *err);
    /* Takes those that are due with a lease; at most OUTBOX_BATCH_MAX, into an empty batch. */
    bool (*claim)(struct ctx *ctx, struct db_session *session, int64_t lease_s,
                  struct outbox_batch *batch, struct err *err);
    /* Notes how all of them went; the pause of one that failed is outbox_backoff_s. */
    bool (*settle)(struct ctx *ctx, struct db_session *session, const struct outbox_batch *batch,
                   struct err *err);
    /* Hands one over, without a database session while the peer is asked. */
    bool (*hand_over)(struct ctx *ctx, struct service *service, const struct outbox_parcel *parcel,
                      struct span *span, struct err *err);
};

struct outbox;

/* Starts its thread. `kind` and `service` outlive it. */
struct outbox *outbox_new(struct service *service, const struct outbox_kind *kind);
void outbox_free(struct outbox *outbox); /* waits for the thread; NULL is accepted */
void outbox_wake(struct outbox *outbox); /* there is a change; any thread; NULL is accepted */

/* Seconds until the next try after that many failed ones: doubling, at most ten minutes. */
int64_t outbox_backoff_s(int64_t attempts);

/* The payload of a row: the trace of this unit of work, by which the outbox goes on with it. In the
 * unit's arena. */
const char *outbox_payload(const struct ctx *ctx);

/* The span of a row that is written into the outbox `table`: a producer, whose consumer comes later
 * and elsewhere. Begun before outbox_payload, so that the payload names it; ended by the caller. */
struct span *outbox_span(struct ctx *ctx, const char *table);

#endif
