/*
 * console/sessions.h: who has signed in at the console. Its users are the CRM's, but its sessions
 * are its own: a table of fixed size in memory, so that they end with the process, and nothing that
 * opens one is ever stored. Of tokens it keeps digests alone, as the other services' tables do.
 * Threads: any.
 */
#ifndef CONSOLE_SESSIONS_H
#define CONSOLE_SESSIONS_H

#include "core/err.h"
#include "service/auth.h"
#include "trace/ctx.h"

enum {
    SESSIONS_ALL = 256,   /* that live at a time; a further one ends the one that would end first */
    SESSIONS_OF_USER = 32 /* as in the other services */
};

struct sessions;
struct sessions *sessions_new(void);
void sessions_free(struct sessions *sessions); /* NULL is accepted */

/* Opens one for life_s seconds: its token, and when it ends by the wall clock (microseconds). The
 * user's texts are copied; his role is one of people (auth_role), and his password has a stamp. */
void sessions_open(struct sessions *sessions, const struct auth_user *user, int64_t life_s,
                   char ret_token[SESSION_TOKEN_MAX], int64_t *ret_expires_us);
/* A user as he signed in. */
struct session_user {
    int64_t id;
    unsigned role;
    char stamp[AUTH_STAMP_MAX]; /* of the password (auth_stamp) */
};
/* Whose sessions live, each once; in the arena. */
size_t sessions_users(struct sessions *sessions, struct arena *arena, struct session_user **ret);
/* Ends those of a user as he signed in; what he opened otherwise stays. */
void sessions_end_of(struct sessions *sessions, const struct session_user *user);

/* Whose it is; false: nobody's, or its time is over. Texts are copied into the arena. */
bool sessions_find(struct sessions *sessions, struct arena *arena, const char *token,
                   struct caller *ret);
void sessions_end(struct sessions *sessions, const char *token); /* also of nobody's token */
size_t sessions_count(struct sessions *sessions);                /* that have not ended */

#endif
