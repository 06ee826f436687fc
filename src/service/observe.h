/*
 * service/observe.h: members of the 360 payloads that services share. Who does not see all of the
 * route gets null where the contract has it so, of the database's place its engine, else nothing of
 * that name: no pools.
 */
#ifndef SERVICE_OBSERVE_H
#define SERVICE_OBSERVE_H

#include "http/request.h"
#include "net/http_client.h"

/* Each is written by the function of its name; the pillars are a base. */
extern const struct reply_shape OBSERVE_DB_HEALTH;
extern const struct reply_shape OBSERVE_CORRELATION;
extern const struct reply_shape OBSERVE_SERVICE;
extern const struct reply_shape OBSERVE_PILLARS;
extern const struct reply_shape OBSERVE_PILLAR;
extern const struct reply_shape OBSERVE_META;
extern const struct reply_shape OBSERVE_BREAKER;

void observe_db_health(struct request *rq, struct json_out *out, const char *key);
/* Where the database is: engine, host and name of it, or to who does not see all the engine. */
const char *observe_target(const struct request *rq);
void observe_correlation(struct request *rq, struct json_out *out, const char *key);
void observe_service(struct request *rq, struct json_out *out, const char *key);
/* The pillars that every service has. The object stays open for the service's own and is ended by
 * the caller. */
void observe_begin_pillars(struct request *rq, struct json_out *out, const char *key);
/* One of them, open too. */
void observe_begin_pillar(struct json_out *out, const char *key, bool is_configured);
/* How long the payload took that was begun then, and since when the service runs. */
void observe_meta(struct request *rq, struct json_out *out, const char *key, uint64_t begun_ns);
void observe_breaker(const struct http_client *client, struct json_out *out, const char *key);

#endif
