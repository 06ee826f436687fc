/*
 * Property: whatever a server says, from the first packet behind its ACCEPT on, a call ends: with
 * what it asked for, or with an error. A server that does not know the password is not taken for
 * one that does. The first byte chooses which part of a conversation it is, and in which dialect.
 */
#include <assert.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ora/session_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAID_MAX = 65536, FETCHES_MAX = 50 };

static const struct octo_ora_options options = {
    .dsn = "db/svc", .user = "app[other]", .password = "word", .new_password = "another"};

/* A session whose server has said these bytes, and nothing more. The server's end of it is for the
 * caller to close. */
static struct octo_ora *session_of(const uint8_t *said, size_t size, int *ret_far)
{
    struct octo_ora *session = ora_session_new(&options);
    int ends[2];
    const bool ok = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0 &&
                    write(ends[1], said, size) == (ssize_t)size && shutdown(ends[1], SHUT_WR) == 0;

    assert(session != NULL && ok);
    *ret_far = ends[1];
    session->link.fd = ends[0];
    session->is_wide = true;
    ora_set_deadline(session, 5000);
    return session;
}

static void log_on(struct octo_ora *session, bool is_fast)
{
    static const struct ora_description description = {.server = ORA_SERVER_POOLED};
    static const struct ora_who who = {.program = "p", .machine = "m", .user = "u"};
    struct octo_ora_error error;

    session->has_fast_logon = is_fast;
    assert(!ora_log_on(session, &options, &description, &who, &error));
    assert(error.text[0] != '\0');
}

static void read_row(const struct octo_ora_statement *statement)
{
    for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
        struct octo_ora_error error;
        struct octo_ora_text text;

        if (octo_ora_get_text(statement, i, &text, &error)) {
            assert(text.length == 0 || text.at != NULL);
        }
    }
}

static void use(struct octo_ora *session)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;
    bool has_row = true;

    if (!octo_ora_prepare(session, "SELECT a FROM t WHERE b = :1", &statement, &error)) {
        return;
    }
    octo_ora_bind_int(statement, 1, 7);
    if (octo_ora_execute(statement, &error)) {
        for (int i = 0; i < FETCHES_MAX && has_row; i++) {
            if (!octo_ora_fetch(statement, &has_row, &error)) {
                break;
            }
            if (has_row) {
                read_row(statement);
            }
        }
    }
    octo_ora_free(statement);
    if (!octo_ora_commit(session, &error)) {
        assert(error.kind != OCTO_ORA_NONE);
    }
    if (!octo_ora_ping(session, &error)) {
        assert(error.kind != OCTO_ORA_NONE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t versions[] = {ORA_FV_12_1, ORA_FV_12_2, 12, ORA_FV_23_4};
    struct octo_ora *session;
    int far;

    if (size < 1 || size > SAID_MAX) {
        return 0;
    }
    session = session_of(data + 1, size - 1, &far);
    if ((data[0] & 4) != 0) {
        log_on(session, (data[0] & 1) != 0);
    } else {
        session->dialect =
            (struct ora_dialect){.field_version = versions[data[0] & 3], .has_sql_type = true};
        use(session);
    }
    octo_ora_close(session);
    (void)close(far);
    return 0;
}
