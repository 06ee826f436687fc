/*
 * tests/unit/ora/server.h: the server's side of a conversation, from its ACCEPT to its last word.
 * It knows one user, app with the password "word", and answers requests in the order of
 * tests/unit/ora/life.h; or, from a byte on, not as it should. It never waits: a test runs it in
 * the client's own thread or in one of its own.
 */
#ifndef TESTS_UNIT_ORA_SERVER_H
#define TESTS_UNIT_ORA_SERVER_H

#include <stdbool.h>
#include <stddef.h>

enum server_phase {
#define ENDING(name_, what_, cut_, silence_, nonsense_, breaks_) SERVER_##name_,
#include "tests/unit/ora/endings.def"
#undef ENDING
    SERVER_PHASES
};

/* What happens to the server's words from a byte on. */
enum server_fault { SERVER_WELL, SERVER_CUT, SERVER_SILENCE, SERVER_NONSENSE, SERVER_FAULTS };

struct server_plan {
    bool is_23ai; /* 19c otherwise */
    enum server_fault fault;
    size_t at;       /* behind so many bytes: */
    bool is_at_once; /* at once; or only when it would say something there */
};

/* A message of the server's: where it lies in all that it says. The first of a packet begins with
 * that. */
struct server_message {
    enum server_phase phase;
    size_t begin;
    size_t end;
    bool is_last; /* of what is said at once */
};

enum { SERVER_MESSAGES_MAX = 128 };

struct server;

/* At this end of a connection, which it owns. Where there is no memory the program ends. */
struct server *server_new(int fd, const struct server_plan *plan);
/* Reads what has come, and answers it. False: the connection has ended. */
bool server_run(struct server *server);
const struct server_message *server_said(const struct server *server, size_t *ret_count);
void server_free(struct server *server);

#endif
