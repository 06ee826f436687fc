/*
 * service/auth.h: users, passwords (argon2id) and sessions in the database, shared by replicas.
 * A session token is 32 random bytes in hexadecimal; the database keeps its SHA-256. Looking one up
 * asks the database each time, so that a logout, a disabled user or a changed role holds at once on
 * every replica.
 */
#ifndef SERVICE_AUTH_H
#define SERVICE_AUTH_H

#include "service/roles.h"
#include "service/service.h"

enum {
    SESSION_TOKEN_MAX = 65,
    AUTH_API_KEY_SIZE = 65, /* as many random bits */
    AUTH_STAMP_MAX = 65,
};

struct auth_user {
    int64_t id;
    const char *username;
    const char *email;
    const char *role;  /* word, as stored */
    const char *stamp; /* of the password, see auth_stamp; NULL where it was not looked at */
    int64_t last_login_us;
    bool last_login_is_null;
};

/* The body of every service's login route. */
struct auth_login_body {
    const char *username;
    const char *password;
};
extern const struct json_shape AUTH_LOGIN_REQUEST;
/* Bytes of such a body, however it is written: anyone may send one. */
enum { AUTH_LOGIN_BODY_MAX = 32 * 1024 };

/* Checks name (user name or e-mail, in any case) and password. ERR_UNAUTHORIZED takes the same time
 * for unknown users; ERR_RATE_LIMITED after too many failures (service/sign_in_limit.h;
 * err->retry_after_s: when to come back). On success opens a session, its token and end; of more
 * than 32 of a user the oldest ends. For routes with ROUTE_SIGNS_IN, since it hashes. */
MUST_CHECK bool auth_login(struct request *rq, const char *username, const char *password,
                           struct auth_user *ret_user, char ret_token[SESSION_TOKEN_MAX],
                           int64_t *ret_expires_us, struct err *err);
/* The same for a peer that keeps sessions of its own: opens none. */
MUST_CHECK bool auth_check(struct request *rq, const char *username, const char *password,
                           struct auth_user *ret_user, struct err *err);
/* Changes with the password, and tells nothing of it: by that a peer sees whether the password is
 * still the one that a session of its own was opened by. In the arena. */
const char *auth_stamp(struct arena *arena, const char *password_hash);
/* Their `admit`: refuses an address that is known to be beyond its limit. */
bool auth_admit(struct request *rq, struct err *err);

/* A session of somebody whom another has vouched for. */
struct auth_session {
    char token[SESSION_TOKEN_MAX];
    char id[SESSION_TOKEN_MAX]; /* its SHA-256, which is what the database knows */
    int64_t life_s;
    int64_t expires_us; /* set by auth_session_store */
};

/* Draws the token, before the transaction that stores it. */
void auth_session_draw(const struct service *service, struct auth_session *ret);
MUST_CHECK bool auth_session_store(struct db_session *session, struct auth_session *opened,
                                   const struct auth_user *user, const char *method,
                                   struct err *err);
/* Afterwards: the request is the user's from here on, and so it is audited. */
void auth_session_begun(struct request *rq, const struct auth_user *user, const char *method,
                        int64_t expires_us);
MUST_CHECK bool auth_logout(struct request *rq, const char *token, struct err *err);

extern const char AUTH_LOGIN_EXAMPLE[]; /* a body of AUTH_LOGIN_REQUEST */

/* The token a request carries, and where: of Authorization: Bearer, X-Session-Id and the service's
 * cookie the first that is there. ERR_MALFORMED for a cookie that is there and unusable. */
struct auth_token {
    const char *text; /* NULL: none */
    bool is_by_cookie;
};
MUST_CHECK bool auth_token(const struct request *rq, struct auth_token *ret, struct err *err);
/* Those, the internal key and API keys, for the document; in the service's arena. */
enum { AUTH_CREDENTIAL_COUNT = 5 };
const struct credential *auth_credentials(struct service *service);
/* The server's claim callback: what of that can be told without asking the database. */
enum claim auth_claim(const struct request *rq);
/* The server's authenticate callback: internal key, API key where the route is for such, or
 * session. ERR_FORBIDDEN: the API key may only read. */
bool auth_authenticate(struct request *rq, struct err *err);
/* Whom the caller's API key was made for; of routes for ROLE_PARTNER. */
const char *auth_partner(const struct request *rq);

/* What records and Idempotency-Keys call those who have no row in users. */
#define AUTH_SERVICE_NAME "internal-service"
#define AUTH_SCRAPER_NAME "scraper"
/* Is that one of them, in any case? A user who is called so could not be told from them. */
bool auth_name_is_reserved(const char *username);

/* DIGEST_SHA256_SIZE bytes that follow from the internal key, which no database holds: a digest
 * that begins with them is no check for guesses at what the rest is. */
const uint8_t *auth_secret(const struct service *service);

/* For lifecycle.c. Keys and settings must be loaded. */
struct auth *auth_new(struct service *service);
void auth_free(struct auth *auth); /* NULL is accepted */

enum role auth_role(const char *word); /* 0 for a word that is no role of people */
const char *auth_role_word(unsigned role);

#endif
