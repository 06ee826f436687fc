/* cmd_ora.c: tries whether an Oracle database can be reached, and looks at recordings. */
#include "app/cmd_ora.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <octo/ora.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/ora_selftest.h"
#include "app/terminal.h"
#include "core/arena.h"
#include "ora/decode.h"

static const char usage[] = "usage: octo ora ping --user NAME [--wallet DIRECTORY] CONNECT-STRING\n"
                            "       octo ora selftest --user NAME [--wallet DIRECTORY] "
                            "[--pooled CONNECT-STRING] CONNECT-STRING\n"
                            "       octo ora decode FILE...\n"
                            "       octo ora decode --check DIRECTORY\n";

static const char help[] =
    "\n"
    "ping connects to a database, logs on, asks for two round trips and leaves; it says how long "
    "each\n"
    "part took. A connect string is [tcps://]HOST[:PORT]/SERVICE, a descriptor in brackets, or an "
    "alias\n"
    "of tnsnames.ora (in TNS_ADMIN, or with the wallet). The password is read from standard input, "
    "on a\n"
    "terminal without echo, then the wallet's.\n"
    "\n"
    "selftest asks a real database what docs/oracle.md takes for true: each type in and out, "
    "arrays,\n"
    "cursors, what is broken off, tags in V$SESSION, every statement of the services and its "
    "SQL_ID. It\n"
    "makes one table, octo_selftest, and drops it. At the end it says which rule is certain now. "
    "Best as\n"
    "the shop's or the CRM's user, behind octo migrate.\n"
    "\n"
    "  --pooled CONNECT-STRING  of the same database, for a pooled server (HOST/SERVICE:pooled)\n"
    "\n"
    "decode shows what a recording says: each packet, each message of the server's with what is in "
    "it, "
    "and\n"
    "what was asked. Passwords, keys and tokens are never shown.\n"
    "\n"
    "  FILE              a recording: lines of bytes in hexadecimal, behind '>' from the client "
    "and\n"
    "                    '<' from the server, under lines \"# packet NUMBER > \" or \"<\"\n"
    "  --check           every *.txt of the directory: a line for each, and exit status 1 if a\n"
    "                    message of a server's does not end where its bytes end\n"
    "  --help            print this\n"
    "\n"
    "Recordings of servers before 12.1 and of Oracle's C library are in other dialects: --check "
    "names\n"
    "them and does not count them.\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

/* What --check adds up. */
struct totals {
    size_t files;
    size_t messages;
    size_t unread;
    size_t others; /* files in another dialect */
};

static bool read_recording(const char *path, struct ora_recording *ret)
{
    FILE *file = fopen(path, "rb");
    bool ok;

    if (file == NULL) {
        (void)fprintf(stderr, "octo ora: %s: %s\n", path, strerror(errno));
        return false;
    }
    ok = ora_recording_read(file, ret);
    if (!ok && ret->fault != NULL) {
        (void)fprintf(stderr, "octo ora: %s:%lu: %s\n", path, ret->fault_line, ret->fault);
    } else if (!ok) {
        (void)fprintf(stderr, "octo ora: %s: cannot read: %s\n", path, strerror(errno));
    }
    if (!ok) {
        ora_recording_fini(ret);
    }
    (void)fclose(file);
    return ok;
}

static bool decode(const char *path, FILE *out, struct ora_decoded *ret)
{
    struct ora_recording recording;
    bool ok;

    if (!read_recording(path, &recording)) {
        return false;
    }
    ok = ora_decode(&recording, out, ret);
    if (!ok) {
        (void)fprintf(stderr, "octo ora: %s: out of memory\n", path);
    }
    ora_recording_fini(&recording);
    return ok;
}

static void print_unread(const char *path, const struct ora_decoded *decoded)
{
    (void)printf("%s: %zu messages, %zu bytes unread from packet %zu on: %s\n", path,
                 decoded->messages, decoded->unread, decoded->packet,
                 decoded->fault != NULL ? decoded->fault : "the message ends too early");
}

static int show(int count, char **paths)
{
    int status = EXIT_DONE;

    for (int i = 0; i < count; i++) {
        struct ora_decoded decoded;

        if (count > 1) {
            (void)printf("%s\n", paths[i]);
        }
        if (!decode(paths[i], stdout, &decoded)) {
            status = EXIT_FAILED;
        } else if (decoded.is_other) {
            (void)printf("%s: not read: %s\n", paths[i], decoded.fault);
            status = EXIT_FAILED;
        } else if (decoded.unread > 0) {
            print_unread(paths[i], &decoded);
            status = EXIT_FAILED;
        }
    }
    return status;
}

static bool check_file(const char *path, struct totals *totals)
{
    struct ora_decoded decoded;

    if (!decode(path, NULL, &decoded)) {
        return false;
    }
    if (decoded.is_other) {
        (void)printf("%s: not counted: %s\n", path, decoded.fault);
        totals->others++;
        return true;
    }
    totals->files++;
    totals->messages += decoded.messages;
    totals->unread += decoded.unread;
    if (decoded.unread > 0) {
        print_unread(path, &decoded);
    } else {
        (void)printf("%s: %zu messages, 0 unread\n", path, decoded.messages);
    }
    return true;
}

static int is_recording(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);

    return length > 4 && strcmp(entry->d_name + length - 4, ".txt") == 0;
}

static int check(const char *directory)
{
    struct totals totals = {0};
    struct dirent **entries = NULL;
    const int count = scandir(directory, &entries, is_recording, alphasort);
    bool ok = true;

    if (count < 0) {
        (void)fprintf(stderr, "octo ora: %s: %s\n", directory, strerror(errno));
        return EXIT_FAILED;
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];

        (void)snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
        ok = check_file(path, &totals) && ok;
        free(entries[i]);
    }
    free(entries);
    (void)printf("%zu messages in %zu recordings, %zu bytes unread; %zu recordings not counted\n",
                 totals.messages, totals.files, totals.unread, totals.others);
    if (totals.files == 0) {
        (void)fprintf(stderr, "octo ora: %s: no recording (*.txt) that can be read\n", directory);
    }
    return ok && totals.unread == 0 && totals.files > 0 ? EXIT_DONE : EXIT_FAILED;
}

/* --- ping --- */

enum { PASSWORD_ROOM = 1026 };

static void print_phase(const char *what, const char *where, int64_t microseconds, bool ok)
{
    (void)printf("%-18s %10.3f ms  %s%s\n", what, (double)microseconds / 1e3, where,
                 ok               ? ""
                 : *where != '\0' ? ": failed"
                                  : "failed");
    (void)fflush(stdout);
}

static int64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void on_phase(void *arg, const char *name, const char *where, int64_t microseconds, bool ok)
{
    (void)arg;
    print_phase(name, where, microseconds, ok);
}

static bool try_session(struct octo_ora *session, const char *what, struct octo_ora_error *error)
{
    const int64_t begun = now_us();
    const bool ok = octo_ora_ping(session, error);

    print_phase(what, "", now_us() - begun, ok);
    return ok;
}

/* Two round trips, and the end. */
static bool use_session(struct octo_ora *session, struct octo_ora_error *error)
{
    const bool ok = try_session(session, "first round trip", error) &&
                    try_session(session, "second round trip", error);
    char version[32];
    int64_t begun;

    (void)snprintf(version, sizeof(version), "%s", octo_ora_server_version(session));
    begun = now_us();
    octo_ora_close(session);
    print_phase("close", "", now_us() - begun, true);
    if (ok) {
        (void)printf("server %s\n", version);
    }
    return ok;
}

static bool ping(const struct octo_ora_options *options)
{
    struct octo_ora_options watched = *options;
    struct octo_ora *session = NULL;
    struct octo_ora_error error;
    bool ok;

    watched.on_phase = on_phase;
    ok = octo_ora_connect(&watched, &session, &error) && use_session(session, &error);
    if (!ok) {
        (void)fprintf(stderr, "octo ora: %s\n", error.text);
    }
    return ok;
}

/* What ping and selftest are asked. */
struct asked {
    const char *user;
    const char *wallet;
    const char *pooled;
    const char *dsn;
    bool is_ping;
};

/* Both are asked the same way as a service asks, but for TLS, which here is as the connect string
 * has it. */
static bool selftest(const struct asked *asked, const struct octo_ora_options *with)
{
    struct arena arena;
    struct db_options options = {.service = "octo",
                                 .module = "octo",
                                 .user = with->user,
                                 .password = with->password,
                                 .wallet_dir = with->wallet_dir,
                                 .wallet_password = with->wallet_password,
                                 .allow_plaintext = true};
    bool ok;

    arena_init(&arena);
    options.location = arena_printf(&arena, "oracle:%s", with->dsn);
    ok = ora_selftest(
        &options, asked->pooled == NULL ? NULL : arena_printf(&arena, "oracle:%s", asked->pooled));
    arena_fini(&arena);
    return ok;
}

static int ask(const struct asked *asked)
{
    char password[PASSWORD_ROOM];
    char wallet_password[PASSWORD_ROOM] = "";
    struct octo_ora_options options = {.dsn = asked->dsn,
                                       .user = asked->user,
                                       .password = password,
                                       .wallet_dir = asked->wallet,
                                       .program = "octo"};
    bool ok;

    if (!terminal_read_secret("Password: ", password, sizeof(password))) {
        (void)fprintf(stderr, "octo ora: there is no password on standard input\n");
        return EXIT_FAILED;
    }
    if (terminal_read_secret("Password of the wallet, where there is one: ", wallet_password,
                             sizeof(wallet_password)) &&
        wallet_password[0] != '\0') {
        options.wallet_password = wallet_password;
    }
    ok = asked->is_ping ? ping(&options) : selftest(asked, &options);
    explicit_bzero(password, sizeof(password));
    explicit_bzero(wallet_password, sizeof(wallet_password));
    return ok ? EXIT_DONE : EXIT_FAILED;
}

static int wrong_usage(const char *what, const char *argument)
{
    (void)fprintf(stderr, "octo ora: %s%s%s%s\n%s", what, argument != NULL ? " '" : "",
                  argument != NULL ? argument : "", argument != NULL ? "'" : "", usage);
    return EXIT_USAGE;
}

static int run_decode(int count, char **arguments)
{
    if (count > 0 && strcmp(arguments[0], "--check") == 0) {
        return count == 2 ? check(arguments[1]) : wrong_usage("--check takes one directory", NULL);
    }
    for (int i = 0; i < count; i++) {
        if (arguments[i][0] == '-') {
            return wrong_usage("unknown option", arguments[i]);
        }
    }
    return count > 0 ? show(count, arguments) : wrong_usage("too few arguments", NULL);
}

static int run_asking(int argc, char **argv)
{
    struct asked asked = {.is_ping = strcmp(argv[0], "ping") == 0};

    if (!cli_take_value("ora", "--user", &argc, argv, &asked.user) ||
        !cli_take_value("ora", "--wallet", &argc, argv, &asked.wallet) ||
        (!asked.is_ping && !cli_take_value("ora", "--pooled", &argc, argv, &asked.pooled))) {
        return EXIT_USAGE;
    }
    if (asked.user == NULL || argc != 2 || argv[1][0] == '-') {
        return wrong_usage(asked.is_ping ? "ping takes --user NAME and a connect string"
                                         : "selftest takes --user NAME and a connect string",
                           NULL);
    }
    asked.dsn = argv[1];
    return ask(&asked);
}

int cmd_ora(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)printf("%s%s", usage, help);
            return EXIT_DONE;
        }
    }
    if (argc < 2) {
        return wrong_usage("too few arguments", NULL);
    }
    if (strcmp(argv[1], "decode") == 0) {
        return run_decode(argc - 2, argv + 2);
    }
    if (strcmp(argv[1], "ping") == 0 || strcmp(argv[1], "selftest") == 0) {
        return run_asking(argc - 1, argv + 1);
    }
    return wrong_usage("unknown part", argv[1]);
}
