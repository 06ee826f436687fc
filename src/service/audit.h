/*
 * service/audit.h: the audit trail. Each request leaves one row: a mutating one in its own
 * transaction (write.c), all others through a bounded queue that the writer empties in groups. The
 * queue never loses a row that the database takes: while nothing can be stored it keeps them, and
 * when it is nearly full, new requests are refused. A row that the database refuses for what it
 * says is counted lost. A process that is killed loses what came in its last fifth of a second;
 * what changed anything is not among that.
 *
 * Strangers may not fill the trail: what callers without a name were refused is summed up by the
 * minute (audit_sums.h), and so is what they read beyond their rows of that minute. What is not yet
 * written of these sums is lost with a process that is killed.
 */
#ifndef SERVICE_AUDIT_H
#define SERVICE_AUDIT_H

#include "service/service.h"
#include "service/writer.h"

/* Bytes that fit the columns, whatever the characters. */
enum {
    AUDIT_ACTION_BYTES = 100,
    AUDIT_USERNAME_BYTES = 100,
    AUDIT_RESOURCE_BYTES = 200,
    AUDIT_IP_BYTES = 50,
    AUDIT_AGENT_BYTES = 500,
};

struct audit_options {
    struct service *service; /* whose metrics and readiness hear of it */
    struct db_pool *pool;    /* whose sessions write */
    size_t in_flight_max;    /* requests that may be under way when new ones are refused */
    int64_t stranger_rows;   /* most rows a minute of requests of callers without a name */
};

/* What one row says. Texts are copied and cut to their columns; NULL where there is none. */
struct audit_entry {
    int64_t user_id;     /* 0: none */
    int64_t status;      /* 0: none */
    int64_t duration_us; /* negative: none */
    int64_t created_us;
    const char *method; /* these two outlive the audit: they are the route table's */
    const char *route;
    const char *trace_id;
    const char *action;
    const char *username;
    const char *resource;
    const char *details;
    const char *ip;
    const char *user_agent;
    bool is_strangers; /* of a caller without a name: may be summed up */
};

/* A job of the writer, which writes what is queued before it stops. */
struct audit *audit_new(struct writer *writer, const struct audit_options *options);
void audit_free(struct audit *audit); /* after writer_stop; NULL is accepted */
/* Any thread. */
void audit_add(struct audit *audit, const struct audit_entry *entry);
bool audit_has_room(struct audit *audit);

/* What is kept with a request until it is answered, as rq->service_data. */
struct request_note {
    const char *action; /* these three by audit_note */
    const char *resource;
    const char *details;
    const char *key_owner; /* service_key_owner */
    bool is_audited;       /* its row has been written with its transaction */
    bool was_replayed;     /* the reply is a stored one */
};
struct request_note *request_note(struct request *rq);

/* Says what the request did, for its row: action ("order.created"; NULL: "POST /x"), resource
 * ("order:17") and details (a JSON text or NULL). Texts are borrowed until the request ends. */
void audit_note(struct request *rq, const char *action, const char *resource, const char *details);
/* That, and the rest of its entry. */
struct audit_entry audit_entry_of(const struct request *rq);

/* Callbacks of the server. */
bool audit_admit(void *service_state, struct err *err);
void audit_finished(struct request *rq, const struct reply *rp, uint64_t duration_us,
                    const struct err *err);

#endif
