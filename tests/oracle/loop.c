/*
 * Many sessions in one thread: a loop of poll(2) around our driver. Each of them connects, pings,
 * asks and leaves; says how many came through, and which connect string failed with what.
 *
 *     ora-loop USER PASSWORD CONNECT-STRING...
 */
#include <octo/ora.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SESSIONS_MAX = 256 };

struct one {
    struct octo_ora_options options;
    struct octo_ora_task *task; /* NULL: it has ended */
    struct octo_ora_wait wait;
};

static bool ask(struct octo_ora *session, struct octo_ora_error *error)
{
    struct octo_ora_statement *statement;
    struct octo_ora_text text;
    bool has_row = false;
    bool ok = octo_ora_prepare(session, "SELECT 1 FROM DUAL", &statement, error);

    if (!ok) {
        return false;
    }
    ok = octo_ora_execute(statement, error) && octo_ora_fetch(statement, &has_row, error) &&
         octo_ora_get_text(statement, 1, &text, error);
    ok = ok && has_row && text.length == 1 && text.at[0] == '1';
    octo_ora_free(statement);
    return ok;
}

static bool use(void *arg, struct octo_ora_error *error)
{
    const struct one *one = arg;
    struct octo_ora *session;
    bool ok;

    if (!octo_ora_connect(&one->options, &session, error)) {
        return false;
    }
    ok = octo_ora_ping(session, error) && ask(session, error);
    octo_ora_close(session);
    return ok;
}

/* Goes on with those for which something has come, or whose time is over. */
static size_t turn(struct one *ones, size_t count, const struct pollfd *polled, int waited_ms)
{
    size_t done = 0;

    for (size_t i = 0; i < count; i++) {
        struct octo_ora_error error;
        enum octo_ora_state state;

        if (ones[i].task == NULL || (polled[i].revents == 0 && ones[i].wait.ms > waited_ms)) {
            continue;
        }
        state = octo_ora_finish(ones[i].task, &ones[i].wait, &error);
        if (state == OCTO_ORA_PENDING) {
            continue;
        }
        ones[i].task = NULL;
        done += state == OCTO_ORA_DONE ? 1 : 0;
        if (state == OCTO_ORA_FAILED) {
            (void)printf("%s\n", error.text);
        }
    }
    return done;
}

/* The shortest of what they wait, for poll. False: all have ended. */
static bool prepare(const struct one *ones, size_t count, struct pollfd *ret, int *ret_ms)
{
    bool is_pending = false;

    *ret_ms = 60000;
    for (size_t i = 0; i < count; i++) {
        ret[i] = (struct pollfd){.fd = -1};
        if (ones[i].task != NULL) {
            is_pending = true;
            ret[i].fd = ones[i].wait.fd;
            ret[i].events = ones[i].wait.events;
            *ret_ms = ones[i].wait.ms < *ret_ms ? ones[i].wait.ms : *ret_ms;
        }
    }
    return is_pending;
}

int main(int argc, char **argv)
{
    static struct one ones[SESSIONS_MAX];
    static struct pollfd polled[SESSIONS_MAX];
    const size_t count = argc > 3 && argc - 3 <= SESSIONS_MAX ? (size_t)argc - 3 : 0;
    size_t done = 0;
    int ms;

    for (size_t i = 0; i < count; i++) {
        struct octo_ora_error error;

        ones[i].options = (struct octo_ora_options){
            .dsn = argv[i + 3], .user = argv[1], .password = argv[2], .connect_ms = 20000};
        if (!octo_ora_start(use, &ones[i], &ones[i].task, &error)) {
            return EXIT_FAILURE;
        }
    }
    done += turn(ones, count, polled, 0);
    while (prepare(ones, count, polled, &ms)) {
        const int ready = poll(polled, count, ms);

        done += turn(ones, count, polled, ready == 0 ? ms : 0);
    }
    (void)printf("%zu of %zu\n", done, count);
    return EXIT_SUCCESS;
}
