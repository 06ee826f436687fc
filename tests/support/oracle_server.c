/* A listener that poses as Oracle, for tests, see oracle_server.h. */
#include "tests/support/oracle_server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/postgres_server.h"
#include "tests/support/test.h"

enum { PATH_ROOM = 160, PORT_ROOM = 16, ORACLE_SQL_MAX = 1 << 20 };

static struct {
    const char *pose;
    char directory[64]; /* of the server below: its certificates */
    char location[96];
    char wallet[PATH_ROOM];
    char stranger[PATH_ROOM];
    int port;
    pid_t pid; /* 0: not running */
    int input; /* whose end ends the listener */
} listener;

static void stop(void)
{
    if (listener.pid != 0) {
        (void)close(listener.input);
        (void)kill(-listener.pid, SIGKILL); /* with the processes of its connections */
        (void)waitpid(listener.pid, NULL, 0);
        listener.pid = 0;
    }
}

static void append(FILE *to, const char *directory, const char *name)
{
    char path[PATH_ROOM];
    char bytes[8192];
    FILE *from;
    size_t count;

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    from = fopen(path, "re");
    if (from == NULL) {
        fail_msg("%s cannot be read", path);
        return;
    }
    while ((count = fread(bytes, 1, sizeof(bytes), from)) > 0) {
        assert_int_equal(fwrite(bytes, 1, count, to), count);
    }
    (void)fclose(from);
}

/* Key and certificate of that name, and the server's authority. */
static void make_wallet(const char *who, char ret_directory[PATH_ROOM])
{
    char name[32];
    char path[PATH_ROOM + 16];
    FILE *file;

    (void)snprintf(ret_directory, PATH_ROOM, "%s/wallet-%s", listener.directory, who);
    assert_int_equal(mkdir(ret_directory, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/ewallet.pem", ret_directory);
    file = fopen(path, "we");
    assert_non_null(file);
    (void)snprintf(name, sizeof(name), "%s.key", who);
    append(file, listener.directory, name);
    (void)snprintf(name, sizeof(name), "%s.crt", who);
    append(file, listener.directory, name);
    append(file, listener.directory, "ca.crt");
    assert_int_equal(fclose(file), 0);
}

static void run_file(const char *path)
{
    char *sql = calloc(1, ORACLE_SQL_MAX);
    FILE *file = fopen(path, "re");

    assert_non_null(sql);
    assert_non_null(file);
    assert_true(fread(sql, 1, ORACLE_SQL_MAX - 1, file) > 0);
    (void)fclose(file);
    postgres_server_run(sql);
    free(sql);
}

static _Noreturn void become_listener(int input, int output, const char *url)
{
    char certificate[PATH_ROOM];
    char key[PATH_ROOM];
    char authority[PATH_ROOM];
    char port[PORT_ROOM];

    (void)setpgid(0, 0);
    (void)dup2(input, STDIN_FILENO);
    (void)dup2(output, STDOUT_FILENO);
    (void)snprintf(certificate, sizeof(certificate), "%s/server.crt", listener.directory);
    (void)snprintf(key, sizeof(key), "%s/server.key", listener.directory);
    (void)snprintf(authority, sizeof(authority), "%s/ca.crt", listener.directory);
    (void)snprintf(port, sizeof(port), "%d", listener.port);
    (void)execl(TNSD, TNSD, "--user", "octo", "--password", "secret", "--pose", listener.pose,
                "--port", port, "--database", url, "--certificate", certificate, "--key", key,
                "--authority", authority, NULL);
    _exit(127);
}

/* False: somebody has the port, an older listener's last process for a moment. */
static bool try_launch(void)
{
    char url[256];
    char word[32] = "";
    int port = 0;
    int input[2];
    int output[2];
    FILE *said;

    (void)snprintf(url, sizeof(url), "postgresql://admin@/octo?host=%s&port=%d", listener.directory,
                   postgres_server_port());
    assert_int_equal(pipe(input), 0);
    assert_int_equal(pipe(output), 0);
    listener.pid = fork();
    if (listener.pid == 0) {
        (void)close(input[1]);
        (void)close(output[0]);
        become_listener(input[0], output[1], url);
    }
    (void)setpgid(listener.pid, listener.pid);
    (void)close(input[0]);
    (void)close(output[1]);
    listener.input = input[1];
    said = fdopen(output[0], "re");
    assert_non_null(said);
    (void)!fscanf(said, "%31s %d", word, &port);
    (void)fclose(said);
    if (port == 0) {
        stop();
        return false;
    }
    listener.port = port;
    return true;
}

static void launch(void)
{
    WAIT_UNTIL(try_launch());
}

static void ensure(void)
{
    if (listener.pid != 0) {
        return;
    }
    (void)snprintf(listener.directory, sizeof(listener.directory), "%s",
                   postgres_server_directory());
    run_file(TNSD_SQL "/oracle.sql");
    run_file(TNSD_SQL "/users.sql");
    make_wallet("client", listener.wallet);
    make_wallet("stranger", listener.stranger);
    launch();
    (void)atexit(stop);
    (void)snprintf(listener.location, sizeof(listener.location), "oracle:tcps://localhost:%d/svc",
                   listener.port);
}

void oracle_server_or_skip(const char *pose)
{
    listener.pose = pose;
    postgres_server_or_skip();
}

void oracle_server_options(struct db_options *options)
{
    ensure();
    options->location = listener.location;
    options->user = "octo";
    options->password = "secret";
    options->wallet_dir = listener.wallet;
}

const char *oracle_server_wallet(void)
{
    ensure();
    return listener.wallet;
}

const char *oracle_server_stranger(void)
{
    ensure();
    return listener.stranger;
}

int oracle_server_port(void)
{
    ensure();
    return listener.port;
}

void oracle_server_restart(void)
{
    ensure();
    stop();
    launch();
}
