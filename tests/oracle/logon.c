/*
 * One log-on with our driver: a connect string, and what the options are in words NAME=VALUE. Says
 * the server's version, or what went wrong. With change=WORD the password becomes another one at
 * the end; with again=yes there is a further session for each line of standard input.
 */
#include <octo/ora.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_ROOM = 8192 };

static const char *value_of(int argc, char **argv, const char *name)
{
    const size_t length = strlen(name);

    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') {
            return argv[i] + length + 1;
        }
    }
    return NULL;
}

/* What a file holds; NULL where none is named. */
static const char *read_file(const char *path, char room[FILE_ROOM], size_t *ret_size)
{
    FILE *file = path != NULL ? fopen(path, "rb") : NULL;

    *ret_size = 0;
    if (file == NULL) {
        return NULL;
    }
    *ret_size = fread(room, 1, FILE_ROOM - 1, file);
    room[*ret_size] = '\0';
    (void)fclose(file);
    return room;
}

static int tell(const struct octo_ora_error *error)
{
    (void)fprintf(stderr, "kind %d, ORA-%05d: %s\n", (int)error->kind, error->number, error->text);
    return EXIT_FAILURE;
}

static enum octo_ora_privilege privilege_of(const char *word)
{
    return word == NULL                  ? OCTO_ORA_NO_PRIVILEGE
           : strcmp(word, "sysdba") == 0 ? OCTO_ORA_SYSDBA
                                         : OCTO_ORA_SYSOPER;
}

static int log_on(const struct octo_ora_options *options, const char *change)
{
    struct octo_ora_error error;
    struct octo_ora *session;
    bool ok;

    if (!octo_ora_connect(options, &session, &error)) {
        return tell(&error);
    }
    ok = octo_ora_ping(session, &error) &&
         (change == NULL || octo_ora_change_password(session, options->password, change, &error));
    if (ok) {
        (void)printf("%s\n", octo_ora_server_version(session));
        (void)fflush(stdout);
    }
    octo_ora_close(session);
    return ok ? EXIT_SUCCESS : tell(&error);
}

int main(int argc, char **argv)
{
    char key[FILE_ROOM];
    char wallet[FILE_ROOM];
    char line[2];
    size_t key_size;
    size_t wallet_size;
    struct octo_ora_options options = {
        .dsn = argc > 1 ? argv[1] : NULL,
        .user = value_of(argc, argv, "user"),
        .password = value_of(argc, argv, "password"),
        .new_password = value_of(argc, argv, "new"),
        .token = value_of(argc, argv, "token"),
        .token_key = read_file(value_of(argc, argv, "token_key"), key, &key_size),
        .wallet_dir = value_of(argc, argv, "wallet"),
        .wallet = read_file(value_of(argc, argv, "wallet_file"), wallet, &wallet_size),
        .wallet_password = value_of(argc, argv, "wallet_password"),
        .privilege = privilege_of(value_of(argc, argv, "as")),
        .edition = value_of(argc, argv, "edition"),
        .connect_ms = 20000,
    };
    const bool again = value_of(argc, argv, "again") != NULL;
    int status;

    options.wallet_size = wallet_size;
    do {
        status = log_on(&options, value_of(argc, argv, "change"));
    } while (again && fgets(line, sizeof(line), stdin) != NULL);
    return status;
}
