/*
 * octo password: sets a user's password anew, straight in the databases of the services, whether
 * they run or not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/terminal.h"
#include "core/clock.h"
#include "core/log.h"
#include "service/account.h"
#include "service/password.h"

enum { LINE_MAX_BYTES = 1024, WORK_MS = 30000 };

/* What the command line asks for. */
struct asked {
    const char *username;
    const char *service; /* NULL: both, where the user is */
    bool is_generated;
};

/* --- the password --- */

/* One line of standard input, without its end. */
static bool read_line(char out[LINE_MAX_BYTES], struct err *err)
{
    size_t length = 0;
    ssize_t count;
    char byte;

    while ((count = read(STDIN_FILENO, &byte, 1)) == 1 && byte != '\n') {
        if (byte == '\0' || length + 1 == LINE_MAX_BYTES) {
            return err_set(err, ERR_INVALID, "the password is too long, or holds a NUL");
        }
        out[length++] = byte;
    }
    if (length > 0 && out[length - 1] == '\r') {
        length--;
    }
    out[length] = '\0';
    return count >= 0 || err_set(err, ERR_IO, "standard input cannot be read");
}

static bool prompt(const char *text, char out[LINE_MAX_BYTES], struct err *err)
{
    bool ok;

    (void)fputs(text, stderr);
    ok = read_line(out, err);
    (void)fputc('\n', stderr); /* the one that was typed is not shown */
    return ok;
}

/* Twice, since nobody sees what is typed. */
static bool ask_twice(char out[LINE_MAX_BYTES], struct err *err)
{
    char again[LINE_MAX_BYTES] = "";
    bool ok;

    if (!terminal_hush(TERMINAL_LINES)) {
        return err_set(err, ERR_IO, "the terminal belongs to another job");
    }
    ok = prompt("New password: ", out, err) && account_password_is_fit(out, err) &&
         prompt("Once more: ", again, err) &&
         (strcmp(out, again) == 0 ||
          err_set(err, ERR_INVALID, "the two are not the same; nothing was changed"));
    terminal_restore();
    explicit_bzero(again, sizeof(again));
    return ok;
}

static bool get_password(const struct asked *request, char out[LINE_MAX_BYTES], struct err *err)
{
    if (request->is_generated) {
        password_generate(out);
        return true;
    }
    return (isatty(STDIN_FILENO) == 1 ? ask_twice(out, err) : read_line(out, err)) &&
           account_password_is_fit(out, err);
}

/* --- setting it --- */

static bool set_in(size_t at, const struct settings *settings, const char *username,
                   const char *password, struct arena *arena, struct err *err)
{
    struct account_database database;
    struct account_change change;
    struct ctx ctx;
    bool ok;

    if (!account_database_open(services[at], settings, "octo-password", arena, &database, err)) {
        return false;
    }
    ctx_init_background(&ctx, arena, NULL, "octo-password", "BG octo password", WORK_MS);
    ok = account_set_password(&ctx, database.pool, username, password, &change, err);
    account_database_close(&database);
    if (ok) {
        (void)printf("%s: %s has a new password, %" PRId64 " sign-in%s ended%s\n",
                     services[at]->name, change.username, change.sessions_ended,
                     change.sessions_ended == 1 ? "" : "s",
                     change.is_active ? "" : "; the account is disabled");
        (void)fflush(stdout);
    }
    return ok;
}

static bool is_wanted(const struct asked *request, size_t at)
{
    return request->service == NULL || strcmp(request->service, services[at]->name) == 0;
}

/* Where the user is in neither, that is told of each; in one of the two is enough. */
static int set_everywhere(const struct asked *request, struct settings *const settings[SERVICES],
                          const char *password, struct arena *arena)
{
    struct err errors[WITH_DATABASE] = {{.code = ERR_NONE}};
    bool is_set = false;
    bool has_failed = false;

    for (size_t i = 0; i < WITH_DATABASE; i++) {
        if (is_wanted(request, i)) {
            is_set |= set_in(i, settings[i], request->username, password, arena, &errors[i]);
            has_failed |= errors[i].code != ERR_NONE && errors[i].code != ERR_NOT_FOUND;
        }
    }
    if (is_set && request->is_generated) {
        (void)printf("The new password is %s (shown only this once)\n", password);
        (void)fflush(stdout);
    }
    for (size_t i = 0; i < WITH_DATABASE; i++) {
        if (errors[i].code != ERR_NONE && (errors[i].code != ERR_NOT_FOUND || !is_set)) {
            (void)fprintf(stderr, "octo password: %s: %s\n", services[i]->name, errors[i].text);
        }
    }
    return is_set && !has_failed ? EXIT_DONE : EXIT_FAILED;
}

static int run(const struct asked *request, struct settings *const settings[SERVICES],
               struct arena *arena)
{
    char password[LINE_MAX_BYTES] = "";
    enum log_level level = LOG_WARNING;
    struct err err = {.code = ERR_NONE};
    int code;

    (void)log_level_parse(settings[SHOP]->log_level, &level);
    log_setup("octo", level);
    if (!get_password(request, password, &err)) {
        explicit_bzero(password, sizeof(password));
        return cli_fail("password", &err);
    }
    code = set_everywhere(request, settings, password, arena);
    explicit_bzero(password, sizeof(password));
    return code;
}

/* --- the command --- */

static bool is_service(const char *name)
{
    for (size_t i = 0; i < WITH_DATABASE; i++) {
        if (strcmp(name, services[i]->name) == 0) {
            return true;
        }
    }
    return false;
}

static int start(const struct cli_command *command, struct asked *request, struct arena *arena,
                 int argc, char **argv)
{
    struct settings *settings[SERVICES];
    int code = EXIT_DONE;

    if (cli_start(command, arena, argc, argv, settings, &code) != CLI_GO) {
        return code;
    }
    if (request->username == NULL) {
        (void)fprintf(stderr, "octo password: whose?\nusage: octo password %s\n",
                      command->arguments);
        return EXIT_USAGE;
    }
    cli_log_less(settings);
    return run(request, settings, arena);
}

int cmd_password(int argc, char **argv)
{
    struct asked request = {.username = NULL};
    const struct cli_flag flags[] = {
        {"--generate", "make a password and print it", &request.is_generated},
    };
    const struct cli_command command = {
        .name = "password",
        .arguments = "USER [--service shop|crm] [--generate] [--data DIR]",
        .text = "Sets the password of USER (name or e-mail address) anew, in both services where "
                "both have\nsuch a user, or only in the one that --service names. The password is "
                "asked for twice; where\nstandard input is no terminal, its first line is taken. "
                "All sign-ins of the user end. The\nservices may be running.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
        .operand = &request.username,
    };
    struct arena arena;
    int code;

    if (!cli_take_value("password", "--service", &argc, argv, &request.service)) {
        return EXIT_USAGE;
    }
    if (request.service != NULL && !is_service(request.service)) {
        (void)fprintf(stderr, "octo password: --service is shop or crm\n");
        return EXIT_USAGE;
    }
    arena_init(&arena);
    code = start(&command, &request, &arena, argc, argv);
    arena_fini(&arena);
    return code;
}
