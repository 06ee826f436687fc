#include "app/oracle_users.h"

#include <stdio.h>
#include <string.h>

#include "app/terminal.h"
#include "core/text.h"
#include "service/password.h"
#include "sql_db_oracle.h"

enum {
    WRONG_PASSWORD = 1017, /* these are Oracle's numbers: Database Error Messages */
    LOCKED = 28000,
    EXPIRED = 28001,
    CONNECT_MS = 10000,
    PASSWORD_ROOM = 1026,
    /* The longest password that 12.2 takes by its manual has 30 bytes. Profiles may want a letter
     * of both kinds and a digit, which stand in front. */
    ONE_TIME_ROOM = sizeof("Aa1") + PASSWORD_GENERATED_MAX,
};

static const struct {
    const char *service;
    const char *user;
} SERVICES_USERS[] = {{"shop", "OCTO_SHOP"}, {"crm", "OCTO_CRM"}};

enum { USER_COUNT = sizeof(SERVICES_USERS) / sizeof(SERVICES_USERS[0]) };

bool oracle_user_is_anothers(const char *service, const char *user)
{
    for (size_t i = 0; i < USER_COUNT; i++) {
        if (text_equal_fold(SERVICES_USERS[i].user, user)) {
            return strcmp(SERVICES_USERS[i].service, service) != 0;
        }
    }
    return false;
}

/* --- sessions --- */

static struct octo_ora_options options_for(const struct settings *settings)
{
    const struct oracle_settings *oracle = &settings->oracle;

    return (struct octo_ora_options){
        .dsn = oracle->dsn,
        .user = oracle->user,
        .password = oracle->password,
        .wallet_dir = oracle->wallet_dir[0] != '\0' ? oracle->wallet_dir : NULL,
        .wallet_password = oracle->wallet_password[0] != '\0' ? oracle->wallet_password : NULL,
        .program = "octo-migrate",
        .needs_tls = !settings->database_allow_plaintext,
        .connect_ms = CONNECT_MS,
    };
}

static bool fail(struct err *err, const struct octo_ora_error *error)
{
    return err_set(err, error->kind == OCTO_ORA_CONNECT ? ERR_CONNECT : ERR_INTERNAL, "%s",
                   error->text);
}

static bool sign_in_as(const struct oracle_admin *admin, const struct settings *settings,
                       struct octo_ora **ret, struct err *err)
{
    struct octo_ora_options options = options_for(settings);
    struct octo_ora_error error;
    char password[PASSWORD_ROOM];
    bool ok;

    if (!terminal_read_secret("Password of the administrator: ", password, sizeof(password))) {
        return err_set(err, ERR_CONFIG, "there is no password on standard input");
    }
    options.dsn = admin->dsn;
    options.user = admin->user;
    options.password = password;
    options.privilege = admin->privilege;
    ok = octo_ora_connect(&options, ret, &error) || fail(err, &error);
    explicit_bzero(password, sizeof(password));
    return ok || err_wrap(err, "sign in as %s", admin->user);
}

/* --- statements --- */

/* Of the blocks each gives one number. */
static bool fetch_done(struct octo_ora_statement *at, int64_t *ret_done,
                       struct octo_ora_error *error)
{
    const unsigned place = octo_ora_place(at, "done", 0);
    bool has_row = false;

    return place == 0 || (octo_ora_fetch(at, &has_row, error) && has_row &&
                          octo_ora_get_int(at, place, ret_done, error));
}

/* `whose` and `password` where it has such binds. */
static bool run(struct octo_ora *session, const struct db_statement *statement, const char *whose,
                const char *password, int64_t *ret_done, struct err *err)
{
    const struct {
        const char *name;
        const char *value;
    } binds[] = {{"whose", whose}, {"password", password}};
    struct octo_ora_statement *at = NULL;
    struct octo_ora_error error = {.text = "the block gave nothing"};
    bool ok = octo_ora_prepare(session, statement->variants[DB_ORACLE].text, &at, &error);

    for (size_t i = 0; ok && i < sizeof(binds) / sizeof(binds[0]); i++) {
        const unsigned place = octo_ora_place(at, binds[i].name, 0);

        if (place != 0) {
            octo_ora_bind_text(at, place, binds[i].value, strlen(binds[i].value));
        }
    }
    if (ok && octo_ora_place(at, "done", 0) != 0) {
        octo_ora_bind_type(at, octo_ora_place(at, "done", 0), OCTO_ORA_BIND_NUMBER, 0);
    }
    ok = ok && octo_ora_execute(at, &error) && fetch_done(at, ret_done, &error);
    octo_ora_free(at);
    return ok || fail(err, &error) || err_wrap(err, "%s", statement->name);
}

static const struct db_statement *const STEPS[] = {
    &sql_db_oracle__octo_make_users,
    &sql_db_oracle__octo_make_open_transactions,
    &sql_db_oracle__octo_grant_views,
};

enum { STEP_COUNT = sizeof(STEPS) / sizeof(STEPS[0]) };

/* --- passwords --- */

/* Does the user need one? False with *err set where that cannot be told. */
static bool wants_password(const struct octo_ora_options *options, bool *ret_wants, struct err *err)
{
    struct octo_ora *session = NULL;
    struct octo_ora_error error;

    *ret_wants = false;
    if (octo_ora_connect(options, &session, &error)) {
        octo_ora_close(session);
        return true;
    }
    *ret_wants =
        error.number == WRONG_PASSWORD || error.number == LOCKED || error.number == EXPIRED;
    return *ret_wants || fail(err, &error);
}

/* The administrator's statement has a password that is good for one sign-in, by which the user gets
 * his own: that one is enciphered on its way, and stands in no text that a server keeps. */
static bool open_user(struct octo_ora *administrator, const struct octo_ora_options *as,
                      const char *user, struct err *err)
{
    struct octo_ora_options options = *as;
    struct octo_ora_error error;
    struct octo_ora *session = NULL;
    char one_time[ONE_TIME_ROOM] = "Aa1";
    int64_t done = 0;
    bool ok;

    password_generate(one_time + strlen(one_time));
    ok = run(administrator, &sql_db_oracle__octo_open_user, user, one_time, &done, err);
    if (ok) {
        options.new_password = options.password;
        options.password = one_time;
        ok = octo_ora_connect(&options, &session, &error) || fail(err, &error);
        octo_ora_close(session);
    }
    explicit_bzero(one_time, sizeof(one_time));
    return ok;
}

static bool give_password(struct octo_ora *administrator, size_t which,
                          const struct settings *settings, struct err *err)
{
    const struct octo_ora_options options = options_for(settings);
    const char *user = SERVICES_USERS[which].user;
    bool wants = false;

    if (options.dsn[0] == '\0' || options.password[0] == '\0' ||
        !text_equal_fold(options.user, user)) {
        return true;
    }
    if (!wants_password(&options, &wants, err) ||
        (wants && !open_user(administrator, &options, user, err))) {
        return err_wrap(err, "the password of %s", user);
    }
    if (wants) {
        (void)printf("%s has the password of the %s's settings\n", user,
                     SERVICES_USERS[which].service);
    }
    return true;
}

/* --- all of it --- */

static bool check_names(const struct oracle_users *users, struct err *err)
{
    const struct settings *const settings[USER_COUNT] = {users->shop, users->crm};

    for (size_t i = 0; i < USER_COUNT; i++) {
        if (oracle_user_is_anothers(SERVICES_USERS[i].service, settings[i]->oracle.user)) {
            return err_set(err, ERR_CONFIG,
                           "the %s's settings name %s, another service's user: are "
                           "OCTO_SHOP_ORACLE_USER and OCTO_CRM_ORACLE_USER swapped?",
                           SERVICES_USERS[i].service, settings[i]->oracle.user);
        }
    }
    return true;
}

bool oracle_users_make(const struct oracle_admin *admin, const struct oracle_users *users,
                       struct err *err)
{
    struct octo_ora *session = NULL;
    int64_t done[STEP_COUNT] = {0};
    bool ok = check_names(users, err) && sign_in_as(admin, users->shop, &session, err);

    for (size_t i = 0; ok && i < STEP_COUNT; i++) {
        ok = run(session, STEPS[i], "", "", &done[i], err);
    }
    if (ok) {
        (void)printf("the users OCTO_SHOP, OCTO_CRM and OCTO_OBSERVER are there, %lld of them made "
                     "now\n",
                     (long long)done[0]);
    }
    ok = ok && give_password(session, 0, users->shop, err) &&
         give_password(session, 1, users->crm, err);
    octo_ora_close(session);
    return ok || err_wrap(err, "make the users");
}

void oracle_users_print(void)
{
    (void)printf("WHENEVER SQLERROR EXIT FAILURE\nVARIABLE done NUMBER\n");
    for (size_t i = 0; i < STEP_COUNT; i++) {
        const char *text = STEPS[i]->variants[DB_ORACLE].text;
        const size_t length = strlen(text);
        const bool is_block = length > 0 && text[length - 1] == ';';

        (void)printf("%s%s\n", text, is_block ? "\n/" : ";");
    }
    (void)printf(
        "PROMPT The users OCTO_SHOP, OCTO_CRM and OCTO_OBSERVER are there. To let one in:\n"
        "PROMPT ALTER USER octo_shop IDENTIFIED BY \"...\" ACCOUNT UNLOCK;\n");
}
