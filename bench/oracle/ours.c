/*
 * What our driver's work costs its process, for bench/oracle.py: does it COUNT times and prints the
 * microseconds of CPU of one.
 *
 *     ora_bench ADDRESS USER PASSWORD select|bare|fetch|insert COUNT
 *
 * `bare` sends and reads the bytes of such a select with send(2) and recv(2) alone: less than that
 * no driver can cost.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "ora/statement_priv.h"

enum { WARM_UP = 3, ROWS_AT_ONCE = 1000, ROWS_INSERTED = 1000, ANSWER_MAX = 8192 };

static void stop(const struct octo_ora_error *error)
{
    (void)fprintf(stderr, "ora_bench: %s\n", error->text);
    exit(EXIT_FAILURE);
}

static void must(bool ok, const struct octo_ora_error *error)
{
    if (!ok) {
        stop(error);
    }
}

static double cpu_us(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return 1e6 * (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static struct octo_ora_statement *prepare(struct octo_ora *session, const char *sql)
{
    struct octo_ora_statement *statement = NULL;
    struct octo_ora_error error;

    must(octo_ora_prepare(session, sql, &statement, &error), &error);
    return statement;
}

/* Executes it, and gives each value as a text; how many rows there were. */
static size_t read_all(struct octo_ora_statement *statement)
{
    struct octo_ora_error error;
    struct octo_ora_text text;
    bool has_row = false;
    size_t rows = 0;

    must(octo_ora_execute(statement, &error), &error);
    for (;; rows++) {
        must(octo_ora_fetch(statement, &has_row, &error), &error);
        if (!has_row) {
            return rows;
        }
        for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
            must(octo_ora_get_text(statement, i, &text, &error), &error);
        }
    }
}

static void select_one(struct octo_ora *session)
{
    struct octo_ora_statement *statement =
        prepare(session, "SELECT id, name FROM one WHERE id = :1");

    octo_ora_bind_int(statement, 1, 7);
    (void)read_all(statement);
    octo_ora_free(statement);
}

static void fetch_many(struct octo_ora *session)
{
    struct octo_ora_statement *statement = prepare(session, "SELECT id, name FROM many");

    octo_ora_set_rows_at_once(statement, ROWS_AT_ONCE);
    (void)read_all(statement);
    octo_ora_free(statement);
}

static void insert_many(struct octo_ora *session)
{
    struct octo_ora_statement *statement =
        prepare(session, "INSERT INTO filled (id, name) VALUES (:1, :2)");
    struct octo_ora_error error;
    char name[32];

    for (int i = 0; i < ROWS_INSERTED; i++) {
        const int length = snprintf(name, sizeof(name), "number %d", i);

        octo_ora_bind_int(statement, 1, i);
        octo_ora_bind_text(statement, 2, name, (size_t)length);
        must(octo_ora_add(statement, &error), &error);
    }
    must(octo_ora_execute_added(statement, 0, &error), &error);
    octo_ora_free(statement);
    must(octo_ora_rollback(session, &error), &error);
}

/* The bytes of a select that goes by its number: what was sent last, and as many as were answered.
 */
static void exchange(const struct octo_ora *session, size_t answer_length, int count)
{
    char answer[ANSWER_MAX];

    for (int i = 0; i < count; i++) {
        size_t have = 0;

        if (send(session->link.fd, session->packets.data, session->packets.length, MSG_NOSIGNAL) !=
            (ssize_t)session->packets.length) {
            perror("send");
            exit(EXIT_FAILURE);
        }
        while (have < answer_length) {
            const ssize_t got = recv(session->link.fd, answer + have, sizeof(answer) - have, 0);

            if (got <= 0) {
                perror("recv");
                exit(EXIT_FAILURE);
            }
            have += (size_t)got;
        }
    }
}

static double bare(struct octo_ora *session, int count)
{
    struct octo_ora_statement *statement =
        prepare(session, "SELECT id, name FROM one WHERE id = :1");
    const int flags = fcntl(session->link.fd, F_GETFL);
    size_t answer_length;
    double begin;

    octo_ora_bind_int(statement, 1, 7);
    for (int i = 0; i < WARM_UP; i++) {
        (void)read_all(statement);
    }
    answer_length = ORA_DATA_HEAD + statement->rows.length;
    (void)fcntl(session->link.fd, F_SETFL, flags & ~O_NONBLOCK);
    exchange(session, answer_length, WARM_UP);
    begin = cpu_us();
    exchange(session, answer_length, count);
    begin = (cpu_us() - begin) / count;
    (void)fcntl(session->link.fd, F_SETFL, flags);
    octo_ora_free(statement);
    return begin;
}

static double cost(struct octo_ora *session, const char *work, int count)
{
    void (*const act)(struct octo_ora *) = strcmp(work, "select") == 0  ? select_one
                                           : strcmp(work, "fetch") == 0 ? fetch_many
                                                                        : insert_many;
    double begin;

    if (strcmp(work, "bare") == 0) {
        return bare(session, count);
    }
    for (int i = 0; i < WARM_UP; i++) {
        act(session);
    }
    begin = cpu_us();
    for (int i = 0; i < count; i++) {
        act(session);
    }
    return (cpu_us() - begin) / count;
}

int main(int argc, char **argv)
{
    struct octo_ora_options options = {.call_ms = 60000};
    struct octo_ora_error error;
    struct octo_ora *session;
    char dsn[256];

    if (argc != 6) {
        return 2;
    }
    (void)snprintf(dsn, sizeof(dsn), "%s/svc", argv[1]);
    options.dsn = dsn;
    options.user = argv[2];
    options.password = argv[3];
    must(octo_ora_connect(&options, &session, &error), &error);
    (void)printf("%.2f\n", cost(session, argv[4], (int)strtol(argv[5], NULL, 10)));
    octo_ora_close(session);
    return EXIT_SUCCESS;
}
