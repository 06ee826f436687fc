/* A PostgreSQL for tests, see postgres_server.h. */
#include "tests/support/postgres_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "tests/support/test.h"

#define BIN "/usr/lib/postgresql/15/bin/"

enum { START_MS = 60000 };

static struct {
    char directory[64];
    char url[256];
    int port;
    pid_t pid;                 /* 0: not running */
    const struct passwd *user; /* whom it runs as; NULL: whoever runs the test */
    PGconn *admin;
    char answer[512];
} server;

static const char SETTINGS[] = "listen_addresses = '127.0.0.1'\n"
                               "max_connections = 20\n"
                               "fsync = off\n"
                               "full_page_writes = off\n"
                               "shared_buffers = 32MB\n"
                               "deadlock_timeout = 10ms\n"
                               "ssl = on\n"
                               "ssl_ca_file = '../ca.crt'\n"
                               "ssl_cert_file = '../server.crt'\n"
                               "ssl_key_file = '../server.key'\n"
                               "logging_collector = off\n";

static const char ACCESS[] = "local all all trust\n"
                             "hostssl all octo 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n"
                             "hostssl all octo_word 127.0.0.1/32 scram-sha-256\n";

/* --- processes --- */

/* Starts a program in the directory, as somebody else where a user is given; its words go to the
 * log there, and so does what keeps it from running. */
static pid_t start(const struct passwd *user, char *const argv[])
{
    pid_t pid = fork();
    int fd;

    if (pid != 0) {
        return pid;
    }
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(fd, STDIN_FILENO);
    if (chdir(server.directory) == 0) {
        fd = open("server.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        if (user == NULL || (setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0)) {
            prctl(PR_SET_PDEATHSIG, SIGQUIT);
            execv(argv[0], argv);
        }
    }
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerrordesc_np(errno));
    _exit(127);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* Leaves nothing behind but what the log says; the server ends with us. */
static _Noreturn void give_up(const char *what, const char *why)
{
    char path[128];
    char line[512];
    FILE *log;

    print_error("%s: %s\n", what, why);
    snprintf(path, sizeof path, "%s/server.log", server.directory);
    log = fopen(path, "re");
    while (log != NULL && fgets(line, sizeof line, log) != NULL) {
        print_error("  %s", line);
    }
    nftw(server.directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    abort();
}

static void run(const struct passwd *user, char *const argv[])
{
    int status = -1;

    if (waitpid(start(user, argv), &status, 0) < 0 || status != 0) {
        give_up(argv[0], "failed, and said:");
    }
}

static int own_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return lchown(path, server.user->pw_uid, server.user->pw_gid);
}

/* What is in the directory belongs to the server's user from now on. */
static void hand_over(void)
{
    if (server.user != NULL && nftw(server.directory, own_one, 16, FTW_PHYS) != 0) {
        give_up(server.directory, strerrordesc_np(errno));
    }
}

static void stop(void)
{
    if (server.pid == 0) {
        return;
    }
    PQfinish(server.admin);
    kill(server.pid, SIGQUIT);
    waitpid(server.pid, NULL, 0);
    server.pid = 0;
    nftw(server.directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- setting up --- */

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", server.directory, name);
    file = fopen(path, "ae");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        give_up(path, strerrordesc_np(errno));
    }
}

/* Nobody else takes it in the moment until the server does, or the start fails visibly. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    bind(fd, (const struct sockaddr *)&address, length);
    getsockname(fd, (struct sockaddr *)&address, &length);
    close(fd);
    return ntohs(address.sin_port);
}

static void make_directory(void)
{
    snprintf(server.directory, sizeof server.directory, "/tmp/octo-server-XXXXXX");
    if (mkdtemp(server.directory) == NULL) {
        print_error("no directory for the server\n");
        abort();
    }
    /* The server refuses to run as root. */
    if (geteuid() == 0) {
        server.user = getpwnam("postgres");
        if (server.user == NULL) {
            server.user = getpwnam("nobody");
        }
    }
    chmod(server.directory, 0755);
}

static void connect_admin(const char *database)
{
    char info[256];
    uint64_t until = clock_after_ms(START_MS);

    snprintf(info, sizeof info,
             "host=%s port=%d user=admin options=--client_min_messages=warning dbname=%s",
             server.directory, server.port, database);
    PQfinish(server.admin);
    server.admin = PQconnectdb(info);
    while (PQstatus(server.admin) != CONNECTION_OK && !clock_has_passed(until) &&
           waitpid(server.pid, NULL, WNOHANG) == 0) {
        PQfinish(server.admin);
        usleep(20000);
        server.admin = PQconnectdb(info);
    }
    if (PQstatus(server.admin) != CONNECTION_OK) {
        give_up("the server does not start", PQerrorMessage(server.admin));
    }
}

static void launch(void)
{
    char postgres[] = BIN "postgres";
    char port[32];
    char sockets[96];

    snprintf(port, sizeof port, "--port=%d", server.port);
    snprintf(sockets, sizeof sockets, "--unix_socket_directories=%s", server.directory);
    server.pid = start(server.user, (char *[]){postgres, (char[]){"-D"}, (char[]){"data"}, port,
                                               sockets, (char[]){"--hba_file=hba.conf"}, NULL});
}

static void ensure(void)
{
    char certs[] = POSTGRES_CERTS;
    char initdb[] = BIN "initdb";

    if (server.pid != 0) {
        return;
    }
    make_directory();
    server.port = free_port();
    /* Ours to run: nobody else may look into a home directory. */
    run(NULL, (char *[]){certs, server.directory, NULL});
    hand_over();
    run(server.user,
        (char *[]){initdb, (char[]){"--pgdata=data"}, (char[]){"--username=admin"},
                   (char[]){"--auth=trust"}, (char[]){"--no-sync"}, (char[]){"--no-instructions"},
                   (char[]){"--encoding=UTF8"}, (char[]){"--locale=C"}, NULL});
    write_file("data/postgresql.conf", SETTINGS);
    write_file("hba.conf", ACCESS);
    launch();
    atexit(stop);
    setenv("HOME", server.directory, 1); /* no certificates or passwords of whoever runs us */
    connect_admin("postgres");
    postgres_server_run("CREATE ROLE octo LOGIN PASSWORD 'secret'");
    postgres_server_run("CREATE ROLE octo_word LOGIN PASSWORD 'secret'");
    postgres_server_run("CREATE DATABASE octo OWNER octo");
    connect_admin("octo");
    snprintf(server.url, sizeof server.url, "postgresql://octo@/octo?host=%s&port=%d",
             server.directory, server.port);
}

/* --- use --- */

void postgres_server_or_skip(void)
{
    if (access(BIN "postgres", X_OK) != 0) {
        printf("1..0 # SKIP no PostgreSQL 15 in " BIN "\n");
        exit(0);
    }
}

const char *postgres_server_url(void)
{
    ensure();
    return server.url;
}

const char *postgres_server_directory(void)
{
    ensure();
    return server.directory;
}

int postgres_server_port(void)
{
    ensure();
    return server.port;
}

int postgres_server_pid(void)
{
    ensure();
    return server.pid;
}

const char *postgres_server_ask(const char *sql)
{
    PGresult *result;
    ExecStatusType status;

    ensure();
    result = PQexec(server.admin, sql);
    status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        print_error("%s: %s", sql, PQerrorMessage(server.admin));
        abort();
    }
    snprintf(server.answer, sizeof server.answer, "%s",
             PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return server.answer;
}

void postgres_server_run(const char *sql)
{
    (void)postgres_server_ask(sql);
}

void postgres_server_restart(enum postgres_stop how)
{
    ensure();
    kill(server.pid, how == POSTGRES_STOP_FAST ? SIGINT : SIGQUIT);
    waitpid(server.pid, NULL, 0);
    launch();
    connect_admin("octo");
}
